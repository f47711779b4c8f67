"""Brings foreign layers into the CRS of the territory, and finds CRS that lie."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.territory.crs import parse_crs
from jumeau.territory.mapping import LayerFile


def project(
    frame: gpd.GeoDataFrame, source: LayerFile, target: pyproj.CRS, file: str, layer: str
) -> tuple[gpd.GeoDataFrame, str]:
    """Return the layer in the territory's CRS, and a note where the CRS stated differs from the file's.

    Raises
    ------
    InputError
        When no CRS is known, the coordinates cannot be in it, or they leave the area where it is defined.
    """
    stated = parse_crs(source.crs) if source.crs else None
    own = frame.crs
    crs = stated or own
    if crs is None:
        hint = _("state the layer's `crs:`, for instance « EPSG:2154 » or « EPSG:4326 »")
        raise InputError(Problem(_("the file does not say its CRS"), file=file, layer=layer, hint=hint))
    note = ""
    if stated is not None and own is not None and not own.equals(stated, ignore_axis_order=True):
        note = _("{layer}: read as {stated}, though the file says {own}").format(
            layer=layer, stated=stated.to_string(), own=own.name
        )
    flat = shapely.force_2d(frame.geometry.to_numpy())
    _check_plausible(flat, crs, file, layer)
    _check_area(flat, crs, target, file, layer)
    placed = frame.set_geometry(gpd.GeoSeries(flat, index=frame.index, crs=crs))
    # The same CRS under another authority's name is renamed, not computed.
    same = crs.equals(target, ignore_axis_order=True) or crs.to_epsg() == target.to_epsg() is not None
    projected = placed.set_crs(target, allow_override=True) if same else placed.to_crs(target)
    if not np.isfinite(_bounds(projected.geometry.to_numpy())).all() and np.isfinite(_bounds(flat)).all():
        message = _("the coordinates leave the area where {crs} is defined").format(crs=target.to_string())
        raise InputError(Problem(message, file=file, layer=layer, hint=_("check `crs` and the order of x and y")))
    return projected, note


def median_place(shapes: NDArray[np.object_], crs: pyproj.CRS) -> tuple[float, float] | None:
    """Return longitude and latitude of the median of some shapes [degree]; None where none has a place."""
    boxes = shapely.bounds(shapes)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    x, y = np.median((boxes[:, :2] + boxes[:, 2:]) / 2.0, axis=0)
    longitude, latitude = pyproj.Transformer.from_crs(crs, 4326, always_xy=True).transform(x, y)
    return float(longitude), float(latitude)


def _bounds(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return xmin, ymin, xmax, ymax over features that have a geometry; zeros where there is none."""
    bounds = shapely.bounds(shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))])
    if not len(bounds):
        return np.zeros(4)
    return np.concatenate([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])


def _check_plausible(shapes: NDArray[np.object_], crs: pyproj.CRS, file: str, layer: str) -> None:
    """Refuse metres said to be degrees and degrees said to be metres."""
    bounds = _bounds(shapes)
    if not bounds.any() or not np.isfinite(bounds).all():
        return
    in_degrees = np.abs(bounds[[0, 2]]).max() <= 180 and np.abs(bounds[[1, 3]]).max() <= 90
    shown = ", ".join(f"{value:.6g}" for value in bounds)
    if crs.is_geographic and not in_degrees:
        message = _("the CRS {crs} is in degrees, the coordinates are not").format(crs=crs.to_string())
        hint = _("state the CRS that they are in, for instance `crs: EPSG:2154`")
        raise InputError(Problem(message, file=file, layer=layer, value=shown, hint=hint))
    if not crs.is_geographic and in_degrees:
        message = _("the CRS {crs} is in metres, the coordinates look like degrees").format(crs=crs.to_string())
        hint = _("state the CRS that they are in, for instance `crs: EPSG:4326`")
        raise InputError(Problem(message, file=file, layer=layer, value=shown, hint=hint))


def _check_area(shapes: NDArray[np.object_], crs: pyproj.CRS, target: pyproj.CRS, file: str, layer: str) -> None:
    """Refuse a layer whose middle lies outside the area of the territory's CRS, by more than a degree.

    The middle is the median of the features: one at (0, 0) does not move it, and is told by the checks.
    """
    place, area = median_place(shapes, crs), target.area_of_use
    if area is None or place is None:
        return
    east, north = place
    if area.west - 1 <= east <= area.east + 1 and area.south - 1 <= north <= area.north + 1:
        return
    message = _("the layer lies outside the area of {crs} ({area})").format(crs=target.to_string(), area=area.name)
    hint = _("check `crs` and the order of x and y")
    shown = _("longitude {east}, latitude {north}").format(east=f"{east:.3f}", north=f"{north:.3f}")
    raise InputError(Problem(message, file=file, layer=layer, value=shown, hint=hint))
