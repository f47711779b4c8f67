"""The days of collection: what is planned at the start of each shift, and handed to the trucks."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import simpy

from jumeau.columns import texts
from jumeau.networks.waste.physics import choice, planning
from jumeau.networks.waste.physics.delay import Delay, mean_delay
from jumeau.networks.waste.physics.deposits import OFFSET, Deposits
from jumeau.networks.waste.physics.detour_cost import DetourCost
from jumeau.networks.waste.physics.knowledge import Knowledge
from jumeau.networks.waste.physics.state import CollectionArea, Service, State
from jumeau.networks.waste.simulation.allowance import Allowance
from jumeau.networks.waste.simulation.closures import Closures
from jumeau.networks.waste.simulation.fleet import Fleet
from jumeau.networks.waste.simulation.outing import send
from jumeau.networks.waste.simulation.truck import Task
from jumeau.randomness import Streams
from jumeau.routing import Plan, PlanCache, RoutingProblem, Travel, capped, in_order, servable
from jumeau.simulation.clock import DAY
from jumeau.simulation.device_upkeep import DeviceUpkeep
from jumeau.simulation.world import World

Event = Generator[simpy.Event, Any, None]

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
    deposits : Deposits
    knowledge : Knowledge
    fleet : Fleet
    """

    def __init__(self, state: State, world: World, streams: Streams) -> None:
        self.state = state
        self.world = world
        self.env = world.env
        self.clock = world.clock
        self.streams = streams
        areas = [area.containers for service in state.services for area in service.areas]
        self.drawn = np.sort(np.concatenate(areas)) if areas else np.zeros(0, dtype=np.int64)
        self.deposits = Deposits(state.containers, world.clock, world.warmup, state.rates, streams, self.drawn)
        self.knowledge = Knowledge(state.containers, self.deposits, state.rates, streams)
        #: How often in a row each site that waits was left over, by area: now, and before today.
        self.late: dict[str, dict[int, int]] = {}
        self._waited: dict[str, dict[int, int]] = {}
        streets = [] if world.place.streets is None else texts(world.place.streets, "street_id").tolist()
        self.closures = Closures(world, state.rates["speed_extra"])
        delay = Delay(world.board, world.clock, state.rates["peak_delay"], self.deposits.first, streets)
        self.allowance = Allowance(state)
        self.fleet = Fleet(state, world, self.knowledge, delay, self._missed, self.closures.detour, self.allowance)
        self._detours: dict[str, DetourCost] = {}
        #: Sites that no shift can ever serve, by area: tomorrow changes nothing.
        self._never: dict[str, set[int]] = {}
        for item in state.unserved:
            self._never.setdefault(item.area, set()).update(item.sites.tolist())

    def start(self) -> None:
        """Register the processes."""
        self.env.process(self._close())
        devices = self.state.devices
        if devices is not None:
            count = np.bincount(devices.rows, minlength=devices.size)

            def changed(row: int, silent: int) -> None:
                # The other sensors of a row of containers stand for those that are silent.
                self.knowledge.silent[row] = silent >= count[row]

            DeviceUpkeep(devices, self.world, self.streams, changed=changed).start()
        for service in self.state.services:
            for area in service.areas:
                self.env.process(self._run(service, area))

    def _close(self) -> Event:
        """Record, at the end of the period, what has fallen in it, and what lies beside containers by then."""
        end = self.clock.duration - 1.0
        yield self.env.timeout(end - self.env.now)
        journal = self.world.journals["waste"]
        rows = self.drawn
        fallen = self.deposits.volume(end, rows) - self.deposits.volume(0.0, rows)
        over = self.knowledge.overflow(end, rows)
        held = self.knowledge.level(end, rows)
        for place, row in enumerate(rows):
            container = int(row)
            if over[place] > 0.0:
                journal.record(end, "overflow", container=container, volume=float(over[place]))
            journal.record(end, "deposits", container=container, volume=float(fallen[place]), held=float(held[place]))

    def _missed(self, area: CollectionArea, places: list[int]) -> None:
        before = self._waited.get(area.name, {})
        self.late.setdefault(area.name, {}).update({place: before.get(place, 0) + 1 for place in places})

    def plans(self) -> PlanCache:
        """Return the plans made so far in this process."""
        return self.world.place.memo(("waste", "plans"), PlanCache)

    def _run(self, service: Service, area: CollectionArea) -> Event:
        first = int(np.floor(-self.world.warmup / DAY)) - 1
        if not area.trucks or not len(area.sites):
            return
        opens = min(self.state.trucks[row].shift[0] for row in area.trucks)
        for day in range(first, self.clock.days):
            time = self.clock.seconds(day, opens)
            if time < self.env.now or not self._works(area, day):
                continue
            yield self.env.timeout(time - self.env.now)
            self._send(service, area, day)

    def _weekday(self, day: int) -> int:
        return (self.clock.start.weekday() + day) % 7

    def _works(self, area: CollectionArea, day: int) -> bool:
        """Tell whether trucks may go out for an area on a day: one of its days, or a backlog on a working day."""
        weekday = self._weekday(day)
        return weekday in area.days or weekday < 5

    def _due(self, area: CollectionArea, day: int) -> bool:
        weekday = self._weekday(day)
        week = (day + self.clock.start.weekday() - weekday) // 7
        return weekday in area.days and (week - area.first_week) % area.every == 0

    def _next(self, area: CollectionArea, day: int) -> int:
        """Return the next day on which the area is looked at."""
        following = day + 1
        while not self._due(area, following):
            following += 1
        return following

    def _send(self, service: Service, area: CollectionArea, day: int) -> None:
        """Plan the day of an area, and send its trucks."""
        due = self._due(area, day)
        late = self.late.pop(area.name, {})
        if not due and not late:
            return
        self._waited[area.name] = late
        if service.policy == "calendar":
            chosen = choice.calendar(self.state, area, service)
            if not due:
                kept = np.isin(chosen.sites, sorted(late))
                chosen = replace(chosen, sites=chosen.sites[kept], prize=chosen.prize[kept])
            elif late and self.allowance.limits(area):
                # What a cap has left over comes first, or it would be left over again and again.
                waited = np.array([late.get(site, 0) for site in chosen.sites.tolist()])
                chosen = replace(chosen, prize=(1.0 + waited) * chosen.prize)
        elif due:
            chosen = self._chosen(service, area, day)
        else:
            return  # a policy that looks at the fill finds them again on its next day
        if not len(chosen.sites):
            return
        travel = self.closures.travel(area)
        truck = self.state.trucks[area.trucks[0]]
        # A round of the calendar is that of one truck.
        whole = service.policy == "calendar"
        slow = mean_delay(truck.shift, 0 if whole else self._weekday(day), self.state.rates["peak_delay"])
        available = {row: 1 if whole else self.fleet.idle(row) for row in area.trucks}
        # What a round usually finds is well known; an estimated fill leaves room for error.
        margin = 1.0 if whole else self.state.rates["body_margin"]
        problem, sites = planning.problem(self.state, area, chosen, travel, slow, available, margin=margin)
        # Nobody is sent where no truck could be back from in time, or empty its load.
        able = np.asarray(servable(problem).any(axis=0), dtype=bool)
        problem, sites = replace(problem, stops=problem.stops.only(able)), sites[able]
        never = self._never.get(area.name, set())
        if service.policy != "calendar":
            self._record_missed(area, [site for site in chosen.sites.tolist() if int(area.sites[site]) in never])
        if service.policy == "dynamic" and not planning.worthwhile(self.state, area, problem):
            return
        problem = self.allowance.limited(problem, area, service, day)
        plan = self._plan(area, problem, sites, late).carried_out()
        if service.policy != "calendar":
            self._record_missed(area, [int(sites[stop]) for stop in plan.capped])
        if service.policy == "dynamic":
            self._detour(service, area).learn(plan, problem.stops.service)
        rows = [row for _place, row in planning.facilities(self.state, area)]
        self.allowance.plan(area, plan, problem, rows, day)
        self._hand_out(area, plan, sites, travel, day)
        if service.policy == "calendar":
            # What no truck has time for today, or no open street leads to, is left to the next working day.
            planned = {int(sites[stop]) for route in plan.routes for stop in route.stops}
            left = sorted(set(chosen.sites.tolist()) - planned)
            self._record_missed(area, left)
            if again := [site for site in left if int(area.sites[site]) not in never]:
                self._missed(area, again)

    def _plan(self, area: CollectionArea, problem: RoutingProblem, sites: Any, late: dict[int, int]) -> Plan:
        """Return the day's plan: in the order of today where the territory states one, else the best one found."""
        if area.order:
            rank = np.argsort(area.order)[sites]
            order = np.argsort(rank)
            plan = in_order(problem, order.tolist())
            waited = np.array([late.get(site, 0) for site in sites.tolist()], dtype=np.int64)
            served = [stop for route in plan.routes for stop in route.stops]
            if (waited > 0).sum() > (waited[served] > 0).sum():
                # Whoever cannot serve all begins with what the last rounds have left.
                plan = in_order(problem, np.lexsort((rank, -waited)).tolist())
            return plan
        effort = self.state.iterations or math.ceil(
            min(max(len(problem.stops), LEAST_EFFORT), MOST_EFFORT) * self.state.iterations_per_site
        )
        return capped(problem, lambda asked: self.plans().solve(asked, 1, effort))

    def _record_missed(self, area: CollectionArea, sites: list[int]) -> None:
        """Record sites that nobody is sent to although they were to be collected."""
        for site in sites:
            self.world.journals["waste"].record(self.env.now, "missed", site=int(area.sites[site]), truck=-1, number=0)

    def _chosen(self, service: Service, area: CollectionArea, day: int) -> choice.Choice:
        following = self._next(area, day)
        ends = max(self.state.trucks[row].shift[1] for row in area.trucks)
        times = (float(self.env.now), self.clock.seconds(following, ends))
        return choice.chosen(self.state, area, service, self.knowledge, times, self._detour(service, area).value)

    def _detour(self, service: Service, area: CollectionArea) -> DetourCost:
        if area.name not in self._detours:
            self._detours[area.name] = DetourCost(self.state, service, area)
        return self._detours[area.name]

    def _hand_out(self, area: CollectionArea, plan: Plan, sites: Any, travel: Travel, day: int) -> None:
        breakdowns = self.streams.column("truck", "breakdown", self.state.fleet, day + OFFSET)
        midnight = self.clock.seconds(day, 0.0)
        rows = [row for _place, row in planning.facilities(self.state, area)]
        for route in plan.routes:
            trips = tuple(tuple(int(sites[stop]) for stop in trip) for trip in route.trips)
            disposal = tuple(rows[place] for place in route.disposal) or (-1,) * len(trips)
            # Before the shift nobody drives; the plan's own start may be later.
            start = max(midnight + route.start, float(self.env.now))
            task = Task(area, travel, trips, disposal, start, day)
            self.env.process(send(self.fleet, area.trucks[route.vehicle], task, breakdowns))
