"""How much water is used where: residents and jobs, spread on addresses, then on the ends of mains."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import numbers
from jumeau.tables import FactorTable
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]


def uses(territory: Territory, points: gpd.GeoDataFrame, factors: FactorTable) -> tuple[Floats, Floats]:
    """Return the mean use of residents and of jobs at each address [m3/h], shape (k,) each.

    The people of a cell are spread on its addresses by their dwellings, its jobs evenly; those of a cell without an
    address go to the nearest one. Without a population layer, each dwelling has the mean number of persons.
    """
    size = len(points)
    per_person = factors.value("layout_use_resident") / 24_000.0
    per_job = factors.value("layout_use_job") / 24_000.0
    dwellings = np.maximum(numbers(points, "dwellings", 1.0), 0.0)
    weight = np.where(dwellings > 0.0, dwellings, 0.1)
    if not territory.has("population"):
        persons = np.maximum(dwellings, 1.0) * factors.value("layout_persons_per_dwelling")
        return persons * per_person, np.zeros(size)
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
    return found[0] * per_person, found[1] * per_job
