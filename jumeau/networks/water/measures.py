"""The measures: pure functions from the layers of the water network to new ones, and a bill."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import changed, flags, numbers, texts
from jumeau.i18n import _, format_number
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau.networks.water import devices
from jumeau.networks.water.parameters import (
    AcousticLoggers,
    LeakSurvey,
    PipeRenewal,
    PressureReduction,
    RemoteReading,
    SectorMeters,
)
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.loggers import Graph, place_loggers
from jumeau.networks.water.physics.renewal import renewal_order, within
from jumeau.networks.water.studies.renewal import USUAL_YEAR, VALVE_REACH, pipe_risk

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def _or(given: float | None, context: MeasureContext, name: str) -> float:
    return context.factors.value(name) if given is None else given


def acoustic_loggers(layers: Layers, selected: Bools, parameters: AcousticLoggers, context: MeasureContext) -> Measured:
    """Place loggers at junctions so that the selected pipes are heard."""
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    rows = {name: row for row, name in enumerate(texts(junctions, "node_id"))}
    ends = np.array(
        [[rows.get(node, -1) for node in texts(pipes, column)] for column in ("from_node", "to_node")], dtype=np.int64
    ).reshape(2, -1)
    linked = (ends >= 0).all(axis=0)
    metal = np.isin(bursts.materials(pipes), bursts.METALS)
    reach = np.where(
        metal,
        _or(parameters.range_metal, context, "logger_range_metal"),
        _or(parameters.range_plastic, context, "logger_range_plastic"),
    )
    length = numbers(pipes, "length")
    graph = Graph(ends[0][linked], ends[1][linked], length[linked], reach[linked], len(junctions))
    failing = _or(parameters.failing_share, context, "logger_failing_share")
    found = place_loggers(graph, selected[linked], parameters.coverage, parameters.count, failing)
    listened = numbers(pipes, "listened")
    working, heard = np.zeros(len(pipes)), np.zeros(len(pipes))
    working[linked], heard[linked] = found.working, found.heard
    # Loggers of an earlier measure and these fail independently.
    both = 1.0 - (1.0 - listened) * (1.0 - working)
    new = changed(layers, "water_pipes", selected, "acoustic_loggers", {"listened": both})
    placed = np.zeros(len(junctions), dtype=bool)
    placed[found.nodes] = True
    new = changed(new, "water_junctions", placed, "acoustic_loggers", {"logger": True})
    names = list(texts(junctions, "node_id")[placed])
    bill = devices.LOGGER.bill(
        "acoustic_loggers", "water_junctions", names, context.factors, price=parameters.unit_cost
    )
    whole = float(length[selected].sum())
    share = float((heard * length)[selected].sum()) / whole if whole else 0.0
    note = _("{count} loggers hear {share} % of {km} km of selected pipes").format(
        count=format_number(len(names)), share=format_number(100.0 * share, 1), km=format_number(whole / 1000.0, 1)
    )
    return Measured(new, bill, (note,))


def sector_meters(layers: Layers, selected: Bools, parameters: SectorMeters, context: MeasureContext) -> Measured:
    """Meter the inflow of the selected sectors: one meter on each pipe or valve that crosses their border."""
    sectors = layers["water_sectors"]
    done = selected & ~flags(sectors, "metered")
    new = changed(layers, "water_sectors", done, "sector_meters", {"metered": True})
    crossings = _crossings(layers, set(texts(sectors, "sector_id")[done]))
    bill = devices.SECTOR_METER.bill(
        "sector_meters", "water_pipes", crossings, context.factors, price=parameters.unit_cost
    )
    count = int((selected & ~done).sum())
    notes = (_("{count} sector(s) have a meter already").format(count=count),) if count else ()
    return Measured(new, bill, notes)


def _crossings(layers: Layers, sectors: set[str]) -> list[str]:
    """Return the links by which water enters or leaves some sectors.

    A pipe is in a sector, a node in those of its pipes: where pipes of several sectors meet, all but the largest of
    them carry a meter; a pump, a valve, a tank or a source at the border stands for one.
    """
    pipes = layers["water_pipes"]
    table = pd.DataFrame(
        {
            "pipe": np.tile(texts(pipes, "pipe_id"), 2),
            "node": np.concatenate([texts(pipes, "from_node"), texts(pipes, "to_node")]),
            "sector": np.tile(texts(pipes, "sector_id"), 2),
            "diameter": np.tile(numbers(pipes, "diameter"), 2),
        }
    )
    shared = table.groupby("node")["sector"].transform("nunique") > 1
    border = table[shared].sort_values(["node", "diameter", "pipe"], ascending=[True, False, True])
    main = border.groupby("node")["sector"].transform("first")
    metered = border[(border["sector"] != main) & border["sector"].isin(sectors)]
    found = list(dict.fromkeys(metered["pipe"]))
    for name in ("water_pumps", "water_valves"):
        links = layers[name]
        key = "pump_id" if name == "water_pumps" else "valve_id"
        if not len(links):
            continue
        fed = table.drop_duplicates("node").set_index("node")["sector"]
        inside = pd.Series(texts(links, "to_node")).map(fed)
        found += list(texts(links, key)[inside.isin(sectors).to_numpy()])
    held = {node for name in ("water_tanks", "water_reservoirs") for node in texts(layers[name], "node_id")}
    direct = table[table["node"].isin(held) & table["sector"].isin(sectors)]
    return list(dict.fromkeys([*found, *direct["pipe"]]))


def leak_survey(
    layers: Layers,
    selected: Bools,
    parameters: LeakSurvey,
    context: MeasureContext,  # noqa: ARG001 - every measure has the same signature
) -> Measured:
    """Survey the selected pipes at a given interval; nothing is installed, the work is counted by the simulation."""
    return Measured(
        changed(layers, "water_pipes", selected, "leak_survey", {"survey_interval": parameters.interval}), ()
    )


def pressure_reduction(
    layers: Layers, selected: Bools, parameters: PressureReduction, context: MeasureContext
) -> Measured:
    """Lower the setting of the selected reducing valves."""
    valves = layers["water_valves"]
    done = selected & (texts(valves, "kind") == "PRV")
    setting = numbers(valves, "setting")
    if parameters.reduction is not None:
        setting = np.maximum(setting - parameters.reduction, 0.0)
    elif parameters.setting is not None:
        setting = np.full(len(valves), parameters.setting)
    values: dict[str, Any] = {"setting": setting}
    bill: tuple[Any, ...] = ()
    if parameters.night_reduction is not None or parameters.night_setting is not None:
        night = np.maximum(setting - (parameters.night_reduction or 0.0), 0.0)
        if parameters.night_setting is not None:
            night = np.full(len(valves), parameters.night_setting)
        values |= {"night_setting": night, "night_from": parameters.start, "night_to": parameters.end}
        names = list(texts(valves, "valve_id")[done])
        bill = devices.CONTROLLER.bill(
            "pressure_reduction", "water_valves", names, context.factors, price=parameters.unit_cost
        )
    count = int((selected & ~done).sum())
    notes = (_("{count} valve(s) do not reduce pressure and stay as they are").format(count=count),) if count else ()
    return Measured(changed(layers, "water_valves", done, "pressure_reduction", values), bill, notes)


def remote_reading(layers: Layers, selected: Bools, parameters: RemoteReading, context: MeasureContext) -> Measured:
    """Fit a meter that is read remotely on each selected connection that has none."""
    connections = layers["water_connections"]
    done = selected & ~flags(connections, "remote_reading")
    new = changed(layers, "water_connections", done, "remote_reading", {"remote_reading": True})
    names = list(texts(connections, "connection_id")[done])
    bill = devices.METER.bill(
        "remote_reading",
        "water_connections",
        names,
        context.factors,
        price=parameters.unit_cost,
        fee=parameters.annual_fee,
    )
    return Measured(new, bill)


def pipe_renewal(layers: Layers, selected: Bools, parameters: PipeRenewal, context: MeasureContext) -> Measured:
    """Renew the selected pipes that burst the most, or whose bursts cost the most, until the limit is reached."""
    pipes = layers["water_pipes"]
    laid = numbers(pipes, "laid_year")
    year = parameters.year
    if year is None:
        known = laid[~np.isnan(laid)]
        year = int(known.max()) if len(known) else None
    now = float(year or USUAL_YEAR)
    if parameters.ranking == "risk":
        score = pipe_risk(layers, context.factors, now, VALVE_REACH).per_km
    else:
        score = bursts.burst_rates(pipes, context.factors, now)
    price = _or(parameters.cost, context, "renewal_price")
    km = numbers(pipes, "length") / 1000.0
    limit = parameters.length
    if parameters.share is not None:
        limit = parameters.share * float(km.sum())
    elif parameters.budget is not None:
        limit = parameters.budget / price if price else np.inf
    order = renewal_order(score, texts(pipes, "pipe_id"))
    done = np.zeros(len(pipes), dtype=bool)
    done[within(order[selected[order]], km, float(limit or 0.0))] = True
    new = changed(
        layers,
        "water_pipes",
        done,
        "pipe_renewal",
        {
            "material": parameters.material,
            "laid_year": float(year) if year is not None else np.nan,
            "burst_rate": np.nan,
            "roughness": _new_roughness(layers, context),
        },
    )
    length = float(km[done].sum())
    names = list(texts(pipes, "pipe_id")[done])
    items = devices.RENEWAL.bill("pipe_renewal", "water_pipes", names, context.factors, price=parameters.cost)
    # Its unit is the kilometre, not the pipe.
    bill = tuple(replace(item, count=length) for item in items)
    note = _("{count} pipe(s), {km} km, are renewed").format(count=len(names), km=format_number(length, 1))
    return Measured(new, bill, (note,))


def _new_roughness(layers: Layers, context: MeasureContext) -> Floats:
    """Return the roughness of renewed pipes: known for the Hazen-Williams formula only, unchanged for others."""
    settings = layers["water_settings"]
    named = dict(zip(texts(settings, "name"), texts(settings, "value"), strict=True))
    roughness = numbers(layers["water_pipes"], "roughness")
    if named.get("head_loss", "H-W") != "H-W":
        return roughness
    return np.full(len(roughness), context.factors.value("renewal_roughness"))


MEASURES = (
    Measure("acoustic_loggers", "Acoustic loggers", "water_pipes", AcousticLoggers, acoustic_loggers),
    Measure("sector_meters", "Sector meters with night-flow analysis", "water_sectors", SectorMeters, sector_meters),
    Measure("leak_survey", "Acoustic survey campaigns", "water_pipes", LeakSurvey, leak_survey),
    Measure("pressure_reduction", "Pressure reduction", "water_valves", PressureReduction, pressure_reduction),
    Measure("remote_reading", "Remote meter reading", "water_connections", RemoteReading, remote_reading),
    Measure("pipe_renewal", "Pipe renewal by risk", "water_pipes", PipeRenewal, pipe_renewal),
)
