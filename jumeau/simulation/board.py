"""The board: named quantities through which networks meet without importing each other.

A water repair posts `street_closed` for a street; traffic and trucks read it. Topics are plain names, keys are asset
ids; whoever reads a topic that nobody writes finds its default.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from typing import Any

import simpy

#: Topic by which traffic tells the time of ways over that on empty streets, and its key for all of them.
DELAY, EVERYWHERE = "travel_delay", "all"

#: Topic of the same by row of the layer `streets`, shape (streets,); its only key is `EVERYWHERE`.
STREETS = "street_delay"

#: Topic that closes a street, by its identifier, while its value is true.
CLOSED = "street_closed"

Listener = Callable[[float, str, Any], None]

#: What was written in the course of a run: time [s], topic, key, value; values are what JSON can say.
Post = tuple[float, str, str, Any]

#: What is known ahead, by topic and key: ascending times [s], and the values that hold from them on.
Schedules = Mapping[tuple[str, str], tuple[Sequence[float], Sequence[Any]]]


class Board:
    """Named quantities of one run, with the time at which they changed.

    What is known ahead for the whole run is scheduled rather than posted: it costs events only where somebody listens.

    Parameters
    ----------
    env : simpy.Environment
    unheard : collection of str
        Topics that networks post which are simulated elsewhere, and of which nothing is repeated here: whoever reads
        one has not declared it.

    Attributes
    ----------
    history : list of Post
        All that was posted, or repeated.
    own : list of Post
        What was posted here.
    """

    def __init__(self, env: simpy.Environment, unheard: Collection[str] = ()) -> None:
        self._env = env
        self._unheard = frozenset(unheard)
        self._values: dict[tuple[str, str], Any] = {}
        self._scheduled: dict[tuple[str, str], tuple[Sequence[float], Sequence[Any]]] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self.history: list[Post] = []
        self.own: list[Post] = []

    def post(self, topic: str, key: str, value: Any) -> None:
        """Write a value, keep it in the history and tell the listeners."""
        self.own.append((self._env.now, topic, key, value))
        self._write(*self.own[-1])

    def _write(self, time: float, topic: str, key: str, value: Any) -> None:
        self._values[topic, key] = value
        self.history.append((time, topic, key, value))
        for listener in self._listeners.get(topic, ()):
            listener(time, key, value)

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

    @property
    def schedules(self) -> Schedules:
        """What is scheduled."""
        return dict(self._scheduled)

    def repeat(self, schedules: Schedules, posts: Sequence[Post]) -> None:
        """Take over what was scheduled, and what others posted: it is written again, each at its time.

        Parameters
        ----------
        schedules : mapping
        posts : sequence of Post
            In ascending order of time.
        """
        for (topic, key), (times, values) in schedules.items():
            self.schedule(topic, key, times, values)
        if posts:
            self._env.process(self._again(posts))

    def _again(self, posts: Sequence[Post]) -> Generator[simpy.Event, Any, None]:
        for time, topic, key, value in posts:
            if time > self._env.now:
                yield self._env.timeout(time - self._env.now)
            # The clock may be off by the last digit of a sum: listeners get the very time.
            self._write(time, topic, key, value)

    def _heard(self, topic: str) -> None:
        if topic in self._unheard:
            raise KeyError(f"{topic}: a network reads this topic of the board without declaring it in `listens`")

    def read(self, topic: str, key: str, default: Any = None) -> Any:
        """Return the value last posted, that of the moment where it is scheduled, or the default.

        Raises
        ------
        KeyError
            When the topic is posted by a network that is simulated elsewhere.
        """
        self._heard(topic)
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
        """Call `listener(time, key, value)` at each post on a topic, and whenever a scheduled value changes.

        Raises
        ------
        KeyError
            When the topic is posted by a network that is simulated elsewhere.
        """
        self._heard(topic)
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
