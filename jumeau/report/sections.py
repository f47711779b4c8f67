"""What the report says, section by section: plain data, so that the template only places it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from jumeau.accounts import TOTAL
from jumeau.i18n import _, format_number, local
from jumeau.report import evidence
from jumeau.report.figures import Column, figure_columns, networks_of
from jumeau.report.installed import bill_rows
from jumeau.report.money import Payback, paybacks
from jumeau.report.numbers import (
    NOTHING,
    Figures,
    difference_unit,
    figures,
    in_unit,
    percent,
    plain,
    relative,
    significant,
    unit_label,
    with_unit,
)
from jumeau.report.ranges import few_draws
from jumeau.report.weights import Weight
from jumeau.report.words import (
    ANSWERED,
    FAVOURABLE,
    TOTALS,
    UNFAVOURABLE,
    beware,
    group_label,
    group_rank,
    hardly_changed,
    main_record,
    main_records,
    sentence,
    several_networks,
    tone,
    tone_text,
    unchanged,
    verdict_text,
)
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE, DROP, NEGLIGIBLE, OUTSIDE, RISE, UNDECIDED
from jumeau.results.titles import missing, network_label, variant_title

#: Rank correlation from which on an assumption is said to command a figure.
STRONG = 0.5

#: Gain of pairing beyond which both situations met the same world, whatever the digits say.
MOST_GAINED = 10_000.0


@dataclass(frozen=True)
class IndicatorRow:
    """One record, written for a table."""

    label: str
    network: str
    unit: str
    figures: Figures
    verdict: str
    tone: str
    tone_text: str
    variance_ratio: str
    correlation: str
    p_holm: str
    threshold: str


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True)
class Variant:
    """All that the report says of one variant."""

    name: str
    title: str
    measures: tuple[str, ...]
    first: tuple[Group, ...]
    depends: tuple[str, ...]
    summary: tuple[str, ...]
    answer: tuple[str, ...]
    key: tuple[IndicatorRow, ...]
    groups: tuple[Group, ...]
    payback: Payback
    bill: tuple[dict[str, str], ...]
    bill_total: dict[str, str]
    overrides: tuple[tuple[str, str, str], ...]


def variants(
    results: Results,
    records: Sequence[Record],
    heavy: Sequence[Weight] = (),
    still: Mapping[str, Sequence[str]] | None = None,
) -> list[Variant]:
    """Return what is said of each variant, in the order of the results; `still` names networks left as they are."""
    paid = {item.variant: item for item in paybacks(results)}
    columns = figure_columns(results.figures())
    called = partial(network_label, results.provenance)
    found = []
    for name in results.variants:
        if name == BASELINE:
            continue
        chosen = [record for record in records if record.variant == name]
        keys, quiet = main_records(chosen)
        silent = {*quiet, *_silent(chosen)}
        loud = [record for record in chosen if record.network not in (*silent, TOTAL)]
        entry = results.provenance.get("variants", {}).get(name, {})
        bill, total = bill_rows(results, name)
        found.append(
            Variant(
                name=name,
                title=variant_title(results.provenance, name),
                measures=tuple(local(item) for item in entry.get("measures", ())),
                first=first([record for record in results.figures() if record.variant == name], columns, called),
                depends=depends(heavy, variant_title(results.provenance, name)),
                summary=(
                    *summary(results, loud),
                    *filter(
                        None,
                        [
                            hardly_changed(results.provenance, sorted(silent)),
                            unchanged(results.provenance, (still or {}).get(name, ())),
                        ],
                    ),
                ),
                answer=answer(results, loud, paid[name]),
                key=tuple(indicator_row(record, called) for record in keys),
                groups=groups(chosen, called),
                payback=paid[name],
                bill=bill,
                bill_total=total,
                overrides=overrides(results, name),
            )
        )
    return found


def first(records: Sequence[Record], columns: Sequence[Column], called: Callable[[str], str]) -> tuple[Group, ...]:
    """Return the four figures of a variant: of each network that it changes, then of all together.

    Parameters
    ----------
    records : sequence of Record
        Figures of the variant.
    columns : sequence of Column
        Say in which units.
    called : callable
        Returns how a network is called.
    """
    networks = networks_of(records)
    changed = [name for name in networks if any(item.seen for item in records if item.network == name)]
    shown = [*(changed or networks), *([TOTAL] if len(networks) > 1 else [])]
    found = {(record.network, record.indicator): record for record in records}
    return tuple(
        Group(
            called(name),
            tuple(
                replace(indicator_row(in_unit(found[name, column.name], column.unit), called), label=column.title)
                for column in columns
                if (name, column.name) in found
            ),
        )
        for name in shown
    )


def depends(heavy: Sequence[Weight], title: str) -> tuple[str, ...]:
    """Return what the figures of a variant depend on most, one sentence for each."""
    found = []
    for indicator in dict.fromkeys(item.indicator for item in heavy if item.variant == title):
        names = [
            item.label
            for item in heavy
            if (item.variant, item.indicator) == (title, indicator) and abs(item.correlation) >= STRONG
        ]
        if names:
            found.append(_("{label} depends most on: {list}.").format(label=indicator, list=" · ".join(names[:3])))
    return tuple(found)


def summary(results: Results, records: Sequence[Record]) -> tuple[str, ...]:
    """Return the shortest answer: what gets better, what gets worse, what is not settled."""
    chosen = [record for group in ANSWERED for record in _speakers(records, group)]
    better: list[str] = []
    worse: list[str] = []
    equal: list[str] = []
    unsettled: list[str] = []
    unfit: list[str] = []
    other: list[str] = []
    for record in chosen:
        text = _named(results, record, records)
        if record.verdict in (DROP, RISE):
            share = relative(record)
            if share is not None:
                text += f" ({percent(share)})"
            elif record.unit == "%":
                text += f" ({with_unit(figures(record).difference, difference_unit(record))})"
        found = {FAVOURABLE: better, UNFAVOURABLE: worse}.get(tone(record))
        if found is None:
            found = {NEGLIGIBLE: equal, UNDECIDED: unsettled, OUTSIDE: unfit}.get(record.verdict, other)
        found.append(text)
    lists = (
        (better, _("Better: {list}.")),
        (worse, _("Worse: {list}.")),
        (other, _("Changed: {list}.")),
        (equal, _("About the same: {list}.")),
        (unsettled, _("Not settled: {list}.")),
        (unfit, _("No verdict: {list}.")),
    )
    return tuple(text.format(list=", ".join(names)) for names, text in lists if names)


def answer(results: Results, records: Sequence[Record], paid: Payback) -> tuple[str, ...]:
    """Return the answer in sentences: energy, money, carbon, service, network by network."""
    found = []
    for group in ANSWERED:
        found += [
            sentence(record, _named(results, record, records), few_draws(results))
            for record in _speakers(records, group)
        ]
        if group == "money":
            found.append(paid.sentence())
    return tuple(found)


def _silent(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the networks of which the answer would only say that nothing changes, although others change."""
    own = [record for record in records if record.network != TOTAL]
    spoken = [record for group in ANSWERED for record in _speakers(own, group)]
    loud = {record.network for record in spoken if record.verdict != NEGLIGIBLE and record.seen}
    return tuple(name for name in dict.fromkeys(record.network for record in spoken) if loud and name not in loud)


