"""Who lives and works in the buildings: dwellings, households, residents, jobs, and their grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from shapely.geometry import box

from .buildings import Building
from .tables import Table

__all__ = ["People", "house_people", "population_grid"]


@dataclass(frozen=True)
class People:
    """Counts per building, in the order of the buildings; each array has shape (n,)."""

    residents: NDArray[np.int64]
    households: NDArray[np.int64]
    jobs: NDArray[np.int64]


def house_people(
    buildings: Sequence[Building], styles: Table, factors: Mapping[str, float], rng: np.random.Generator
) -> People:
    """Fill in each building's dwellings and draw the people who live and work there.

    Dwellings come from the usable floor area (a mixed building keeps its ground floor for a shop);
    households from the style's occupancy; residents from its mean household size.
    """
    counts = np.zeros((3, len(buildings)), dtype=np.int64)
    for i, building in enumerate(buildings):
        style = styles.get(building.style, {})
        area = building.footprint.area * factors["usable_share"]
        if building.use in {"residential", "mixed"}:
            floors = building.storeys - (building.use == "mixed")
            building.dwellings = building.dwellings or max(1, round(area * floors / style["dwelling_area"]))
            households = int(rng.binomial(building.dwellings, style["occupancy"]))
            extra = int(rng.poisson(households * (style["household_size"] - 1.0)))
            counts[:2, i] = households + extra, households
            counts[2, i] = rng.binomial(households, factors["home_jobs_per_household"])
        counts[2, i] += _jobs(building, area, factors)
    return People(*counts)


def _jobs(building: Building, area: float, factors: Mapping[str, float]) -> int:
    if building.use == "mixed":
        return max(1, round(area / factors["shop_area_per_job"]))
    # A church, a market hall or a grandstand employs nobody all day.
    if building.use in {"residential", "annex"} or (building.style == "landmark" and building.storeys == 1):
        return 0
    return max(1, round(area * building.storeys / factors[f"{building.use}_area_per_job"]))


def population_grid(
    buildings: Sequence[Building], people: People, origin: tuple[float, float], step: float, crs: str
) -> gpd.GeoDataFrame:
    """Sum people on a square grid aligned on multiples of `step` [m], as INSEE publishes them.

    A building counts in the cell that holds its centroid; empty cells are left out.
    """
    centres = np.array([[b.footprint.centroid.x, b.footprint.centroid.y] for b in buildings]) + np.asarray(origin)
    cells = np.floor(centres / step).astype(np.int64)
    places, index = np.unique(cells, axis=0, return_inverse=True)
    sums = np.zeros((3, len(places)), dtype=np.int64)
    for row, values in zip(sums, (people.residents, people.households, people.jobs), strict=True):
        np.add.at(row, index.ravel(), values)
    kept = sums.sum(axis=0) > 0
    corners = places[kept] * int(step)
    return gpd.GeoDataFrame(
        {
            "cell_id": [f"CRS2154RES{int(step)}mN{y}E{x}" for x, y in corners],
            "residents": sums[0, kept],
            "households": sums[1, kept],
            "jobs": sums[2, kept],
        },
        geometry=[box(x, y, x + step, y + step) for x, y in corners],
        crs=crs,
    )
