"""Binary glTF 2.0 (`.glb`), written with NumPy alone.

VTK's own writer gives each vertex a normal and no names, ids or origin, and base64 in JSON: ten times the size.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.files import atomic
from jumeau.redaction import everywhere, visible
from jumeau_viz.frame import Floats
from jumeau_viz.meshes import Mesh
from jumeau_viz.qgis.style import Colour

ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963
UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5121, 5123, 5125, 5126
_COMPONENTS = {"u1": UNSIGNED_BYTE, "u2": UNSIGNED_SHORT, "u4": UNSIGNED_INT, "f4": FLOAT}
_TYPES = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}
#: Property tables ask for eight bytes, all else for four.
ALIGNMENT = 8
_MAGIC, _JSON, _BIN = 0x46546C67, 0x4E4F534A, 0x004E4942
UNLIT = "KHR_materials_unlit"


class Glb:
    """A glTF under construction: arrays go in the buffer, objects in the JSON.

    Attributes
    ----------
    json : dict
        What is written, but for the buffer.
    """

    def __init__(self, extras: Mapping[str, Any]) -> None:
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": "Jumeau", "extras": dict(extras)},
            "scene": 0,
            "scenes": [],
            "nodes": [],
            "meshes": [],
            "materials": [],
            "accessors": [],
            "bufferViews": [],
        }
        self._parts: list[bytes] = []
        self._length = 0

    def view(self, data: bytes, target: int | None = None) -> int:
        """Put bytes in the buffer; return the number of their view."""
        padded = data + bytes(-len(data) % ALIGNMENT)
        entry = {"buffer": 0, "byteOffset": self._length, "byteLength": len(data)}
        self._parts.append(padded)
        self._length += len(padded)
        return self._add("bufferViews", entry if target is None else {**entry, "target": target})

    def accessor(self, array: NDArray[Any], *, bounds: bool = False, normalized: bool = False) -> int:
        """Put an attribute of vertices in the buffer, shape (n,) or (n, 3) or (n, 4); return its number."""
        return self._accessor(array, ARRAY_BUFFER, bounds=bounds, normalized=normalized)

    def indices(self, triangles: NDArray[np.integer[Any]], count: int) -> int:
        """Put the triangles (m, 3) of `count` vertices in the buffer, on two bytes where that is enough."""
        wide = count > np.iinfo(np.uint16).max
        return self._accessor(triangles.astype(np.uint32 if wide else np.uint16).ravel(), ELEMENT_BUFFER)

    def positions(self, points: Floats) -> int:
        """Put points (n, 3) [m], z upwards, in the buffer, y upwards as glTF wants it."""
        return self.accessor(y_up(points).astype(np.float32), bounds=True)

    def colours(self, colours: NDArray[np.uint8]) -> int:
        """Put the colours (n, 3) of vertices in the buffer: sRGB in, linear as glTF wants it."""
        opaque = np.full((len(colours), 4), 255, dtype=np.uint8)
        opaque[:, :3] = np.round(linear(colours) * 255)
        return self.accessor(opaque, normalized=True)

    def material(self, name: str, colour: Colour, *, unlit: bool = False) -> int:
        """Add a material; an unlit one shows colours as the legend does, whatever the light."""
        red, green, blue = linear(np.array([colour], dtype=np.uint8))[0].round(6).tolist()
        entry: dict[str, Any] = {
            "name": name,
            "pbrMetallicRoughness": {
                "baseColorFactor": [red, green, blue, 1.0],
                "metallicFactor": 0.0,
                "roughnessFactor": 1.0,
            },
            "doubleSided": True,
        }
        if unlit:
            entry["extensions"] = {UNLIT: {}}
            self.use(UNLIT)
        return self._add("materials", entry)

    def mesh(self, name: str, primitive: Mapping[str, Any]) -> int:
        """Add a mesh of one primitive."""
        return self._add("meshes", {"name": name, "primitives": [dict(primitive)]})

    def node(self, name: str, mesh: int, extras: Mapping[str, Any] | None = None) -> int:
        """Add a node that shows a mesh."""
        entry: dict[str, Any] = {"name": name, "mesh": mesh}
        return self._add("nodes", {**entry, "extras": dict(extras)} if extras else entry)

    def plain(self, name: str, mesh: Mesh, material: int) -> int:
        """Add a node that shows triangles of one material."""
        primitive = {
            "attributes": {"POSITION": self.positions(mesh.points)},
            "indices": self.indices(mesh.triangles, len(mesh.points)),
            "material": material,
        }
        return self.node(name, self.mesh(name, primitive))

    def scene(self, name: str, nodes: Sequence[int]) -> int:
        """Add a scene; the first one is shown."""
        return self._add("scenes", {"name": name, "nodes": list(nodes)})

    def use(self, extension: str) -> None:
        """Announce an extension."""
        used = self.json.setdefault("extensionsUsed", [])
        if extension not in used:
            used.append(extension)

    def write(self, path: Path) -> Path:
        """Write the file, whole or not at all."""
        document = {key: value for key, value in self.json.items() if value != []}
        document["buffers"] = [{"byteLength": self._length}]
        text = json.dumps(everywhere(document, visible), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        head = text.encode()
        head += b" " * (-len(head) % ALIGNMENT)

        def fill(target: Path) -> None:
            with target.open("wb") as file:
                file.write(struct.pack("<III", _MAGIC, 2, 12 + 8 + len(head) + 8 + self._length))
                file.write(struct.pack("<II", len(head), _JSON) + head)
                file.write(struct.pack("<II", self._length, _BIN))
                file.writelines(self._parts)

        return atomic(path, fill)

    def _accessor(self, array: NDArray[Any], target: int, *, bounds: bool = False, normalized: bool = False) -> int:
        little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
        entry: dict[str, Any] = {
            "bufferView": self.view(little.tobytes(), target),
            "componentType": _COMPONENTS[f"{array.dtype.kind}{array.dtype.itemsize}"],
            "count": len(array),
            "type": _TYPES[1 if array.ndim == 1 else array.shape[1]],
        }
        if bounds:
            entry |= {"min": array.min(axis=0).tolist(), "max": array.max(axis=0).tolist()}
        if normalized:
            entry["normalized"] = True
        return self._add("accessors", entry)

    def _add(self, kind: str, entry: Any) -> int:
        self.json[kind].append(entry)
        return len(self.json[kind]) - 1


def y_up(points: Floats) -> Floats:
    """Return points or directions (n, 3) with y upwards: east, up, south."""
    return np.column_stack([points[:, 0], points[:, 2], -points[:, 1]])


def linear(colours: NDArray[np.uint8]) -> Floats:
    """Return sRGB colours as shares of linear light (IEC 61966-2-1)."""
    share = colours.astype(np.float64) / 255
    return np.asarray(np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4), dtype=np.float64)
