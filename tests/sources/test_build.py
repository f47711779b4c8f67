"""What a build gives: values, units, origins, nodes, population."""

import numpy as np
import pytest
from small_files import HEAD, LAMPS, STREETS, build, lamp_rows, line, streets_file

from jumeau.territory.storage import read_territory, write_territory


def columns_of(territory, layer):
    table = territory.columns
    return table[table["layer"] == layer].set_index("column")


def test_zipped_shapefile_in_latin_1(tmp_path):
    streets_file(tmp_path)
    streets = build(tmp_path, STREETS)[0].layers["streets"]
    assert list(streets["street_id"]) == ["1", "2", "3"]
    assert streets["name"][0] == "Rue de l'Église"
    assert streets["speed"].tolist() == pytest.approx([13.9 * 3.6, 8.3 * 3.6, 8.3 * 3.6])
    assert list(streets["oneway"]) == ["both", "forward", "both"]
    assert list(streets["oneway_origin"]) == ["observed", "observed", "imputed"]


def test_csv_with_decimal_commas(tmp_path):
    lamp_rows(tmp_path)
    lamps = build(tmp_path, LAMPS)[0].layers["lamps"]
    assert lamps["power"].tolist()[::2] == [70.5, 1200.0]
    assert np.isnan(lamps["power"][1])
    assert lamps.geometry.x[0] == 770010.5
    assert "street_id" not in lamps.columns


def test_network_defaults_are_left_to_the_network(tmp_path):
    lamp_rows(tmp_path)
    lamps = build(tmp_path, LAMPS)[0].layers["lamps"]
    assert "managed" not in lamps.columns


def test_points_in_degrees_are_reprojected(tmp_path):
    # Lambert-93's origin is 3 degrees east, 46.5 degrees north: 700,000 m and 6,600,000 m by definition.
    (tmp_path / "p.csv").write_text("id,lon,lat\na,3.0,46.5\n", encoding="utf-8")
    layers = "\n  addresses: {file: p.csv, crs: EPSG:4326, x: lon, y: lat, columns: {address_id: id}}\n"
    point = build(tmp_path, layers)[0].layers["addresses"].geometry[0]
    assert (point.x, point.y) == pytest.approx((700000.0, 6600000.0), abs=1e-3)


def test_origins_rules_and_sources_are_kept(tmp_path):
    streets_file(tmp_path)
    said = columns_of(build(tmp_path, STREETS)[0], "streets")
    assert said.loc["speed", "origin"] == "observed"
    assert said.loc["width", "origin"] == "imputed"
    assert said.loc["name", ["source", "licence", "date"]].tolist() == ["commune", "ODbL", "2024"]
    assert said.loc["oneway", "rule"] == "translated from the column: SENS; elsewhere by default: both"


def test_cases_take_the_first_that_holds(tmp_path):
    streets_file(tmp_path)
    layers = STREETS + (
        "      road_class:\n        cases:\n"
        "          - {where: {V: {min: 10}}, value: primary, origin: observed}\n"
        "          - {where: {SENS: [UNIQUE, DOUBLE]}, value: tertiary}\n"
        "        default: service\n"
    )
    streets = build(tmp_path, layers)[0].layers["streets"]
    assert list(streets["road_class"]) == ["primary", "tertiary", "service"]
    assert list(streets["road_class_origin"]) == ["observed", "imputed", "imputed"]


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("{SENS: DOUBLE}", ["1"]),
        ("{ID: [1, 3.0]}", ["1", "3"]),
        ("{SENS: {not_in: [DOUBLE]}}", ["2", "3"]),
        ("{SENS: {missing: true}}", ["3"]),
        ("{V: {min: 8, max: 9}, SENS: {missing: false}}", ["2"]),
    ],
)
def test_conditions(tmp_path, condition, kept):
    streets_file(tmp_path)
    layers = STREETS.replace("rues.zip", f"rues.zip\n    where: {condition}")
    assert list(build(tmp_path, layers)[0].layers["streets"]["street_id"]) == kept


def test_joined_medians_and_fill(tmp_path):
    streets_file(tmp_path, NOM=["Grand-Rue", "Grand-Rue", "Autre"])
    (tmp_path / "trafic.csv").write_text("arc,tmja\n1,100\n1,300\n9,50\n", encoding="utf-8")
    layers = STREETS.replace(
        "rues.zip",
        "rues.zip\n    keep: {vehicles: tmja}\n"
        "    join: {file: trafic.csv, left: ID, right: arc, columns: [tmja], combine: median, fill_by: NOM}",
    )
    streets = build(tmp_path, layers)[0].layers["streets"]
    assert streets["vehicles"].tolist()[:2] == [200.0, 200.0]
    assert np.isnan(streets["vehicles"][2])
    assert list(streets["vehicles_origin"])[:2] == ["observed", "imputed"]


def test_rebuilt_nodes_meet(tmp_path):
    streets_file(tmp_path, geometry=[line((0, 0), (100, 0)), line((100.3, 0), (200, 0)), line((100, 0.2), (100, 80))])
    territory, _report = build(tmp_path, STREETS)
    streets = territory.layers["streets"]
    assert len(territory.layers["street_nodes"]) == 4
    assert streets["to_node"][0] == streets["from_node"][1] == streets["from_node"][2]


