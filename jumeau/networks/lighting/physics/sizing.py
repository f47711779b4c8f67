"""Which flux a street needs, and which product gives it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


def needed_flux(illuminance: Floats, area: Floats, utilance: float, maintenance: float) -> Floats:
    """Return the flux that a luminaire must give when new [lm], shape (n,).

    Parameters
    ----------
    illuminance : ndarray, shape (n,)
        Maintained average horizontal illuminance wanted [lx].
    area : ndarray, shape (n,)
        Area that it has to light [m2].
    utilance : float
        Share of its flux that reaches the area.
    maintenance : float
        Share of its flux that is left when it is cleaned or replaced.

    References
    ----------
    Lumen method: E = flux x utilance x maintenance factor / area (EN 13201-2 for E).
    """
    return illuminance * area / (utilance * maintenance)


def chosen(flux: Floats, needed: Floats, cap: Floats) -> tuple[Ints, Bools, Bools]:
    """Return the product of each luminaire, and what it misses.

    The smallest product that gives the flux needed is taken; where it would reach the cap, the largest below it.

    Parameters
    ----------
    flux : ndarray, shape (k,)
        Of the products, increasing [lm].
    needed : ndarray, shape (n,)
        [lm].
    cap : ndarray, shape (n,)
        Flux not to be reached [lm]; infinity for none.

    Returns
    -------
    product : ndarray of int, shape (n,)
    short : ndarray of bool, shape (n,)
        Whether it gives less than is needed.
    over : ndarray of bool, shape (n,)
        Whether even the smallest product reaches the cap.
    """
    last = len(flux) - 1
    wanted = np.minimum(np.searchsorted(flux, needed, side="left"), last)
    allowed = np.searchsorted(flux, cap, side="left") - 1
    product = np.maximum(np.minimum(wanted, allowed), 0)
    return product, flux[product] < needed, flux[product] >= cap
