"""Trips between zones: from the table of the territory, or from residents and jobs."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import skim
from jumeau.columns import numbers, texts
from jumeau.networks.mobility.physics.day import KINDS
from jumeau.networks.mobility.physics.gravity import Skims, vehicle_trips
from jumeau.networks.mobility.physics.supply import Supply

Floats = NDArray[np.float64]


def demand_of(frame: gpd.GeoDataFrame, supply: Supply) -> Floats:
    """Return the trips of a mean day, shape (kinds, zones, zones) in the order of the supply's zones.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_demand`, whose zones are known: its table says so, and is checked before.
    supply : Supply
    """
    found = np.zeros((len(KINDS), len(supply.zones), len(supply.zones)))
    place = {name: row for row, name in enumerate(supply.zones)}
    kind = [KINDS.index(name) for name in texts(frame, "kind")]
    ends = [[place[name] for name in texts(frame, column)] for column in ("origin", "destination")]
    np.add.at(found, (kind, *ends), numbers(frame, "trips"))
    return found


def gravity_trips(zones: gpd.GeoDataFrame, supply: Supply, values: Mapping[str, float]) -> Floats:
    """Return the vehicles of a mean day by the gravity model, shape (kinds, zones, zones) in the same order.

    Parameters
    ----------
    zones : GeoDataFrame
        The layer `traffic_zones`.
    supply : Supply
    values : mapping of str to float
    """
    order = supply.zone_row
    found = skim(supply.links, supply.links.free_time, supply.length, len(supply.zones))
    skims = Skims.of(found.cost / 60.0, found.along / 1000.0)
    gates = texts(zones, "kind")[order] == "gate"
    residents, jobs, crossing = (numbers(zones, name)[order] for name in ("residents", "jobs", "crossing"))
    return vehicle_trips(residents, jobs, gates, crossing, skims, values)
