"""What the operator knows of the fill: from past collections, from counted deposits, or from sensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from jumeau.networks.waste.physics.deposits import OFFSET, Deposits
from jumeau.networks.waste.physics.state import Containers
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.delivery import FAMILY, PLACE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Drivers tell the fill by quarters.
QUARTERS = 4.0

#: A volume that nobody sees [l], and its square: keeps quotients finite.
TINY = 1e-6


@dataclass(frozen=True)
class Estimate:
    """Level of some containers as known, shapes (k,).

    Attributes
    ----------
    mean : ndarray
        [l].
    variance : ndarray
        [l2].
    lever : ndarray
        How much an error of the filling rate shifts the level: mean days that were forecast [day].
    """

    mean: Floats
    variance: Floats
    lever: Floats


class Knowledge:
    """Estimates of levels and rates in one run.

    Parameters
    ----------
    containers : Containers
    deposits : Deposits
        The truth, which sensors read and collections reveal.
    rates : mapping of str to float
        `reading_interval`, `reading_noise`, `reading_dropout`, `failing_share`, `prior_error`, `calendar_fill`.
    streams : Streams

    Notes
    -----
    The filling rate of a container is known at first with the relative error `prior_error`. Each collection observes it
    as what was found over the time since the one before, with the variance of the deposits (a compound Poisson process)
    and of the look into the container; mean and variance follow the recursion of a Kalman filter. Where an access
    control counts deposits, their number gives the rate by the conjugate update of a Poisson process (gamma law).

    References
    ----------
    N. Wouda, M. Aerts-Veenstra and N. van Foreest, "An integrated selection and routing policy for urban waste
    collection", arXiv 2409.13386, 2024: prizes by the urgency of a visit, estimated from counted deposits.
    """

    def __init__(self, containers: Containers, deposits: Deposits, rates: dict[str, float], streams: Streams) -> None:
        self.containers = containers
        self.deposits = deposits
        self.rates = rates
        self.streams = streams
        size = len(containers)
        error = rates["prior_error"]
        normal = streams.generator("container", "prior").standard_normal(size)
        sigma = np.sqrt(np.log1p(error**2))
        # What is known at first is what fell before any fee.
        self._prior = containers.rate * containers.deposit * np.exp(sigma * normal - sigma**2 / 2.0)
        self._rate = self._prior.copy()
        self._doubt = (error * self._prior) ** 2
        self._works = np.asarray(streams.column("sensor", "fails", size) >= rates["failing_share"], dtype=bool)
        # Second moment over the mean of a deposit: the variance per litre of a compound Poisson process.
        self._grain = (containers.deposit**2 + containers.spread**2) / containers.deposit
        # The run starts between two collections: each container holds a random part of its usual fill at pick-up.
        start = streams.column("container", "start", size) if size else np.zeros(0)
        held = start * rates["calendar_fill"] * containers.capacity
        self.emptied = -held
        self._counted = -np.floor(held / containers.deposit)
        self._since = deposits.weight(-np.inf) - held / np.maximum(containers.rate * containers.deposit, 1e-9)
        #: Rows whose sensors are all silent, while they are: their devices fail and wait for a crew.
        self.silent = np.zeros(size, dtype=bool)
        self._readings: dict[int, tuple[Floats, NDArray[np.bool_]]] = {}

    def rate(self, rows: Ints, time: float) -> tuple[Floats, Floats]:
        """Return the filling rate as known: mean [l per mean day] and variance."""
        mean, variance = self._rate[rows], self._doubt[rows]
        counted = self.containers.counter[rows]
        if not counted.any():
            return mean, variance
        # Gamma law with the mean and the relative error of the prior, in deposits: all that were counted update it.
        deposit = self.containers.deposit[rows]
        shape = self.rates["prior_error"] ** -2.0
        known = np.maximum(self._prior[rows] / deposit, TINY)
        number, days = self.deposits.number(time, rows), self.deposits.weight(time) - self.deposits.weight(-np.inf)
        often = (shape + number) / (shape / known + days)
        spread = np.sqrt(shape + number) / (shape / known + days)
        return np.where(counted, often * deposit, mean), np.where(counted, (spread * deposit) ** 2, variance)

    def level(self, time: float, rows: Ints) -> Floats:
        """Return the true volume since the last collection, beside the containers included [l]."""
        return self.deposits.volume(time, rows) - self.emptied[rows]

    def level_of(self, time: float, row: int) -> float:
        """Return the true volume of one row of containers, what lies beside them included [l]."""
        return self.deposits.volume_of(time, row) - float(self.emptied[row])

    def overflow_of(self, time: float, row: int) -> float:
        """Return what has fallen beside one row of full containers since the last collection, in the period [l]."""
        over = self.level_of(time, row) - float(self.containers.capacity[row])
        return float(self.overflow(time, np.array([row]))[0]) if over > 0.0 else 0.0

    def overflow(self, time: float, rows: Ints) -> Floats:
        """Return what has fallen beside full containers since the last collection, within the period [l]."""
        capacity = self.containers.capacity[rows]
        now = np.maximum(self.level(time, rows) - capacity, 0.0)
        before = np.maximum(self.deposits.volume(min(0.0, time), rows) - self.emptied[rows] - capacity, 0.0)
        return np.asarray(now - before if time > 0.0 else np.zeros(len(rows)), dtype=np.float64)

    def estimate(self, time: float, rows: Ints) -> Estimate:
        """Return what is known of the levels at a time."""
        owned = self.containers
        read = owned.sensor[rows].any()
        interval = self.rates["reading_interval"] * HOUR
        # Readings correct the forecast of the moment when they are made.
        at = np.floor(time / interval) * interval if read else time
        elapsed = np.maximum(self.deposits.weight(at) - self._since[rows], 0.0)
        rate, doubt = self.rate(rows, time)
        mean = rate * elapsed
        variance = mean * self._grain[rows] + doubt * elapsed**2
        lever = elapsed
        counted = owned.counter[rows]
        if counted.any():
            number = np.maximum(self.deposits.number(at, rows) - self._counted[rows], 0.0)
            mean = np.where(counted, number * owned.deposit[rows], mean)
            variance = np.where(counted, number * owned.spread[rows] ** 2, variance)
            lever = np.where(counted, 0.0, lever)
        known = Estimate(mean, np.maximum(variance, TINY), lever)
        if read:
            since = np.maximum(self._since[rows], self.deposits.weight(at))
            known = self._later(self._read(at, rows, known), rows, (rate, doubt), self.deposits.weight(time) - since)
        return Estimate(np.maximum(known.mean, 0.0), np.maximum(known.variance, TINY), known.lever)

    def _read(self, at: float, rows: Ints, forecast: Estimate) -> Estimate:
        """Return forecasts corrected by what sensors read at that moment, each by its own certainty."""
        owned = self.containers
        noise, there = self._day(int(np.floor(at / DAY)))
        capacity = owned.capacity[rows]
        # A container that was emptied since the reading is known to be empty then.
        level = np.maximum(self.deposits.volume(at, rows) - self.emptied[rows], 0.0)
        reading = np.clip(np.minimum(level, capacity) + noise[rows] * capacity, 0.0, capacity)
        blur = (self.rates["reading_noise"] * capacity) ** 2
        known = owned.sensor[rows] & self._works[rows] & ~self.silent[rows] & there[rows]
        gain = np.where(known, forecast.variance / (forecast.variance + blur), 0.0)
        return Estimate(
            forecast.mean + gain * (reading - forecast.mean),
            (1.0 - gain) * forecast.variance,
            (1.0 - gain) * forecast.lever,
        )

    def _later(self, known: Estimate, rows: Ints, rate: tuple[Floats, Floats], ahead: Floats | float) -> Estimate:
        """Return what a known level is so many mean days later, deposits until then forecast."""
        mean, doubt = rate
        growth = mean * ahead
        # The same error of the rate is in what was forecast before and in what is from now on.
        variance = known.variance + growth * self._grain[rows] + doubt * ahead * (ahead + 2.0 * known.lever)
        return Estimate(known.mean + growth, variance, known.lever + ahead)

    def _day(self, day: int) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the error of a day's readings, and whether each sensor was heard."""
        if day not in self._readings:
            generator = self.streams.generator("sensor", "reading", day + OFFSET)
            size = len(self.containers)
            noise = self.rates["reading_noise"] * generator.standard_normal(size)
            self._readings = {day: (noise, generator.random(size) >= self._dropout(day))}
        return self._readings[day]

    def _dropout(self, day: int) -> Floats | float:
        """Return the share of days without a reading: that of each sensor where something is known of its radio."""
        radio = self.containers.radio
        if radio is None:
            return self.rates["reading_dropout"]
        place = self.streams.column(FAMILY, PLACE, len(self.containers))
        return 1.0 - radio.share(day * DAY, place)

    def forecast(self, known: Estimate, rows: Ints, now: float, later: float) -> Estimate:
        """Return what a level known now will be at a later time if nobody empties it."""
        ahead = self.deposits.weight(later) - self.deposits.weight(now)
        return self._later(known, rows, self.rate(rows, now), ahead)

    def risk(self, level: Estimate, rows: Ints) -> Floats:
        """Return the probability that each container overflows, given what its level is or will be."""
        room = self.containers.capacity[rows] - level.mean
        return np.asarray(ndtr(-room / np.sqrt(level.variance)), dtype=np.float64)

    def empty(self, time: float, row: int) -> float:
        """Empty a container, learn from it, and return what was taken [l]."""
        fallen = self.deposits.volume_of(time, row)
        taken = fallen - self.emptied[row]
        now = self.deposits.weight(time)
        self._look(row, taken, now - float(self._since[row]))
        self.emptied[row] = fallen
        self._since[row] = now
        if self.containers.counter[row]:
            self._counted[row] = float(self.deposits.number(time, np.array([row]))[0])
        return float(taken)

    def _look(self, row: int, taken: float, days: float) -> None:
        """Learn the filling rate from what is seen at a collection, so many mean days after the one before."""
        capacity = float(self.containers.capacity[row])
        if self.containers.sensor[row] and self._works[row] and not self.silent[row]:
            told, blur = taken, (self.rates["reading_noise"] * capacity) ** 2
        else:
            # Quarters of the container, the error of rounding being uniform; the lowest stands for less than an eighth.
            told = max(round(taken / capacity * QUARTERS), 0.5) / QUARTERS * capacity
            blur = (capacity / QUARTERS) ** 2 / 12.0
        rate, doubt = float(self._rate[row]), float(self._doubt[row])
        gain = doubt * days / (doubt * days**2 + rate * days * float(self._grain[row]) + blur + TINY)
        self._rate[row] = max(rate + gain * (told - rate * days), 0.0)
        self._doubt[row] = max(doubt * (1.0 - gain * days), 0.0)
