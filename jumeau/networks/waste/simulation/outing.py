"""One outing of a truck: it drives, stops, lifts, fills up, empties, breaks down, rests and charges.

What the journal gets is declared in `events.csv`.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.networks.waste.physics.fuel import CARRIERS
from jumeau.networks.waste.physics.hours import TWO_DAYS, opening, site_hours
from jumeau.networks.waste.physics.site_work import halts
from jumeau.networks.waste.simulation.fleet import Fleet
from jumeau.networks.waste.simulation.truck import Task, TruckAtWork
from jumeau.simulation.clock import HOUR

Event = Generator[simpy.Event, Any, None]
Served = Generator[simpy.Event, Any, bool]

#: A crew may overrun its shift by this much, to end what it has begun.
OVERTIME = 0.5 * HOUR

#: Days of work of a truck in a year.
WORKING_DAYS = 260.0


def send(fleet: Fleet, row: int, task: Task, breakdowns: NDArray[np.float64]) -> Event:
    """Carry out a task with the next free truck of a kind.

    Parameters
    ----------
    fleet : Fleet
    row : int
        Kind of trucks.
    task : Task
    breakdowns : ndarray, shape (fleet,)
        Uniform draws of the day: which trucks break down, and when.
    """
    env = fleet.env
    if task.start > env.now:
        yield env.timeout(task.start - env.now)
    item = yield fleet.free[row].get()
    truck: TruckAtWork = item.item
    yield from Outing(fleet, truck, task).run(float(breakdowns[truck.number]))
    yield fleet.free[row].put(item)


class Outing:
    """One truck with one task.

    Parameters
    ----------
    fleet : Fleet
        With what trucks share.
    truck : TruckAtWork
    task : Task
    """

    def __init__(self, fleet: Fleet, truck: TruckAtWork, task: Task) -> None:
        self.fleet = fleet
        self.truck = truck
        self.task = task
        self.state = fleet.state
        self.env = fleet.env
        self.clock = fleet.clock
        self.left = float(fleet.env.now)
        #: Which truck of its kind.
        self._number = truck.number - truck.kind.first + 1
        self._sites = fleet.state.first_site
        #: When the truck has to be back at the latest.
        self.end = fleet.clock.seconds(task.day, truck.kind.shift[1]) + OVERTIME
        #: Where it empties next.
        self._bound = task.area.disposal[0] if task.area.disposal else -1
        #: Whether a cap ends its day.
        self._capped = False

    def _record(self, kind: str, time: float | None = None, **values: float | str) -> None:
        """Record what the truck does, now unless said."""
        when = float(self.env.now) if time is None else time
        self.fleet.journal.record(when, kind, truck=self.truck.row, number=self._number, **values)

    def run(self, draw: float) -> Event:
        """Leave, do the task, come home and charge; `draw` tells whether and when the truck breaks down."""
        env, truck, task = self.env, self.truck, self.task
        kind, disposals = truck.kind, task.area.disposal
        chance = self.state.rates["breakdown_rate"] / WORKING_DAYS
        # The smaller the draw among those that break down, the earlier in the shift.
        breaks = self.left + draw / chance * (kind.shift[1] - kind.shift[0]) * HOUR if draw < chance else np.inf
        waiting = [site for trip in task.trips for site in trip]
        if not self._may_leave():
            self._leave_over(waiting)
            return
        truck.leave()
        self._record("departure", day=task.day)
        if truck.mass > 0.0 and disposals:
            yield from self._unload(disposals[0])
        stopped = False
        for trip, disposal in zip(task.trips, task.disposal, strict=True):
            self._bound = disposal if disposal >= 0 else self._bound
            for site in trip:
                yield from self._rest()
                if env.now >= breaks:
                    self._record("breakdown")
                    stopped = True
                elif self._too_late(site) or self._too_far(site):
                    stopped = True
                if stopped:
                    break
                if (yield from self._serve(site)):
                    waiting.remove(site)
                if self._capped:
                    stopped = True
                    break
            if stopped:
                break
            if disposal >= 0:
                yield from self._unload(disposal)
        self._leave_over(waiting)
        if stopped and not truck.empty and env.now < breaks and disposals:
            yield from self._unload(self._bound)
        if stopped and env.now >= breaks and np.isfinite(breaks):
            truck.place = kind.depot  # towed; what it carries is unloaded on the next day
        else:
            yield from self._go(kind.depot)
        if not disposals and not truck.empty:
            self._emptied(-1, 0.0)
        self._record("depot_return", distance=truck.km, hours=(env.now - self.left) / HOUR)
        self._record_energy()
        if kind.electric:
            yield from self._charge()

    def _may_leave(self) -> bool:
        """Tell whether caps leave the truck anything to do, and whether what it still carries is taken in today."""
        truck, task, allowance = self.truck, self.task, self.fleet.allowance
        if not allowance.fits(task, truck.number, task.disposal[0] if task.disposal else -1, 1, 0.0):
            return False
        return not (truck.mass > 0.0 and task.area.disposal) or allowance.takes(self._bound, task.day, truck.mass)

    def _leave_over(self, sites: list[int]) -> None:
        """Record sites that are not served on this outing, and let them be planned again."""
        for site in sites:
            self._record("missed", site=int(self.task.area.sites[site]))
        if sites:
            self.fleet.missed(self.task.area, sites)

    def _record_energy(self) -> None:
        """Record what the truck has used, by phase and as it is bought: electricity at the plug."""
        kind = self.truck.kind
        scale = self.state.rates["charging_efficiency"] if kind.electric else 1.0
        for phase, amount in self.truck.spent.items():
            used = dict.fromkeys(CARRIERS.values(), 0.0) | {CARRIERS[kind.energy]: amount / scale}
            self._record("energy", phase=phase, **used)

    def _travel(self, start: int, end: int) -> tuple[float, float]:
        """Return the distance [km] and the time [s] between two locations at this time of the day."""
        travel, area = self.task.travel, self.task.area
        around = self.fleet.detour(area, start, end)
        metres, seconds = around or (float(travel.distance[start, end]), float(travel.duration[start, end]))
        # Between two sites the streets are those of the sites; a haul crosses the town.
        street = area.locations.street
        ends = (str(street[start]), str(street[end])) if min(start, end) >= self._sites else ()
        return metres / 1000.0, seconds * self.fleet.delay(float(self.env.now), ends)

    def _drive(self, location: int, phase: str) -> float:
        """Count a drive to a location, without waiting yet; return the time that it takes [s]."""
        truck = self.truck
        if truck.place == location:
            return 0.0
        km, seconds = self._travel(truck.place, location)
        truck.spend(phase, truck.use.to_work(km) if phase == "haul" else truck.use.between_stops(km))
        truck.km += km
        truck.place = location
        self._record("drive", float(self.env.now) + seconds, phase=phase, distance=km, hours=seconds / HOUR)
        return seconds

    def _go(self, location: int) -> Event:
        """Drive to a depot or a disposal site."""
        if self.truck.place != location:
            yield self.env.timeout(self._drive(location, "haul"))

    def _arrive(self, location: int) -> float:
        """Drive to a site, without waiting yet; return when the truck is there."""
        phase = "haul" if self.truck.place < self._sites else "collect"
        return float(self.env.now) + self._drive(location, phase)

    def _rest(self) -> Event:
        """Take the break once it is due."""
        truck = self.truck
        if truck.rested or self.env.now - self.left < truck.kind.break_after or truck.kind.break_time <= 0.0:
            return
        truck.rested = True
        yield self.env.timeout(truck.kind.break_time)
        self._record("break", hours=truck.kind.break_time / HOUR)

    def _back(self, place: int) -> tuple[float, float]:
        """Return the distance [km] and time [s] from a location to the depot, by a disposal site where there is one."""
        home, disposals = self.truck.kind.depot, self.task.area.disposal
        if not disposals:
            return self._travel(place, home)
        first = len(self.state.depots) + disposals[0]
        there, back = self._travel(place, first), self._travel(first, home)
        return there[0] + back[0], there[1] + back[1] + self.state.disposal[disposals[0]].unloading

    def _too_late(self, site: int) -> bool:
        there = self._sites + site
        until = float(self.env.now) + self._travel(self.truck.place, there)[1] + self._back(there)[1]
        return until > self.end

    def _too_far(self, site: int) -> bool:
        """Tell whether the battery would not bring the truck to a site and home."""
        truck = self.truck
        if not truck.kind.electric:
            return False
        there = self._sites + site
        km = self._travel(truck.place, there)[0] + self._back(there)[0]
        return truck.battery < truck.use.haul * km

    def _serve(self, site: int) -> Served:
        """Drive to a site and empty its containers; tell whether there was time.

        One wait stands for all of it, since nothing else can happen meanwhile.
        """
        env, state, fleet, truck, area = self.env, self.state, self.fleet, self.truck, self.task.area
        location, row = self._sites + site, int(area.sites[site])
        arrived = self._arrive(location)
        opens, closes = self._hours(row)
        if arrived > closes:
            yield env.timeout(arrived - env.now)
            return False
        began = max(arrived, opens)
        truck.spend("idle", truck.use.idle * (began - arrived) / HOUR)
        held = area.held[site]
        levels = [fleet.knowledge.level_of(began, container) for container in held]
        volume = sum(levels) / truck.kind.compaction
        mass = sum(level * fleet.density[container] for level, container in zip(levels, held, strict=True))
        if not fleet.allowance.fits(self.task, truck.number, self._bound, 1, mass):
            self._capped = True
            yield env.timeout(began - env.now)
            return False
        full = truck.load + volume > truck.kind.body or truck.mass + mass > truck.kind.payload
        if full and not truck.empty and area.disposal:
            # Fuller than foreseen: empty first, then come back.
            yield env.timeout(began - env.now)
            yield from self._unload(self._bound)
            if self._too_late(site):
                return False
            began = self._arrive(location)
            if began > closes:
                yield env.timeout(began - env.now)
                return False
        lifted = [(container, self._lifts(container, level)) for container, level in zip(held, levels, strict=True)]
        time = began
        for container, count in lifted:
            truck.spend("lifts", truck.use.lift * count)
            time += count * state.rates["lift_time_bin" if fleet.wheeled[container] else "lift_time_column"]
        wait = state.rates["site_time_column"]
        if state.kerbside[row]:
            stops = float(halts(sum(count for _container, count in lifted), state.rates))
            wait = state.rates["site_time_kerbside"] * stops
            # The drive to the site has counted the first of them.
            truck.spend("collect", truck.use.stop * (stops - 1.0))
        truck.spend("idle", truck.use.idle * wait / HOUR)
        time += wait
        yield env.timeout(time - env.now)
        for container, count in lifted:
            self._empty(container, count, time)
        fleet.allowance.count(self.task, truck.number, self._bound, 1, mass)
        self._record("stop", time, site=row, hours=(time - began) / HOUR)
        return True

    def _lifts(self, container: int, level: float) -> float:
        """Return how many containers of a row are lifted: of bins those that are put out, of columns all."""
        fleet = self.fleet
        count: float = fleet.count[container]
        if fleet.wheeled[container]:
            put_out = math.ceil(level / (fleet.volume[container] * self.state.rates["set_out_fill"]))
            count = min(max(put_out, 1.0), count)
        return count

    def _empty(self, container: int, count: float, time: float) -> None:
        """Take what a row of containers holds, and what lies beside them."""
        fleet, truck = self.fleet, self.truck
        beside = fleet.knowledge.overflow_of(time, container)
        if beside > 0.0:
            fleet.journal.record(time, "overflow", container=container, volume=beside)
        taken = fleet.knowledge.empty(time, container)
        truck.load += taken / truck.kind.compaction
        truck.mass += taken * fleet.density[container]
        self._record("pickup", time, container=container, volume=taken, lifts=count)

    def _hours(self, row: int) -> tuple[float, float]:
        """Return when collection of a site may begin, at the earliest and at the latest [s]."""
        first, last = site_hours(self.state, self.task.area, np.asarray([row]))
        earliest, latest = float(first[0]), float(last[0])
        return (
            self.clock.seconds(self.task.day, earliest) if earliest > 0.0 else -math.inf,
            self.clock.seconds(self.task.day, latest) if latest < TWO_DAYS else math.inf,
        )

    def _unload(self, disposal: int) -> Event:
        """Go and empty, waiting for the gate and for a bay; a truck that comes too late takes its load home."""
        env, site = self.env, self.state.disposal[disposal]
        yield from self._rest()
        yield from self._go(len(self.state.depots) + disposal)
        came = float(env.now)
        spans = [
            [self.clock.seconds(self.task.day, hour) for hour in span] for span in opening(site.opens, site.closes)
        ]
        opens = next((first for first, last in spans if came <= last), math.inf)
        # Nobody waits at a gate that opens after the shift.
        if opens > max(came, self.end - site.unloading):
            return
        if opens > came:
            yield env.timeout(opens - came)
        with self.fleet.bays[disposal].request() as bay:
            yield bay
            yield env.timeout(site.unloading)
        hours = (env.now - came) / HOUR
        self.truck.spend("idle", self.truck.use.idle * hours)
        self._emptied(disposal, hours)

    def _emptied(self, disposal: int, hours: float) -> None:
        """Empty the truck at a disposal site, or at its depot (-1) where the territory has none."""
        truck = self.truck
        self._record("unload", disposal=disposal, mass=truck.mass, hours=hours)
        truck.load = truck.mass = 0.0

    def _charge(self) -> Event:
        """Charge to the full, waiting for a charging point."""
        env, truck = self.env, self.truck
        missing = truck.kind.battery - truck.battery
        came = float(env.now)
        with self.fleet.chargers[truck.kind.depot].request() as point:
            yield point
            plug = missing / self.state.rates["charging_efficiency"]
            yield env.timeout(plug / self.state.depots[truck.kind.depot].power * HOUR)
        truck.battery = truck.kind.battery
        self._record("charge", energy=plug, hours=(env.now - came) / HOUR)
