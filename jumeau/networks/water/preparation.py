"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.bill import Bill
from jumeau.columns import flags, numbers, rows_of, texts, totals
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.network import Layers, Prepared
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.hydraulics import Hydraulics, digest, solve
from jumeau.networks.water.physics.state import Family, Known, Orifices, Search, State
from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.simulation.world import World
from jumeau.tables import FactorTable

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Factors that indicators read as they are.
_RATES = (
    "meter_error", "remote_meter_error", "unauthorised_use", "service_use", "unmetered_use", "marginal_cost",
    "retail_price", "performance_fee_rate", "decree_threshold", "decree_base", "electricity_price",
    "electricity_carbon", "repair_cost", "closing_share", "isolation_length", "survey_speed", "reading_interval",
    "alert_delay", "customer_delay", "customer_leak_flow",
)  # fmt: skip


def prepare(layers: Layers, assumptions: Assumptions, factors: FactorTable, bill: Bill, world: World) -> Prepared:
    """Compute what does not depend on chance; see `State`."""
    pipes = layers["water_pipes"]
    place = world.place
    year = float(world.clock.start.year)
    # One run of EPANET per operating state: what hydraulics do not see (meters, loggers) does not ask for another.
    hydraulics = place.memo(("water", "hydraulics", digest(layers)), lambda: solve(layers)) if len(pipes) else None
    length = numbers(pipes, "length") / 1000.0
    served = _served(layers, length, factors)
    pressure = _pressures(hydraulics, pipes)
    row, sectors = _sectors(layers)
    background = _background(length, served["connections"], factors)
    own = [item for item in bill if item.network == "water"]
    years = world.clock.years
    state = State(
        hydraulics=hydraulics,
        ends=pressure["ends"],
        street=texts(pipes, "street_id"),
        site=_sites(pipes, world),
        length=length,
        connections=served["connections"],
        customers=served["customers"],
        remote=served["remote"],
        material=bursts.materials(pipes),
        families=_families(layers, served["connections"], length, factors, year) if assumptions.draw_leaks else (),
        search=_search(layers, row, sectors, length, hydraulics, background, served, pressure, factors, assumptions),
        orifices=_orifices(pipes, factors),
        known=_known(pipes, assumptions, world.clock),
        drawn=assumptions.draw_leaks,
        background=background if assumptions.draw_leaks else np.zeros(len(pipes)),
        background_exponent=factors.value("exponent_background"),
        offset=_offset(world.clock),
        rates=_rates(pipes, factors, served, length, hydraulics),
        fixed=_fixed(layers, hydraulics, own, world, factors, served),
        fees=sum(item.annual for item in own) * years,
        customer_rate=served["connections"] * factors.value("customer_leaks") * float(assumptions.draw_leaks),
        sectors=sectors,
        pipe_pressure=pressure["pipe"],
        junction_mean=pressure["mean"],
        junction_minimum=pressure["minimum"],
    )
    return Prepared(state, hydraulics.notes if hydraulics is not None else ())


def _offset(clock: Clock) -> float:
    """Return the time from Monday at midnight to the period's start [s]."""
    return clock.start.weekday() * DAY


def _sites(pipes: gpd.GeoDataFrame, world: World) -> Ints:
    if not len(pipes):
        return np.zeros(0, dtype=np.int64)
    middle = shapely.get_coordinates(shapely.line_interpolate_point(pipes.geometry.to_numpy(), 0.5, normalized=True))
    return world.place.sites(middle)


def _served(layers: Layers, length: Floats, factors: FactorTable) -> dict[str, Floats]:
    """Return connections, customers and the share of meters read remotely of each pipe."""
    pipes, connections = layers["water_pipes"], layers["water_connections"]
    if len(connections):
        row = rows_of(texts(pipes, "pipe_id"), texts(connections, "pipe_id"))
        fed = row >= 0
        count = np.bincount(row[fed], minlength=len(pipes)).astype(np.float64)
        customers = totals(row[fed], numbers(connections, "customers", 1.0)[fed], len(pipes))
        remote = totals(row[fed], flags(connections, "remote_reading")[fed], len(pipes))
        share = np.divide(remote, count, out=np.zeros(len(pipes)), where=count > 0)
        return {"connections": count, "customers": customers, "remote": share}
    count = numbers(pipes, "connections")
    usual = length * factors.value("subscribers_density")
    # Transport mains feed no customer; a stated count, even zero, stands.
    usual = np.where(texts(pipes, "function") == "transport", 0.0, usual)
    count = np.where(np.isnan(count), usual, count)
    return {"connections": count, "customers": count, "remote": np.zeros(len(pipes))}


