"""The course of the sun over a territory, in two small tables from which a page computes it for any day and hour.

Declination and equation of time come from pvlib; the triangle between pole, zenith and sun is solved by the page. The
direction is then known to half a degree, which moves the shadow of a house by less than its gutter's width.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from pvlib.solarposition import declination_spencer71, equation_of_time_spencer71

from jumeau.territory.model import Territory
from jumeau_viz.captions import Captions
from jumeau_viz.frame import Floats

#: Days whose hours the page can show.
MOST_DAYS = 3 * 366
#: Elevation of the sun above which colours are those by day [degree].
BRIGHT = -1.0


@dataclass(frozen=True)
class Sunlight:
    """What the direction of the sun depends on.

    Attributes
    ----------
    latitude, longitude : float
        Of the territory [degree].
    first : date
        First day of the tables.
    declination : ndarray, shape (days,)
        Declination of the sun [degree].
    equation : ndarray, shape (days,)
        Apparent minus mean solar time [min].
    offset : ndarray, shape (days,)
        Local time minus universal time at noon [h].
    """

    latitude: float
    longitude: float
    first: date
    declination: Floats
    equation: Floats
    offset: Floats

    @classmethod
    def over(cls, location: tuple[float, float], timezone: str, first: date, days: int) -> Sunlight:
        """Return the tables of some days.

        Parameters
        ----------
        location : tuple of float
            Latitude and longitude [degree].
        timezone : str
            Name of the time zone, such as `Europe/Paris`.
        first : date
        days : int
        """
        dates = [first + timedelta(days=step) for step in range(days)]
        of_year = np.array([day.timetuple().tm_yday for day in dates], dtype=np.float64)
        zone = ZoneInfo(timezone)
        offsets = [datetime.combine(day, time(12), tzinfo=zone).utcoffset() or timedelta(0) for day in dates]
        return cls(
            *location,
            first=first,
            declination=np.degrees(np.asarray(declination_spencer71(of_year), dtype=np.float64)),
            equation=np.asarray(equation_of_time_spencer71(of_year), dtype=np.float64),
            offset=np.array([offset.total_seconds() / 3600.0 for offset in offsets]),
        )

    @classmethod
    def of(cls, territory: Territory, captions: Captions) -> Sunlight:
        """Return the tables of a territory over the period; over an ordinary year where none is known."""
        start = date.fromisoformat(captions.start[:10]) if captions.start else date(2025, 1, 1)
        end = date.fromisoformat(captions.end[:10]) if captions.end else start + timedelta(days=364)
        shown = min((end - start).days + 1, MOST_DAYS)
        return cls.over(territory.location, territory.timezone, start, max(shown, 1))

    def is_day(self, day: int, hour: float) -> bool:
        """Tell whether the page shows the colours of the day, rather than those of the night."""
        return self.direction(day, hour)[1] > BRIGHT

    def direction(self, day: int, hour: float) -> tuple[float, float]:
        """Return the azimuth, clockwise from north, and the elevation of the sun [degree].

        Parameters
        ----------
        day : int
            Day of the tables, from 0.
        hour : float
            Local time [h].
        """
        solar = hour - self.offset[day] + self.longitude / 15.0 + self.equation[day] / 60.0
        turned, tilt = np.radians(15.0 * (solar - 12.0)), np.radians(self.declination[day])
        north = np.radians(self.latitude)
        up = np.sin(north) * np.sin(tilt) + np.cos(north) * np.cos(tilt) * np.cos(turned)
        east = -np.cos(tilt) * np.sin(turned)
        ahead = np.cos(north) * np.sin(tilt) - np.sin(north) * np.cos(tilt) * np.cos(turned)
        return float(np.degrees(np.arctan2(east, ahead)) % 360.0), float(np.degrees(np.arcsin(up)))
