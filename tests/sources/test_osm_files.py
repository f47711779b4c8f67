"""Files of OpenStreetMap: what the wiki says of its tags, the topology of its nodes, and a whole small city."""

import bz2
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
import shapely
from osm_kit import grid, osm_file

from jumeau.attributes import check_values
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.sources.build import build_from_files
from jumeau.sources.osm.splitting import split_at_shared
from jumeau.sources.osm.territory import read_osm_territory
from jumeau.sources.osm.values import LENGTHS, number_of, speed_of
from jumeau.sources.osm.zones import smallest
from jumeau.sources.products import PRODUCTS
from jumeau.territory.derive import derive
from jumeau.territory.graph import street_parts
from jumeau.territory.model import SHARED

MONACO = Path(os.environ.get("JUMEAU_DATA", "../shared/data")) / "monaco" / "monaco.osm.gz"


def streets(folder, *tags, **options):
    """The streets of a file with one way of two nodes for each set of tags, by their number from 1."""
    nodes = grid(2, len(tags))
    ways = [(row + 1, (1 + 2 * row, 2 + 2 * row), {"highway": "residential", **item}) for row, item in enumerate(tags)]
    found = read_osm_territory(osm_file(folder / "town.osm", nodes, ways), **options)
    return found.layers["streets"].set_index("street_id"), found.notes


# https://wiki.openstreetmap.org/wiki/Key:oneway, https://wiki.openstreetmap.org/wiki/Key:access
@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, "both"),
        ({"oneway": "yes"}, "forward"),
        ({"oneway": "1"}, "forward"),
        ({"oneway": "-1"}, "backward"),
        ({"oneway": "reversible"}, "both"),
        ({"junction": "roundabout"}, "forward"),
        ({"junction": "roundabout", "oneway": "-1"}, "backward"),
        ({"highway": "motorway"}, "forward"),
        ({"highway": "motorway", "oneway": "no"}, "both"),
        ({"highway": "motorway_link"}, "both"),
        ({"access": "private"}, "closed"),
        ({"access": "no", "motor_vehicle": "yes", "oneway": "yes"}, "forward"),
        ({"vehicle": "no", "motor_vehicle": "destination"}, "both"),
        ({"motor_vehicle": "no"}, "closed"),
        ({"access": "destination"}, "both"),
        ({"highway": "path"}, "closed"),
        ({"highway": "track"}, "both"),
        ({"highway": "busway"}, "closed"),
    ],
)
def test_directions(tmp_path, tags, oneway):
    assert streets(tmp_path, tags)[0].loc["w1", "oneway"] == oneway


# https://wiki.openstreetmap.org/wiki/Key:maxspeed
@pytest.mark.parametrize(
    ("text", "speed"),
    [
        ("50", 50.0), ("30 mph", 48.28), ("20mph", 32.19), ("FR:urban", 50.0), ("fr:Rural", 80.0), ("FR:30", 30.0),
        ("DE:zone:30", 30.0), ("FR:zone30", 30.0), ("GB:nsl_single", 96.56), ("walk", 6.0), ("50;30", 30.0),
        ("50 km/h", 50.0), ("none", np.nan), ("XX:urban", np.nan), ("fast", np.nan), ("", np.nan),
    ],
)  # fmt: skip
def test_speeds(text, speed):
    assert speed_of(text) == pytest.approx(speed, abs=0.01, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "metres"), [("6", 6.0), ("6 m", 6.0), ("5,5", 5.5), ("20'", 6.096), ("7'4\"", 2.2352)]
)
def test_lengths(text, metres):
    assert number_of(text, LENGTHS) == pytest.approx(metres, abs=1e-3)


def test_lanes_levels_names_and_what_cannot_be_read(tmp_path):
    found, notes = streets(
        tmp_path,
        {"lanes": "2", "bridge": "yes", "name": "Pont", "lit": "yes", "surface": "asphalt"},
        {"lanes:forward": "1", "lanes:backward": "2", "tunnel": "yes", "name:fr": "Tunnel"},
        {"lanes": "two", "width": "900 m", "layer": "+2", "name:en": "Street"},
        {"maxspeed:forward": "50", "maxspeed:backward": "30", "ref": "D 12"},
    )
    assert found["lanes"].fillna(0).tolist() == [2, 3, 0, 0]
    assert found["level"].tolist() == [1, -1, 2, 0]
    assert found["name"].tolist() == ["Pont", "Tunnel", "Street", "D 12"]
    assert found["speed"].iloc[3] == 30.0
    assert "width" not in found
    assert (found.loc["w1", "lit"], found.loc["w1", "surface"]) == ("yes", "asphalt")
    text = "\n".join(notes)
    assert "streets.lanes" in text
    assert "two (1)" in text
    assert "900 m (1)" in text


