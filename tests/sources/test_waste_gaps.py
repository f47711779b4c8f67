"""Containers that do not tell everything, or no longer serve: what is taken, what is left out, and that it is said."""

import json
import os
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from jumeau.cli import main
from jumeau.engine.territory import build_territory
from jumeau.errors import InputError
from jumeau.i18n import language
from jumeau.networks.waste.formats.compiegne import read_compiegne
from jumeau.networks.waste.formats.compiegne_codes import usual_models
from jumeau.networks.waste.formats.fiware import read_fiware
from jumeau.territory.storage import read_territory

CASES = Path(os.environ.get("JUMEAU_DATA", "../shared/data")) / "cases" / "waste"
PLACES = "idlieu,statut,cttype,adresse,x_l93,y_l93\n"


def fiware(folder, *entities):
    path = folder / "bins.json"
    made = [
        {
            "type": "WasteContainer",
            "id": f"c{row}",
            "storedWasteKind": ["glass"],
            "location": {"type": "Point", "coordinates": [3.87 + row / 1000.0, 43.61]},
            **item,
        }
        for row, item in enumerate(entities, 1)
    ]
    path.write_text(json.dumps([{key: value for key, value in item.items() if value != "-"} for item in made]))
    return path


def compiegne(folder, places, containers, columns="idcont,idlieu,eve,model"):
    (folder / "geo_dec_pav_lieu.csv").write_text(PLACES + "\n".join(places) + "\n", encoding="utf-8")
    (folder / "an_dec_pav_cont.csv").write_text("\n".join((columns, *containers)) + "\n", encoding="utf-8")
    return folder


def columns_of(found):
    return found.layers["waste_containers"].set_index("container_id")


def test_fiware_without_capacity_holds_what_is_usual_for_its_kind(tmp_path, english):
    path = fiware(tmp_path, {"binCapacity": 3000}, {}, {"category": ["portable"]}, {"category": ["underground"]})
    found = read_fiware(path)
    assert columns_of(found)["volume"].tolist() == [3000.0, 4000.0, 240.0, 5000.0]
    assert columns_of(found)["volume_origin"].tolist() == ["observed", "imputed", "imputed", "imputed"]
    (warning,) = found.warnings
    assert warning.warning
    assert warning.features == ("c2", "c3", "c4")
    assert "240 l (wheeled_bin)" in str(warning)
    assert columns_of(read_fiware(path, 1500.0))["volume"].tolist() == [3000.0, 1500.0, 1500.0, 1500.0]


def test_fiware_without_a_kind_of_waste_has_the_stream_that_is_stated(tmp_path, english):
    path = fiware(tmp_path, {"storedWasteKind": "-", "binCapacity": 240}, {"binCapacity": 240})
    found = read_fiware(path)
    assert columns_of(found)["stream"].tolist() == ["residual", "glass"]
    assert found.warnings[0].features == ("c1",)
    assert columns_of(read_fiware(path, stream="paper"))["stream"].tolist() == ["paper", "glass"]


@pytest.mark.parametrize(
    ("value", "litres"),
    [
        ({"type": "Property", "value": 3, "unitCode": "MTQ"}, 3000.0),
        ({"type": "Property", "value": 770, "unitCode": "LTR"}, 770.0),
        ("660", 660.0),
        (0, 4000.0),
        (None, 4000.0),
    ],
)
def test_fiware_capacities_in_their_units(tmp_path, value, litres):
    assert columns_of(read_fiware(fiware(tmp_path, {"binCapacity": value})))["volume"].tolist() == [litres]


@pytest.mark.parametrize(
    "value", ["three", -5, float("nan"), float("inf"), [3], {"value": 3, "unitCode": "KGM"}, "1e999"]
)
def test_fiware_capacities_that_are_none_are_named(tmp_path, english, value):
    with pytest.raises(InputError) as caught:
        read_fiware(fiware(tmp_path, {"binCapacity": 1000}, {"binCapacity": value}))
    assert caught.value.problems[0].column == "binCapacity"
    assert caught.value.problems[0].features == ("c2",)


