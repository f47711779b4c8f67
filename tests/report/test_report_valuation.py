"""The evaluation as people read it: rows against the evaluation itself, every width, both languages, any network."""

from __future__ import annotations

import math
import re

import pytest
from report_campaign import campaign
from test_report_html import Page
from valued_campaign import LABEL, VARIANTS, valued_campaign

from jumeau.evaluation import CRITERIA, FIVE, evaluate
from jumeau.i18n import _, language
from jumeau.report import write_report
from jumeau.report.html import annex_path
from jumeau.report.money import paybacks

valuation = pytest.importorskip("jumeau.report.valuation", reason="the tables of the evaluation are not there yet")
terminal = pytest.importorskip("jumeau.report.evaluation_table", reason="the evaluation is not in the terminal yet")

STUDIES = {"samples": 400, "flows": [{"item": "studies", "amount": "-40000 EUR", "network": "common"}]}


@pytest.fixture(scope="module")
def valued():
    results = valued_campaign(draws=4, evaluation=STUDIES)
    return results, evaluate(results)


def numbers(text):
    """Return the numbers of an English text; what is beyond the horizon is infinite."""
    found = []
    for beyond, written in re.findall(r"(>\s*)?([+−]?\d[\d,]*(?:\.\d+)?)", text):
        found.append(math.inf if beyond else float(written.replace("−", "-").replace(",", "")))
    return found


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_fits_the_terminal(valued, width, lang):
    with language(lang):
        lines = terminal.evaluation_lines(valued[1], width)
        labels = [_(CRITERIA[name].label) for name in FIVE]
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for word in (*labels[:4], *(title[lang] for title in VARIANTS.values())):
        assert word in text


def test_every_headline_lies_in_its_own_range_and_is_the_evaluation_s(valued):
    with language("en"):
        blocks = valuation.blocks(valued[1])
    assert [block.variant for block in blocks] == list(VARIANTS)
    seen = 0
    for block in blocks:
        for row in (*block.rows, *block.more):
            item = valued[1].estimate(row.name, block.variant)
            assert row.label == CRITERIA[row.name].label
            if not row.span:
                continue
            (middle, *_unit), (low, high) = numbers(row.value), numbers(row.span)
            assert low <= middle <= high
            scale = {"k€": 1e-3, "M€": 1e-6}.get(row.value.split("\u00a0")[-1], 1.0)
            scale = 100.0 if "%" in row.value else scale
            if math.isfinite(item.p50):
                assert middle == pytest.approx(item.p50 * scale, rel=0.06, abs=0.06)
            for written, value in ((low, item.p10), (high, item.p90)):
                assert math.isinf(written) == math.isinf(value)
                if math.isfinite(value):
                    assert written == pytest.approx(value * scale, rel=0.1, abs=max(0.06, 0.06 * abs(middle)))
            if row.chance:
                assert float(row.chance.strip("<>% \u00a0")) == pytest.approx(100 * item.p_positive, abs=1.0)
            seen += 1
    assert seen > 10


def test_what_is_not_repaid_is_told(valued):
    """Screens save nothing: no draw repays them, and nothing may look as if."""
    results, evaluation = valued
    assert evaluation.estimate("simple_payback", "panels").p_positive == 0.0
    with language("fr"):
        block = valuation.blocks(evaluation)[1]
        paid = {item.variant: item for item in paybacks(results)}
        row = next(item for item in block.more if item.name == "simple_payback")
        assert ">" in row.value
        assert "20" in row.value
        assert row.chance.startswith("0")
        assert "non remboursé en 20" in paid["panels"].sentence()
        assert paid["panels"].years is None


def test_the_report_says_one_payback(valued):
    results, evaluation = valued
    with language("en"):
        row = next(item for item in valuation.blocks(evaluation)[0].more if item.name == "simple_payback")
        paid = paybacks(results)[0]
    assert paid.years == pytest.approx(evaluation.estimate("simple_payback", "pumps").p50)
    assert numbers(row.value)[0] == numbers(paid.text())[0]


def test_networks_have_their_own_rows_by_their_labels(valued):
    with language("fr"):
        block = valuation.blocks(valued[1])[0]
    assert [name for name, _rows in block.networks] == [LABEL["fr"], "Commun à tous les réseaux"]
    assert all([row.name for row in rows] == list(FIVE) for _name, rows in block.networks)


@pytest.mark.parametrize(("lang", "other"), [("fr", "en"), ("en", "fr")])
def test_page(valued, tmp_path, lang, other):
    page = annex_path(write_report(valued[0], tmp_path / f"{lang}.html", lang)).read_text("utf-8")
    section = re.search(r'<section aria-labelledby="valuation">.*?</section>', page, re.DOTALL)[0]
    assert page.index('id="valuation"') < page.index('id="answer"')
    parsed = Page(page)
    assert not parsed.faults
    text = " ".join(Page(section).words)
    with language(other):
        foreign = [_(CRITERIA[name].label) for name in FIVE]
    with language(lang):
        own = [_(CRITERIA[name].label) for name in FIVE]
    assert all(word in text for word in own)
    assert not [word for word in foreign if word not in own and word in text]
    assert LABEL[lang] in text
    assert LABEL[other] not in text
    assert 'id="figure-cumulated"' in section
    assert ("par choix" if lang == "fr" else "by choice") in text
    unverified = "Multiplier of net public flows in the socio-economic value"
    with language("fr"):
        assert unverified in text or _(unverified) in text


def test_results_without_an_account_have_no_valuation(tmp_path):
    page = annex_path(write_report(campaign(replications=3, with_draws=False), tmp_path / "old.html", "fr")).read_text(
        "utf-8"
    )
    assert 'id="valuation"' not in page
