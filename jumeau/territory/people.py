"""Where people live and work: the population of cells, spread on addresses."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import numbers, totals
from jumeau.territory.carriers import weights_at
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def people_at(territory: Territory, points: gpd.GeoDataFrame, per_dwelling: float) -> tuple[Floats, Floats]:
    """Return the residents and the jobs at each address, shape (k,) each.

    The people of a cell are spread on its addresses by their dwellings, told or by floor area, its jobs by what is
    known of where people work; evenly where nothing is. Those of a cell without an address go to the nearest one.

    Parameters
    ----------
    territory : Territory
    points : GeoDataFrame, shape (k,)
        Addresses, or what stands for them.
    per_dwelling : float
        Persons per dwelling, where the territory has no population layer.
    """
    size = len(points)
    if not size:
        return np.zeros(0), np.zeros(0)
    homes, work = weights_at(territory, points)
    if not territory.has("population"):
        return homes * per_dwelling, np.zeros(size)
    cells = territory.layers["population"]
    places = points.geometry.to_numpy()
    home = cells_of(cells, places)
    # Where nothing tells of work, it is spread evenly: dwellings say nothing of it.
    work = work if work.any() else np.ones(size)
    residents = _spread(cells, home, places, np.nan_to_num(numbers(cells, "residents", 0.0)), homes)
    return residents, _spread(cells, home, places, np.nan_to_num(numbers(cells, "jobs", 0.0)), work)


def cells_of(cells: gpd.GeoDataFrame, places: NDArray[np.object_]) -> Ints:
    """Return the cell in which each place lies, -1 where it lies in none, shape (k,)."""
    cell, point = shapely.STRtree(places).query(cells.geometry.to_numpy(), predicate="intersects")
    # A point on the border of two cells belongs to the first.
    order = np.lexsort((cell, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    home = np.full(len(places), -1, dtype=np.int64)
    home[point[first]] = cell[first]
    return home


def _spread(cells: gpd.GeoDataFrame, home: Ints, places: NDArray[np.object_], people: Floats, weight: Floats) -> Floats:
    """Return the people of cells at each place, shape (k,): by weights, evenly in a cell where none has any."""
    inside = home >= 0
    bare = totals(home[inside], weight[inside], len(cells)) <= 0.0
    weight = np.where(inside & bare[home], 1.0, weight)
    total = totals(home[inside], weight[inside], len(cells))
    share = np.divide(people, total, out=np.zeros(len(cells)), where=total > 0.0)
    each = np.where(inside, share[home] * weight, 0.0)
    empty = np.flatnonzero((total <= 0.0) & (people > 0.0))
    if len(empty):
        centre = shapely.get_coordinates(shapely.centroid(cells.geometry.to_numpy()[empty]))
        np.add.at(each, cKDTree(shapely.get_coordinates(places)).query(centre)[1], people[empty])
    return each
