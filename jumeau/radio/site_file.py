"""Reads candidate sites from any table or layer: masts of the ANFR, roofs, a list of one's own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.radio.places import Sites, apart, places_of
from jumeau.radio.tables import FACTORS
from jumeau.sources.cells import as_numbers, unread_numbers
from jumeau.sources.projection import project
from jumeau.sources.reading import open_source
from jumeau.territory.mapping import LayerFile

Floats = NDArray[np.float64]

#: Columns by which places, heights and names are known, plain names in order of preference. The ANFR's are among them.
_EAST, _NORTH = ("longitude", "lon", "x", "easting"), ("latitude", "lat", "y", "northing")
_HEIGHT = ("height", "hauteur en m", "hauteur", "antenna_height", "height_m")
_NAME = ("site_id", "gateway_id", "numero de support", "sup_id", "id", "name", "nom")
_KIND = ("kind", "nature du support", "nature", "type")

#: Heights that an antenna can have above ground [m].
_LOWEST, _HIGHEST = 0.0, 400.0


def read_sites(path: Path, crs: pyproj.CRS, factors: FactorTable = FACTORS) -> Sites:
    """Return the candidate sites of a file, those at one place once.

    Parameters
    ----------
    path : Path
        Whatever a territory file can name: CSV, workbook, GeoPackage, GeoJSON, zipped shapefile. A table has columns
        of coordinates: `longitude` and `latitude`, or `x` and `y` in the territory's CRS.
    crs : CRS
        Of the territory.
    factors : FactorTable
        Gives a height where the file has none.

    Raises
    ------
    InputError
        When the file cannot be read, has no place or no row, or a height is none.
    """
    file = str(path)
    frame = open_source(LayerFile(file=str(path.absolute()), columns={}), Path()).frame
    names = {_plain(column): column for column in frame.columns}
    placed = _placed(frame, names, crs, file)
    known = ~(placed.geometry.isna() | placed.geometry.is_empty).to_numpy()
    if not known.any():
        raise InputError(Problem(_("no candidate site"), file=file, hint=_("give a file with at least one place")))
    placed = placed[known].reset_index(drop=True)
    found = Sites(
        _texts(placed, names, _NAME, [f"{path.stem}-{row}" for row in placed["__row__"]]),
        places_of(placed.geometry),
        _heights(placed, names, factors, file),
        _texts(placed, names, _KIND, [""] * len(placed)),
    )
    return apart(found)


def _plain(name: object) -> str:
    """Return a column's name in lower case, without accents or line breaks."""
    text = unicodedata.normalize("NFKD", " ".join(str(name).split()).lower())
    return "".join(letter for letter in text if not unicodedata.combining(letter))


def _column(names: dict[str, str], known: Sequence[str]) -> str | None:
    return next((names[name] for name in known if name in names), None)


def _placed(frame: pd.DataFrame, names: dict[str, str], crs: pyproj.CRS, file: str) -> gpd.GeoDataFrame:
    """Return the rows with their places in the territory's CRS."""
    if isinstance(frame, gpd.GeoDataFrame):
        return project(frame, LayerFile(file=file, columns={}), crs, file, "")[0]
    east, north = _column(names, _EAST), _column(names, _NORTH)
    if east is None or north is None:
        hint = _("name its columns longitude and latitude, or x and y")
        raise InputError(Problem(_("the sites have no coordinates"), file=file, hint=hint))
    axes = []
    for column in (east, north):
        values, unread = as_numbers(frame[column], ".")
        if unread.any():
            raise InputError(unread_numbers(frame[column], unread, ".", file, column))
        axes.append(values.to_numpy())
    points = gpd.points_from_xy(*axes).to_numpy()
    points[np.isnan(axes[0]) | np.isnan(axes[1])] = None
    degrees = _plain(east).startswith("lon")
    placed = gpd.GeoDataFrame(frame, geometry=points, crs=4326 if degrees else crs)
    return project(placed, LayerFile(file=file, columns={}), crs, file, "")[0]


def _heights(frame: gpd.GeoDataFrame, names: dict[str, str], factors: FactorTable, file: str) -> Floats:
    usual = factors.value("gateway_height")
    column = _column(names, _HEIGHT)
    if column is None:
        return np.full(len(frame), usual)
    values, unread = as_numbers(frame[column], ".")
    if unread.any():
        raise InputError(unread_numbers(frame[column], unread, ".", file, column))
    found = values.to_numpy(dtype=np.float64)
    wrong = (found < _LOWEST) | (found > _HIGHEST)
    if wrong.any():
        message = _("heights above ground must lie between {low} and {high} m").format(low=_LOWEST, high=_HIGHEST)
        features = tuple(frame["__row__"][wrong].astype(str))
        value = f"{found[wrong][0]:g}"
        raise InputError(Problem(message, file=file, column=column, features=features, value=value))
    return np.where(np.isnan(found), usual, found)


def _texts(
    frame: gpd.GeoDataFrame, names: dict[str, str], known: Sequence[str], missing: Sequence[str]
) -> NDArray[np.object_]:
    column = _column(names, known)
    given = [None] * len(frame) if column is None else list(frame[column])
    return np.array(
        [other if pd.isna(item) else str(item) for item, other in zip(given, missing, strict=True)], dtype=object
    )
