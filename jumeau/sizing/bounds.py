"""What no choice of sites can exceed: the online bound of greedy, and the Lagrangian bound.

References
----------
J. Leskovec et al., KDD 2007: f(OPT) <= f(S) + the k largest gains at S, for any set S.
G. Cornuejols, M. L. Fisher and G. L. Nemhauser, "Location of bank accounts to optimize float", Management Science
23(8), 1977: the relaxation that lets several sites serve one event at a price, which reaches the bound of linear
programming.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem
from jumeau.sizing.cover import growing
from jumeau.sizing.lazy_greedy import Greedy
from jumeau.sizing.limits import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def best_sum(gain: Floats, cost: Floats, count: int | None, budget: float | None) -> float:
    """Return a bound on the sum of gains that a number of sites, and a budget, allow.

    With a budget, the last site counts in part (the continuous knapsack).
    """
    best = np.inf
    if count is not None:
        best = float(np.sort(gain)[::-1][: max(count, 0)].sum())
    if budget is not None:
        order = np.argsort(-gain / np.maximum(cost, 1e-9), kind="stable")
        spent = np.cumsum(cost[order])
        whole = int(np.searchsorted(spent, budget, side="right"))
        total = float(gain[order[:whole]].sum())
        if whole < len(order):
            before = float(spent[whole - 1]) if whole else 0.0
            total += float(gain[order[whole]]) * (budget - before) / float(cost[order[whole]])
        best = min(best, total)
    return best if np.isfinite(best) else float(gain.sum())


def _free(problem: PlacementProblem, limit: Limit) -> tuple[Ints, Ints, int | None, float | None]:
    """Return compulsory sites, sites to choose among, and what is left of number and budget."""
    sites = problem.sites
    forced = np.flatnonzero(sites.compulsory)
    free = np.flatnonzero(~(sites.forbidden | sites.compulsory))
    count = None if limit.count is None else limit.count - len(forced)
    budget = None if limit.budget is None else limit.budget - float(sites.cost[forced].sum())
    return forced, free, count, budget


def online_bounds(
    problem: PlacementProblem, found: Greedy, counts: Ints, *, failing: bool = False, most: int = 60
) -> Floats:
    """Return what no k sites can exceed, for each k of `counts`, from the gains that greedy leaves on its way.

    Parameters
    ----------
    problem : PlacementProblem
    found : Greedy
    counts : ndarray of int, shape (c,)
        Compulsory sites included.
    failing : bool
    most : int
        Points of the greedy path at which all gains are computed.

    Returns
    -------
    ndarray, shape (c,)
    """
    forced, free, _count, _budget = _free(problem, Limit(count=1))
    stops = set(np.unique(np.linspace(len(forced), len(found.chosen), most).astype(int)).tolist())
    cover = growing(problem, failing=failing)
    bound = np.full(len(counts), np.inf)
    for step in range(len(found.chosen) + 1):
        if step in stops:
            gains = np.sort(cover.gains()[free])[::-1]
            total = np.concatenate([[0.0], np.cumsum(np.maximum(gains, 0.0))])
            place = np.clip(counts - len(forced), 0, len(free))
            bound = np.minimum(bound, cover.value + total[place])
        if step < len(found.chosen):
            cover.add(int(found.chosen[step]))
    return bound


def lagrangian_bound(
    problem: PlacementProblem,
    limit: Limit,
    reached: float,
    *,
    steps: int = 300,
    seconds: float = 5.0,
    gap: float = 1e-6,
    start: Floats | None = None,
) -> tuple[float, Floats]:
    """Return what no choice within a number and a budget can exceed, by subgradients on the price of events.

    With a price u[e] >= 0 for each event, the benefit is at most sum(u) + the best sum over chosen sites of
    sum over e of max(w[e] v[e, s] - u[e], 0).

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
        Its number and budget count.
    reached : float
        Benefit of a choice that is known.
    steps : int
        Most iterations.
    seconds : float
        Most time.
    gap : float
        Relative distance to what is reached at which nothing is left to prove.
    start : ndarray, shape (m,), optional
        Prices to start from, such as those of a neighbouring number of sites.

    Returns
    -------
    (float, ndarray)
        The bound, and the prices that give it.
    """
    forced, free, count, budget = _free(problem, limit)
    matrix = problem.expected_savings
    cost = problem.sites.cost[free]
    row, column = matrix.indices, np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    top = np.asarray(matrix.max(axis=1).toarray()).ravel()
    price = top * 0.5 if start is None else start.copy()
    best, kept, scale, stale = np.inf, price, 1.0, 0
    limit_time = time.monotonic() + seconds
    for _step in range(steps):
        over = matrix.data - price[row]
        positive = over > 0.0
        reduced = np.bincount(column[positive], weights=over[positive], minlength=matrix.shape[1]).astype(float)
        chosen = np.concatenate([forced, free[_taken(reduced[free], cost, count, budget)]])
        bound = float(price.sum() + reduced[forced].sum()) + best_sum(reduced[free], cost, count, budget)
        if bound < best - 1e-9 * abs(best if np.isfinite(best) else 1.0):
            best, kept, stale = bound, price, 0
        else:
            stale += 1
            if stale >= 8:
                scale, stale, price = scale / 2.0, 0, kept.copy()
                continue
        if best - reached <= gap * max(abs(reached), 1e-12) or scale < 1e-4 or time.monotonic() > limit_time:
            break
        inside = np.zeros(matrix.shape[1], dtype=bool)
        inside[chosen] = True
        slope = 1.0 - np.bincount(row[positive & inside[column]], minlength=matrix.shape[0])
        norm = float(slope @ slope)
        if norm == 0.0:
            break
        step = scale * max(bound - reached, 1e-9 * abs(bound)) / norm
        price = np.clip(price - step * slope, 0.0, top)
    return best, kept


def bounds_of_prices(problem: PlacementProblem, prices: Floats, counts: Ints) -> Floats:
    """Return what no k sites can exceed by the prices of a Lagrangian bound, for each k of `counts`, shape (c,)."""
    forced, free, _count, _budget = _free(problem, Limit(count=1))
    matrix = problem.expected_savings
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    over = np.maximum(matrix.data - prices[matrix.indices], 0.0)
    reduced = np.bincount(column, weights=over, minlength=matrix.shape[1]).astype(float)
    total = np.concatenate([[0.0], np.cumsum(np.sort(reduced[free])[::-1])])
    fixed = float(prices.sum() + reduced[forced].sum())
    return np.asarray(fixed + total[np.clip(counts - len(forced), 0, len(free))], dtype=np.float64)


def _taken(gain: Floats, cost: Floats, count: int | None, budget: float | None) -> Ints:
    """Return the sites that the relaxation takes, those with no gain left out."""
    if budget is None:
        order = np.argsort(-gain, kind="stable")[: len(gain) if count is None else max(count, 0)]
    else:
        order = np.argsort(-gain / np.maximum(cost, 1e-9), kind="stable")
        order = order[np.cumsum(cost[order]) <= budget]
        order = order if count is None else order[: max(count, 0)]
    return np.asarray(order[gain[order] > 0.0], dtype=np.int64)
