"""The list of a batch: a table with one territory a row, and what each changes in the template."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path

import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.input_file import regular_file
from jumeau.sources.delimited import read_lines
from jumeau.sources.excel import ENGINES, read_excel

#: Columns that say which territory it is; the others are paths into the scenario.
NAME, TERRITORY, TITLE, LABEL, CODE = "name", "territory", "title", "label", "code"
OWN = (NAME, TERRITORY, TITLE, LABEL, CODE)

#: Letters and digits of any language, and signs that neither shells nor file systems take for theirs.
SAFE = re.compile(r"[^\W_][\w.-]*(?<!\.)")
LONGEST = 80
#: Names that Windows keeps for devices, whatever their ending.
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
#: Names of the files of the batch itself.
FILES = ("batch.csv", "batch.json", "batch.gpkg", "batch.html", "batch.log")

#: An INSEE code of a commune has five characters: a spreadsheet that took it for a number lost its zero.
CODE_LENGTH = 5


@dataclass(frozen=True)
class Row:
    """One territory of the list, as it is written.

    Attributes
    ----------
    line : int
        In the list.
    name : str
        Of its folder.
    territory : str
        A bundled name, or a path relative to the list.
    title : str
        What people read; empty for the territory's own.
    code : str
        Of the commune, as text.
    cells : tuple of (str, str)
        Header and text of each cell that changes something in the template.
    """

    line: int
    name: str
    territory: str
    title: str = ""
    code: str = ""
    cells: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Listing:
    """A list, read.

    Attributes
    ----------
    file : Path
    columns : tuple of str
        Headers that are paths into the scenario.
    rows : tuple of Row
    refused : mapping of int to tuple of Problem
        Line -> what is wrong with what its row says of itself.
    """

    file: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    refused: Mapping[int, tuple[Problem, ...]]

    def problem(self, row: Row, column: str, message: str, hint: str = "", value: str = "") -> Problem:
        """Return what is wrong with a cell."""
        return Problem(message, hint=hint, file=str(self.file), line=row.line, column=column, value=value)


def read_listing(path: Path | str) -> Listing:
    """Read a list.

    Parameters
    ----------
    path : Path or str
        A CSV file in UTF-8 (comma, semicolon or tab), or a workbook, whose first sheet is read.

    Raises
    ------
    InputError
        When it cannot be read as a table, lacks a column, or has no row. What is wrong with one row is in `refused`.
    """
    file = regular_file(Path(path))
    table, lines = _workbook(file) if file.suffix.lower() in ENGINES else _delimited(file)
    _check_columns(file, list(table.columns))
    own = [name for name in table.columns if name in OWN]
    columns = [name for name in table.columns if name not in OWN]
    rows = []
    for line, cells in zip(lines, table.to_dict("records"), strict=True):
        texts = {str(name): str(cell) for name, cell in cells.items() if cell is not None}
        if texts:
            said = {name: texts.get(name, "") for name in own}
            rows.append(
                Row(
                    line,
                    said[NAME],
                    said[TERRITORY],
                    said.get(TITLE) or said.get(LABEL) or "",
                    said.get(CODE, ""),
                    tuple((name, texts[name]) for name in columns if name in texts),
                )
            )
    if not rows:
        hint = _("write one row for each territory")
        raise InputError(Problem(_("the list has no row"), file=str(file), hint=hint))
    listing = Listing(file, tuple(columns), tuple(rows), {})
    return replace(listing, refused=_refused(listing))


def _delimited(file: Path) -> tuple[pd.DataFrame, list[int]]:
    raw = file.read_bytes()
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        hint = _("save the list as « CSV UTF-8 »")
        raise InputError(Problem(_("the file is not in UTF-8"), file=str(file), line=line, hint=hint)) from None
    if not raw.strip():
        raise InputError(Problem(_("the file is empty"), file=str(file)))
    try:
        table, lines = read_lines(file)
    except InputError as error:
        # Its advice is for the layers of a territory file, which have keys that a list has not.
        hint = _("one header and one cell for each column; cells that hold a separator or a comma need quotes")
        raise InputError(*(replace(item, hint=hint) for item in error.problems)) from None
    return _without_blanks(table), lines


def _workbook(file: Path) -> tuple[pd.DataFrame, list[int]]:
    read = read_excel(file)
    columns = [str(name) for name in read.columns]
    found = {
        name: [_text(value, code=name == CODE) for value in read.iloc[:, place]] for place, name in enumerate(columns)
    }
    table = pd.DataFrame(found, columns=columns, dtype=object)
    return _without_blanks(table.astype(object).where(table.notna(), None)), [place + 2 for place in range(len(table))]


def _without_blanks(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without columns that have neither a name nor a cell."""
    blank = [name for name in table.columns if (not name or name.startswith("Unnamed:")) and table[name].isna().all()]
    return table.drop(columns=blank)


