"""Bad input: a clear message, exit status 2, no traceback, in both languages."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from short_scenario import LIGHTING

from jumeau.cli import main
from jumeau.territory.model import Territory
from jumeau.territory.storage import write_territory

pytestmark = pytest.mark.usefixtures("town_once")

LED = "      - measure: lighting.led_retrofit\n        where: {attributes: {technology: [HPS, MERCURY]}}\n"


def refused(capsys, *words, lang="en"):
    """Run a command that must be refused, and return what it said."""
    assert main([*map(str, words), "--lang", lang]) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    return captured.err


def line_of(text, part):
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("replications: 4", "replicatons: 4", ["replicatons", "replications"]),
        ("replications: 4", "replications: many", ["replications"]),
        ("replications: 4", "replications: 0", ["replications"]),
        ("seed: 42", "seed: 42\nseed: 43", ["seed"]),
        ("end: 2025-01-31", "end: 2024-01-31", ["period"]),
        ("end: 2025-01-31", "end: 2025-02-31", ["end"]),
        ("warmup: 20 days", "warmup: 20", ["warmup", "unit"]),
        ("warmup: 20 days", "warmup: 20 kWh", ["warmup", "kWh"]),
        (LED, LED + "        power: 40\n", ["power", "unit"]),
        (LED, LED + "        power: 1,500 W\n", ["power", "ambiguous"]),
        (LED, LED + "        power: 40 kWh\n", ["power", "kWh"]),
        (LED, LED + "        power: -40 W\n", ["power", "-40"]),
        (LED, LED + "        pwer: 40 W\n", ["pwer", "power"]),
        ("lighting.led_retrofit", "lighting.led_retrofitt", ["led_retrofitt", "led_retrofit"]),
        ("technology: [HPS, MERCURY]", "technology: [SHP]", ["SHP", "HPS"]),
        ("technology: [HPS, MERCURY]", "technlogy: [HPS]", ["technlogy", "technology"]),
        ("technology: [HPS, MERCURY]", "power: {min: 5 kW}", ["empty"]),
        ("technology: [HPS, MERCURY]", "power: {min: 100}", ["power", "unit"]),
        ("{attributes: {technology: [HPS, MERCURY]}}", "{zones: [Nowhere]}", ["Nowhere"]),
        ("{attributes: {technology: [HPS, MERCURY]}}", "{polygon: [[0, 0], [1, 0], [1, 1]]}", ["empty"]),
        ("{attributes: {technology: [HPS, MERCURY]}}", "{polygon: nothere.geojson}", ["nothere.geojson"]),
        ("territory: bourg_exemple", "territory: bourg_exmple", ["bourg_exmple", "bourg_exemple"]),
        ("territory: bourg_exemple", "territory: short.yaml", ["short.yaml", "GeoPackage"]),
        ("networks: [lighting]", "networks: [lightning]", ["lightning"]),
        (
            "seed: 42",
            "seed: 42\nassumptions: {shared: {electricity_prise: 0.2 EUR/kWh}}",
            ["electricity_prise", "electricity_price"],
        ),
        (
            "seed: 42",
            "seed: 42\nassumptions: {shared: {electricity_price: 12 €/MWh/an}}",
            ["electricity_price", "€/MWh/an"],
        ),
        (
            "seed: 42",
            "seed: 42\nassumptions: {lighting: {electricity_price: 0.2 EUR/kWh}}",
            ["electricity_price", "shared"],
        ),
        ("seed: 42", "seed: 42\nbase_year: 2031", ["base_year", "2031", "2025"]),
        ("seed: 42", "seed: 42\ndraws: 10", ["draws", "uncertain"]),
        ("seed: 42", "seed: 42\ncrews: {night: {serves: [lighting], shift: {from: '18:00', to: '04:00'}}}", ["shift"]),
        ("seed: 42", "seed: 42\nthresholds: {lighting: {energi: 5 kWh}}", ["energi", "energy"]),
        ("variants:", "variants:\n  baseline: {}", ["baseline"]),
    ],
)
def test_scenarios_that_cannot_be_used(capsys, write_scenario, tmp_path, old, new, words):
    assert old in LIGHTING
    text = LIGHTING.replace(old, new, 1)
    for lang in ("en", "fr"):
        message = refused(capsys, "run", write_scenario(text), "-o", tmp_path / "out", lang=lang)
        for word in words:
            if lang == "en" or word not in ("unit", "ambiguous", "empty", "uncertain"):
                assert word in message, message
    assert not (tmp_path / "out" / "results.nc").exists()


def test_the_message_names_file_line_and_nearest_key(capsys, write_scenario, tmp_path):
    text = LIGHTING.replace("replications: 4", "replicatons: 4")
    message = refused(capsys, "check", write_scenario(text), lang="fr")
    assert f"short.yaml:{line_of(text, 'replicatons')}" in message
    assert "« replications »" in message.replace("\u00a0", " ")


def test_comma_is_read_as_a_decimal_sign(capsys, write_scenario):
    text = LIGHTING.replace(LED, LED + "        power: 0,05 kW\n")
    assert main(["check", str(write_scenario(text)), "--lang", "en"]) == 0
    assert "-> 50 (" in capsys.readouterr().out


def test_yaml_that_is_not_yaml(capsys, write_scenario):
    assert "short.yaml" in refused(capsys, "check", write_scenario("name: [unclosed\nseed: 1"))
    assert "short.yaml" in refused(capsys, "check", write_scenario(""))
    assert "short.yaml" in refused(capsys, "check", write_scenario("- a list"))


def test_unknown_scenario(capsys):
    assert "demo" in refused(capsys, "check", "nowhere.yaml")


def test_no_results_here(capsys, tmp_path):
    assert "jumeau run" in refused(capsys, "report", tmp_path)
    assert "jumeau run" in refused(capsys, "render", tmp_path)


@pytest.mark.parametrize("words", [["fly"], ["run"], ["run", "demo"], ["run", "demo", "-o", "x", "--workers", "0"]])
def test_command_line_that_makes_no_sense(capsys, words):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--lang", "fr"])
    assert stop.value.code == 2
    message = capsys.readouterr().err
    assert "erreur" in message
    assert "usage:" not in message
    assert "required" not in message


def test_output_that_cannot_be_a_folder(capsys, write_scenario, tmp_path):
    (tmp_path / "taken").write_text("a file")
    assert "taken" in refused(capsys, "run", write_scenario(), "-o", tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "a file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_output_without_permission(capsys, write_scenario, tmp_path):
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "locked" in refused(capsys, "run", write_scenario(), "-o", locked / "out")


def with_lamps(town: Territory, tmp_path: Path, change) -> Path:
    lamps = town.layer("lamps")
    lamps = change(lamps)
    layers = {name: town.layers[name] for name in ("streets", "buildings", "zones", "cabinets")}
    if lamps is not None:
        layers["lamps"] = lamps
    broken = Territory("broken", town.crs, layers, town.columns[town.columns["layer"].isin(layers)], town.meta)
    return write_territory(broken, tmp_path / "broken.gpkg")


def negative(lamps):
    lamps.loc[3, "power"] = -5.0
    return lamps


def twice(lamps):
    lamps.loc[3, "lamp_id"] = lamps.loc[4, "lamp_id"]
    return lamps


def not_a_number(lamps):
    geometry = lamps.geometry.to_numpy().copy()
    geometry[3] = shapely.Point(np.nan, np.nan)
    return lamps.set_geometry(gpd.GeoSeries(geometry, crs=lamps.crs))


def no_geometry(lamps):
    geometry = lamps.geometry.to_numpy().copy()
    geometry[3] = None
    return lamps.set_geometry(gpd.GeoSeries(geometry, crs=lamps.crs))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lamps: None, ["lamps"]),
        (lambda lamps: lamps.drop(columns="lamp_id"), ["lamps", "lamp_id"]),
        (negative, ["lamps", "power", "-5"]),
        (twice, ["lamps", "lamp_id"]),
        (not_a_number, ["lamps", "geometry"]),
        (no_geometry, ["lamps", "geometry"]),
    ],
    ids=["no layer", "no column", "negative power", "id twice", "NaN geometry", "no geometry"],
)
def test_territories_that_cannot_be_used(capsys, town, write_scenario, tmp_path, change, words):
    path = with_lamps(town, tmp_path, change)
    text = LIGHTING.replace("bourg_exemple", str(path))
    message = refused(capsys, "run", write_scenario(text), "-o", tmp_path / "out")
    for word in words:
        assert word in message, message


def test_degrees_are_refused(town, tmp_path):
    from jumeau.errors import InputError

    with pytest.raises(InputError):
        Territory("degrees", gpd.GeoSeries([], crs=4326).crs, {}, town.columns)
    with pytest.raises(InputError):
        Territory("web", gpd.GeoSeries([], crs=3857).crs, {}, town.columns)


def test_no_traceback_from_the_installed_command(write_scenario):
    path = write_scenario(LIGHTING.replace("replications", "replicatons"))
    done = subprocess.run(
        [sys.executable, "-m", "jumeau.cli", "check", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
