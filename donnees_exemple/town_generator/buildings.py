"""What stands on each block, in its style, and the buildings that the plan itself places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from .geometry import rectangle, round_point
from .graph import StreetGraph
from .halls import line_with_halls, set_slabs
from .houses import line_with_houses, line_with_rows
from .site import Block, Building, Site
from .tables import Table

__all__ = ["Block", "Building", "build_block", "landmark"]

_Layout = Callable[[Site, Mapping[str, Any], Mapping[str, float], np.random.Generator], None]
_LAYOUTS: dict[str, _Layout] = {
    "row": line_with_rows,
    "detached": line_with_houses,
    "slab": set_slabs,
    "box": line_with_halls,
}


def build_block(
    block: Block,
    graph: StreetGraph,
    reach: Mapping[int, float],
    arcs: Sequence[int],
    styles: Table,
    factors: Mapping[str, float],
    rng: np.random.Generator,
    existing: Sequence[Building] = (),
) -> list[Building]:
    """Fill one block in its style.

    Parameters
    ----------
    block : Block
        The land and its style (a row of ``styles.csv``).
    graph : StreetGraph
        The finished streets.
    reach : mapping of int to float
        For each arc, half its roadway plus its pavement [m].
    arcs : sequence of int
        The arcs around (and into) the block.
    styles, factors
        The generator's tables.
    rng : numpy.random.Generator
        Source of every draw.
    existing : sequence of Building
        Landmarks that already stand there.

    Returns
    -------
    list of Building
        New buildings, none touching the interior of another.
    """
    site = Site(block, graph, arcs, reach)
    site.built.extend(existing)
    style = styles[block.style]
    _LAYOUTS[style["layout"]](site, style, factors, rng)
    return site.built[len(existing) :]


def landmark(row: Mapping[str, Any], graph: StreetGraph) -> Building:
    """Return the plan's landmark `row` (church, town hall, market hall, gymnasium) as a building."""
    angle = np.deg2rad(float(row["angle"]))
    along, inward = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    front = np.asarray(row["front"], dtype=float)
    if "outline" in row:
        corners = [front + along * u + inward * v for u, v in row["outline"]]
        footprint = Polygon([round_point(p) for p in corners])
        front = (corners[0] + corners[1]) / 2
    else:
        footprint = rectangle(front, along, inward, float(row["width"]), float(row["depth"]))
    named = [n for n, arc in graph.arcs.items() if graph.streets[arc.street].name == row["street"]]
    distances = shapely.distance([graph.arcs[n].line for n in named], Point(front))
    arc = named[int(np.argmin(distances))]
    entrances = [(round_point(front), arc)] if row.get("address", True) else []
    return Building(footprint, row["use"], int(row["storeys"]), float(row["height"]), "landmark", entrances)
