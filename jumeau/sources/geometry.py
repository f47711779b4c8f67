"""Geometry of foreign layers: missing, of another type, invalid; parts, and mending."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.territory.check import without_place

Mask = NDArray[np.bool_]


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
    """

    missing: Mask
    kind: Mask
    invalid: Mask

    @classmethod
    def none(cls, count: int) -> Faults:
        """Return that nothing is wrong: a table without geometry."""
        return cls(*(np.zeros(count, dtype=bool) for _kind in range(3)))

    @property
    def any(self) -> Mask:
        """Features with any fault, shape (n,)."""
        return self.missing | self.kind | self.invalid


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


def find_faults(frame: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> Faults:
    """Return what is wrong with each geometry.

    Parameters
    ----------
    frame : GeoDataFrame, shape (n,)
    kinds : tuple of str
        Geometry types allowed.
    """
    shapes = frame.geometry.to_numpy()
    missing = without_place(shapes)
    names = np.array([shape.geom_type if shape is not None else "" for shape in shapes], dtype=object)
    kind = ~missing & ~np.isin(names.astype(str), kinds)
    return Faults(missing, kind, ~missing & ~kind & ~shapely.is_valid(shapes))


def repaired(frame: gpd.GeoDataFrame, invalid: Mask) -> gpd.GeoDataFrame:
    """Return the layer with its invalid polygons mended: the polygons of `shapely.make_valid`."""
    shapes = frame.geometry.to_numpy().copy()
    for row in np.flatnonzero(invalid):
        parts = shapely.get_parts(shapely.make_valid(shapes[row]))
        areas = [part for part in shapely.get_parts(parts) if part.geom_type == "Polygon"]
        shapes[row] = shapely.union_all(areas) if areas else None
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
