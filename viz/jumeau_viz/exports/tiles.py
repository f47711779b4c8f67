"""OGC 3D Tiles 1.1: the town in some tiles, each building with its id, and one tileset per layer of assets.

Tilesets are small JSON files written by hand: VTK's writer fails on EPSG:2154 without a word and drops attributes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError
from jumeau.files import check_writable, write_text
from jumeau.i18n import _, local
from jumeau.redaction import everywhere, visible
from jumeau.results.model import asset_table
from jumeau_viz.assets import AssetLayer
from jumeau_viz.captions import with_unit
from jumeau_viz.exports.features import Column, Features, add_features, building_features
from jumeau_viz.exports.geodesy import Placement
from jumeau_viz.exports.glb import Glb
from jumeau_viz.exports.markers import markers
from jumeau_viz.exports.scene_glb import WHITE, legend, shown
from jumeau_viz.frame import Floats
from jumeau_viz.meshes import Indices, Mesh
from jumeau_viz.open_run import OpenRun
from jumeau_viz.palettes import NIGHT
from jumeau_viz.scene import building_heights, local_shapes

#: Buildings of one tile: some hundred kilobytes.
MOST_BUILDINGS = 1000
#: What is not seen of a town without its buildings [m]; viewers fetch them where that is more than some pixels.
WITHOUT_BUILDINGS = 100.0
FLAT = ("ground", "water", "green", "paths", "streets")


def write_tiles(run: OpenRun, folder: Path) -> list[Path]:
    """Write the tilesets of a run, in the current language.

    Parameters
    ----------
    run : OpenRun
    folder : Path

    Returns
    -------
    list of Path
        `tileset.json`, the town, and one `<layer>__<situation>.json` per layer of assets and situation; contents are
        written before the tilesets that name them.

    Raises
    ------
    InputError
        When the territory's system is not known, or the system refuses to write.
    """
    if not run.scene.frame.crs:
        raise InputError(_("the territory has no coordinate system: it cannot be placed on the Earth"), file=run.assets)
    check_writable(folder)
    place = Placement.of(run.scene.frame)
    written = [_town(run, place, folder)]
    for layer in run.layers:
        if layer.appearance.pictures:
            changed = layer.of_changed()
            written += [
                _assets(run, changed, row, place, folder)
                for row in range(len(changed.scenarios))
                if shown(changed, row).any()
            ]
    return written


def _town(run: OpenRun, place: Placement, folder: Path) -> Path:
    """Write the ground with all that lies on it as the root's content, buildings as tiles under it."""
    meshes = run.scene.meshes
    ground = Glb(_extras(run))
    drawn = {name: meshes[name] for name in FLAT if name in meshes}
    flat = {name: Mesh(place.about_middle(mesh.points), mesh.triangles) for name, mesh in drawn.items()}
    nodes = [ground.plain(name, mesh, ground.material(name, NIGHT[name])) for name, mesh in flat.items()]
    ground.scene("town", nodes)
    ground.write(folder / "ground.glb")
    root: dict[str, Any] = {
        "boundingVolume": box(np.concatenate([mesh.points for mesh in flat.values()])),
        "geometricError": WITHOUT_BUILDINGS,
        "refine": "ADD",
        "content": {"uri": "ground.glb"},
    }
    children = [_building_tile(run, chosen, number, place, folder) for number, chosen in enumerate(_quarters(run), 1)]
    if children:
        root["children"] = children
        root["boundingVolume"] = around([root, *children])
    return _tileset(run, root, place, folder / "tileset.json")


def _building_tile(run: OpenRun, chosen: Indices, number: int, place: Placement, folder: Path) -> dict[str, Any]:
    buildings = run.territory.layers["buildings"].iloc[chosen]
    heights = building_heights(buildings)
    features = building_features(local_shapes(buildings, run.scene.frame), heights, run.scene.ground, place)
    glb = Glb(_extras(run))
    names = buildings["building_id"].astype(str) if "building_id" in buildings else buildings.index.astype(str)
    columns = [
        Column("id", _("Identifier of the building"), np.asarray(names, dtype=object)),
        Column("height", _("Height drawn") + " [m]", heights),
    ]
    material = glb.material("buildings", WHITE)
    node = add_features(glb, "buildings", features, columns, material)
    glb.scene("buildings", [node])
    name = f"buildings_{number}.glb"
    glb.write(folder / name)
    return {"boundingVolume": box(features.points), "geometricError": 0, "content": {"uri": name}}


