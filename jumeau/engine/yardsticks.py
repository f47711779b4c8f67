"""Published values beside ours: of a territory as it stands, and of the baseline of a run. No figure follows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from jumeau.columns import numbers, texts
from jumeau.engine.reported import people_of
from jumeau.engine.resolve import Situation
from jumeau.factors import FactorTable
from jumeau.network import Network, ordered
from jumeau.results.comparison import BASELINE
from jumeau.territory.model import Territory
from jumeau.units import conversion_factor
from jumeau.yardsticks import POPULATION, Sum, Yardstick, yardstick_layer

#: Columns of the table; `simulated` is not a number where only a run tells it.
TABLE = (
    "network", "framework", "id", "label", "unit", "body", "year", "published", "simulated", "needs_run", "source",
    "note",
)  # fmt: skip


def standing_yardsticks(territory: Territory, networks: Iterable[Network]) -> pd.DataFrame:
    """Return what is published of a territory beside what its layers tell; rows that need a run say so.

    Parameters
    ----------
    territory : Territory
    networks : iterable of Network

    Returns
    -------
    DataFrame
        Columns `TABLE`; empty where nothing is published.
    """
    rows: list[dict[str, Any]] = []
    for network in networks:
        for spec, found in _published(territory, network):
            value = _standing(spec, network, territory.layers, network.factors, territory)
            if spec.standing and not np.isfinite(value):
                continue  # nothing of the kind is in the territory
            rows.append(found | {"simulated": value, "needs_run": not spec.standing})
    return pd.DataFrame(rows, columns=list(TABLE))


def simulated_yardsticks(territory: Territory, baseline: Situation, dataset: xr.Dataset, years: float) -> pd.DataFrame:
    """Return what is published of a territory beside what the baseline of a run gives: means over replications.

    Parameters
    ----------
    territory : Territory
    baseline : Situation
        Its networks are those that were simulated; sums are over its layers, by its factors.
    dataset : Dataset
        Of the campaign, dims (scenario, replication).
    years : float
        Length of the period [year].
    """
    rows: list[dict[str, Any]] = []
    for network in ordered(baseline.networks):
        own = baseline.networks[network.name]
        for spec, found in _published(territory, network):
            if spec.figure:
                value = _simulated(spec, network, territory, dataset, years)
            else:
                value = _standing(spec, network, own.layers, own.factors, territory)
            if np.isfinite(value):
                rows.append(found | {"simulated": value, "needs_run": False})
    return pd.DataFrame(rows, columns=list(TABLE))


def _published(territory: Territory, network: Network) -> Iterable[tuple[Yardstick, dict[str, Any]]]:
    """Yield the yardsticks of a network that are published, with the fields of their rows."""
    name = yardstick_layer(network.name)
    if not territory.has(name):
        return
    frame = territory.layers[name]
    told = pd.DataFrame({
        "framework": texts(frame, "framework"), "indicator": texts(frame, "indicator"), "body": texts(frame, "body"),
        "year": numbers(frame, "year", np.nan), "value": numbers(frame, "value", np.nan),
    })  # fmt: skip
    last = told.sort_values("year", kind="stable", na_position="first").drop_duplicates(
        ["framework", "indicator"], keep="last"
    )
    known = {(row["framework"], row["indicator"]): row for row in last.to_dict("records")}
    for spec in network.yardsticks:
        rows = [known.get((spec.framework, code)) for code in spec.codes]
        if any(row is None or not np.isfinite(row["value"]) for row in rows):
            continue
        parts = [float(row["value"]) for row in rows if row is not None]
        if len(parts) > 1 and parts[1] <= 0.0:
            continue
        first = rows[0] or {}
        value = parts[0] / (parts[1] if len(parts) > 1 else 1.0) * conversion_factor(spec.published_unit, spec.unit)
        yield (
            spec,
            {
                "network": network.name,
                **{key: getattr(spec, key) for key in ("framework", "id", "label", "unit", "source", "note")},
                "body": first["body"],
                "year": first["year"],
                "published": value,
            },
        )


def _standing(
    spec: Yardstick,
    network: Network,
    layers: Mapping[str, gpd.GeoDataFrame],
    factors: FactorTable,
    territory: Territory,
) -> float:
    """Return what layers tell of a yardstick; not a number where they do not."""
    if not spec.standing:
        return float("nan")
    item = Sum.read(spec.standing)
    total = _total(item, layers.get(item.layer)) * (factors.value(spec.scale) if spec.scale else 1.0)
    unit = network.attributes.get(item.layer, item.column).unit
    return _over(spec, total, territory) * spec.factor(unit, yearly=False)


def _simulated(spec: Yardstick, network: Network, territory: Territory, dataset: xr.Dataset, years: float) -> float:
    """Return what the baseline of a run gives of a yardstick; not a number where it does not."""
    said = {figure.name: figure for figure in network.said}[spec.figure]
    yearly = said.cell_methods == "time: sum"
    values = dataset[f"{network.name}_{spec.figure}"].sel(scenario=BASELINE).to_numpy().astype(np.float64)
    total = float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
    return _over(spec, total, territory) * spec.factor(said.unit, yearly=yearly) / (years if yearly else 1.0)


def _total(item: Sum, frame: gpd.GeoDataFrame | None) -> float:
    if frame is None or not len(frame) or item.column not in frame:
        return float("nan")
    values = numbers(frame, item.column, np.nan)
    if item.attribute:
        values = values[np.isin(texts(frame, item.attribute), item.values)]
    total = float(np.nansum(values))
    return total if total > 0.0 else float("nan")  # nothing of the kind is there


def _over(spec: Yardstick, total: float, territory: Territory) -> float:
    """Return a total over its denominator; not a number where nobody is known to live there."""
    return total / people_of(territory) if spec.denominator == POPULATION else total
