"""What a batch says within a screen of a terminal: totals, what was set aside, where to read on."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jumeau.accounts import LINES
from jumeau.batches.model import Batch
from jumeau.batches.table import Total, title_of, totals
from jumeau.i18n import _, local
from jumeau.redaction import presentable
from jumeau.report.cells import columns as size
from jumeau.report.cells import folded, left, right
from jumeau.report.figures import Column, figure_columns
from jumeau.report.numbers import NOTHING, decimals, plain, scaled_unit, short_percent, signed
from jumeau.report.words import period_days
from jumeau.units import conversion_factor

GAP = "  "


@dataclass(frozen=True)
class TotalText:
    """One total, written: `before → after`, and the change with its share."""

    head: str
    levels: str
    change: str


def total_texts(sums: Mapping[str, Total], columns: Sequence[Column]) -> list[TotalText]:
    """Return the totals of one variant, in the columns' units."""
    found = []
    for column in columns:
        total = sums.get(column.name)
        if total is None:
            found.append(TotalText(column.head, NOTHING, ""))
            continue
        factor = conversion_factor(LINES[column.name].unit, column.unit)
        before, after, gap = (value * factor for value in (total.before, total.after, total.difference))
        known = before or after
        digits = decimals(known, 3 if abs(known) < 1000 else 4)
        change = signed(gap, min(decimals(gap, 3), max(digits, 2)))
        share = f" ({short_percent(total.difference / total.before)})" if total.before else ""
        found.append(TotalText(column.head, f"{plain(before, digits)} → {plain(after, digits)}", f"{change}{share}"))
    return found


def total_columns(batch: Batch) -> list[Column]:
    """Return the four figures in units that suit their totals."""
    records = [record for item in batch.done if item.summary for record in item.summary.figures()]
    largest = {
        name: max(abs(sums[name].before) for sums in totals(batch).values() if name in sums)
        for name in dict.fromkeys(name for sums in totals(batch).values() for name in sums)
    }
    return [
        Column(item.name, scaled_unit(LINES[item.name].unit, largest.get(item.name, 0.0)))
        for item in figure_columns(records)
    ]


def batch_lines(batch: Batch, width: int, most: int) -> list[str]:
    """Return what came of a batch, in at most `most` lines where they have `width` columns.

    The totals of as many variants as there is room for, then as many reasons; what has no room is in the files.
    """
    head = folded(_head(batch), width)
    foot = [line for text in _foot(batch) for line in folded(text, width)]
    aside = _aside(batch, width)
    # Reasons first take up to a third of the room: whoever has to mend a row must not look for it.
    room = most - len(head) - len(foot)
    kept = aside if len(aside) <= max(room // 3, 3) else aside[: max(room // 3, 3)]
    figures = _totals(batch, width, room - len(kept))
    kept = aside[: max(room - len(figures), 0)] if len(aside) > len(kept) else kept
    if len(kept) < len(aside) and kept:
        text = _("… {count} in all: see batch.csv").format(count=len(batch.quarantine))
        kept = [*kept[:-1], *folded(text, width, " ", 1)]
    return [*head, *figures, *kept, *foot]


def _head(batch: Batch) -> str:
    text = _("{title}: {done} of {total} territories done")
    told = text.format(title=local(batch.title), done=len(batch.done), total=len(batch.outcomes))
    kept = sum(item.kept for item in batch.done)
    if kept:
        told += _(", {count} of them finished before").format(count=kept)
    if batch.quarantine:
        told += _("; set aside: {count}").format(count=len(batch.quarantine))
    return told + "."


def _totals(batch: Batch, width: int, room: int) -> list[str]:
    """Return the totals of as many variants as there is room for."""
    sums = totals(batch)
    if not sums:
        if len(batch.done) < 1:
            return []
        text = _("No totals: the periods or the euros of the runs differ, or nothing is compared.")
        return folded(text, width)
    first = batch.done[0].summary
    text = _("Sums of means over territories, {days} days, euros of {year}; a sum has no P10-P90:")
    days, year = (period_days(first.provenance), first.provenance["base_year"]) if first else (0, 0)
    lines = folded(text.format(days=plain(days, 0), year=year), width)
    columns = total_columns(batch)
    texts = {name: total_texts(found, columns) for name, found in sums.items()}
    heads = max(size(item.head) for each in texts.values() for item in each)
    levels = max(size(item.levels) for each in texts.values() for item in each)
    levels = max(levels, size(_("before → after")))
    changes = max(size(_("change")), *(size(item.change) for each in texts.values() for item in each))
    titles = [" " * (heads + 1), right(_("before → after"), levels), right(_("change"), changes)]
    lines.append(GAP.join(titles).rstrip())
    left_out: list[str] = []
    for name, each in texts.items():
        count = max((total.count for total in sums[name].values()), default=0)
        title = title_of(batch, name)
        told = f"{title} [{name}]" if title != name else name
        if count != len(batch.done):
            told += _(" (territories: {count})").format(count=count)
        block = folded(told, width, most=1)
        for item in each:
            row = GAP.join([" " + left(item.head, heads), right(item.levels, levels), right(item.change, changes)])
            block += [row.rstrip()] if size(row.rstrip()) <= width else folded(" ".join(row.split()), width, " ")
        # A line is kept for the names of those that have no room.
        spare = int(name != list(texts)[-1] or bool(left_out))
        if len(lines) + len(block) + spare > room and len(lines) > 3:
            left_out.append(name)
            continue
        lines += block
    if left_out:
        text = _("Other variants ({count}): {names}").format(count=len(left_out), names=", ".join(left_out))
        lines += folded(text, width, most=1)
    return lines


def _aside(batch: Batch, width: int) -> list[str]:
    """Return what was set aside, two lines each at most."""
    if not batch.quarantine:
        return []
    lines = [_("Set aside, with what to do:")]
    for item in batch.quarantine:
        name = item.row.name or "—"
        lines += folded(f"{name}: {presentable(item.reason)}", width, " ", 2)
    return lines


def _foot(batch: Batch) -> list[str]:
    folder = shlex.quote(str(batch.folder))
    nature = _("Simulation, not measurement.")
    if any(item.checked and item.checked.synthetic for item in batch.outcomes):
        nature += " " + _("Some territories are SYNTHETIC: they do not exist.")
    found = [nature]
    if batch.done:
        name = batch.done[0].row.name
        text = _("One territory: jumeau show {folder}/{name}; its report: jumeau report {folder}/{name}")
        found.append(text.format(folder=folder, name=name))
    files = ", ".join(path.name for path in batch.files if path.suffix != ".log")
    found.append(_("Folder: {path}").format(path=f"{folder} ({files})"))
    return found
