"""What caps leave of a day: of each service, truck and disposal site, planned and collected so far."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from jumeau.networks.waste.physics.planning import with_caps
from jumeau.networks.waste.physics.state import Cap, CollectionArea, Service, State
from jumeau.networks.waste.simulation.truck import Task
from jumeau.routing import Plan, RoutingProblem, Stops

#: What a cap is of, and which: a stream, a truck or a disposal site.
Key = tuple[str, int]

STREAM, TRUCK, DISPOSAL = "stream", "truck", "disposal"

#: Masses are sums of many small ones [kg].
_TOLERANCE = 1e-6


class Allowance:
    """The caps of one run, counted by the day of the shift.

    Crews know by radio what has been collected so far: they take no site that would go beyond a cap, whatever was
    planned. What is on board counts at the disposal site where it is to be emptied.

    Parameters
    ----------
    state : State
    """

    def __init__(self, state: State) -> None:
        self.state = state
        caps: dict[Key, Cap] = {(STREAM, item.stream): item.cap for item in state.services}
        caps |= {(DISPOSAL, row): item.cap for row, item in enumerate(state.disposal)}
        for kind in state.trucks:
            caps |= {(TRUCK, number): kind.cap for number in range(kind.first, kind.first + kind.count)}
        self._caps = {key: cap for key, cap in caps.items() if cap.limits}
        self._planned: dict[tuple[Key, int], Cap] = {}
        self._done: dict[tuple[Key, int], Cap] = {}

    def limits(self, area: CollectionArea) -> bool:
        """Tell whether any cap concerns an area."""
        keys = [(STREAM, area.stream), *((DISPOSAL, row) for row in area.disposal)]
        return any(key in self._caps for key in keys) or any(self.state.trucks[row].cap.limits for row in area.trucks)

    def limited(self, problem: RoutingProblem, area: CollectionArea, service: Service, day: int) -> RoutingProblem:
        """Return a day's problem with what the caps still leave."""
        if not self.limits(area):
            return problem
        problem = replace(problem, stops=self._each_alone(problem, area))
        intake = {row: self._left((DISPOSAL, row), day) for row in area.disposal}
        return with_caps(problem, self.state, area, self._left((STREAM, service.stream), day), intake)

    def _each_alone(self, problem: RoutingProblem, area: CollectionArea) -> Stops:
        """Return the stops with no more mass than caps let in on a day: a heavier site is the only one of its day."""
        trucks = [self.state.trucks[row].cap.mass for row in area.trucks]
        intake = [self.state.disposal[row].cap.mass for row in area.disposal]
        whole = self._caps.get((STREAM, area.stream), Cap()).mass
        most = min(whole, max(trucks, default=math.inf), max(intake, default=math.inf))
        return replace(problem.stops, load=np.minimum(problem.stops.load, [math.inf, most]))

    def _left(self, key: Key, day: int) -> Cap:
        cap = self._caps.get(key, Cap())
        planned, done = (book.get((key, day), Cap(0.0, 0.0)) for book in (self._planned, self._done))
        return Cap(
            max(cap.stops - max(planned.stops, done.stops), 0.0), max(cap.mass - max(planned.mass, done.mass), 0.0)
        )

    def plan(self, area: CollectionArea, plan: Plan, problem: RoutingProblem, rows: list[int], day: int) -> None:
        """Remember what a plan takes of the day; `rows` are those of the disposal sites by place, -1 for a depot."""
        for route in plan.routes:
            for number, trip in enumerate(route.trips):
                mass = float(problem.stops.load[list(trip), 1].sum())
                row = rows[route.disposal[number]] if route.disposal else -1
                for key in ((STREAM, area.stream), (DISPOSAL, row)):
                    self._add(self._planned, key, day, len(trip), mass)

    def fits(self, task: Task, truck: int, disposal: int, stops: int, mass: float) -> bool:
        """Tell whether a truck may collect so many sites more, and so much mass, for a disposal site (-1 for none)."""
        if not self._caps:
            return True
        for key in _keys(task, truck, disposal):
            cap = self._caps.get(key)
            done = self._done.get((key, task.day), Cap(0.0, 0.0))
            if cap is None:
                continue
            # A site that weighs more than a cap is the only one of its day, or nobody would ever come.
            heavy = done.mass + mass > cap.mass + _TOLERANCE and done.mass > 0.0
            if done.stops + stops > cap.stops or heavy or done.mass >= cap.mass:
                return False
        return True

    def count(self, task: Task, truck: int, disposal: int, stops: int, mass: float) -> None:
        """Count what a truck has collected."""
        if self._caps:
            for key in _keys(task, truck, disposal):
                self._add(self._done, key, task.day, stops, mass)

    def takes(self, disposal: int, day: int, mass: float) -> bool:
        """Count a load that was collected on another day, and tell whether the disposal site takes it on this one."""
        key = DISPOSAL, disposal
        done = self._done.get((key, day), Cap(0.0, 0.0))
        if done.mass + mass > self._caps.get(key, Cap()).mass + _TOLERANCE and done.mass > 0.0:
            return False
        self._add(self._done, key, day, 0, mass)
        return True

    def _add(self, book: dict[tuple[Key, int], Cap], key: Key, day: int, stops: int, mass: float) -> None:
        if key in self._caps:
            before = book.get((key, day), Cap(0.0, 0.0))
            book[key, day] = replace(before, stops=before.stops + stops, mass=before.mass + mass)


def _keys(task: Task, truck: int, disposal: int) -> tuple[Key, ...]:
    return (STREAM, task.area.stream), (TRUCK, truck), (DISPOSAL, disposal)


def whole_day(state: State, area: CollectionArea, service: Service, problem: RoutingProblem) -> RoutingProblem:
    """Return a day's problem with the caps of a day of which nothing is taken yet."""
    return Allowance(state).limited(problem, area, service, 0)
