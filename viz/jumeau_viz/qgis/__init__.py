"""The run's map in QGIS: styles and words of its layers, what changed, and a project that opens them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from jumeau.files import check_writable, write_text
from jumeau.geopackage import write_geopackage
from jumeau.results.run_id import RUN_ID, described
from jumeau_viz.open_run import ASSETS, OpenRun
from jumeau_viz.qgis.layers import MAP, map_groups
from jumeau_viz.qgis.project import Bounds, project
from jumeau_viz.qgis.storage import add_styles

PROJECT = "jumeau.qgs"

__all__ = ["PROJECT", "write_map"]


def write_map(run: OpenRun) -> list[Path]:
    """Write the map of a run in the current language, in the run's folder.

    Parameters
    ----------
    run : OpenRun

    Returns
    -------
    list of Path
        `map.gpkg`, what variants change, what they install and what lies under the networks; `jumeau.qgs`, the project
        that opens it with `assets.gpkg`, to which styles are added.

    Raises
    ------
    InputError
        When the system refuses to write.
    """
    check_writable(run.folder)
    groups, frames = map_groups(run)
    layers = list(groups.layers())
    written = []
    if frames:
        description = described(str(run.summary.get(RUN_ID, "")))
        written.append(write_geopackage(run.folder / MAP, frames, description))
        add_styles(written[0], [layer for layer in layers if layer.file == MAP])
    add_styles(run.assets, [layer for layer in layers if layer.file == ASSETS])
    # The project last: whoever finds it finds what it opens.
    return [*written, write_text(run.folder / PROJECT, project(run, groups, _bounds(run)))]


def _bounds(run: OpenRun) -> Bounds:
    """Return what the assets of the first network cover, with a margin."""
    places = run.scene.frame.to_world(run.layers[0].feet[:, :2])
    low, high = places.min(axis=0), places.max(axis=0)
    margin = 0.05 * max(float(np.ptp(places, axis=0).max()), 100.0)
    return (float(low[0] - margin), float(low[1] - margin), float(high[0] + margin), float(high[1] + margin))
