"""Time of a chain of links at a flow: the sum of the volume-delay functions of its pieces. Compiled.

Pieces with the same power and the same flow that is there anyway are one term, c1 (v/k)^p + c2 (v/k)^p =
(c1 + c2) (v/k)^p, whatever their capacities, since these go into the coefficients. Lights keep a term each. The
formulas are those of `Links` and `Signals`, where arrays of links are evaluated at once; a test holds both together.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jumeau.assignment.contraction import Contraction
from jumeau.assignment.links import Links

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Curves(NamedTuple):
    """Terms of the chains' times, one chain after the other.

    Attributes
    ----------
    base : ndarray, shape (c,)
        Time that does not depend on the flow.
    term_first : ndarray of int, shape (c + 1,)
    terms : ndarray, shape (t, 4)
        Coefficient, 1/k, power, flow that is there anyway: coefficient ((v + there)/k)^power.
    light_first : ndarray of int, shape (c + 1,)
    lights : ndarray, shape (l, 6)
        Largest uniform delay, share of green, 1/capacity, scale and spread of the incremental delay (see `Signals`),
        flow that is there anyway.
    """

    base: Floats
    term_first: Ints
    terms: Floats
    light_first: Ints
    lights: Floats


def curves_of(links: Links, chains: Contraction, ahead: Floats) -> Curves:
    """Return the curves of chains of links.

    Parameters
    ----------
    links : Links
    chains : Contraction
    ahead : ndarray, shape (m,)
        Flow that is there anyway.
    """
    piece = chains.piece
    chain = np.repeat(np.arange(len(chains)), np.diff(chains.begin))
    steep = links.free_time[piece] * links.b[piece]
    power, there = links.power[piece], ahead[piece]
    fixed = links.free_time[piece] + np.where(power == 0.0, steep, 0.0)
    base = np.bincount(chain, fixed, len(chains)).astype(np.float64)
    rows = np.flatnonzero((steep != 0.0) & (power != 0.0))
    order = rows[np.lexsort((there[rows], power[rows], chain[rows]))]
    keys = np.stack([chain[order], power[order], there[order]])
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    group = np.cumsum(new) - 1
    lead = order[new]
    scale = links.capacity[piece[lead]]
    share = steep[order] * (scale[group] / links.capacity[piece[order]]) ** power[order]
    coefficient = np.bincount(group, share, len(lead))
    terms = np.stack([coefficient, 1.0 / scale, power[lead], there[lead]], axis=1)
    lit, lights = _lights(links, piece, there)
    return Curves(base, _first(chain[lead], len(chains)), terms, _first(chain[lit], len(chains)), lights)


def _first(chain: Ints, count: int) -> Ints:
    """Return the place of the first row of each chain, of rows sorted by chain."""
    return np.concatenate([[0], np.cumsum(np.bincount(chain, minlength=count))]).astype(np.int64)


def _lights(links: Links, piece: Ints, there: Floats) -> tuple[Ints, Floats]:
    """Return the pieces that end at lights, and the terms of these."""
    if links.signals is None:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 6))
    signals = links.signals
    lit = np.flatnonzero(signals.green[piece] < 1.0)
    uniform, scale, spread = signals.terms()
    columns = [uniform, signals.green, 1.0 / signals.capacity, scale, spread]
    return lit, np.stack([*(column[piece[lit]] for column in columns), there[lit]], axis=1)


@njit(cache=True, nogil=True)
def _raised(x: float, power: float) -> float:
    """Return x^power; the commonest powers without a logarithm."""
    if power == 4.0:
        square = x * x
        return square * square
    if power == 3.0:
        return x * x * x
    if power == 1.0:
        return x
    return float(x**power)


@njit(cache=True, nogil=True)
def time_and_slope(curves: Any, chain: int, flow: float) -> tuple[float, float]:
    """Return the time of a chain at a flow, and its derivative."""
    terms, lights = curves.terms, curves.lights
    time, slope = curves.base[chain], 0.0
    for row in range(curves.term_first[chain], curves.term_first[chain + 1]):
        inverse, power = terms[row, 1], terms[row, 2]
        x = max(flow + terms[row, 3], 0.0) * inverse
        if power < 1.0:
            time += terms[row, 0] * _raised(x, power)
            x = max(x, 1e-12 * inverse)  # the slope is infinite at no flow
            slope += terms[row, 0] * power * inverse * _raised(x, power - 1.0)
        else:
            lower = _raised(x, power - 1.0)
            time += terms[row, 0] * lower * x
            slope += terms[row, 0] * power * inverse * lower
    for row in range(curves.light_first[chain], curves.light_first[chain + 1]):
        uniform, green, inverse = lights[row, 0], lights[row, 1], lights[row, 2]
        scale, spread = lights[row, 3], lights[row, 4]
        x = max(flow + lights[row, 5], 0.0) * inverse
        rest = 1.0 - min(x, 1.0) * green
        root = np.sqrt((x - 1.0) ** 2 + spread * x)
        time += uniform / rest + scale * ((x - 1.0) + root)
        if x < 1.0:
            slope += uniform * green / rest**2 * inverse
        slope += scale * (1.0 + (x - 1.0 + 0.5 * spread) / max(root, 1e-12)) * inverse
    return time, slope


@njit(cache=True, nogil=True)
def evaluate(curves: Any, flow: Any, time: Any, slope: Any) -> None:
    """Write the time of each chain and its derivative, shape (c,)."""
    for chain in range(len(flow)):
        time[chain], slope[chain] = time_and_slope(curves, chain, flow[chain])
