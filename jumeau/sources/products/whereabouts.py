"""What the recognised files say of their own place: the commune, a point in the middle, the country of addresses."""

from __future__ import annotations

import bz2
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from jumeau.errors import InputError
from jumeau.sources.cells import as_text
from jumeau.sources.products.catalogue import Table
from jumeau.sources.products.preparing import PREPARE
from jumeau.sources.products.recognition import Recognised
from jumeau.sources.products.tables import placed, rows_of
from jumeau.vector_file import read_layer

#: Which layers tell best where a territory is; others follow.
_TELLING = ("streets", "buildings", "addresses", "zones", "population")
#: As much of an OpenStreetMap file as is searched for its place [byte].
_SEARCHED = 64 * 2**20
#: A file that covers more than so many degrees is of a country, not of a territory.
_WIDE = 3.0

_BOUNDS = re.compile(rb"<bounds\s[^>]*>")
_NODE = re.compile(rb"<node\s[^>]*>")
_VALUE = re.compile(rb'\b(minlat|minlon|maxlat|maxlon|lat|lon)\s*=\s*["\'](-?[\d.]+)["\']')
_COUNTRY = re.compile(rb'k=["\'](?:addr:country|ISO3166-1|ISO3166-1:alpha2)["\']\s+v=["\']([A-Z]{2})["\']')


def communes_of(found: Sequence[Recognised]) -> dict[str, str]:
    """Return the communes that the files tell: INSEE code -> name, from limits, else from addresses and zones."""
    for limits in (True, False):
        told: dict[str, str] = {}
        for item in found:
            for table in item.tables:
                names = item.names(table)
                if table.limit is limits and table.commune in names and (limits or table.commune_name):
                    # What cannot be read is told where it is tried.
                    with suppress(InputError):
                        told |= _told(item, table, names)
        if told:
            return told
    return {}


def _told(item: Recognised, table: Table, names: dict[str, str]) -> dict[str, str]:
    wanted = {key: names[key] for key in (table.commune, table.commune_name) if key in names}
    told: dict[str, str] = {}
    for rows in rows_of(item.held, table, wanted, None):
        codes = as_text(rows[table.commune]).str.zfill(5)
        labels = as_text(rows[table.commune_name]) if table.commune_name in rows else codes
        for code, label in dict(zip(codes, labels, strict=True)).items():
            if isinstance(code, str) and len(code) == 5:
                told.setdefault(code, str(label or ""))
    return told


def middle_of(found: Sequence[Recognised]) -> tuple[float, float] | None:
    """Return longitude and latitude of the middle of what tells best where it is; None where nothing does."""

    def order(item: Recognised) -> int:
        return min((_TELLING.index(layer) for layer in item.layers if layer in _TELLING), default=len(_TELLING))

    for item in sorted(found, key=order):
        try:
            box = _osm_box(item.held.file) if item.held.kind == "osm" else _box(item)
        except InputError:
            continue  # what cannot be read is told where it is tried
        if box is not None and np.isfinite(box).all() and max(box[2] - box[0], box[3] - box[1]) < _WIDE:
            return float((box[0] + box[2]) / 2), float((box[1] + box[3]) / 2)
    return None


def country_of(found: Sequence[Recognised]) -> str:
    """Return the country that most addresses of OpenStreetMap files tell, empty where none does."""
    votes: Counter[str] = Counter()
    for item in found:
        if item.held.kind == "osm":
            votes.update(code.decode() for code in _COUNTRY.findall(_beginning(item.held.file)))
    return votes.most_common(1)[0][0] if votes else ""


def _box(item: Recognised) -> np.ndarray | None:
    """Return the bounds of a table in degrees."""
    info = item.held.info
    if info is not None and info.bounds and info.crs and info.geometry:
        return np.asarray(gpd.GeoSeries([shapely.box(*info.bounds)], crs=info.crs).to_crs(4326).total_bounds)
    for table in item.tables:
        if not table.layer or not (table.coordinates or table.wkt or table.prepare in ("grid", "charging")):
            continue
        for rows in rows_of(item.held, table, item.names(table), None):
            made = PREPARE[table.prepare](rows, []) if table.prepare else rows
            own = made if isinstance(made, gpd.GeoDataFrame) and made.crs is not None else None
            located = own if own is not None else placed(made, table, None, pyproj.CRS.from_epsg(2154))
            middles = shapely.get_coordinates(shapely.centroid(located.to_crs(4326).geometry.to_numpy()))
            if len(middles):
                # Stray points of a table do not count.
                return np.concatenate([np.quantile(middles, 0.1, axis=0), np.quantile(middles, 0.9, axis=0)])
    return None


def _osm_box(path: Path) -> np.ndarray | None:
    head = _beginning(path)
    bounds = _BOUNDS.search(head)
    if bounds:
        told = {name.decode(): float(value) for name, value in _VALUE.findall(bounds[0])}
        if len(told) == 4:
            return np.array([told["minlon"], told["minlat"], told["maxlon"], told["maxlat"]])
    nodes = [dict(_VALUE.findall(node[0])) for node in _NODE.finditer(head)]
    places = [(float(node[b"lon"]), float(node[b"lat"])) for node in nodes if {b"lat", b"lon"} <= set(node)]
    if not places and path.suffix.lower() == ".pbf":
        frame = read_layer(path, "points", max_features=1000)
        places = [(shape.x, shape.y) for shape in frame.geometry if shape is not None]
    if not places:
        return None
    return np.concatenate([np.quantile(places, 0.1, axis=0), np.quantile(places, 0.9, axis=0)])


def _beginning(path: Path) -> bytes:
    openers: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open}
    try:
        with openers.get(path.suffix.lower(), open)(path, "rb") as stream:
            return bytes(stream.read(_SEARCHED))
    except (OSError, EOFError, zlib.error):
        return b""
