"""How the street network grows: the plan's roads first, then each plot is cut into blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Point, Polygon

from .geometry import Array, Point2, bezier, heading, round_point, smooth
from .graph import Street, StreetGraph
from .tables import Table

__all__ = ["Plot", "draw_main_roads", "read_plots", "subdivide"]

ROUNDS = 14
TRIES = 14
FOOTPATH_SHARE = 0.6


@dataclass(frozen=True)
class Plot:
    """A large piece of land between main roads, of one style and quarter."""

    outline: Polygon
    style: str
    quarter: str
    name: str


def draw_main_roads(graph: StreetGraph, roads: Sequence[Mapping[str, Any]]) -> None:
    """Draw the plan's roads into `graph`, in their order; sections of one name are one street."""
    known: dict[tuple[str, str, bool], int] = {}
    for road in roads:
        key = (road["name"], road["road_class"], road.get("rural", False))
        if key not in known:
            known[key] = graph.add_street(Street(key[1], key[0], rural=key[2]))
        points: list[Point2] = [(float(x), float(y)) for x, y in road["points"]]
        first = graph.anchor(points[0], 14.0, 30.0)
        last = graph.anchor(points[-1], 14.0, 30.0)
        through = [first, *points[1:-1], last]
        graph.insert(through if road.get("straight") else smooth(through), known[key])


def read_plots(graph: StreetGraph, plots: Sequence[Mapping[str, Any]]) -> list[Plot]:
    """Find, for each plot of the plan, the face of the street graph that holds its point.

    Raises
    ------
    ValueError
        If a point lies in no face, or two points lie in the same one.
    """
    faces = graph.faces()
    result: list[Plot] = []
    taken: set[int] = set()
    for plot in plots:
        inside = [i for i, face in enumerate(faces) if face.contains(Point(plot["at"]))]
        if len(inside) != 1 or inside[0] in taken:
            raise ValueError(f"plan.yaml: the point {plot['at']} does not choose one free plot")
        taken.add(inside[0])
        result.append(Plot(faces[inside[0]], plot["style"], plot["quarter"], plot.get("name", "")))
    return result


def subdivide(graph: StreetGraph, plots: Sequence[Plot], styles: Table, rng: np.random.Generator) -> None:
    """Cut every plot into blocks of its style's size with streets that bend, then add dead ends.

    Each round cuts every face that is still too large once, across its longer axis: this is how
    land really gets divided, and it yields T-junctions rather than a grid.
    """
    for depth in range(ROUNDS):
        cut = 0
        for face, plot in _faces_by_plot(graph, plots):
            if plot.style in styles and _too_large(face, styles[plot.style]):
                cut += _cut(graph, face, plot, styles[plot.style], rng, first=depth == 0)
        if not cut:
            break
    for face, plot in _faces_by_plot(graph, plots):
        if plot.style in styles and styles[plot.style]["dead_end_side"] > 0:
            _add_dead_end(graph, face, plot, styles[plot.style], rng)


def _faces_by_plot(graph: StreetGraph, plots: Sequence[Plot]) -> list[tuple[Polygon, Plot]]:
    outlines = [plot.outline for plot in plots]
    result = []
    for face in graph.faces():
        holding = np.flatnonzero(shapely.contains(outlines, face.representative_point()))
        if len(holding):
            result.append((face, plots[int(holding[0])]))
    return result


