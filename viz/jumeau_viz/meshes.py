"""Triangles: a small indexed mesh, and how polygons become one.

Everything is done on arrays of all features at once; no loop runs over buildings or streets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau_viz.frame import Floats

Indices = NDArray[np.intp]
MILLIMETRES = 1000.0  # vertices nearer than one millimetre are one vertex


@dataclass(frozen=True)
class Mesh:
    """Indexed triangles of the local frame.

    Attributes
    ----------
    points : ndarray of float64, shape (n, 3)
        Vertices [m].
    triangles : ndarray of int32, shape (m, 3)
        Vertex numbers, counter-clockwise seen from outside.
    rises : ndarray, shape (n,), optional
        Height of each vertex above the foot of its building [m], where windows are drawn by it.
    """

    points: Floats
    triangles: NDArray[np.int32]
    rises: Floats | None = None

    @classmethod
    def empty(cls) -> Mesh:
        """Return a mesh without anything."""
        return cls(points=np.empty((0, 3)), triangles=np.empty((0, 3), dtype=np.int32))

    @classmethod
    def merged(cls, meshes: Sequence[Mesh]) -> Mesh:
        """Return one mesh holding several."""
        if not meshes:
            return cls.empty()
        starts = np.cumsum([0] + [len(mesh.points) for mesh in meshes[:-1]])
        return cls(
            points=np.concatenate([mesh.points for mesh in meshes]),
            triangles=np.concatenate(
                [mesh.triangles + start for mesh, start in zip(meshes, starts, strict=True)]
            ).astype(np.int32),
            rises=np.concatenate([mesh.rises_or_zeros for mesh in meshes])
            if any(mesh.rises is not None for mesh in meshes)
            else None,
        )

    @classmethod
    def from_corners(cls, corners: Floats, rises: Floats | None = None) -> Mesh:
        """Return the mesh of loose triangles (m, 3, 3) [m], with equal vertices shared.

        Rises (m, 3) [m] of the corners are kept by vertex, the largest where corners that are shared differ.
        """
        loose = np.round(corners.reshape(-1, 3) * MILLIMETRES).astype(np.int64)
        if len(loose) == 0:
            return cls.empty()
        order = np.lexsort(loose.T)
        fresh = np.concatenate([[True], np.any(np.diff(loose[order], axis=0) != 0, axis=1)])
        number = np.empty(len(loose), dtype=np.int64)
        number[order] = np.cumsum(fresh) - 1
        triangles = number.reshape(-1, 3)
        solid = (
            (triangles[:, 0] != triangles[:, 1])
            & (triangles[:, 1] != triangles[:, 2])
            & (triangles[:, 2] != triangles[:, 0])
        )
        points = loose[order][fresh] / MILLIMETRES
        kept = None
        if rises is not None:
            kept = np.zeros(len(points))
            np.maximum.at(kept, number, rises.ravel())
        return cls(points=points, triangles=triangles[solid].astype(np.int32), rises=kept)

    @property
    def rises_or_zeros(self) -> Floats:
        """The rises, zero where the mesh has none [m]."""
        return self.rises if self.rises is not None else np.zeros(len(self.points))

    @property
    def area(self) -> float:
        """Total area of the triangles [m2]."""
        a, b, c = (self.points[self.triangles[:, corner]] for corner in range(3))
        return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def polygon_parts(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], Indices]:
    """Return the non-empty polygons of geometries, and the number of the geometry that each comes from."""
    parts, owner = shapely.get_parts(geometries, return_index=True)
    keep = (shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts) & (shapely.area(parts) > 1e-6)
    return np.asarray(parts[keep], dtype=object), np.asarray(owner[keep], dtype=np.intp)


def triangulate(polygons: NDArray[np.object_]) -> tuple[Floats, Indices]:
    """Cut polygons, holes included, into triangles.

    Parameters
    ----------
    polygons : ndarray of Polygon, shape (n,)

    Returns
    -------
    corners : ndarray, shape (m, 3, 2)
        Triangles of the plane [m], counter-clockwise.
    owner : ndarray of int, shape (m,)
        Number of the polygon that each triangle comes from.
    """
    if len(polygons) == 0:
        return np.empty((0, 3, 2)), np.empty(0, dtype=np.intp)
    collections = shapely.constrained_delaunay_triangles(polygons)
    parts, owner = shapely.get_parts(collections, return_index=True)
    corners = shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3]
    ab, ac = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    clockwise = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0] < 0
    corners[clockwise] = corners[clockwise][:, ::-1]
    return corners, np.asarray(owner, dtype=np.intp)


def ring_segments(polygons: NDArray[np.object_]) -> tuple[Floats, Floats, Indices]:
    """Return every edge of every ring, outside kept on the right hand.

    Returns
    -------
    start, end : ndarray, shapes (m, 2)
        Ends of the edges [m].
    owner : ndarray of int, shape (m,)
        Number of the polygon that each edge comes from.
    """
    oriented = shapely.orient_polygons(polygons)
    rings, ring_owner = shapely.get_rings(oriented, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[:-1] == ring[1:]
    return points[:-1][same], points[1:][same], np.asarray(ring_owner[ring[:-1][same]], dtype=np.intp)
