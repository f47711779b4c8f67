"""The picture of the first pages: the four figures before and after, networks stacked."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jumeau.i18n import _
from jumeau.report.canvas import Plot, drawing, shortened, written_ticks
from jumeau.report.figures import Column, figure_columns, networks_of
from jumeau.report.numbers import plain
from jumeau.results import Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import network_label, variant_title
from jumeau.units import conversion_factor

#: Colours of Okabe and Ito, and hatches that say the same.
_LOOKS = (
    ("#0072B2", ""), ("#E69F00", "///"), ("#009E73", "..."), ("#CC79A7", "\\\\"), ("#56B4E9", "xxx"),
    ("#D55E00", "---"),
)  # fmt: skip


def before_after(results: Results) -> Plot | None:
    """Return the four figures of every situation, networks stacked; None where nothing is compared."""
    records = results.figures()
    networks = networks_of(records)
    if not records or not networks:
        return None
    variants = [name for name in results.variants if name != BASELINE]
    columns = [column for column in figure_columns(records) if any(item.indicator == column.name for item in records)]
    levels = {column.name: _levels(results, column, networks, variants) for column in columns}
    columns = [column for column in columns if levels[column.name].any()]
    if not columns:
        return None
    titles = [variant_title(results.provenance, name) for name in (BASELINE, *variants)]

    def draw(figure: Figure) -> None:
        grid = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
        for axes, column in zip(grid, columns, strict=True):
            _bars(axes, levels[column.name], len(titles))
            axes.set_title(column.head)
            written_ticks(axes, 2)
        grid[0].set_yticks(range(len(titles)), [shortened(title, 34) for title in titles])
        grid[0].set_ylim(len(titles) - 0.4, -0.6)
        handles = grid[0].containers[: len(networks)]
        names = [network_label(results.provenance, name) for name in networks]
        figure.legend(handles, names, loc="outside lower center", ncols=min(len(names), 4), frameon=False)

    alt = _("Before and after: {values}. The same figures are in the table.").format(
        values="; ".join(
            f"{column.head} " + ", ".join(
                f"{title} {plain(float(levels[column.name][:, place].sum()), 1)}" for place, title in enumerate(titles)
            )
            for column in columns
        )
    )  # fmt: skip
    caption = _("Before and after, networks stacked: means over the replications, central assumptions.")
    return Plot("before-after", drawing("before-after", 0.9 + 0.3 * len(titles), alt, draw), caption)


def _levels(results: Results, column: Column, networks: list[str], variants: list[str]) -> np.ndarray:
    """Return the level of a figure, shape (networks, situations), in the column's unit."""
    found = np.zeros((len(networks), 1 + len(variants)))
    for record in results.figures():
        if record.indicator != column.name or record.network not in networks:
            continue
        factor = conversion_factor(record.unit, column.unit)
        row = networks.index(record.network)
        found[row, 0] = np.nan_to_num(record.baseline * factor)
        found[row, 1 + variants.index(record.variant)] = np.nan_to_num(record.variant_value * factor)
    return found


def _bars(axes: Axes, levels: np.ndarray, count: int) -> None:
    left = np.zeros(count)
    for row, values in enumerate(levels):
        colour, hatch = _LOOKS[row % len(_LOOKS)]
        axes.barh(
            range(count), values, left=left, height=0.62, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4
        )
        left = left + values
    if (levels >= 0.0).all():
        # Bars start at nothing; the end of a short one would be taken for the edge of the axis.
        axes.set_xlim(left=0.0)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
