"""The layers of an EPANET file, as EPANET itself reads it."""

from __future__ import annotations

import shapely

from jumeau.networks.water.formats.epanet_engine import Engine
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.networks.water.formats.feature_rows import Row

# Codes of EPANET's programming interface.
_NODES, _LINKS, _PATTERNS, _CURVES = 0, 2, 3, 4
_ELEVATION, _PATTERN, _EMITTER, _LEVEL, _WIDTH, _LEAST_VOLUME, _VOLUME_CURVE = 0, 2, 3, 8, 17, 18, 19
_LOWEST, _HIGHEST, _OVERFLOW = 20, 21, 26
_DIAMETER, _LENGTH, _ROUGHNESS, _MINOR, _STATUS, _SETTING, _SPEED_PATTERN, _POWER, _EFFICIENCY = (
    0, 1, 2, 3, 4, 5, 15, 18, 20,
)  # fmt: skip
_JUNCTION, _RESERVOIR, _TANK = 0, 1, 2
_CHECK_VALVE, _PIPE, _PUMP = 0, 1, 2
_VALVES = {3: "PRV", 4: "PSV", 5: "PBV", 6: "FCV", 7: "TCV", 8: "GPV"}
_CURVE_KINDS = {0: "volume", 1: "head", 2: "efficiency", 3: "head_loss"}
_HEAD_LOSSES = ("H-W", "D-W", "C-M")

#: EPANET's sign that a valve has no setting, since its status is fixed.
_MISSING = -1e9

#: Numbers of the options, under the names of `water_settings`: code, and whether its unit is one of pressure.
_OPTIONS = {
    "demand_multiplier": 4, "emitter_exponent": 3, "viscosity": 13, "specific_gravity": 12, "accuracy": 1, "trials": 0,
    "pump_efficiency": 8,
}  # fmt: skip
_DEFAULT_PATTERN, _HEAD_LOSS_CODE = 18, 7
_TIMES = {"duration": 0, "hydraulic_step": 1, "pattern_step": 3, "pattern_start": 4, "rule_step": 7, "start_clock": 10}


def tables_of(engine: Engine, units: Units) -> dict[str, list[Row]]:
    """Return the rows of the layers that describe nodes, links, patterns, curves and settings.

    Parameters
    ----------
    engine : Engine
        An open file.
    units : Units
        Its own.
    """
    names = {place: engine.text("getnodeid", place) for place in _places(engine, _NODES)}
    tables: dict[str, list[Row]] = {
        name: []
        for name in ("water_junctions", "water_demands", "water_tanks", "water_reservoirs", "water_pipes",
                     "water_pumps", "water_valves")
    }  # fmt: skip
    for place, name in names.items():
        _add_node(tables, engine, units, place, name)
    for place in _places(engine, _LINKS):
        _add_link(tables, engine, units, place, names)
    tables["water_patterns"] = [_pattern_row(engine, place) for place in _places(engine, _PATTERNS)]
    tables["water_curves"] = [
        _curve_row(engine, units, place)
        for place in _places(engine, _CURVES)
        if engine.whole("getcurvetype", place) in _CURVE_KINDS
    ]
    tables["water_settings"] = _settings(engine, units)
    return tables


def _places(engine: Engine, kind: int) -> range:
    return range(1, engine.whole("getcount", kind) + 1)


def _node(engine: Engine, place: int, code: int) -> float:
    return engine.number("getnodevalue", place, code) or 0.0


def _link(engine: Engine, place: int, code: int) -> float:
    return engine.number("getlinkvalue", place, code) or 0.0


def _pattern(engine: Engine, place: float | None) -> str | None:
    return engine.text("getpatternid", int(place)) or None if place else None


def _curve(engine: Engine, place: float | None) -> str | None:
    return engine.text("getcurveid", int(place)) or None if place else None


def _add_node(tables: dict[str, list[Row]], engine: Engine, units: Units, place: int, name: str) -> None:
    xy = engine.numbers("getcoord", 2, place)
    row: Row = {"node_id": name, "geometry": shapely.Point(xy) if xy is not None else None}
    height = _node(engine, place, _ELEVATION) * units.length
    kind = engine.whole("getnodetype", place)
    if kind == _RESERVOIR:
        row |= {"head": height, "pattern_id": _pattern(engine, _node(engine, place, _PATTERN))}
        tables["water_reservoirs"].append(row)
    elif kind == _TANK:
        least = _node(engine, place, _LOWEST) * units.length
        row |= {
            "elevation": height,
            "initial_level": _node(engine, place, _LEVEL) * units.length,
            "minimum_level": least,
            "maximum_level": _node(engine, place, _HIGHEST) * units.length,
            "diameter": _node(engine, place, _WIDTH) * units.length,
            "minimum_volume": _node(engine, place, _LEAST_VOLUME) * units.volume,
            "curve_id": _curve(engine, _node(engine, place, _VOLUME_CURVE)),
            "overflow": _node(engine, place, _OVERFLOW) > 0.0,
        }
        tables["water_tanks"].append(row)
    else:
        _add_junction(tables, engine, units, place, {**row, "elevation": height})


