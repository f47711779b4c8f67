"""Reads CSV files as statistical offices publish them: latin-1, semicolons, titles above the header.

Everything is read as text. Decimal signs are dealt with where a column is known to hold numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

SEPARATORS = (",", ";", "\t", "|")

#: What spreadsheets write for "nothing".
EMPTY = ("", "#N/A", "#N/D")


def read_delimited(
    path: Path, encoding: str | None = None, separator: str | None = None, skip_rows: int = 0
) -> pd.DataFrame:
    """Return a table of texts; empty cells are None. See `read_lines`."""
    return read_lines(path, encoding, separator, skip_rows)[0]


def read_lines(
    path: Path, encoding: str | None = None, separator: str | None = None, skip_rows: int = 0
) -> tuple[pd.DataFrame, list[int]]:
    """Return a table of texts, and the line of the file in which each row ends; empty cells are None.

    Parameters
    ----------
    path : Path
    encoding : str, optional
        UTF-8 (with or without byte-order mark) by default.
    separator : str, optional
        The most frequent of comma, semicolon, tab and bar in the header by default.
    skip_rows : int
        Lines above the header.

    Raises
    ------
    InputError
        When the text cannot be decoded, the header is missing or repeats a name, or a row has another number of
        cells than the header (with its line).
    """
    if separator is not None and (len(separator) != 1 or separator in '\r\n"\0'):
        hint = _('usual ones: « , », « ; », a tab ("\\t") or « | »')
        raise InputError(
            Problem(_("a separator is a single character"), file=str(path), value=repr(separator)[1:-1], hint=hint)
        )
    if path.is_dir():
        raise InputError(Problem(_("this is a folder, not a file"), file=str(path), hint=_("name the file inside it")))
    lines = _text(path, encoding or "utf-8-sig").splitlines(keepends=True)[skip_rows:]
    if not lines:
        message = _("the file has no row after the {count} skipped").format(count=skip_rows)
        raise InputError(Problem(message, file=str(path), hint=_("check `skip_rows`")))
    sign = separator or max(SEPARATORS, key=lines[0].count)
    reader = csv.reader(lines, delimiter=sign)
    header = [name.strip() for name in next(_rows(reader, path, skip_rows), [])]
    _check_header(header, path, skip_rows)
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    wrong: list[int] = []
    for cells in _rows(reader, path, skip_rows):
        if not cells:
            continue
        if len(cells) != len(header):
            wrong.append(reader.line_num + skip_rows)
        numbers.append(reader.line_num + skip_rows)
        rows.append([None if cell.strip() in EMPTY else cell.strip() for cell in cells])
    if wrong:
        raise InputError(
            Problem(
                _("a row has another number of cells than the header ({count})").format(count=len(header)),
                file=str(path),
                line=wrong[0],
                features=tuple(str(line) for line in wrong),
                hint=_("check `separator` and `skip_rows`; cells that hold a separator need quotes"),
            )
        )
    return pd.DataFrame(rows, columns=header, dtype=object), numbers


def _rows(reader: Any, path: Path, skip_rows: int) -> Iterator[list[str]]:
    """Yield the rows, a fault of the CSV itself (a quote that is never closed, a cell without end) being a problem."""
    try:
        yield from reader
    except csv.Error as error:
        hint = _("check `separator` and `skip_rows`; cells that hold a separator need quotes")
        message = _("cannot be read: {error}").format(error=error)
        raise InputError(Problem(message, file=str(path), line=reader.line_num + skip_rows, hint=hint)) from None


def _text(path: Path, encoding: str) -> str:
    try:
        return path.read_bytes().decode(encoding)
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        message = _("the text is not in {encoding}").format(encoding=encoding.removesuffix("-sig").upper())
        hint = _("state `encoding:`, for instance « latin-1 »")
        raise InputError(Problem(message, file=str(path), line=line, hint=hint)) from None
    except LookupError:
        raise InputError(
            Problem(_("unknown encoding « {name} »").format(name=encoding), file=str(path),
                    hint=_("usual ones: utf-8, latin-1, cp1252"))
        ) from None  # fmt: skip


def _check_header(header: list[str], path: Path, skip_rows: int) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise InputError(
            Problem(
                _("the header repeats a name, or is not the header"),
                file=str(path),
                line=skip_rows + 1,
                value=", ".join(name or "∅" for name in twice),
                hint=_("check `skip_rows`"),
            )
        )
