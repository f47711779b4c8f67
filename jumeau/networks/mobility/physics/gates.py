"""What counts say of the gates: those on the road of a gate, near it, are what passes it."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.networks.mobility.physics.counts import Counts
from jumeau.networks.mobility.physics.supply import Supply

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def is_gate(zones: gpd.GeoDataFrame, supply: Supply) -> Bools:
    """Return which zones are gates, shape (zones,) in the order of the supply."""
    return np.asarray((texts(zones, "kind") == "gate")[supply.zone_row])


def counted_gates(
    zones: gpd.GeoDataFrame, links: gpd.GeoDataFrame, supply: Supply, counts: Counts, reach: float
) -> Floats:
    """Return the vehicles that pass each zone, both directions together, as the nearest count says; missing elsewhere.

    Parameters
    ----------
    zones, links : GeoDataFrame
        The layers `traffic_zones` and `traffic_links`.
    supply : Supply
    counts : Counts
        Those that may be used.
    reach : float
        How far from a gate a count on its road may be [m].

    Returns
    -------
    ndarray, shape (zones,)
        In the order of the layer [vehicle/day].
    """
    found = np.full(len(zones), np.nan)
    if not len(counts):
        return found
    lines = links.geometry.to_numpy()[supply.row[counts.first]]
    # A count of one direction, which is not known, stands for both.
    single = counts.mean | ((counts.second < 0) & ~np.isin(counts.first, counts.second))
    passing = counts.vehicles * np.where(single, 2.0, 1.0)
    points = zones.geometry.to_numpy()
    for place in np.flatnonzero(is_gate(zones, supply)):
        row = int(supply.zone_row[place])
        nodes = np.concatenate(
            [supply.links.head[supply.links.tail == place], supply.links.tail[supply.links.head == place]]
        )
        touching = (np.isin(supply.links.tail, nodes) | np.isin(supply.links.head, nodes)) & ~supply.connector
        away = shapely.distance(lines, points[row])
        near = np.isin(counts.road, np.unique(supply.road[touching].astype(str))) & (away <= reach)
        if near.any():
            found[row] = passing[near][np.argmin(away[near])]
    return found


def with_counts(
    zones: gpd.GeoDataFrame, links: gpd.GeoDataFrame, supply: Supply, counts: Counts, values: Mapping[str, float]
) -> gpd.GeoDataFrame:
    """Return the zones whose gates weigh what counts on their roads say, the others in proportion.

    Parameters
    ----------
    zones, links : GeoDataFrame
    supply : Supply
    counts : Counts
    values : mapping of str to float
        `gate_count_reach` [m].
    """
    counted = counted_gates(zones, links, supply, counts, values["gate_count_reach"])
    weight = numbers(zones, "crossing")
    both = ~np.isnan(counted) & (np.nan_to_num(weight) > 0.0)
    if not both.any():
        return zones
    usual = float(np.median(counted[both] / weight[both]))
    return zones.assign(crossing=np.where(np.isnan(counted), weight * usual, counted))
