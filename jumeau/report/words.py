"""Verdicts, groups and sentences: what a figure says in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.i18n import _, format_day, local
from jumeau.report.numbers import difference_unit, exact, figures, percent, plain, relative, with_unit
from jumeau.results import Record
from jumeau.results.comparison import DROP, NEGLIGIBLE, OUTSIDE, RISE, UNDECIDED
from jumeau.results.titles import missing, network_label, variant_title, verdict_mark
from jumeau.units import conversion_factor

#: Headings of groups, in the order of the report; a plug-in's own group comes after, under its own name.
GROUPS = {
    "water": "Water",
    "energy": "Energy",
    "money": "Money",
    "carbon": "Carbon",
    "service": "Service",
    "work": "Work",
    "compliance": "Compliance",
    "quality": "Quality of the simulation",
}

#: Groups that the plain-word answer speaks of.
ANSWERED = ("water", "energy", "money", "carbon", "service")

#: Groups of the paired plot: carbon often repeats energy, service does not.
PLOTTED = ("energy", "money", "service", "carbon")

#: In a group, the first of the four figures that belongs to it: it sums the others up.
TOTALS = {LINES[name].group: name for name in reversed(FIGURES)}

FAVOURABLE, UNFAVOURABLE, NEUTRAL = "favourable", "unfavourable", "neutral"


def tone(record: Record) -> str:
    """Return whether an established change is `favourable`, `unfavourable` or `neutral`."""
    wanted = {"lower": DROP, "higher": RISE}.get(record.better)
    if record.verdict not in (DROP, RISE) or wanted is None:
        return NEUTRAL
    return FAVOURABLE if record.verdict == wanted else UNFAVOURABLE


def verdict_text(record: Record) -> str:
    """Return the verdict with its symbol."""
    return f"{verdict_mark(record)} " + (_("not available") if missing(record) else _(record.verdict))


def tone_text(record: Record) -> str:
    """Return `favourable` or `unfavourable` in the current language, else nothing."""
    found = tone(record)
    return "" if found == NEUTRAL else _(found)


def group_label(group: str) -> str:
    """Return the heading of a group of indicators."""
    return _(GROUPS.get(group, group.capitalize()))


def group_rank(group: str) -> int:
    """Return the place of a group in the report."""
    return list(GROUPS).index(group) if group in GROUPS else len(GROUPS)


def main_record(records: Iterable[Record], group: str) -> Record | None:
    """Return the record that speaks for a group: its figure, else its first key indicator, else its first.

    Where all networks together are among the records, their figure speaks.
    """
    known = [record for record in records if record.group == group and not missing(record)]
    # A total of nothing before and after says nothing.
    total = [
        record
        for record in known
        if record.indicator == TOTALS.get(group) and (record.baseline or record.variant_value)
    ]
    total.sort(key=lambda record: record.network != TOTAL)
    keys = [record for record in known if record.key]
    return next(iter([*total, *keys, *known]), None)


def sentence(record: Record, label: str, few: int = 0) -> str:
    """Return what a record establishes, in one or two sentences.

    Parameters
    ----------
    record : Record
    label : str
        How the indicator is called, already in the current language.
    few : int
        Number of draws of assumptions where it is too small to count cases in ten, else 0.
    """
    text = _finding(record, label)
    if record.verdict != OUTSIDE and record.range80 is not None and record.range80[0] != record.range80[1]:
        interval = _ends(figures(record).range80, difference_unit(record))
        if few:
            over = _("The {count} draws of uncertain assumptions lie from {interval}.")
        else:
            over = _("Over the uncertain assumptions, eight cases in ten lie from {interval}.")
        text += " " + over.format(interval=interval, count=plain(few, 0))
    return text


def _finding(record: Record, label: str) -> str:
    written = figures(record)
    amount = with_unit(written.difference, difference_unit(record))
    if missing(record):
        return _("{label}: not available.").format(label=label)
    if record.verdict == OUTSIDE:
        return _("{label}: no verdict, the model means nothing there.").format(label=label)
    if record.ci95 is None:
        return _("{label}: difference of {amount} in a single replication; nothing is established.").format(
            label=label, amount=amount
        )
    if record.verdict == NEGLIGIBLE:
        if written.difference == "0":
            return _("{label}: no difference.").format(label=label)
        if record.stated:
            return _("{label}: negligible difference ({amount}), below the threshold stated.").format(
                label=label, amount=amount
            )
        return _("{label}: negligible difference ({amount}), below a ten-thousandth of the value.").format(
            label=label, amount=amount
        )
    share = relative(record)
    change = amount if share is None else f"{amount} ({percent(share)})"
    if record.verdict in (DROP, RISE) and record.range80 is not None and record.quantiles is not None:
        # What is established is told by its median, which lies in the range that follows.
        middle = with_unit(written.quantiles[1], difference_unit(record))
        change = middle if share is None or record.share is None else f"{middle} ({percent(record.share)})"
        heading = _("drop established") if record.verdict == DROP else _("rise established")
        return _("{label}: {verdict}, {change} (median).").format(label=label, verdict=heading, change=change)
    if record.verdict == UNDECIDED and (exact(record) or record.ci95[0] > 0 or record.ci95[1] < 0):
        return _("{label}: undecided; {change} with central assumptions, but others may turn it round.").format(
            label=label, change=change
        )
    if record.verdict == UNDECIDED:
        return _("{label}: undecided; the difference lies from {interval} (95% interval).").format(
            label=label, interval=_ends(written.interval, difference_unit(record))
        )
    heading = _("drop established") if record.verdict == DROP else _("rise established")
    if exact(record):
        return _("{label}: {verdict}, {change}, the same in all {count} replications.").format(
            label=label, verdict=heading, change=change, count=record.replications
        )
    return _("{label}: {verdict}, {change}; 95% interval from {interval}.").format(
        label=label, verdict=heading, change=change, interval=_ends(written.interval, difference_unit(record))
    )


def _ends(written: str, unit: str) -> str:
    return with_unit(written, unit)


def several_networks(records: Sequence[Record]) -> bool:
    """Tell whether a label must say which network it speaks of."""
    return len({record.network for record in records}) > 1


def distinct(records: Sequence[Record]) -> list[Record]:
    """Leave the records of all networks together out where there is but one network, of which they say the same."""
    alone = len({record.network for record in records} - {TOTAL}) == 1
    return [record for record in records if not (alone and record.network == TOTAL)]


def touched(records: Sequence[Record]) -> tuple[list[Record], dict[str, tuple[str, ...]]]:
    """Leave out the networks that a variant does not change.

    A measure on lamps leaves pipes as they are: a page of zeros would hide what matters.

    Returns
    -------
    records : list of Record
        Of the networks that their variant changes, and of all together; of all networks where it changes none.
    still : dict of str to tuple of str
        By variant, the names of those left out.
    """
    changed = {(record.variant, record.network) for record in records if record.moves}
    still: dict[str, tuple[str, ...]] = {}
    for variant in dict.fromkeys(record.variant for record in records):
        networks = dict.fromkeys(
            record.network for record in records if record.variant == variant and record.network != TOTAL
        )
        left = tuple(name for name in networks if (variant, name) not in changed)
        still[variant] = left if len(left) < len(networks) else ()
    return [record for record in records if record.network not in still[record.variant]], still


def main_records(records: Sequence[Record]) -> tuple[list[Record], tuple[str, ...]]:
    """Return the key records of one variant, and the networks of which none is seen to move although others do.

    A street that a repair closes an hour less is a figure of the report, not of its first tables. The four figures
    have a table of their own before.

    Parameters
    ----------
    records : sequence of Record
        Of one variant.
    """
    own = [record for record in records if record.network != TOTAL]
    keys = [record for record in own if record.key] or own
    networks = dict.fromkeys(record.network for record in keys)
    left = tuple(name for name in networks if not any(item.seen for item in keys if item.network == name))
    left = left if len(left) < len(networks) else ()
    shown = [record for record in keys if record.network not in left and record.indicator not in FIGURES]
    return shown, left


def unchanged(provenance: Mapping[str, Any], networks: Sequence[str]) -> str:
    """Return the sentence that names the networks that a variant leaves as they are; empty for none."""
    if not networks:
        return ""
    return _("Unchanged: {list}.").format(list=", ".join(network_label(provenance, name) for name in networks))


def hardly_changed(provenance: Mapping[str, Any], networks: Sequence[str]) -> str:
    """Return the sentence that names the networks of which only side figures move; empty for none."""
    if not networks:
        return ""
    names = ", ".join(network_label(provenance, name) for name in networks)
    return _("Key figures hardly changed, see the tables: {list}.").format(list=names)


def beware(provenance: Mapping[str, Any], situations: Sequence[str]) -> list[str]:
    """Return what the models noted of a run, each note once, with the situations where it does not hold for all."""
    where: dict[str, list[str]] = {}
    for note in provenance.get("notes", ()):
        name, colon, text = local(note).partition(": ")
        known = bool(colon) and name in situations
        where.setdefault(text if known else local(note), []).extend([name] if known else situations)
    found = []
    for text, names in where.items():
        if len(names) >= len(situations):
            found.append(_("Beware: {note}").format(note=text))
        else:
            titles = ", ".join(variant_title(provenance, name) for name in names)
            found.append(_("Beware ({situations}): {note}").format(situations=titles, note=text))
    return found


def period_text(provenance: Mapping[str, Any]) -> str:
    """Return the period, first and last day included."""
    start, end = _days(provenance)
    return _("{start} to {end} ({days} days)").format(
        start=format_day(start),
        end=format_day(end),
        days=plain(period_days(provenance), 0),
    )


def period_days(provenance: Mapping[str, Any]) -> int:
    """Return the number of days of the period."""
    start, end = _days(provenance)
    return (end - start).days + 1


def period_years(provenance: Mapping[str, Any]) -> float:
    """Return the length of the period [year]; a calendar year is one year, leap or not."""
    start, end = _days(provenance)
    after = end + timedelta(days=1)
    if (after.month, after.day) == (start.month, start.day):
        return float(after.year - start.year)
    return float((after - start).days * conversion_factor("day", "year"))


def _days(provenance: Mapping[str, Any]) -> tuple[date, date]:
    period = provenance["period"]
    return date.fromisoformat(str(period["start"])[:10]), date.fromisoformat(str(period["end"])[:10])