def _speakers(records: Sequence[Record], group: str) -> list[Record]:
    """Return, network by network, the record that sums a group up, or its key ones where nothing sums them up."""
    found: list[Record] = []
    for network in dict.fromkeys(record.network for record in records):
        own = [item for item in records if item.network == network]
        keys = [item for item in own if item.group == group and item.key and not missing(item)]
        main = main_record(own, group)
        if group not in TOTALS and keys:
            found += keys
        elif main is not None:
            found.append(main)
    return found


def _named(results: Results, record: Record, records: Sequence[Record]) -> str:
    label = local(record.label)
    if several_networks(records):
        return _("{label} [{network}]").format(label=label, network=network_label(results.provenance, record.network))
    return label


def groups(records: Iterable[Record], called: Callable[[str], str]) -> tuple[Group, ...]:
    """Return all rows of a variant under their headings."""
    by_group: dict[str, list[IndicatorRow]] = {}
    for record in sorted(records, key=lambda item: group_rank(item.group)):
        by_group.setdefault(record.group, []).append(indicator_row(record, called))
    return tuple(Group(group_label(name), tuple(rows)) for name, rows in by_group.items())


def indicator_row(record: Record, called: Callable[[str], str]) -> IndicatorRow:
    """Return a record, written; `called` returns how a network is called."""
    return IndicatorRow(
        label=local(record.label),
        network=called(record.network),
        unit=unit_label(record.unit),
        figures=figures(record),
        verdict=verdict_text(record),
        tone=tone(record),
        tone_text=tone_text(record),
        variance_ratio=_gain(record.variance_ratio),
        correlation=plain(record.correlation, 2),
        p_holm=_p_value(record.p_holm),
        threshold=_threshold(record),
    )


