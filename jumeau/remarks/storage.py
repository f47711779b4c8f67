"""Remarks in a run's folder: `remarks.json`, the same for spreadsheets (`remarks.csv`) and maps (`remarks.gpkg`)."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import geopandas as gpd
import pyproj
import shapely

from jumeau.files import write_text
from jumeau.geopackage import write_geopackage
from jumeau.remarks.exchange import read_export
from jumeau.remarks.model import Collection
from jumeau.results.storage import write_json

FILE, TABLE, LAYERS = "remarks.json", "remarks.csv", "remarks.gpkg"
LAYER = "remarks"

COLUMNS = ("id", "day", "kind", "text", "variant", "network", "layer", "asset", "x", "y", "crs", "vote")

#: What a spreadsheet takes for the start of a formula, full-width forms included (OWASP, CSV injection).
_STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20|%"


def read_remarks(folder: Path) -> Collection | None:
    """Return the remarks that a run's folder keeps; None where there are none.

    Raises
    ------
    InputError
        When `remarks.json` cannot be read.
    """
    path = Path(folder) / FILE
    return read_export(path).collection if path.is_file() else None


def write_remarks(collection: Collection, folder: Path, crs: pyproj.CRS | None) -> list[Path]:
    """Write the three files, each whole or not at all; `remarks.json`, which everything reads, last.

    Parameters
    ----------
    collection : Collection
    folder : Path
    crs : CRS or None
        Of the coordinates.
    """
    return [
        write_geopackage(folder / LAYERS, {LAYER: layer_of(collection, crs)}),
        # The byte-order mark tells spreadsheets that accents are in UTF-8.
        write_text(folder / TABLE, "\ufeff" + table_of(collection)),
        write_json(collection.document(), folder / FILE),
    ]


def layer_of(collection: Collection, crs: pyproj.CRS | None) -> gpd.GeoDataFrame:
    """Return the remarks that have coordinates, as points."""
    placed = [item for item in collection.remarks if item.placed]
    names = ("id", "day", "kind", "text", "variant", "network", "layer", "asset")
    columns = {
        name: [None if getattr(item, name) is None else str(getattr(item, name)) for item in placed] for name in names
    }
    points = shapely.points([(item.x, item.y) for item in placed]) if placed else []
    return gpd.GeoDataFrame({name: columns[name] for name in names}, geometry=list(points), crs=crs, dtype=object)


def table_of(collection: Collection) -> str:
    """Return remarks and votes as CSV, safe to open in a spreadsheet."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in collection.remarks:
        said = {**item.model_dump(mode="json"), "vote": None}
        writer.writerow([_cell(said[name]) for name in COLUMNS])
    for vote in collection.votes:
        cast = {"id": vote.id, "day": vote.day, "variant": vote.variant, "vote": vote.choice}
        writer.writerow([_cell(cast.get(name)) for name in COLUMNS])
    return stream.getvalue()


def _cell(value: object) -> object:
    """Return what a cell holds: a text that would begin a formula is told to be one by an apostrophe."""
    if value is None or isinstance(value, float):
        return value
    text = str(value)
    starts = {text[:1], text.lstrip()[:1]} - {""}
    return f"'{text}" if any(sign in _STARTS for sign in starts) else text
