"""What limits a choice of sites: a budget, a number, or a benefit to reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.placement import PlacementProblem
from jumeau.units import QuantityError, parse_quantity


@dataclass(frozen=True)
class Limit:
    """How much may be installed, or how much is to be reached.

    Attributes
    ----------
    count : int, optional
        Most devices, compulsory ones included.
    budget : float, optional
        Most money [EUR].
    target : float, optional
        Benefit to reach for the least money, in the unit of the problem; without it, the most benefit is sought.
    """

    count: int | None = None
    budget: float | None = None
    target: float | None = None

    def checked(self, problem: PlacementProblem) -> Limit:
        """Return the limit, if anything can be chosen within it.

        Raises
        ------
        InputError
            When it limits nothing, allows no device, not even the compulsory ones, or asks for more than all sites
            give.
        """
        sites = problem.sites
        free = ~sites.forbidden
        least = float(sites.cost[free].min())
        forced = sites.compulsory
        found = []
        if self.count is None and self.budget is None and self.target is None:
            found.append(_unlimited())
        if self.count is not None and self.count < 1:
            found.append(_too_few(self.count))
        elif self.count is not None and self.count < forced.sum():
            message = _("{count} sites are compulsory: more than the number that is allowed")
            found.append(Problem(message.format(count=int(forced.sum())), value=str(self.count)))
        if self.budget is not None and not self.budget >= least:
            message = _("the budget does not pay for one site: the cheapest costs {cost} EUR")
            found.append(Problem(message.format(cost=format_number(least)), value=f"{self.budget:g} EUR"))
        elif self.budget is not None and self.budget < sites.cost[forced].sum():
            message = _("compulsory sites cost {cost} EUR: more than the budget")
            cost = format_number(float(sites.cost[forced].sum()))
            found.append(Problem(message.format(cost=cost), value=f"{self.budget:g} EUR"))
        if self.target is not None:
            most = problem.benefit(np.flatnonzero(free))
            if not self.target <= most * (1.0 + 1e-9):
                message = _("the target cannot be reached: all {count} sites together give {most} {unit}")
                text = message.format(count=int(free.sum()), most=format_number(most, 2), unit=problem.unit).strip()
                hint = _("ask for less, or add sites that see what none of these sees")
                found.append(Problem(text, value=f"{self.target:g}", hint=hint))
        if found:
            raise InputError(*found)
        return self


def limit_of(
    count: int | None, budget: str | float | None, target: str | float | None
) -> Callable[[PlacementProblem], Limit]:
    """Return what makes the limit that was written, once the problem is known.

    Parameters
    ----------
    count : int, optional
    budget : str or float, optional
        With its unit, or a number of euros.
    target : str or float, optional
        A number in the unit of the problem, or a share of the cost of what happens: `60 %`.

    Raises
    ------
    InputError
        At once, before any problem is made: when nothing is stated, or the budget or a share cannot be read.
    """
    if count is None and budget is None and target is None:
        raise InputError(_unlimited())
    if count is not None and count < 1:
        raise InputError(_too_few(count))
    try:
        money = None if budget is None else parse_quantity(_euros(budget), "EUR")
        share = parse_quantity(target, "1") if isinstance(target, str) and "%" in target else None
    except (QuantityError, ValueError) as error:
        raise InputError(Problem(str(error))) from error

    def limit(problem: PlacementProblem) -> Limit:
        if share is not None:
            return Limit(count, money, share * problem.unseen_cost)
        if target is None or _is_bare(target):
            return Limit(count, money, None if target is None else float(target))
        try:
            return Limit(count, money, parse_quantity(target, problem.unit or "1"))
        except QuantityError as error:
            raise InputError(Problem(str(error))) from error

    return limit


def _unlimited() -> Problem:
    return Problem(_("state a number, a budget or a target"), hint="--count, --budget, --target")


def _too_few(count: int) -> Problem:
    return Problem(_("at least one device is needed"), value=str(count))


def _is_bare(value: str | float) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _euros(value: str | float) -> str | float:
    return f"{float(value)} EUR" if _is_bare(value) else value
