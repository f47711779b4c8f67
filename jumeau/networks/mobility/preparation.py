"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing import parent_process

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import Bill
from jumeau.columns import numbers, rows_of, texts
from jumeau.i18n import LocalText, _, format_number, sentences_in_all_languages
from jumeau.network import Layers, Prepared
from jumeau.networks.mobility.calibration import Fit, counts_of
from jumeau.networks.mobility.day import HOURS, workday_scale
from jumeau.networks.mobility.emissions import rates
from jumeau.networks.mobility.measures import acts_on_traffic, observed
from jumeau.networks.mobility.parameters import Assumptions
from jumeau.networks.mobility.parking_supply import blocks_of
from jumeau.networks.mobility.state import Blocks, Day, Fleet, State, Station
from jumeau.networks.mobility.supply import Supply, supply_of
from jumeau.networks.mobility.synthesis import demand_of
from jumeau.networks.mobility.totals import QUANTITIES, SCALES, Meter, table_of
from jumeau.networks.mobility.traffic import Reference, Scene, changed_day, reference_of
from jumeau.simulation.world import World
from jumeau.tables import FactorTable
from jumeau.territory.model import layer_digest

Floats = NDArray[np.float64]

#: Layers that decide the traffic.
TRAFFIC = ("traffic_links", "traffic_zones", "traffic_signals", "traffic_demand", "parking")

#: Networks of so many links times zones are worth a second thread.
_LARGE = 200_000

#: Factors that decide nothing of a day of traffic, beside prices, lives and emissions.
_ASIDE = frozenset(
    (
        "petrol_energy", "diesel_energy", "energy_scale", "electric_ratio", "adaptive_power", "session_rate",
        "session_energy", "charging_patience", "fleet_distance", "fine", "control_share", "pump_ratio",
        "daily_variation", "access_decay", "van_share",
    )
)  # fmt: skip

_SHARED = ("diesel_price", "diesel_carbon")


def prepare(layers: Layers, assumptions: Assumptions, factors: FactorTable, bill: Bill, world: World) -> Prepared:
    """Compute what does not depend on chance; see `State`."""
    values = {name: factor.value for name, factor in factors.items()}
    values |= {name: world.factors.value(name) for name in _SHARED}
    own = [item for item in bill if item.network == "mobility"]
    fixed = {
        "investment": sum(item.investment for item in own),
        "embodied_carbon": sum(item.embodied for item in own),
    }
    fees = sum(item.annual for item in own) * world.clock.years
    rows = {name: len(frame) for name, frame in layers.items()}
    fleet, stations = _fleet(layers["vehicle_fleets"], values), _stations(layers["charge_points"])
    if not len(layers["traffic_links"]) or not len(layers["traffic_zones"]):
        return Prepared(_nothing(layers, values, fixed, fees, fleet, stations, rows))
    reference = _reference(observed(layers), values, assumptions, world)
    if acts_on_traffic(layers):
        day, blocks, supply = world.place.memo(
            _key("changed", layers, values, assumptions), lambda: _changed(layers, values, assumptions, reference)
        )
    else:
        day, blocks, supply = reference.day, reference.blocks, reference.supply
    share = _electric(layers["vehicle_fleets"])
    meter = Meter(supply, rates(values, share), values)
    table = table_of(meter, day.flow, day.cruising, day.lights)
    state = State(
        supply=supply,
        day=day,
        blocks=blocks,
        stations=stations,
        fleet=fleet,
        scales=SCALES,
        table=table,
        workday=workday_scale(values),
        delay=_delay(supply, day),
        street_delay=_street_delay(supply, day, world),
        values=values,
        fixed=fixed
        | _access(layers["traffic_zones"], supply, day, values)
        | {"light_delay": _light_delay(supply, day)}
        | _fit(layers, supply, day, values),
        assets=_assets(layers, supply, day, meter),
        fees=fees,
        parking_days=assumptions.parking_days,
        rows=rows,
    )
    return Prepared(state, _notes(state))


