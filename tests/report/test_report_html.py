from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser

import pandas as pd
import pytest
from report_campaign import INDICATORS, campaign, provenance

from jumeau.i18n import _, language
from jumeau.report import write_report
from jumeau.report.html import annex_path
from jumeau.results.storage import read_results, write_results

VOID = {"meta", "br", "link", "img", "input", "hr", "use", "path"}


class Page(HTMLParser):
    """What a browser would see, kept for questions."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.stack, self.faults = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(tag)

    def handle_data(self, data):
        if self.stack and self.stack[-1] not in ("style", "pre", "code"):
            self.words.append(data.strip())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    results = campaign(failures=["led, replication 3: division by zero"])
    return {
        lang: annex_path(write_report(results, folder / f"{lang}.html", lang)).read_text("utf-8")
        for lang in ("fr", "en")
    }


@pytest.fixture(scope="module")
def small():
    """A quick campaign: no draws."""
    return campaign(replications=3, with_draws=False)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_is_self_contained(pages, lang):
    page = pages[lang]
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src 'none'" in page
    assert "@import" not in page
    parsed = Page(page)
    assert not [name for name, _attrs in parsed.tags if name in ("script", "link", "img", "iframe")]
    ids = [attrs["id"] for _tag, attrs in parsed.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {attrs["href"] for _tag, attrs in parsed.tags if "href" in attrs}
    assert targets
    assert targets <= {f"#{name}" for name in ids} | {f"{lang}.html"}
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_page_is_accessible(pages, lang):
    parsed = Page(pages[lang])
    assert parsed.all("html") == [{"lang": lang}]
    assert not parsed.faults
    assert not parsed.stack
    assert len(parsed.all("table")) == len(parsed.all("caption")) > 5
    assert all("scope" in attrs for attrs in parsed.all("th"))
    drawings = parsed.all("svg")
    assert len(drawings) == 5
    assert all(attrs["role"] == "img" and len(attrs["aria-label"]) > 30 for attrs in drawings)
    assert len(parsed.all("h1")) == 1


def test_language_is_whole(pages):
    for lang, own, other in (
        ("fr", "Rénover l’éclairage du bourg", "Renewing the town"),
        ("en", "Renewing the town&#39;s lighting", "Rénover l’éclairage"),
    ):
        assert own in pages[lang]
        assert other not in pages[lang]
    assert "baisse établie" in pages["fr"]
    assert "drop established" not in pages["fr"]
    assert "drop established" in pages["en"]


def test_no_english_in_the_french_page(pages):
    ours = {"Before", "After", "Difference", "95% interval", "Relative", "undecided", "negligible", "favourable"}
    ours |= {"Installed:", "years", "low confidence", "Streets", "observed", "not repaid", "Contents", "saving"}
    # Labels, sources and rules of data files keep the language of those files; these hold none of the words.
    words = " ".join(Page(pages["fr"]).words)
    assert not {token for token in ours if re.search(rf"(?<!\w){re.escape(token)}(?!\w)", words)}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_record_is_there(pages, lang):
    parsed = Page(pages[lang])
    text = " ".join(parsed.words)
    for _name, label, *_rest in INDICATORS:
        with language(lang):
            assert text.count(_(label)) >= 2, label  # once per variant
    assert text.count("321\u202f500" if lang == "fr" else "321,500") >= 2


def test_answer_speaks_of_energy_money_carbon_and_service(pages):
    page = pages["en"]
    answer = page[page.index('id="answer"') : page.index('id="key"')]
    switch_off = answer[answer.index("Switch-off") :]
    assert "Better: Electricity used (−31.1%), Greenhouse gases (−30.0%)." in switch_off
    assert "Worse: Running cost (+1.9%), Nights without light (+947%)." in switch_off
    assert "Not settled: Failures." in switch_off
    assert "running costs up by 1,136" in switch_off
    assert "simple payback: not repaid." in switch_off


def test_simulation_failures_and_territory_are_told(pages, small, tmp_path):
    assert "TERRITOIRE SYNTHÉTIQUE" in pages["fr"]
    assert "SYNTHETIC TERRITORY" in pages["en"]
    assert "Simulation, not measurement" in pages["en"]
    assert "led, replication 3: division by zero" in pages["en"]
    real = replace(small, provenance=provenance(synthetic=False))
    page = annex_path(write_report(real, tmp_path / "real.html", "en")).read_text("utf-8")
    assert "SYNTHETIC TERRITORY" not in page
    assert "set aside" not in page


def test_text_of_users_is_escaped(small, tmp_path):
    evil = "<script>alert('x')</script>"
    own = provenance()
    own["scenario"]["title"] = evil
    own["scenario"]["text"] = evil
    own["territory"]["title"] = evil
    own["variants"]["led"]["title"] = evil
    own["notes"] = [evil]
    factors, bill = small.factors.copy(), small.bill.copy()
    factors.loc[0, "source"] = evil
    bill.loc[0, "label"] = evil
    dataset = small.dataset.copy()
    dataset["lighting_energy"].attrs["long_name"] = evil
    results = replace(
        small, provenance=own, factors=factors, bill=bill, dataset=dataset, overrides={"led": (f"{evil}: {evil} -> 2",)}
    )
    page = annex_path(write_report(results, tmp_path / "evil.html", "fr")).read_text("utf-8")
    assert "<script" not in page
    assert page.count(escape(evil).replace("&#x27;", "&#39;")) >= 6


def test_same_results_same_bytes(small, tmp_path):
    first = write_report(small, tmp_path / "a.html", "fr")
    second = write_report(small, tmp_path / "deep" / "a.html", "fr")
    write_results(replace(small, assets={}), tmp_path / "run")
    again = read_results(tmp_path / "run")
    third = write_report(again, tmp_path / "read" / "a.html", "fr")
    for path in (second, third):
        assert path.read_bytes() == first.read_bytes()
        assert annex_path(path).read_bytes() == annex_path(first).read_bytes()


def test_language_in_force_is_left_alone(small, tmp_path):
    with language("fr"):
        write_report(small, tmp_path / "a.html", "en")
        assert _("Before") == "Avant"
    with pytest.raises(ValueError, match="de"):
        write_report(small, tmp_path / "b.html", "de")


def test_low_confidence_comes_first_among_what_matters(pages):
    page = pages["en"]
    table = page[page.index('id="assumptions"') : page.index('id="data"')]
    order = re.findall(r"<code>([a-z_]+)</code>", table)
    # Drawn or set by the scenario, from low to high confidence; then the others, likewise.
    assert order == ["gear_loss", "yearly_fee", "electricity_price", "crew_fuel", "led_price", "electricity_carbon"]
    assert table.count("low confidence") == 2
    assert table.count("set by the scenario</span>") == 1
    assert table.count("drawn as uncertain</span>") == 2


def test_shares_of_origins(pages):
    page = pages["en"]
    table = page[page.index('id="data"') : page.index('id="limits"')]
    assert "width:40.00%" in table
    assert "width:60.00%" in table
    # (312 + 0.4 * 312 + 0.002 * 1500) / (312 + 312 + 1500) = 20.7 %
    assert "observed: 21%" in table
    assert "&lt;1%" in table


def test_overrides_and_bill(pages):
    page = pages["fr"]
    assert "lighting.yearly_fee" in page
    assert re.search(r"3 EUR/lamp/year</code></td><td>→ <code>4\.5 EUR/lamp/year", page)
    bill = page[page.index('id="installed"') : page.index('id="changes"')]
    assert "316\u202f400\u00a0€" in bill  # 452 luminaires at 700 EUR
    assert "230\u00a0€" in bill  # 51 nodes at 4.50 EUR a year
    assert "Rien n’est installé" not in bill


def test_weights_need_draws(pages, small, tmp_path):
    assert 'id="figure-weights"' in pages["en"]
    assert 'id="figure-ranges"' in pages["en"]
    page = annex_path(write_report(small, tmp_path / "plain.html", "en")).read_text("utf-8")
    assert 'id="figure-weights"' not in page
    assert 'id="figure-pairs"' in page


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_almost_nothing_to_say(tmp_path, lang):
    """One replication, no bill, no factor, no origin: still a readable page."""
    bare = replace(
        campaign(replications=1, with_draws=False),
        bill=pd.DataFrame(),
        factors=pd.DataFrame(columns=["network", "name"]),
        origins=pd.DataFrame(),
        overrides={},
    )
    page = annex_path(write_report(bare, tmp_path / "bare.html", lang)).read_text("utf-8")
    parsed = Page(page)
    assert not parsed.faults
    with language(lang):
        assert _("Nothing is installed.") in page
        assert _("One replication only: no interval, nothing is established.") in page
        assert _("drop established") not in " ".join(parsed.words).replace(_("drop established") + " (", "")
