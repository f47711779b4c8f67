"""What each feature of the layers says in EPANET's language, in the units of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jumeau.networks.water.formats.epanet_curves import points_of
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.networks.water.formats.feature_rows import Row, number, text

#: Kind of a feature (`node`, `link`, `pattern`, `curve`) and its name.
Key = tuple[str, str]
#: A section and a line of it.
Line = tuple[str, str]

#: What a setting is called, with its section; times are in seconds.
_SETTINGS = {
    "head_loss": ("OPTIONS", "HEADLOSS"),
    "demand_multiplier": ("OPTIONS", "DEMAND MULTIPLIER"),
    "emitter_exponent": ("OPTIONS", "EMITTER EXPONENT"),
    "viscosity": ("OPTIONS", "VISCOSITY"),
    "specific_gravity": ("OPTIONS", "SPECIFIC GRAVITY"),
    "accuracy": ("OPTIONS", "ACCURACY"),
    "trials": ("OPTIONS", "TRIALS"),
    "demand_model": ("OPTIONS", "DEMAND MODEL"),
    "minimum_pressure": ("OPTIONS", "MINIMUM PRESSURE"),
    "required_pressure": ("OPTIONS", "REQUIRED PRESSURE"),
    "pressure_exponent": ("OPTIONS", "PRESSURE EXPONENT"),
    "default_pattern": ("OPTIONS", "PATTERN"),
    "pump_efficiency": ("ENERGY", "GLOBAL EFFICIENCY"),
    "duration": ("TIMES", "DURATION"),
    "hydraulic_step": ("TIMES", "HYDRAULIC TIMESTEP"),
    "pattern_step": ("TIMES", "PATTERN TIMESTEP"),
    "pattern_start": ("TIMES", "PATTERN START"),
    "rule_step": ("TIMES", "RULE TIMESTEP"),
    "start_clock": ("TIMES", "START CLOCKTIME"),
}


def features(tables: Mapping[str, list[Row]], units: Units) -> dict[Key, list[Line]]:
    """Return the lines of every feature."""
    found: dict[Key, list[Line]] = {}
    more: dict[str, list[Row]] = {}
    for row in tables.get("water_demands", []):
        more.setdefault(str(row["node_id"]), []).append(row)
    for row in tables.get("water_junctions", []):
        found["node", str(row["node_id"])] = list(_junction(row, more.get(str(row["node_id"]), []), units))
    for row in tables.get("water_tanks", []):
        found["node", str(row["node_id"])] = [("TANKS", _tank(row, units))]
    for row in tables.get("water_reservoirs", []):
        head = number(row, "head", 0.0) / units.length
        found["node", str(row["node_id"])] = [("RESERVOIRS", _line(row["node_id"], head, text(row, "pattern_id")))]
    for row in tables.get("water_pipes", []):
        found["link", str(row["pipe_id"])] = [("PIPES", _pipe(row, units))]
    for row in tables.get("water_pumps", []):
        found["link", str(row["pump_id"])] = list(_pump(row, units))
    for row in tables.get("water_valves", []):
        found["link", str(row["valve_id"])] = list(_valve(row, units))
    for row in tables.get("water_patterns", []):
        name = str(row["pattern_id"])
        found["pattern", name] = [("PATTERNS", _line(name, float(item))) for item in str(row["multipliers"]).split()]
    for row in tables.get("water_curves", []):
        found["curve", str(row["curve_id"])] = list(_curve(row, units))
    return found


def settings(rows: list[Row], units: Units) -> dict[str, Line]:
    """Return the line of each setting that EPANET knows, by its name."""
    return {
        str(row["name"]): (_SETTINGS[str(row["name"])][0], _setting(str(row["name"]), str(row["value"]), units))
        for row in rows
        if str(row["name"]) in _SETTINGS
    }


def quoted(name: object) -> str:
    """Return an identifier or text as one word of a line."""
    word = str(name)
    return f'"{word}"' if any(letter in word for letter in " ,;\t") else word


def _line(*words: object) -> str:
    """Return a line; numbers keep twelve digits, empty texts at its end are left out."""
    found = [f"{word:.12g}" if isinstance(word, float) else quoted(word) for word in words if word != ""]
    # EPANET takes the end of a line into its last word where another one is quoted.
    return " " + "\t".join(found) + (";" if any(word[:1] == '"' for word in found) else "")


def _setting(name: str, value: str, units: Units) -> str:
    words = _SETTINGS[name][1]
    if name in ("minimum_pressure", "required_pressure"):
        return f" {words}\t{float(value) / units.pressure:.12g}"
    if _SETTINGS[name][0] == "TIMES":
        seconds = round(float(value))
        clock = f"{seconds // 3600}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
        return f" {words}\t{clock}"
    return f" {words}\t{'PDA' if value == 'PDD' else quoted(value)}"


def _junction(row: Row, more: list[Row], units: Units) -> Iterator[Line]:
    name, pattern = row["node_id"], text(row, "pattern_id")
    demand = number(row, "demand", 0.0) / units.flow
    yield "JUNCTIONS", _line(name, number(row, "elevation", 0.0) / units.length, demand, pattern)
    if more:
        for item in ({"demand": row.get("demand"), "pattern_id": row.get("pattern_id")}, *more):
            line = _line(name, number(item, "demand", 0.0) / units.flow, text(item, "pattern_id"))
            category = text(item, "category")
            yield "DEMANDS", f"{line}\t;{category}" if category else line
    emitter = number(row, "emitter", 0.0) / units.emitter
    if emitter > 0.0:
        yield "EMITTERS", _line(name, emitter)


def _tank(row: Row, units: Units) -> str:
    highest = number(row, "maximum_level", 5.0)
    overflow = text(row, "overflow").lower() in ("true", "1", "1.0", "yes")
    return _line(
        row["node_id"],
        number(row, "elevation", 0.0) / units.length,
        number(row, "initial_level", highest / 2.0) / units.length,
        number(row, "minimum_level", 0.0) / units.length,
        highest / units.length,
        number(row, "diameter", 15.0) / units.length,
        number(row, "minimum_volume", 0.0) / units.volume,
        text(row, "curve_id") or ("*" if overflow else ""),
        "YES" if overflow else "",
    )


def _pipe(row: Row, units: Units) -> str:
    return _line(
        row["pipe_id"],
        row["from_node"],
        row["to_node"],
        number(row, "length", 0.0) / units.length,
        number(row, "diameter", 0.0) / units.diameter,
        number(row, "roughness", 0.0) / units.roughness,
        number(row, "minor_loss", 0.0),
        {"closed": "CLOSED", "cv": "CV"}.get(text(row, "status", "open"), "OPEN"),
    )


def _pump(row: Row, units: Units) -> Iterator[Line]:
    name, curve, pattern = row["pump_id"], text(row, "curve_id"), text(row, "pattern_id")
    words: list[Any] = ["HEAD", curve] if curve else ["POWER", number(row, "power", 0.0) / units.power]
    words += ["SPEED", number(row, "speed", 1.0)]
    words += ["PATTERN", pattern] if pattern else []
    yield "PUMPS", _line(name, row["from_node"], row["to_node"], *words)
    if text(row, "status", "open") == "closed":
        yield "STATUS", _line(name, "CLOSED")
    if text(row, "efficiency_curve_id"):
        yield "ENERGY", _line("PUMP", name, "EFFICIENCY", text(row, "efficiency_curve_id"))


def _valve(row: Row, units: Units) -> Iterator[Line]:
    name, kind = row["valve_id"], text(row, "kind", "PRV")
    scale = units.flow if kind == "FCV" else units.pressure if kind in ("PRV", "PSV", "PBV") else 1.0
    setting: float | str = number(row, "setting", 0.0) / scale
    if kind == "GPV":
        setting = text(row, "curve_id")
    diameter = number(row, "diameter", 100.0) / units.diameter
    yield (
        "VALVES",
        _line(name, row["from_node"], row["to_node"], diameter, kind, setting, number(row, "minor_loss", 0.0)),
    )
    status = text(row, "status", "active")
    if status in ("open", "closed"):
        yield "STATUS", _line(name, status.upper())


def _curve(row: Row, units: Units) -> Iterator[Line]:
    kind = text(row, "kind", "head")
    across = units.length if kind == "volume" else units.flow
    up = {"volume": units.volume, "efficiency": 1.0}.get(kind, units.length)
    for x, y in points_of(row["points"], key=row["curve_id"]):
        yield "CURVES", _line(row["curve_id"], x / across, y / up)
