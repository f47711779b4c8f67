"""The scene: the layers of a territory as a few named, merged meshes of the local frame.

No window, no colour and no file here: pictures and the page both draw what this module returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau_viz.defaults import drawing_default
from jumeau_viz.frame import Floats, LocalFrame
from jumeau_viz.ground import Ground
from jumeau_viz.meshes import Indices, Mesh, polygon_parts, ring_segments, triangulate
from jumeau_viz.roofs import Pitched
from jumeau_viz.surroundings import Surroundings, surround

#: Meshes in the order in which they are laid on one another, and their lift above the ground [m].
FLAT_LIFTS = {"water": 0.10, "green": 0.20, "paths": 0.35, "streets": 0.50}
DRAWN = ("streets", "buildings", "green", "water")
PATH_CLASSES = ("pedestrian", "cycleway", "track")
FOUNDATION = 1.0  # metres of wall below the lowest corner, so that slopes show no gap


@dataclass(frozen=True)
class Scene:
    """What can be drawn of a territory.

    Attributes
    ----------
    frame : LocalFrame
        Frame of every coordinate.
    ground : Ground
        Altitudes.
    meshes : mapping of str to Mesh
        `ground`, `water`, `green`, `paths`, `streets`, `walls`, `roofs` (flat ones), `slopes` (pitched ones); those
        without features are left out.
    surroundings : Surroundings
        Trees, cars and people, for scale.
    """

    frame: LocalFrame
    ground: Ground
    meshes: Mapping[str, Mesh]
    surroundings: Surroundings = field(default_factory=Surroundings.empty)


def build_scene(layers: Mapping[str, gpd.GeoDataFrame], extra: tuple[gpd.GeoDataFrame, ...] = ()) -> Scene:
    """Build the meshes of a territory.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Shared layers of a territory; any of them may be missing.
    extra : tuple of GeoDataFrame
        Further layers that the ground must reach under (the assets of a network).

    Returns
    -------
    Scene
    """
    present = {name: layer for name, layer in layers.items() if isinstance(layer, gpd.GeoDataFrame) and len(layer)}
    relief = present.get("relief")
    drawn = [present[name] for name in DRAWN if name in present]
    lowest = float(np.nanmin(relief["z"].to_numpy(dtype=np.float64))) if relief is not None else 0.0
    frame = LocalFrame.around([*drawn, *extra] or list(present.values()), lowest)
    ground = _ground(relief, [*drawn, *extra], frame)
    shapes = {name: local_shapes(layer, frame) for name, layer in present.items() if name in DRAWN}
    widths = street_widths(present["streets"]) if "streets" in present else np.empty(0)
    meshes = {"ground": ground.mesh()}
    for name in ("water", "green"):
        if name in present:
            meshes[name] = drape(shapes[name], ground, FLAT_LIFTS[name])
    if "streets" in present:
        meshes |= _street_meshes(shapes["streets"], present["streets"], widths, ground)
    if "buildings" in present:
        meshes |= extrude(shapes["buildings"], building_heights(present["buildings"]), ground)
    return Scene(
        frame,
        ground,
        {name: mesh for name, mesh in meshes.items() if len(mesh.triangles)},
        surround(shapes, present, widths, ground),
    )


def drape(geometries: NDArray[np.object_], ground: Ground, lift: float) -> Mesh:
    """Lay flat polygons on the ground.

    On relief they are cut along the ground's triangles, so that they follow it exactly.

    Parameters
    ----------
    geometries : ndarray of geometry, shape (n,)
        Polygons of the local plane [m].
    ground : Ground
    lift : float
        Height above the ground [m].
    """
    polygons, _owner = polygon_parts(geometries)
    if not ground.flat and len(polygons):
        cells = ground.cells()
        mine, cell = shapely.STRtree(cells).query(polygons, predicate="intersects")
        polygons, _owner = polygon_parts(shapely.intersection(polygons[mine], cells[cell]))
    corners, _owner = triangulate(polygons)
    flat = corners.reshape(-1, 2)
    solid = np.column_stack([flat, ground.altitude(flat) + lift])
    return Mesh.from_corners(solid.reshape(-1, 3, 3))


@dataclass(frozen=True)
class Raised:
    """Loose triangles of walls and roofs, with the footprint that each comes from.

    Attributes
    ----------
    walls, roofs, slopes : ndarray, shapes (m, 3, 3)
        Corners of walls with their gables, of flat roofs and of pitched ones [m].
    wall_owner, roof_owner, slope_owner : ndarray of int, shapes (m,)
        Numbers of the footprints.
    rises : ndarray, shape (m, 3)
        Height of the corners of walls above the foot of their building [m]; zero on gables.
    """

    walls: Floats
    wall_owner: Indices
    roofs: Floats
    roof_owner: Indices
    slopes: Floats
    slope_owner: Indices
    rises: Floats


def extrude(geometries: NDArray[np.object_], heights: Floats, ground: Ground) -> dict[str, Mesh]:
    """Raise footprints into merged meshes; see `raise_footprints`.

    Returns
    -------
    dict of str to Mesh
        `walls`, gables included, `roofs` (flat) and `slopes` (pitched).
    """
    raised = raise_footprints(geometries, heights, ground)
    return {
        "walls": Mesh.from_corners(raised.walls, raised.rises),
        "roofs": Mesh.from_corners(raised.roofs),
        "slopes": Mesh.from_corners(raised.slopes),
    }


def raise_footprints(geometries: NDArray[np.object_], heights: Floats, ground: Ground) -> Raised:
    """Raise footprints into walls with flat roofs, or pitched ones on small rectangular houses.

    Parameters
    ----------
    geometries : ndarray of geometry, shape (n,)
        Footprints of the local plane [m].
    heights : ndarray, shape (n,)
        Height of the eaves above the mean ground along the footprint [m].
    ground : Ground
    """
    polygons, owner = polygon_parts(geometries)
    if len(polygons) == 0:
        nothing = np.empty((0, 3, 3))
        return Raised(nothing, owner, nothing, owner, nothing, owner, np.empty((0, 3)))
    start, end, edge_owner = ring_segments(polygons)
    below = ground.altitude(start)
    count = np.bincount(edge_owner, minlength=len(polygons))
    mean = np.bincount(edge_owner, weights=below, minlength=len(polygons)) / np.maximum(count, 1)
    foot = np.full(len(polygons), np.inf)
    np.minimum.at(foot, edge_owner, below)
    top = mean + heights[owner]

    low_start, low_end = _at(start, foot[edge_owner] - FOUNDATION), _at(end, foot[edge_owner] - FOUNDATION)
    high_start, high_end = _at(start, top[edge_owner]), _at(end, top[edge_owner])
    corners = np.concatenate(
        [np.stack([low_start, low_end, high_end], axis=1), np.stack([low_start, high_end, high_start], axis=1)]
    )
    # Windows begin at the foot, whatever the foundation.
    above = np.maximum(corners[:, :, 2] - np.tile(foot[edge_owner], 2)[:, None], 0.0)
    pitched = Pitched.among(polygons, heights[owner])
    slopes, gables = pitched.triangles(top[pitched.chosen])
    house = owner[pitched.chosen]
    flat, roof_owner = triangulate(polygons[~pitched.chosen])
    return Raised(
        walls=np.concatenate([corners, gables]),
        wall_owner=np.concatenate([np.tile(owner[edge_owner], 2), np.tile(house, 2)]),
        roofs=np.dstack([flat, np.repeat(top[~pitched.chosen][roof_owner][:, None], 3, axis=1)]),
        roof_owner=owner[~pitched.chosen][roof_owner],
        slopes=slopes,
        slope_owner=np.tile(house, 4),
        rises=np.concatenate([above, np.zeros((len(gables), 3))]),
    )


def building_heights(buildings: gpd.GeoDataFrame) -> Floats:
    """Return the heights to draw (n,) [m]: the observed one, else from the storeys, else a usual one."""
    heights = pd.Series(_column(buildings, "height"))
    heights = heights.where(heights > 0)
    storeys = pd.Series(_column(buildings, "storeys"))
    by_storeys = storeys.where(storeys > 0) * drawing_default("storey_height")
    filled = heights.fillna(by_storeys).fillna(drawing_default("building_height"))
    return np.asarray(filled.to_numpy(dtype=np.float64))


def street_widths(streets: gpd.GeoDataFrame) -> Floats:
    """Return the widths to draw (n,) [m]: the layer's, else the usual one of the class."""
    widths = pd.Series(_column(streets, "width"))
    usual = _classes(streets).map(lambda name: drawing_default(f"street_width_{name}", "street_width"))
    filled = widths.where(widths > 0).fillna(usual.reset_index(drop=True))
    return np.asarray(filled.to_numpy(dtype=np.float64))


