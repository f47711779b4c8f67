"""Sheets of rounds as operators keep them, read through a territory file: French and English, CSV and Excel."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import waste_kit as kit

from jumeau.engine.territory import build_territory, check_territory
from jumeau.errors import InputError
from jumeau.networks.waste import NETWORK
from jumeau.simulation.clock import DAY

FRENCH = """tournée;flux;jours;fréquence;véhicule;ordre;point
T-VERRE-1;Verre;lundi;C0,5;GRUE;2;P01
T-VERRE-1;Verre;lundi;C0,5;GRUE;1;P02
T-VERRE-1;Verre;lundi;C0,5;GRUE;3;P03
T-OM-1;OM;lun. et jeu.;C2;BOM;1;P03
T-OM-1;OM;;C2;BOM;2;P01
"""

ENGLISH = """round;stream;days;frequency;truck;rank;site
T-VERRE-1;glass;Monday;every 2 weeks;GRUE;2;P01
T-VERRE-1;glass;Monday;every 2 weeks;GRUE;1;P02
T-VERRE-1;glass;Monday;every 2 weeks;GRUE;3;P03
T-OM-1;residual;Monday, Thursday;twice a week;BOM;1;P03
T-OM-1;residual;;twice a week;BOM;2;P01
"""

WORDS = {
    "fr": ("tournée", "flux", "jours", "fréquence", "véhicule", "ordre", "point"),
    "en": ("round", "stream", "days", "frequency", "truck", "rank", "site"),
}

HEAD = """name: tournees
crs: EPSG:2154
source: commune
licence: Licence Ouverte
date: '2025'
layers:
  waste_sites: {file: points.csv, crs: EPSG:2154, x: x, y: y, columns: {site_id: point}}
  waste_containers:
    file: conteneurs.csv
    crs: EPSG:2154
    x: x
    y: y
    columns: {container_id: id, site_id: point, stream: flux, volume: {column: volume, unit: m3}, mass_rate: kg}
  waste_trucks: {file: camions.csv, columns: {truck_id: id, streams: flux, body: caisse, payload: charge}}
"""


def mapping(file, lang):
    round_, stream, days, every, truck, rank, site = WORDS[lang]
    return f"""
  waste_rounds:
    file: {file}
    duplicates: agree
    columns:
      round_id: {round_}
      stream: {{column: {stream}, map: {{Verre: glass, glass: glass, OM: residual, residual: residual}}}}
      weekdays: {days}
      every: {{column: {every}, map: {{"C0,5": 2, C2: 1, every 2 weeks: 2, twice a week: 1}}}}
      truck_id: {truck}
  waste_stops:
    file: {file}
    columns: {{stop_id: {{row: "line "}}, round_id: {round_}, rank: {rank}, site_id: {site}}}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "points.csv").write_text(
        "point;x;y\nP01;701000;6600000\nP02;702000;6600000\nP03;703000;6600000\n", encoding="utf-8"
    )
    (tmp_path / "conteneurs.csv").write_text(
        "id;point;flux;volume;kg;x;y\n"
        "V1;P01;glass;4;10;701000;6600000\nV2;P02;glass;4;10;702000;6600000\nV3;P03;glass;4;10;703000;6600000\n"
        "B1;P01;residual;0.66;10;701000;6600000\nB3;P03;residual;0.66;10;703000;6600000\n",
        encoding="utf-8",
    )
    (tmp_path / "camions.csv").write_text(
        "id;flux;caisse;charge\nGRUE;glass;30;10000\nBOM;residual;16;9000\n", encoding="utf-8"
    )
    return tmp_path


def built(folder, text, lang="fr", name="tournees.csv"):
    path = folder / name
    if name.endswith(".csv"):
        path.write_text(text, encoding="utf-8")
    else:
        rows = [line.split(";") for line in text.splitlines()]
        pd.DataFrame(rows[1:], columns=rows[0]).to_excel(path, index=False)
    (folder / "territory.yaml").write_text(HEAD + mapping(name, lang), encoding="utf-8")
    return build_territory(folder / "territory.yaml")[0]


@pytest.mark.parametrize(("lang", "text"), [("fr", FRENCH), ("en", ENGLISH)])
@pytest.mark.parametrize("name", ["tournees.csv", "tournees.xlsx"])
def test_a_sheet_gives_rounds_stops_and_the_round_of_each_container(folder, lang, text, name):
    found = built(folder, text, lang, name)
    errors, _warnings = check_territory(found)
    assert errors == []
    rounds = found.layer("waste_rounds").set_index("round_id")
    assert rounds["stream"].to_dict() == {"T-VERRE-1": "glass", "T-OM-1": "residual"}
    assert rounds["every"].to_dict() == {"T-VERRE-1": 2, "T-OM-1": 1}
    stops = found.layer("waste_stops")
    assert len(stops) == 5
    assert stops["stop_id"].tolist()[:2] == ["line 1", "line 2"]
    containers = found.layer("waste_containers").set_index("container_id")
    assert containers["round_id"].to_dict() == {
        **dict.fromkeys(("V1", "V2", "V3"), "T-VERRE-1"),
        **dict.fromkeys(("B1", "B3"), "T-OM-1"),
    }


