"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, rows_of, texts
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import LocalText, _, format_number, sentences_in_all_languages
from jumeau.network import Layers, Prepared
from jumeau.networks.water import devices
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.burst_pressure import highest_pressures, relative_bursts
from jumeau.networks.water.physics.energy import WaterEnergy, water_energy
from jumeau.networks.water.physics.hearers import pipes_hearers
from jumeau.networks.water.physics.hydraulics import Hydraulics, digest, solve
from jumeau.networks.water.physics.search import leak_search, survey_intervals
from jumeau.networks.water.physics.served import Served
from jumeau.networks.water.physics.served import served as what_is_served
from jumeau.networks.water.physics.state import Family, Known, Orifices, State
from jumeau.networks.water.physics.volumes import REFERENCE
from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.simulation.delivery import Channel, Delivery
from jumeau.simulation.installed import InstalledDevices
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Factors that runs and outcomes read as they are.
_RATES = (
    "meter_error", "remote_meter_error", "unauthorised_use", "service_use", "unmetered_use", "retail_price",
    "decree_threshold", "decree_base", "repair_cost", "closing_share", "isolation_length", "survey_speed",
    "reading_interval", "alert_delay", "customer_delay", "customer_leak_flow",
)  # fmt: skip


@dataclass(frozen=True)
class _Pressures:
    """Where pipes stand in the hydraulics, and pressures; see `State`.

    `ends` is of shape (pipes, 2), `pipe` and `highest` (pipes,), `mean` and `minimum` (junctions,).
    """

    ends: Ints
    pipe: Floats
    highest: Floats
    mean: Floats
    minimum: Floats


def prepare(layers: Layers, assumptions: Assumptions, factors: FactorTable, world: World) -> Prepared:
    """Compute what does not depend on chance; see `State`."""
    pipes = layers["water_pipes"]
    # One run of EPANET per operating state: what hydraulics do not see (meters, loggers) does not ask for another.
    key = "water", "hydraulics", digest(layers, world.place.digests)
    hydraulics = world.place.memo.kept(key, lambda: solve(layers)) if len(pipes) else None
    hourly = hydraulics.consumption if hydraulics is not None else np.zeros(1)
    length = numbers(pipes, "length") / 1000.0
    served = what_is_served(layers, length, factors)
    pressures = _pressures(hydraulics, pipes)
    energy = water_energy(layers, hydraulics, factors)
    background = _background(length * numbers(pipes, "background_share"), served.connections, factors)
    exponent = factors.value("exponent_background")
    night_use = float(hourly.min()) * served.customers / max(float(served.customers.sum()), 1e-9)
    night_use += background * (pressures.pipe / REFERENCE) ** exponent
    state = State(
        hydraulics=hydraulics,
        ends=pressures.ends,
        street=texts(pipes, "street_id"),
        site=_sites(pipes, world),
        length=length,
        connections=served.connections,
        customers=served.customers,
        remote=served.remote,
        families=_families(layers, served.connections, length, pressures.highest, factors, world.clock.start.year)
        if assumptions.draw_leaks
        else (),
        search=replace(
            leak_search(layers, night_use, factors, assumptions.leak_finders),
            radio=_radio(world.delivery.get("water.acoustic_logger"), pipes),
            **_loggers(layers, factors, world),
        ),
        orifices=_orifices(pipes, factors),
        known=_known(pipes, assumptions, world.clock),
        background=background * float(assumptions.draw_leaks),
        background_exponent=exponent,
        emitted=_emitted(hydraulics, pressures.ends) * float(assumptions.emitters == "leaks"),
        offset=world.clock.start.weekday() * DAY,
        rates=_rates(pipes, factors, served, length, energy),
        consumption=(float(hourly.mean()) + _sold(hydraulics, assumptions)) * world.clock.duration / HOUR,
        customer_rate=served.connections * factors.value("customer_leaks") * float(assumptions.draw_leaks),
        pipe_pressure=pressures.pipe,
        junction_mean=pressures.mean,
        junction_minimum=pressures.minimum,
        mean_pressure=_mean_pressure(pressures.pipe, served.connections),
        low_pressure_customers=_low_pressure_customers(pressures, served.customers, factors),
        radio=_radio(world.delivery.get("water.remote_meter"), pipes),
    )
    lowered = served.customers * (numbers(pipes, "former_pressure", 0.0) > pressures.highest)
    short = _low_pressure_customers(pressures, lowered, factors)
    least = factors.value("minimum_service_pressure")
    notes = _notes(hydraulics, assumptions, energy)
    if short > 0.0:
        notes = (*notes, *sentences_in_all_languages(lambda: (_left_short(short, least),)))
    return Prepared(state, notes)


