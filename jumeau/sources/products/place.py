"""Where a territory is: country, time zone and projected CRS, from a point of its data or its commune; offline."""

from __future__ import annotations

import csv
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.sources.products.communes import departement
from jumeau.territory.calendar import known_countries
from jumeau.territory.crs import usual_crs

_HERE = Path(__file__).parent
#: Principal places that lie in no country of the coarse map are told by their nearest place within so many degrees.
_NEAR_TOWN, _FAR = 0.07, 3.0
_PLACE = re.compile(r"([+-]\d{2,3})(\d{2})(?:\d{2})?([+-]\d{3})(\d{2})(?:\d{2})?")


@dataclass(frozen=True)
class Place:
    """Where a territory is.

    Attributes
    ----------
    country, subdivision : str
        ISO 3166-1 code, and subdivision by whose holidays people live.
    timezone : str
        IANA name.
    crs : str
        Projected CRS in metres.
    projection : str
        What IGN calls it in names of files; empty outside of France.
    """

    country: str
    subdivision: str
    timezone: str
    crs: str
    projection: str = ""


def place_of_commune(commune: str) -> Place:
    """Return where a French commune is, by its INSEE code."""
    rows = _departements()
    return rows.get(departement(commune)) or rows[""]


def place_of_point(longitude: float, latitude: float, *, french: bool = False) -> Place:
    """Return where a point is.

    Parameters
    ----------
    longitude, latitude : float
        [degree]
    french : bool
        Whether the data can only be French: borders of the coarse map count no more.

    Raises
    ------
    InputError
        When no country is near.
    """
    code = _country(longitude, latitude, french=french)
    overseas = {row["iso"]: place for row, place in _rows()}
    if code in overseas:
        # The first row of mainland France stands for all of it.
        return _departements()[""] if code == "FR" else overseas[code]
    if code not in known_countries():
        raise InputError(
            _("the country of these data is not known: longitude {east}, latitude {north}").format(
                east=f"{longitude:.3f}", north=f"{latitude:.3f}"
            ),
            hint=_("write the territory file by hand, with `country`, `timezone` and `crs`"),
        )
    return Place(code, "", _timezone(code, longitude, latitude), usual_crs(longitude, latitude, code).to_string())


def _country(longitude: float, latitude: float, *, french: bool) -> str:
    point = shapely.Point(longitude, latitude)
    countries = _countries()
    drawn = set(countries["country"])
    towns = [(code, where) for code, _zone, where in _towns() if code not in drawn]
    if french:
        known = {row["iso"] for row, _place in _rows()}
        towns = [(code, where) for code, where in towns if code in known]
        countries = countries[countries["country"] == "FR"]
    # Small states and islands are on no coarse map: their main town tells them.
    small = min(towns, key=lambda town: point.distance(town[1]), default=("", None))
    if small[1] is not None and point.distance(small[1]) < _NEAR_TOWN:
        return small[0]
    distance = shapely.distance(countries.geometry.to_numpy(), point)
    row = int(np.argmin(distance))
    nearest = (str(countries["country"].iloc[row]), float(distance[row]))
    if nearest[1] > 0.0 and small[1] is not None and point.distance(small[1]) < nearest[1]:
        nearest = (small[0], point.distance(small[1]))
    # French Guiana is drawn as a part of France.
    if nearest[0] == "FR" and longitude < -20.0:
        nearest = ("GF", nearest[1])
    return nearest[0] if nearest[1] < _FAR else ""


def _timezone(country: str, longitude: float, latitude: float) -> str:
    point = shapely.Point(longitude, latitude)
    zones = [(point.distance(where), zone) for code, zone, where in _towns() if code == country]
    if not zones:
        raise InputError(_("no time zone is known of the country {code}").format(code=country))
    nearest, first = min(zones)[1], zones[0][1]
    # The table names the most important zone of a country first; enclaves with the same clocks have their own.
    return first if _clocks(first) == _clocks(nearest) else nearest


def _clocks(name: str) -> list[timedelta | None]:
    """Return what a zone's clocks are ahead of UTC in winter and in summer."""
    return [datetime(2025, month, 1, tzinfo=zoneinfo.ZoneInfo(name)).utcoffset() for month in (1, 7)]


@cache
def _countries() -> gpd.GeoDataFrame:
    """Return a coarse map of countries (Natural Earth 1:110m, public domain)."""
    from jumeau.vector_file import read_layer

    return read_layer(_HERE / "countries.geojson")


@cache
def _towns() -> tuple[tuple[str, str, shapely.Point], ...]:
    """Return country, time zone and principal place of each zone, from the table of the time zone database."""
    return tuple(_read_towns())


def _read_towns() -> Iterator[tuple[str, str, shapely.Point]]:
    for line in _zone_table().splitlines():
        cells = line.split("\t")
        match = _PLACE.fullmatch(cells[1]) if not line.startswith("#") and len(cells) > 2 else None
        if match:
            north, north_minutes, east, east_minutes = match.groups()
            yield cells[0], cells[2], shapely.Point(_degrees(east, east_minutes), _degrees(north, north_minutes))


def _zone_table() -> str:
    for folder in zoneinfo.TZPATH:
        path = Path(folder) / "zone.tab"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    try:
        return resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError):
        hint = "pip install tzdata"
        raise InputError(_("the system has no table of time zones"), hint=hint) from None


def _degrees(whole: str, minutes: str) -> float:
    size = abs(int(whole)) + int(minutes) / 60.0
    return -size if whole.startswith("-") else size


@cache
def _rows() -> tuple[tuple[dict[str, str], Place], ...]:
    with (_HERE / "departements.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = ("country", "subdivision", "timezone", "crs", "projection")
    return tuple((row, Place(**{name: row[name] for name in names})) for row in rows)


def _departements() -> dict[str, Place]:
    return {row["departement"]: place for row, place in _rows()}
