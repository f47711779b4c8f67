"""The table of results as text: what the pictures show, for readers and screen readers.

Numbers, units and verdicts are written by the report's own functions, so that page and report say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import floor, isfinite, log10
from typing import Any

from jumeau.i18n import _, format_number, local
from jumeau.report.numbers import NOTHING, figures, unit_label
from jumeau.report.words import verdict_text
from jumeau.results import Record
from jumeau_viz.captions import Captions

FIGURES = 4
MINUS = "\N{MINUS SIGN}"
#: What a record of `summary.json` may leave out.
OPTIONAL: Mapping[str, Any] = {"group": "", "better": "neutral", "key": True, "threshold": 0.0, "replications": 0}


@dataclass(frozen=True)
class Row:
    """One line of the table, ready to read."""

    label: str
    unit: str
    before: str
    after: str
    difference: str
    interval: str
    verdict: str


@dataclass(frozen=True)
class Table:
    """The lines of one variant: those that matter first, and all the others."""

    caption: str
    rows: tuple[Row, ...]
    others: tuple[Row, ...] = ()


def build_tables(records: Iterable[Mapping[str, Any]], captions: Captions) -> list[Table]:
    """Return one table per variant, in the current language.

    Parameters
    ----------
    records : iterable of mapping
        Records of `summary.json`.
    captions : Captions
    """
    by_variant: dict[str, list[Record]] = {}
    for written in records:
        record = as_record(written)
        by_variant.setdefault(record.variant, []).append(record)
    tables = []
    for variant, found in by_variant.items():
        key = tuple(_row(record) for record in found if record.key)
        others = tuple(_row(record) for record in found if not record.key)
        tables.append(Table(captions.after(variant), key or others, others if key else ()))
    return tables


def as_record(written: Mapping[str, Any]) -> Record:
    """Return a record of `summary.json` as the comparison made it; numbers that JSON cannot hold come back."""
    values = {field.name: written.get(field.name, OPTIONAL.get(field.name)) for field in fields(Record)}
    for name in ("baseline", "variant_value", "difference"):
        values[name] = float("nan") if values[name] is None else float(values[name])
    for name in ("ci95", "range80"):
        values[name] = tuple(values[name]) if values[name] is not None else None
    if values["relative_difference"] is None and values["baseline"]:
        values["relative_difference"] = values["difference"] / values["baseline"]
    values["label"] = values["label"] or values["indicator"]
    return Record(**values)


def several(values: Sequence[float]) -> list[str]:
    """Write numbers with the same decimals, enough for four figures of the largest."""
    known = [abs(value) for value in values if isfinite(value)]
    largest = max(known, default=0.0)
    digits = max(0, FIGURES - 1 - floor(log10(largest))) if largest > 0 else 0
    return [format_number(value, digits).replace("-", MINUS) if isfinite(value) else NOTHING for value in values]


def _row(record: Record) -> Row:
    written = figures(record)
    share = "" if written.relative == NOTHING else " " + _("({share})").format(share=written.relative)
    return Row(
        label=local(record.label),
        unit=unit_label(record.unit),
        before=written.baseline,
        after=written.variant,
        difference=written.difference + share,
        interval=written.interval,
        verdict=verdict_text(record),
    )