def _text(value: object, *, code: bool) -> str | None:
    """Return a cell of a workbook as it would be typed; None for an empty one."""
    if value is None or (isinstance(value, float) and pd.isna(value)) or value is pd.NaT:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        number = str(int(value)) if float(value).is_integer() else repr(float(value))
        return number.zfill(CODE_LENGTH) if code else number
    return str(value).strip() or None


def _check_columns(file: Path, columns: Sequence[str]) -> None:
    """Refuse a table without the columns that it needs.

    Raises
    ------
    InputError
    """
    problems = []
    for name in (NAME, TERRITORY):
        if name not in columns:
            hint = _("the first line names the columns: {names}, then paths into the scenario")
            told = _("the list lacks the column « {name} »").format(name=name)
            problems.append(Problem(told, file=str(file), line=1, hint=hint.format(names=", ".join(OWN))))
    if TITLE in columns and LABEL in columns:
        told = _("« {one} » and « {other} » say the same").format(one=TITLE, other=LABEL)
        problems.append(Problem(told, file=str(file), line=1, column=LABEL, hint=_("keep one of the two")))
    if problems:
        raise InputError(*problems)


def _refused(listing: Listing) -> dict[int, tuple[Problem, ...]]:
    """Return what is wrong with names and places, by line."""
    found: dict[int, list[Problem]] = {}
    first: dict[str, int] = {}
    for row in listing.rows:
        told = found.setdefault(row.line, [])
        for column, text in ((NAME, row.name), (TERRITORY, row.territory)):
            if not text:
                told.append(listing.problem(row, column, _("the cell is empty"), _("fill it in, or remove the row")))
        if not row.name:
            continue
        # Folders whose names differ by case or by how accents are written are the same one on some systems.
        key = unicodedata.normalize("NFC", row.name).casefold()
        if not safe(row.name):
            hint = _("letters, digits, « - », « _ » and « . » only, for instance « {name} »")
            message = _("this cannot be the name of a folder")
            hint = hint.format(name=suggested(row.name))
            told.append(listing.problem(row, NAME, message, hint, row.name))
        elif key in first:
            message = _("the name stands already on line {line}").format(line=first[key])
            told.append(listing.problem(row, NAME, message, _("give each territory a name of its own"), row.name))
        first.setdefault(key, row.line)
    return {line: tuple(problems) for line, problems in found.items() if problems}


def safe(name: str) -> bool:
    """Tell whether a name can be that of a folder, on any system and in any shell."""
    stem = name.split(".", 1)[0].casefold()
    taken = stem in DEVICES or name.casefold() in FILES
    return bool(SAFE.fullmatch(name)) and len(name.encode()) <= LONGEST and not taken


def suggested(name: str) -> str:
    """Return a safe name that is like another one."""
    made = re.sub(r"[^\w.-]+", "-", name).strip("-._")[:40].rstrip("-._")
    return made if made and safe(made) else f"commune_{made}".rstrip("_")


def lines_of(problems: Iterable[Problem]) -> str:
    """Return problems as the text of one cell."""
    return " ".join(one_line(str(problem)) for problem in problems)


def one_line(text: str) -> str:
    """Return a text without line feeds; no-break spaces stay."""
    return re.sub(r"[ \t\n]+", " ", text).strip()
