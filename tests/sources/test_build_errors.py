"""Every mistake that real data make is refused with its place, its features and an advice, in both languages."""

import geopandas as gpd
import pytest
import shapely
from small_files import HEAD, LAMP_ROWS, LAMPS, STREETS, X, Y, build, lamp_rows, line, refused, streets_file


def test_missing_file_offers_the_nearest(tmp_path):
    streets_file(tmp_path, "rue.zip")
    problem = refused(tmp_path, STREETS, {"fr": ["rues.zip", "n’existe pas", "« rue.zip »"],
                                          "en": ["does not exist", "did you mean « rue.zip »?"]})[0]  # fmt: skip
    assert problem.layer == "streets"


def test_unknown_source_column_lists_those_that_exist(tmp_path):
    streets_file(tmp_path)
    problem = refused(
        tmp_path,
        STREETS.replace("name: NOM", "name: NOMS"),
        {"fr": ["n’a pas de colonne « NOMS »", "« NOM »", "ID, NOM, SENS, V"], "en": ["no column « NOMS »", "ID, NOM"]},
    )[0]
    assert problem.column == "NOMS"


def test_unknown_attribute_and_layer_offer_the_nearest(tmp_path):
    streets_file(tmp_path)
    words = {"fr": ["attribut inconnu « speeed »", "« speed »"], "en": ["unknown attribute", "did you mean « speed »?"]}
    refused(tmp_path, STREETS.replace("speed:", "speeed:"), words)
    words = {"fr": ["couche inconnue « street »", "« streets »"], "en": ["unknown layer « street »", "« streets »"]}
    problem = refused(tmp_path, STREETS.replace("streets:", "street:"), words)[0]
    assert problem.line == 7


def test_unknown_file_layer(tmp_path):
    gpd.GeoDataFrame({"ID": [1]}, geometry=[line((0, 0), (9, 0))], crs=2154).to_file(tmp_path / "a.gpkg", layer="voies")
    gpd.GeoDataFrame({"ID": [1]}, geometry=[line((0, 0), (9, 0))], crs=2154).to_file(tmp_path / "a.gpkg", layer="rails")
    layers = "\n  streets: {file: a.gpkg, columns: {street_id: ID}}\n"
    refused(tmp_path, layers, {"fr": ["plusieurs couches", "voies, rails"], "en": ["several layers", "voies, rails"]})
    layers = "\n  streets: {file: a.gpkg, layer: voie, columns: {street_id: ID}}\n"
    refused(tmp_path, layers, {"fr": ["« voie »", "« voies »"], "en": ["no layer « voie »", "did you mean « voies »?"]})


def test_file_that_is_not_geographic(tmp_path):
    (tmp_path / "rues.zip").write_bytes(b"nothing")
    refused(tmp_path, STREETS, {"fr": ["l’archive zip ne peut pas être lue"], "en": ["the zip cannot be read"]})


def test_degrees_said_to_be_metres_and_metres_said_to_be_degrees(tmp_path):
    degrees = [shapely.LineString([(3.87, 43.61), (3.88, 43.61)])] * 3
    frame = gpd.GeoDataFrame({"ID": [1, 2, 3]}, geometry=degrees, crs=4326)
    frame.to_file(tmp_path / "a.geojson")
    layers = "\n  streets: {file: a.geojson, crs: EPSG:2154, columns: {street_id: ID}}\n"
    words = {"fr": ["semblent être des degrés", "3.87", "EPSG:4326"], "en": ["look like degrees", "3.87, 43.61"]}
    refused(tmp_path, layers, words)
    metres = frame.to_crs(2154).set_crs(4326, allow_override=True)
    metres.to_file(tmp_path / "b.geojson")
    layers = "\n  streets: {file: b.geojson, columns: {street_id: ID}}\n"
    refused(
        tmp_path, layers, {"fr": ["en degrés, pas les coordonnées"], "en": ["is in degrees, the coordinates are not"]}
    )


def test_no_crs_at_all(tmp_path):
    streets_file(tmp_path, crs=None)
    refused(tmp_path, STREETS, {"fr": ["n’indique pas son système"], "en": ["does not say its CRS", "EPSG:2154"]})
    territory, _report = build(tmp_path, STREETS.replace("rues.zip", "rues.zip\n    crs: EPSG:2154"))
    assert territory.layers["streets"].crs.to_epsg() == 2154


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857"])
def test_territory_crs_must_be_metric(tmp_path, crs):
    streets_file(tmp_path)
    with pytest.raises(Exception, match=crs):
        build(tmp_path, STREETS, HEAD.replace("EPSG:2154", crs))


