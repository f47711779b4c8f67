"""Layers of traffic from nodes, links and trips as foreign formats tell them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from jumeau.networks.mobility.formats.period import Period

Floats = NDArray[np.float64]

#: Metres of the units of length that formats use.
LENGTHS = {"m": 1.0, "km": 1000.0, "ft": 0.3048, "mile": 1609.344}

#: Capacity of a way between a zone and the streets: it never counts.
_AMPLE = 30_000.0


def layer(table: dict[str, object], geometry: object, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return a layer."""
    return gpd.GeoDataFrame(table, geometry=geometry, crs=crs)


def lines(start: Floats, end: Floats, crs: pyproj.CRS) -> NDArray[np.object_]:
    """Return straight lines between points, about half a metre long where both are the same, shape (m,)."""
    points = np.stack([start, end], axis=1)
    same = np.abs(points[:, 1] - points[:, 0]).sum(axis=1) < 1e-9
    points[:, 1, 0] += np.where(same, 5e-6 if crs.is_geographic else 0.5, 0.0)
    return np.asarray(shapely.linestrings(points))


def demand(
    origin: NDArray[np.object_], destination: NDArray[np.object_], trips: Floats, period: Period, crs: pyproj.CRS
) -> gpd.GeoDataFrame:
    """Return the layer `traffic_demand` of one-way trips of a period; pairs without any are left out."""
    kept = trips > 0.0
    count = int(kept.sum())
    return layer(
        {
            "demand_id": [f"D{row:06d}" for row in range(1, count + 1)],
            "origin": origin[kept],
            "destination": destination[kept],
            "kind": "direct",
            "trips": trips[kept],
            "hours": period.hours,
            "first_hour": np.nan if period.first is None else period.first,
        },
        [None] * count,
        crs,
    )


def connectors(
    zone: NDArray[np.object_], node: NDArray[np.object_], at: Floats, to: Floats, crs: pyproj.CRS
) -> pd.DataFrame:
    """Return both ways between zones and nodes, without loss of time.

    Parameters
    ----------
    zone, node : ndarray of str, shape (k,)
    at, to : ndarray, shape (k, 2)
        Coordinates of the zone and of the node.
    crs : pyproj.CRS
    """
    parts = [
        pd.DataFrame(
            {
                "link_id": [f"{one}{sign}{two}" for one, two in zip(zone, node, strict=True)],
                "from_node": first,
                "to_node": last,
                "kind": "connector",
                "length": 1.0,
                "speed": 100.0,
                "capacity": _AMPLE,
                "b": 0.0,
                "geometry": lines(*points, crs),
            }
        )
        for sign, first, last, points in ((">", zone, node, (at, to)), ("<", node, zone, (to, at)))
    ]
    return pd.concat(parts, ignore_index=True)
