"""User equilibrium: nobody gains by another way (Wardrop's first principle), by bi-conjugate Frank-Wolfe.

References
----------
M. Mitradjieva and P. O. Lindberg, "The Stiff Is Moving: Conjugate Direction Frank-Wolfe Methods with Applications to
Traffic Assignment", Transportation Science 47(2), 2013, doi:10.1287/trsc.1120.0409.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment.demand import Demand
from jumeau.assignment.links import Links
from jumeau.assignment.loading import Trees, load
from jumeau.errors import InputError, JumeauError, Problem
from jumeau.i18n import _

Floats = NDArray[np.float64]

#: Weight of older directions is kept below this, so that the newest loading always counts.
_NEWEST = 0.99


@dataclass(frozen=True)
class Equilibrium:
    """Flows at which nobody gains by another way.

    Attributes
    ----------
    flow : ndarray, shape (classes, m)
        In the unit of the demand.
    time : ndarray, shape (m,)
        Time of each link at these flows.
    gap : float
        (cost of the trips - their cost by the cheapest ways) / cost of the trips.
    objective : float
        Beckmann's: the sum over links of the integral of the time, and of what classes pay beyond it.
    iterations : int
    imbalance : float
        Largest error of conservation at a node, as a share of the demand.
    """

    flow: Floats
    time: Floats
    gap: float
    objective: float
    iterations: int
    imbalance: float

    @property
    def total(self) -> Floats:
        """Flow of all classes, shape (m,)."""
        return np.asarray(self.flow.sum(axis=0))


def equilibrium(
    links: Links,
    demand: Demand,
    *,
    gap: float = 1e-5,
    iterations: int = 20_000,
    preload: Floats | None = None,
    start: Floats | None = None,
    served: Demand | None = None,
    names: list[str] | None = None,
) -> Equilibrium:
    """Return the equilibrium flows.

    Parameters
    ----------
    links : Links
    demand : Demand
    gap : float
        Relative gap at which to stop.
    iterations : int
        At most.
    preload : ndarray, shape (m,), optional
        Flow that is there anyway.
    start : ndarray, shape (classes, m), optional
        Flows to start from, such as those of the baseline.
    served : Demand, optional
        Demand of `start`; the same by default. What both have in common goes where it went, the rest chooses anew.
    names : list of str, optional
        Of the zones, for messages.

    Raises
    ------
    InputError
        When no way joins two zones that exchange trips.
    JumeauError
        When the gap is not met, or flows are not conserved.
    """
    solver = _Solver(links, demand, preload, names)
    if demand.total <= 0.0:
        nothing = np.zeros((demand.classes, len(links)))
        return Equilibrium(nothing, links.time(solver.ahead), 0.0, solver.objective(nothing), 0, 0.0)
    found = solver.run(solver.first(start, served), gap, iterations)
    if found.imbalance > 1e-6:
        raise JumeauError(
            _("traffic is not conserved at a crossing: {share:.2g} of the demand").format(share=found.imbalance)
        )
    if found.gap > gap:
        raise JumeauError(
            _(
                "the traffic equilibrium was not reached: gap {found:.2g} after {count} iterations, {gap:.2g} wanted"
            ).format(found=found.gap, count=found.iterations, gap=gap)
        )
    return found


class _Solver:
    """One problem, with what every iteration needs."""

    def __init__(self, links: Links, demand: Demand, preload: Floats | None, names: list[str] | None) -> None:
        self.links = links
        self.demand = demand
        self.ahead = np.zeros(len(links)) if preload is None else preload
        self.names = names
        self.paid: Floats | None = None
        if demand.extra is not None:
            self.paid = np.where(np.isfinite(demand.extra), demand.extra, 0.0)
        # Classes that pay the same go the same ways: one search serves them all.
        self.together = (
            [slice(None)] if demand.extra is None else [slice(row, row + 1) for row in range(demand.classes)]
        )
        self.trees = [Trees(demand.zones, links.nodes) for _rows in self.together]
        self.tail = links.tail[links.order].astype(np.int32)
        self.head = links.head[links.order].astype(np.int32)

    def first(self, start: Floats | None, served: Demand | None) -> Floats:
        """Return flows to start from, shape (classes, m)."""
        if start is None:
            return self.load(self.links.time(self.ahead), self.demand.trips)[0]
        if served is None:
            return np.array(start, dtype=np.float64)
        new, old = self.demand.trips, served.trips
        ratio = np.divide(new, old, out=np.ones_like(new), where=old > 0.0)
        # Of each class, the largest share of the old trips that all pairs still have.
        kept = np.clip(ratio.min(axis=(1, 2)), 0.0, 1.0)
        rest = np.maximum(new - kept[:, None, None] * old, 0.0)
        return np.asarray(kept[:, None] * start + self.load(self.links.time(start.sum(axis=0) + self.ahead), rest)[0])

    def load(self, time: Floats, trips: Floats) -> tuple[Floats, float]:
        """Return the flows of trips on the cheapest ways at some times, and their cost."""
        links, demand = self.links, self.demand
        sorted_flow = np.zeros((demand.classes, len(links)))
        lost = np.full(2, -1, dtype=np.int64)
        total = 0.0
        for rows, trees in zip(self.together, self.trees, strict=True):
            weight = time if demand.extra is None else time + demand.extra[rows][0]
            total += load(
                trips[rows], self.tail, self.head, links.first, weight[links.order], links.through,
                trees.by, trees.order, trees.count, sorted_flow[rows], lost,
            )  # fmt: skip
        flow = np.empty_like(sorted_flow)
        flow[:, links.order] = sorted_flow
        if lost[0] >= 0:
            pair = [self.names[zone] if self.names else str(zone + 1) for zone in lost]
            raise InputError(
                Problem(
                    _("no way leads from zone « {origin} » to zone « {destination} »").format(
                        origin=pair[0], destination=pair[1]
                    ),
                    hint=_("join the streets, or take the trips between these zones away"),
                )
            )
        return flow, total

    def objective(self, flow: Floats) -> float:
        """Return Beckmann's objective."""
        total = flow.sum(axis=0) + self.ahead
        found = float((self.links.integral(total) - self.links.integral(self.ahead)).sum())
        return found if self.paid is None else found + float((self.paid * flow).sum())

    def cost(self, flow: Floats, time: Floats) -> float:
        """Return the cost of the trips."""
        found = float(time @ flow.sum(axis=0))
        return found if self.paid is None else found + float((self.paid * flow).sum())

    def run(self, flow: Floats, wanted: float, limit: int) -> Equilibrium:
        """Return the flows at which the gap is met, or the last ones."""
        older: list[Floats] = []  # targets of the last two steps, the newest first
        last = 0.0  # length of the last step
        gap = np.inf
        number = 0
        while True:
            total = flow.sum(axis=0) + self.ahead
            time = self.links.time(total)
            new, cheapest = self.load(time, self.demand.trips)
            cost = self.cost(flow, time)
            gap = max((cost - cheapest) / cost, 0.0)
            if gap <= wanted or number >= limit:
                break
            number += 1
            curve = self.links.slope(total)
            target = self._target(flow, new, older, last, curve)
            direction = target - flow
            if self._descent(direction, time) >= 0.0:
                target, older = new, []
                direction = target - flow
            step = self._step(total, direction)
            flow = flow + step * direction
            older = [] if step >= 1.0 else [target, *older[:1]]
            last = step
        flow = np.maximum(flow, 0.0)
        return Equilibrium(flow, time, gap, self.objective(flow), number, self._imbalance(flow))

    def _target(self, flow: Floats, new: Floats, older: list[Floats], last: float, curve: Floats) -> Floats:
        """Return where to go: the newest loading, bent so that it does not undo the last two steps."""
        if not older:
            return new
        here = flow.sum(axis=0)
        ahead = new.sum(axis=0) - here
        one = older[0].sum(axis=0) - here
        weighted = curve * ahead
        if len(older) == 1:
            above, below = float(one @ weighted), float(one @ (curve * (new - older[0]).sum(axis=0)))
            part = above / below if below != 0.0 else 0.0
            part = float(np.clip(part, 0.0, _NEWEST))
            return np.asarray(part * older[0] + (1.0 - part) * new)
        before = older[1].sum(axis=0) - here
        two = last * one + (1.0 - last) * before
        below_two, below_one = float(two @ (curve * (before - one))), float(one @ (curve * one))
        if below_two == 0.0 or below_one == 0.0 or last >= 1.0:
            return new
        mu = max(-float(two @ weighted) / below_two, 0.0)
        nu = max(-float(one @ weighted) / below_one + mu * last / (1.0 - last), 0.0)
        share = 1.0 / (1.0 + mu + nu)
        return np.asarray(share * (new + nu * older[0] + mu * older[1]))

    def _descent(self, direction: Floats, time: Floats) -> float:
        """Return the derivative of the objective along a direction."""
        found = float(time @ direction.sum(axis=0))
        return found if self.paid is None else found + float((self.paid * direction).sum())

    def _step(self, total: Floats, direction: Floats) -> float:
        """Return the step of least objective, from 0 to 1, by Newton's method kept inside a shrinking interval."""
        summed = direction.sum(axis=0)
        beyond = 0.0 if self.paid is None else float((self.paid * direction).sum())
        links = self.links

        def slope(step: float) -> tuple[float, float]:
            there = np.maximum(total + step * summed, 0.0)
            return float(links.time(there) @ summed) + beyond, float((links.slope(there) * summed) @ summed)

        low, high = 0.0, 1.0
        if slope(1.0)[0] <= 0.0:
            return 1.0
        value, steep = slope(0.0)
        step = float(np.clip(-value / steep, 0.0, 1.0)) if steep > 0.0 else 0.5
        for _round in range(40):
            value, steep = slope(step)
            if value > 0.0:
                high = step
            else:
                low = step
            following = step - value / steep if steep > 0.0 else 0.5 * (low + high)
            if not low < following < high:
                following = 0.5 * (low + high)
            if abs(following - step) < 1e-10 * max(step, 1e-4):
                break
            step = following
        return following

    def _imbalance(self, flow: Floats) -> float:
        """Return the largest error of conservation at a node, as a share of the demand."""
        links = self.links
        out = np.zeros((self.demand.classes, links.nodes))
        for row in range(self.demand.classes):
            out[row] = np.bincount(links.tail, flow[row], links.nodes) - np.bincount(links.head, flow[row], links.nodes)
        return float(np.abs(out - self.demand.balance(links.nodes)).max() / self.demand.total)
