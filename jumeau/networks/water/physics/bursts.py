"""How often pipes and connections burst: by material and age, and by the repairs that a service has recorded."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.factors import FactorTable

Floats = NDArray[np.float64]

MATERIALS = (
    "ductile_iron", "grey_iron", "steel", "asbestos_cement", "concrete", "pvc", "pvc_old", "pvc_bo", "hdpe", "ldpe",
    "grp", "copper", "lead", "other",
)  # fmt: skip

#: Materials in which leaks sound far and openings keep their size under pressure.
METALS = ("ductile_iron", "grey_iron", "steel", "copper", "lead")
PLASTICS = ("pvc", "pvc_old", "pvc_bo", "hdpe", "ldpe", "grp")


def materials(pipes: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the material of each pipe, `other` where it is unknown, shape (n,)."""
    if "material" not in pipes:
        return np.full(len(pipes), "other", dtype=object)
    named = pipes["material"].astype(object)
    return np.asarray(named.where(named.isin(MATERIALS), "other").to_numpy(), dtype=object)


def condition(pipes: gpd.GeoDataFrame, factors: FactorTable, year: float) -> Floats:
    """Return burst frequency relative to infrastructure in good condition [1], shape (n,).

    The frequency of a material grows with age, exp(k (age - reference)), the form of Shamir and Howard (1979); a pipe
    of unknown age has the reference age.

    Parameters
    ----------
    pipes : GeoDataFrame, shape (n,)
        With `material` and `laid_year`, both optional.
    factors : FactorTable
    year : float
        Year that ages are counted to.
    """
    relative = {name: factors.value(f"condition_{name}") for name in MATERIALS}
    each = np.array([relative[str(name)] for name in materials(pipes)], dtype=np.float64)
    reference = factors.value("ageing_reference")
    age = np.full(len(pipes), reference)
    if "laid_year" in pipes:
        laid = pd.to_numeric(pipes["laid_year"], errors="coerce").to_numpy(dtype=np.float64)
        age = np.where(np.isnan(laid), reference, np.clip(year - laid, 0.0, factors.value("ageing_limit")))
    return np.asarray(each * np.exp(factors.value("ageing_rate") * (age - reference)), dtype=np.float64)


def burst_rates(pipes: gpd.GeoDataFrame, factors: FactorTable, year: float) -> Floats:
    """Return the burst rate of each pipe, reported and hidden bursts together [1/km/year], shape (n,).

    Parameters
    ----------
    pipes : GeoDataFrame, shape (n,)
        The column `burst_rate` stands where it is known.
    factors : FactorTable
    year : float
        Year that ages are counted to.
    """
    rates = factors.value("mains_bursts") * condition(pipes, factors, year)
    if "burst_rate" in pipes:
        known = pd.to_numeric(pipes["burst_rate"], errors="coerce").to_numpy(dtype=np.float64)
        rates = np.where(np.isnan(known), rates, known)
    return np.asarray(rates, dtype=np.float64)


def rates_from_repairs(
    pipes: gpd.GeoDataFrame, repairs: gpd.GeoDataFrame, factors: FactorTable, year: float
) -> tuple[Floats, float]:
    """Return burst rates that the recorded repairs correct [1/km/year], shape (n,), and the years recorded.

    Within each material, the prior rate is scaled by (observed + w) / (expected + w): an empirical Bayes estimate, in
    which a material without repairs keeps its prior rate and one with many takes its own.

    Parameters
    ----------
    pipes : GeoDataFrame, shape (n,)
    repairs : GeoDataFrame, shape (k,)
        `pipe_id`, `date` (YYYY-MM-DD) and `support`; repairs of fittings and structures are left out.
    factors : FactorTable
    year : float
        Year that ages are counted to.
    """
    prior = burst_rates(pipes, factors, year)
    done = repairs
    if "support" in done:
        done = done[done["support"].isna() | (done["support"] == "pipe")]
    if not len(done) or "date" not in done or "pipe_id" not in done:
        return prior, 0.0
    dates = pd.to_datetime(done["date"], errors="coerce")
    row = pd.Index(pipes["pipe_id"].astype(str)).get_indexer(done["pipe_id"].astype(str))
    kept = (row >= 0) & dates.notna().to_numpy()
    if not kept.any():
        return prior, 0.0
    # A record spans whole years: its first and last months alone would overstate the rate.
    span = float(dates[kept].dt.year.max() - dates[kept].dt.year.min() + 1)
    material = materials(pipes)
    km = pipes["length"].to_numpy(dtype=np.float64) / 1000.0
    weight = factors.value("repair_history_weight")
    scaled = prior.copy()
    seen = np.bincount(row[kept], minlength=len(pipes)).astype(np.float64)
    for name in np.unique(material.astype(str)):
        member = material == name
        expected = float((prior[member] * km[member]).sum()) * span
        scaled[member] *= (seen[member].sum() + weight) / (expected + weight)
    return scaled, span
