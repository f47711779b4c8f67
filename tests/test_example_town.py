"""The bundled town's generator: a sound network, buildings that stand apart, people that add up."""

from hashlib import sha256

import geopandas as gpd
import networkx as nx
import numpy as np
import pyproj
import pytest
import shapely

from donnees_exemple.town_generator import generate_town
from jumeau.territory.graph import DRIVABLE
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory, write_territory

SHARED = {
    "streets": "street_id name road_class oneway from_node to_node lanes speed width geometry",
    "street_nodes": "node_id geometry",
    "buildings": "building_id height storeys use dwellings geometry",
    "addresses": "address_id label street_id building_id dwellings geometry",
    "population": "cell_id residents households jobs geometry",
    "zones": "zone_id name kind geometry",
    "green": "green_id name kind geometry",
    "water": "water_id name kind geometry",
    "relief": "z geometry",
}


@pytest.fixture(scope="module")
def generated():
    return generate_town()


@pytest.fixture(scope="module")
def layers(generated):
    return generated[0]


def digest(layers):
    total = sha256()
    for name in sorted(layers):
        total.update(b"".join(layers[name].geometry.to_wkb()))
        total.update(layers[name].drop(columns="geometry").to_csv().encode())
    return total.hexdigest()


def pairs(left, right, predicate="intersects"):
    found = shapely.STRtree(right).query(left, predicate=predicate)
    return found.T


def test_layers_and_columns_follow_the_shared_model(generated):
    layers, columns = generated
    assert {name: " ".join(layer.columns) for name, layer in layers.items()} == SHARED
    assert all(layer.crs.to_epsg() == 2154 for layer in layers.values())
    described = set(zip(columns["layer"], columns["column"], strict=True))
    assert described == {(name, column) for name, layer in layers.items() for column in layer.columns}
    assert set(columns["origin"]) == {"synthetic"}
    assert columns["source"].str.len().min() > 0
    assert columns["licence"].str.len().min() > 0


def test_sizes_are_those_of_a_town_of_twelve_thousand(layers):
    assert 11_500 <= layers["population"]["residents"].sum() <= 12_500
    assert 700 <= len(layers["streets"]) <= 1_500
    assert 55_000 <= layers["streets"].length.sum() <= 80_000
    assert 3_500 <= len(layers["buildings"]) <= 4_500
    assert 4 <= len(layers["zones"]) <= 6
    assert layers["streets"].length.min() > 5.0


def test_coordinates_are_rounded_to_the_centimetre_and_shapes_are_valid(layers):
    for layer in layers.values():
        xy = shapely.get_coordinates(layer.geometry.to_numpy())
        assert np.abs(xy * 100 - np.round(xy * 100)).max() < 1e-5
        assert layer.geometry.is_valid.all()
        assert not layer.geometry.is_empty.any()


def test_identifiers_are_unique_and_references_hold(layers):
    for name, key in (("streets", "street_id"), ("buildings", "building_id"), ("addresses", "address_id")):
        assert layers[name][key].is_unique
    assert layers["addresses"]["label"].is_unique
    assert set(layers["addresses"]["street_id"]) <= set(layers["streets"]["street_id"])
    assert set(layers["addresses"]["building_id"]) <= set(layers["buildings"]["building_id"])


def test_arcs_end_exactly_at_their_nodes(layers):
    nodes = layers["street_nodes"].set_index("node_id").geometry
    streets = layers["streets"]
    for end, column in ((0, "from_node"), (-1, "to_node")):
        reached = shapely.get_point(streets.geometry.to_numpy(), end)
        assert shapely.equals(reached, nodes.loc[streets[column]].to_numpy()).all()
    assert set(nodes.index) == set(streets["from_node"]) | set(streets["to_node"])


def test_streets_meet_only_at_shared_nodes(layers):
    streets = layers["streets"]
    lines = streets.geometry.to_numpy()
    ends = streets[["from_node", "to_node"]].to_numpy()
    places = layers["street_nodes"].set_index("node_id").geometry
    for i, j in pairs(lines, lines):
        if i < j:
            common = set(ends[i]) & set(ends[j])
            meeting = shapely.intersection(lines[i], lines[j])
            expected = shapely.union_all([places[node] for node in common])
            assert meeting.equals(expected), (streets["street_id"][i], streets["street_id"][j])
    assert all(line.is_simple for line in lines)