def _add_junction(tables: dict[str, list[Row]], engine: Engine, units: Units, place: int, row: Row) -> None:
    demands = [
        {
            "demand": (engine.number("getbasedemand", place, rank) or 0.0) * units.flow,
            "pattern_id": _pattern(engine, engine.whole("getdemandpattern", place, rank)),
            "category": engine.text("getdemandname", place, rank) or None,
        }
        for rank in range(1, engine.whole("getnumdemands", place) + 1)
    ]
    first = demands[0] if demands else {"demand": 0.0, "pattern_id": None}
    emitter = _node(engine, place, _EMITTER) * units.emitter
    row |= {"demand": first["demand"], "pattern_id": first["pattern_id"], "emitter": emitter or None}
    tables["water_junctions"].append(row)
    for rank, demand in enumerate(demands[1:], start=2):
        name = row["node_id"]
        tables["water_demands"].append({"demand_id": f"{name}/{rank}", "node_id": name, **demand})


def _add_link(tables: dict[str, list[Row]], engine: Engine, units: Units, place: int, names: dict[int, str]) -> None:
    start, end = engine.pair("getlinknodes", place)
    name, kind = engine.text("getlinkid", place), engine.whole("getlinktype", place)
    points = [
        engine.numbers("getvertex", 2, place, rank) for rank in range(1, engine.whole("getvertexcount", place) + 1)
    ]
    row: Row = {"from_node": names[start], "to_node": names[end], "vertices": points}
    closed = _link(engine, place, _STATUS) == 0.0
    minor = _link(engine, place, _MINOR)
    diameter = _link(engine, place, _DIAMETER) * units.diameter
    if kind in (_CHECK_VALVE, _PIPE):
        row |= {
            "pipe_id": name,
            "length": _link(engine, place, _LENGTH) * units.length,
            "diameter": diameter,
            "roughness": _link(engine, place, _ROUGHNESS) * units.roughness,
            "minor_loss": minor,
            "status": "cv" if kind == _CHECK_VALVE else "closed" if closed else "open",
        }
        tables["water_pipes"].append(row)
    elif kind == _PUMP:
        power = engine.whole("getpumptype", place) == 0
        row |= {
            "pump_id": name,
            "power": _link(engine, place, _POWER) * units.power if power else None,
            "curve_id": None if power else _curve(engine, engine.whole("getheadcurveindex", place)),
            "speed": _link(engine, place, _SETTING),
            "pattern_id": _pattern(engine, _link(engine, place, _SPEED_PATTERN)),
            "efficiency_curve_id": _curve(engine, _link(engine, place, _EFFICIENCY)),
            "status": "closed" if closed else "open",
        }
        tables["water_pumps"].append(row)
    else:
        valve = _VALVES[kind]
        setting = _link(engine, place, _SETTING)
        fixed = setting < _MISSING
        scale = units.flow if valve == "FCV" else units.pressure if valve in ("PRV", "PSV", "PBV") else 1.0
        row |= {
            "valve_id": name,
            "kind": valve,
            "diameter": diameter,
            "setting": None if fixed or valve == "GPV" else setting * scale,
            "minor_loss": minor,
            "status": ("closed" if closed else "open") if fixed else "active",
            "curve_id": _curve(engine, setting) if valve == "GPV" and not fixed else None,
        }
        tables["water_valves"].append(row)


def _pattern_row(engine: Engine, place: int) -> Row:
    length = engine.whole("getpatternlen", place)
    values = [engine.number("getpatternvalue", place, rank) or 0.0 for rank in range(1, length + 1)]
    return {
        "pattern_id": engine.text("getpatternid", place),
        "multipliers": " ".join(f"{item:.10g}" for item in values),
    }


def _curve_row(engine: Engine, units: Units, place: int) -> Row:
    kind = _CURVE_KINDS[engine.whole("getcurvetype", place)]
    scales = {"volume": (units.length, units.volume), "efficiency": (units.flow, 1.0)}
    across, up = scales.get(kind, (units.flow, units.length))
    points = [
        engine.numbers("getcurvevalue", 2, place, rank) or (0.0, 0.0)
        for rank in range(1, engine.whole("getcurvelen", place) + 1)
    ]
    text = " ".join(f"{x * across:.10g},{y * up:.10g}" for x, y in points)
    return {"curve_id": engine.text("getcurveid", place), "kind": kind, "points": text}


def _settings(engine: Engine, units: Units) -> list[Row]:
    follows, least, wanted, exponent = engine.demand_model()
    found: dict[str, str] = {"head_loss": _HEAD_LOSSES[int(engine.number("getoption", _HEAD_LOSS_CODE) or 0)]}
    found |= {name: str(engine.seconds(code)) for name, code in _TIMES.items()}
    found |= {name: f"{engine.number('getoption', code) or 0.0:.10g}" for name, code in _OPTIONS.items()}
    found["demand_model"] = "PDD" if follows else "DDA"
    found |= {
        "minimum_pressure": f"{least * units.pressure:.10g}",
        "required_pressure": f"{wanted * units.pressure:.10g}",
        "pressure_exponent": f"{exponent:.10g}",
    }
    pattern = _pattern(engine, engine.number("getoption", _DEFAULT_PATTERN))
    if pattern:
        found["default_pattern"] = pattern
    return [{"name": name, "value": value} for name, value in found.items()]