def _scene(layers: Layers, values: Mapping[str, float], assumptions: Assumptions) -> Scene:
    supply = supply_of(layers, values)
    # Processes of a campaign have a core each; the first one has them all.
    large = len(supply.links) * len(supply.zones) > _LARGE
    threads = min(os.cpu_count() or 1, 4) if large and parent_process() is None else 1
    trips = demand_of(layers["traffic_demand"], supply)
    return Scene(layers, supply, values, trips, assumptions.gap, threads, assumptions.trucks_apart)


def _reference(layers: Layers, values: Mapping[str, float], assumptions: Assumptions, world: World) -> Reference:
    """Return the observed situation, computed once for all variants of the same layers and factors."""
    key = _key("reference", layers, values, assumptions)
    return world.place.memo(key, lambda: reference_of(_scene(layers, values, assumptions)))


def _changed(
    layers: Layers, values: Mapping[str, float], assumptions: Assumptions, reference: Reference
) -> tuple[Day, Blocks, Supply]:
    scene = _scene(layers, values, assumptions)
    return (*changed_day(scene, reference), scene.supply)


def _key(name: str, layers: Layers, values: Mapping[str, float], assumptions: Assumptions) -> tuple[object, ...]:
    """Return all that decides a day of traffic: draws of prices and the like share it."""
    decide = tuple((key, value) for key, value in sorted(values.items()) if not _is_aside(key))
    return (
        "mobility",
        name,
        tuple(layer_digest(layers[layer]) for layer in TRAFFIC),
        decide,
        assumptions.gap,
        assumptions.trucks_apart,
    )


def _is_aside(factor: str) -> bool:
    return factor in _ASIDE or factor.endswith(("_price", "_fee", "_life", "_carbon", "_messages"))


def _nothing(
    layers: Layers,
    values: dict[str, float],
    fixed: dict[str, float],
    fees: float,
    fleet: Fleet,
    stations: tuple[Station, ...],
    rows: dict[str, int],
) -> State:
    """Return the state of a territory without streets."""
    return State(
        supply=None,
        day=None,
        blocks=_no_blocks(layers, values),
        stations=stations,
        fleet=fleet,
        scales=SCALES,
        table=np.zeros((HOURS, len(SCALES), len(QUANTITIES))),
        workday=1.0,
        delay=np.ones(HOURS),
        street_delay=np.zeros((HOURS, 0)),
        values=values,
        fixed=fixed | dict.fromkeys(("access", "access_worst", "light_delay", "count_r2", "count_geh"), float("nan")),
        assets={},
        fees=fees,
        parking_days=0,
        rows=rows,
    )


def _no_blocks(layers: Layers, values: dict[str, float]) -> Blocks:
    empty = {name: layers[name].iloc[:0] for name in ("traffic_links", "traffic_zones", "traffic_signals", "parking")}
    return blocks_of(empty, supply_of(empty, values), values)


def _stations(frame: gpd.GeoDataFrame) -> tuple[Station, ...]:
    names, use = texts(frame, "station_id"), texts(frame, "use", "public")
    points, power = numbers(frame, "points", 1.0), numbers(frame, "power", 22.0)
    return tuple(
        Station(str(names[row]), use[row] == "depot", int(points[row]), float(power[row])) for row in range(len(frame))
    )


def _electric(frame: gpd.GeoDataFrame) -> float | None:
    """Return the share of electric vehicles among those of residents; None where it is not told."""
    private = texts(frame, "owner", "private") == "private"
    vehicles = np.where(private, numbers(frame, "vehicles", 0.0), 0.0)
    share = numbers(frame, "new_electric", numbers(frame, "electric"))
    known = private & ~np.isnan(share) & (vehicles > 0.0)
    return float(np.average(share[known], weights=vehicles[known])) if known.any() else None


def _fleet(frame: gpd.GeoDataFrame, values: Mapping[str, float]) -> Fleet:
    municipal = texts(frame, "owner", "private") == "municipal"
    vehicles = numbers(frame, "vehicles", 0.0)
    share = np.nan_to_num(numbers(frame, "new_electric", numbers(frame, "electric", 0.0)))
    ways = numbers(frame, "distance", values["fleet_distance"])
    town = float(vehicles[municipal].sum())
    private = float((vehicles * share)[~municipal].sum())
    return Fleet(
        town,
        float((vehicles * share)[municipal].sum()),
        float(np.average(ways[municipal], weights=vehicles[municipal])) if town > 0.0 else 0.0,
        private * values["session_rate"],
    )


