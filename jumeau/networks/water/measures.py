"""The measures: pure functions from the layers of the water network to new ones, and a bill."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import changed, flags, numbers, rows_of, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau.networks.water import devices
from jumeau.networks.water.parameters import (
    AcousticLoggers,
    LeakSurvey,
    PipeRenewal,
    PressureReduction,
    PressureValve,
    RemoteReading,
    SectorMeters,
    StepTests,
)
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.hearers import hearer_names, hearer_text
from jumeau.networks.water.physics.logger_graph import logger_graph
from jumeau.networks.water.physics.loggers import place_loggers, stand_loggers
from jumeau.networks.water.physics.renewal import renewal_order
from jumeau.networks.water.pressure_measures import pressure_reduction, pressure_valve
from jumeau.networks.water.sector_meters import sector_meters
from jumeau.networks.water.studies.renewal import USUAL_YEAR, VALVE_REACH, pipe_risk

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Power of flow and of the coefficient in the formula of Hazen and Williams.
HAZEN_WILLIAMS = 1.852


def _or(given: float | None, context: MeasureContext, name: str) -> float:
    return context.factors.value(name) if given is None else given


def acoustic_loggers(layers: Layers, selected: Bools, parameters: AcousticLoggers, context: MeasureContext) -> Measured:
    """Place loggers at junctions so that the selected pipes are heard."""
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    graph, linked = logger_graph(
        layers,
        _or(parameters.range_metal, context, "logger_range_metal"),
        _or(parameters.range_plastic, context, "logger_range_plastic"),
    )
    length = numbers(pipes, "length")
    failing = _or(parameters.failing_share, context, "logger_failing_share")
    if parameters.sites:
        found = stand_loggers(graph, selected[linked], _sites(junctions, parameters.sites), failing)
    else:
        found = place_loggers(graph, selected[linked], parameters.coverage, parameters.count, failing)
    listened = numbers(pipes, "listened")
    working, heard = np.zeros(len(pipes)), np.zeros(len(pipes))
    working[linked], heard[linked] = found.working, found.heard
    # Loggers of an earlier measure and these fail independently.
    both = 1.0 - (1.0 - listened) * (1.0 - working)
    named = texts(junctions, "node_id")
    hearers = texts(pipes, "listeners").copy()
    for pipe, nodes in zip(np.flatnonzero(linked), found.hearers, strict=True):
        hearers[pipe] = hearer_text((*hearer_names(hearers[pipe]), *(str(named[node]) for node in nodes)))
    values = {"listened": both, "listeners": hearers}
    new = changed(layers, "water_pipes", selected, "acoustic_loggers", values)
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


def _sites(junctions: gpd.GeoDataFrame, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the rows of junctions, each once.

    Raises
    ------
    InputError
        When there is no such junction.
    """
    wanted = list(dict.fromkeys(names))
    found = rows_of(texts(junctions, "node_id"), wanted)
    lost = tuple(name for name, row in zip(wanted, found, strict=True) if row < 0)
    if lost:
        message = _("`sites`: the layer « {layer} » has no node of that identifier").format(layer="water_junctions")
        raise InputError(Problem(message, layer="water_junctions", column="node_id", features=lost))
    return found.astype(np.int64)


def step_tests(layers: Layers, selected: Bools, parameters: StepTests, context: MeasureContext) -> Measured:
    """Test the selected sectors step by step once their meter sounds; valves are there, the work is counted."""
    step = _or(parameters.step_length, context, "step_length")
    blind = int((selected & ~flags(layers["water_sectors"], "metered")).sum())
    text = _("{count} sector(s) have no meter: nothing calls for a step test there")
    notes = (text.format(count=blind),) if blind else ()
    return Measured(changed(layers, "water_sectors", selected, "step_tests", {"step_length": step}), (), notes)


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
    note = _("the territory has no service connections to read: build it again, they are imputed from demands")
    return Measured(new, bill, () if len(connections) else (note,))


