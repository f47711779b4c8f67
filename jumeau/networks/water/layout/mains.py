"""Where mains lie: under the streets that serve addresses, and under those that link them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.columns import texts
from jumeau.territory.graph import road_classes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

#: Classes of streets under which no main lies.
WITHOUT = ("motorway", "track", "cycleway")

#: A street that serves nobody is taken only where it shortens the way by this much.
DETOUR = 3.0


@dataclass(frozen=True)
class Mains:
    """Mains between crossings.

    Attributes
    ----------
    nodes : ndarray of str, shape (n,)
    xy : ndarray, shape (n, 2)
        [m].
    start, end : ndarray of int, shape (m,)
        Rows of the end nodes.
    lines : ndarray of LineString, shape (m,)
        From start to end.
    street, road_class : ndarray of str, shape (m,)
    """

    nodes: Texts
    xy: Floats
    start: Ints
    end: Ints
    lines: Texts
    street: Texts
    road_class: Texts

    @property
    def length(self) -> Floats:
        """Length of each main [m]."""
        return np.asarray(shapely.length(self.lines), dtype=np.float64)

    def take(self, kept: Bools) -> Mains:
        """Return some of the mains, with the nodes that they touch."""
        used = np.unique(np.concatenate([self.start[kept], self.end[kept]]))
        row = np.full(len(self.nodes), -1, dtype=np.int64)
        row[used] = np.arange(len(used))
        return Mains(
            self.nodes[used],
            self.xy[used],
            row[self.start[kept]],
            row[self.end[kept]],
            self.lines[kept],
            self.street[kept],
            self.road_class[kept],
        )


def candidate_mains(streets: gpd.GeoDataFrame) -> Mains:
    """Return a main under every street that may have one, in the order of the streets' identifiers.

    A street that comes back to its own start is cut in two, since a pipe needs two ends.
    """
    ordered = streets.iloc[np.argsort(texts(streets, "street_id").astype(str), kind="stable")]
    kept = ~np.isin(road_classes(ordered), WITHOUT)
    ordered = ordered[kept & (shapely.length(ordered.geometry.to_numpy()) > 0.01)]
    tail, head = texts(ordered, "from_node").astype(str), texts(ordered, "to_node").astype(str)
    street, road = texts(ordered, "street_id"), road_classes(ordered)
    lines = ordered.geometry.to_numpy()
    ring = tail == head
    middle = np.array([f"{name}-m" for name in street], dtype=object)
    first = np.where(
        ring, [_part(line, 0.0, 0.5) if cut else line for line, cut in zip(lines, ring, strict=True)], lines
    )
    tails = np.concatenate([tail, middle[ring]])
    heads = np.concatenate([np.where(ring, middle, head), head[ring]])
    whole = np.concatenate([first, np.array([_part(line, 0.5, 1.0) for line in lines[ring]], dtype=object)])
    nodes, codes = np.unique(np.concatenate([tails, heads]).astype(str), return_inverse=True)
    codes = np.asarray(codes).ravel()
    start, end = codes[: len(tails)], codes[len(tails) :]
    xy = np.zeros((len(nodes), 2))
    if len(whole):
        xy[end] = shapely.get_coordinates(shapely.get_point(whole, -1))
        xy[start] = shapely.get_coordinates(shapely.get_point(whole, 0))
    return Mains(
        nodes.astype(object),
        xy,
        start.astype(np.int64),
        end.astype(np.int64),
        whole.astype(object),
        np.concatenate([street, street[ring]]),
        np.concatenate([road, road[ring]]),
    )


def _part(line: shapely.LineString, first: float, last: float) -> shapely.LineString:
    from shapely.ops import substring

    return substring(line, first, last, normalized=True)


def nearest_main(mains: Mains, points: Texts, street: Texts) -> Ints:
    """Return the main of each point: the nearest under its own street, else the nearest of all; shape (k,)."""
    if not len(points) or not len(mains.lines):
        return np.full(len(points), -1, dtype=np.int64)
    tree = shapely.STRtree(mains.lines)
    point, main = tree.query_nearest(points, all_matches=False)
    found = np.full(len(points), -1, dtype=np.int64)
    found[point] = main
    rows = pd.DataFrame({"street": mains.street.astype(str), "main": np.arange(len(mains.street))})
    single = rows[~rows["street"].duplicated(keep=False)].set_index("street")["main"]
    own = pd.Series(street.astype(str)).map(single)
    return np.asarray(own.where(own.notna(), pd.Series(found)).to_numpy(), dtype=np.int64)


def needed_mains(mains: Mains, serving: Bools) -> Bools:
    """Tell which mains are laid: those that serve somebody, and the shortest ones that link them, shape (m,).

    Only the part of the network that serves the most is kept; what hangs apart from it cannot be fed.
    """
    size = len(mains.nodes)
    if not serving.any():
        return np.zeros(len(serving), dtype=bool)
    cost = mains.length * np.where(serving, 1.0, DETOUR) + 1e-6
    tree = _spanning(mains, cost, size)
    label = csgraph.connected_components(
        sparse.coo_matrix((np.ones(len(cost)), (mains.start, mains.end)), shape=(size, size)), directed=False
    )[1]
    served = np.bincount(label[mains.start], serving)
    inside = label[mains.start] == int(np.argmax(served))
    kept = (serving | tree) & inside
    while True:
        degree = np.bincount(np.concatenate([mains.start[kept], mains.end[kept]]), minlength=size)
        useless = kept & ~serving & ((degree[mains.start] == 1) | (degree[mains.end] == 1))
        if not useless.any():
            return np.asarray(kept, dtype=bool)
        kept &= ~useless


def _spanning(mains: Mains, cost: Floats, size: int) -> Bools:
    """Tell which mains make up the cheapest tree that links all nodes."""
    order = np.lexsort((np.arange(len(cost)), cost))
    low, high = np.minimum(mains.start, mains.end), np.maximum(mains.start, mains.end)
    pair = low * size + high
    first = order[np.unique(pair[order], return_index=True)[1]]
    matrix = sparse.coo_matrix((cost[first], (low[first], high[first])), shape=(size, size)).tocsr()
    tree = csgraph.minimum_spanning_tree(matrix).tocoo()
    chosen = set((np.minimum(tree.row, tree.col).astype(np.int64) * size + np.maximum(tree.row, tree.col)).tolist())
    found = np.zeros(len(cost), dtype=bool)
    found[first] = [int(pair[row]) in chosen for row in first]
    return found
