"""What a campaign returns, and what its folder holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from jumeau.accounts import FIGURES
from jumeau.results.comparison import Record, compare


def asset_table(network: str, layer: str, situation: str) -> str:
    """Return the name of a table of assets: `lighting_lamps__led`, `water_pipes__led`."""
    stem = layer if layer.startswith(f"{network}_") else f"{network}_{layer}"
    return f"{stem}__{situation}"


@dataclass(frozen=True)
class Results:
    """Everything that a campaign found.

    Attributes
    ----------
    dataset : Dataset
        One variable per network and indicator, dims (scenario, replication), central assumptions.
    draws : Dataset or None
        The same with dims (scenario, draw, replication), for uncertain assumptions.
    assets : mapping of str to GeoDataFrame
        Per-asset means over replications; keys as `asset_table` gives them.
    bill : DataFrame
        What each variant installs: the columns of `BillItem`, and `variant`.
    factors : DataFrame
        Every factor used: `network, name, value, low, high, unit, year, source, licence, confidence, description,
        overridden`.
    origins : DataFrame
        Shares of observed, imputed and synthetic values by layer and column.
    overrides : mapping of str to tuple of str
        By variant, what was changed: `path: old -> new`.
    journal : DataFrame
        Events of the first replication, by variant and network.
    provenance : mapping
        Scenario as resolved, seed, versions, checksums, durations: whatever may differ between identical runs.
    thresholds : mapping of str to float
        What the user declared negligible, by variable.
    failures : tuple of str
        Runs that failed and were set aside, one message each.
    """

    dataset: xr.Dataset
    draws: xr.Dataset | None
    assets: Mapping[str, gpd.GeoDataFrame]
    bill: pd.DataFrame
    factors: pd.DataFrame
    origins: pd.DataFrame
    overrides: Mapping[str, tuple[str, ...]]
    journal: pd.DataFrame
    provenance: Mapping[str, Any]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    def compare(self) -> list[Record]:
        """Return the paired comparison of every variant with the baseline."""
        return list(self._records)

    def figures(self) -> list[Record]:
        """Return the four figures (energy, fuel, carbon, cost) of each variant: by network, then in total."""
        return [record for record in self._records if record.indicator in FIGURES]

    @cached_property
    def _records(self) -> list[Record]:
        return compare(self.dataset, self.draws, self.thresholds)

    def frame(self) -> pd.DataFrame:
        """Return the comparison as a table."""
        return pd.DataFrame([record.to_dict() for record in self.compare()])

    @property
    def variants(self) -> tuple[str, ...]:
        """Scenario names, the baseline first."""
        return tuple(str(name) for name in self.dataset["scenario"].values)