def _left_short(customers: float, least: float) -> str:
    return _("where pressure was lowered, {count} customer(s) have less than {least} m at some hour").format(
        count=format_number(customers), least=format_number(least)
    )


def _notes(hydraulics: Hydraulics | None, assumptions: Assumptions, energy: WaterEnergy) -> tuple[LocalText, ...]:
    """Return what EPANET warned of, what electricity is assumed, and what becomes of the water of emitters."""
    if hydraulics is None:
        return ()
    notes = hydraulics.notes
    if energy.pumps > 0.0 and energy.assumed:
        notes = (*notes, *sentences_in_all_languages(lambda: (_electricity(energy),)))
    flow = float(hydraulics.emitted.sum())
    if not flow:
        return notes

    def told() -> tuple[str, ...]:
        uses = {
            "apart": _("it counts neither as sold nor as lost"),
            "leaks": _("it counts as leaks"),
            "customers": _("it counts as consumption"),
        }
        text = _("emitters of the EPANET file give {flow} m3/h: {use} (`emitters` in the assumptions)")
        return (text.format(flow=format_number(flow, 1), use=uses[assumptions.emitters]),)

    return (*notes, *sentences_in_all_languages(told))


def _electricity(energy: WaterEnergy) -> str:
    return _(
        "electricity: {upstream} kWh/m3 of production ahead of the model, a usual figure for {count} source(s) without "
        "`upstream_energy`, and {pumps} kWh/m3 of the pumps of the model"
    ).format(upstream=format_number(energy.upstream, 3), count=energy.assumed, pumps=format_number(energy.pumps, 3))


def _sold(hydraulics: Hydraulics | None, assumptions: Assumptions) -> float:
    """Return the mean flow of emitters that stand for customers [m3/h]."""
    if hydraulics is None or assumptions.emitters != "customers":
        return 0.0
    return float(hydraulics.emitted.sum())


def _emitted(hydraulics: Hydraulics | None, ends: Ints) -> Floats:
    """Return the mean flow of emitters by pipe [m3/h]: the pipes at a junction share its emitter."""
    if hydraulics is None or not len(hydraulics.emitted):
        return np.zeros(len(ends))
    inside = ends >= 0
    count = np.bincount(ends[inside], minlength=len(hydraulics.emitted))
    share = hydraulics.emitted / np.maximum(count, 1)
    return np.asarray(np.where(inside, share[np.where(inside, ends, 0)], 0.0).sum(axis=1), dtype=np.float64)


def _sites(pipes: gpd.GeoDataFrame, world: World) -> Ints:
    if not len(pipes):
        return np.zeros(0, dtype=np.int64)
    return world.place.sites(_middles(pipes))


def _middles(pipes: gpd.GeoDataFrame) -> Floats:
    shapes = shapely.line_interpolate_point(pipes.geometry.to_numpy(), 0.5, normalized=True)
    return np.asarray(shapely.get_coordinates(shapes), dtype=np.float64)


def _radio(delivery: Delivery | None, pipes: gpd.GeoDataFrame) -> Channel | None:
    """Return the links of the devices nearest to the pipes; None where nothing is said of radio."""
    return None if delivery is None or not len(pipes) else delivery.nearest(_middles(pipes))


