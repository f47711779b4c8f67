"""The map of a territory: what was observed, what was laid out, and where something is wrong, in one file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from jumeau.errors import InputError, Problem
from jumeau.files import atomic
from jumeau.i18n import _, local
from jumeau.territory.check import without_place
from jumeau.territory.extent import core_box
from jumeau.territory.model import Territory

ENDINGS = (".svg", ".png")

#: Layers under all others, and how they are drawn: what gives a sense of place.
GROUND: dict[str, dict[str, Any]] = {
    "water": {"facecolor": "#cfe3f1"},
    "green": {"facecolor": "#dcead2"},
    "buildings": {"facecolor": "#d9d5cf"},
    "streets": {"color": "#b9b4ac", "linewidth": 0.6},
}
#: Layers that say nothing of a place.
APART = {"population", "zones", "relief", "street_nodes", "addresses"}
#: Colours that are told apart by people who see few of them, and in grey by their depth.
OBSERVED, MADE, WRONG = "#1b5e9e", "#e69f00", "#b3001b"


def write_territory_map(territory: Territory, problems: Iterable[Problem], path: Path) -> Path:
    """Write a map: features of networks by whether they were observed or laid out, and those with a problem.

    Parameters
    ----------
    territory : Territory
    problems : iterable of Problem
        Those of `check_territory`; features are found by their ids.
    path : Path
        Ending in `.svg` or `.png`.

    Raises
    ------
    InputError
        When the ending is another one, or the file cannot be written.
    """
    check_ending(path)
    return atomic(path, lambda target: _draw(territory, list(problems), target))


def check_ending(path: Path) -> None:
    """Refuse a name that is not that of a map, before anything is worked out.

    Raises
    ------
    InputError
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(_("a map is an SVG or PNG file"), hint=_("give a name that ends in .svg or .png"), file=path)


def _draw(territory: Territory, problems: list[Problem], path: Path) -> None:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "jumeau", "font.size": 9}):
        figure = Figure(figsize=(9, 9), layout="constrained")
        axes = figure.subplots()
        for name, style in GROUND.items():
            if territory.has(name):
                _placed(territory.layers[name]).plot(ax=axes, **style)
        names = sorted(set(territory.layers) - set(GROUND) - APART)
        # What was observed lies above what was laid out.
        for observed in (False, True):
            for name in names:
                if _observed(territory, name) is observed:
                    _network(axes, territory.layers[name], OBSERVED if observed else MADE)
        for problem in problems:
            _wrong(axes, territory, problem)
        _frame(axes, territory)
        axes.set_title(local(territory.title()), loc="left")
        _legend(axes)
        figure.savefig(path, dpi=150, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _placed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the features that can be drawn."""
    return frame[~without_place(frame.geometry.to_numpy())]


def _observed(territory: Territory, name: str) -> bool | None:
    """Return whether the places of a layer were observed, None where nothing is said of them."""
    rows = territory.columns
    rows = rows[(rows["layer"] == name) & (rows["column"] == "geometry")]
    return bool(rows["origin"].iloc[-1] == "observed") if len(rows) else None


def _network(axes: Any, layer: gpd.GeoDataFrame, colour: str) -> None:
    """Draw the points and lines of a layer; areas would hide what lies in them."""
    frame = _placed(layer)
    kinds = frame.geom_type.astype(str)
    lines, points = frame[kinds.str.endswith("LineString")], frame[kinds.str.endswith("Point")]
    if len(lines):
        lines.plot(ax=axes, color=colour, linewidth=0.8, alpha=0.6, zorder=3)
    if len(points):
        points.plot(ax=axes, color=colour, markersize=min(max(3000.0 / len(points), 1.5), 9.0), alpha=0.8, zorder=4)


def _wrong(axes: Any, territory: Territory, problem: Problem) -> None:
    """Mark the features that a problem names."""
    frame = territory.layers.get(problem.layer)
    if frame is None or not problem.features:
        return
    ids = next((frame[name].astype(str) for name in frame.columns if str(name).endswith("_id")), None)
    if ids is None:
        return
    found = _placed(frame[np.asarray(ids.isin(problem.features), dtype=bool)])
    if len(found):
        xy = shapely.get_coordinates(shapely.point_on_surface(found.geometry.to_numpy()))
        axes.scatter(*xy.T, s=40, marker="x", color=WRONG, linewidths=1.2, zorder=5)


def _frame(axes: Any, territory: Territory) -> None:
    """Show the territory without the stray features that would make it a dot."""
    box = core_box(territory.layers)
    axes.set_aspect("equal")
    axes.set_axis_off()
    if box is not None:
        margin = 0.03 * max(box[2] - box[0], box[3] - box[1], 1.0)
        axes.set_xlim(box[0] - margin, box[2] + margin)
        axes.set_ylim(box[1] - margin, box[3] + margin)


def _legend(axes: Any) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], color=OBSERVED, marker="o", markersize=4, label=_("observed")),
        Line2D([], [], color=MADE, marker="o", markersize=4, label=_("laid out or imputed")),
        Line2D([], [], color=WRONG, marker="x", linestyle="", label=_("to be looked at")),
    ]
    axes.legend(handles=marks, loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=3, frameon=False)
