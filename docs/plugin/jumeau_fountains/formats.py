"""Fountains as a plain table: one row each, its place in x and y of the territory's CRS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from jumeau.files import atomic
from jumeau.sources.format import Format, by_name
from jumeau.sources.imported import Imported, observed_columns
from jumeau.territory.file import ImportOptions


def read(path: Path, options: ImportOptions, crs: pyproj.CRS) -> Imported:
    """Read the table."""
    table = pd.read_csv(path, dtype={"fountain_id": str})
    points = gpd.points_from_xy(table.pop("x"), table.pop("y"), crs=options.given_crs or crs)
    layers = {"fountains": gpd.GeoDataFrame(table, geometry=points)}
    return Imported(layers, observed_columns(layers, path.name))


def write(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> list[Path]:
    """Write the table."""
    frame = layers["fountains"]
    table = frame.drop(columns=frame.geometry.name).assign(x=frame.geometry.x, y=frame.geometry.y)
    return [atomic(path, lambda target: table.to_csv(target, index=False))]


FORMATS = by_name(Format("fountains_csv", "Table of fountains", read=read, write=write))
