"""Trees of cheapest ways from an origin, grown from nothing or mended. Compiled.

Dijkstra's algorithm with a heap of four children a node. Where costs move little, most of a tree stays: every link is
tried once, nearest nodes first, so that what becomes shorter shortens what lies behind it in the same pass; only what a
farther node shortens is settled again. What comes out is as exact as a tree from nothing.

References
----------
G. Ramalingam and T. Reps, "An incremental algorithm for a generalization of the shortest-path problem", Journal of
Algorithms 21(2), 1996, doi:10.1006/jagm.1996.0046: only what changes is settled again.
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
def settle(
    head: Any, first: Any, weight: Any, through: int, origin: int, size: int, cost: Any, by: Any, heap: Any, place: Any
) -> None:
    """Shorten the ways to all nodes behind those in the heap."""
    while size > 0:
        node = heap[0]
        size -= 1
        place[node] = -1
        if size > 0:
            heap[0] = heap[size]
            place[heap[0]] = 0
            _sift_down(heap, place, cost, size)
        if node < through and node != origin:
            continue
        here = cost[node]
        for link in range(first[node], first[node + 1]):
            other = head[link]
            reached = here + weight[link]
            if reached < cost[other]:
                cost[other] = reached
                by[other] = link
                if place[other] == -1:
                    heap[size] = other
                    place[other] = size
                    size += 1
                _sift_up(heap, place, cost, place[other])


@njit(cache=True, nogil=True)
def shorten(
    head: Any,
    first: Any,
    weight: Any,
    through: int,
    origin: int,
    order: Any,
    count: int,
    cost: Any,
    by: Any,
    heap: Any,
    place: Any,
) -> bool:
    """Make the costs of an old tree those of the cheapest ways; return whether any way changed."""
    size = 0
    changed = False
    # While this pass lasts, -2 marks the nodes whose links were tried.
    for at in range(count):
        node = order[at]
        if place[node] == -1:
            place[node] = -2
        if node < through and node != origin:
            continue
        here = cost[node]
        for link in range(first[node], first[node + 1]):
            other = head[link]
            reached = here + weight[link]
            if reached < cost[other]:
                cost[other] = reached
                by[other] = link
                changed = True
                if place[other] == -2:
                    heap[size] = other
                    place[other] = size
                    size += 1
                if place[other] >= 0:
                    _sift_up(heap, place, cost, place[other])
    for at in range(count):
        if place[order[at]] == -2:
            place[order[at]] = -1
    settle(head, first, weight, through, origin, size, cost, by, heap, place)
    return changed
