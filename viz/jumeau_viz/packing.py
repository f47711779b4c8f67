"""What the page's viewer reads: meshes and assets as base64 typed arrays in one JSON object.

Coordinates are float32 of the local frame; indices take two bytes where the mesh allows it.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from jumeau.i18n import _, current_language, local
from jumeau.redaction import everywhere, visible
from jumeau.remarks import Counts
from jumeau.report.numbers import unit_label
from jumeau_viz.appearance import Indicator
from jumeau_viz.assets import AssetLayer
from jumeau_viz.camera import Camera
from jumeau_viz.captions import Captions
from jumeau_viz.lamplight import Lamplight, light_colour
from jumeau_viz.meshes import Mesh
from jumeau_viz.palettes import DAY, MISSING, MISSING_BY_DAY, NIGHT, Scale, palette
from jumeau_viz.pictures import ASPECT, legend_title
from jumeau_viz.places import Addresses, Names
from jumeau_viz.scene import Scene
from jumeau_viz.stage import marker_size
from jumeau_viz.stops import Stop
from jumeau_viz.sunlight import Sunlight
from jumeau_viz.timeline import Journeys, Spells


def pack_scene(scene: Scene, camera: Camera) -> dict[str, Any]:
    """Return the town: meshes, what stands around, colours by night and by day, and the first viewpoint."""
    ground = scene.meshes["ground"].points
    around = scene.surroundings
    return {
        "frame": scene.frame.as_metadata(),
        "night": NIGHT,
        "day": DAY,
        "aspect": ASPECT,
        "reach": round(float(np.ptp(ground[:, :2], axis=0).max()), 1),
        "box": [round(float(part), 1) for end in (ground.min(axis=0), ground.max(axis=0)) for part in end],
        "camera": pack_camera(camera),
        "meshes": [{"name": name, **pack_mesh(mesh)} for name, mesh in scene.meshes.items()],
        "trees": encode(around.trees.astype(np.float32)),
        "cars": encode(around.cars.astype(np.float32)),
        "people": encode(around.people.astype(np.float32)),
    }


def pack_mesh(mesh: Mesh) -> dict[str, Any]:
    """Return one mesh for the viewer."""
    wide = len(mesh.points) > np.iinfo(np.uint16).max
    packed = {
        "points": encode(mesh.points.astype(np.float32)),
        "triangles": encode(mesh.triangles.astype(np.uint32 if wide else np.uint16)),
        "wide": wide,
        "count": int(mesh.triangles.size),
    }
    if mesh.rises is not None:
        centimetres = np.clip(np.round(mesh.rises * 100.0), 0, np.iinfo(np.uint16).max)
        packed["rises"] = encode(centimetres.astype(np.uint16))
    return packed


def pack_camera(camera: Camera) -> dict[str, Any]:
    """Return one viewpoint for the viewer."""
    return {
        "target": [round(float(part), 2) for part in camera.target],
        "distance": round(camera.distance, 2),
        "azimuth": camera.azimuth,
        "elevation": camera.elevation,
        "viewAngle": camera.view_angle,
    }


def pack_sun(sun: Sunlight) -> dict[str, Any]:
    """Return the course of the sun for the viewer."""
    return {
        "latitude": round(sun.latitude, 4),
        "longitude": round(sun.longitude, 4),
        "first": sun.first.isoformat(),
        "declination": np.round(sun.declination, 3).tolist(),
        "equation": np.round(sun.equation, 2).tolist(),
        "offset": sun.offset.tolist(),
    }


def pack_names(names: Names) -> dict[str, Any]:
    """Return the names on the ground for the viewer."""
    return {
        "texts": names.texts,
        "kinds": names.kinds,
        "points": encode(names.points.astype(np.float32)),
        "sizes": encode(names.sizes.astype(np.float32)),
    }


def pack_addresses(addresses: Addresses) -> dict[str, Any]:
    """Return the addresses for the viewer; to the nearest metre, which is all that a search needs."""
    return {
        "labels": "\n".join(label.replace("\n", " ") for label in addresses.labels),
        "points": encode(np.round(addresses.points).astype(np.int16 if _short(addresses.points) else np.int32)),
        "wide": not _short(addresses.points),
    }


def pack_stop(stop: Stop, layers: list[AssetLayer]) -> dict[str, Any]:
    """Return one stop of the tour for the viewer; `row` is that of the layer's scenarios, 0 being before."""
    scenarios = layers[stop.layer].scenarios if layers else ()
    row = scenarios.index(stop.scenario) if stop.scenario in scenarios else 0
    return {
        **pack_camera(stop.camera),
        "title": stop.title,
        "text": stop.text,
        "figure": stop.figure,
        "figureLabel": stop.figure_label,
        "note": stop.note,
        "layer": stop.layer,
        "indicator": stop.indicator,
        "row": row,
        "change": stop.change and row > 0,
        "hour": stop.hour,
    }