def _loggers(layers: Layers, factors: FactorTable, world: World) -> dict[str, Any]:
    """Return the loggers that may fail, and which of them hear each pipe."""
    junctions, pipes = layers["water_junctions"], layers["water_pipes"]
    rows = np.flatnonzero(flags(junctions, "logger"))
    names = texts(junctions, "node_id")
    shapes = junctions.geometry.to_numpy()[rows]
    found = InstalledDevices.at(devices.LOGGER, names, rows, shapes, factors, world)
    if found is None:
        return {}
    number = {str(name): place for place, name in enumerate(found.names)}
    return {"loggers": found, "hearers": pipes_hearers(pipes, number)}


def _pressures(hydraulics: Hydraulics | None, pipes: gpd.GeoDataFrame) -> _Pressures:
    """Return the junction rows at the ends of each pipe, and mean pressures of pipes and junctions."""
    if hydraulics is None:
        nothing = np.zeros(0)
        return _Pressures(np.zeros((0, 2), dtype=np.int64), nothing, nothing, nothing, nothing)
    ends = np.stack([rows_of(hydraulics.nodes, texts(pipes, name)) for name in ("from_node", "to_node")], axis=1)
    # A pipe that a valve closes at one end has the pressure of the other.
    closed, at = texts(pipes, "sector_boundary") == "closed", texts(pipes, "boundary_node")
    shut = np.stack([closed & (texts(pipes, name) == at) for name in ("from_node", "to_node")], axis=1)
    ends = np.where(shut, -1, ends)
    # Where one end is a tank or a source, the junction at the other end stands for both.
    ends = np.where(ends < 0, ends[:, ::-1], ends)
    mean = hydraulics.pressure.mean(axis=0).astype(np.float64)
    lowest = hydraulics.pressure.min(axis=0).astype(np.float64)
    both = np.where(ends < 0, 0, ends)
    pipe = np.where((ends < 0).all(axis=1), 0.0, np.maximum(mean[both].mean(axis=1), 0.0))
    highest = highest_pressures(hydraulics.pressure.astype(np.float64), ends.astype(np.int64))
    return _Pressures(ends.astype(np.int64), pipe, highest, mean, lowest)


def _background(length: Floats, connections: Floats, factors: FactorTable) -> Floats:
    """Return the background leakage of each pipe and its connections at 50 m of pressure [m3/h].

    `length` is that of a usual main that leaks as much [km].
    """
    private = factors.value("private_background") * factors.value("private_pipe_length") / 15.0
    return np.asarray(
        (length * factors.value("mains_background") + connections * (factors.value("service_background") + private))
        / 1000.0,
        dtype=np.float64,
    )


def _families(
    layers: Layers, connections: Floats, length: Floats, highest: Floats, factors: FactorTable, year: float
) -> tuple[Family, ...]:
    """Return the kinds of leaks with their rates, and what the highest pressure [m] makes of them."""
    pipes = layers["water_pipes"]
    former, least = numbers(pipes, "former_pressure"), factors.value("burst_pressure_floor")
    rate, _years = bursts.rates_from_repairs(pipes, layers["water_repairs"], factors, year)
    mains = rate * length
    # Connections age with the main that they leave.
    service = factors.value("service_bursts") * connections * bursts.condition(pipes, factors, year)
    private = factors.value("private_bursts") * connections * factors.value("private_pipe_length") / 15.0
    on_main, beside = factors.value("repair_hours_mains"), factors.value("repair_hours_service")

    def pair(name: str, rates: Floats, share: str, flows: tuple[str, str], hours: float) -> list[Family]:
        shows, main = factors.value(share), name == "mains"
        percent = factors.value("mains_burst_pressure" if main else "service_burst_pressure")
        relative = relative_bursts(highest, former, percent, least)
        return [
            Family(f"{name}_{kind}", kind == "hidden", rates * part, factors.value(flow), hours, main, relative)
            for kind, part, flow in zip(("reported", "hidden"), (shows, 1.0 - shows), flows, strict=True)
        ]

    return (
        *pair("mains", mains, "mains_reported_share", ("mains_reported_flow", "mains_hidden_flow"), on_main),
        *pair("service", service, "service_reported_share", ("service_flow", "service_flow"), beside),
        *pair("private", private, "private_reported_share", ("private_flow", "private_flow"), beside),
    )


