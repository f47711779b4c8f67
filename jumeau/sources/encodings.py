"""Texts of shapefiles whose encoding is not stated, or stated wrongly: recognised by what they hold."""

from __future__ import annotations

import codecs
from typing import Any

import pandas as pd

#: What a shapefile is read as when it says nothing; every byte is a letter there.
ASSUMED = ("latin-1", "cp1252")


def as_utf8(frame: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Return a table whose UTF-8 texts were read as another encoding, read rightly; and whether that was so.

    Accented texts in Latin-1 are practically never valid UTF-8, so that the guess is safe: it is made when all texts
    beyond ASCII are. A letter that the width of a column cuts in two is dropped.

    Parameters
    ----------
    frame : DataFrame
        With texts in columns of objects.
    """
    mended: dict[str, Any] = {}
    for column in frame.columns:
        if column == "geometry" or pd.api.types.is_numeric_dtype(frame[column]):
            continue
        foreign = frame[column].map(lambda value: isinstance(value, str) and not value.isascii()).to_numpy(dtype=bool)
        if not foreign.any():
            continue
        texts = frame[column].astype(object).copy()
        decoded = texts[foreign].map(_decoded)
        if decoded.isna().any():
            return frame, False
        texts[foreign] = decoded
        mended[column] = texts
    return (frame.assign(**mended), True) if mended else (frame, False)


def _decoded(value: str) -> str | None:
    """Return a text decoded, None where it cannot be UTF-8."""
    for encoding in ASSUMED:
        try:
            return codecs.getincrementaldecoder("utf-8")().decode(value.encode(encoding))
        except UnicodeError:
            continue
    return None
