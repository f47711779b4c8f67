"""FIWARE `WasteContainer` entities (smart-data-models, dataModel.WasteManagement), as JSON.

Entities come as key-values or normalised (`{"type": "Property", "value": …}`), NGSI v2 or NGSI-LD, as a list, one
alone, or one per line. `WasteContainerModel` entities of the same file give volumes to the containers that refer to
them.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyproj
import shapely
from shapely.geometry import shape

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.waste.formats.frames import Container, imported
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


def read_fiware(path: Path) -> Imported:
    """Read the containers of a file.

    Raises
    ------
    InputError
        When the file is no JSON, or holds no usable container; with each container without a place.
    """
    entities = [_values(item) for item in _entities(path)]
    models = {str(item.get("id")): item for item in entities if item.get("type") == "WasteContainerModel"}
    left: Counter[str] = Counter()
    placeless: list[str] = []
    found: list[Container] = []
    for item in entities:
        if item.get("type") != "WasteContainer":
            continue
        name = str(item.get("id", ""))
        kinds = [STREAMS[kind] for kind in _list(item.get("storedWasteKind")) if kind in STREAMS]
        if not kinds:
            left[_("a kind of waste that no round collects")] += 1
            continue
        point = _point(item.get("location"))
        if point is None:
            placeless.append(name)
            continue
        model = models.get(str(item.get("refWasteContainerModel", "")), {})
        volume = item.get("binCapacity") or model.get("cargoVolume")
        category = next((KINDS[word] for word in _list(item.get("category")) if word in KINDS), "drop_off_column")
        stream = kinds[0] if len(set(kinds)) == 1 else "packaging"
        found.append(
            Container(
                container_id=name,
                site_id=str(item.get("isleId") or item.get("refWasteContainerIsle") or f"S-{name}"),
                stream=stream,
                kind=category,
                volume=float(volume) if volume is not None else None,
                point=point,
                sensor=item.get("fillingLevel") is not None,
                name=str(item.get("name") or ""),
            )
        )
    if placeless:
        raise InputError(
            Problem(
                _("containers without a point as `location`"),
                file=str(path),
                layer="waste_containers",
                features=tuple(placeless),
                hint=_("give each a GeoJSON point"),
            )
        )
    return imported(found, pyproj.CRS.from_epsg(4326), path.name, left)


def _entities(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    try:
        read: Any = json.loads(text)
    except json.JSONDecodeError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        try:
            read = [json.loads(line) for line in lines]
        except json.JSONDecodeError:
            message = _("the file is not valid JSON: {reason}").format(reason=error)
            raise InputError(Problem(message, file=str(path), line=error.lineno)) from error
    if isinstance(read, dict):
        read = read.get("features", [read]) if read.get("type") == "FeatureCollection" else [read]
    return [item for item in read if isinstance(item, dict)]


def _values(item: dict[str, Any]) -> dict[str, Any]:
    """Return an entity as key-values, whichever way it was written."""
    if item.get("type") == "Feature":
        item = {**item.get("properties", {}), "id": item.get("id"), "location": item.get("geometry")}
    found = {}
    for key, value in item.items():
        if isinstance(value, dict) and "value" in value and key not in ("id", "type"):
            found[key] = value["value"]
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
    except (TypeError, ValueError, shapely.errors.ShapelyError):
        return None
    return geometry.centroid if not geometry.is_empty else None
