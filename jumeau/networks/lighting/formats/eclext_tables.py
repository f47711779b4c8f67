"""The tables of an EclExt delivery: found in a folder or a file, columns by their names, codes and dates read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text, unread_numbers
from jumeau.sources.delimited import read_delimited
from jumeau.sources.ogr import read_ogr

#: What the standard writes for "other" and "unknown"; the latter is often spelt out.
UNKNOWN = {"AU", "XX", "INCONNU", "NULL", "NONE"}

#: Longest name of a shapefile's column: longer ones are cut there.
SHORT = 10

_DELIMITED = (".csv", ".txt", ".tsv")
_GEOGRAPHIC = (".gpkg", ".geojson", ".json", ".shp", ".zip")
_AXES = (("x", "y"), ("x_l93", "y_l93"), ("lon", "lat"), ("longitude", "latitude"))
_ISO = re.compile(r"^(\d{4})(?:[-/]\d{1,2}(?:[-/]\d{1,2}.*)?)?$")
_FRENCH = re.compile(r"^\d{1,2}[-/.]\d{1,2}[-/.](\d{4})$")


def table(path: Path, name: str, encoding: str | None = None) -> pd.DataFrame | None:
    """Return a table of the standard, None where the folder or file does not hold it.

    Parameters
    ----------
    path : Path
        A folder with one file per table, a file with a layer for each, or the file of the lighting points.
    name : str
        Such as `PointLumineux`.
    encoding : str, optional
        Of texts; that of the file, or UTF-8 for CSV, by default.
    """
    if path.is_dir():
        kinds = (*_DELIMITED, *_GEOGRAPHIC)
        files = [file for file in sorted(path.iterdir()) if file.suffix.lower() in kinds]
        match = [file for file in files if _plain(file.stem).endswith(_plain(name))]
        if len(match) > 1:
            hint = _("leave one in the folder")
            raise InputError(
                Problem(
                    _("several files for the table « {table} »").format(table=name),
                    file=str(path),
                    value=", ".join(file.name for file in match),
                    hint=hint,
                )
            )
        return _read(match[0], None, encoding) if match else None
    if path.suffix.lower() in _DELIMITED:
        return read_delimited(path, encoding) if name == "PointLumineux" else None
    for layer in (name, name.lower()):
        try:
            return _read(path, layer, encoding)
        except InputError:
            # The file may hold one layer, the points, under any name.
            continue
    return _read(path, None, encoding) if name == "PointLumineux" else None


def _read(file: Path, layer: str | None, encoding: str | None) -> pd.DataFrame:
    return read_delimited(file, encoding) if file.suffix.lower() in _DELIMITED else read_ogr(file, layer, encoding)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def column(frame: pd.DataFrame, *names: str) -> pd.Series[Any]:
    """Return a column by the first of its names that is there, else one of nothing; unknown values are None."""
    known = {_plain(str(name)): str(name) for name in frame.columns}
    for name in names:
        found = known.get(_plain(name)) or known.get(_plain(name)[:SHORT])
        if found is not None:
            texts = as_text(frame[found])
            return texts.where(~texts.astype(str).str.upper().isin(UNKNOWN), None).rename(found)
    return pd.Series([None] * len(frame), index=frame.index, dtype=object, name=names[0])


def numbers(frame: pd.DataFrame, ids: pd.Series[Any], file: Path, *names: str) -> pd.Series[Any]:
    """Return a column of numbers, with a decimal point or comma.

    Raises
    ------
    InputError
        With the points whose cell holds something else.
    """
    texts = column(frame, *names)
    written = texts.map(lambda text: text.replace(",", ".") if text is not None else None)
    values, unread = as_numbers(written, ".")
    if unread.any():
        problem = unread_numbers(texts, unread, ".", str(file), str(texts.name))
        raise InputError(
            Problem(
                problem.message,
                file=str(file),
                column=str(texts.name),
                features=tuple(ids[unread].astype(str)),
                value=str(texts[unread].iloc[0]),
                hint=_("correct it in the source"),
            )
        )
    return values


def years(frame: pd.DataFrame, ids: pd.Series[Any], file: Path, name: str) -> pd.Series[Any]:
    """Return the years of a column of dates: 2004-06-01, 01/06/2004, 2004.

    Raises
    ------
    InputError
        With the points whose cell is no date.
    """
    texts = column(frame, name)
    values = pd.Series(np.nan, index=frame.index)
    wrong = np.zeros(len(frame), dtype=bool)
    for row, text in enumerate(texts):
        match = (_ISO.match(text) or _FRENCH.match(text)) if text is not None else None
        if match:
            values.iloc[row] = float(match[1])
        wrong[row] = text is not None and match is None
    if wrong.any():
        raise InputError(
            Problem(
                _("not a date"),
                file=str(file),
                column=str(texts.name),
                features=tuple(ids[wrong].astype(str)),
                value=str(texts[wrong].iloc[0]),
                hint=_("write it as 2004-06-01 or 01/06/2004"),
            )
        )
    return values


def coded(
    frame: pd.DataFrame, name: str, codes: Mapping[str, Any], ids: pd.Series[Any], notes: list[str]
) -> pd.Series[Any]:
    """Return a column of codes translated; those that the standard does not know are left out and told."""
    texts = column(frame, name)
    known = {code.upper(): value for code, value in codes.items()}
    values = texts.map(lambda text: known.get(text.upper()) if text is not None else None)
    strange = texts.notna() & ~texts.astype(str).str.upper().isin(known)
    for code, rows in texts[strange].groupby(texts[strange]):
        notes.append(
            _("{column}: the code « {code} » is none of EclExt: taken as unknown ({count}: {ids})").format(
                column=name, code=code, count=len(rows), ids=shorten(ids[rows.index].astype(str).tolist())
            )
        )
    return values.astype(object).where(values.notna(), None)


def yes_no(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Return truth values of texts, None where nothing or something else is said."""
    words = {"TRUE": True, "1": True, "OUI": True, "O": True, "VRAI": True, "T": True} | {
        "FALSE": False, "0": False, "NON": False, "N": False, "FAUX": False, "F": False
    }  # fmt: skip
    return texts.map(lambda text: words.get(str(text).upper()) if text is not None else None).astype(object)


