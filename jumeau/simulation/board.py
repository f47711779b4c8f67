"""The board: named quantities through which networks meet without importing each other.

A water repair posts `street_closed` for a street; traffic and trucks read it. Topics are plain names, keys are asset
ids; whoever reads a topic that nobody writes finds its default.
"""

from __future__ import annotations

from collections.abc import Callable
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
    """Named quantities of one run, with the time at which they changed."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._values: dict[tuple[str, str], Any] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self.history: list[tuple[float, str, str, Any]] = []

    def post(self, topic: str, key: str, value: Any) -> None:
        """Write a value, keep it in the history and tell the listeners."""
        self._values[topic, key] = value
        self.history.append((self._env.now, topic, key, value))
        for listener in self._listeners.get(topic, ()):
            listener(self._env.now, key, value)

    def read(self, topic: str, key: str, default: Any = None) -> Any:
        """Return the value last posted, or the default."""
        return self._values.get((topic, key), default)

    def keys(self, topic: str) -> list[str]:
        """Return the keys that a topic holds."""
        return [key for name, key in self._values if name == topic]

    def listen(self, topic: str, listener: Listener) -> None:
        """Call `listener(time, key, value)` at each post on a topic."""
        self._listeners.setdefault(topic, []).append(listener)
