"""How much longer drives take when streets are full."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumeau.simulation.board import DELAY, EVERYWHERE, STREETS, Board
from jumeau.simulation.clock import HOUR, Clock

Floats = NDArray[np.float64]

#: Clock hours of the peaks of traffic on weekdays.
PEAKS = ((7.5, 9.0), (16.5, 18.5))


def peak_delay(hours: float, weekday: int, peak: float) -> float:
    """Return the travel time at a clock time [h] over that of the rest of the day."""
    inside = any(first <= hours < last for first, last in PEAKS)
    return peak if inside and weekday < 5 else 1.0


def mean_delay(shift: tuple[float, float], weekday: int, peak: float) -> float:
    """Return the mean of `peak_delay` over a shift [h]."""
    hours = np.arange(shift[0], max(shift[1], shift[0] + 0.25), 0.25)
    return float(np.mean([peak_delay(hour % 24.0, weekday, peak) for hour in hours]))


class Delay:
    """Travel times of the moment: what traffic posts on the board, else the usual peaks.

    Parameters
    ----------
    board : Board
    clock : Clock
    peak : float
        Travel time at the peaks over that of the rest of the day.
    first : int
        First calendar day that is asked for, 0 for that of the period.
    streets : sequence of str
        Identifiers of the layer `streets`, in its order.
    """

    def __init__(self, board: Board, clock: Clock, peak: float, first: int, streets: Sequence[str] = ()) -> None:
        self.board = board
        self.peak = peak
        self._rows = {str(name): row for row, name in enumerate(streets)}
        self._weekday = clock.start.weekday() + first
        self._midnights: list[float] = clock.midnights(np.arange(first, clock.days + 3)).tolist()

    def __call__(self, time: float, ends: tuple[str, ...] = ()) -> float:
        """Return the travel time at an instant [s] over that of empty streets.

        Parameters
        ----------
        time : float
        ends : tuple of str
            Streets where a short drive starts and ends: where traffic tells of streets, theirs count.
        """
        told = self.board.read(DELAY, EVERYWHERE)
        if told is not None:
            each: Floats | None = self.board.read(STREETS, EVERYWHERE) if ends else None
            if each is None:
                return float(told)
            near = [float(each[self._rows[name]]) for name in ends if name in self._rows]
            return sum(near) / len(near) if near else float(told)
        row = bisect_right(self._midnights, time) - 1
        return peak_delay((time - self._midnights[row]) / HOUR, (self._weekday + row) % 7, self.peak)
