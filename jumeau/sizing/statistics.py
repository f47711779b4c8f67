"""What events cost under a choice of sites: mean, quartiles, and the tail.

References
----------
US EPA and Sandia, Water Security Toolkit, `evalsensor`: quantiles are those of the sorted costs at the index floor(q
n), and the tail-conditioned expectation is the mean from there on. With weights, the index is that of the first event
whose cumulated weight exceeds the share q.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Statistics:
    """The distribution of the cost of one event, in the unit of the problem.

    Attributes
    ----------
    minimum, lower_quartile, median, upper_quartile, maximum : float
    mean : float
        Weighted.
    value_at_risk : float
        Cost that only a share `tail` of the events exceeds.
    tail_expectation : float
        Mean of these.
    tail : float
    """

    mean: float
    minimum: float
    lower_quartile: float
    median: float
    upper_quartile: float
    value_at_risk: float
    tail_expectation: float
    maximum: float
    tail: float


def statistics(problem: PlacementProblem, chosen: Ints, tail: float = 0.05) -> Statistics:
    """Return the distribution of costs where devices stand at some sites.

    Parameters
    ----------
    problem : PlacementProblem
    chosen : ndarray of int
        Rows of sites.
    tail : float
        Share of the worst events.
    """
    cost, weight = problem.costs(chosen), problem.events.weight
    if not weight.sum() > 0.0:
        weight = np.ones(len(cost))
    order = np.argsort(cost, kind="stable")
    cost, weight = cost[order], weight[order]
    share = np.cumsum(weight) / weight.sum()

    def place(quantile: float) -> int:
        return min(int(np.searchsorted(share, quantile + 1e-12, side="right")), len(cost) - 1)

    worst = place(1.0 - tail)
    return Statistics(
        mean=float(np.average(cost, weights=weight)),
        minimum=float(cost[0]),
        lower_quartile=float(cost[place(0.25)]),
        median=float(cost[place(0.5)]),
        upper_quartile=float(cost[place(0.75)]),
        value_at_risk=float(cost[worst]),
        tail_expectation=float(np.average(cost[worst:], weights=weight[worst:])),
        maximum=float(cost[-1]),
        tail=tail,
    )
