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
from jumeau_viz.captions import BASELINE, Captions
from jumeau_viz.meshes import Mesh
from jumeau_viz.palettes import MISSING, NIGHT, Scale, palette
from jumeau_viz.pictures import ASPECT, POOL_REACH, legend_title, marker_size
from jumeau_viz.scene import Scene
from jumeau_viz.stops import Stop


def pack_page(
    scene: Scene,
    layers: list[AssetLayer],
    camera: Camera,
    tour: list[Stop],
    captions: Captions,
    remarks: Counts | None = None,
    run: str = "",
) -> dict[str, Any]:
    """Return all that the page's script needs, in the current language.

    Parameters
    ----------
    scene : Scene
    layers : list of AssetLayer
    camera : Camera
        First viewpoint.
    tour : list of Stop
    captions : Captions
    remarks : Counts, optional
        What residents said.
    run : str
        Id of the run, which remarks written in the page carry.
    """
    ground = scene.meshes["ground"].points
    return {
        "lang": current_language(),
        "texts": _texts(),
        "frame": scene.frame.as_metadata(),
        "sky": NIGHT["sky"],
        "pole": NIGHT["poles"],
        "missing": MISSING,
        "aspect": ASPECT,
        "reach": round(float(np.ptp(ground[:, :2], axis=0).max()), 1),
        "poolReach": POOL_REACH,
        "camera": pack_camera(camera),
        "meshes": [{"colour": NIGHT[name], **pack_mesh(mesh)} for name, mesh in scene.meshes.items()],
        "markers": [marker_size(len(layer.ids)) for layer in layers],
        "assets": [pack_assets(layer, captions) for layer in layers],
        "tour": [pack_stop(stop, layers) for stop in tour],
        "run": run,
        "remarks": pack_remarks(remarks, scene),
    }


def pack_mesh(mesh: Mesh) -> dict[str, Any]:
    """Return one mesh for the viewer."""
    wide = len(mesh.points) > np.iinfo(np.uint16).max
    return {
        "points": encode(mesh.points.astype(np.float32)),
        "triangles": encode(mesh.triangles.astype(np.uint32 if wide else np.uint16)),
        "wide": wide,
        "count": int(mesh.triangles.size),
    }


def pack_camera(camera: Camera) -> dict[str, Any]:
    """Return one viewpoint for the viewer."""
    return {
        "target": [round(float(part), 2) for part in camera.target],
        "distance": round(camera.distance, 2),
        "azimuth": camera.azimuth,
        "elevation": camera.elevation,
        "viewAngle": camera.view_angle,
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
        "ids": layer.ids.tolist(),
        "feet": encode(layer.feet.astype(np.float32)),
        "heads": encode(layer.heads.astype(np.float32)),
        "present": encode(layer.present.astype(np.uint8)),
        "scenarios": [
            {"name": BASELINE, "label": captions.before(), "short": _("Before")},
            *(
                {"name": name, "label": captions.after(name), "short": captions.variant(name)}
                for name in layer.variants
            ),
        ],
        "indicators": [_pack_indicator(layer, indicator) for indicator in layer.indicators],
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
        "labels": scale.tick_labels(),
        "colours": encode(palette(scale.palette)),
    }


def gradient(scale: Scale) -> str:
    """Return a palette as a CSS background."""
    colours = palette(scale.palette)[np.linspace(0, 255, 17).astype(int)]
    return f"linear-gradient(to right, {', '.join(f'rgb({r},{g},{b})' for r, g, b in colours.tolist())})"


def script_json(data: dict[str, Any]) -> Markup:
    """Return JSON that is safe inside a script element."""
    text = json.dumps(everywhere(data, visible), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c"))  # noqa: S704 - escaped on this very line


def encode(array: NDArray[Any]) -> str:
    """Return an array's little-endian bytes in base64."""
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return b64encode(np.ascontiguousarray(little).tobytes()).decode("ascii")


def _pack_indicator(layer: AssetLayer, indicator: Indicator) -> dict[str, Any]:
    packed = {
        "label": local(indicator.label),
        "unit": unit_label(indicator.unit),
        "onlyKnown": indicator.only_known,
        "values": encode(layer.values[indicator.name].astype(np.float32)),
        "scale": pack_scale(layer.scale(indicator), indicator),
    }
    if layer.variants:
        packed["change"] = pack_scale(layer.difference_scale(indicator), indicator)
    return packed


def _texts() -> dict[str, str]:
    return {
        "cut": _("{share} % before"),
        "absent": _("absent"),
        "unknown": _("no figure"),
        "value": _("{scenario}: {value}"),
        "nothing": _("Click on an asset, or search for it, to read its figures."),
        "notFound": _("No asset is called {wanted}."),
    }
