"""Files as they are found: broken shapes, unsaid encodings, streets without nodes, ways across the border."""

import json
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_files import LAMP_ROWS, LAMPS, X, Y, build, lamp_rows, line, refused

from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.layout.synthesis import complete
from jumeau.networks.waste.formats import FORMATS
from jumeau.sources import zipped as zipped_files
from jumeau.sources.build import build_from_files
from jumeau.sources.encodings import as_utf8
from jumeau.territory.check import check_streets
from jumeau.territory.noding import meetings, split

SHAPES = """
  streets:
    file: rues.gpkg
    columns: {street_id: id, oneway: sens}
"""


def streets(folder, shapes, ids=None, **columns):
    """Write streets to `rues.gpkg`."""
    ids = ids or [f"S{row}" for row in range(1, len(shapes) + 1)]
    frame = gpd.GeoDataFrame({"id": ids, "sens": "both", **columns}, geometry=shapes, crs=2154)
    frame.to_file(folder / "rues.gpkg", layer="rues")


def lamps_shapefile(folder, encoding, name="lampes"):
    """Write lamps to a shapefile without `.cpg`."""
    kinds = ["Sodium à haute pression", "DEL", "Fluo compacte", "DEL"]
    points = [shapely.Point(X + 10 * row, Y + 5) for row in range(4)]
    frame = gpd.GeoDataFrame({"id": list("abcd"), "lampe": kinds}, geometry=points, crs=2154)
    frame.to_file(folder / f"{name}.shp", encoding=encoding)
    (folder / f"{name}.cpg").unlink(missing_ok=True)
    dbf = bytearray((folder / f"{name}.dbf").read_bytes())
    dbf[29] = 0  # no language driver: nothing says the encoding
    (folder / f"{name}.dbf").write_bytes(dbf)


MAPPED = """
  lamps:
    file: lampes.shp
    columns:
      lamp_id: id
      technology: {column: lampe, map: {Sodium à haute pression: HPS, DEL: LED}, default: LED}
"""


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1"])
def test_a_shapefile_of_unsaid_encoding_is_read_by_what_it_holds(encoding, tmp_path, english):
    lamps_shapefile(tmp_path, encoding)
    territory, report = build(tmp_path, MAPPED)
    assert territory.layers["lamps"]["technology"].tolist() == ["HPS", "LED", "LED", "LED"]
    assert any("the texts are UTF-8" in note for note in report.layers["lamps"].notes) == (encoding == "UTF-8")


def test_values_that_a_map_does_not_list_are_told_where_a_default_takes_them(tmp_path, english):
    lamps_shapefile(tmp_path, "UTF-8")
    (told,) = [item for item in build(tmp_path, MAPPED)[1].warnings if item.layer == "lamps"]
    assert told.features == ("c",)
    assert told.value == "Fluo compacte"
    assert "default « LED »" in told.message


