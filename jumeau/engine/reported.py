"""Indicators that communes report, computed from what a campaign found: before and after, by network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from jumeau.columns import numbers
from jumeau.engine.resolve import Situation
from jumeau.network import Network, ordered
from jumeau.reported import LAYER, POPULATION, ReportedSpec
from jumeau.results.comparison import BASELINE, paired
from jumeau.territory.model import Territory

COLUMNS = (
    "network", "framework", "id", "label", "unit", "variant", "before", "after", "low", "high", "target", "limit",
    "better", "source", "note",
)  # fmt: skip


def reported_table(
    dataset: xr.Dataset, situations: Sequence[Situation], territory: Territory, years: float
) -> pd.DataFrame:
    """Return one row per indicator and variant: means over replications, and the 95 % interval of the difference.

    Parameters
    ----------
    dataset : Dataset
        Of the campaign, dims (scenario, replication).
    situations : sequence of Situation
        The baseline first.
    territory : Territory
    years : float
        Length of the period [year].
    """
    people = people_of(territory)
    rows: list[dict[str, Any]] = []
    for network in ordered(situations[0].networks):
        for spec in network.reported:
            values = {item.name: _values(spec, network, dataset, item, people, years) for item in situations}
            before = values[BASELINE]
            for item in situations[1:]:
                gap = paired(before, values[item.name])
                low, high = gap.interval or (np.nan, np.nan)
                rows.append(
                    {
                        "network": network.name,
                        **{name: getattr(spec, name) for name in COLUMNS if hasattr(spec, name)},
                        "variant": item.name,
                        "before": float(np.nanmean(before)) if np.isfinite(before).any() else np.nan,
                        "after": float(np.nanmean(values[item.name]))
                        if np.isfinite(values[item.name]).any()
                        else np.nan,
                        "low": low,
                        "high": high,
                    }
                )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def people_of(territory: Territory) -> float:
    """Return the residents of a territory; not a number where nothing tells them."""
    if not territory.has("population"):
        return float("nan")
    return float(np.nansum(numbers(territory.layer("population"), "residents", np.nan))) or float("nan")


def _values(
    spec: ReportedSpec, network: Network, dataset: xr.Dataset, situation: Situation, people: float, years: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return an indicator by replication."""
    units = {item.name: (item.unit, item.cell_methods == "time: sum") for item in network.said}

    def figure(name: str) -> Any:
        return dataset[f"{network.name}_{name}"].sel(scenario=situation.name).to_numpy().astype(np.float64)

    unit, summed = units[spec.numerators[0]]
    above = np.sum([figure(name) for name in spec.numerators], axis=0)
    if not spec.denominator:
        return np.asarray(above * spec.factor(unit, "", yearly=False))
    if spec.denominator == POPULATION:
        below, other, yearly = people, "person", summed
    elif spec.denominator.startswith(LAYER):
        layer = spec.denominator.removeprefix(LAYER)
        below, other, yearly = float(len(situation.networks[network.name].layers[layer])), "item", summed
    else:
        # Of one period both: no year comes in.
        below, other, yearly = figure(spec.denominator), units[spec.denominator][0], False
    scale = spec.factor(unit, other, yearly=yearly) / (years if yearly else 1.0)
    whole = np.broadcast_to(below, above.shape)
    return np.asarray(np.divide(above, whole, out=np.full(above.shape, np.nan), where=whole > 0.0) * scale)
