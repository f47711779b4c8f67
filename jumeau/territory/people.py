"""Where people live and work: the population of cells, spread on addresses."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import numbers
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]


def people_at(territory: Territory, points: gpd.GeoDataFrame, per_dwelling: float) -> tuple[Floats, Floats]:
    """Return the residents and the jobs at each address, shape (k,) each.

    The people of a cell are spread on its addresses by their dwellings, its jobs evenly; those of a cell without an
    address go to the nearest one.

    Parameters
    ----------
    territory : Territory
    points : GeoDataFrame, shape (k,)
        Addresses, or what stands for them.
    per_dwelling : float
        Persons per dwelling, where the territory has no population layer.
    """
    size = len(points)
    dwellings = np.maximum(numbers(points, "dwellings", 1.0), 0.0)
    weight = np.where(dwellings > 0.0, dwellings, 0.1)
    if not territory.has("population"):
        return np.maximum(dwellings, 1.0) * per_dwelling, np.zeros(size)
    cells = territory.layer("population")
    places = points.geometry.to_numpy()
    cell, point = shapely.STRtree(places).query(cells.geometry.to_numpy(), predicate="intersects")
    # A point on the border of two cells belongs to the first.
    order = np.lexsort((cell, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    home = np.full(size, -1, dtype=np.int64)
    home[point[first]] = cell[first]
    tree = cKDTree(shapely.get_coordinates(places))
    found = []
    for column, part in (("residents", weight), ("jobs", np.ones(size))):
        people = np.nan_to_num(numbers(cells, column, 0.0))
        total = np.bincount(home[home >= 0], part[home >= 0], minlength=len(cells))
        share = np.divide(people, total, out=np.zeros(len(cells)), where=total > 0.0)
        each = np.where(home >= 0, share[home] * part, 0.0)
        empty = np.flatnonzero((total == 0.0) & (people > 0.0))
        if len(empty):
            centre = shapely.get_coordinates(shapely.centroid(cells.geometry.to_numpy()[empty]))
            np.add.at(each, tree.query(centre)[1], people[empty])
        found.append(each)
    return found[0], found[1]
