"""All-or-nothing loading: everybody on the cheapest way, whatever the others do. Compiled.

Dijkstra's algorithm with a heap of four children a node, one tree per origin; flows are summed from the leaves of the
tree to its root, in the reverse order in which nodes were settled, so that no path is ever followed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _sift_up(heap: Any, place: Any, cost: Any, at: int) -> None:
    node = heap[at]
    value = cost[node]
    while at > 0:
        above = (at - 1) >> 2
        if cost[heap[above]] <= value:
            break
        heap[at] = heap[above]
        place[heap[at]] = at
        at = above
    heap[at] = node
    place[node] = at


@njit(cache=True, nogil=True)
def _sift_down(heap: Any, place: Any, cost: Any, size: int) -> None:
    node = heap[0]
    value = cost[node]
    at = 0
    while True:
        child = 4 * at + 1
        if child >= size:
            break
        best = child
        last = min(child + 4, size)
        for other in range(child + 1, last):
            if cost[heap[other]] < cost[heap[best]]:
                best = other
        if cost[heap[best]] >= value:
            break
        heap[at] = heap[best]
        place[heap[at]] = at
        at = best
    heap[at] = node
    place[node] = at


@njit(cache=True, nogil=True)
def tree(
    origin: int,
    head: Any,
    order: Any,
    first: Any,
    weight: Any,
    through: int,
    wanted: Any,
    remaining: int,
    cost: Any,
    by: Any,
    settled: Any,
    heap: Any,
    place: Any,
) -> int:
    """Settle nodes from an origin until every wanted one is; return how many were.

    `cost` (n,) gets the cost of each node, `by` the link that leads to it (-1), `settled` the nodes in order. Zones
    other than the origin are reached, never passed.
    """
    cost[:] = np.inf
    by[:] = -1
    place[:] = -1
    cost[origin] = 0.0
    heap[0] = origin
    place[origin] = 0
    size = 1
    done = 0
    while size > 0:
        node = heap[0]
        size -= 1
        place[node] = -2
        if size > 0:
            heap[0] = heap[size]
            place[heap[0]] = 0
            _sift_down(heap, place, cost, size)
        settled[done] = node
        done += 1
        if node < len(wanted) and wanted[node]:
            remaining -= 1
            if remaining == 0:
                break
        if node < through and node != origin:
            continue
        here = cost[node]
        for at in range(first[node], first[node + 1]):
            link = order[at]
            other = head[link]
            if place[other] == -2:
                continue
            reached = here + weight[link]
            if reached < cost[other]:
                cost[other] = reached
                by[other] = link
                if place[other] == -1:
                    heap[size] = other
                    place[other] = size
                    size += 1
                _sift_up(heap, place, cost, place[other])
    return done


@njit(cache=True, nogil=True)
def load(
    trips: Any, tail: Any, head: Any, order: Any, first: Any, weight: Any, through: int, flow: Any, lost: Any
) -> float:
    """Add the flows of classes that share their costs to `flow` (k, m); return the total cost of their trips.

    Parameters
    ----------
    trips : ndarray, shape (k, zones, zones)
    tail, head, order, first
        See `Links`.
    weight : ndarray, shape (m,)
        Cost of each link; infinite where it is closed.
    through : int
    flow : ndarray, shape (k, m)
    lost : ndarray of int, shape (2,)
        Gets the zones of a pair that no way joins.
    """
    nodes = len(first) - 1
    classes, zones = trips.shape[0], trips.shape[1]
    cost = np.empty(nodes)
    by = np.empty(nodes, np.int64)
    settled = np.empty(nodes, np.int64)
    heap = np.empty(nodes, np.int64)
    place = np.empty(nodes, np.int64)
    carried = np.zeros((nodes, classes))
    wanted = np.zeros(zones, np.bool_)
    total = 0.0
    for origin in range(zones):
        remaining = 0
        for zone in range(zones):
            wanted[zone] = False
            if zone != origin:
                for row in range(classes):
                    if trips[row, origin, zone] > 0.0:
                        wanted[zone] = True
            remaining += wanted[zone]
        if remaining == 0:
            continue
        done = tree(origin, head, order, first, weight, through, wanted, remaining, cost, by, settled, heap, place)
        for zone in range(zones):
            if wanted[zone]:
                if not np.isfinite(cost[zone]):
                    lost[0] = origin
                    lost[1] = zone
                    continue
                for row in range(classes):
                    carried[zone, row] += trips[row, origin, zone]
                    total += trips[row, origin, zone] * cost[zone]
        for at in range(done - 1, 0, -1):
            node = settled[at]
            link = by[node]
            above = tail[link]
            for row in range(classes):
                amount = carried[node, row]
                if amount > 0.0:
                    flow[row, link] += amount
                    carried[above, row] += amount
                    carried[node, row] = 0.0
        for row in range(classes):
            carried[origin, row] = 0.0
    return total
