"""Texts in the cells of a terminal: how many columns they take, padded, folded."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

ELLIPSIS = "…"


def columns(text: str) -> int:
    """Return the columns that a text takes: an accent set on its letter none, a wide letter two (UAX 11)."""
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in ("W", "F") else 1


def left(text: str, width: int) -> str:
    """Return a text followed by spaces."""
    return text + " " * (width - columns(text))


def right(text: str, width: int) -> str:
    """Return a text after spaces."""
    return " " * (width - columns(text)) + text


def folded(text: str, width: int, indent: str = "", most: int = 0) -> list[str]:
    """Return a text in lines of at most `width` columns, broken at spaces only.

    Parameters
    ----------
    text : str
    width : int
    indent : str
        What each line starts with.
    most : int
        Lines allowed, the last one ending in « … » where it is cut; 0 for any number.
    """
    width = max(width, columns(indent) + 2)  # room for the widest letter
    lines: list[str] = []
    held = indent
    # No-break spaces are none to break at: `split` alone would.
    for word in (part for part in text.replace("\n", " ").split(" ") if part):
        gap = "" if held == indent else " "
        if columns(held + gap + word) <= width:
            held += gap + word
            continue
        if held != indent:
            lines.append(held)
        rest = indent + word
        while columns(rest) > width:
            head = _cut(rest, width)
            lines.append(head)
            rest = indent + rest[len(head) :]
        held = rest
    if held != indent or not lines:
        lines.append(held)
    if most and len(lines) > most:
        kept = lines[most - 1]
        while columns(kept) + 1 > width:
            kept = kept[:-1]
        lines = [*lines[: most - 1], kept.rstrip() + ELLIPSIS]
    return lines


def _cut(text: str, width: int) -> str:
    """Return as much of a text as fits."""
    size = len(text)
    while size > 1 and columns(text[:size]) > width:
        size -= 1
    return text[:size]


def wrapped(sentences: Sequence[str], width: int) -> list[str]:
    """Return sentences folded one after the other."""
    return [line for sentence in sentences for line in folded(sentence, width)]
