"""Prices and emissions that depend on the country and its subdivision: the French mainland's are the default table.

`places.csv` holds what differs elsewhere. A place that it does not know takes the default table, and is told so.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from jumeau.factors import Factor, FactorTable
from jumeau.i18n import _

FILE = Path(__file__).with_name("places.csv")

#: The country whose figures the default table holds.
DEFAULT_COUNTRY = "FR"


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@dataclass(frozen=True)
class Where:
    """A place.

    Attributes
    ----------
    country : str
        ISO 3166-1 code.
    subdivision : str
        ISO 3166-2 code without the country, a department's number or name; empty where it is not told.
    location : tuple of float, optional
        Latitude and longitude [degree]: they tell the department where nothing else does.
    """

    country: str = DEFAULT_COUNTRY
    subdivision: str = ""
    location: tuple[float, float] | None = None


def rows_of(place: Where) -> list[dict[str, str]]:
    """Return the rows of `places.csv` that hold for a place: by its codes and names, else by where it lies."""
    code = place.subdivision.strip().removeprefix(f"{place.country}-").casefold()
    # A department may be given as a country too: MQ is FR-972.
    asked = code if place.country == DEFAULT_COUNTRY else place.country.casefold()
    found = [row for row in _rows() if asked in row["subdivisions"].casefold().split("|")]
    if found or place.country != DEFAULT_COUNTRY or place.location is None:
        return found
    latitude, longitude = place.location
    return [row for row in _rows() if _inside(row["box"], longitude, latitude)]


def _inside(box: str, longitude: float, latitude: float) -> bool:
    west, south, east, north = (float(side) for side in box.split("|"))
    return west <= longitude <= east and south <= latitude <= north


def of_place(table: FactorTable, place: Where) -> FactorTable:
    """Return a table of default figures with those of a place where they differ."""
    changed: dict[str, Factor] = {}
    for row in rows_of(place):
        if row["factor"] not in table:
            continue
        changed[row["factor"]] = replace(
            table[row["factor"]],
            value=float(row["value"]),
            low=float(row["low"]),
            high=float(row["high"]),
            unit=row["unit"],
            year=row["year"],
            source=row["source"],
            licence=row["licence"],
            confidence=row["confidence"],
        )
    return table.replaced(changed)


def told_of(place: Where) -> str:
    """Return what is to be said of the figures that a place takes, empty where they are the default ones by right."""
    rows = rows_of(place)
    if rows:
        names = ", ".join(f"{row['factor']} {float(row['value']):g} {row['unit']}" for row in rows)
        message = _("figures of {place}: {names}; all others are those of mainland France")
        return message.format(place=_(rows[0]["place"]), names=names)
    if place.country != DEFAULT_COUNTRY:
        return _(
            "no table of prices and emissions for « {country} »: those of mainland France are used; state your own "
            "under « assumptions: shared: », « electricity_carbon » first"
        ).format(country=place.country)
    return ""
