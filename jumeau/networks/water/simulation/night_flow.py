"""Sector meters: the night flow of a sector rises with its leaks, until an alarm sends a team to search it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from math import ceil, inf, sqrt
from typing import Any

import simpy

from jumeau.simulation.clock import HOUR

Event = Generator[simpy.Event, Any, None]


@dataclass
class Rise:
    """What one leak adds to the night flow.

    Attributes
    ----------
    start, growth : float
        [s].
    flow : float
        Night flow of the full-grown leak [m3/h].
    place : float
        Where the walk through the sector meets it, from 0 to 1.
    found : callable
        Called with the time of the alarm and the time at which the leak is located [s].
    missed : int
        Searches that pass without hearing it.
    known : float
        Night flow that the sector has got used to: what a search missed is the new normal [m3/h].
    """

    start: float
    growth: float
    flow: float
    place: float
    found: Callable[[float, float], None]
    missed: int
    known: float = 0.0

    def at(self, time: float) -> float:
        """Return the night flow at an instant [m3/h]; the diameter grows linearly, so the area as a square."""
        age = time - self.start
        if age >= self.growth:
            return self.flow if age >= 0.0 else 0.0
        return self.flow * (max(age, 0.0) / self.growth) ** 2


@dataclass
class Sector:
    """One metered sector at work.

    Parameters
    ----------
    env : simpy.Environment
    threshold : float
        Rise that raises an alarm [m3/h].
    delay : float
        Time over which the rise must last [s].
    hours : float
        Work needed to search the whole sector [h].
    shift : float
        Longest piece of work before the team goes home [h].
    submit : callable
        Orders a piece of work: `submit(place, hours, done)`, `place` being the share of the walk already done.
    alarm : callable
        Called at each alarm, with the time [s].
    steps : int
        Parts that a step test cuts off one after another by valves, ahead of the walk; 0 where none is made.
    step_hours : float
        Work of a step test of the whole sector [h].
    resolution : float
        Smallest flow that a step shows [m3/h].
    """

    env: simpy.Environment
    threshold: float
    delay: float
    hours: float
    shift: float
    submit: Callable[[float, float, Callable[[float], None]], None]
    alarm: Callable[[float], None]
    steps: int = 0
    step_hours: float = 0.0
    resolution: float = 0.0
    live: dict[int, Rise] = field(default_factory=dict)
    _number: int = 0
    _searching: bool = False

    def add(self, key: int, rise: Rise) -> None:
        """Count a leak in."""
        self.live[key] = rise
        self._watch()

    def remove(self, key: int) -> None:
        """Leave a leak out: it has been found by other means."""
        if self.live.pop(key, None) is not None:
            self._watch()

    def rise(self, time: float) -> float:
        """Return the night flow above the level of the last search at an instant [m3/h]."""
        return sum(item.at(time) - item.known for item in self.live.values())

    def crossing(self) -> float:
        """Return when the rise passes the threshold if nothing else happens [s], infinite when never."""
        now = self.env.now
        if self.rise(now) >= self.threshold:
            return now
        growing = [item for item in self.live.values() if item.start + item.growth > now]
        last = max((item.start + item.growth for item in growing), default=now)
        if self.rise(last) < self.threshold:
            return inf
        if len(self.live) == 1:
            item = next(iter(self.live.values()))
            return item.start + item.growth * sqrt((self.threshold + item.known) / item.flow)
        low, high = now, last
        while high - low > HOUR:
            middle = (low + high) / 2.0
            low, high = (low, middle) if self.rise(middle) >= self.threshold else (middle, high)
        return high

    def _watch(self) -> None:
        """Set the clock to the next crossing; an older setting is void."""
        if self._searching:
            return
        self._number += 1
        time = self.crossing()
        if time < inf:
            self.env.process(self._wait(self._number, max(time - self.env.now, 0.0) + self.delay))

    def _wait(self, number: int, delay: float) -> Event:
        yield self.env.timeout(delay)
        # A leak may have been mended meanwhile, or the watch set anew.
        if number == self._number and not self._searching and self.rise(self.env.now) >= self.threshold:
            self.env.process(self._search())

    def _search(self) -> Event:
        env = self.env
        self._searching = True
        alarm = env.now
        self.alarm(alarm)
        if self.steps:
            yield from self._work(0.0, self.step_hours)
        for first, last in self._parts():
            time = yield from self._work(first, self.hours * (last - first))
            for key in self._passed(first, last):
                self.live.pop(key).found(alarm, time)
            if self.rise(env.now) < self.threshold:
                break  # what is left would not have raised the alarm
        for item in self.live.values():
            item.known = item.at(env.now)
        self._searching = False
        self._watch()

    def _work(self, place: float, hours: float) -> Generator[simpy.Event, Any, float]:
        """Order a piece of work; return when it is done [s]."""
        done = self.env.event()

        def finished(time: float) -> None:
            done.succeed(time)

        self.submit(place, hours, finished)
        return float((yield done))

    def _parts(self) -> list[tuple[float, float]]:
        """Return the parts of the walk in their order, each within a shift: those that a step test shows come first."""
        count = max(self.steps, 1)
        bounds = [(part / count, (part + 1) / count) for part in range(count)]
        if self.steps:
            flows = [self._flow(*part) for part in bounds]
            shown = sorted((part for part in range(count) if flows[part] >= self.resolution), key=lambda k: -flows[k])
            bounds = [bounds[part] for part in (*shown, *(part for part in range(count) if part not in shown))]
        pieces = max(ceil(self.hours / count / self.shift), 1)
        return [
            (first + (last - first) * piece / pieces, first + (last - first) * (piece + 1) / pieces)
            for first, last in bounds
            for piece in range(pieces)
        ]

    def _flow(self, first: float, last: float) -> float:
        """Return by how much the flow falls when a part is cut off [m3/h]: by all that leaks in it."""
        now = self.env.now
        return sum(item.at(now) for item in self.live.values() if first <= item.place < last)

    def _passed(self, first: float, last: float) -> list[int]:
        """Return the leaks that are heard in a part of the walk; the others count one more search."""
        heard = []
        for key, item in self.live.items():
            if first <= item.place < last:
                if item.missed <= 0:
                    heard.append(key)
                item.missed -= 1
        return heard
