"""What a variant changes in a layer of assets: one row for each that changed, was added or was removed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from numpy.typing import NDArray

from jumeau.results.model import asset_table
from jumeau_viz.assets import AssetLayer
from jumeau_viz.frame import Floats

#: Column of what happened to an asset, and its values.
CHANGE = "change"
CHANGED, ADDED, REMOVED = "changed", "added", "removed"
#: What follows an indicator's name in the columns.
BEFORE, AFTER, DIFFERENCE = "_before", "_after", "_difference"
#: Share of an indicator's largest value below which a difference is the dust of sums and solvers.
DUST = 1e-9


def change_table(layer: AssetLayer, variant: str) -> str:
    """Return the name of the table: `lighting_lamps__led__difference`."""
    return f"{asset_table(layer.network, layer.appearance.layer, variant)}_{DIFFERENCE}"


def changes(layer: AssetLayer, variant: str, crs: pyproj.CRS | str | None = None) -> gpd.GeoDataFrame:
    """Return the assets that a variant changes, adds or removes.

    Parameters
    ----------
    layer : AssetLayer
    variant : str
    crs : CRS
        Of the territory.

    Returns
    -------
    GeoDataFrame
        The id, `change`, and for each indicator its value before and after and the difference, which has no value
        where one of them has none.
    """
    row = layer.scenarios.index(variant)
    before, after = layer.present[0], layer.present[row]
    columns: dict[str, object] = {}
    touched = np.zeros(len(layer.ids), dtype=bool)
    for item in layer.indicators:
        values = layer.values[item.name]
        difference, moved = _difference(values[0], values[row])
        touched |= moved
        columns |= {
            item.name + BEFORE: values[0],
            item.name + AFTER: values[row],
            item.name + DIFFERENCE: difference,
        }
    kept = touched | (before != after)
    status = np.where(before & after, CHANGED, np.where(after, ADDED, REMOVED))
    table = pd.DataFrame({layer.appearance.label_column: layer.ids.astype(object), CHANGE: status, **columns})
    return gpd.GeoDataFrame(table[kept].reset_index(drop=True), geometry=layer.shapes[kept], crs=crs)


def _difference(before: Floats, after: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return after minus before, dust taken for nothing, and where the figure changes, appears or disappears."""
    difference = after - before
    known = np.isfinite(difference)
    largest = max(float(np.nanmax(np.abs(item), initial=0.0)) for item in (before, after))
    difference[known & (np.abs(difference) <= DUST * largest)] = 0.0
    return difference, (known & (difference != 0.0)) | (np.isnan(before) != np.isnan(after))