def test_what_is_no_street_is_told_with_its_number(tmp_path):
    with language("en"):
        found, notes = streets(
            tmp_path, {}, {"highway": "proposed"}, {"highway": "corridor"}, {"highway": "teleporter"},
            {"highway": "footway", "footway": "sidewalk"}, {"highway": "footway"}, {"highway": "trunk_link"},
        )  # fmt: skip
    assert found["road_class"].to_dict() == {"w1": "residential", "w6": "pedestrian", "w7": "primary"}
    told = "\n".join(notes)
    for words in ("not yet: 1 (proposed: 1)", "no street: 1 (corridor: 1)", "unknown class: 1 (teleporter: 1)",
                  "drawn already: 1 (footway: 1)"):  # fmt: skip
        assert words in told


def test_streets_meet_at_shared_nodes_and_bridges_pass_over(tmp_path):
    # Three by three crossings: the middle row and the middle column share node 5; a bridge crosses without a node.
    nodes = {**grid(3, 3), 20: (1.9995, 48.0005), 21: (2.0025, 48.0005)}
    ways = [
        (1, (4, 5, 6), {"highway": "residential"}),
        (2, (2, 5, 8), {"highway": "residential"}),
        (3, (20, 21), {"highway": "primary", "bridge": "yes"}),
    ]
    path = osm_file(tmp_path / "town.osm", nodes, ways)
    found = read_osm_territory(path).layers["streets"]
    assert found["street_id"].tolist() == ["w1/1", "w1/2", "w2/1", "w2/2", "w3"]
    assert len(read_osm_territory(path, split=False).layers["streets"]) == 3
    territory, _report = build(tmp_path, path)
    parts = street_parts(territory.layers["streets"])
    assert np.bincount(parts).tolist() == [4, 1]
    # The bridge at another level is no street without a node.
    assert not derive(territory)[2]