def _sides(face: Polygon) -> tuple[Array, float, Array, float]:
    """Return the long axis and length, then the short axis and length, of the smallest rectangle."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(face))
    one, two = corners[1] - corners[0], corners[2] - corners[1]
    if np.hypot(*one) < np.hypot(*two):
        one, two = two, one
    return heading(one), float(np.hypot(*one)), heading(two), float(np.hypot(*two))


def _too_large(face: Polygon, style: Mapping[str, Any]) -> bool:
    _, length, _, width = _sides(face)
    shape = length / max(width, 1.0)
    # A long thin plot is worth cutting earlier than a compact one of the same area.
    return bool(length > 1.6 * style["min_side"] and face.area * (1 + 0.12 * (shape - 1)) > style["block_area"])


def _cut(
    graph: StreetGraph,
    face: Polygon,
    plot: Plot,
    style: Mapping[str, Any],
    rng: np.random.Generator,
    *,
    first: bool,
) -> int:
    """Draw the best of several bent streets across `face`; return 1 if one fitted, else 0."""
    long_axis, length, short_axis, width = _sides(face)
    centre = shapely.get_coordinates(face.centroid)[0]
    best: tuple[float, Array, Array, list[Point2]] | None = None
    for trial in range(TRIES):
        axis, other, span = (short_axis, long_axis, length)
        if trial >= TRIES - 4 and best is None and width > 1.6 * style["min_side"]:
            axis, other, span = long_axis, short_axis, width
        shift = float(rng.uniform(-0.13, 0.13)) * span
        turn = float(rng.normal(0.0, style["turn"]))
        direction = heading(axis + turn * other)
        candidate = _candidate(graph, face, centre + other * shift, direction, style, rng)
        if candidate is None:
            continue
        score, start, end, points = candidate
        score += abs(shift) / span
        if best is None or score < best[0]:
            best = (score, start, end, points)
    if best is None:
        return 0
    points = best[3]
    start_node, end_node = graph.anchor(points[0], 0.5, 2.0), graph.anchor(points[-1], 0.5, 2.0)
    road_class = "tertiary" if first and LineString(points).length > 380 else style["road_class"]
    street = graph.add_street(Street(road_class, style=plot.style))
    graph.add_arc([start_node, *points[1:-1], end_node], street)
    return 1


def _candidate(
    graph: StreetGraph,
    face: Polygon,
    middle: Array,
    direction: Array,
    style: Mapping[str, Any],
    rng: np.random.Generator,
) -> tuple[float, Array, Array, list[Point2]] | None:
    """Try one street through `middle`: return its score (lower is better), ends and points, or None."""
    reach = 2000.0 * direction
    chords = shapely.get_parts(LineString([middle - reach, middle + reach]).intersection(face))
    chords = [c for c in chords if c.geom_type == "LineString" and c.length > 0.6 * style["min_side"]]
    if not chords:
        return None
    chord = min(chords, key=lambda c: (round(c.distance(Point(middle)), 2), -round(c.length, 2)))
    ends = shapely.get_coordinates(chord)[[0, -1]]
    landings = []
    for end, inward in ((ends[0], direction), (ends[1], -direction)):
        landing = _landing(graph, round_point(end), inward, style)
        if landing is None:
            return None
        landings.append(landing)
    (start, out, cost_a), (end, back, cost_b) = landings
    span = float(np.hypot(*(end - start)))
    if span < 0.6 * style["min_side"]:
        return None
    for bend in (style["bend"], style["bend"] / 3, 0.0):
        points = _bent(start, out, end, back, span, bend, rng)
        line = LineString(points)
        inner = shapely.ops.substring(line, 0.25 * style["min_side"], line.length - 0.25 * style["min_side"])
        clear = inner.distance(face.exterior) > 0.22 * style["min_side"]
        if clear and line.is_simple and face.buffer(0.5).contains(line):
            return cost_a + cost_b + abs(line.length - span) / span, start, end, points
    return None


def _landing(
    graph: StreetGraph, place: Point2, inward: Array, style: Mapping[str, Any]
) -> tuple[Array, Array, float] | None:
    """Decide where a new street meets the network near `place`: at a node, or squarely on an arc."""
    node, gap = graph.nearest_node(place)
    number, distance = graph.nearest_arc(place)
    if distance > 2.0:
        return None
    if gap < style["node_gap"]:
        exits = graph.departures(node)
        if len(exits) > 3 or any(float(e @ inward) > 0.55 for e in exits):
            return None
        return np.asarray(node), inward, 0.10
    along = graph.direction_at(number, place)
    square = np.array([-along[1], along[0]])
    square = square if float(square @ inward) > 0 else -square
    cosine = float(square @ inward)
    if cosine < style["squareness"]:
        return None
    return np.asarray(place), square, 1.0 - cosine


def _bent(
    start: Array, out: Array, end: Array, back: Array, span: float, bend: float, rng: np.random.Generator
) -> list[Point2]:
    """Return a street that leaves both ends squarely and wanders in between."""
    wander = rng.normal(0.0, bend, size=2)
    side = np.array([-(end - start)[1], (end - start)[0]])
    # Both handles pushed to one side make a bow, to opposite sides an S: bows are the rule.
    control_a = start + out * span * 0.34 + side * (wander[0] + 0.4 * wander[1])
    control_b = end + back * span * 0.34 + side * (wander[0] - 0.4 * wander[1])
    if bend == 0.0:
        return [round_point(start), round_point(end)]
    return bezier(start, control_a, control_b, end)


def _add_dead_end(
    graph: StreetGraph, face: Polygon, plot: Plot, style: Mapping[str, Any], rng: np.random.Generator
) -> None:
    """Open a cul-de-sac along the axis of a block that is too deep for one row of houses per side."""
    long_axis, length, _, width = _sides(face)
    if width < style["dead_end_side"] or rng.random() < 0.08:
        return
    centre = shapely.get_coordinates(face.centroid)[0]
    sign = 1.0 if rng.random() < 0.5 else -1.0
    for direction in (long_axis * sign, -long_axis * sign):
        ray = LineString([centre, centre - direction * 2 * length]).intersection(face)
        part = min(shapely.get_parts(ray), key=lambda p: p.distance(Point(centre)))
        entry = round_point(shapely.get_coordinates(part)[-1])
        number, gap = graph.nearest_arc(entry)
        roads = graph.streets[graph.arcs[number].street].road_class
        landing = _landing(graph, entry, direction, style) if gap < 2.0 else None
        if landing is None or roads in {"track", "cycleway"}:
            continue
        start, out, _ = landing
        far = LineString([centre, centre + direction * 2 * length]).intersection(face)
        room = shapely.get_parts(far)[0].length
        end = centre + direction * max(0.0, room - float(rng.uniform(36.0, 44.0)))
        reach = float(np.hypot(*(end - start)))
        side = np.array([-direction[1], direction[0]]) * reach * float(rng.normal(0.0, 0.08))
        points = bezier(start, start + out * reach * 0.33 + side, end - direction * reach * 0.3 + side, end)
        line = LineString(points)
        tail = shapely.ops.substring(line, 30.0, line.length)
        if reach < 45.0 or not face.buffer(0.5).contains(line) or tail.distance(face.exterior) < 26.0:
            continue
        kind = "service" if plot.style in {"towers", "business"} else "living_street"
        street = graph.add_street(Street(kind, style=plot.style, parent=graph.arcs[number].street))
        graph.add_arc([graph.anchor(points[0], 0.5, 2.0), *points[1:]], street)
        if plot.style == "estate" and rng.random() < FOOTPATH_SHARE:
            _add_footpath(graph, points[-1], direction, street)
        return


def _add_footpath(graph: StreetGraph, end: Point2, direction: Array, dead_end: int) -> None:
    """Let people on foot leave a cul-de-sac by its far end, to the street behind it."""
    ray = LineString([end, np.asarray(end) + 75.0 * direction])
    hits = []
    for number, arc in graph.arcs.items():
        for x, y in shapely.get_coordinates(ray.intersection(arc.line)).tolist():
            reach = float(np.hypot(x - end[0], y - end[1]))
            if reach > 5.0:
                hits.append((reach, number, round_point((x, y))))
    if not hits:
        return
    _, number, place = min(hits)
    along = graph.direction_at(number, place)
    rural = graph.streets[graph.arcs[number].street].rural
    if rural or abs(float(along @ direction)) > 0.75 or graph.nearest_node(place)[1] < 12.0:
        return
    street = graph.add_street(Street("pedestrian", style="estate", parent=dead_end))
    graph.add_arc([end, graph.split(number, place)], street)
