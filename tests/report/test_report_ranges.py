"""Fewer than ten draws have no P10: their range is called their span, on the page as in the terminal."""

from __future__ import annotations

import re

import numpy as np
import pytest
from report_campaign import campaign
from test_report_html import Page
from town_campaign import town_campaign
from valued_campaign import valued_campaign

from jumeau.i18n import language
from jumeau.report import write_report
from jumeau.report.html import annex_path
from jumeau.report.ranges import draws_text, few_draws, span_name
from jumeau.report.table import comparison_table
from jumeau.report.words import sentence
from jumeau.results.sampled import ENOUGH

NO_RANGE = "P10-P90"


@pytest.mark.parametrize("count", [2, 3, 5, 9])
def test_the_p10_of_few_draws_is_the_smallest_of_them(count):
    """Why they are called a span: as samples take all draws alike, their quantiles are the ends."""
    draws = np.random.default_rng(count).normal(size=count)
    taken = draws[np.arange(5000) % count]
    assert tuple(np.quantile(taken, [0.1, 0.9])) == pytest.approx((draws.min(), draws.max()))
    more = np.random.default_rng(count).normal(size=40)
    assert np.quantile(more[np.arange(5000) % 40], 0.1) > more.min()


def test_counts():
    assert [few_draws(valued_campaign(draws=count)) for count in (0, 1, 3, ENOUGH - 1, ENOUGH)] == [0, 0, 3, 9, 0]
    assert valued_campaign(draws=1).draw_count == 0


@pytest.mark.parametrize(
    ("draws", "lang", "words", "absent"),
    [
        (3, "fr", ("étendue de 3 tirages", "trop peu", "5\u202f000 fois"), NO_RANGE),
        (3, "en", ("span of 3 draws", "too few for P10 and P90", "5,000 times"), NO_RANGE),
        (12, "fr", ("P10-P90 de 12 tirages", "toujours tirés aussi, 5\u202f000 fois"), "étendue"),
        (12, "en", ("P10-P90 of 12 draws", "always drawn too, 5,000 times"), "span"),
        (0, "fr", ("P10-P90 de 5\u202f000 tirages des prix",), "hypothèses incertaines"),
    ],
)
def test_where_ranges_come_from(draws, lang, words, absent):
    with language(lang):
        text = draws_text(valued_campaign(draws=draws))
    assert all(word in text for word in words)
    assert absent not in text


def test_results_without_an_account_say_nothing_of_prices():
    with language("fr"):
        assert draws_text(campaign(with_draws=False)) == ""
        assert "prix" not in draws_text(town_campaign())
        assert "étendue de 6 tirages" in draws_text(town_campaign())


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_terminal_never_speaks_of_the_p10_of_few_draws(width, lang):
    with language(lang):
        lines = comparison_table(valued_campaign(draws=3), width).splitlines()
        name = span_name(valued_campaign(draws=3))
        many = comparison_table(valued_campaign(draws=ENOUGH), width)
    figures = "\n".join(lines[: lines.index("")])
    assert NO_RANGE not in figures
    assert name in " ".join(figures.split())
    assert NO_RANGE in many
    assert max(map(len, lines)) <= width


def test_the_page_never_speaks_of_the_p10_of_few_draws(tmp_path):
    few, many = valued_campaign(draws=3), valued_campaign(draws=ENOUGH)
    for lang, name, fixed in (("fr", "étendue de 3 tirages", "Bas"),):
        page = annex_path(write_report(few, tmp_path / f"{lang}.html", lang)).read_text("utf-8")
        # What hangs on thousands of priced draws, paybacks among it, keeps its P10.
        page = re.sub(r'<section aria-labelledby="(drivers|valuation)">.*?</section>', "", page, flags=re.DOTALL)
        page = re.sub(r"\(P10-P90[^)]*\)", "", page)
        words = " ".join(Page(page).words)
        assert NO_RANGE not in words.replace("P10-P90 of 5,000", "").replace("P10-P90 de 5\u202f000", "")
        assert name in words
        assert fixed in words
    whole = " ".join(Page(annex_path(write_report(many, tmp_path / "many.html", "fr")).read_text("utf-8")).words)
    assert NO_RANGE in whole
    assert "étendue de" not in whole


def test_eight_cases_in_ten_are_no_word_for_three_draws():
    record = next(item for item in valued_campaign(draws=3).records if item.indicator == "energy" and item.range80)
    with language("fr"):
        assert "huit cas sur dix" in sentence(record, "X")
        few = sentence(record, "X", few=3)
        assert "huit cas sur dix" not in few
        assert "Les 3 tirages des hypothèses incertaines vont de" in few
