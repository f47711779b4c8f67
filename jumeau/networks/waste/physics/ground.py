"""Travel of trucks between depots, disposal sites and collection sites, along the streets or straight."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.networks.waste.physics.state import Ground
from jumeau.routing import Roads, Travel
from jumeau.simulation.place import Place

Floats = NDArray[np.float64]

CLASSES = ("motorway", "primary", "secondary", "tertiary")


def roads_of(streets: gpd.GeoDataFrame, rates: dict[str, float], narrowest: float) -> Roads:
    """Return the streets as trucks meet them."""
    speeds = {name: rates[f"speed_{name}"] for name in CLASSES}
    return Roads.of(streets, speeds, usual=rates["speed_other"], narrowest=narrowest)


def with_extra(travel: Travel, extra: Floats, speed: float) -> Travel:
    """Return travel with the road beyond the territory's streets [m], at both ends of a way, at a speed [km/h]."""
    if not extra.any():
        return travel
    beyond = extra[:, None] + extra[None, :]
    np.fill_diagonal(beyond, 0.0)
    return Travel(travel.distance + beyond, travel.duration + beyond / (speed / 3.6))


def ground_of(
    place: Place, points: NDArray[np.object_], extra: Floats, rates: dict[str, float], narrowest: float
) -> Ground:
    """Return the travel between points, computed once for all variants that ask for the same.

    Parameters
    ----------
    place : Place
    points : ndarray of Point, shape (n,)
        Depots, disposal sites, then collection sites.
    extra : ndarray, shape (n,)
        Road beyond the territory's streets [m].
    rates : mapping of str to float
        Speeds [km/h].
    narrowest : float
        Streets of less width are closed to the trucks [m].
    """
    xy = shapely.get_coordinates(points)
    speeds = tuple(rates[f"speed_{name}"] for name in (*CLASSES, "other", "extra"))
    key = ("waste", "ground", xy.tobytes(), extra.tobytes(), speeds, narrowest)
    return place.memo(key, lambda: _ground(place, points, xy, extra, rates, narrowest))


def _ground(
    place: Place, points: NDArray[np.object_], xy: Floats, extra: Floats, rates: dict[str, float], narrowest: float
) -> Ground:
    if place.streets is None or not place.along_streets:
        metres = place.detour * np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
        straight = Travel(metres, metres / (rates["speed_other"] / 3.6))
        nowhere = np.full(len(points), "", dtype=object)
        return Ground(with_extra(straight, extra, rates["speed_extra"]), None, None, xy, nowhere, extra)
    streets = place.streets
    roads: Roads = place.memo(
        ("waste", "roads", tuple(rates[f"speed_{name}"] for name in (*CLASSES, "other")), narrowest),
        lambda: roads_of(streets, rates, narrowest),
    )
    sites = roads.sites(points)
    names = streets["street_id"].astype(str).to_numpy(dtype=object)[roads.graph.street[sites.arc]]
    travel = with_extra(roads.travel(sites), extra, rates["speed_extra"])
    return Ground(travel, roads, sites, xy, names, extra)
