"""Houses along a street: contiguous rows around courtyards, and houses in their gardens."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from .geometry import Array, Curve, heading, rectangle, round_point
from .site import CORNER, Site, add, draw, draw_height, draw_storeys, rings, sides, twice_round

__all__ = ["line_with_houses", "line_with_rows"]

WALL_JOINT = 0.015


def _row_walls(
    start: float, end: float, turn_in: float, turn_out: float, style: Mapping[str, Any], rng: np.random.Generator
) -> list[float]:
    """Choose the party walls of one stretch; a corner keeps enough room for its corner house [m]."""
    depth = style["depth_low"]
    margins = []
    for turn in (turn_in, turn_out):
        inner = np.pi - turn
        margins.append(float(np.clip(depth / np.tan(inner / 2), 4.0, 14.0)) if turn > CORNER else 0.0)
    low, high = start + margins[0], end - margins[1]
    if high - low < style["frontage_low"]:
        return [(start + end) / 2] if turn_in > 0 and turn_out > 0 else []
    count = max(1, round((high - low) / ((style["frontage_low"] + style["frontage_high"]) / 2)))
    shares = rng.uniform(style["frontage_low"], style["frontage_high"], count)
    return [low, *(low + (high - low) * np.cumsum(shares) / shares.sum()).tolist()]


def line_with_rows(
    site: Site, style: Mapping[str, Any], factors: Mapping[str, float], rng: np.random.Generator
) -> None:
    """Line a block's edge with contiguous houses that leave a courtyard inside."""
    for ring in rings(site.block.land, style):
        walk = twice_round(ring)
        walls: list[float] = []
        for stretch in sides(ring):
            walls.extend(_row_walls(*stretch, style, rng))
        walls = sorted({round(w % ring.length, 3) for w in walls})
        if len(walls) < 3:
            continue
        for left, right in zip(walls, [*walls[1:], walls[0] + ring.length], strict=True):
            _row_house(site, walk, left, right, style, factors, rng)


def _row_house(
    site: Site,
    walk: Curve,
    left: float,
    right: float,
    style: Mapping[str, Any],
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> None:
    """Build one house between two party walls, shallower if the block is too thin for it."""
    gap, setback, depth = rng.random(), draw(style, "setback", rng), draw(style, "depth", rng)
    storeys, extra = draw_storeys(style, rng), rng.random(3)
    middle = walk.at((left + right) / 2)
    arc = site.street_at(middle)
    if arc is None or gap < style["gap_share"] or right - left > 34.0:
        return
    in_left, in_right = walk.normal(left), walk.normal(right)
    front = [np.asarray(p) for p in walk.between(left + WALL_JOINT, right - WALL_JOINT)]
    is_corner = len(front) > 2 and float(in_left @ in_right) < np.cos(CORNER)
    if is_corner:
        setback = 0.0
    front[0], front[-1] = front[0] + in_left * setback, front[-1] + in_right * setback
    inner = [p + walk.normal(left) * setback for p in front[1:-1]] if setback else front[1:-1]
    outline = [front[0], *inner, front[-1]]
    for share in (1.0, 0.8, 0.62):
        back = [outline[-1] + in_right * depth * share, outline[0] + in_left * depth * share]
        footprint = Polygon([round_point(p) for p in (*outline, *back)])
        if site.fits(footprint) and footprint.area > 28.0:
            break
    else:
        return
    busy = site.graph.streets[site.graph.arcs[arc].street].road_class in {
        "primary",
        "secondary",
        "tertiary",
        "pedestrian",
    }
    use = "mixed" if extra[0] < style["shop_share"] * (2.4 if busy else 0.6) else "residential"
    door = shapely.line_interpolate_point(shapely.LineString(outline), 0.5, normalized=True)
    add(
        site,
        footprint,
        use,
        storeys,
        draw_height(storeys, site.block.style, factors, rng),
        np.array([door.x, door.y]),
        arc,
    )
    if extra[1] < style["annex_share"]:
        inward = heading(in_left + in_right)
        place = (back[0] + back[1]) / 2 + inward * (1.0 + 6.0 * extra[2])
        shed = rectangle(place, np.array([inward[1], -inward[0]]), inward, min(right - left, 6.0) - 1.0, 4.0)
        if site.fits(shed, 0.5):
            add(site, shed, "annex", 1, factors["annex_height"], place, arc)


def line_with_houses(
    site: Site, style: Mapping[str, Any], factors: Mapping[str, float], rng: np.random.Generator
) -> None:
    """Put a house in the middle of each parcel along a block's edge, turned to its street."""
    for ring in rings(site.block.land, style):
        walk = twice_round(ring)
        for start, end, turn_in, turn_out in sides(ring):
            low = start + (5.0 if turn_in > 0 else 0.0)
            high = end - (5.0 if turn_out > 0 else 0.0)
            count = int((high - low) / ((style["frontage_low"] + style["frontage_high"]) / 2))
            if count < 1:
                continue
            shares = rng.uniform(style["frontage_low"], style["frontage_high"], count)
            edges = low + (high - low) * np.concatenate([[0.0], np.cumsum(shares)]) / shares.sum()
            for left, right in pairwise(edges.tolist()):
                _house(site, walk, left, right, style, factors, rng)


def _house(
    site: Site,
    walk: Curve,
    left: float,
    right: float,
    style: Mapping[str, Any],
    factors: Mapping[str, float],
    rng: np.random.Generator,
) -> None:
    gap, setback, depth = rng.random(), draw(style, "setback", rng), draw(style, "depth", rng)
    width = float(np.clip((right - left) * rng.uniform(0.5, 0.72), 8.5, 15.0))
    extra, storeys, side = rng.random(4), draw_storeys(style, rng), 1.0 if rng.random() < 0.5 else -1.0
    middle = (left + right) / 2 + side * min(1.5, 0.1 * (right - left))
    inward, along = walk.normal(middle, 6.0), walk.tangent(middle, 6.0)
    arc = site.street_at(walk.at(middle))
    if arc is None or gap < style["gap_share"]:
        return
    front = walk.at(middle) + inward * setback
    footprint = rectangle(front, along, inward, width, depth)
    if not site.fits(footprint, 4.0):
        width = 8.5
        footprint = rectangle(front, along, inward, width, depth)
        if not site.fits(footprint, 3.0):
            return
    if extra[0] < factors["wing_share"]:
        winged = _with_wing(front, along * side, inward, width, depth, 3.0 + 2.5 * extra[1])
        footprint = winged if site.fits(winged, 3.0) else footprint
    twin = extra[2] < factors["semi_detached_share"]
    add(site, footprint, "residential", storeys, draw_height(storeys, "estate", factors, rng), front, arc)
    site.built[-1].dwellings = 2 if twin else 1
    if extra[3] < style["annex_share"]:
        place = front + inward * (depth + 7.0) + along * side * 0.3 * width
        shed = rectangle(place, along, inward, 3.6, 5.2)
        if site.fits(shed, 2.0):
            add(site, shed, "annex", 1, factors["annex_height"], place, arc)


def _with_wing(front: Array, along: Array, inward: Array, width: float, depth: float, wing: float) -> Polygon:
    """Return an L-shaped house: the rectangle plus a wing of `wing` metres behind one end."""
    left, right = front - along * width / 2, front + along * width / 2
    step = right - along * width * 0.42
    corners = [
        left,
        right,
        right + inward * (depth + wing),
        step + inward * (depth + wing),
        step + inward * depth,
        left + inward * depth,
    ]
    return Polygon([round_point(p) for p in corners])
