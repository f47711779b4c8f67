"""The one place where what GDAL, GEOS and PROJ refuse while layers are made becomes a message: file, layer, feature."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import geopandas as gpd
import numpy as np
import pyogrio
import pyproj
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.territory.model import Territory

#: What these libraries raise.
FOREIGN = (
    shapely.errors.ShapelyError,
    pyproj.exceptions.ProjError,
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.GeometryError,
)


@contextmanager
def guarded(layer: str = "", file: str = "") -> Iterator[None]:
    """Turn what a library of geometry refuses inside the block into a problem.

    Raises
    ------
    InputError
    """
    try:
        yield
    except FOREIGN as error:
        hint = _("look at the features of that layer in a GIS; `drop_invalid: true` leaves out what cannot be used")
        message = _("geometry that cannot be used: {error}").format(error=_reason(error))
        raise InputError(Problem(message, file=file, layer=layer, hint=hint)) from error


@contextmanager
def guarded_territory(territory: Territory) -> Iterator[None]:
    """As `guarded`, for what is worked out of a whole territory: the features that cannot be are looked for."""
    try:
        yield
    except FOREIGN as error:
        message = _("geometry that cannot be used: {error}").format(error=_reason(error))
        hint = _("correct them in the source, and build the territory again")
        found = [
            Problem(message, layer=name, features=features, hint=hint)
            for name, frame in territory.layers.items()
            if (features := broken(frame))
        ]
        raise InputError(*(found or [Problem(message, hint=hint)])) from error


def broken(frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Return the ids of features whose geometry GEOS cannot work with: by the first column of ids, else by row."""
    names = [str(name) for name in frame.columns if str(name).endswith("_id")]
    ids = frame[names[0]].astype(str).tolist() if names else [f"row {row + 1}" for row in range(len(frame))]
    found = []
    for name, shape in zip(ids, frame.geometry.to_numpy(), strict=True):
        good = False
        with suppress(*FOREIGN):
            finite = shape is None or bool(np.isfinite(shapely.get_coordinates(shape)).all())
            good = finite and (shape is None or bool(shapely.is_valid(shape)))
        if not good:
            found.append(name)
    return tuple(found)


def _reason(error: Exception) -> str:
    """Return what a library says, its first line without the name of its exception."""
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__)[:300]
