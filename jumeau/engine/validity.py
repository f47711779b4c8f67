"""What is not to be judged of a campaign: figures outside what their models mean, situation by situation."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import xarray as xr

from jumeau.accounts import TOTAL, lines_fed
from jumeau.engine.resolve import Situation
from jumeau.network import Prepared, ordered
from jumeau.results.comparison import OUTSIDE_OF


def outside(situation: Situation, prepared: Mapping[str, Prepared]) -> set[str]:
    """Return the variables of a situation that lie outside what their model means, sums that hold them included.

    Parameters
    ----------
    situation : Situation
    prepared : mapping of str to Prepared
        By network.
    """
    found = set()
    for network in ordered(situation.networks):
        names = {name for item in prepared[network.name].outside for name in item.names}
        quantities = {name: network.quantities[name] for name in network.quantities if name in names}
        lines = lines_fed(quantities)
        found |= {f"{network.name}_{name}" for name in names | lines}
        found |= {f"{TOTAL}_{name}" for name in {*quantities} | lines}
    return found


def mark(dataset: xr.Dataset, situations: Sequence[Situation], prepared: Sequence[Mapping[str, Prepared]]) -> None:
    """Write into the attributes of each variable in which situations it lies outside what its model means."""
    found: dict[str, list[str]] = {}
    for situation, made in zip(situations, prepared, strict=True):
        for name in outside(situation, made):
            found.setdefault(name, []).append(situation.name)
    for name, where in found.items():
        if name in dataset:
            dataset[name].attrs[OUTSIDE_OF] = json.dumps(where)
