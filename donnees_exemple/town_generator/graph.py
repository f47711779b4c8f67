"""The street graph while it grows: every crossing is a node, every arc ends at two nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from .geometry import Array, Point2, heading, round_point

__all__ = ["Arc", "Street", "StreetGraph"]


@dataclass
class Street:
    """A named street: what all its arcs share."""

    road_class: str
    name: str = ""
    style: str = ""
    rural: bool = False
    parent: int | None = None


@dataclass
class Arc:
    """A piece of street between two nodes; `points[0]` and `points[-1]` are those nodes."""

    points: list[Point2]
    street: int
    oneway: str = "both"
    line: LineString = field(init=False)

    def __post_init__(self) -> None:
        self.line = LineString(self.points)

    @property
    def start(self) -> Point2:
        """Node where the arc's drawing begins."""
        return self.points[0]

    @property
    def end(self) -> Point2:
        """Node where the arc's drawing ends."""
        return self.points[-1]


class StreetGraph:
    """Arcs and nodes, kept planar while roads are drawn.

    Nodes are named by their rounded coordinates, so that two arcs meet exactly or not at all.
    """

    def __init__(self) -> None:
        self.streets: list[Street] = []
        self.arcs: dict[int, Arc] = {}
        self.incident: dict[Point2, list[int]] = {}
        self._next = 0
        self._lines: tuple[list[int], Array] | None = None
        self._nodes: Array | None = None

    def add_street(self, street: Street) -> int:
        """Register `street` and return its number."""
        self.streets.append(street)
        return len(self.streets) - 1

    def add_arc(self, points: Sequence[Point2], street: int) -> int:
        """Add an arc of `street` along `points` (already free of crossings) and return its number."""
        self._lines = self._nodes = None
        number = self._next
        self._next += 1
        self.arcs[number] = Arc(list(points), street)
        for node in (points[0], points[-1]):
            self.incident.setdefault(node, []).append(number)
        return number

    def remove_arc(self, number: int) -> Arc:
        """Take an arc away and forget the nodes that nothing else uses."""
        self._lines = self._nodes = None
        arc = self.arcs.pop(number)
        for node in (arc.start, arc.end):
            self.incident[node].remove(number)
            if not self.incident[node]:
                del self.incident[node]
        return arc

    def nearest_arc(self, point: Point2) -> tuple[int, float]:
        """Return the number of the arc nearest to `point` and its distance [m]."""
        if self._lines is None:
            self._lines = list(self.arcs), np.array([arc.line for arc in self.arcs.values()])
        numbers, lines = self._lines
        distances = shapely.distance(lines, Point(point))
        best = int(np.argmin(distances))
        return numbers[best], float(distances[best])

    def nearest_node(self, point: Point2) -> tuple[Point2, float]:
        """Return the node nearest to `point` and its distance [m]."""
        if self._nodes is None:
            self._nodes = np.array(list(self.incident))
        nodes = self._nodes
        distances = np.hypot(*(nodes - np.asarray(point)).T)
        best = int(np.argmin(distances))
        return (float(nodes[best, 0]), float(nodes[best, 1])), float(distances[best])

    def split(self, number: int, point: Point2) -> Point2:
        """Cut arc `number` at `point` (on the arc to the centimetre) and return the new node."""
        arc = self.arcs[number]
        reach = float(arc.line.project(Point(point)))
        if reach <= 0.5:
            return arc.start
        if reach >= arc.line.length - 0.5:
            return arc.end
        node = round_point(point)
        stations = [float(arc.line.project(Point(p))) for p in arc.points]
        # A vertex nearer than 30 cm would leave a crumb of an arc segment beside the new node.
        before = [p for p, s in zip(arc.points, stations, strict=True) if s < reach - 0.3]
        after = [p for p, s in zip(arc.points, stations, strict=True) if s > reach + 0.3]
        self.remove_arc(number)
        self.add_arc([*before, node], arc.street)
        self.add_arc([node, *after], arc.street)
        return node

    def direction_at(self, number: int, point: Point2) -> Array:
        """Return the unit direction of arc `number` near `point`, shape (2,)."""
        line = self.arcs[number].line
        reach = float(line.project(Point(point)))
        low = line.interpolate(max(0.0, reach - 4.0))
        high = line.interpolate(min(line.length, reach + 4.0))
        return heading(np.array([high.x - low.x, high.y - low.y]))

    def departures(self, node: Point2) -> list[Array]:
        """Return the unit directions in which streets leave `node`."""
        result = []
        for number in self.incident[node]:
            line = self.arcs[number].line
            away = line.interpolate(10.0) if self.arcs[number].start == node else line.interpolate(-10.0)
            result.append(heading(np.array([away.x - node[0], away.y - node[1]])))
        return result

    def anchor(self, point: Sequence[float], node_reach: float, arc_reach: float) -> Point2:
        """Tie `point` to the network: a node within `node_reach`, else an arc within `arc_reach` [m]."""
        place = round_point(point)
        if not self.arcs:
            return place
        node, gap = self.nearest_node(place)
        if gap <= node_reach:
            return node
        number, gap = self.nearest_arc(place)
        if gap > arc_reach:
            return place
        line = self.arcs[number].line
        foot = line.interpolate(line.project(Point(place)))
        return self.split(number, round_point((foot.x, foot.y)))

    def insert(self, points: Sequence[Point2], street: int) -> None:
        """Add a road that may cross others; every crossing becomes a node shared by both."""
        line = LineString(points)
        crossings: list[tuple[float, Point2]] = []
        for number in list(self.arcs):
            shared = line.intersection(self.arcs[number].line)
            for x, y in shapely.get_coordinates(shared).tolist():
                reach = float(line.project(Point(x, y)))
                if 1.0 < reach < line.length - 1.0:
                    crossings.append((reach, self.anchor((x, y), 12.0, 1.0)))
        stations = [float(line.project(Point(p))) for p in points[1:-1]]
        inner = [(s, p, False) for s, p in zip(stations, points[1:-1], strict=True)]
        inner = [i for i in inner if all(abs(i[0] - reach) > 6.0 for reach, _ in crossings)]
        route = sorted([*inner, *((reach, node, True) for reach, node in crossings)])
        piece: list[Point2] = [points[0]]
        for _, place, is_node in [*route, (line.length, points[-1], True)]:
            if place == piece[-1]:
                continue
            piece.append(place)
            if is_node:
                self.add_arc(piece, street)
                piece = [place]

    def faces(self) -> list[Polygon]:
        """Return the plots that the arcs enclose, in a stable order."""
        found = shapely.get_parts(shapely.polygonize([arc.line for arc in self.arcs.values()]))
        return sorted(found, key=lambda f: tuple(round(c, 2) for c in (*f.bounds, f.area)))
