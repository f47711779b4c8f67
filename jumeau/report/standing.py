"""How sure it is that a variant is worth its money: one verdict that joins chance and assumptions.

Established where P10 and P90 of the collective value are on one side of zero; else it depends on the numbers that alone
can turn its sign within their range, by name; else it is undecided. Negligible is what nobody would see in the costs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from jumeau.evaluation import Evaluation
from jumeau.i18n import _
from jumeau.report.driver_section import number_label
from jumeau.report.drivers import EXPLAINED, Drivers
from jumeau.results.comparison import NEGLIGIBLE, OUTSIDE, SEEN, UNDECIDED
from jumeau.results.titles import SYMBOLS

GAIN, LOSS, DEPENDS = "gain established", "loss established", "depends"

#: Numbers that are named.
MOST_NAMED = 2


@dataclass(frozen=True)
class Standing:
    """The verdict on the collective value of one variant.

    Attributes
    ----------
    variant, verdict : str
        `verdict` is one of this module's, or `no verdict`.
    on : tuple of str
        Names of the numbers that it depends on.
    """

    variant: str
    verdict: str
    on: tuple[str, ...] = ()

    def words(self) -> str:
        """Return the verdict in the current language."""
        if self.verdict == DEPENDS:
            return _("depends on: {list}").format(list=" · ".join(self.on))
        return _(self.verdict)

    def short(self) -> str:
        """Return the verdict in the current language after its symbol, for a table: what it depends on is left out."""
        marks = {GAIN: "▲", LOSS: "▼", DEPENDS: "±"}
        return f"{marks.get(self.verdict) or SYMBOLS[self.verdict]} {_(self.verdict)}"


def standings(evaluation: Evaluation, found: Sequence[Drivers]) -> dict[str, Standing]:
    """Return the verdict on each variant.

    Parameters
    ----------
    evaluation : Evaluation
    found : sequence of Drivers
        What moves the collective value of each variant.
    """
    by_variant = {item.variant: item for item in found}
    return {name: _standing(evaluation, name, by_variant.get(name)) for name in evaluation.variants}


def _standing(evaluation: Evaluation, variant: str, found: Drivers | None) -> Standing:
    if variant in evaluation.outside:
        return Standing(variant, OUTSIDE)
    worth = evaluation.estimate(EXPLAINED, variant)
    if max(abs(worth.p10), abs(worth.p90)) <= _unseen(evaluation, variant):
        return Standing(variant, NEGLIGIBLE)
    if worth.p10 > 0.0:
        return Standing(variant, GAIN)
    if worth.p90 < 0.0:
        return Standing(variant, LOSS)
    rows = found.rows if found else ()
    deciding = [row for row in rows if row.switching is not None and row.low <= row.switching <= row.high]
    names = tuple(dict.fromkeys(number_label(evaluation, row.name) for row in deciding[:MOST_NAMED]))
    return Standing(variant, DEPENDS, names) if names else Standing(variant, UNDECIDED)


def _unseen(evaluation: Evaluation, variant: str) -> float:
    """Return the value over the horizon that nobody would see in the cost of the period [EUR]."""
    costs = [item.baseline for item in evaluation.figures if (item.indicator, item.variant) == ("cost", variant)]
    known = [abs(value) for value in costs if math.isfinite(value)]
    return SEEN * max(known, default=0.0) * evaluation.assumed.block.horizon
