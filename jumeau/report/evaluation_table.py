"""The evaluation for a terminal: the five criteria of each variant, then returns and carbon, at any width."""

from __future__ import annotations

import math
import textwrap

from jumeau.evaluation import CRITERIA, Evaluation
from jumeau.evaluation.stated import Comparison, Stated
from jumeau.i18n import _, local
from jumeau.report.numbers import scaled_unit, significant, with_unit
from jumeau.report.valuation import Block, Row, blocks, heading, legend, remarks
from jumeau.units import conversion_factor

GAP, INDENT = "  ", " "

#: Narrower than this, a label is not readable in a column: criteria are then stacked.
NARROW = 22

#: Rows that a terminal shows after the five criteria; the report shows them all.
SHORT = (
    "simple_payback",
    "internal_rate",
    "net_present_socio_economic_value",
    "cash_value",
    "carbon_net",
    "abatement_cost",
)


def evaluation_lines(evaluation: Evaluation, width: int = 80) -> list[str]:
    """Return the evaluation of every variant, in lines of at most `width` columns, in the current language."""
    lines = textwrap.wrap(heading(evaluation), width)
    for block in blocks(evaluation):
        lines += ["", *textwrap.wrap(block.title, width), *_table(block, width)]
        for sentence in block.sentences:
            lines += textwrap.wrap(sentence, width, initial_indent=INDENT, subsequent_indent=INDENT * 2)
    lines.append("")
    for remark in (legend(), *remarks(evaluation)):
        lines += textwrap.wrap(remark, width)
    return lines


def stated_lines(stated: Stated, width: int = 80) -> list[str]:
    """Return the evaluation of a stated project, what was published of it, and what a reader must know."""
    lines = evaluation_lines(stated.evaluation, width)
    if stated.comparisons:
        lines += ["", _("Published:")]
    named = stated.evaluation.provenance["variants"]
    titles = {name: local(item["title"]) or name for name, item in named.items()}
    alone = len({item.variant for item in stated.comparisons}) == 1
    for item in stated.comparisons:
        criterion = _(CRITERIA[item.criterion].label)
        text = _("{criterion}: {value} ({source}): {verdict}").format(
            criterion=criterion if alone else f"{titles[item.variant]}, {criterion}",
            value=published_value(item),
            source=item.source,
            verdict=_("within P10-P90") if item.inside else _("OUTSIDE P10-P90"),
        )
        lines += textwrap.wrap(text, width, initial_indent=INDENT, subsequent_indent=INDENT * 3)
    if stated.caveats:
        lines += ["", _("To bear in mind:")]
    for caveat in stated.caveats:
        lines += textwrap.wrap(local(caveat), width, initial_indent=INDENT + "- ", subsequent_indent=INDENT * 3)
    return lines


def published_value(item: Comparison) -> str:
    """Return a published figure with its unit."""
    if math.isinf(item.low) or math.isinf(item.high):
        return _("below zero") if math.isinf(item.low) else _("above zero")
    unit = CRITERIA[item.criterion].unit
    unit = scaled_unit(unit, max(abs(item.low), abs(item.high)))
    factor = conversion_factor(CRITERIA[item.criterion].unit, unit)
    ends = [significant(value * factor, 3) for value in dict.fromkeys((item.low, item.high))]
    text = ends[0] if len(ends) == 1 else _("{low} to {high}").format(low=ends[0], high=ends[1])
    return with_unit(text, unit)


def _table(block: Block, width: int) -> list[str]:
    shown = [*block.rows, *(row for row in block.more if row.name in SHORT)]
    heads = ("", _("Median"), _("P10 to P90"), _("Chances"))
    cells = [heads, *((row.label, row.value, row.span, row.chance) for row in shown)]
    sizes = [max(len(cell[place]) for cell in cells) for place in range(4)]
    room = width - len(INDENT) - sum(sizes[1:]) - len(GAP) * 3
    if room < NARROW:
        return [line for row in shown for line in _stacked(row, width)]
    return [line for cell in cells for line in _line(cell, sizes, min(room, sizes[0]))]


def _line(cell: tuple[str, str, str, str], sizes: list[int], room: int) -> list[str]:
    label, value, span, chance = cell
    first, *rest = textwrap.wrap(label, room, break_on_hyphens=False) or [""]
    parts = [INDENT + first.ljust(room), value.rjust(sizes[1]), span.ljust(sizes[2]), chance.rjust(sizes[3])]
    return [GAP.join(parts).rstrip(), *(INDENT * 2 + piece for piece in rest)]


def _stacked(row: Row, width: int) -> list[str]:
    text = " ; ".join(part for part in (row.value, row.span, row.chance) if part)
    return [
        *textwrap.wrap(row.label, width, initial_indent=INDENT),
        *textwrap.wrap(text, width, initial_indent=INDENT * 3, subsequent_indent=INDENT * 3),
    ]
