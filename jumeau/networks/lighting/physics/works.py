"""Upkeep beside lamps, as syndicates order it: so many acts a year of each kind, which the account prices.

Acts are expected numbers, not events: a cable fault or a mast knocked down darkens no lamp of the simulation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.factors import FactorTable

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: What each line of upkeep counts, by the names of quantities.
LINES = {
    "cables": ("cable_faults",),
    "thefts": ("stolen_cable",),
    "cabinets": ("cabinet_services",),
    "inspections": ("electrical_inspections",),
    "location_requests": ("location_requests", "surveyed_network"),
    "accidents": ("mast_accidents",),
    "vandalism": ("vandalism_repairs",),
    "cleaning": ("lantern_cleanings",),
}
#: The lines that a scenario may leave out: night patrols are rounds of the simulation.
CHOICES = (*LINES, "patrols")
ACTS = tuple(name for names in LINES.values() for name in names)


@dataclass(frozen=True)
class Stock:
    """What is kept up.

    Attributes
    ----------
    masts : float
        Masts and other supports [item].
    connected : ndarray of bool, shape (cabinets,)
        Whether a cabinet's clock is set from afar.
    visited : ndarray, shape (lamps,)
        Planned visits of a lamp a year, which clean its lantern too [1/year]; infinite for LED, which have no others.
    """

    masts: float
    connected: Bools
    visited: Floats


def acts(stock: Stock, years: float, factors: FactorTable, without: frozenset[str] = frozenset()) -> dict[str, float]:
    """Return the acts of a period by quantity.

    Parameters
    ----------
    stock : Stock
    years : float
        [year].
    factors : FactorTable
    without : frozenset of str
        Lines that are left out: their acts are zero.

    Returns
    -------
    dict of str to float
        [item], `stolen_cable` [m], `surveyed_network` [km]; every one of `ACTS`.
    """
    value = factors.value
    lamps, cabinets = len(stock.visited), len(stock.connected)
    length = lamps / value("lit_density")
    served = cabinets - (1.0 - value("connected_service_share")) * float(stock.connected.sum())
    cleaned = np.maximum(1.0 / value("cleaning_interval") - stock.visited, 0.0)
    yearly = {
        "cable_faults": length * value("cable_fault_rate"),
        "stolen_cable": length * value("stolen_cable_rate"),
        "cabinet_services": served * value("cabinet_service_rate"),
        "electrical_inspections": cabinets / value("inspection_interval"),
        "location_requests": length * value("location_request_rate"),
        "surveyed_network": length / value("survey_interval"),
        "mast_accidents": stock.masts * value("accident_rate") * value("accident_own_share"),
        "vandalism_repairs": lamps * value("vandalism_rate"),
        "lantern_cleanings": float(cleaned.sum()),
    }
    left_out = {name for line in without if line in LINES for name in LINES[line]}
    return {name: 0.0 if name in left_out else amount * years for name, amount in yearly.items()}
