"""Sectors (district metered areas): parts of a network of about the same number of connections."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Half the width of the strip along pipes that outlines a sector [m].
STRIP = 30.0

#: Rounds in which the middles of sectors settle.
ROUNDS = 8


def partition(start: Ints, end: Ints, length: Floats, xy: Floats, weight: Floats, block: Ints, most: float) -> Ints:
    """Return the sector of each node: within each block, the middle that is nearest along the network.

    Parameters
    ----------
    start, end : ndarray of int, shape (m,)
    length : ndarray, shape (m,)
        [m].
    xy : ndarray, shape (n, 2)
        [m].
    weight : ndarray, shape (n,)
        Connections.
    block : ndarray of int, shape (n,)
        Pressure zone; sectors never cross its border.
    most : float
        Connections that a sector should have.
    """
    sector = np.zeros(len(xy), dtype=np.int64)
    count = 0
    for name in np.unique(block):
        member = np.flatnonzero(block == name)
        wanted = max(round(float(weight[member].sum() / most)), 1)
        inside = (block[start] == name) & (block[end] == name)
        size = len(xy)
        graph = sparse.coo_matrix((length[inside], (start[inside], end[inside])), shape=(size, size)).tocsr()
        sector[member] = count + _nearest(graph, member, xy, weight, min(wanted, len(member)))
        count += wanted
    return np.asarray(np.unique(sector, return_inverse=True)[1], dtype=np.int64).ravel()


def _nearest(graph: sparse.csr_matrix, member: Ints, xy: Floats, weight: Floats, wanted: int) -> Ints:
    """Return the middle of each member, after some rounds in which middles move to the centre of what they serve."""
    middles = _spread(xy[member], wanted)
    owner = np.zeros(len(member), dtype=np.int64)
    for _round in range(ROUNDS):
        distance = csgraph.dijkstra(graph, directed=False, indices=member[middles])[:, member]
        owner = np.argmin(distance, axis=0)
        lost = ~np.isfinite(distance).any(axis=0)
        if lost.any():
            straight = np.hypot(*(xy[member][lost, None] - xy[member[middles]][None]).transpose(2, 0, 1))
            owner[lost] = np.argmin(straight, axis=1)
        new = []
        for place in range(len(middles)):
            served = np.flatnonzero(owner == place)
            if not len(served):
                new.append(middles[place])
                continue
            heavy = weight[member[served]] + 1e-6
            centre = np.average(xy[member[served]], axis=0, weights=heavy)
            new.append(served[np.argmin(np.hypot(*(xy[member[served]] - centre).T))])
        if list(new) == list(middles):
            break
        middles = np.array(new, dtype=np.int64)
    return np.asarray(owner, dtype=np.int64)


def _spread(xy: Floats, wanted: int) -> Ints:
    """Return points far from one another: each new one is the farthest from those before."""
    chosen = [int(np.argmin(np.hypot(*(xy - xy.mean(axis=0)).T)))]
    far = np.hypot(*(xy - xy[chosen[0]]).T)
    while len(chosen) < wanted:
        chosen.append(int(np.argmax(far)))
        far = np.minimum(far, np.hypot(*(xy - xy[chosen[-1]]).T))
    return np.array(chosen, dtype=np.int64)


def outlines(lines: NDArray[np.object_], sector: NDArray[np.object_], crs: object) -> gpd.GeoDataFrame:
    """Return one outline per sector, a strip along its pipes without holes."""
    names = sorted(set(sector.tolist()) - {""})
    shapes = []
    for name in names:
        strip = shapely.simplify(shapely.union_all(shapely.buffer(lines[sector == name], STRIP, quad_segs=2)), 5.0)
        parts = [shapely.Polygon(part.exterior) for part in shapely.get_parts(strip)]
        shapes.append(parts[0] if len(parts) == 1 else shapely.MultiPolygon(_merged(parts)))
    return gpd.GeoDataFrame({"sector_id": np.array(names, dtype=object)}, geometry=shapes, crs=crs)


def _merged(parts: list[shapely.Polygon]) -> list[shapely.Polygon]:
    """Return parts that no longer overlap: one may lie in what was a hole of another."""
    return list(shapely.get_parts(shapely.union_all(parts)))