def test_a_ring_of_two_points_is_told_with_its_feature(tmp_path, english):
    ring = [[X, Y], [X + 10, Y + 10]]
    whole = [[X, Y], [X + 10, Y], [X + 10, Y + 10], [X, Y]]
    features = [
        {"type": "Feature", "properties": {"id": name}, "geometry": {"type": "Polygon", "coordinates": [corners]}}
        for name, corners in (("bad", ring), ("good", whole))
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    (tmp_path / "b.geojson").write_text(text, encoding="utf-8")
    layer = "\n  buildings:\n    file: b.geojson\n    columns: {building_id: id}\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (problem,) = refused(tmp_path, layer, {"fr": ["bad"], "en": ["bad", "drop_invalid"]})
    assert problem.features == ("bad",)


@pytest.mark.parametrize("sign", ["';;'", "''", '"\\n"'])
def test_a_separator_of_several_characters_is_refused(sign, tmp_path):
    lamp_rows(tmp_path, LAMP_ROWS)
    layer = LAMPS.replace("encoding: latin-1", f"encoding: latin-1\n    separator: {sign}")
    refused(tmp_path, layer, {"fr": ["lampes.csv", "un seul caractère"], "en": ["a single character"]})


def test_a_folder_given_as_a_table_is_refused(tmp_path):
    (tmp_path / "lampes.csv").mkdir()
    refused(tmp_path, LAMPS, {"fr": ["lampes.csv", "dossier"], "en": ["folder"]})


CROSS = [line((0, 0), (200, 0)), line((100, -100), (100, 100)), line((50, 0), (50, 80))]


def test_streets_that_hang_apart_for_want_of_a_node_are_refused(tmp_path):
    streets(tmp_path, CROSS)
    words = {"fr": ["isolées", "split: true", "split: false"], "en": ["hang apart", "split: true", "split: false"]}
    (problem,) = refused(tmp_path, SHAPES, words)
    assert problem.features == ("S1", "S2", "S3")


def test_streets_that_meet_without_a_node_are_told(tmp_path, english):
    streets(tmp_path, CROSS)
    whole = SHAPES.replace("rues.gpkg", "rues.gpkg\n    split: false")
    _territory, report = build(tmp_path, whole)
    (told,) = [item for item in report.warnings if item.layer == "streets"]
    assert told.features == ("S1", "S2", "S3")
    assert "split: true" in told.hint
    # Nobody is kept apart where there is another way round.
    streets(tmp_path, [line((0, 0), (200, 0)), line((0, 0), (0, 50), (100, -50), (200, -50), (200, 0))])
    _territory, report = build(tmp_path, SHAPES)
    assert [item.features for item in report.warnings if item.layer == "streets"] == [("S1", "S2")]


def test_streets_are_cut_on_demand_and_bridges_stay_whole(tmp_path, english):
    streets(tmp_path, CROSS, niveau=[0, 1, 0])
    cut = SHAPES.replace("rues.gpkg", "rues.gpkg\n    split: true")
    whole = build(tmp_path, cut)[0].layers["streets"]
    assert sorted(whole["street_id"]) == ["S1/1", "S1/2", "S1/3", "S2/1", "S2/2", "S3"]
    assert whole.length.sum() == pytest.approx(200 + 200 + 80)
    assert not check_streets(build(tmp_path, cut)[0])
    bridge = build(tmp_path, cut.replace("split: true", "split: true\n    level: niveau"))[0].layers["streets"]
    assert sorted(bridge["street_id"]) == ["S1/1", "S1/2", "S2", "S3"]


def test_streets_that_share_their_ends_meet_nowhere_else():
    lines = np.array([line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((100, 0), (100, 80))], dtype=object)
    assert not len(meetings(lines).line)
    frame = gpd.GeoDataFrame({"street_id": list("abc")}, geometry=lines, crs=2154)
    assert split(frame, "street_id") == (frame, ())


def test_what_no_way_leads_to_is_told_by_the_streets_of_the_user(tmp_path, english):
    square = [line((0, 0), (100, 0)), line((100, 0), (100, 100)), line((100, 100), (0, 0))]
    shapes = [*square, line((100, 0), (200, 0))]
    streets(tmp_path, shapes, ["a", "b", "c", "way_out"], sens=["both", "both", "both", "forward"])
    (told,) = [item for item in check_streets(build(tmp_path, SHAPES)[0]) if "no drivable route" in item.message]
    assert told.features == ("way_out",)


def test_a_part_reached_only_across_the_border_does_not_stop_the_build(tmp_path, english):
    side = range(4)
    grid = [line((100 * i, 100 * j), (100 * i + 100, 100 * j)) for i in range(3) for j in side]
    grid += [line((100 * i, 100 * j), (100 * i, 100 * j + 100)) for i in side for j in range(3)]
    loop = [
        line((300, 300), (900, 300)), line((900, 330), (600, 600)), line((600, 600), (600, 700)),
        line((600, 600), (300, 300)),
    ]  # fmt: skip
    ids = [f"g{row}" for row in range(len(grid))] + ["out", "in", "home", "back"]
    sens = ["both"] * len(grid) + ["forward", "forward", "both", "forward"]
    classes = ["residential"] * len(grid) + ["primary", "primary", "residential", "primary"]
    streets(tmp_path, [*grid, *loop], ids, sens=sens, classe=classes)
    places = [shapely.Point(X + 50 + 100 * i, Y + 5 + 100 * j).buffer(4) for i in range(3) for j in side]
    places.append(shapely.Point(X + 604, Y + 650).buffer(3))
    homes = gpd.GeoDataFrame({"id": range(len(places)), "n": 40}, geometry=places, crs=2154)
    homes.to_file(tmp_path / "b.gpkg", layer="b")
    layers = SHAPES.replace("oneway: sens", "oneway: sens, road_class: classe")
    layers += "\n  buildings:\n    file: b.gpkg\n    columns: {building_id: id, dwellings: n}\n"
    territory = build(tmp_path, layers)[0]
    made = complete(territory, FactorTable({**NETWORK.factors}))
    assert made.layers["traffic_demand"]["trips"].sum() > 0.0
    (told,) = [item for item in check_streets(territory) if "no drivable route" in item.message]
    assert set(told.features) == {"out", "in", "home", "back"}


def zipped(folder, *places):
    """Zip the lamps under some folders of an archive."""
    lamps_shapefile(folder, "UTF-8")
    with zipfile.ZipFile(folder / "lampes.zip", "w") as archive:
        for place in places:
            for part in sorted(folder.glob("lampes.[sdp]*")):
                archive.write(part, f"{place}/{part.name}")
        archive.writestr("__MACOSX/export/._lampes.shp", b"")


ZIPPED = MAPPED.replace("lampes.shp", "lampes.zip")


def test_a_shapefile_deep_in_a_zip_is_read(tmp_path, english):
    zipped(tmp_path, "export/2024")
    territory, report = build(tmp_path, ZIPPED)
    assert territory.layers["lamps"]["technology"].tolist() == ["HPS", "LED", "LED", "LED"]
    assert report.layers["lamps"].file.endswith("lampes.zip")


def test_several_shapefiles_of_a_zip_are_asked_for(tmp_path, english):
    zipped(tmp_path, "nord", "sud")
    refused(tmp_path, ZIPPED, {"fr": ["nord/lampes.shp", "sud/lampes.shp"], "en": ["several layers", "lampes.zip"]})
    chosen = ZIPPED.replace("lampes.zip", "lampes.zip\n    layer: sud/lampes.shp")
    assert len(build(tmp_path, chosen)[0].layers["lamps"]) == 4


def test_a_zip_that_is_none_is_refused(tmp_path):
    (tmp_path / "lampes.zip").write_bytes(b"PK not a zip")
    refused(tmp_path, ZIPPED, {"fr": ["lampes.zip", "archive"], "en": ["the zip cannot be read"]})


@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_polygon_with_a_corner_that_is_no_number_is_told_as_such(tmp_path, english):
    corner = (float("nan"), float("nan"))
    shapes = [shapely.Point(X, Y).buffer(5), shapely.Polygon([(X, Y), corner, (X + 5, Y + 5), (X, Y)])]
    gpd.GeoDataFrame({"id": ["good", "bad"]}, geometry=shapes, crs=2154).to_file(tmp_path / "b.gpkg", layer="b")
    layer = "\n  buildings:\n    file: b.gpkg\n    columns: {building_id: id}\n"
    (problem,) = refused(tmp_path, layer, {"fr": ["bad"], "en": ["missing, empty or infinite geometry"]})
    assert problem.features == ("bad",)


@pytest.mark.parametrize("shape", ["loop_missing", "tree"])
def test_streets_of_which_none_leads_there_and_back_are_refused(shape, tmp_path, english):
    lines = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((100, 0), (100, 80))]
    if shape == "loop_missing":
        lines.append(line((200, 0), (100, 80)))
    streets(tmp_path, lines, sens="forward")
    home = gpd.GeoDataFrame({"id": [1], "n": [4]}, geometry=[shapely.Point(X + 50, Y + 9).buffer(4)], crs=2154)
    home.to_file(tmp_path / "b.gpkg", layer="b")
    layers = SHAPES + "\n  buildings:\n    file: b.gpkg\n    columns: {building_id: id, dwellings: n}\n"
    territory = build(tmp_path, layers)[0]
    with pytest.raises(InputError, match="no street leads there and back") as caught:
        complete(territory, FactorTable({**NETWORK.factors}))
    assert len(caught.value.problems[0].features) == len(lines)


