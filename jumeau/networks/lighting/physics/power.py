"""What lamps and cabinets draw: power by flux level, constant light output, cumulated hours, EN 13201-5 figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CurveKind = Literal["affine", "bipower", "switched"]


@dataclass(frozen=True)
class Curve:
    """Power share of a lamp by its flux level.

    Attributes
    ----------
    kind : str
        `affine` (LED), `bipower` (discharge lamp on a bi-power ballast) or `switched` (on or off).
    offset : float
        `affine`: power share as the flux tends to zero.
    level, power : float
        `bipower`: the lowest flux level that it can hold, and the power share there.
    """

    kind: CurveKind
    offset: float = 0.0
    level: float = 0.5
    power: float = 0.5

    def __call__(self, flux: Floats) -> Floats:
        """Return the power share at flux levels, same shape; a level of 0 is off and draws nothing.

        A lamp asked for less than it can hold stays at its lowest level.
        """
        if self.kind == "affine":
            share = self.offset + (1.0 - self.offset) * flux
        elif self.kind == "bipower":
            held = np.maximum(flux, self.level)
            share = self.power + (1.0 - self.power) * (held - self.level) / (1.0 - self.level)
        else:
            share = np.ones_like(flux)
        return np.where(flux > 0.0, share, 0.0)


@dataclass(frozen=True)
class Cumulated:
    """A rate that is constant inside each step, cumulated, so that any interval costs two look-ups.

    Attributes
    ----------
    start : float
        First border [s].
    step : float
        [s].
    total : ndarray, shape (n + 1,)
        Integral of the rate from `start` to each border [h, where the rate is a share of time].
    """

    start: float
    step: float
    total: Floats

    @classmethod
    def of(cls, start: float, step: float, rate: Floats) -> Cumulated:
        """Cumulate rates, shape (n,), in hours."""
        total = np.concatenate([[0.0], np.cumsum(rate)]) * (step / 3600.0)
        return cls(start, step, total)

    def at(self, time: Floats | float) -> Floats:
        """Return the integral from the first border to instants [s]; instants outside are clipped."""
        position = np.clip((np.asarray(time, dtype=np.float64) - self.start) / self.step, 0, len(self.total) - 1)
        below = np.minimum(position.astype(np.int64), len(self.total) - 2)
        left = self.total[below]
        return np.asarray(left + (position - below) * (self.total[below + 1] - left))

    def between(self, start: Floats | float, end: Floats | float) -> Floats:
        """Return the integral between two instants [s]."""
        return self.at(end) - self.at(start)

    def when(self, amount: Floats | float) -> Floats:
        """Return the first instant at which the integral reaches an amount [s]; infinity where it never does."""
        wanted = np.asarray(amount, dtype=np.float64)
        above = np.clip(np.searchsorted(self.total, wanted, side="left"), 1, len(self.total) - 1)
        left, right = self.total[above - 1], self.total[above]
        rise = right - left
        part = np.divide(wanted - left, rise, out=np.zeros_like(wanted), where=rise > 0)
        instant = self.start + (above - 1 + np.clip(part, 0.0, 1.0)) * self.step
        return np.where(wanted > self.total[-1], np.inf, instant)


def constant_output_share(age: Floats, life: float, maintained: float) -> Floats:
    """Return the mean power share of a driver with constant light output over the rest of its luminaire's life.

    The driver starts at the flux that an unregulated luminaire ends with, and follows its linear fall back to full
    power. The rest of life is the horizon, not the period: a simulated year stands for the years of an appraisal.

    Parameters
    ----------
    age : ndarray
        Burning hours so far [h].
    life : float
        Burning hours at which flux has fallen to `maintained` [h].
    maintained : float
        Flux share left then.

    Returns
    -------
    ndarray
        The mean of `maintained + (1 - maintained) x age / life` from `age` to `life`; 1 from `life` on.
    """
    done = np.clip(age / life, 0.0, 1.0)
    return maintained + (1.0 - maintained) * (1.0 + done) / 2.0


def subscribed(peak: Floats, power_factor: float, margin: float, step: float) -> Floats:
    """Return the subscribed power of cabinets.

    Parameters
    ----------
    peak : ndarray
        Highest active power [W].
    power_factor : float
        Active over apparent power.
    margin : float
        Share added to the peak.
    step : float
        Subscriptions are multiples of it [kVA].

    Returns
    -------
    ndarray
        [kVA], 0 for a cabinet without load.
    """
    apparent = peak / 1000.0 / power_factor * (1.0 + margin)
    # A load that is a whole number of steps but for rounding must not pay one more.
    return np.asarray(np.ceil(apparent / step - 1e-9) * step)


def energy_density(energy: float, area: float, years: float) -> float:
    """Return the annual energy consumption indicator of EN 13201-5 [Wh/m2 per year]; 0 without area.

    Parameters
    ----------
    energy : float
        [kWh].
    area : float
        Area to be lit [m2].
    years : float
        Length of the period [year].
    """
    return energy * 1000.0 / area / years if area > 0.0 else 0.0


def power_density(power: Floats, illuminance: Floats, area: Floats) -> float:
    """Return the power density indicator of EN 13201-5 [W/lx/m2]; 0 without illuminance.

    Parameters
    ----------
    power, illuminance, area : ndarray, shape (n,)
        System power [W], maintained average horizontal illuminance [lx] and area [m2] of each sub-area.
    """
    lumens = float(np.sum(illuminance * area))
    return float(np.sum(power)) / lumens if lumens > 0.0 else 0.0
