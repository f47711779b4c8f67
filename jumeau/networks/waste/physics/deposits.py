"""What falls into the containers: a compound Poisson process, drawn by calendar day, read at any time.

The same waste falls in every variant: a day's deposits depend on the seed, the replication and the day alone, and no
truck can shift them. A container is no process: its level is read when somebody looks at it.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.waste.physics.state import Containers
from jumeau.networks.waste.physics.week import day_weights, share_of_day
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Days ahead of the period have negative numbers, streams have not.
OFFSET = 1_000_000


def volumes(deposits: Ints, mean: Floats, spread: Floats, generator: np.random.Generator) -> Floats:
    """Return the volume of so many deposits [l]: a gamma law with the mean and the variance of their sum."""
    shape = deposits * (mean / spread) ** 2
    return np.asarray(generator.gamma(shape, spread**2 / mean), dtype=np.float64)


class Deposits:
    """What has fallen into each container since the start of the warm-up.

    Parameters
    ----------
    containers : Containers
    clock : Clock
    warmup : float
        [s].
    rates : mapping of str to float
        `weekend_ratio`, `holiday_ratio`, `summer_ratio`, `daytime_share`.
    streams : Streams
    drawn : ndarray of int, shape (k,)
        Rows that are simulated; nothing falls into the others.
    """

    def __init__(
        self,
        containers: Containers,
        clock: Clock,
        warmup: float,
        rates: dict[str, float],
        streams: Streams,
        drawn: Ints,
    ) -> None:
        self.containers = containers
        self.first = -int(np.ceil(warmup / DAY)) - 1
        days = np.arange(self.first, clock.days + 2)
        self.midnights = clock.midnights(days)
        self._days: list[float] = self.midnights.tolist()
        self._asked: tuple[float, tuple[int, float]] = (np.nan, (0, 0.0))
        self.daytime = rates["daytime_share"]
        weights = day_weights(
            clock,
            self.first,
            weekend=rates["weekend_ratio"],
            holiday=rates["holiday_ratio"],
            summer=rates["summer_ratio"],
        )
        weights = np.concatenate([weights, np.full(len(days) - 1 - len(weights), weights[-1] if len(weights) else 1.0)])
        size = len(drawn)
        # The last column is that of everything else.
        self._column = np.full(len(containers), size, dtype=np.int64)
        self._column[drawn] = np.arange(size)
        rate, mean, spread = containers.rate[drawn], containers.deposit[drawn], containers.spread[drawn]
        change = containers.change[drawn]
        self._weight = np.concatenate([[0.0], np.cumsum(weights)])
        self._volume = np.zeros((len(weights) + 1, size + 1))
        # Only access controls ask for the number of deposits.
        counted = bool(containers.counter.any())
        self._number = np.zeros((len(weights) + 1 if counted else 0, size + 1), dtype=np.int64)
        for row, weight in enumerate(weights):
            generator = streams.generator("container", "deposits", int(days[row]) + OFFSET)
            count = generator.poisson(rate * weight)
            litres = volumes(count, mean, spread, generator) * change
            if counted:
                self._number[row + 1, :size] = self._number[row, :size] + count
            self._volume[row + 1, :size] = self._volume[row, :size] + litres

    def _place(self, time: float) -> tuple[int, float]:
        if time == self._asked[0]:
            return self._asked[1]
        row = min(max(bisect_right(self._days, time) - 1, 0), len(self._days) - 2)
        part = (time - self._days[row]) / (self._days[row + 1] - self._days[row])
        found = row, share_of_day(min(max(part, 0.0), 1.0), self.daytime)
        self._asked = (time, found)
        return found

    def volume(self, time: float, rows: Ints | slice = slice(None)) -> Floats:
        """Return what has fallen until a time [l]."""
        day, share = self._place(time)
        column = self._column[rows]
        before = self._volume[day, column]
        return np.asarray(before + share * (self._volume[day + 1, column] - before), dtype=np.float64)

    def volume_of(self, time: float, row: int) -> float:
        """Return what has fallen into one container until a time [l]."""
        day, share = self._place(time)
        column = self._column[row]
        before = float(self._volume[day, column])
        return before + share * (float(self._volume[day + 1, column]) - before)

    def number(self, time: float, rows: Ints | slice = slice(None)) -> Floats:
        """Return how many deposits were made until a time."""
        day, share = self._place(time)
        column = self._column[rows]
        before = self._number[day, column]
        return np.asarray(before + np.floor(share * (self._number[day + 1, column] - before)), dtype=np.float64)

    def weight(self, time: float) -> float:
        """Return the time until then, in mean days: a day on which more falls counts for more."""
        day, share = self._place(time)
        return float(self._weight[day] + share * (self._weight[day + 1] - self._weight[day]))
