"""The French order of 27 December 2018 on light pollution: which lamps would not do as new ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Categories under the caps of colour temperature and of upward light.
RESTRICTED = ("a", "d", "e")


@dataclass(frozen=True)
class Caps:
    """Limits of the order.

    Attributes
    ----------
    cct : float
        [K].
    ulr : float
        Upward light ratio as installed, not to be reached.
    density : dict of str to float
        Installed flux density by category [lm/m2], not to be reached.
    """

    cct: float
    ulr: float
    density: dict[str, float]


@dataclass(frozen=True)
class Verdicts:
    """Lamps beyond a limit, and lamps of which too little is known; arrays of shape (n,)."""

    cct: Bools
    ulr: Bools
    flux: Bools
    unknown: Bools


def judge(category: NDArray[np.object_], cct: Floats, ulr: Floats, flux: Floats, area: Floats, caps: Caps) -> Verdicts:
    """Compare lamps with the limits set for new luminaires.

    Parameters
    ----------
    category : ndarray of str, shape (n,)
        `a` to `g`; anything else is unknown.
    cct, ulr, flux, area : ndarray, shape (n,)
        Colour temperature [K], upward light ratio [1], flux [lm], area to be lit [m2]; not-a-number where unknown.
    caps : Caps

    Returns
    -------
    Verdicts
        A lamp whose value is unknown is never beyond the limit; it is `unknown`.

    References
    ----------
    Order of 27 December 2018, art. 3. Lamps in place before 2020 may stay: the verdict says what renewal would mend.
    """
    restricted = np.isin(category, RESTRICTED)
    limit = np.full(len(category), np.nan)
    for name, value in caps.density.items():
        limit[category == name] = value
    capped = ~np.isnan(limit)
    density = np.divide(flux, area, out=np.full(len(category), np.nan), where=area > 0)
    unknown = ~np.isin(category, tuple("abcdefg"))
    unknown |= restricted & (np.isnan(cct) | np.isnan(ulr))
    unknown |= capped & np.isnan(density)
    with np.errstate(invalid="ignore"):  # comparisons with not-a-number are false, as they must be
        return Verdicts(
            cct=restricted & (cct > caps.cct),
            ulr=restricted & (ulr >= caps.ulr),
            flux=capped & (density >= limit),
            unknown=unknown,
        )
