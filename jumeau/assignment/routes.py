"""Which pairs of zones pass which links, by the cheapest ways at given costs. Compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import sparse

from jumeau.assignment.links import Links
from jumeau.assignment.trees import tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def incidence(links: Links, weight: Floats, zones: int, marked: Ints) -> sparse.csr_matrix:
    """Return which pairs of zones pass some links: times the trips, they give the flows of these links.

    Parameters
    ----------
    links : Links
    weight : ndarray, shape (m,)
        Cost of each link.
    zones : int
    marked : ndarray of int, shape (k,)
        Links asked for, each once.

    Returns
    -------
    csr_matrix, shape (k, zones * zones)
        Ones where the way from row to column of the raveled table of trips passes the link. Pairs that no way joins
        pass nothing.
    """
    mark = np.full(len(links), -1, dtype=np.int64)
    mark[marked] = np.arange(len(marked))
    room = 16 * zones * zones
    while True:
        row, pair, count = _passed(
            links.head, links.tail, links.order, links.first, weight, links.through, zones, mark, room
        )
        if count <= room:
            break
        room = count
    ones = np.ones(count)
    return sparse.csr_matrix((ones, (row[:count], pair[:count])), shape=(len(marked), zones * zones))


def loaded(links: Links, weight: Floats, trips: Floats) -> Floats:
    """Return the flow of each link when all take the cheapest ways at given costs, shape (m,).

    Parameters
    ----------
    links : Links
    weight : ndarray, shape (m,)
    trips : ndarray, shape (zones, zones)
    """
    return np.asarray(
        _loaded(links.head, links.tail, links.order, links.first, weight, links.through, np.ascontiguousarray(trips))
    )


@njit(cache=True, nogil=True)
def _loaded(head: Any, tail: Any, order: Any, first: Any, weight: Any, through: int, trips: Any) -> Any:
    nodes, zones = len(first) - 1, len(trips)
    cost = np.empty(nodes)
    by = np.empty(nodes, np.int64)
    settled = np.empty(nodes, np.int64)
    heap = np.empty(nodes, np.int64)
    place = np.empty(nodes, np.int64)
    wanted = np.ones(zones, np.bool_)
    flow = np.zeros(len(head))
    for origin in range(zones):
        done = tree(origin, head, order, first, weight, through, wanted, zones, cost, by, settled, heap, place)
        behind = np.zeros(nodes)
        behind[:zones] = trips[origin]
        # What lies behind a node passes the link that leads to it: from the leaves to the root.
        for at in range(done - 1, 0, -1):
            node = settled[at]
            link = by[node]
            flow[link] += behind[node]
            behind[tail[link]] += behind[node]
    return flow


@njit(cache=True, nogil=True)
def _passed(
    head: Any, tail: Any, order: Any, first: Any, weight: Any, through: int, zones: int, mark: Any, room: int
) -> tuple[Any, Any, int]:
    nodes = len(first) - 1
    cost = np.empty(nodes)
    by = np.empty(nodes, np.int64)
    settled = np.empty(nodes, np.int64)
    heap = np.empty(nodes, np.int64)
    place = np.empty(nodes, np.int64)
    wanted = np.ones(zones, np.bool_)
    row = np.empty(room, np.int32)
    pair = np.empty(room, np.int32)
    count = 0
    for origin in range(zones):
        tree(origin, head, order, first, weight, through, wanted, zones, cost, by, settled, heap, place)
        for zone in range(zones):
            node = zone
            while node != origin and by[node] >= 0:
                link = by[node]
                if mark[link] >= 0:
                    if count < room:
                        row[count] = mark[link]
                        pair[count] = origin * zones + zone
                    count += 1
                node = tail[link]
    return row, pair, count
