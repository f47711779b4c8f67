"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from multiprocessing import parent_process

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.bill import Bill
from jumeau.columns import numbers, texts
from jumeau.i18n import LocalText, _, format_number, sentences_in_all_languages
from jumeau.network import Layers, Prepared
from jumeau.networks.mobility.measures import acts_on_traffic, observed
from jumeau.networks.mobility.parameters import Assumptions
from jumeau.networks.mobility.physics.day import HOURS, workday_scale
from jumeau.networks.mobility.physics.demand import demand_of
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.figures import SUMS, Figures, street_delay
from jumeau.networks.mobility.physics.parking_supply import blocks_of
from jumeau.networks.mobility.physics.scene import Scene
from jumeau.networks.mobility.physics.state import Blocks, Day, Fleet, Reference, State, Station
from jumeau.networks.mobility.physics.supply import Supply, supply_of
from jumeau.networks.mobility.physics.totals import QUANTITIES, SCALES, Meter, table_of
from jumeau.networks.mobility.traffic import changed_day, reference_of
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
        "session_energy", "charging_patience", "fleet_distance", "fleet_speed", "fleet_back_from",
        "fleet_back_to", "fleet_out", "fine", "control_share", "pump_ratio",
        "daily_variation", "access_decay", "van_share",
    )
)  # fmt: skip

_SHARED = ("diesel_price", "diesel_carbon", "detour")


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
    fleet, stations = _fleet(layers["vehicle_fleets"], values), _stations(layers["charge_points"])
    if not len(layers["traffic_links"]) or not len(layers["traffic_zones"]):
        return Prepared(_nothing(layers, values, fixed, fees, fleet, stations))
    reference = _reference(observed(layers), values, assumptions, world)
    if acts_on_traffic(layers):
        day, blocks, supply = world.place.memo(
            _key("changed", layers, values, assumptions), lambda: _changed(layers, values, assumptions, reference)
        )
    else:
        day, blocks, supply = reference.day, reference.blocks, reference.supply
    meter = Meter(supply, rates(values, _electric(layers["vehicle_fleets"])), values)
    figures = Figures(layers, day, meter)
    state = State(
        supply=supply,
        day=day,
        blocks=blocks,
        stations=stations,
        fleet=fleet,
        rates=meter.rates,
        table=table_of(meter, day.flow, day.cruising, day.lights),
        workday=workday_scale(values),
        street_delay=street_delay(supply, day.time, world.place.streets),
        values=values,
        fixed=fixed | figures.sums(),
        assets=figures.features(),
        fees=fees,
        parking_days=assumptions.parking_days,
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
) -> State:
    """Return the state of a territory without streets."""
    return State(
        supply=None,
        day=None,
        blocks=_no_blocks(layers, values),
        stations=stations,
        fleet=fleet,
        rates=rates(values),
        table=np.zeros((HOURS, len(SCALES), len(QUANTITIES))),
        workday=1.0,
        street_delay=np.zeros((HOURS, 0)),
        values=values,
        fixed=fixed | dict.fromkeys(SUMS, float("nan")),
        assets={},
        fees=fees,
        parking_days=0,
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
        if len(state.blocks) and not state.parking_days:
            told.append(_("parking: no day is followed (`parking_days`), its figures are missing"))
        if not day.settled:
            told.append(_("traffic: modes and parking still answered each other when the search ended"))
        return told

    return sentences_in_all_languages(say)
