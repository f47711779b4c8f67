"""The price list and the list of emissions: once for all networks, brought to the base year of a scenario."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _

FOLDER = Path(__file__).parent

#: Year in whose euros the shipped prices are stated by default.
BASE_YEAR = 2025

VAT_RATE = "vat_rate"


@cache
def account_factors() -> FactorTable:
    """Return prices, emissions and energy contents, each price in the euros of its own year."""
    tables = [
        FactorTable.read(FOLDER / name) for name in ("prices.csv", "delivery.csv", "emissions.csv", "energies.csv")
    ]
    return FactorTable({name: factor for table in tables for name, factor in table.items()})


@cache
def indices() -> Mapping[str, Mapping[int, float]]:
    """Return the price indices: by name, the mean of each year."""
    found: dict[str, dict[int, float]] = {}
    with (FOLDER / "indices.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["index"], {})[int(row["year"])] = float(row["value"])
    return found


def index_ratio(first: int, second: int, index: str = "cpi") -> float:
    """Return what a euro of one year is in euros of another.

    Raises
    ------
    InputError
        When the index does not know one of the years.
    """
    values = indices()[index]
    for year in (first, second):
        if year not in values:
            raise InputError(_unknown_year(index, year))
    return values[second] / values[first]


def _unknown_year(index: str, year: int) -> Problem:
    values = indices()[index]
    message = _("base_year: the index of prices « {index} » does not know {year}")
    hint = _("choose a year from {first} to {last}").format(first=min(values), last=max(values))
    return Problem(message.format(index=index, year=year), hint=hint)


def brought_to(table: FactorTable, year: int) -> FactorTable:
    """Return a table whose prices are in the euros of a year.

    Prices that name an index follow it from their own year; others stay as they are, and are told by `not_brought`.

    Raises
    ------
    InputError
        When an index does not know the year.
    """
    known = indices()
    changed = {}
    for name, factor in table.items():
        if not factor.index or int(factor.year) == year:
            continue
        values = known[factor.index]
        if year not in values:
            raise InputError(_unknown_year(factor.index, year))
        changed[name] = factor.scaled(values[year] / values[int(factor.year)], year)
    return table.replaced(changed)


def not_brought(table: FactorTable, year: int) -> tuple[str, ...]:
    """Return the names of the prices of another year that no index brings to this one."""
    return tuple(
        name
        for name, factor in table.items()
        if "EUR" in factor.unit and not factor.index and not factor.overridden and factor.year != str(year)
    )