def _pressures(hydraulics: Hydraulics | None, pipes: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the junction rows at the ends of each pipe, and mean pressures of pipes and junctions."""
    if hydraulics is None:
        nothing = np.zeros(0)
        return {"ends": np.zeros((0, 2), dtype=np.int64), "pipe": nothing, "mean": nothing, "minimum": nothing}
    ends = np.stack([rows_of(hydraulics.nodes, texts(pipes, name)) for name in ("from_node", "to_node")], axis=1)
    # Where one end is a tank or a source, the junction at the other end stands for both.
    ends = np.where(ends < 0, ends[:, ::-1], ends)
    mean = hydraulics.pressure.mean(axis=0).astype(np.float64)
    lowest = hydraulics.pressure.min(axis=0).astype(np.float64)
    both = np.where(ends < 0, 0, ends)
    pipe = np.where((ends < 0).all(axis=1), 0.0, np.maximum(mean[both].mean(axis=1), 0.0))
    return {"ends": ends.astype(np.int64), "pipe": pipe, "mean": mean, "minimum": lowest}


def _sectors(layers: Layers) -> tuple[Ints, int]:
    """Return the sector row of each pipe, -1 for none, and the number of sectors."""
    sectors, pipes = layers["water_sectors"], layers["water_pipes"]
    if not len(sectors):
        return np.full(len(pipes), -1, dtype=np.int64), 0
    row = rows_of(texts(sectors, "sector_id"), texts(pipes, "sector_id"))
    return row, len(sectors)


def _background(length: Floats, connections: Floats, factors: FactorTable) -> Floats:
    """Return the background leakage of each pipe and its connections at 50 m of pressure [m3/h]."""
    private = factors.value("private_background") * factors.value("private_pipe_length") / 15.0
    return np.asarray(
        (length * factors.value("mains_background") + connections * (factors.value("service_background") + private))
        / 1000.0,
        dtype=np.float64,
    )


def _families(
    layers: Layers, connections: Floats, length: Floats, factors: FactorTable, year: float
) -> tuple[Family, ...]:
    """Return the kinds of leaks with their rates."""
    pipes = layers["water_pipes"]
    rate, _years = bursts.rates_from_repairs(pipes, layers["water_repairs"], factors, year)
    mains = rate * length
    # Connections age with the main that they leave.
    service = factors.value("service_bursts") * connections * bursts.condition(pipes, factors, year)
    private = factors.value("private_bursts") * connections * factors.value("private_pipe_length") / 15.0
    on_main, beside = factors.value("repair_hours_mains"), factors.value("repair_hours_service")

    def pair(name: str, rates: Floats, share: float, flows: tuple[float, float], hours: float) -> list[Family]:
        main = name == "mains"
        return [
            Family(f"{name}_reported", hidden=False, rate=rates * share, flow=flows[0], site_hours=hours, mains=main),
            Family(
                f"{name}_hidden", hidden=True, rate=rates * (1.0 - share), flow=flows[1], site_hours=hours, mains=main
            ),
        ]

    flow = factors.value("service_flow")
    return (
        *pair(
            "mains",
            mains,
            factors.value("mains_reported_share"),
            (factors.value("mains_reported_flow"), factors.value("mains_hidden_flow")),
            on_main,
        ),
        *pair("service", service, factors.value("service_reported_share"), (flow, flow), beside),
        *pair(
            "private",
            private,
            factors.value("private_reported_share"),
            (factors.value("private_flow"), factors.value("private_flow")),
            beside,
        ),
    )


def _search(
    layers: Layers,
    row: Ints,
    sectors: int,
    length: Floats,
    hydraulics: Hydraulics | None,
    background: Floats,
    served: dict[str, Floats],
    pressure: dict[str, Any],
    factors: FactorTable,
    assumptions: Assumptions,
) -> Search:
    pipes = layers["water_pipes"]
    material = bursts.materials(pipes)
    metal = np.isin(material, bursts.METALS)
    sensitivity = np.where(
        metal, factors.value("survey_sensitivity_metal"), factors.value("survey_sensitivity_plastic")
    )
    inside = row >= 0
    total = totals(row[inside], length[inside], sectors)
    place, share = _walk(pipes, row, total, length)
    night = _night_flow(row, sectors, hydraulics, background, served, pressure, factors)
    metered = flags(layers["water_sectors"], "metered") if sectors else np.zeros(0, dtype=bool)
    return Search(
        interval=_intervals(pipes, factors),
        sensitivity=sensitivity,
        listened=numbers(pipes, "listened", 0.0) * factors.value("logger_sensitivity"),
        report_delay=factors.value("report_delay"),
        surfacing=factors.value("surfacing_time") * 365.0,
        logger_delay=factors.value("logger_delay"),
        sector_delay=factors.value("sector_delay"),
        locate_hours=factors.value("locate_hours"),
        notice_visible=factors.value("notice_visible"),
        notice_hidden=factors.value("notice_hidden"),
        speed=factors.value("survey_speed"),
        finders=assumptions.leak_finders,
        sector=row,
        metered=metered,
        threshold=np.maximum(night * factors.value("sector_threshold"), factors.value("sector_threshold_floor")),
        place=place,
        share=share,
        length=total,
        history=factors.value("leak_history") * 365.0 * DAY,
    )


def _walk(pipes: gpd.GeoDataFrame, row: Ints, total: Floats, length: Floats) -> tuple[Floats, Floats]:
    """Return where each pipe starts in the walk through its sector, and its share of it.

    The walk goes through the sector by streets, in the order of their identifiers.
    """
    place, share = np.zeros(len(pipes)), np.zeros(len(pipes))
    order = np.lexsort((texts(pipes, "pipe_id").astype(str), texts(pipes, "street_id").astype(str), row))
    order = order[row[order] >= 0]
    ahead = np.cumsum(length[order]) - length[order]
    first = np.unique(row[order], return_index=True)[1]
    start = np.zeros(len(total))
    start[row[order][first]] = ahead[first]
    place[order] = (ahead - start[row[order]]) / total[row[order]]
    share[order] = length[order] / total[row[order]]
    return place, share


def _night_flow(
    row: Ints,
    sectors: int,
    hydraulics: Hydraulics | None,
    background: Floats,
    served: dict[str, Floats],
    pressure: dict[str, Any],
    factors: FactorTable,
) -> Floats:
    """Return the minimum night flow of each sector [m3/h]: consumption of its customers and background leakage."""
    if hydraulics is None or not sectors:
        return np.zeros(sectors)
    inside = row >= 0
    customers = totals(row[inside], served["customers"][inside], sectors)
    part = customers / max(float(served["customers"].sum()), 1e-9)
    night = float(hydraulics.consumption.min()) * part
    leak = background * (np.maximum(pressure["pipe"], 0.0) / 50.0) ** factors.value("exponent_background")
    return np.asarray(night + totals(row[inside], leak[inside], sectors), dtype=np.float64)


def _orifices(pipes: gpd.GeoDataFrame, factors: FactorTable) -> Orifices:
    plastic = np.isin(bursts.materials(pipes), bursts.PLASTICS)
    return Orifices(
        exponent=np.where(plastic, factors.value("exponent_plastic"), factors.value("exponent_rigid")),
        coefficient=factors.value("discharge_coefficient"),
        spread=factors.value("size_spread"),
        growth=factors.value("growth_time"),
    )


def _intervals(pipes: gpd.GeoDataFrame, factors: FactorTable) -> Floats:
    """Return the time between two surveys of each pipe [day]."""
    return numbers(pipes, "survey_interval", factors.value("survey_interval"))


def _rates(
    pipes: gpd.GeoDataFrame,
    factors: FactorTable,
    served: dict[str, Floats],
    length: Floats,
    hydraulics: Hydraulics | None,
) -> dict[str, float]:
    rates = {name: factors.value(name) for name in _RATES}
    connections = float(served["connections"].sum())
    remote = float((served["connections"] * served["remote"]).sum())
    share = remote / connections if connections else 0.0
    rounds = 365.0 / rates["reading_interval"]
    rates["meter_error"] = rates["meter_error"] * (1.0 - share) + rates["remote_meter_error"] * share
    rates["reading_hours"] = (connections - remote) * rounds / factors.value("reading_speed")
    rates["reading_km"] = float((length * (1.0 - served["remote"]))[served["connections"] > 0].sum()) * rounds
    rates["survey_km"] = float((length * 365.0 / _intervals(pipes, factors)).sum())
    rates["private_km"] = connections * factors.value("private_pipe_length") / 1000.0
    pumped = hydraulics.energy_per_volume(factors.value("pump_efficiency")) if hydraulics is not None else 0.0
    rates["energy_per_volume"] = pumped if pumped > 0.0 else factors.value("specific_energy")
    return rates


def _fixed(
    layers: Layers,
    hydraulics: Hydraulics | None,
    own: list[Any],
    world: World,
    factors: FactorTable,
    served: dict[str, Floats],
) -> dict[str, float]:
    found = {
        "investment": sum(item.investment for item in own),
        "embodied_carbon": sum(item.embodied for item in own),
        "consumption": 0.0,
        "mean_pressure": float("nan"),
        "low_pressure_customers": 0.0,
    }
    if hydraulics is None:
        return found
    hours = world.clock.duration / HOUR
    found["consumption"] = float(hydraulics.consumption.mean()) * hours
    pressures = _pressures(hydraulics, layers["water_pipes"])
    weight = served["connections"]
    found["mean_pressure"] = float(np.average(pressures["pipe"], weights=weight if weight.any() else None))
    floor = factors.value("minimum_service_pressure")
    ends = np.where(pressures["ends"] < 0, 0, pressures["ends"])
    low = pressures["minimum"][ends] < floor
    found["low_pressure_customers"] = float((served["customers"][:, None] / 2.0 * low).sum())
    return found


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
