"""Lamps and cabinets as arrays, gaps filled from the factors."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.networks.lighting.physics.power import Curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TECHNOLOGIES = ("LED", "HPS", "MH", "MERCURY", "LPS", "FLUO", "HALOGEN")
DISCHARGE = ("HPS", "MH", "MERCURY")


def curve_of(technology: str, factors: FactorTable) -> Curve:
    """Return how a technology's power follows its flux."""
    if technology == "LED":
        return Curve("affine", offset=factors.value("led_power_offset"))
    if technology in DISCHARGE:
        return Curve("bipower", level=factors.value("bipower_level"), power=factors.value("bipower_power"))
    return Curve("switched")


def by_technology(prefix: str, technology: NDArray[np.object_], factors: FactorTable, missing: float = 0.0) -> Floats:
    """Return the factor `<prefix><technology>` of each lamp; `missing` where a technology has none.

    Parameters
    ----------
    prefix : str
        Start of the factors' names, up to the technology.
    technology : ndarray of str, shape (n,)
    factors : FactorTable
    missing : float
        Value of technologies without such a factor.
    """
    values = {
        name: factors.value(prefix + name.lower()) if prefix + name.lower() in factors else missing
        for name in TECHNOLOGIES
    }
    return np.array([values[name] for name in technology], dtype=np.float64)


def system_power(lamps: gpd.GeoDataFrame, factors: FactorTable) -> Floats:
    """Return the power of each lamp with its gear at full output [W], shape (n,); constant output left out."""
    loss = numbers(lamps, "gear_loss", by_technology("gear_loss_", texts(lamps, "technology"), factors))
    return np.nan_to_num(numbers(lamps, "power")) * (1.0 + loss)


@dataclass(frozen=True)
class Cabinets:
    """Cabinets as arrays of shape (m,).

    Attributes
    ----------
    ids, control : ndarray of str
    evening, morning : ndarray
        Switching offsets [min].
    subscribed : ndarray
        Known subscribed power [kVA], not-a-number where unknown.
    patrol : ndarray of int
        Time between two night patrols [day], at least 1.
    dispatch : ndarray
        Time from report to work order [day].
    """

    ids: NDArray[np.object_]
    control: NDArray[np.object_]
    evening: Floats
    morning: Floats
    subscribed: Floats
    patrol: Ints
    dispatch: Floats

    @classmethod
    def read(cls, layer: gpd.GeoDataFrame, factors: FactorTable, control: str) -> Cabinets:
        """Read the layer; `control` is that of cabinets of which nothing is known."""
        patrol = numbers(layer, "patrol_interval", factors.value("patrol_interval"))
        return cls(
            ids=texts(layer, "cabinet_id"),
            control=texts(layer, "control", control),
            evening=numbers(layer, "evening_offset"),
            morning=numbers(layer, "morning_offset"),
            subscribed=numbers(layer, "subscribed_power"),
            patrol=np.maximum(np.rint(patrol), 1).astype(np.int64),
            dispatch=numbers(layer, "dispatch_delay", factors.value("dispatch_delay")),
        )


def cabinet_rows(lamps: gpd.GeoDataFrame, ids: NDArray[np.object_]) -> Ints:
    """Return the row of each lamp's cabinet, shape (n,); -1 where it has none."""
    return np.asarray(pd.Index(ids).get_indexer(pd.Index(texts(lamps, "cabinet_id"))), dtype=np.int64)


def mast_keys(lamps: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return what carries each lamp, shape (n,): its mast, or the lamp itself where no mast is named."""
    mast = texts(lamps, "mast_id")
    found: NDArray[np.object_] = np.where(mast == "", "lamp " + texts(lamps, "lamp_id"), "mast " + mast)
    return found


def mast_count(lamps: gpd.GeoDataFrame) -> int:
    """Return the number of masts; lamps on façades and on poles of others have none of their own."""
    return len(np.unique(mast_keys(lamps)[texts(lamps, "support") == "mast"]))
