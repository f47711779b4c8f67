"""One GeoPackage per territory, readable in QGIS."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.geopackage import write_geopackage
from jumeau.i18n import _
from jumeau.territory.metadata import read_columns, read_metadata
from jumeau.territory.model import Territory
from jumeau.vector_file import layer_names, read_layers

COLUMNS_TABLE = "jumeau_columns"
META_TABLE = "jumeau_territory"


def write_territory(territory: Territory, path: Path) -> Path:
    """Write a territory to one GeoPackage, under a temporary name first, so that no half file can be left.

    Parameters
    ----------
    territory : Territory
    path : Path
        Name ending in `.gpkg`.

    Raises
    ------
    InputError
        When the folder cannot be written to.
    """
    meta = {"name": territory.name, "crs": territory.crs.to_string(), **territory.meta}
    table = pd.DataFrame({"key": list(meta), "value": [str(value) for value in meta.values()]})
    frames = {name: territory.layers[name] for name in sorted(territory.layers)}
    frames |= {COLUMNS_TABLE: territory.columns, META_TABLE: table}

    return write_geopackage(Path(path), {name: plain(frame) for name, frame in frames.items()})


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a layer without any geometry as the plain table that it is."""
    if isinstance(frame, gpd.GeoDataFrame) and len(frame) and frame.geometry.isna().all():
        return pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return frame


def read_territory(path: Path | str) -> Territory:
    """Read a territory that `write_territory` wrote.

    Parameters
    ----------
    path : Path or str
        A GeoPackage, or the name of a bundled territory (see `jumeau.territory.bundled`).

    Raises
    ------
    InputError
        When the file does not exist, is not a GeoPackage, or is not a Jumeau territory.
    """
    from jumeau.territory.bundled import locate

    file = locate(path)
    if file.suffix.lower() != ".gpkg":
        raise InputError(
            Problem(
                _("not a readable GeoPackage"),
                file=str(file),
                hint=_("build it again with « jumeau territory build »"),
            )
        )
    names = set(layer_names(file))
    if META_TABLE not in names or COLUMNS_TABLE not in names:
        raise InputError(
            Problem(
                _("this GeoPackage is not a Jumeau territory (no table « {table} »)").format(table=META_TABLE),
                file=str(file),
                hint=_("build it with « jumeau territory build FILE.yaml »"),
            )
        )
    frames = read_layers(file, sorted(names))
    meta, crs = read_metadata(_table(frames.pop(META_TABLE)), file, META_TABLE)
    meta.pop("crs")
    columns = read_columns(_table(frames.pop(COLUMNS_TABLE)), file, COLUMNS_TABLE)
    layers = {}
    for name, frame in frames.items():
        layers[name] = _in_crs(_layer(frame), crs)
    return Territory(name=meta.pop("name"), crs=crs, layers=layers, columns=columns, meta=meta)


def _table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the geometry that somebody gave it."""
    return pd.DataFrame(frame.drop(columns=frame.geometry.name)) if isinstance(frame, gpd.GeoDataFrame) else frame


def _layer(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return a layer with a geometry, where a plain table stood for one without any."""
    if isinstance(frame, gpd.GeoDataFrame):
        return frame
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index))


def _in_crs(frame: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return a layer in the territory's CRS: one that somebody saved in another is computed, not renamed."""
    same = frame.crs is None or frame.crs.equals(crs, ignore_axis_order=True)
    same = same or frame.crs.to_epsg() == crs.to_epsg() is not None
    return frame.set_crs(crs, allow_override=True) if same else frame.to_crs(crs)
