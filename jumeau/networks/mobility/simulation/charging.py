"""Electric vehicles at the chargers: they queue for points, draw power from the grid, leave when it takes too long."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray
from scipy.stats import poisson

from jumeau.networks.mobility.physics.day import hourly_profile
from jumeau.networks.mobility.physics.fleet import Station
from jumeau.networks.mobility.physics.state import State
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Event = Generator[simpy.Event, Any, None]

#: Topic of the board: power that a charging station draws from the grid [kW], by station.
TOPIC = "grid_power"


class Charging:
    """The chargers of one run."""

    def __init__(self, state: State, world: World, streams: Streams, energy: float, starts: Floats) -> None:
        self.state = state
        self.world = world
        self.streams = streams
        self.journal = world.journals["mobility"]
        self.energy = energy
        self.starts = starts
        self.points = [
            simpy.Resource(world.env, capacity=item.points) if item.points > 0 else None for item in state.stations
        ]
        self.power = [0.0] * len(state.stations)
        self.depots = [row for row, item in enumerate(state.stations) if item.depot and item.points > 0]
        self.public = [row for row, item in enumerate(state.stations) if not item.depot and item.points > 0]

    def start(self) -> None:
        """Register the days."""
        if self.depots and self.state.fleet.electric_municipal >= 1.0:
            self.world.env.process(self._municipal())
        if self.public and self.state.fleet.public > 0.0:
            self.world.env.process(self._residents())

    def _time(self, day: int, hour: float) -> float:
        """Return the seconds of a local clock time."""
        whole = int(hour)
        return float(self.starts[day, whole]) + (hour - whole) * HOUR

    def _municipal(self) -> Event:
        """Bring the vehicles of the fleet back to their depot at the end of each day of work."""
        env, clock, values = self.world.env, self.world.clock, self.state.values
        first, last = values["fleet_back_from"], values["fleet_back_to"]
        count = int(self.state.fleet.electric_municipal)
        for day in range(clock.days):
            draws = self.streams.column("fleet", "return", 2 * max(int(self.state.fleet.municipal), count), day)
            if not clock.working_day(day):
                continue
            back = np.sort(first + (last - first) * draws[:count])
            yield env.timeout(max(self._time(day, float(back[0])) - env.now, 0.0))
            ready = self._time(day, 0.0) + DAY + values["fleet_out"] * HOUR
            for number in range(count):
                late = self._time(day, float(back[number])) - env.now
                if late > 0.0:
                    yield env.timeout(late)
                # Distances differ from day to day and from one vehicle to another.
                wanted = self.energy * (0.5 + draws[count + number])
                env.process(self._charge(self.depots[number % len(self.depots)], wanted, ready - env.now, ready))

    def _residents(self) -> Event:
        """Bring drivers to the public points, as the traffic of the hours."""
        env, clock, values = self.world.env, self.world.clock, self.state.values
        profile = np.cumsum(hourly_profile(values))
        patience = values["charging_patience"] * 60.0
        numbers = poisson.ppf(self.streams.column("resident", "charges", clock.days), self.state.fleet.public)
        for day, number in enumerate(numbers.astype(int).tolist()):
            # Row by row: a larger fleet adds drivers, it moves none.
            draws = self.streams.generator("resident", "charge", day).random((number, 4))
            hour = np.searchsorted(profile, draws[:, 0], side="right") + draws[:, 1]
            for row in np.argsort(hour, kind="stable"):
                late = self._time(day, float(min(hour[row], 23.99))) - env.now
                if late > 0.0:
                    yield env.timeout(late)
                place = self.public[int(draws[row, 2] * len(self.public))]
                env.process(self._charge(place, values["session_energy"] * (0.5 + draws[row, 3]), patience, None))

    def _charge(self, row: int, wanted: float, patience: float, ready: float | None) -> Event:
        env, station = self.world.env, self.state.stations[row]
        came = env.now
        resource = self.points[row]
        if resource is None:
            return
        with resource.request() as request:
            # Most find a point at once: a wait is only set up for the others.
            if not request.triggered:
                yield request | env.timeout(max(patience, 0.0))
            if not request.triggered:
                self._lacks(row, wanted, (env.now - came) / HOUR, municipal=ready is not None)
                return
            needed = wanted / station.power * HOUR
            spent = needed if ready is None else min(needed, max(ready - env.now, 0.0))
            waited = (env.now - came) / HOUR
            self._draw(row, station, 1)
            yield env.timeout(spent)
            self._draw(row, station, -1)
        self.journal.record(env.now, "charge", station=row, energy=wanted * spent / needed, waited=waited)
        if spent < needed:
            self._lacks(row, wanted * (1.0 - spent / needed), waited, municipal=True)

    def _lacks(self, row: int, missing: float, waited: float, *, municipal: bool) -> None:
        """Record a municipal vehicle that is not full in the morning, or a driver who does not wait any longer."""
        kind = "unready" if municipal else "charge_missed"
        self.journal.record(self.world.env.now, kind, station=row, missing=missing, waited=waited)

    def _draw(self, row: int, station: Station, change: int) -> None:
        self.power[row] += change * station.power
        self.world.board.post(TOPIC, station.name, self.power[row])
