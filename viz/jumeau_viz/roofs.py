"""Pitched roofs: two slopes on small houses that are nearly rectangles, so that a street looks like a street.

No data says how most roofs are shaped; what is drawn here helps to recognise places and enters no result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau_viz.frame import Floats

SLOPE = np.tan(np.radians(38.0))
HIGHEST_RIDGE = 4.5  # metres above the eaves
LARGEST_AREA = 400.0  # square metres: larger buildings are drawn with flat roofs
HIGHEST_EAVES = 14.0
#: Share of the smallest enclosing rectangle that a footprint has to fill.
RECTANGULAR = 0.88


@dataclass(frozen=True)
class Pitched:
    """Which buildings get a pitched roof, and their rectangles.

    Attributes
    ----------
    chosen : ndarray of bool, shape (n,)
        Of all footprints.
    corners : ndarray, shape (m, 4, 2)
        Rectangles of the chosen ones [m], counter-clockwise, the first side being a long one.
    """

    chosen: NDArray[np.bool_]
    corners: Floats

    @classmethod
    def among(cls, polygons: NDArray[np.object_], heights: Floats) -> Pitched:
        """Return the houses among footprints (n,) of given heights of the eaves (n,) [m]."""
        if not len(polygons):
            return cls(np.zeros(0, dtype=bool), np.empty((0, 4, 2)))
        area = shapely.area(polygons)
        holes = shapely.get_num_interior_rings(polygons) > 0
        rectangles = shapely.oriented_envelope(polygons)
        whole = shapely.get_num_coordinates(rectangles) == 5
        filled = area / np.maximum(shapely.area(rectangles), 1e-9)
        chosen = whole & ~holes & (area <= LARGEST_AREA) & (filled >= RECTANGULAR) & (heights <= HIGHEST_EAVES)
        corners = shapely.get_coordinates(shapely.orient_polygons(rectangles[chosen])).reshape(-1, 5, 2)[:, :4]
        first = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
        second = np.linalg.norm(corners[:, 2] - corners[:, 1], axis=1)
        turned = second > first
        corners[turned] = np.roll(corners[turned], -1, axis=1)
        return cls(chosen, corners)

    def ridges(self) -> Floats:
        """Return the heights of the ridges above the eaves (m,) [m]."""
        width = np.linalg.norm(self.corners[:, 2] - self.corners[:, 1], axis=1)
        return np.asarray(np.minimum(width / 2 * SLOPE, HIGHEST_RIDGE))

    def triangles(self, eaves: Floats) -> tuple[Floats, Floats]:
        """Return the slopes, and the gables that close them.

        Parameters
        ----------
        eaves : ndarray, shape (m,)
            Altitudes of the eaves of the chosen buildings [m].

        Returns
        -------
        slopes, gables : ndarray, shapes (4 m, 3, 3) and (2 m, 3, 3)
            Corners [m], all first triangles before all second ones.
        """
        a, b, c, d = (np.column_stack([self.corners[:, k], eaves]) for k in range(4))
        rise = np.column_stack([np.zeros((len(eaves), 2)), self.ridges()])
        near, far = (d + a) / 2 + rise, (b + c) / 2 + rise
        slopes = [(a, b, far), (a, far, near), (c, d, near), (c, near, far)]
        gables = [(b, c, far), (d, a, near)]
        return _stacked(slopes), _stacked(gables)


def _stacked(triangles: Sequence[tuple[Floats, Floats, Floats]]) -> Floats:
    return np.concatenate([np.stack(triangle, axis=1) for triangle in triangles])
