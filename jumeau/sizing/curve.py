"""Benefit against the number of devices: both answers, the bound, and what the next device adds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem
from jumeau.sizing.bounds import bounds_of_prices, lagrangian_bound, online_bounds
from jumeau.sizing.exact import GAP, Exact, exact
from jumeau.sizing.exchange import exchanged
from jumeau.sizing.lazy_greedy import Greedy
from jumeau.sizing.limits import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Curve:
    """Numbers of devices, from the compulsory ones to the last that adds anything; arrays of shape (k,).

    Attributes
    ----------
    count : ndarray of int
    greedy, best, bound : ndarray
        Benefit of the first `count` sites of greedy, of the best choice that was found, and what none exceeds.
    cost : ndarray
        Of greedy's sites [EUR].
    next : ndarray
        What the last of greedy's sites adds.
    proved : ndarray of bool
        Whether `best` is the optimum.
    """

    count: Ints
    greedy: Floats
    best: Floats
    bound: Floats
    cost: Floats
    next: Floats
    proved: NDArray[np.bool_]

    @property
    def knee(self) -> int:
        """Number of devices farthest above the chord of the curve, from no device to the last: its knee.

        See V. Satopaa et al., "Finding a kneedle in a haystack", ICDCS workshops 2011.
        """
        if len(self.count) < 3 or not self.best[-1] > 0.0:
            return int(self.count[-1]) if len(self.count) else 0
        share = self.best / self.best[-1] - self.count / self.count[-1]
        return int(self.count[int(np.argmax(share))])


def curve(
    problem: PlacementProblem,
    found: Greedy,
    *,
    seconds: float,
    known: dict[int, Exact] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Curve:
    """Return the curve along greedy's path.

    Parameters
    ----------
    problem : PlacementProblem
    found : Greedy
        Its path is the curve's length.
    seconds : float
        Time for exact answers, smallest numbers first; further points have the better of greedy and an exchange of
        sites, and the bound says how far they may be from the optimum.
    known : dict of int to Exact, optional
        Answers that are there already, by number.
    progress : callable, optional
        Told each number.
    """
    first = max(int(problem.sites.compulsory.sum()), 1)
    count = np.arange(first, len(found.chosen) + 1)
    greedy = found.value[first:]
    best, proved = greedy.copy(), np.zeros(len(count), dtype=bool)
    bound = online_bounds(problem, found, count)
    until = time.monotonic() + seconds
    answers = dict(known or {})
    for place, k in enumerate(count.tolist()):
        left = until - time.monotonic()
        answer = answers.get(k)
        if answer is None and left > 0.0:
            share = max(min(left, seconds / 5.0), 0.2)
            start = exchanged(problem, Limit(count=k), found.chosen[:k], seconds=share / 5.0)
            answer = exact(problem, Limit(count=k), start, seconds=share)
        if answer is not None:
            best[place] = max(best[place], answer.benefit)
            bound[place] = min(bound[place], answer.bound)
        if progress is not None:
            progress(k)
    _bound_the_rest(problem, count, best, bound, seconds / 2.0)
    # More sites never bring less, and what few cannot exceed with concavity tells of more: bounds only rise.
    best = np.maximum.accumulate(best)
    bound = np.maximum(np.minimum.accumulate(bound[::-1])[::-1], best)
    proved = bound - best <= GAP * np.maximum(bound, 1e-12)
    cost = np.cumsum(problem.sites.cost[found.chosen])[first - 1 :]
    return Curve(count, greedy, best, bound, cost, np.diff(found.value)[first - 1 :], proved)


def _bound_the_rest(problem: PlacementProblem, count: Ints, best: Floats, bound: Floats, seconds: float) -> None:
    """Lower the bounds of points without proof by the Lagrangian bound, each from its neighbour's prices.

    Prices found for one number of sites bound all numbers: a few points, far apart, come first.
    """
    until, prices = time.monotonic() + seconds, None
    for place in _far_apart(len(count)):
        left = until - time.monotonic()
        if left <= 0.0:
            return
        if bound[place] - best[place] > GAP * bound[place]:
            _found, prices = lagrangian_bound(
                problem, Limit(count=int(count[place])), float(best[place]), steps=60, seconds=left, start=prices
            )
            np.minimum(bound, bounds_of_prices(problem, prices, count), out=bound)


def _far_apart(size: int) -> list[int]:
    """Return 0 .. size - 1, the last, the middle, the quarters first."""
    order, step = [size - 1] if size else [], size
    while step > 1:
        step = (step + 1) // 2
        order += list(range(step - 1, size, step))
    return list(dict.fromkeys([*order, *range(size)]))