def _orifices(pipes: gpd.GeoDataFrame, factors: FactorTable) -> Orifices:
    plastic = np.isin(bursts.materials(pipes), bursts.PLASTICS)
    return Orifices(
        exponent=np.where(plastic, factors.value("exponent_plastic"), factors.value("exponent_rigid")),
        coefficient=factors.value("discharge_coefficient"),
        spread=factors.value("size_spread"),
        growth=factors.value("growth_time"),
    )


def _rates(
    pipes: gpd.GeoDataFrame, factors: FactorTable, served: Served, length: Floats, energy: WaterEnergy
) -> dict[str, float]:
    rates = {name: factors.value(name) for name in _RATES}
    connections = float(served.connections.sum())
    remote = float((served.connections * served.remote).sum())
    share = remote / connections if connections else 0.0
    rounds = 365.0 / rates["reading_interval"]
    rates["meter_error"] = rates["meter_error"] * (1.0 - share) + rates["remote_meter_error"] * share
    rates["reading_hours"] = (connections - remote) * rounds / factors.value("reading_speed")
    rates["reading_km"] = float((length * (1.0 - served.remote))[served.connections > 0].sum()) * rounds
    rates["survey_km"] = float((length * 365.0 / survey_intervals(pipes, factors)).sum())
    rates["private_km"] = connections * factors.value("private_pipe_length") / 1000.0
    rates["energy_per_volume"] = energy.total
    return rates


def _mean_pressure(pressure: Floats, connections: Floats) -> float:
    """Return the mean pressure at connections [m], that of pipes where there are none."""
    if not len(pressure):
        return float("nan")
    return float(np.average(pressure, weights=connections if connections.any() else None))


def _low_pressure_customers(pressures: _Pressures, customers: Floats, factors: FactorTable) -> float:
    """Return the customers whose pressure falls below the minimum at some hour: half of a pipe's at each end."""
    if not len(customers):
        return 0.0
    ends = np.where(pressures.ends < 0, 0, pressures.ends)
    low = pressures.minimum[ends] < factors.value("minimum_service_pressure")
    return float((customers[:, None] / 2.0 * low).sum())


def _known(pipes: gpd.GeoDataFrame, assumptions: Assumptions, clock: Clock) -> Known:
    """Return the leaks that the scenario imposes."""
    row = rows_of(texts(pipes, "pipe_id"), [item.pipe for item in assumptions.known_leaks])
    lost = [item.pipe for item, place in zip(assumptions.known_leaks, row, strict=True) if place < 0]
    if lost:
        message = _("known_leaks: the layer « {layer} » has no pipe of that identifier").format(layer="water_pipes")
        raise InputError(Problem(message, layer="water_pipes", column="pipe_id", value=", ".join(lost)))

    def seconds(moment: Any) -> float:
        stamp = pd.Timestamp(moment).tz_localize(clock.timezone, ambiguous=True, nonexistent="shift_forward")
        return float((stamp.tz_convert("UTC") - clock.origin).total_seconds())

    start = np.array([seconds(item.start) for item in assumptions.known_leaks])
    peak = np.array([seconds(item.peak or item.start) for item in assumptions.known_leaks])
    end = np.array([seconds(item.end) if item.end else np.inf for item in assumptions.known_leaks])
    diameter = np.array([item.diameter / 1000.0 for item in assumptions.known_leaks])
    return Known(row.astype(np.int64), start, end, peak - start, diameter)
