"""Days of collection: weekdays as they are written, and how much waste falls on each day."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from jumeau.simulation.clock import Clock

Floats = NDArray[np.float64]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WORKDAYS = "mon tue wed thu fri"

#: Days as sheets of rounds write them, in English and French. Single letters are not among them: M is Tuesday and
#: Wednesday in French, T Tuesday and Thursday in English.
_NAMES = {
    name: day
    for day, names in enumerate(
        (
            "mon monday lun lundi",
            "tue tues tuesday mar mardi",
            "wed wednesday mer mercredi",
            "thu thur thurs thursday jeu jeudi",
            "fri friday ven vendredi",
            "sat saturday sam samedi",
            "sun sunday dim dimanche",
        )
    )
    for name in names.split()
}

#: What may stand between two days. A dash does not: it may mean "to" as well as "and".
_BETWEEN = str.maketrans(",;/+&", "     ")
_AND = ("and", "et")

#: Clock hours between which most deposits fall.
DAYTIME = (7.0, 22.0)


def weekdays(text: str) -> tuple[int, ...]:
    """Return the days of the week that a text names in English or French, short or in full, 0 for Monday.

    Raises
    ------
    ValueError
        With the word that is no day.
    """
    found = []
    for word in str(text).translate(_BETWEEN).split():
        name = word.lower().removesuffix(".")
        if name in _AND:
            continue
        if name not in _NAMES:
            raise ValueError(word)
        found.append(_NAMES[name])
    return tuple(sorted(set(found)))


def day_weights(clock: Clock, first: int, *, weekend: float, holiday: float, summer: float) -> Floats:
    """Return how much waste falls on each day, 1 being the mean of an ordinary year; shape (days,).

    Parameters
    ----------
    clock : Clock
    first : int
        First calendar day, 0 for that of the period; the last one is the period's.
    weekend, holiday, summer : float
        Waste of such a day over that of an ordinary weekday or month.
    """
    # Over a year: 2 days of 7 at the weekend, 2 months of 12 in summer. Holidays are few, and left out of the mean.
    mean = (5.0 + 2.0 * weekend) / 7.0 * (10.0 + 2.0 * summer) / 12.0
    found = np.ones(clock.days - first)
    for row in range(len(found)):
        day = first + row
        actual = clock.start + timedelta(days=day)
        if clock.is_holiday(day):
            found[row] *= holiday
        elif actual.weekday() >= 5:
            found[row] *= weekend
        if actual.month in (7, 8):
            found[row] *= summer
    return found / mean


def share_of_day(part: float, daytime: float) -> float:
    """Return the share of a day's waste that has fallen at a part of the day, 0 to 1 both."""
    opens, closes = DAYTIME[0] / 24.0, DAYTIME[1] / 24.0
    night = (1.0 - daytime) / (1.0 - (closes - opens))
    day = daytime / (closes - opens)
    before, inside, after = min(part, opens), min(max(part - opens, 0.0), closes - opens), max(part - closes, 0.0)
    return (before + after) * night + inside * day
