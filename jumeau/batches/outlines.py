"""What maps and tables need of a territory: its outline and its residents."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import shapely

from jumeau.columns import numbers
from jumeau.errors import InputError
from jumeau.territory.check import without_place
from jumeau.territory.info import PLACES
from jumeau.territory.model import Territory

#: Longitude and latitude, whatever the territories' own CRS: overseas departments stand on the same map.
COMMON_CRS = 4326

ZONES, HULL, POINT = "zones", "hull", "point"

#: Gaps between zones that are closed, and what an outline is smoothed by [m].
GAP, SMOOTH = 2.0, 5.0


def outline_of(territory: Territory) -> tuple[str, str]:
    """Return the outline of a territory, and what it is.

    Parameters
    ----------
    territory : Territory

    Returns
    -------
    outline : str
        WKB in hexadecimal digits, in `COMMON_CRS`; empty where nothing of the territory has a place.
    kind : str
        `zones` together, else the `hull` of its streets, buildings or addresses, else a `point` in its middle.
    """
    for kind, find in ((ZONES, _zones), (HULL, _hull)):
        try:
            shape = find(territory)
        except shapely.errors.GEOSException:  # what is wrong with shapes is told by the checks
            continue
        if shape is not None and not shape.is_empty and shape.area > 0.0:
            made = gpd.GeoSeries([shape], crs=territory.crs).to_crs(COMMON_CRS)
            return str(shapely.to_wkb(made.iloc[0], hex=True)), kind
    try:
        latitude, longitude = territory.location
    except InputError:  # no feature has a place
        return "", POINT
    return str(shapely.to_wkb(shapely.Point(longitude, latitude), hex=True)), POINT


def _zones(territory: Territory) -> shapely.Geometry | None:
    if not territory.has("zones"):
        return None
    shapes = territory.layers["zones"].geometry.to_numpy()
    shapes = shapely.make_valid(shapes[~without_place(shapes)])
    closed = shapely.buffer(shapely.union_all(shapely.buffer(shapes, GAP)), -GAP)
    return shapely.simplify(closed, SMOOTH)


def _hull(territory: Territory) -> shapely.Geometry | None:
    found = [territory.layers[name].geometry.to_numpy() for name in PLACES if territory.has(name)]
    shapes = np.concatenate(found) if found else np.array([], dtype=object)
    shapes = shapes[~without_place(shapes)] if len(shapes) else shapes
    return shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapes))) if len(shapes) else None


def residents_of(territory: Territory) -> float | None:
    """Return the residents of a territory; None where it does not tell of them."""
    if not territory.has("population") or "residents" not in territory.layers["population"]:
        return None
    people = numbers(territory.layers["population"], "residents")
    total = float(np.nansum(people))
    return total if np.isfinite(people).any() and math.isfinite(total) else None