def test_given_nodes_that_lie_are_rebuilt_and_told(tmp_path):
    layers = STREETS + "      from_node: F\n      to_node: T\n"
    # Street 4 says that it starts at "a", which is 100 m away; streets 1 and 2 agree on "b".
    shapes = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((0, 0), (0, 50)), line((200, 0), (200, 50))]
    streets_file(
        tmp_path,
        ID=[1, 2, 3, 4], NOM=["x"] * 4, SENS=["DOUBLE"] * 4, V=[9.0] * 4, geometry=shapes,
        F=["a", "b", "a", "a"], T=["b", "c", "d", "e"],
    )  # fmt: skip
    territory, report = build(tmp_path, layers)
    streets = territory.layers["streets"]
    assert list(streets["from_node"]) == ["a", "b", "a", "c"]
    assert list(streets["from_node_origin"]) == ["observed"] * 3 + ["imputed"]
    assert report.warnings[0].features == ("4",)


def test_exchanged_ids_do_not_turn_a_one_way_street(tmp_path):
    layers = STREETS + "      from_node: F\n      to_node: T\n"
    shapes = [line((0, 0), (100, 0)), line((100, 0), (200, 0)), line((0, 0), (0, 50)), line((200, 0), (200, 50))]
    streets_file(
        tmp_path,
        ID=[1, 2, 3, 4], NOM=["x"] * 4, SENS=["DOUBLE", "UNIQUE", "DOUBLE", "DOUBLE"], V=[9.0] * 4, geometry=shapes,
        F=["a", "c", "a", "c"], T=["b", "b", "d", "e"],
    )  # fmt: skip
    territory, report = build(tmp_path, layers)
    assert list(territory.layers["streets"]["oneway"]) == ["both", "forward", "both", "both"]
    assert report.warnings[0].features == ("2",)


def test_population_is_spread_and_its_sum_kept(tmp_path):
    streets_file(tmp_path)
    (tmp_path / "p.csv").write_text("id,x,y\na,770010,6280010\nb,770020,6280020\nc,770250,6280010\n", encoding="utf-8")
    (tmp_path / "pop.csv").write_bytes(
        "Titre;;\n;;\ncode;commune;hab\n1;Méjean;100\n1;Méjean;20\n2;Ailleurs;7\n".encode("latin-1")
    )
    layers = STREETS + (
        "\n  addresses: {file: p.csv, crs: EPSG:2154, x: x, y: y, columns: {address_id: id, label: id}}\n"
    )
    block = (
        "population:\n  cell: 100 m\n  totals:\n"
        "    residents: {file: pop.csv, encoding: latin-1, skip_rows: 2, where: {code: '1'},"
        " column: hab, source: INSEE}\n"
    )
    territory, _report = build(tmp_path, layers, after=block)
    cells = territory.layers["population"]
    assert cells["residents"].tolist() == pytest.approx([80.0, 40.0])
    assert cells.geometry.area.tolist() == pytest.approx([1e4, 1e4])
    assert columns_of(territory, "population").loc["residents", ["origin", "source"]].tolist() == ["imputed", "INSEE"]


def test_relief_grid(tmp_path):
    # Esri's own layout: the first row of numbers is the northernmost; the corner is that of the cell.
    (tmp_path / "r.asc").write_text(
        "ncols 2\nnrows 2\nxllcorner 770000\nyllcorner 6280000\ncellsize 10\nNODATA_value -9999\n1 2\n3 -9999\n",
        encoding="ascii",
    )
    layers = "\n  relief: {file: r.asc, crs: EPSG:2154, columns: {z: z}}\n"
    relief = build(tmp_path, layers)[0].layers["relief"]
    found = {(point.x, point.y): z for point, z in zip(relief.geometry, relief["z"], strict=True)}
    assert found == {(770005.0, 6280015.0): 1.0, (770015.0, 6280015.0): 2.0, (770005.0, 6280005.0): 3.0}


def test_buildings_get_heights_by_rule(tmp_path):
    import geopandas as gpd
    import shapely
    from small_files import X, Y

    boxes = [shapely.box(X, Y, X + side, Y + 10) for side in (20, 20, 3)]
    frame = gpd.GeoDataFrame({"ID": [1, 2, 3], "H": [9.0, None, None]}, geometry=boxes, crs=2154)
    frame.to_file(tmp_path / "b.gpkg", layer="b")
    layers = "\n  buildings: {file: b.gpkg, columns: {building_id: ID, height: H, use: {constant: public}}}\n"
    buildings = build(tmp_path, layers)[0].layers["buildings"]
    assert buildings["storeys"].tolist() == [3, 2, 1]
    assert buildings["height"].tolist() == [9.0, 6.0, 3.0]
    assert buildings["height_origin"].tolist() == ["observed", "imputed", "imputed"]


def test_addresses_take_the_street_of_their_name_before_the_nearest(tmp_path):
    streets_file(tmp_path)
    rows = 'id,label,x,y\na,"3, Rue de l\'Église",770090,6280030\nb,"?",770090,6280030\nc,"?",770090,6281000\n'
    (tmp_path / "p.csv").write_text(rows, encoding="utf-8")
    layers = (
        STREETS + "\n  addresses: {file: p.csv, crs: EPSG:2154, x: x, y: y, columns: {address_id: id, label: label}}\n"
    )
    assert build(tmp_path, layers)[0].layers["addresses"]["street_id"].tolist()[:2] == ["1", "3"]
    assert build(tmp_path, layers)[0].layers["addresses"]["street_id"].isna().tolist() == [False, False, True]


def test_what_is_written_is_read_back(tmp_path):
    streets_file(tmp_path)
    lamp_rows(tmp_path)
    territory, _report = build(tmp_path, STREETS + LAMPS, HEAD + "title: {fr: Hameau, en: Hamlet}\n")
    again = read_territory(write_territory(territory, tmp_path / "t.gpkg"))
    assert again.checksum == territory.checksum
    assert again.title() == {"fr": "Hameau", "en": "Hamlet"}
