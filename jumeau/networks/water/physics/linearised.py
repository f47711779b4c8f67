"""The linearised network: how much the head at a node drops when water is drawn there.

Head loss is linearised about the flows of a solved state; the drop at a node per unit drawn there is then the diagonal
of the inverse of the network's matrix. One sparse factorisation and one sweep over its elimination tree give it for
every node, so that the cost grows with the size of the network, not with its square.

References
----------
E. Todini and S. Pilati, "A gradient algorithm for the analysis of pipe networks", 1988 (the matrix).
K. Takahashi, J. Fagan and M. Chin, "Formation of a sparse bus impedance matrix", 1973 (the diagonal).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from jumeau.columns import totals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Share of a leak that a pipe of a loop carries, at most: water comes to a node from two sides.
LOOP_SHARE = 0.5

#: Conductance that stands for "no resistance at all" [m3/h per m]; larger ones spoil the factorisation.
SOLID = 1e9


@dataclass(frozen=True)
class Links:
    """The links of a network at one state.

    Attributes
    ----------
    start, end : ndarray of int, shape (m,)
        Rows of the end nodes.
    flow : ndarray, shape (m,)
        Flow from start to end [m3/h].
    head_loss : callable
        Head loss of flows [m3/h], shape (m,) -> (m,) [m]; odd, increasing.
    grounded : ndarray of bool, shape (n,)
        Nodes whose head does not depend on what is drawn: sources, tanks, nodes behind a reducing valve at work.
    """

    start: Ints
    end: Ints
    flow: Floats
    head_loss: Callable[[Floats], Floats]
    grounded: Bools

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.grounded)


def head_slopes(links: Links, levels: Floats) -> Floats:
    """Return the drop of head at each node per unit drawn there [m per m3/h].

    A tangent would not do: it vanishes in pipes through which little flows, which is where leaks drop the head most.
    Each pipe takes its secant between its present flow and what a leak adds to it: the whole leak where the pipe is
    the only way (a bridge of the graph), a share where it is part of a loop, in an unknown direction.

    Parameters
    ----------
    links : Links
    levels : ndarray, shape (k,)
        Leak flows [m3/h].

    Returns
    -------
    ndarray, shape (k, n)
        Zero for grounded nodes; infinite for nodes that no source feeds.
    """
    only = bridges(links)
    found = np.zeros((len(levels), links.nodes))
    for row, level in enumerate(levels):
        found[row] = grounded_diagonal(links.start, links.end, _conductance(links, only, level), links.grounded)
    return found


def shares(links: Links, level: float, sources: Ints) -> Floats:
    """Return the share of what is drawn at each node that comes from some grounded nodes, shape (k, n).

    Parameters
    ----------
    links : Links
    level : float
        Flow that is drawn [m3/h].
    sources : ndarray of int, shape (k,)
        Rows of grounded nodes.
    """
    conductance = _conductance(links, bridges(links), level)
    matrix, free = grounded_matrix(links.start, links.end, conductance, links.grounded)
    found = np.zeros((len(sources), links.nodes))
    if not len(free):
        return found
    row = np.full(links.nodes, -1, dtype=np.int64)
    row[free] = np.arange(len(free))
    factor = splu(matrix)
    for number, source in enumerate(sources):
        beside = np.concatenate([links.end[links.start == source], links.start[links.end == source]])
        weight = np.concatenate([conductance[links.start == source], conductance[links.end == source]])
        inside = row[beside] >= 0
        found[number, free] = factor.solve(totals(row[beside[inside]], weight[inside], len(free)))
        found[number, source] = 1.0
    return found


def _conductance(links: Links, only: Bools, level: float) -> Floats:
    """Return how much more flows per head through each link, by the secant that a leak asks for [m3/h per m]."""
    flow = np.abs(links.flow)
    added = np.where(only, level, LOOP_SHARE * level)
    below = np.where(only, flow, flow - added)
    drop = links.head_loss(flow + added) - links.head_loss(below)
    return np.asarray(1.0 / np.maximum(drop / (flow + added - below), 1.0 / SOLID))


def bridges(links: Links) -> Bools:
    """Tell which links are the only way from the grounded nodes to what lies behind, shape (m,)."""
    ground = links.nodes
    start = np.where(links.grounded[links.start], ground, links.start)
    end = np.where(links.grounded[links.end], ground, links.end)
    low, high = np.minimum(start, end), np.maximum(start, end)
    graph = nx.Graph()
    graph.add_edges_from((int(a), int(b)) for a, b in zip(low, high, strict=True) if a != b)
    single = {tuple(sorted(edge)) for edge in nx.bridges(graph)}
    _pairs, inverse, counts = np.unique(np.stack([low, high]), axis=1, return_inverse=True, return_counts=True)
    alone = counts[np.asarray(inverse).ravel()] == 1
    among = np.array([(int(a), int(b)) in single for a, b in zip(low, high, strict=True)], dtype=bool)
    return np.asarray(among & alone, dtype=bool)


def grounded_diagonal(start: Ints, end: Ints, conductance: Floats, grounded: Bools) -> Floats:
    """Return the diagonal of the inverse of a network's matrix, grounded nodes left out.

    Parameters
    ----------
    start, end : ndarray of int, shape (m,)
    conductance : ndarray, shape (m,)
        Above zero.
    grounded : ndarray of bool, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
        Zero for grounded nodes, infinite for nodes that hang on no grounded one.
    """
    matrix, free = grounded_matrix(start, end, conductance, grounded)
    found = np.where(grounded, 0.0, np.inf)
    if len(free):
        found[free] = inverse_diagonal(matrix)
    return found


def grounded_matrix(start: Ints, end: Ints, conductance: Floats, grounded: Bools) -> tuple[sparse.csc_matrix, Ints]:
    """Return a network's matrix without its grounded nodes, and the nodes that it has rows for.

    Nodes that hang on no grounded one are left out too.
    """
    size = len(grounded)
    fed = _fed(start, end, grounded)
    free = np.flatnonzero(~grounded & fed)
    row = np.full(size, -1, dtype=np.int64)
    row[free] = np.arange(len(free))
    a, b = row[start], row[end]
    diagonal = totals(a[a >= 0], conductance[a >= 0], len(free)) + totals(b[b >= 0], conductance[b >= 0], len(free))
    both = (a >= 0) & (b >= 0) & (a != b)
    loops = (a >= 0) & (a == b)
    diagonal -= 2.0 * totals(a[loops], conductance[loops], len(free))
    matrix = sparse.csc_matrix(
        (
            np.concatenate([diagonal, -conductance[both], -conductance[both]]),
            (
                np.concatenate([np.arange(len(free)), a[both], b[both]]),
                np.concatenate([np.arange(len(free)), b[both], a[both]]),
            ),
        ),
        shape=(len(free), len(free)),
    )
    return matrix, free


def _fed(start: Ints, end: Ints, grounded: Bools) -> Bools:
    """Tell which nodes are linked to a grounded one."""
    size = len(grounded)
    a = np.where(grounded[start], size, start)
    b = np.where(grounded[end], size, end)
    graph = sparse.coo_matrix((np.ones(len(a)), (a, b)), shape=(size + 1, size + 1))
    label = sparse.csgraph.connected_components(graph, directed=False)[1]
    return np.asarray((label[:size] == label[size]) | grounded, dtype=bool)


def inverse_diagonal(matrix: sparse.csc_matrix) -> Floats:
    """Return the diagonal of the inverse of a sparse, symmetric, positive definite matrix.

    With A = L D L', column i of the inverse obeys Z[s, i] = -Z[s, s] L[s, i] and Z[i, i] = 1/d - L[s, i]' Z[s, i],
    where s holds the rows of column i of L. They all lie in the front of i's parent in the elimination tree (the first
    of them and its own rows), so one sweep from the root down needs small dense blocks only.

    Parameters
    ----------
    matrix : csc_matrix, shape (n, n)

    Returns
    -------
    ndarray, shape (n,)
    """
    size = matrix.shape[0]
    factor = splu(
        matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True, "Equil": False}
    )
    lower = factor.L.tocsc()
    lower.sort_indices()
    pivot = factor.U.diagonal()
    pointer, rows, values = lower.indptr, lower.indices, lower.data
    parent = np.full(size, -1, dtype=np.int64)
    for column in range(size):
        if pointer[column + 1] > pointer[column] + 1:
            parent[column] = rows[pointer[column] + 1]
    waiting = np.bincount(parent[parent >= 0], minlength=size)
    fronts: dict[int, tuple[Ints, Floats]] = {}
    found = np.empty(size)
    for column in range(size - 1, -1, -1):
        below = rows[pointer[column] + 1 : pointer[column + 1]].astype(np.int64)
        weights = values[pointer[column] + 1 : pointer[column + 1]]
        if len(below):
            above, block = fronts[int(parent[column])]
            place = np.searchsorted(above, below)
            inside = block[np.ix_(place, place)]
            across = -inside @ weights
            here = 1.0 / pivot[column] - float(weights @ across)
        else:
            inside, across, here = np.zeros((0, 0)), np.zeros(0), 1.0 / pivot[column]
        found[column] = here
        if waiting[column]:
            front = np.empty((len(below) + 1, len(below) + 1))
            front[0, 0], front[0, 1:], front[1:, 0], front[1:, 1:] = here, across, across, inside
            fronts[column] = (np.concatenate([[column], below]), front)
        if parent[column] >= 0:
            waiting[parent[column]] -= 1
            if not waiting[parent[column]]:
                del fronts[int(parent[column])]
    # Row perm_c[j] of the factor is row j of the matrix.
    return np.asarray(found[factor.perm_c], dtype=np.float64)
