"""From a folder of open data to a town that runs: `territory new`, then `build`, `check` and a scenario."""

import os
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from jumeau.cli import main
from jumeau.engine.draft import Wanted, draft_territory
from jumeau.networks.water.formats.gis_writing import write_gis
from jumeau.sources.format import Format
from jumeau.sources.imported import Imported, observed_columns
from jumeau.sources.products import PRODUCTS
from jumeau.territory.storage import read_territory

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))

import gtfs_kit
import olemps

DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[3] / "shared" / "data"))

SCENARIO = """name: led
title: {fr: LED, en: LED}
territory: olemps.gpkg
period: {start: "2025-01-06", end: "2025-01-13"}
networks: [lighting]
variants:
  led:
    title: {fr: LED, en: LED}
    measures:
      - {measure: lighting.led_retrofit, where: {}}
"""


def told(captured):
    """What was printed, with plain spaces."""
    return (captured.out + captured.err).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.skipif(not olemps.DELIVERY.is_file(), reason="the delivery of Olemps is absent")
def test_olemps_from_its_delivery_to_a_run(tmp_path, capsys):
    olemps.delivered(tmp_path / "data")
    stops = {"mairie": (2.5515, 44.3445), "puech": (2.5570, 44.3470), "rodez": (2.5740, 44.3490)}
    line = {"A": (["mairie", "puech", "rodez"], 4, {"W": range(390, 1200, 30)})}
    gtfs_kit.zipped(gtfs_kit.feed(tmp_path / "feed", stops, line), tmp_path / "data" / "bus.zip")
    file, made = tmp_path / "olemps.yaml", tmp_path / "olemps.gpkg"
    assert main(["territory", "new", "--from", str(tmp_path / "data"), "-o", str(file), "--lang", "en"]) == 0
    text = told(capsys.readouterr())
    assert "TRONCON_DE_ROUTE.shp: IGN BD TOPO -> streets" in text
    assert "bus.zip: GTFS (public transport) -> transit_stops" in text
    assert "commune: 12174 Olemps, the only one of the data" in text
    assert "adresses-12.csv.gz" in text
    assert "BDT_3-5" not in text
    # Two lines are those of the timetable, which no delivery of BD TOPO holds.
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 15 + 2
    assert main(["territory", "build", str(file), "-o", str(made), "--lang", "en"]) == 0
    assert main(["territory", "check", str(made), "--lang", "en"]) == 0
    assert "errors: 0" in told(capsys.readouterr())
    territory = read_territory(made)
    # What the delivery says of its own commune.
    assert territory.layers["population"]["residents"].sum() == 3439
    assert territory.layers["zones"].geometry.area.sum() / 1e4 == pytest.approx(1279, rel=0.01)
    assert (territory.meta["country"], territory.meta["timezone"]) == ("FR", "Europe/Paris")
    # The third stop lies outside of the commune, away from its streets.
    assert territory.layers["transit_stops"]["workday"].sum() == 27
    demand = territory.columns[territory.columns["layer"] == "traffic_demand"]
    assert demand["rule"].str.contains("timetable of public transport").all()
    heights = territory.layers["buildings"]["height"]
    assert 5.0 < heights.mean() < 7.0
    (tmp_path / "led.yaml").write_text(SCENARIO, encoding="utf-8")
    assert (
        main(["run", str(tmp_path / "led.yaml"), "-o", str(tmp_path / "run"), "--replications", "1", "--lang", "en"])
        == 0
    )


