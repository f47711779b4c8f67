"""Trees, cars and people: drawn so that an eye can judge sizes; they stand for nothing that was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.randomness import Streams
from jumeau_viz.frame import Floats
from jumeau_viz.ground import Ground

#: Trees per hectare by kind of green area.
DENSITY = {"wood": 160.0, "orchard": 80.0, "park": 45.0, "garden": 45.0, "cemetery": 20.0, "lawn": 10.0, "meadow": 4.0}
OTHER_DENSITY = 15.0
BARE = ("sports", "pitch", "water", "beach")
MOST_TREES, MOST_CARS, MOST_PEOPLE = 6000, 1500, 1500
CAR_SPACING, PEOPLE_SPACING = 70.0, 90.0  # metres of street for each one
DRIVEN = ("primary", "secondary", "tertiary", "residential", "living_street")
WALKED = (*DRIVEN, "pedestrian", "cycleway")
LANE, PAVEMENT = 1.5, 0.9  # metres from the edge of the carriageway, inwards and outwards


@dataclass(frozen=True)
class Surroundings:
    """Where trees, cars and people are drawn [m, local frame].

    Attributes
    ----------
    trees : ndarray, shape (n, 4)
        Foot, and height of the tree.
    cars, people : ndarray, shapes (m, 4)
        Place on the ground, and direction [radian], anticlockwise from east.
    """

    trees: Floats
    cars: Floats
    people: Floats

    @classmethod
    def empty(cls) -> Surroundings:
        """Return surroundings without anything."""
        return cls(np.empty((0, 4)), np.empty((0, 4)), np.empty((0, 4)))


def surround(
    shapes: Mapping[str, NDArray[np.object_]],
    layers: Mapping[str, gpd.GeoDataFrame],
    widths: Floats,
    ground: Ground,
) -> Surroundings:
    """Return what stands around: trees on green areas, cars and people along streets, none inside a building.

    Parameters
    ----------
    shapes : mapping of str to ndarray of geometry
        `green`, `streets` and `buildings` in the local plane; any may be missing.
    layers : mapping of str to GeoDataFrame
        The same layers, for kinds and classes.
    widths : ndarray
        Widths of the streets [m].
    ground : Ground
    """
    streams = Streams(seed=1, replication=0, network="surroundings")
    built = shapely.STRtree(shapes.get("buildings", np.empty(0, dtype=object)))
    trees, cars, people = np.empty((0, 4)), np.empty((0, 4)), np.empty((0, 4))
    if "green" in shapes:
        trees = _outside(_trees(shapes["green"], layers["green"], streams, ground), built)
    if "streets" in shapes:
        lines, classes = shapes["streets"], layers["streets"].get("road_class")
        names = classes.astype(str).to_numpy() if classes is not None else np.full(len(lines), "residential")
        driven, walked = np.isin(names, DRIVEN), np.isin(names, WALKED)
        cars = _along(lines[driven], widths[driven] / 2 - LANE, CAR_SPACING, MOST_CARS, streams, "car")
        people = _along(lines[walked], widths[walked] / 2 + PAVEMENT, PEOPLE_SPACING, MOST_PEOPLE, streams, "person")
        cars, people = (_outside(_grounded(places, ground), built) for places in (cars, people))
    return Surroundings(trees, cars, people)


def _trees(shapes: NDArray[np.object_], green: gpd.GeoDataFrame, streams: Streams, ground: Ground) -> Floats:
    kinds = green["kind"].astype(str).to_numpy() if "kind" in green else np.full(len(green), "park")
    wanted = np.array([0.0 if kind in BARE else DENSITY.get(kind, OTHER_DENSITY) for kind in kinds])
    wanted = wanted * shapely.area(shapes) / 10_000.0
    thinned = wanted * min(1.0, MOST_TREES / max(wanted.sum(), 1.0))
    found = []
    for row, (shape, count) in enumerate(zip(shapes, np.round(thinned).astype(int).tolist(), strict=True)):
        if count == 0:
            continue
        west, south, east, north = shape.bounds
        boxed = (east - west) * (north - south)
        draws = streams.generator("tree", "place", row).random((int(2 * count * boxed / max(shape.area, 1.0)) + 8, 3))
        x, y = west + draws[:, 0] * (east - west), south + draws[:, 1] * (north - south)
        inside = shapely.contains_xy(shape, x, y)
        found.append(np.column_stack([x, y, draws[:, 2]])[inside][:count])
    if not found:
        return np.empty((0, 4))
    drawn = np.concatenate(found)
    return np.column_stack([drawn[:, :2], ground.altitude(drawn[:, :2]), 4.5 + 7.5 * drawn[:, 2] ** 1.5])


def _along(
    lines: NDArray[np.object_], aside: Floats, spacing: float, most: int, streams: Streams, family: str
) -> Floats:
    """Return places beside lines (n, 3): x, y and direction, keeping to the right of both directions."""
    length = shapely.length(lines)
    if not len(lines) or length.sum() < spacing:
        return np.empty((0, 3))
    count = int(min(most, length.sum() / spacing))
    draws = np.sort(streams.generator(family, "place").random(count)) * length.sum()
    right = streams.generator(family, "side").random(count) < 0.5
    ends = np.cumsum(length)
    row = np.minimum(np.searchsorted(ends, draws), len(lines) - 1)
    at = draws - (ends[row] - length[row])
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], at))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], np.minimum(at + 0.5, length[row])))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], np.maximum(at - 0.5, 0.0)))
    along = np.where(right, 1.0, -1.0)[:, None] * (ahead - behind)
    along /= np.maximum(np.linalg.norm(along, axis=1), 1e-9)[:, None]
    shift = np.column_stack([along[:, 1], -along[:, 0]]) * np.maximum(aside[row], 0.5)[:, None]
    return np.column_stack([here + shift, np.arctan2(along[:, 1], along[:, 0])])


def _grounded(places: Floats, ground: Ground) -> Floats:
    return np.column_stack([places[:, :2], ground.altitude(places[:, :2]), places[:, 2]])


def _outside(places: Floats, built: shapely.STRtree) -> Floats:
    if not len(places) or not len(built.geometries):
        return places
    hidden = np.unique(built.query(shapely.points(places[:, :2]), predicate="within")[0])
    return np.delete(places, hidden, axis=0)
