"""Both answers to one problem, the bound, the curve, the statistics, and how they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import Problem
from jumeau.i18n import _, format_number
from jumeau.placement import PlacementProblem
from jumeau.sizing.bounds import lagrangian_bound
from jumeau.sizing.curve import Curve, curve
from jumeau.sizing.exact import Exact, exact
from jumeau.sizing.exchange import exchanged
from jumeau.sizing.lazy_greedy import Greedy, lazy_greedy, ordered
from jumeau.sizing.limits import Limit
from jumeau.sizing.robust import UnderFailures, under_failures
from jumeau.sizing.statistics import Statistics, statistics

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Stored savings above which the exact programme is not even set up.
LARGEST = 2_000_000


@dataclass(frozen=True)
class Solution:
    """What is known of a problem.

    Attributes
    ----------
    problem : PlacementProblem
    limit : Limit
    greedy : Greedy
    exact : Exact
        The best choice, with its bound and gap; the improved greedy's where the problem is too large for more.
    order : Greedy
        The best choice in the order in which to install it.
    curve : Curve
    statistics : Statistics
        Of the best choice.
    failures : UnderFailures, optional
        Where devices fail.
    warnings : tuple of Problem
    """

    problem: PlacementProblem
    limit: Limit
    greedy: Greedy
    exact: Exact
    order: Greedy
    curve: Curve
    statistics: Statistics
    failures: UnderFailures | None
    warnings: tuple[Problem, ...]

    @property
    def chosen(self) -> Ints:
        """Rows of the sites of the best choice, in the order in which to install them."""
        return self.order.chosen

    @property
    def names(self) -> list[str]:
        """Names of these sites."""
        return [str(name) for name in self.problem.sites.id[self.chosen]]

    @property
    def greedy_gap(self) -> float:
        """Share of the best benefit found that greedy misses; of the cost that it pays too much, with a target."""
        if self.limit.target is not None:
            cost = self.problem.sites.cost
            paid = float(cost[self.greedy.chosen].sum())
            return (paid - float(cost[self.chosen].sum())) / paid if paid else 0.0
        best = self.exact.benefit
        return max(best - self.greedy.benefit, 0.0) / best if best > 0.0 else 0.0


def solve(
    problem: PlacementProblem,
    limit: Limit,
    *,
    seconds: float = 10.0,
    curve_seconds: float = 10.0,
    progress: Callable[[str], None] | None = None,
) -> Solution:
    """Solve a problem of placement.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
    seconds : float
        Most time for the exact answer.
    curve_seconds : float
        Most time for exact points of the curve; 0 for greedy's and the bounds alone.
    progress : callable, optional
        Told in words what is being done.

    Raises
    ------
    InputError
        See `PlacementProblem.checked` and `Limit.checked`.
    """
    limit.checked(problem.checked())
    say = progress or (lambda _text: None)
    say(_("greedy choice"))
    greedy = lazy_greedy(problem, limit)
    start = greedy.chosen
    if limit.target is None:
        start = exchanged(problem, limit, start, seconds=min(seconds / 5.0, 5.0))
    say(_("exact choice"))
    best = _best(problem, limit, start, seconds)
    say(_("curve"))
    points = curve(problem, greedy, seconds=curve_seconds, known=_known(limit, best))
    failures = None
    if problem.sites.failure.any():
        say(_("failing devices"))
        failures = under_failures(problem, limit, best.chosen)
    order = ordered(problem, best.chosen)
    return Solution(
        problem,
        limit,
        greedy,
        best,
        order,
        points,
        statistics(problem, best.chosen),
        failures,
        tuple(_warnings(problem, limit, order)),
    )


def _known(limit: Limit, best: Exact) -> dict[int, Exact]:
    return {limit.count: best} if limit.count is not None and limit.budget is None and limit.target is None else {}


def _best(problem: PlacementProblem, limit: Limit, start: Ints, seconds: float) -> Exact:
    if problem.saving.nnz <= LARGEST:
        return exact(problem, limit, start, seconds=seconds)
    benefit = problem.benefit(start)
    told = Exact(
        np.sort(start),
        benefit,
        bound=0.0,
        gap=1.0,
        proved=False,
        seconds=0.0,
        variables=0,
        steps=0,
        merged=0,
        dropped=0,
    )
    if limit.target is not None:
        return told
    bound, _prices = lagrangian_bound(problem, limit, benefit, seconds=seconds)
    return replace(told, bound=max(bound, benefit), gap=max(bound - benefit, 0.0) / bound if bound else 0.0)


def _warnings(problem: PlacementProblem, limit: Limit, order: Greedy) -> list[Problem]:
    found = []
    unseen = problem.unseeable
    if unseen.any():
        share = float(problem.events.weight[unseen] @ problem.events.unseen[unseen])
        whole = problem.unseen_cost
        text = _("{count} of {all} events are seen from no site: {share} % of the cost is out of reach of any choice")
        told = text.format(
            count=format_number(int(unseen.sum())),
            all=format_number(len(unseen)),
            share=format_number(100.0 * share / whole if whole else 0.0, 1),
        )
        found.append(Problem(told, features=tuple(str(name) for name in problem.events.id[unseen]), warning=True))
    if limit.count is not None and len(order.chosen) < limit.count and limit.target is None:
        text = _("{count} sites are enough: no further one adds anything")
        found.append(Problem(text.format(count=len(order.chosen)), warning=True))
    return found
