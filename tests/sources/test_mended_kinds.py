"""Faults of real files, each for its kind: units in cells, dates, ids, places, geometry that libraries refuse."""

import json
import shutil
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from small_files import HEAD, LAMPS, STREETS, X, Y, build, lamp_rows, line, plain, refused, streets_file

from jumeau.errors import InputError
from jumeau.geopackage import descriptions
from jumeau.i18n import language
from jumeau.sources.guard import guarded, guarded_territory
from jumeau.sources.written import likely_unit, years
from jumeau.territory.check import check_territory
from jumeau.territory.completion import Rule, lay_out
from jumeau.territory.model import COLUMN_FIELDS, Territory
from jumeau.vector_file import layer_names

LAMP_HEAD = "n°;type;puissance;x;y;pose\n"
DATED = LAMPS.replace("power: puissance", "power: puissance\n      installed_year: pose")


def lamps(folder, *rows, layers=DATED, **options):
    lamp_rows(folder, LAMP_HEAD + "".join(f"{row}\n" for row in rows))
    return build(folder, layers, **options)


def told(report):
    with language("en"):
        return [plain(item) for item in report.warnings]


def test_cells_with_their_own_unit_or_count_are_read_by_it(tmp_path):
    with language("en"):
        territory, report = lamps(
            tmp_path, "1;led;150W;770010;6280005;2012", "2;led;2x36W;770020;6280005;2012",
            "3;led;0,07 kW;770030;6280005;2012", "4;led;70;770040;6280005;2012",
        )  # fmt: skip
    assert territory.layers["lamps"]["power"].tolist() == [150.0, 72.0, 70.0, 70.0]
    assert any("2x36W → 72 W" in text for text in told(report))


@pytest.mark.parametrize("cell", ["beaucoup", "150 V", "W", "2x", "1.2.3 W"])
def test_cells_that_are_no_quantity_are_refused(tmp_path, cell):
    with pytest.raises(InputError) as caught:
        lamps(tmp_path, f"1;led;{cell};770010;6280005;2012")
    assert cell in plain(caught.value)


def test_kilowatts_in_a_column_of_watts_are_told(tmp_path):
    with language("en"):
        _territory, report = lamps(
            tmp_path, "1;led;0,07;770010;6280005;2012", "2;led;0,1;770020;6280005;2012",
            layers=DATED, head=HEAD,
        )  # fmt: skip
    # The table of this test says nothing of usual values: the shipped ones do.
    assert not told(report)
    for values, unit, usual, wanted in (
        ([0.07, 0.1, 0.25], "W", (5.0, 1000.0), "kW"),
        ([0.1, 0.15], "mm", (15.0, 3000.0), "m"),
        ([0.66, 0.75], "l", (30.0, 8000.0), "m3"),
        ([70.0, 100.0, 0.0], "W", (5.0, 1000.0), ""),
        ([4.0], "W", (5.0, 1000.0), ""),
        ([np.nan], "W", (5.0, 1000.0), ""),
        ([0.07], "W", None, ""),
    ):
        assert likely_unit(np.array(values), unit, usual) == wanted


def test_dates_give_their_years(tmp_path):
    with language("en"):
        territory, report = lamps(
            tmp_path, "1;led;70;770010;6280005;2012-03-01", "2;led;70;770020;6280005;15/06/1998",
            "3;led;70;770030;6280005;2005",
        )  # fmt: skip
    assert territory.layers["lamps"]["installed_year"].tolist() == [2012, 1998, 2005]
    assert any("years are taken (2)" in text for text in told(report))
    stamps = pd.Series(pd.to_datetime(["2019-01-24", None]))
    assert years(stamps)[0].tolist()[0] == 2019
    # Nobody can tell the century of two digits.
    with pytest.raises(InputError):
        lamps(tmp_path, "1;led;70;770010;6280005;01/03/12")


def test_missing_is_of_a_column(tmp_path):
    layers = DATED.replace("power: puissance", "power: {column: puissance, missing: [0]}")
    territory, _report = lamps(tmp_path, "0;led;0;770010;6280005;2012", "2;led;70;770020;6280005;2012", layers=layers)
    frame = territory.layers["lamps"].set_index("lamp_id")
    assert np.isnan(frame.loc["0", "power"])
    assert frame.loc["2", "power"] == 70.0


