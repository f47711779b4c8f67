"""What happens to lamps: they fail, are found by patrols, residents or alarms, wait for a crew and are mended.

Every draw belongs to a lamp and to the rank of its failure, so that a decision never shifts another one's draw. Only
lamps that fail before the end become processes; the others cost one row of an array.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import cache
from math import ceil, inf, log
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.networks.lighting.physics import failures
from jumeau.networks.lighting.physics.power import Cumulated
from jumeau.networks.lighting.physics.state import State
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.crews import Job
from jumeau.simulation.delivery import MESSAGE, PLACE, Channel
from jumeau.simulation.device_upkeep import DeviceUpkeep
from jumeau.simulation.journal import Journal
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Event = Generator[simpy.Event, Any, None]

PATROL, CITIZEN, ALARM = "patrol", "citizen", "alarm"


class Breakdowns:
    """The failures of one run.

    What the journal gets is declared in `events.csv`.

    Parameters
    ----------
    state : State
    world : World
    streams : Streams
    """

    def __init__(self, state: State, world: World, streams: Streams) -> None:
        self.state = state
        self.world = world
        self.env = world.env
        self.end = world.clock.duration
        self.journal: Journal = world.journals["lighting"]

        @cache
        def column(purpose: str, rank: int) -> Floats:
            return streams.column("lamp", purpose, state.count, index=rank)

        @cache
        def burning(number: int) -> Cumulated:
            return state.burning(number)

        @cache
        def life(rank: int) -> Floats:
            upkeep = state.upkeep
            draw = failures.unit_exponential(column("failure", rank))
            return failures.hours_to_failure(draw, np.zeros(state.count), upkeep.shape, upkeep.scale, upkeep.renewal)

        self._life: Callable[[int], Floats] = life
        self._column: Callable[[str, int], Floats] = column
        self._burning: Callable[[int], Cumulated] = burning
        nodes = state.upkeep.nodes
        self.devices = None if nodes is None else DeviceUpkeep(nodes, world, streams)
        #: Number of the node of each lamp; -1 where there is none that fails.
        self._node = np.full(state.count, -1, dtype=np.int64)
        if nodes is not None:
            self._node[nodes.rows] = np.arange(len(nodes))

    def start(self) -> None:
        """Register the processes."""
        if self.state.upkeep.radio is not None:
            self.state.upkeep.radio.announce(self.world.board, "lighting.lighting_node")
        if self.devices is not None:
            self.devices.start()
        for lamp, time in self.first_failures():
            self.env.process(self._lamp(lamp, time))
        self.env.process(self._patrols())

    def first_failures(self) -> list[tuple[int, float]]:
        """Return the lamps that fail before the end, with the time of their first failure [s], in order of time."""
        state, upkeep, now = self.state, self.state.upkeep, float(self.env.now)
        yearly = state.by_class(self._burning, 0.0, self.end) / self.world.clock.years
        warmup = state.by_class(self._burning, now, 0.0)
        age = failures.starting_age(upkeep.years, yearly, upkeep.renewal, self._column("phase", 0))
        left = failures.hours_to_failure(
            failures.unit_exponential(self._column("failure", 0)),
            np.maximum(age - warmup, 0.0),
            upkeep.shape,
            upkeep.scale,
            upkeep.renewal,
        )
        times = np.full(state.count, np.inf)
        for number in range(len(state.classes)):
            members = np.flatnonzero(state.load == number)
            hours = self._burning(number)
            times[members] = hours.when(hours.at(now) + left[members])
        failing = np.flatnonzero(times < self.end)
        order = failing[np.argsort(times[failing], kind="stable")]
        return [(int(lamp), float(times[lamp])) for lamp in order]

    def _next_failure(self, lamp: int, rank: int) -> float:
        """Return when the lamp that has just been fitted fails [s]."""
        left = float(self._life(rank)[lamp])
        hours = self._burning(int(self.state.load[lamp]))
        if left > hours.total[-1]:  # most new lamps outlive the period: no need to look further
            return inf
        return float(hours.when(hours.at(self.env.now) + left))

    def _lamp(self, lamp: int, time: float) -> Event:
        env, upkeep, rank = self.env, self.state.upkeep, 0
        while time < self.end:
            yield env.timeout(time - env.now)
            failed = env.now
            self.journal.record(failed, "failure", lamp=lamp, rank=rank)
            delay, finder = self.detection(lamp, rank, failed)
            if failed + delay >= self.end:
                return
            yield env.timeout(delay)
            if finder == ALARM and self._silent(lamp):
                finder = yield from self._unheard(lamp, rank, failed)
                if not finder:
                    return
                delay = env.now - failed
            detected = env.now
            self.journal.record(detected, "detection", lamp=lamp, finder=finder, delay=delay)
            yield env.timeout(float(upkeep.dispatch[lamp]) * DAY)
            yield self._ordered(lamp)
            self.journal.record(env.now, "repair", lamp=lamp, failed=failed, detected=detected)
            rank += 1
            time = self._next_failure(lamp, rank)

    def _silent(self, lamp: int) -> bool:
        """Tell whether the node of a lamp has failed and is not replaced yet."""
        return self.devices is not None and not self.devices.works([self._node[lamp]]).all()

    def _unheard(self, lamp: int, rank: int, failed: float) -> Generator[simpy.Event, Any, str]:
        """Wait until a new node, or a resident, tells of a dark lamp; return who does, nobody before the end."""
        env, end = self.env, self.end
        if self.devices is None:
            raise RuntimeError("only a node is silent")
        resident = failed + self._reported(lamp, rank)
        alarm = float(self._column("alarm", rank)[lamp] * self.state.upkeep.alarm[lamp]) * HOUR
        while True:
            back = self.devices.back([self._node[lamp]])
            yield back | env.timeout(max(min(resident, end) - env.now, 0.0))
            told = min(env.now + alarm, resident) if back.triggered else resident
            if told >= end:
                return ""
            yield env.timeout(max(told - env.now, 0.0))
            if env.now >= resident:
                return CITIZEN
            if not self._silent(lamp):
                return ALARM

    def _reported(self, lamp: int, rank: int) -> float:
        """Return how long a resident takes to tell of a dark lamp [s]."""
        return float(-log(self._column("citizen", rank)[lamp]) * self.state.upkeep.citizen_delay * DAY)

    def _ordered(self, lamp: int) -> simpy.Event:
        """Order a repair; return the event of its end."""
        upkeep, repaired = self.state.upkeep, self.env.event()

        def done(time: float) -> None:
            repaired.succeed(time)

        site, duration = int(upkeep.site[lamp]), upkeep.repair_duration
        self.world.crew("lighting").submit(Job("lighting", "repair", site, duration, done))
        return repaired

    def detection(self, lamp: int, rank: int, failed: float) -> tuple[float, str]:
        """Return after which delay [s] a failure is known, and who finds it first."""
        upkeep = self.state.upkeep
        citizen = self._reported(lamp, rank)
        if upkeep.managed[lamp]:
            alarm = float(self._column("alarm", rank)[lamp] * upkeep.alarm[lamp]) * HOUR
            if upkeep.radio is not None:
                alarm += self._lost(upkeep.radio, lamp, rank, failed + alarm)
            return min((alarm, ALARM), (citizen, CITIZEN))
        interval = int(upkeep.patrol[lamp])
        first = int(upkeep.phase[lamp]) * DAY + upkeep.patrol_hour * HOUR
        passed = ceil((failed - first) / (interval * DAY)) + self._missed(float(self._column("sighting", rank)[lamp]))
        return min((first + passed * interval * DAY - failed, PATROL), (citizen, CITIZEN))

    def _lost(self, radio: Channel, lamp: int, rank: int, sent: float) -> float:
        """Return how much later an alarm arrives since messages are lost [s]; infinite where it never does."""
        draws = (self._column(PLACE, 0)[[lamp]], self._column(MESSAGE, rank)[[lamp]])
        return float(radio.wait(np.array([lamp]), np.array([sent]), *draws)[0])

    def _missed(self, draw: float) -> int:
        """Return how many patrols pass without seeing a lamp: a geometric number, by inversion."""
        unseen = 1.0 - self.state.upkeep.sighting
        return int(log(draw) / log(unseen)) if unseen > 0.0 else 0

    def _patrols(self) -> Event:
        """Record the distance and time of each night's patrol."""
        env, upkeep = self.env, self.state.upkeep
        first = int(env.now // DAY)
        last = int(self.end // DAY)
        distance = np.zeros(last - first + 1)
        for km, interval, phase in zip(upkeep.patrol_km, upkeep.cabinet_patrol, upkeep.cabinet_phase, strict=True):
            distance[(int(phase) - first) % int(interval) :: int(interval)] += km
        for position in np.flatnonzero(distance > 0):
            time = (first + int(position)) * DAY + upkeep.patrol_hour * HOUR
            if env.now <= time < self.end:
                yield env.timeout(time - env.now)
                km = float(distance[position])
                self.journal.record(env.now, "patrol", distance=km, hours=km / upkeep.patrol_speed)
