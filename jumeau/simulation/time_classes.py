"""Classes of hours of electricity tariffs: seasons by month, off-peak hours by local time, exact to the second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.simulation.clock import Clock

Floats = NDArray[np.float64]

#: Months of the high season of the French tariffs of distribution.
HIGH_SEASON = (11, 12, 1, 2, 3)
COUNT = 4


@dataclass(frozen=True)
class TimeClasses:
    """A period cut where the class of hours changes.

    Attributes
    ----------
    edges : ndarray, shape (k + 1,)
        Borders, elapsed since the period's start [s].
    kind : ndarray of int, shape (k,)
        0 and 1: peak and off-peak hours of the high season; 2 and 3: of the low one.
    """

    edges: Floats
    kind: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        clock: Clock,
        off_peak: Sequence[tuple[float, float]] = ((22.0, 6.0),),
        high_season: Sequence[int] = HIGH_SEASON,
    ) -> TimeClasses:
        """Cut a period.

        Parameters
        ----------
        clock : Clock
        off_peak : sequence of (float, float)
            Local clock times from which and until which hours are off-peak [h]; one that does not end after it starts
            crosses midnight.
        high_season : sequence of int
            Months, 1 for January.
        """
        hours = sorted({0.0, *(hour % 24.0 for window in off_peak for hour in window)})
        edges = np.unique([clock.seconds(day, hour) for day in range(clock.days) for hour in hours] + [clock.duration])
        edges = edges[(edges >= 0.0) & (edges <= clock.duration)]
        kinds = []
        for middle in (edges[:-1] + edges[1:]) / 2.0:
            now = clock.local(float(middle))
            hour = now.hour + now.minute / 60.0 + now.second / 3600.0
            kinds.append(2 * (now.month not in high_season) + any(_within(hour, *window) for window in off_peak))
        return cls(edges, np.array(kinds, dtype=np.int64))

    def split(self, integral: Callable[[Floats], Floats], start: Floats, end: Floats) -> Floats:
        """Split what flows between instants of the period by class of hours.

        Parameters
        ----------
        integral : callable
            Returns what has flowed until instants [s]; it must be able to take any shape.
        start, end : ndarray, shape (n,)
            [s].

        Returns
        -------
        ndarray, shape (n, 4)
        """
        return self._until(integral, np.asarray(end)) - self._until(integral, np.asarray(start))

    def seconds(self) -> Floats:
        """Return how long each class lasts in the period [s], shape (4,)."""
        return np.bincount(self.kind, np.diff(self.edges), minlength=COUNT).astype(np.float64)

    def _until(self, integral: Callable[[Floats], Floats], time: Floats) -> Floats:
        """Return what has flowed in each class from the period's start until instants, shape (n, 4)."""
        at = integral(self.edges)
        whole = np.zeros((len(self.kind) + 1, COUNT))
        whole[np.arange(1, len(whole)), self.kind] = np.diff(at)
        whole = whole.cumsum(axis=0)
        inside = np.clip(time, self.edges[0], self.edges[-1])
        place = np.clip(np.searchsorted(self.edges, inside, side="right") - 1, 0, len(self.kind) - 1)
        found = whole[place]
        found[np.arange(len(place)), self.kind[place]] += integral(inside) - at[place]
        return found


def _within(hour: float, start: float, end: float) -> bool:
    return start <= hour < end if start < end else hour >= start or hour < end
