"""Height of the ground at points, from the relief."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

#: Nodes of the relief that a height is interpolated between: the corners of a cell of a regular grid.
CORNERS = 4


def elevations(relief: gpd.GeoDataFrame | None, xy: Floats) -> Floats | None:
    """Return the height of the ground at points [m], shape (k,); None without a relief.

    Inverse-distance weighting between the four nearest nodes of the relief; at a node, its own height.

    Parameters
    ----------
    relief : GeoDataFrame or None
        Points with `z` [m].
    xy : ndarray, shape (k, 2)
        [m].
    """
    if relief is None or not len(relief):
        return None
    height = relief["z"].to_numpy(dtype=np.float64)
    known = ~np.isnan(height)
    tree = cKDTree(shapely.get_coordinates(relief.geometry.to_numpy())[known])
    distance, row = tree.query(xy, k=min(CORNERS, int(known.sum())))
    distance, row = np.asarray(distance).reshape(len(xy), -1), np.asarray(row).reshape(len(xy), -1)
    weight = 1.0 / np.maximum(distance, 1e-6) ** 2
    return np.asarray((height[known][row] * weight).sum(axis=1) / weight.sum(axis=1), dtype=np.float64)
