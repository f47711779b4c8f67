"""One GeoPackage per territory, readable in QGIS."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj

from jumeau.errors import InputError, Problem
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
    path = Path(path)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp.gpkg")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        # A fixed date, so that the same territory gives the same bytes.
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2025-01-01T00:00:00.000Z"})
        for name in sorted(territory.layers):
            layer = territory.layers[name]
            pyogrio.write_dataframe(layer, temporary, layer=name, driver="GPKG", append=temporary.exists())
        meta = {"name": territory.name, "crs": territory.crs.to_string(), **territory.meta}
        table = pd.DataFrame({"key": list(meta), "value": [str(value) for value in meta.values()]})
        for frame, name in ((territory.columns, COLUMNS_TABLE), (table, META_TABLE)):
            pyogrio.write_dataframe(frame, temporary, layer=name, driver="GPKG", append=temporary.exists())
        temporary.replace(path)
    except OSError as error:
        raise InputError(
            Problem(
                _("cannot write: {error}").format(error=error),
                file=str(path),
                hint=_("choose a writable folder"),
            )
        ) from error
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
        temporary.unlink(missing_ok=True)
    return path


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
        layers[name] = frame.set_crs(crs, allow_override=True) if isinstance(frame, gpd.GeoDataFrame) else frame
    return Territory(name=meta.pop("name"), crs=crs, layers=layers, columns=columns, meta=meta)
