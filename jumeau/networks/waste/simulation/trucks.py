"""Trucks at work: they drive, stop, lift, fill up, empty, break down, rest and charge.

Events of the journal:

=================== ====================== ============================ ================================
kind                asset                  first                        second
=================== ====================== ============================ ================================
`leave`             truck                  row of the kind              calendar day
`haul`, `collect`   truck                  way [km]                     duration [h]
`stop`              site                   truck                        time at the site [h]
`pickup`            row of the containers  volume taken [l]             lifts
`overflow`          row of the containers  volume beside them [l]       0
`fallen`            row of the containers  volume of the period [l]     volume held at its end [l]
`unload`            truck                  row of the disposal site     waiting and unloading [h]
`dumped`            row of the site        mass [kg]                    truck
`pause`             truck                  duration [h]                 0
`breakdown`         truck                  row of the kind              0
`missed`            site                   truck                        0
`energy:<phase>`    row of the kind        use of the day               truck
`home`              truck                  duty of the day [h]          way of the day [km]
`charge`            truck                  energy at the plug [kWh]     waiting and charging [h]
=================== ====================== ============================ ================================

`asset` of `unload` at the depot, where a territory has no disposal site, comes with `first` -1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.networks.waste.physics.delay import Delay
from jumeau.networks.waste.physics.fuel import PHASES, Consumption, consumption
from jumeau.networks.waste.physics.knowledge import Knowledge
from jumeau.networks.waste.physics.planning import halts, reach
from jumeau.networks.waste.physics.state import Pool, State, Truck
from jumeau.routing import Travel
from jumeau.simulation.clock import HOUR
from jumeau.simulation.journal import Journal
from jumeau.simulation.world import World

Event = Generator[simpy.Event, Any, None]
Served = Generator[simpy.Event, Any, bool]

#: A crew may overrun its shift by this much, to end what it has begun.
OVERTIME = 0.5 * HOUR


@dataclass(frozen=True)
class Task:
    """What a truck is to do on a day.

    Attributes
    ----------
    pool : Pool
    travel : Travel
        Of the pool's ground, as streets are open.
    trips : tuple of tuple of int
        Places in the pool's sites, between two unloadings.
    disposal : tuple of int
        Row of the disposal site at the end of each trip, -1 for none.
    start : float
        [s].
    day : int
    """

    pool: Pool
    travel: Travel
    trips: tuple[tuple[int, ...], ...]
    disposal: tuple[int, ...]
    start: float
    day: int


@dataclass
class TruckAtWork:
    """One truck: what it carries, and what it has used today."""

    number: int
    row: int
    kind: Truck
    use: Consumption
    load: float = 0.0
    mass: float = 0.0
    battery: float = 0.0
    place: int = 0
    km: float = 0.0
    worked: float = 0.0
    rested: bool = False
    spent: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PHASES, 0.0))

    def spend(self, phase: str, amount: float) -> None:
        """Count an energy use."""
        self.spent[phase] += amount
        self.battery -= amount

    @property
    def empty(self) -> bool:
        """Whether there is nothing on board."""
        return self.load <= 0.0


class Fleet:
    """The trucks of one run, their disposal bays and chargers.

    Parameters
    ----------
    state : State
    world : World
    knowledge : Knowledge
        Told of each collection.
    delay : Delay
    missed : callable
        Told of sites that a truck could not serve: pool, places.
    leg : callable
        Pool and two places -> distance [m] and time [s] of a way round what is closed now; None where nothing is.
    """

    def __init__(
        self,
        state: State,
        world: World,
        knowledge: Knowledge,
        delay: Delay,
        missed: Callable[[Pool, list[int]], None],
        leg: Callable[[Pool, int, int], tuple[float, float] | None],
    ) -> None:
        self.state = state
        self.env = world.env
        self.clock = world.clock
        self.knowledge = knowledge
        self.journal: Journal = world.journals["waste"]
        self.delay = delay
        self.missed = missed
        self.leg = leg
        self.bays = [simpy.Resource(self.env, item.bays) for item in state.disposal]
        self.chargers = [simpy.Resource(self.env, max(item.chargers, 1)) for item in state.depots]
        self.free: list[simpy.PriorityStore] = []
        for row, kind in enumerate(state.trucks):
            store = simpy.PriorityStore(self.env)
            use = consumption(kind.energy, state.rates)
            for number in range(kind.first, kind.first + kind.count):
                truck = TruckAtWork(number, row, kind, use, battery=kind.battery, place=kind.depot)
                store.put(simpy.PriorityItem(number, truck))
            self.free.append(store)
        owned = state.containers
        # Plain numbers: a truck reads them container by container.
        self._density = owned.density.tolist()
        self._wheeled = owned.wheeled.tolist()
        self._volume = owned.volume.tolist()
        self._count = np.maximum(np.round(owned.capacity / owned.volume), 1.0).tolist()

    def idle(self, row: int) -> int:
        """Return how many trucks of a kind stand in the depot."""
        return len(self.free[row].items)

    def drive(self, row: int, task: Task, trouble: NDArray[np.float64]) -> Event:
        """Carry out a task with the next free truck of a kind.

        Parameters
        ----------
        row : int
            Kind of trucks.
        task : Task
        trouble : ndarray, shape (fleet,)
            Uniform draws of the day: which trucks break down, and when.
        """
        if task.start > self.env.now:
            yield self.env.timeout(task.start - self.env.now)
        item = yield self.free[row].get()
        truck: TruckAtWork = item.item
        yield from self._day(truck, task, float(trouble[truck.number]))
        yield self.free[row].put(item)

    def _day(self, truck: TruckAtWork, task: Task, draw: float) -> Event:
        env, state, kind = self.env, self.state, truck.kind
        left = float(env.now)
        end = self.clock.seconds(task.day, kind.shift[1]) + OVERTIME
        chance = state.rates["breakdown_rate"] / 260.0
        # The smaller the draw among those that break down, the earlier in the shift.
        breaks = left + draw / chance * (kind.shift[1] - kind.shift[0]) * HOUR if draw < chance else np.inf
        truck.km, truck.rested, truck.place = 0.0, False, kind.depot
        truck.spent = dict.fromkeys(PHASES, 0.0)
        self.journal.record(env.now, "leave", truck.number, truck.row, task.day)
        waiting = [site for trip in task.trips for site in trip]
        if truck.mass > 0.0 and task.pool.disposal:
            yield from self._unload(truck, task, task.pool.disposal[0], left)
        stopped = False
        for trip, disposal in zip(task.trips, task.disposal, strict=True):
            for site in trip:
                if not truck.rested:
                    yield from self._rest(truck, left)
                if env.now >= breaks:
                    self.journal.record(env.now, "breakdown", truck.number, truck.row)
                    stopped = True
                elif self._too_late(truck, task, site, end) or self._too_far(truck, task, site):
                    stopped = True
                if stopped:
                    break
                if (yield from self._serve(truck, task, site, left, end)):
                    waiting.remove(site)
            if stopped:
                break
            if disposal >= 0:
                yield from self._unload(truck, task, disposal, left)
        for site in waiting:
            self.journal.record(env.now, "missed", int(task.pool.sites[site]), truck.number)
        if waiting:
            self.missed(task.pool, waiting)
        if stopped and not truck.empty and env.now < breaks and task.pool.disposal:
            yield from self._unload(truck, task, task.pool.disposal[0], left)
        if stopped and env.now >= breaks and np.isfinite(breaks):
            truck.place = kind.depot  # towed; what it carries is unloaded on the next day
        else:
            yield from self._go(truck, task, kind.depot, "haul")
        if not task.pool.disposal and not truck.empty:
            self._emptied(truck, -1)
        self.journal.record(env.now, "home", truck.number, (env.now - left) / HOUR, truck.km)
        for phase in PHASES:
            self.journal.record(env.now, f"energy:{phase}", truck.row, truck.spent[phase], truck.number)
        if kind.energy == "electric":
            yield from self._charge(truck)

    def _location(self, site: int) -> int:
        return len(self.state.depots) + len(self.state.disposal) + site

    def _way(self, task: Task, start: int, end: int) -> tuple[float, float]:
        """Return the distance [km] and the time [s] of a way at this time of the day."""
        round_ = self.leg(task.pool, start, end)
        metres, seconds = round_ or (float(task.travel.distance[start, end]), float(task.travel.duration[start, end]))
        # Between two sites the streets are those of the sites; a haul crosses the town.
        street = task.pool.ground.street
        ends = (str(street[start]), str(street[end])) if min(start, end) >= self._location(0) else ()
        return metres / 1000.0, seconds * self.delay(float(self.env.now), ends)

    def _go(self, truck: TruckAtWork, task: Task, location: int, phase: str) -> Event:
        if truck.place == location:
            return
        km, seconds = self._way(task, truck.place, location)
        truck.spend(phase, truck.use.way(km) if phase == "haul" else truck.use.leg(km))
        truck.km += km
        truck.place = location
        yield self.env.timeout(seconds)
        self.journal.record(self.env.now, phase, truck.number, km, seconds / HOUR)

    def _rest(self, truck: TruckAtWork, left: float) -> Event:
        if truck.rested or self.env.now - left < truck.kind.break_after or truck.kind.break_time <= 0.0:
            return
        truck.rested = True
        yield self.env.timeout(truck.kind.break_time)
        self.journal.record(self.env.now, "pause", truck.number, truck.kind.break_time / HOUR)

    def _back(self, truck: TruckAtWork, task: Task, place: int) -> tuple[float, float]:
        """Return the way [km] and time [s] from a place to the depot, by a disposal site where there is one."""
        home = truck.kind.depot
        if not task.pool.disposal:
            return self._way(task, place, home)
        first = len(self.state.depots) + task.pool.disposal[0]
        there, back = self._way(task, place, first), self._way(task, first, home)
        return there[0] + back[0], there[1] + back[1] + self.state.disposal[task.pool.disposal[0]].unloading

    def _too_late(self, truck: TruckAtWork, task: Task, site: int, end: float) -> bool:
        there = self._location(site)
        until = float(self.env.now) + self._way(task, truck.place, there)[1] + self._back(truck, task, there)[1]
        return until > end

    def _too_far(self, truck: TruckAtWork, task: Task, site: int) -> bool:
        """Tell whether the battery would not bring the truck to a site and home."""
        if not np.isfinite(reach(truck.kind, self.state.rates)):
            return False
        there = self._location(site)
        km = self._way(task, truck.place, there)[0] + self._back(truck, task, there)[0]
        return truck.battery < truck.use.haul * km

    def _serve(self, truck: TruckAtWork, task: Task, site: int, left: float, end: float) -> Served:
        """Drive to a site and empty its containers; tell whether there was time.

        One wait stands for all of it, since nothing else can happen meanwhile.
        """
        env, state, pool = self.env, self.state, task.pool
        location, row = self._location(site), int(pool.sites[site])
        arrived = self._arrive(truck, task, location)
        opens, closes = self._hours(task.day, row)
        if arrived > closes:
            yield env.timeout(arrived - env.now)
            return False
        began = max(arrived, opens)
        truck.spend("idle", truck.use.idle * (began - arrived) / HOUR)
        rates, owned = state.rates, state.containers
        held = pool.held[site]
        levels = [self.knowledge.level_of(began, container) for container in held]
        volume = sum(levels) / truck.kind.compaction
        mass = sum(level * self._density[container] for level, container in zip(levels, held, strict=True))
        full = truck.load + volume > truck.kind.body or truck.mass + mass > truck.kind.payload
        if full and not truck.empty and pool.disposal:
            # Fuller than foreseen: empty first, then come back.
            yield env.timeout(began - env.now)
            yield from self._unload(truck, task, pool.disposal[0], left)
            if self._too_late(truck, task, site, end):
                return False
            began = self._arrive(truck, task, location)
            if began > closes:
                yield env.timeout(began - env.now)
                return False
        counts = []
        time = began
        for container, level in zip(held, levels, strict=True):
            wheeled = self._wheeled[container]
            count = self._count[container]
            if wheeled:
                put_out = math.ceil(level / (self._volume[container] * rates["set_out_fill"]))
                count = min(max(put_out, 1.0), count)
            truck.spend("lifts", truck.use.lift * count)
            time += count * rates["lift_time_bin" if wheeled else "lift_time_column"]
            counts.append((container, count))
        wait = rates["site_time_column"]
        if state.kerbside[row]:
            stops = float(halts(sum(count for _container, count in counts), rates))
            wait = rates["site_time_kerbside"] * stops
            # The way to the site has counted the first of them.
            truck.spend("collect", truck.use.stop * (stops - 1.0))
        truck.spend("idle", truck.use.idle * wait / HOUR)
        time += wait
        yield env.timeout(time - env.now)
        for container, count in counts:
            beside = self.knowledge.overflow_of(time, container)
            if beside > 0.0:
                self.journal.record(time, "overflow", container, beside)
            taken = self.knowledge.empty(time, container)
            truck.load += taken / truck.kind.compaction
            truck.mass += taken * float(owned.density[container])
            self.journal.record(time, "pickup", container, taken, count)
        self.journal.record(time, "stop", row, truck.number, (time - began) / HOUR)
        return True

    def _hours(self, day: int, row: int) -> tuple[float, float]:
        """Return when collection of a site may begin, at the earliest and at the latest [s]."""
        earliest, latest = float(self.state.earliest[row]), float(self.state.latest[row])
        return (
            self.clock.seconds(day, earliest) if earliest > 0.0 else -math.inf,
            self.clock.seconds(day, latest) if latest < 24.0 else math.inf,
        )

    def _arrive(self, truck: TruckAtWork, task: Task, location: int) -> float:
        """Drive to a site, without waiting yet; return when the truck is there."""
        if truck.place == location:
            return float(self.env.now)
        places = len(self.state.depots) + len(self.state.disposal)
        phase = "haul" if truck.place < places else "collect"
        km, seconds = self._way(task, truck.place, location)
        truck.spend(phase, truck.use.way(km) if phase == "haul" else truck.use.leg(km))
        truck.km += km
        truck.place = location
        arrived = float(self.env.now) + seconds
        self.journal.record(arrived, phase, truck.number, km, seconds / HOUR)
        return arrived

    def _unload(self, truck: TruckAtWork, task: Task, disposal: int, left: float) -> Event:
        """Go and empty, waiting for the gate and for a bay; a truck that comes too late takes its load home."""
        env, site = self.env, self.state.disposal[disposal]
        yield from self._rest(truck, left)
        yield from self._go(truck, task, len(self.state.depots) + disposal, "haul")
        came = float(env.now)
        opens, closes = (self.clock.seconds(task.day, hour) for hour in (site.opens, site.closes))
        if env.now > closes:
            return
        if opens > env.now:
            yield env.timeout(opens - env.now)
        with self.bays[disposal].request() as bay:
            yield bay
            yield env.timeout(site.unloading)
        waited = (env.now - came) / HOUR
        truck.spend("idle", truck.use.idle * waited)
        self.journal.record(env.now, "unload", truck.number, disposal, waited)
        self._emptied(truck, disposal)

    def _emptied(self, truck: TruckAtWork, disposal: int) -> None:
        self.journal.record(self.env.now, "dumped", disposal, truck.mass, truck.number)
        truck.load = truck.mass = 0.0

    def _charge(self, truck: TruckAtWork) -> Event:
        """Charge to the full, waiting for a charging point."""
        env, depot = self.env, self.state.depots[truck.kind.depot]
        missing = truck.kind.battery - truck.battery
        came = float(env.now)
        with self.chargers[truck.kind.depot].request() as point:
            yield point
            plug = missing / self.state.rates["charging_efficiency"]
            yield env.timeout(plug / depot.power * HOUR)
        truck.battery = truck.kind.battery
        self.journal.record(env.now, "charge", truck.number, plug, (env.now - came) / HOUR)