def test_every_drivable_place_can_be_left_and_reached(layers):
    streets = layers["streets"]
    network = nx.DiGraph()
    for row in streets[streets["road_class"].isin(DRIVABLE)].itertuples():
        if row.oneway in {"both", "forward"}:
            network.add_edge(row.from_node, row.to_node)
        if row.oneway in {"both", "backward"}:
            network.add_edge(row.to_node, row.from_node)
    assert nx.is_strongly_connected(network)
    assert streets["oneway"].isin(["forward", "backward"]).sum() > 30
    on_foot = streets["road_class"].isin(["pedestrian", "cycleway"])
    assert (streets.loc[on_foot, "oneway"] == "closed").all()


def test_only_the_two_bridges_cross_the_river(layers):
    river = layers["water"].loc[layers["water"]["kind"] == "river"].geometry.union_all()
    over = layers["streets"][layers["streets"].intersects(river)]
    assert set(over["name"]) == {"Pont Vieux", "Pont des Varennes"}
    assert len(over) == 2


def test_buildings_stand_apart_from_each_other_the_roadway_and_water(layers):
    buildings = layers["buildings"].geometry.to_numpy()
    for i, j in pairs(buildings, buildings):
        if i < j:
            assert not shapely.relate_pattern(buildings[i], buildings[j], "T********"), (i, j)
    streets = layers["streets"]
    roadway = streets.geometry.buffer(streets["width"] / 2, cap_style="flat").to_numpy()
    assert len(pairs(buildings, roadway)) == 0
    assert len(pairs(buildings, layers["water"].geometry.to_numpy())) == 0
    greens = layers["green"].geometry.to_numpy()
    assert len(pairs(greens, roadway)) == 0
    assert len(pairs(greens, buildings)) == 0


def test_heights_agree_with_storeys(layers):
    homes = layers["buildings"].query("use in ['residential', 'mixed']")
    per_storey = homes["height"] / homes["storeys"]
    assert per_storey.between(2.4, 4.2).all()
    assert homes["storeys"].max() >= 8
    assert homes["storeys"].between(1, 4).mean() > 0.9


def test_houses_face_their_street(layers):
    """A street is parallel to one of the sides of most houses that have their address on it."""
    streets = layers["streets"].set_index("street_id").geometry
    buildings = layers["buildings"].set_index("building_id").geometry
    sample = layers["addresses"].iloc[::7]
    gaps = []
    for row in sample.itertuples():
        line = streets[row.street_id]
        reach = line.project(row.geometry)
        low, high = line.interpolate(max(0.0, reach - 3)), line.interpolate(min(line.length, reach + 3))
        street_angle = np.arctan2(high.y - low.y, high.x - low.x)
        ring = shapely.get_coordinates(buildings[row.building_id].exterior)
        steps = np.diff(ring, axis=0)
        angles = np.arctan2(steps[:, 1], steps[:, 0])
        gaps.append(np.abs((angles - street_angle + np.pi / 2) % np.pi - np.pi / 2).min())
    assert np.mean(np.rad2deg(gaps) < 6.0) > 0.9


def test_addresses_stand_on_their_wall_near_their_street(layers):
    addresses = layers["addresses"]
    walls = layers["buildings"].set_index("building_id").geometry.exterior
    streets = layers["streets"].set_index("street_id").geometry
    to_wall = shapely.distance(addresses.geometry.to_numpy(), walls.loc[addresses["building_id"]].to_numpy())
    to_street = shapely.distance(addresses.geometry.to_numpy(), streets.loc[addresses["street_id"]].to_numpy())
    assert to_wall.max() < 0.02
    assert np.quantile(to_street, 0.95) < 20.0
    assert to_street.max() < 130.0
    names = layers["streets"].set_index("street_id")["name"].loc[addresses["street_id"]]
    spoken = addresses["label"].str.split(" ", n=1).str[1]
    assert (spoken.str.lower().to_numpy() == names.str.lower().to_numpy()).all()


