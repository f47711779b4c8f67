"""A network outside the package: announced by an entry point, it is everywhere without an edit elsewhere."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest

from jumeau.territory.model import Territory, column_rows
from jumeau.territory.storage import write_territory

ROOT = Path(__file__).parents[2]
SCENARIO = """
name: fountains_at_night
territory: town.gpkg
networks: [fountains]
period: {start: 2025-06-01, end: 2025-06-21}
replications: 2
variants:
  clocks:
    title: {fr: Horloges, en: Clocks}
    measures: [{measure: fountains.timer, from: "08:00", to: "22:00"}]
assumptions:
  fountains: {cleaning_interval: 7 days, make_up_share: 5 %}
thresholds:
  fountains: {cost: 1 EUR}
"""
CHECK = """
from jumeau.network import discover
from jumeau.testing.contract import check_network
from jumeau.territory.storage import read_territory
print(check_network(discover()["fountains"], read_territory("town.gpkg")))
"""


@pytest.fixture(scope="module")
def away(tmp_path_factory, town):
    """A folder with the plug-in installed as a distribution of its own, a town with fountains, and a scenario."""
    folder = tmp_path_factory.mktemp("away")
    shutil.copytree(ROOT / "docs" / "plugin" / "jumeau_fountains", folder / "site" / "jumeau_fountains")
    info = folder / "site" / "jumeau_fountains-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: jumeau-fountains\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[jumeau.networks]\nfountains = jumeau_fountains:NETWORK\n")
    places = town.layers["streets"].geometry.interpolate(0.5, normalized=True).iloc[::60][:5]
    names = [f"F{number}" for number in range(len(places))]
    layer = gpd.GeoDataFrame(
        {"fountain_id": names, "recirculating": [number % 2 == 0 for number in range(len(places))]},
        geometry=list(places),
        crs=town.crs,
    )
    rows = column_rows("fountains", ["fountain_id", "recirculating"], "synthetic")
    kept = ("streets", "street_nodes", "buildings", "zones", "population", "relief", "lamps", "cabinets")
    layers = {name: frame for name, frame in town.layers.items() if name in kept}
    columns = town.columns[town.columns["layer"].isin(layers)]
    lean = Territory(town.name, town.crs, layers, columns, town.meta)
    write_territory(lean.with_layers({"fountains": layer}, rows), folder / "town.gpkg")
    (folder / "night.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


def python(away, *words):
    paths = [str(away / "site"), str(ROOT), str(ROOT / "viz")]
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=away,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "JUMEAU_LANG": "fr", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def jumeau(away, *words):
    return python(away, "-m", "jumeau.cli", *words)


@pytest.fixture(scope="module")
def said(away):
    """What the terminal prints of a run."""
    return jumeau(away, "run", "night.yaml", "-o", "out", "--workers", "1")


def test_it_fulfils_the_contract_deterministic_as_it_is(away):
    assert python(away, "-c", CHECK).strip() == "{}"


def test_it_is_in_the_terminal_the_summary_the_report_and_the_layers(away, said):
    assert "Fontaines publiques" in said
    figures = json.loads((away / "out" / "summary.json").read_text(encoding="utf-8"))["figures"]
    assert {(item["network"], item["figure"]) for item in figures} == {
        (network, figure) for network in ("fountains", "total") for figure in ("energy", "fuel", "carbon", "cost")
    }
    cost = {item["network"]: item["difference"] for item in figures if item["figure"] == "cost"}
    assert cost["fountains"] == cost["total"] < 0.0
    report = (away / "out" / "report_annex.html").read_text(encoding="utf-8")
    assert "Fontaines publiques" in report
    assert "Eau des fontaines" in report
    layers = {str(name) for name, _kind in pyogrio.list_layers(away / "out" / "assets.gpkg")}
    assert layers == {"fountains_fountains__baseline", "fountains_fountains__clocks", "fountains_devices__clocks"}
    drawn = gpd.read_file(away / "out" / "assets.gpkg", layer="fountains_fountains__clocks")
    assert (drawn["water"] > 0.0).all()
    journal = (away / "out" / "journal.csv").read_text(encoding="utf-8")
    assert "cleaned" in journal
    assert ",F0" in journal


def test_it_is_in_pictures_and_page(away, said):
    pytest.importorskip("pyvista")
    assert said
    jumeau(away, "render", "out")
    page = (away / "out" / "3d" / "scene_fr.html").read_text(encoding="utf-8")
    assert "Eau de la fontaine" in page


def test_it_goes_out_and_comes_back_in_its_own_format(away):
    jumeau(away, "territory", "export", "town.gpkg", "--format", "fountains_csv", "-o", "fountains.csv")
    (away / "back.yaml").write_text(
        "name: back\nimports: [{format: fountains_csv, file: fountains.csv}]\n", encoding="utf-8"
    )
    jumeau(away, "territory", "build", "back.yaml", "-o", "back.gpkg", "--no-synthesis")
    sent, back = (gpd.read_file(away / name, layer="fountains") for name in ("town.gpkg", "back.gpkg"))
    assert list(back["fountain_id"]) == list(sent["fountain_id"])
    assert back.geometry.distance(sent.geometry).max() < 1e-6


def test_the_schema_knows_its_measure(away):
    assert "fountains.timer" in jumeau(away, "schema")


def test_nothing_outside_its_folder_names_it():
    named = [
        path
        for folder in ("jumeau", "viz")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".csv", ".yaml", ".po", ".j2") and "bundled" not in path.parts
        and "fountains" in path.read_text(encoding="utf-8").lower()
    ]  # fmt: skip
    assert not named
