"""Links: where they lead, and the time that they take at a flow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment.signals import Signals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Links:
    """Directed links; shapes (m,).

    The time of a link is t = free_time (1 + b (flow/capacity)^power), the form of the Bureau of Public Roads (Traffic
    Assignment Manual, 1964), to which lights at its end add their delay.

    Attributes
    ----------
    tail, head : ndarray of int
        Nodes, from 0. Zones are the first nodes.
    free_time : ndarray
        Time without traffic [any unit].
    capacity : ndarray
        [flow].
    b, power : ndarray
        Constants of the form.
    nodes : int
        Number of nodes.
    through : int
        Nodes below this number start and end trips, and are never passed.
    signals : Signals, optional
        Lights at the end of the links. Times are then in seconds and flows in pcu/h.
    """

    tail: Ints
    head: Ints
    free_time: Floats
    capacity: Floats
    b: Floats
    power: Floats
    nodes: int
    through: int = 0
    signals: Signals | None = None

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises
        ------
        ValueError
        """
        if (self.capacity <= 0.0).any():
            raise ValueError(f"links without capacity: {np.flatnonzero(self.capacity <= 0.0)[:5].tolist()}")
        if (self.free_time < 0.0).any() or not np.isfinite(self.free_time).all():
            raise ValueError("times without traffic must be finite and not negative")
        if len(self.tail) and (max(self.tail.max(), self.head.max()) >= self.nodes or self.tail.min() < 0):
            raise ValueError("links lead to nodes that do not exist")

    def __len__(self) -> int:
        """Return the number of links."""
        return len(self.tail)

    @cached_property
    def _quartic(self) -> bool:
        return bool((self.power == 4.0).all())

    def _ratio(self, flow: Floats, power: Floats | float) -> Floats:
        """Return (flow/capacity)^power; a power of 4 is by far the commonest, and much quicker as two squares."""
        x = flow / self.capacity
        if self._quartic and power is self.power:
            square = x * x
            return np.asarray(square * square)
        return np.asarray(x**power)

    def time(self, flow: Floats) -> Floats:
        """Return the time of each link at a flow, shape (m,)."""
        found = self.free_time * (1.0 + self.b * self._ratio(flow, self.power))
        return found if self.signals is None else found + self.signals.delay(flow)

    def integral(self, flow: Floats) -> Floats:
        """Return the integral of the time from no flow, shape (m,): the terms of Beckmann's objective."""
        part = self.b / (self.power + 1.0) * self._ratio(flow, self.power)
        found = self.free_time * flow * (1.0 + part)
        return found if self.signals is None else found + self.signals.integral(flow)

    def slope(self, flow: Floats) -> Floats:
        """Return the derivative of the time, shape (m,)."""
        steep = self.free_time * self.b * self.power / self.capacity
        if self._quartic:
            x = flow / self.capacity
            found = steep * x * x * x
        else:
            # A power below 1 has an infinite slope at no flow.
            found = np.where(self.power > 0.0, steep * self._ratio(np.maximum(flow, 1e-12), self.power - 1.0), 0.0)
        return found if self.signals is None else found + self.signals.slope(flow)

    @cached_property
    def order(self) -> Ints:
        """Links sorted by tail."""
        return np.argsort(self.tail, kind="stable").astype(np.int64)

    @cached_property
    def first(self) -> Ints:
        """Place in `order` of the first link that leaves each node, shape (nodes + 1,)."""
        counts = np.bincount(self.tail, minlength=self.nodes)
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
