"""The calendar of a run: the only module that knows local time, daylight saving, working days and holidays.

SimPy time is the number of elapsed seconds since local midnight of the period's first day. Elapsed seconds do not
jump when clocks do; this module translates.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAY = 86_400.0
HOUR = 3_600.0


@dataclass(frozen=True)
class Grid:
    """Regular time steps of a period.

    Attributes
    ----------
    step : float
        Step [s].
    edges : ndarray, shape (n + 1,)
        Step borders, elapsed since the period's start [s].
    utc : DatetimeIndex, shape (n,)
        Middle of each step, UTC.
    hour : ndarray, shape (n,)
        Local clock time of the middle of each step [h], from 0 to 24.
    day : ndarray of int, shape (n,)
        Local calendar day of the middle of each step, 0 for the period's first day.
    weekday : ndarray of int, shape (n,)
        0 for Monday.
    """

    step: float
    edges: Floats
    utc: pd.DatetimeIndex
    hour: Floats
    day: NDArray[np.int64]
    weekday: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of steps."""
        return len(self.utc)


@dataclass(frozen=True)
class Clock:
    """The period of a scenario, in local time.

    Parameters
    ----------
    start, end : date
        First and last day, both included.
    timezone : str
        IANA name, for instance `Europe/Paris`.
    country, subdivision : str
        For public holidays; ISO 3166 code and the subdivision that the `holidays` package knows.
    """

    start: date
    end: date
    timezone: str = "Europe/Paris"
    country: str = "FR"
    subdivision: str = ""

    @cached_property
    def origin(self) -> pd.Timestamp:
        """Local midnight of the first day, as a UTC instant."""
        return pd.Timestamp(datetime.combine(self.start, datetime.min.time()), tz=self._zone).tz_convert("UTC")

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def duration(self) -> float:
        """Length of the period [s]; a day in spring has 23 hours, a day in autumn 25."""
        after = pd.Timestamp(datetime.combine(self.end + timedelta(days=1), datetime.min.time()), tz=self._zone)
        return float((after - self.origin).total_seconds())

    @property
    def days(self) -> int:
        """Number of calendar days."""
        return (self.end - self.start).days + 1

    @property
    def years(self) -> float:
        """Length of the period [year of 365 days]."""
        return self.duration / (365 * DAY)

    def grid(self, step: float = 600.0, before: float = 0.0) -> Grid:
        """Return the regular steps from `before` seconds ahead of the period's start to its end.

        Parameters
        ----------
        step : float
            Step [s]; it must divide an hour, so that clock changes fall on a border.
        before : float
            Warm-up ahead of the start [s], a multiple of `step`.
        """
        first = -round(before / step)
        count = round(self.duration / step)
        edges: Floats = np.asarray(np.arange(first, count + 1) * step, dtype=np.float64)
        utc = self.origin + pd.to_timedelta(edges[:-1] + step / 2, unit="s")
        local = utc.tz_convert(self._zone)
        wall = local.tz_localize(None)
        midnight = wall.normalize()
        hour = np.asarray((wall - midnight).total_seconds(), dtype=np.float64) / HOUR
        day = ((midnight - pd.Timestamp(self.start)).total_seconds() / DAY).to_numpy().astype(np.int64)
        return Grid(step, edges, utc, hour, day, local.day_of_week.to_numpy().astype(np.int64))

    def local(self, seconds: float) -> datetime:
        """Return the local date and time of an instant of the run."""
        # Asked for by the hour of each closure of a street: Python's own calendar is ten times as fast as pandas'.
        whole = math.floor(float(seconds))
        return (self._began + timedelta(seconds=whole, microseconds=int((seconds - whole) * 1e6))).astimezone(
            self._zone
        )

    def seconds(self, day: int, hour: float) -> float:
        """Return the elapsed seconds of a local clock time.

        Parameters
        ----------
        day : int
            Calendar day, 0 for the first one; negative during the warm-up.
        hour : float
            Local clock time [h].
        """
        return self._midnight(int(day)) + self._shifted(day, hour)

    def _shifted(self, day: int, hour: float) -> float:
        # Between midnight and a clock time the clock may have jumped; compare both against UTC.
        moment = datetime.combine(self.start + timedelta(days=day), datetime.min.time()) + timedelta(hours=hour)
        midnight = datetime.combine(self.start + timedelta(days=day), datetime.min.time())
        zone = self._zone
        return moment.replace(tzinfo=zone).timestamp() - midnight.replace(tzinfo=zone).timestamp()

    def midnights(self, days: NDArray[np.int64]) -> Floats:
        """Return the elapsed seconds at local midnight of calendar days."""
        return np.array([self._midnight(int(day)) for day in days])

    def _midnight(self, day: int) -> float:
        if day not in self._midnights:
            local = datetime.combine(self.start + timedelta(days=day), datetime.min.time(), tzinfo=self._zone)
            self._midnights[day] = local.timestamp() - self._began.timestamp()
        return self._midnights[day]

    @cached_property
    def _midnights(self) -> dict[int, float]:
        """Elapsed seconds at the midnights that were asked for."""
        return {}

    @cached_property
    def _began(self) -> datetime:
        return self.origin.to_pydatetime()

    @cached_property
    def _holidays(self) -> holidays.HolidayBase:
        years = range(self.start.year - 1, self.end.year + 2)
        # Most subdivisions have no holidays of their own, and the package does not list them.
        known = holidays.list_supported_countries(include_aliases=False).get(self.country, [])
        subdivision = self.subdivision if self.subdivision in known else None
        return holidays.country_holidays(self.country, subdiv=subdivision, years=years)

    def is_holiday(self, day: int) -> bool:
        """Tell whether a calendar day is a public holiday."""
        return self.start + timedelta(days=day) in self._holidays

    def working_day(self, day: int, weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)) -> bool:
        """Tell whether crews work on a calendar day: one of `weekdays` and not a public holiday."""
        actual = self.start + timedelta(days=day)
        return actual.weekday() in weekdays and actual not in self._holidays

    def day_of(self, seconds: float) -> int:
        """Return the calendar day of an instant."""
        return (self.local(seconds).date() - self.start).days
