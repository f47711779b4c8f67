"""What the report says of the numbers that move the collective value: a figure, tables, regret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jumeau.evaluation import Evaluation
from jumeau.evaluation.reference import REFERENCE
from jumeau.i18n import _
from jumeau.report.canvas import BLUE, ORANGE, Plot, drawing, shortened, written_ticks
from jumeau.report.drivers import Driver, Drivers, drivers
from jumeau.report.numbers import (
    NOTHING,
    decimals,
    plain,
    scaled_unit,
    share_percent,
    signed,
    significant,
    span,
    unit_label,
    with_unit,
)
from jumeau.results import Results
from jumeau.results.account import SHARED
from jumeau.results.sampled import ENOUGH
from jumeau.results.titles import network_label, variant_title
from jumeau.units import conversion_factor


@dataclass(frozen=True)
class DriverRow:
    """One uncertain number, written.

    Attributes
    ----------
    label, network : str
        `network` is empty for what all share.
    central, range : str
        In the number's unit.
    effect : str
        Mean collective value at the low and at the high end of the range.
    share : str
        Of the variance.
    switching : str
        Value from which on the sign turns; a dash for none.
    grade : str
        Of the source, `A` to `D`.
    """

    label: str
    network: str
    central: str
    range: str
    effect: str
    share: str
    switching: str
    grade: str


@dataclass(frozen=True)
class DriverTable:
    """What is said of one variant.

    Attributes
    ----------
    title : str
    rows : tuple of DriverRow
    sentence : str
        Where the rest of the range comes from.
    """

    title: str
    rows: tuple[DriverRow, ...]
    sentence: str


@dataclass(frozen=True)
class Regret:
    """How a variant stands among the others.

    Attributes
    ----------
    title, best, regret : str
    """

    title: str
    best: str
    regret: str


@dataclass(frozen=True)
class DriverSection:
    """All of it.

    Attributes
    ----------
    tables : tuple of DriverTable
    plot : Plot or None
    regrets : tuple of Regret
        Empty where there is but one variant.
    """

    tables: tuple[DriverTable, ...]
    plot: Plot | None
    regrets: tuple[Regret, ...]


def driver_section(results: Results, evaluation: Evaluation, numbers: Sequence[Drivers] | None = None) -> DriverSection:
    """Return what is said of the numbers that move the collective value, in the current language.

    Parameters
    ----------
    results : Results
    evaluation : Evaluation
    numbers : sequence of Drivers, optional
        Where they are known already.
    """
    known = drivers(results, evaluation) if numbers is None else numbers
    found = [item for item in known if item.variant not in evaluation.outside]
    return DriverSection(
        tuple(_table(evaluation, item) for item in found), tornado(evaluation, found), regrets(evaluation)
    )


def number_label(evaluation: Evaluation, name: str) -> str:
    """Return how an uncertain number is called."""
    owner, _dot, factor = name.partition(".")
    table = evaluation.factors
    rows = table[(table["owner"] == owner) & (table["name"] == factor)]
    if len(rows):
        return _(str(rows.iloc[0]["description"])) or name
    return _("Flow stated in the scenario ({name})").format(name=factor) if owner == "flows" else name


def _network(evaluation: Evaluation, name: str) -> str:
    owner = name.partition(".")[0]
    return "" if owner in (SHARED, REFERENCE, "flows") else network_label(evaluation.provenance, owner)


def _table(evaluation: Evaluation, found: Drivers) -> DriverTable:
    ends = [abs(value) for row in found.rows for value in (row.at_low, row.at_high)]
    unit = scaled_unit("EUR", max(ends, default=0.0))
    return DriverTable(
        variant_title(evaluation.provenance, found.variant),
        tuple(_row(evaluation, row, unit) for row in found.rows),
        _rest(evaluation, found),
    )


def _row(evaluation: Evaluation, row: Driver, money: str) -> DriverRow:
    table = evaluation.factors
    owner, _dot, factor = row.name.partition(".")
    known = table[(table["owner"] == owner) & (table["name"] == factor)]
    unit = str(known.iloc[0]["unit"]) if len(known) else "EUR"
    central = float(known.iloc[0]["value"]) if len(known) else evaluation.laws[row.name].mode
    factor_ = conversion_factor("EUR", money)
    low, high = row.at_low * factor_, row.at_high * factor_
    digits = decimals(max(abs(low), abs(high)), 3)
    return DriverRow(
        label=number_label(evaluation, row.name),
        network=_network(evaluation, row.name),
        central=with_unit(significant(central, 3), unit),
        range=span(row.low, row.high, 3),
        effect=with_unit(_("{low} then {high}").format(low=signed(low, digits), high=signed(high, digits)), money),
        share=share_percent(row.share),
        switching=NOTHING if row.switching is None else with_unit(significant(row.switching, 2), unit),
        grade=str(known.iloc[0]["grade"]) if len(known) else "",
    )


def _rest(evaluation: Evaluation, found: Drivers) -> str:
    if not found.rows:
        return _("No single number that is drawn moves the collective value by more than a hundredth of its variance.")
    if evaluation.draws < 2:
        text = _("One by one, these numbers make {told} of the variance; the rest is chance and their joint effects.")
        return text.format(told=share_percent(found.told))
    text = _(
        "One by one, these numbers make {told} of the variance, simulated assumptions {simulated} together; the rest "
        "is chance, smaller numbers and joint effects."
    ).format(told=share_percent(found.told), simulated=share_percent(found.simulated))
    if evaluation.draws < ENOUGH:
        few = _("{draws} draws of simulated assumptions hardly measure their own share.")
        text += " " + few.format(draws=plain(evaluation.draws, 0))
    return text


def regrets(evaluation: Evaluation) -> tuple[Regret, ...]:
    """Return how each variant stands among all, doing nothing included, written; see `Evaluation.regret`."""
    if len(evaluation.variants) < 2 or evaluation.outside:
        return ()
    table = evaluation.regret()
    unit = scaled_unit("EUR", float(table["regret"].max()))
    factor = conversion_factor("EUR", unit)
    return tuple(
        Regret(
            variant_title(evaluation.provenance, name),
            share_percent(float(best)),
            with_unit(plain(lost, _digits(lost)), unit),
        )
        for name, best, lost in zip(table.index, table["best"], table["regret"] * factor, strict=True)
    )


def _digits(value: float) -> int:
    return min(decimals(value, 2), 2)


def tornado(evaluation: Evaluation, found: Sequence[Drivers]) -> Plot | None:
    """Return the mean collective value from the low to the high end of each number's range, one panel per variant."""
    shown = [item for item in found if item.rows]
    if not shown:
        return None
    titles = {item.variant: variant_title(evaluation.provenance, item.variant) for item in shown}

    def draw(figure: Figure) -> None:
        heights = [(1.4 if _several(evaluation, item) else 1.0) * len(item.rows) + 1.2 for item in shown]
        grid = figure.subplots(len(shown), 1, squeeze=False, gridspec_kw={"height_ratios": heights})
        for axes, item in zip(grid[:, 0], shown, strict=True):
            named = _several(evaluation, item)
            _panel(axes, item, [_bar_label(evaluation, row, named=named) for row in item.rows])
            # The blank keeps the room; the title begins where labels begin, else long ones are cut on the right.
            axes.set_title(" ")
            written = axes.annotate(
                shortened(titles[item.variant], 80),
                (0.0, 1.0),
                (4, 6),
                xycoords=("figure fraction", "axes fraction"),
                textcoords="offset points",
                fontsize="medium",
                fontweight="bold",
            )
            written.set_in_layout(False)

    alt = _("Mean collective value by number: {values}. The same figures are in the tables.").format(
        values="; ".join(
            f"{titles[item.variant]}, {number_label(evaluation, item.rows[0].name)} {share_percent(item.rows[0].share)}"
            for item in shown
        )
    )
    caption = _(
        "Mean collective value where one number is known and all others stay uncertain: hatched, from the mean to the "
        "low end of its range (P10); plain, to the high end (P90). On the right, its share of the variance. Where a "
        "bar crosses the thick line (zero), that number alone may turn the verdict."
    )
    height = sum(0.8 + (0.42 if _several(evaluation, item) else 0.3) * len(item.rows) for item in shown)
    return Plot("drivers", drawing("drivers", height, alt, draw), caption)


