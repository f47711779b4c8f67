"""Which lamps hang on one cabinet: a cable tree cut into pieces of limited size and power."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import Delaunay, QhullError, cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
#: A sparse matrix of SciPy, which has no useful type.
Matrix = Any

#: An edge of no length would mean "no edge" to the sparse format [m].
_LEAST = 1e-3


def group_lamps(
    xy: Floats, power: Floats, street: Ints, *, usual: int, most: int, most_power: float, link: float, detour: float
) -> Ints:
    """Cut lamps into groups that a cabinet can feed.

    Cables run from lamp to lamp, along streets: the lamps are joined by the shortest tree (a cable between lamps of
    two streets counts `detour` times its length), whose edges longer than `link` are cut. The tree is then gone
    through from its leaves: branches are joined until they have the usual number of lamps; where two would pass a
    limit together, the fuller one is closed as it is.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Coordinates [m].
    power : ndarray, shape (n,)
        [W]
    street : ndarray of int, shape (n,)
        Code of each lamp's street.
    usual, most : int
        Usual and greatest number of lamps in a group.
    most_power : float
        Greatest power of a group [W]; a lamp above it stands alone.
    link : float
        Longest cable between neighbours [m].
    detour : float
        Factor of length between streets [-].

    Returns
    -------
    ndarray of int, shape (n,)
        Group of each lamp, numbered from 0.

    References
    ----------
    After Kundu and Misra, "A linear tree partitioning algorithm", SIAM J. Comput. 6 (1977), doi:10.1137/0206012.
    """
    if not len(xy):
        return np.zeros(0, dtype=np.int64)
    tree = _shortest_tree(xy, street, link, detour)
    pieces = _cut(tree, xy, power, usual=usual, most=most, most_power=most_power)
    return _join_remainders(pieces, xy, power, usual=usual, most=most, most_power=most_power, link=link)


def _shortest_tree(xy: Floats, street: Ints, link: float, detour: float) -> Matrix:
    """Return the symmetric matrix of the shortest tree (or trees, where a link would be too long)."""
    first, second = _neighbours(xy)
    length = np.hypot(*(xy[first] - xy[second]).T)
    short = length <= link
    first, second, length = first[short], second[short], length[short]
    weight = np.maximum(length, _LEAST) * np.where(street[first] == street[second], 1.0, detour)
    graph = sparse.coo_matrix((weight, (first, second)), shape=(len(xy), len(xy))).tocsr()
    tree = csgraph.minimum_spanning_tree(graph)
    return (tree + tree.T).tocsr()


def _neighbours(xy: Floats) -> tuple[Ints, Ints]:
    """Return pairs of neighbouring lamps: Delaunay edges between places, chains between lamps of one place."""
    rounded = np.round(xy, 2)
    places, place = np.unique(rounded, axis=0, return_inverse=True)
    place = place.ravel()
    order = np.argsort(place, kind="stable")
    leader = np.zeros(len(places), dtype=np.int64)
    leader[place[order][::-1]] = order[::-1]
    same = place[order][1:] == place[order][:-1]
    chains = np.column_stack([order[:-1][same], order[1:][same]])
    edges = leader[_triangle_edges(places)]
    pairs = np.concatenate([edges, chains]).astype(np.int64)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _triangle_edges(places: Floats) -> Ints:
    """Return the Delaunay edges of distinct points, shape (m, 2); a chain where they stand in a line."""
    chain = np.column_stack([np.arange(len(places) - 1), np.arange(1, len(places))])
    if len(places) < 4:
        return chain
    try:
        triangles = Delaunay(places - places.mean(axis=0))
    except QhullError:  # all points in one line, which sorting by coordinates follows
        return chain
    corners = triangles.simplices
    return np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]], triangles.coplanar[:, [0, 2]]])


def _cut(tree: Matrix, xy: Floats, power: Floats, *, usual: int, most: int, most_power: float) -> list[list[int]]:
    """Cut each tree from its leaves to its root into closed pieces; what is left at a root comes as it is."""
    count, part = csgraph.connected_components(tree, directed=False)
    roots = np.full(count, len(power))
    np.minimum.at(roots, part, np.arange(len(power)))
    waiting: list[list[tuple[float, int, list[int]]]] = [[] for _unused in power]
    closed: list[list[int]] = []

    def fullness(piece: list[int]) -> float:
        return max(len(piece) / most, float(power[piece].sum()) / most_power)

    for root in roots:
        order, parent = csgraph.breadth_first_order(tree, root, directed=False)
        for node in order[::-1]:
            piece = [int(node)]
            # The nearest branch first: it is the one that belongs with this lamp.
            for _length, _child, branch in sorted(waiting[node]):
                if fullness(piece + branch) > 1.0:
                    piece, branch = sorted((piece, branch), key=fullness)  # noqa: PLW2901 - the fuller one closes
                    closed.append(branch)
                else:
                    piece = piece + branch
                if len(piece) >= usual:
                    closed.append(piece)
                    piece = []
            if len(piece) >= usual or (node == root and piece):
                closed.append(piece)
            elif piece:
                above = int(parent[node])
                length = round(float(np.hypot(*(xy[node] - xy[above]))), 2)
                waiting[above].append((length, int(node), piece))
    return closed


def _join_remainders(
    pieces: list[list[int]], xy: Floats, power: Floats, *, usual: int, most: int, most_power: float, link: float
) -> Ints:
    """Give each piece left small to the nearest piece that has room for it."""
    group = np.zeros(len(power), dtype=np.int64)
    for number, piece in enumerate(pieces):
        group[piece] = number
    size = np.bincount(group, minlength=len(pieces))
    load = np.bincount(group, weights=power, minlength=len(pieces))
    near = cKDTree(xy)
    for small in np.flatnonzero(size < usual):
        members = np.flatnonzero(group == small)
        around = near.query_ball_point(xy[members], link)
        other = np.unique(np.concatenate([np.array(lamps, dtype=np.int64) for lamps in around]))
        other = other[group[other] != small]
        fits = (size[group[other]] + len(members) <= most) & (load[group[other]] + load[small] <= most_power)
        other = other[fits]
        if not len(other):
            continue
        distance = cKDTree(xy[members]).query(xy[other])[0]
        target = group[other[np.lexsort((other, np.round(distance, 2)))[0]]]
        group[members] = target
        size[target] += len(members)
        load[target] += load[small]
        size[small] = 0
        load[small] = 0.0
    return np.asarray(np.unique(group, return_inverse=True)[1].ravel(), dtype=np.int64)
