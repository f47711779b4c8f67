"""Junctions, demands, tanks and reservoirs <-> the nodes of EPANET."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from jumeau.networks.water.formats.feature_rows import Layers, Row, absent, number, rows_in, text
from jumeau.simulation.clock import HOUR


def add_nodes(model: Any, layers: Layers) -> None:
    """Add junctions with all their demands, tanks and reservoirs to the model."""
    flat: list[str] = []
    more: dict[str, list[Row]] = {}
    for row in rows_in(layers, "water_demands"):
        more.setdefault(str(row["node_id"]), []).append(row)
    for row in rows_in(layers, "water_junctions"):
        name = str(row["node_id"])
        elevation = number(row, "elevation", np.nan)
        if np.isnan(elevation):
            flat.append(name)
            continue
        model.add_junction(
            name,
            base_demand=number(row, "demand", 0.0) / HOUR,
            demand_pattern=text(row, "pattern_id") or None,
            elevation=elevation,
            coordinates=_point(row),
        )
        junction = model.get_node(name)
        emitter = number(row, "emitter", 0.0)
        if emitter > 0.0:
            junction.emitter_coefficient = emitter / HOUR
        for extra in more.get(name, []):
            category = text(extra, "category") or None
            junction.add_demand(number(extra, "demand", 0.0) / HOUR, text(extra, "pattern_id") or None, category)
    if flat:
        raise absent("water_junctions", "elevation", flat)
    for row in rows_in(layers, "water_tanks"):
        highest = number(row, "maximum_level", 5.0)
        model.add_tank(
            str(row["node_id"]),
            elevation=number(row, "elevation", 0.0),
            init_level=number(row, "initial_level", highest / 2.0),
            min_level=number(row, "minimum_level", 0.0),
            max_level=highest,
            diameter=number(row, "diameter", 15.0),
            min_vol=number(row, "minimum_volume", 0.0),
            vol_curve=text(row, "curve_id") or None,
            overflow=text(row, "overflow").lower() in ("true", "1", "1.0", "yes"),
            coordinates=_point(row),
        )
    headless = [
        str(row["node_id"]) for row in rows_in(layers, "water_reservoirs") if np.isnan(number(row, "head", np.nan))
    ]
    if headless:
        raise absent("water_reservoirs", "head", headless)
    for row in rows_in(layers, "water_reservoirs"):
        model.add_reservoir(
            str(row["node_id"]),
            base_head=number(row, "head", 0.0),
            head_pattern=text(row, "pattern_id") or None,
            coordinates=_point(row),
        )


def node_tables(model: Any) -> dict[str, list[Row]]:
    """Return the rows of `water_junctions`, `water_demands`, `water_tanks` and `water_reservoirs`."""
    return {
        "water_junctions": [_junction_row(name, node) for name, node in model.junctions()],
        "water_demands": [row for name, node in model.junctions() for row in _demand_rows(name, node)],
        "water_tanks": [_tank_row(name, node) for name, node in model.tanks()],
        "water_reservoirs": [_reservoir_row(name, node) for name, node in model.reservoirs()],
    }


def _point(row: Row) -> tuple[float, float]:
    shape = row.get("geometry")
    return (float(shape.x), float(shape.y)) if shape is not None else (0.0, 0.0)


def _junction_row(name: str, node: Any) -> Row:
    first = node.demand_timeseries_list[0] if len(node.demand_timeseries_list) else None
    emitter = node.emitter_coefficient
    return {
        "node_id": name,
        "elevation": float(node.elevation),
        "demand": float(first.base_value) * HOUR if first is not None else 0.0,
        "pattern_id": first.pattern_name if first is not None else None,
        "emitter": float(emitter) * HOUR if emitter else None,
        "geometry": shapely.Point(node.coordinates),
    }


def _demand_rows(name: str, node: Any) -> list[Row]:
    return [
        {
            "demand_id": f"{name}/{rank}",
            "node_id": name,
            "demand": float(item.base_value) * HOUR,
            "pattern_id": item.pattern_name,
            "category": item.category or None,
        }
        for rank, item in enumerate(list(node.demand_timeseries_list)[1:], start=2)
    ]


def _tank_row(name: str, node: Any) -> Row:
    return {
        "node_id": name,
        "elevation": float(node.elevation),
        "initial_level": float(node.init_level),
        "minimum_level": float(node.min_level),
        "maximum_level": float(node.max_level),
        "diameter": float(node.diameter),
        "minimum_volume": float(node.min_vol or 0.0),
        "curve_id": node.vol_curve_name,
        "overflow": bool(node.overflow),
        "geometry": shapely.Point(node.coordinates),
    }


def _reservoir_row(name: str, node: Any) -> Row:
    return {
        "node_id": name,
        "head": float(node.base_head),
        "pattern_id": node.head_pattern_name,
        "geometry": shapely.Point(node.coordinates),
    }
