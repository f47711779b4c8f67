"""Which uncertain assumption commands the result: rank correlations over the draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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


def factor_labels(results: Results, names: Sequence[str]) -> list[str]:
    """Return the descriptions of factors written `name` or `network.name`, else their names themselves."""
    table = results.factors
    known: dict[str, str] = {}
    if not table.empty:
        columns = (table[column].astype(str) for column in ("network", "name", "description"))
        for network, name, description in zip(*columns, strict=True):
            known.setdefault(f"{network}.{name}", description)
            known.setdefault(name, description)
    return [_(text) if (text := known.get(name, "")) else name for name in names]


def weights(results: Results, records: Sequence[Record]) -> list[Weight]:
    """Return the weights of the assumptions on energy and money, strongest first in each panel."""
    draws, names = results.draws, drawn_factors(results)
    if draws is None or not names or draws.sizes["draw"] < FEWEST:
        return []
    labels = factor_labels(results, names)
    drawn = [draws[name].to_numpy() for name in names]
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
                Weight(title, local(record.label), label, value)
                for label, values in zip(labels, drawn, strict=True)
                if (value := _spearman(values, gaps)) is not None
            ]
            found += sorted(panel, key=lambda item: (-abs(item.correlation), item.label))[:MOST_SHOWN]
    return found


def _spearman(first: NDArray[np.float64], second: NDArray[np.float64]) -> float | None:
    known = np.isfinite(first) & np.isfinite(second)
    from scipy import stats  # takes most of a second

    ranks = [stats.rankdata(values[known]) for values in (first, second)]
    if known.sum() < FEWEST or any(np.ptp(rank) == 0.0 for rank in ranks):
        return None
    return float(np.corrcoef(*ranks)[0, 1])
