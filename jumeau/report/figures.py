"""The four figures first: energy, fuel, CO2 and cost, before and after, by network and in total, for a terminal.

A variant that changes one network stands under it, and changes the whole by as much. One that changes several stands
under the whole, the networks that it changes below it. Networks that a variant leaves as they are take no line.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.i18n import _
from jumeau.report.numbers import (
    NO_BREAK,
    NOTHING,
    decimals,
    in_unit,
    plain,
    scaled_unit,
    short_percent,
    signed,
    unit_label,
)
from jumeau.report.ranges import heading_text, span_name
from jumeau.report.words import period_days
from jumeau.results import Record, Results
from jumeau.results.comparison import SEEN, TRACE
from jumeau.results.titles import SYMBOLS, figure_name, missing, network_label, variant_title, verdict_mark

GAP, INDENT, RULE = "  ", " ", "│"

NETWORK, VARIANT, PART = range(3)
#: Room that titles need beside ranges, beside columns set apart, and beside columns close together: else figures are
#: stacked.
TITLE_WIDTH, WIDE_LABEL, LABEL_WIDTH = 34, 24, 16


@dataclass(frozen=True)
class Row:
    """One line of the block, or two.

    Attributes
    ----------
    label : str
    depth : int
        `NETWORK` before, `VARIANT`, or `PART`: a network that the variant above changes among others.
    records : mapping of str to Record
        By figure.
    """

    label: str
    depth: int
    records: Mapping[str, Record]


@dataclass(frozen=True)
class Column:
    """One figure, written in one unit throughout.

    Attributes
    ----------
    name, unit : str
    """

    name: str
    unit: str

    @property
    def title(self) -> str:
        """Name of the figure in the current language."""
        return figure_name(self.name)

    @property
    def head(self) -> str:
        """Name and unit; that of CO2 does not say again of what."""
        unit = unit_label(self.unit.replace("CO2e", "") if self.name == "carbon" else self.unit)
        return f"{self.title} ({unit})"

    def cell(self, row: Row) -> Cell:
        """Return what a row says of the figure."""
        record = row.records.get(self.name)
        if record is None or (row.depth != NETWORK and missing(record)):
            return Cell(NOTHING)
        record = in_unit(record, self.unit)
        if row.depth == NETWORK:
            return Cell(plain(record.baseline, decimals(record.baseline, 3 if abs(record.baseline) < 1000 else 4)))
        low, middle, high = record.quantiles or (record.median,) * 3
        largest = max(abs(value) for value in (low, middle, high))
        digits = min(decimals(largest, 3), max(decimals(largest, 2), 2))
        ends = [signed(value, digits) for value in (low, high)]
        return Cell(
            signed(middle, digits),
            short_percent(middle / record.baseline) if record.baseline else "",
            verdict_mark(record),
            "…".join(ends) if ends[0] != ends[1] else "",
        )


@dataclass(frozen=True)
class Cell:
    """What a row says of a figure, written.

    Attributes
    ----------
    value : str
        Level before, or median difference (the only one, where chance and assumptions are not known).
    share, mark, span : str
        Difference relative to before, sign of the verdict, P10-P90; empty where there is none.
    """

    value: str
    share: str = ""
    mark: str = ""
    span: str = ""

    @property
    def parts(self) -> tuple[str, str, str, str]:
        """All of it."""
        return self.value, self.share, self.mark, self.span


def figure_columns(records: Sequence[Record]) -> list[Column]:
    """Return the four columns, each in a unit that suits its largest value."""
    found = []
    for name in FIGURES:
        levels = [level for item in records if item.indicator == name for level in (item.baseline, item.variant_value)]
        found.append(Column(name, scaled_unit(LINES[name].unit, max(map(abs, levels), default=0.0))))
    return found


def figures_block(results: Results, width: int) -> list[str]:
    """Return the four figures of a campaign as lines of at most `width` columns; none where nothing is compared."""
    records = results.figures()
    if not records:
        return []
    columns, rows = figure_columns(records), arranged(results, records)
    lines = next(
        made
        for made in (
            _table(rows, columns, width, GAP, TITLE_WIDTH, inline=True),
            _table(rows, columns, width, f" {RULE} ", WIDE_LABEL),
            _table(rows, columns, width, RULE, LABEL_WIDTH),
            _stack(rows, columns, width, span_name(results)),
        )
        if made
    )
    return [*textwrap.wrap(heading(results, records), width), *lines, *textwrap.wrap(legend(rows), width)]


def heading(results: Results, records: Sequence[Record]) -> str:
    """Return what the numbers are, of how many days, in whose euros."""
    if not any(record.quantiles for record in records):
        text = _("{days} days, euros of {year}: before; change")
    else:
        text = heading_text(results)
    provenance = results.provenance
    return text.format(days=plain(period_days(provenance), 0), year=provenance["base_year"])


def arranged(results: Results, records: Sequence[Record]) -> list[Row]:
    """Return the rows in the order in which they stand."""
    found: dict[tuple[str, str], dict[str, Record]] = {}
    for record in records:
        found.setdefault((record.variant, record.network), {})[record.indicator] = record
    networks = networks_of(records)
    variants = list(dict.fromkeys(record.variant for record in records))
    provenance = results.provenance
    moved = {
        variant: [name for name in networks if any(item.seen for item in found[variant, name].values())]
        for variant in variants
    }
    whole = TOTAL if len(networks) > 1 else networks[0]
    home = {
        variant: names[0] if len(names) == 1 and _alike(found[variant, names[0]], found[variant, whole]) else whole
        for variant, names in moved.items()
    }
    rows = []
    for network in dict.fromkeys((*networks, whole)):
        if network != whole and not any(network in names for names in moved.values()):
            continue
        rows.append(Row(network_label(provenance, network), NETWORK, found[variants[0], network]))
        for variant in (item for item in variants if home[item] == network):
            rows.append(Row(variant_title(provenance, variant), VARIANT, found[variant, network]))
            parts = moved[variant] if network == TOTAL else []
            rows += [Row(network_label(provenance, name), PART, found[variant, name]) for name in parts]
    return rows


def networks_of(records: Sequence[Record]) -> list[str]:
    """Return the networks of records, all of them together left out."""
    return [name for name in dict.fromkeys(record.network for record in records) if name != TOTAL]


def _alike(one: Mapping[str, Record], whole: Mapping[str, Record]) -> bool:
    """Tell whether a network's differences are those of the whole, but for what nobody would see in these."""
    return all(
        abs(one[name].difference - item.difference) <= max(SEEN * abs(item.difference), TRACE * abs(item.baseline))
        for name, item in whole.items()
    )


