"""How a layer of a map is drawn: what QML and SLD are both written from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jumeau_viz.palettes import NIGHT, Band, Scale

Colour = tuple[int, int, int]
Geometry = Literal["Point", "Line", "Polygon"]

#: A marker's width and a line's [mm]: a lamp and a main stay apart from their neighbours at 1:5000.
MARKER, LINE = 2.2, 0.9
#: Around what is coloured, so that the lightest colours are seen on white paper too.
OUTLINE: Colour = NIGHT["sky"]
#: Colours that colour-blind readers can tell apart (Okabe and Ito, 2008), the black one left out; then they come again.
KINDS: tuple[Colour, ...] = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0), (204, 121, 167),
)  # fmt: skip
#: Shapes, so that colour is never alone.
MARKS = ("circle", "square", "triangle", "diamond", "pentagon", "star", "cross_fill")


@dataclass(frozen=True)
class Kind:
    """One value of a column of names, and how it is drawn and called."""

    value: str
    label: str
    colour: Colour
    mark: str = "circle"


@dataclass(frozen=True)
class Style:
    """How one layer is drawn.

    Attributes
    ----------
    name : str
        As QGIS lists it among the styles of a layer.
    geometry : str
    column : str
        What is coloured by; empty where all features look alike.
    bands : tuple of Band
        Steps of a column of numbers.
    kinds : tuple of Kind
        Values of a column of names.
    colour : (int, int, int)
        Of a layer whose features look alike.
    width_column : str
        Column of the width of lines [m]; empty where they are as wide at all scales.
    """

    name: str
    geometry: Geometry
    column: str = ""
    bands: tuple[Band, ...] = ()
    kinds: tuple[Kind, ...] = ()
    colour: Colour = NIGHT["streets"]
    width_column: str = ""


def graduated(geometry: Geometry, column: str, scale: Scale, name: str) -> Style:
    """Return the style of a column of numbers: colours, breaks and labels of the scale of pictures and page."""
    return Style(name=name, geometry=geometry, column=column, bands=scale.bands())


def kinds(names: dict[str, str]) -> tuple[Kind, ...]:
    """Return how values are drawn, by value -> label, each with a colour and a shape of its own."""
    return tuple(
        Kind(value, label, KINDS[place % len(KINDS)], MARKS[place % len(MARKS)])
        for place, (value, label) in enumerate(names.items())
    )
