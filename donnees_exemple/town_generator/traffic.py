"""Which way vehicles may drive, and in which order a street is walked and numbered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from .geometry import Point2
from .graph import StreetGraph
from .tables import Table

__all__ = ["check_drivable", "ordered_arcs", "set_one_ways", "set_pedestrian"]

ONE_WAY_CLASSES = frozenset({"residential", "living_street", "tertiary"})


def ordered_arcs(graph: StreetGraph) -> dict[int, list[tuple[int, bool]]]:
    """Return each street's arcs in walking order from the end nearest to the market square.

    Returns
    -------
    dict
        Street number -> list of (arc number, True if the arc is drawn against the walk).
    """
    members: dict[int, list[int]] = {}
    for number, arc in graph.arcs.items():
        members.setdefault(arc.street, []).append(number)
    return {street: _walk(graph, arcs) for street, arcs in sorted(members.items())}


def _walk(graph: StreetGraph, arcs: list[int]) -> list[tuple[int, bool]]:
    left = set(arcs)
    order: list[tuple[int, bool]] = []
    here: Point2 | None = None
    while left:
        touching = [n for n in sorted(left) if here in (graph.arcs[n].start, graph.arcs[n].end)]
        if not touching or here is None:
            here = _free_end(graph, left)
            continue
        number = touching[0]
        backwards = graph.arcs[number].end == here
        order.append((number, backwards))
        left.remove(number)
        here = graph.arcs[number].start if backwards else graph.arcs[number].end
    return order


def _free_end(graph: StreetGraph, arcs: set[int]) -> Point2:
    ends = [node for n in sorted(arcs) for node in (graph.arcs[n].start, graph.arcs[n].end)]
    free = [node for node in ends if ends.count(node) == 1]
    return min(free or ends, key=lambda p: (round(float(np.hypot(*p)), 2), p))


def _drivable(graph: StreetGraph, classes: Table) -> list[tuple[Point2, Point2]]:
    """Return the directed links that vehicles may follow."""
    links = []
    for arc in graph.arcs.values():
        if not classes[graph.streets[arc.street].road_class]["drivable"]:
            continue
        if arc.oneway in {"both", "forward"}:
            links.append((arc.start, arc.end))
        if arc.oneway in {"both", "backward"}:
            links.append((arc.end, arc.start))
    return links


def _connected(links: list[tuple[Point2, Point2]]) -> bool:
    rank = {node: i for i, node in enumerate(dict.fromkeys(node for link in links for node in link))}
    rows, columns = [rank[a] for a, _ in links], [rank[b] for _, b in links]
    matrix = sparse.coo_array((np.ones(len(links), dtype=np.int8), (rows, columns)), shape=(len(rank), len(rank)))
    count, _ = csgraph.connected_components(matrix.tocsr(), directed=True, connection="strong")
    return bool(count == 1)


def check_drivable(graph: StreetGraph, classes: Table) -> bool:
    """Tell whether every drivable node can be reached from every other, one-way streets honoured."""
    return _connected(_drivable(graph, classes))


def set_pedestrian(graph: StreetGraph, classes: Table, share: float, rng: np.random.Generator) -> None:
    """Close a `share` of the old town's own streets to traffic, as long as every crossing can still be driven to."""
    for street in graph.streets:
        if street.style != "centre" or street.road_class != "residential" or rng.random() >= share:
            continue
        before = {node for node, _ in _drivable(graph, classes)}
        street.road_class = "pedestrian"
        after = _drivable(graph, classes)
        if {node for node, _ in after} != before or not _connected(after):
            street.road_class = "residential"


def set_one_ways(graph: StreetGraph, classes: Table, factors: Mapping[str, float], rng: np.random.Generator) -> None:
    """Make whole streets of the old town one-way, and close foot and cycle ways to vehicles.

    A street keeps its one-way only if the network stays strongly connected; the other direction is
    tried before giving up.
    """
    for arc in graph.arcs.values():
        if graph.streets[arc.street].road_class in {"pedestrian", "cycleway"}:
            arc.oneway = "closed"
    for number, arcs in ordered_arcs(graph).items():
        street = graph.streets[number]
        inside = all(np.hypot(*graph.arcs[n].start) < 330.0 for n, _ in arcs)
        wanted = rng.random() < factors["one_way_share"]
        outward = bool(rng.random() < 0.5)
        if street.road_class not in ONE_WAY_CLASSES or street.parent is not None or not (inside and wanted):
            continue
        for direction in (outward, not outward):
            for n, backwards in arcs:
                graph.arcs[n].oneway = "forward" if direction != backwards else "backward"
            if check_drivable(graph, classes):
                break
        else:
            for n, _ in arcs:
                graph.arcs[n].oneway = "both"