@pytest.mark.parametrize(
    "location", [None, {"type": "Point", "coordinates": []}, {"type": "Point", "coordinates": [None, 43.6]}, 3,
                 {"type": "Point", "coordinates": [float("nan"), 43.6]}, {"type": "Point", "coordinates": {"x": 1}}]
)  # fmt: skip
def test_fiware_places_that_are_none_are_named(tmp_path, english, location):
    with pytest.raises(InputError) as caught:
        read_fiware(fiware(tmp_path, {"binCapacity": 1000}, {"binCapacity": 1000, "location": location}))
    assert caught.value.problems[0].features == ("c2",)


@pytest.mark.parametrize("text", ["[" * 100_000, "{}\n" + "[" * 100_000, "\xff\xfe", "[3, null]", "null", "{}", ""])
def test_fiware_files_that_are_none_end_in_a_message(tmp_path, english, text):
    path = tmp_path / "bins.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError):
        read_fiware(path)


@pytest.mark.parametrize(
    ("place", "container", "reason"),
    [
        ("1,20,10,,687000,6924000", "11,1,10,2", "not active"),
        ("1,Inactif,10,,687000,6924000", "11,1,10,2", "not active"),
        ("1,10,10,,687000,6924000", "11,1,20,2", "taken away"),
        ("1,10,10,,687000,6924000", "11,1,21,2", "taken away"),
        ("1,10,10,,687000,6924000", "11,1,30,2", "taken away"),
        ("1,10,10,,687000,6924000", "11,1,Déposé,2", "taken away"),
        ("1,10,30,,687000,6924000", "11,1,10,12", "textile"),
        ("1,10,20,,687000,6924000", "11,1,10,99", "textile"),
        ("1,10,20,,687000,6924000", "11,1,10,", "textile"),
        ("1,10,TLC,,687000,6924000", "11,1,10,", "textile"),
        ("1,10,10,,687000,6924000", "11,1,10,EcoNox textile", "textile"),
    ],
)
def test_compiegne_leaves_out_what_does_not_serve(tmp_path, english, place, container, reason):
    kept = "2,10,30,Rue B,687100,6924000"
    found = read_compiegne(compiegne(tmp_path, [place, kept], [container, "12,2,12,05"]), None, 1234.0)
    assert columns_of(found).index.tolist() == ["12"]
    assert found.layers["waste_sites"]["site_id"].tolist() == ["2"]
    assert reason in found.notes[0]
    assert "(11)" in found.notes[0]


def test_compiegne_survey_and_removal_date(tmp_path, english):
    folder = compiegne(
        tmp_path,
        ["1,10,10,,687000,6924000"],
        ["11,1,,2,supprimé,", "12,1,,2,inchangé,", "13,1,,2,nouveau,2024-05-01"],
        "idcont,idlieu,eve,model,maj_2021,date_depose",
    )
    assert columns_of(read_compiegne(folder, None, 1234.0)).index.tolist() == ["12"]


def test_compiegne_volume_is_its_own_then_its_models_then_the_one_stated(tmp_path, english):
    folder = compiegne(
        tmp_path,
        ["1,10,10,,687000,6924000"],
        ["11,1,10,5,2.5", "12,1,10,5,", "13,1,10,99,", "14,1,10,Bulle 3 m³,", "15,1,10,6,0"],
        "idcont,idlieu,eve,model,volume",
    )
    found = read_compiegne(folder, None, 1234.0)
    assert columns_of(found)["volume"].tolist() == [2500.0, 3000.0, 1234.0, 3000.0, 4000.0]
    assert columns_of(found)["kind"].tolist() == ["drop_off_column"] * 4 + ["buried"]
    assert [warning.features for warning in found.warnings] == [("13",)]


