"""The map of a radio coverage: devices by the chance that a message arrives, candidate sites, gateways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from jumeau.files import atomic
from jumeau.i18n import _, format_number, local
from jumeau.radio.places import Sites
from jumeau.report.territory_map import GROUND, check_ending
from jumeau.territory.model import Territory

#: Classes of delivery: the upper bound, the colour (told apart by people who see few of them, and in grey).
CLASSES = ((0.5, "#7a0403"), (0.8, "#e8590c"), (0.9, "#f2b134"), (0.99, "#7fb7d6"), (1.0, "#1b5e9e"))


#: Streets lie under thousands of points.
FAINT = {"streets": {"color": "#dedad3", "linewidth": 0.5}}


def write_coverage_map(
    path: Path, territory: Territory, sites: Sites, gateways: gpd.GeoDataFrame, devices: gpd.GeoDataFrame, title: str
) -> Path:
    """Write a map of the coverage, `.png` or `.svg`.

    Parameters
    ----------
    path : Path
    territory : Territory
        Its streets and waters give a sense of place.
    sites : Sites
        The candidates.
    gateways, devices : GeoDataFrame
        See `jumeau.radio.findings`.
    title : str

    Raises
    ------
    InputError
        When the ending is another one, or the file cannot be written.
    """
    check_ending(path)
    return atomic(path, lambda target: _draw(target, territory, sites, gateways, devices, title))


def _draw(
    path: Path, territory: Territory, sites: Sites, gateways: gpd.GeoDataFrame, devices: gpd.GeoDataFrame, title: str
) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "jumeau", "font.size": 9}):
        figure = Figure(figsize=(9, 9.6), layout="constrained")
        axes = figure.subplots()
        for name in ("water", "streets"):
            if territory.has(name):
                territory.layers[name].plot(ax=axes, **{**GROUND[name], **FAINT.get(name, {})}, zorder=1)
        xy = np.stack([devices.geometry.x, devices.geometry.y], axis=1)
        delivery = devices["delivery"].to_numpy()
        size = min(max(9000.0 / max(len(xy), 1), 0.6), 12.0)
        marks, low = [], -1.0
        for high, colour in CLASSES:
            chosen = (delivery > low) & (delivery <= high)
            axes.scatter(xy[chosen, 0], xy[chosen, 1], s=size, color=colour, linewidths=0, zorder=3)
            share = format_number(100.0 * float(chosen.mean()), 1)
            span = f"{format_number(100.0 * max(low, 0.0))} – {format_number(100.0 * high)} %"
            label = _("{span}: {share} % of the devices").format(span=span, share=share)
            marks.append(Line2D([], [], color=colour, marker="o", linestyle="", markersize=5, label=label))
            low = high
        axes.scatter(
            sites.xy[:, 0],
            sites.xy[:, 1],
            s=14,
            marker="^",
            facecolors="none",
            edgecolors="#444444",
            linewidths=0.6,
            zorder=4,
        )
        x, y = gateways.geometry.x, gateways.geometry.y
        axes.scatter(x, y, s=90, marker="^", color="#111111", edgecolors="white", linewidths=1.0, zorder=5)
        style: dict[str, Any] = {"marker": "^", "linestyle": "", "color": "#111111"}
        marks.append(Line2D([], [], **style, markersize=9, label=_("gateway")))
        marks.append(Line2D([], [], **style, markersize=5, fillstyle="none", label=_("candidate site")))
        _frame(axes, np.concatenate([xy, gateways[["geometry"]].get_coordinates().to_numpy()]))
        axes.set_title(f"{local(territory.title())} — {title}", loc="left", fontsize=10)
        axes.legend(
            handles=marks,
            loc="upper left",
            bbox_to_anchor=(0.0, 0.0),
            ncols=2,
            frameon=False,
            title=_("Chance that a message arrives (a model's, not a measurement)"),
            alignment="left",
        )
        figure.savefig(
            path,
            dpi=150,
            bbox_inches="tight",
            pad_inches=0.2,
            metadata={"Date": None} if path.suffix.lower() == ".svg" else None,
        )


def _frame(axes: Any, xy: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    """Show devices and gateways, and a scale."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    margin = 0.03 * max(*(high - low), 1.0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - margin, high[1] + margin)
    span = float(high[0] - low[0])
    length = max(10.0 ** np.floor(np.log10(max(span, 10.0) / 3.0)), 1.0)
    length *= max(number for number in (1.0, 2.0, 5.0) if number * length <= max(span, 10.0) / 3.0)
    text = f"{format_number(length / 1000.0, 1)} km" if length < 1000.0 else f"{format_number(length / 1000.0)} km"
    axes.plot([high[0] - length, high[0]], [low[1], low[1]], color="#111111", linewidth=2.0, zorder=6)
    axes.annotate(
        text, (high[0] - length / 2.0, low[1]), xytext=(0, 3), textcoords="offset points", ha="center", zorder=6
    )
