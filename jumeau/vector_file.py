"""The one place where vector files are opened: by drivers that are safe for the file's kind, without any network.

GDAL finds a file's kind by its content: a virtual layer or a service description that is named `streets.gpkg` would
open connections, or other files. So only the drivers of the kind that the name tells are there while a file is open.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio._ogr import _register_drivers

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.input_file import regular_file

#: File name ending -> drivers of GDAL that may open it. None follows a reference to another file or address.
DRIVERS: Mapping[str, tuple[str, ...]] = {
    ".gpkg": ("GPKG",),
    ".shp": ("ESRI Shapefile",),
    ".dbf": ("ESRI Shapefile",),
    ".zip": ("ESRI Shapefile",),
    ".geojson": ("GeoJSON",),
    ".json": ("GeoJSON",),
    ".gml": ("GML",),
    ".fgb": ("FlatGeobuf",),
    ".csv": ("CSV",),
    ".osm": ("OSM",),
    ".pbf": ("OSM",),
    ".gz": ("OSM",),
}

#: No network (a proxy of a kind that does not exist: any request fails before a connection), nothing written beside.
_OPTIONS = {
    "GDAL_HTTP_PROXY": "none://none",
    "GDAL_HTTPS_PROXY": "none://none",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "CPL_VSIL_GZIP_WRITE_PROPERTIES": "NO",
}
#: They would let a request pass beside the proxy.
_BYPASSES = ("no_proxy", "NO_PROXY")

#: Drivers and options are those of the whole process.
_LOCK = threading.RLock()

_SQLITE = b"SQLite format 3\0"
_LINKED_CRS = re.compile(rb'"crs"\s*:\s*\{[^{}]*"type"\s*:\s*"(?:link|url)"', re.IGNORECASE)
_HEAD = 65_536


def layer_names(path: Path) -> list[str]:
    """Return the names of a file's layers.

    Parameters
    ----------
    path : Path
        Its ending tells its kind: see `DRIVERS`.

    Raises
    ------
    InputError
        When it is no regular file, of another kind than its name tells, damaged, or holds what would reach beyond it.
    """
    with _opening(path) as source:
        return [str(name) for name, _kind in pyogrio.list_layers(source)]


def read_layer(path: Path, layer: str | None = None, **options: Any) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return a layer: with geometry a `GeoDataFrame`, else a plain table.

    Parameters
    ----------
    path : Path
        Its ending tells its kind: see `DRIVERS`.
    layer : str, optional
        The first by default.
    **options
        Passed to `pyogrio.read_dataframe`, for instance `encoding`, `read_geometry` or `on_invalid`.

    Raises
    ------
    InputError
        As `layer_names`.
    UnicodeDecodeError, LookupError
        When the encoding does not fit, or does not exist.
    """
    with _opening(path) as source:
        return pyogrio.read_dataframe(source, layer=layer, **options)


