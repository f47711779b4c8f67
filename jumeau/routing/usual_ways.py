"""The streets on the quickest ways between sites, found as they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph

from jumeau.routing.roads import Roads, Sites

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Memory for the trees of sites that ways were asked from [bytes].
_ROOM = 64e6


@dataclass(frozen=True)
class _Tree:
    """The quickest ways from the two doors of a site: the node before each one, and the times to the doors of sites."""

    before: NDArray[np.int32]
    time: Floats


class UsualWays:
    """The streets that vehicles pass from one site to another where nothing is closed.

    Parameters
    ----------
    roads : Roads
    sites : Sites
    """

    def __init__(self, roads: Roads, sites: Sites) -> None:
        self._roads = roads
        self._leave, self._leave_cost = roads.doors(sites, outward=True)
        self._enter, self._enter_cost = roads.doors(sites, outward=False)
        self._own = roads.graph.street[sites.arc]
        self._pairs, self._street = roads.quickest_streets()
        self._most = max(int(_ROOM / (8 * max(len(roads.graph.nodes), 1))), 4)
        self._trees: OrderedDict[int, _Tree] = OrderedDict()
        self._known: dict[tuple[int, int], frozenset[int]] = {}

    def streets(self, start: int, end: int) -> frozenset[int]:
        """Return the rows of the streets on the quickest way from a site to another, those of both ends included."""
        if (start, end) not in self._known:
            self._known[start, end] = self._found(start, end)
        return self._known[start, end]

    def _found(self, start: int, end: int) -> frozenset[int]:
        own = {int(self._own[start]), int(self._own[end])}
        tree = self._tree(start)
        # Sites of one street may reach each other along it, which the streets of both ends cover.
        through = [
            (self._leave_cost[a][start, 0] + tree.time[a, b, end] + self._enter_cost[b][end, 0], a, b)
            for a in range(2)
            for b in range(2)
        ]
        best, a, b = min(through)
        if not np.isfinite(best):
            return frozenset(own)
        nodes = [int(self._enter[b, end])]
        while tree.before[a, nodes[-1]] >= 0:
            nodes.append(int(tree.before[a, nodes[-1]]))
        way = np.array(nodes[::-1], dtype=np.int64)
        asked = way[:-1] * len(self._roads.graph.nodes) + way[1:]
        return frozenset(own | set(self._street[np.searchsorted(self._pairs, asked)].tolist()))

    def _tree(self, start: int) -> _Tree:
        if start in self._trees:
            self._trees.move_to_end(start)
            return self._trees[start]
        time, before = csgraph.dijkstra(self._roads.weights, indices=self._leave[:, start], return_predecessors=True)
        self._trees[start] = found = _Tree(before.astype(np.int32, copy=False), time[:, self._enter])
        if len(self._trees) > self._most:
            self._trees.popitem(last=False)
        return found
