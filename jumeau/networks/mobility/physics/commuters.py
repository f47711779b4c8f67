"""What a census says of those who work: how many live and work in the territory, leave it, come to it, and how.

Observed flows take the place of the stated shares of residents who have a job and of jobs held by residents; vehicles
of each direction are brought to the share of those who go by car.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Directions of the layer `commuter_flows`.
DIRECTIONS = ("local", "out", "in")

#: Employed residents over all residents, beyond which the flows are not those of the territory.
BELIEVABLE = (0.15, 0.7)


@dataclass(frozen=True)
class Commuters:
    """Workers by direction, local, out, in; shapes (3,).

    Attributes
    ----------
    workers : ndarray
    by_car : ndarray
        Share of those who travel at all and whose mode is known that go by car or motorbike; not a number where there
        are none.
    """

    workers: Floats
    by_car: Floats

    @property
    def local(self) -> float:
        """Workers who live and work in the territory."""
        return float(self.workers[0])

    @property
    def living(self) -> float:
        """Workers who live in the territory."""
        return float(self.workers[0] + self.workers[1])

    @property
    def working(self) -> float:
        """Workers whose job is in the territory."""
        return float(self.workers[0] + self.workers[2])


def commuters_of(layers: Mapping[str, gpd.GeoDataFrame], residents: float) -> Commuters | None:
    """Return the commuters of a territory; None where nothing tells them, or they are those of another one.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        With `commuter_flows` where there is one.
    residents : float
        Of the territory.
    """
    frame = layers.get("commuter_flows")
    if frame is None or not len(frame):
        return None
    workers, direction, mode = numbers(frame, "workers", 0.0), texts(frame, "direction"), texts(frame, "mode")
    there = [direction == name for name in DIRECTIONS]
    travels = ~np.isin(mode, ("", "none"))
    drives = np.isin(mode, ("car", "motorbike"))
    total = np.array([workers[rows].sum() for rows in there])
    moving = np.array([workers[rows & travels].sum() for rows in there])
    driving = np.array([workers[rows & drives].sum() for rows in there])
    found = Commuters(total, np.divide(driving, moving, out=np.full(len(DIRECTIONS), np.nan), where=moving > 0.0))
    share = found.living / residents if residents > 0.0 else 0.0
    return found if BELIEVABLE[0] <= share <= BELIEVABLE[1] else None


def by_direction(gates: Bools) -> tuple[Bools, Bools, Bools]:
    """Return the pairs of zones of each of `DIRECTIONS`, from home to work, shape (zones, zones)."""
    inside = ~gates
    return inside[:, None] & inside[None, :], inside[:, None] & gates[None, :], gates[:, None] & inside[None, :]


def brought_to_modes(vehicles: Floats, persons: Floats, gates: Bools, commuters: Commuters, per_car: float) -> Floats:
    """Return the vehicles of commuters with as many in each direction as go by car, shape (zones, zones).

    Parameters
    ----------
    vehicles, persons : ndarray, shape (zones, zones)
        Trips of a mean day, from home to work.
    gates : ndarray of bool, shape (zones,)
    commuters : Commuters
    per_car : float
        Vehicles for a trip by car, those who share one included.
    """
    found = vehicles.copy()
    for pairs, share in zip(by_direction(gates), commuters.by_car, strict=True):
        made = float(vehicles[pairs].sum())
        if np.isfinite(share) and made > 0.0:
            found[pairs] *= persons[pairs].sum() * share * per_car / made
    return found