def _gain(ratio: float | None) -> str:
    """Return what pairing gained; where nothing but rounding is left, no number says how much."""
    if ratio is None or not ratio > MOST_GAINED:
        return significant(ratio, 2)
    return ">\N{NO-BREAK SPACE}" + plain(MOST_GAINED, 0)


def _threshold(record: Record) -> str:
    if not record.threshold or not record.stated:
        return ""
    return _("negligible below {threshold}").format(threshold=with_unit(significant(record.threshold), record.unit))


def _p_value(value: float | None) -> str:
    if value is None or math.isnan(value):
        return NOTHING
    return "<\N{NO-BREAK SPACE}" + plain(0.001, 3) if value < 0.001 else plain(value, 3)


def overrides(results: Results, variant: str) -> tuple[tuple[str, str, str], ...]:
    """Return what a variant changes, as (path, old, new)."""
    found = []
    for line in results.overrides.get(variant, ()):
        path, _colon, change = str(line).partition(": ")
        old, _arrow, new = change.partition(" -> ")
        found.append((path, old, new))
    return tuple(found)


def limits(results: Results, factors: Sequence[evidence.FactorRow]) -> list[str]:
    """Return what the report does not say, or says with reserve."""
    weak = sum(row.low for row in factors)
    found = [
        _("Not valued in money: safety and its feeling, comfort, biodiversity and night sky, privacy, local jobs, "
          "citizens' acceptance."),
        _("95% intervals hold chance alone (failures, weather of events), with central assumptions; they do not hold "
          "errors of the model itself."),
    ]  # fmt: skip
    if results.sampled is None:
        found.append(
            _("Money stops at investment, running costs and simple payback: no discounting, no financing plan.")
        )
    others = evidence.prices_of_other_years(results)
    if others:
        found.append(
            _("{count} prices are of other years than {year} and are not brought to it: {list}.").format(
                count=plain(len(others), 0), year=results.provenance["base_year"], list=", ".join(others)
            )
        )
    if not results.draw_count and results.sampled is None:
        found.append(_("No assumption was drawn as uncertain: ranges over assumptions are not known."))
    if weak:
        found.append(
            _("{weak} of {count} assumptions have low confidence: check them before deciding.").format(
                weak=plain(weak, 0), count=plain(len(factors), 0)
            )
        )
    if len(results.variants) > 2:
        found.append(_("p-values are corrected for the number of comparisons (Holm); intervals are not."))
    return found + beware(results.provenance, results.variants)


def facts(results: Results) -> list[tuple[str, str]]:
    """Return the short facts of provenance: seed, command, checksums, durations."""
    provenance = results.provenance
    run, territory = provenance.get("run", {}), provenance.get("territory", {})
    found = [
        (_("Scenario"), evidence.text(provenance.get("scenario", {}).get("name"))),
        (_("Command"), evidence.text(provenance.get("command"))),
        (_("Seed"), evidence.text(provenance.get("seed"))),
        (_("Territory checksum"), evidence.text(territory.get("checksum"))),
        (_("Territory file"), evidence.text(territory.get("path"))),
        (_("Runs"), evidence.text(run.get("runs"))),
        (_("Runs taken from an earlier launch"), evidence.text(run.get("resumed"))),
        (_("Processes"), evidence.text(run.get("workers"))),
    ]
    if "duration_s" in run:
        found.append((_("Duration"), with_unit(format_number(float(run["duration_s"]), 1), "s")))
    found += [
        (_("Checksum of {name}").format(name=name), evidence.text(value))
        for name, value in provenance.get("checksums", {}).items()
    ]
    return [(label, value) for label, value in found if value]


def scenario_text(provenance: Mapping[str, Any]) -> str:
    """Return the resolved scenario as text."""
    written = provenance.get("scenario", {}).get("text", "")
    return written if isinstance(written, str) else json.dumps(written, ensure_ascii=False, indent=2)