def test_bad_geometries_are_named_or_dropped_or_mended(tmp_path):
    bow = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    good = shapely.box(X, Y, X + 5, Y + 5)
    frame = gpd.GeoDataFrame({"ID": [7, 8, 9, 10]}, geometry=[good, bow, None, shapely.Point(X, Y)], crs=2154)
    frame.to_file(tmp_path / "parcs.gpkg", layer="parcs")
    layers = "\n  green: {file: parcs.gpkg, columns: {green_id: ID}}\n"
    words = {"fr": ["géométrie absente", "[1 feature(s): 9]", "se recoupe", "8", "drop_invalid: true", "autre type"],
             "en": ["missing, empty", "9]", "crosses itself", "8]", "another type than Polygon", "10]"]}  # fmt: skip
    words["fr"].remove("[1 feature(s): 9]")
    problems = refused(tmp_path, layers, words)
    assert [problem.features for problem in problems] == [("9",), ("10",), ("8",)]
    dropped, report = build(tmp_path, layers.replace("columns", "drop_invalid: true, columns"))
    assert list(dropped.layers["green"]["green_id"]) == ["7"]
    assert sorted(ids for ids in report.layers["green"].dropped.values()) == [("10",), ("8",), ("9",)]
    both = layers.replace("columns", "drop_invalid: true, repair_invalid: true, columns")
    mended, report = build(tmp_path, both)
    assert report.layers["green"].repaired == ("8",)
    # The two triangles of a bow tie of side 10 have 25 m2 each.
    assert mended.layers["green"].geometry.area.tolist() == pytest.approx([25.0, 50.0])


def test_empty_coordinates_are_missing_geometry(tmp_path):
    lamp_rows(tmp_path, LAMP_ROWS.replace("770050;6280005", ";"))
    problem = refused(tmp_path, LAMPS, {"fr": ["géométrie absente"], "en": ["missing, empty or infinite geometry"]})[0]
    assert problem.features == ("2",)


def test_duplicated_ids(tmp_path):
    streets_file(tmp_path, ID=[1, 1, 3])
    words = {"fr": ["1"], "en": ["an identifier stands more than once"]}
    problem = refused(tmp_path, STREETS, words)[0]
    assert problem.features == ("1", "1")
    first, report = build(tmp_path, STREETS.replace("rues.zip", "rues.zip\n    duplicates: first"))
    assert list(first.layers["streets"]["street_id"]) == ["1", "3"]
    assert list(report.layers["streets"].dropped.values()) == [("1",)]


def test_missing_ids_are_named_by_row(tmp_path):
    lamp_rows(tmp_path, LAMP_ROWS.replace("\n2;", "\n;"))
    problem = refused(tmp_path, LAMPS, {"fr": ["lamps"], "en": ["a required value is missing"]})[0]
    assert problem.features == ("row 2",)


def test_negative_power_and_half_years(tmp_path):
    lamp_rows(tmp_path, LAMP_ROWS.replace("70,5;", "-70,5;"))
    problem = refused(tmp_path, LAMPS, {"fr": ["-70.5"], "en": ["below the minimum 0.0 W", "-70.5"]})[0]
    assert (problem.layer, problem.column, problem.features) == ("lamps", "power", ("1",))
    lamp_rows(tmp_path)
    layers = LAMPS + "      installed_year: puissance\n"
    words = {"fr": ["nombre entier", "70.5"], "en": ["a whole number is expected", "70.5"]}
    assert refused(tmp_path, layers, words)[0].features == ("1",)


def test_unlisted_value_of_a_map(tmp_path):
    lamp_rows(tmp_path, LAMP_ROWS.replace("1;sodium", "1;mercure"))
    words = {"fr": ["absentes de la table", "mercure", "`default`"], "en": ["the map does not list", "mercure"]}
    problem = refused(tmp_path, LAMPS, words)[0]
    assert problem.features == ("1",)
    built, _report = build(tmp_path, LAMPS.replace("led: LED}", "led: LED}, default: HPS"))
    lamps = built.layers["lamps"]
    assert list(lamps["technology"]) == ["HPS", "LED", "LED"]
    assert list(lamps["technology_origin"]) == ["imputed", "observed", "observed"]


def test_wrong_value_of_a_map_is_refused_by_the_table(tmp_path):
    lamp_rows(tmp_path)
    words = {"fr": ["SON"], "en": ["a value that the table does not know", "SON", "LED, HPS, MH"]}
    refused(tmp_path, LAMPS.replace("sodium: HPS", "sodium: SON"), words)


def test_unreadable_decimals(tmp_path):
    lamp_rows(tmp_path)
    layers = LAMPS.replace('    decimal: ","\n', "").replace("      power: puissance\n", "")
    words = {"fr": ["virgule décimale", "770010,5"], "en": ["have a decimal comma", "770010,5"]}
    refused(tmp_path, layers, words)
    lamp_rows(tmp_path, LAMP_ROWS.replace("70,5;", "7.0,5;"))
    words = {"fr": ["pas un nombre", "7.0,5"], "en": ["not a number", "7.0,5", "decimal point"]}
    assert refused(tmp_path, LAMPS, words)[0].features == ("1",)


def test_wrong_unit(tmp_path):
    streets_file(tmp_path)
    refused(tmp_path, STREETS.replace("unit: m/s", "unit: kW"), {"fr": ["kW", "`unit`"], "en": ["kW", "check `unit`"]})