def test_a_run_drives_the_sheet(folder):
    found = built(folder, FRENCH)
    # A depot of its own would be laid out; the layout is tested elsewhere.
    stops = kit.bench(found, date(2025, 3, 3), date(2025, 3, 9), warmup=14 * DAY).run().events(NETWORK.name)["stop"]
    stops = stops[stops["time"] >= 0.0]
    names = found.layer("waste_sites")["site_id"].to_numpy()
    trucks = found.layer("waste_trucks")["truck_id"].to_numpy()
    order = {name: names[stops["site"][trucks[stops["truck"]] == name]].tolist() for name in trucks}
    assert order["BOM"] == ["P03", "P01"] * 2
    assert order["GRUE"] in ([], ["P02", "P01", "P03"])  # every second week


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("GRUE;3;P03", "GRUE;3;P99", ["waste_stops", "site_id", "P99", "line 3"]),
        ("GRUE;3;P03", "GRUE;2;P03", ["waste_stops", "rank", "line 1", "line 3", "same rank twice"]),
        ("GRUE;3;P03", "GRUE;3;P02", ["waste_stops", "site_id", "line 2", "line 3", "same site twice"]),
        ("GRUE;3;P03", "BOM;3;P03", ["waste_rounds", "truck_id (véhicule)", "row 3", "GRUE / BOM", "do not agree"]),
        ("GRUE;3;P03", "GRUE;trois;P03", ["waste_stops", "rank", "line 3", "trois"]),
        ("GRUE;3;P03", "GRUE;;P03", ["waste_stops", "rank", "line 3", "missing"]),
        ("C0,5;GRUE;2", "C3;GRUE;2", ["waste_rounds", "every (fréquence)", "C3", "map"]),
        ("T-VERRE-1;Verre;lundi;C0,5;GRUE;2", "T-VERRE-1;Textile;lundi;C0,5;GRUE;2", ["stream (flux)", "Textile"]),
        ("lun. et jeu.", "L et J", ["waste_rounds", "weekdays", "T-OM-1", "L et J", "mon tue"]),
        ("BOM;2;P01", "BOM;2;P02", ["waste_stops", "site_id", "line 5", "P02", "no container"]),
        ("GRUE", "CAMION", ["waste_rounds", "truck_id", "CAMION"]),
        ("fréquence;", "freq;", ["fréquence", "tournees.csv"]),
    ],
)
def test_rows_that_cannot_be_used_are_named(folder, english, old, new, words):
    assert old in FRENCH
    try:
        found = check_territory(built(folder, FRENCH.replace(old, new)))[0]
    except InputError as error:
        found = error.problems
    told = "\n".join(str(item) for item in found)
    for word in words:
        assert word in told, told


def test_the_rounds_of_a_run_are_read_back(folder, tmp_path):
    """What a run drove is the order of another: its layer of rounds is read by the same mapping."""
    layers = kit.collection([[2000.0, 0.0], [1000.0, 0.0], [3000.0, 0.0]])
    ran = kit.bench(layers, date(2025, 3, 3), date(2025, 3, 9), warmup=7 * DAY).run()
    lines = NETWORK.traces(ran.prepared, ran.events("waste"), kit.bench(layers).place)["waste_round_lines"]
    assert isinstance(lines, gpd.GeoDataFrame)
    lines.set_crs(kit.CRS, allow_override=True).to_file(tmp_path / "assets.gpkg", layer="waste_round_lines__baseline")
    (folder / "territory.yaml").write_text(
        HEAD
        + """
  waste_rounds:
    file: assets.gpkg
    layer: waste_round_lines__baseline
    duplicates: first
    columns: {round_id: round_id, stream: stream, weekdays: weekday, order: order}
""",
        encoding="utf-8",
    )
    found = build_territory(folder / "territory.yaml", synthesise=False)[0].layer("waste_rounds")
    assert found[["round_id", "stream", "weekdays"]].values.tolist() == [["R1", "glass", "mon"]]
    assert found["order"].tolist() == [lines["order"].iloc[0]]
    again = kit.collection([[2000.0, 0.0], [1000.0, 0.0], [3000.0, 0.0]], rounds={"order": found["order"].tolist()})
    other = kit.bench(again, date(2025, 3, 3), date(2025, 3, 9), warmup=7 * DAY).run()
    assert other.outcome.indicators["distance"] == ran.outcome.indicators["distance"]
    drove = other.events("waste")["stop"]["site"].tolist()
    assert drove == ran.events("waste")["stop"]["site"].tolist()
