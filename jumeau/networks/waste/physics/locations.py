"""Where trucks start, collect and empty, and the travel between these locations, along the streets or straight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.networks.waste.physics.roads import CLASSES, roads_of
from jumeau.routing import Roads, Sites, Travel, UsualWays
from jumeau.simulation.place import Place

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Locations:
    """Depots, disposal sites and some collection sites, in this order; shapes (n,) unless said.

    Attributes
    ----------
    travel : Travel
        Between all of them.
    roads : Roads or None
        None where the territory has no streets.
    points : Sites or None
        Where each location lies on the roads.
    xy : ndarray, shape (n, 2)
        [m].
    street : ndarray of str
        Street of each location, empty where there are no streets.
    extra : ndarray
        Road beyond the territory's streets [m].
    """

    travel: Travel
    roads: Roads | None
    points: Sites | None
    xy: Floats
    street: NDArray[np.object_]
    extra: Floats

    @cached_property
    def usual_ways(self) -> UsualWays | None:
        """The streets on the ways between them; None where the territory has no streets."""
        return UsualWays(self.roads, self.points) if self.roads is not None and self.points is not None else None


def with_extra(travel: Travel, extra: Floats, speed: float) -> Travel:
    """Return travel with the road beyond the territory's streets [m], at both ends of a drive, at a speed [km/h]."""
    if not extra.any():
        return travel
    beyond = extra[:, None] + extra[None, :]
    np.fill_diagonal(beyond, 0.0)
    return Travel(travel.distance + beyond, travel.duration + beyond / (speed / 3.6))


def locations_of(
    place: Place, points: NDArray[np.object_], extra: Floats, rates: dict[str, float], narrowest: float
) -> Locations:
    """Return locations with the travel between them, computed once for all variants that ask for the same.

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
    key = ("waste", "locations", xy.tobytes(), extra.tobytes(), speeds, narrowest)
    return place.memo(key, lambda: _locations(place, points, xy, extra, rates, narrowest))


def _locations(
    place: Place, points: NDArray[np.object_], xy: Floats, extra: Floats, rates: dict[str, float], narrowest: float
) -> Locations:
    if place.streets is None or not place.along_streets:
        metres = place.detour * np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
        straight = Travel(metres, metres / (rates["speed_other"] / 3.6))
        nowhere = np.full(len(points), "", dtype=object)
        return Locations(with_extra(straight, extra, rates["speed_extra"]), None, None, xy, nowhere, extra)
    streets = place.streets
    roads: Roads = place.memo(
        ("waste", "roads", tuple(rates[f"speed_{name}"] for name in (*CLASSES, "other")), narrowest),
        lambda: roads_of(streets, rates, narrowest),
    )
    sites = roads.sites(points)
    names = streets["street_id"].astype(str).to_numpy(dtype=object)[roads.graph.street[sites.arc]]
    travel = with_extra(roads.travel(sites), extra, rates["speed_extra"])
    return Locations(travel, roads, sites, xy, names, extra)
