"""The ground: a valley, the river in its bottom, a plateau on each side and the old town's mound."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString

from .geometry import Array

__all__ = ["elevation", "grid"]


def grid(bounds: tuple[float, float, float, float], step: float) -> Array:
    """Return the points of a regular grid over `bounds`, aligned on multiples of `step` [m], shape (n, 2)."""
    west, south, east, north = (float(b) for b in bounds)
    x = np.arange(np.floor(west / step), np.ceil(east / step) + 1) * step
    y = np.arange(np.floor(south / step), np.ceil(north / step) + 1) * step
    return np.array(np.meshgrid(x, y)).reshape(2, -1).T


def elevation(
    points: Array, river: LineString, factors: Mapping[str, float], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the ground level at `points`.

    Parameters
    ----------
    points : array, shape (n, 2)
        Local coordinates [m].
    river : LineString
        The river's axis, west to east (it flows west).
    factors : mapping of str to float
        Heights and widths of ``factors.csv`` [m].
    rng : numpy.random.Generator
        Phases of the gentle swell that keeps the plateau from being a plane.

    Returns
    -------
    array, shape (n,)
        Ground level [m], rounded to the centimetre; on the river's axis it is the water level.
    """
    x, y = points[:, 0], points[:, 1]
    axis = shapely.get_coordinates(river)
    bed = np.interp(x, axis[:, 0], axis[:, 1])
    # Far from the river its bends fade into its general course, as a valley's sides do.
    nearby = np.exp(-(((y - bed) / factors["valley_bend_reach"]) ** 2))
    course = np.polynomial.Polynomial.fit(axis[:, 0], axis[:, 1], 1)(x)
    distance = np.abs(y - (nearby * bed + (1.0 - nearby) * course))
    north = y > bed
    rise = np.where(north, factors["plateau_rise_north"], factors["plateau_rise_south"])
    width = np.where(north, factors["valley_width_north"], factors["valley_width_south"])
    side = 1.0 - np.exp(-((distance / width) ** 2))
    mound = factors["centre_mound"] * np.exp(-(x**2 + y**2) / (2 * factors["centre_mound_radius"] ** 2))
    phase = rng.uniform(0.0, 2 * np.pi, 3)
    swell = np.sin(x / 310.0 + phase[0]) + np.sin(y / 270.0 + phase[1]) + np.sin((x + y) / 430.0 + phase[2])
    # The mound fades out on the flood plain, and the swell with the slope: nothing lies below the river.
    dry = 1.0 - np.exp(-((distance / 120.0) ** 2))
    level = factors["river_level"] + factors["river_fall"] * x
    z: NDArray[np.float64] = np.round(level + side * (rise + factors["relief_swell"] * swell) + dry * mound, 2)
    return z
