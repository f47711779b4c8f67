"""Energy saving certificates (CEE) of public lighting, by the standard sheets RES-EC-104 and RES-EC-103 [kWh cumac]."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import texts
from jumeau.factors import FactorTable
from jumeau.networks.lighting.physics.inventory import system_power

Bools = NDArray[np.bool_]


def of_luminaire(efficacy: float, ulr: float, factors: FactorTable) -> float:
    """Return what a new luminaire in the place of an old one brings; 0 where it falls short of the sheet.

    Parameters
    ----------
    efficacy : float
        [lm/W].
    ulr : float
        Upward light ratio.
    factors : FactorTable

    References
    ----------
    Sheet RES-EC-104, first case: 90 lm/W, upward light ratio of LED up to 3 %.
    """
    eligible = efficacy >= factors.value("cee_efficacy") and ulr <= factors.value("cee_upward_light")
    return factors.value("cee_luminaire") if eligible else 0.0


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