def test_pieces_are_the_lines_again_and_none_ends_where_it_starts():
    loop = shapely.LineString([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    lollipop = shapely.LineString([(0, 1), (0, 3), (1, 4), (-1, 4), (0, 3)])
    doubled = shapely.LineString([(5, 5), (5, 5), (6, 6)])
    lines = np.array([loop, lollipop, doubled], dtype=object)
    row, number, pieces = split_at_shared(lines)
    for line, which in zip(lines, range(3), strict=True):
        mine = pieces[row == which]
        assert number[row == which].tolist() == list(range(1, len(mine) + 1))
        xy = [shapely.get_coordinates(piece) for piece in mine]
        joined = np.concatenate([xy[0], *(item[1:] for item in xy[1:])])
        kept = shapely.get_coordinates(shapely.remove_repeated_points(line))
        np.testing.assert_array_equal(joined, kept)
        assert all((item[0] != item[-1]).any() for item in xy)
    assert np.bincount(row).tolist() == [2, 3, 1]


def test_buildings_addresses_land_and_what_is_not_taken(tmp_path):
    nodes = {
        **grid(6, 4),
        50: (2.0005, 48.0005, {"addr:housenumber": "12", "addr:street": "Rue Haute"}),
        51: (2.0045, 48.0045, {"highway": "street_lamp"}),
        52: (2.0046, 48.0045, {"natural": "tree"}),
    }
    ways = [
        (1, (1, 2, 8, 7, 1), {"building": "apartments", "building:levels": "4", "height": "13 m", "shop": "bakery"}),
        (2, (3, 4, 10, 9, 3), {"building": "yes", "amenity": "school", "addr:housenumber": "3"}),
        (3, (5, 6, 12, 11, 5), {"building": "garage", "building:levels": "many"}),
        (4, (13, 14, 20, 19, 13), {"leisure": "park", "name": "Parc"}),
        (5, (15, 16, 22, 21, 15), {"natural": "water"}),
        (6, (1, 6), {"highway": "residential"}),
        (7, (6, 12), {"highway": "residential", "oneway": "yes"}),
    ]
    turn = (
        1,
        (("way", 6, "from"), ("node", 6, "via"), ("way", 7, "to")),
        {"type": "restriction", "restriction": "no_left_turn"},
    )
    with language("en"):
        found = read_osm_territory(osm_file(tmp_path / "town.osm", nodes, ways, [turn]))
    buildings = found.layers["buildings"].set_index("building_id")
    assert buildings["use"].to_dict() == {"w1": "mixed", "w2": "public", "w3": "annex"}
    assert buildings.loc["w1", ["storeys", "height"]].tolist() == [4.0, 13.0]
    assert found.layers["addresses"][["label", "building_id"]].to_numpy().tolist() == [
        ["12 Rue Haute", "w1"],
        ["3", "w2"],
    ]
    assert found.layers["green"]["name"].tolist() == ["Parc"]
    assert found.layers["water"]["kind"].tolist() == ["water"]
    told = "\n".join(found.notes)
    for words in ("turn restrictions (not used yet): 1", "`format: osm_lamps` takes them): 1", "trees", "many (1)"):
        assert words in told


def test_a_limit_of_which_a_part_is_missing_is_none(tmp_path):
    nodes = grid(3, 3)
    ways = [
        (1, (1, 2, 3), {"boundary": "administrative"}),
        (2, (3, 6, 9), {"boundary": "administrative"}),
        (3, (9, 8, 7, 4, 1), {"boundary": "administrative"}),
        (4, (1, 5), {"highway": "residential"}),
    ]
    tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": "Bourg", "ref:INSEE": "01004"}
    limit = (9, (("way", 1, "outer"), ("way", 2, "outer"), ("way", 3, "outer")), tags)
    path = tmp_path / "town.osm"
    with language("en"):
        whole = read_osm_territory(osm_file(path, nodes, ways, [limit])).layers["limits"]
        found = read_osm_territory(osm_file(path, nodes, [ways[0], *ways[2:]], [limit]))
    assert whole[["limit_id", "name", "code", "kind"]].to_numpy().tolist() == [
        ["r9", "Bourg", "01004", "admin_level 8"]
    ]
    assert "limits" not in found.layers


def test_zones_do_not_lie_in_each_other():
    whole, west, east = shapely.box(0, 0, 10, 10), shapely.box(0, 0, 5, 10), shapely.box(5, 0, 10, 10)
    spot = shapely.box(1, 1, 2, 2)
    assert smallest(np.array([whole, west, east], dtype=object)).tolist() == [False, True, True]
    # A single quarter that somebody drew does not stand for the town.
    assert smallest(np.array([whole, spot], dtype=object)).tolist() == [True, False]


def build(folder, path, *lines):
    file = folder / "town.yaml"
    text = ["name: town", "crs: auto", *lines, f"imports: [{{file: {path.name}, format: osm}}]"]
    file.write_text("\n".join(text) + "\n", encoding="utf-8")
    return build_from_files(file, formats=list(PRODUCTS.values()))


def test_every_packing_gives_the_same_and_a_cut_file_is_refused(tmp_path):
    path = osm_file(
        tmp_path / "a.osm", grid(2, 2), [(1, (1, 2), {"highway": "service"}), (2, (2, 4), {"highway": "road"})]
    )
    raw = path.read_bytes()
    (tmp_path / "b.osm.gz").write_bytes(gzip.compress(raw))
    (tmp_path / "c.osm.bz2").write_bytes(bz2.compress(raw))
    first = read_osm_territory(path).layers["streets"]
    for name in ("b.osm.gz", "c.osm.bz2"):
        assert read_osm_territory(tmp_path / name).layers["streets"].equals(first)
    packed = {"d.osm": raw[:-60], "e.osm.gz": gzip.compress(raw)[:-9], "f.osm.bz2": bz2.compress(raw)[:-9],
              "g.osm.gz": gzip.compress(raw[:-60]), "h.osm.pbf": raw[:9], "i.txt": raw,
              "j.osm": b'<osm version="0.6"></osm>'}  # fmt: skip
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=name):
            read_osm_territory(tmp_path / name)


@pytest.mark.skipif(not MONACO.exists(), reason="no open data here")
def test_monaco_hangs_together(tmp_path):
    (tmp_path / "monaco.osm.gz").symlink_to(MONACO.absolute())
    territory, report = build(tmp_path, tmp_path / "monaco.osm.gz", "country: MC")
    assert territory.crs.to_epsg() == 32632
    found = territory.layers["streets"]
    parts = street_parts(found)
    length = np.bincount(parts, shapely.length(found.geometry.to_numpy()))
    assert length.max() > 0.95 * length.sum()
    # Of the data's README: 964 buildings as ways, and those of relations.
    assert 960 <= len(territory.layers["buildings"]) <= 970
    assert any("left out" in note or "laissées de côté" in note for note in report.notes)
    for layer in report_layers(territory):
        frame = territory.layers[layer]
        ids = frame[SHARED.identifier(layer)]
        for row in SHARED.of(layer):
            if row.type != "geometry" and row.attribute in frame:
                assert not check_values(frame[row.attribute], ids, row)


def report_layers(territory):
    return [name for name in territory.layers if name != "street_nodes"]
