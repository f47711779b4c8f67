"""The French order of 27 December 2018 on light pollution: which lamps would not do as new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Categories under the caps of colour temperature and of upward light.
RESTRICTED = ("a", "d", "e")
#: Categories under the caps of colour temperature of nature reserves and parks: all but building sites.
IN_NATURE = ("a", "b", "c", "d", "e", "f")
#: Perimeters in which more is asked.
PERIMETERS = ("reserve", "core", "park", "observatory")
#: Those in which the limits of places outside built-up areas hold everywhere.
AS_OUTSIDE = ("reserve", "core", "observatory")


@dataclass(frozen=True)
class Caps:
    """Limits of the order.

    Attributes
    ----------
    cct : float
        [K].
    ulr : float
        Upward light ratio as installed, not to be reached.
    density, density_outside : mapping of str to float
        Installed flux density by category [lm/m2], not to be reached, in built-up areas and outside.
    perimeter_cct, perimeter_cct_outside : mapping of str to float
        Colour temperature by perimeter [K], in built-up areas and outside.
    """

    cct: float
    ulr: float
    density: Mapping[str, float]
    density_outside: Mapping[str, float] = field(default_factory=dict)
    perimeter_cct: Mapping[str, float] = field(default_factory=dict)
    perimeter_cct_outside: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """Where lamps stand; arrays of bool, shape (n,).

    Attributes
    ----------
    built_up : ndarray
        Inside a built-up area, in the sense of the highway code.
    perimeters : mapping of str to ndarray
        Inside each kind of perimeter.
    """

    built_up: Bools
    perimeters: Mapping[str, Bools] = field(default_factory=dict)

    @classmethod
    def plain(cls, size: int) -> Surroundings:
        """Return those of lamps in a built-up area without any perimeter."""
        return cls(np.ones(size, dtype=bool))

    @property
    def outside(self) -> Bools:
        """Whether the limits of places outside built-up areas hold."""
        found = ~self.built_up
        for name in AS_OUTSIDE:
            found = found | self.perimeters.get(name, False)
        return found


@dataclass(frozen=True)
class Verdicts:
    """Lamps beyond a limit, and lamps of which too little is known; arrays of shape (n,)."""

    cct: Bools
    ulr: Bools
    flux: Bools
    unknown: Bools


def density_limit(category: NDArray[np.object_], around: Surroundings, caps: Caps) -> Floats:
    """Return the limit of installed flux density of lamps [lm/m2], shape (n,); not-a-number where there is none."""
    limit = np.full(len(category), np.nan)
    outside = around.outside
    for name, value in caps.density.items():
        limit[category == name] = value
    for name, value in caps.density_outside.items():
        limit[(category == name) & outside] = value
    return limit


def colour_limit(category: NDArray[np.object_], around: Surroundings, caps: Caps) -> Floats:
    """Return the limit of colour temperature of lamps [K], shape (n,); infinity where there is none."""
    limit = np.where(np.isin(category, RESTRICTED), caps.cct, np.inf)
    nature = np.isin(category, IN_NATURE)
    for name, inside in around.perimeters.items():
        for values, there in ((caps.perimeter_cct, around.built_up), (caps.perimeter_cct_outside, ~around.built_up)):
            if name in values:
                limit = np.where(inside & nature & there, np.minimum(limit, values[name]), limit)
    return limit


def judge(
    category: NDArray[np.object_],
    cct: Floats,
    ulr: Floats,
    flux: Floats,
    area: Floats,
    caps: Caps,
    around: Surroundings | None = None,
) -> Verdicts:
    """Compare lamps with the limits set for new luminaires.

    Parameters
    ----------
    category : ndarray of str, shape (n,)
        `a` to `g`; anything else is unknown.
    cct, ulr, flux, area : ndarray, shape (n,)
        Colour temperature [K], upward light ratio [1], flux [lm], area to be lit [m2]; not-a-number where unknown.
    caps : Caps
    around : Surroundings, optional
        Where they stand: in a built-up area where absent.

    Returns
    -------
    Verdicts
        A lamp whose value is unknown is never beyond the limit; it is `unknown`.

    References
    ----------
    Order of 27 December 2018, art. 3 and 4. Lamps in place before 2020 may stay: the verdict says what renewal would
    mend.
    """
    around = Surroundings.plain(len(category)) if around is None else around
    restricted = np.isin(category, RESTRICTED)
    limit, warm = density_limit(category, around, caps), colour_limit(category, around, caps)
    capped = ~np.isnan(limit)
    # Lighting of heritage and parks sends nothing upwards in reserves and around observatories (art. 4-I and II).
    dark = np.zeros(len(category), dtype=bool)
    for name in AS_OUTSIDE:
        dark |= (category == "b") & around.perimeters.get(name, False)
    density = np.divide(flux, area, out=np.full(len(category), np.nan), where=area > 0)
    unknown = ~np.isin(category, tuple("abcdefg"))
    unknown |= np.isfinite(warm) & np.isnan(cct)
    unknown |= (restricted | dark) & np.isnan(ulr)
    unknown |= capped & np.isnan(density)
    with np.errstate(invalid="ignore"):  # comparisons with not-a-number are false, as they must be
        return Verdicts(
            cct=cct > warm,
            ulr=(restricted & (ulr >= caps.ulr)) | (dark & (ulr > 0.0)),
            flux=capped & (density >= limit),
            unknown=unknown,
        )
