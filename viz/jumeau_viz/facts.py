"""The figures of a run, one by one: label and number of the same row, written by the report's own functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jumeau.accounts import FIGURES, TOTAL
from jumeau.evaluation import CRITERIA, Estimate
from jumeau.i18n import _, local
from jumeau.report.decision import ranked
from jumeau.report.figures import NETWORK, VARIANT, Cell, Column, Row, figure_columns
from jumeau.report.numbers import NOTHING, difference_unit, figures, plain, with_unit
from jumeau.report.valuation import rows_over
from jumeau.report.words import distinct, verdict_text
from jumeau.results import Record
from jumeau.results.comparison import DROP, RISE
from jumeau.results.titles import missing
from jumeau_viz.captions import BASELINE, Captions
from jumeau_viz.figures import as_record, as_written

#: Criterion by which the report ranks variants.
WORTH = "collective_value"


@dataclass(frozen=True)
class Fact:
    """One figure, written.

    Attributes
    ----------
    label, value : str
        What it is, and the number with its unit.
    note : str
        Range and verdict; empty where there is none.
    """

    label: str
    value: str
    note: str = ""


#: What a stop without figure says.
NO_FACT = Fact("", "")


class Facts:
    """What `summary.json` and `evaluation.json` say, to be asked for one figure at a time.

    Parameters
    ----------
    summary : mapping
        Content of `summary.json`.
    captions : Captions
    evaluation : mapping, optional
        Content of `evaluation.json`; without it nothing is known of criteria.
    """

    def __init__(
        self, summary: Mapping[str, Any], captions: Captions, evaluation: Mapping[str, Any] | None = None
    ) -> None:
        self.captions = captions
        self._figures = distinct([as_record(as_written(item)) for item in summary.get("figures", ())])
        self._records = distinct([as_record(item) for item in summary.get("records", ())])
        self._evaluation = evaluation or {}

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The four figures, each in one unit throughout."""
        return {column.name: column for column in figure_columns(self._figures)}

    @property
    def variants(self) -> tuple[str, ...]:
        """The variants, as the summary has them."""
        return tuple(dict.fromkeys(record.variant for record in (*self._figures, *self._records)))

    def whole(self, network: str | None) -> str:
        """Return the network that rows are of; all together are the only one where there is but one."""
        known = tuple(dict.fromkeys(record.network for record in (*self._figures, *self._records)))
        return known[0] if network in (None, TOTAL) and TOTAL not in known and known else network or TOTAL

    def figure(self, network: str | None, name: str, variant: str) -> Fact | None:
        """Return one of the four figures: the level before for the baseline, else the change.

        Parameters
        ----------
        network : str or None
            None for all networks together.
        name : str
            One of `FIGURES`.
        variant : str
        """
        record = self._find(self._figures, self.whole(network), name, variant)
        if record is None:
            return None
        column = self.columns[name]
        cell = _cell(column, record, variant)
        if cell.value == NOTHING:
            return None
        return Fact(
            self._label(column.title, record.network, variant),
            with_unit(cell.value, column.unit),
            "" if variant == BASELINE else self._note(with_unit(cell.span, column.unit) if cell.span else "", record),
        )

    def indicator(self, network: str | None, name: str, variant: str) -> Fact | None:
        """Return an indicator of a network, likewise; None where it is not known."""
        record = self._find(self._records, self.whole(network), name, variant)
        if record is None or (variant != BASELINE and missing(record)):
            return None
        written, label = figures(record), self._label(local(record.label), record.network, variant)
        if variant == BASELINE:
            value = with_unit(written.baseline, record.unit)
            return None if value == NOTHING else Fact(label, value)
        unit = difference_unit(record)
        known = record.quantiles is not None
        value = with_unit(written.quantiles[1] if known else written.difference, unit)
        span = _("{low} to {high}").format(low=written.quantiles[0], high=written.quantiles[2]) if known else ""
        return Fact(label, value, self._note(with_unit(span, unit) if span else "", record))

    def large(self) -> dict[str, list[dict[str, str]]]:
        """Return the four figures of all networks together, by variant: change, range, and level before."""
        found: dict[str, list[dict[str, str]]] = {}
        for variant in self.variants:
            rows = []
            for name in FIGURES:
                change, before = self.figure(None, name, variant), self.figure(None, name, BASELINE)
                if change is not None:
                    level = _("before: {value}").format(value=before.value) if before is not None else ""
                    texts = {"value": change.value, "note": change.note, "before": level}
                    rows.append({"label": local(self.columns[name].title), **texts})
            found[variant] = rows
        return found

    def criterion(self, name: str, variant: str, network: str | None = None) -> Fact | None:
        """Return a criterion of the evaluation; None where the run has no evaluation of the variant."""
        found = self._estimate(name, variant, network or TOTAL)
        if found is None:
            return None
        horizon = float(self._evaluation.get("horizon", math.nan))
        row = rows_over([found], horizon)[0]
        label = _("{criterion} over {years} years").format(criterion=row.label, years=plain(horizon, 0))
        return Fact(f"{label}, {self.captions.variant(variant)}", row.value, self._note(row.span, None))

    def list_of_figures(self, network: str | None, variant: str) -> str:
        """Return the four figures of a network that are seen to change (all of them before), in one line."""
        found = []
        for name, column in self.columns.items():
            record = self._find(self._figures, self.whole(network), name, variant)
            if record is None or (variant != BASELINE and not record.seen):
                continue
            cell = _cell(column, record, variant)
            share = f" ({cell.share})" if cell.share else ""
            found.append(f"{column.title} {with_unit(cell.value, column.unit)}{share}")
        return ", ".join(found)

    def speaking(self, network: str | None, variant: str) -> str:
        """Return which of the four figures speaks for a variant: the first that is seen to change beyond doubt."""
        found = {name: self._find(self._figures, self.whole(network), name, variant) for name in FIGURES}
        seen = {name: record for name, record in found.items() if record is not None and record.seen}
        established = [name for name, record in seen.items() if record.verdict in (DROP, RISE)]
        return next(iter([*established, *seen]), FIGURES[0])

    def other_indicator(self, network: str, variant: str) -> str:
        """Return the key indicator, the four figures left out, that a variant changes most; empty where none does."""
        own = [
            record
            for record in self._records
            if (record.network, record.variant) == (network, variant)
            and record.key
            and record.seen
            and not missing(record)
            and record.indicator not in FIGURES
        ]
        best = max(own, key=lambda item: (item.verdict in (DROP, RISE), abs(item.share or 0.0)), default=None)
        return best.indicator if best is not None else ""

    def ranking(self) -> list[str]:
        """Return the variants from the best to the least, as the report ranks them.

        Without an evaluation, the one that costs the authority least comes first.
        """
        worth = {}
        for name in self.variants:
            entry = self._evaluation.get("variants", {}).get(name, {})
            found = None if entry.get("outside") else self._estimate(WORTH, name, TOTAL)
            if found is not None and not math.isnan(found.p50):
                worth[name] = found.p50
        if worth:
            first = ranked(worth)
            return [*first, *(name for name in self.variants if name not in first)]

        def cost(name: str) -> float:
            record = self._find(self._figures, self.whole(None), "cost", name)
            return record.median if record is not None and math.isfinite(record.median) else math.inf

        return sorted(self.variants, key=cost)

    def _find(self, records: Sequence[Record], network: str, name: str, variant: str) -> Record | None:
        """Return a record; any variant's tells the level before."""
        return next(
            (
                record
                for record in records
                if (record.network, record.indicator) == (network, name) and variant in (BASELINE, record.variant)
            ),
            None,
        )

    def _label(self, title: str, network: str, variant: str) -> str:
        text = _("{figure} before: {network}") if variant == BASELINE else _("{figure}, change: {network}")
        return text.format(figure=title, network=self.captions.network(network))

    def _note(self, span: str, record: Record | None) -> str:
        parts = [_("Range: {span}.").format(span=span)] if span else []
        if record is not None:
            parts.append(_("Verdict: {verdict}.").format(verdict=verdict_text(record)))
        return " ".join(parts)

    def _estimate(self, name: str, variant: str, network: str) -> Estimate | None:
        entry = self._evaluation.get("variants", {}).get(variant, {})
        block = entry.get(TOTAL, {}) if network == TOTAL else entry.get("networks", {}).get(network, {})
        found = block.get(name)
        if found is None or name not in CRITERIA:
            return None
        # JSON has no infinity: what is never reached and what is not defined are both null there.
        absent = math.inf if CRITERIA[name].unbounded else math.nan
        low, middle, high = (absent if found[key] is None else float(found[key]) for key in ("p10", "p50", "p90"))
        chances = math.nan if found["p_positive"] is None else float(found["p_positive"])
        return Estimate(name, variant, network, found["unit"], low, middle, high, chances, float(found["defined"]))


def _cell(column: Column, record: Record, variant: str) -> Cell:
    return column.cell(Row("", NETWORK if variant == BASELINE else VARIANT, {column.name: record}))
