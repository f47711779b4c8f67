"""The board: named quantities through which networks meet without importing each other.

A water repair posts `street_closed` for a street; traffic and trucks read it. Topics are plain names, keys are asset
ids; whoever reads a topic that nobody writes finds its default.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Generator, Sequence
from typing import Any

import simpy

#: Topic by which traffic tells the time of ways over that on empty streets, and its key for all of them.
DELAY, EVERYWHERE = "travel_delay", "all"

#: Topic of the same by row of the layer `streets`, shape (streets,); its only key is `EVERYWHERE`.
STREETS = "street_delay"

#: Topic that closes a street, by its identifier, while its value is true.
CLOSED = "street_closed"

Listener = Callable[[float, str, Any], None]


class Board:
    """Named quantities of one run, with the time at which they changed.

    What is known ahead for the whole run is scheduled rather than posted: it costs events only where somebody listens.
    """

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._values: dict[tuple[str, str], Any] = {}
        self._scheduled: dict[tuple[str, str], tuple[Sequence[float], Sequence[Any]]] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self.history: list[tuple[float, str, str, Any]] = []

    def post(self, topic: str, key: str, value: Any) -> None:
        """Write a value, keep it in the history and tell the listeners."""
        self._values[topic, key] = value
        self.history.append((self._env.now, topic, key, value))
        for listener in self._listeners.get(topic, ()):
            listener(self._env.now, key, value)

    def schedule(self, topic: str, key: str, times: Sequence[float], values: Sequence[Any]) -> None:
        """Write all values that a key will have: each holds from its time on, that instant included.

        Parameters
        ----------
        topic, key : str
        times : sequence of float
            Ascending [s]; of equal ones the last counts.
        values : sequence
        """
        self._scheduled[topic, key] = (times, values)
        for listener in self._listeners.get(topic, ()):
            self._env.process(self._tell(key, times, values, listener))

    def read(self, topic: str, key: str, default: Any = None) -> Any:
        """Return the value last posted, that of the moment where it is scheduled, or the default."""
        found = self._scheduled.get((topic, key))
        if found is None:
            return self._values.get((topic, key), default)
        times, values = found
        place = bisect_right(times, self._env.now)
        return values[place - 1] if place else default

    def keys(self, topic: str) -> list[str]:
        """Return the keys that a topic holds."""
        return [key for name, key in (*self._values, *self._scheduled) if name == topic]

    def scheduled(self, topic: str, key: str) -> tuple[Sequence[float], Sequence[Any]]:
        """Return the times and values that are scheduled; none where nothing is."""
        return self._scheduled.get((topic, key), ((), ()))

    def listen(self, topic: str, listener: Listener) -> None:
        """Call `listener(time, key, value)` at each post on a topic, and whenever a scheduled value changes."""
        self._listeners.setdefault(topic, []).append(listener)
        for (name, key), (times, values) in self._scheduled.items():
            if name == topic:
                self._env.process(self._tell(key, times, values, listener))

    def _tell(
        self, key: str, times: Sequence[float], values: Sequence[Any], listener: Listener
    ) -> Generator[simpy.Event, Any, None]:
        for time, value in zip(times, values, strict=True):
            if time > self._env.now:
                yield self._env.timeout(time - self._env.now)
            listener(time, key, value)
