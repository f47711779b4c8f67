"""The layers of a water network <-> the model that EPANET runs, through `wntr`.

Layers speak the units of people (m3/h, mm, kW), the model those of `wntr` (m3/s, m, W). Importing `wntr` takes seconds,
which a town without water and a worker that only draws leaks should not pay: it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

HOUR = 3600.0

Layers = Mapping[str, gpd.GeoDataFrame]

#: Settings of `water_settings` that are plain numbers of the hydraulic options, by their name in `wntr`.
_OPTIONS = {
    "demand_multiplier": "demand_multiplier",
    "emitter_exponent": "emitter_exponent",
    "minimum_pressure": "minimum_pressure",
    "required_pressure": "required_pressure",
    "pressure_exponent": "pressure_exponent",
    "viscosity": "viscosity",
    "specific_gravity": "specific_gravity",
    "accuracy": "accuracy",
    "trials": "trials",
}
_TIMES = {"pattern_step": "pattern_timestep", "hydraulic_step": "hydraulic_timestep", "duration": "duration"}

#: What a curve is called here and in `wntr`, with the factors from its units to ours.
_CURVES = {
    "head": ("HEAD", HOUR, 1.0),
    "efficiency": ("EFFICIENCY", HOUR, 1.0),
    "volume": ("VOLUME", 1.0, 1.0),
    "head_loss": ("HEADLOSS", HOUR, 1.0),
}
_KINDS = {name: ours for ours, (name, _x, _y) in _CURVES.items()}

_DAY = 24 * HOUR


def model_of(layers: Layers) -> Any:
    """Return the network that EPANET can run.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        The layers of the water network (`networks/water/attributes.csv`); only pipes and junctions must be there.

    Returns
    -------
    wntr.network.WaterNetworkModel

    Raises
    ------
    InputError
        When a pipe has no roughness or a junction no elevation, a control cannot be read, or an end node is unknown.
    """
    import wntr  # type: ignore[import-untyped]

    model = wntr.network.WaterNetworkModel()
    settings = _settings(layers)
    loss = settings.get("head_loss", "H-W")
    model.options.hydraulic.headloss = loss
    model.options.hydraulic.inpfile_units = "CMH"
    # A step that does not balance is told afterwards; stopping there would say nothing of the others.
    model.options.hydraulic.unbalanced = "CONTINUE"
    model.options.hydraulic.unbalanced_value = 10
    for name, value in settings.items():
        _set_option(model, name, value)
    if "duration" not in settings:
        model.options.time.duration = _DAY
    model.options.time.report_timestep = model.options.time.hydraulic_timestep
    for row in _rows(layers, "water_patterns"):
        model.add_pattern(row["pattern_id"], _numbers(row["multipliers"], "water_patterns", row["pattern_id"]))
    for row in _rows(layers, "water_curves"):
        _add_curve(model, row)
    _add_nodes(model, layers)
    _add_links(model, layers, loss)
    _add_controls(model, layers)
    return model


def _rows(layers: Layers, layer: str) -> Iterator[dict[str, Any]]:
    """Yield the features of a layer as mappings, missing values as None; nothing where the layer is absent."""
    frame = layers.get(layer)
    if frame is None or not len(frame):
        return
    names = [str(name) for name in frame.columns]
    columns = []
    for name in names:
        column = frame[name]
        columns.append(
            column.astype(object).where(column.notna(), None).tolist() if name != "geometry" else list(column)
        )
    for values in zip(*columns, strict=True):
        yield dict(zip(names, values, strict=True))


def _number(row: Mapping[str, Any], name: str, default: float) -> float:
    value = row.get(name)
    return default if value is None or value == "" else float(value)


def _text(row: Mapping[str, Any], name: str, default: str = "") -> str:
    value = row.get(name)
    return default if value is None or value == "" else str(value)


def _settings(layers: Layers) -> dict[str, str]:
    return {str(row["name"]): str(row["value"]) for row in _rows(layers, "water_settings")}


def _set_option(model: Any, name: str, value: str) -> None:
    hydraulic, time = model.options.hydraulic, model.options.time
    if name in _TIMES:
        setattr(time, _TIMES[name], float(value))
    elif name in _OPTIONS:
        setattr(hydraulic, _OPTIONS[name], float(value))
    elif name == "demand_model":
        hydraulic.demand_model = value
    elif name == "default_pattern":
        hydraulic.pattern = value
    elif name == "pump_efficiency":
        model.options.energy.global_efficiency = float(value)


def _numbers(text: object, layer: str, key: object) -> list[float]:
    try:
        return [float(item) for item in str(text).split()]
    except ValueError as error:
        hint = _("write numbers separated by spaces, with a decimal point")
        problem = Problem(
            _("not a list of numbers"), layer=layer, features=(str(key),), value=str(text)[:60], hint=hint
        )
        raise InputError(problem) from error


def points_of(text: object, layer: str = "water_curves", key: object = "") -> list[tuple[float, float]]:
    """Return the points of a curve written « x,y x,y »."""
    try:
        return [(float(x), float(y)) for x, y in (item.split(",") for item in str(text).split())]
    except ValueError as error:
        hint = _("write points « x,y » separated by spaces")
        problem = Problem(_("not a list of points"), layer=layer, features=(str(key),), value=str(text)[:60], hint=hint)
        raise InputError(problem) from error


def _add_curve(model: Any, row: Mapping[str, Any]) -> None:
    kind, x_factor, _y = _CURVES[_text(row, "kind", "head")]
    points = [(x / x_factor, y) for x, y in points_of(row["points"], key=row["curve_id"])]
    model.add_curve(str(row["curve_id"]), kind, points)


def _absent(layer: str, column: str, ids: list[str]) -> InputError:
    hint = _("build the territory with « jumeau territory build », which fills it in by a stated rule")
    return InputError(
        Problem(_("a required value is missing"), layer=layer, column=column, features=tuple(ids), hint=hint)
    )


def _point(row: Mapping[str, Any]) -> tuple[float, float]:
    shape = row.get("geometry")
    return (float(shape.x), float(shape.y)) if shape is not None else (0.0, 0.0)


def _add_nodes(model: Any, layers: Layers) -> None:
    flat: list[str] = []
    more: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(layers, "water_demands"):
        more.setdefault(str(row["node_id"]), []).append(row)
    for row in _rows(layers, "water_junctions"):
        name = str(row["node_id"])
        elevation = _number(row, "elevation", np.nan)
        if np.isnan(elevation):
            flat.append(name)
            continue
        model.add_junction(
            name,
            base_demand=_number(row, "demand", 0.0) / HOUR,
            demand_pattern=_text(row, "pattern_id") or None,
            elevation=elevation,
            coordinates=_point(row),
        )
        junction = model.get_node(name)
        emitter = _number(row, "emitter", 0.0)
        if emitter > 0.0:
            junction.emitter_coefficient = emitter / HOUR
        for extra in more.get(name, []):
            category = _text(extra, "category") or None
            junction.add_demand(_number(extra, "demand", 0.0) / HOUR, _text(extra, "pattern_id") or None, category)
    if flat:
        raise _absent("water_junctions", "elevation", flat)
    for row in _rows(layers, "water_tanks"):
        highest = _number(row, "maximum_level", 5.0)
        model.add_tank(
            str(row["node_id"]),
            elevation=_number(row, "elevation", 0.0),
            init_level=_number(row, "initial_level", highest / 2.0),
            min_level=_number(row, "minimum_level", 0.0),
            max_level=highest,
            diameter=_number(row, "diameter", 15.0),
            min_vol=_number(row, "minimum_volume", 0.0),
            vol_curve=_text(row, "curve_id") or None,
            overflow=_text(row, "overflow").lower() in ("true", "1", "1.0", "yes"),
            coordinates=_point(row),
        )
    headless = [
        str(row["node_id"]) for row in _rows(layers, "water_reservoirs") if np.isnan(_number(row, "head", np.nan))
    ]
    if headless:
        raise _absent("water_reservoirs", "head", headless)
    for row in _rows(layers, "water_reservoirs"):
        model.add_reservoir(
            str(row["node_id"]),
            base_head=_number(row, "head", 0.0),
            head_pattern=_text(row, "pattern_id") or None,
            coordinates=_point(row),
        )


def _add_links(model: Any, layers: Layers, loss: str) -> None:
    nodes = set(model.node_name_list)
    smooth: list[str] = []
    scale = 1.0 / 1000.0 if loss == "D-W" else 1.0  # Darcy-Weisbach roughness is a length: mm -> m
    for row in _rows(layers, "water_pipes"):
        name = str(row["pipe_id"])
        roughness = _number(row, "roughness", np.nan)
        if np.isnan(roughness):
            smooth.append(name)
            continue
        _check_ends(row, nodes, "water_pipes", name)
        status = _text(row, "status", "open")
        model.add_pipe(
            name,
            str(row["from_node"]),
            str(row["to_node"]),
            length=_number(row, "length", 0.0),
            diameter=_number(row, "diameter", 0.0) / 1000.0,
            roughness=roughness * scale,
            minor_loss=_number(row, "minor_loss", 0.0),
            initial_status="CLOSED" if status == "closed" else "OPEN",
            check_valve=status == "cv",
        )
        _set_vertices(model, name, row)
    if smooth:
        raise _absent("water_pipes", "roughness", smooth)
    for row in _rows(layers, "water_pumps"):
        _check_ends(row, nodes, "water_pumps", str(row["pump_id"]))
        _add_pump(model, row)
    for row in _rows(layers, "water_valves"):
        _check_ends(row, nodes, "water_valves", str(row["valve_id"]))
        _add_valve(model, row)


def _check_ends(row: Mapping[str, Any], nodes: set[str], layer: str, name: str) -> None:
    for column in ("from_node", "to_node"):
        if str(row[column]) not in nodes:
            hint = _("correct the identifier, or add the node")
            message = _("the end node is in no layer of nodes")
            raise InputError(
                Problem(message, layer=layer, column=column, features=(name,), value=str(row[column]), hint=hint)
            )


def _set_vertices(model: Any, name: str, row: Mapping[str, Any]) -> None:
    shape = row.get("geometry")
    if shape is not None:
        model.get_link(name).vertices = [tuple(point) for point in shapely.get_coordinates(shape)[1:-1].tolist()]


def _add_pump(model: Any, row: Mapping[str, Any]) -> None:
    name, curve = str(row["pump_id"]), _text(row, "curve_id")
    model.add_pump(
        name,
        str(row["from_node"]),
        str(row["to_node"]),
        pump_type="HEAD" if curve else "POWER",
        pump_parameter=curve or 1000.0 * _number(row, "power", 0.0),
        speed=_number(row, "speed", 1.0),
        pattern=_text(row, "pattern_id") or None,
        initial_status="CLOSED" if _text(row, "status", "open") == "closed" else "OPEN",
    )
    pump = model.get_link(name)
    efficiency = _text(row, "efficiency_curve_id")
    if efficiency:
        pump.efficiency_curve_name = efficiency
    _set_vertices(model, name, row)


def _add_valve(model: Any, row: Mapping[str, Any]) -> None:
    name, kind = str(row["valve_id"]), _text(row, "kind", "PRV")
    setting: Any = _number(row, "setting", 0.0)
    if kind == "FCV":
        setting /= HOUR
    elif kind == "GPV":
        setting = _text(row, "curve_id")
    model.add_valve(
        name,
        str(row["from_node"]),
        str(row["to_node"]),
        diameter=_number(row, "diameter", 100.0) / 1000.0,
        valve_type=kind,
        minor_loss=_number(row, "minor_loss", 0.0),
        initial_setting=setting,
        initial_status={"open": "OPEN", "closed": "CLOSED"}.get(_text(row, "status", "active"), "ACTIVE"),
    )
    _set_vertices(model, name, row)


def _add_controls(model: Any, layers: Layers) -> None:
    """Read controls and rules with EPANET's own syntax."""
    rows = [(str(row["control_id"]), str(row["text"])) for row in _rows(layers, "water_controls")]
    for rules in (False, True):
        kept = [(name, text) for name, text in rows if text.lstrip().upper().startswith("RULE") == rules]
        if kept:
            _read_controls(model, kept, rules=rules)


