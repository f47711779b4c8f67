"""The table of results as text: what the pictures show, for readers and screen readers.

Numbers, units and verdicts are written by the report's own functions, so that page and report say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import floor, isfinite, log10
from typing import Any

from jumeau.accounts import FIGURES
from jumeau.i18n import format_number
from jumeau.report.figures import figure_columns
from jumeau.report.numbers import NOTHING
from jumeau.report.sections import Group, IndicatorRow, first, indicator_row
from jumeau.report.words import distinct, main_records, several_networks
from jumeau.results import Record
from jumeau_viz.captions import Captions

SIGNIFICANT = 4
MINUS = "\N{MINUS SIGN}"
#: What a record of `summary.json` may leave out.
OPTIONAL: Mapping[str, Any] = {"group": "", "better": "neutral", "key": True, "threshold": 0.0, "replications": 0}


@dataclass(frozen=True)
class Table:
    """The lines of one variant: the four figures by network and in total, those that matter, and all the others."""

    caption: str
    figures: tuple[Group, ...]
    rows: tuple[IndicatorRow, ...]
    others: tuple[IndicatorRow, ...]
    several_networks: bool


def build_tables(summary: Mapping[str, Any], captions: Captions) -> list[Table]:
    """Return one table per variant, in the current language.

    Parameters
    ----------
    summary : mapping
        Content of `summary.json`.
    captions : Captions
    """
    figures = distinct([as_record(as_written(item)) for item in summary["figures"]])
    records = distinct([as_record(item) for item in summary["records"]])
    columns = figure_columns(figures)
    tables = []
    for variant in dict.fromkeys(record.variant for record in records):
        own = [record for record in records if record.variant == variant]
        main, _hardly = main_records(own)
        tables.append(
            Table(
                captions.after(variant),
                first([record for record in figures if record.variant == variant], columns, captions.network),
                tuple(indicator_row(record, captions.network) for record in main),
                tuple(
                    indicator_row(record, captions.network)
                    for record in own
                    if record not in main and record.indicator not in FIGURES
                ),
                several_networks(own),
            )
        )
    return tables


def as_written(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Return a figure of `summary.json` as its records are written."""
    ends = tuple(figure[name] for name in ("p10", "p50", "p90"))
    return {**figure, "indicator": figure["figure"], "quantiles": None if None in ends else ends}


def as_record(written: Mapping[str, Any]) -> Record:
    """Return a record of `summary.json` as the comparison made it; numbers that JSON cannot hold come back."""
    values = {field.name: written.get(field.name, OPTIONAL.get(field.name)) for field in fields(Record)}
    for name in ("baseline", "variant_value", "difference"):
        values[name] = float("nan") if values[name] is None else float(values[name])
    for name in ("ci95", "range80", "quantiles"):
        values[name] = tuple(values[name]) if values[name] is not None else None
    if values["relative_difference"] is None and values["baseline"]:
        values["relative_difference"] = values["difference"] / values["baseline"]
    values["label"] = values["label"] or values["indicator"]
    return Record(**values)


def several(values: Sequence[float]) -> list[str]:
    """Write numbers with the same decimals, enough for four figures of the largest."""
    known = [abs(value) for value in values if isfinite(value)]
    largest = max(known, default=0.0)
    digits = max(0, SIGNIFICANT - 1 - floor(log10(largest))) if largest > 0 else 0
    return [format_number(value, digits).replace("-", MINUS) if isfinite(value) else NOTHING for value in values]
