"""What `config.csv` of a GMNS network states: units, CRS, how geometries are written, and of what hours trips are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyproj

from jumeau.errors import Problem
from jumeau.i18n import _
from jumeau.networks.mobility.formats.gmns_table import Faults, Table
from jumeau.networks.mobility.formats.period import Period, parse_period
from jumeau.sources.delimited import read_lines
from jumeau.territory.crs import parse_crs
from jumeau.units import QuantityError

#: Metres of the units of length, as people write them.
_LENGTHS = {
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), 1.0),
    **dict.fromkeys(("km", "kilometer", "kilometers", "kilometre", "kilometres"), 1000.0),
    **dict.fromkeys(("ft", "foot", "feet"), 0.3048),
    **dict.fromkeys(("mi", "mile", "miles"), 1609.344),
    **dict.fromkeys(("yd", "yard", "yards"), 0.9144),
}

#: Kilometres per hour of the units of speed; `_LENGTHS` per hour are others.
_SPEEDS = {
    **dict.fromkeys(("kph", "kmh", "kmph"), 1.0),
    "mph": 1.609344,
    **dict.fromkeys(("m/s", "mps"), 3.6),
    "fps": 1.09728,
    "ft/s": 1.09728,
}
_PER_HOUR = ("/h", "/hr", "/hour", " per hour", "_per_hour")

WKT, GEOJSON = "wkt", "geojson"

#: Column of ours, which Jumeau writes: the specification says nothing of demand.
PERIOD = "demand_period"


@dataclass(frozen=True)
class Config:
    """What is known of a network as a whole.

    Attributes
    ----------
    metres : float
        Metres of a unit of length of links.
    speed : float
        Kilometres per hour of a unit of speed.
    crs : pyproj.CRS or None
        None where it is not stated.
    geometry : str
        `WKT` or `GEOJSON`.
    period : Period or None
        Of the trips; None where it is not stated.
    """

    metres: float = 1000.0
    speed: float = 1.0
    crs: pyproj.CRS | None = None
    geometry: str = WKT
    period: Period | None = None


def read_config(folder: Path, faults: Faults, encoding: str | None) -> Config:
    """Return what `config.csv` states, kilometres and km/h where it is missing, which is noted.

    Parameters
    ----------
    folder : Path
    faults : Faults
        What is wrong is added to it.
    encoding : str or None
    """
    path = folder / "config.csv"
    told: dict[str, str] = {}
    if path.is_file():
        table = Table.read(path, (), faults, encoding)
        told = {str(name): table.texts(str(name))[0].strip() for name in table.frame.columns if len(table)}
    for name, unit in (("long_length", "km"), ("speed", "km/h")):
        if not told.get(name):
            faults.notes.append(
                _("{file}: no « {name} » is stated, {unit} is taken").format(file=path.name, name=name, unit=unit)
            )

    def fail(name: str, message: str, hint: str = "") -> None:
        faults.problems.append(Problem(message, hint=hint, file=str(path), line=2, column=name, value=told[name]))

    def known(name: str, value: float | None, default: float, names: dict[str, float]) -> float:
        if told.get(name) and value is None:
            fail(name, _("an unknown unit"), _("known ones: {names}").format(names=", ".join(names)))
        return default if value is None else value

    metres = known("long_length", _LENGTHS.get(told.get("long_length", "").lower()), 1000.0, _LENGTHS)
    speed = known("speed", _speed(told.get("speed", "").lower()), 1.0, _SPEEDS)
    crs, period = None, None
    if told.get("crs"):
        try:
            crs = parse_crs(told["crs"])
        except ValueError as error:
            fail("crs", str(error))
    if told.get(PERIOD):
        try:
            period = parse_period(told[PERIOD])
        except QuantityError as error:
            fail(PERIOD, str(error))
    written = told.get("geometry_field_format", "").lower() or WKT
    if written not in (WKT, GEOJSON):
        fail("geometry_field_format", _("an unknown way to write geometries"), _("known ones: {names}").format(
            names=f"{WKT}, {GEOJSON}"))  # fmt: skip
    return Config(metres, speed, crs, written, period or _settings(folder, encoding))


def _speed(text: str) -> float | None:
    for end in _PER_HOUR:
        length = _LENGTHS.get(text.removesuffix(end)) if text.endswith(end) else None
        if length is not None:
            return length / 1000.0
    return _SPEEDS.get(text)


def _settings(folder: Path, encoding: str | None) -> Period | None:
    """Return the one period of `settings.csv`, which tools that assign GMNS networks keep beside them."""
    path = folder / "settings.csv"
    if not path.is_file():
        return None
    # Sections one under the other, each with its own head behind its name in brackets.
    frame, _lines = read_lines(path, encoding)
    cells = pd.concat([pd.DataFrame([list(frame.columns)]), frame.set_axis(range(frame.shape[1]), axis=1)])
    head: list[str] = []
    inside, found = False, []
    for row in cells.fillna("").astype(str).to_numpy().tolist():
        if row[0].startswith("["):
            inside, head = row[0].strip("[]") == PERIOD, row
        elif inside and "time_period" in head and (text := row[head.index("time_period")]):
            found.append(text)
    try:
        return parse_period(found[0]) if len(found) == 1 else None
    except QuantityError:
        return None
