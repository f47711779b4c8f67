"""The camera: one viewpoint for every picture of a comparison, filled with town rather than with sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jumeau_viz.frame import Floats

#: A bird's eye from the south, north at the top: the way a map is read.
AZIMUTH = 0.0
ELEVATION = 47.0
VIEW_ANGLE = 28.0


@dataclass(frozen=True)
class Camera:
    """An orbiting viewpoint.

    Attributes
    ----------
    target : ndarray, shape (3,)
        Point looked at [m, local frame].
    distance : float
        From the eye to the target [m].
    azimuth, elevation : float
        Direction looked in, clockwise from north, and height above the horizon [degree].
    view_angle : float
        Vertical angle of view [degree].
    """

    target: Floats
    distance: float
    azimuth: float = AZIMUTH
    elevation: float = ELEVATION
    view_angle: float = VIEW_ANGLE

    @property
    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Unit vectors to the right, upwards on the picture, and away from the viewer."""
        turn, rise = np.radians(self.azimuth), np.radians(self.elevation)
        right = np.array([np.cos(turn), -np.sin(turn), 0.0])
        forward = np.array([np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), -np.sin(rise)])
        return right, np.cross(right, forward), forward

    @property
    def position(self) -> Floats:
        """The eye [m, local frame]."""
        return np.asarray(self.target - self.distance * self.axes[2])

    @classmethod
    def framing(
        cls, points: Floats, aspect: float, azimuth: float = AZIMUTH, elevation: float = ELEVATION, fill: float = 0.94
    ) -> Camera:
        """Return the nearest camera that still sees all points.

        The eye has to satisfy ``|x| <= depth * tan(angle)`` for each point on both axes of the picture. Those are
        linear in the three coordinates of the eye, hence a closed form and no search.

        Parameters
        ----------
        points : ndarray, shape (n, 3)
            Points to see [m, local frame].
        aspect : float
            Width over height of the picture.
        azimuth, elevation : float
            Direction [degree].
        fill : float
            Share of the picture that the points may fill.
        """
        right, up, forward = cls(np.zeros(3), 1.0, azimuth, elevation).axes
        x, y, depth = points @ right, points @ up, points @ forward
        tall = np.tan(np.radians(VIEW_ANGLE / 2)) * fill
        wide = tall * aspect
        eye_x, back_x = _fit(x, depth, wide)
        eye_y, back_y = _fit(y, depth, tall)
        back = min(back_x, back_y)
        middle = float(np.median(depth))
        distance = max(middle - back, 10.0)
        target = eye_x * right + eye_y * up + middle * forward
        return cls(target, distance, azimuth, elevation)

    def project(self, points: Floats, aspect: float) -> Floats:
        """Return picture coordinates (n, 2) of points (n, 3): -1 to 1 from left to right and bottom to top."""
        right, up, forward = self.axes
        seen = points - self.position
        depth = seen @ forward
        tall = np.tan(np.radians(self.view_angle / 2))
        return np.column_stack([seen @ right / (depth * tall * aspect), seen @ up / (depth * tall)])


def _fit(across: Floats, depth: Floats, slope: float) -> tuple[float, float]:
    """Return the eye's place across the picture and its depth so that ``|across - eye| <= (depth - back) * slope``."""
    high = float(np.max(across - slope * depth))
    low = float(np.min(across + slope * depth))
    return (high + low) / 2, (low - high) / (2 * slope)
