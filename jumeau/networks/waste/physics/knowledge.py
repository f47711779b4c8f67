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

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Drivers tell the fill by quarters.
QUARTERS = 4.0


@dataclass(frozen=True)
class Estimate:
    """Level of some containers as known [l], shapes (k,): mean and variance."""

    mean: Floats
    variance: Floats


class Knowledge:
    """Estimates of levels and rates in one run.

    Parameters
    ----------
    containers : Containers
    deposits : Deposits
        The truth, which sensors read and collections reveal.
    rates : mapping of str to float
        `reading_interval`, `reading_noise`, `reading_dropout`, `failing_share`, `prior_error`, `prior_days`.
    streams : Streams

    Notes
    -----
    The filling rate of a container is known at first with the relative error `prior_error`; each collection adds the
    volume found and the time since the one before, as in the conjugate update of a Poisson rate.
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
        self._seen = np.zeros(size)
        self._days = np.zeros(size)
        self._works = np.asarray(streams.column("sensor", "fails", size) >= rates["failing_share"], dtype=bool)
        # Second moment over the mean of a deposit: the variance per litre of a compound Poisson process.
        self._grain = (containers.deposit**2 + containers.spread**2) / containers.deposit
        # The run starts between two collections: each container holds a random part of its usual fill at pick-up.
        start = streams.column("container", "start", size) if size else np.zeros(0)
        held = start * rates["calendar_fill"] * containers.capacity
        self.emptied = -held
        self._counted = -np.floor(held / containers.deposit)
        self._since = deposits.weight(-np.inf) - held / np.maximum(containers.rate * containers.deposit, 1e-9)
        self._readings: dict[int, tuple[Floats, NDArray[np.bool_]]] = {}

    def rate(self, rows: Ints) -> Floats:
        """Return the filling rate as known [l per mean day]."""
        days = self.rates["prior_days"]
        return np.asarray((self._prior[rows] * days + self._seen[rows]) / (days + self._days[rows]))

    def _rate_error(self, rows: Ints) -> Floats:
        days = self.rates["prior_days"]
        return np.asarray(self.rates["prior_error"] * self.rate(rows) * np.sqrt(days / (days + self._days[rows])))

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
        elapsed = self.deposits.weight(time) - self._since[rows]
        rate, error = self.rate(rows), self._rate_error(rows)
        mean = rate * elapsed
        variance = mean * self._grain[rows] + (error * elapsed) ** 2
        counted = owned.counter[rows]
        if counted.any():
            number = self.deposits.number(time, rows) - self._counted[rows]
            mean = np.where(counted, number * owned.deposit[rows], mean)
            variance = np.where(counted, number * owned.spread[rows] ** 2, variance)
        if owned.sensor[rows].any():
            mean, variance = self._read(time, rows, mean, variance)
        return Estimate(np.maximum(mean, 0.0), np.maximum(variance, 1e-6))

    def _read(self, time: float, rows: Ints, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Return estimates in which readings of sensors stand over forecasts."""
        owned = self.containers
        at = np.floor(time / (self.rates["reading_interval"] * HOUR)) * self.rates["reading_interval"] * HOUR
        noise, there = self._day(int(np.floor(at / DAY)))
        known = owned.sensor[rows] & self._works[rows] & there[rows]
        capacity = owned.capacity[rows]
        # A container that was emptied since the reading is known to be empty then.
        level = np.maximum(self.deposits.volume(at, rows) - self.emptied[rows], 0.0)
        reading = np.clip(np.minimum(level, capacity) + noise[rows] * capacity, 0.0, capacity)
        later = self.rate(rows) * (self.deposits.weight(time) - self.deposits.weight(at))
        spread = (self.rates["reading_noise"] * capacity) ** 2 + later * self._grain[rows]
        return np.where(known, reading + later, mean), np.where(known, spread, variance)

    def _day(self, day: int) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the error of a day's readings, and whether each sensor was heard."""
        if day not in self._readings:
            generator = self.streams.generator("sensor", "reading", day + OFFSET)
            size = len(self.containers)
            noise = self.rates["reading_noise"] * generator.standard_normal(size)
            self._readings = {day: (noise, generator.random(size) >= self.rates["reading_dropout"])}
        return self._readings[day]

    def risk(self, estimate: Estimate, rows: Ints, now: float, later: float) -> Floats:
        """Return the probability that each container overflows before a later time."""
        ahead = self.deposits.weight(later) - self.deposits.weight(now)
        growth = self.rate(rows) * ahead
        variance = estimate.variance + growth * self._grain[rows] + (self._rate_error(rows) * ahead) ** 2
        room = self.containers.capacity[rows] - estimate.mean - growth
        return np.asarray(ndtr(-room / np.sqrt(variance)), dtype=np.float64)

    def empty(self, time: float, row: int) -> float:
        """Empty a container, learn from it, and return what was taken [l]."""
        fallen = self.deposits.volume_of(time, row)
        taken = fallen - self.emptied[row]
        now = self.deposits.weight(time)
        capacity = self.containers.capacity[row]
        # Quarters of the container; a level below an eighth counts for the lowest one.
        quarters = max(round(taken / capacity * QUARTERS), 0.5) / QUARTERS
        told = taken if self.containers.sensor[row] and self._works[row] else quarters * capacity
        self._seen[row] += told
        self._days[row] += now - self._since[row]
        self.emptied[row] = fallen
        self._since[row] = now
        if self.containers.counter[row]:
            self._counted[row] = float(self.deposits.number(time, np.array([row]))[0])
        return float(taken)
