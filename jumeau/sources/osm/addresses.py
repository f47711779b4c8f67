"""Addresses: tags `addr:…` of points and of buildings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.attributes import ORIGIN_SUFFIX
from jumeau.sources.osm.values import first_of

#: Addresses for each building (without annexes) below which they do not tell where people live.
ENOUGH = 0.5


def addresses_of(
    points: gpd.GeoDataFrame, point_ids: list[str], areas: gpd.GeoDataFrame, area_ids: list[str],
    buildings: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Return the layer of addresses, in degrees; a building that holds the point of its own address has it once.

    Parameters
    ----------
    points, areas : GeoDataFrame
        With the tags `addr:…`.
    point_ids, area_ids : list of str
    buildings : GeoDataFrame
        The layer of buildings, in degrees.
    """
    parts = [_named(points, point_ids), _named(areas, area_ids)]
    known = set(buildings["building_id"])
    parts[1] = parts[1][parts[1].geometry.notna()]
    parts[1] = parts[1].set_geometry(parts[1].geometry.representative_point())
    parts[1]["building_id"] = parts[1]["address_id"].where(parts[1]["address_id"].isin(known), None)
    parts[0] = parts[0][parts[0].geometry.notna()].reset_index(drop=True)
    parts[0]["building_id"] = _around(parts[0], buildings)
    found = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=4326)
    held = found["building_id"].notna()
    found = found[~(held & found.duplicated(["label", "building_id"]))].reset_index(drop=True)
    of_point = found["address_id"].astype(str).str.startswith("n")
    found[f"building_id{ORIGIN_SUFFIX}"] = np.where(of_point & found["building_id"].notna(), "imputed", "observed")
    return found[["address_id", "label", "building_id", f"building_id{ORIGIN_SUFFIX}", "geometry"]]


def _named(frame: gpd.GeoDataFrame, ids: list[str]) -> gpd.GeoDataFrame:
    """Return the features that have a number or a name, with the label « number street »."""
    number = first_of(frame, "addr:housenumber", "addr:housename")
    street = first_of(frame, "addr:street", "addr:place").fillna("")
    label = [f"{one} {other}".strip() for one, other in zip(number.fillna(""), street, strict=True)]
    table = gpd.GeoDataFrame({"address_id": ids, "label": label}, geometry=frame.geometry.to_numpy(), crs=4326)
    return table[number.notna().to_numpy()].reset_index(drop=True)


def _around(points: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> np.ndarray:
    """Return the building that holds each point, None where none does, shape (n,)."""
    found = np.full(len(points), None, dtype=object)
    tree = shapely.STRtree(buildings.geometry.to_numpy())
    point, building = tree.query(points.geometry.to_numpy(), predicate="within")
    found[point] = buildings["building_id"].to_numpy(dtype=object)[building]
    return found