def test_a_folder_given_where_a_format_has_a_file_is_refused(tmp_path, english):
    (tmp_path / "x").mkdir()
    (tmp_path / "t.yaml").write_text("name: t\nimports:\n- {format: fiware_waste, file: x}\n", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        build_from_files(tmp_path / "t.yaml", formats=tuple(FORMATS.values()))


def test_only_columns_with_such_texts_are_decoded():
    frame = pd.DataFrame(
        {"name": ["Église".encode().decode("latin-1"), None], "lit": [True, False], "kind": ["LED", "HPS"]}
    )
    read, found = as_utf8(frame)
    assert found
    assert read["name"][0] == "Église"
    assert pd.isna(read["name"][1])
    assert read["lit"].dtype == frame["lit"].dtype
    assert read["kind"].equals(frame["kind"])
    latin = pd.DataFrame({"name": ["Église"]})
    assert not as_utf8(latin)[1]


def test_a_zip_that_would_fill_the_disk_is_refused(tmp_path, monkeypatch, english):
    monkeypatch.setattr(zipped_files, "MOST", 1000)
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("in/a.geojson", " " * 100_000)
    with pytest.raises(InputError, match="the zip holds"), zipped_files.unzipped(tmp_path / "b.zip", None):
        pytest.fail("it was opened")
