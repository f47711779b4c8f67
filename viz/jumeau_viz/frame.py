"""The local frame: an integer origin taken away before anything becomes float32.

In Lambert-93 a northing is near 6 800 000 m, where two float32 neighbours lie 0.5 m apart. Graphics cards, glTF and
WebGL only know float32: a whole number of metres is therefore subtracted first and kept in the metadata, so that
any drawn point can be brought back to the projected system exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LocalFrame:
    """An integer origin in a projected system.

    Attributes
    ----------
    x, y, z : int
        Origin [m] in the projected system.
    crs : str
        Name of the projected system, e.g. ``EPSG:2154``.
    """

    x: int
    y: int
    z: int = 0
    crs: str = ""

    @classmethod
    def around(cls, layers: Iterable[gpd.GeoDataFrame], lowest: float = 0.0) -> LocalFrame:
        """Return the frame centred on some layers.

        Parameters
        ----------
        layers : iterable of GeoDataFrame
            Layers of one projected system; empty ones are passed over.
        lowest : float
            Lowest altitude of the ground [m].

        Raises
        ------
        ValueError
            When every layer is empty.
        """
        filled = [layer for layer in layers if len(layer) and not layer.geometry.is_empty.all()]
        if not filled:
            raise ValueError("no feature to centre the scene on")
        bounds = np.array([layer.total_bounds for layer in filled])
        west, south = bounds[:, :2].min(axis=0)
        east, north = bounds[:, 2:].max(axis=0)
        crs = next((layer.crs.to_string() for layer in filled if layer.crs is not None), "")
        return cls(
            x=int(np.floor((west + east) / 2)),
            y=int(np.floor((south + north) / 2)),
            z=int(np.floor(lowest)),
            crs=crs,
        )

    def to_local(self, points: Floats) -> Floats:
        """Return points (n, 2 or 3) [m] of the projected system in the local frame, still as float64."""
        return np.asarray(points, dtype=np.float64) - self._origin(points)

    def to_world(self, points: NDArray[np.floating]) -> Floats:
        """Return local points (n, 2 or 3) [m] in the projected system."""
        return np.asarray(points, dtype=np.float64) + self._origin(points)

    def as_metadata(self) -> dict[str, int | str]:
        """Return what has to be written next to any float32 coordinates."""
        return {"origin_x": self.x, "origin_y": self.y, "origin_z": self.z, "crs": self.crs, "unit": "m"}

    def _origin(self, points: NDArray[np.floating]) -> Floats:
        return np.array([self.x, self.y, self.z][: np.shape(points)[-1]], dtype=np.float64)
