"""How much water is used where: residents and jobs, spread on addresses."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.factors import FactorTable
from jumeau.territory.model import Territory
from jumeau.territory.people import people_at

Floats = NDArray[np.float64]


def uses(territory: Territory, points: gpd.GeoDataFrame, factors: FactorTable) -> tuple[Floats, Floats]:
    """Return the mean use of residents and of jobs at each address [m3/h], shape (k,) each."""
    residents, jobs = people_at(territory, points, factors.value("layout_persons_per_dwelling"))
    per_person = factors.value("layout_use_resident") / 24_000.0
    per_job = factors.value("layout_use_job") / 24_000.0
    return residents * per_person, jobs * per_job