def _table(
    rows: Sequence[Row], columns: Sequence[Column], width: int, gap: str, least: int, *, inline: bool = False
) -> list[str]:
    """Return the rows as a table, ranges beside differences or below; nothing where titles would have no room."""
    cells = [[column.cell(row).parts for column in columns] for row in rows]
    sizes = [[max(len(line[place][part]) for line in cells) for part in range(4)] for place in range(len(columns))]
    heads = [column.head for column in columns]
    texts = [[_written(cell, size, inline=inline) for cell, size in zip(line, sizes, strict=True)] for line in cells]
    widths = [max(len(head), *(len(text) for line in texts for text in line[i])) for i, head in enumerate(heads)]
    room = width - sum(widths) - len(gap) * len(widths)
    longest = max(len(row.label) + len(INDENT) * row.depth for row in rows)
    if room < min(longest, least):
        return []
    room = min(room, longest)

    def line(label: str, parts: Sequence[str]) -> str:
        found = gap.join([label.ljust(room), *(part.rjust(size) for part, size in zip(parts, widths, strict=True))])
        return found.rstrip()

    made = [line("", heads)]
    for row, written in zip(rows, texts, strict=True):
        # Networks that a variant changes among others take one line: their sum has the range.
        spans = row.depth == VARIANT and not inline and any(span for _text, span in written)
        labels = _labels(row, room, 2 if row.depth == VARIANT else 1)
        for place in range(max(len(labels), 1 + spans)):
            parts = [cell[place] if place <= spans else "" for cell in written]
            made.append(line(labels[place] if place < len(labels) else "", parts))
    return made


def _labels(row: Row, room: int, most: int) -> list[str]:
    indent = INDENT * row.depth
    return textwrap.wrap(
        row.label,
        room,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        max_lines=most,
        placeholder="…",
    )


def _written(cell: tuple[str, str, str, str], sizes: Sequence[int], *, inline: bool) -> tuple[str, str]:
    """Return a cell and what stands below it, parts one under the other."""
    value, share, mark, span = cell
    text = f"{value.rjust(sizes[0])} {share.rjust(sizes[1])}{mark.rjust(sizes[2])}"
    if inline:
        return f"{text} {span.rjust(sizes[3])}", ""
    return text, span


def _stack(rows: Sequence[Row], columns: Sequence[Column], width: int, named: str) -> list[str]:
    """Return the rows one figure after the other."""
    made: list[str] = []
    for row in rows:
        indent = GAP * row.depth
        made += textwrap.wrap(row.label, width, initial_indent=indent, subsequent_indent=indent)
        cells = [(column.head, column.cell(row)) for column in columns]
        if row.depth == NETWORK:
            texts = [_("before: {levels}").format(levels=", ".join(f"{head} {cell.value}" for head, cell in cells))]
        else:
            texts = [
                f"{cell.mark} {head} {cell.value}"
                + (f" ({cell.share})" if cell.share else "")
                + (f", {named} {cell.span}" if cell.span else "")
                for head, cell in cells
            ]
        for text in texts:
            made += textwrap.wrap(text, width, initial_indent=indent + GAP, subsequent_indent=indent + GAP * 2)
    return made


def legend(rows: Sequence[Row]) -> str:
    """Return what the marks and places of these rows mean."""
    said = {record.verdict for row in rows if row.depth != NETWORK for record in row.records.values()}
    marks = (f"{symbol}{NO_BREAK}{_(verdict)}" for verdict, symbol in SYMBOLS.items() if verdict in said)
    text = ", ".join(marks) + "."
    depths = [row.depth for row in rows]
    last = max(place for place, depth in enumerate(depths) if depth == NETWORK)
    if VARIANT in depths[:last]:
        text += " " + _("What changes one network changes the whole by as much.")
    return text
