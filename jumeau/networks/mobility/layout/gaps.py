"""Gaps of main roads: dead ends inside the territory whose next piece begins a few metres on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import texts
from jumeau.factors import FactorTable
from jumeau.networks.mobility.layout.border import border_of, degrees
from jumeau.territory.graph import StreetGraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

#: Classes whose roads do not end for nothing.
MAIN = ("motorway", "trunk", "primary", "secondary", "tertiary")


@dataclass(frozen=True)
class Gaps:
    """Pieces of road that a drawing lacks; shapes (k,).

    Attributes
    ----------
    end, other : ndarray of int
        Positions of the node where the road ends, and of the one where it goes on.
    street : ndarray of int
        Row of the street that ends.
    length : ndarray
        [m].
    inward, outward : ndarray of bool
        Whether one drives over the piece towards the end, and away from it.
    """

    end: Ints
    other: Ints
    street: Ints
    length: Floats
    inward: NDArray[np.bool_]
    outward: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of pieces."""
        return len(self.end)

    def told(self, streets: gpd.GeoDataFrame, arcs: StreetGraph) -> tuple[str, ...]:
        """Return each piece in words: the street that ends, the node where it goes on, how far it is [m]."""
        names = texts(streets, "street_id")[self.street]
        return tuple(
            f"{name} > {arcs.nodes[other]} ({length:.1f} m)"
            for name, other, length in zip(names, self.other, self.length, strict=True)
        )


def gaps_of(arcs: StreetGraph, streets: gpd.GeoDataFrame, classes: Objects, factors: FactorTable) -> Gaps:
    """Return the gaps that are narrow enough to be errors of the drawing.

    A main road that ends inside the territory goes on at the nearest node of a street of its name within
    `gap_same_name`, else of another main road within `gap_reach`, else of any street within half of that. What lies
    behind the end is no continuation, and ends near the border are gates, not gaps. Side streets may well be dead ends:
    they are left alone.

    Parameters
    ----------
    arcs : StreetGraph
    streets : GeoDataFrame
    classes : ndarray of str
        Class of each arc.
    factors : FactorTable
        `gap_reach`, `gap_same_name`, `gate_reach` [m], `border_ratio`.
    """
    reach, same = factors.value("gap_reach"), factors.value("gap_same_name")
    degree = degrees(arcs)
    used = np.flatnonzero(degree > 0)
    found: list[tuple[int, int, int, float]] = []
    if len(used) < 3 or max(reach, same) <= 0.0:
        return _gaps(arcs, found)
    ends = np.flatnonzero(degree == 1)
    inside = shapely.distance(shapely.points(arcs.xy[ends]), border_of(arcs, used, factors)) > factors.value(
        "gate_reach"
    )
    ends = ends[inside]
    main = np.isin(classes, MAIN)
    leading = np.zeros(len(arcs.nodes), dtype=bool)
    leading[arcs.tail[main]] = leading[arcs.head[main]] = True
    ends = ends[leading[ends]]
    names = np.char.lower(texts(streets, "name", "").astype(str))[arcs.street]
    touching: dict[int, list[int]] = {}
    for number, (tail, head) in enumerate(zip(arcs.tail.tolist(), arcs.head.tolist(), strict=True)):
        touching.setdefault(tail, []).append(number)
        touching.setdefault(head, []).append(number)
    tree = cKDTree(arcs.xy[used])
    for end in ends.tolist():
        arc = touching[end][0]
        before = int(arcs.tail[arc] + arcs.head[arc] - end)
        ahead = arcs.xy[end] - arcs.xy[before]
        best: tuple[int, float, int] | None = None
        for place in sorted(tree.query_ball_point(arcs.xy[end], max(reach, same))):
            node = int(used[place])
            step = arcs.xy[node] - arcs.xy[end]
            length = float(np.hypot(*step))
            # Back along the road, or to its own last node, is no way on.
            if node in (end, before) or float(step @ ahead) < -0.5 * length * float(np.hypot(*ahead)):
                continue
            others = [number for number in touching[node] if arcs.street[number] != arcs.street[arc]]
            alike = bool(names[arc]) and any(names[number] == names[arc] for number in others)
            if alike and length <= same:
                rank = 0
            elif any(main[number] for number in others) and length <= reach:
                rank = 1
            elif others and length <= 0.5 * reach:
                rank = 2
            else:
                continue
            if best is None or (rank, length) < best[:2]:
                best = (rank, length, node)
        if best is not None:
            found.append((end, best[2], int(arcs.street[arc]), best[1]))
    return _gaps(arcs, found)


def _gaps(arcs: StreetGraph, found: list[tuple[int, int, int, float]]) -> Gaps:
    """Return gaps, each once, and the directions in which the streets that end are driven."""
    known: set[tuple[int, int]] = set()
    kept = []
    for row in found:
        pair = (min(row[:2]), max(row[:2]))
        if pair not in known:
            known.add(pair)
            kept.append(row)
    end = np.array([row[0] for row in kept], dtype=np.int64)
    return Gaps(
        end,
        np.array([row[1] for row in kept], dtype=np.int64),
        np.array([row[2] for row in kept], dtype=np.int64),
        np.array([row[3] for row in kept], dtype=np.float64),
        # Where a street only leads to its end, the piece leads on; where it only comes from there, the piece leads in.
        np.isin(end, arcs.tail),
        np.isin(end, arcs.head),
    )


def healed(arcs: StreetGraph, gaps: Gaps) -> StreetGraph:
    """Return the graph with the missing pieces behind its own arcs: those away from ends, then those towards them."""
    out, into = gaps.outward, gaps.inward
    return replace(
        arcs,
        tail=np.concatenate([arcs.tail, gaps.end[out], gaps.other[into]]),
        head=np.concatenate([arcs.head, gaps.other[out], gaps.end[into]]),
        length=np.concatenate([arcs.length, gaps.length[out], gaps.length[into]]),
        street=np.concatenate([arcs.street, gaps.street[out], gaps.street[into]]),
        forward=np.concatenate([arcs.forward, np.ones(int(out.sum()), bool), np.zeros(int(into.sum()), bool)]),
    )


def pieces(arcs: StreetGraph, like: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the links of missing pieces: straight, of the class of the street that ends.

    Parameters
    ----------
    arcs : StreetGraph
        Those of the pieces alone.
    like : GeoDataFrame
        What `links_of` makes of the same arcs, as if they were streets.
    streets : GeoDataFrame
    """
    names = texts(streets, "street_id")[arcs.street]
    ends = arcs.nodes[np.where(arcs.forward, arcs.head, arcs.tail)]
    frame = pd.DataFrame(like.drop(columns=["geometry"]))
    frame["link_id"] = [
        f"gap {name} {end}{'+' if ahead else '-'}" for name, end, ahead in zip(names, ends, arcs.forward, strict=True)
    ]
    frame["street_id"] = ""
    frame["length"] = arcs.length.round(2)
    lines = shapely.linestrings(np.stack([arcs.xy[arcs.tail], arcs.xy[arcs.head]], axis=1))
    return gpd.GeoDataFrame(frame, geometry=lines, crs=like.crs)
