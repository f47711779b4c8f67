"""Rounds that serve whole streets (capacitated arc routing), brought to rounds over stops.

Each street to be served becomes two stops, one for each way through it, of which one is to be visited: the way from one
stop to the next is the way between the streets, and the passage of the street itself is the stop's own.

References
----------
The transformation to a generalised routing problem: G. Ghiani and G. Improta, "An efficient transformation of the
generalized vehicle routing problem", EJOR 122, 2000.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.routing.problem import Facility, RoutingProblem, Stops, Vehicle

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class EdgeProblem:
    """Streets to be served.

    Attributes
    ----------
    start, end : ndarray of int, shape (m,)
        End nodes.
    cost : ndarray, shape (m,)
        Length, passed or served [m].
    load : ndarray, shape (m,)
        What the street puts on the vehicle; zero where nothing is to be served.
    depot : int
        Node.
    capacity : float
    oneway : ndarray of bool, shape (m,), optional
        Streets that are passed from start to end only.
    """

    start: Ints
    end: Ints
    cost: Floats
    load: Floats
    depot: int
    capacity: float
    oneway: NDArray[np.bool_] | None = None

    def shortest(self) -> Floats:
        """Return the shortest ways between all nodes [m], shape (n, n)."""
        size = int(max(self.start.max(), self.end.max(), self.depot)) + 1
        both = np.full(len(self.start), fill_value=True) if self.oneway is None else ~self.oneway
        tail = np.concatenate([self.start, self.end[both]])
        head = np.concatenate([self.end, self.start[both]])
        cost = np.concatenate([self.cost, self.cost[both]])
        order = np.lexsort((cost, head, tail))
        tail, head, cost = tail[order], head[order], cost[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        matrix = sparse.csr_matrix((np.maximum(cost[first], 1e-9), (tail[first], head[first])), shape=(size, size))
        return np.asarray(csgraph.dijkstra(matrix), dtype=np.float64)

    def to_stops(self, vehicles: int) -> RoutingProblem:
        """Return the same problem over stops: those of street `i` of the served ones are `2 i` and `2 i + 1`.

        Parameters
        ----------
        vehicles : int
            Most vehicles.
        """
        way = self.shortest()
        served = np.flatnonzero(self.load > 0.0)
        both = np.full(len(self.start), fill_value=True) if self.oneway is None else ~self.oneway
        rows: list[int] = []
        enter: list[int] = []
        leave: list[int] = []
        groups: list[tuple[int, ...]] = []
        for street in served:
            ways = [(self.start[street], self.end[street])]
            if both[street]:
                ways.append((self.end[street], self.start[street]))
            groups.append(tuple(range(len(rows), len(rows) + len(ways))))
            for a, b in ways:
                rows.append(int(street))
                enter.append(int(a))
                leave.append(int(b))
        passage = self.cost[rows]
        # Location 0 is the depot; from it and to it a stop costs the way and its own passage.
        into, out = np.array([self.depot, *enter]), np.array([self.depot, *leave])
        distance = way[np.ix_(out, into)] + np.concatenate([[0.0], passage])[None, :]
        np.fill_diagonal(distance, 0.0)
        stops = Stops.of(np.arange(1, len(rows) + 1), self.load[rows])
        return RoutingProblem(
            distance,
            np.zeros_like(distance),
            stops,
            (Facility(0),),
            (Vehicle((self.capacity,), count=vehicles, distance_cost=1.0),),
            tuple(groups),
        )
