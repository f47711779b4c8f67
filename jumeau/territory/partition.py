"""Parts of a town of about the same weight: sectors of rounds, catchments of drop-off sites."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def bisect(xy: Floats, weight: Floats, parts: int) -> Ints:
    """Return the part of each point: halves across the longer side, again and again.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        [m].
    weight : ndarray, shape (n,)
        What is to be shared out.
    parts : int

    Returns
    -------
    ndarray of int, shape (n,)
        From 0 to `parts` - 1; parts without a point are left out of the numbering.
    """
    found = np.zeros(len(xy), dtype=np.int64)
    queue = [(np.arange(len(xy)), max(int(parts), 1))]
    number = 0
    while queue:
        rows, count = queue.pop()
        if count == 1 or len(rows) <= 1:
            if len(rows):
                found[rows] = number
                number += 1
            continue
        side = np.ptp(xy[rows], axis=0)
        axis = int(side[1] > side[0])
        order = rows[np.lexsort((xy[rows, 1 - axis], xy[rows, axis]))]
        grown = np.cumsum(np.maximum(weight[order], 1e-9))
        left = count // 2
        cut = int(np.searchsorted(grown, grown[-1] * left / count, side="right"))
        cut = min(max(cut, 1), len(order) - 1)
        queue += [(order[cut:], count - left), (order[:cut], left)]
    return found