def test_odd_and_even_numbers_stand_on_opposite_sides(layers):
    streets = layers["streets"].set_index("street_id").geometry
    for street_id, group in layers["addresses"].groupby("street_id"):
        line = streets[street_id]
        odd = group["label"].str.extract(r"^(\d+)")[0].astype(int).to_numpy() % 2 == 1
        left = []
        for point in group.geometry:
            reach = line.project(point)
            low, high = line.interpolate(max(0.0, reach - 1)), line.interpolate(min(line.length, reach + 1))
            left.append((high.x - low.x) * (point.y - low.y) - (high.y - low.y) * (point.x - low.x) > 0)
        same = odd == np.array(left)
        assert same.all() or not same.any(), street_id


def test_people_add_up(layers):
    people, buildings = layers["population"], layers["buildings"]
    assert people["cell_id"].is_unique
    assert np.allclose(people.area, 200.0**2)
    assert (np.asarray(people.bounds) % 200 == 0).all()
    dwellings = buildings["dwellings"].sum()
    assert 2.1 <= people["residents"].sum() / dwellings <= 2.3
    assert 0.85 <= people["households"].sum() / dwellings <= 0.97
    assert 2_000 <= people["jobs"].sum() <= 6_000
    assert layers["addresses"]["dwellings"].sum() == dwellings
    assert (buildings.loc[~buildings["use"].isin(["residential", "mixed"]), "dwellings"] == 0).all()
    homes = gpd.sjoin(
        buildings[buildings["dwellings"] > 0].set_geometry(buildings.centroid[buildings["dwellings"] > 0]),
        people,
        predicate="within",
    )
    cells = homes.groupby("cell_id")["dwellings_left" if "dwellings_left" in homes else "dwellings"].sum()
    lived_in = people.set_index("cell_id")["households"]
    assert (lived_in[lived_in > 0] <= cells.reindex(lived_in[lived_in > 0].index)).all()


def test_each_building_lies_in_exactly_one_quarter(layers):
    zones = layers["zones"].geometry.to_numpy()
    found = shapely.STRtree(zones).query(layers["buildings"].geometry.to_numpy(), predicate="within")
    assert np.array_equal(np.sort(found[0]), np.arange(len(layers["buildings"])))
    areas = shapely.area(zones)
    assert shapely.area(shapely.union_all(zones)) == pytest.approx(areas.sum(), rel=1e-9)


def test_relief_is_a_smooth_valley_that_covers_the_town(layers):
    relief = layers["relief"]
    x, y = relief.geometry.x.to_numpy(), relief.geometry.y.to_numpy()
    z = relief["z"].to_numpy().reshape(len(np.unique(y)), len(np.unique(x)))
    assert z.size == len(relief)
    assert set(np.diff(np.unique(x))) == set(np.diff(np.unique(y))) == {50.0}
    slope = max(np.abs(np.diff(z, axis=0)).max(), np.abs(np.diff(z, axis=1)).max()) / 50.0
    assert slope < 0.12
    river = layers["water"].loc[layers["water"]["kind"] == "river"].geometry.union_all()
    wet = shapely.contains_xy(river, x, y)
    assert wet.any()
    assert 40.0 <= relief["z"].max() - relief["z"][wet].mean() <= 65.0
    assert relief["z"].min() >= relief["z"][wet].min() - 0.5
    for name in ("streets", "buildings", "zones", "water"):
        west, south, east, north = layers[name].total_bounds
        assert x.min() <= west
        assert x.max() >= east
        assert y.min() <= south
        assert y.max() >= north


def test_same_seed_same_bytes_and_another_seed_another_town(layers):
    again, _ = generate_town()
    assert digest(again) == digest(layers)
    other, _ = generate_town(7)
    assert digest(other) != digest(layers)
    assert 11_500 <= other["population"]["residents"].sum() <= 12_500


def test_it_makes_a_small_geopackage_that_reads_back(generated, tmp_path):
    layers, columns = generated
    town = Territory("essai", pyproj.CRS.from_epsg(2154), layers, columns, {"synthetic": "yes"})
    path = write_territory(town, tmp_path / "essai.gpkg")
    assert path.stat().st_size < 3_000_000
    back = read_territory(path)
    assert {name: len(layer) for name, layer in back.layers.items()} == {n: len(layers[n]) for n in layers}
    assert (back.origin_shares()["synthetic"] == 1.0).all()
