"""The days of collection: what is planned at the start of each shift, and handed to the trucks."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import simpy

from jumeau.columns import texts
from jumeau.networks.waste.physics import planning
from jumeau.networks.waste.physics.delay import Delay, mean_delay
from jumeau.networks.waste.physics.fill import OFFSET, Waste
from jumeau.networks.waste.physics.knowledge import Knowledge
from jumeau.networks.waste.physics.state import Pool, Service, State
from jumeau.networks.waste.simulation.closures import Closures
from jumeau.networks.waste.simulation.trucks import Fleet, Task
from jumeau.randomness import Streams
from jumeau.routing import Plan, PlanCache, Travel
from jumeau.simulation.clock import HOUR
from jumeau.simulation.world import World

Event = Generator[simpy.Event, Any, None]

#: Weight of the day's rounds in the planner's idea of what a visit costs.
SMOOTHING = 0.2

#: Iterations of the planner where the scenario does not say.
LEAST_EFFORT, MOST_EFFORT = 25, 1000


class Collection:
    """The collection of one run.

    Parameters
    ----------
    state : State
    world : World
    streams : Streams

    Attributes
    ----------
    waste : Waste
    knowledge : Knowledge
    fleet : Fleet
    """

    def __init__(self, state: State, world: World, streams: Streams) -> None:
        self.state = state
        self.world = world
        self.env = world.env
        self.clock = world.clock
        self.streams = streams
        pools = [pool.containers for service in state.services for pool in service.pools]
        self.drawn = np.sort(np.concatenate(pools)) if pools else np.zeros(0, dtype=np.int64)
        self.waste = Waste(state.containers, world.clock, world.warmup, state.rates, streams, self.drawn)
        self.knowledge = Knowledge(state.containers, self.waste, state.rates, streams)
        self.late: dict[str, set[int]] = {}
        streets = [] if world.place.streets is None else texts(world.place.streets, "street_id").tolist()
        self.closures = Closures(world, state.rates["speed_extra"])
        delay = Delay(world.board, world.clock, state.rates["peak_delay"], self.waste.first, streets)
        self.fleet = Fleet(state, world, self.knowledge, delay, self._missed, self.closures.leg)
        self._visit: dict[str, float] = {}

    def start(self) -> None:
        """Register the processes."""
        self.env.process(self._close())
        for service in self.state.services:
            for pool in service.pools:
                self.env.process(self._run(service, pool))

    def _close(self) -> Event:
        """Record, at the end of the period, what has fallen in it, and what lies beside containers by then."""
        end = self.clock.duration - 1.0
        yield self.env.timeout(end - self.env.now)
        journal = self.world.journals["waste"]
        rows = self.drawn
        fallen = self.waste.volume(end, rows) - self.waste.volume(0.0, rows)
        over = self.knowledge.overflow(end, rows)
        held = self.knowledge.level(end, rows)
        for place, row in enumerate(rows):
            if over[place] > 0.0:
                journal.record(end, "overflow", int(row), float(over[place]))
            journal.record(end, "fallen", int(row), float(fallen[place]), float(held[place]))

    def _missed(self, pool: Pool, places: list[int]) -> None:
        self.late.setdefault(pool.name, set()).update(places)

    def plans(self) -> PlanCache:
        """Return the plans made so far in this process."""
        return self.world.place.memo(("waste", "plans"), PlanCache)

    def _run(self, service: Service, pool: Pool) -> Event:
        first = int(np.floor(-self.world.warmup / 86_400.0)) - 1
        if not pool.trucks or not len(pool.sites):
            return
        opens = min(self.state.trucks[row].shift[0] for row in pool.trucks)
        for day in range(first, self.clock.days):
            time = self.clock.seconds(day, opens)
            if time < self.env.now or not self._works(pool, day):
                continue
            yield self.env.timeout(time - self.env.now)
            self._send(service, pool, day)

    def _works(self, pool: Pool, day: int) -> bool:
        """Tell whether trucks may go out for a pool on a day: one of its days, or a backlog on a working day."""
        weekday = (self.clock.start.weekday() + day) % 7
        return weekday in pool.days or weekday < 5

    def _due(self, pool: Pool, day: int) -> bool:
        weekday = (self.clock.start.weekday() + day) % 7
        week = (day + self.clock.start.weekday() - weekday) // 7
        return weekday in pool.days and (week - pool.first_week) % pool.every == 0

    def _next(self, pool: Pool, day: int) -> int:
        """Return the next day on which the pool is looked at."""
        following = day + 1
        while not self._due(pool, following):
            following += 1
        return following

    def _send(self, service: Service, pool: Pool, day: int) -> None:
        """Plan the day of a pool, and send its trucks."""
        due = self._due(pool, day)
        late = self.late.pop(pool.name, set())
        if not due and not late:
            return
        if service.policy == "calendar":
            choice = planning.calendar(self.state, pool, service)
            if not due:
                kept = np.isin(choice.sites, sorted(late))
                choice = replace(choice, sites=choice.sites[kept], prize=choice.prize[kept])
        elif due:
            choice = self._chosen(service, pool, day)
        else:
            return  # a policy that looks at the fill finds them again on its next day
        if not len(choice.sites):
            return
        travel = self.closures.travel(pool)
        weekday = (self.clock.start.weekday() + day) % 7
        truck = self.state.trucks[pool.trucks[0]]
        slow = mean_delay(truck.shift, weekday if service.policy != "calendar" else 0, self.state.rates["peak_delay"])
        # A round of the calendar is that of one truck.
        whole = service.policy == "calendar"
        available = {row: 1 if whole else self.fleet.idle(row) for row in pool.trucks}
        # What a round usually finds is well known; an estimated fill leaves room for error.
        margin = 1.0 if whole else self.state.rates["body_margin"]
        problem, sites = planning.problem(self.state, pool, choice, travel, slow, available, margin=margin)
        if service.policy == "dynamic" and not planning.worthwhile(self.state, pool, problem):
            return
        effort = self.state.iterations or min(max(len(problem.stops), LEAST_EFFORT), MOST_EFFORT)
        plan = self.plans().solve(problem, 1, effort)
        self._learn(service, pool, plan, problem.stops.service)
        self._hand_out(pool, plan, sites, travel, day)
        if service.policy == "calendar":
            # What no truck has time for today, or no open street leads to, is left to the next working day.
            planned = {int(sites[stop]) for route in plan.routes for stop in route.stops}
            left = sorted(set(choice.sites.tolist()) - planned)
            for site in left:
                self.world.journals["waste"].record(self.env.now, "missed", int(pool.sites[site]), -1.0)
            if left:
                self._missed(pool, left)

    def _chosen(self, service: Service, pool: Pool, day: int) -> planning.Choice:
        following = self._next(pool, day)
        ends = max(self.state.trucks[row].shift[1] for row in pool.trucks)
        times = (float(self.env.now), self.clock.seconds(following, ends))
        return planning.chosen(self.state, pool, service, self.knowledge, times, self._visit_cost(service, pool))

    def _visit_cost(self, service: Service, pool: Pool) -> float:
        """Return what a further visit costs as the planner sees it: by the calendar at first, then by its rounds."""
        if pool.name not in self._visit:
            choice = planning.calendar(self.state, pool, service)
            problem, _sites = planning.problem(self.state, pool, choice, pool.ground.travel, 1.0, {})
            near = np.sort(problem.distance[len(_places(self.state)) :, len(_places(self.state)) :], axis=1)
            way = float(near[:, 1 : min(3, near.shape[1])].mean()) if near.shape[1] > 1 else 0.0
            truck = self.state.trucks[pool.trucks[0]]
            hour = planning.hourly_cost(truck, self.state.rates)
            work = float(problem.stops.service.mean()) if len(problem.stops) else 0.0
            self._visit[pool.name] = (
                way / 1000.0 * planning.km_cost(truck, self.state.rates)
                + (way / 1000.0 / self.state.rates["speed_other"] + work / HOUR) * hour
            )
        return self._visit[pool.name]

    def _learn(self, service: Service, pool: Pool, plan: Plan, work: Any) -> None:
        """Let the day's rounds tell what a further visit costs."""
        visits = sum(len(route.stops) for route in plan.routes)
        if service.policy != "dynamic" or not visits:
            return
        truck = self.state.trucks[pool.trucks[0]]
        hour = planning.hourly_cost(truck, self.state.rates)
        served = float(sum(work[stop] for route in plan.routes for stop in route.stops)) / HOUR
        driving = plan.duration / HOUR - served
        way = plan.distance / 1000.0 * planning.km_cost(truck, self.state.rates) + max(driving, 0.0) * hour
        told = planning.MARGINAL * way / visits + served / visits * hour
        self._visit[pool.name] += SMOOTHING * (told - self._visit[pool.name])

    def _hand_out(self, pool: Pool, plan: Plan, sites: Any, travel: Travel, day: int) -> None:
        trouble = self.streams.column("truck", "breakdown", self.state.fleet, day + OFFSET)
        midnight = self.clock.seconds(day, 0.0)
        depots = len(self.state.depots)
        for route in plan.routes:
            trips = tuple(tuple(int(sites[stop]) for stop in trip) for trip in route.trips)
            disposal = tuple(place - depots for place in route.disposal) or (-1,) * len(trips)
            # Before the shift nobody drives; the plan's own start may be later.
            start = max(midnight + route.start, float(self.env.now))
            task = Task(pool, travel, trips, disposal, start, day)
            self.env.process(self.fleet.drive(pool.trucks[route.vehicle], task, trouble))


def _places(state: State) -> list[int]:
    return list(range(len(state.depots) + len(state.disposal)))
