"""Energy saving certificates (CEE) of public lighting, by the standard sheets RES-EC-104 and RES-EC-103 [kWh cumac]."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import texts
from jumeau.factors import FactorTable
from jumeau.networks.lighting.physics.inventory import system_power

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def of_luminaires(efficacy: Floats, ulr: float, factors: FactorTable) -> float:
    """Return what a new luminaire in the place of an old one brings on average; 0 for those that fall short.

    Parameters
    ----------
    efficacy : ndarray, shape (luminaires,)
        [lm/W].
    ulr : float
        Upward light ratio.
    factors : FactorTable

    References
    ----------
    Sheet RES-EC-104, first case: 90 lm/W, upward light ratio of LED up to 3 %.
    """
    if not len(efficacy) or ulr > factors.value("cee_upward_light"):
        return 0.0
    eligible = float(np.mean(efficacy >= factors.value("cee_efficacy") - 1e-9))
    return factors.value("cee_luminaire") * eligible


def of_dimming(lamps: gpd.GeoDataFrame, chosen: Bools, factors: FactorTable) -> float:
    """Return what the dimming of a lamp brings, mean of the chosen ones.

    Luminaires that the scenario renews bring the certificates of their renewal: whether both sheets may be added up was
    not read, so that they are not.

    References
    ----------
    Sheet RES-EC-103: so much per watt of lamps and their gear.
    """
    if not chosen.any():
        return 0.0
    renewed = np.array(["led_retrofit" in str(mark).split(" + ") for mark in texts(lamps, "measures")])
    watts = np.where(renewed, 0.0, system_power(lamps, factors))
    return factors.value("cee_watt") * float(watts[chosen].mean())
