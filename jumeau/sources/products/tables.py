"""Reads the rows of a table of a product by the keys of the catalogue: the columns wanted only, long ones in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text
from jumeau.sources.encodings import as_utf8
from jumeau.sources.excel import read_excel
from jumeau.sources.products.catalogue import Coordinates, Table
from jumeau.sources.products.contents import Held, on_disk, opened_text
from jumeau.sources.products.names import folded
from jumeau.sources.reading import ROW
from jumeau.vector_file import read_layer

#: Rows of a text file that are in memory at once.
ROWS = 200_000


def rows_of(
    held: Held, table: Table, names: Mapping[str, str], box: tuple[float, ...] | None
) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table, its columns called by their keys; unknown cells are None.

    Parameters
    ----------
    held : Held
    table : Table
    names : mapping of str to str
        Key -> source column.
    box : tuple of float, optional
        Bounds in the CRS of a vector layer: what lies outside is not read.

    Raises
    ------
    InputError
        When the file cannot be read.
    """
    if held.kind == "vector":
        parts: Iterator[pd.DataFrame] = iter([_vector(held, names, box)])
    elif held.kind == "sheet":
        parts = iter([read_excel(held.file, held.layer, held.skip)])
    else:
        parts = _text(held, names)
    first = 1
    for part in parts:
        count = len(part)
        rows = {key: part[column] for key, column in names.items() if column in part}
        frame = pd.DataFrame({ROW: np.arange(first, first + count), **rows}, index=part.index)
        if isinstance(part, gpd.GeoDataFrame):
            frame = gpd.GeoDataFrame(frame, geometry=part.geometry.to_numpy(), crs=part.crs)
        frame, _guessed = as_utf8(frame)
        first += count
        yield _cleaned(frame, table)


def _vector(held: Held, names: Mapping[str, str], box: tuple[float, ...] | None) -> pd.DataFrame:
    with on_disk(held) as (file, layer):
        wanted = list(dict.fromkeys(names.values()))
        try:
            return read_layer(file, layer, columns=wanted, bbox=box, on_invalid="ignore")
        except (UnicodeDecodeError, LookupError):
            # The file says another encoding than it has; every byte is a letter in this one.
            try:
                return read_layer(file, layer, columns=wanted, bbox=box, on_invalid="ignore", encoding="ISO-8859-1")
            except (UnicodeDecodeError, LookupError) as error:
                message = _("the text cannot be decoded")
                raise InputError(Problem(message, file=str(held.file), hint=_("save it again in UTF-8"))) from error


def _text(held: Held, names: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    wanted = set(names.values())
    try:
        with opened_text(held) as stream:
            yield from pd.read_csv(
                stream,
                sep=held.separator,
                encoding=held.encoding,
                encoding_errors="replace",
                dtype=str,
                keep_default_na=False,
                skiprows=held.skip,
                chunksize=ROWS,
                usecols=lambda name: name.strip() in wanted,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        hint = _("save the table again as CSV in UTF-8, cells that hold a separator being quoted")
        message = _("cannot be read: {error}").format(error=error)
        raise InputError(Problem(message, file=str(held.file), hint=hint)) from error


def _cleaned(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows with texts trimmed, codes folded and cells that mean « unknown » emptied."""
    made = frame.copy()
    for key in [name for name in frame.columns if name not in ("geometry", ROW)]:
        column = made[key]
        if not pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            texts = column.map(lambda cell: cell.strip() if isinstance(cell, str) else cell).astype(object)
            column = texts.where(
                texts.notna() & (texts.map(lambda cell: not isinstance(cell, str) or cell != "")), None
            )
        if key in table.codes:
            column = folded(as_text(column))
        if key in table.blank:
            column = column.astype(object).where(~as_text(column).isin([str(cell) for cell in table.blank[key]]), None)
        made[key] = column
    return made


def placed(frame: pd.DataFrame, table: Table, given: pyproj.CRS | None, target: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the rows with the places that the table tells: shapes of the file, WKT, or a pair of columns.

    Parameters
    ----------
    frame : DataFrame
    table : Table
    given : CRS, optional
        That the territory file states.
    target : CRS
        The territory's: that of places of which nothing tells it, unless they can only be degrees.
    """
    if isinstance(frame, gpd.GeoDataFrame) and (frame.crs is not None or not table.wkt):
        crs = given if given is not None and frame.crs is None else frame.crs or target
        return frame.set_crs(crs, allow_override=True)
    rows = pd.DataFrame(frame).drop(columns="geometry", errors="ignore")
    if table.wkt:
        shapes = shapely.from_wkt(_bare(rows[table.wkt]), on_invalid="ignore")
        return gpd.GeoDataFrame(rows, geometry=shapes, crs=given or _guess(shapes, target))
    points = np.full(len(rows), None, dtype=object)
    for pair in table.coordinates:
        crs = pyproj.CRS.from_user_input(pair.crs) if pair.crs else given or target
        if pair.x in rows and pair.y in rows:
            found = _points(rows, pair)
            if crs != (first := pyproj.CRS.from_user_input(table.coordinates[0].crs or target)):
                found = gpd.GeoSeries(found, crs=crs).to_crs(first).to_numpy()
            points = np.where(shapely.is_missing(points), found, points)
    crs = pyproj.CRS.from_user_input(table.coordinates[0].crs or target) if table.coordinates else target
    return gpd.GeoDataFrame(rows, geometry=points, crs=crs)


def _points(rows: pd.DataFrame, pair: Coordinates) -> np.ndarray:
    axes = []
    for key in (pair.x, pair.y):
        texts = rows[key].map(lambda cell: cell.replace(",", ".") if isinstance(cell, str) else cell)
        axes.append(as_numbers(texts, ".")[0].to_numpy())
    points = np.asarray(gpd.points_from_xy(*axes).to_numpy(), dtype=object)
    points[~np.isfinite(axes[0]) | ~np.isfinite(axes[1])] = None
    return points


def _bare(texts: pd.Series) -> np.ndarray:
    """Return WKT without the SRID that PostGIS writes before it."""
    bare = [text.rsplit(";", 1)[-1] if isinstance(text, str) else None for text in texts]
    return np.array(bare, dtype=object)


def _guess(shapes: np.ndarray, target: pyproj.CRS) -> pyproj.CRS:
    """Return degrees where all coordinates can be, else the territory's CRS."""
    bounds = shapely.total_bounds(shapes)
    degrees = np.isfinite(bounds).all() and np.abs(bounds[[0, 2]]).max() <= 180 and np.abs(bounds[[1, 3]]).max() <= 90
    return pyproj.CRS.from_epsg(4326) if degrees else target
