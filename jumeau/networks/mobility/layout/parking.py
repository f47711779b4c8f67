"""Spaces along the streets where many people work and shop, as many as the busiest hour asks for."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.networks.mobility.layout.links import CLASSES
from jumeau.networks.mobility.tables import ATTRIBUTES
from jumeau.territory.graph import road_classes
from jumeau.territory.model import SHARED, Territory

Floats = NDArray[np.float64]


def inhabited(zones: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    """Tell which zones are inside the territory, the others being gates; shape (zones,)."""
    return np.asarray(texts(zones, "kind", ATTRIBUTES.default("traffic_zones", "kind")) == "internal")


def parking_of(territory: Territory, zones: gpd.GeoDataFrame, peak: Floats, factors: FactorTable) -> gpd.GeoDataFrame:
    """Return the layer `parking`.

    Parameters
    ----------
    territory : Territory
    zones : GeoDataFrame
        The layer `traffic_zones`.
    peak : ndarray, shape (zones,)
        Vehicles parked on public spaces at the busiest hour, if all found one.
    factors : FactorTable
    """
    columns = ["parking_id", "kind", "street_id", "spaces", "price", "paid_from", "paid_to", "geometry"]
    inside = inhabited(zones)
    jobs = np.where(inside, np.nan_to_num(numbers(zones, "jobs", 0.0)), 0.0)
    middle = shapely.get_coordinates(zones.geometry.to_numpy())
    streets = territory.layers["streets"]
    classes = road_classes(streets)
    # Drivers do not park along motorways, nor where they may not drive.
    local = np.flatnonzero(np.isin(classes, CLASSES[2:]))
    if not jobs.sum() or not len(local):
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry="geometry", crs=territory.crs)
    lines = streets.geometry.to_numpy()[local]
    centres = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    zone = shapely.STRtree(shapely.points(middle[inside])).query_nearest(shapely.points(centres), all_matches=False)[1]
    zone = np.flatnonzero(inside)[zone]
    # The densest zones, until they hold their share of the jobs.
    area = np.maximum(np.bincount(zone, shapely.length(lines), len(zones)), 1.0)
    order = np.argsort(-jobs / area, kind="stable")
    core = order[: int(np.searchsorted(np.cumsum(jobs[order]), factors.value("parking_core") * jobs.sum())) + 1]
    kept = np.isin(zone, core)
    local, lines, zone, centres = local[kept], lines[kept], zone[kept], centres[kept]
    oneway = texts(streets, "oneway", SHARED.default("streets", "oneway"))
    single = np.isin(oneway[local], ("forward", "backward"))
    kerb = shapely.length(lines) * np.where(single, 1.0, 2.0) * factors.value("kerb_share")
    room = kerb / factors.value("space_length")
    wanted = peak / factors.value("parking_load")
    # A zone has the spaces that its busiest hour asks for, along its streets in proportion to their kerb.
    spaces = np.maximum(np.round(room * (wanted / np.maximum(np.bincount(zone, room, len(zones)), 1e-9))[zone]), 1.0)
    along = np.minimum(spaces, np.ceil(room))
    heart = np.average(middle[core], axis=0, weights=jobs[core])
    away = np.hypot(*(centres - heart).T)
    paid = away <= np.quantile(away, 1.0 - factors.value("parking_free"))
    names = texts(streets, "street_id")[local]
    street = gpd.GeoDataFrame(
        {
            "parking_id": [f"P-{name}" for name in names],
            "kind": "street",
            "street_id": names,
            "spaces": along.astype(np.int64),
            "price": np.where(paid, factors.value("parking_price"), 0.0),
            **ATTRIBUTES.defaults("parking", "paid_from", "paid_to"),
        },
        geometry=lines,
        crs=territory.crs,
    )
    left = np.bincount(zone, spaces - along, len(zones))
    parks = [number for number in core if left[number] >= 20.0]
    lots = gpd.GeoDataFrame(
        {
            "parking_id": [f"C-{texts(zones, 'zone_id')[number]}" for number in parks],
            "kind": "car_park",
            "street_id": None,
            "spaces": [int(left[number]) for number in parks],
            "price": factors.value("parking_price"),
            "paid_from": 0.0,
            "paid_to": 24.0,
        },
        geometry=zones.geometry.to_numpy()[np.array(parks, dtype=np.int64)],
        crs=territory.crs,
    )
    frames = [street] + ([lots] if len(lots) else [])
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=territory.crs)
