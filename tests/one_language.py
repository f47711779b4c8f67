"""Whether what a person reads is in one language: the catalogue tells which texts are of the other one."""

from __future__ import annotations

import html
import re
from functools import cache

import jumeau_viz
from babel.messages.pofile import read_po

from jumeau.i18n import catalogue_files


@cache
def catalogue():
    assert jumeau_viz.__name__
    found = {}
    for path in catalogue_files("fr"):
        with path.open("rb") as stream:
            found |= {item.id: item.string for item in read_po(stream, locale="fr") if item.id and item.string}
    return found


def words(page):
    """What a person reads of a page, texts for screen readers among them; not what stands in code."""
    spoken = " ".join(re.findall(r'(?:aria-label|alt|data-label|title)="([^"]*)"', page))
    page = re.sub(r"<(script|style|pre|code)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page) + " " + spoken).split())


def foreign(text, lang):
    """The messages of two words and more of the other language that stand in a text as they are."""
    found = []
    for english, french in catalogue().items():
        wrong, right = (english, french) if lang == "fr" else (french, english)
        if wrong == right or len(re.findall(r"\w+", wrong)) < 2 or "{" in wrong or wrong in right:
            continue
        wrong = " ".join(wrong.split())
        if wrong in text and re.search(rf"(?<!\w){re.escape(wrong)}(?!\w)", text):
            found.append(wrong)
    return found
