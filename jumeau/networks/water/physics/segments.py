"""What crews can shut off: the parts of a network that valves bound, and whom closing one leaves without water.

References
----------
T. Walski, Water distribution valve topology for reliability analysis, Reliability Engineering and System Safety 42(1),
1993: a segment is what the closest valves isolate together. `wntr.metrics.topographic.valve_segments` finds the same
parts; its time grows with the square of the network's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Mains:
    """Who is linked to whom.

    Attributes
    ----------
    start, end : ndarray of int, shape (m,)
        Rows of the nodes at the ends of each link.
    passes : ndarray of int, shape (m,)
        2 where water may flow both ways, 1 from start to end only, 0 where the link is closed.
    nodes : int
    sources : ndarray of int, shape (s,)
        Nodes that water comes from.
    """

    start: Ints
    end: Ints
    passes: Ints
    nodes: int
    sources: Ints

    @property
    def links(self) -> int:
        """Number of links."""
        return len(self.start)


@dataclass(frozen=True)
class Segments:
    """The segments of a network.

    Attributes
    ----------
    node, link : ndarray of int, shapes (n,) and (m,)
        Segment of each node and link.
    count : int
    valve : ndarray of int, shape (v, 2)
        Segments on the two sides of each valve: that of its link, and that of its node.
    """

    node: Ints
    link: Ints
    count: int
    valve: Ints

    def bounds(self, segment: int) -> Ints:
        """Return the valves to close so that a segment is isolated, by row."""
        one, two = self.valve.T
        return np.flatnonzero((one != two) & ((one == segment) | (two == segment)))


def segments(mains: Mains, link: Ints, node: Ints) -> Segments:
    """Return the segments of a network.

    Links and nodes are things that touch, unless a valve stands between them; a segment is a connected part.

    Parameters
    ----------
    mains : Mains
    link, node : ndarray of int, shape (v,)
        The link on which each valve stands, and the end of it where it does.
    """
    size = mains.nodes + mains.links
    touching = _touching(mains)
    valved = np.isin(touching[:, 0] * size + touching[:, 1], (link + mains.nodes) * size + node)
    pairs = touching[~valved]
    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    count, label = csgraph.connected_components(graph, directed=False)
    label = label.astype(np.int64)
    sides = np.stack([label[link + mains.nodes], label[node]], axis=1).reshape(-1, 2)
    return Segments(label[: mains.nodes], label[mains.nodes :], int(count), sides)


def _touching(mains: Mains) -> Ints:
    """Return each link (after all nodes) with each of its ends, shape (2 m, 2)."""
    row = np.arange(mains.links) + mains.nodes
    return np.concatenate([np.stack([row, mains.start], axis=1), np.stack([row, mains.end], axis=1)])


class Supply:
    """Which nodes water reaches, as parts of the network are shut off.

    Parameters
    ----------
    mains : Mains
    """

    def __init__(self, mains: Mains) -> None:
        self._mains = mains
        self._base = self.reached(np.zeros(mains.links, dtype=bool), np.zeros(mains.nodes, dtype=bool))

    def reached(self, links: Bools, nodes: Bools) -> Bools:
        """Return the nodes that water still reaches, shape (n,), while some links and nodes are shut off."""
        mains = self._mains
        kept = ~links & ~nodes[mains.start] & ~nodes[mains.end] & (mains.passes > 0)
        start, end = mains.start[kept], mains.end[kept]
        back = mains.passes[kept] == 2
        sources = mains.sources[~nodes[mains.sources]]
        # One more node feeds all sources.
        heads = np.concatenate([start, end[back], np.full(len(sources), mains.nodes)])
        tails = np.concatenate([end, start[back], sources])
        size = mains.nodes + 1
        graph = sparse.csr_matrix((np.ones(len(heads), dtype=np.int8), (heads, tails)), shape=(size, size))
        order = csgraph.breadth_first_order(graph, mains.nodes, directed=True, return_predecessors=False)
        found = np.zeros(size, dtype=bool)
        found[order] = True
        return found[: mains.nodes]

    def lost(self, links: Bools, nodes: Bools) -> Bools:
        """Return the nodes that have water, and get none while some links and nodes are shut off, shape (n,)."""
        return self._base & ~self.reached(links, nodes)
