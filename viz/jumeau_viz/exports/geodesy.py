"""From the local frame to the Earth: where 3D Tiles stand, to the millimetre.

A projection is neither level nor true to scale: two kilometres from its middle a plane town is 30 cm above the
ellipsoid, and Lambert-93 lengthens by up to a metre per kilometre. So each vertex is taken to the Earth by itself, and
only then expressed about the middle: the transform that a viewer applies is a rotation and a shift, exact everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj

from jumeau_viz.frame import Floats, LocalFrame

#: Earth-centred coordinates, and longitude, latitude and height (WGS 84, which viewers of 3D Tiles take for granted).
EARTH, GEODETIC = "EPSG:4978", "EPSG:4979"


@dataclass(frozen=True)
class Placement:
    """Where a local frame stands on the Earth.

    Attributes
    ----------
    frame : LocalFrame
    centre : ndarray, shape (3,)
        Its origin, from the centre of the Earth [m].
    axes : ndarray, shape (3, 3)
        East, north and up there, as columns.
    """

    frame: LocalFrame
    centre: Floats
    axes: Floats

    @classmethod
    def of(cls, frame: LocalFrame) -> Placement:
        """Return the placement of a frame whose altitudes are taken for heights above the ellipsoid."""
        origin = frame.to_world(np.zeros((1, 3)))
        longitude, latitude, _height = _to(frame, GEODETIC, origin)[0]
        east, north = np.deg2rad([longitude, latitude])
        axes = np.array(
            [
                [-np.sin(east), np.cos(east), 0.0],
                [-np.sin(north) * np.cos(east), -np.sin(north) * np.sin(east), np.cos(north)],
                [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)],
            ]
        ).T
        return cls(frame, _to(frame, EARTH, origin)[0], axes)

    @property
    def transform(self) -> list[float]:
        """The matrix from coordinates about the middle to the Earth, column after column (3D Tiles)."""
        whole = np.eye(4)
        whole[:3, :3], whole[:3, 3] = self.axes, self.centre
        return [float(value) for value in whole.T.ravel()]

    def about_middle(self, points: Floats) -> Floats:
        """Return local points (n, 3) [m] as east, north and up of the middle [m]."""
        if not len(points):
            return np.empty((0, 3))
        return (_to(self.frame, EARTH, self.frame.to_world(points)) - self.centre) @ self.axes


def _to(frame: LocalFrame, wanted: str, points: Floats) -> Floats:
    transformer = pyproj.Transformer.from_crs(pyproj.CRS(frame.crs).to_3d(), wanted, always_xy=True)
    return np.column_stack(transformer.transform(*points.T))
