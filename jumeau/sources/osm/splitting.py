"""Ways are cut at the nodes that they share: equal coordinates are one node, so bridges pass over what they cross."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: OpenStreetMap keeps coordinates to 1e-7 degree.
_STEPS = 1e7


def node_codes(xy: NDArray[np.float64]) -> Ints:
    """Return one number for each place, shape (n,), from longitudes and latitudes, shape (n, 2) [degree]."""
    whole = np.round((xy + np.array([180.0, 90.0])) * _STEPS).astype(np.int64)
    packed = whole[:, 0] * (1 << 31) + whole[:, 1]
    return np.asarray(np.unique(packed, return_inverse=True)[1], dtype=np.int64)


def split_at_shared(lines: NDArray[np.object_]) -> tuple[Ints, Ints, NDArray[np.object_]]:
    """Return lines cut wherever another line, or the same one, comes to the same node.

    A piece that ends where it starts is cut in its middle too, so that no street joins a crossing to itself.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n,)
        In degrees.

    Returns
    -------
    row : ndarray of int, shape (k,)
        Line of each piece.
    number : ndarray of int, shape (k,)
        Its number along the line, from 1.
    pieces : ndarray of LineString, shape (k,)
    """
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    code = node_codes(xy)
    # A node that stands twice in a row is met once.
    again = np.zeros(len(code), dtype=bool)
    again[1:] = (code[1:] == code[:-1]) & (owner[1:] == owner[:-1])
    xy, owner, code = xy[~again], owner[~again], code[~again]
    first, last = np.ones(len(owner), dtype=bool), np.ones(len(owner), dtype=bool)
    first[1:] = owner[1:] != owner[:-1]
    last[:-1] = first[1:]
    inner = ~(first | last)
    cut = (np.bincount(code)[code] > 1) & inner
    cut |= _middles(code, (first | cut) & ~last, (last | cut) & ~first)
    place = np.repeat(np.arange(len(owner)), 1 + cut.astype(np.int64))
    starts = np.ones(len(place), dtype=bool)
    starts[1:] = (place[1:] == place[:-1]) | (owner[place[1:]] != owner[place[:-1]])
    piece = np.cumsum(starts) - 1
    row = owner[place[starts]]
    number = np.arange(len(row)) - np.searchsorted(row, row) + 1
    return row, number, np.asarray(shapely.linestrings(xy[place], indices=piece), dtype=object)


def _middles(code: Ints, starts: NDArray[np.bool_], ends: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the middle vertex of each piece that ends where it starts."""
    begin, stops = np.flatnonzero(starts), np.flatnonzero(ends)
    stop = stops[np.searchsorted(stops, begin, side="right")]
    closed = code[begin] == code[stop]
    found = np.zeros(len(code), dtype=bool)
    found[(begin[closed] + stop[closed]) // 2] = True
    return found