def test_points_at_nought_are_named_and_can_be_left_out(tmp_path):
    rows = ("1;led;70;770010;6280005;2012", "nowhere;led;70;0;0;2012")
    lamp_rows(tmp_path, LAMP_HEAD + "".join(f"{row}\n" for row in rows))
    problems = refused(tmp_path, DATED, {"fr": ["(0, 0)", "nowhere"], "en": ["(0, 0)", "nowhere"]})
    assert len(problems) == 1
    territory, report = build(tmp_path, DATED + "    drop_invalid: true\n")
    assert territory.layers["lamps"]["lamp_id"].tolist() == ["1"]
    assert "nowhere" in str(report)


def test_ids_that_differ_by_case_or_spaces_are_told(tmp_path):
    with language("en"):
        territory, report = lamps(
            tmp_path, "L1;led;70;770010;6280005;2012", "l 1;led;70;770020;6280005;2012",
            "L2;led;70;770030;6280005;2012",
        )  # fmt: skip
    assert len(territory.layers["lamps"]) == 3
    assert [text for text in told(report) if "case or spaces" in text and "l 1" in text and "L2" not in text]


def test_lists_of_values_end_in_an_ellipsis_where_they_are_cut(tmp_path):
    rows = [f"{k};type{k};70;7700{k}0;6280005;2012" for k in range(1, 8)]
    with pytest.raises(InputError) as caught:
        lamps(tmp_path, *rows)
    assert "type5, …" in plain(caught.value)


def shapefile(folder, shapes, name="rues", **values):
    frame = gpd.GeoDataFrame({"ID": [str(k) for k in range(len(shapes))], **values}, geometry=shapes, crs=2154)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame.to_file(folder / f"{name}.shp")
    return folder / f"{name}.shp"


PLAIN = "\n  streets: {file: rues.shp, columns: {street_id: ID}}\n"
LINES = [line((0, 0), (100, 0)), line((100, 0), (200, 0))]


def test_a_shapefile_without_its_table_is_said_so(tmp_path):
    shapefile(tmp_path, LINES).with_suffix(".dbf").unlink()
    refused(tmp_path, PLAIN, {"fr": [".dbf", "rues.shp"], "en": [".dbf", "ID"]})
    # Its lines can be used all the same.
    territory, _report = build(tmp_path, "\n  streets: {file: rues.shp, columns: {street_id: {row: S}}}\n")
    assert territory.layers["streets"]["street_id"].tolist() == ["S1", "S2"]


def test_a_shapefile_without_its_index_is_read(tmp_path):
    shapefile(tmp_path, LINES).with_suffix(".shx").unlink()
    before = sorted(item.name for item in tmp_path.iterdir())
    territory, _report = build(tmp_path, PLAIN)
    assert len(territory.layers["streets"]) == 2
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted([*before, "territory.yaml", "attributes.csv"])


@pytest.mark.parametrize("ending", [".shp", ".dbf", ".shx"])
@pytest.mark.parametrize("keep", [0, 20, 90, 120])
def test_a_part_that_was_cut_is_refused_or_read(tmp_path, ending, keep):
    file = shapefile(tmp_path, LINES, NAME=["a", "b"]).with_suffix(ending)
    file.write_bytes(file.read_bytes()[:keep])
    said = ""
    try:
        found = len(build(tmp_path, PLAIN)[0].layers["streets"])
    except InputError as error:
        said, found = plain(error), 0
    assert found or "rues.shp" in said
    assert found <= 2


def test_a_folder_named_as_a_shapefile_is_refused(tmp_path):
    (tmp_path / "rues.shp").mkdir()
    refused(tmp_path, PLAIN, {"fr": ["dossier", "rues.shp"], "en": ["folder", "rues.shp"]})


@pytest.mark.parametrize("name", ["rues.shp", "rues.gpkg", "rues.geojson", "rues.zip", "rues.csv"])
def test_an_empty_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    refused(tmp_path, PLAIN.replace("rues.shp", name), {"fr": [name], "en": [name]})


@pytest.mark.parametrize("folder", ["livraison/", "livraison/1_DONNEES/LAMB93/"])
def test_a_zip_with_folders_is_read(tmp_path, folder):
    inner = tmp_path / "inner"
    inner.mkdir()
    shapefile(inner, LINES)
    with zipfile.ZipFile(tmp_path / "rues.zip", "w") as archive:
        for item in inner.iterdir():
            archive.write(item, f"{folder}{item.name}")
    shutil.rmtree(inner)
    territory, _report = build(tmp_path, PLAIN.replace("rues.shp", "rues.zip"))
    assert len(territory.layers["streets"]) == 2


