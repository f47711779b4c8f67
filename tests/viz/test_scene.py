"""Frame, ground and meshes, against lengths, areas and volumes that can be computed by hand."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pytest
import shapely
import small_town
from jumeau_viz.frame import LocalFrame
from jumeau_viz.ground import Ground
from jumeau_viz.meshes import Mesh, triangulate
from jumeau_viz.roofs import Pitched
from jumeau_viz.scene import build_scene, building_heights, drape, extrude

from jumeau.errors import InputError


def volume(mesh):
    """Signed volume under triangles, by the divergence theorem."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def level(reach=1000.0):
    return Ground.level((-reach, -reach, reach, reach))


def test_local_float32_is_within_a_millimetre_where_lambert_93_is_not(layers):
    frame = LocalFrame.around([layers["streets"]])
    corner = np.array([[small_town.WEST + 0.123, small_town.SOUTH + 6_000.456]])
    drawn = frame.to_local(corner).astype(np.float32)
    assert isinstance(frame.x, int)
    assert np.abs(frame.to_world(drawn) - corner).max() < 1e-3
    assert np.abs(corner.astype(np.float32) - corner).max() > 0.01
    assert frame.as_metadata()["crs"] == "EPSG:2154"


def test_buildings_have_walls_and_roofs_of_their_footprints(layers, scene):
    count, buildings = len(layers["buildings"]), layers["buildings"]
    pitched = (buildings["height"] <= 14).sum()
    assert 0 < pitched < count
    assert len(scene.meshes["roofs"].triangles) == 2 * (count - pitched)
    assert len(scene.meshes["slopes"].triangles) == 4 * pitched
    assert len(scene.meshes["walls"].triangles) == 8 * count + 2 * pitched
    assert scene.meshes["roofs"].area == pytest.approx(buildings.area[buildings["height"] > 14].sum(), rel=1e-6)


def test_pitched_roofs_hold_the_volume_of_a_prism():
    """Width 10, length 20: the ridge lies 10 / 2 * tan 38 degrees above the eaves."""
    house = np.array([shapely.box(0, 0, 20, 10)], dtype=object)
    meshes = extrude(house, np.array([6.0]), level())
    floor = Mesh.from_corners(np.dstack([triangulate(house)[0][:, ::-1], np.full((2, 3), -1.0)]))
    ridge = 5 * np.tan(np.radians(38))
    expected = 20 * 10 * (6.0 + 1.0) + 20 * 10 * ridge / 2
    assert volume(Mesh.merged([meshes["walls"], meshes["slopes"], floor])) == pytest.approx(expected, rel=1e-4)
    assert meshes["slopes"].points[:, 2].max() == pytest.approx(6.0 + ridge, abs=1e-3)


def test_only_small_rectangles_get_pitched_roofs():
    shapes = [
        shapely.box(0, 0, 12, 8),
        shapely.box(0, 0, 40, 30),
        shapely.Point(0, 0).buffer(6),
        shapely.box(0, 0, 9, 9),
    ]
    corner = shapely.union(shapely.box(0, 0, 12, 4), shapely.box(0, 0, 4, 12))
    polygons = np.array([*shapes, corner], dtype=object)
    chosen = Pitched.among(polygons, np.array([6.0, 6.0, 6.0, 20.0, 6.0])).chosen
    assert chosen.tolist() == [True, False, False, False, False]


def test_walls_know_their_height_above_the_foot(scene, layers):
    rises = scene.meshes["walls"].rises
    assert rises.min() == 0.0
    # On a slope a wall stands as much higher as its foot lies below the mean ground.
    assert layers["buildings"]["height"].max() <= rises.max() < layers["buildings"]["height"].max() + 5


def test_extruded_volume_is_area_times_height():
    footprint = shapely.box(0, 0, 20, 10).difference(shapely.box(5, 2, 9, 6))
    meshes = extrude(np.array([footprint], dtype=object), np.array([7.0]), level())
    walls, roofs = meshes["walls"], meshes["roofs"]
    floor = Mesh.from_corners(
        np.dstack([triangulate(np.array([footprint]))[0][:, ::-1], np.full((roofs.triangles.shape[0], 3), -1.0)])
    )
    assert volume(Mesh.merged([walls, roofs, floor])) == pytest.approx(footprint.area * (7.0 + 1.0), rel=1e-9)


