"""Nights of a year: by date, by weekday, by public holiday. A night bears the date of its evening."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.i18n import _

Bools = NDArray[np.bool_]

#: Evenings by weekday, and those of public holidays and of the days before them.
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "holiday_eve")
_DATE = r"(?:(\d{4})-)?(\d{1,2})-(\d{1,2})"
_RANGE = re.compile(rf"^{_DATE}(?:\.\.{_DATE})?$")
#: Days of each month; 29 February comes in leap years.
_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True)
class Dates:
    """Evenings from a first to a last one, both included, every year or in one.

    Attributes
    ----------
    first, last : tuple of int
        Month and day, after the year where the range is that of one year.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]

    @classmethod
    def read(cls, text: str) -> Dates:
        """Read « 05-15..08-15 », « 12-24 » or « 2025-12-20..2026-01-05 ».

        Raises
        ------
        ValueError
            When it is no date or range, or one that ends before it starts in dates of given years.
        """
        match = _RANGE.match(text.strip())
        if match is None:
            raise ValueError(
                _("« {text} » is neither a date nor a range such as « 05-15..08-15 »").format(text=text.strip())
            )
        first = _date(match[1], match[2], match[3], text)
        last = first if match[5] is None else _date(match[4], match[5], match[6], text)
        if len(first) != len(last):
            raise ValueError(_("« {text} »: write the year on both sides, or on none").format(text=text.strip()))
        if len(first) == 3 and last < first:
            raise ValueError(_("« {text} » ends before it starts").format(text=text.strip()))
        return cls(first, last)

    @property
    def text(self) -> str:
        """The range as it is written."""
        first, last = (
            "-".join((*(f"{year:04d}" for year in parts[:-2]), *(f"{part:02d}" for part in parts[-2:])))
            for parts in (self.first, self.last)
        )
        return first if first == last else f"{first}..{last}"

    def holds(self, evenings: pd.DatetimeIndex) -> Bools:
        """Tell which evenings lie in the range, shape (n,); one of no year may run over New Year."""
        month_day = np.asarray(evenings.month * 100 + evenings.day, dtype=np.int64)
        if len(self.first) == 3:
            value = np.asarray(evenings.year, dtype=np.int64) * 10_000 + month_day
            return (value >= _number(self.first)) & (value <= _number(self.last))
        low, high = _number(self.first), _number(self.last)
        if low <= high:
            return (month_day >= low) & (month_day <= high)
        return (month_day >= low) | (month_day <= high)


def _number(parts: tuple[int, ...]) -> int:
    value = 0
    for part in parts:
        value = value * 100 + part
    return value


def _date(year: str | None, month: str, day: str, text: str) -> tuple[int, ...]:
    parts = (int(month), int(day))
    leap = year is None or isleap(int(year))
    if not 1 <= parts[0] <= 12 or not 1 <= parts[1] <= _LENGTHS[parts[0] - 1] or (parts == (2, 29) and not leap):
        raise ValueError(_("« {text} » holds no date of the calendar").format(text=text.strip()))
    return parts if year is None else (int(year), *parts)


@dataclass(frozen=True)
class Nights:
    """Which nights a window concerns; every one where nothing is said.

    Attributes
    ----------
    days : tuple of str
        Of `DAYS`: any of them.
    dates, without : tuple of Dates
        In any of them; in none of these.
    """

    days: tuple[str, ...] = ()
    dates: tuple[Dates, ...] = ()
    without: tuple[Dates, ...] = ()

    @property
    def every(self) -> bool:
        """Whether all nights are concerned."""
        return not (self.days or self.dates or self.without)

    @property
    def text(self) -> str:
        """What follows a window in the column `profile`; empty for every night."""
        groups = [
            ",".join(self.days),
            ",".join(item.text for item in self.dates),
            "!" + ",".join(item.text for item in self.without) if self.without else "",
        ]
        return "".join(f"@{group}" for group in groups if group)

    @classmethod
    def read(cls, groups: Iterable[str]) -> Nights:
        """Read what follows a window in the column `profile`, parted at « @ ».

        Raises
        ------
        ValueError
            On what is neither days nor dates.
        """
        days: list[str] = []
        dates: list[Dates] = []
        without: list[Dates] = []
        for group in groups:
            words = [word.strip() for word in group.removeprefix("!").split(",")]
            if group.startswith("!"):
                without += [Dates.read(word) for word in words]
            elif all(word.lower() in DAYS for word in words):
                days += [word.lower() for word in words]
            else:
                dates += [Dates.read(word) for word in words]
        return cls(tuple(days), tuple(dates), tuple(without))

    def holds(self, evenings: pd.DatetimeIndex, holiday: Bools, eve: Bools) -> Bools:
        """Tell which nights are concerned, shape (n,).

        Parameters
        ----------
        evenings : DatetimeIndex, shape (n,)
            Local dates on which the nights begin.
        holiday, eve : ndarray of bool, shape (n,)
            Whether that day is a public holiday, or the next one is.
        """
        found = np.ones(len(evenings), dtype=bool)
        if self.days:
            weekdays = [DAYS.index(day) for day in self.days if DAYS.index(day) < 7]
            found &= (
                np.isin(np.asarray(evenings.day_of_week), weekdays)
                | (holiday if "holiday" in self.days else False)
                | (eve if "holiday_eve" in self.days else False)
            )
        if self.dates:
            found &= np.any([item.holds(evenings) for item in self.dates], axis=0)
        if self.without:
            found &= ~np.any([item.holds(evenings) for item in self.without], axis=0)
        return found