def _quarters(run: OpenRun) -> Iterator[Indices]:
    """Part the buildings by halves, along the longer side, until each part fits in a tile."""
    buildings = run.territory.layers.get("buildings")
    if buildings is None or "walls" not in run.scene.meshes:
        return
    middles = buildings.geometry.centroid
    places = np.column_stack([middles.x, middles.y])
    known = np.flatnonzero(np.isfinite(places).all(axis=1))
    waiting: list[Indices] = [known] if len(known) else []
    while waiting:
        part = waiting.pop()
        if len(part) <= MOST_BUILDINGS:
            yield part
            continue
        side = int(np.argmax(np.ptp(places[part], axis=0)))
        order = part[np.argsort(places[part, side], kind="stable")]
        waiting += [order[len(order) // 2 :], order[: len(order) // 2]]


def _assets(run: OpenRun, layer: AssetLayer, row: int, place: Placement, folder: Path) -> Path:
    """Write one layer in one situation: each asset with its id and its figures, coloured by the first of them."""
    table = asset_table(layer.network, layer.appearance.layer, layer.scenarios[row])
    chosen = np.flatnonzero(shown(layer, row))
    shapes = markers(layer)
    triangles = shapes.triangles(shown(layer, row))
    indicator = layer.indicators[0]
    scale = layer.scale(indicator)
    colours = scale.colours(layer.values[indicator.name][row])
    features = _of_assets(place, shapes.mesh.points, triangles, shapes.owner, chosen, colours)
    glb = Glb({**_extras(run), **legend(indicator, scale)})
    columns = [
        Column("id", local(layer.appearance.label or layer.appearance.layer), layer.ids[chosen].astype(object)),
        *(Column(item.name, with_unit(item), layer.values[item.name][row][chosen]) for item in layer.indicators),
    ]
    node = add_features(glb, table, features, columns, glb.material("assets", WHITE, unlit=True))
    glb.scene(table, [node])
    glb.write(folder / f"{table}.glb")
    root = {
        "boundingVolume": box(features.points),
        "geometricError": 0,
        "refine": "ADD",
        "content": {"uri": f"{table}.glb"},
    }
    return _tileset(run, root, place, folder / f"{table}.json")


def _of_assets(
    place: Placement,
    points: Floats,
    triangles: NDArray[np.int32],
    owner: Indices,
    chosen: Indices,
    colours: NDArray[np.uint8],
) -> Features:
    """Return the triangles of some assets on vertices of their own, numbered as they are chosen."""
    used, renumbered = np.unique(triangles, return_inverse=True)
    number = np.full(int(owner.max(initial=-1)) + 1, -1)
    number[chosen] = np.arange(len(chosen))
    return Features(
        points=place.about_middle(points[used]),
        triangles=renumbered.reshape(-1, 3).astype(np.int32),
        owner=number[owner[used]],
        count=len(chosen),
        colours=colours[owner[used]],
    )


def box(points: Floats) -> dict[str, list[float]]:
    """Return a bounding box: its middle and half its sides, to the outer centimetre (float32 rounds)."""
    low, high = np.floor(points.min(axis=0) * 100) / 100, np.ceil(points.max(axis=0) * 100) / 100
    middle, half = (low + high) / 2, np.maximum((high - low) / 2, 0.01)
    return {"box": [*middle.tolist(), half[0], 0.0, 0.0, 0.0, half[1], 0.0, 0.0, 0.0, half[2]]}


def around(tiles: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Return the box around the boxes of tiles."""
    boxes = np.array([tile["boundingVolume"]["box"] for tile in tiles])
    middles, halves = boxes[:, :3], boxes[:, [3, 7, 11]]
    return box(np.concatenate([middles - halves, middles + halves]))


def _tileset(run: OpenRun, root: dict[str, Any], place: Placement, path: Path) -> Path:
    document = {
        "asset": {"version": "1.1", "extras": _extras(run)},
        "geometricError": 2 * WITHOUT_BUILDINGS,
        "root": {"transform": place.transform, **root},
    }
    text = json.dumps(everywhere(document, visible), ensure_ascii=False, indent=1, allow_nan=False)
    return write_text(path, text + "\n")


def _extras(run: OpenRun) -> dict[str, Any]:
    return {
        **run.scene.frame.as_metadata(),
        "heights": "altitudes of the territory, taken for heights above the ellipsoid",
        "title": run.captions.heading(),
        "notes": " ".join(run.captions.notes()),
    }
