"""The part of one network: what variants do to it, side by side, on a few pages that stand on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jumeau.accounts import LINES, TOTAL
from jumeau.evaluation import FIVE, Evaluation
from jumeau.i18n import _, local
from jumeau.report import valuation
from jumeau.report.figures import NETWORK, VARIANT, Cell, Column, Row, networks_of
from jumeau.report.installed import bill_rows
from jumeau.report.numbers import NOTHING, figures, labelled, percent, relative, with_unit
from jumeau.report.numbers import difference_unit as unit_of_difference
from jumeau.report.words import group_rank, tone
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import missing, network_label, variant_title, verdict_mark


@dataclass(frozen=True)
class Change:
    """What one variant does to one indicator, written.

    Attributes
    ----------
    text, mark, tone : str
        Difference with its relative one, symbol of the verdict, `favourable`, `unfavourable` or `neutral`.
    """

    text: str
    mark: str = ""
    tone: str = "neutral"


@dataclass(frozen=True)
class Line:
    """One indicator of the network.

    Attributes
    ----------
    label, before : str
    changes : tuple of Change
        One per variant of the part.
    """

    label: str
    before: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class NetworkPart:
    """All that the report says of one network.

    Attributes
    ----------
    name, title : str
    variants : tuple of str
        Titles of the variants that change it.
    figures : tuple of (str, tuple of Cell)
        Title, then the four figures: before, then each variant.
    lines : tuple of Line
        Its key indicators that move.
    criteria : tuple of (str, tuple of str)
        The five criteria over the years: label, then a value with its range for each variant.
    installed : tuple of (str, tuple of str)
        What each variant installs there.
    """

    name: str
    title: str
    variants: tuple[str, ...]
    figures: tuple[tuple[str, tuple[Cell, ...]], ...]
    lines: tuple[Line, ...]
    criteria: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    installed: tuple[tuple[str, tuple[str, ...]], ...]


def network_parts(
    results: Results, records: Sequence[Record], columns: Sequence[Column], evaluation: Evaluation | None
) -> list[NetworkPart]:
    """Return one part for each network that a variant is seen to change.

    Parameters
    ----------
    results : Results
    records : sequence of Record
        Of the networks that variants change.
    columns : sequence of Column
        The four figures, and their units.
    evaluation : Evaluation or None
    """
    parts = []
    for network in dict.fromkeys(record.network for record in records if record.network != TOTAL):
        own = [record for record in records if record.network == network and record.key]
        changing = [name for name in results.variants if any(record.variant == name and record.seen for record in own)]
        if changing:
            parts.append(_part(results, network, own, changing, columns, evaluation))
    return parts


def _part(
    results: Results,
    network: str,
    own: Sequence[Record],
    changing: Sequence[str],
    columns: Sequence[Column],
    evaluation: Evaluation | None,
) -> NetworkPart:
    titles = tuple(variant_title(results.provenance, name) for name in changing)
    return NetworkPart(
        network,
        network_label(results.provenance, network),
        titles,
        _figures(results, network, changing, columns),
        _lines(own, changing),
        _criteria(evaluation, network, changing),
        tuple(_installed(results, network, changing)),
    )


def _figures(
    results: Results, network: str, changing: Sequence[str], columns: Sequence[Column]
) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    by_variant: dict[str, dict[str, Record]] = {}
    records = results.figures()
    if network not in networks_of(records):
        return ()
    for record in records:
        if record.network == network:
            by_variant.setdefault(record.variant, {})[record.indicator] = record
    before = Row("", NETWORK, by_variant[changing[0]])
    found = [(variant_title(results.provenance, BASELINE), tuple(column.cell(before) for column in columns))]
    for name in changing:
        row = Row("", VARIANT, by_variant[name])
        found.append((variant_title(results.provenance, name), tuple(column.cell(row) for column in columns)))
    return tuple(found)


def _lines(own: Sequence[Record], changing: Sequence[str]) -> tuple[Line, ...]:
    by_indicator: dict[str, dict[str, Record]] = {}
    # What the four figures and the criteria say has tables of its own.
    for record in (record for record in own if record.indicator not in LINES):
        by_indicator.setdefault(record.indicator, {})[record.variant] = record
    found = []
    for rows in sorted(by_indicator.values(), key=lambda rows: group_rank(next(iter(rows.values())).group)):
        shown = [rows.get(name) for name in changing]
        if not any(record is not None and record.seen for record in shown):
            continue
        first = next(record for record in shown if record is not None)
        found.append(
            Line(
                labelled(local(first.label), first.unit),
                figures(first).baseline,
                tuple(_change(record) for record in shown),
            )
        )
    return tuple(found)


def _change(record: Record | None) -> Change:
    if record is None or missing(record):
        return Change(NOTHING)
    written, share = figures(record), relative(record)
    if record.unit == "%":
        text = with_unit(written.difference, unit_of_difference(record))
    else:
        text = written.difference if share is None else f"{written.difference} ({percent(share)})"
    return Change(text, verdict_mark(record), tone(record))


def _criteria(
    evaluation: Evaluation | None, network: str, changing: Sequence[str]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    if evaluation is None or network not in evaluation.networks:
        return ()
    valued = [name for name in changing if name in evaluation.variants]
    by_variant = [
        valuation.rows([evaluation.estimate(item, name, network) for item in FIVE], evaluation) for name in valued
    ]
    return tuple(
        (rows[0].label, tuple((row.value, row.span) for row in rows)) for rows in zip(*by_variant, strict=True)
    )


def _installed(results: Results, network: str, changing: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    title = network_label(results.provenance, network)
    found = []
    for name in changing:
        rows, _total = bill_rows(results, name)
        lines = tuple(
            _("{count} × {label}: {investment}").format(**{key: row[key] for key in ("count", "label", "investment")})
            for row in rows
            if row["network"] == title
        )
        if lines:
            found.append((variant_title(results.provenance, name), lines))
    return found
