"""The life of devices in a run: they fall silent, somebody notices, a crew replaces, cleans or feeds them.

Every draw belongs to the asset that carries the device and to the number of devices that it had: what crews do, and
where else devices stand, shifts no other draw. Only devices to which something happens before the end become processes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import cache
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.randomness import Streams, poisson_numbers
from jumeau.simulation.clock import DAY
from jumeau.simulation.crews import CrewPool, Job
from jumeau.simulation.installed import BATTERY, FOULING, YEAR, InstalledDevices
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Event = Generator[simpy.Event, Any, None]

REPLACEMENT, CLEANING, BATTERY_CHANGE, CHECK = "replacement", "cleaning", "battery", "check"

#: Devices that one asset may carry, so that the draws of the next device of the first one are others.
COPIES = 100_000


class DeviceUpkeep:
    """The devices of one kind in one run, at work; what the journal gets is declared in `simulation/events.csv`.

    Parameters
    ----------
    installed : InstalledDevices
    world : World
    streams : Streams
        Of the network.
    check : (callable, float), optional
        Gives the crews that look for the cause of an alarm, and what they take on site [h]; the crews of the network
        and the time of a visit by default.
    changed : callable, optional
        Told of a row of the layer, and how many of its devices are silent from now on.
    """

    def __init__(
        self,
        installed: InstalledDevices,
        world: World,
        streams: Streams,
        check: tuple[Callable[[], CrewPool], float] | None = None,
        changed: Callable[[int, int], None] | None = None,
    ) -> None:
        self.installed = installed
        self.world = world
        self.env = world.env
        self.end = world.clock.duration
        self.journal = world.journals[installed.network]
        self.silent = np.zeros(len(installed), dtype=bool)
        #: Number of silent devices of each row of the layer, shape (size,).
        self.silent_rows = np.zeros(installed.size, dtype=np.int64)
        self._check = check or (self._crews, installed.service.hours)
        self._changed = changed
        self._waiting: dict[int, list[simpy.Event]] = {}
        family = f"device:{installed.kind}"

        @cache
        def column(purpose: str, index: int) -> Floats:
            return streams.column(family, purpose, installed.size, index)

        self._column: Callable[[str, int], Floats] = column

    def start(self) -> None:
        """Register what happens to devices before the end."""
        now = float(self.env.now)
        service, count = self.installed.service, len(self.installed)
        age = self._draws("age") * service.renewal
        fails = now + self.installed.hazard.left(age, self._draws("failure")) * YEAR
        battery = self.installed.battery
        # A battery that outlives its device is never changed.
        changed = battery < service.renewal
        flat = np.full(count, np.inf)
        flat[changed] = now + (self._draws("battery")[changed] * battery[changed]) * YEAR
        first = np.minimum(fails, flat - service.low * DAY)
        for device in np.flatnonzero(first < self.end):
            born = now - float(age[device]) * YEAR
            self.env.process(self._device(int(device), born, float(fails[device]), float(flat[device])))
        if self.installed.false_alarms > 0.0:
            self.env.process(self._false_alarms())

    def works(self, devices: Ints | Sequence[int]) -> NDArray[np.bool_]:
        """Tell which of some devices work now, shape (k,)."""
        return ~self.silent[devices]

    def back(self, devices: Ints | Sequence[int]) -> simpy.Event:
        """Return an event that comes when the first of some silent devices is back."""
        event = self.env.event()
        for device in devices:
            self._waiting.setdefault(int(device), []).append(event)
        return event

    def _draws(self, purpose: str, rank: int = 0) -> Floats:
        """Return the draw of each device for a purpose, shape (n,)."""
        found = np.empty(len(self.installed))
        copies, rows = self.installed.copies, self.installed.rows
        for copy in np.unique(copies):
            chosen = copies == copy
            found[chosen] = self._column(purpose, rank * COPIES + int(copy))[rows[chosen]]
        return found

    def _draw(self, device: int, purpose: str, rank: int) -> float:
        index = rank * COPIES + int(self.installed.copies[device])
        return float(self._column(purpose, index)[int(self.installed.rows[device])])

    def _crews(self) -> CrewPool:
        return self.world.crew(self.installed.network)

    def _device(self, device: int, born: float, fails: float, flat: float) -> Event:
        """Live one device after the other at a place."""
        env, service, life = self.env, self.installed.service, float(self.installed.battery[device])
        rank = 0
        while True:
            low = flat - service.low * DAY
            if min(fails, low) >= self.end:
                return
            if low < fails:
                yield env.timeout(max(low - env.now, 0.0))
                visit = self._visit(device)
                yield visit | env.timeout(max(min(fails, flat) - env.now, 0.0))
                if visit.triggered:
                    self._record(device, BATTERY_CHANGE, since=env.now)
                    flat = env.now + life * YEAR
                    continue
                cause = BATTERY if flat < fails else self._cause(device, rank, born)
                since = self._silence(device, cause)
                yield visit
            else:
                yield env.timeout(max(fails - env.now, 0.0))
                cause = self._cause(device, rank, born)
                since = self._silence(device, cause)
                yield env.timeout(service.silence * DAY)
                yield self._visit(device)
            work = {BATTERY: BATTERY_CHANGE, FOULING: CLEANING}.get(cause, REPLACEMENT)
            self._record(device, work, since)
            self._sound(device)
            if cause == BATTERY:
                flat = env.now + life * YEAR
                continue
            rank += 1
            if work == REPLACEMENT:
                born = env.now
                flat = env.now + life * YEAR if np.isfinite(flat) else flat
            age = np.array([(env.now - born) / YEAR])
            left = self.installed.hazard.left(age, np.array([self._draw(device, "failure", rank)]))
            fails = env.now + float(left[0]) * YEAR

    def _cause(self, device: int, rank: int, born: float) -> str:
        return self.installed.hazard.cause((self.env.now - born) / YEAR, self._draw(device, "cause", rank))

    def _tell(self, device: int, *, silent: bool) -> None:
        self.silent[device] = silent
        row = int(self.installed.rows[device])
        self.silent_rows[row] += 1 if silent else -1
        if self._changed is not None:
            self._changed(row, int(self.silent_rows[row]))

    def _silence(self, device: int, cause: str) -> float:
        self._tell(device, silent=True)
        self.journal.record(
            self.env.now,
            "device_silent",
            device=self.installed.kind,
            asset=str(self.installed.names[device]),
            number=device,
            cause=cause,
        )
        return float(self.env.now)

    def _sound(self, device: int) -> None:
        """Let a device work again, and tell those who wait for it."""
        self._tell(device, silent=False)
        for event in self._waiting.pop(device, ()):
            if not event.triggered:
                event.succeed()

    def _record(self, device: int, work: str, since: float) -> None:
        self.journal.record(
            self.env.now,
            "device_visit",
            device=self.installed.kind,
            asset=str(self.installed.names[device]),
            number=device,
            work=work,
            since=since,
        )

    def _visit(self, device: int) -> simpy.Event:
        """Order a visit; return the event of its end."""
        return self._ordered(self._crews(), device, "device_visit", self.installed.service.hours)

    def _ordered(self, pool: CrewPool, device: int, kind: str, hours: float) -> simpy.Event:
        finished = self.env.event()

        def done(time: float) -> None:
            finished.succeed(time)

        pool.submit(Job(self.installed.network, kind, int(self.installed.site[device]), hours, done))
        return finished

    def _false_alarms(self) -> Event:
        """Raise the alarms that devices which work give without a cause."""
        env, now = self.env, float(self.env.now)
        span = self.end - now
        draws = self._draws("false_alarms")
        number = poisson_numbers(draws, np.full(len(draws), self.installed.false_alarms * span / YEAR))
        times, devices = [], []
        for rank in range(int(number.max(initial=0))):
            raising = np.flatnonzero(number > rank)
            times.append(now + self._draws("false_alarm", rank)[raising] * span)
            devices.append(raising)
        if not times:
            return
        time, device = np.concatenate(times), np.concatenate(devices)
        for place in np.argsort(time, kind="stable"):
            yield env.timeout(max(float(time[place]) - env.now, 0.0))
            if not self.silent[device[place]]:
                env.process(self._looked_into(int(device[place])))

    def _looked_into(self, device: int) -> Event:
        since = float(self.env.now)
        pool, hours = self._check
        yield self._ordered(pool(), device, "device_check", hours)
        self._record(device, CHECK, since)
