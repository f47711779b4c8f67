"""Junctions, demands, tanks and reservoirs -> the nodes of EPANET."""

from __future__ import annotations

from typing import Any

import numpy as np

from jumeau.networks.water.formats.epanet_frames import carries
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
            vol_curve=None if carries(layers) else text(row, "curve_id") or None,
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


def _point(row: Row) -> tuple[float, float]:
    shape = row.get("geometry")
    return (float(shape.x), float(shape.y)) if shape is not None else (0.0, 0.0)