def geojson(folder, *geometries):
    features = [
        {"type": "Feature", "properties": {"ID": f"f{k}"}, "geometry": geometry}
        for k, geometry in enumerate(geometries)
    ]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    text = json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    (folder / "b.geojson").write_text(text, encoding="utf-8")


GOOD = {"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y], [X + 9, Y + 9], [X, Y]]]}
BUILDINGS = "\n  buildings: {file: b.geojson, columns: {building_id: ID}}\n"


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y]]]},
        {"type": "Polygon", "coordinates": [[[X, Y], [X + 9, Y], [float("nan"), Y + 9], [X, Y]]]},
        {"type": "LineString", "coordinates": [[X, Y]]},
        {"type": "GeometryCollection", "geometries": []},
    ],
)
def test_a_shape_that_cannot_be_is_named(tmp_path, bad):
    geojson(tmp_path, GOOD, bad)
    with pytest.raises(InputError) as caught:
        build(tmp_path, BUILDINGS)
    assert "f1" in plain(caught.value)
    assert "b.geojson" in plain(caught.value)
    if bad is None or bad["type"] != "LineString":
        territory, _report = build(
            tmp_path, "\n  buildings: {file: b.geojson, drop_invalid: true, columns: {building_id: ID}}\n"
        )
        assert territory.layers["buildings"]["building_id"].tolist() == ["f0"]


def test_several_layers_of_a_file_are_listed(tmp_path):
    frame = gpd.GeoDataFrame({"ID": ["1"]}, geometry=LINES[:1], crs=2154)
    frame.to_file(tmp_path / "rues.gpkg", layer="voies")
    frame.to_file(tmp_path / "rues.gpkg", layer="chemins")
    layers = PLAIN.replace("rues.shp", "rues.gpkg")
    refused(tmp_path, layers, {"fr": ["voies", "chemins"], "en": ["voies", "chemins"]})


def test_what_a_library_of_geometry_refuses_is_a_message():
    with np.errstate(invalid="ignore"):
        bad = shapely.LineString([(np.nan, 0), (1, np.inf)])
    streets = gpd.GeoDataFrame({"street_id": ["good", "bad"]}, geometry=[LINES[0], bad], crs="EPSG:2154")
    territory = Territory("t", streets.crs, {"streets": streets}, pd.DataFrame(columns=list(COLUMN_FIELDS)))
    with language("en"), pytest.raises(InputError) as caught, guarded_territory(territory):
        raise shapely.errors.GEOSException("TopologyException: side location conflict\nmore")
    assert caught.value.problems[0].features == ("bad",)
    assert caught.value.problems[0].layer == "streets"
    assert "side location conflict" in str(caught.value)
    with pytest.raises(InputError, match=r"a\.shp"), guarded("streets", "a.shp"):
        raise shapely.errors.GEOSException("IllegalArgumentException")


def test_what_jumeau_laid_out_itself_is_no_business_of_the_user(tmp_path):
    streets_file(tmp_path)
    territory, _report = build(tmp_path, STREETS)
    odd = gpd.GeoDataFrame({"green_id": ["G"]}, geometry=[shapely.box(0, 0, 9, 9)], crs=territory.crs)
    by_user = territory.with_layers({"green": odd})
    by_jumeau = lay_out(territory, {"green": odd}, {"green": Rule("made", "synthetic")})
    assert any(item.layer == "green" for item in check_territory(by_user)[1])
    assert not any(item.layer == "green" for item in check_territory(by_jumeau)[1])


def test_a_geopackage_whose_schema_is_damaged_is_told(tmp_path):
    """What SQLite says of the damage quotes the bytes, which are no text: the file is named all the same."""
    path = tmp_path / "x.gpkg"
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(0, 0)], crs=2154).to_file(path, layer="lamps")
    raw = path.read_bytes()
    assert b"CREATE TABLE" in raw
    path.write_bytes(raw.replace(b"CREATE TABLE", b"\xc0REATE\xe7TABLE").replace(b"gpkg_", b"\xc0pkg_"))
    with pytest.raises(InputError, match=r"x\.gpkg"):
        layer_names(path)
    assert descriptions(path) == set()
