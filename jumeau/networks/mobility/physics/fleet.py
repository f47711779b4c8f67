"""Vehicles that are known one by one: the municipal fleet, electric cars of residents, and where they charge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from jumeau.columns import numbers, texts


@dataclass(frozen=True)
class Station:
    """A charging station.

    Attributes
    ----------
    name : str
    depot : bool
        For the municipal fleet; else for all.
    points : int
    power : float
        Of a point [kW].
    """

    name: str
    depot: bool
    points: int
    power: float


@dataclass(frozen=True)
class Fleet:
    """Vehicles that charge.

    Attributes
    ----------
    municipal, electric_municipal : float
        Vehicles, and how many are electric.
    distance : float
        Distance that one drives on a working day [km].
    public : float
        Charges at public points on a mean day.
    """

    municipal: float
    electric_municipal: float
    distance: float
    public: float


def stations_of(frame: gpd.GeoDataFrame) -> tuple[Station, ...]:
    """Return the stations of the layer `charge_points`, in its order."""
    depot = texts(frame, "use") == "depot"
    rows = zip(texts(frame, "station_id"), depot, numbers(frame, "points"), numbers(frame, "power"), strict=True)
    return tuple(Station(str(name), bool(own), int(points), float(power)) for name, own, points, power in rows)


def electric_share(frame: gpd.GeoDataFrame) -> float | None:
    """Return the share of electric vehicles among those of residents; None where nobody states it.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `vehicle_fleets`.
    """
    private = texts(frame, "owner") == "private"
    vehicles = np.where(private, numbers(frame, "vehicles"), 0.0)
    share = numbers(frame, "new_electric", numbers(frame, "electric"))
    known = private & ~np.isnan(share) & (vehicles > 0.0)
    return float(np.average(share[known], weights=vehicles[known])) if known.any() else None


def fleet_of(frame: gpd.GeoDataFrame, values: Mapping[str, float]) -> Fleet:
    """Return the vehicles that charge.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `vehicle_fleets`.
    values : mapping of str to float
        `fleet_distance`, `session_rate`.
    """
    municipal = texts(frame, "owner") == "municipal"
    vehicles = numbers(frame, "vehicles")
    electric = vehicles * np.nan_to_num(numbers(frame, "new_electric", numbers(frame, "electric")))
    distance = numbers(frame, "distance", values["fleet_distance"])
    count = float(vehicles[municipal].sum())
    return Fleet(
        count,
        float(electric[municipal].sum()),
        float(np.average(distance[municipal], weights=vehicles[municipal])) if count > 0.0 else 0.0,
        float(electric[~municipal].sum()) * values["session_rate"],
    )
