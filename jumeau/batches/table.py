"""The table of a batch: one row per territory and variant, as the run's own summary and evaluation say it.

Nothing is computed here but shares by resident and totals: a figure of the table is that of `summary.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.batches.model import Batch, Outcome
from jumeau.evaluation.criteria import CRITERIA
from jumeau.i18n import _
from jumeau.report.words import period_days
from jumeau.results.comparison import BASELINE, Record
from jumeau.results.storage import figure
from jumeau.results.summary import Summary
from jumeau.results.titles import variant_title

#: Criteria of the evaluation that the table takes, of all networks together.
CRITERIA_SHOWN = ("investment", "collective_value")

#: What a figure of the table is called -> what it is called in `summary.json`.
STATS: Mapping[str, str] = {
    "before": "baseline",
    "after": "variant_value",
    "difference": "difference",
    "p10": "p10",
    "p90": "p90",
    "verdict": "verdict",
}
MEAN, PER_RESIDENT = "mean_difference", "difference_per_resident"


@dataclass(frozen=True)
class TableColumn:
    """One column.

    Attributes
    ----------
    column : str
    type : str
        `text`, `integer` or `number`.
    unit : str
        Empty where it has none.
    description : str
        Message id, with `{figure}` where it is one of several figures.
    figure : str
        Label of that figure, a message id.
    """

    column: str
    type: str
    unit: str
    description: str
    figure: str = ""

    def told(self) -> str:
        """Return what the column is, in the current language."""
        return _(self.description).format(figure=_(self.figure)) if self.figure else _(self.description)


#: Words of the columns (message ids).
_STATS = {
    "before": "{figure}: before, mean over replications",
    "after": "{figure}: after, before plus the median difference",
    "difference": "{figure}: median difference, chance and uncertain assumptions together",
    "p10": "{figure}: P10 of the difference",
    "p90": "{figure}: P90 of the difference",
    "verdict": "{figure}: verdict of the difference",
    MEAN: "{figure}: mean difference under central assumptions, the one that adds up over territories",
    PER_RESIDENT: "{figure}: median difference over residents",
}


@cache
def table_columns() -> tuple[TableColumn, ...]:
    """Return the columns of the table, in their order."""
    found = [
        TableColumn("name", "text", "", "name of the territory, and of its folder"),
        TableColumn("code", "text", "", "code of the commune, as the list gives it"),
        TableColumn("title", "text", "", "what people call the territory"),
        TableColumn("status", "text", "", "done, or quarantined: set aside"),
        TableColumn("reason", "text", "", "why it was set aside"),
        TableColumn("residents", "number", "person", "residents, as far as the territory tells"),
        TableColumn("networks", "text", "", "networks simulated"),
        TableColumn("days", "integer", "day", "length of the period"),
        TableColumn("base_year", "integer", "", "year in whose euros money is stated"),
        TableColumn("replications", "integer", "", "pairs of runs"),
        TableColumn("variant", "text", "", "name of the variant"),
        TableColumn("variant_title", "text", "", "what people call the variant"),
    ]
    for name in FIGURES:
        line = LINES[name]
        for stat, text in _STATS.items():
            kind, unit = ("text", "") if stat == "verdict" else ("number", line.unit)
            unit = f"{unit}/person" if stat == PER_RESIDENT else unit
            found.append(TableColumn(f"{name}_{stat}", kind, unit, text, line.label))
    for name in CRITERIA_SHOWN:
        criterion = CRITERIA[name]
        for level, text in (("", "{figure}: median"), ("_p10", "{figure}: P10"), ("_p90", "{figure}: P90")):
            found.append(TableColumn(f"{name}{level}", "number", criterion.unit, text, criterion.label))
    found.append(TableColumn("horizon", "integer", "year", "years over which the project is evaluated"))
    return tuple(found)


def batch_table(batch: Batch) -> pd.DataFrame:
    """Return one row per territory and variant; a territory that was set aside has one row, without figures."""
    rows = [row for item in batch.outcomes for row in rows_of(item)]
    # As objects, so that whole numbers stay whole beside empty cells.
    return pd.DataFrame(
        {item.column: pd.Series([row.get(item.column) for row in rows], dtype=object) for item in table_columns()}
    )


def rows_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the rows of one territory, by column; at least one."""
    row = outcome.row
    common = {
        "name": row.name,
        "code": row.code,
        "title": outcome.title,
        "status": outcome.status,
        "reason": outcome.reason,
        "residents": outcome.residents,
    }
    summary = outcome.summary
    if summary is None:
        return [common]
    common |= {
        "networks": " ".join(summary.networks),
        "days": period_days(summary.provenance),
        "base_year": summary.provenance["base_year"],
        "replications": summary.replications,
    }
    found = [
        common
        | {"variant": variant, "variant_title": variant_title(summary.provenance, variant)}
        | _figures(records, outcome.residents)
        | _evaluated(outcome.evaluation, variant)
        for variant, records in figures_of(summary).items()
    ]
    return found or [common]


