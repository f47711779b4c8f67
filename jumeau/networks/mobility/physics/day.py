"""How a day's trips fall on its hours, and days on the year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.simulation.clock import Clock

Floats = NDArray[np.float64]

HOURS = 24

#: Kinds of demand, in the order of the arrays.
KINDS = ("commute", "other", "direct", "heavy")

#: Parts of the day whose share of trips from home differs, with their first hour.
PARTS = (("night", 0), ("morning", 5), ("midday", 10), ("evening", 15))

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december")  # fmt: skip


@dataclass(frozen=True)
class DayShape:
    """Shares of a mean day's trips by hour.

    Attributes
    ----------
    out, back : ndarray, shape (kinds, 24)
        Share of the trips of a kind that run from row to column of its table in an hour, and back. Both
        together sum to 1.
    """

    out: Floats
    back: Floats

    def at(self, hour: int, trips: Floats) -> Floats:
        """Return the trips of an hour by kind.

        Parameters
        ----------
        hour : int
        trips : ndarray, shape (kinds, zones, zones)
            Of a day.
        """
        return np.asarray(
            self.out[:, hour, None, None] * trips + self.back[:, hour, None, None] * trips.transpose(0, 2, 1)
        )


def hourly_profile(values: Mapping[str, float]) -> Floats:
    """Return the share of a day's traffic in each hour, shape (24,)."""
    found = np.array([values[f"hour_{hour:02d}"] for hour in range(HOURS)])
    return np.asarray(found / found.sum())


def day_shape(values: Mapping[str, float]) -> DayShape:
    """Return the shape of a day.

    Parameters
    ----------
    values : mapping of str to float
        `hour_00` to `hour_23`; `out_commute_night` and so on: share of the trips from home in a part of the day.
    """
    profile = hourly_profile(values)
    part = np.searchsorted([first for _name, first in PARTS], np.arange(HOURS), side="right") - 1
    out, back = np.zeros((len(KINDS), HOURS)), np.zeros((len(KINDS), HOURS))
    for row, kind in enumerate(KINDS):
        if kind in ("commute", "other"):
            share = np.array([values[f"out_{kind}_{PARTS[number][0]}"] for number in part])
            # Who leaves home comes back: each direction has half of the trips.
            out[row] = 0.5 * profile * share / (profile * share).sum()
            back[row] = 0.5 * profile * (1.0 - share) / (profile * (1.0 - share)).sum()
        elif kind == "heavy":
            day = profile * np.array([values["heavy_night"] if number == 0 else 1.0 for number in part])
            out[row] = day / day.sum()
        else:
            out[row] = profile
    return DayShape(out, back)


def day_scale(values: Mapping[str, float], weekday: int, month: int, *, holiday: bool) -> float:
    """Return the traffic of a calendar day over that of a mean day; public holidays are Sundays."""
    day = WEEKDAYS[6 if holiday else weekday]
    return values[f"traffic_{day}"] * values[f"traffic_{MONTHS[month]}"]


def hour_starts(clock: Clock) -> Floats:
    """Return the seconds at which each local hour of each day starts, shape (days, 24).

    The hour that a clock change leaves out starts when the next one does.
    """
    return np.array([[clock.seconds(day, float(hour)) for hour in range(HOURS)] for day in range(clock.days)])


def workday_scale(values: Mapping[str, float]) -> float:
    """Return the traffic of a mean working day over that of a mean day."""
    return float(np.mean([values[f"traffic_{name}"] for name in WEEKDAYS[:5]]))
