"""Growth of bushes: which links enter and leave, at costs that stand still. Compiled.

References
----------
Y. Nie, "A class of bush-based algorithms for the traffic assignment problem", Transportation Research Part B 44(1),
2010, doi:10.1016/j.trb.2009.06.005: which links may enter a bush, so that no ring arises and none is missed for good.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from jumeau.assignment.trees import shorten


@njit(cache=True, nogil=True)
def grow(roads: Any, bushes: Any, low: int, high: int, weight: Any, trips: Any) -> float:
    """Bring the bushes of the origins from `low` to `high` up to date; return the cost of their trips by cheapest ways.

    Links that carry nothing and are on no cheapest way leave; links that shorten a way enter where that makes no ring,
    that is from a lower to a higher node by the dearest ways.
    """
    nodes, links = len(roads.first) - 1, len(roads.tail)
    least, most = np.empty(nodes), np.empty(nodes)
    reached, dearest, held = np.empty(nodes), np.empty(nodes), np.full(links, -1.0)
    by, heap, place = np.empty(nodes, np.int64), np.empty(nodes, np.int64), np.full(nodes, -1, np.int64)
    found = 0.0
    for origin in range(low, high):
        count = bushes.size[origin]
        if count == 0:
            continue
        node = bushes.node[origin]
        _label(bushes, origin, weight, least, most, reached, dearest, held, by)
        shorten(roads.head, roads.first, weight, roads.through, origin, node, count, reached, by, heap, place)
        for zone in range(len(trips)):
            if trips[origin, zone] > 0.0:
                found += trips[origin, zone] * reached[zone]
        _sort(node, most, least, count)
        _rebuild(roads, bushes, origin, weight, least, most, reached, dearest, held, place)
    return found


@njit(cache=True, nogil=True)
def _label(
    bushes: Any, origin: int, weight: Any, least: Any, most: Any, reached: Any, dearest: Any, held: Any, by: Any
) -> None:
    """Write what the cheapest and the dearest ways cost, by place and by node, and what the links that stay carry.

    `held` gets the flow of each link that stays; -1 marks the others. Nodes that are not in the bush are infinitely
    far by the cheapest ways, and -1 by the dearest ones.
    """
    count, node, start = bushes.size[origin], bushes.node[origin], bushes.start[origin]
    link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
    reached[:], dearest[:] = np.inf, -1.0
    least[0], most[0], reached[origin], dearest[origin] = 0.0, 0.0, 0.0, 0.0
    for at in range(1, count):
        cheap, dear, first = np.inf, 0.0, -1
        for row in range(start[at], start[at + 1]):
            cost = least[source[row]] + weight[link[row]]
            if cost < cheap:
                cheap, first = cost, row
        for row in range(start[at], start[at + 1]):
            if flow[row] > 0.0 or row == first:
                held[link[row]] = flow[row]
                dear = max(dear, most[source[row]] + weight[link[row]])
        least[at], most[at] = cheap, dear
        reached[node[at]], dearest[node[at]], by[node[at]] = cheap, dear, link[first]


@njit(cache=True, nogil=True)
def _sort(node: Any, most: Any, least: Any, count: int) -> None:
    """Sort the nodes by the cost of the dearest way; those of the same cost keep their order."""
    moves = 20 * count  # nearly sorted as a rule; else a sort from nothing is quicker
    for at in range(1, count):
        mine, value, other = node[at], most[at], least[at]
        back = at - 1
        while back >= 0 and most[back] > value:
            node[back + 1], most[back + 1], least[back + 1] = node[back], most[back], least[back]
            back -= 1
        node[back + 1], most[back + 1], least[back + 1] = mine, value, other
        moves -= at - 1 - back
        if moves < 0:
            order = np.argsort(most[:count], kind="mergesort")
            node[:count], most[:count], least[:count] = node[:count][order], most[:count][order], least[:count][order]
            break


@njit(cache=True, nogil=True)
def _rebuild(
    roads: Any, bushes: Any, origin: int, weight: Any, least: Any, most: Any, reached: Any, dearest: Any, held: Any,
    place: Any,
) -> None:  # fmt: skip
    """Write the links that stay and those that enter, in the new order of the nodes."""
    count, node, start = bushes.size[origin], bushes.node[origin], bushes.start[origin]
    link, source, flow = bushes.link[origin], bushes.source[origin], bushes.flow[origin]
    for at in range(count):
        place[node[at]] = at
    row = 0
    for at in range(1, count):
        start[at] = row
        for one in range(roads.into_first[node[at]], roads.into_first[node[at] + 1]):
            item = roads.into[one]
            tail = roads.tail[item]
            carried = held[item]
            held[item] = -1.0
            if carried < 0.0:
                if dearest[tail] < 0.0 or dearest[tail] >= most[at] or reached[tail] + weight[item] >= least[at]:
                    continue
                if tail < roads.through and tail != origin:
                    continue
                carried = 0.0
            link[row], source[row], flow[row] = item, place[tail], carried
            row += 1
    start[0], start[count] = 0, row
    for at in range(count):
        place[node[at]] = -1
