"""What a commune reports beside money: indicators of public frameworks, the qualitative grid, what is not valued."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jumeau.evaluation
from jumeau.evaluation.parameters import QUALITIES
from jumeau.i18n import _, local
from jumeau.report.numbers import NOTHING, decimals, signed, significant, spread, unit_label
from jumeau.reported import FRAMEWORKS
from jumeau.results import Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import network_label, variant_title

#: Labels of the qualitative criteria (English message ids).
QUALITY_LABELS: Mapping[str, str] = {
    "service": "Service",
    "inclusion": "Inclusion",
    "privacy": "Privacy",
    "sovereignty": "Sovereignty",
    "reversibility": "Reversibility",
    "resilience": "Resilience",
    "acceptance": "Acceptance by citizens",
}


@dataclass(frozen=True)
class ReportedRow:
    """One indicator of a framework, written.

    Attributes
    ----------
    framework, id, label, unit, before, target, note : str
    after : tuple of (str, str)
        By variant, in order: value, and 95 % interval of the difference.
    """

    framework: str
    id: str
    label: str
    unit: str
    before: str
    target: str
    note: str
    after: tuple[tuple[str, str], ...]


def reported_rows(results: Results) -> list[ReportedRow]:
    """Return the indicators that communes report, before and in each variant that moves one of them."""
    table = results.reported
    if table.empty:
        return []
    found = []
    for (_network, _framework, _id), rows in table.groupby(["network", "framework", "id"], sort=False):
        records: list[dict[str, Any]] = [
            {str(key): value for key, value in row.items()} for row in rows.to_dict("records")
        ]
        first, by_variant = records[0], {str(row["variant"]): row for row in records}
        label = local(first["label"])
        found.append(
            ReportedRow(
                framework=FRAMEWORKS.get(first["framework"], first["framework"]),
                id=first["id"],
                label=f"{network_label(results.provenance, first['network'])} · {_(label)}",
                unit=unit_label(first["unit"]),
                before=significant(_number(first["before"]), 3),
                target=_target(first),
                note=_(first["note"]) if first["note"] else "",
                after=tuple(_after(by_variant.get(name)) for name in results.variants if name != BASELINE),
            )
        )
    return found


def _number(value: Any) -> float:
    return float(value) if value is not None else float("nan")


def _target(row: Mapping[str, Any]) -> str:
    target, limit = _number(row["target"]), _number(row["limit"])
    if math.isnan(target) and math.isnan(limit):
        return ""
    return _("target {target}, limit {limit}").format(target=significant(target, 3), limit=significant(limit, 3))


def _after(row: Mapping[str, Any] | None) -> tuple[str, str]:
    if row is None or not math.isfinite(_number(row["after"])):
        return NOTHING, ""
    low, high, before = (_number(row[name]) for name in ("low", "high", "before"))
    if not math.isfinite(low) or max(abs(low), abs(high)) <= 1e-4 * abs(before):
        return significant(_number(row["after"]), 3), ""
    digits = decimals(max(abs(low), abs(high)), 2)
    return significant(_number(row["after"]), 3), spread(low, high, digits)


def reported_heads(results: Results) -> list[str]:
    """Return the titles of the variants, in the order of the rows' values."""
    return [variant_title(results.provenance, name) for name in results.variants if name != BASELINE]


def grids(results: Results) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the qualitative grid of each variant that somebody judged: criterion, score, reason."""
    block = results.evaluation.assumed.block
    found = []
    for name in results.variants:
        given = block.variants[name].qualitative if name in block.variants else {}
        if not given:
            continue
        rows = []
        for quality in QUALITIES:
            item = given.get(quality)  # type: ignore[call-overload]
            score = _("not assessed") if item is None else signed(float(item.score), 0)
            rows.append((_(QUALITY_LABELS[quality]), score, "" if item is None else local(item.reason)))
        found.append((variant_title(results.provenance, name), rows))
    return found


@cache
def _not_valued() -> tuple[tuple[str, str], ...]:
    path = Path(jumeau.evaluation.__file__).with_name("not_valued.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        return tuple((row["what"], row["why"]) for row in csv.DictReader(stream))


def not_valued() -> list[tuple[str, str]]:
    """Return what no figure says, and why."""
    return [(_(what), _(why)) for what, why in _not_valued()]