def read_layers(path: Path, layers: Iterable[str]) -> dict[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Return several layers of a file by name, which is looked into once; see `read_layer`."""
    with _opening(path) as source:
        return {layer: pyogrio.read_dataframe(source, layer=layer) for layer in layers}


@dataclass(frozen=True)
class LayerInfo:
    """What a layer says of itself before it is read.

    Attributes
    ----------
    columns : tuple of str
    geometry : str
        Type of its shapes, without Z and M; empty for a plain table.
    features : int
        -1 where only reading tells it.
    crs : str
        Empty where the file states none.
    bounds : tuple of float
        xmin, ymin, xmax, ymax; empty where the file does not hold them ready.
    """

    columns: tuple[str, ...]
    geometry: str
    features: int
    crs: str
    bounds: tuple[float, ...]


def layer_info(path: Path, layer: str) -> LayerInfo:
    """Return what a layer says of itself.

    Raises
    ------
    InputError
        As `layer_names`.
    """
    with _opening(path) as source:
        found = pyogrio.read_info(source, layer=layer)
    kind = str(found["geometry_type"] or "").replace("Measured 3D ", "").removesuffix(" ZM").removesuffix(" Z")
    bounds = found["total_bounds"]
    return LayerInfo(
        tuple(str(name) for name in found["fields"]),
        "" if kind == "None" else kind.removesuffix(" M"),
        int(found["features"]),
        str(found["crs"] or ""),
        tuple(float(value) for value in bounds) if bounds is not None else (),
    )


@contextmanager
def _opening(path: Path) -> Iterator[str]:
    """Let GDAL see what it may, and turn whatever it says of a file into a problem."""
    kinds = DRIVERS.get(path.suffix.lower())
    regular_file(path)
    if kinds is None:
        raise InputError(_unreadable(path, ""))
    _refuse_references(path)
    try:
        with _only(kinds), _no_trace(path), _indexed(path) as name, warnings.catch_warnings():
            # GDAL's own words, in English and once per layer: a CRS or a shape that it could not make is missing in
            # what it returns, where the checks name it.
            warnings.simplefilter("ignore", RuntimeWarning)
            # Times that no calendar has (a second 60) come back as texts; a measure (M) is of no use here.
            warnings.simplefilter("ignore", UserWarning)
            yield f"/vsigzip/{name}" if path.suffix.lower() == ".gz" else name
    except UnicodeError:
        raise
    # A .prj of bytes that are no text ends in a NameError of pyogrio.
    except (RuntimeError, ValueError, shapely.errors.ShapelyError, MemoryError, OverflowError, NameError) as error:
        # GDAL repeats the whole path, which is told already, and advises on prefixes that are not for users.
        reason = str(error).replace(str(path.absolute()), path.name)
        raise InputError(_unreadable(path, "" if "not recognized as" in reason else reason)) from error


@contextmanager
def _only(kinds: tuple[str, ...]) -> Iterator[None]:
    """Take every other driver and the network away from GDAL for a while.

    pyogrio opens with every driver that is registered (its issue 310), and offers no list of those wanted.
    """
    with _LOCK:
        known = list(pyogrio.list_drivers())
        before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
        bypasses = {name: os.environ.pop(name) for name in _BYPASSES if name in os.environ}
        _skip([name for name in known if name not in kinds])
        pyogrio.set_gdal_config_options(dict(_OPTIONS))
        try:
            yield
        finally:
            os.environ.update(bypasses)
            pyogrio.set_gdal_config_options(before)
            _skip(known)  # emptied first, so that the order of drivers is what it was
            _skip([])


def _skip(names: list[str]) -> None:
    pyogrio.set_gdal_config_options({"OGR_SKIP": ",".join(names) or None})
    _register_drivers()


@contextmanager
def _indexed(path: Path) -> Iterator[str]:
    """Yield the name that GDAL opens: a shapefile without its index is copied, since GDAL writes the index beside it.

    Names are absolute, so that none is taken for an address or a virtual file system.
    """
    if path.suffix.lower() != ".shp" or any(path.with_suffix(ending).exists() for ending in (".shx", ".SHX")):
        yield str(path.absolute())
        return
    with tempfile.TemporaryDirectory() as folder:
        for ending in (".shp", ".dbf", ".prj", ".cpg", ".SHP", ".DBF", ".PRJ", ".CPG"):
            part = path.with_suffix(ending)
            if part.is_file():
                _copy(part, Path(folder) / f"{path.stem}{ending.lower()}")
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            yield str(Path(folder) / f"{path.stem}.shp")
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _copy(part: Path, target: Path) -> None:
    try:
        shutil.copyfile(part, target)
    except OSError as error:
        raise InputError(_unreadable(part, error.strerror or "")) from error


@contextmanager
def _no_trace(path: Path) -> Iterator[None]:
    """Remove what GDAL writes beside a GML file: what it guessed of its columns."""
    guess = path.with_suffix(".gfs")
    written = path.suffix.lower() == ".gml" and not guess.exists()
    try:
        yield
    finally:
        if written:
            guess.unlink(missing_ok=True)


def _refuse_references(path: Path) -> None:
    """Refuse what drivers would compute or follow: views and virtual tables of a GeoPackage, a CRS by address."""
    suffix = path.suffix.lower()
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        message = _("cannot be read: {error}").format(error=error.strerror)
        raise InputError(Problem(message, file=str(path))) from error
    if suffix == ".gpkg":
        if not head.startswith(_SQLITE):
            raise InputError(_unreadable(path, ""))
        _refuse_views(path)
    if suffix in (".geojson", ".json") and _LINKED_CRS.search(head):
        hint = _("write the CRS in the file as a name, for instance « urn:ogc:def:crs:EPSG::2154 »")
        raise InputError(Problem(_("the CRS is given by an address, which is not followed"), file=str(path), hint=hint))


def _refuse_views(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            base.text_factory = _readable  # a damaged file names its tables by any bytes
            rows = base.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    except UnicodeDecodeError as error:  # what SQLite says of the damage quotes it
        raise InputError(_unreadable(path, "")) from error
    except sqlite3.Error as error:
        raise InputError(_unreadable(path, str(error))) from error
    computed = [
        str(name)
        for kind, name, sql in rows
        if kind == "view" or (re.match(r"\s*create\s+virtual\b", str(sql), re.IGNORECASE) and not _index(str(sql)))
    ]
    if computed:
        message = _("the GeoPackage holds views or virtual tables, which are not computed")
        hint = _("export the layers that you need to a new GeoPackage")
        raise InputError(Problem(message, file=str(path), value=", ".join(computed), hint=hint))


def _readable(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _index(sql: str) -> bool:
    """Return whether a virtual table is the spatial index of a layer, or one of SQLite's own text indexes."""
    return re.search(r"\busing\s+[\"'`\[]?(rtree|fts[345])\b", sql, re.IGNORECASE) is not None


def _unreadable(path: Path, reason: str) -> Problem:
    hint = _("readable are: zipped shapefile, .shp, .gpkg, .geojson, .gml, .csv, .xls, .xlsx, .asc, .tif")
    return Problem(_("not a geographic file that can be read"), file=str(path), value=reason, hint=hint)
