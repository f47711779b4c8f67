"""A choice of sites made better by exchanging one site at a time.

References
----------
M. B. Teitz and P. Bart, "Heuristic methods for estimating the generalized vertex median of a weighted graph",
Operations Research 16(5), 1968.
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem
from jumeau.sizing.cover import growing, value_of
from jumeau.sizing.limits import Limit

Ints = NDArray[np.int64]


def exchanged(
    problem: PlacementProblem, limit: Limit, chosen: Ints, *, seconds: float = 2.0, failing: bool = False
) -> Ints:
    """Return sites of at least the same benefit, of which no exchange of one for another does better.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
        Its number and budget are kept.
    chosen : ndarray of int, shape (k,)
    seconds : float
        Most time; what was found by then is returned.
    failing : bool
        Whether the benefit is that of failing devices.
    """
    sites = problem.sites
    until = time.monotonic() + seconds
    current = [int(row) for row in chosen]
    reached = value_of(problem, np.array(current, dtype=np.int64), failing=failing)
    budget = np.inf if limit.budget is None else limit.budget * (1.0 + 1e-12)
    better = True
    while better:
        better = False
        for place in range(len(current)):
            if time.monotonic() > until:
                return np.array(current, dtype=np.int64)
            if sites.compulsory[current[place]]:
                continue
            rest = current[:place] + current[place + 1 :]
            cover = growing(problem, failing=failing)
            for row in rest:
                cover.add(row)
            gains = cover.gains()
            left = budget - float(sites.cost[rest].sum())
            gains[sites.forbidden | (sites.cost > left)] = -1.0
            gains[rest] = -1.0
            best = int(gains.argmax())
            if cover.value + gains[best] > reached + 1e-9 * max(abs(reached), 1e-12):
                current[place], reached, better = best, cover.value + float(gains[best]), True
    return np.array(current, dtype=np.int64)
