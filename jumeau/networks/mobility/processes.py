"""What happens in the streets during a run: hours whose times the board tells, closures, parking, charging."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.day import HOURS, day_scale, hour_starts
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.state import State
from jumeau.networks.mobility.physics.totals import at_scale, delays
from jumeau.networks.mobility.simulation.charging import Charging
from jumeau.networks.mobility.simulation.detours import Detours
from jumeau.networks.mobility.simulation.parking import ParkingDay, drivers_of
from jumeau.randomness import Streams
from jumeau.simulation.board import CLOSED, DELAY, EVERYWHERE, STREETS
from jumeau.simulation.clock import HOUR
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
    """The processes of one run.

    The journal gets `scale` (asset: day, traffic of the day over that of a mean one), the closures as `detour` (asset:
    row of the link; vehicle-kilometres and vehicle-hours more), what `Charging` records, and for each day of parking
    that is followed: `parking` with named sums (see `_record`).
    """

    def __init__(self, state: State, world: World, streams: Streams) -> None:
        self.state = state
        self.world = world
        self.streams = streams
        self.journal = world.journals["mobility"]

    def start(self) -> None:
        """Register everything."""
        world, state = self.world, self.state
        scales = day_scales(state, world, self.streams)
        for day, scale in enumerate(scales):
            self.journal.record(0.0, "scale", day, float(scale))
        if state.supply is not None:
            detours = Detours(state, world, scales)
            world.board.listen(CLOSED, detours.told)
            world.env.process(self._hours(scales, detours))
        if len(state.blocks) and state.parking_days:
            offset = float(self.streams.column("parking", "days", 1)[0])
            for day in followed_days(world.clock.days, state.parking_days, offset):
                world.env.process(self._parking(day, float(scales[day])))
        Charging(state, world, self.streams, self._fleet_energy(), hours_of(world)).start()

    def _fleet_energy(self) -> float:
        """Return the electricity of a municipal vehicle on a day of work [kWh], at the speed of town traffic."""
        taken = rates(self.state.values, 1.0).at("car", np.array([self.state.values["fleet_speed"]]))
        return float(taken[2, 0]) * self.state.fleet.distance

    def _hours(self, scales: Floats, detours: Detours) -> Event:
        """Tell the board, hour by hour, how long ways take."""
        world, state = self.world, self.state
        clock, board = world.clock, world.board
        yield world.env.timeout(max(-world.env.now, 0.0))
        starts = hours_of(world).tolist()
        for day in range(clock.days):
            late_by = delays(at_scale(state.table, float(scales[day]) / state.workday))
            for hour in range(HOURS):
                late = starts[day][hour] - world.env.now
                if late > 0.0:
                    yield world.env.timeout(late)
                # Nobody feels a thousandth: traces of a measure do not change the order of the day.
                board.post(DELAY, EVERYWHERE, round(float(late_by[hour]), 2))
                board.post(STREETS, EVERYWHERE, state.street_delay[hour])
        yield world.env.timeout(max(clock.duration - 1.0 - world.env.now, 0.0))
        detours.finish(world.env.now)

    def _parking(self, day: int, scale: float) -> Event:
        world, state = self.world, self.state
        clock = world.clock
        yield world.env.timeout(max(clock.seconds(day, 0.0) - world.env.now, 0.0))
        rng = self.streams.generator("parking", "drivers", day)
        # Prices hold on days of work and Saturdays.
        charged = clock.working_day(day, (0, 1, 2, 3, 4, 5))
        made = ParkingDay(
            world.env, state.blocks, drivers_of(state.blocks, scale, state.values, rng), state.values, charged=charged
        )
        world.env.process(made.run())
        # Whoever still looks for a space at midnight belongs to the day.
        yield world.env.timeout(max(clock.seconds(day + 1, 0.0) - world.env.now - 1.0, 0.0))
        self._record(made, day)

    def _record(self, made: ParkingDay, day: int) -> None:
        now, note = self.world.env.now, self.journal.record
        note(now, "parking:drivers", day, float(made.arrived.sum()), float(made.turned_away))
        note(now, "parking:search", day, made.cruised / 1000.0, float(made.searches.sum()) / 3600.0)
        note(now, "parking:money", day, made.receipts, made.fines)
        note(now, "parking:walk", day, made.walked / 1000.0)
        note(now, "parking:unguided", day, made.unguided[0] / 3600.0, made.unguided[1])
        note(now, "parking:guided", day, made.guided[0] / 3600.0, made.guided[1])
        for hour in range(HOURS):
            note(
                now,
                "parking:hour",
                hour,
                float(made.searches[:, hour].sum()) / 60.0,
                float(made.arrived[:, hour].sum()),
            )
        arrived = made.arrived.sum(axis=1)
        for row in range(len(self.state.blocks)):
            note(now, "block:occupied", row, made.occupied[row] / HOUR, made.busy[row] / HOUR)
            note(now, "block:search", row, float(made.searches[row].sum()) / 60.0, float(arrived[row]))
