"""What the figures rest on: assumptions with their sources, and how much of the territory is real."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

import pandas as pd

from jumeau.accounts.price_list import not_brought
from jumeau.attributes import ORIGINS
from jumeau.factors import CONFIDENCES, Factor, FactorTable
from jumeau.i18n import _
from jumeau.report.numbers import NOTHING, plain, share_percent, significant, span, unit_label
from jumeau.report.weights import drawn_factors
from jumeau.results import Results
from jumeau.results.titles import network_label

LOW = "low"

#: Fields of a factor that are texts.
FACTOR_TEXTS = tuple(item.name for item in fields(Factor) if item.type == "str")

#: Marks of confidence and of origin: words come with them.
CONFIDENCE_MARKS = {"high": "●", "medium": "◐", "low": "○"}
UNVERIFIED = "recalled, unverified"

#: Titles of the shared layers; a network's own layer is looked up in the catalogue under its own name.
LAYERS = {
    "streets": "Streets",
    "street_nodes": "Street nodes",
    "buildings": "Buildings",
    "addresses": "Addresses",
    "population": "Population",
    "zones": "Zones",
    "limits": "Limits",
    "green": "Green spaces",
    "water": "Water areas",
    "relief": "Relief",
}


@dataclass(frozen=True)
class FactorRow:
    """One assumption, written."""

    network: str
    name: str
    description: str
    value: str
    unit: str
    range: str
    year: str
    source: str
    licence: str
    confidence: str
    low: bool
    overridden: bool
    drawn: bool


@dataclass(frozen=True)
class OriginRow:
    """Where the values of one column come from, written."""

    column: str
    count: str
    shares: Mapping[str, float]
    words: Mapping[str, str]
    source: str
    licence: str
    rule: str


@dataclass(frozen=True)
class LayerOrigins:
    """The columns of one layer, and its shares all columns together."""

    layer: str
    title: str
    shares: Mapping[str, float]
    words: Mapping[str, str]
    columns: tuple[OriginRow, ...]


def number(value: object) -> float:
    """Return a table's value as a number, not-a-number where it is empty."""
    if isinstance(value, Real):
        return float(value)
    try:
        return float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return math.nan


def text(value: object) -> str:
    """Return a table's value as text, `2025.0` as `2025`, empty where it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def translated(value: object) -> str:
    """Return a label of a data file in the current language."""
    return _(text(value))


def source_text(value: object) -> str:
    """Return a source, the house's own words in the current language; names and titles stay as they are.

    Sources are lists of clauses, `name: what it says; another`: each clause is looked up by itself, since those of
    several numbers are joined where a device has several.
    """
    written = text(value)
    if _(written) != written:
        return _(written)
    clauses = _split(written, ";")
    if len(clauses) > 1:
        found = source_text(clauses[0])
        for clause in clauses[1:]:
            found = _("{one}; {other}").format(one=found, other=source_text(clause))
        return found
    head, *rest = _split(written, ":", most=1)
    if rest:
        return _("{label}: {value}").format(label=source_text(head), value=source_text(rest[0]))
    return written.replace(UNVERIFIED, _(UNVERIFIED))


def _split(written: str, mark: str, most: int = 0) -> list[str]:
    """Split a text at a mark followed by a space, outside brackets."""
    return re.split(rf"{mark} (?![^()]*\))", written, maxsplit=most)


def truth(value: object) -> bool:
    """Return a table's yes or no, whatever CSV made of it."""
    return str(value) in ("True", "true", "yes", "1", "1.0")


def factor_rows(results: Results) -> list[FactorRow]:
    """Return every assumption, those that matter first and, among them, the least trustworthy first.

    An assumption is known to matter when it was drawn as uncertain or replaced by the scenario; the others follow
    by confidence, then by the width of their range.
    """
    drawn = set(drawn_factors(results))
    records = results.factors.to_dict("records")

    def rank(row: Mapping[Hashable, Any]) -> tuple[bool, int, float, str, str]:
        matters = _drawn(row, drawn) or truth(row["overridden"])
        confidence = CONFIDENCES[::-1].index(row["confidence"]) if row["confidence"] in CONFIDENCES else -1
        return (not matters, confidence, -_width(row), str(row["network"]), str(row["name"]))

    return [_factor_row(row, results, drawn) for row in sorted(records, key=rank)]


