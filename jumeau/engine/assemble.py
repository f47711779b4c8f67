"""Parts -> one labelled dataset, per-asset layers, tables of assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from jumeau.bill import bill_table
from jumeau.engine.parts import Part
from jumeau.engine.plan import CENTRAL, Draw, Run
from jumeau.engine.resolve import Situation
from jumeau.engine.scenario import SHARED, Scenario
from jumeau.errors import JumeauError
from jumeau.i18n import _
from jumeau.network import ordered
from jumeau.results.model import Results, asset_table
from jumeau.tables import FactorTable
from jumeau.territory.model import Territory

Parts = Mapping[Run, Part]


def assemble(
    scenario: Scenario,
    territory: Territory,
    situations: Sequence[Situation],
    parts: Parts,
    replications: int,
    failures: Sequence[str],
    draw_replications: int,
    drawn: Sequence[Draw] = (),
) -> Results:
    """Put the parts of a campaign together, in the order of the plan, whatever the order they came in.

    Raises
    ------
    JumeauError
        When every run of a situation failed.
    """
    names = [item.name for item in situations]
    for place, name in enumerate(names):
        if not any(Run(place, CENTRAL, number) in parts for number in range(replications)):
            raise JumeauError(
                _("every run of « {name} » failed; the first report: {report}").format(
                    name=name, report=failures[0] if failures else "—"
                )
            )
    grid = [
        [parts.get(Run(place, CENTRAL, number)) for number in range(replications)] for place in range(len(situations))
    ]
    dataset = _dataset(scenario, grid, ("scenario", "replication"), names)
    draws = None
    if drawn:
        cube = [
            [
                [parts.get(Run(place, draw, number)) for number in range(draw_replications)]
                for draw in range(1, len(drawn) + 1)
            ]
            for place in range(len(situations))
        ]
        draws = _dataset(scenario, cube, ("scenario", "draw", "replication"), names).assign_coords(
            {
                f"{owner}.{name}": ("draw", [values[owner][name] for values in drawn])
                for owner, items in drawn[0].items()
                for name in items
            }
        )
    return Results(
        dataset=dataset,
        draws=draws,
        assets=_assets(situations, grid),
        bill=_bill(situations),
        factors=_factors(situations[0]),
        origins=territory.origin_shares(),
        overrides={item.name: item.log for item in situations},
        journal=_journal(names, grid),
        provenance={},
        thresholds=_thresholds(scenario),
        failures=tuple(failures),
    )


def _dataset(scenario: Scenario, parts: Any, dims: tuple[str, ...], names: list[str]) -> xr.Dataset:
    """Return the indicators as variables; a missing run is not-a-number."""
    shape = np.shape(np.empty((len(parts), len(parts[0])) + ((len(parts[0][0]),) if len(dims) == 3 else ())))
    variables = {}
    for network in ordered(scenario.networks()):
        for item in network.indicators:
            name = f"{network.name}_{item.name}"
            values = np.full(shape, np.nan)
            for index in np.ndindex(*shape):
                part = parts
                for position in index:
                    part = part[position]
                if part is not None:
                    values[index] = part.indicators[name]
            variables[name] = xr.DataArray(
                values,
                dims=dims,
                attrs={
                    "network": network.name,
                    "indicator": item.name,
                    "long_name": item.label,
                    "units": item.unit,
                    "cell_methods": item.cell_methods,
                    "better": item.better,
                    "group": item.group,
                    "key": int(item.key),
                    "additive": int(item.additive),
                },
            )
    coords: dict[str, Any] = {"scenario": np.array(names, dtype=object)}
    for place, dim in enumerate(dims[1:], start=1):
        first = 1 if dim == "draw" else 0
        coords[dim] = np.arange(first, shape[place] + first)
    attrs = {
        "Conventions": "CF-1.11",
        "title": scenario.data.name,
        "comment": "simulation, not measurement",
        "period": f"{scenario.data.period.start}/{scenario.data.period.end}",
    }
    return xr.Dataset(variables, coords=coords, attrs=attrs)


def _assets(situations: Sequence[Situation], grid: Sequence[Sequence[Part | None]]) -> dict[str, gpd.GeoDataFrame]:
    """Return per-asset means over replications, on the layers as the situation left them."""
    found: dict[str, gpd.GeoDataFrame] = {}
    for situation, row in zip(situations, grid, strict=True):
        kept = [part for part in row if part is not None]
        for network, item in situation.networks.items():
            for layer, frame in item.layers.items():
                prefix = f"{network}/{layer}/"
                columns = [name for name in kept[0].assets if name.startswith(prefix)]
                if not columns:
                    continue
                table = frame.copy()
                for name in columns:
                    total, known = np.zeros(len(table)), np.zeros(len(table))
                    for part in kept:  # in the order of replications, so that sums round alike
                        there = ~np.isnan(part.assets[name])
                        total += np.where(there, part.assets[name], 0.0)
                        known += there
                    # A figure that a replication lacks, such as the fill of what nobody emptied, is not counted.
                    mean = np.divide(total, known, out=np.full(len(table), np.nan), where=known > 0)
                    table[name.removeprefix(prefix)] = mean
                found[asset_table(network, layer, situation.name)] = table
    return found


def _bill(situations: Sequence[Situation]) -> pd.DataFrame:
    tables = [
        bill_table(item.bill).assign(variant=situation.name)
        for situation in situations
        for item in situation.networks.values()
    ]
    return pd.concat(tables, ignore_index=True)


def _factors(situation: Situation) -> pd.DataFrame:
    tables: dict[str, FactorTable] = {name: item.factors for name, item in situation.networks.items()}
    tables[SHARED] = situation.shared
    rows = [
        {"network": name} | {field: getattr(factor, field) for field in factor.__dataclass_fields__}
        for name, table in tables.items()
        for factor in table.values()
    ]
    return pd.DataFrame(rows)


def _journal(names: list[str], grid: Sequence[Sequence[Part | None]]) -> pd.DataFrame:
    tables = [
        row[0].events.assign(scenario=name)
        for name, row in zip(names, grid, strict=True)
        if row[0] is not None and row[0].events is not None
    ]
    columns = ["scenario", "network", "time", "kind", "asset", "first", "second"]
    return pd.concat(tables, ignore_index=True)[columns] if tables else pd.DataFrame(columns=columns)


def _thresholds(scenario: Scenario) -> dict[str, float]:
    block = scenario.data.thresholds
    found: dict[str, float] = {}
    for network in scenario.networks():
        given = getattr(block, network, None) if block is not None else None
        for name in sorted(given.model_fields_set) if given is not None else []:
            found[f"{network}_{name}"] = float(getattr(given, name))
    return found
