"""Geometry of foreign layers: missing, of another type, invalid; parts, and mending."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.territory.check import without_place

Mask = NDArray[np.bool_]

#: A layer as near to (0, 0) as that may have a point there: degrees, metres.
NEAR_NOUGHT = (1.0, 100_000.0)


@dataclass(frozen=True)
class Faults:
    """What is wrong with the geometry of a layer, feature by feature.

    Attributes
    ----------
    missing : ndarray of bool
        None, empty or not finite.
    kind : ndarray of bool
        Of another type than the layer's.
    invalid : ndarray of bool
        Crossing itself and the like.
    nought : ndarray of bool
        Points at (0, 0), see `at_nought`.
    """

    missing: Mask
    kind: Mask
    invalid: Mask
    nought: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @classmethod
    def none(cls, count: int) -> Faults:
        """Return that nothing is wrong: a table without geometry."""
        return cls(*(np.zeros(count, dtype=bool) for _kind in range(4)))

    @property
    def any(self) -> Mask:
        """Features with any fault, shape (n,)."""
        return self.missing | self.kind | self.invalid | self.nought


def at_nought(frame: gpd.GeoDataFrame) -> Mask:
    """Return the points at (0, 0), what software writes for an unknown place, shape (n,); none where others are near.

    Coordinates are those of the source: degrees or metres.
    """
    shapes = frame.geometry.to_numpy()
    points = shapely.get_type_id(shapes) == 0
    x, y = shapely.get_x(shapes), shapely.get_y(shapes)
    found: Mask = points & (x == 0.0) & (y == 0.0)
    others = points & ~found & np.isfinite(x) & np.isfinite(y)
    near = NEAR_NOUGHT[1] if np.abs(np.concatenate([x[others], y[others], [0.0]])).max() > 360.0 else NEAR_NOUGHT[0]
    if others.any() and np.hypot(np.median(x[others]), np.median(y[others])) < near:
        return np.zeros(len(frame), dtype=bool)
    return found


def single_parts(frame: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Return the layer with multi-part geometries made single where they have one part, or lines that touch."""
    shapes = frame.geometry.to_numpy().copy()
    present = ~shapely.is_missing(shapes)
    kind = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=object)
    for single in ("Point", "LineString", "Polygon"):
        if single not in kinds:
            continue
        rows = np.flatnonzero(present & (kind == f"Multi{single}"))
        if single == "LineString":
            shapes[rows] = shapely.line_merge(shapes[rows])
        alone = [row for row in rows if shapely.get_num_geometries(shapes[row]) == 1]
        shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))


def find_faults(frame: gpd.GeoDataFrame, kinds: tuple[str, ...], nought: Mask | None = None) -> Faults:
    """Return what is wrong with each geometry.

    Parameters
    ----------
    frame : GeoDataFrame, shape (n,)
    kinds : tuple of str
        Geometry types allowed.
    nought : ndarray of bool, shape (n,), optional
        Points at (0, 0), whose place was taken away.
    """
    shapes = frame.geometry.to_numpy()
    missing = without_place(shapes)
    names = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=object)
    kind = ~missing & ~np.isin(names.astype(str), kinds)
    nought = np.zeros(len(frame), dtype=bool) if nought is None else nought
    return Faults(missing & ~nought, kind, ~missing & ~kind & ~shapely.is_valid(shapes), nought)


def repaired(frame: gpd.GeoDataFrame, invalid: Mask) -> gpd.GeoDataFrame:
    """Return the layer with its invalid polygons mended: the polygons of `shapely.make_valid`."""
    shapes = frame.geometry.to_numpy().copy()
    for row in np.flatnonzero(invalid):
        parts = shapely.get_parts(shapely.make_valid(shapes[row]))
        areas = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
        shapes[row] = shapely.union_all(areas) if areas else None
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