def test_compiegne_models_of_the_database_come_first(tmp_path, english):
    folder = compiegne(tmp_path, ["1,10,10,,687000,6924000"], ["11,1,10,5", "12,1,10,40", "13,1,10,1"])
    listed = "code,valeur,volume,cttype\n5,Notre colonne,5,10\n40,Le Relais,2,20\n"
    (folder / "lt_pav_modele.csv").write_text(listed, encoding="utf-8")
    assert columns_of(read_compiegne(folder, None, 1234.0))["volume"].to_dict() == {"11": 5000.0, "13": 4000.0}


def test_compiegne_list_of_models_is_the_published_one():
    """Model 5 is the « UTPM 3m3 »; 7 to 12 are for textile."""
    models = usual_models()
    assert models["5"].volume == 3000.0
    assert [code for code in models if models[code].content == "textile"] == [str(code) for code in range(7, 13)]


@pytest.mark.parametrize(
    ("places", "containers", "column"),
    [
        (["1,10,10,,687000,6924000"], ["11,1,10,4000"], "volume"),
        (["1,10,10,,687000,6924000"], ["11,1,10,big"], "volume"),
        (["1,10,10,,here,6924000"], ["11,1,10,4"], "x_l93"),
        (["1,10,10,,,6924000"], ["11,1,10,4"], ""),
        (["1,10,10,,687000,6924000", "1,10,10,,687500,6924000"], ["11,1,10,4"], "idlieu"),
    ],
)
def test_compiegne_cells_that_cannot_be_read_are_told(tmp_path, english, places, containers, column):
    folder = compiegne(tmp_path, places, containers, "idcont,idlieu,eve,volume")
    with pytest.raises(InputError) as caught:
        read_compiegne(folder, None, 4000.0)
    assert caught.value.problems[0].column == column
    assert caught.value.problems[0].features


def test_compiegne_codes_out_of_their_lists_are_told(tmp_path, english):
    folder = compiegne(tmp_path, ["1,55,10,,687000,6924000"], ["11,1,Ajout (complément),2", "12,1,77,2"])
    found = read_compiegne(folder, None, 4000.0)
    assert [(item.column, item.value, item.features) for item in found.warnings] == [
        ("statut", "55", ("1",)),
        ("eve", "77", ("12",)),
    ]
    assert len(columns_of(found)) == 2


def test_compiegne_tables_of_french_spreadsheets(tmp_path):
    folder = compiegne(tmp_path, ["1,10,10,Rue de l'Église,687000,6924000"], ["11,1,Déposé,2", "12,1,10,2"])
    for file in folder.glob("*.csv"):
        file.write_bytes(file.read_text(encoding="utf-8").replace(",", ";").encode("cp1252"))
    found = read_compiegne(folder, None, 4000.0)
    assert columns_of(found).index.tolist() == ["12"]
    assert found.layers["waste_sites"]["name"].tolist() == ["Rue de l'Église"]


def test_compiegne_places_as_a_shapefile(tmp_path):
    """The published template: a shapefile of places beside a CSV file of containers."""
    compiegne(tmp_path, [], ["11,1,10,5", "12,2,10,5"])
    (tmp_path / "geo_dec_pav_lieu.csv").unlink()
    points = [shapely.Point(687_000, 6_924_000), shapely.Point(687_300, 6_924_000)]
    places = gpd.GeoDataFrame({"idlieu": [1, 2], "statut": ["10", "20"]}, geometry=points, crs=2154)
    places.to_file(tmp_path / "geo_dec_pav_lieu.shp")
    found = columns_of(read_compiegne(tmp_path, None, 4000.0))
    assert found.index.tolist() == ["11"]
    assert found.geometry.iloc[0].equals(points[0])


@pytest.mark.skipif(not CASES.is_dir(), reason="no open data here")
@pytest.mark.parametrize(
    ("case", "volumes", "told"),
    [("compiegne_inactive", [3000.0], ["(12)", "(13)", "(14)"]), ("fiware_no_capacity", [3000.0, 4000.0], ["c2"])],
)
def test_cases_of_the_shared_data(case, volumes, told, tmp_path, capsys):
    output = tmp_path / "town.gpkg"
    assert main(["territory", "build", str(CASES / case / "t.yaml"), "-o", str(output)]) == 0
    text = capsys.readouterr().out
    assert all(word in text for word in told)
    assert sorted(read_territory(output).layers["waste_containers"]["volume"]) == volumes


