"""Pipes, pumps and valves -> the links of EPANET."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.feature_rows import Layers, Row, absent, number, rows_in, text
from jumeau.simulation.clock import HOUR


def add_links(model: Any, layers: Layers) -> None:
    """Add pipes, pumps and valves to a model that has its nodes and its formula of head loss."""
    nodes = set(model.node_name_list)
    smooth: list[str] = []
    scale = _roughness_scale(model)
    for row in rows_in(layers, "water_pipes"):
        name = str(row["pipe_id"])
        roughness = number(row, "roughness", np.nan)
        if np.isnan(roughness):
            smooth.append(name)
            continue
        _check_ends(row, nodes, "water_pipes", name)
        status = text(row, "status", "open")
        model.add_pipe(
            name,
            str(row["from_node"]),
            str(row["to_node"]),
            length=number(row, "length", 0.0),
            diameter=number(row, "diameter", 0.0) / 1000.0,
            roughness=roughness / scale,
            minor_loss=number(row, "minor_loss", 0.0),
            initial_status="CLOSED" if status == "closed" else "OPEN",
            check_valve=status == "cv",
        )
        _set_vertices(model, name, row)
    if smooth:
        raise absent("water_pipes", "roughness", smooth)
    for row in rows_in(layers, "water_pumps"):
        _check_ends(row, nodes, "water_pumps", str(row["pump_id"]))
        _add_pump(model, row)
    for row in rows_in(layers, "water_valves"):
        _check_ends(row, nodes, "water_valves", str(row["valve_id"]))
        _add_valve(model, row)


def _roughness_scale(model: Any) -> float:
    """Return our unit of roughness over that of the model: Darcy-Weisbach roughness is a length, in mm here."""
    return 1000.0 if model.options.hydraulic.headloss == "D-W" else 1.0


def _check_ends(row: Row, nodes: set[str], layer: str, name: str) -> None:
    for column in ("from_node", "to_node"):
        if str(row[column]) not in nodes:
            hint = _("correct the identifier, or add the node")
            message = _("the end node is in no layer of nodes")
            raise InputError(
                Problem(message, layer=layer, column=column, features=(name,), value=str(row[column]), hint=hint)
            )


def _set_vertices(model: Any, name: str, row: Row) -> None:
    shape = row.get("geometry")
    if shape is not None:
        model.get_link(name).vertices = [tuple(point) for point in shapely.get_coordinates(shape)[1:-1].tolist()]


def _add_pump(model: Any, row: Row) -> None:
    name, curve = str(row["pump_id"]), text(row, "curve_id")
    model.add_pump(
        name,
        str(row["from_node"]),
        str(row["to_node"]),
        pump_type="HEAD" if curve else "POWER",
        pump_parameter=curve or 1000.0 * number(row, "power", 0.0),
        speed=number(row, "speed", 1.0),
        pattern=text(row, "pattern_id") or None,
        initial_status="CLOSED" if text(row, "status", "open") == "closed" else "OPEN",
    )
    pump = model.get_link(name)
    efficiency = text(row, "efficiency_curve_id")
    if efficiency:
        pump.efficiency_curve_name = efficiency
    _set_vertices(model, name, row)


def _add_valve(model: Any, row: Row) -> None:
    name, kind = str(row["valve_id"]), text(row, "kind", "PRV")
    setting: Any = number(row, "setting", 0.0)
    if kind == "FCV":
        setting /= HOUR
    elif kind == "GPV":
        setting = text(row, "curve_id")
    model.add_valve(
        name,
        str(row["from_node"]),
        str(row["to_node"]),
        diameter=number(row, "diameter", 100.0) / 1000.0,
        valve_type=kind,
        minor_loss=number(row, "minor_loss", 0.0),
        initial_setting=setting,
        initial_status={"open": "OPEN", "closed": "CLOSED"}.get(text(row, "status", "active"), "ACTIVE"),
    )
    _set_vertices(model, name, row)
