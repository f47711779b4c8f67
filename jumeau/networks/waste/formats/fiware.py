"""FIWARE `WasteContainer` entities (smart-data-models, dataModel.WasteManagement), as JSON.

Entities come as key-values or normalised (`{"type": "Property", "value": …}`), NGSI v2 or NGSI-LD, as a list, one
alone, or one per line. `WasteContainerModel` entities of the same file give volumes to the containers that refer to
them.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pyproj
import shapely
from shapely.geometry import shape

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.waste.formats.frames import Container, imported, usual_volume
from jumeau.sources.imported import Imported

#: storedWasteKind -> stream.
STREAMS = {
    "glass": "glass",
    "organic": "biowaste",
    "paper": "paper",
    "plastic": "packaging",
    "metal": "packaging",
    "inorganic": "residual",
    "other": "residual",
}

#: category -> kind.
KINDS = {"underground": "buried", "portable": "wheeled_bin", "ground": "drop_off_column", "fixed": "drop_off_column"}


#: UN/CEFACT codes of volumes -> litres. The data model states no unit; a bare number is in litres.
UNITS = {"LTR": 1.0, "DMQ": 1.0, "HLT": 100.0, "MTQ": 1000.0}


def read_fiware(path: Path, volume: float | None = None, stream: str = "residual") -> Imported:
    """Read the containers of a file.

    Parameters
    ----------
    path : Path
    volume : float, optional
        Of a container without capacity [l]; by its kind where None.
    stream : str
        Of a container that does not say what is thrown in.

    Raises
    ------
    InputError
        When the file is no JSON, or holds no usable container; with each container without a place, or whose capacity
        cannot be read.
    """
    entities = [_values(item) for item in _entities(path)]
    models = {str(item.get("id")): item for item in entities if item.get("type") == "WasteContainerModel"}
    left: dict[str, list[str]] = {}
    wrong: dict[str, list[str]] = {"location": [], "binCapacity": []}
    found: list[Container] = []
    for item in entities:
        if item.get("type") != "WasteContainer":
            continue
        name = str(item.get("id") or "")
        stored = _list(item.get("storedWasteKind"))
        streams = {STREAMS[kind] for kind in stored if kind in STREAMS}
        if stored and not streams:
            left.setdefault(_("a kind of waste that no round collects"), []).append(name)
            continue
        point = _point(item.get("location"))
        if point is None:
            wrong["location"].append(name)
            continue
        try:
            told = _capacity(item, "binCapacity") or _capacity(
                models.get(str(item.get("refWasteContainerModel", "")), {}), "cargoVolume"
            )
        except ValueError:
            wrong["binCapacity"].append(name)
            continue
        category = next((KINDS[word] for word in _list(item.get("category")) if word in KINDS), None)
        kind = category or "drop_off_column"
        guessed = {"stream": not streams, "kind": category is None, "volume": told is None}
        found.append(
            Container(
                container_id=name,
                site_id=str(item.get("isleId") or item.get("refWasteContainerIsle") or f"S-{name}"),
                stream=stream if not streams else next(iter(streams)) if len(streams) == 1 else "packaging",
                kind=kind,
                volume=told or volume or usual_volume(kind),
                point=point,
                sensor=item.get("fillingLevel") is not None,
                name=str(item.get("name") or ""),
                guessed=tuple(column for column, absent in guessed.items() if absent),
            )
        )
    problems = _problems(path, wrong)
    if problems:
        raise InputError(*problems)
    return imported(found, pyproj.CRS.from_epsg(4326), path.name, left, warnings=_guesses(path, found))


def _problems(path: Path, wrong: dict[str, list[str]]) -> list[Problem]:
    """Return a problem for what cannot be read of containers, by attribute of the entity."""
    words = {
        "location": (_("containers without a point as `location`"), _("give each a GeoJSON point")),
        "binCapacity": (
            _("not a capacity"),
            _("give a number of litres, or `unitCode`: {codes}").format(codes=" ".join(UNITS)),
        ),
    }
    return [
        Problem(message, file=str(path), layer="waste_containers", column=key, features=tuple(wrong[key]), hint=hint)
        for key, (message, hint) in words.items()
        if wrong[key]
    ]


def _guesses(path: Path, found: list[Container]) -> tuple[Problem, ...]:
    """Return a warning for what containers do not tell, with what is taken instead."""
    words = {
        "volume": (_("containers without a capacity; taken"), _("state `volume:` in the territory file")),
        "stream": (
            _("containers that do not say what is thrown in; taken"),
            _("state `stream:` in the territory file"),
        ),
    }
    warnings = []
    for column, (message, hint) in words.items():
        rows = [item for item in found if column in item.guessed]
        if rows:
            taken = sorted({_taken(item, column) for item in rows})
            warnings.append(
                Problem(
                    f"{message}: {', '.join(taken)}",
                    file=str(path),
                    layer="waste_containers",
                    column=column,
                    features=tuple(item.container_id for item in rows),
                    hint=hint,
                    warning=True,
                )
            )
    return tuple(warnings)


def _taken(item: Container, column: str) -> str:
    return f"{item.volume:.6g} l ({item.kind})" if column == "volume" else item.stream


def _capacity(item: dict[str, Any], key: str) -> float | None:
    """Return a volume [l], None where there is none (zero stands for unknown).

    Raises
    ------
    ValueError
        When it is no finite positive number, or in an unknown unit.
    """
    value = item.get(key)
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = float(value) * UNITS[str(item.get(f"{key}.unitCode") or "LTR")]
    except (TypeError, KeyError, OverflowError) as error:
        raise ValueError(value) from error
    if not math.isfinite(number) or number < 0.0:
        raise ValueError(value)
    return number or None


def _entities(path: Path) -> list[dict[str, Any]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        read: Any = json.loads(text)
    except (UnicodeDecodeError, RecursionError) as error:
        message = _("the file is not valid JSON: {reason}").format(reason=error)
        raise InputError(Problem(message, file=str(path), hint=_("save it as UTF-8 JSON"))) from error
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            read = [json.loads(line) for line in lines]
        except (json.JSONDecodeError, RecursionError):
            message = _("the file is not valid JSON: {reason}").format(reason=error)
            raise InputError(Problem(message, file=str(path), line=error.lineno)) from error
    if isinstance(read, dict):
        read = read.get("features") if read.get("type") == "FeatureCollection" else [read]
    return [item for item in read if isinstance(item, dict)] if isinstance(read, list) else []


def _values(item: dict[str, Any]) -> dict[str, Any]:
    """Return an entity as key-values, whichever way it was written."""
    if item.get("type") == "Feature":
        properties = item.get("properties") or {}
        name = item.get("id", properties.get("id"))
        item = {**properties, "id": name, "location": item.get("geometry")}
    found: dict[str, Any] = {}
    for key, value in item.items():
        if isinstance(value, dict) and "value" in value and key not in ("id", "type"):
            found[key] = value["value"]
            unit = value.get("unitCode")
            if unit is not None:
                found[f"{key}.unitCode"] = unit
        elif isinstance(value, dict) and "object" in value:
            found[key] = value["object"]
        else:
            found[key] = value
    return found


def _list(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _point(location: Any) -> shapely.Point | None:
    if not isinstance(location, dict) or "coordinates" not in location:
        return None
    try:
        geometry = shape(location)
        point = geometry.centroid
    except (TypeError, ValueError, AttributeError, IndexError, shapely.errors.ShapelyError):
        return None
    return point if not point.is_empty and math.isfinite(point.x) and math.isfinite(point.y) else None
