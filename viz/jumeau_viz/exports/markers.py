"""The assets as triangles: ribbons of lines, and for all else a small solid where the marker is, on its pole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau_viz.assets import AssetLayer
from jumeau_viz.frame import Floats
from jumeau_viz.meshes import Indices, Mesh

#: An octahedron of radius one: what looks round with the fewest triangles.
_CORNERS = np.array([[1, 0, 0], [0, 1, 0], [-1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)
_FACES = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4], [1, 0, 5], [2, 1, 5], [3, 2, 5], [0, 3, 5]])
#: Half the width of a pole, of the head on it, and of a marker on the ground [m]: seen from above a quarter.
POLE, HEAD, MARKER = 0.15, 1.8, 4.0


@dataclass(frozen=True)
class Markers:
    """Triangles of assets, with the asset of each vertex."""

    mesh: Mesh
    owner: Indices

    def triangles(self, chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Return the triangles of some assets, on the vertices of all."""
        return self.mesh.triangles[chosen[self.owner[self.mesh.triangles[:, 0]]]]


def markers(layer: AssetLayer) -> Markers:
    """Return the triangles of a layer's assets [m, local frame]."""
    if layer.appearance.geometry == "line":
        return Markers(layer.ribbon, layer.ribbon_owner)
    radius = HEAD if layer.appearance.geometry == "pole" else MARKER
    count = len(layer.ids)
    points = (layer.heads[:, None, :] + radius * _CORNERS).reshape(-1, 3)
    faces = (np.arange(count)[:, None, None] * len(_CORNERS) + _FACES).reshape(-1, 3)
    solids = Mesh(points, faces.astype(np.int32))
    owner = np.repeat(np.arange(count), len(_CORNERS))
    if layer.appearance.geometry != "pole":
        return Markers(solids, owner)
    poles = _poles(layer.feet, layer.heads)
    return Markers(Mesh.merged([solids, poles]), np.concatenate([owner, np.repeat(np.arange(count), 6)]))


def _poles(feet: Floats, heads: Floats) -> Mesh:
    """Return prisms of three sides, open at both ends."""
    turns = np.array([[np.cos(angle), np.sin(angle), 0.0] for angle in np.deg2rad([90, 210, 330])]) * POLE
    points = np.concatenate([feet[:, None, :] + turns, heads[:, None, :] + turns], axis=1).reshape(-1, 3)
    sides = np.array([[a, b, b + 3] for a, b in ((0, 1), (1, 2), (2, 0))] + [[0, 4, 3], [1, 5, 4], [2, 3, 5]])
    triangles = (np.arange(len(feet))[:, None, None] * 6 + sides).reshape(-1, 3)
    return Mesh(points, triangles.astype(np.int32))