def town(folder, *lines):
    path = folder / "town.yaml"
    path.write_text("\n".join(("name: town", *lines)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("lang", "words"), [("en", "without a capacity"), ("fr", "sans capacité")])
def test_a_build_tells_what_was_taken_and_goes_on(tmp_path, capsys, lang, words):
    fiware(tmp_path, {"binCapacity": 3000}, {})
    with language(lang):
        assert main(["territory", "build", str(town(tmp_path, "imports: [{format: fiware_waste, file: bins.json}]")),
                     "--lang", lang]) == 0  # fmt: skip
    told = capsys.readouterr().out
    assert words in told
    assert "c2" in told
    assert sorted(read_territory(tmp_path / "town.gpkg").layers["waste_containers"]["volume"]) == [3000.0, 4000.0]


def test_volume_and_stream_of_the_territory_file_reach_the_reader(tmp_path):
    fiware(tmp_path, {"storedWasteKind": "-"})
    stated = "imports: [{format: fiware_waste, file: bins.json, volume: 2 m3, stream: paper}]"
    containers = build_territory(town(tmp_path, stated))[0].layers["waste_containers"]
    assert containers[["volume", "stream"]].to_numpy().tolist() == [[2000.0, "paper"]]


def mapped(folder, **changes):
    """Containers of a plain GIS layer, with what the case changes."""
    frame = gpd.GeoDataFrame(
        {"ident": ["a", "b"], "flux": ["glass", "glass"], "litres": [3000.0, 3000.0], "lieu": ["s1", "s2"]},
        geometry=[shapely.Point(770_000, 6_280_000), shapely.Point(770_300, 6_280_000)],
        crs=2154,
    ).assign(**changes)
    frame.to_file(folder / "containers.gpkg")
    sites = frame.assign(lieu=["s1", "s2"])
    sites.to_file(folder / "sites.gpkg")
    return town(
        folder,
        "layers:",
        "  waste_sites: {file: sites.gpkg, columns: {site_id: lieu}}",
        "  waste_containers:",
        "    file: containers.gpkg",
        "    columns: {container_id: ident, stream: flux, volume: litres, site_id: lieu}",
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"lieu": ["s1", "nowhere"]}, "nowhere"),
        ({"lieu": ["nowhere", "nowhere"]}, "nowhere"),
        ({"lieu": ["s1", None]}, "b"),
        ({"flux": ["glass", None]}, "stream"),
        ({"flux": [None, None]}, "stream"),
        ({"litres": [3000.0, None]}, "volume"),
    ],
)
def test_a_build_that_fails_names_why_and_writes_nothing(tmp_path, capsys, changes, word):
    path = mapped(tmp_path, **changes)
    before = sorted(Path(tmp_path).iterdir())
    assert main(["territory", "build", str(path), "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert word in told.out + told.err
    assert sorted(Path(tmp_path).iterdir()) == before


def test_containers_at_several_streams_of_an_unknown_site_end_in_a_message(tmp_path, capsys):
    """One stream has all its containers at sites that do not exist, the other has not."""
    path = mapped(tmp_path, flux=["glass", "paper"], lieu=["s1", "nowhere"])
    assert main(["territory", "build", str(path), "--lang", "en"]) == 2
    assert "nowhere" in capsys.readouterr().out


def test_origins_of_a_mixed_column_are_told(tmp_path):
    found = read_fiware(fiware(tmp_path, {"binCapacity": 3000}, {"binCapacity": 3000}, {}))
    told = found.columns.set_index(["layer", "column"])["origin"]
    assert told["waste_containers", "volume"] == "observed"
    assert pd.Series(columns_of(found)["volume_origin"]).tolist() == ["observed", "observed", "imputed"]
