"""Shifts of flow inside bushes, from the dearest used way to the cheapest one. Compiled.

References
----------
R. B. Dial, "A path-based user-equilibrium traffic assignment algorithm that obviates path storage and enumeration",
Transportation Research Part B 40(10), 2006, doi:10.1016/j.trb.2006.02.008.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from jumeau.assignment.curves import time_and_slope

#: Links that are left with less than this share of what leaves them are left with nothing: the rest is rounding.
_NOTHING = 1e-14

#: A shift that leaves more than this share of the difference of costs on the other side went too far.
_TOO_FAR = 0.25


@njit(cache=True, nogil=True)
def _sweep(bushes: Any, origin: int, weight: Any, extra: Any, low: Any, high: Any, best: Any, worst: Any) -> None:
    """Write the cheapest and the dearest used way to each node of a bush, by its place: cost and last link."""
    count, start = bushes.size[origin], bushes.start[origin]
    link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
    low[0], high[0] = 0.0, 0.0
    for at in range(1, count):
        least, most = np.inf, -1.0
        first, last = -1, -1
        for row in range(start[at], start[at + 1]):
            cost = weight[link[row]] + extra[link[row]]
            before = source[row]
            if low[before] + cost < least:
                least, first = low[before] + cost, row
            if flow[row] > 0.0 and high[before] + cost > most:
                most, last = high[before] + cost, row
        if last < 0:
            most, last = least, first
        low[at], high[at], best[at], worst[at] = least, most, first, last


@njit(cache=True, nogil=True)
def _shift(
    curves: Any, link: Any, source: Any, flow: Any, best: Any, worst: Any, at: int, extra: Any, total: Any, time: Any,
    slope: Any, cheap: Any, dear: Any,
) -> None:  # fmt: skip
    """Move flow from the dearest used way to the cheapest one, between a node and where they part."""
    cheap[0], dear[0] = best[at], worst[at]
    ups, downs = 1, 1
    one, two = source[best[at]], source[worst[at]]
    while one != two:
        if one > two:
            cheap[ups] = best[one]
            ups += 1
            one = source[best[one]]
        else:
            dear[downs] = worst[two]
            downs += 1
            two = source[worst[two]]
    least = np.inf
    gain, steep = 0.0, 0.0
    for row in dear[:downs]:
        least = min(least, flow[row])
        gain += time[link[row]] + extra[link[row]]
        steep += slope[link[row]]
    for row in cheap[:ups]:
        gain -= time[link[row]] + extra[link[row]]
        steep += slope[link[row]]
    if gain <= 0.0 or least <= 0.0:
        return
    full = steep * least <= gain
    step = least if full else gain / steep
    moved = 0.0
    # Newton's step may go too far where delay sets in: then back by the chord.
    for _round in range(4):
        change = step - moved
        moved = step
        rest = 0.0
        for row in cheap[:ups]:
            item = link[row]
            total[item] += change
            time[item], slope[item] = time_and_slope(curves, item, total[item])
            rest -= time[item] + extra[item]
        for row in dear[:downs]:
            item = link[row]
            total[item] -= change
            time[item], slope[item] = time_and_slope(curves, item, total[item])
            rest += time[item] + extra[item]
        if rest >= -_TOO_FAR * gain:
            break
        step = moved * gain / (gain - rest)
    for row in cheap[:ups]:
        flow[row] += moved
    for row in dear[:downs]:
        left = flow[row] - moved
        flow[row] = left if left > _NOTHING * moved else 0.0


@njit(cache=True, nogil=True)
def _balance(curves: Any, bushes: Any, origin: int, extra: Any, total: Any, time: Any, slope: Any, room: Any) -> float:
    """Bring the ways to each node of a bush nearer to equal costs; return the largest difference that there was."""
    low, high, best, worst, cheap, dear = room
    _sweep(bushes, origin, time, extra, low, high, best, worst)
    link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
    found = 0.0
    for at in range(bushes.size[origin] - 1, 0, -1):
        if best[at] != worst[at] and high[at] > low[at]:
            found = max(found, high[at] - low[at])
            _shift(curves, link, source, flow, best, worst, at, extra, total, time, slope, cheap, dear)
    return found


@njit(cache=True, nogil=True)
def balance(curves: Any, bushes: Any, extra: Any, total: Any, time: Any, slope: Any, enough: float, active: Any) -> int:
    """Balance the bushes of the active origins once, one after the other; return how many remain active.

    Parameters
    ----------
    curves, bushes
    extra : ndarray, shape (c,)
        Cost of each chain beyond its time.
    total, time, slope : ndarray, shape (c,)
        Flow of all classes and origins, time at it and derivative; kept up to date.
    enough : float
        A difference of costs that may stay: an origin with less is active no longer.
    active : ndarray of bool, shape (zones,)
    """
    nodes = bushes.node.shape[1]
    room = (
        np.empty(nodes), np.empty(nodes), np.empty(nodes, np.int64), np.empty(nodes, np.int64),
        np.empty(nodes, np.int64), np.empty(nodes, np.int64),
    )  # fmt: skip
    found = 0
    for origin in range(len(active)):
        if active[origin]:
            active[origin] = _balance(curves, bushes, origin, extra, total, time, slope, room) > enough
            found += active[origin]
    return found
