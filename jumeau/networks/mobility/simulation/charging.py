"""Electric vehicles at the chargers: they queue for points, draw power from the grid, leave when it takes too long.

Nothing of a run changes when vehicles come, and whoever comes first is served first: the queue of a station is followed
from arrival to arrival, without an event for each.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapreplace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.day import hourly_profile
from jumeau.networks.mobility.physics.fleet import Station
from jumeau.networks.mobility.physics.state import State
from jumeau.randomness import Streams, poisson_numbers
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.world import World

Floats = NDArray[np.float64]

#: Topic of the board: power that a charging station draws from the grid [kW], by station.
TOPIC = "grid_power"


class Arrival(NamedTuple):
    """A vehicle that comes to a station.

    Attributes
    ----------
    station : int
        Row of the station.
    time : float
        [s].
    wanted : float
        [kWh].
    patience : float
        Longest wait for a point [s].
    ready : float or None
        When a municipal vehicle leaves, full or not [s]; None for a resident's, which stays until it is full.
    """

    station: int
    time: float
    wanted: float
    patience: float
    ready: float | None


class Charging:
    """The chargers of one run."""

    def __init__(self, state: State, world: World, streams: Streams, energy: float, starts: Floats) -> None:
        self.state = state
        self.world = world
        self.streams = streams
        self.energy = energy
        self.starts = starts
        self.depots = [row for row, item in enumerate(state.stations) if item.depot and item.points > 0]
        self.public = [row for row, item in enumerate(state.stations) if not item.depot and item.points > 0]
        self._told: list[tuple[float, str, dict[str, float]]] = []

    def start(self) -> None:
        """Follow all stations, record what happens there, and say on the board what they draw."""
        come: dict[int, list[Arrival]] = {}
        if self.depots and self.state.fleet.electric_municipal >= 1.0:
            for item in self._municipal():
                come.setdefault(item.station, []).append(item)
        if self.public and self.state.fleet.public > 0.0:
            for item in self._residents():
                come.setdefault(item.station, []).append(item)
        for row, arrivals in sorted(come.items()):
            self._follow(row, self.state.stations[row], arrivals)
        journal, end = self.world.journals["mobility"], self.world.clock.duration
        for time, kind, values in sorted(self._told, key=lambda item: item[0]):
            if time < end:
                journal.record(time, kind, **values)

    def _time(self, day: int, hour: float) -> float:
        """Return the seconds of a local clock time."""
        whole = int(hour)
        return float(self.starts[day, whole]) + (hour - whole) * HOUR

    def _municipal(self) -> Iterator[Arrival]:
        """Bring the vehicles of the fleet back to their depot at the end of each day of work."""
        clock, values = self.world.clock, self.state.values
        first, last = values["fleet_back_from"], values["fleet_back_to"]
        count = int(self.state.fleet.electric_municipal)
        now = 0.0
        for day in range(clock.days):
            draws = self.streams.column("fleet", "return", 2 * max(int(self.state.fleet.municipal), count), day)
            if not clock.working_day(day):
                continue
            back = np.sort(first + (last - first) * draws[:count])
            ready = self._time(day, 0.0) + DAY + values["fleet_out"] * HOUR
            for number in range(count):
                now = max(now, self._time(day, float(back[number])))
                # Distances differ from day to day and from one vehicle to another.
                wanted = self.energy * (0.5 + draws[count + number])
                yield Arrival(self.depots[number % len(self.depots)], now, wanted, ready - now, ready)

    def _residents(self) -> Iterator[Arrival]:
        """Bring drivers to the public points, as the traffic of the hours."""
        clock, values = self.world.clock, self.state.values
        profile = np.cumsum(hourly_profile(values))
        patience = values["charging_patience"] * 60.0
        draws = self.streams.column("resident", "charges", clock.days)
        numbers = poisson_numbers(draws, np.full(clock.days, self.state.fleet.public))
        now = 0.0
        for day, number in enumerate(numbers.tolist()):
            # Row by row: a larger fleet adds drivers, it moves none.
            draws = self.streams.generator("resident", "charge", day).random((number, 4))
            hour = np.searchsorted(profile, draws[:, 0], side="right") + draws[:, 1]
            order = np.argsort(hour, kind="stable")
            hour = np.minimum(hour[order], 23.99)
            whole = hour.astype(np.int64)
            times = self.starts[day, whole] + (hour - whole) * HOUR
            wanted = values["session_energy"] * (0.5 + draws[order, 3])
            places = (draws[order, 2] * len(self.public)).astype(np.int64)
            for time, place, energy in zip(times.tolist(), places.tolist(), wanted.tolist(), strict=True):
                now = max(now, time)
                yield Arrival(self.public[place], now, energy, patience, None)

    def _follow(self, row: int, station: Station, arrivals: list[Arrival]) -> None:
        """Serve the vehicles of a station in the order of their arrival, each at the first point that is free."""
        end = self.world.clock.duration
        free = [-np.inf] * station.points
        changes: list[tuple[float, float]] = []
        for item in arrivals:
            if item.time >= end:
                continue
            begin, limit = max(item.time, free[0]), item.time + max(item.patience, 0.0)
            if begin > limit:
                self._lacks(row, limit, item.wanted, (limit - item.time) / HOUR, municipal=item.ready is not None)
                continue
            needed = item.wanted / station.power * HOUR
            spent = needed if item.ready is None else min(needed, max(item.ready - begin, 0.0))
            waited = (begin - item.time) / HOUR
            heapreplace(free, begin + spent)
            changes += [(begin, station.power), (begin + spent, -station.power)]
            self._tell(begin + spent, "charge", station=row, energy=item.wanted * spent / needed, waited=waited)
            if spent < needed:
                self._lacks(row, begin + spent, item.wanted * (1.0 - spent / needed), waited, municipal=True)
        changes.sort(key=lambda item: item[0])
        times = [time for time, _change in changes]
        power = np.round(np.cumsum([change for _time, change in changes]), 9)
        self.world.board.schedule(TOPIC, station.name, times, power.tolist())

    def _tell(self, time: float, kind: str, **values: float) -> None:
        self._told.append((time, kind, values))

    def _lacks(self, row: int, time: float, missing: float, waited: float, *, municipal: bool) -> None:
        """Record a municipal vehicle that is not full in the morning, or a driver who does not wait any longer."""
        self._tell(time, "unready" if municipal else "charge_missed", station=row, missing=missing, waited=waited)
