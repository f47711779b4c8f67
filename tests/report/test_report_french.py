"""Every sentence of the report has its French, and both have the same gaps to fill."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import jumeau.report
from jumeau.i18n import _, language
from jumeau.report.evidence import LAYERS
from jumeau.report.numbers import COUNTED
from jumeau.report.words import FAVOURABLE, GROUPS, UNFAVOURABLE
from jumeau.results.titles import SYMBOLS

FOLDER = Path(jumeau.report.__file__).parent

#: Words that are the same in both languages.
SAME = {
    "Regret",
    "regret",
    "Chances",
    "exact",
    "points",
    "point",
    "passages",
    "passage",
    "messages",
    "message",
    "Verdict",
    "verdict",
    "Population",
    "Zones",
    "Relief",
    "Provenance",
    "Source",
    "Total",
    "p (Holm)",
    "investment",
    "Licence",
    "N",  # north
    "{before} → {after}",
    "{label} [{network}]",
}


def messages():
    found = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                found |= {item.value for item in node.args if isinstance(item, ast.Constant)}
    for path in (FOLDER / "templates").glob("*.j2"):
        found |= set(re.findall(r'_\("([^"]+)"\)', path.read_text("utf-8")))
    found |= set(COUNTED) | set(COUNTED.values()) | set(GROUPS.values()) | set(LAYERS.values()) | set(SYMBOLS)
    return found | {FAVOURABLE, UNFAVOURABLE, "low confidence", "medium confidence", "high confidence"}


def gaps(text):
    return {name for _before, name, *_rest in string.Formatter().parse(text) if name is not None}


def test_every_message_is_translated():
    assert len(messages()) > 150
    with language("fr"):
        missing = {message for message in messages() - SAME if _(message) == message}
    assert not missing


def test_translations_have_the_same_gaps():
    with language("fr"):
        assert {message for message in messages() if gaps(message) != gaps(_(message))} == set()


def test_french_typography():
    with language("fr"):
        french = [_(message) for message in messages()]
    assert not [text for text in french if re.search(r" [;:?!%]", text)], "ordinary spaces would let a sign slip alone"
    assert not [text for text in french if "'" in text]
