"""When things happen over the horizon: deployment by year, ramp-up, ageing, renewals, residual value.

Year 0 is that of the first installation; what is installed in a year serves from the next one on, to the horizon.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RampUp:
    """How users take to a service: a logistic curve from nothing at its start.

    Attributes
    ----------
    midpoint : float
        Time at which half is reached, before the curve is brought to zero at its start [year].
    steepness : float
        [1/year].
    """

    midpoint: float
    steepness: float

    def share(self, age: ArrayLike, scale: ArrayLike = 1.0) -> Floats:
        """Return the share reached some time after the start; `scale` stretches the midpoint.

        Parameters
        ----------
        age : array_like
            [year].
        scale : array_like
            Times the midpoint.
        """

        def logistic(time: ArrayLike) -> Floats:
            away = np.asarray(time, dtype=np.float64) - self.midpoint * np.asarray(scale, dtype=np.float64)
            return np.asarray(expit(self.steepness * away))

        start = logistic(0.0)
        return np.asarray((logistic(np.maximum(age, 0.0)) - start) / (1.0 - start))


@dataclass(frozen=True)
class Schedule:
    """The calendar of one network.

    Attributes
    ----------
    horizon : int
        Years after year 0.
    deployed : mapping of int to float
        Share installed by year (0 for the first); they add up to 1.
    ramp_up : RampUp, optional
        Of what users or agents have to take to; hardware works at once.
    ageing : float
        Share of the effect that is lost with each year of service.
    """

    horizon: int
    deployed: Mapping[int, float] = field(default_factory=lambda: {0: 1.0})
    ramp_up: RampUp | None = None
    ageing: float = 0.0

    @property
    def years(self) -> int:
        """Number of yearly flows, year 0 included."""
        return self.horizon + 1

    def installed(self) -> Floats:
        """Return the share that serves in each year, shape (years,)."""
        share = np.zeros(self.years)
        for year, part in self.deployed.items():
            share[year + 1 :] += part
        return share

    def effect(self, delay: int = 0, scale: ArrayLike = 1.0) -> Floats:
        """Return the share of the full effect that each year has.

        Parameters
        ----------
        delay : int
            Years by which effects come late; what is paid keeps its date.
        scale : array_like, shape () or (samples, 1)
            Stretches the ramp-up.

        Returns
        -------
        ndarray, shape (years,) or (samples, years)
        """
        time = np.arange(self.years)
        total = np.zeros(np.broadcast_shapes(np.shape(scale), (self.years,)))
        for year, part in self.deployed.items():
            age = time - year - delay
            kept = (1.0 - self.ageing) ** np.maximum(age - 1, 0)
            taken = self.ramp_up.share(age, scale) if self.ramp_up is not None else 1.0
            total = total + np.where(age >= 1, part * kept * taken, 0.0)
        return total

    def purchases(self, life: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return when something of a given life is bought, and what is left of it at the horizon.

        Parameters
        ----------
        life : array_like, shape (samples,)
            [year], above zero.

        Returns
        -------
        first, renewed : ndarray, shape (years,) and (samples, years)
            Shares bought for the first time and bought again, by year. What would serve no year of the horizon is not
            bought again.
        left : ndarray, shape (samples,)
            Share of the price that still serves at the horizon, straight line over the life.

        Raises
        ------
        ValueError
            On a life that is not above zero.
        """
        life = np.atleast_1d(np.asarray(life, dtype=np.float64))
        if not (life > 0.0).all():
            raise ValueError("a life must be above zero")
        first, renewed, left = self._bought(life)
        return first, renewed, left.sum(axis=1)

    def left(self, life: ArrayLike) -> Floats:
        """Return what is left at the horizon, by the year in which it was bought; see `purchases`.

        Returns
        -------
        ndarray, shape (samples, years)
        """
        return self._bought(np.atleast_1d(np.asarray(life, dtype=np.float64)))[2]

    def _bought(self, life: Floats) -> tuple[Floats, Floats, Floats]:
        first = np.zeros(self.years)
        renewed, left = np.zeros((len(life), self.years)), np.zeros((len(life), self.years))
        rows = np.arange(len(life))
        for year, part in self.deployed.items():
            if year > self.horizon:
                continue
            first[year] += part
            last = np.full(len(life), float(year))
            turn = 1
            while True:
                # Purchases fall on whole years, and a life under a year is one purchase a year.
                due = np.maximum(np.rint(year + turn * life), last + 1.0)
                again = due < self.horizon
                if not again.any():
                    break
                renewed[rows[again], due[again].astype(int)] += part
                last = np.where(again, due, last)
                turn += 1
            served = self.horizon - last
            left[rows, last.astype(int)] += part * np.maximum(0.0, 1.0 - served / np.maximum(life, 1.0))
        return first, renewed, left


def growth(rate: ArrayLike, start: int, years: int, base: int) -> Floats:
    """Return by how much a price or a value has grown in each year.

    Parameters
    ----------
    rate : array_like, shape (...)
        Real growth [1/year].
    start : int
        Calendar year of year 0.
    years : int
        Number of yearly flows.
    base : int
        Calendar year in which the factor is 1.

    Returns
    -------
    ndarray, shape (..., years)
    """
    time = np.arange(start - base, start - base + years, dtype=np.float64)
    return np.asarray((1.0 + np.asarray(rate, dtype=np.float64)[..., None]) ** time)


def path(points: Mapping[int, float], start: int, years: int) -> Floats:
    """Return a trajectory by year: straight between the points that are stated, level before and after them."""
    known = sorted(points)
    return np.interp(np.arange(start, start + years), known, [points[year] for year in known])
