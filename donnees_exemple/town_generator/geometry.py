"""Points, curves and rings of the example town: plain plane geometry, rounded to the centimetre."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

__all__ = ["Curve", "Point2", "bezier", "heading", "rectangle", "round_point", "smooth", "variable_band"]

Point2 = tuple[float, float]
Array = NDArray[np.float64]


def round_point(point: Sequence[float] | Array) -> Point2:
    """Return `point` rounded to the centimetre (the precision of every written coordinate)."""
    return (round(float(point[0]), 2) + 0.0, round(float(point[1]), 2) + 0.0)


def heading(vector: Array) -> Array:
    """Return the unit vector along `vector`, shape (2,)."""
    return vector / max(float(np.hypot(vector[0], vector[1])), 1e-9)


def smooth(points: Sequence[Sequence[float]], step: float = 12.0) -> list[Point2]:
    """Draw a centripetal Catmull-Rom curve through `points`.

    Parameters
    ----------
    points : sequence of (x, y)
        Points that the curve goes through [m].
    step : float
        Sampling distance before simplification [m].

    Returns
    -------
    list of (x, y)
        The curve simplified to 10 cm, with its end points untouched.
    """
    knots = np.asarray(points, dtype=float)
    if len(knots) < 3:
        return [round_point(p) for p in knots]
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    samples: list[Array] = [knots[0]]
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        t0 = 0.0
        t1, t2, t3 = np.cumsum([max(float(np.hypot(*(b - a))), 1e-6) ** 0.5 for a, b in ((p0, p1), (p1, p2), (p2, p3))])
        count = max(2, int(np.hypot(*(p2 - p1)) / step) + 1)
        for t in np.linspace(t1, t2, count + 1)[1:]:
            a1 = ((t1 - t) * p0 + (t - t0) * p1) / (t1 - t0)
            a2 = ((t2 - t) * p1 + (t - t1) * p2) / (t2 - t1)
            a3 = ((t3 - t) * p2 + (t - t2) * p3) / (t3 - t2)
            b1 = ((t2 - t) * a1 + (t - t0) * a2) / (t2 - t0)
            b2 = ((t3 - t) * a2 + (t - t1) * a3) / (t3 - t1)
            samples.append(((t2 - t) * b1 + (t - t1) * b2) / (t2 - t1))
    return [round_point(p) for p in shapely.get_coordinates(LineString(samples).simplify(0.1))]


def bezier(start: Array, out: Array, back: Array, end: Array, step: float = 8.0) -> list[Point2]:
    """Draw the cubic Bezier curve with control points `start`, `out`, `back`, `end` [m]."""
    count = max(4, int(np.hypot(*(end - start)) / step))
    t = np.linspace(0.0, 1.0, count + 1)[:, None]
    curve = (1 - t) ** 3 * start + 3 * (1 - t) ** 2 * t * out + 3 * (1 - t) * t**2 * back + t**3 * end
    return [round_point(p) for p in shapely.get_coordinates(LineString(curve).simplify(0.1))]


def rectangle(front: Array, along: Array, inward: Array, width: float, depth: float) -> Polygon:
    """Return a rectangle whose front side is centred on `front` and runs `along` [m]."""
    half = along * width / 2
    corners = [front - half, front + half, front + half + inward * depth, front - half + inward * depth]
    return Polygon([round_point(p) for p in corners])


def variable_band(points: Sequence[Sequence[float]], widths: Sequence[float]) -> Polygon:
    """Return the polygon of a ribbon of varying width around a smooth line (a river) [m]."""
    line = LineString(smooth(points, step=40.0)).segmentize(60.0)
    spine = shapely.get_coordinates(line)
    stations = shapely.line_locate_point(line, shapely.points(np.asarray(points, dtype=float)))
    reach = shapely.line_locate_point(line, shapely.points(spine))
    half = np.interp(reach, stations, np.asarray(widths, dtype=float)) / 2
    tangent = np.gradient(spine, axis=0)
    tangent /= np.hypot(tangent[:, 0], tangent[:, 1])[:, None]
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) * half[:, None]
    outline = np.vstack([spine + normal, (spine - normal)[::-1]])
    return Polygon([round_point(p) for p in outline])


class Curve:
    """A line that can be walked by its length: point, tangent and left-hand normal at a distance.

    Parameters
    ----------
    coordinates : array, shape (n, 2)
        Vertices [m]; a closed ring repeats its first vertex.
    """

    def __init__(self, coordinates: Array) -> None:
        self.coordinates = np.asarray(coordinates, dtype=float)
        steps = np.hypot(*np.diff(self.coordinates, axis=0).T)
        self.stations: Array = np.concatenate([[0.0], np.cumsum(steps)])
        self.length = float(self.stations[-1])

    def at(self, distance: float) -> Array:
        """Return the point at `distance` from the start [m], shape (2,)."""
        x = np.interp(distance, self.stations, self.coordinates[:, 0])
        y = np.interp(distance, self.stations, self.coordinates[:, 1])
        return np.array([x, y])

    def tangent(self, distance: float, span: float = 3.0) -> Array:
        """Return the unit tangent at `distance`, taken over +-`span` [m] to ignore tiny kinks."""
        low, high = max(0.0, distance - span), min(self.length, distance + span)
        return heading(self.at(high) - self.at(low))

    def normal(self, distance: float, span: float = 3.0) -> Array:
        """Return the unit normal to the left of the walk at `distance`."""
        along = self.tangent(distance, span)
        return np.array([-along[1], along[0]])

    def between(self, start: float, end: float) -> list[Point2]:
        """Return the points from `start` to `end` [m], inner vertices included, rounded."""
        inner = self.coordinates[(self.stations > start + 0.05) & (self.stations < end - 0.05)]
        return [round_point(p) for p in (self.at(start), *inner, self.at(end))]
