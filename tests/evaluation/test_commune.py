"""Indicators that communes report, the grid, the register of sensors: recomputed from layers, figures and the bill."""

import json

import numpy as np
import pandas as pd
import pytest

from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.evaluation.parameters import evaluation_model
from jumeau.i18n import language
from jumeau.report.commune import grids, not_valued, reported_rows
from jumeau.territory.storage import read_territory
from jumeau.yaml_file import parse_yaml, validate


def row(results, identifier, variant):
    table = results.reported
    return table[(table["id"] == identifier) & (table["variant"] == variant)].iloc[0]


def test_lighting_per_inhabitant_and_per_point(results):
    """Four days of electricity, brought to a year of 365 days, over residents and over lamps."""
    town = read_territory("bourg_exemple")
    people, lamps = float(town.layer("population")["residents"].sum()), len(town.layer("lamps"))
    used = float(results.dataset["lighting_electricity"].sel(scenario="baseline").mean())
    assert row(results, "cae_20", "led")["before"] == pytest.approx(used * 365 / 4 / people, rel=1e-12)
    assert row(results, "cae_20.b", "led")["before"] == pytest.approx(used * 365 / 4 / lamps, rel=1e-12)
    assert row(results, "cae_20.b", "led")["after"] < row(results, "cae_20.b", "led")["before"]
    assert row(results, "cae_20.b", "led")["high"] < 0
    assert (row(results, "cae_20", "led")["target"], row(results, "cae_20", "led")["limit"]) == (60, 90)


def test_collection_per_inhabitant(results):
    """Cost of four days, brought to a year; nothing was collected, so that there is no figure per tonne."""
    people = float(read_territory("bourg_exemple").layer("population")["residents"].sum())
    found = row(results, "eci_37", "rounds")
    cost = float(results.dataset["waste_cost"].sel(scenario="rounds").mean())
    assert found["after"] == pytest.approx(cost * 365 / 4 / people, rel=1e-12)
    assert "treatment left out" in found["note"]
    assert np.isnan(row(results, "eci_11", "rounds")["before"])


def test_a_variant_that_changes_nothing_reports_the_same(results):
    table = results.reported[results.reported["variant"] == "nothing"]
    assert len(table)
    np.testing.assert_array_equal(table["before"], table["after"])
    assert not table[["low", "high"]].fillna(0.0).to_numpy().any()


def test_they_are_in_the_summary_and_in_the_report(folder, results):
    written = json.loads((folder / "summary.json").read_text())["reported"]
    assert {item["id"] for item in written} == set(results.reported["id"])
    with language("fr"):
        rows = {item.id: item for item in reported_rows(results)}
    assert rows["cae_20"].target == "cible 60, limite 90"
    assert rows["cae_20"].label.startswith("Éclairage public")
    assert len(rows["cae_20"].after) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{privacy: {score: 3, reason: no}}", "privacy"),
        ("{privacy: {score: -1}}", "reason"),
        ("{privacy: {score: -1, reason: ' '}}", "reason"),
        ("{beauty: {score: 1, reason: nice}}", "beauty"),
        ("{privacy: {score: 0.5, reason: half}}", "privacy"),
    ],
)
def test_a_grid_needs_scores_and_reasons(text, said):
    data = parse_yaml(f"variants: {{led: {{qualitative: {text}}}}}", "grid.yaml")
    with language("en"), pytest.raises(InputError, match=said):
        validate(evaluation_model(), data, "grid.yaml")


def test_a_grid_is_shown_never_added_up(results):
    block = {"variants": {"led": {"qualitative": {"privacy": {"score": -1, "reason": "cameras"}}}}}
    results.__dict__["evaluation"] = results.evaluate({"samples": 200, **block})
    try:
        with language("en"):
            ((_title, rows),) = grids(results)
    finally:
        del results.__dict__["evaluation"]
    assert len(rows) == 7
    assert ("Privacy", "\N{MINUS SIGN}1", "cameras") in rows
    assert [text for _label, text, _reason in rows].count("not assessed") == 6


def test_what_is_not_valued_is_said_in_french():
    with language("en"):
        english = not_valued()
    with language("fr"):
        french = not_valued()
    assert len(french) == len(english) >= 8
    assert all(one[1] != other[1] for one, other in zip(french, english, strict=True))


def test_the_register_holds_what_the_bill_does(folder, results, tmp_path):
    assert main(["register", str(folder), "-o", str(tmp_path), "--lang", "fr"]) == 0
    table = pd.read_csv(tmp_path / "register.csv")
    bill = results.bill[results.bill["observes"] != ""]
    assert table["count"].sum() == pytest.approx(bill["count"].sum())
    assert set(table["variant"]) == {"led", "rounds"}
    assert {"notice_led_fr.html", "notice_rounds_fr.html"} <= {path.name for path in tmp_path.iterdir()}
    page = (tmp_path / "notice_led_fr.html").read_text(encoding="utf-8")
    assert "Nœud" in page or "télégestion" in page
    assert "à confirmer par la collectivité" in page
    assert "http" not in page.replace("http-equiv", "")
