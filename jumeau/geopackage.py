"""GeoPackages that are whole or absent, the same bytes for the same content."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from jumeau.files import atomic, fixed_date
from jumeau.i18n import _


def write_geopackage(path: Path, frames: Mapping[str, pd.DataFrame], description: str = "") -> Path:
    """Write layers and plain tables as a GeoPackage.

    Parameters
    ----------
    path : Path
    frames : mapping of str to DataFrame
        By name of layer, at least one; those with geometry as GeoDataFrames.
    description : str
        Of each layer, as QGIS shows it.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        When the system refuses: read-only folder, full disk.
    """

    def write(target: Path) -> None:
        told: dict[str, Any] = {"layer_options": {"DESCRIPTION": description}} if description else {}
        with fixed_date(), _synchronised_once(target):
            for name, frame in frames.items():
                pyogrio.write_dataframe(frame, target, layer=name, driver="GPKG", append=target.exists(), **told)
        _check_whole(target, frames)

    return atomic(path, write)


@contextmanager
def _synchronised_once(path: Path) -> Iterator[None]:
    """Bring a file to the disk as it is finished, not at each step: nobody sees it before."""
    pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_SQLITE_SYNCHRONOUS": None})
    with path.open("rb+") as made:
        os.fsync(made.fileno())


def descriptions(path: Path) -> set[str]:
    """Return the descriptions of a GeoPackage's layers; none where it is not one.

    Read without GDAL, which writes files beside what it reads.
    """
    try:
        with closing(_opened(path)) as base:
            return {str(text or "") for (text,) in base.execute("SELECT description FROM gpkg_contents")}
    except (sqlite3.Error, UnicodeDecodeError):  # what SQLite says of damage may quote it
        return set()


def _opened(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    base.text_factory = lambda raw: raw.decode("utf-8", "replace")  # a damaged file holds any bytes
    return base


def _check_whole(path: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Look whether everything was written: GDAL says nothing of what a full disk refuses as the file is closed.

    Raises
    ------
    OSError
    """
    try:
        with closing(_opened(path)) as base:
            tables = {str(name) for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            whole = base.execute("PRAGMA quick_check").fetchone() == ("ok",) and all(
                _is_there(base, tables, name, frame) for name, frame in frames.items()
            )
    except (sqlite3.Error, UnicodeDecodeError):
        whole = False
    if not whole:
        raise OSError(_("the file came out incomplete: is the disk full?"))


def _is_there(base: sqlite3.Connection, tables: set[str], name: str, frame: pd.DataFrame) -> bool:
    if name not in tables:
        return False
    quoted = name.replace('"', '""')
    if base.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone() != (len(frame),):  # noqa: S608 - our own layers
        return False
    # The spatial index is made last.
    shapes = isinstance(frame, gpd.GeoDataFrame) and bool(frame.geometry.notna().any())
    return not shapes or any(table.startswith(f"rtree_{name}_") for table in tables)
