"""The scene for other programs: binary glTF and OGC 3D Tiles."""

from __future__ import annotations

from jumeau_viz.exports.scene_glb import write_gltf
from jumeau_viz.exports.tiles import write_tiles

__all__ = ["write_gltf", "write_tiles"]
