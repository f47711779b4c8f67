"""Reads totals that are known for a whole territory only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.sources.cells import as_numbers, as_text, need_column, unread_numbers
from jumeau.sources.reading import open_source
from jumeau.territory.population import KnownPart, KnownTotal, Parts, Population, Total


def read_totals(population: Population, folder: Path) -> dict[str, KnownTotal]:
    """Return each total of the block `population`.

    Parameters
    ----------
    population : Population
    folder : Path
        What relative paths start from.

    Raises
    ------
    InputError
        When a file or column is missing, no row is left, or a cell is no number.
    """
    totals = {}
    for name, total in population.given().items():
        if not isinstance(total, Total):
            totals[name] = KnownTotal(float(total), 1, 0, population.source, population.licence, population.date)
            continue
        opened = open_source(total, folder)
        file = str(opened.file)
        need_column(opened.frame, total.column, file, "population")
        numbers, unread = as_numbers(opened.frame[total.column], total.decimal)
        if unread.any():
            problem = unread_numbers(
                opened.frame[total.column], unread, total.decimal, file, total.column, "population"
            )
            raise InputError(problem)
        if not numbers.notna().any():
            message = _("no row with a number is left")
            hint = _("check `where` and `skip_rows`")
            raise InputError(Problem(message, file=file, layer="population", column=total.column, hint=hint))
        totals[name] = KnownTotal(
            value=float(numbers.sum()),
            rows=len(numbers),
            unknown=int(numbers.isna().sum()),
            source=total.source,
            licence=total.licence,
            date=total.date,
            parts={} if total.parts is None else _parts(total.parts, opened.frame, numbers, file),
        )
    return totals


def _parts(parts: Parts, frame: pd.DataFrame, numbers: pd.Series[Any], file: str) -> dict[tuple[str, ...], KnownPart]:
    """Return what is known of each part.

    Raises
    ------
    InputError
        When the column is missing, or a row is of no part.
    """
    need_column(frame, parts.column, file, "population")
    told = as_text(frame[parts.column]).fillna("")
    told = told.str[: parts.first] if parts.first else told
    if strange := sorted(set(told) - set(parts.zones)):
        message = _("rows that are of no part of the population")
        hint = _("name their zones under `parts: zones`, or leave them out with `where`")
        raise InputError(
            Problem(message, file=file, layer="population", column=parts.column, value=", ".join(strange), hint=hint)
        )
    found = {}
    for value in parts.zones:
        of = numbers[told == value]
        found[parts.names(value)] = KnownPart(float(of.sum()), len(of), int(of.isna().sum()))
    return found
