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
from jumeau.results.titles import network_label, variant_title

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
    moving = {(record.variant, record.network) for record in figures if record.moves or record.network == TOTAL}
    rows: dict[tuple[str, str], dict[str, Record]] = {}
    for record in figures:
        if (record.variant, record.network) in moving:
            rows.setdefault((record.variant, record.network), {})[record.indicator] = record
    heads = (_("Variant"), _("Network"))
    title = local(provenance.get("scenario", {}).get("title", ""))
    lines = [f"<table><caption>{escape(title)} · {escape(_('Simulation, not measurement'))}</caption><thead><tr>"]
    lines += [f'<th rowspan="2">{escape(head)}</th>' for head in heads]
    lines += [f'<th colspan="3">{escape(_(LINES[name].label))} [{escape(LINES[name].unit)}]</th>' for name in FIGURES]
    inner = (_("Before"), _("Difference"), "P10-P90")
    lines += ["</tr><tr>", *(f"<th>{escape(head)}</th>" for _name in FIGURES for head in inner), "</tr></thead><tbody>"]
    for (variant, network), found in rows.items():
        cells = [variant_title(provenance, variant), network_label(provenance, network)]
        for name in FIGURES:
            cells += _cells(found[name]) if name in found else ["", "", ""]
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    return "".join([*lines, "</tbody></table>"])


def _cells(record: Record) -> list[str]:
    ends = record.quantiles and (record.quantiles[0], record.quantiles[2])
    written = [format_significant(value, 4) for value in (record.baseline, record.difference, *(ends or ()))]
    span = _("{low} to {high}").format(low=written[2], high=written[3]) if ends else ""
    return [written[0], f"{written[1]} ({_(record.verdict)})", span]
