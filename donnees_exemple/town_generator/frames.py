"""From the drawn town to the shared layers: identifiers, attributes, coordinates in EPSG:2154."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, box

from jumeau.territory.completion import Rule

from .addresses import Address
from .buildings import Building
from .geometry import Point2
from .graph import StreetGraph
from .tables import Table

__all__ = ["CRS", "address_layer", "area_layer", "building_layer", "columns_table", "street_layers"]

CRS = "EPSG:2154"
SOURCE = "Jumeau, générateur de la ville d'exemple"
LICENCE = "Licence Ouverte 2.0"
DATE = "2025-01-01"

RULES = {
    "streets": "plan.yaml, then recursive division of the blocks; classes of road_classes.csv",
    "street_nodes": "crossings and ends of streets",
    "buildings": "set along the streets after styles.csv",
    "addresses": "one per entrance; odd numbers on the left, even ones on the right, from the market square",
    "population": "draws by building after styles.csv and factors.csv, summed in 200 m cells",
    "zones": "union of the blocks of plan.yaml",
    "green": "plan.yaml, small free blocks and surroundings of the slabs",
    "water": "plan.yaml",
    "relief": "valley, plateaux and mound of factors.csv",
}


def _shifted(shapes: Sequence[object], origin: Point2) -> np.ndarray:
    """Return `shapes` moved to `origin`, with coordinates rounded to the centimetre."""
    return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), lambda xy: np.round(xy + origin, 2)))


def _frame(data: Mapping[str, object], shapes: Sequence[object], origin: Point2) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(data, geometry=_shifted(shapes, origin), crs=CRS)


def street_layers(
    graph: StreetGraph, classes: Table, origin: Point2
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, dict[int, str]]:
    """Return the layers `streets` and `street_nodes`, and the identifier of each arc number."""
    nodes = {node: f"N{i:04d}" for i, node in enumerate(sorted(graph.incident), start=1)}
    numbers = sorted(graph.arcs, key=lambda n: (graph.arcs[n].start, graph.arcs[n].points[1], graph.arcs[n].end))
    ids = {n: f"S{i:04d}" for i, n in enumerate(numbers, start=1)}
    arcs = [graph.arcs[n] for n in numbers]
    owners = [graph.streets[arc.street] for arc in arcs]
    rows = [classes[street.road_class] for street in owners]
    streets = _frame(
        {
            "street_id": [ids[n] for n in numbers],
            "name": [street.name for street in owners],
            "road_class": [street.road_class for street in owners],
            "oneway": [arc.oneway for arc in arcs],
            "from_node": [nodes[arc.start] for arc in arcs],
            "to_node": [nodes[arc.end] for arc in arcs],
            "lanes": [
                1 if arc.oneway in {"forward", "backward"} else int(row["lanes"])
                for arc, row in zip(arcs, rows, strict=True)
            ],
            "speed": [
                float(row["rural_speed" if street.rural else "speed"]) for street, row in zip(owners, rows, strict=True)
            ],
            "width": [float(row["width"]) for row in rows],
        },
        [arc.line for arc in arcs],
        origin,
    )
    points = _frame({"node_id": list(nodes.values())}, [Point(node) for node in nodes], origin)
    return streets, points, ids


def building_layer(buildings: Sequence[Building], origin: Point2) -> gpd.GeoDataFrame:
    """Return the layer `buildings`, numbered in the given order."""
    return _frame(
        {
            "building_id": [f"B{i:04d}" for i in range(1, len(buildings) + 1)],
            "height": [b.height for b in buildings],
            "storeys": [b.storeys for b in buildings],
            "use": [b.use for b in buildings],
            "dwellings": [b.dwellings for b in buildings],
        },
        [b.footprint for b in buildings],
        origin,
    )


def address_layer(addresses: Sequence[Address], ids: Mapping[int, str], origin: Point2) -> gpd.GeoDataFrame:
    """Return the layer `addresses`."""
    return _frame(
        {
            "address_id": [f"A{i:04d}" for i in range(1, len(addresses) + 1)],
            "label": [a.label for a in addresses],
            "street_id": [ids[a.arc] for a in addresses],
            "building_id": [f"B{a.building + 1:04d}" for a in addresses],
            "dwellings": [a.dwellings for a in addresses],
        },
        [Point(a.place) for a in addresses],
        origin,
    )


def area_layer(
    key: str,
    letter: str,
    areas: Sequence[tuple[str, str, Polygon | MultiPolygon]],
    origin: Point2,
    frame: tuple[float, float, float, float] | None = None,
) -> gpd.GeoDataFrame:
    """Return a layer of named areas with identifiers `letter` + rank, cut to `frame` (local, [m])."""
    shapes = [shape if frame is None else shape.intersection(box(*frame)) for _, _, shape in areas]
    return _frame(
        {
            key: [f"{letter}{i:02d}" for i in range(1, len(areas) + 1)],
            "name": [name for name, _, _ in areas],
            "kind": [kind for _, kind, _ in areas],
        },
        shapes,
        origin,
    )


def columns_table(layers: Mapping[str, gpd.GeoDataFrame]) -> pd.DataFrame:
    """Return one row per layer and column: everything in this town is synthetic."""
    rows = [
        Rule(RULES[name], "synthetic", SOURCE, LICENCE, DATE).rows(name, [str(column) for column in layer.columns])
        for name, layer in layers.items()
    ]
    return pd.concat(rows, ignore_index=True)
