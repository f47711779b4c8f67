"""The comparison as tables for scripts and notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from html import escape
from typing import Any

import pandas as pd

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.i18n import _, format_significant, local
from jumeau.results.comparison import Record
from jumeau.results.titles import figure_name, network_label, variant_title, verdict_mark

#: Fields of a record that hold several numbers, and the columns that these become.
_SPREAD = {
    "ci95": ("ci95_low", "ci95_high"),
    "range80": ("range80_low", "range80_high"),
    "quantiles": ("p10", "p50", "p90"),
}


def records_table(records: Sequence[Record]) -> pd.DataFrame:
    """Return one row per record; intervals in two columns, `p10`, `p50` and `p90` in three."""
    columns = [column for field in fields(Record) for column in _SPREAD.get(field.name, (field.name,))]
    return pd.DataFrame([_row(record) for record in records], columns=columns)


def _row(record: Record) -> dict[str, Any]:
    row = record.to_dict()
    for name, columns in _SPREAD.items():
        values = row.pop(name) or (None,) * len(columns)
        row |= dict(zip(columns, values, strict=True))
    return row


def figures_table(figures: Sequence[Record]) -> pd.DataFrame:
    """Return the four figures by variant and network; see `Results.table`."""
    stats = {
        "before": "baseline",
        "after": "variant_value",
        "difference": "difference",
        **{name: name for name in _SPREAD["quantiles"]},
        "verdict": "verdict",
    }
    rows: dict[tuple[str, str], dict[tuple[str, str], Any]] = {}
    for record in figures:
        written, place = _row(record), rows.setdefault((record.variant, record.network), {})
        place |= {(f"{record.indicator} [{record.unit}]", name): written[column] for name, column in stats.items()}
    columns = [(f"{name} [{LINES[name].unit}]", stat) for name in FIGURES for stat in stats]
    return pd.DataFrame(
        list(rows.values()),
        index=pd.MultiIndex.from_tuples(list(rows), names=["variant", "network"]),
        columns=pd.MultiIndex.from_tuples(columns, names=["figure", None]),
    )


def figures_html(figures: Sequence[Record], provenance: Mapping[str, Any]) -> str:
    """Return the four figures as an HTML table in the current language, networks left as they are left out."""
    shown = {(record.variant, record.network) for record in figures if record.seen or record.network == TOTAL}
    rows: dict[tuple[str, str], dict[str, Record]] = {}
    for record in figures:
        if (record.variant, record.network) in shown:
            rows.setdefault((record.variant, record.network), {})[record.indicator] = record
    title = f"{local(provenance.get('scenario', {}).get('title', ''))} · {_('Simulation, not measurement')}"
    heads = [f"{figure_name(name)} ({LINES[name].unit})" for name in FIGURES]
    lines = [
        f"<table><caption>{escape(title)}</caption><thead><tr>",
        *(f'<th rowspan="2">{escape(head)}</th>' for head in (_("Variant"), _("Network"))),
        *(f'<th colspan="2">{escape(head)}</th>' for head in heads),
        "</tr><tr>",
        *(f"<th>{escape(head)}</th>" for _name in FIGURES for head in (_("Before"), _("Difference, P10-P90"))),
        "</tr></thead><tbody>",
    ]
    for (variant, network), found in rows.items():
        cells = [escape(variant_title(provenance, variant)), escape(network_label(provenance, network))]
        for name in FIGURES:
            cells += _cells(found[name]) if name in found else ["", ""]
        lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "".join([*lines, "</tbody></table>"])


def _cells(record: Record) -> list[str]:
    """Return the value before; then the median difference, its verdict and, below, P10-P90."""
    found = [_written(record.baseline), f"{_written(record.median)} {verdict_mark(record)}"]
    if record.quantiles:
        span = f"{_written(record.quantiles[0])} … {_written(record.quantiles[2])}"
        found[1] += f'<br><small style="white-space: nowrap">{span}</small>'
    return found


def _written(value: float) -> str:
    return format_significant(value, 4).replace("-", "\N{MINUS SIGN}")