def _delay(supply: Supply, day: Day) -> Floats:
    """Return the time on the streets of each hour over that on empty ones, shape (24,)."""
    street = ~supply.connector
    flow = day.flow.sum(axis=1)[:, street]
    free = flow @ supply.links.free_time[street]
    spent = (flow * day.time[:, street]).sum(axis=1)
    return np.asarray(np.divide(spent, free, out=np.ones(HOURS), where=free > 0.0))


def _street_delay(supply: Supply, day: Day, world: World) -> Floats:
    """Return the same by row of the layer `streets`, the mean of both directions, shape (24, streets)."""
    if world.place.streets is None:
        return np.ones((HOURS, 0))
    names = texts(world.place.streets, "street_id")
    row = rows_of(names.astype(str), supply.street.astype(str))
    known = (row >= 0) & ~supply.connector
    found = np.ones((HOURS, len(names)))
    free = np.bincount(row[known], supply.links.free_time[known], len(names))
    for hour in range(HOURS):
        spent = np.bincount(row[known], day.time[hour][known], len(names))
        found[hour] = np.divide(spent, free, out=np.ones(len(names)), where=free > 0.0)
    return found


def _access(zones: gpd.GeoDataFrame, supply: Supply, day: Day, values: Mapping[str, float]) -> dict[str, float]:
    """Return the jobs that residents reach by car, and those of the tenth of residents who reach the fewest."""
    each = access_of(zones, supply, day, values)
    people = np.nan_to_num(numbers(zones, "residents", 0.0))[supply.zone_row]
    if people.sum() <= 0.0:
        return {"access": 0.0, "access_worst": 0.0}
    order = np.argsort(each, kind="stable")
    before = np.cumsum(people[order]) - people[order]
    part = np.clip(0.1 * people.sum() - before, 0.0, people[order])
    return {
        "access": float(np.average(each, weights=people)),
        "access_worst": float((each[order] * part).sum() / part.sum()),
    }


def access_of(zones: gpd.GeoDataFrame, supply: Supply, day: Day, values: Mapping[str, float]) -> Floats:
    """Return the jobs that each zone reaches by car, fewer the longer the way, shape (zones,).

    References
    ----------
    W. G. Hansen, "How accessibility shapes land use", Journal of the American Institute of Planners 25, 1959.
    """
    jobs = np.nan_to_num(numbers(zones, "jobs", 0.0))[supply.zone_row]
    return np.asarray(np.exp(-values["access_decay"] * day.cost) @ jobs)


def _assets(layers: Layers, supply: Supply, day: Day, meter: Meter) -> dict[str, dict[str, Floats]]:
    """Return figures of links, zones and crossings of a mean working day."""
    size = len(layers["traffic_links"])
    street = ~supply.connector
    light, heavy = day.flow[:, 0], day.flow[:, 1] / meter.values["heavy_units"]
    vehicles = light + heavy
    peak = int(np.argmax(vehicles[:, street].sum(axis=1)))
    carbon = np.zeros(len(supply.links))
    nox = np.zeros(len(supply.links))
    for hour in range(HOURS):
        taken = meter.by_link(day.flow[hour], day.time[hour])
        carbon += carbon_of(taken[3:6], meter.values)
        nox += taken[6]
    hours = (vehicles * (day.time - supply.links.free_time)).sum(axis=0) / 3600.0
    figures = {
        "vehicles": vehicles.sum(axis=0),
        "peak_vehicles": vehicles[peak],
        "peak_speed": supply.length / day.time[peak] * 3.6,
        "saturation": day.flow[peak].sum(axis=0) / _capacity(supply, day, peak),
        "delay": hours,
        "carbon": carbon,
        "nox": nox / 1000.0,
    }
    links = {}
    for name, value in figures.items():
        found = np.full(size, np.nan)
        found[supply.row[street]] = value[street]
        links[name] = found
    counts = counts_of(layers["traffic_counts"], layers["traffic_links"], supply)
    if len(counts):
        residual = np.full(size, np.nan)
        modelled = counts.modelled(vehicles.sum(axis=0) / workday_scale(meter.values))
        for place in (counts.first, np.where(counts.second >= 0, counts.second, counts.first)):
            residual[supply.row[place]] = modelled - counts.vehicles
        links["count_residual"] = residual
    zones = np.full(len(layers["traffic_zones"]), np.nan)
    inside = texts(layers["traffic_zones"], "kind", "internal") == "internal"
    zones[supply.zone_row] = access_of(layers["traffic_zones"], supply, day, meter.values)
    zones[~inside] = np.nan
    waited, passed = _lights(supply, day, len(layers["traffic_signals"]))
    mean = np.divide(waited, passed, out=np.full(len(waited), np.nan), where=passed > 0.0)
    return {"traffic_links": links, "traffic_zones": {"access": zones}, "traffic_signals": {"delay": mean}}