def folder_of_a_hamlet(folder):
    """A BAN of two communes and their limits by geo.api.gouv.fr: synthetic rows under exact headers."""
    folder.mkdir()
    rows = ["id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;x;y;lon;lat"]
    for code, name, lon in (("01004", "Ambérieu", 5.35), ("01005", "Ambérieux", 4.90)):
        rows += [f"{code}_0010_{n:05d};;{n};;Rue;01500;{code};{name};0;0;{lon + n / 10000};45.95" for n in range(1, 9)]
    (folder / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8-sig")
    values = {"nom": ["Ambérieu", "Ambérieux"], "code": ["01004", "01005"], "codeDepartement": "01", "codeRegion": "84",
              "population": [14_000, 1700]}  # fmt: skip
    boxes = [shapely.box(lon - 0.05, 45.9, lon + 0.05, 46.0) for lon in (5.35, 4.90)]
    gpd.GeoDataFrame(values, geometry=boxes, crs=4326).to_file(folder / "l.geojson")
    return folder


def test_one_commune_of_several(tmp_path, capsys):
    folder = folder_of_a_hamlet(tmp_path / "data")
    file = tmp_path / "t.yaml"
    words = ["territory", "new", "--from", str(folder), "--commune", "01004", "-o", str(file), "--lang", "en"]
    assert main(words) == 0
    assert 'commune: "01004"' in file.read_text(encoding="utf-8")
    assert 'title: "Ambérieu"' in file.read_text(encoding="utf-8") or "title: Ambérieu" in file.read_text(
        encoding="utf-8"
    )
    capsys.readouterr()
    assert main(words) == 2
    assert "not overwritten" in told(capsys.readouterr())
    made = tmp_path / "t.gpkg"
    assert main(["territory", "build", str(file), "--no-synthesis", "-o", str(made)]) == 0
    territory = read_territory(made)
    assert len(territory.layers["addresses"]) == 8
    assert territory.layers["population"]["residents"].tolist() == [14_000]
    assert territory.layers["zones"]["zone_id"].tolist() == ["01004"]


def test_what_is_published_is_imported_as_yardsticks(tmp_path, capsys):
    """The draft names the commune to both readers; what they give is built, told by `info` and held by `check`."""
    folder = folder_of_a_hamlet(tmp_path / "data")
    (folder / "eau.csv").write_text(
        "Id SISPEA de l'entité de gestion;Nom de l'entité de gestion;N° INSEE si commune;Année;D101.0;D102.0;P104.3\n"
        "11;Régie d'Ambérieu;01004;2024;14200;1,95;81,25\n",
        encoding="utf-8",
    )
    (folder / "dechets.csv").write_text(
        "ANNEE,C_DEPT,N_DEPT,L_TYP_REG_DECHET,POPULATION,RATIO_OMA\n2021,01,Ain,Verre,655000,33.6\n", encoding="utf-8"
    )
    file, made = tmp_path / "t.yaml", tmp_path / "t.gpkg"
    words = ["territory", "new", "--from", str(folder), "--commune", "01004", "-o", str(file), "--lang", "en"]
    assert main(words) == 0
    text = told(capsys.readouterr())
    assert "eau.csv: SISPEA (indicators of water services) -> water_yardsticks" in text
    assert "Known, not used yet" not in text or "SISPEA" not in text.partition("Known, not used yet")[2]
    drafted = file.read_text(encoding="utf-8")
    assert '{format: sispea, file: eau.csv, commune: "01004"}' in drafted
    assert '{format: sinoe, file: dechets.csv, commune: "01004"}' in drafted
    assert main(["territory", "build", str(file), "--no-synthesis", "-o", str(made), "--lang", "en"]) == 0
    territory = read_territory(made)
    assert territory.layers["water_yardsticks"].set_index("indicator")["value"]["P104.3"] == 81.25
    assert main(["territory", "info", str(made), "--lang", "en"]) == 0
    text = told(capsys.readouterr())
    assert "water_yardsticks" in text
    assert "SISPEA, OFB (eau.csv)" in text
    main(["territory", "check", str(made), "--lang", "en"])
    text = told(capsys.readouterr())
    assert "Published against simulated" in text
    assert "Régie d'Ambérieu (11), 2024" in text


def test_a_commune_without_a_sispea_service_is_told(tmp_path, capsys):
    folder = folder_of_a_hamlet(tmp_path / "data")
    (folder / "eau.csv").write_text(
        "Code_service;Nom_service;Code INSEE;D102.0;P104.3\n11;Autre;35001;2;80\n", encoding="utf-8"
    )
    words = ["territory", "new", "--from", str(folder), "--commune", "01004", "-o", str(tmp_path / "t.yaml")]
    assert main([*words, "--lang", "en"]) == 0
    assert "no drinking water service is told to serve the commune (01004)" in told(capsys.readouterr())
    assert "sispea" not in (tmp_path / "t.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--commune", "1004"], "no INSEE code"),
        (["--commune", "35001"], "nothing in the folder can be made"),
        (["--residents", "many"], "a number of people"),
    ],
)
def test_what_cannot_be_drafted_is_told(tmp_path, more, words, capsys):
    folder = folder_of_a_hamlet(tmp_path / "data")
    command = ["territory", "new", "--from", str(folder), "-o", str(tmp_path / "t.yaml"), "--lang", "en", *more]
    try:
        status = main(command)
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2
    assert words in told(capsys.readouterr())
    assert not (tmp_path / "t.yaml").exists()


