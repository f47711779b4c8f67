"""What QGIS finds in a GeoPackage beside the layers: their styles, by its own convention."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from jumeau.files import atomic
from jumeau_viz.qgis.layers import MapLayer
from jumeau_viz.qgis.qml import qml
from jumeau_viz.qgis.sld import sld

TABLE = "layer_styles"
#: As GeoPackages that Jumeau writes; the same content gives the same bytes.
DATE = "2025-01-01T00:00:00.000Z"

_CREATE = f"""CREATE TABLE {TABLE} (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
 f_table_catalog TEXT(256), f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
 styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
 update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))"""
_COLUMNS = (
    "f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, "
    "description, owner, ui, update_time"
)
_REGISTER = (
    "INSERT OR REPLACE INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id) "
    "VALUES (?, 'attributes', ?, '', ?, 0)"
)

Row = tuple[str | int, ...]


def style_rows(layers: Iterable[MapLayer], geometry_columns: dict[str, str]) -> list[Row]:
    """Return the rows of `layer_styles`; the first style of a table is the one that QGIS opens it with."""
    rows: dict[tuple[str, str], Row] = {}
    for layer in layers:
        default = int(all(table != layer.table for table, _name in rows))
        rows.setdefault(
            (layer.table, layer.style.name),
            (
                "", "", layer.table, geometry_columns.get(layer.table, "geom"), layer.style.name, qml(layer),
                sld(layer.style, layer.table), default, layer.title, "", "", DATE,
            ),
        )  # fmt: skip
    return list(rows.values())


def add_styles(path: Path, layers: Iterable[MapLayer]) -> Path:
    """Put the styles of its layers in a GeoPackage, whole or not at all, in place of those that it has.

    Parameters
    ----------
    path : Path
    layers : iterable of MapLayer
        Those of this file.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        When the system refuses.
    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
        columns = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall())
        rows = style_rows(layers, columns)
        if _written(base) == rows:
            return path  # the same bytes, however often a run is drawn

    def write(target: Path) -> None:
        shutil.copyfile(path, target)
        with closing(sqlite3.connect(target)) as base:
            base.execute(f"DROP TABLE IF EXISTS {TABLE}")
            base.execute(_CREATE)
            marks = ", ".join("?" * len(rows[0])) if rows else ""
            base.executemany(f"INSERT INTO {TABLE} ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608 - our own names
            base.execute(_REGISTER, (TABLE, TABLE, DATE))
            base.commit()

    return atomic(path, write)


def _written(base: sqlite3.Connection) -> list[Row]:
    try:
        return base.execute(f"SELECT {_COLUMNS} FROM {TABLE} ORDER BY id").fetchall()  # noqa: S608 - our own names
    except sqlite3.Error:
        return []
