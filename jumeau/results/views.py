"""Views of results for scripts and notebooks: the four figures as a drawing, figures by asset as a map."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import FIGURES, LINES, TOTAL
from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import figure_name, variant_title

if TYPE_CHECKING:
    from jumeau.results.model import Results


def plot_figures(results: Results) -> NDArray[Any]:
    """Draw the difference that each variant makes to the four figures of all networks together.

    Dots are medians, lines go from P10 to P90, chance and assumptions together.

    Returns
    -------
    ndarray of Axes, shape (4,)
        In the order of energy, fuel, carbon, cost; `axes[0].figure` is the whole drawing.
    """
    import matplotlib.pyplot as plt

    variants = [name for name in results.variants if name != BASELINE]
    figure, grid = plt.subplots(2, 2, sharey=True, figsize=(10, 2.2 + 0.6 * len(variants)), layout="constrained")
    records = {(item.variant, item.indicator): item for item in results.figures() if item.network == TOTAL}
    for axis, name in zip(grid.ravel(), FIGURES, strict=True):
        axis.axvline(0, color="0.4", linewidth=0.8)
        axis.set_title(f"{figure_name(name)} ({LINES[name].unit})")
        axis.locator_params(axis="x", nbins=5)
        for place, variant in enumerate(variants):
            record = records.get((variant, name))
            if record is None:
                continue
            if record.quantiles is not None:
                axis.plot([record.quantiles[0], record.quantiles[2]], [place, place], color="0.4")
            axis.plot(record.median, place, "o", color="#0072B2")
    # « $ » is a currency here, not the start of a formula.
    titles = [textwrap.fill(variant_title(results.provenance, name), 32).replace("$", r"\$") for name in variants]
    grid[0, 0].set_yticks(range(len(variants)), titles)
    grid[0, 0].invert_yaxis()
    figure.supxlabel(_("Difference, after minus before: median, and P10-P90"), fontsize="medium")
    return np.asarray(grid.ravel())


def explore_assets(assets: Mapping[str, gpd.GeoDataFrame], name: str, column: str, **options: Any) -> Any:
    """Return an interactive map of a column of a table of assets; see `Results.explore`."""
    if name not in assets:
        raise InputError(
            _("the results have no table of assets « {name} »").format(name=name),
            hint=_("one of: {names}").format(names=", ".join(assets)),
        )
    table = assets[name]
    if column not in table:
        known = ", ".join(str(item) for item in table.columns if item != table.geometry.name)
        raise InputError(
            _("the table « {name} » has no column « {column} »").format(name=name, column=column),
            hint=_("one of: {names}").format(names=known),
        )
    try:
        return table.explore(column=column, **options)
    except ImportError as error:
        raise InputError(
            _("an interactive map needs packages that are missing"), hint="pip install 'jumeau[explore]'"
        ) from error
