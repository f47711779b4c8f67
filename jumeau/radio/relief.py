"""The relief as a grid, for profiles between points."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Relief:
    """Heights of the ground at the nodes of a relief.

    Attributes
    ----------
    tree : cKDTree
        Of the nodes' places.
    z : ndarray, shape (n,)
        [m].
    step : float
        Usual distance between neighbours [m].
    """

    tree: cKDTree
    z: Floats
    step: float

    @classmethod
    def of(cls, layer: gpd.GeoDataFrame | None) -> Relief | None:
        """Return the relief of a layer of points with `z`; None where nothing is known."""
        if layer is None or not len(layer):
            return None
        z = layer["z"].to_numpy(dtype=np.float64)
        told = np.isfinite(z)
        if told.sum() < 2:
            return None
        tree = cKDTree(shapely.get_coordinates(layer.geometry.to_numpy())[told])
        near = tree.query(tree.data, k=2)[0][:, 1]
        return cls(tree, z[told], float(np.median(near)))

    def height(self, xy: Floats) -> Floats:
        """Return the height of the nearest node [m], shape (k,)."""
        return np.asarray(self.z[self.tree.query(xy)[1]], dtype=np.float64)

    def holds(self, xy: Floats) -> NDArray[np.bool_]:
        """Tell which places have a node within twice the usual step, shape (k,)."""
        return np.asarray(self.tree.query(xy)[0] <= 2.0 * self.step, dtype=bool)
