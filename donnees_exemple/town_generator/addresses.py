"""Numbers on doors: odd on the left and even on the right of the walk away from the market square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Point

from .buildings import Building
from .geometry import Point2
from .graph import StreetGraph
from .traffic import ordered_arcs

__all__ = ["Address", "number_doors"]


@dataclass(frozen=True)
class Address:
    """A numbered door of one building, on one street arc."""

    label: str
    arc: int
    building: int
    place: Point2
    dwellings: int


def number_doors(
    graph: StreetGraph, buildings: Sequence[Building], factors: Mapping[str, float], rng: np.random.Generator
) -> list[Address]:
    """Number every entrance along its street and share each building's dwellings between its doors.

    Sections of one name that lie on several drawn streets are numbered as one street.
    """
    doors: dict[int, list[tuple[int, int, Point2]]] = {}
    for index, building in enumerate(buildings):
        for rank, (place, arc) in enumerate(building.entrances):
            doors.setdefault(arc, []).append((index, rank, place))
    addresses: list[Address] = []
    last: dict[str, list[int]] = {}
    for street, arcs in ordered_arcs(graph).items():
        name = graph.streets[street].name
        used = last.setdefault(name, [-1, 0])
        spoken = name[0].lower() + name[1:]
        for number, backwards in arcs:
            for side, index, rank, place in _along(graph, number, doors.get(number, []), backwards=backwards):
                label, used[side] = _next_number(used[side], factors, rng)
                building = buildings[index]
                count = len(building.entrances)
                share = building.dwellings // count + (rank < building.dwellings % count)
                addresses.append(Address(f"{label} {spoken}", number, index, place, share))
    return addresses


def _next_number(used: int, factors: Mapping[str, float], rng: np.random.Generator) -> tuple[str, int]:
    draw = float(rng.random())
    if used > 0 and draw < factors["number_bis_share"]:
        return f"{used + 2}", used + 2
    step = 4 if draw > 1.0 - factors["number_skip_share"] else 2
    return f"{used + step}", used + step


def _along(
    graph: StreetGraph, number: int, doors: Sequence[tuple[int, int, Point2]], *, backwards: bool
) -> list[tuple[int, int, int, Point2]]:
    """Return (side, building, rank, place) of an arc's doors in walking order; side 0 is the left."""
    arc = graph.arcs[number]
    line = arc.line.reverse() if backwards else arc.line
    found = []
    for index, rank, place in doors:
        reach = float(line.project(Point(place)))
        low, high = line.interpolate(max(0.0, reach - 1.0)), line.interpolate(min(line.length, reach + 1.0))
        cross = (high.x - low.x) * (place[1] - low.y) - (high.y - low.y) * (place[0] - low.x)
        found.append((round(reach, 2), 0 if cross > 0 else 1, index, rank, place))
    return [(side, index, rank, place) for _, side, index, rank, place in sorted(found)]
