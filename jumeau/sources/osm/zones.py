"""Zones and limits: areas of administrative boundaries, suburbs, quarters and neighbourhoods."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.sources.osm.buildings import whole_areas
from jumeau.sources.osm.values import first_of

Bools = NDArray[np.bool_]

#: Places that divide a town (https://wiki.openstreetmap.org/wiki/Key:place), drawn as areas.
DIVISIONS = ("borough", "suburb", "quarter", "neighbourhood", "hamlet")
#: Share of an area from which those inside it stand for it.
COVERED = 0.5


def limits_of(areas: gpd.GeoDataFrame, ids: list[str]) -> gpd.GeoDataFrame:
    """Return the layer of administrative limits, in degrees, from the largest to the smallest."""
    wanted = ((areas["boundary"] == "administrative") & areas["name"].notna()).to_numpy()
    found = areas[wanted].reset_index(drop=True)
    shapes, sound = whole_areas(found.geometry.to_numpy())
    level = found["admin_level"].fillna("")
    table = pd.DataFrame(
        {
            "limit_id": np.array(ids, dtype=object)[wanted],
            "name": first_of(found, "name", "name:fr", "name:en"),
            "code": found["ref:INSEE"],
            "kind": np.where(level != "", "admin_level " + level, None),
            "own": False,
        }
    )
    limits = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)[sound]
    return limits.iloc[np.argsort(-shapely.area(limits.geometry.to_numpy()), kind="stable")].reset_index(drop=True)


def zones_of(areas: gpd.GeoDataFrame, ids: list[str]) -> gpd.GeoDataFrame:
    """Return the layer of zones, in degrees: the smallest areas that together stand for a larger one.

    Zones of a territory do not lie in each other: a commune gives way to its quarters where they cover half of it.
    """
    place = areas["place"].isin(DIVISIONS) & areas["building"].isna()
    wanted = ((place | (areas["boundary"] == "administrative")) & areas["name"].notna()).to_numpy()
    found, names = areas[wanted].reset_index(drop=True), np.array(ids, dtype=object)[wanted]
    shapes, sound = whole_areas(found.geometry.to_numpy())
    kind = found["place"].where(found["place"].isin(DIVISIONS), "admin_level " + found["admin_level"].fillna("?"))
    table = pd.DataFrame({"zone_id": names, "name": first_of(found, "name", "name:fr", "name:en"), "kind": kind})
    zones = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)[sound].reset_index(drop=True)
    return zones[smallest(zones.geometry.to_numpy())].reset_index(drop=True)


def smallest(shapes: NDArray[np.object_]) -> Bools:
    """Return which areas stand for themselves: those that no other ones inside them stand for, shape (n,)."""
    kept = np.ones(len(shapes), dtype=bool)
    area = shapely.area(shapes)
    inside: list[list[int]] = [[] for _shape in shapes]
    outer, inner = shapely.STRtree(shapely.point_on_surface(shapes)).query(shapes, predicate="intersects")
    for large, small in zip(outer.tolist(), inner.tolist(), strict=True):
        if large != small and (area[small], small) < (area[large], large):
            inside[large].append(small)
    # From the smallest on, so that what lies inside has been decided.
    for row in np.lexsort((np.arange(len(shapes)), area)):
        held = [part for part in inside[row] if kept[part]]
        if not held:
            continue
        covered = shapely.area(shapely.intersection(shapely.union_all(shapes[held]), shapes[row]))
        if covered >= COVERED * area[row]:
            kept[row] = False
        else:
            kept[held] = False
    return kept
