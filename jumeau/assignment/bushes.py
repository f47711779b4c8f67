"""Bushes: for each origin, the links that its trips may use, without rings, and the flow on each. Compiled.

A bush is kept in a topological order, so that its cheapest and its dearest used ways come out of one sweep.

References
----------
R. B. Dial, "A path-based user-equilibrium traffic assignment algorithm that obviates path storage and enumeration",
Transportation Research Part B 40(10), 2006, doi:10.1016/j.trb.2006.02.008.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jumeau.assignment.contraction import Contraction
from jumeau.assignment.trees import tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]

#: A way that costs more than the cheapest one by this share is no part of a bush made from flows that were there.
_NEAR = 0.02


class Roads(NamedTuple):
    """The graph of the chains.

    Attributes
    ----------
    tail, head : ndarray of int32, shape (c,)
        Chains are sorted by tail.
    order : ndarray of int, shape (c,)
        Their numbers.
    first : ndarray of int, shape (nodes + 1,)
        First chain that leaves each node.
    into : ndarray of int32, shape (c,)
        Chains sorted by head.
    into_first : ndarray of int, shape (nodes + 1,)
    through : int
        Nodes below are not passed.
    """

    tail: Shorts
    head: Shorts
    order: Ints
    first: Ints
    into: Shorts
    into_first: Ints
    through: int


class Bushes(NamedTuple):
    """Bushes of a class, one row an origin.

    Attributes
    ----------
    size : ndarray of int, shape (zones,)
        Nodes that are reached.
    node : ndarray of int32, shape (zones, nodes)
        In topological order, the origin first.
    start : ndarray of int32, shape (zones, nodes + 1)
        Place in `link` of the first link into each node, by its place in `node`.
    link : ndarray of int32, shape (zones, c)
    source : ndarray of int32, shape (zones, c)
        Place in `node` of the tail of each link.
    flow : ndarray, shape (zones, c)
    """

    size: Ints
    node: Shorts
    start: Shorts
    link: Shorts
    source: Shorts
    flow: Floats


def roads_of(chains: Contraction, through: int) -> Roads:
    """Return the graph of some chains."""
    into = np.argsort(chains.head, kind="stable").astype(np.int32)
    counts = np.bincount(chains.head, minlength=chains.nodes)
    into_first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Roads(chains.tail, chains.head, np.arange(len(chains)), chains.first, into, into_first, through)


def bushes_of(zones: int, roads: Roads) -> Bushes:
    """Return empty bushes; memory is taken as they grow."""
    nodes, links = len(roads.first) - 1, len(roads.tail)
    return Bushes(
        np.zeros(zones, dtype=np.int64),
        np.empty((zones, nodes), dtype=np.int32),
        np.empty((zones, nodes + 1), dtype=np.int32),
        np.empty((zones, links), dtype=np.int32),
        np.empty((zones, links), dtype=np.int32),
        np.empty((zones, links)),
    )


@njit(cache=True, nogil=True)
def plant(
    roads: Any, bushes: Any, low: int, high: int, trips: Any, weight: Any, shares: Any, total: Any, lost: Any
) -> float:
    """Make the bushes of the origins from `low` to `high` from their trees of cheapest ways, and load them.

    Parameters
    ----------
    roads, bushes
    low, high : int
    trips : ndarray, shape (zones, zones)
    weight : ndarray, shape (c,)
    shares : ndarray, shape (c,)
        Flows by which trips part where two ways meet; zero where only the cheapest way counts.
    total : ndarray, shape (c,)
        Gets the flows on top.
    lost : ndarray of int, shape (2,)
        Gets the zones of a pair that no way joins.

    Returns
    -------
    float
        Cost of the trips by the cheapest ways.
    """
    nodes, zones = len(roads.first) - 1, len(trips)
    cost = np.empty(nodes)
    by, settled, heap, place = (
        np.empty(nodes, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.int64)
    )  # fmt: skip
    nobody = np.zeros(0, np.bool_)
    found = 0.0
    for origin in range(low, high):
        if not (trips[origin] > 0.0).any():
            continue
        count = tree(
            origin, roads.head, roads.order, roads.first, weight, roads.through, nobody, -1, cost, by, settled, heap,
            place,
        )  # fmt: skip
        for zone in range(zones):
            if trips[origin, zone] > 0.0:
                if cost[zone] == np.inf:
                    lost[0] = origin
                    lost[1] = zone
                else:
                    found += trips[origin, zone] * cost[zone]
        _lay(roads, bushes, origin, count, cost, by, settled, place, weight, shares)
        refill(bushes, origin, trips[origin], total)
    return found


@njit(cache=True, nogil=True)
def _lay(
    roads: Any, bushes: Any, origin: int, count: int, cost: Any, by: Any, settled: Any, place: Any, weight: Any,
    shares: Any,
) -> None:  # fmt: skip
    """Write a bush: its tree, and the ways with flow that cost nearly as little."""
    link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
    bushes.size[origin] = count
    place[:] = count
    for at in range(count):
        place[settled[at]] = at
    row = 0
    for at in range(count):
        node = settled[at]
        bushes.node[origin, at] = node
        bushes.start[origin, at] = row
        if at == 0:
            continue
        first = by[node]
        link[row], source[row], flow[row] = first, place[roads.tail[first]], shares[first]
        row += 1
        for one in range(roads.into_first[node], roads.into_first[node + 1]):
            item = roads.into[one]
            tail = roads.tail[item]
            if item == first or shares[item] <= 0.0 or place[tail] >= at or (tail < roads.through and tail != origin):
                continue
            if cost[tail] + weight[item] <= cost[node] * (1.0 + _NEAR):
                link[row], source[row], flow[row] = item, place[tail], shares[item]
                row += 1
    bushes.start[origin, count] = row


@njit(cache=True, nogil=True)
def refill(bushes: Any, origin: int, trips: Any, total: Any) -> None:
    """Set the flows of a bush by its shares at each node, and add them to `total`: exact conservation again.

    Where nothing arrived yet, all take the first link into the node.
    """
    count, node, start = bushes.size[origin], bushes.node[origin], bushes.start[origin]
    link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
    wanted = np.zeros(count)
    for at in range(1, count):
        if node[at] < len(trips):
            wanted[at] = trips[node[at]]
    for at in range(count - 1, 0, -1):
        amount = wanted[at]
        low, high = start[at], start[at + 1]
        summed = 0.0
        for row in range(low, high):
            summed += flow[row]
        for row in range(low, high):
            part = amount * (flow[row] / summed) if summed > 0.0 else amount if row == low else 0.0
            flow[row] = part
            if part > 0.0:
                wanted[source[row]] += part
                total[link[row]] += part


@njit(cache=True, nogil=True)
def refill_block(bushes: Any, low: int, high: int, trips: Any, total: Any) -> None:
    """Refill the bushes of the origins from `low` to `high`."""
    for origin in range(low, high):
        refill(bushes, origin, trips[origin], total)


@njit(cache=True, nogil=True)
def share_out(bushes: Any, low: int, high: int, trips: Any, total: Any) -> None:
    """Add the flows of other trips, shape (k, zones, zones), to `total`, shape (k, c), by the shares of the bushes."""
    wanted = np.zeros(bushes.node.shape[1])
    for origin in range(low, high):
        count, node, start = bushes.size[origin], bushes.node[origin], bushes.start[origin]
        link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
        for row in range(len(trips)):
            for at in range(count):
                wanted[at] = trips[row, origin, node[at]] if at > 0 and node[at] < trips.shape[1] else 0.0
            for at in range(count - 1, 0, -1):
                summed = flow[start[at] : start[at + 1]].sum()
                if wanted[at] <= 0.0 or summed <= 0.0:
                    continue
                for one in range(start[at], start[at + 1]):
                    part = wanted[at] * (flow[one] / summed)
                    wanted[source[one]] += part
                    total[row, link[one]] += part