def points(frame: pd.DataFrame, ids: pd.Series[Any], file: Path, crs: pyproj.CRS) -> gpd.GeoSeries:
    """Return the points: the geometry of the file, else its coordinates X and Y (or longitude and latitude).

    Raises
    ------
    InputError
        Where there are none, or some points have none.
    """
    if isinstance(frame, gpd.GeoDataFrame):
        shapes = gpd.GeoSeries(shapely.centroid(frame.geometry.to_numpy()), index=frame.index, crs=frame.crs or crs)
    else:
        known = {str(name).lower() for name in frame.columns}
        axes = next((pair for pair in _AXES if set(pair) <= known), None)
        if axes is None:
            hint = _("give the columns X and Y, or lon and lat")
            raise InputError(Problem(_("the lighting points have no coordinates"), file=str(file), hint=hint))
        x, y = (numbers(frame, ids, file, name).to_numpy(dtype=np.float64) for name in axes)
        known_crs = pyproj.CRS.from_epsg(4326) if axes[0].startswith("lon") else crs
        shapes = gpd.GeoSeries(gpd.points_from_xy(x, y), index=frame.index, crs=known_crs)
    lost = ~np.isfinite(shapely.bounds(shapes.to_numpy())).all(axis=1)
    if lost.any():
        raise InputError(
            Problem(
                _("missing, empty or infinite geometry"),
                file=str(file),
                features=tuple(ids[lost].astype(str)),
                hint=_("correct it in the source"),
            )
        )
    return shapes
