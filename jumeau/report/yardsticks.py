"""Published values beside simulated ones, written: lines of a terminal, rows of a report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jumeau.i18n import _
from jumeau.report.cells import columns, folded, left, right
from jumeau.report.numbers import decimals, labelled, short_percent, signed, significant
from jumeau.yardsticks import PUBLISHERS

GAP = "  "


@dataclass(frozen=True)
class YardstickRow:
    """One published value, written.

    Attributes
    ----------
    label, published, simulated, gap : str
        `gap` is simulated minus published, and the same in per cent of what is published.
    origin : str
        Publisher, code, who it is of, year.
    note : str
    """

    label: str
    published: str
    simulated: str
    gap: str
    origin: str
    note: str


def yardstick_rows(table: pd.DataFrame) -> list[YardstickRow]:
    """Return the rows of a table of published values, as people read them."""
    return [_row({str(key): value for key, value in row.items()}) for row in table.to_dict("records")]


def _row(row: Mapping[str, Any]) -> YardstickRow:
    published = float(row["published"])
    simulated = float("nan") if row["simulated"] is None else float(row["simulated"])
    gap = simulated - published
    written = ""
    if math.isfinite(gap):
        written = signed(gap, max(decimals(published, 3), 0))
        # Points of a percentage are no per cent of it.
        if row["unit"] != "%" and published:
            written += f" ({short_percent(gap / published)})"
    year = row["year"]
    known = year is not None and math.isfinite(float(year))
    parts = [
        f"{PUBLISHERS.get(row['framework'], row['framework'])} {row['id']}",
        row["body"],
        f"{year:.0f}" if known else "",
    ]
    return YardstickRow(
        label=labelled(_(row["label"]), row["unit"]),
        published=significant(published, 3),
        simulated=significant(simulated, 3) if math.isfinite(simulated) else _("after a run"),
        gap=written,
        origin=", ".join(part for part in parts if part),
        note=_(row["note"]) if row["note"] else "",
    )


def yardstick_lines(table: pd.DataFrame, width: int = 100) -> list[str]:
    """Return the table as lines of a terminal, its title first; none where nothing is published.

    Parameters
    ----------
    table : DataFrame
        As `jumeau.engine.yardsticks` makes it.
    width : int
        Columns of the terminal.
    """
    rows = yardstick_rows(table)
    if not rows:
        return []
    heads = (_("published"), _("simulated"), _("gap"))
    cells = [(row.published, row.simulated, row.gap) for row in rows]
    sizes = [max(columns(text) for text in texts) for texts in zip(heads, *cells, strict=True)]
    room = max(width - sum(sizes) - 4 * len(GAP), 16)
    label = min(max(columns(row.label) for row in rows), room)
    lines = [_("Published against simulated (nothing is fitted to it)")]
    lines.append(GAP + left("", label) + "".join(GAP + right(*pair) for pair in zip(heads, sizes, strict=True)))
    for row, texts in zip(rows, cells, strict=True):
        first, *more = folded(row.label, label)
        lines.append(GAP + left(first, label) + "".join(GAP + right(*pair) for pair in zip(texts, sizes, strict=True)))
        lines += [GAP + text for text in more]
    origins = dict.fromkeys(row.origin.partition(", ")[2] for row in rows)
    lines += [line for text in origins if text for line in folded(text, width - len(GAP), GAP)]
    return [line.rstrip() for line in lines]
