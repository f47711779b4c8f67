"""Several projects under yearly budgets: which to do, and when; quick wins; what is shared is paid once.

References
----------
HiGHS, through `scipy.optimize.milp`: Huangfu and Hall, "Parallelizing the dual revised simplex method", 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from jumeau.errors import JumeauError
from jumeau.i18n import _

Floats = NDArray[np.float64]

#: A quick win repays within so many years, starts within so many months, gains with such a probability, and is proven.
QUICK_PAYBACK, QUICK_LEAD, QUICK_CHANCE = 3.0, 12.0, 0.8

#: Status of a solver that ran out of time (`scipy.optimize.milp`).
OUT_OF_TIME = 1

#: Seconds for each year's question of what one more euro would bring: it asks for a figure, not for a plan.
SHORT = 10.0

#: Relative gap at which the optimum is taken as found.
GAP = 1e-9


@dataclass(frozen=True)
class Candidate:
    """A project that may be done.

    Attributes
    ----------
    name, title : str
    investment : ndarray, shape (years,)
        What it spends in the year of its start and the following ones, positive [EUR].
    value : ndarray, shape (starts,)
        Net present socio-economic value, seen from year 0, of a start in each year of the plan [EUR].
    group : str
        At most one project of a group is done: variants of one another; empty for none.
    after : mapping of str to int
        Projects that must have started at least so many years before.
    needs : tuple of str
        Shared things that it needs.
    earliest, latest : int or None
        First and last year of start, counted from 0.
    compulsory : bool
    discounted_payback, lead_time, p_positive : float
        [year], [month], share; of the quick-win rule.
    maturity : str
    """

    name: str
    title: str
    investment: Floats
    value: Floats
    group: str = ""
    after: Mapping[str, int] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    earliest: int = 0
    latest: int | None = None
    compulsory: bool = False
    discounted_payback: float = np.inf
    lead_time: float = np.inf
    p_positive: float = 0.0
    maturity: str = "proven"

    def starts(self, years: int) -> range:
        """Return the years in which it may start."""
        last = years - 1 if self.latest is None else min(self.latest, years - 1)
        return range(self.earliest, last + 1)


@dataclass(frozen=True)
class SharedThing:
    """A platform, gateways: paid once, when the first project that needs it starts.

    Attributes
    ----------
    name, title : str
    cost : float
        [EUR].
    value : ndarray, shape (starts,)
        What it costs in all, seen from year 0, by year of its start; negative [EUR].
    """

    name: str
    title: str
    cost: float
    value: Floats


@dataclass(frozen=True)
class Plan:
    """Which projects start when.

    Attributes
    ----------
    starts : mapping of str to int
        Year of start, by project done.
    shared : mapping of str to int
        Year in which each shared thing is bought.
    value : float
        Sum of net present socio-economic values, shared costs taken off [EUR].
    spent : ndarray, shape (years,)
        By year of the plan [EUR].
    gap : float
        Proven relative distance to the optimum; not a number for a plan that proves nothing.
    unspent : ndarray, shape (years,)
        What is left by year [EUR]; with what earlier years left, where it is carried over.
    missing : tuple of str
        Compulsory projects that found no place: such a plan does not hold.
    """

    starts: Mapping[str, int]
    shared: Mapping[str, int]
    value: float
    spent: Floats
    gap: float = np.nan
    unspent: Floats = field(default_factory=lambda: np.zeros(0))
    missing: tuple[str, ...] = ()


def quick_win(candidate: Candidate) -> list[str]:
    """Return what keeps a project from being a quick win; nothing where it is one."""
    found = []
    if not candidate.discounted_payback <= QUICK_PAYBACK:
        found.append(_("discounted payback above {years:g} years").format(years=QUICK_PAYBACK))
    if not candidate.lead_time <= QUICK_LEAD:
        found.append(_("lead time above {months:g} months").format(months=QUICK_LEAD))
    if not candidate.p_positive >= QUICK_CHANCE:
        found.append(_("less than {share:.0%} chances of a gain").format(share=QUICK_CHANCE))
    if candidate.maturity != "proven":
        found.append(_("not proven elsewhere"))
    return found


def optimise(
    candidates: Sequence[Candidate],
    shared: Sequence[SharedThing],
    budgets: Sequence[float],
    *,
    carry_over: bool = False,
    seconds: float = 60.0,
) -> Plan:
    """Return the plan of the highest value under yearly budgets.

    Parameters
    ----------
    candidates : sequence of Candidate
    shared : sequence of SharedThing
    budgets : sequence of float
        Of investment, by year of the plan [EUR]; what is spent after the plan's last year is not bounded.
    carry_over : bool
        Whether what is not spent may be spent later.
    seconds : float
        Time limit of the solver.

    Raises
    ------
    JumeauError
        When no plan holds: compulsory projects beyond the budgets.
    """
    model = _Model(candidates, shared, budgets, carry_over=carry_over)
    found = milp(
        -model.gain,
        constraints=model.constraints(),
        integrality=np.ones(model.size),
        bounds=Bounds(0.0, model.upper),
        options={"mip_rel_gap": GAP, "time_limit": seconds},
    )
    if found.x is None and found.status == OUT_OF_TIME:
        raise JumeauError(
            _("no plan was found within {seconds:g} s: fewer projects, or fewer years").format(seconds=seconds)
        )
    if found.x is None:
        raise JumeauError(_("no plan holds: compulsory projects, dates or budgets contradict each other"))
    return model.plan(found.x > 0.5, float(found.mip_gap) if found.mip_gap is not None else 0.0)


def greedy(
    candidates: Sequence[Candidate],
    shared: Sequence[SharedThing],
    budgets: Sequence[float],
    *,
    carry_over: bool = False,
) -> Plan:
    """Return the plan that takes projects by value per euro, each as soon as it can start; it proves nothing."""
    model = _Model(candidates, shared, budgets, carry_over=carry_over)
    chosen = np.zeros(model.size, dtype=bool)

    def worth(candidate: Candidate) -> float:
        spent = float(candidate.investment.sum()) or 1.0
        starts = candidate.starts(len(budgets))
        return float(candidate.value[list(starts)].max()) / spent if len(starts) else -np.inf

    # Compulsory ones first; then by value per euro. Several turns, since one may wait for another.
    order = sorted(candidates, key=lambda item: (not item.compulsory, -worth(item)))
    for _turn in range(len(order)):
        before = chosen.copy()
        for candidate in order:
            if any(chosen[model.place[candidate.name, year]] for year in candidate.starts(len(budgets))):
                continue
            for year in candidate.starts(len(budgets)):
                tried = model.with_start(chosen, candidate, year)
                better = model.gain @ tried > model.gain @ chosen
                if (better or candidate.compulsory) and model.feasible(tried, partly=True):
                    chosen = tried
                    break
        if (chosen == before).all():
            break
    return model.plan(chosen, np.nan)


class _Model:
    """The integer programme: one variable per project and year of start, one per shared thing and year."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        shared: Sequence[SharedThing],
        budgets: Sequence[float],
        *,
        carry_over: bool,
    ) -> None:
        self.candidates, self.shared = list(candidates), list(shared)
        self.budgets, self.carry_over = np.asarray(budgets, dtype=np.float64), carry_over
        self.years = len(self.budgets)
        self.place: dict[tuple[str, int], int] = {}
        for candidate in self.candidates:
            for year in range(self.years):
                self.place[candidate.name, year] = len(self.place)
        self.bought: dict[tuple[str, int], int] = {}
        for thing in self.shared:
            for year in range(self.years):
                self.bought[thing.name, year] = len(self.place) + len(self.bought)
        self.size = len(self.place) + len(self.bought)
        self.gain, self.upper = np.zeros(self.size), np.ones(self.size)
        self.cost = np.zeros((self.years, self.size))
        for candidate in self.candidates:
            allowed = set(candidate.starts(self.years))
            for year in range(self.years):
                column = self.place[candidate.name, year]
                self.gain[column] = candidate.value[year]
                self.upper[column] = 1.0 if year in allowed else 0.0
                for later, amount in enumerate(candidate.investment):
                    if year + later < self.years:
                        self.cost[year + later, column] += amount
        for thing in self.shared:
            for year in range(self.years):
                column = self.bought[thing.name, year]
                self.gain[column] = thing.value[year]
                self.cost[year, column] = thing.cost

    def rows(self, *, partly: bool = False) -> list[tuple[Floats, float, float]]:
        """Return rows of constraints: coefficients, lower and upper bound; without compulsion where `partly`."""
        found: list[tuple[Floats, float, float]] = []

        def row() -> Floats:
            return np.zeros(self.size)

        cost = np.cumsum(self.cost, axis=0) if self.carry_over else self.cost
        limit = np.cumsum(self.budgets) if self.carry_over else self.budgets
        found += [(cost[year], -np.inf, limit[year]) for year in range(self.years)]
        groups: dict[str, list[Candidate]] = {}
        for candidate in self.candidates:
            groups.setdefault(candidate.group or f"\0{candidate.name}", []).append(candidate)
            once = row()
            for year in range(self.years):
                once[self.place[candidate.name, year]] = 1.0
            if candidate.compulsory and not partly:
                found.append((once, 1.0, 1.0))
            for other, wait in candidate.after.items():
                # Started by a year at most as often as the other one so many years before.
                for year in range(self.years):
                    line = row()
                    for earlier in range(year + 1):
                        line[self.place[candidate.name, earlier]] += 1.0
                    for earlier in range(year - wait + 1):
                        line[self.place[other, earlier]] -= 1.0
                    found.append((line, -np.inf, 0.0))
            for need in candidate.needs:
                for year in range(self.years):
                    line = row()
                    for earlier in range(year + 1):
                        line[self.place[candidate.name, earlier]] += 1.0
                        line[self.bought[need, earlier]] -= 1.0
                    found.append((line, -np.inf, 0.0))
        for members in groups.values():
            line = row()
            for candidate in members:
                for year in range(self.years):
                    line[self.place[candidate.name, year]] = 1.0
            found.append((line, -np.inf, 1.0))
        for thing in self.shared:
            line = row()
            for year in range(self.years):
                line[self.bought[thing.name, year]] = 1.0
            found.append((line, -np.inf, 1.0))
        return found

    def constraints(self) -> LinearConstraint:
        """Return the rows as SciPy has them."""
        rows = self.rows()
        return LinearConstraint(
            np.array([line for line, _low, _high in rows]),
            np.array([low for _line, low, _high in rows]),
            np.array([high for _line, _low, high in rows]),
        )

    def feasible(self, chosen: NDArray[np.bool_], *, partly: bool = False) -> bool:
        """Tell whether a choice holds."""
        if (chosen & (self.upper == 0.0)).any():
            return False
        dust = 1e-9 * max(1.0, float(np.abs(self.budgets).max(initial=0.0)))
        for line, low, high in self.rows(partly=partly):
            reached = float(line @ chosen)
            if not low - dust <= reached <= high + dust:
                return False
        return True

    def with_start(self, chosen: NDArray[np.bool_], candidate: Candidate, year: int) -> NDArray[np.bool_]:
        """Return a choice in which a project starts too, and what it needs is bought by then."""
        found = chosen.copy()
        found[self.place[candidate.name, year]] = True
        for need in candidate.needs:
            had = [earlier for earlier in range(self.years) if found[self.bought[need, earlier]]]
            if not had or had[0] > year:
                for earlier in had:
                    found[self.bought[need, earlier]] = False
                found[self.bought[need, year]] = True
        return found

    def plan(self, chosen: NDArray[np.bool_], gap: float) -> Plan:
        """Return a choice as a plan."""
        starts = {name: year for (name, year), column in self.place.items() if chosen[column]}
        spent = np.asarray(self.cost @ chosen)
        left = self.budgets - spent
        return Plan(
            starts,
            {name: year for (name, year), column in self.bought.items() if chosen[column]},
            float(self.gain @ chosen),
            spent,
            gap,
            np.cumsum(left) if self.carry_over else left,
            tuple(item.name for item in self.candidates if item.compulsory and item.name not in starts),
        )


def next_euro(
    candidates: Sequence[Candidate],
    shared: Sequence[SharedThing],
    budgets: Sequence[float],
    *,
    carry_over: bool = False,
    more: float = 0.1,
) -> list[float]:
    """Return what a tenth more of each year's budget would bring, per euro: each year solved again."""
    base = optimise(candidates, shared, budgets, carry_over=carry_over, seconds=SHORT).value
    found = []
    for year, budget in enumerate(budgets):
        raised = [*budgets[:year], budget * (1.0 + more), *budgets[year + 1 :]]
        gain = optimise(candidates, shared, raised, carry_over=carry_over, seconds=SHORT).value - base
        found.append(gain / (budget * more) if budget > 0.0 else np.nan)
    return found


def as_dict(plan: Plan) -> dict[str, Any]:
    """Return a plan as plain data."""
    return {
        "starts": dict(plan.starts),
        "shared": dict(plan.shared),
        "value": plan.value,
        "spent": [float(amount) for amount in plan.spent],
        "unspent": [float(amount) for amount in plan.unspent],
        "gap": plan.gap if np.isfinite(plan.gap) else None,
        "missing": list(plan.missing),
    }
