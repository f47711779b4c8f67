"""The outcome of a run at a glance: the four figures of each variant, before and after, within a screen of a terminal.

The whole territory comes first. A variant takes a line per figure, verdicts in words, where a screen has room for that;
else two lines in all, figures side by side; networks follow where all of them have room.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jumeau.accounts import TOTAL
from jumeau.i18n import _
from jumeau.report.cells import columns as size
from jumeau.report.cells import folded, left, right, wrapped
from jumeau.report.figures import NETWORK, VARIANT, Cell, Column, Row, figure_columns, networks_of
from jumeau.report.numbers import NO_BREAK, NOTHING, plain
from jumeau.report.ranges import few_draws, ranges_text, span_name
from jumeau.report.words import beware, period_days, touched, unchanged, verdict_text
from jumeau.results import Record
from jumeau.results.comparison import BASELINE, OUTSIDE
from jumeau.results.summary import Findings
from jumeau.results.titles import SYMBOLS, missing, network_label, variant_title, verdict_mark

GAP, INDENT, RULE = "  ", " ", "│"

#: Room that titles need beside four figures.
TITLE = 14


@dataclass(frozen=True)
class Sheet:
    """What is said of one variant.

    Attributes
    ----------
    title : str
    parts : tuple of (str, mapping of str to Record)
        Label of a network, or of all together, and its records by figure.
    note : str
        Which networks it leaves as they are; empty for none.
    """

    title: str
    parts: tuple[tuple[str, Mapping[str, Record]], ...]
    note: str = ""


def outcome_lines(findings: Findings, width: int, most: int) -> list[str]:
    """Return the four figures of every variant, and what has to be known with them, in at most `most` lines.

    On terminals narrower than 80 columns, lines are as many as it takes to tell of one variant.
    """
    figures = findings.figures()
    foot = wrapped([" ".join(remarks(findings))], width)
    if not figures:
        return foot  # nothing is compared
    variants = list(dict.fromkeys(record.variant for record in figures))
    networks = networks_of(figures)
    whole = [TOTAL] if len(networks) > 1 else networks
    room = most - len(foot)
    for names in ([*whole, *networks] if len(networks) > 1 else [], whole):
        made = chosen_lines(findings, variants, names, width) if names else []
        if made and len(made) <= room:
            return [*made, *foot]
    return [*_side_by_side(findings, variants, whole[0], width, room), *foot]


def chosen_lines(findings: Findings, variants: Sequence[str], networks: Sequence[str], width: int) -> list[str]:
    """Return the four figures of some variants in some networks, a line per figure, before and after.

    Parameters
    ----------
    findings : Findings
    variants, networks : sequence of str
        Names; `total` is all networks together. What a variant leaves as it is, is told in a sentence.
    width : int
        Columns of the terminal.
    """
    figures = [record for record in findings.figures() if record.variant in variants]
    columns = figure_columns(findings.figures())
    sheets = [_sheet(findings, figures, name, networks) for name in variants]
    corner = network_label(findings.provenance, networks[0]) if len(networks) == 1 else ""
    ranged = any(record.quantiles for record in figures)
    spans = _("span") if few_draws(findings) else "P10-P90"
    heads = (corner, _("before → after"), _("change"), spans if ranged else "", _("verdict"))
    text = _("{days} days, euros of {year}; median change, {ranges}") if ranged else _("{days} days, euros of {year}")
    lines = folded(_filled(text, findings), width)
    for gap, words in ((GAP, True), (INDENT, True), (INDENT, False)):
        made = _grid(sheets, columns, heads, width, gap, words=words)
        if made:
            return [*lines, *made, *([] if words else folded(_legend(figures), width))]
    return [*lines, *_stacked(sheets, columns, width, span_name(findings))]


def remarks(findings: Findings) -> list[str]:
    """Return what has to be known with any figure: what it is, how many runs are missing, what the models noted."""
    pairs = findings.replications
    if pairs > 1:
        text = _("Simulation of {count} paired replications, not measurement.").format(count=plain(pairs, 0))
    else:
        text = _("Simulation, not measurement; one replication only: nothing is established.")
    found = [text]
    if findings.provenance.get("territory", {}).get("synthetic"):
        found.append(_("SYNTHETIC territory: it does not exist."))
    if findings.failed:
        found.append(_("Runs that failed and were set aside: {count}.").format(count=plain(findings.failed, 0)))
    if any(record.verdict == OUTSIDE for record in findings.figures()):
        found.append(_("Some figures lie outside what their model means, and no verdict is given: --all tells why."))
    notes = len(beware(findings.provenance, findings.variants))
    if notes:
        found.append(_("Notes of the models: {count} (--all tells them).").format(count=plain(notes, 0)))
    return found


def _filled(text: str, findings: Findings) -> str:
    """Return a heading with its numbers."""
    return text.format(
        days=plain(period_days(findings.provenance), 0),
        year=findings.provenance["base_year"],
        ranges=ranges_text(findings),
    )


def _sheet(findings: Findings, figures: Sequence[Record], variant: str, networks: Sequence[str]) -> Sheet:
    own = [record for record in figures if record.variant == variant]
    still = touched(own)[1].get(variant, ())
    by_network: dict[str, dict[str, Record]] = {}
    for record in own:
        if record.network in networks and record.network not in still:
            by_network.setdefault(record.network, {})[record.indicator] = record
    title = variant_title(findings.provenance, variant)
    parts = [
        (network_label(findings.provenance, name) if len(networks) > 1 else "", by_network[name])
        for name in networks
        if name in by_network
    ]
    left_alone = unchanged(findings.provenance, [name for name in networks if name in still])
    return Sheet(title if title == variant else f"{title} [{variant}]", tuple(parts), left_alone)


def _change(column: Column, records: Mapping[str, Record]) -> Cell:
    return column.cell(Row("", VARIANT, records))


def _grid(
    sheets: Sequence[Sheet],
    columns: Sequence[Column],
    heads: Sequence[str],
    width: int,
    gap: str,
    *,
    words: bool,
) -> list[str]:
    """Return the sheets one below the other, a line per figure; nothing where it has no room.

    Parameters
    ----------
    sheets, columns
    heads : sequence of str
        Of the columns, the first one of the figures' names.
    width : int
    gap : str
        Between columns.
    words : bool
        Whether verdicts are in words; else their signs alone stand by the change.
    """
    told = [(column, records) for sheet in sheets for _label, records in sheet.parts for column in columns]
    levels = [_levels(column, records) for column, records in told]
    cells = [_change(column, records) for column, records in told]
    before, after = (max((size(pair[place]) for pair in levels), default=0) for place in (0, 1))
    value, share = (max((size(cell.parts[place]) for cell in cells), default=0) for place in (0, 1))
    nested = any(label for sheet in sheets for label, _records in sheet.parts)
    rows = []
    for (column, records), (first, last), cell in zip(told, levels, cells, strict=True):
        change = f"{right(cell.value, value)} {right(cell.share, share)}"
        record = records.get(column.name)
        row = [
            INDENT * (1 + nested) + column.head,
            f"{right(first, before)} → {right(last, after)}" if first else "",
            change if words else f"{change} {cell.mark or ' '}",
            cell.span,
        ]
        rows.append([*row, verdict_text(record) if record else NOTHING] if words else row)
    titles = list(heads) if words else list(heads[:-1])
    sizes = [max(size(row[place]) for row in [titles, *rows]) for place in range(len(titles))]
    if sum(sizes) + size(gap) * (len(sizes) - 1) > width:
        return []

    def line(row: Sequence[str]) -> str:
        parts = [left(row[0], sizes[0]), *(right(row[place], sizes[place]) for place in (1, 2, 3)), *row[4:]]
        return gap.join(parts).rstrip()

    lines, place = [line(titles)], 0
    for sheet in sheets:
        lines += folded(sheet.title, width)
        for label, _records in sheet.parts:
            lines += folded(label, width, INDENT) if label else []
            lines += [line(row) for row in rows[place : place + len(columns)]]
            place += len(columns)
        lines += folded(sheet.note, width, INDENT) if sheet.note else []
    return lines


def _levels(column: Column, records: Mapping[str, Record]) -> tuple[str, str]:
    record = records.get(column.name)
    return column.levels(record) if record else ("", "")


def _stacked(sheets: Sequence[Sheet], columns: Sequence[Column], width: int, named: str) -> list[str]:
    """Return the sheets as sentences, for narrow terminals."""
    lines = []
    for sheet in sheets:
        lines += folded(sheet.title, width)
        for label, records in sheet.parts:
            lines += folded(label, width, INDENT) if label else []
            for column in columns:
                before, after = _levels(column, records)
                cell = _change(column, records)
                record = records.get(column.name)
                texts = [
                    f"{column.head} {before} → {after}" if before else column.head,
                    f"{cell.value} ({cell.share})" if cell.share else cell.value,
                    *([f"{named} {cell.span}"] if cell.span else []),
                    *([verdict_text(record)] if record else []),
                ]
                lines += folded(", ".join(texts), width, GAP)
        lines += folded(sheet.note, width, INDENT) if sheet.note else []
    return lines


def _side_by_side(findings: Findings, variants: Sequence[str], network: str, width: int, most: int) -> list[str]:
    """Return two lines per variant, the figures side by side: after and median change, the range below.

    Variants that have no room are named; where the figures themselves have none, they stand one below the other.
    """
    records = [record for record in findings.figures() if record.network == network]
    columns = figure_columns(findings.figures())
    by_variant: dict[str, dict[str, Record]] = {}
    for record in records:
        by_variant.setdefault(record.variant, {})[record.indicator] = record
    first = by_variant[variants[0]]
    text = _("{days} days, € of {year}; after, median change, {ranges}")
    text = text if any(record.quantiles for record in records) else _("{days} days, € of {year}; after, change")
    heading = folded(_filled(text, findings), width)
    legend = folded(_legend(records), width)
    # A line for the heads, one before, and one that names the variants that are left.
    room = most - len(heading) - len(legend) - 2
    shown = list(variants) if 2 * len(variants) <= room else list(variants)[: max((room - 1) // 2, 1)]
    table = _columns_of(findings, network, columns, {name: by_variant[name] for name in shown}, first, width)
    if not table:
        return chosen_lines(findings, variants[:1], [network], width)
    others = list(variants)[len(shown) :]
    text = _("Other variants ({count}): {names}").format(count=plain(len(others), 0), names=", ".join(others))
    return [*heading, *table, *(folded(text, width, most=1) if others else []), *legend]


def _columns_of(
    findings: Findings,
    network: str,
    columns: Sequence[Column],
    by_variant: Mapping[str, Mapping[str, Record]],
    first: Mapping[str, Record],
    width: int,
) -> list[str]:
    """Return the table of figures side by side, as they were before, then variants; nothing where it has no room."""
    before = [column.cell(Row("", NETWORK, first)).value for column in columns]
    told = [_told(column, list(by_variant.values())) for column in columns]
    sizes = [
        max(size(text) for text in (column.head, level, *(part for pair in pairs for part in pair)))
        for column, level, pairs in zip(columns, before, told, strict=True)
    ]
    room = width - sum(sizes) - len(columns)
    if room < TITLE:
        return []
    corner = [network_label(findings.provenance, network), variant_title(findings.provenance, BASELINE)]
    heads = [folded(text, room, most=1)[0] for text in corner]
    labels = [folded(variant_title(findings.provenance, name), room, most=2) for name in by_variant]
    room = max(size(text) for text in (*heads, *(line for lines in labels for line in lines)))

    def line(label: str, cells: Sequence[str]) -> str:
        parts = [right(cell, wanted) for cell, wanted in zip(cells, sizes, strict=True)]
        return RULE.join([left(label, room), *parts]).rstrip()

    lines = [line(heads[0], [column.head for column in columns]), line(heads[1], before)]
    for place, label in enumerate(labels):
        for part, text in enumerate([*label, ""][:2]):
            lines.append(line(text, [pairs[place][part] for pairs in told]))
    return lines


def _told(column: Column, variants: Sequence[Mapping[str, Record]]) -> list[tuple[str, str]]:
    """Return what each variant says of a figure: after with the median change and its verdict, and the range."""
    levels = [_levels(column, records)[1] for records in variants]
    cells = [_change(column, records) for records in variants]
    after, value = max(map(size, levels)), max(size(cell.value) for cell in cells)
    return [
        (f"{right(level, after)} {right(cell.value, value)}{cell.mark or ' '}", cell.span)
        for level, cell in zip(levels, cells, strict=True)
    ]


def _legend(records: Sequence[Record]) -> str:
    """Return what the signs of these records mean."""
    said = [verdict_mark(record) for record in records if not missing(record)]
    return ", ".join(f"{sign}{NO_BREAK}{_(verdict)}" for verdict, sign in SYMBOLS.items() if sign in said) + "."