def figures_of(summary: Summary) -> dict[str, dict[str, Record]]:
    """Return the four figures of the whole territory, by variant."""
    records = summary.shown().figures()
    networks = {record.network for record in records}
    # One network alone is the whole.
    whole = TOTAL if TOTAL in networks else next(iter(networks), TOTAL)
    found: dict[str, dict[str, Record]] = {}
    for record in records:
        if record.network == whole and record.variant != BASELINE:
            found.setdefault(record.variant, {})[record.indicator] = record
    return found


def _figures(records: Mapping[str, Record], residents: float | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, record in records.items():
        said = figure(record)
        found |= {f"{name}_{stat}": said[key] for stat, key in STATS.items()}
        found[f"{name}_{MEAN}"] = record.difference
        found[f"{name}_{PER_RESIDENT}"] = said["difference"] / residents if residents else None
    return found


def _evaluated(evaluation: Mapping[str, Any], variant: str) -> dict[str, Any]:
    said = evaluation.get("variants", {}).get(variant)
    if not said or said["outside"]:
        return {}
    found: dict[str, Any] = {"horizon": evaluation["horizon"]}
    for name in CRITERIA_SHOWN:
        estimate = said[TOTAL][name]
        found |= {name: estimate["p50"], f"{name}_p10": estimate["p10"], f"{name}_p90": estimate["p90"]}
    return found


@dataclass(frozen=True)
class Total:
    """One figure of one variant, summed over the territories that have it.

    Attributes
    ----------
    before, difference : float
        Sums of means over replications under central assumptions, in the unit of the figure.
    count : int
        Territories summed.
    """

    before: float
    difference: float
    count: int

    @property
    def after(self) -> float:
        """Sum after."""
        return self.before + self.difference


def totals(batch: Batch) -> dict[str, dict[str, Total]]:
    """Return the sums over territories, by variant and figure; none where the runs cannot be added.

    Means add up; medians and P10-P90 do not, so that a total has no range. Runs of other periods or in euros of other
    years are not added at all.
    """
    if (
        len(
            {
                (period_days(item.summary.provenance), item.summary.provenance["base_year"])
                for item in batch.done
                if item.summary
            }
        )
        != 1
    ):
        return {}
    found: dict[str, dict[str, Total]] = {}
    for item in batch.done:
        for variant, records in figures_of(item.summary).items() if item.summary else ():
            sums = found.setdefault(variant, {})
            for name, record in records.items():
                if np.isfinite(record.baseline) and np.isfinite(record.difference):
                    old = sums.get(name, Total(0.0, 0.0, 0))
                    sums[name] = Total(old.before + record.baseline, old.difference + record.difference, old.count + 1)
    return found


def title_of(batch: Batch, name: str) -> str:
    """Return how a variant is called."""
    for item in batch.done:
        if item.summary is not None and name in item.summary.variants:
            return variant_title(item.summary.provenance, name)
    return name
