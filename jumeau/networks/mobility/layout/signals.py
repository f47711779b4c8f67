"""Traffic lights where two busy roads cross."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.factors import FactorTable
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.networks.mobility.tables import ATTRIBUTES

Floats = NDArray[np.float64]


def signals_of(supply: Supply, daily: Floats, xy: Floats, factors: FactorTable) -> gpd.GeoDataFrame:
    """Return the layer `traffic_signals`, without CRS.

    A crossing gets lights where enough vehicles enter it, from two directions that hinder each other.

    Parameters
    ----------
    supply : Supply
    daily : ndarray, shape (m,)
        Vehicles of a mean day on each link.
    xy : ndarray, shape (n, 2)
        Of the nodes.
    factors : FactorTable
    """
    found = []
    street = ~supply.connector
    enters = np.bincount(supply.links.head[street], daily[street], len(supply.nodes))
    for node in np.flatnonzero(enters >= factors.value("signal_flow")):
        into = np.flatnonzero(street & (supply.links.head == node))
        if len(into) < 3:
            continue
        # Two phases: roads that run one way, and those that cross them.
        main = supply.bearing[into[np.argmax(daily[into])]]
        across = np.abs(np.sin(supply.bearing[into] - main)) > np.sqrt(0.5)
        minor = float(daily[into][across].max(initial=0.0))
        if minor >= factors.value("signal_conflict") * float(daily[into].max()):
            found.append(node)
    chosen = np.array(found, dtype=np.int64)
    return gpd.GeoDataFrame(
        {
            "signal_id": [f"F{number:03d}" for number in range(1, len(chosen) + 1)],
            "node_id": supply.nodes[chosen],
            **ATTRIBUTES.defaults("traffic_signals", "control"),
        },
        geometry=shapely.points(xy[chosen]),
    )
