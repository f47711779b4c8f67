"""Delay at traffic lights, by flow: uniform delay of the red, and delay of the queue that is left over.

References
----------
Highway Capacity Manual 2000, chapter 16: control delay d = d1 + d2, with d1 the uniform delay of Webster and d2 the
incremental delay of random arrivals and oversaturation (progression factor 1, no initial queue).
F. V. Webster, "Traffic signal settings", Road Research Technical Paper 39, 1958: the cycle of least delay
C = (1.5 L + 5) / (1 - Y), green shared in proportion to the critical flow ratios.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Signals:
    """Lights at the end of links; shapes (m,), a share of green of 1 means that there is no light.

    Attributes
    ----------
    cycle : ndarray
        Length of the cycle [s].
    green : ndarray
        Effective green over the cycle.
    saturation : ndarray
        Flow that passes during green [pcu/h].
    period : float
        Time during which the flow lasts [h].
    incremental : float
        Factor of the incremental delay: 0.5 for fixed plans at an isolated crossing, less where the light follows
        demand.
    """

    cycle: Floats
    green: Floats
    saturation: Floats
    period: float = 1.0
    incremental: float | Floats = 0.5

    @property
    def capacity(self) -> Floats:
        """Flow that can pass [pcu/h]."""
        return self.saturation * self.green

    def terms(self) -> tuple[Floats, Floats, Floats]:
        """Return the largest uniform delay [s], and the two numbers of the incremental delay."""
        uniform = 0.5 * self.cycle * (1.0 - self.green) ** 2
        scale = np.where(self.green < 1.0, 900.0 * self.period, 0.0)
        spread = 8.0 * np.asarray(self.incremental) / (self.capacity * self.period)
        return uniform, scale, np.broadcast_to(spread, self.cycle.shape)

    def delay(self, flow: Floats) -> Floats:
        """Return the mean delay of a vehicle [s], shape (m,), at flows [pcu/h]."""
        uniform, scale, spread = self.terms()
        x = flow / self.capacity
        first = uniform / (1.0 - np.minimum(x, 1.0) * self.green + (self.green >= 1.0))
        return np.asarray(first + scale * ((x - 1.0) + np.sqrt((x - 1.0) ** 2 + spread * x)))

    def slope(self, flow: Floats) -> Floats:
        """Return the derivative of the delay [s/(pcu/h)], shape (m,)."""
        uniform, scale, spread = self.terms()
        x = flow / self.capacity
        rest = 1.0 - np.minimum(x, 1.0) * self.green + (self.green >= 1.0)
        first = np.where(x < 1.0, uniform * self.green / rest**2, 0.0)
        root = np.sqrt((x - 1.0) ** 2 + spread * x)
        second = 1.0 + (x - 1.0 + 0.5 * spread) / np.maximum(root, 1e-12)
        return np.asarray((first + scale * second) / self.capacity)

    def integral(self, flow: Floats) -> Floats:
        """Return the integral of the delay from no flow [s·pcu/h], shape (m,)."""
        uniform, scale, spread = self.terms()
        x = flow / self.capacity
        below = np.minimum(x, 1.0)
        green = np.where(self.green >= 1.0, 0.5, self.green)  # without a light the uniform delay is zero anyway
        first = uniform * (-np.log1p(-below * green) / green + np.maximum(x - 1.0, 0.0) / (1.0 - green))
        second = scale * (0.5 * x**2 - x + _root_integral(x, spread) - _root_integral(np.zeros_like(x), spread))
        return np.asarray(self.capacity * (first + second))


def _root_integral(x: Floats, spread: Floats) -> Floats:
    """Return an antiderivative of sqrt((x - 1)^2 + spread x)."""
    # (x - 1)^2 + s x = (x - p)^2 + q, with p = 1 - s/2 and q = s - s^2/4.
    shift, rest = 1.0 - 0.5 * spread, spread - 0.25 * spread**2
    y = x - shift
    root = np.sqrt(np.maximum(y**2 + rest, 0.0))
    return np.asarray(0.5 * (y * root + rest * np.log(np.maximum(y + root, 1e-300))))


def webster(ratios: Floats, lost: float, shortest: float, longest: float) -> tuple[float, Floats]:
    """Return the cycle of least delay [s] and the share of green of each phase, shape (p,).

    Parameters
    ----------
    ratios : ndarray, shape (p,)
        Flow over saturation flow of the most loaded approach of each phase.
    lost : float
        Time lost in a cycle [s].
    shortest, longest : float
        Bounds of the cycle [s].
    """
    total = float(ratios.sum())
    free = (1.5 * lost + 5.0) / (1.0 - total) if total < 0.95 else longest
    cycle = float(np.clip(free, shortest, longest))
    share = ratios / total if total > 0.0 else np.full(len(ratios), 1.0 / len(ratios))
    return cycle, np.asarray(share * (cycle - lost) / cycle)