def pack_remarks(remarks: Counts | None, scene: Scene) -> dict[str, Any]:
    """Return what residents said for the viewer: counts, votes by variant, and the remarks that have a place."""
    if remarks is None:
        return {"counts": [], "votes": [], "entries": [], "note": ""}
    placed = [item for item in remarks.entries if item.remark.placed]
    plane = scene.frame.to_local(np.array([(item.remark.x, item.remark.y) for item in placed]).reshape(-1, 2))
    solid = np.column_stack([plane, scene.ground.altitude(plane)])
    return {
        "counts": [{"label": label, "count": count} for label, count in remarks.kinds],
        "votes": [
            {
                "label": item.label,
                "for": item.for_,
                "against": item.against,
                "unsure": item.unsure,
                "answers": item.answers,
            }
            for item in remarks.votes
        ],
        "entries": [
            {
                **dict(zip("xyz", [round(float(part), 2) for part in point], strict=True)),
                "kind": item.kind,
                "kindLabel": item.kind_label,
                "text": item.text,
                "variant": item.variant,
            }
            for item, point in zip(placed, solid, strict=True)
        ],
        "note": remarks.reserve(),
    }


def pack_assets(layer: AssetLayer, captions: Captions) -> dict[str, Any]:
    """Return one layer of assets for the viewer."""
    packed: dict[str, Any] = {
        "label": local(layer.appearance.label or layer.appearance.layer),
        "network": layer.network,
        "layer": layer.appearance.layer,
        "geometry": layer.appearance.geometry,
        "underground": layer.appearance.underground,
        "marker": marker_size(len(layer.ids)),
        "ids": layer.ids.tolist(),
        "feet": encode(layer.feet.astype(np.float32)),
        "heads": encode(layer.heads.astype(np.float32)),
        "present": encode(layer.present.astype(np.uint8)),
        "scenarios": [
            {"name": layer.scenarios[0], "label": captions.before(), "short": _("Before"), "changes": True},
            *(
                {
                    "name": name,
                    "label": captions.after(name),
                    "short": captions.variant(name),
                    "changes": name in layer.changing,
                }
                for name in layer.variants
            ),
        ],
        "indicators": [_pack_indicator(layer, indicator) for indicator in layer.indicators],
        "spells": [
            {"label": local(kind.label), "sign": kind.sign, "rows": list(map(_pack_spells, layer.spells[kind.label]))}
            for kind in layer.appearance.spells
        ],
    }
    if layer.lamplight is not None:
        packed["light"] = _pack_light(layer.lamplight)
    if layer.journeys and layer.appearance.moves is not None:
        packed["moves"] = {
            "label": local(layer.appearance.moves.label),
            "rows": [_pack_journeys(layer.journeys.get(name)) for name in layer.scenarios],
        }
    if layer.appearance.geometry == "line":
        packed["ribbon"] = pack_mesh(layer.ribbon)
        packed["ribbonOwner"] = encode(layer.ribbon_owner.astype(np.uint32))
    return packed


