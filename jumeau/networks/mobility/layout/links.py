"""Links from streets: one for each direction in which vehicles may drive, with capacity and speed by class."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.territory.graph import StreetGraph, road_classes
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]

#: Classes that have speeds and capacities of their own; the others are taken as the last one.
CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "living_street", "service")

#: Classes that trucks do without.
LIGHT = ("living_street", "service", "track")


def links_of(territory: Territory, arcs: StreetGraph, factors: FactorTable) -> gpd.GeoDataFrame:
    """Return the layer `traffic_links` of some arcs, drawn on the right of their streets."""
    streets = territory.layers["streets"]
    rows = arcs.street
    classes = road_classes(streets)[rows]
    known = np.where(np.isin(classes, CLASSES), classes, CLASSES[-1])
    both = np.bincount(rows, minlength=len(streets))[rows] == 2
    lanes = np.maximum(np.nan_to_num(numbers(streets, "lanes", 1.0)[rows], nan=1.0), 1.0)
    lanes = np.where(both, lanes / 2.0, lanes)
    limit = numbers(streets, "speed")[rows]
    usual = np.array([factors.value(f"free_speed_{name}") for name in known])
    speed = np.where(np.isnan(limit), usual, limit) * factors.value("free_speed_ratio")
    per_lane = np.array([factors.value(f"lane_capacity_{name}") for name in known])
    lines = streets.geometry.to_numpy()
    drawn = np.where(arcs.forward, lines[rows], shapely.reverse(lines[rows]))
    width = np.nan_to_num(numbers(streets, "width", 5.0)[rows], nan=5.0)
    drawn = np.where(both, _beside(drawn, width / 4.0), drawn)
    names = texts(streets, "street_id")[rows]
    return gpd.GeoDataFrame(
        {
            "link_id": [f"{name}{'+' if ahead else '-'}" for name, ahead in zip(names, arcs.forward, strict=True)],
            "from_node": arcs.nodes[arcs.tail],
            "to_node": arcs.nodes[arcs.head],
            "kind": "street",
            "street_id": names,
            "road": texts(streets, "name")[rows],
            "road_class": classes,
            "length": arcs.length.round(2),
            "lanes": lanes,
            "speed": speed.round(2),
            "capacity": (per_lane * lanes).round(0),
            "heavy": ~np.isin(classes, LIGHT),
            "cycleway": texts(streets, "road_class")[rows] == "cycleway",
        },
        geometry=drawn,
        crs=territory.crs,
    )


def _beside(lines: NDArray[np.object_], distance: Floats) -> NDArray[np.object_]:
    """Return lines moved to their right; as they are where that leaves no line."""
    moved = shapely.offset_curve(lines, -distance, join_style="mitre", mitre_limit=2.0)
    sound = (shapely.get_type_id(moved) == 1) & (shapely.length(moved) > 0.5 * shapely.length(lines))
    return np.asarray(np.where(sound, moved, lines))


def connectors(
    zones: gpd.GeoDataFrame, joins: pd.DataFrame, territory: Territory, factors: FactorTable
) -> gpd.GeoDataFrame:
    """Return the links between zones and streets, both ways.

    Parameters
    ----------
    zones : GeoDataFrame
        Points.
    joins : DataFrame
        Columns `zone` (row), `node` (id), `x`, `y`, `length` [m].
    territory : Territory
    factors : FactorTable
    """
    names = texts(zones, "zone_id")[joins["zone"].to_numpy()]
    middle = shapely.get_coordinates(zones.geometry.to_numpy())[joins["zone"].to_numpy()]
    there = np.stack([middle, joins[["x", "y"]].to_numpy(dtype=np.float64)], axis=1)
    # A gate may lie on its node: a line needs two points.
    there[:, 1] += np.where(np.abs(there[:, 1] - there[:, 0]).sum(axis=1, keepdims=True) < 0.1, 0.5, 0.0)
    nodes = joins["node"].to_numpy(dtype=object)
    parts = [
        pd.DataFrame(
            {
                "link_id": [f"{zone}{sign}{node}" for zone, node in zip(names, nodes, strict=True)],
                "from_node": start,
                "to_node": end,
                "geometry": shapely.linestrings(points),
                "length": joins["length"].to_numpy().round(2),
            }
        )
        for sign, start, end, points in ((">", names, nodes, there), ("<", nodes, names, there[:, ::-1]))
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["kind"] = "connector"
    frame["speed"] = factors.value("connector_speed")
    frame["capacity"] = factors.value("connector_capacity")
    frame["b"] = 0.0
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=territory.crs)
