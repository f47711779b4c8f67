"""Where acoustic loggers hear: the cover of pipes by points of the network."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Graph:
    """Pipes between nodes.

    Attributes
    ----------
    start, end : ndarray of int, shape (m,)
        Rows of the end nodes.
    length : ndarray, shape (m,)
        [m].
    reach : ndarray, shape (m,)
        How far noise is heard along each pipe [m].
    nodes : int
    """

    start: Ints
    end: Ints
    length: Floats
    reach: Floats
    nodes: int


@dataclass(frozen=True)
class Placement:
    """Loggers in the order of their placement.

    Attributes
    ----------
    nodes : ndarray of int, shape (k,)
    heard : ndarray, shape (m,)
        Share of each pipe within reach of a logger.
    working : ndarray, shape (m,)
        Share of each pipe within reach of a logger that works.
    hearers : tuple of tuple of int, m of them
        Nodes whose loggers hear some of each pipe.
    """

    nodes: Ints
    heard: Floats
    working: Floats
    hearers: tuple[tuple[int, ...], ...]


def hearing(graph: Graph) -> sparse.csr_matrix:
    """Return how far into each pipe a logger at each node hears, from the pipe's ends.

    Distance is counted in ranges: a metre of a pipe takes 1 / range of the reach, and 1 is the end of hearing.

    Returns
    -------
    csr_matrix, shape (nodes, 2 m)
        Share of the pipe heard from its start (first m columns) and from its end; at most 1 each.
    """
    cost = np.maximum(graph.length / graph.reach, 1e-12)
    # Of parallel pipes the shortest counts; a sparse matrix would add them.
    low, high = np.minimum(graph.start, graph.end), np.maximum(graph.start, graph.end)
    order = np.argsort(cost, kind="stable")
    first = order[np.unique((low * graph.nodes + high)[order], return_index=True)[1]]
    matrix = sparse.csr_matrix((cost[first], (low[first], high[first])), shape=(graph.nodes, graph.nodes))
    touching: list[list[int]] = [[] for _node in range(graph.nodes)]
    for pipe, (a, b) in enumerate(zip(graph.start, graph.end, strict=True)):
        touching[int(a)].append(pipe)
        touching[int(b)].append(pipe + len(cost))
    found_rows: list[int] = []
    found_columns: list[int] = []
    found: list[float] = []
    for begin in range(0, graph.nodes, 500):
        block = np.arange(begin, min(begin + 500, graph.nodes))
        distance = csgraph.dijkstra(matrix, directed=False, indices=block, limit=1.0)
        for node, row in zip(block, distance, strict=True):
            for near in np.flatnonzero(row < 1.0):
                for column in touching[near]:
                    pipe = column % len(cost)
                    found_rows.append(int(node))
                    found_columns.append(column)
                    found.append(min((1.0 - row[near]) / cost[pipe], 1.0))
    return sparse.csr_matrix((found, (found_rows, found_columns)), shape=(graph.nodes, 2 * len(cost)))


def place_loggers(graph: Graph, wanted: Bools, coverage: float, most: int | None, failing: float) -> Placement:
    """Place loggers one by one where each hears the most that no other does (a lazy greedy cover).

    Parameters
    ----------
    graph : Graph
    wanted : ndarray of bool, shape (m,)
        Pipes to be heard.
    coverage : float
        Share of their length at which to stop.
    most : int or None
        Most loggers.
    failing : float
        Share of loggers out of order: a place that k loggers hear is heard with probability 1 - failing^k.

    Notes
    -----
    The cover of a pipe is the union of what is heard from both ends. The greedy choice reaches at least 1 - 1/e of the
    best possible cover for its number of loggers (Nemhauser, Wolsey and Fisher 1978).
    """
    matrix = hearing(graph)
    pipes = len(graph.length)
    best = np.zeros(2 * pipes)
    length = np.where(wanted, graph.length, 0.0)
    goal = coverage * float(length.sum())

    def union(reach: Floats) -> Floats:
        return np.asarray(np.minimum(reach[:pipes] + reach[pipes:], 1.0), dtype=np.float64)

    def gain(node: int) -> float:
        span = slice(matrix.indptr[node], matrix.indptr[node + 1])
        columns, reach = matrix.indices[span], matrix.data[span]
        touched = np.unique(columns % pipes)
        now = np.minimum(best[touched] + best[touched + pipes], 1.0)
        new = best.copy() if len(columns) > pipes else best
        saved = new[columns]
        new[columns] = np.maximum(saved, reach)
        then = np.minimum(new[touched] + new[touched + pipes], 1.0)
        if new is best:
            best[columns] = saved
        return float(((then - now) * length[touched]).sum())

    queue = [(-gain(node), node) for node in range(graph.nodes)]
    heapq.heapify(queue)
    chosen: list[int] = []
    covered = 0.0
    while queue and (most is None or len(chosen) < most) and covered < goal - 1e-6:
        old, node = heapq.heappop(queue)
        if old >= 0.0:
            break  # no node hears anything more
        fresh = gain(node)
        if queue and fresh < -queue[0][0] - 1e-12:
            heapq.heappush(queue, (-fresh, node))
            continue
        covered += fresh
        span = slice(matrix.indptr[node], matrix.indptr[node + 1])
        np.maximum.at(best, matrix.indices[span], matrix.data[span])
        chosen.append(node)
    nodes = np.array(chosen, dtype=np.int64)
    heard = union(best) * wanted
    return Placement(nodes, heard, heard * _working(matrix, nodes, pipes, failing), _hearers(matrix, nodes, wanted))


def stand_loggers(graph: Graph, wanted: Bools, nodes: Ints, failing: float) -> Placement:
    """Return what loggers at given nodes hear; see `place_loggers`."""
    matrix, pipes = hearing(graph), len(graph.length)
    best = matrix[nodes].max(axis=0).toarray().ravel() if len(nodes) else np.zeros(2 * pipes)
    heard = np.minimum(best[:pipes] + best[pipes:], 1.0) * wanted
    return Placement(nodes, heard, heard * _working(matrix, nodes, pipes, failing), _hearers(matrix, nodes, wanted))


def _hearers(matrix: sparse.csr_matrix, nodes: Ints, wanted: Bools) -> tuple[tuple[int, ...], ...]:
    """Return the nodes whose loggers hear some of each wanted pipe, in ascending order."""
    found: list[list[int]] = [[] for _pipe in wanted]
    for node in np.sort(nodes):
        columns = matrix.indices[matrix.indptr[node] : matrix.indptr[node + 1]]
        for pipe in np.unique(columns % len(wanted)):
            if wanted[pipe]:
                found[pipe].append(int(node))
    return tuple(tuple(item) for item in found)


def _working(matrix: sparse.csr_matrix, nodes: Ints, pipes: int, failing: float) -> Floats:
    """Return the probability that at least one of the loggers that hear a pipe works, shape (m,).

    The number of loggers over a place is taken as the mean over the pipe, the reach of all of them over its cover.
    """
    reach = np.asarray(matrix[nodes].sum(axis=0)).ravel() if len(nodes) else np.zeros(2 * pipes)
    most = matrix[nodes].max(axis=0).toarray().ravel() if len(nodes) else np.zeros(2 * pipes)
    total = reach[:pipes] + reach[pipes:]
    cover = np.minimum(most[:pipes] + most[pipes:], 1.0)
    loggers = np.divide(total, cover, out=np.ones(pipes), where=cover > 0.0)
    return np.asarray(1.0 - failing ** np.maximum(loggers, 1.0), dtype=np.float64)