def pipe_renewal(layers: Layers, selected: Bools, parameters: PipeRenewal, context: MeasureContext) -> Measured:
    """Renew the pipes that burst the most, or whose bursts cost the most, up to the limit: the last one in part."""
    pipes, factors = layers["water_pipes"], context.factors
    laid = numbers(pipes, "laid_year")
    year = parameters.year
    if year is None:
        known = laid[~np.isnan(laid)]
        year = int(known.max()) if len(known) else None
    now = float(year or USUAL_YEAR)
    rate = bursts.burst_rates(pipes, factors, now)
    score = pipe_risk(layers, factors, now, VALVE_REACH).per_km if parameters.ranking == "risk" else rate
    km = numbers(pipes, "length") / 1000.0
    order = renewal_order(score, texts(pipes, "pipe_id"))
    order = order[selected[order]]
    part = np.zeros(len(pipes))
    part[order] = _parts(km[order], _limit(parameters, float(km.sum()), context))
    done, whole = part > 0.0, part == 1.0
    laid_year = float(year) if year is not None else np.nan
    stock = pipes.assign(material=parameters.material, laid_year=laid_year, burst_rate=np.nan)
    as_new = bursts.burst_rates(stock, factors, now)
    background = numbers(pipes, "background_share")
    new = changed(
        layers,
        "water_pipes",
        done,
        "pipe_renewal",
        {
            # What is left of a pipe keeps its name, material and year; the rates are those of both parts together.
            "material": np.where(whole, parameters.material, texts(pipes, "material")).astype(object),
            "laid_year": np.where(whole, laid_year, laid),
            "burst_rate": np.where(whole, np.nan, (1.0 - part) * rate + part * as_new),
            "roughness": _new_roughness(layers, part, context),
            "background_share": (1.0 - part) * background + part * factors.value("renewal_background"),
        },
    )
    length = float((km * part).sum())
    names = list(texts(pipes, "pipe_id")[done])
    items = devices.RENEWAL.bill("pipe_renewal", "water_pipes", names, factors, price=parameters.cost)
    # Its unit is the kilometre, not the pipe.
    bill = tuple(replace(item, count=length) for item in items)
    note = _("{count} pipe(s), {km} km, are renewed: {share} % of the network").format(
        count=len(names),
        km=format_number(length, 2),
        share=format_number(100.0 * length / max(float(km.sum()), 1e-9), 2),
    )
    return Measured(new, bill, (note,))


def _limit(parameters: PipeRenewal, km: float, context: MeasureContext) -> float:
    """Return the length to renew, of a network of some length [km]."""
    if parameters.length is not None:
        return parameters.length
    if parameters.share is not None:
        return parameters.share * km
    if parameters.rate is not None:
        return parameters.rate * parameters.years * km
    price = _or(parameters.cost, context, "renewal_price")
    return float(parameters.budget or 0.0) / price if price else np.inf


def _parts(km: Floats, limit: float) -> Floats:
    """Return the share of each pipe that is renewed, in their order, until a length is reached [km]."""
    before = np.cumsum(km) - km
    found = np.clip((limit - before) / np.maximum(km, 1e-12), 0.0, 1.0)
    # A pipe but for rounding is a whole one, and what is no metre is nothing.
    found = np.where(found > 1.0 - 1e-9, 1.0, found)
    return np.asarray(np.where(found * km < 1e-9, 0.0, found), dtype=np.float64)


def _new_roughness(layers: Layers, part: Floats, context: MeasureContext) -> Floats:
    """Return the roughness of pipes renewed in part: known for the Hazen-Williams formula only, unchanged for others.

    Head losses of the two parts add up: the coefficient is that of one pipe with their sum.
    """
    settings = layers["water_settings"]
    named = dict(zip(texts(settings, "name"), texts(settings, "value"), strict=True))
    roughness = numbers(layers["water_pipes"], "roughness")
    if named.get("head_loss", "H-W") != "H-W":
        return roughness
    new = context.factors.value("renewal_roughness")
    loss = (1.0 - part) * roughness**-HAZEN_WILLIAMS + part * new**-HAZEN_WILLIAMS
    return np.asarray(np.where(part == 1.0, new, loss ** (-1.0 / HAZEN_WILLIAMS)), dtype=np.float64)


MEASURES = (
    Measure("acoustic_loggers", "Acoustic loggers", "water_pipes", AcousticLoggers, acoustic_loggers),
    Measure("sector_meters", "Sector meters with night-flow analysis", "water_sectors", SectorMeters, sector_meters),
    Measure("step_tests", "Step tests of sectors", "water_sectors", StepTests, step_tests),
    Measure("leak_survey", "Acoustic survey campaigns", "water_pipes", LeakSurvey, leak_survey),
    Measure("pressure_reduction", "Pressure reduction", "water_valves", PressureReduction, pressure_reduction),
    Measure("pressure_valve", "Reducing valves at the entry of a zone", "water_pipes", PressureValve, pressure_valve),
    Measure("remote_reading", "Remote meter reading", "water_connections", RemoteReading, remote_reading),
    Measure("pipe_renewal", "Pipe renewal by risk", "water_pipes", PipeRenewal, pipe_renewal),
)
