"""The collection of one area rehearsed, plan by plan and without mishaps: what a way to value visits leads to.

A rehearsal is what a planner may do at a desk: deposits are drawn from the law that it believes in, on days of its own,
rounds are planned by the same code as in a run, and trucks carry them out to the minute. Two ways to value visits meet
the same deposits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from jumeau.networks.waste.physics import choice, planning
from jumeau.networks.waste.physics.costs import hourly_cost, km_cost
from jumeau.networks.waste.physics.delay import mean_delay
from jumeau.networks.waste.physics.deposits import Deposits
from jumeau.networks.waste.physics.detour_cost import DetourCost
from jumeau.networks.waste.physics.knowledge import Knowledge
from jumeau.networks.waste.physics.state import CollectionArea, Prize, Service, State
from jumeau.networks.waste.simulation.allowance import whole_day
from jumeau.randomness import Streams
from jumeau.routing import Plan, capped, servable, solve
from jumeau.simulation.clock import DAY, HOUR, Clock

#: Seed of the deposits of rehearsals, which no run ever meets since their streams bear another name than its own.
SEED, NAME = 1, "waste rehearsal"

#: Fill of containers when they are emptied, from which rehearsals start: a settled state is at hand sooner.
SETTLED_FILL = 0.8

#: Times that a container fills up before the rehearsal counts, and while it does; days in both, at least and at most.
BEFORE, DURING, LEAST, MOST = 1.0, 2.0, 7, 84

#: Visits that all replications should hold, so that one overflow does not decide; most replications.
VISITS, REPLICATIONS = 1000, 4

#: Iterations of the planner in rehearsals: ways to value visits are compared, not rounds.
LEAST_EFFORT, MOST_EFFORT = 25, 100


@dataclass(frozen=True)
class Rehearsed:
    """What came of some rehearsals, added up.

    Attributes
    ----------
    cost : float
        Of driving and of crews [EUR].
    distance : float
        [km].
    visits, overflows : int
    beside, volume, taken : float
        Waste that found no room, all that was thrown in, and all that was collected [l].
    """

    cost: float = 0.0
    distance: float = 0.0
    visits: int = 0
    overflows: int = 0
    beside: float = 0.0
    volume: float = 0.0
    taken: float = 0.0

    @property
    def price(self) -> float:
        """Cost of what is thrown in [EUR/l]: that of what was collected, whether more or less than that was."""
        return self.cost / self.taken if self.taken > 0.0 else math.inf

    @property
    def service(self) -> float:
        """Share of the waste that found room."""
        return 1.0 - self.beside / self.volume if self.volume > 0.0 else 1.0

    def __add__(self, other: Rehearsed) -> Rehearsed:
        """Return both added up."""
        return Rehearsed(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


class Tally:
    """What came of one replication, container by container; shapes (containers,), all of the state's.

    Attributes
    ----------
    visits, overflows : ndarray
        Times that it was emptied, and that it was found overflowing or overflows at the end.
    detour : float
        What the way to a further visit costs, as the planner sees it at the end [EUR].
    """

    def __init__(self, size: int) -> None:
        self.visits, self.overflows = np.zeros(size), np.zeros(size)
        self.detour = 0.0


class Rehearsal:
    """Rehearsals of one area.

    Parameters
    ----------
    state : State
    service : Service
    area : CollectionArea
        With trucks and sites.
    clock : Clock
        Of the run: rehearsals begin on its first day.
    days, replications : int, optional
        In place of what decides between two ways to value visits, where more has to be told apart.

    Attributes
    ----------
    warmup, days : int
        Before counting, and while counting [day].
    replications : int
    """

    def __init__(
        self,
        state: State,
        service: Service,
        area: CollectionArea,
        clock: Clock,
        *,
        days: int | None = None,
        replications: int | None = None,
    ) -> None:
        self.state, self.service, self.area = state, service, area
        rows = area.containers
        inflow = np.maximum(state.containers.inflow[rows], 1e-9)
        filling = float(np.median(state.containers.capacity[rows] / inflow)) * SETTLED_FILL
        self.warmup = _weeks(BEFORE * filling)
        self.days = days or _weeks(filling * min(DURING, VISITS / max(len(area.sites), 1)))
        self.clock = replace(clock, end=clock.start + timedelta(days=self.days - 1))
        visits = len(area.sites) * self.days / filling
        self.replications = replications or int(np.clip(np.ceil(VISITS / max(visits, 1.0)), 1, REPLICATIONS))
        self.effort = int(np.clip(len(area.sites), LEAST_EFFORT, MOST_EFFORT))
        trucks = [state.trucks[row] for row in area.trucks]
        self.opens = min(truck.shift[0] for truck in trucks)
        self.ends = max(truck.shift[1] for truck in trucks)
        weekday = clock.start.weekday()
        last = self.days + 14  # the day after the last one has a next one too
        self.calendar = [day for day in range(-self.warmup, last) if (weekday + day) % 7 in area.days]
        self._deposits: dict[int, Deposits] = {}

    def run(self, prize: Prize, target: float | None = None) -> Rehearsed:
        """Return what a way to value visits leads to, all replications together.

        Parameters
        ----------
        prize : Prize
        target : float, optional
            Share of the waste that has to find room: once that is out of reach, the rehearsal ends, and what it found
            until then is returned; its service lies below the target.
        """
        found, most = Rehearsed(), math.inf
        if target is not None:
            last = self.clock.duration - 1.0
            most = (1.0 - target) * sum(self._volume(number, last) for number in range(self.replications))
        for number in range(self.replications):
            found += self._one(replace(self.service, prize=prize), number, most=most - found.beside)
            if found.beside > most:
                break
        return found

    def tallies(self, prize: Prize) -> list[Tally]:
        """Return what a way to value visits leads to, by container, one tally a replication."""
        found = [Tally(len(self.state.containers)) for _number in range(self.replications)]
        for number, tally in enumerate(found):
            self._one(replace(self.service, prize=prize), number, tally)
        return found

    def _thrown_in(self, number: int) -> Deposits:
        """Return the deposits of a replication, which all ways to value visits meet."""
        if number not in self._deposits:
            streams, state = Streams(SEED, number, NAME), self.state
            self._deposits[number] = Deposits(
                state.containers, self.clock, self.warmup * DAY, state.rates, streams, self.area.containers
            )
        return self._deposits[number]

    def _volume(self, number: int, end: float) -> float:
        """Return what is thrown in from the day on that counts until a time [l]."""
        deposits, rows = self._thrown_in(number), self.area.containers
        return float((deposits.volume(end, rows) - deposits.volume(0.0, rows)).sum())

    def _one(self, service: Service, number: int, tally: Tally | None = None, most: float = math.inf) -> Rehearsed:
        """Return what one replication leads to; it ends where more than `most` [l] finds no room."""
        state, area, rows = self.state, self.area, self.area.containers
        streams = Streams(SEED, number, NAME)
        deposits = self._thrown_in(number)
        rates = state.rates | {"calendar_fill": SETTLED_FILL}
        knowledge = Knowledge(state.containers, deposits, rates, streams)
        detour = DetourCost(state, service, area)
        found = Rehearsed()
        for day, following in zip(self.calendar, self.calendar[1:], strict=False):
            if day >= self.days:
                break
            times = self.clock.seconds(day, self.opens), self.clock.seconds(following, self.ends)
            chosen = choice.chosen(state, area, service, knowledge, times, detour.value)
            done = self._plan(chosen, day)
            if done is None:
                continue
            plan, sites, work = done
            detour.learn(plan, work)
            lived = self._live(plan, sites, day, knowledge, tally)
            if day >= 0:
                found += lived
            if found.beside > most:
                return found + Rehearsed(volume=self._volume(number, self.clock.seconds(day + 1, 0.0)))
        end = self.clock.duration - 1.0
        over = knowledge.overflow(end, rows)
        if tally is not None:
            tally.overflows[rows] += over > 0.0
            tally.detour = detour.value
        return found + Rehearsed(
            overflows=int((over > 0.0).sum()), beside=float(over.sum()), volume=self._volume(number, end)
        )

    def _plan(self, chosen: choice.Choice, day: int) -> tuple[Plan, choice.Ints, choice.Floats] | None:
        """Return the day's rounds, the site of each stop and the time at it; None where nobody goes out."""
        state, area = self.state, self.area
        if not len(chosen.sites):
            return None
        slow = mean_delay(
            state.trucks[area.trucks[0]].shift, (self.clock.start.weekday() + day) % 7, state.rates["peak_delay"]
        )
        problem, sites = planning.problem(
            state, area, chosen, area.locations.travel, slow, {}, margin=state.rates["body_margin"]
        )
        able = np.asarray(servable(problem).any(axis=0), dtype=bool)
        problem, sites = replace(problem, stops=problem.stops.only(able)), sites[able]
        if not planning.worthwhile(state, area, problem):
            return None
        problem = whole_day(state, area, self.service, problem)
        plan = capped(problem, lambda asked: solve(asked, 1, self.effort))
        return plan.carried_out(), sites, problem.stops.service

    def _live(
        self, plan: Plan, sites: choice.Ints, day: int, knowledge: Knowledge, tally: Tally | None = None
    ) -> Rehearsed:
        """Empty what is planned, each stop in its turn and evenly over the round."""
        rates, midnight = self.state.rates, self.clock.seconds(day, 0.0)
        found = Rehearsed()
        for route in plan.routes:
            truck = self.state.trucks[self.area.trucks[route.vehicle]]
            beside, taken = [], 0.0
            for turn, stop in enumerate(route.stops, start=1):
                time = midnight + route.start + route.duration * turn / (len(route.stops) + 1)
                for container in self.area.held[int(sites[stop])]:
                    beside.append(knowledge.overflow_of(time, container))
                    if tally is not None and day >= 0:
                        tally.visits[container] += 1.0
                        tally.overflows[container] += beside[-1] > 0.0
                    taken += knowledge.empty(time, container)
            cost = route.distance / 1000.0 * km_cost(truck, rates) + route.duration / HOUR * hourly_cost(truck, rates)
            over = sum(volume > 0.0 for volume in beside)
            found += Rehearsed(cost, route.distance / 1000.0, len(route.stops), over, sum(beside), taken=taken)
        return found


def _weeks(days: float) -> int:
    """Return whole weeks that hold so many days, within bounds [day]."""
    return int(np.clip(7 * np.ceil(days / 7.0), LEAST, MOST))