def _lights(supply: Supply, day: Day, count: int) -> tuple[Floats, Floats]:
    """Return the time that vehicles wait at each crossing on a working day [s], and how many pass it."""
    waited, passed = np.zeros(count), np.zeros(count)
    entering = np.flatnonzero(supply.lights >= 0)
    for hour, made in enumerate(day.lights):
        if made is None or not len(entering):
            continue
        flow = day.flow[hour].sum(axis=0)
        late = made.delay(flow + day.cruising[hour])[entering]
        np.add.at(waited, supply.lights[entering], late * flow[entering])
        np.add.at(passed, supply.lights[entering], flow[entering])
    return waited, passed


def _light_delay(supply: Supply, day: Day) -> float:
    """Return the mean wait at the lights [s]; none where there are none."""
    waited, passed = _lights(supply, day, int(supply.lights.max(initial=-1)) + 1)
    return float(waited.sum() / passed.sum()) if passed.sum() > 0.0 else float("nan")


def _fit(layers: Layers, supply: Supply, day: Day, values: Mapping[str, float]) -> dict[str, float]:
    """Return how well flows meet the counts on which nothing was calibrated."""
    counts = counts_of(layers["traffic_counts"], layers["traffic_links"], supply)
    flow = day.flow[:, 0] + day.flow[:, 1] / values["heavy_units"]
    daily = Fit.of(counts.modelled(flow.sum(axis=0) / workday_scale(values))[counts.held_out],
                   counts.vehicles[counts.held_out])  # fmt: skip
    told = counts.held_out & ~np.isnan(counts.morning)
    peak = flow[6:10].max(axis=0)
    hourly = Fit.of(counts.modelled(peak)[told], counts.morning[told])
    return {"count_r2": daily.r2, "count_geh": 100.0 * hourly.geh5}


def _capacity(supply: Supply, day: Day, hour: int) -> Floats:
    """Return what links carry in an hour, their lights included [pcu/h]."""
    made = day.lights[hour]
    if made is None:
        return supply.links.capacity
    return np.where(made.green < 1.0, np.minimum(supply.links.capacity, made.capacity), supply.links.capacity)


def carbon_of(carriers: Floats, values: Mapping[str, float]) -> Floats:
    """Return the emissions of petrol, diesel and electricity [kgCO2e], from shape (3, ...)."""
    return np.asarray(
        carriers[0] * values["petrol_carbon"]
        + carriers[1] * values["diesel_carbon"]
        + carriers[2] * values["electricity_carbon"]
    )


def _notes(state: State) -> tuple[LocalText, ...]:
    """Return what a reader of the results should know."""
    day, supply = state.day, state.supply
    if day is None or supply is None:
        return ()

    def say() -> list[str]:
        told = []
        if supply.dropped:
            message = _("traffic: {count} link(s) left out, closed or without a way back")
            told.append(message.format(count=format_number(supply.dropped)))
        return told

    return sentences_in_all_languages(say)
