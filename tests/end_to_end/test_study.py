"""Studies through the command line: tables, the map, what they are, and what is refused."""

import json

import geopandas as gpd
import pandas as pd
import pytest
from water_kit import branch, territory

from jumeau.cli import BAD_INPUT, DONE, main
from jumeau.engine.study import all_studies
from jumeau.territory.storage import write_territory


@pytest.fixture
def hamlet(tmp_path):
    return str(write_territory(territory(branch()), tmp_path / "hamlet.gpkg"))


def test_a_study_leaves_tables_a_map_and_what_they_are(hamlet, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["study", "water.isolation", hamlet, "-o", str(out), "--lang", "fr"]) == DONE
    said = capsys.readouterr().out
    assert "vannes à fermer" in said
    assert str(out / "pipes.csv") in said
    table = pd.read_csv(out / "pipes.csv")
    assert list(table["pipe_id"]) == ["P1", "P2", "P3"]
    shapes = gpd.read_file(out / "study.gpkg", layer="pipes")
    assert list(shapes["customers"]) == list(table["customers"])
    told = json.loads((out / "study.json").read_text(encoding="utf-8"))
    assert told["study"] == "water.isolation"
    assert set(told["tables"]["pipes"]) == set(table.columns)
    assert told["summary"]["worst_customers"]["value"] == 16.0


def test_the_same_study_gives_the_same_bytes(hamlet, tmp_path):
    for name in ("one", "two"):
        assert main(["study", "water.renewal", hamlet, "-o", str(tmp_path / name), "--set", "year=2030"]) == DONE
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_parameters_and_factors_come_from_a_file_and_from_the_line(hamlet, tmp_path):
    asked = tmp_path / "asked.yaml"
    asked.write_text("years: 3\nbudget: 1000 EUR\nrepair_cost: 1000 EUR\n", encoding="utf-8")
    words = ["study", "water.renewal", hamlet, "-o", str(tmp_path / "out"), "--parameters", str(asked)]
    assert main([*words, "--set", "budget=5 000 €"]) == DONE
    told = json.loads((tmp_path / "out" / "study.json").read_text(encoding="utf-8"))
    assert told["factors"] == {"repair_cost": 1000.0}
    assert told["summary"]["budget"]["value"] == 5000.0
    assert len(pd.read_csv(tmp_path / "out" / "years.csv")) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "spacings=3"], "years"),
        (["--set", "years=many"], "years"),
        (["--set", "repair_cost=12 km"], "repair_cost"),
        (["--set", "budget"], "KEY=VALUE"),
    ],
)
def test_wrong_parameters_are_told(hamlet, tmp_path, capsys, words, said):
    call = ["study", "water.renewal", hamlet, "-o", str(tmp_path / "out"), "--lang", "en", *words]
    try:
        status = main(call)
    except SystemExit as stop:
        status = stop.code
    assert status == BAD_INPUT
    said_ = capsys.readouterr().err
    assert said in said_ or "spacings" in said_
    assert not (tmp_path / "out").exists()


def test_an_unknown_study_names_those_there_are(hamlet, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["study", "water.fire", hamlet, "-o", str(tmp_path / "out"), "--lang", "en"])
    assert stop.value.code == BAD_INPUT
    assert "water.fire_flow" in capsys.readouterr().err


def test_a_territory_without_the_layers_is_refused(hamlet, tmp_path, capsys):
    status = main(["study", "water.balance", hamlet, "-o", str(tmp_path / "out"), "--lang", "en",
                   "--set", "readings=r.csv", "--set", "meters=m.csv"])  # fmt: skip
    assert status == BAD_INPUT
    assert "water_sectors" in capsys.readouterr().err


def test_every_study_says_what_it_needs():
    for name, (network, study) in all_studies().items():
        assert name == f"{network.name}.{study.name}"
        assert study.parameters.__doc__
