"""A French reader finds no English in what the house wrote, an English reader no French."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from one_language import foreign, words
from test_report_quarters import quarters, results
from valued_campaign import valued_campaign

import jumeau
from jumeau.i18n import language
from jumeau.report.evidence import source_text
from jumeau.report.html import annex_path, write_report
from jumeau.report.table import comparison_table

#: Words that no French sentence has; those of titles of books and bodies are left out below.
ENGLISH = {
    "the", "of", "and", "with", "per", "is", "are", "which", "from", "for", "than", "then", "over", "under", "only",
    "where", "when", "recalled", "unverified", "choice", "usual", "mean", "order", "law", "price", "days", "years",
}  # fmt: skip
#: What only the campaigns of the tests say, in English.
INVENTED = ("Service life of a", "Yearly fee of a managed lamp", "Price of a LED luminaire")
#: What is quoted, and stays as its authors wrote it.
TITLES = (
    "Bureau of Public Roads, Traffic Assignment Manual",
    "Los Angeles Bureau of Street Lighting",
    "Energy Star Portfolio Manager",
    "European Benchmarking Co-operation",
    "AAPG Bulletin",
)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_report_annex_and_table_are_in_one_language(tmp_path, monkeypatch, lang):
    monkeypatch.setattr("jumeau.report.html.quarters_of_run", lambda *_given: quarters())
    for name, found in (("valued", valued_campaign()), ("quarters", results(zones=["Q1"]))):
        path = write_report(found, tmp_path / f"{name}.html", lang)
        for file in (path, annex_path(path)):
            told = words(file.read_text("utf-8"))
            for label in INVENTED:
                told = told.replace(label, "")
            assert foreign(told, lang) == [], file.name
        with language(lang):
            assert foreign(" ".join(comparison_table(found).split()), lang) == []


def sources():
    for path in sorted(Path(jumeau.__file__).parent.rglob("*.csv")):
        if path.name == "attributes.csv":  # columns of standards, which no report prints
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("source"):
                    yield row["source"]


def test_what_the_house_says_of_its_sources_is_in_french():
    wrong = {}
    with language("fr"):
        for source in set(sources()):
            told = source_text(source)
            for title in TITLES:
                told = told.replace(title, "")
            if found := set(re.findall(r"[A-Za-z]+", told)) & ENGLISH:
                wrong[source] = found
    assert wrong == {}


def test_sources_are_told_clause_by_clause():
    joined = "recalled, unverified; two readings a year; choice: nothing wears out; Syren: 5 years"
    with language("fr"):
        assert source_text(joined) == (
            "de mémoire, non vérifié\u202f; deux relèves par an\u202f; choix\u00a0: rien ne s’use\u202f; "
            "Syren\u00a0: 5 ans"
        )
    with language("en"):
        assert source_text(joined) == joined
        assert source_text("x (a; b: c); d") == "x (a; b: c); d"
