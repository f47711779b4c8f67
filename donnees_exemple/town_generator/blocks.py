"""Land between the streets: building blocks, greens, quarters and water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry import MultiPolygon, Polygon

from .buildings import Block, Building, build_block
from .geometry import smooth, variable_band
from .graph import StreetGraph
from .streets import Plot
from .tables import Table

__all__ = ["GREEN_KINDS", "build_town", "draw_greens", "draw_quarters", "draw_water", "street_reach"]

GREEN_KINDS = frozenset({"park", "cemetery", "sports", "meadow", "wood", "orchard"})
SMALL_BLOCK = 900.0
BANK = 10.0


def draw_water(plan: Mapping[str, Any]) -> list[tuple[str, str, Polygon]]:
    """Return (name, kind, outline) of the river and of the ponds."""
    river = plan["river"]
    waters = [(river["name"], "river", variable_band(river["points"], river["widths"]))]
    for pond in plan["ponds"]:
        ring = smooth([*pond["points"], pond["points"][0]])
        waters.append((pond["name"], "pond", Polygon(ring)))
    return waters


def street_reach(graph: StreetGraph, classes: Table) -> dict[int, float]:
    """Return, for each arc, half its roadway plus one pavement [m]."""
    reach = {}
    for number, arc in graph.arcs.items():
        row = classes[graph.streets[arc.street].road_class]
        reach[number] = float(row["width"]) / 2 + float(row["pavement"])
    return reach


def _parts(shape: Polygon | MultiPolygon, least: float) -> list[Polygon]:
    found = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area >= least]
    return sorted(found, key=lambda p: tuple(round(c, 1) for c in p.bounds))


class _Land:
    """Faces of the finished network with the streets' strips taken off."""

    def __init__(self, graph: StreetGraph, reach: Mapping[int, float], water: Sequence[Polygon]) -> None:
        self.numbers = list(graph.arcs)
        lines = [graph.arcs[n].line for n in self.numbers]
        self.tree = STRtree(lines)
        self.strips = shapely.buffer(
            lines, [reach[n] for n in self.numbers], join_style="mitre", mitre_limit=2.0, quad_segs=4
        )
        self.banks = shapely.buffer(shapely.union_all(water), BANK)

    def free(self, face: Polygon) -> tuple[Polygon | MultiPolygon, list[int]]:
        """Return the land of `face` outside every street strip, and the arcs around it."""
        near = sorted(int(i) for i in self.tree.query(face, predicate="dwithin", distance=9.0))
        land = face.difference(shapely.union_all([*self.strips[near], self.banks]))
        inside = [i for i in near if self.tree.geometries[i].distance(face) < 0.05]
        return land, [self.numbers[i] for i in inside]


def build_town(
    graph: StreetGraph,
    plots: Sequence[Plot],
    water: Sequence[Polygon],
    landmarks: Sequence[Building],
    tables: tuple[Table, Table, Mapping[str, float]],
    rng: np.random.Generator,
) -> tuple[list[Building], list[tuple[str, str, Polygon]]]:
    """Fill every block; return the buildings, and the small greens left between them (under their quarter's key).

    Parameters
    ----------
    graph, plots, water, landmarks
        Streets, plots, water outlines [m] and the buildings of the plan.
    tables : tuple
        Styles, road classes and factors.
    rng : numpy.random.Generator
        Source of every draw.
    """
    styles, classes, factors = tables
    reach = street_reach(graph, classes)
    land = _Land(graph, reach, water)
    outlines = [plot.outline for plot in plots]
    buildings = list(landmarks)
    greens: list[tuple[str, str, Polygon]] = []
    for face in graph.faces():
        holding = np.flatnonzero(shapely.contains(outlines, face.representative_point()))
        if not len(holding) or plots[int(holding[0])].style not in styles:
            continue
        plot = plots[int(holding[0])]
        free, arcs = land.free(face)
        for part in _parts(free, 60.0):
            standing = [b for b in landmarks if b.footprint.intersects(part)]
            block = Block(part, plot.style, plot.quarter)
            built = build_block(block, graph, reach, arcs, styles, factors, rng, standing)
            buildings.extend(built)
            if not built and part.area > SMALL_BLOCK / 6 and plot.style not in {"business", "towers"}:
                greens.append((plot.quarter, "square", part))
            elif plot.style in {"towers", "school"}:
                greens.extend((plot.quarter, "lawn", lawn) for lawn in _lawns(part, built))
    return buildings, greens


def _lawns(part: Polygon, built: Sequence[Building]) -> list[Polygon]:
    yards = shapely.union_all(shapely.buffer([b.footprint for b in built], 9.0, join_style="mitre"))
    core = part.buffer(-6.0).difference(yards)
    open_ground = core.buffer(-5.0).buffer(5.0, quad_segs=2).simplify(0.5)
    return _parts(open_ground, 1500.0)


def draw_greens(
    graph: StreetGraph, plots: Sequence[Plot], water: Sequence[Polygon], buildings: Sequence[Building], classes: Table
) -> list[tuple[str, str, Polygon]]:
    """Return (name, kind, outline) of the plan's parks, woods, meadows and grounds."""
    land = _Land(graph, street_reach(graph, classes), water)
    kept_off = shapely.union_all(
        [b.footprint.buffer(3.0, join_style="mitre") for b in buildings if b.style == "landmark"]
    )
    greens: list[tuple[str, str, Polygon]] = []
    for plot in plots:
        if plot.style in GREEN_KINDS:
            free, _ = land.free(plot.outline)
            greens.extend((plot.name, plot.style, part) for part in _parts(free.difference(kept_off), 500.0))
    return greens


def draw_quarters(plots: Sequence[Plot], names: Mapping[str, str]) -> list[tuple[str, str, Polygon | MultiPolygon]]:
    """Return (name, kind, outline) of the quarters: the union of their plots.

    Plots share whole arcs, so their union has no slivers; holes inside a quarter are filled.
    """
    quarters = []
    for key, name in names.items():
        union = shapely.union_all([plot.outline for plot in plots if plot.quarter == key])
        parts = [Polygon(part.exterior) for part in shapely.get_parts(union)]
        quarters.append((name, "quarter", parts[0] if len(parts) == 1 else MultiPolygon(parts)))
    return quarters
