"""The map of a batch as SVG: an outline for each territory, those that are too small to be seen with a mark."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from jumeau.i18n import _, format_number

Floats = NDArray[np.float64]

#: Of the drawing [px of its own]: width, height at most and least, room around.
WIDTH, HIGHEST, LOWEST, MARGIN = 720.0, 560.0, 220.0, 26.0
#: What is smaller gets a mark of this radius [px].
SMALL = 7.0
#: Detail that is left out of outlines [px].
DETAIL = 0.4
#: Names are written where there are no more territories than that, each cut to so many letters.
NAMED, LETTERS = 60, 22
#: A letter's width and a line's height [px].
LETTER, LINE = 6.4, 13.0

#: Metres of a degree of latitude.
DEGREE = 111_320.0


@dataclass(frozen=True)
class Place:
    """One territory on the drawing.

    Attributes
    ----------
    path : str
        Of the SVG; empty where it is only a mark.
    x, y : float
        Its middle [px].
    mark : bool
        Whether a mark stands for it, being too small.
    name : str
        What is written; empty where there is no room.
    """

    path: str
    x: float
    y: float
    mark: bool
    name: str = ""
    name_y: float = 0.0


@dataclass(frozen=True)
class Drawing:
    """A map.

    Attributes
    ----------
    width, height : float
        [px]
    places : tuple of (Place or None)
        One for each territory; None for one without a place.
    bar, bar_text : float, str
        Length of the scale bar [px], and what it stands for.
    """

    width: float
    height: float
    places: tuple[Place | None, ...]
    bar: float
    bar_text: str


def drawing_of(outlines: Sequence[BaseGeometry | None], names: Sequence[str]) -> Drawing | None:
    """Return the map of outlines given in longitude and latitude; None where none has a place.

    Degrees of longitude are shortened as in the middle of the map: good to the eye over a region, not over continents.
    """
    known = [shape for shape in outlines if shape is not None and not shape.is_empty]
    if not known:
        return None
    west, south, east, north = (float(value) for value in shapely.total_bounds(known))
    squeeze = max(math.cos(math.radians((south + north) / 2)), 0.05)
    wide, high = max((east - west) * squeeze, 1e-3), max(north - south, 1e-3)
    scale = min((WIDTH - 2 * MARGIN) / wide, (HIGHEST - 2 * MARGIN) / high)
    height = max(scale * high + 2 * MARGIN, LOWEST)
    left, top = (WIDTH - scale * wide) / 2, (height - scale * high) / 2
    west, north = (west + east) / 2 - wide / squeeze / 2, (south + north) / 2 + high / 2

    def drawn(xy: Floats) -> Floats:
        return np.column_stack([left + scale * squeeze * (xy[:, 0] - west), top + scale * (north - xy[:, 1])])

    places = [None if shape is None or shape.is_empty else _place(shape, drawn) for shape in outlines]
    bar, text = _bar(scale)
    return Drawing(WIDTH, round(height, 1), tuple(_named(places, names)), bar, text)


def _place(shape: BaseGeometry, drawn: object) -> Place:
    flat = shapely.simplify(shapely.transform(shape, drawn), DETAIL)
    x1, y1, x2, y2 = flat.bounds
    middle = flat.centroid
    mark = max(x2 - x1, y2 - y1) < 2 * SMALL
    rings = [] if mark else [ring for part in shapely.get_parts([flat]) for ring in _rings(part)]
    path = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings
    )
    return Place(path, round(middle.x, 1), round(middle.y, 1), mark or not path)


def _rings(part: BaseGeometry) -> list[BaseGeometry]:
    return [part.exterior, *part.interiors] if part.geom_type == "Polygon" else []


def _named(places: Sequence[Place | None], names: Sequence[str]) -> list[Place | None]:
    """Return the places with their names, as far as none covers another."""
    if len(places) > NAMED:
        return list(places)
    taken: list[tuple[float, float, float, float]] = [
        (item.x - SMALL, item.y - SMALL, item.x + SMALL, item.y + SMALL) for item in places if item and item.mark
    ]
    found: list[Place | None] = []
    for item, name in zip(places, names, strict=True):
        if item is None:
            found.append(None)
            continue
        text = name if len(name) <= LETTERS else name[: LETTERS - 1].rstrip() + "…"
        half = LETTER * len(text) / 2
        made = item
        for y in (item.y + SMALL + LINE,) if item.mark else (item.y + 4.0, item.y + 4.0 + LINE, item.y + 4.0 - LINE):
            box = (item.x - half, y - LINE + 2, item.x + half, y + 2)
            inside = box[0] >= 0 and box[2] <= WIDTH
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                made = replace(item, name=text, name_y=round(y, 1))
                break
        found.append(made)
    return found


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _bar(scale: float) -> tuple[float, str]:
    """Return a scale bar of a round length, about a sixth of the width."""
    metres = WIDTH / 6 / scale * DEGREE
    power = 10.0 ** math.floor(math.log10(metres))
    length = max(step * power for step in (1, 2, 5) if step * power <= metres)
    text = _("{count} km").format(count=format_number(length / 1000, 0 if length >= 1000 else 1))
    return round(length / DEGREE * scale, 1), text
