"""Parts -> one labelled dataset, per-asset layers, tables of assumptions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from jumeau.accounts import TOTAL
from jumeau.bill import bill_table
from jumeau.engine.devices import device_layers
from jumeau.engine.parts import Part
from jumeau.engine.plan import CENTRAL, Run, declared
from jumeau.engine.reported import reported_table
from jumeau.engine.resolve import Draw, Situation
from jumeau.engine.scenario import Scenario
from jumeau.engine.valued import valued, variables
from jumeau.engine.yardsticks import simulated_yardsticks
from jumeau.errors import JumeauError
from jumeau.factors import Factor, FactorTable
from jumeau.i18n import _
from jumeau.indicators import IndicatorSpec
from jumeau.network import Network, discover, ordered
from jumeau.results.account import LAW, QUANTITY, SIMULATED, SITUATION, quantity_attribute
from jumeau.results.model import Results, asset_table
from jumeau.results.sampled import CORRELATIONS, YEARS
from jumeau.simulation.clock import Clock
from jumeau.simulation.events import ASSET
from jumeau.simulation.shared import SHARED
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
    clock: Clock,
    drawn: Sequence[Draw] = (),
    same: Callable[[Run], Run] = lambda run: run,
) -> Results:
    """Put the parts of a campaign together, in the order of the plan, whatever the order they came in.

    `same` gives the run whose part stands for that of a draw.

    Raises
    ------
    JumeauError
        When every run of a situation failed.
    """
    names = [item.name for item in situations]
    years = clock.years
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
    specs = list(variables(ordered(scenario.networks())))
    found = [valued(situation, row, years) for situation, row in zip(situations, grid, strict=True)]
    dataset = _dataset(scenario, specs, found, ("scenario", "replication"), names, years)
    draws = None
    if drawn:
        cube = [
            [
                valued(
                    situation,
                    [parts.get(same(Run(place, number, replication))) for replication in range(draw_replications)],
                    years,
                    draw,
                )
                for number, draw in enumerate(drawn, start=1)
            ]
            for place, situation in enumerate(situations)
        ]
        stacked = [{name: np.stack([item[name] for item in row]) for name in row[0]} for row in cube]
        draws = _dataset(scenario, specs, stacked, ("scenario", "draw", "replication"), names, years).assign_coords(
            {
                f"{owner}.{name}": ("draw", [values[owner][name] for values in drawn])
                for owner, items in drawn[0].items()
                for name in items
            }
        )
    return Results(
        dataset=dataset,
        draws=draws,
        assets={**_assets(situations, grid, territory), **device_layers(situations)},
        bill=_bill(situations),
        factors=_factors(scenario, situations),
        origins=territory.origin_shares(),
        overrides={item.name: item.log for item in situations},
        journal=_journal(situations, grid, clock),
        provenance={},
        thresholds=_thresholds(scenario),
        failures=tuple(failures),
        reported=reported_table(dataset, situations, territory, years),
        published=simulated_yardsticks(territory, situations[0], dataset, years),
    )


def _dataset(
    scenario: Scenario,
    specs: Sequence[tuple[str, IndicatorSpec]],
    found: Sequence[Mapping[str, Any]],
    dims: tuple[str, ...],
    names: list[str],
    years: float,
) -> xr.Dataset:
    """Return what situations found as variables with these dims; what a missing run would say is not a number."""
    made = {
        f"{owner}_{item.name}": xr.DataArray(
            np.stack([values[f"{owner}_{item.name}"] for values in found]),
            dims=dims,
            attrs={
                "network": owner,
                "indicator": item.name,
                "long_name": item.label,
                "units": item.unit,
                "cell_methods": item.cell_methods,
                "better": item.better,
                "group": item.group,
                "key": int(item.key),
                **_priced(owner, item.name),
            },
        )
        for owner, item in specs
    }
    shape = next(iter(made.values())).shape
    coords: dict[str, Any] = {"scenario": np.array(names, dtype=object)}
    for place, dim in enumerate(dims[1:], start=1):
        first = 1 if dim == "draw" else 0
        coords[dim] = np.arange(first, shape[place] + first)
    attrs = {
        "Conventions": "CF-1.11",
        "title": scenario.data.name,
        "comment": "simulation, not measurement",
        "period": f"{scenario.data.period.start}/{scenario.data.period.end}",
        "base_year": scenario.data.base_year,
        YEARS: years,
        CORRELATIONS: json.dumps([[*pair.between, pair.rank] for pair in scenario.data.correlations]),
    }
    return xr.Dataset(made, coords=coords, attrs=attrs)


def _priced(owner: str, name: str) -> dict[str, str]:
    """Return what a variable says of how its quantity is priced; nothing for others."""
    network = discover().get(owner)
    if network is None or name not in network.quantities:
        return {}
    return {QUANTITY: quantity_attribute(network.quantities[name])}


def _assets(
    situations: Sequence[Situation], grid: Sequence[Sequence[Part | None]], territory: Territory
) -> dict[str, gpd.GeoDataFrame]:
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
                given = territory.layers[layer].columns if layer in territory.layers else ()
                # What the table declares and nobody says, neither the territory nor a measure, is not written; what
                # identifies and places the features is, even of a layer that has none.
                known = {*given, discover()[network].attributes.identifier(layer)}
                known |= set() if len(frame) else {frame.geometry.name}
                idle = [name for name in frame.columns if name not in known and frame[name].isna().all()]
                table = frame.drop(columns=idle)
                for name in columns:
                    total, count = np.zeros(len(table)), np.zeros(len(table))
                    for part in kept:  # in the order of replications, so that sums round alike
                        there = ~np.isnan(part.assets[name])
                        total += np.where(there, part.assets[name], 0.0)
                        count += there
                    # A figure that a replication lacks, such as the fill of what nobody emptied, is not counted.
                    mean = np.divide(total, count, out=np.full(len(table), np.nan), where=count > 0)
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


def _factors(scenario: Scenario, situations: Sequence[Situation]) -> pd.DataFrame:
    """Return the factors of the baseline, and those of other situations that have others of their own."""
    fields = Factor.__dataclass_fields__
    first = situations[0]
    read = first.simulated({name: dict.fromkeys(table, 0.0) for name, table in _tables(first).items()})
    laws = declared(scenario)
    rows = []
    for situation in situations:
        for owner, table in _tables(situation).items():
            for name, factor in table.items():
                if situation is not first and factor == _tables(first)[owner][name]:
                    continue
                law = laws.get((owner, name))
                rows.append(
                    {"network": owner}
                    | {field: getattr(factor, field) for field in fields}
                    | {
                        "domain": factor.domain.written,
                        SITUATION: "" if situation is first else situation.name,
                        SIMULATED: name in read.get(owner, {}),
                        LAW: json.dumps(asdict(law)) if law is not None else "",
                    }
                )
    return pd.DataFrame(rows)


def _tables(situation: Situation) -> dict[str, FactorTable]:
    return {**{name: item.factors for name, item in situation.networks.items()}, SHARED: situation.shared}


def _journal(situations: Sequence[Situation], grid: Sequence[Sequence[Part | None]], clock: Clock) -> pd.DataFrame:
    """Return the events of the first replication, in the order of time; assets by their identifiers."""
    tables = []
    for situation, row in zip(situations, grid, strict=True):
        part = row[0]
        for (network, kind), events in (part.events or {}).items() if part is not None else ():
            named = _named(events, discover()[network], kind, situation)
            tables.append(named.assign(scenario=situation.name, network=network, kind=kind))
    first = ["scenario", "network", "kind", "time", "date"]
    if not tables:
        return pd.DataFrame(columns=first)
    joined = pd.concat(tables, ignore_index=True)
    order = {item.name: place for place, item in enumerate(situations)}
    joined = joined.sort_values(
        ["scenario", "time"],
        key=lambda column: column.map(order) if column.name == "scenario" else column,
        kind="stable",
    ).reset_index(drop=True)
    joined["date"] = _dates(joined["time"].to_numpy(dtype=np.float64), clock)
    return joined[[*first, *(name for name in joined.columns if name not in first)]]


def _dates(seconds: NDArray[np.float64], clock: Clock) -> NDArray[np.str_]:
    """Return local times as ISO 8601 with their offset; pandas writes them one by one, this all at once."""
    moments = pd.DatetimeIndex(clock.origin + pd.to_timedelta(np.round(seconds), unit="s")).tz_convert(clock.timezone)
    local = moments.tz_localize(None)
    text = np.datetime_as_string(local.to_numpy().astype("datetime64[s]"), unit="s")
    minutes = ((local - moments.tz_convert("UTC").tz_localize(None)).to_numpy() // np.timedelta64(60, "s")).astype(int)
    each, place = np.unique(minutes, return_inverse=True)
    signs = [f"{'-' if item < 0 else '+'}{abs(item) // 60:02d}{abs(item) % 60:02d}" for item in each.tolist()]
    return np.char.add(text, np.array(signs)[place])


def _named(events: pd.DataFrame, network: Network, kind: str, situation: Situation) -> pd.DataFrame:
    """Return events with the identifiers of assets in place of their rows."""
    found = events.copy()
    layers = situation.networks[network.name].layers
    for item in network.events[kind]:
        if item.type == ASSET:
            # Row -1 stands for none.
            ids = [*layers[item.layer][network.attributes.identifier(item.layer)], None]
            found[item.column] = [ids[row] for row in events[item.column]]
    return found


def _thresholds(scenario: Scenario) -> dict[str, float]:
    block = scenario.data.thresholds
    found: dict[str, float] = {}
    for network in [*scenario.networks(), TOTAL]:
        given = getattr(block, network, None) if block is not None else None
        for name in sorted(given.model_fields_set) if given is not None else []:
            found[f"{network}_{name}"] = float(getattr(given, name))
    return found
