"""All-or-nothing loading: everybody on the cheapest way, whatever the others do. Compiled.

Dijkstra's algorithm with a heap of four children a node, one tree per origin, which the next loading mends rather than
grows anew; flows are summed from the leaves of the tree to its root, so that no path is ever followed.

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


class Trees:
    """The cheapest ways from each zone, kept from one loading to the next.

    From one iteration to the next most of a tree stays: costs are summed anew along the old tree, then every link is
    tried once, nearest nodes first, so that what becomes shorter shortens what lies behind it in the same pass; only
    what a farther node shortens is settled again. What comes out is as exact as a tree from nothing.

    Attributes
    ----------
    by : ndarray of int, shape (zones, nodes)
        Place in `Links.order` of the link that leads to each node, -1 for none.
    order : ndarray of int, shape (zones, nodes)
        Nodes of each tree, each after the one from which it is reached.
    count : ndarray of int, shape (zones,)
        Nodes in each tree; zero before the first loading.
    """

    def __init__(self, zones: int, nodes: int) -> None:
        self.by = np.full((zones, nodes), -1, dtype=np.int32)
        self.order = np.zeros((zones, nodes), dtype=np.int32)
        self.count = np.zeros(zones, dtype=np.int64)


@njit(cache=True, nogil=True)
def _settle(
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
def _shorten(
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
    _settle(head, first, weight, through, origin, size, cost, by, heap, place)
    return changed


@njit(cache=True, nogil=True)
def _sorted(tail: Any, order: Any, count: int, cost: Any, by: Any, place: Any) -> None:
    """Order the nodes of a tree by their cost, and each after the one from which it is reached."""
    moves = 20 * count  # nearly sorted as a rule; else a sort from nothing is quicker
    for at in range(1, count):
        node = order[at]
        value = cost[node]
        back = at - 1
        while back >= 0 and cost[order[back]] > value:
            order[back + 1] = order[back]
            back -= 1
        order[back + 1] = node
        moves -= at - 1 - back
        if moves < 0:
            order[:count] = order[:count][np.argsort(cost[order[:count]], kind="mergesort")]
            break
    for at in range(count):
        place[order[at]] = at
    sound = by[order[0]] == -1
    for at in range(1, count):
        if not sound:
            break
        sound = place[tail[by[order[at]]]] < at
    if not sound:  # links that take no time join nodes of the same cost
        _parents_first(tail, order, count, by, place)
    for at in range(count):
        place[order[at]] = -1


@njit(cache=True, nogil=True)
def _parents_first(tail: Any, order: Any, count: int, by: Any, children: Any) -> None:
    """Order the nodes of a tree from its leaves to its root, then turn that round."""
    nodes = order[:count].copy()
    for node in nodes:
        children[node] = 0
    for node in nodes:
        if by[node] >= 0:
            children[tail[by[node]]] += 1
    size = 0
    for node in nodes:
        if children[node] == 0:
            order[size] = node
            size += 1
    at = 0
    while at < size:
        link = by[order[at]]
        at += 1
        if link >= 0:
            above = tail[link]
            children[above] -= 1
            if children[above] == 0:
                order[size] = above
                size += 1
    order[:count] = order[:count][::-1].copy()


@njit(cache=True, nogil=True)
def _updated(
    tail: Any,
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
) -> int:
    """Bring the tree of an origin up to date; `cost` gets the cost of each node. Return how many nodes it has."""
    cost[:] = np.inf
    cost[origin] = 0.0
    for at in range(1, count):
        node = order[at]
        cost[node] = cost[tail[by[node]]] + weight[by[node]]
    if count > 0:
        changed = _shorten(head, first, weight, through, origin, order, count, cost, by, heap, place)
    else:
        heap[0] = origin
        place[origin] = 0
        _settle(head, first, weight, through, origin, 1, cost, by, heap, place)
        changed = True
    reached = 0
    for node in range(len(cost)):
        reached += cost[node] < np.inf
    if reached != count:
        count, changed = 0, True
        for node in range(len(cost)):
            if cost[node] < np.inf:
                order[count] = node
                count += 1
    if changed:
        _sorted(tail, order, count, cost, by, place)
    return count


@njit(cache=True, nogil=True)
def load(
    trips: Any,
    tail: Any,
    head: Any,
    first: Any,
    weight: Any,
    through: int,
    tree_by: Any,
    tree_order: Any,
    tree_count: Any,
    flow: Any,
    lost: Any,
) -> float:
    """Add the flows of classes that share their costs to `flow` (k, m); return the total cost of their trips.

    Parameters
    ----------
    trips : ndarray, shape (k, zones, zones)
    tail, head : ndarray of int, shape (m,)
        Of the links sorted by tail.
    first : ndarray of int, shape (nodes + 1,)
        See `Links`.
    weight : ndarray, shape (m,)
        Cost of each link, sorted in the same way; infinite where it is closed.
    through : int
    tree_by, tree_order, tree_count
        See `Trees`; brought up to date.
    flow : ndarray, shape (k, m)
        Sorted in the same way.
    lost : ndarray of int, shape (2,)
        Gets the zones of a pair that no way joins.
    """
    nodes = len(first) - 1
    classes, zones = trips.shape[0], trips.shape[1]
    cost = np.empty(nodes)
    heap = np.empty(nodes, np.int64)
    place = np.full(nodes, -1, np.int64)
    carried = np.zeros((nodes, classes))
    total = 0.0
    for origin in range(zones):
        if not (trips[:, origin, :origin] > 0.0).any() and not (trips[:, origin, origin + 1 :] > 0.0).any():
            continue
        by, order = tree_by[origin], tree_order[origin]
        count = _updated(tail, head, first, weight, through, origin, order, tree_count[origin], cost, by, heap, place)
        tree_count[origin] = count
        for zone in range(zones):
            for row in range(classes):
                amount = trips[row, origin, zone]
                if amount > 0.0 and zone != origin:
                    if cost[zone] == np.inf:
                        lost[0] = origin
                        lost[1] = zone
                    else:
                        carried[zone, row] += amount
                        total += amount * cost[zone]
        for at in range(count - 1, 0, -1):
            node = order[at]
            link = by[node]
            for row in range(classes):
                amount = carried[node, row]
                if amount > 0.0:
                    flow[row, link] += amount
                    carried[tail[link], row] += amount
                    carried[node, row] = 0.0
        for row in range(classes):
            carried[origin, row] = 0.0
    return total
