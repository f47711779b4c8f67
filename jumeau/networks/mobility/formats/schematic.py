"""Places of nodes that no file tells, drawn so that distances resemble the lengths of the links."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

from jumeau.errors import InputError, Problem
from jumeau.i18n import _

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Distances between all pairs are needed: no more nodes than these.
MOST = 4000


def schematic(tail: Ints, head: Ints, length: Floats, nodes: int, crs: pyproj.CRS, path: Path) -> Floats:
    """Return coordinates around the middle of a CRS's area, shape (nodes, 2).

    Parameters
    ----------
    tail, head : ndarray of int, shape (m,)
        Nodes where links start and end.
    length : ndarray, shape (m,)
        [m].
    nodes : int
    crs : pyproj.CRS
        In metres.
    path : Path
        The file, for messages.

    Raises
    ------
    InputError
        When there are too many nodes.

    References
    ----------
    W. S. Torgerson, "Multidimensional scaling: I. Theory and method", Psychometrika 17, 1952.
    """
    if nodes > MOST:
        message = _("{count} nodes are too many to be drawn ({most} at most)").format(count=nodes, most=MOST)
        raise InputError(Problem(message, hint=_("put the file of nodes beside that of the network"), file=str(path)))
    apart = shortest_path(coo_array((length, (tail, head)), shape=(nodes, nodes)).tocsr(), directed=False)
    # Parts that hang on nothing lie beside the others.
    apart = np.where(np.isfinite(apart), apart, apart[np.isfinite(apart)].max(initial=1000.0))
    square = apart**2
    centred = -0.5 * (square - square.mean(axis=0) - square.mean(axis=1)[:, None] + square.mean())
    value, vector = np.linalg.eigh(centred)
    value, vector = value[-2:], vector[:, -2:]
    # The sign of an eigenvector is not the same on all machines.
    vector = vector * np.sign(vector[np.argmax(np.abs(vector), axis=0), range(vector.shape[1])])
    xy = vector * np.sqrt(np.maximum(value, 0.0))
    xy = np.concatenate([xy, np.zeros((nodes, 2 - xy.shape[1]))], axis=1)
    return np.asarray(np.round(xy + _middle(crs), 1))


def _middle(crs: pyproj.CRS) -> Floats:
    area = crs.area_of_use
    if area is None:
        return np.zeros(2)
    there = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    return np.array(there.transform((area.west + area.east) / 2.0, (area.south + area.north) / 2.0))