def _several(evaluation: Evaluation, item: Drivers) -> bool:
    """Tell whether the numbers of a variant belong to more than one network."""
    return len({_network(evaluation, row.name) for row in item.rows}) > 1


def _bar_label(evaluation: Evaluation, row: Driver, *, named: bool) -> str:
    text, network = number_label(evaluation, row.name), _network(evaluation, row.name)
    return f"{shortened(text, 38)}\n{shortened(network, 38)}" if network and named else shortened(text, 46)


def _panel(axes: Axes, item: Drivers, labels: Sequence[str]) -> None:
    ends = [value for row in item.rows for value in (row.at_low, row.at_high)]
    unit = scaled_unit("EUR", max(map(abs, ends)))
    factor = conversion_factor("EUR", unit)
    mean = item.mean * factor
    for place, row in enumerate(item.rows):
        for end, colour, hatch in ((row.at_low, ORANGE, "///"), (row.at_high, BLUE, "")):
            axes.barh(place, end * factor - mean, left=mean, height=0.6, color=colour, hatch=hatch, edgecolor="white")
        axes.annotate(
            share_percent(row.share), (1.0, place), xycoords=("axes fraction", "data"), ha="right", va="center"
        )
    low, high = min(*ends, item.mean) * factor, max(*ends, item.mean) * factor
    room = 0.06 * (high - low)
    # Shares stand on the right.
    axes.set_xlim(low - room, high + room + 0.14 * (high - low))
    axes.axvline(mean, color="#444444", linewidth=0.8)
    if low - room < 0.0 < high + room:
        axes.axvline(0, color="#222222", linewidth=2.0)
    axes.grid(axis="x")
    axes.set_yticks(range(len(item.rows)), labels)
    axes.set_ylim(len(item.rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    written_ticks(axes, 5, until=high + room)
    axes.set_xlabel(unit_label(unit))
