"""One GeoPackage per territory, readable in QGIS."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.geopackage import write_geopackage
from jumeau.i18n import _
from jumeau.territory.model import COLUMN_FIELDS, Territory

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
    try:
        names = {str(name) for name, _kind in pyogrio.list_layers(file)}
    except pyogrio.errors.DataSourceError as error:
        raise InputError(
            Problem(
                _("not a readable GeoPackage"),
                file=str(file),
                hint=_("build it again with « jumeau territory build »"),
            )
        ) from error
    if META_TABLE not in names or COLUMNS_TABLE not in names:
        raise InputError(
            Problem(
                _("this GeoPackage is not a Jumeau territory (no table « {table} »)").format(table=META_TABLE),
                file=str(file),
                hint=_("build it with « jumeau territory build FILE.yaml »"),
            )
        )
    table = pyogrio.read_dataframe(file, layer=META_TABLE, read_geometry=False)
    meta = dict(zip(table["key"], table["value"].fillna(""), strict=True))
    columns = pyogrio.read_dataframe(file, layer=COLUMNS_TABLE, read_geometry=False)
    columns = columns.reindex(columns=list(COLUMN_FIELDS)).fillna("")
    crs = pyproj.CRS.from_user_input(meta.pop("crs"))
    layers = {}
    for name in sorted(names - {META_TABLE, COLUMNS_TABLE}):
        frame = gpd.read_file(file, layer=name, engine="pyogrio")
        if not isinstance(frame, gpd.GeoDataFrame):
            frame = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), index=frame.index))
        layers[name] = frame.set_crs(crs, allow_override=True)
    return Territory(name=meta.pop("name"), crs=crs, layers=layers, columns=columns, meta=meta)
