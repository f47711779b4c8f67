"""The four figures first: energy, fuel, CO2 and cost, before and after, by network and in total.

A variant that changes one network stands under it, and changes the whole by as much. One that changes several stands
under the whole, the networks that it changes below it. Networks that a variant leaves as they are take no line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.report.numbers import (
    NOTHING,
    decimals,
    in_unit,
    plain,
    scaled_unit,
    short_percent,
    signed,
    unit_label,
)
from jumeau.results import Record, Results
from jumeau.results.comparison import SEEN, TRACE
from jumeau.results.titles import figure_name, missing, network_label, variant_title, verdict_mark

NETWORK, VARIANT, PART = range(3)


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
            return Cell(self._level(record, record.baseline))
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

    def levels(self, record: Record) -> tuple[str, str]:
        """Return the levels before and after, the median difference leading from one to the other."""
        record = in_unit(record, self.unit)
        if missing(record):
            return self._level(record, record.baseline), NOTHING
        return self._level(record, record.baseline), self._level(record, record.baseline + record.median)

    @staticmethod
    def _level(record: Record, level: float) -> str:
        """Write a level; that after has the decimals of that before, so that the two can be compared."""
        known = record.baseline or level
        return plain(level, decimals(known, 3 if abs(known) < 1000 else 4))


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
