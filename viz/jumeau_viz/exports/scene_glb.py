"""The scene of a run as one glTF file: the town, and the assets of each situation as nodes of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.i18n import _
from jumeau.results.model import asset_table
from jumeau_viz.appearance import Indicator
from jumeau_viz.assets import AssetLayer
from jumeau_viz.captions import BASELINE, Captions, with_unit
from jumeau_viz.exports.glb import Glb
from jumeau_viz.exports.markers import markers
from jumeau_viz.open_run import OpenRun
from jumeau_viz.palettes import NIGHT, Scale
from jumeau_viz.scene import Scene

WHITE = (255, 255, 255)


def write_gltf(run: OpenRun, path: Path) -> Path:
    """Write the scene of a run as a binary glTF file, in the current language.

    Parameters
    ----------
    run : OpenRun
    path : Path
        `.glb` to write.

    Returns
    -------
    Path
    """
    return scene_glb(run.scene, run.layers, run.captions).write(path)


def scene_glb(scene: Scene, layers: Sequence[AssetLayer], captions: Captions) -> Glb:
    """Return the scene as glTF: one scene per network and situation, the same town in all, the first one shown.

    Networks lie along the same streets: in one scene their ribbons would hide each other.

    Coordinates are those of the local frame; `asset.extras` has its origin in the projected system.
    """
    glb = Glb({**scene.frame.as_metadata(), "title": captions.heading(), "notes": " ".join(captions.notes())})
    meshes = {name: mesh for name, mesh in scene.meshes.items() if len(mesh.points)}
    town = [glb.plain(name, mesh, glb.material(name, NIGHT[name])) for name, mesh in meshes.items()]
    material = glb.material("assets", WHITE, unlit=True)
    drawn = [layer.of_changed() for layer in layers if layer.appearance.pictures]
    for network in dict.fromkeys(layer.network for layer in drawn):
        own = [layer for layer in drawn if layer.network == network]
        nodes = [asset_nodes(glb, layer, material) for layer in own]
        for situation in (BASELINE, *dict.fromkeys(name for layer in own for name in layer.variants)):
            # What a variant leaves as it is stands there as in the baseline.
            shown_now = [found.get(situation, found.get(BASELINE)) for found in nodes]
            title = captions.before() if situation == BASELINE else captions.after(situation)
            name = _("{layer}: {indicator}").format(layer=captions.network(network), indicator=title)
            glb.scene(name, [*town, *(node for node in shown_now if node is not None)])
    return glb


def asset_nodes(glb: Glb, layer: AssetLayer, material: int) -> dict[str, int]:
    """Add one node per situation, coloured by the first indicator; return their numbers by situation."""
    shapes = markers(layer)
    if not len(shapes.mesh.points):
        return {}
    indicator = layer.indicators[0]
    scale = layer.scale(indicator)
    positions = glb.positions(shapes.mesh.points)
    found = {}
    for row, situation in enumerate(layer.scenarios):
        triangles = shapes.triangles(shown(layer, row))
        if not len(triangles):
            continue
        colours = scale.colours(layer.values[indicator.name][row])[shapes.owner]
        primitive = {
            "attributes": {"POSITION": positions, "COLOR_0": glb.colours(colours)},
            "indices": glb.indices(triangles, len(shapes.mesh.points)),
            "material": material,
        }
        name = asset_table(layer.network, layer.appearance.layer, situation)
        found[situation] = glb.node(name, glb.mesh(name, primitive), legend(indicator, scale))
    return found


def shown(layer: AssetLayer, row: int) -> NDArray[np.bool_]:
    """Return which assets are drawn in a situation (n,)."""
    there: NDArray[np.bool_] = layer.present[row]
    if not layer.appearance.hide_unknown:
        return there
    known = np.isfinite(np.vstack([values[row] for values in layer.values.values()])).any(axis=0)
    return np.asarray(there & known)


def legend(indicator: Indicator, scale: Scale) -> Mapping[str, Any]:
    """Return what colours mean: the page's legend, as steps."""
    return {
        "indicator": indicator.name,
        "label": with_unit(indicator),
        "legend": [
            {"label": band.label, "colour": "#" + "".join(f"{part:02x}" for part in band.colour)}
            for band in scale.bands()
        ],
    }
