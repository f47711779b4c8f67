"""Which services of a GTFS feed run on a typical working day, Saturday and Sunday."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

#: Kinds of days, and the days of the week of each.
DAYS: Mapping[str, tuple[int, ...]] = {"workday": (0, 1, 2, 3, 4), "saturday": (5,), "sunday": (6,)}
#: What runs past midnight of one kind of day is met on the next one: on Saturdays that of Fridays.
NIGHT_BEFORE: Mapping[str, str] = {"workday": "workday", "saturday": "workday", "sunday": "saturday"}

_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: A feed whose dates span more is in error: its last years are not looked at [days].
_LONGEST = 1100


@dataclass(frozen=True)
class TypicalDays:
    """A date of each kind of day that stands for it, and what runs then.

    Attributes
    ----------
    dates : mapping of str to date
        Kinds of days on which nothing runs are absent.
    services : mapping of str to frozenset of str
    """

    dates: Mapping[str, date]
    services: Mapping[str, frozenset[str]]


def running(calendar: pd.DataFrame, exceptions: pd.DataFrame) -> dict[date, frozenset[str]]:
    """Return the services of each date of a feed.

    Parameters
    ----------
    calendar, exceptions : DataFrame
        `calendar.txt` and `calendar_dates.txt`, as texts.
    """
    found: dict[date, set[str]] = {}
    stated = pd.DataFrame({
        "service": calendar["service_id"].to_numpy(),
        "start": pd.to_datetime(calendar["start_date"], format="%Y%m%d", errors="coerce").to_numpy(),
        "end": pd.to_datetime(calendar["end_date"], format="%Y%m%d", errors="coerce").to_numpy(),
    })  # fmt: skip
    runs = (calendar[list(_WEEK)] == "1").to_numpy()
    for row in np.flatnonzero(stated[["start", "end"]].notna().all(axis=1)):
        item = stated.iloc[int(row)]
        for shift in range(min((item["end"] - item["start"]).days + 1, _LONGEST)):
            day = item["start"].date() + timedelta(days=shift)
            if runs[row, day.weekday()]:
                found.setdefault(day, set()).add(item["service"])
    days = pd.to_datetime(exceptions["date"], format="%Y%m%d", errors="coerce")
    for day, service, kind in zip(days, exceptions["service_id"], exceptions["exception_type"], strict=True):
        if pd.isna(day):
            continue
        held = found.setdefault(day.date(), set())
        if kind == "1":
            held.add(service)
        else:
            held.discard(service)
    return {day: frozenset(services) for day, services in sorted(found.items()) if services}


def typical_days(services: Mapping[date, frozenset[str]], trips: Mapping[str, int]) -> TypicalDays:
    """Return a typical date of each kind of day: one with the number of trips that most dates of the kind have.

    Public holidays and strikes are rare, so they are not chosen; of two numbers as frequent the larger one is taken, of
    dates with the same number the middle one: the first is often the first of January.

    Parameters
    ----------
    services : mapping of date to frozenset of str
        See `running`.
    trips : mapping of str to int
        Trips of each service.
    """
    dates: dict[str, date] = {}
    for kind, week in DAYS.items():
        counts = {
            day: sum(trips.get(name, 0) for name in names) for day, names in services.items() if day.weekday() in week
        }
        counts = {day: count for day, count in counts.items() if count}
        if counts:
            often = Counter(counts.values())
            most = max(often, key=lambda count: (often[count], count))
            same = sorted(day for day, count in counts.items() if count == most)
            dates[kind] = same[len(same) // 2]
    return TypicalDays(dates, {kind: services[day] for kind, day in dates.items()})
