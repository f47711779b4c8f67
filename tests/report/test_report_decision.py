"""The first pages: figures against the evaluation and the summary, verdicts against samples, words of one language."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from report_campaign import campaign
from test_report_html import Page
from valued_campaign import VARIANTS, valued_campaign

from jumeau.cli import main
from jumeau.evaluation import evaluate
from jumeau.i18n import language
from jumeau.report import write_report
from jumeau.report.decision import decision
from jumeau.report.drivers import Driver, Drivers
from jumeau.report.figures import figure_columns
from jumeau.report.html import annex_path
from jumeau.report.standing import DEPENDS, GAIN, LOSS, standings
from jumeau.results.comparison import NEGLIGIBLE, OUTSIDE, UNDECIDED
from jumeau.results.storage import write_results


@pytest.fixture(scope="module")
def valued():
    results = valued_campaign(draws=4)
    return results, evaluate(results)


@pytest.fixture(scope="module")
def pages(valued, tmp_path_factory):
    folder = tmp_path_factory.mktemp("decision")
    return {lang: write_report(valued[0], folder / f"{lang}.html", lang) for lang in ("fr", "en")}


def with_worth(evaluation, values):
    """Return an evaluation whose first variant is worth these values [EUR]."""
    samples = evaluation.samples.copy(deep=True)
    count = samples.sizes["sample"]
    samples["collective_value"].loc[{"variant": "pumps", "network": "total"}] = np.resize(values, count)
    return replace(evaluation, samples=samples)


def number(low, high, switching):
    return Driver("shared.electricity_price", low, high, -1.0, 1.0, 0.5, switching)


@pytest.mark.parametrize(
    ("values", "numbers", "verdict"),
    [
        (np.linspace(5e4, 9e4, 50), (), GAIN),
        (np.linspace(-9e4, -5e4, 50), (), LOSS),
        (np.linspace(-9e4, 9e4, 50), (number(0.1, 0.3, 0.2),), DEPENDS),
        (np.linspace(-9e4, 9e4, 50), (number(0.1, 0.3, 0.4),), UNDECIDED),
        (np.linspace(-9e4, 9e4, 50), (number(0.1, 0.3, None),), UNDECIDED),
        (np.linspace(-1.0, 1.0, 50), (number(0.1, 0.3, 0.2),), NEGLIGIBLE),
    ],
)
def test_one_verdict_joins_chance_and_assumptions(valued, values, numbers, verdict):
    found = standings(with_worth(valued[1], values), [Drivers("pumps", 0.0, numbers, 0.0)])["pumps"]
    assert found.verdict == verdict
    with language("fr"):
        assert (("prix" in found.words().lower()) or ("électricité" in found.words().lower())) == (verdict == DEPENDS)


def test_what_lies_outside_its_model_is_neither_ranked_nor_judged(valued):
    results, evaluation = valued
    unfit = replace(evaluation, outside={"pumps": ("heat",)})
    found = standings(unfit, [])
    assert found["pumps"].verdict == OUTSIDE
    with language("en"):
        said = decision(results, results.records, figure_columns(results.figures()), unfit, found)
    assert "Not ranked, for lack of a verdict: “Variable speed pumps”." in said.ranking
    assert not any("First comes “Variable speed pumps”" in line for line in said.ranking)
    assert not any("%" in line for line in said.certainty if "Variable speed pumps" in line)


def test_every_line_says_the_figures_of_its_own_variant(valued):
    results, evaluation = valued
    with language("en"):
        said = decision(
            results, results.records, figure_columns(results.figures()), evaluation, standings(evaluation, [])
        )
        assert [row.title for row in said.rows[1:]] == [title["en"] for title in VARIANTS.values()]
        for row, name in zip(said.rows[1:], VARIANTS, strict=True):
            worth = evaluation.estimate("collective_value", name)
            value = float(re.search(r"[+−]?[\d.,]+", row.value)[0].replace("−", "-").replace(",", ""))
            unit = 1000.0 if "k€" in row.value else 1.0
            assert value * unit == pytest.approx(worth.p50, abs=0.06 * abs(worth.p50))
            assert row.value[0] in "+−"
            record = next(
                item
                for item in results.figures()
                if (item.variant, item.network, item.indicator) == (name, "heat", "energy")
            )
            shown = float(row.cells[0].value.replace("−", "-").replace(",", ""))
            assert shown == pytest.approx(record.median / 1000.0, abs=0.006 * abs(record.median) / 1000.0)
        order = sorted(VARIANTS, key=lambda name: -evaluation.estimate("collective_value", name).p50)
        assert VARIANTS[order[0]]["en"] in said.ranking[0]
        first = next(row for row in said.rows if row.title == VARIANTS[order[0]]["en"])
        assert first.value.removeprefix("+") in said.ranking[0]
        last = evaluation.estimate("collective_value", order[-1]).p50
        assert (VARIANTS[order[-1]]["en"] in said.ranking[-1]) == (last <= 0.0)


def test_who_loses_is_told(valued):
    results, evaluation = valued
    with language("en"):
        said = decision(results, results.records, [], evaluation, standings(evaluation, []))
    for name in VARIANTS:
        lost = evaluation.by_actor(name).sum()
        lines = dict(said.worse).get(VARIANTS[name]["en"], ())
        assert any(line.startswith("the authority: −") for line in lines) == (lost["authority"] < 0.0)


def test_indicators_that_worsen_are_told_with_whom_they_concern(tmp_path):
    results = campaign()
    with language("en"):
        said = decision(results, results.records, [], None, {})
    lines = dict(said.worse)["Switch-off from 11 pm to 5 am"]
    assert "Nights without light [Public lighting] (+947%), for users" in lines
    assert "LED and remote management" not in dict(said.worse)
    page = write_report(results, tmp_path / "report.html", "fr").read_text("utf-8")
    assert "pour les usagers" in page


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_leads_to_its_annex_and_fetches_nothing(pages, lang):
    page = pages[lang].read_text("utf-8")
    parsed = Page(page)
    assert "http" not in page.replace("http-equiv", "")
    assert not [name for name, _attrs in parsed.tags if name in ("script", "link", "img", "iframe")]
    ids = [attrs["id"] for _tag, attrs in parsed.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for _tag, attrs in parsed.tags if "href" in attrs}
    annex = annex_path(pages[lang])
    beside = Page(annex.read_text("utf-8"))
    there = {attrs["id"] for _tag, attrs in beside.tags if "id" in attrs}
    assert annex.name in targets
    for target in targets:
        name, _hash, place = target.partition("#")
        assert name in ("", annex.name)
        assert not place or place in (there if name else ids), target
    assert pages[lang].name in {attrs["href"] for _tag, attrs in beside.tags if "href" in attrs}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_is_accessible(pages, lang):
    parsed = Page(pages[lang].read_text("utf-8"))
    assert parsed.all("html") == [{"lang": lang}]
    assert not parsed.faults
    assert not parsed.stack
    assert len(parsed.all("table")) == len(parsed.all("caption")) >= 3
    assert all("scope" in attrs for attrs in parsed.all("th"))
    assert len(parsed.all("h1")) == 1


def test_words_are_of_the_language(pages):
    words = {lang: " ".join(Page(path.read_text("utf-8")).words) for lang, path in pages.items()}
    for title in VARIANTS.values():
        assert title["fr"] in words["fr"]
        assert title["en"] not in words["fr"]
    ours = ("Before", "worth", "draws", "How sure", "Installed", "established", "Investment", "years", "Criterion")
    assert not [word for word in ours if re.search(rf"(?<!\w){word}(?!\w)", words["fr"])]
    assert not [word for word in ("Avant", "établi", "médiane", "tirages") if word in words["en"]]


def test_without_an_account_there_is_no_ranking(tmp_path):
    written = write_report(campaign(replications=3, with_draws=False), tmp_path / "old.html", "en")
    page = written.read_text("utf-8")
    assert "First comes" not in page
    assert 'id="certainty"' not in page
    assert "Public lighting" in page


def test_reports_in_two_languages_stand_side_by_side(tmp_path, capsys):
    run = tmp_path / "run"
    write_results(replace(campaign(replications=3, with_draws=False), assets={}), run)
    assert main(["report", str(run), "--lang", "fr"]) == 0
    french = (run / "report.html").read_bytes()
    assert main(["report", str(run), "--lang", "en"]) == 0
    assert main(["report", str(run), "--lang", "fr"]) == 0
    assert (run / "report.html").read_bytes() == french
    assert b'<html lang="en">' in (run / "report_en.html").read_bytes()
    names = {path.name for path in run.glob("*.html")}
    assert names == {"report.html", "report_annex.html", "report_en.html", "report_en_annex.html"}
    assert "report_en.html" in capsys.readouterr().out