def test_missing_heights_come_from_storeys_then_from_the_usual_one():
    town = gpd.GeoDataFrame(
        {"height": [np.nan, 9.0, np.nan], "storeys": [4, 2, None]}, geometry=[shapely.box(0, 0, 1, 1)] * 3
    )
    assert building_heights(town).tolist() == [12.0, 9.0, 6.0]


def test_ground_is_exact_on_a_plane_and_drawn_as_it_is_looked_up(layers, scene):
    frame = LocalFrame(0, 0)
    nodes = np.array([(x, y) for x in range(0, 200, 50) for y in range(0, 150, 50)], dtype=float)
    relief = gpd.GeoDataFrame({"z": 3 + 0.1 * nodes[:, 0] - 0.2 * nodes[:, 1]}, geometry=shapely.points(nodes))
    ground = Ground.from_relief(relief, frame)
    inside = np.random.default_rng(3).uniform([0, 0], [150, 100], (200, 2))
    assert ground.altitude(inside) == pytest.approx(3 + 0.1 * inside[:, 0] - 0.2 * inside[:, 1], abs=1e-9)
    mesh = scene.ground.mesh()
    middles = mesh.points[mesh.triangles].mean(axis=1)
    assert scene.ground.altitude(middles[:, :2]) == pytest.approx(middles[:, 2], abs=1e-9)


def test_ground_fills_a_hole_and_refuses_scattered_points():
    nodes = np.array([(x, y) for x in range(0, 200, 50) for y in range(0, 200, 50)], dtype=float)
    relief = gpd.GeoDataFrame({"z": np.full(len(nodes), 5.0)}, geometry=shapely.points(nodes))
    assert Ground.from_relief(relief.drop(index=5), LocalFrame(0, 0)).z[1, 1] == 5.0
    scattered = np.random.default_rng(4).uniform(0, 500, (40, 2))
    with pytest.raises(InputError, match="relief"):
        Ground.from_relief(gpd.GeoDataFrame({"z": np.zeros(40)}, geometry=shapely.points(scattered)), LocalFrame(0, 0))


def test_draped_streets_lie_on_the_ground_between_their_corners_too(scene):
    for name, lift in (("streets", 0.5), ("green", 0.2)):
        mesh = scene.meshes[name]
        middles = mesh.points[mesh.triangles].mean(axis=1)
        assert middles[:, 2] - scene.ground.altitude(middles[:, :2]) == pytest.approx(lift, abs=2e-3)


def test_draped_area_on_level_ground_is_the_polygon_s():
    park = np.array([shapely.Point(0, 0).buffer(80)], dtype=object)
    assert drape(park, level(), 0.2).area == pytest.approx(park[0].area, rel=1e-5)


def test_a_territory_without_buildings_relief_or_water_still_gives_a_scene():
    scene = build_scene({"streets": small_town.layers(relief=False)["streets"]}, (small_town.lamps(),))
    assert set(scene.meshes) == {"ground", "streets", "paths"}
    assert scene.ground.flat


def test_3500_buildings_on_relief_take_less_than_two_seconds():
    town = small_town.layers(blocks=30)
    start = time.process_time()
    scene = build_scene(town)
    assert time.process_time() - start < 2.0
    assert 2 * len(scene.meshes["roofs"].triangles) + len(scene.meshes["slopes"].triangles) == 4 * len(
        town["buildings"]
    )


def test_trees_stand_on_green_and_nothing_stands_in_a_building(scene, layers):
    around = scene.surroundings
    park = layers["green"].geometry.iloc[0]
    for places in (around.trees, around.cars, around.people):
        assert len(places)
        points = shapely.points(scene.frame.to_world(places[:, :2]))
        assert not shapely.STRtree(layers["buildings"].geometry.to_numpy()).query(points, predicate="within").size
    world = scene.frame.to_world(around.trees[:, :2])
    assert shapely.contains_xy(park, world[:, 0], world[:, 1]).all()
    # 45 trees a hectare in a park of 64 m by 64 m.
    assert len(around.trees) == pytest.approx(45 * 0.64 * 0.64, abs=1)
    assert around.trees[:, 2] == pytest.approx(scene.ground.altitude(around.trees[:, :2]))
    again = build_scene(layers).surroundings
    assert (again.cars == around.cars).all()
