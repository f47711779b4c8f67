"""One table of GMNS, and all that is wrong with it: each fault with the lines concerned, none of them the last word."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.delimited import read_lines

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

#: Names of the specification that shapefiles cut, and what some tools call what it does not name.
_NAMES = {
    name[:10]: name
    for name in (
        "from_node_id", "geometry_id", "facility_type", "allowed_uses", "geometry_field_format", "dataset_name",
    )
} | {"vdf_alpha1": "vdf_alpha", "vdf_beta1": "vdf_beta"}  # fmt: skip

#: Identifiers given more than once that are told one by one.
_SPELT = 5

#: What the specification and its tools write for nothing.
_NOTHING = ("nan", "null")


@dataclass
class Faults:
    """What was found in the files of a network: faults that refuse them, and warnings.

    Attributes
    ----------
    problems, warnings : list of Problem
    notes : list of str
    """

    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def stop(self) -> None:
        """Refuse the files where anything is wrong with them.

        Raises
        ------
        InputError
            With all problems.
        """
        if self.problems:
            raise InputError(*self.problems)


@dataclass(frozen=True)
class Table:
    """A table of texts, read from a file.

    Attributes
    ----------
    path : Path
    frame : DataFrame
        Cells that hold nothing are None.
    lines : ndarray of int
        Line of the file of each row.
    faults : Faults
        What reading its columns adds to.
    """

    path: Path
    frame: pd.DataFrame
    lines: NDArray[np.int64]
    faults: Faults

    @classmethod
    def read(cls, path: Path, needed: Sequence[str], faults: Faults, encoding: str | None) -> Table:
        """Return the table of a file; one that is missing, cannot be read or lacks columns has no rows.

        Parameters
        ----------
        path : Path
        needed : sequence of str
            Columns that it must have.
        faults : Faults
        encoding : str or None
        """
        none = cls(path, pd.DataFrame(columns=list(needed)), np.zeros(0, dtype=np.int64), faults)
        if not path.is_file():
            faults.problems.append(
                Problem(_("no such file or folder"), file=str(path), hint=_("correct the path, or add the table"))
            )
            return none
        try:
            frame, lines = read_lines(path, encoding)
        except InputError as error:
            faults.problems += error.problems
            return none
        frame.columns = _known_names([str(name) for name in frame.columns])
        missing = [name for name in needed if name not in frame.columns]
        hint = _("add it, as the specification names it")
        faults.problems += [
            Problem(_("the column is missing"), file=str(path), column=name, hint=hint) for name in missing
        ]
        if missing:
            return none
        blank = frame.apply(lambda column: column.astype(str).str.lower().isin(_NOTHING))
        return cls(path, frame.mask(blank.astype(bool), None), np.array(lines, dtype=np.int64), faults)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def has(self, name: str) -> bool:
        """Tell whether the table has a column."""
        return name in self.frame.columns

    def only(self, kept: Bools) -> Table:
        """Return the table with some of its rows."""
        return Table(self.path, self.frame[kept].reset_index(drop=True), self.lines[kept], self.faults)

    def texts(self, name: str) -> Texts:
        """Return a column of texts, empty where the table has none, shape (rows,)."""
        if not self.has(name):
            return np.full(len(self), "", dtype=object)
        told = self.frame[name]
        return np.asarray(told.where(told.notna(), "").astype(str).to_numpy(dtype=object))

    def numbers(self, name: str, *, needed: bool = False, least: float = -np.inf, hint: str = "") -> Floats:
        """Return a column of numbers, not a number where a row has none, shape (rows,).

        Parameters
        ----------
        name : str
        needed : bool
            Whether each row must have one.
        least : float
            What is below is told.
        hint : str
            What to do about that.
        """
        told = self.texts(name)
        values = pd.to_numeric(pd.Series(told), errors="coerce").to_numpy(dtype=np.float64)
        values = np.where(np.isfinite(values), values, np.nan)
        self.tell(np.isnan(values) & ((told != "") | needed), name, _("not a number"), _("correct it"))
        self.tell(values < least, name, _("below {least}").format(least=f"{least:g}"), hint or _("correct it"))
        return values

    def identifiers(self, name: str) -> Texts:
        """Return a column that must tell all rows apart, shape (rows,)."""
        told = self.texts(name)
        self.tell(told == "", name, _("the identifier is missing"), _("give each row one of its own"))
        again = pd.Series(told).duplicated(keep=False).to_numpy() & (told != "")
        twice = list(dict.fromkeys(told[again]))
        hint = _("give each row one of its own")
        for value in twice[:_SPELT]:
            message = _("the identifier « {name} » is given more than once").format(name=value)
            self.tell(told == value, name, message, hint)
        message = _("{count} other identifiers are given more than once").format(count=len(twice) - _SPELT)
        self.tell(np.isin(told, twice[_SPELT:]), name, message, hint)
        return told

    def references(self, name: str, known: Collection[str], message: str, hint: str = "") -> Texts:
        """Return a column that names rows of another table, shape (rows,)."""
        told = self.texts(name)
        self.tell(~np.isin(told.astype(str), np.array(sorted(known), dtype=str)), name, message, hint)
        return told

    def tell(self, bad: Bools, column: str, message: str, hint: str = "", *, warning: bool = False) -> None:
        """Note what is wrong with some rows: how many they are, and where the first ones stand."""
        rows = np.flatnonzero(bad)
        if not len(rows):
            return
        places = tuple(_("line {number}").format(number=line) for line in self.lines[rows])
        problem = Problem(
            message,
            hint=hint or _("correct it"),
            file=str(self.path),
            line=int(self.lines[rows[0]]),
            column=column,
            features=places if len(places) > 1 else (),
            value=str(self.texts(column)[rows[0]]),
            warning=warning,
        )
        (self.faults.warnings if warning else self.faults.problems).append(problem)


def _known_names(columns: list[str]) -> list[str]:
    """Return the names of columns as the specification writes them, unless two would become one."""
    small = [name.lower() for name in columns]
    found = [_NAMES.get(name, name) for name in small]
    for names in (found, small):
        if len(set(names)) == len(names):
            return names
    return columns
