"""What happens in the streets during a run: hours of traffic, closures, parking, charging."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.day import day_scale, hour_starts
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.state import State
from jumeau.networks.mobility.physics.totals import at_scale, delays
from jumeau.networks.mobility.simulation.charging import Charging
from jumeau.networks.mobility.simulation.detours import Detours
from jumeau.networks.mobility.simulation.drivers import drivers_of
from jumeau.networks.mobility.simulation.parking import ParkingDay, parking_day, shown_wrongly
from jumeau.randomness import Streams
from jumeau.simulation.board import CLOSED, DELAY, EVERYWHERE, STREETS
from jumeau.simulation.clock import HOUR
from jumeau.simulation.delivery import FAMILY, PLACE
from jumeau.simulation.device_upkeep import DeviceUpkeep
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Event = Generator[simpy.Event, Any, None]


def day_scales(state: State, world: World, streams: Streams) -> Floats:
    """Return the traffic of each calendar day over that of a mean day, shape (days,)."""
    clock, values = world.clock, state.values
    rng = streams.generator("day", "traffic")
    chance = np.exp(values["daily_variation"] * rng.standard_normal(clock.days) - 0.5 * values["daily_variation"] ** 2)
    found = np.zeros(clock.days)
    for day in range(clock.days):
        date = clock.start + timedelta(days=day)
        found[day] = day_scale(values, date.weekday(), date.month - 1, holiday=clock.is_holiday(day))
    return found * chance


def hours_of(world: World) -> Floats:
    """Return the seconds at which hours start, shape (days, 24), computed once for all runs."""
    found: Floats = world.place.memo(("mobility", "hours"), lambda: hour_starts(world.clock))
    return found


def followed_days(days: int, wanted: int, offset: float) -> list[int]:
    """Return the days whose parking is followed: evenly spread, from a start that chance decides."""
    count = min(wanted, days)
    return sorted({int((number + offset) * days / count) for number in range(count)}) if count else []


class Mobility:
    """The processes of one run; what the journal gets is declared in `events.csv`."""

    def __init__(self, state: State, world: World, streams: Streams) -> None:
        self.state = state
        self.world = world
        self.streams = streams
        self.journal = world.journals["mobility"]
        self.devices = None if state.devices is None else DeviceUpkeep(state.devices, world, streams)

    def start(self) -> None:
        """Register everything."""
        world, state = self.world, self.state
        scales = day_scales(state, world, self.streams)
        for day, scale in enumerate(scales):
            self.journal.record(0.0, "traffic", day=day, scale=float(scale))
        if state.supply is not None:
            detours = Detours(state, world, scales)
            world.board.listen(CLOSED, detours.on_closure)
            world.env.process(self._close(detours))
        if state.radio is not None:
            state.radio.announce(world.board, "mobility.parking_sensor")
        if self.devices is not None:
            self.devices.start()
        if len(state.blocks) and state.parking_days:
            offset = float(self.streams.column("parking", "days", 1)[0])
            for day in followed_days(world.clock.days, state.parking_days, offset):
                world.env.process(self._parking(day, float(scales[day])))
        Charging(state, world, self.streams, self._fleet_energy(), hours_of(world)).start()

    def _fleet_energy(self) -> float:
        """Return the electricity of a municipal vehicle on a day of work [kWh], at the speed of town traffic."""
        taken = rates(self.state.values, 1.0).at("car", np.array([self.state.values["fleet_speed"]]))
        return float(taken[2, 0]) * self.state.fleet.distance

    def announce(self) -> None:
        """Say on the board, hour by hour, how much longer than on empty streets travel takes."""
        world, state = self.world, self.state
        if state.supply is None:
            return
        scales = day_scales(state, world, self.streams)
        starts = hours_of(world)
        late_by = delays(at_scale(state.table, scales / state.workday))
        # Nobody feels a thousandth: traces of a measure do not change the order of the day.
        told = np.round(late_by, 2).ravel().tolist()
        # On the day that clocks go forward, an hour that does not exist starts with the next one.
        times = np.maximum(np.maximum.accumulate(starts.ravel()), 0.0).tolist()
        world.board.schedule(DELAY, EVERYWHERE, times, told)
        world.board.schedule(STREETS, EVERYWHERE, times, [*state.street_delay] * world.clock.days)

    def _close(self, detours: Detours) -> Event:
        """Account for what is still closed at the end."""
        yield self.world.env.timeout(max(self.world.clock.duration - 1.0 - self.world.env.now, 0.0))
        detours.finish(self.world.env.now)

    def _parking(self, day: int, scale: float) -> Event:
        world, state = self.world, self.state
        clock = world.clock
        yield world.env.timeout(max(clock.seconds(day, 0.0) - world.env.now, 0.0))
        rng = self.streams.generator("parking", "drivers", day)
        # Prices hold on days of work and Saturdays.
        charged = clock.working_day(day, (0, 1, 2, 3, 4, 5))
        midnight = world.env.now
        # Whoever still looks for a space at midnight belongs to the day.
        left = max(clock.seconds(day + 1, 0.0) - midnight - 1.0, 0.0)
        # Nobody else of the run meets the drivers of a day: they are followed at once, and told of when it ends.
        made = parking_day(
            state.blocks,
            drivers_of(state.blocks, scale, state.values, rng),
            state.values,
            charged=charged,
            error=self._error(midnight),
            midnight=midnight,
            until=midnight + left,
        )
        yield world.env.timeout(left)
        self._record(made, day)

    def _error(self, time: float) -> Floats | None:
        """Return the share of the spaces of each block that are shown wrongly; None where every sensor is heard."""
        state, devices = self.state, self.devices
        arrives = np.ones(len(state.blocks))
        if state.radio is not None:
            arrives = state.radio.share(time, self.streams.column(FAMILY, PLACE, len(state.blocks)))
        elif devices is None or not devices.silent.any():
            return None
        silent = 0.0 if devices is None else devices.silent_rows / np.maximum(state.blocks.spaces, 1)
        return shown_wrongly(state.values["sensor_error"], arrives, silent)

    def _record(self, made: ParkingDay, day: int) -> None:
        now, record = self.world.env.now, self.journal.record
        record(
            now,
            "parking_day",
            day=day,
            drivers=float(made.arrived.sum()),
            turned_away=made.turned_away,
            cruised=made.cruised / 1000.0,
            search=float(made.searches.sum()) / HOUR,
            walked=made.walked / 1000.0,
            paid=made.receipts,
            fines=made.fines,
            unguided_drivers=made.unguided[1],
            unguided_search=made.unguided[0] / HOUR,
            guided_drivers=made.guided[1],
            guided_search=made.guided[0] / HOUR,
        )
        by_hour = zip(made.arrived.sum(axis=0).tolist(), (made.searches.sum(axis=0) / 60.0).tolist(), strict=True)
        for hour, (drivers, search) in enumerate(by_hour):
            record(now, "parking_hour", hour=hour, drivers=drivers, search=search)
        columns = (made.occupied / HOUR, made.busy / HOUR, made.arrived.sum(axis=1), made.searches.sum(axis=1) / 60.0)
        by_block = zip(*(column.tolist() for column in columns), strict=True)
        for block, (occupied, busy, drivers, search) in enumerate(by_block):
            record(now, "parking_block", block=block, occupied=occupied, busy=busy, drivers=drivers, search=search)
