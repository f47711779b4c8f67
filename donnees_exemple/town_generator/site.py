"""A block under construction: what stands already, its frontages, and the draws that styles share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import Point, Polygon

from .geometry import Array, Curve, Point2, round_point
from .graph import StreetGraph

__all__ = [
    "CORNER",
    "Block",
    "Building",
    "Site",
    "add",
    "draw",
    "draw_height",
    "draw_storeys",
    "rings",
    "sides",
    "twice_round",
    "unserved",
]

CORNER = np.deg2rad(32.0)
NO_FRONTAGE = frozenset({"track", "cycleway"})


@dataclass
class Building:
    """One building, with the arc that it faces and its entrances."""

    footprint: Polygon
    use: str
    storeys: int
    height: float
    style: str
    entrances: list[tuple[Point2, int]] = field(default_factory=list)
    dwellings: int = 0


@dataclass
class Block:
    """Land between streets on which buildings may stand, clear of roads, pavements and water."""

    land: Polygon
    style: str
    quarter: str


class Site:
    """The block under construction: what stands already, and which street each frontage faces."""

    def __init__(self, block: Block, graph: StreetGraph, arcs: Sequence[int], reach: Mapping[int, float]) -> None:
        self.block = block
        self.graph = graph
        self.arcs = arcs
        self.reach = reach
        self.tree = STRtree([graph.arcs[a].line for a in arcs])
        self.built: list[Building] = []
        # The walked ring is simplified, so a front may stray a little over the pavement's edge.
        self.room = block.land.buffer(0.25)
        shapely.prepare(self.room)

    def street_at(self, place: Array) -> int | None:
        """Return the arc that a frontage at `place` faces, or None if no street can serve it."""
        point = Point(place)
        arc = self.arcs[int(self.tree.nearest(point))]
        street = self.graph.streets[self.graph.arcs[arc].street]
        if street.rural or street.road_class in NO_FRONTAGE:
            return None
        # At a corner the frontage is farther from both centre lines, by half a diagonal.
        near = self.graph.arcs[arc].line.distance(point) < 1.6 * self.reach[arc] + 1.5
        return arc if near else None

    def fits(self, footprint: Polygon, clearance: float = 0.0) -> bool:
        """Tell whether `footprint` is sound, inside the block and free of what stands already."""
        if not footprint.is_valid or not self.room.covers(footprint):
            return False
        others = [b.footprint for b in self.built]
        if not others:
            return True
        if clearance > 0:
            return bool(np.min(shapely.distance(others, footprint)) >= clearance)
        return not bool(np.any(shapely.relate_pattern(others, footprint, "T********")))


def sides(ring: Curve) -> Iterator[tuple[float, float, float, float]]:
    """Yield the stretches of a ring between its corners: start, end and the turn at each [m, rad]."""
    points = ring.coordinates[:-1]
    before = points - np.roll(points, 1, axis=0)
    after = np.roll(points, -1, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turns = np.arctan2(cross, (before * after).sum(axis=1))
    corners = np.flatnonzero(np.abs(turns) > CORNER)
    if not len(corners):
        yield 0.0, ring.length, 0.0, 0.0
        return
    for here, there in zip(corners, np.roll(corners, -1), strict=True):
        start, end = ring.stations[here], ring.stations[there]
        yield float(start), float(end if end > start else end + ring.length), float(turns[here]), float(turns[there])


def rings(land: Polygon, style: Mapping[str, Any]) -> Iterator[Curve]:
    """Yield the edge of `land` to build along, walked with the land on the left."""
    outline = shapely.remove_repeated_points(shapely.simplify(shapely.geometry.polygon.orient(land), 0.15), 0.4)
    if outline.is_empty or outline.exterior.length < 4 * style["frontage_low"]:
        return
    ring = shapely.get_coordinates(outline.exterior)
    yield Curve(ring)


def twice_round(ring: Curve) -> Curve:
    """Go twice round, so that a stretch past the ring's first vertex needs no special case."""
    return Curve(np.vstack([ring.coordinates, ring.coordinates[1:]]))


def draw_storeys(style: Mapping[str, Any], rng: np.random.Generator) -> int:
    """Draw a number of storeys between the style's bounds."""
    low, high = int(style["storeys_low"]), int(style["storeys_high"])
    return int(low + rng.binomial(high - low, 0.45))


def draw_height(storeys: int, style: str, factors: Mapping[str, float], rng: np.random.Generator) -> float:
    """Return the eave height that goes with `storeys` [m], to 10 cm."""
    old, flat = style in {"centre", "faubourg"}, style in {"towers", "school", "business"}
    storey = factors["storey_height_old" if old else "storey_height_modern"]
    if style == "business":
        storey = factors["storey_height_box"] / (1.0 + 0.35 * (storeys - 1))
    eave = factors["eave_allowance_flat" if flat else "eave_allowance_pitched"]
    return round(storeys * storey + eave + float(rng.uniform(-0.3, 0.3)), 1)


def draw(style: Mapping[str, Any], name: str, rng: np.random.Generator) -> float:
    """Draw uniformly between the style's `<name>_low` and `<name>_high`."""
    return float(rng.uniform(style[f"{name}_low"], style[f"{name}_high"]))


def add(site: Site, footprint: Polygon, use: str, storeys: int, height: float, front: Array, arc: int) -> None:
    """Add a building to `site`, with one entrance at `front` unless it is an annex."""
    entrances = [] if use == "annex" else [(round_point(front), arc)]
    site.built.append(Building(footprint, use, storeys, height, site.block.style, entrances))


def unserved(graph: StreetGraph, arc: int) -> bool:
    """Tell whether no building may have its address on `arc`."""
    street = graph.streets[graph.arcs[arc].street]
    return street.rural or street.road_class in NO_FRONTAGE
