"""Reads a binary glTF file by its specification, apart from what writes it."""

from __future__ import annotations

import json
import struct
from itertools import pairwise

import numpy as np

KINDS = {5121: "u1", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
WIDTHS = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}


class GlbFile:
    def __init__(self, path):
        data = path.read_bytes()
        magic, version, length = struct.unpack_from("<4sII", data)
        assert (magic, version, length) == (b"glTF", 2, len(data))
        size, kind = struct.unpack_from("<I4s", data, 12)
        assert kind == b"JSON"
        assert size % 4 == 0
        self.json = json.loads(data[20 : 20 + size])
        binary, kind = struct.unpack_from("<I4s", data, 20 + size)
        assert kind == b"BIN\0"
        self.buffer = data[28 + size :]
        assert len(self.buffer) == binary == self.json["buffers"][0]["byteLength"]

    def view(self, number):
        view = self.json["bufferViews"][number]
        return self.buffer[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]

    def array(self, number):
        accessor = self.json["accessors"][number]
        width = WIDTHS[accessor["type"]]
        found = np.frombuffer(self.view(accessor["bufferView"]), dtype=KINDS[accessor["componentType"]])
        assert len(found) == width * accessor["count"]
        found = found.reshape(-1, width) if width > 1 else found
        if "min" in accessor:
            assert accessor["min"] == found.min(axis=0).tolist()
            assert accessor["max"] == found.max(axis=0).tolist()
        return found

    def primitive(self, name):
        node = next(item for item in self.json["nodes"] if item["name"] == name)
        (primitive,) = self.json["meshes"][node["mesh"]]["primitives"]
        return primitive

    def attribute(self, name, attribute):
        return self.array(self.primitive(name)["attributes"][attribute])

    def points(self, name):
        """Points with z upwards."""
        x, y, z = self.attribute(name, "POSITION").astype(np.float64).T
        return np.column_stack([x, -z, y])

    def triangles(self, name):
        return self.array(self.primitive(name)["indices"]).reshape(-1, 3)

    def column(self, name):
        """A property of the features, from the table."""
        extension = self.json["extensions"]["EXT_structural_metadata"]
        (table,) = extension["propertyTables"]
        held = table["properties"][name]
        data = self.view(held["values"])
        if "stringOffsets" not in held:
            return np.frombuffer(data, dtype="<f4")
        offsets = np.frombuffer(self.view(held["stringOffsets"]), dtype="<u4")
        return [data[start:end].decode() for start, end in pairwise(offsets)]
