"""Triangles that know which building or asset they are of (EXT_mesh_features), and what is known of each of them.

Ids and figures stand in a property table (EXT_structural_metadata), which viewers of 3D Tiles show at a click.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau_viz.exports.geodesy import Placement
from jumeau_viz.exports.glb import Glb, y_up
from jumeau_viz.frame import Floats
from jumeau_viz.ground import Ground
from jumeau_viz.meshes import MILLIMETRES, Indices
from jumeau_viz.palettes import NIGHT
from jumeau_viz.scene import raise_footprints

MESH_FEATURES, METADATA = "EXT_mesh_features", "EXT_structural_metadata"
#: What a property table says where a figure is not known: JSON and float32 tables hold no gaps.
NO_DATA = -1e30


@dataclass(frozen=True)
class Features:
    """Triangles about the middle of a tileset.

    Attributes
    ----------
    points : ndarray, shape (n, 3)
        East, north, up [m].
    triangles : ndarray of int32, shape (m, 3)
    owner : ndarray of int, shape (n,)
        Feature of each vertex.
    count : int
        How many features there are.
    colours : ndarray of uint8, shape (n, 3)
        sRGB.
    normals : ndarray, shape (n, 3) or None
        Directions of the faces; viewers compute them where there are none.
    """

    points: Floats
    triangles: NDArray[np.int32]
    owner: Indices
    count: int
    colours: NDArray[np.uint8]
    normals: Floats | None = None


@dataclass(frozen=True)
class Column:
    """One property of all features: names, or numbers."""

    name: str
    description: str
    values: NDArray[Any]


def building_features(footprints: NDArray[np.object_], heights: Floats, ground: Ground, place: Placement) -> Features:
    """Return buildings with walls and roofs, each vertex of one face of one building.

    Parameters
    ----------
    footprints : ndarray of geometry, shape (n,)
        Of the local plane [m].
    heights : ndarray, shape (n,)
        Of the eaves [m].
    ground : Ground
    place : Placement
    """
    raised = raise_footprints(footprints, heights, ground)
    corners = np.concatenate([raised.walls, raised.roofs, raised.slopes])
    owner = np.repeat(np.concatenate([raised.wall_owner, raised.roof_owner, raised.slope_owner]), 3)
    kinds = [(part, NIGHT[part]) for part in ("walls", "roofs", "slopes")]
    colour = np.repeat([tone for part, tone in kinds for _face in getattr(raised, part)], 3, axis=0).astype(np.uint8)
    loose = place.about_middle(corners.reshape(-1, 3))
    faces = loose.reshape(-1, 3, 3)
    normals = np.cross(faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0])
    length = np.linalg.norm(normals, axis=1)
    solid = length > 1e-9
    normals = np.repeat(normals[solid] / length[solid][:, None], 3, axis=0)
    kept = np.repeat(solid, 3)
    loose, owner, colour = loose[kept], owner[kept], colour[kept]
    alike = np.column_stack([np.round(loose * MILLIMETRES), np.round(normals * MILLIMETRES), owner])
    _rows, first, number = np.unique(alike, axis=0, return_index=True, return_inverse=True)
    return Features(
        loose[first],
        number.reshape(-1, 3).astype(np.int32),
        owner[first],
        len(footprints),
        colour[first],
        normals[first],
    )


def add_features(glb: Glb, name: str, features: Features, columns: Sequence[Column], material: int) -> int:
    """Add a node that shows features, and the table of what is known of them; return the node's number."""
    attributes = {"POSITION": glb.positions(features.points), "COLOR_0": glb.colours(features.colours)}
    if features.normals is not None:
        attributes["NORMAL"] = glb.accessor(y_up(features.normals).astype(np.float32))
    # Two bytes would be misaligned; float32 counts to sixteen million.
    attributes["_FEATURE_ID_0"] = glb.accessor(features.owner.astype(np.float32))
    primitive = {
        "attributes": attributes,
        "indices": glb.indices(features.triangles, len(features.points)),
        "material": material,
        "extensions": {
            MESH_FEATURES: {
                "featureIds": [{"featureCount": features.count, "attribute": 0, "propertyTable": 0}],
            }
        },
    }
    glb.use(MESH_FEATURES)
    glb.use(METADATA)
    glb.json.setdefault("extensions", {})[METADATA] = _table(glb, name, columns, features.count)
    return glb.node(name, glb.mesh(name, primitive))


def _table(glb: Glb, name: str, columns: Sequence[Column], count: int) -> dict[str, Any]:
    said: dict[str, Any] = {}
    held: dict[str, Any] = {}
    for column in columns:
        if column.values.dtype == object:
            said[column.name] = {"name": column.description, "type": "STRING"}
            held[column.name] = _names(glb, column.values)
        else:
            known = np.where(np.isfinite(column.values), column.values, NO_DATA).astype("<f4")
            said[column.name] = {
                "name": column.description,
                "type": "SCALAR",
                "componentType": "FLOAT32",
                "noData": float(np.float32(NO_DATA)),
            }
            held[column.name] = {"values": glb.view(known.tobytes())}
    return {
        "schema": {"id": "jumeau", "classes": {"feature": {"name": name, "properties": said}}},
        "propertyTables": [{"name": name, "class": "feature", "count": count, "properties": held}],
    }


def _names(glb: Glb, values: NDArray[Any]) -> dict[str, Any]:
    texts = [str(value).encode() for value in values]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype("<u4")
    # A view of no byte is none: a space that no offset reaches stands in.
    return {
        "values": glb.view(b"".join(texts) or b" "),
        "stringOffsets": glb.view(offsets.tobytes()),
        "stringOffsetType": "UINT32",
    }
