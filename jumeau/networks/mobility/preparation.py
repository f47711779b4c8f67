"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from jumeau.columns import flags, numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import LocalText, _, format_number, format_significant, sentences_in_all_languages
from jumeau.network import Layers, Outside, Prepared
from jumeau.networks.mobility import devices
from jumeau.networks.mobility.measures import INTERVENTIONS, acts_on_traffic, observed
from jumeau.networks.mobility.parameters import Assumptions
from jumeau.networks.mobility.physics.day import HOURS, workday_scale
from jumeau.networks.mobility.physics.demand import demand_of
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.figures import OVERALL, Figures, street_delay
from jumeau.networks.mobility.physics.fleet import Fleet, Station, electric_share, fleet_of, stations_of
from jumeau.networks.mobility.physics.parking_supply import Blocks, blocks_of
from jumeau.networks.mobility.physics.scene import Scene
from jumeau.networks.mobility.physics.state import Day, Reference, State
from jumeau.networks.mobility.physics.supply import Supply, supply_of
from jumeau.networks.mobility.physics.totals import QUANTITIES, SCALES, Meter, table_of
from jumeau.networks.mobility.physics.transit import TIMETABLE
from jumeau.networks.mobility.traffic import changed_day, reference_of
from jumeau.processors import threads
from jumeau.simulation.installed import InstalledDevices
from jumeau.simulation.place import Place
from jumeau.simulation.world import World
from jumeau.territory.digests import LayerDigests

#: Layers that decide the traffic.
TRAFFIC = (
    "traffic_links",
    "traffic_zones",
    "traffic_signals",
    "traffic_demand",
    "parking",
    *TIMETABLE,
)

#: Networks of so many links times zones are worth a second thread.
_LARGE = 200_000

#: Factors that decide nothing of a day of traffic.
_ASIDE = frozenset(
    (
        "petrol_energy", "diesel_energy", "energy_scale", "electric_ratio", "session_rate", "session_energy",
        "charging_patience", "fleet_distance", "fleet_speed", "fleet_back_from", "fleet_back_to", "fleet_out", "fine",
        "control_share", "daily_variation", "access_decay", "van_share", "delay_range",
        "delay_beyond", "count_years", "sensor_failures", "sensor_first_year_failures", "sensor_vandalism",
        "sensor_battery_life",
    )
)  # fmt: skip

#: Indicators and quantities that follow from the times on streets, or from the routes and modes that these decide.
OF_TIMES = (
    "distance", "heavy_distance", "hours", "delay", "signal_delay", "detour_hours", "detour_distance", "car_trips",
    "access", "access_worst", "user_petrol", "user_diesel", "user_electricity", "user_hours", "nox", "particles",
)  # fmt: skip

#: Shared factors that the network reads.
_SHARED = ("petrol_energy", "diesel_energy", "value_of_time", "detour")


def prepare(layers: Layers, assumptions: Assumptions, factors: FactorTable, world: World) -> Prepared:
    """Compute what does not depend on chance; see `State`."""
    values = {name: factor.value for name, factor in factors.items()}
    values |= {name: world.factors.value(name) for name in _SHARED}
    fleets = layers["vehicle_fleets"]
    fleet, stations = fleet_of(fleets, values), stations_of(layers["charge_points"])
    if not len(layers["traffic_links"]) or not len(layers["traffic_zones"]):
        return Prepared(_nothing(layers, values, fleet, stations))
    place = world.place
    # Draws and situations that leave the streets alone share the same tables.
    tables = tuple(map(place.digests, (layers[name] for name in INTERVENTIONS)))
    before = {**layers, **place.memo(("mobility", "observed", tables), lambda: observed(layers))}
    reference = _reference(before, values, assumptions, place)
    if acts_on_traffic(layers):
        day, blocks, supply = place.memo.kept(
            _key("changed", layers, values, assumptions, place.digests),
            lambda: _changed(layers, values, assumptions, reference),
        )
    else:
        day, blocks, supply = reference.day, reference.blocks, reference.supply
    meter = Meter(supply, rates(values, electric_share(fleets)), values)
    figures = Figures(layers, day, meter)
    sensors = world.delivery.get("mobility.parking_sensor")
    state = State(
        supply=supply,
        day=day,
        blocks=blocks,
        stations=stations,
        fleet=fleet,
        rates=meter.rates,
        table=table_of(meter, day.flow, day.cruising, day.signals),
        workday=workday_scale(values),
        street_delay=street_delay(supply, day.time, world.place.streets),
        values=values,
        fixed=figures.overall(),
        assets=figures.features(),
        parking_days=assumptions.parking_days,
        radio=None if sensors is None else sensors.of(texts(layers["parking"], "parking_id")),
        devices=parking_sensors(layers, factors, world),
    )
    return Prepared(state, _notes(state), _outside(figures, values))