def test_wrong_encoding_and_ragged_rows(tmp_path):
    lamp_rows(tmp_path)
    words = {"fr": ["n’est pas en UTF-8", "latin-1"], "en": ["the text is not in UTF-8", "latin-1"]}
    refused(tmp_path, LAMPS.replace("    encoding: latin-1\n", ""), words)
    lamp_rows(tmp_path, LAMP_ROWS.replace("2;led;;", "2;led;"))
    problem = refused(tmp_path, LAMPS, {"fr": ["autant de cellules"], "en": ["another number of cells"]})[0]
    assert problem.line == 3
    lamp_rows(tmp_path, f"Titre;;;;\n{LAMP_ROWS}")
    refused(tmp_path, LAMPS, {"fr": ["répète un nom"], "en": ["check `skip_rows`"]})


def test_no_geometry(tmp_path):
    lamp_rows(tmp_path)
    layers = LAMPS.replace("    x: x\n    y: y\n", "")
    refused(tmp_path, layers, {"fr": ["pas de géométrie", "`x:`"], "en": ["has no geometry"]})
    layers = LAMPS.replace("    y: y\n", "")
    refused(tmp_path, layers, {"fr": ["`x` et `y`"], "en": ["state both `x` and `y`"]})


def test_words_for_true_need_a_map(tmp_path):
    lamp_rows(tmp_path)
    words = {"fr": ["« true » ou « false »", "sodium"], "en": ["« true » or « false » is expected", "a `map`"]}
    assert refused(tmp_path, LAMPS + "      managed: type\n", words)[0].features == ("1", "2", "3")
    layers = LAMPS + "      managed: {column: type, map: {sodium: false, led: true}}\n"
    assert build(tmp_path, layers)[0].layers["lamps"]["managed"].tolist() == [False, True, True]


def test_exchanged_coordinates(tmp_path):
    (tmp_path / "p.csv").write_text("id,lon,lat\na,43.6,3.87\n", encoding="utf-8")
    layers = "\n  addresses: {file: p.csv, crs: EPSG:4326, x: lon, y: lat, columns: {address_id: id}}\n"
    refused(
        tmp_path, layers, {"fr": ["l’ordre de x et y"], "en": ["outside the area", "longitude 43.600, latitude 3.870"]}
    )


def test_a_condition_that_keeps_nothing_is_told(tmp_path, english):
    streets_file(tmp_path)
    _territory, report = build(tmp_path, STREETS.replace("rues.zip", "rues.zip\n    where: {ID: 99}"))
    assert report.warnings[0].message == "no feature is left of 3 row(s)"
    assert "Warning: " in str(report)


def test_workbook(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "Points"
    for row in (["Titre"], ["id", "x", "y", "p"], [1, X, Y, 70], [2, X, Y, None]):
        book.active.append(row)
    book.save(tmp_path / "l.xlsx")
    layers = (
        "\n  lamps: {file: l.xlsx, layer: Points, skip_rows: 1, crs: EPSG:2154, x: x, y: y,"
        " columns: {lamp_id: id, power: p}}\n"
    )
    assert build(tmp_path, layers)[0].layers["lamps"]["lamp_id"].tolist() == ["1", "2"]
    words = {"fr": ["n’a pas de feuille « Point »", "« Points »"], "en": ["no sheet « Point »", "« Points »"]}
    refused(tmp_path, layers.replace("layer: Points", "layer: Point"), words)


def test_ambiguous_join(tmp_path):
    streets_file(tmp_path)
    (tmp_path / "trafic.csv").write_text("arc,tmja\n1,100\n1,300\n2,50\n", encoding="utf-8")
    layers = STREETS.replace(
        "rues.zip", "rues.zip\n    join: {file: trafic.csv, left: ID, right: arc, columns: [tmja]}"
    )
    words = {"fr": ["même clé", "1"], "en": ["several rows have the same key", "combine"]}
    refused(tmp_path, layers, words)


def test_mistakes_in_the_yaml_have_their_line(tmp_path):
    streets_file(tmp_path)
    words = {"fr": ["territory.yaml:9: layers.streets.columms: clé inconnue", "« columns »"],
             "en": ["territory.yaml:9: layers.streets.columms: unknown key « columms »", "« columns »"]}  # fmt: skip
    refused(tmp_path, STREETS.replace("    columns:", "    columms:"), words)
    both = STREETS.replace("name: NOM", "name: {column: NOM, constant: x}")
    words = {"fr": ["une et une seule"], "en": ["state exactly one of: column, constant, row, cases"]}
    refused(tmp_path, both, words)


def test_environment_variable(tmp_path, monkeypatch):
    streets_file(tmp_path)
    monkeypatch.delenv("JUMEAU_NOWHERE", raising=False)
    head = HEAD + "data: ${JUMEAU_NOWHERE}/x\n"
    words = {"fr": ["JUMEAU_NOWHERE n’est pas définie", "${JUMEAU_NOWHERE:-dossier}"], "en": ["is not set"]}
    refused(tmp_path, STREETS, words, head)
    assert build(tmp_path, STREETS, HEAD + "data: ${JUMEAU_NOWHERE:-.}\n")[0].has("streets")
    monkeypatch.setenv("JUMEAU_NOWHERE", str(tmp_path))
    assert build(tmp_path, STREETS, HEAD + "data: ${JUMEAU_NOWHERE}\n")[0].has("streets")
