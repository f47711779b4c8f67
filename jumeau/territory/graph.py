"""The directed street graph: networkx for people, arrays for fast shortest paths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from jumeau.columns import texts
from jumeau.territory.model import SHARED

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Classes on which a vehicle may drive.
DRIVABLE = (
    "motorway", "trunk", "primary", "secondary", "tertiary", "residential", "living_street", "service", "track",
)  # fmt: skip


def road_classes(streets: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the class of each street, the table's default where nothing is said of it; shape (n,)."""
    return texts(streets, "road_class", SHARED.default("streets", "road_class"))


@dataclass(frozen=True)
class Ends:
    """End nodes of streets, rebuilt or read.

    Attributes
    ----------
    start, end : ndarray of str, shape (n,)
        Node ids.
    rebuilt : int
        How many streets had no node id and were snapped by their end points.
    """

    start: NDArray[np.object_]
    end: NDArray[np.object_]
    rebuilt: int


def end_nodes(streets: gpd.GeoDataFrame, tolerance: float = 0.5) -> Ends:
    """Return the end nodes of streets; where they are missing, end points within `tolerance` [m] share a node.

    Parameters
    ----------
    streets : GeoDataFrame
        LineStrings, with `from_node` and `to_node` where known.
    tolerance : float
        Snapping distance [m].
    """
    count = len(streets)
    points = np.concatenate(
        [
            shapely.get_coordinates(shapely.get_point(streets.geometry.to_numpy(), position)).reshape(count, 2)
            for position in (0, -1)
        ]
    )
    given = [
        streets[name].to_numpy(dtype=object) if name in streets.columns else np.full(count, None, dtype=object)
        for name in ("from_node", "to_node")
    ]
    known = np.array(
        [all(isinstance(name, str) and name for name in ends) for ends in zip(*given, strict=True)], dtype=bool
    )
    if known.all() and count:
        return Ends(given[0], given[1], 0)
    # Connected components of "closer than the tolerance" are the nodes.
    pairs = cKDTree(points).query_pairs(tolerance, output_type="ndarray")
    links = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(2 * count, 2 * count))
    _count, labels = csgraph.connected_components(links, directed=False)
    names = np.array([f"n{label}" for label in labels], dtype=object)
    # A cluster that touches a known node takes its name, so that both kinds of streets meet.
    for position, column in enumerate(given):
        for row in np.flatnonzero(known):
            names[labels == labels[position * count + row]] = column[row]
    return Ends(names[:count], names[count:], int((~known).sum()))


