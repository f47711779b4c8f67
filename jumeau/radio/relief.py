"""The relief as a grid, for profiles between points."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]

#: Most cells of the grid on which heights are looked up: beyond, cells are larger than the step of the relief.
_MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class Relief:
    """Heights of the ground, on a grid of the relief's own step.

    Attributes
    ----------
    origin : ndarray, shape (2,)
        Place of the first node [m].
    step : float
        Between nodes of the grid [m].
    z : ndarray, shape (rows, columns)
        Height of the nearest node of the relief [m].
    told : ndarray of bool, shape (rows, columns)
        Whether a node of the relief is within twice its usual step.
    """

    origin: Floats
    step: float
    z: Floats
    told: NDArray[np.bool_]

    @classmethod
    def of(cls, layer: gpd.GeoDataFrame | None) -> Relief | None:
        """Return the relief of a layer of points with `z`; None where nothing is known."""
        if layer is None or not len(layer):
            return None
        z = layer["z"].to_numpy(dtype=np.float64)
        told = np.isfinite(z)
        if told.sum() < 2:
            return None
        xy = shapely.get_coordinates(layer.geometry.to_numpy())[told]
        tree = cKDTree(xy)
        usual = float(np.median(tree.query(xy, k=2)[0][:, 1]))
        low, high = xy.min(axis=0), xy.max(axis=0)
        step = max(usual, float(np.sqrt(np.prod(np.maximum(high - low, usual)) / _MOST_CELLS)))
        columns, rows = (np.ceil((high - low) / step).astype(int) + 1).tolist()
        east, north = np.meshgrid(low[0] + step * np.arange(columns), low[1] + step * np.arange(rows))
        distance, nearest = tree.query(np.stack([east.ravel(), north.ravel()], axis=1))
        shape = (rows, columns)
        return cls(low, step, z[told][nearest].reshape(shape), (distance <= 2.0 * usual).reshape(shape))

    def _cells(self, xy: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        place = np.rint((np.asarray(xy, dtype=np.float64) - self.origin) / self.step).astype(np.int64)
        rows, columns = self.z.shape
        inside = (place >= 0).all(axis=1) & (place[:, 0] < columns) & (place[:, 1] < rows)
        return np.clip(place[:, 1], 0, rows - 1), np.clip(place[:, 0], 0, columns - 1), inside

    def height(self, xy: Floats) -> Floats:
        """Return the height of the ground at places [m], shape (k,); beyond the relief, that of its border."""
        row, column, _inside = self._cells(xy)
        return np.asarray(self.z[row, column], dtype=np.float64)

    def holds(self, xy: Floats) -> NDArray[np.bool_]:
        """Tell which places the relief tells of, shape (k,)."""
        row, column, inside = self._cells(xy)
        return np.asarray(inside & self.told[row, column], dtype=bool)