def _street_meshes(
    lines: NDArray[np.object_], streets: gpd.GeoDataFrame, widths: Floats, ground: Ground
) -> dict[str, Mesh]:
    ribbons = shapely.buffer(lines, widths / 2, quad_segs=2)
    quiet = _classes(streets).isin(PATH_CLASSES).to_numpy()
    return {
        "paths": drape(ribbons[quiet], ground, FLAT_LIFTS["paths"]),
        "streets": drape(ribbons[~quiet], ground, FLAT_LIFTS["streets"]),
    }


def _ground(relief: gpd.GeoDataFrame | None, layers: list[gpd.GeoDataFrame], frame: LocalFrame) -> Ground:
    if relief is not None:
        return Ground.from_relief(relief, frame)
    bounds = np.array([layer.total_bounds for layer in layers if len(layer)])
    corners = np.array([bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)])
    (west, south), (east, north) = frame.to_local(corners)
    return Ground.level((float(west), float(south), float(east), float(north)))


def local_shapes(layer: gpd.GeoDataFrame, frame: LocalFrame) -> NDArray[np.object_]:
    """Return the shapes of a layer in the plane of the local frame, made valid."""
    geometries = shapely.force_2d(layer.geometry.to_numpy())
    moved = shapely.transform(geometries, frame.to_local)
    return np.asarray(shapely.make_valid(moved), dtype=object)


def _classes(streets: gpd.GeoDataFrame) -> pd.Series[str]:
    if "road_class" in streets:
        return pd.Series(streets["road_class"].astype(str))
    return pd.Series("", index=streets.index, dtype=str)


def _column(layer: gpd.GeoDataFrame, name: str) -> Floats:
    if name not in layer:
        return np.full(len(layer), np.nan)
    return np.asarray(pd.to_numeric(layer[name], errors="coerce").to_numpy(dtype=np.float64))


def _at(points: Floats, altitude: Floats) -> Floats:
    return np.column_stack([points, altitude])
