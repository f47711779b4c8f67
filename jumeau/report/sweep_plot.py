"""The figure of a sweep: the curve with its band, below it what the next device brings beside its cost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jumeau.i18n import _, local
from jumeau.report.canvas import BLUE, GREEN, GREY, ORANGE, Plot, drawing, written_ticks, written_value_ticks
from jumeau.report.numbers import (
    labelled,
    plain,
    with_unit,
)
from jumeau.report.sweep_words import (
    Document,
    column,
    costed,
    curve_unit,
    figure_name,
    sized,
    written,
)
from jumeau.units import conversion_factor


def _axis(document: Document) -> tuple[np.ndarray[Any, np.dtype[np.float64]], str]:
    """Return where values stand on the horizontal axis, and what it says."""
    if document["device"]:
        return column(document, "devices")[0], _("Number of devices: {device}").format(
            device=_(document["device"]).lower()
        )
    unit = "" if document["unit"] == "1" else str(document["unit"])
    return column(document, "value")[0], labelled(local(document["label"]), unit)


def sweep_plot(document: Document) -> Plot:
    """Return the curve with its band, knee and budget marked; below, what the next device brings beside its cost."""
    unit, wide = str(document["judge"]["unit"]), curve_unit(document)
    factor = conversion_factor(unit, wide) if unit != wide else 1.0
    where, label = _axis(document)
    below = bool(np.isfinite(column(document, "marginal")).any())

    def draw(figure: Figure) -> None:
        ratios = [1.6, 1.0] if below else [1.0]
        grid = figure.subplots(len(ratios), 1, sharex=True, squeeze=False, gridspec_kw={"height_ratios": ratios})[:, 0]
        _draw_curve(grid[0], document, where, factor)
        grid[0].set_title(labelled(figure_name(document), wide))
        if below:
            _draw_steps(grid[1], document, where)
            title = _("Next device: what it brings (bars), what it costs (line)")
            if not costed(document):
                title = _("What one more brings")
            grid[1].set_title(labelled(title, unit))
        last = grid[-1]
        reach = float(where.max() - (0.0 if document["device"] else where.min())) or 1.0
        start = 0.0 if document["device"] else float(where.min())
        last.set_xlim(start - 0.03 * reach, float(where.max()) + 0.05 * reach)
        written_ticks(last, 7)
        last.set_xlabel(label)

    rows = "; ".join(
        f"{written(document, row['value'])}: {sized(document, row, ('worth', 'low', 'high'), unit, wide).value}"
        for row in document["rows"]
    )
    alt = _("Curve: {values}. The same figures are in the table.").format(values=rows)
    caption = _("Mean over paired replications (dots) with the 95% interval of each value (band).")
    if document["knee_ci95"] is not None:
        caption += " " + _("Diamond: knee; bar at the top: where 95% of the resampled knees lie.")
    if document["budget"] is not None and document["device"]:
        caption += " " + _("Dashed line: what the budget pays for.")
    return Plot("sweep", drawing("sweep", 5.4 if below else 3.4, alt, draw), caption)


def _draw_curve(axes: Axes, document: Document, where: Any, factor: float) -> None:
    mean, low, high = column(document, "worth", "low", "high") * factor
    at = where
    if document["device"]:
        # Nothing installed is worth nothing, and is known exactly.
        at, mean, low, high = (np.concatenate([[0.0], values]) for values in (where, mean, low, high))
    axes.axhline(0, color="#444444", linewidth=0.8)
    if np.isfinite(low).any():
        axes.fill_between(at, low, high, color=BLUE, alpha=0.2, linewidth=0)
    axes.plot(at, mean, "-o", color=BLUE, markersize=4.5, linewidth=1.6)
    axes.grid(axis="y")
    knee = document["knee"]
    values = [row["value"] for row in document["rows"]]
    if knee is not None:
        place = values.index(knee)
        top = float(mean[place + (1 if document["device"] else 0)])
        axes.plot(where[place], top, "D", color=ORANGE, markersize=9, zorder=5)
        text = _("knee: {value}").format(value=written(document, knee))
        axes.annotate(text, (where[place], top), (10, 9), textcoords="offset points", color=ORANGE, weight="bold")
    if document["budget"] is not None:
        invested = np.concatenate([[0.0], column(document, "investment")[0]])
        if document["device"] and document["budget"] < invested.max() and (np.diff(invested) > 0).all():
            paid = float(np.interp(document["budget"], invested, np.concatenate([[0.0], where])))
            axes.axvline(paid, color=GREY, linestyle="--", linewidth=1.2)
            text = _("budget: {value}").format(value=with_unit(plain(document["budget"], 0), "EUR"))
            axes.annotate(
                text, (paid, 0.02), (-4, 2), xycoords=("data", "axes fraction"), ha="right",
                textcoords="offset points", color="#444444",
            )  # fmt: skip
    if document["knee_ci95"] is not None:
        scale = np.array([row["value"] for row in document["rows"]])
        if document["device"]:
            low_end, high_end = np.interp(document["knee_ci95"], [0.0, *scale], [0.0, *where])
        else:
            low_end, high_end = document["knee_ci95"]
        axes.plot(
            [low_end, high_end], [0.985, 0.985], transform=axes.get_xaxis_transform(), color=ORANGE, linewidth=4,
            solid_capstyle="butt", clip_on=False,
        )  # fmt: skip
    axes.margins(y=0.16)
    written_value_ticks(axes, 5)


def _draw_steps(axes: Axes, document: Document, where: Any) -> None:
    """Draw what the next device brings on each stretch, its interval, and what it costs."""
    net, low, high, cost = column(document, "marginal", "marginal_low", "marginal_high", "unit_cost")
    dear = costed(document)
    shift = cost if dear else np.zeros_like(net)
    starts = np.concatenate([[0.0 if document["device"] else np.nan], where[:-1]])
    for place, (first, last) in enumerate(zip(starts, where, strict=True)):
        if not (math.isfinite(first) and math.isfinite(net[place])):
            continue
        value = net[place] + shift[place]
        good = net[place] > 0
        inset = 0.06 * (last - first)
        axes.bar(
            (first + last) / 2, value, width=(last - first) - 2 * inset, color=GREEN if good else ORANGE, alpha=0.55,
            hatch="" if good else "///", edgecolor="white", linewidth=0,
        )  # fmt: skip
        if math.isfinite(low[place]):
            middle = (first + last) / 2
            axes.plot([middle] * 2, [low[place] + shift[place], high[place] + shift[place]], color="#222222", lw=1.6)
            axes.plot(middle, value, "o", color="#222222", markersize=4)
        if dear:
            axes.plot([first, last], [cost[place]] * 2, color="#222222", linestyle=(0, (4, 2)), linewidth=1.4)
    axes.axhline(0, color="#444444", linewidth=0.8)
    axes.grid(axis="y")
    axes.margins(y=0.1)
    written_value_ticks(axes, 4)
