"""What the network of distribution charges a delivery point: the French TURPE, its fixed part and its classes of hours.

A delivery point up to 36 kVA chooses among long use (`LU`: dear power, cheap energy, as all-night lighting), medium use
(`MU4`) and short use (`CU4`), both with four classes of hours; above 36 kVA among `C4_CU` and `C4_LU`, of which one and
the same subscribed power for all classes is taken. The contribution on delivery (CTA) is a share of the fixed part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.factors import FactorTable

Floats = NDArray[np.float64]
Texts = NDArray[np.object_]

#: Classes of hours: peak and off-peak hours of the high season, then of the low one.
CLASSES = ("hph", "hch", "hpb", "hcb")
#: Options by size of the delivery point, the long use first.
SMALL, LARGE = ("LU", "MU4", "CU4"), ("C4_LU", "C4_CU")
#: Above this subscribed power a point is a large one [kVA].
THRESHOLD = 36.0

#: Names of the factors that `delivery` reads; networks whose runs call it decide on these.
FACTORS = (
    "delivery_contribution_rate",
    *(f"delivery_{size}_{part}" for size in ("small", "large") for part in ("management", "metering")),
    *(f"delivery_{option.lower()}_{part}" for option in (*SMALL, *LARGE) for part in ("power", *CLASSES)),
)


@dataclass(frozen=True)
class Delivery:
    """What delivery costs some points, arrays of shape (m,).

    Attributes
    ----------
    option : ndarray of str
    fixed : ndarray
        Management, metering, subscribed power and the contribution on them [EUR].
    variable : ndarray
        By class of hours [EUR].
    """

    option: Texts
    fixed: Floats
    variable: Floats

    @property
    def total(self) -> Floats:
        """Both together [EUR]."""
        return self.fixed + self.variable


def delivery(energy: Floats, power: Floats, option: Texts, years: float, factors: FactorTable) -> Delivery:
    """Return what delivery costs; points whose option is empty, or not of their size, take the cheapest one.

    Parameters
    ----------
    energy : ndarray, shape (m, 4)
        Over the period, by class of hours [kWh].
    power : ndarray, shape (m,)
        Subscribed power [kVA]; a point of 0 has no meter and pays nothing.
    option : ndarray of str, shape (m,)
        One of `SMALL` and `LARGE`, or empty.
    years : float
        Length of the period [year].
    factors : FactorTable
        See `FACTORS`.

    References
    ----------
    CRE, deliberation 2025-78 of 13 March 2025 (TURPE 7 HTA-BT).
    """
    large = power > THRESHOLD
    found = Delivery(np.full(len(power), "", dtype=object), np.zeros(len(power)), np.zeros(len(power)))
    for name in (*SMALL, *LARGE):
        fixed, variable = _of(name, energy, power, years, factors)
        fits = large if name in LARGE else ~large
        sized = np.isin(option, LARGE if name in LARGE else SMALL)
        better = (found.option == "") | (fixed + variable < found.total)
        taken = fits & np.where(sized, option == name, better)
        found = Delivery(
            np.where(taken, name, found.option),
            np.where(taken, fixed, found.fixed),
            np.where(taken, variable, found.variable),
        )
    metered = power > 0.0
    return Delivery(np.where(metered, found.option, ""), found.fixed * metered, found.variable * metered)


def _of(name: str, energy: Floats, power: Floats, years: float, factors: FactorTable) -> tuple[Floats, Floats]:
    """Return the fixed and the variable part of an option for every point [EUR]."""
    size, stem = ("large" if name in LARGE else "small"), name.lower()
    standing = factors.value(f"delivery_{size}_management") + factors.value(f"delivery_{size}_metering")
    fixed = standing + factors.value(f"delivery_{stem}_power") * power
    rates = np.array([factors.value(f"delivery_{stem}_{part}") for part in CLASSES])
    return fixed * (1.0 + factors.value("delivery_contribution_rate")) * years, energy @ rates