def parking_sensors(layers: Layers, factors: FactorTable, world: World) -> InstalledDevices | None:
    """Return the parking sensors that may fail: one per space."""
    frame = layers["parking"]
    rows = np.flatnonzero(flags(frame, "sensor"))
    names, shapes = texts(frame, "parking_id"), frame.geometry.to_numpy()[rows]
    spaces = numbers(frame, "spaces")[rows].astype(np.int64)
    return InstalledDevices.at(devices.SENSOR, names, rows, shapes, factors, world, spaces)


def _scene(layers: Layers, values: Mapping[str, float], assumptions: Assumptions) -> Scene:
    supply = supply_of(layers, values)
    large = len(supply.links) * len(supply.zones) > _LARGE
    trips = demand_of(layers["traffic_demand"], supply, values)
    return Scene(layers, supply, values, trips, assumptions.gap, threads() if large else 1, assumptions.trucks_apart)


def _reference(layers: Layers, values: Mapping[str, float], assumptions: Assumptions, place: Place) -> Reference:
    """Return the observed situation, computed once for all variants of the same layers and factors."""
    key = _key("reference", layers, values, assumptions, place.digests)
    return place.memo.kept(key, lambda: reference_of(_scene(layers, values, assumptions)))


def _changed(
    layers: Layers, values: Mapping[str, float], assumptions: Assumptions, reference: Reference
) -> tuple[Day, Blocks, Supply]:
    scene = _scene(layers, values, assumptions)
    return (*changed_day(scene, reference), scene.supply)


def _key(
    name: str, layers: Layers, values: Mapping[str, float], assumptions: Assumptions, digests: LayerDigests
) -> tuple[object, ...]:
    """Return all that decides a day of traffic: draws of other factors share it."""
    return (
        "mobility",
        name,
        tuple(digests(layers[layer]) for layer in TRAFFIC),
        tuple((key, value) for key, value in sorted(values.items()) if key not in _ASIDE),
        assumptions.gap,
        assumptions.trucks_apart,
    )


def _nothing(layers: Layers, values: dict[str, float], fleet: Fleet, stations: tuple[Station, ...]) -> State:
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
        fixed=dict.fromkeys(OVERALL, float("nan")),
        assets={},
        parking_days=0,
    )


def _no_blocks(layers: Layers, values: dict[str, float]) -> Blocks:
    empty = {name: layers[name].iloc[:0] for name in ("traffic_links", "traffic_zones", "traffic_signals", "parking")}
    return blocks_of(empty, supply_of(empty, values), values)


def _outside(figures: Figures, values: Mapping[str, float]) -> tuple[Outside, ...]:
    """Return what is not to be judged where streets are asked for far more than they carry."""
    share, most = figures.beyond
    if not share > values["delay_beyond"]:
        return ()

    def say() -> list[str]:
        message = _(
            "traffic: {share} % of the time driven is on streets asked for more than {limit} times their capacity (up "
            "to {most} times); there the delay function means nothing, and no verdict is given. Check the period of "
            "demand and capacities"
        )
        return [
            message.format(
                share=format_number(100.0 * share),
                limit=format_significant(values["delay_range"], 2),
                most=format_significant(most, 2),
            )
        ]

    return tuple(Outside(OF_TIMES, sentence) for sentence in sentences_in_all_languages(say))


def _notes(state: State) -> tuple[LocalText, ...]:
    """Return what a reader of the results should know."""
    day, supply = state.day, state.supply
    if day is None or supply is None:
        return ()

    def say() -> list[str]:
        found = []
        if supply.dropped:
            message = _("traffic: {count} link(s) left out, closed or without a return route")
            found.append(message.format(count=format_number(supply.dropped)))
        if len(state.blocks) and not state.parking_days:
            found.append(_("parking: no day is followed (`parking_days`), its figures are missing"))
        if not day.settled:
            found.append(_("traffic: modes and parking still answered each other when the search ended"))
        return found

    return sentences_in_all_languages(say)
