"""Large buildings in open ground: halls behind forecourts, slabs and towers among lawns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from .geometry import Array, Curve, heading, rectangle, round_point
from .site import Building, Site, add, draw, draw_height, draw_storeys, rings, sides, twice_round, unserved

__all__ = ["line_with_halls", "set_slabs"]


def line_with_halls(
    site: Site, style: Mapping[str, Any], factors: Mapping[str, float], rng: np.random.Generator
) -> None:
    """Line a business or school block with large free-standing halls behind forecourts."""
    for behind in (0.0, factors["second_row"]):
        for ring in rings(site.block.land, style):
            for start, end, _, _ in sides(ring):
                place = start + 10.0
                while place < end - 15.0:
                    place = _box(site, twice_round(ring), place, end, behind, style, factors, rng)


def _box(
    site: Site,
    walk: Curve,
    place: float,
    end: float,
    behind: float,
    style: Mapping[str, Any],
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> float:
    """Try a hall whose front starts at `place`; return where the next one may start [m]."""
    width, depth = draw(style, "frontage", rng), draw(style, "depth", rng)
    setback, skip, kind = draw(style, "setback", rng) + behind, rng.random(), rng.random()
    storeys, gap = draw_storeys(style, rng), float(rng.uniform(8.0, 16.0))
    middle = place + width / 2
    arc = site.street_at(walk.at(middle))
    if middle > end or skip < style["gap_share"] or arc is None:
        return place + width + gap
    inward, along = walk.normal(middle, 12.0), walk.tangent(middle, 12.0)
    front = walk.at(middle) + inward * setback
    for share in (1.0, 0.65):
        footprint = rectangle(front, along, inward, width * share, depth * share)
        if site.fits(footprint, 8.0):
            use = "industrial" if kind < factors["industrial_share"] else "commercial"
            use = "public" if site.block.style == "school" else use
            add(site, footprint, use, storeys, draw_height(storeys, site.block.style, factors, rng), front, arc)
            break
    return place + width + gap


def set_slabs(site: Site, style: Mapping[str, Any], factors: Mapping[str, float], rng: np.random.Generator) -> None:
    """Set slabs and towers in open ground, on a loose lattice turned to the block's longer side."""
    land = site.block.land
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(land))
    one, two = corners[1] - corners[0], corners[3] - corners[0]
    first, second = (one, two) if np.hypot(*one) >= np.hypot(*two) else (two, one)
    along, across = heading(first), heading(second)
    for v in np.arange(24.0, np.hypot(*second) - 12.0, 42.0):
        for u in np.arange(30.0, np.hypot(*first) - 15.0, 62.0):
            for _ in range(6):
                if _try_slab(site, corners[0], (along, across), (float(u), float(v)), style, factors, rng):
                    break


def _try_slab(
    site: Site,
    corner: Array,
    axes: tuple[Array, Array],
    place: tuple[float, float],
    style: Mapping[str, Any],
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> bool:
    shift, kind, turned = rng.uniform(-15.0, 15.0, 2), rng.random(), rng.random() < 0.3
    depth, length = draw(style, "depth", rng), float(rng.uniform(40.0, style["frontage_high"]))
    tower = kind < factors["tower_share"]
    storeys = int(rng.integers(8, 11)) if tower else int(rng.integers(5, 7))
    along, across = axes
    a, b = (across, -along) if turned else (along, across)
    middle = corner + along * (place[0] + shift[0]) + across * (place[1] + shift[1])
    back = 21.0 if tower else depth
    for share in (1.0, 0.75, 0.55):
        width = 21.0 if tower else length * share
        front = middle - b * back / 2
        footprint = rectangle(front, a, b, width, back)
        if site.fits(footprint, 22.0) and footprint.distance(site.block.land.exterior) > style["setback_low"]:
            _slab(site, footprint, storeys, front, a, width, factors, rng)
            return True
    return False


def _slab(
    site: Site,
    footprint: Polygon,
    storeys: int,
    front: Array,
    along: Array,
    width: float,
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> None:
    served = [a for a in site.arcs if not unserved(site.graph, a)]
    distances = shapely.distance([site.graph.arcs[a].line for a in served], Point(front))
    arc = served[int(np.argmin(distances))]
    height = draw_height(storeys, "towers", factors, rng)
    building = Building(footprint, "residential", storeys, height, site.block.style)
    stairs = max(1, round(width / factors["stair_spacing"]))
    for k in range(stairs):
        door = front + along * width * ((k + 0.5) / stairs - 0.5)
        building.entrances.append((round_point(door), arc))
    site.built.append(building)
