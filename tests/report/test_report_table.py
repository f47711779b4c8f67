from __future__ import annotations

import re
from dataclasses import replace

import pytest
from report_campaign import INDICATORS, campaign

from jumeau.accounts import FIGURES
from jumeau.i18n import language
from jumeau.report import comparison_table

LABELS = [label for _name, label, *_rest in INDICATORS]


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_fits_the_terminal(lang, width):
    with language(lang):
        text = comparison_table(campaign(), width)
    assert max(len(line) for line in text.splitlines()) <= width


def test_every_indicator_of_the_variants_asked_for():
    with language("en"):
        text = comparison_table(campaign(), 140)
        one = comparison_table(campaign(), 140, ["led"])
    for label in LABELS:
        assert len(re.findall(rf"^{label}\b", text, re.MULTILINE)) == 2, label  # once per variant
        assert len(re.findall(rf"^{label}\b", one, re.MULTILINE)) == 1, label


def test_columns_stand_one_under_the_other():
    with language("en"):
        lines = comparison_table(campaign(with_draws=False), 170).splitlines()
    head = next(line for line in lines if line.startswith("Indicator"))
    failures = next(line for line in lines if line.startswith("Failures"))
    for title, value in (
        ("Before", "61.36"),
        ("After", "17.68"),
        ("Difference", "−43.7"),
        ("Relative", "−71.2%"),
    ):
        assert head.index(title) + len(title) == failures.index(value) + len(value)
    assert failures.endswith("▼ drop established")
    assert "−50.8 to −36.6" in failures


def test_french_writing():
    with language("fr"):
        text = comparison_table(campaign(), 130)
    assert "+321\u202f500" in text
    assert "−71,2\u202f%" in text
    assert "lampes-nuits" in text
    assert "365 jours, euros de 2025" in text
    assert "Énergie (MWh)" in text
    assert "Simulation, et non mesure." in text
    assert "1er janvier 2025" in text
    assert "Territoire SYNTHÉTIQUE" in text


def test_awkward_rows():
    with language("en"):
        lines = comparison_table(campaign(with_draws=False), 140).splitlines()
    missing = next(line for line in lines if line.startswith("Satisfaction"))
    assert "nan" not in missing.lower()
    assert missing.endswith("— not available")
    exact = next(line for line in lines if line.startswith("Subscribed power"))
    assert "exact" in exact
    assert "−50.0%" in exact


def test_one_replication_has_no_interval():
    with language("en"):
        text = comparison_table(campaign(replications=1, with_draws=False))
    assert "One replication only" in text
    assert "drop established" not in text
    assert "nan" not in text.lower()
    assert "? undecided" in text


def test_footer_tells_draws_and_failures():
    with language("en"):
        plain = comparison_table(campaign(with_draws=False, synthetic=False))
        full = comparison_table(campaign(failures=("one", "two")), 120)
    assert "over assumptions" not in plain
    assert "set aside" not in plain
    assert "SYNTHETIC" not in plain
    assert "over assumptions" in full
    assert "P10-P90 of 24 draws" in full
    assert "Runs that failed and were set aside: 2." in full
    assert "12 paired replications" in full


def test_networks_are_named_when_there_are_several():
    results = campaign(with_draws=False)
    dataset = results.dataset.copy()
    for name in ("lighting_failures", *(f"lighting_{figure}" for figure in FIGURES)):
        other = dataset[name].copy()
        other.attrs = other.attrs | {"network": "water"}
        dataset[name.replace("lighting", "water")] = other
    with language("en"):
        text = comparison_table(replace(results, dataset=dataset), 140)
    assert "Public lighting · Failures" in text
    assert "water · Failures" in text
