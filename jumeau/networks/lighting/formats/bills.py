"""Bills of electricity by delivery point: a table of whoever sends it, CSV, read by the names of its columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.delimited import read_lines
from jumeau.units import QuantityError, parse_number

#: Names by which columns are known, without accents, capitals and what is not a letter or digit.
NAMES: Mapping[str, tuple[str, ...]] = {
    "point": ("deliverypoint", "pdl", "prm", "pdlprm", "prmpdl", "numeropdl", "numeroprm", "pointdelivraison", "rae"),
    "start": ("start", "from", "debut", "datedebut", "datededebut", "du"),
    "end": ("end", "to", "fin", "datefin", "datedefin", "au"),
    "energy": ("kwh", "energy", "energykwh", "consommation", "consommationkwh", "consokwh", "energie", "energiekwh"),
    "net": ("eur", "cost", "costeur", "montant", "montantht", "montanthteur", "ht", "totalht", "eurht", "coutht"),
    "gross": ("montantttc", "montantttceur", "ttc", "totalttc", "eurttc", "coutttc"),
}
#: Digits of a delivery point of Enedis.
DIGITS = 14


@dataclass(frozen=True)
class Bills:
    """Bills, one row each.

    Attributes
    ----------
    table : DataFrame
        `point` (14 digits), `start`, `end` (days, both included), `energy` [kWh], `net` and `gross` [EUR]: VAT excluded
        and included, not-a-number where the file does not give it.
    """

    table: pd.DataFrame

    @property
    def points(self) -> tuple[str, ...]:
        """Delivery points, sorted."""
        return tuple(sorted(set(self.table["point"])))


def read_bills(path: Path, encoding: str | None = None) -> Bills:
    """Read a file of bills.

    Raises
    ------
    InputError
        On a column that is missing, numbers and dates that cannot be read, a period that ends before it starts, and two
        bills of one point that overlap, with their lines.
    """
    frame, lines = read_lines(path, encoding)
    found = {
        name: next((item for item in frame.columns if _plain(item) in known), None) for name, known in NAMES.items()
    }
    missing = [name for name in ("point", "start", "end", "energy") if found[name] is None]
    if missing:
        hint = _("columns read: {names}").format(names=", ".join(str(item) for item in frame.columns))
        raise InputError(
            *(
                Problem(
                    _("no column for « {name} », such as {known}").format(name=name, known=", ".join(NAMES[name][:4])),
                    file=str(path),
                    hint=hint,
                )
                for name in missing
            )
        )
    problems: list[Problem] = []
    rows = []
    for line, record in zip(lines, frame.to_dict("records"), strict=True):
        row = {}
        for name, read in (("point", _point), ("start", _day), ("end", _day), ("energy", _number), *_MONEY):
            column = found[name]
            try:
                row[name] = np.nan if column is None else read(record[column])
            except ValueError as error:
                problems.append(
                    Problem(str(error), file=str(path), line=line, column=str(column), value=str(record[column]))
                )
        rows.append({**row, "line": line})
    if problems:
        raise InputError(*problems)
    table = pd.DataFrame(rows, columns=["point", "start", "end", "energy", "net", "gross", "line"])
    problems = _periods(table, path)
    if problems:
        raise InputError(*problems)
    return Bills(table.drop(columns="line"))


def _plain(text: object) -> str:
    letters = unicodedata.normalize("NFKD", str(text).lower().replace("€", "eur"))
    return re.sub(r"[^a-z0-9]", "", letters)


def _point(value: object) -> str:
    digits = re.sub(r"[\s.\u00a0\u202f]", "", str(value or ""))
    if not digits.isdecimal() or len(digits) > DIGITS or not digits.strip("0"):
        raise ValueError(
            _("not a delivery point of {count} digits; spreadsheets turn them into rounded numbers").format(
                count=DIGITS
            )
        )
    return digits.zfill(DIGITS)


def _day(value: object) -> pd.Timestamp:
    text = str(value or "").strip()
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
        try:
            return pd.Timestamp(pd.to_datetime(text, format=form))
        except ValueError:
            continue
    raise ValueError(_("not a date: write it as 2025-01-31 or 31/01/2025"))


def _number(value: object) -> float:
    if value is None:
        raise ValueError(_("a number is missing"))
    try:
        return parse_number(str(value).replace("€", "").strip())
    except QuantityError as error:
        raise ValueError(str(error)) from error


def _money(value: object) -> float:
    return np.nan if value is None else _number(value)


_MONEY = (("net", _money), ("gross", _money))


def _periods(table: pd.DataFrame, path: Path) -> list[Problem]:
    """Return periods that end before they start, and bills of one point that overlap."""
    found = [
        Problem(_("the period ends before it starts"), file=str(path), line=int(row["line"]), column="end")
        for row in table[table["end"] < table["start"]].to_dict("records")
    ]
    for point, bills in table.sort_values(["start", "line"]).groupby("point"):
        for before, after in zip(bills.to_dict("records"), bills.to_dict("records")[1:], strict=False):
            # The last day of a bill may be the first one of the next, as meters are read within a day.
            if after["start"] < before["end"]:
                message = _("delivery point {point}: this bill overlaps that of line {line}")
                told = message.format(point=point, line=int(before["line"]))
                found.append(Problem(told, file=str(path), line=int(after["line"]), column="start"))
    return found
