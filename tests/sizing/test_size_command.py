"""`jumeau size` and `jumeau.size`, on the bundled town and on files; bad input ends with status 2."""

import csv
import json

import pytest

import jumeau
from jumeau.cli import main
from jumeau.engine.scenario import read_scenario
from jumeau.i18n import language
from jumeau.report.sizing import sized_lines
from jumeau.sizing.promise import Kept
from jumeau.vector_file import layer_names, read_layer


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Twelve loggers of the bundled town, written in a folder."""
    folder = tmp_path_factory.mktemp("size")
    words = ["size", "loggers", "--territory", "bourg_exemple", "--count", "12", "--seconds", "1", "--lang", "en"]
    assert main([*words, "-o", str(folder), "--json", str(folder / "answer.json")]) == 0
    return folder


def test_the_record(made):
    told = json.loads((made / "size.json").read_text(encoding="utf-8"))
    assert told == json.loads((made / "answer.json").read_text(encoding="utf-8"))
    assert told["format"] == "jumeau-size"
    assert told["unit"] == "m3/year"
    assert len(told["best"]["sites"]) == 12
    assert told["greedy"]["benefit"] <= told["best"]["benefit"] <= told["bound"]
    assert told["failures"]["expected"] < told["best"]["benefit"]
    assert [row["count"] for row in told["curve"]] == list(range(1, 13))
    assert told["best"]["cost"] == 12 * told["device"]["unit_cost"]


def test_the_table_to_order_from_and_the_map(made):
    with (made / "sites.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told = json.loads((made / "size.json").read_text(encoding="utf-8"))
    assert [row["site_id"] for row in rows] == told["best"]["sites"]
    assert [row["rank"] for row in rows] == [str(rank) for rank in range(1, 13)]
    assert set(layer_names(made / "sites.gpkg")) == {"sites", "candidates"}
    sites = read_layer(made / "sites.gpkg", "sites")
    assert list(sites["site_id"]) == told["best"]["sites"]
    assert sites.geometry.notna().all()


def test_the_scenario_runs_what_was_chosen(made):
    scenario = read_scenario(made / "scenario.yaml")
    told = json.loads((made / "size.json").read_text(encoding="utf-8"))
    (variant,) = scenario.data.variants.values()
    assert list(variant.measures[0].sites) == told["best"]["sites"]
    assert variant.promise.figure == "water.real_losses"
    promised = float(str(variant.promise.difference).split()[0])
    assert promised == pytest.approx(-told["expected"] * 365 / 365.25, rel=2e-3)


@pytest.fixture(scope="module")
def lamps():
    """Cabinets that spare a fifth of the nights without light, for the least money."""
    with language("fr"):
        return jumeau.size("cabinets", "bourg_exemple", target="20 %", seconds=1.0)


def test_lamps_of_cabinets(lamps):
    said = "\n".join(sized_lines(lamps))
    assert "nuits sans lumière évitées" in said
    assert "prouvé" in said
    assert lamps.solution.exact.benefit >= 0.2 * lamps.solution.problem.unseen_cost - 1e-9
    deployed = lamps.instance.deploy(lamps.solution.names).measures[0]
    assert deployed["where"]["attributes"]["cabinet_id"] == lamps.solution.names


def test_what_a_territory_refuses(lamps):
    """The limits of a problem that a network made, as words give them."""
    problem = lamps.solution.problem
    assert jumeau.size(problem, count=2, seconds=1.0).exact.benefit > 0.0
    for given, said in (
        ({"budget": "10 EUR"}, "un seul site"),
        ({"target": "101 %"}, "hors d’atteinte"),
        ({"target": "3 km"}, "km"),
    ):
        with pytest.raises(jumeau.InputError, match=said):
            jumeau.size(problem, **given)
    with pytest.raises(jumeau.InputError, match="aucun site candidat ne porte ce nom"):
        problem.rows(["nowhere"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["size"], "say what to size"),
        (["size", "logers", "--territory", "bourg_exemple", "--count", "3"], "did you mean « loggers »"),
        (["size", "cabinets", "--territory", "bourg_exemple"], "state a number"),
        (["size", "cabinets", "--territory", "bourg_exemple", "--count", "0"], "at least one device"),
        (["size", "cabinets", "--territory", "bourg_exemple", "--budget", "3 km"], "km"),
        (["size", "cabinets", "--territory", "bourg_exemple", "--count", "1", "--set", "colour=red"], "colour"),
        (["size", "--impact", "nowhere.impact", "--count", "1"], "nowhere.impact"),
    ],
)
def test_bad_words(words, said, capsys, tmp_path):
    assert main([*words, "--lang", "en", "-o", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_impact_files(tmp_path, capsys):
    """Two events, two nodes: each sees one of them."""
    file = tmp_path / "two.impact"
    file.write_text("2\n1 0\n1 -1 60 10\n1 1 5 2\n2 -1 60 8\n2 2 5 1\n", encoding="utf-8")
    assert (
        main(["size", "--impact", str(file), "--count", "1", "--json", str(tmp_path / "a.json"), "--lang", "en"]) == 0
    )
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert told["best"]["sites"] == ["1"]
    assert told["best"]["remaining"] == pytest.approx((2 + 8) / 2)
    assert "proved" in capsys.readouterr().out


def test_promises_missed():
    kept = Kept("sized", "water", "real_losses", "m3", -100.0, 5.0, -60.0, (-80.0, -40.0), ("chance",))
    assert kept.missed == pytest.approx(-15.0)
    assert not kept.kept
    assert Kept("sized", "water", "real_losses", "m3", -84.0, 5.0, -60.0, (-80.0, -40.0), ()).kept
