"""glTF and 3D Tiles, read back by their specifications."""

from __future__ import annotations

import json

import numpy as np
import pyproj
import pytest
import shapely
import small_town
from glb_reader import GlbFile
from jumeau_viz.exports import write_gltf, write_tiles
from jumeau_viz.exports.glb import linear
from jumeau_viz.open_run import open_run

from jumeau.errors import InputError
from jumeau.i18n import language


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    small_town.write_run(folder, blocks=18)
    fewer = small_town.lamps(18, variant=True).iloc[4:]
    fewer.to_file(folder / "assets.gpkg", layer="lighting_lamps__led", driver="GPKG")
    return open_run(folder)


@pytest.fixture(scope="module")
def town(run, tmp_path_factory):
    return GlbFile(write_gltf(run, tmp_path_factory.mktemp("glb") / "town.glb"))


@pytest.fixture(scope="module")
def tiles(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiles")
    write_tiles(run, folder)
    return folder


def tilesets(folder):
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def to_earth(tileset, points):
    matrix = np.array(tileset["root"]["transform"]).reshape(4, 4).T
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def to_lambert(earth):
    back = pyproj.Transformer.from_crs("EPSG:4978", pyproj.CRS("EPSG:2154").to_3d(), always_xy=True)
    return np.column_stack(back.transform(*earth.T))


def test_the_file_holds_the_meshes_of_the_scene(run, town):
    for name, mesh in run.scene.meshes.items():
        assert len(town.triangles(name)) == len(mesh.triangles)
        assert np.abs(town.points(name) - mesh.points).max() < 1e-3
        assert (town.triangles(name) == mesh.triangles).all()


def test_the_origin_brings_points_back(run, town):
    extras = town.json["asset"]["extras"]
    assert extras["crs"] == small_town.CRS
    assert all(isinstance(extras[f"origin_{axis}"], int) for axis in "xyz")
    assert "Simulation, et non mesure" in extras["notes"]
    world = np.vstack([town.points("roofs"), town.points("slopes")])[:, :2] + [extras["origin_x"], extras["origin_y"]]
    corners = shapely.get_coordinates(run.territory.layers["buildings"].geometry)
    nearest = shapely.STRtree(shapely.points(world)).query_nearest(shapely.points(corners), return_distance=True)[1]
    assert nearest.max() < 1e-3


def test_each_situation_is_a_scene_with_its_assets_in_the_page_s_colours(run, town):
    layer = run.layers[0]
    names = [scene["name"] for scene in town.json["scenes"]]
    assert [name.split("\N{NO-BREAK SPACE}:")[:2] for name in names] == [
        ["Éclairage public", " Avant"],
        ["Éclairage public", " Après"],
    ]
    nodes = [{town.json["nodes"][number]["name"] for number in scene["nodes"]} for scene in town.json["scenes"]]
    assert nodes[0] - nodes[1] == {"lighting_lamps__baseline"}
    assert nodes[1] - nodes[0] == {"lighting_lamps__led"}
    lamps = {name: len(town.triangles(f"lighting_lamps__{name}")) for name in layer.scenarios}
    assert lamps["baseline"] == 14 * len(layer.ids)  # a head of eight triangles, a pole of six
    assert lamps["led"] == 14 * (len(layer.ids) - 4)
    colours = town.attribute("lighting_lamps__baseline", "COLOR_0")
    indicator = layer.indicators[0]
    expected = linear(layer.scale(indicator).colours(layer.values[indicator.name][0])) * 255
    assert np.abs(colours[: 6 * len(layer.ids) : 6, :3] - expected).max() <= 0.5


def test_buildings_come_back_from_the_earth_to_their_lambert_93_corners(run, tiles):
    tileset = tilesets(tiles)["tileset"]
    buildings = run.territory.layers["buildings"].set_index("building_id")
    seen = []
    for child in tileset["root"]["children"]:
        glb = GlbFile(tiles / child["content"]["uri"])
        world = to_lambert(to_earth(tileset, glb.points("buildings")))
        owner = glb.attribute("buildings", "_FEATURE_ID_0").astype(int)
        ids = glb.column("id")
        for number, name in enumerate(ids):
            corners = shapely.get_coordinates(buildings.geometry[name])[:-1]
            own = world[owner == number]
            eaves = run.scene.ground.altitude(run.scene.frame.to_local(corners)).mean() + run.scene.frame.z
            walls = own[own[:, 2] < eaves + buildings.height[name] + 0.01]
            gaps = np.linalg.norm(walls[:, None, :2] - corners[None], axis=2)
            assert gaps.min(axis=1).max() < 0.01  # each vertex stands on a corner of its own building
            assert gaps.min(axis=0).max() < 0.01
            assert walls[:, 2].max() - eaves == pytest.approx(buildings.height[name], abs=0.01)
            # The ridge of a house of 22 m by 18 m: 9 m x tan 38 degrees would be 7 m, and 4.5 m is the most.
            ridge = 4.5 if buildings.height[name] <= 14 else 0.0
            assert own[:, 2].max() - eaves == pytest.approx(buildings.height[name] + ridge, abs=0.01)
        assert glb.column("height").tolist() == pytest.approx(buildings.height[ids].tolist())
        seen += ids
    assert len(tileset["root"]["children"]) == 2
    assert sorted(seen) == sorted(buildings.index)


def test_a_large_town_bends_with_the_earth(run):
    """A plane of Lambert-93 ten kilometres wide would be 2 m above the ellipsoid at its rim, and metres too long."""
    from jumeau_viz.exports.geodesy import Placement

    place = Placement.of(run.scene.frame)
    rim = np.array([[5000.0, 0.0, 0.0], [0.0, -5000.0, 12.0], [-5000.0, 5000.0, 0.0]])
    about = place.about_middle(rim)
    assert about[0, 2] == pytest.approx(-(5000.0**2) / 2 / 6.38e6, rel=0.02)
    root = {"root": {"transform": place.transform}}
    back = to_lambert(to_earth(root, about.astype(np.float32).astype(np.float64)))
    assert np.abs(back - run.scene.frame.to_world(rim)).max() < 2e-3


def test_tiles_lie_in_their_boxes_and_boxes_in_their_parents(tiles):
    def inside(points, volume):
        middle, half = np.array(volume["box"][:3]), np.array(volume["box"])[[3, 7, 11]]
        return bool((np.abs(points - middle) <= half + 1e-9).all())

    for tileset in tilesets(tiles).values():
        assert tileset["asset"]["version"] == "1.1"
        assert tileset["geometricError"] >= tileset["root"]["geometricError"]
        waiting = [tileset["root"]]
        while waiting:
            tile = waiting.pop()
            glb = GlbFile(tiles / tile["content"]["uri"])
            for node in glb.json["nodes"]:
                points = glb.points(node["name"])
                assert inside(points, tile["boundingVolume"])
                assert inside(points, tileset["root"]["boundingVolume"])
            for child in tile.get("children", []):
                assert child["geometricError"] <= tile["geometricError"]
                waiting.append(child)


def test_assets_have_their_ids_and_figures(run, tiles):
    layer = run.layers[0]
    for row, name in enumerate(layer.scenarios):
        glb = GlbFile(tiles / f"lighting_lamps__{name}.glb")
        there = layer.present[row]
        assert glb.column("id") == layer.ids[there].tolist()
        assert glb.column("energy") == pytest.approx(layer.values["energy"][row][there], rel=1e-6)
        owner = glb.attribute(f"lighting_lamps__{name}", "_FEATURE_ID_0")
        assert set(owner.astype(int)) == set(range(int(there.sum())))
    said = glb.json["extensions"]["EXT_structural_metadata"]["schema"]["classes"]["feature"]["properties"]
    assert said["energy"]["name"] == "Électricité [kWh]"


def test_files_are_the_same_bytes_again(run, tiles, tmp_path):
    write_tiles(run, tmp_path)
    for path in tiles.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()


def test_a_territory_that_is_nowhere_is_refused(run, tmp_path):
    from dataclasses import replace

    lost = replace(run, scene=replace(run.scene, frame=replace(run.scene.frame, crs="")))
    with language("en"), pytest.raises(InputError, match="coordinate system"):
        write_tiles(lost, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_town_without_buildings_is_one_tile(tmp_path):
    small_town.write_run(tmp_path)
    found = open_run(tmp_path)
    layers = {name: layer for name, layer in found.territory.layers.items() if name in ("streets", "relief")}
    from dataclasses import replace

    from jumeau_viz.scene import build_scene

    bare = replace(
        found, territory=replace(found.territory, layers=layers), scene=build_scene(layers, (small_town.lamps(4),))
    )
    write_tiles(bare, tmp_path / "tiles")
    root = tilesets(tmp_path / "tiles")["tileset"]["root"]
    assert "children" not in root
