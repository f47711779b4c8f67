"""Water from files to results, and what is refused on the way: through the command line."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from wntr.library import ModelLibrary

from jumeau.cli import main
from jumeau.engine.territory import build_territory
from jumeau.territory.storage import read_territory, write_territory

TERRITORY = """
name: net3
crs: EPSG:2154
source: EPA
licence: public domain
date: '2000'
imports:
  - {format: epanet, file: network.inp, scale: 300, offset: [650000, 6860000]}
"""

SCENARIO = """
name: leaks
title: {fr: Fuites, en: Leaks}
question: {fr: "Et alors ?", en: "So what?"}
territory: net3.gpkg
period: {start: 2025-01-01, end: 2025-01-31}
warmup: 30 days
seed: 1
replications: 2
variants:
  loggers:
    measures:
      - measure: water.acoustic_loggers
      - measure: water.leak_survey
        interval: 90 days
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with Net3, its territory file and a scenario."""
    text = Path(ModelLibrary().get_filepath("Net3")).read_text(encoding="utf-8")
    (tmp_path / "network.inp").write_text(text, encoding="utf-8")
    (tmp_path / "net3.yaml").write_text(TERRITORY, encoding="utf-8")
    (tmp_path / "leaks.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def command(*words):
    return main([*map(str, words), "--lang", "en"])


def build(folder):
    return command("territory", "build", folder / "net3.yaml", "-o", folder / "net3.gpkg")


def refused(capsys, *words, lang="fr"):
    """Run a command that must be refused, and return what it said."""
    assert main([*map(str, words), "--lang", lang]) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_from_an_epanet_file_to_results_and_back(folder, capsys):
    assert build(folder) == 0
    territory = read_territory(folder / "net3.gpkg")
    assert len(territory.layers["water_pipes"]) == 117
    assert command("run", folder / "leaks.yaml", "-o", folder / "run") == 0
    assert (folder / "run" / "report.html").is_file()
    lines = gpd.read_file(folder / "run" / "assets.gpkg", layer="water_pipes__loggers")
    assert lines["lost_volume"].sum() > 0.0
    events = pd.read_csv(folder / "run" / "journal.csv", dtype={"pipe": str})
    leaks = events[(events["kind"] == "leak") & (events["scenario"] == "loggers")]
    assert set(leaks["pipe"]) <= set(lines["pipe_id"])  # assets by their names, not their rows
    assert leaks["leak"].is_unique
    for kind, name in (("epanet", "out.inp"), ("raepa", "out_r.gpkg"), ("stareau", "out_s.gpkg")):
        assert command("territory", "export", folder / "net3.gpkg", "--format", kind, "-o", folder / name) == 0
        assert (folder / name).is_file()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            " 20              \t3               \t20 ",
            " 20              \t33333           \t20 ",
            ["33333", "network.inp:"],
        ),
        ("[PIPES]", "[TUBES]\n", ["network.inp"]),
    ],
)
def test_a_faulty_inp_is_refused_in_french(folder, capsys, old, new, words):
    text = (folder / "network.inp").read_text(encoding="utf-8")
    if old not in text:
        old = next(line for line in text.splitlines() if line.split()[:2] == ["20", "3"])
        new = old.replace("\t3 ", "\t33333 ", 1)
    change(folder / "network.inp", old, new)
    said = refused(capsys, "territory", "build", folder / "net3.yaml", "-o", folder / "net3.gpkg")
    assert all(word in said for word in words), said
    assert not (folder / "net3.gpkg").exists()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("format: epanet", "format: swmm", ["format", "swmm"]),
        ("file: network.inp", "file: nothing.inp", ["nothing.inp"]),
        ("scale: 300", "scale: 0", ["scale"]),
    ],
)
def test_a_faulty_import_is_refused(folder, capsys, old, new, words):
    change(folder / "net3.yaml", old, new)
    said = refused(capsys, "territory", "build", folder / "net3.yaml", "-o", folder / "net3.gpkg", lang="en")
    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("interval: 90 days", "interval: 90", ["interval", "unit"]),
        ("interval: 90 days", "interval: 0 days", ["interval"]),
        ("water.leak_survey", "water.leak_surveys", ["leak_surveys", "leak_survey"]),
        ("      - measure: water.leak_survey\n        interval: 90 days\n",
         "      - measure: water.pressure_reduction\n", ["night_reduction"]),
        ("      - measure: water.leak_survey\n        interval: 90 days\n",
         "      - measure: water.pipe_renewal\n        share: 1 %\n        length: 2 km\n", ["length"]),
        ("      - measure: water.leak_survey\n        interval: 90 days\n",
         "      - measure: water.pipe_renewal\n        share: 1 %\n        material: wood\n", ["wood", "ductile_iron"]),
        ("seed: 1", "seed: 1\nassumptions: {water: {known_leaks: [{pipe: none, start: 2025-01-02, diameter: 10 mm}]}}",
         ["none", "known_leaks"]),
        ("seed: 1", "seed: 1\nassumptions: {water: {leak_finders: 0}}", ["leak_finders"]),
        ("seed: 1", "seed: 1\nassumptions: {water: {mains_bursts: 3}}", ["mains_bursts", "unit"]),
    ],
)  # fmt: skip
def test_a_faulty_scenario_is_refused(folder, capsys, old, new, words):
    assert build(folder) == 0
    capsys.readouterr()
    change(folder / "leaks.yaml", old, new)
    said = refused(capsys, "run", folder / "leaks.yaml", "-o", folder / "run", lang="en")
    assert all(word in said for word in words), said
    assert not (folder / "run" / "report.html").exists()


def test_a_part_that_nothing_feeds_is_refused_in_french(folder, capsys):
    """Nothing is written; the nodes are named, by the build as by a run on a territory that came otherwise."""
    change(folder / "network.inp", "[JUNCTIONS]", "[JUNCTIONS]\n ISLAND1 10 5\n ISLAND2 10 5")
    change(folder / "network.inp", "[PIPES]", "[PIPES]\n BRIDGE ISLAND1 ISLAND2 100 12 130 0 Open")
    change(folder / "network.inp", "[COORDINATES]", "[COORDINATES]\n ISLAND1 1 1\n ISLAND2 2 2")
    words = ("territory", "build", folder / "net3.yaml", "-o", folder / "net3.gpkg")
    assert main([*map(str, words), "--lang", "fr"]) == 2
    said = capsys.readouterr().out
    assert "2 nœud(s) ne sont reliés à aucun" in said
    assert "ISLAND1, ISLAND2" in said
    assert not (folder / "net3.gpkg").exists()
    territory, _report = build_territory(folder / "net3.yaml")
    write_territory(territory, folder / "net3.gpkg")
    # Neither a check nor a run lets it pass.
    assert "ISLAND1" in refused(capsys, "run", folder / "leaks.yaml", "-o", folder / "run")


def test_a_control_of_a_link_that_is_gone_is_refused(folder, capsys):
    text = (folder / "network.inp").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if line.split()[:2] != ["330", "60"]]
    (folder / "network.inp").write_text("\n".join(kept), encoding="utf-8")
    said = refused(capsys, "territory", "build", folder / "net3.yaml", "-o", folder / "net3.gpkg", lang="en")
    assert "a control names a link that is nowhere" in said
    assert "330" in said


def test_exporting_a_territory_without_water_is_refused(folder, capsys, tmp_path):
    from jumeau.territory.model import Territory

    town = read_territory("bourg_exemple")
    dry = {name: layer for name, layer in town.layers.items() if not name.startswith("water")}
    columns = town.columns[town.columns["layer"].isin(dry)]
    write_territory(Territory("dry", town.crs, dry, columns), tmp_path / "dry.gpkg")
    said = refused(capsys, "territory", "export", tmp_path / "dry.gpkg", "--format", "epanet", "-o", tmp_path / "x.inp")
    assert "water_pipes" in said
    assert "ne peut pas être écrit" in said
