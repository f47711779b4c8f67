"""Car parks and charging stations of OpenStreetMap: `amenity=parking` with a capacity, `amenity=charging_station`."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.tables import ATTRIBUTES
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.osm.files import LICENCE, SOURCE, features
from jumeau.sources.osm.values import COUNTS, believable, number_of

Feature = tuple[str, dict[str, str], shapely.Point]

#: Values of `parking` of spaces along a street (https://wiki.openstreetmap.org/wiki/Key:parking).
ALONG = ("street_side", "lane", "on_kerb", "half_on_kerb", "layby")
#: Values of `access` of what all drivers may use.
OPEN = ("", "yes", "public", "permissive", "customers", "destination")
_OUTPUT = re.compile(r"socket:.+:output")
_POWERS = {"": 1.0, "kw": 1.0, "kva": 1.0, "w": 0.001}


def read_osm_parking(path: Path) -> Imported:
    """Read the car parks whose capacity is known, and the charging stations, of a file.

    Parameters
    ----------
    path : Path
        `.osm`, `.osm.gz`, `.osm.bz2` or `.osm.pbf`.

    Raises
    ------
    InputError
        When it is no such file, or holds none of them.
    """
    found = features(path, "amenity IN ('parking', 'charging_station')")
    notes: list[str] = []
    layers = {
        "parking": _parking([item for item in found if item[1].get("amenity") == "parking"], notes, path.name),
        "charge_points": _stations([item for item in found if item[1].get("amenity") == "charging_station"]),
    }
    layers = {name: frame for name, frame in layers.items() if len(frame)}
    if not layers:
        message = _("the file holds no car park with a capacity, and no charging station")
        hint = _("leave this import out: they are then laid out by what people need")
        raise InputError(Problem(message, file=str(path), value="; ".join(notes), hint=hint))
    return Imported(layers, observed_columns(layers, SOURCE, LICENCE), tuple(notes))


def _parking(found: list[Feature], notes: list[str], file: str) -> gpd.GeoDataFrame:
    """Return car parks that all drivers may use; the others are counted."""
    spaces = np.array([number_of(tags.get("capacity", ""), COUNTS) for _name, tags, _point in found])
    most = ATTRIBUTES.get("parking", "spaces").maximum or np.inf
    public = np.array([tags.get("access", "") in OPEN for _name, tags, _point in found], dtype=bool)
    known = (spaces >= 1.0) & (spaces <= most)
    for left, text in (
        (~public, _("{file}: {count} car parks left out: not open to all drivers")),
        (public & ~known, _("{file}: {count} car parks left out: their capacity is not told")),
    ):
        if left.any():
            notes.append(text.format(file=file, count=format_number(int(left.sum()))))
    rows = np.flatnonzero(public & known)
    chosen = [found[row] for row in rows]
    table = pd.DataFrame(
        {
            "parking_id": [name for name, _tags, _point in chosen],
            "kind": ["street" if tags.get("parking") in ALONG else "car_park" for _name, tags, _point in chosen],
            "spaces": spaces[rows].astype("int64"),
        }
    )
    return gpd.GeoDataFrame(table, geometry=[point for _name, _tags, point in chosen], crs=4326)


def _stations(found: list[Feature]) -> gpd.GeoDataFrame:
    """Return the charging stations; what their tags do not say is left to the table's defaults."""
    row = ATTRIBUTES.get("charge_points", "points")
    points = [believable(number_of(tags.get("capacity", ""), COUNTS), row) for _name, tags, _point in found]
    table = pd.DataFrame(
        {
            "station_id": [name for name, _tags, _point in found],
            "points": points,
            "power": [_power(tags) for _name, tags, _point in found],
        }
    )
    silent = [name for name in ("points", "power") if table[name].isna().all()]
    return gpd.GeoDataFrame(table.drop(columns=silent), geometry=[point for *_rest, point in found], crs=4326)


def _power(tags: dict[str, str]) -> float:
    """Return the power of the strongest socket [kW], not a number where none is told or believable."""
    row = ATTRIBUTES.get("charge_points", "power")
    told = [text.split(";")[0] for key, text in tags.items() if _OUTPUT.fullmatch(key)]
    known = [value for text in told if not np.isnan(value := believable(number_of(text, _POWERS), row))]
    return max(known) if known else np.nan
