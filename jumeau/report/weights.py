"""Which uncertain assumption commands the result: rank correlations over the draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from jumeau.i18n import _, local
from jumeau.report.words import main_record
from jumeau.results import Record, Results
from jumeau.results.comparison import BASELINE
from jumeau.results.titles import variant_title

#: Fewer draws than this say nothing of ranks.
FEWEST = 8
MOST_SHOWN = 8


@dataclass(frozen=True)
class Weight:
    """How an assumption goes with a difference.

    Attributes
    ----------
    variant, indicator, label : str
        Titles in the current language; `label` is that of the assumption.
    correlation : float
        Spearman's, from -1 to 1.
    """

    variant: str
    indicator: str
    label: str
    correlation: float


def drawn_factors(results: Results) -> tuple[str, ...]:
    """Return the names of the assumptions drawn: the coordinates of `draws` along its dimension `draw` alone."""
    if results.draws is None:
        return ()
    return tuple(
        str(name)
        for name, values in results.draws.coords.items()
        if values.dims == ("draw",) and name != "draw" and values.dtype.kind in "fiu"
    )


def factor_label(results: Results, name: str) -> str:
    """Return the description of a factor written `name` or `network.name`, else the name itself."""
    table = results.factors
    if not table.empty:
        full = table["network"].astype(str) + "." + table["name"].astype(str)
        found = table[(full == name) | (table["name"] == name)]
        if len(found) and str(found.iloc[0]["description"]):
            return _(str(found.iloc[0]["description"]))
    return name


def weights(results: Results, records: Sequence[Record]) -> list[Weight]:
    """Return the weights of the assumptions on energy and money, strongest first in each panel."""
    draws, names = results.draws, drawn_factors(results)
    if draws is None or not names or draws.sizes["draw"] < FEWEST:
        return []
    found = []
    for variant in dict.fromkeys(record.variant for record in records):
        for group in ("energy", "money"):
            record = main_record([item for item in records if item.variant == variant], group)
            if record is None:
                continue
            array = next(
                (
                    item
                    for item in draws.data_vars.values()
                    if (item.attrs.get("network"), item.attrs.get("indicator")) == (record.network, record.indicator)
                ),
                None,
            )
            if array is None:
                continue
            gaps = (array.sel(scenario=variant) - array.sel(scenario=BASELINE)).mean("replication").to_numpy()
            title = variant_title(results.provenance, variant)
            panel = [
                Weight(title, local(record.label), factor_label(results, name), value)
                for name in names
                if (value := _spearman(draws[name].to_numpy(), gaps)) is not None
            ]
            found += sorted(panel, key=lambda item: (-abs(item.correlation), item.label))[:MOST_SHOWN]
    return found


def _spearman(first: object, second: object) -> float | None:
    table = pd.DataFrame({"first": np.asarray(first, dtype=float), "second": np.asarray(second, dtype=float)})
    table = table.dropna()
    if len(table) < FEWEST or table["first"].nunique() < 2 or table["second"].nunique() < 2:
        return None
    return float(stats.spearmanr(table["first"], table["second"]).statistic)