def _drawn(row: Mapping[Hashable, Any], drawn: set[str]) -> bool:
    return str(row["name"]) in drawn or f"{row['network']}.{row['name']}" in drawn


def _width(row: Mapping[Hashable, Any]) -> float:
    low, high, value = (number(row[key]) for key in ("low", "high", "value"))
    width = abs(high - low) / abs(value) if value else abs(high - low)
    return width if math.isfinite(width) else 0.0


def _factor_row(row: Mapping[Hashable, Any], results: Results, drawn: set[str]) -> FactorRow:
    low, high = number(row["low"]), number(row["high"])
    confidence = text(row["confidence"])
    return FactorRow(
        network=network_label(results.provenance, text(row["network"])),
        name=text(row["name"]),
        description=translated(row["description"]),
        value=significant(number(row["value"])),
        unit=unit_label(text(row["unit"])),
        range=NOTHING if math.isnan(low) or math.isnan(high) else span(low, high, 4),
        year=text(row["year"]),
        source=source_text(row["source"]),
        licence=translated(row["licence"]),
        confidence=f"{CONFIDENCE_MARKS.get(confidence, '?')} {_(f'{confidence} confidence')}",  # noqa: INT001 - 3 ids
        low=confidence == LOW,
        overridden=truth(row["overridden"]),
        drawn=_drawn(row, drawn),
    )


def prices_of_other_years(results: Results) -> list[str]:
    """Return the prices that are not in the euros of the base year, each with its own year."""
    if results.factors.empty:
        return []
    rows = {f"{row['network']}.{row['name']}": row for row in results.factors.to_dict("records")}
    table = FactorTable({name: _factor(row) for name, row in rows.items()})
    return [
        f"{translated(rows[name]['description'])} ({table[name].year})"
        for name in not_brought(table, int(results.provenance["base_year"]))
    ]


def _factor(row: Mapping[Hashable, Any]) -> Factor:
    """Return a row of the table of factors as the factor that it was."""
    values: dict[str, Any] = {name: number(row[name]) for name in ("value", "low", "high")}
    values |= {name: text(row[name]) for name in FACTOR_TEXTS}
    return Factor(**values, overridden=truth(row["overridden"]))


def layer_origins(origins: pd.DataFrame) -> list[LayerOrigins]:
    """Return where each layer's values come from, in the order of the table."""
    found: list[LayerOrigins] = []
    if origins.empty:
        return found
    for layer, rows in origins.groupby("layer", sort=False):
        found.append(
            LayerOrigins(
                layer=str(layer),
                title=_(LAYERS.get(str(layer), str(layer))),
                columns=tuple(_origin_row(row) for row in rows.to_dict("records")),
                **_pooled(rows),
            )
        )
    return found


def overall_origins(origins: pd.DataFrame) -> dict[str, Any]:
    """Return the shares of all values together, as numbers (`shares`) and in words (`words`)."""
    if origins.empty:
        return _pooled(pd.DataFrame({name: [0.0] for name in ("count", *ORIGINS)}))
    return _pooled(origins)


def _pooled(rows: pd.DataFrame) -> dict[str, Any]:
    counts = pd.to_numeric(rows["count"], errors="coerce").fillna(0.0)
    total = float(counts.sum())
    weighed = {
        origin: float((pd.to_numeric(rows[origin], errors="coerce").fillna(0.0) * counts).sum()) for origin in ORIGINS
    }
    shares = {origin: weight / total if total else 0.0 for origin, weight in weighed.items()}
    return {"shares": shares, "words": {origin: share_percent(share) for origin, share in shares.items()}}


def _origin_row(row: Mapping[Hashable, Any]) -> OriginRow:
    shares = {origin: number(row[origin]) for origin in ORIGINS}
    shares = {origin: 0.0 if math.isnan(share) else share for origin, share in shares.items()}
    return OriginRow(
        column=text(row["column"]),
        count=plain(number(row["count"]), 0),
        shares=shares,
        words={origin: share_percent(share) for origin, share in shares.items()},
        source=source_text(row.get("source")),
        licence=translated(row.get("licence")),
        rule=translated(row.get("rule")),
    )
