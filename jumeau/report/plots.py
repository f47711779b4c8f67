"""The figures of the report: relative differences, paired differences, money, weight of the assumptions."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from jumeau.evaluation import Evaluation
from jumeau.i18n import _, local
from jumeau.report.canvas import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Plot,
    drawing,
    shortened,
    written_ticks,
    written_value_ticks,
)
from jumeau.report.money import UNKNOWN, Payback, euros
from jumeau.report.numbers import (
    decimals,
    labelled,
    percent,
    plain,
    relative,
    scaled_unit,
    signed,
    unit_label,
    with_unit,
)
from jumeau.report.ranges import few_draws
from jumeau.report.weights import Weight
from jumeau.report.words import (
    FAVOURABLE,
    PLOTTED,
    UNFAVOURABLE,
    main_record,
    several_networks,
    tone,
)
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE, OUTSIDE
from jumeau.results.titles import missing, network_label, variant_title, verdict_mark
from jumeau.units import conversion_factor

_LOOK = {FAVOURABLE: (BLUE, "o"), UNFAVOURABLE: (ORANGE, "s")}
#: Bars are cut at this relative difference [%], so that one extreme indicator does not flatten the others.
_WIDEST = 150.0


def forest(results: Results, records: Sequence[Record]) -> Plot | None:
    """Return the relative differences of the key indicators, one panel per variant."""
    shown = [row for row in records if row.key and relative(row) is not None and not missing(row)]
    panels = {name: [row for row in shown if row.variant == name] for name in dict.fromkeys(r.variant for r in shown)}
    if not panels:
        return None

    def draw(figure: Figure) -> None:
        heights = [len(rows) + 1.2 for rows in panels.values()]
        grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights})
        for axes, (variant, rows) in zip(grid[:, 0], panels.items(), strict=True):
            _forest_panel(axes, rows, variant_title(results.provenance, variant), _labels(results, rows))
        last = grid[-1, 0]
        reach = [min(_WIDEST, abs(end)) for row in shown for end in _relative_ends(row)]
        _limits(last, shown, max(reach, default=1.0))
        written_ticks(last, 7, until=_WIDEST)
        last.set_xlabel(_("Difference relative to the situation before (%)"))

    alt = _("Relative differences: {values}. The same figures are in the tables.").format(
        values="; ".join(f"{local(row.label)} {percent(row.relative_difference)}" for row in shown)
    )
    caption = _(
        "Relative difference of the key indicators, with 95% interval. Disc: favourable; square: unfavourable; "
        "open diamond: nothing established. An arrow marks a value beyond the axis; indicators that are zero before "
        "have no relative difference and are left out."
    )
    height = 0.9 + sum(0.33 * len(rows) + 0.5 for rows in panels.values())
    return Plot("forest", drawing("forest", height, alt, draw), caption)


def _relative_ends(row: Record) -> tuple[float, ...]:
    ends = (row.difference, *(row.ci95 or ()))
    return tuple(100 * end / row.baseline for end in ends if math.isfinite(end))


def _limits(axes: Axes, rows: Sequence[Record], reach: float) -> None:
    values = [end for row in rows for end in _relative_ends(row)]
    margin = 0.12 * reach or 1.0
    low = max(min(0.0, *values), -_WIDEST) - margin
    high = min(max(0.0, *values), _WIDEST) + margin
    # Written values stand on the right.
    axes.set_xlim(low, high + 0.3 * (high - low))


def _labels(results: Results, rows: Sequence[Record]) -> list[str]:
    """Return what rows are called, with their network where several meet."""
    if not several_networks(rows):
        return [shortened(local(row.label)) for row in rows]
    return [f"{shortened(local(row.label), 30)} · {network_label(results.provenance, row.network)}" for row in rows]


def _forest_panel(axes: Axes, rows: Sequence[Record], title: str, labels: Sequence[str]) -> None:
    axes.set_title(shortened(title, 48))
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.grid(axis="x")
    for place, row in enumerate(rows):
        centre, *ends = _relative_ends(row)
        colour, marker = _LOOK.get(tone(row), (GREY, "D"))
        low, high = (min(ends), max(ends)) if ends else (centre, centre)
        shown = float(np.clip(centre, -_WIDEST, _WIDEST))
        axes.barh(place, shown, height=0.45, color=colour, alpha=0.25)
        axes.plot(np.clip([low, high], -_WIDEST, _WIDEST), [place, place], color=colour, linewidth=1.6)
        if abs(centre) > _WIDEST:
            marker = ">" if centre > 0 else "<"
        filled = colour if tone(row) in _LOOK else "white"
        axes.plot(shown, place, marker=marker, color=colour, markerfacecolor=filled, markersize=6)
        text = f"{percent(row.relative_difference)}  {verdict_mark(row)}"
        axes.annotate(text, (1.0, place), xycoords=("axes fraction", "data"), ha="right", va="center", color="#222222")
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def dots(results: Results, records: Sequence[Record]) -> Plot | None:
    """Return the paired differences of the main indicators, one dot per replication."""
    chosen: dict[tuple[str, str], Record] = {}
    for group in PLOTTED:
        record = main_record(records, group)
        if record is not None and len(chosen) < 3:
            chosen[record.network, record.indicator] = record
    if not chosen or int(results.dataset.sizes["replication"]) < 2:
        return None
    # A variant is drawn where it changes the network of the indicator.
    panels = {
        key: [row for row in records if (row.network, row.indicator) == key and not missing(row)] for key in chosen
    }
    titles = [
        labelled(label, record.unit)
        for label, record in zip(_labels(results, list(chosen.values())), chosen.values(), strict=True)
    ]

    def draw(figure: Figure) -> None:
        heights = [len(rows) + 1.2 for rows in panels.values()]
        grid = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})
        for axes, title, (key, rows) in zip(grid[:, 0], titles, panels.items(), strict=True):
            names = [shortened(variant_title(results.provenance, row.variant), 34) for row in rows]
            _dots_panel(axes, _array(results.dataset, chosen[key]), rows, names)
            axes.set_title(title)

    alt = _("Differences between after and before, replication by replication, for: {names}.").format(
        names=", ".join(local(record.label) for record in chosen.values())
    )
    caption = _(
        "Differences, after minus before, in each replication (dots): both meet the same chance events. Diamond and "
        "line: mean and its 95% interval. Every dot on one side of zero means that the effect does not depend on luck."
    )
    height = sum(0.75 + 0.42 * len(rows) for rows in panels.values())
    return Plot("pairs", drawing("pairs", height, alt, draw), caption)


def _array(dataset: xr.Dataset, record: Record) -> xr.DataArray:
    return next(
        array
        for array in dataset.data_vars.values()
        if (array.attrs["network"], array.attrs["indicator"]) == (record.network, record.indicator)
    )


def _dots_panel(axes: Axes, array: xr.DataArray, rows: Sequence[Record], names: Sequence[str]) -> None:
    before = array.sel(scenario=BASELINE).to_numpy()
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.grid(axis="x")
    for place, row in enumerate(rows):
        gaps = array.sel(scenario=row.variant).to_numpy() - before
        colour = _LOOK.get(tone(row), (GREY, "D"))[0]
        # A fixed ladder of heights keeps dots apart without chance.
        heights = place - 0.16 + 0.08 * (np.arange(len(gaps)) % 5)
        axes.plot(gaps, heights, ".", color=colour, alpha=0.55, markersize=6)
        if row.ci95 is not None:
            axes.plot(row.ci95, [place + 0.3] * 2, color="#222222", linewidth=1.6)
        axes.plot(row.difference, place + 0.3, "D", color="#222222", markersize=5)
    axes.set_yticks(range(len(rows)), names)
    axes.set_ylim(len(rows) - 0.4, -0.5)
    axes.margins(x=0.08)
    axes.tick_params(axis="y", length=0)
    written_ticks(axes)


def money(results: Results, paid: Sequence[Payback]) -> Plot | None:
    """Return investment and yearly saving side by side, the payback written beside."""
    shown = [item for item in paid if item.state not in (UNKNOWN, OUTSIDE)]
    if not shown:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for place, item in enumerate(shown):
            axes.barh(place - 0.2, item.investment, height=0.34, color=GREY, hatch="///", edgecolor="white")
            saves = item.saving >= 0
            axes.barh(place + 0.2, item.saving, height=0.34, color=GREEN if saves else ORANGE)
            if item.interval is not None:
                axes.plot(item.interval, [place + 0.2] * 2, color="#222222", linewidth=1.4)
            name = _("saving") if saves else _("extra cost")
            for height, value, word in ((-0.2, item.investment, _("investment")), (0.2, item.saving, name)):
                text = f"{word} {euros(abs(value))}" + (_("/year") if height > 0 else "")
                far = max(value, 0.0, *(item.interval or ())) if height > 0 else max(value, 0.0)
                axes.annotate(text, (far, place + height), (6, 0), textcoords="offset points", va="center")
        axes.axvline(0, color="#444444", linewidth=0.8)
        axes.set_yticks(
            range(len(shown)),
            [f"{shortened(variant_title(results.provenance, item.variant), 34)}\n{item.short}" for item in shown],
        )
        axes.set_ylim(len(shown) - 0.4, -0.6)
        reach = max(max(abs(item.investment), abs(item.saving)) for item in shown) or 1.0
        axes.set_xlim(min(0.0, *(min((item.saving, *(item.interval or ()))) * 1.1 for item in shown)), reach * 1.55)
        axes.tick_params(axis="y", length=0)
        written_ticks(axes, 4)
        axes.set_xlabel("€")

    alt = " ".join(f"{variant_title(results.provenance, item.variant)}: {item.sentence()}" for item in shown)
    caption = _(
        "Investment (hatched) and yearly saving on running costs (plain), with simple payback under each title: "
        "undiscounted, at constant prices."
    )
    return Plot("money", drawing("money", 0.8 + 0.85 * len(shown), alt, draw), caption)


def cumulated(evaluation: Evaluation) -> Plot | None:
    """Return the cumulated discounted budget of the authority over the years, one panel per variant."""
    variants = [name for name in evaluation.variants if name not in evaluation.outside]
    if not variants:
        return None
    years, rate = np.array(evaluation.years), evaluation.assumed.reference.value("discount_rate")
    bands = {name: evaluation.cumulated.sel(variant=name) for name in variants}
    unit = scaled_unit("EUR", max(float(abs(band).max()) for band in bands.values()))
    factor = conversion_factor("EUR", unit)

    def draw(figure: Figure) -> None:
        rows = -(-len(variants) // 2)
        grid = figure.subplots(rows, min(2, len(variants)), sharex=True, squeeze=False)
        for axes in grid.ravel()[len(variants) :]:
            axes.set_visible(False)
        for axes, name in zip(grid.ravel(), variants, strict=False):
            low, middle, high = (bands[name].sel(quantile=level).to_numpy() * factor for level in (0.1, 0.5, 0.9))
            axes.fill_between(years, low, high, color=BLUE, alpha=0.2, linewidth=0)
            axes.plot(years, middle, color=BLUE, linewidth=1.8)
            axes.axhline(0, color="#444444", linewidth=0.8)
            axes.set_title(shortened(variant_title(evaluation.provenance, name), 36), fontsize=9)
            axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            axes.xaxis.set_tick_params(labelbottom=True)
            written_value_ticks(axes, 4)
        figure.supylabel(unit_label(unit), fontsize="medium")

    ends = {name: float(bands[name].sel(quantile=0.5)[-1]) * factor for name in variants}
    alt = _("Cumulated discounted budget at the horizon, median: {values}.").format(
        values="; ".join(
            f"{variant_title(evaluation.provenance, name)} {with_unit(signed(value, decimals(value, 2)), unit)}"
            for name, value in ends.items()
        )
    )
    caption = _(
        "What the authority has gained or spent since the start, discounted at {rate}%: median (line) and P10-P90 "
        "(band). Above zero, it is repaid; the last point is the financial benefit, residual value included."
    ).format(rate=plain(100 * rate, 1))
    return Plot("cumulated", drawing("cumulated", 0.7 + 1.9 * (-(-len(variants) // 2)), alt, draw), caption)


def tornado(weights: Sequence[Weight]) -> Plot | None:
    """Return how strongly each uncertain assumption goes with the result."""
    if not weights:
        return None
    panels = list(dict.fromkeys((item.variant, item.indicator) for item in weights))

    def draw(figure: Figure) -> None:
        grid = figure.subplots(len(panels), 1, squeeze=False, sharex=True)
        for axes, panel in zip(grid[:, 0], panels, strict=True):
            rows = [item for item in weights if (item.variant, item.indicator) == panel]
            for place, item in enumerate(rows):
                axes.barh(place, item.correlation, height=0.6, color=BLUE if item.correlation < 0 else ORANGE)
                written = plain(item.correlation, 2)
                axes.annotate(written, (1.0, place), xycoords=("axes fraction", "data"), ha="right", va="center")
            axes.axvline(0, color="#444444", linewidth=0.8)
            axes.grid(axis="x")
            axes.set_yticks(range(len(rows)), [shortened(item.label, 44) for item in rows])
            axes.set_ylim(len(rows) - 0.4, -0.6)
            axes.set_title(f"{shortened(panel[0], 40)} · {shortened(panel[1], 40)}")
            axes.tick_params(axis="y", length=0)
        grid[-1, 0].set_xlim(-1.0, 1.3)
        grid[-1, 0].set_xticks([-1.0, -0.5, 0.0, 0.5, 1.0], [plain(tick, 1) for tick in (-1.0, -0.5, 0.0, 0.5, 1.0)])
        grid[-1, 0].set_xlabel(_("Rank correlation with the difference"))

    alt = _("Rank correlations: {values}.").format(
        values="; ".join(
            f"{item.variant}, {item.indicator}, {item.label} {plain(item.correlation, 2)}" for item in weights
        )
    )
    caption = _(
        "Weight of the uncertain assumptions: Spearman's rank correlation between the value drawn and the difference, "
        "after minus before. Near +1 or −1, the assumption commands the result; near 0, it hardly counts."
    )
    height = 0.6 + sum(0.55 + 0.28 * sum((w.variant, w.indicator) == panel for w in weights) for panel in panels)
    return Plot("weights", drawing("weights", height, alt, draw), caption)


def ranges(results: Results, records: Sequence[Record]) -> Plot | None:
    """Return the ranges over assumptions beside the intervals of chance, relative to the situation before."""
    shown = [row for row in records if row.key and row.range80 and row.baseline and row.ci95 and _near(row)]
    panels = {name: [row for row in shown if row.variant == name] for name in dict.fromkeys(r.variant for r in shown)}
    if not panels:
        return None

    def draw(figure: Figure) -> None:
        heights = [len(rows) + 0.8 for rows in panels.values()]
        grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": heights})
        for axes, (variant, rows) in zip(grid[:, 0], panels.items(), strict=True):
            _ranges_panel(axes, rows, variant_title(results.provenance, variant), _labels(results, rows))
        written_ticks(grid[-1, 0], 7)
        grid[-1, 0].set_xlabel(_("Difference relative to the situation before (%)"))

    alt = _("Ranges over assumptions and 95% intervals; the same figures are in the full table.")
    few = few_draws(results)
    if few:
        text = _(
            "Two uncertainties: thick band, span of {count} draws of the uncertain assumptions; thin line with ends, "
            "95% interval over the replications (chance alone). Indicators that change by more than 150% are left out."
        )
    else:
        text = _(
            "Two uncertainties: thick band, P10-P90 over the uncertain assumptions; thin line with ends, 95% interval "
            "over the replications (chance alone). Indicators that change by more than 150% are left out."
        )
    caption = text.format(count=plain(few, 0))
    height = 0.9 + sum(0.36 * len(rows) + 0.4 for rows in panels.values())
    return Plot("ranges", drawing("ranges", height, alt, draw), caption)


def _near(row: Record) -> bool:
    ends = (row.difference, *(row.ci95 or ()), *(row.range80 or ()))
    return all(math.isfinite(end) and abs(100 * end / row.baseline) <= _WIDEST for end in ends)


def _ranges_panel(axes: Axes, rows: Sequence[Record], title: str, labels: Sequence[str]) -> None:
    axes.set_title(shortened(title, 48))
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.grid(axis="x")
    for place, row in enumerate(rows):
        band = [100 * end / row.baseline for end in row.range80 or ()]
        axes.plot(band, [place - 0.15] * 2, color=ORANGE, linewidth=5, alpha=0.6, solid_capstyle="butt")
        line = [100 * end / row.baseline for end in row.ci95 or ()]
        axes.plot(line, [place + 0.2] * 2, color=BLUE, linewidth=2, marker="|")
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
