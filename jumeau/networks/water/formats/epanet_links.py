"""Pipes, pumps and valves <-> the links of EPANET."""

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


def link_tables(model: Any) -> dict[str, list[Row]]:
    """Return the rows of `water_pipes`, `water_pumps` and `water_valves`."""
    scale = _roughness_scale(model)
    return {
        "water_pipes": [_pipe_row(name, link, scale) for name, link in model.pipes()],
        "water_pumps": [_pump_row(name, link) for name, link in model.pumps()],
        "water_valves": [_valve_row(name, link) for name, link in model.valves()],
    }


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


def _line(link: Any) -> shapely.LineString:
    points = [link.start_node.coordinates, *link.vertices, link.end_node.coordinates]
    return shapely.LineString(points)


def _pipe_row(name: str, link: Any, scale: float) -> Row:
    closed = link.initial_status.name == "Closed"
    return {
        "pipe_id": name,
        "from_node": link.start_node_name,
        "to_node": link.end_node_name,
        "length": float(link.length),
        "diameter": float(link.diameter) * 1000.0,
        "roughness": float(link.roughness) * scale,
        "minor_loss": float(link.minor_loss),
        "status": "cv" if link.check_valve else "closed" if closed else "open",
        "geometry": _line(link),
    }


def _pump_row(name: str, link: Any) -> Row:
    power = link.pump_type == "POWER"
    return {
        "pump_id": name,
        "from_node": link.start_node_name,
        "to_node": link.end_node_name,
        "power": float(link.power) / 1000.0 if power else None,
        "curve_id": None if power else link.pump_curve_name,
        "speed": float(link.base_speed),
        "pattern_id": link.speed_pattern_name,
        "efficiency_curve_id": link.efficiency_curve_name,
        "status": "closed" if link.initial_status.name == "Closed" else "open",
        "geometry": _line(link),
    }


def _valve_row(name: str, link: Any) -> Row:
    statuses = {"Open": "open", "Closed": "closed"}
    setting: float | None = None
    if link.valve_type != "GPV":
        setting = float(link.initial_setting) * (HOUR if link.valve_type == "FCV" else 1.0)
    return {
        "valve_id": name,
        "from_node": link.start_node_name,
        "to_node": link.end_node_name,
        "kind": link.valve_type,
        "diameter": float(link.diameter) * 1000.0,
        "setting": setting,
        "minor_loss": float(link.minor_loss),
        "status": statuses.get(link.initial_status.name, "active"),
        "curve_id": link.headloss_curve_name if link.valve_type == "GPV" else None,
        "geometry": _line(link),
    }