def pack_scale(scale: Scale, indicator: Indicator) -> dict[str, Any]:
    """Return one legend for the viewer."""
    return {
        "title": legend_title(indicator, scale),
        "low": scale.low,
        "high": scale.high,
        "ticks": scale.ticks,
        "least": scale.least,
        "digits": scale.digits,
        "labels": scale.tick_labels(),
        "night": encode(palette(scale.palette)),
        "day": encode(palette(scale.palette, day=True)),
    }


def gradient(scale: Scale, *, day: bool = False) -> str:
    """Return a palette as a CSS background."""
    colours = palette(scale.palette, day=day)[np.linspace(0, 255, 17).astype(int)]
    return f"linear-gradient(to right, {', '.join(f'rgb({r},{g},{b})' for r, g, b in colours.tolist())})"


def script_json(data: dict[str, Any]) -> Markup:
    """Return JSON that is safe inside a script element."""
    text = json.dumps(everywhere(data, visible), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c"))  # noqa: S704 - escaped on this very line


def encode(array: NDArray[Any]) -> str:
    """Return an array's little-endian bytes in base64."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return b64encode(np.ascontiguousarray(little).tobytes()).decode("ascii")


def page_language() -> dict[str, Any]:
    """Return the language of the page and how the viewer shows what has no figure."""
    return {"lang": current_language(), "missing": {"night": MISSING, "day": MISSING_BY_DAY}}


def _pack_indicator(layer: AssetLayer, indicator: Indicator) -> dict[str, Any]:
    packed = {
        "name": indicator.name,
        "label": local(indicator.label),
        "unit": unit_label(indicator.unit),
        "onlyKnown": indicator.only_known,
        "values": encode(layer.values[indicator.name].astype(np.float32)),
        "scale": pack_scale(layer.scale(indicator), indicator),
    }
    if indicator.hourly is not None and indicator.name in layer.hourly:
        packed["hourly"] = {
            "label": local(indicator.hourly.label),
            **_pack_hours(layer.hourly[indicator.name]),
        }
    if layer.variants:
        packed["change"] = pack_scale(layer.difference_scale(indicator), indicator)
    return packed


def _pack_hours(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return figures hour by hour in steps of a sixty-thousandth of the largest, two bytes each; 65,535 is unknown."""
    unknown = np.iinfo(np.uint16).max
    step = float(np.nanmax(values, initial=0.0)) / (unknown - 1) or 1.0
    steps = np.where(np.isfinite(values), np.round(values / step), unknown)
    return {"step": step, "values": encode(np.clip(steps, 0, unknown).astype(np.uint16))}


def _pack_light(light: Lamplight) -> dict[str, Any]:
    return {
        "flux": encode(light.flux.astype(np.float32)),
        "colours": encode(light_colour(light.temperature.ravel())),
        "courses": encode(light.courses.astype(np.float32)),
        "course": encode(light.course.astype(np.uint16)),
    }


def _pack_spells(spells: Spells) -> dict[str, str]:
    end = np.where(np.isfinite(spells.end), spells.end, 1e6)
    return {
        "asset": encode(spells.asset.astype(np.uint32)),
        "begin": encode(spells.begin.astype(np.float32)),
        "end": encode(end.astype(np.float32)),
    }


def _pack_journeys(journeys: Journeys | None) -> dict[str, str] | None:
    if journeys is None:
        return None
    return {
        "begin": encode(journeys.begin.astype(np.float32)),
        "end": encode(journeys.end.astype(np.float32)),
        "points": encode(journeys.points.astype(np.float32)),
        "starts": encode(journeys.starts.astype(np.uint32)),
    }


def _short(points: NDArray[np.float64]) -> bool:
    return bool(np.abs(points).max(initial=0.0) < np.iinfo(np.int16).max)
