"""Where the files of a territory lie: it decides the CRS of one that says `crs: auto`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.projection import median_place
from jumeau.sources.reading import open_source
from jumeau.territory.crs import parse_crs, usual_crs
from jumeau.territory.file import TerritoryFile

#: The layers that tell best where a territory is, in this order.
_FIRST = ("streets", "buildings", "addresses", "population", "zones")


def crs_of_place(whole: TerritoryFile, read: Iterable[gpd.GeoDataFrame], folder: Path) -> pyproj.CRS:
    """Return the CRS that is usual where the files lie.

    The place is the median of the features, which a stray one does not move.

    Parameters
    ----------
    whole : TerritoryFile
    read : iterable of GeoDataFrame
        What has been read of imports.
    folder : Path
        What a relative path starts from.

    Raises
    ------
    InputError
        When no file says its CRS.
    """
    for frame in read:
        found = _usual(frame, frame.crs, whole.country)
        if found is not None:
            return found
    for name in sorted(whole.layers, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST)):
        source = whole.layers[name]
        frame = open_source(source.model_copy(update={"where": {}}), folder).frame
        if not isinstance(frame, gpd.GeoDataFrame):
            continue
        found = _usual(frame, parse_crs(source.crs) if source.crs else frame.crs, whole.country)
        if found is not None:
            return found
    hint = _("state `crs:`, a projected one in metres")
    raise InputError(Problem(_("`crs: auto`: no file of the territory says where it lies"), hint=hint))


def _usual(frame: gpd.GeoDataFrame, crs: pyproj.CRS | None, country: str) -> pyproj.CRS | None:
    """Return the usual CRS where a layer lies; None where it says nothing of its place."""
    place = median_place(frame.geometry.to_numpy(), crs) if crs is not None else None
    return usual_crs(*place, country) if place is not None and np.isfinite(place).all() else None
