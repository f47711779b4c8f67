"""Sectors drawn along the cheapest borders: balanced parts of a graph by recursive bisection with minimum cuts.

References
----------
Schild, A. and Sommer, C. (2015). On balanced separators in road networks (inertial flow). SEA 2015, LNCS 9125.
Ferrari, G., Savic, D. and Becciu, G. (2014). Graph-theoretic approach and sound engineering principles for design of
district metered areas. Journal of Water Resources Planning and Management 140(12).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Directions along which a part is looked at.
DIRECTIONS = 8

#: Shares of a half that are held together ahead of a cut: few leave it free, many keep it balanced.
SEEDS = (0.3, 0.5, 0.7, 0.85)

#: How far the weight of a part may be from what it should be, before the cut counts as dearer.
SLACK = 0.25

#: Price of imbalance: a cut that is off by all of a part's weight counts that many times more.
PENALTY = 8.0

#: Capacity that no minimum cut passes.
_WALL = 10**8


@dataclass(frozen=True)
class Graph:
    """What is cut.

    Attributes
    ----------
    start, end : ndarray of int, shape (m,)
    cost : ndarray, shape (m,)
        Cost of a border across each edge [EUR].
    weight : ndarray, shape (n,)
        What is to be balanced: connections, or length.
    xy : ndarray, shape (n, 2)
        [m].
    """

    start: Ints
    end: Ints
    cost: Floats
    weight: Floats
    xy: Floats

    def cut(self, part: Ints) -> float:
        """Return the cost of the borders of some parts [EUR]; `part` of each node, shape (n,)."""
        return float(self.cost[part[self.start] != part[self.end]].sum())

    def of(self, member: Ints) -> Graph:
        """Return the graph of some nodes and what links them."""
        row = np.full(len(self.weight), -1, dtype=np.int64)
        row[member] = np.arange(len(member))
        kept = (row[self.start] >= 0) & (row[self.end] >= 0)
        ends = row[self.start[kept]], row[self.end[kept]]
        return Graph(*ends, self.cost[kept], self.weight[member], self.xy[member])


def partition(graph: Graph, count: int) -> Ints:
    """Return the part of each node of a connected graph, shape (n,): connected parts of about the same weight.

    Parameters
    ----------
    graph : Graph
    count : int
        Parts wanted; fewer where there are not as many nodes.
    """
    part = np.zeros(len(graph.weight), dtype=np.int64)
    count = min(count, len(part))
    if count < 2:
        return part
    first = count // 2
    side = bisected(graph, first / count)
    for chosen, wanted, offset in ((side, first, 0), (~side, count - first, first)):
        member = np.flatnonzero(chosen)
        part[member] = offset + partition(graph.of(member), wanted)
    return part


def bisected(graph: Graph, share: float) -> Bools:
    """Return one of two connected sides, shape (n,): the cheaper the border and the closer to its share, the better.

    Parameters
    ----------
    graph : Graph
        Connected, of two nodes or more.
    share : float
        Of the weight that the side should have.
    """
    best, least = np.zeros(len(graph.weight), dtype=bool), np.inf
    weight = graph.weight + 1e-6 * max(float(graph.weight.mean()), 1e-9)
    for order in _orders(graph):
        ahead = np.cumsum(weight[order]) / weight.sum()
        for seeds in SEEDS:
            head = order[ahead <= seeds * share]
            tail = order[ahead > 1.0 - seeds * (1.0 - share)]
            head = head if len(head) else order[:1]
            tail = np.setdiff1d(tail if len(tail) else order[-1:], head)
            if not len(tail):
                continue
            for cut in _minimum_cuts(graph, head, tail):
                side = _whole(graph, cut)
                value = _value(graph, side, weight, share)
                if value < least:
                    best, least = side, value
    return _refined(graph, best, weight, share, least)


def _value(graph: Graph, side: Bools, weight: Floats, share: float) -> float:
    """Return the cost of a bisection, raised by its imbalance; infinite where it is none."""
    if side.all() or not side.any():
        return np.inf
    part = float(weight[side].sum() / weight.sum())
    off = max(abs(part / share - 1.0), abs((1.0 - part) / (1.0 - share) - 1.0))
    # The smallest imbalance decides between cuts that cost the same.
    return (graph.cut(side.astype(np.int64)) + 1.0) * (1.0 + PENALTY * max(off - SLACK, 0.0) + 1e-3 * off)


def _orders(graph: Graph) -> Iterator[Ints]:
    """Yield orders of the nodes, from one end of the part to the other: on the map, then along the network."""
    xy = graph.xy - graph.xy.mean(axis=0)
    for angle in np.arange(DIRECTIONS) * np.pi / DIRECTIONS:
        for sign in (1.0, -1.0):
            yield np.argsort(sign * (xy @ np.array([np.cos(angle), np.sin(angle)])), kind="stable")
    hops = _matrix(graph, np.ones(len(graph.cost)))
    far = int(np.argmax(csgraph.dijkstra(hops, directed=False, indices=0, unweighted=True)))
    here = csgraph.dijkstra(hops, directed=False, indices=far, unweighted=True)
    there = csgraph.dijkstra(hops, directed=False, indices=int(np.argmax(here)), unweighted=True)
    yield np.argsort(here - there, kind="stable")
    yield np.argsort(there - here, kind="stable")


def _matrix(graph: Graph, value: Floats | Ints) -> sparse.csr_matrix:
    size = len(graph.weight)
    return sparse.coo_matrix((value, (graph.start, graph.end)), shape=(size, size)).tocsr()


def _minimum_cuts(graph: Graph, head: Ints, tail: Ints) -> Iterator[Bools]:
    """Yield the sides of the minimum cuts nearest to the head, and nearest to the tail, each shape (n,)."""
    size = len(graph.weight)
    row = np.arange(size) + 2
    row[head], row[tail] = 0, 1
    start, end = row[graph.start], row[graph.end]
    kept = start != end
    start, end = start[kept], end[kept]
    cost = np.clip(np.round(graph.cost[kept]), 1, _WALL).astype(np.int64)
    both = np.concatenate([start, end]), np.concatenate([end, start])
    capacity = sparse.coo_matrix((np.concatenate([cost, cost]), both), shape=(size + 2, size + 2)).tocsr()
    capacity.data = np.minimum(capacity.data, _WALL).astype(np.int32)
    capacity = capacity.astype(np.int32)
    flow = csgraph.maximum_flow(capacity, 0, 1).flow
    left = (capacity - flow).tocsr()
    left.eliminate_zeros()
    for matrix, root, inside in ((left, 0, True), (left.T.tocsr(), 1, False)):
        reached = np.zeros(size + 2, dtype=bool)
        reached[csgraph.breadth_first_order(matrix, root, return_predecessors=False)] = True
        yield reached[row] == inside


def _whole(graph: Graph, side: Bools) -> Bools:
    """Return sides in which what does not hang on the heaviest piece of its side goes over to the other."""
    found = side.copy()
    for chosen in (True, False):
        inner = (found[graph.start] == chosen) & (found[graph.end] == chosen)
        size = len(found)
        edges = sparse.coo_matrix((np.ones(int(inner.sum())), (graph.start[inner], graph.end[inner])), (size, size))
        label = csgraph.connected_components(edges, directed=False)[1]
        member = found == chosen
        if member.any():
            heavy = np.bincount(label[member], graph.weight[member] + 1e-9, minlength=int(label.max()) + 1)
            found[member & (label != int(np.argmax(heavy)))] = not chosen
    return found


def _refined(graph: Graph, side: Bools, weight: Floats, share: float, value: float) -> Bools:
    """Return a bisection in which no node at the border gains by going over to the other side."""
    moved = True
    while moved:
        moved = False
        apart = side[graph.start] != side[graph.end]
        for node in np.unique(np.concatenate([graph.start[apart], graph.end[apart]])).tolist():
            tried = side.copy()
            tried[node] = not tried[node]
            found = _value(graph, tried, weight, share)
            if found < value * (1.0 - 1e-9) and np.array_equal(_whole(graph, tried), tried):
                side, value, moved = tried, found, True
    return side
