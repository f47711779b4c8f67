"""Sites one by one, each the one that adds the most: lazy greedy, with what it guarantees and what it proves.

References
----------
G. L. Nemhauser, L. A. Wolsey and M. L. Fisher, "An analysis of approximations for maximizing submodular set functions
I", Mathematical Programming 14, 1978: with a number of sites, greedy reaches at least 1 - 1/e of the optimum.
M. Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978: gains only fall, so that the
first of a queue that is still the first once recomputed is the best.
J. Leskovec et al., "Cost-effective outbreak detection in networks", KDD 2007 (CELF): with a budget, the better of
greedy by gain and greedy by gain per cost reaches at least (1 - 1/e) / 2; the online bound.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from math import e, inf

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem
from jumeau.sizing.cover import Growing, growing
from jumeau.sizing.limits import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Gains below this share of the largest one are the noise of sums.
NOISE = 1e-12


@dataclass(frozen=True)
class Greedy:
    """Sites in the order of their choice.

    Attributes
    ----------
    chosen : ndarray of int, shape (k,)
        Rows of sites; compulsory ones come first.
    value : ndarray, shape (k + 1,)
        Benefit of the first 0, 1, ... k of them.
    evaluations : int
        Gains that were computed, those of the empty set included.
    guarantee : float
        Share of the optimum that is certain before anything is computed; 0 where none is known.
    """

    chosen: Ints
    value: Floats
    evaluations: int
    guarantee: float

    @property
    def benefit(self) -> float:
        """Benefit of all of them."""
        return float(self.value[-1])


def lazy_greedy(
    problem: PlacementProblem,
    limit: Limit,
    *,
    failing: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Greedy:
    """Choose sites one by one until the limit is met, or no site adds anything.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
        With a budget, both orders are tried, by gain and by gain per cost, and the better is kept. With a target, sites
        are taken by gain per cost until it is reached.
    failing : bool
        Whether the benefit is that of devices that fail by themselves, each with its probability.
    progress : callable, optional
        Told the number of sites after each.

    Notes
    -----
    Compulsory sites void the guarantee for the whole, and keep it for what is added to them.
    """
    by_cost = limit.budget is not None or limit.target is not None
    found = _grow(problem, limit, growing(problem, failing=failing), by_cost=by_cost, progress=progress)
    forced = bool(problem.sites.compulsory.any())
    if limit.target is not None:
        return Greedy(*found, guarantee=0.0)
    if limit.budget is None:
        return Greedy(*found, guarantee=0.0 if forced else 1.0 - 1.0 / e)
    other = _grow(problem, limit, growing(problem, failing=failing), by_cost=False, progress=progress)
    best = max(found, other, key=lambda item: (item[1][-1], -len(item[0])))
    even = limit.count is not None or forced
    return Greedy(best[0], best[1], found[2] + other[2], guarantee=0.0 if even else (1.0 - 1.0 / e) / 2.0)


def _grow(
    problem: PlacementProblem,
    limit: Limit,
    cover: Growing,
    *,
    by_cost: bool,
    progress: Callable[[int], None] | None,
) -> tuple[Ints, Floats, int]:
    sites = problem.sites
    most = len(sites) if limit.count is None else limit.count
    money = inf if limit.budget is None else limit.budget * (1.0 + 1e-12)
    wanted = inf if limit.target is None else limit.target * (1.0 - 1e-9)
    chosen = [int(row) for row in np.flatnonzero(sites.compulsory)]
    value = [0.0]
    for row in chosen:
        cover.add(row)
        value.append(cover.value)
        money -= float(sites.cost[row])
    price = np.maximum(sites.cost, 1e-9) if by_cost else np.ones(len(sites))
    gains = cover.gains()
    evaluations = len(sites)
    floor = NOISE * max(float(gains.max(initial=0.0)), cover.value)
    free = ~(sites.forbidden | sites.compulsory) & (gains > floor)
    queue = [(-gains[row] / price[row], int(row)) for row in np.flatnonzero(free)]
    heapq.heapify(queue)
    while queue and len(chosen) < most and cover.value < wanted:
        row = heapq.heappop(queue)[1]
        if sites.cost[row] > money:
            continue  # money only shrinks: it will not be affordable later
        gain = cover.gain(row)
        evaluations += 1
        if gain <= floor:
            continue
        key = (-gain / price[row], row)
        if queue and key > queue[0]:
            heapq.heappush(queue, key)
            continue
        cover.add(row)
        chosen.append(row)
        value.append(cover.value)
        money -= float(sites.cost[row])
        if progress is not None:
            progress(len(chosen))
    return np.array(chosen, dtype=np.int64), np.array(value), evaluations


def ordered(problem: PlacementProblem, chosen: Ints) -> Greedy:
    """Return a set of sites in greedy order: where to begin if not all can be installed at once."""
    cover = growing(problem, failing=False)
    left, order, value = [int(row) for row in chosen], [], [0.0]
    count = 0
    while left:
        gains = [cover.gain(row) for row in left]
        count += len(gains)
        row = left.pop(int(np.argmax(gains)))
        cover.add(row)
        order.append(row)
        value.append(cover.value)
    return Greedy(np.array(order, dtype=np.int64), np.array(value), count, 0.0)