def test_a_file_of_openstreetmap_is_one_import(tmp_path, monkeypatch, capsys):
    """The reader of OpenStreetMap is another module's: a stand-in gives what it gives."""

    def stand_in(path, _options, _crs):
        line = shapely.LineString([(7.42, 43.73), (7.43, 43.74)])
        layer = gpd.GeoDataFrame({"street_id": ["1"]}, geometry=[line], crs=4326)
        return Imported({"streets": layer}, observed_columns({"streets": layer}, path.name))

    monkeypatch.setitem(PRODUCTS, "osm", Format("osm", "OpenStreetMap", read=stand_in))
    node = '<node id="1" lat="{lat}" lon="{lon}" version="1"><tag k="addr:country" v="{code}"/></node>'
    for name, lat, lon, code, zone in (
        ("monte", 43.735, 7.42, "MC", "Europe/Monaco"),
        ("hel", 60.17, 24.9, "FI", "Europe/Helsinki"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / f"{name}.osm").write_text(
            f'<osm version="0.6">{node.format(lat=lat, lon=lon, code=code)}</osm>', encoding="utf-8"
        )
        file = tmp_path / f"{name}.yaml"
        assert main(["territory", "new", "--from", str(folder), "-o", str(file), "--lang", "en"]) == 0
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 15
        assert f"timezone: {zone}" in lines
        assert f"country: {code}" in lines
        assert f"  - {{format: osm, file: {name}.osm}}" in lines
    assert pd.notna(capsys.readouterr().out)


@pytest.mark.parametrize("standard", ["raepa", "stareau"])
def test_tables_of_a_network_are_not_told_as_left_out(tmp_path, town, standard):
    """The reader takes them all, those that hold hydraulics beside the standard included."""
    (tmp_path / "data").mkdir()
    water = {name: frame for name, frame in town.layers.items() if name.startswith("water_")}
    write_gis(standard, water, tmp_path / "data" / "aep.gpkg")
    made = draft_territory(tmp_path / "data", Wanted(name="Bourg"))
    assert [entry.format for entry in made.draft.entries] == [standard]
    assert made.left == ()


def test_a_total_that_is_stated_asks_for_no_product_that_is_there(tmp_path, capsys):
    folder = folder_of_a_hamlet(tmp_path / "data")
    command = ["territory", "new", "--from", str(folder), "--commune", "01004", "--lang", "en", "--residents", "900"]
    assert main([*command, "-o", str(tmp_path / "t.yaml")]) == 0
    text = told(capsys.readouterr())
    assert "population is taken from the totals that you state" in text
    asked = text[text.index("What would make it better") :]
    assert "INSEE Filosofi grid (200 m): would give population" in asked
    assert "geo.api.gouv.fr: would give" not in asked