def _read_controls(model: Any, rows: list[tuple[str, str]], *, rules: bool) -> None:
    import wntr

    reader = wntr.epanet.io.InpFile()
    reader.wn = model
    reader.flow_units = wntr.epanet.util.FlowUnits.CMH
    reader.mass_units = wntr.epanet.util.MassUnits.mg
    lines = [line for _name, text in rows for line in text.splitlines()]
    reader.sections = {"[RULES]" if rules else "[CONTROLS]": list(enumerate(lines, start=1))}
    try:
        reader._read_rules() if rules else reader._read_controls()  # noqa: SLF001 - wntr has no public way
    except Exception as error:
        if len(rows) > 1:
            # The one at fault is found by reading each alone, in a model where none is.
            for row in rows:
                _read_controls(_without_controls(model), [row], rules=rules)
        name, text = rows[0]
        hint = _("write it as in the file of EPANET; units are m3/h and m")
        problem = Problem(
            _("this control cannot be read: {reason}").format(reason=error),
            layer="water_controls",
            column="text",
            features=(name,),
            value=text[:80],
            hint=hint,
        )
        raise InputError(problem) from error


def _without_controls(model: Any) -> Any:
    for name in list(model.control_name_list):
        model.remove_control(name)
    return model


def layers_of(model: Any, crs: pyproj.CRS) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of a model; those without features are left out, pipes and junctions excepted.

    Parameters
    ----------
    model : wntr.network.WaterNetworkModel
    crs : pyproj.CRS
        In which the coordinates of the nodes stand.
    """
    loss = model.options.hydraulic.headloss
    tables: dict[str, list[dict[str, Any]]] = {
        "water_junctions": [], "water_pipes": [], "water_demands": [], "water_tanks": [], "water_reservoirs": [],
        "water_pumps": [], "water_valves": [], "water_patterns": [], "water_curves": [], "water_controls": [],
        "water_settings": [],
    }  # fmt: skip
    for name, node in model.junctions():
        tables["water_junctions"].append(_junction_row(name, node))
        tables["water_demands"] += _demand_rows(name, node)
    for name, node in model.tanks():
        tables["water_tanks"].append(_tank_row(name, node))
    for name, node in model.reservoirs():
        row = {"node_id": name, "head": float(node.base_head), "pattern_id": node.head_pattern_name}
        tables["water_reservoirs"].append({**row, "geometry": shapely.Point(node.coordinates)})
    for name, link in model.pipes():
        tables["water_pipes"].append(_pipe_row(name, link, loss))
    for name, link in model.pumps():
        tables["water_pumps"].append(_pump_row(name, link))
    for name, link in model.valves():
        tables["water_valves"].append(_valve_row(name, link))
    for name, pattern in model.patterns():
        text = " ".join(f"{value:.10g}" for value in pattern.multipliers)
        tables["water_patterns"].append({"pattern_id": name, "multipliers": text})
    tables["water_curves"] = [_curve_row(name, curve) for name, curve in model.curves() if curve.curve_type in _KINDS]
    tables["water_controls"] = _control_rows(model)
    tables["water_settings"] = [{"name": key, "value": value} for key, value in _setting_rows(model).items()]
    kept = ("water_junctions", "water_pipes")
    return {name: _frame(rows, crs) for name, rows in tables.items() if rows or name in kept}


def _frame(rows: list[dict[str, Any]], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    shapes = table.pop("geometry") if "geometry" in table else [None] * len(table)
    table = table.loc[:, table.notna().any()] if len(table) else table
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(list(shapes), crs=crs), crs=crs)


def _junction_row(name: str, node: Any) -> dict[str, Any]:
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


def _demand_rows(name: str, node: Any) -> list[dict[str, Any]]:
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


def _tank_row(name: str, node: Any) -> dict[str, Any]:
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


def _line(link: Any) -> shapely.LineString:
    points = [link.start_node.coordinates, *link.vertices, link.end_node.coordinates]
    return shapely.LineString(points)


def _pipe_row(name: str, link: Any, loss: str) -> dict[str, Any]:
    closed = link.initial_status.name == "Closed"
    return {
        "pipe_id": name,
        "from_node": link.start_node_name,
        "to_node": link.end_node_name,
        "length": float(link.length),
        "diameter": float(link.diameter) * 1000.0,
        "roughness": float(link.roughness) * (1000.0 if loss == "D-W" else 1.0),
        "minor_loss": float(link.minor_loss),
        "status": "cv" if link.check_valve else "closed" if closed else "open",
        "geometry": _line(link),
    }


def _pump_row(name: str, link: Any) -> dict[str, Any]:
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


def _valve_row(name: str, link: Any) -> dict[str, Any]:
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


def _curve_row(name: str, curve: Any) -> dict[str, Any]:
    kind = _KINDS[curve.curve_type]
    factor = _CURVES[kind][1]
    text = " ".join(f"{x * factor:.10g},{y:.10g}" for x, y in curve.points)
    return {"curve_id": name, "kind": kind, "points": text}


def _control_rows(model: Any) -> list[dict[str, Any]]:
    """Return controls and rules in EPANET's words, as `wntr` writes them in m3/h and m."""
    import wntr

    writer = wntr.epanet.io.InpFile()
    writer.flow_units = wntr.epanet.util.FlowUnits.CMH
    writer.mass_units = wntr.epanet.util.MassUnits.mg
    found: list[str] = []
    for write in (writer._write_controls, writer._write_rules):  # noqa: SLF001 - wntr has no public way
        stream = BytesIO()
        write(stream, model)
        blocks: list[str] = []
        for line in stream.getvalue().decode().splitlines()[1:]:
            if line.upper().startswith("RULE") or (line.strip() and write == writer._write_controls):  # noqa: SLF001
                blocks.append(line.strip())
            elif line.strip():
                blocks[-1] += "\n" + line.strip()
        found += blocks
    return [{"control_id": f"K{place:03d}", "text": text} for place, text in enumerate(found, start=1)]


def _setting_rows(model: Any) -> dict[str, str]:
    hydraulic, time = model.options.hydraulic, model.options.time
    rows = {"head_loss": str(hydraulic.headloss)}
    rows |= {name: f"{float(getattr(time, theirs)):.10g}" for name, theirs in _TIMES.items()}
    for name, theirs in _OPTIONS.items():
        value = getattr(hydraulic, theirs)
        if value is not None:
            rows[name] = f"{float(value):.10g}"
    rows["demand_model"] = str(hydraulic.demand_model)
    if hydraulic.pattern:
        rows["default_pattern"] = str(hydraulic.pattern)
    if model.options.energy.global_efficiency is not None:
        rows["pump_efficiency"] = f"{float(model.options.energy.global_efficiency):.10g}"
    return rows
