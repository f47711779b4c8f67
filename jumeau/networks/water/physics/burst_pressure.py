"""How often pipes burst under another pressure than that under which their bursts were counted.

References
----------
J. Thornton and A. Lambert, « Pressure management extends infrastructure life and reduces unnecessary energy costs »,
IWA Water Loss 2007, Bucharest: 112 sectors of 10 countries. New breaks fall by a factor (0.7 to 2.8, 1.4 on average)
times the fall of the highest pressure. The table of the systems stands in J. Thornton, R. Sturm and G. Kunkel, Water
Loss Control, 2nd edition, 2008, pages 144 and 145.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def relative_bursts(pressure: Floats, former: Floats, factor: float, least: float) -> Floats:
    """Return burst frequencies relative to those under a former pressure, shape (pipes,).

    Parameters
    ----------
    pressure : ndarray, shape (pipes,)
        Highest pressure of the cycle [m].
    former : ndarray, shape (pipes,)
        Highest pressure under which bursts were counted [m]; not a number where it is the present one.
    factor : float
        Percent of bursts per percent of pressure.
    least : float
        Share of bursts that stays however low the pressure.
    """
    known = former > 0.0
    change = np.divide(pressure, former, out=np.ones(len(pressure)), where=known) - 1.0
    return np.asarray(np.maximum(1.0 + factor * change, least), dtype=np.float64)


def highest_pressures(pressure: Floats, ends: Ints) -> Floats:
    """Return the highest pressure of each pipe over the cycle, between its ends [m], shape (pipes,).

    Parameters
    ----------
    pressure : ndarray, shape (hours, junctions)
        [m].
    ends : ndarray of int, shape (pipes, 2)
        Rows of the junctions at the ends; -1 where there is none.
    """
    if not len(pressure) or not len(ends):
        return np.zeros(len(ends))
    highest = pressure.max(axis=0)
    known = np.where(ends < 0, ends[:, ::-1], ends)
    found = np.where(known < 0, 0.0, np.maximum(highest[np.maximum(known, 0)], 0.0))
    return np.asarray(found.mean(axis=1), dtype=np.float64)