def street_parts(streets: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Return the number of the connected part of each street, directions ignored, shape (n,)."""
    if not {"from_node", "to_node"} <= set(streets.columns) or not len(streets):
        return np.zeros(len(streets), dtype=np.int64)
    ends = np.concatenate([streets["from_node"].astype(str), streets["to_node"].astype(str)])
    nodes, codes = np.unique(ends, return_inverse=True)
    tail, head = codes[: len(streets)], codes[len(streets) :]
    links = sparse.coo_matrix((np.ones(len(tail)), (tail, head)), shape=(len(nodes), len(nodes)))
    labels = csgraph.connected_components(links, directed=False)[1]
    return np.asarray(np.unique(labels[tail], return_inverse=True)[1], dtype=np.int64)


def strong_part(tail: Ints, head: Ints, size: int) -> NDArray[np.bool_]:
    """Return which nodes belong to the largest part from which every way leads back, shape (size,).

    Parameters
    ----------
    tail, head : ndarray of int, shape (m,)
        Directed arcs.
    size : int
        Number of nodes.
    """
    if not size:
        return np.zeros(0, dtype=bool)
    matrix = sparse.coo_matrix((np.ones(len(tail)), (tail, head)), shape=(size, size))
    _count, part = csgraph.connected_components(matrix, directed=True, connection="strong")
    return np.asarray(part == np.argmax(np.bincount(part)))


@dataclass(frozen=True)
class StreetGraph:
    """Directed graph of drivable streets.

    Attributes
    ----------
    nodes : ndarray of str, shape (n,)
        Node ids.
    xy : ndarray, shape (n, 2)
        Coordinates [m].
    tail, head : ndarray of int, shape (m,)
        Directed arcs, as positions in `nodes`.
    length : ndarray, shape (m,)
        [m].
    street : ndarray of int, shape (m,)
        Row of each arc in the streets layer.
    forward : ndarray of bool, shape (m,)
        Whether the arc runs in the direction in which its street is drawn.
    dropped : int
        Directed arcs left out because no way leads back from them.
    """

    nodes: NDArray[np.object_]
    xy: Floats
    tail: Ints
    head: Ints
    length: Floats
    street: Ints
    forward: NDArray[np.bool_]
    dropped: int

    @classmethod
    def whole(cls, streets: gpd.GeoDataFrame) -> StreetGraph:
        """Return all arcs of the streets layer along which vehicles may drive, whether or not they lead back."""
        ends = end_nodes(streets)
        drivable = (
            streets["road_class"].isin(DRIVABLE).to_numpy()
            if "road_class" in streets
            else np.full(len(streets), fill_value=True)
        )
        direction = texts(streets, "oneway", SHARED.default("streets", "oneway"))
        forward = np.flatnonzero(drivable & np.isin(direction, ("both", "forward")))
        backward = np.flatnonzero(drivable & np.isin(direction, ("both", "backward")))
        nodes, codes = np.unique(np.concatenate([ends.start, ends.end]).astype(str), return_inverse=True)
        start, end = codes[: len(streets)], codes[len(streets) :]
        xy = np.zeros((len(nodes), 2))
        for position, which in ((-1, end), (0, start)):
            points = shapely.get_point(streets.geometry.to_numpy(), position)
            xy[which] = shapely.get_coordinates(points).reshape(-1, 2)
        tail = np.concatenate([start[forward], end[backward]])
        head = np.concatenate([end[forward], start[backward]])
        row = np.concatenate([forward, backward])
        length = shapely.length(streets.geometry.to_numpy())[row]
        return cls(nodes.astype(object), xy, tail, head, length, row, np.arange(len(row)) < len(forward), 0)

    @classmethod
    def build(cls, streets: gpd.GeoDataFrame) -> StreetGraph:
        """Build the graph from the streets layer, reduced to its largest part from which every way leads back."""
        whole = cls.whole(streets)
        inside = strong_part(whole.tail, whole.head, len(whole.nodes))
        new = np.cumsum(inside) - 1
        kept = whole.taken(inside[whole.tail] & inside[whole.head])
        return replace(
            kept,
            nodes=whole.nodes[inside],
            xy=whole.xy[inside],
            tail=new[kept.tail],
            head=new[kept.head],
            dropped=len(whole.tail) - len(kept.tail),
        )

    def taken(self, kept: NDArray[np.bool_]) -> StreetGraph:
        """Return the graph with some of its arcs; nodes stay."""
        return replace(
            self,
            tail=self.tail[kept],
            head=self.head[kept],
            length=self.length[kept],
            street=self.street[kept],
            forward=self.forward[kept],
        )

    def to_networkx(self) -> nx.MultiDiGraph:
        """Return the graph for networkx: nodes with `x`, `y`, arcs with `length` [m] and `street` (row)."""
        graph = nx.MultiDiGraph()
        for node, (x, y) in zip(self.nodes, self.xy, strict=True):
            graph.add_node(node, x=float(x), y=float(y))
        for tail, head, length, row in zip(self.tail, self.head, self.length, self.street, strict=True):
            graph.add_edge(self.nodes[tail], self.nodes[head], length=float(length), street=int(row))
        return graph

    def matrix(self, weight: Floats | None = None) -> sparse.csr_matrix:
        """Return the arcs as a sparse matrix; of parallel arcs the lightest is kept.

        Parameters
        ----------
        weight : ndarray, shape (m,), optional
            Arc weights; lengths [m] by default.
        """
        values = self.length if weight is None else weight
        order = np.lexsort((values, self.head, self.tail))
        tail, head, values = self.tail[order], self.head[order], values[order]
        first = np.ones(len(tail), dtype=bool)
        first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        size = len(self.nodes)
        # A zero would mean "no arc" to the sparse format.
        return sparse.csr_matrix((np.maximum(values[first], 1e-6), (tail[first], head[first])), shape=(size, size))

    def nearest(self, xy: Floats) -> Ints:
        """Return the position of the node nearest to each point, shape (k,)."""
        return np.asarray(cKDTree(self.xy).query(xy)[1], dtype=np.int64)

    def distances(self, sources: Ints, targets: Ints) -> Floats:
        """Return shortest distances along streets [m], shape (len(sources), len(targets))."""
        rows = csgraph.dijkstra(self.matrix(), directed=True, indices=sources)
        return np.asarray(rows[:, targets], dtype=np.float64)
