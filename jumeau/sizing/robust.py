"""How a choice of sites holds when devices fail and rates are not those assumed, and what knowing them would be worth.

References
----------
H. Raiffa and R. Schlaifer, Applied Statistical Decision Theory, 1961: the expected value of perfect information is the
mean of what is best in each state less the best of the means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem
from jumeau.sizing.cover import value_of
from jumeau.sizing.exchange import exchanged
from jumeau.sizing.lazy_greedy import lazy_greedy
from jumeau.sizing.limits import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class UnderFailures:
    """A choice of sites whose devices fail by themselves, each with its probability.

    Attributes
    ----------
    nominal : float
        Benefit where all devices of the nominal choice work.
    expected : float
        Its expected benefit.
    robust : ndarray of int
        Sites chosen for the expected benefit.
    robust_expected : float
        Theirs; at least that of the nominal choice.
    """

    nominal: float
    expected: float
    robust: Ints
    robust_expected: float

    @property
    def regret(self) -> float:
        """Expected benefit that the nominal choice gives up."""
        return self.robust_expected - self.expected


def under_failures(problem: PlacementProblem, limit: Limit, nominal: Ints, *, seconds: float = 2.0) -> UnderFailures:
    """Return what failing devices make of a choice, and a choice that reckons with them.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
    nominal : ndarray of int
        Chosen as if all devices worked.
    seconds : float
        Time for exchanges of sites.
    """
    expected = value_of(problem, nominal, failing=True)
    found = lazy_greedy(problem, limit, failing=True)
    candidates = [nominal, found.chosen]
    if limit.target is None:
        candidates.append(exchanged(problem, limit, nominal, seconds=seconds, failing=True))
    values = [value_of(problem, item, failing=True) for item in candidates]
    best = int(np.argmax(values)) if limit.target is None else 0
    return UnderFailures(problem.benefit(nominal), expected, np.sort(candidates[best]), values[best])


@dataclass(frozen=True)
class UnderRates:
    """A choice of sites under drawn rates of events; arrays of shape (draws,).

    Attributes
    ----------
    benefit : ndarray
        Of the nominal choice.
    informed : ndarray
        Of the best choice known for each draw.
    mean_choice : ndarray of int
        Sites that are best for the mean of the draws, among those known.
    information : float
        Expected value of perfect information: what knowing the rates before choosing is worth on average.
    """

    benefit: Floats
    informed: Floats
    mean_choice: Ints
    information: float

    @property
    def regret(self) -> Floats:
        """What the nominal choice gives up in each draw."""
        return np.asarray(self.informed - self.benefit, dtype=np.float64)


def under_rates(
    problem: PlacementProblem, limit: Limit, nominal: Ints, weights: Floats, *, seconds: float = 0.2
) -> UnderRates:
    """Return what a choice is worth under other rates, its regret, and the value of perfect information.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
    nominal : ndarray of int
        Chosen under the rates of the problem.
    weights : ndarray, shape (draws, m)
        Weights of the events in each draw.
    seconds : float
        Time for exchanges of sites, for each draw.

    Notes
    -----
    The benefit is linear in the weights: the best single choice is that of their mean. Each draw's best is sought by
    greedy and exchanges, and among all choices met on the way, so that no regret is below zero; what was not found
    makes the value of information look smaller than it is.
    """
    average = weights.mean(axis=0)
    pool: list[Ints] = [nominal, _sought(problem.weighted(average), limit, seconds)]
    pool += [_sought(problem.weighted(row), limit, seconds) for row in weights]
    saved = np.array([problem.events.unseen - problem.costs(item) for item in pool])
    values = saved @ weights.T
    mean = int(np.argmax(values.mean(axis=1)))
    informed = values.max(axis=0)
    return UnderRates(
        benefit=values[0],
        informed=informed,
        mean_choice=np.sort(pool[mean]),
        information=max(float(informed.mean() - values[mean].mean()), 0.0),
    )


def _sought(problem: PlacementProblem, limit: Limit, seconds: float) -> Ints:
    found = lazy_greedy(problem, limit).chosen
    return np.sort(exchanged(problem, limit, found, seconds=seconds))
