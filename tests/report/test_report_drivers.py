"""What moves the collective value: closed forms, another's statistics, brute force; and the page that tells it."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from report_campaign import campaign
from scipy import stats
from test_report_html import Page
from valued_campaign import LABEL, VARIANTS, valued_campaign

from jumeau.evaluation import evaluate
from jumeau.i18n import language
from jumeau.report import write_report
from jumeau.report.driver_section import driver_section, regrets, tornado
from jumeau.report.drivers import LEAST, MOST, between, drivers, explain
from jumeau.report.html import annex_path

SIZE = 4000


def uniform(seed, low, high):
    """Return numbers evenly spread over a range, in an order of chance."""
    rng = np.random.default_rng(seed)
    return low + (high - low) * (rng.permutation(SIZE) + 0.5) / SIZE


@pytest.fixture(scope="module")
def linear():
    """10 + 3 a - 2 b: variances 9 s² and 4 s², each alone is zero at the mean of the other."""
    drawn = {"one.a": uniform(1, -10.0, 10.0), "one.b": uniform(2, 0.0, 20.0), "one.idle": uniform(3, 0.0, 1.0)}
    return explain("v", 10.0 + 3.0 * drawn["one.a"] - 2.0 * drawn["one.b"], drawn)


def test_a_linear_value_in_closed_form(linear):
    first, second = linear.rows
    assert (first.name, second.name) == ("one.a", "one.b")
    assert first.share == pytest.approx(9 / 13, abs=0.03)
    assert second.share == pytest.approx(4 / 13, abs=0.03)
    assert linear.mean == pytest.approx(-10.0, abs=1e-6)
    # 10 + 3 a - 2 * 10 is zero at 10/3; 10 + 0 - 2 b at 5.
    assert first.switching == pytest.approx(10 / 3, abs=0.3)
    assert second.switching == pytest.approx(5.0, abs=0.6)
    # From P10 to P90 of a uniform law over 20 there are 16.
    assert first.swing == pytest.approx(48.0, rel=0.03)
    assert second.swing == pytest.approx(-32.0, rel=0.06)
    assert linear.told == pytest.approx(1.0, abs=0.03)


def test_a_number_alone_is_known_exactly():
    drawn = {"one.x": uniform(1, 0.0, 4.0)}
    (row,) = explain("v", (drawn["one.x"] - 1.0) ** 2 - 0.25, drawn).rows
    assert row.share == pytest.approx(1.0, abs=1e-12)
    # Zero at 0.5 and at 1.5: the one nearer to the middle of what was drawn, 2.
    assert row.switching == pytest.approx(1.5, abs=1e-6)
    assert (row.low, row.high) == pytest.approx((0.4, 3.6), abs=1e-3)
    assert row.at_high == pytest.approx(2.6**2 - 0.25, rel=2e-3)


def test_what_never_turns_the_sign_has_no_switching_value():
    drawn = {"one.x": uniform(1, 1.0, 2.0)}
    assert explain("v", 5.0 * drawn["one.x"], drawn).rows[0].switching is None
    flat = explain("v", np.full(SIZE, 7.0), drawn)
    assert (flat.rows, flat.mean, flat.simulated) == ((), 7.0, 0.0)


def test_chance_alone_makes_no_driver():
    noise = np.random.default_rng(5).normal(size=SIZE)
    drawn = {f"one.x{place}": uniform(place, 0.0, 1.0) for place in range(30)}
    assert explain("v", noise, drawn).rows == ()


def test_share_between_draws_is_that_of_the_analysis_of_variance():
    rng = np.random.default_rng(9)
    groups = np.arange(600) % 3
    values = rng.normal(size=600) + np.array([0.0, 0.5, 1.5])[groups]
    ratio = stats.f_oneway(*(values[groups == name] for name in range(3))).statistic
    assert between(groups, values) == pytest.approx(2 * (ratio - 1) / (2 * (ratio - 1) + 600), rel=1e-9)
    assert between(np.zeros(600, dtype=int), values) == 0.0


@pytest.fixture(scope="module")
def valued():
    results = valued_campaign(draws=4)
    return results, evaluate(results)


def test_drivers_of_a_campaign_are_its_own_samples(valued):
    """A price is in euros per device: what it costs more, the value loses, at least."""
    results, evaluation = valued
    found = {item.variant: item for item in drivers(results, evaluation)}
    assert list(found) == list(VARIANTS)
    pumps = {row.name: row for row in found["pumps"].rows}
    price = pumps["heat.pump_price"]
    assert price.swing < -60 * (price.high - price.low)
    law = evaluation.laws["heat.pump_price"]
    assert (price.low, price.high) == pytest.approx(tuple(law.ppf([0.1, 0.9])), rel=5e-3)
    # Prices of one variant move no other one.
    assert not {row.name for row in found["panels"].rows} & {"heat.pump_price", "heat.pump_life"}
    for item in found.values():
        assert len(item.rows) <= MOST
        assert all(LEAST <= row.share <= 1.0 for row in item.rows)
        assert [row.share for row in item.rows] == sorted((row.share for row in item.rows), reverse=True)
        assert item.mean == pytest.approx(
            float(evaluation.samples["collective_value"].sel(variant=item.variant, network="total").mean())
        )


def test_a_price_that_somebody_fixed_drives_nothing(valued):
    results, evaluation = valued
    fixed = evaluate(results, prices={("heat", "pump_price"): 2_500.0})
    assert "heat.pump_price" in {row.name for row in drivers(results, evaluation)[0].rows}
    assert "heat.pump_price" not in {row.name for row in drivers(results, fixed)[0].rows}


def test_regret_by_brute_force(valued):
    _results, evaluation = valued
    with language("en"):
        found = regrets(evaluation)
    values = evaluation.samples["collective_value"].sel(network="total").transpose("sample", "variant").to_numpy()
    full = [[0.0, *row] for row in values]
    wins = [sum(row.index(max(row)) == place for row in full) for place in range(3)]
    lost = [sum(max(row) - row[place] for row in full) / len(full) / 1000 for place in range(3)]
    assert [item.title for item in found] == ["Present network", *(title["en"] for title in VARIANTS.values())]
    for won, item in zip(wins, found, strict=True):
        assert float(item.best.strip("%<>")) == pytest.approx(100 * won / len(full), abs=1.0)
    assert sum(wins) == len(full)
    for item, amount in zip(found, lost, strict=True):
        written, unit = item.regret.split("\u00a0")
        assert unit == "k€"
        assert float(written.replace(",", "")) == pytest.approx(amount, rel=0.06, abs=0.02)


@pytest.fixture(scope="module")
def pages(valued, tmp_path_factory):
    folder = tmp_path_factory.mktemp("drivers")
    results, evaluation = valued
    return {
        lang: annex_path(write_report(results, folder / f"{lang}.html", lang, evaluation)).read_text("utf-8")
        for lang in ("fr", "en")
    }


def section(page):
    return re.search(r'<section aria-labelledby="drivers">.*?</section>', page, re.DOTALL)[0]


def test_section_speaks_the_language_and_names_a_plugged_in_network(pages):
    for lang, words in (
        ("fr", ("De quoi dépend la valeur collective", "Valeur de bascule", "Regret moyen", "k€")),
        ("en", ("What the collective value hinges on", "Switching value", "Mean regret", "k€")),
    ):
        text = section(pages[lang])
        assert all(word in text for word in (*words, LABEL[lang], VARIANTS["pumps"][lang]))
        other = "en" if lang == "fr" else "fr"
        assert LABEL[other] not in text
    assert not re.search(r">\s*(Share|Grade|Switching|Uncertain|Range|Best)", section(pages["fr"]))
    parsed = Page(pages["fr"])
    assert not parsed.faults
    assert "#drivers" in {attrs.get("href") for attrs in parsed.all("a")}


def test_a_row_says_label_and_numbers_of_one_and_the_same(valued):
    results, evaluation = valued
    with language("en"):
        shown = driver_section(results, evaluation)
    for table, item in zip(shown.tables, drivers(results, evaluation), strict=True):
        for written, row in zip(table.rows, item.rows, strict=True):
            known = evaluation.factors[(evaluation.factors["owner"] + "." + evaluation.factors["name"]) == row.name]
            assert written.label == known.iloc[0]["description"]
            low, high = (float(text.replace(",", "")) for text in written.range.split(" to "))
            assert (low, high) == pytest.approx((row.low, row.high), rel=6e-3)
            assert float(written.share.strip("%<>")) == pytest.approx(100 * row.share, abs=0.51)


def test_few_draws_are_told_to_be_few(valued):
    _few, evaluation = valued
    results = valued_campaign(draws=12)
    with language("fr"):
        few = driver_section(valued[0], evaluation).tables[0].sentence
        many = driver_section(results, evaluate(results)).tables[0].sentence
        none = driver_section(replace(results, draws=None), evaluate(replace(results, draws=None))).tables[0].sentence
    assert "4 tirages des hypothèses simulées mesurent mal" in few
    assert "mesurent mal" not in many
    assert "à elles toutes" in many
    assert "à elles toutes" not in none


def test_results_without_an_account_have_no_such_section(tmp_path):
    page = annex_path(write_report(campaign(replications=3, with_draws=False), tmp_path / "old.html", "fr")).read_text(
        "utf-8"
    )
    assert "De quoi dépend" not in page
    assert tornado(None, []) is None
