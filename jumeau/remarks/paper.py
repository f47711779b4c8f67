"""Reads the table in which somebody copies the paper forms: `kind, text, variant, place, x, y, vote`.

A row may hold a remark, a vote, or both. Its identifier comes from the file's name and from what the row says, so that
a table that is imported again, completed or not, counts each row once.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import shapely

from jumeau.engine.places import asset_parts, find_place
from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _
from jumeau.remarks.exchange import Given, checked_size, cleaned, few
from jumeau.remarks.model import LONGEST_TEXT, Collection, Remark, Vote
from jumeau.remarks.subject import Subject
from jumeau.sources.delimited import read_lines
from jumeau.units import QuantityError, parse_quantity
from jumeau.yaml_file import validate

COLUMNS = ("kind", "text", "variant", "place", "x", "y", "vote")

#: French headers, and those of other habits, without accents.
HEADERS: Mapping[str, str] = {
    **{name: name for name in COLUMNS},
    "genre": "kind", "type": "kind", "texte": "text", "remarque": "text", "remark": "text", "variante": "variant",
    "lieu": "place", "avis": "vote",
}  # fmt: skip
KIND_WORDS: Mapping[str, str] = {
    "agree": "agree", "agreement": "agree", "d'accord": "agree", "accord": "agree",
    "worry": "worry", "inquietude": "worry", "idea": "idea", "idee": "idea", "question": "question",
}  # fmt: skip
CHOICE_WORDS: Mapping[str, str] = {
    "for": "for", "pour": "for", "against": "against", "contre": "against",
    "unsure": "unsure", "ne sait pas": "unsure", "sans avis": "unsure",
}  # fmt: skip


def read_paper(file: Path, subject: Subject, lang: str) -> Given:
    """Read a table of paper forms.

    Parameters
    ----------
    file : Path
        CSV, comma or semicolon, UTF-8 or Windows-1252, headers in English or French.
    subject : Subject
        The run whose variants and places the forms speak of.
    lang : str
        Language of the forms.

    Raises
    ------
    InputError
        With line, column and value, for every problem at once.
    """
    table, lines = read_lines(checked_size(file), _encoding(file))
    names = {column: HEADERS.get(_plain(column)) for column in table.columns}
    unknown = [column for column, name in names.items() if name is None]
    if unknown or len(set(names.values())) < len(names):
        near = nearest(_plain(unknown[0]), list(HEADERS)) if unknown else ""
        raise InputError(
            Problem(
                _("unknown or repeated column"),
                file=str(file),
                line=1,
                value=", ".join(unknown),
                hint=_("did you mean « {near} »?").format(near=near)
                if near
                else _("the columns: {names}").format(names=", ".join(COLUMNS)),
            )
        )
    reader = _Reader(file, subject)
    for line, row in zip(lines, table.rename(columns=names).to_dict("records"), strict=True):
        reader.row(line, {str(key): cleaned(value) for key, value in row.items() if isinstance(value, str)})
    if reader.problems:
        raise InputError(*few(reader.problems, file))
    data = {"run": subject.run, "language": lang, "remarks": reader.remarks, "votes": reader.votes}
    return Given(validate(Collection, data, file), (), tuple(reader.unplaced))


class _Reader:
    """Turns rows into remarks and votes, and collects what is wrong."""

    def __init__(self, file: Path, subject: Subject) -> None:
        self.file, self.subject = file, subject
        self.remarks: list[Remark] = []
        self.votes: list[Vote] = []
        self.problems: list[Problem] = []
        self.unplaced: dict[str, None] = {}
        self.seen: Counter[str] = Counter()

    def row(self, line: int, cells: Mapping[str, str]) -> None:
        before = len(self.problems)
        if not cells:
            return
        variant = self._variant(line, cells)
        kind = self._word(line, cells, "kind", KIND_WORDS)
        choice = self._word(line, cells, "vote", CHOICE_WORDS)
        spot = self._spot(line, cells)
        text = spot.pop("prefix", "") + cells.get("text", "")
        if choice is not None and variant is None and "variant" not in cells:
            self._fault(line, "variant", _("a vote says of which variant"), "")
        if kind is None and text and "kind" not in cells:
            self._fault(line, "kind", _("a remark says of which kind"), _kinds())
        if len(text) > LONGEST_TEXT:
            message = _("at most {limit} character(s) are allowed").format(limit=LONGEST_TEXT)
            self._fault(line, "text", message, "", f"{len(text)}")
        if len(self.problems) > before:
            return
        # Two people may say the same: the rank among equal rows tells them apart.
        said = "|".join(cells.get(name, "") for name in COLUMNS)
        self.seen[said] += 1
        mark = f"{self.file.name}|{said}|{self.seen[said]}"
        if kind is not None:
            made = {"id": _uuid("remark", mark), "kind": kind, "text": text, "variant": variant, **spot}
            self.remarks.append(Remark.model_validate(made))
        if choice is not None and variant is not None:
            made = {"id": _uuid("vote", mark), "variant": variant, "choice": choice}
            self.votes.append(Vote.model_validate(made))

    def _variant(self, line: int, cells: Mapping[str, str]) -> str | None:
        written = cells.get("variant", "")
        found = self.subject.variant_of(written) if written else None
        if written and found is None:
            near = nearest(written, self.subject.variants)
            hint = _("did you mean « {near} »?").format(near=near) if near else ""
            offered = _("one of: {names}").format(names=", ".join(self.subject.variants))
            self._fault(line, "variant", _("unknown variant"), hint or offered, written)
        return found

    def _word(self, line: int, cells: Mapping[str, str], column: str, words: Mapping[str, str]) -> str | None:
        written = cells.get(column, "")
        found = words.get(_plain(written)) if written else None
        if written and found is None:
            near = nearest(_plain(written), list(words))
            hint = _("did you mean « {near} »?").format(near=near) if near else ""
            offered = _("one of: {names}").format(names=", ".join(dict.fromkeys(words.values())))
            self._fault(line, column, _("this word is not known here"), hint or offered, written)
        return found

    def _spot(self, line: int, cells: Mapping[str, str]) -> dict[str, Any]:
        """Return where a row speaks of: coordinates first, else the place in words where the territory knows it."""
        place = cells.get("place", "")
        named: dict[str, Any] = {"prefix": f"[{place}] "} if place else {}
        if "x" in cells or "y" in cells:
            x, y = (self._number(line, cells, name) for name in ("x", "y"))
            return {**named, "x": x, "y": y, "crs": _crs(self.subject)}
        if not place or self.subject.territory is None:
            return named
        try:
            spot = find_place(place, self.subject.territory)
        except InputError:
            self.unplaced[place] = None
            return named
        point = shapely.point_on_surface(spot.geometry)
        parts = asset_parts(place) if spot.kind == "asset" else None
        told = dict(zip(("network", "layer", "asset"), parts, strict=True)) if parts else {}
        return {**named, **told, "x": round(point.x, 2), "y": round(point.y, 2), "crs": _crs(self.subject)}

    def _number(self, line: int, cells: Mapping[str, str], column: str) -> float | None:
        try:
            return parse_quantity(cells.get(column, ""), "1")
        except QuantityError as error:
            self._fault(line, column, str(error), _("give both x and y, or a place"), cells.get(column, ""))
            return None

    def _fault(self, line: int, column: str, message: str, hint: str, value: str = "") -> None:
        self.problems.append(
            Problem(message, hint=hint, file=str(self.file), line=line, column=column, value=value[:60])
        )


def _crs(subject: Subject) -> str | None:
    return subject.crs.to_string() if subject.crs is not None else None


def _kinds() -> str:
    return _("one of: {names}").format(names=", ".join(dict.fromkeys(KIND_WORDS.values())))


def _uuid(what: str, mark: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"jumeau-remarks:{what}:{mark}"))


def _plain(text: str) -> str:
    """Return a word without case, accents and curly apostrophes."""
    letters = unicodedata.normalize("NFD", text.replace("’", "'").strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _encoding(file: Path) -> str:
    """Return UTF-8 where the file is in it, else what French spreadsheets write."""
    try:
        file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"
