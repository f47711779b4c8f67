"""Repair crews: shared resources with shifts and working days, that drive, queue and work."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import simpy

from jumeau.factors import FactorTable
from jumeau.simulation.board import DELAY, EVERYWHERE, Board
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.journal import Journal
from jumeau.simulation.place import Place

Event = Generator[simpy.Event, Any, None]


def crew_use(hours: float, km: float, shared: FactorTable) -> dict[str, float]:
    """Return what crews use: hours of agents, distance [km] and diesel [l].

    Parameters
    ----------
    hours : float
        Of crews, driving included [h].
    km : float
    shared : FactorTable
        Agents in a crew, and the diesel of its vehicle.
    """
    return {
        "staff_hours": hours * shared.value("crew_size"),
        "crew_distance": km,
        "crew_diesel": km * shared.value("crew_fuel") / 100.0,
    }


#: A crew looks for its next job among this many of the oldest ones: enough to group by place, without starving any.
HORIZON = 40


@dataclass(frozen=True)
class CrewSpec:
    """A pool of identical crews.

    Attributes
    ----------
    name : str
        Key in the scenario's `crews`.
    count : int
        Crews.
    shift : tuple of float
        Local clock times at which the day starts and ends [h].
    weekdays : tuple of int
        Working days, 0 for Monday; public holidays are off.
    depot : tuple of float or None
        Coordinates [m]; the most central site when None.
    """

    name: str
    count: int
    shift: tuple[float, float]
    weekdays: tuple[int, ...]
    depot: tuple[float, float] | None = None


@dataclass(frozen=True)
class Job:
    """A piece of work at a site.

    Attributes
    ----------
    network, kind : str
        Whose journal the work is recorded in, and as what.
    site : int
        Site number, from `Place.sites`.
    duration : float
        On site [h].
    done : callable
        Called with the time [s] at which the work ends.
    priority : int
        Lower goes first.
    started : callable, optional
        Called with the time [s] at which the crew arrives and starts to work.
    """

    network: str
    kind: str
    site: int
    duration: float
    done: Callable[[float], None]
    priority: int = 0
    started: Callable[[float], None] | None = None


@dataclass
class CrewPool:
    """Crews of one kind at work in one run.

    Each finished job is recorded in its network's journal as `job`, the drive back to the depot as `return` (see
    `events.csv`). `speed` is in km/h.
    """

    env: simpy.Environment
    place: Place
    spec: CrewSpec
    speed: float
    journals: dict[str, Journal]
    board: Board
    _queue: list[tuple[int, int, Job]] = field(default_factory=list)
    _order: Any = field(default_factory=count)

    def start(self) -> None:
        """Put the crews to work."""
        self._wake = self.env.event()
        site = self.place.sites(np.array([self.spec.depot]))[0] if self.spec.depot else self.place.central_site()
        self._depot = int(site)
        for _number in range(self.spec.count):
            self.env.process(self._crew())

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return len(self._queue)

    def submit(self, job: Job) -> None:
        """Queue a job."""
        heapq.heappush(self._queue, (job.priority, next(self._order), job))
        if not self._wake.triggered:
            self._wake.succeed()

    def _next_shift(self) -> tuple[float, float]:
        """Return the start and end of the present or next shift [s]."""
        clock = self.place.clock
        shift = self.spec.shift
        day = self.place.memo(("day", int(self.env.now // DAY)), lambda: clock.day_of(self.env.now // DAY * DAY))
        while True:
            start, end = self.place.memo(
                ("shift", day, shift),
                lambda day=day: (clock.seconds(day, shift[0]), clock.seconds(day, shift[1])),  # type: ignore[misc]
            )
            works = self.place.memo(
                ("works", day, self.spec.weekdays),
                lambda day=day: clock.working_day(day, self.spec.weekdays),  # type: ignore[misc]
            )
            if works and end > self.env.now:
                return max(start, self.env.now), end
            day += 1

    def _crew(self) -> Event:
        env = self.env
        while True:
            if not self._queue:
                if self._wake.triggered:
                    self._wake = env.event()
                yield self._wake
            start, end = self._next_shift()
            if start > env.now:
                yield env.timeout(start - env.now)
            yield from self._shift(end)
            if env.now < end:
                continue  # the queue emptied before the end of the day: wait for the next job

    def _shift(self, end: float) -> Event:
        env, distances = self.env, self.place.distances()
        position, last, fresh = self._depot, "", True
        while self._queue and env.now < end:
            item = self._take(position)
            job = item[2]
            km = float(distances[position, job.site])
            drive = self._drive(km)
            # A job that would end after the shift waits for tomorrow, unless it would never fit.
            if not fresh and env.now + drive + job.duration * HOUR > end:
                heapq.heappush(self._queue, item)
                break
            if job.started is None:
                yield env.timeout(drive + job.duration * HOUR)
            else:
                yield env.timeout(drive)
                job.started(env.now)
                yield env.timeout(job.duration * HOUR)
            self.journals[job.network].record(
                env.now, "job", work=job.kind, distance=km, hours=drive / HOUR + job.duration
            )
            position, last, fresh = job.site, job.network, False
            job.done(env.now)
        if not fresh:
            km = float(distances[position, self._depot])
            drive = self._drive(km)
            self.journals[last].record(env.now, "return", distance=km, hours=drive / HOUR)
            yield env.timeout(drive)
        if self._queue and env.now < end and not fresh:
            yield env.timeout(end - env.now)

    def _drive(self, km: float) -> float:
        """Return the time of a drive in the traffic of the moment [s]."""
        return km / self.speed * HOUR * float(self.board.read(DELAY, EVERYWHERE, 1.0))

    def _take(self, position: int) -> tuple[int, int, Job]:
        """Remove and return the job to do next: the oldest of the day's first, then the nearest of the oldest ones."""
        if position == self._depot:
            return heapq.heappop(self._queue)
        oldest = heapq.nsmallest(HORIZON, self._queue, key=lambda item: item[:2])
        row = self.place.distances()[position]
        chosen = min(oldest, key=lambda item: (item[0], float(row[item[2].site]), item[1]))
        self._queue.remove(chosen)
        heapq.heapify(self._queue)
        return chosen
