"""Fountains as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags, numbers
from jumeau.simulation.place import Place
from jumeau.factors import FactorTable
from jumeau_fountains.parameters import Assumptions


@dataclass(frozen=True)
class State:
    """Fountains of one situation; shapes (n,).

    Attributes
    ----------
    flow : ndarray
        Water taken from the mains while it runs [m3/h]: all of it, or what evaporates where it goes round.
    power : ndarray
        Of the pump [kW].
    hours : ndarray
        Hours of water on a day [h].
    site : ndarray of int
        Where crews go.
    interval : float
        Time between two cleanings [day].
    duration : float
        Of a cleaning [h].
    """

    flow: NDArray[np.float64]
    power: NDArray[np.float64]
    hours: NDArray[np.float64]
    site: NDArray[np.int64]
    interval: float
    duration: float


def state_of(fountains: gpd.GeoDataFrame, assumptions: Assumptions, factors: FactorTable, place: Place) -> State:
    """Return the arrays of a layer, which comes typed, its defaults applied."""
    lost = np.where(flags(fountains, "recirculating"), factors.value("make_up_share"), 1.0)
    centres = shapely.get_coordinates(fountains.geometry.to_numpy())
    return State(
        flow=numbers(fountains, "flow") * lost,
        power=numbers(fountains, "pump_power"),
        hours=numbers(fountains, "runs_to") - numbers(fountains, "runs_from"),
        site=place.sites(centres) if len(fountains) else np.zeros(0, dtype=np.int64),
        interval=assumptions.cleaning_interval,
        duration=factors.value("cleaning_duration"),
    )
