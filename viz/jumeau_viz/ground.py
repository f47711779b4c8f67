"""The ground: a regular grid of altitudes made of triangles, on which everything else stands.

Altitudes between the nodes are those of the drawn triangles, not of another interpolation: what is laid on the
ground then neither sinks into it nor floats above it.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.interpolate import NearestNDInterpolator

from jumeau.errors import InputError
from jumeau.i18n import _
from jumeau_viz.frame import Floats, LocalFrame
from jumeau_viz.meshes import Mesh


@dataclass(frozen=True)
class Ground:
    """Altitudes on a regular grid of the local frame.

    Attributes
    ----------
    xs, ys : ndarray, shapes (nx,) and (ny,)
        Abscissae and ordinates of the nodes [m], increasing.
    z : ndarray, shape (ny, nx)
        Altitudes of the nodes [m].
    """

    xs: Floats
    ys: Floats
    z: Floats

    @property
    def flat(self) -> bool:
        """Whether the ground is level, so that nothing needs to be cut along its triangles."""
        return bool(np.ptp(self.z) == 0.0)

    @classmethod
    def level(cls, bounds: tuple[float, float, float, float], margin: float = 0.08) -> Ground:
        """Return level ground under local bounds (west, south, east, north) [m], with a relative margin."""
        west, south, east, north = bounds
        border = margin * max(east - west, north - south, 100.0)
        return cls(
            xs=np.array([west - border, east + border]),
            ys=np.array([south - border, north + border]),
            z=np.zeros((2, 2)),
        )

    @classmethod
    def from_relief(cls, relief: gpd.GeoDataFrame, frame: LocalFrame) -> Ground:
        """Return the ground of a `relief` layer.

        Parameters
        ----------
        relief : GeoDataFrame
            Points of a regular grid with a column `z` [m]; missing nodes take their nearest neighbour's altitude.
        frame : LocalFrame
            Frame of the scene.

        Raises
        ------
        InputError
            When the points do not lie on a regular grid.
        """
        where = frame.to_local(shapely.get_coordinates(relief.geometry.to_numpy()))
        altitude = relief["z"].to_numpy(dtype=np.float64) - frame.z
        known = np.isfinite(altitude)
        xs, columns = np.unique(np.round(where[:, 0], 2), return_inverse=True)
        ys, rows = np.unique(np.round(where[:, 1], 2), return_inverse=True)
        if not known.any() or min(len(xs), len(ys)) < 2 or len(xs) * len(ys) > 4 * len(relief):
            raise InputError(
                _("layer relief: the points do not form a regular grid"),
                hint=_("give altitudes on a regular grid, or leave the layer out: the ground is then level"),
            )
        z = np.full((len(ys), len(xs)), np.nan)
        z[rows[known], columns[known]] = altitude[known]
        holes = np.isnan(z)
        if holes.any():
            nearest = NearestNDInterpolator(where[known], altitude[known])
            grid_x, grid_y = np.meshgrid(xs, ys)
            z[holes] = nearest(grid_x[holes], grid_y[holes])
        return cls(xs=xs, ys=ys, z=z)

    def altitude(self, points: Floats) -> Floats:
        """Return the altitudes (n,) [m] of the drawn triangles at local points (n, 2); the edge extends outwards."""
        column, u = _cell(self.xs, points[:, 0])
        row, v = _cell(self.ys, points[:, 1])
        low, right = self.z[row, column], self.z[row, column + 1]
        up, far = self.z[row + 1, column], self.z[row + 1, column + 1]
        below = low + u * (right - low) + v * (far - right)
        above = low + v * (up - low) + u * (far - up)
        return np.asarray(np.where(u >= v, below, above), dtype=np.float64)

    def mesh(self) -> Mesh:
        """Return the triangles of the ground."""
        grid_x, grid_y = np.meshgrid(self.xs, self.ys)
        points = np.column_stack([grid_x.ravel(), grid_y.ravel(), self.z.ravel()])
        return Mesh(points=points, triangles=self._triangles())

    def cells(self) -> NDArray[np.object_]:
        """Return the ground's triangles as polygons of the local plane."""
        flat = self.mesh()
        corners = flat.points[flat.triangles][:, [0, 1, 2, 0], :2]
        return np.asarray(shapely.polygons(corners), dtype=object)

    def _triangles(self) -> NDArray[np.int32]:
        nx, ny = len(self.xs), len(self.ys)
        low = (np.arange(ny - 1)[:, None] * nx + np.arange(nx - 1)[None, :]).ravel()
        right, up, far = low + 1, low + nx, low + nx + 1
        below = np.column_stack([low, right, far])
        above = np.column_stack([low, far, up])
        return np.concatenate([below, above]).astype(np.int32)


def _cell(nodes: Floats, values: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the grid interval of each value and the position inside it, 0 to 1 (clamped at the edges)."""
    index = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    inside = (values - nodes[index]) / (nodes[index + 1] - nodes[index])
    return index, np.clip(inside, 0.0, 1.0)
