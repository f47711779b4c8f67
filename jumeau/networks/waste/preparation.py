"""From layers, assumptions and factors to the arrays of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import energy_content
from jumeau.columns import flags, numbers, rows_of, texts
from jumeau.content import content_digest
from jumeau.factors import FactorTable
from jumeau.i18n import LocalText, _, sentences_in_all_languages
from jumeau.network import Layers, Prepared
from jumeau.networks.waste import devices
from jumeau.networks.waste.parameters import Assumptions
from jumeau.networks.waste.physics.locations import Locations, locations_of
from jumeau.networks.waste.physics.state import (
    STREAMS,
    Cap,
    CollectionArea,
    Containers,
    Depot,
    Disposal,
    Prize,
    Service,
    State,
    Truck,
)
from jumeau.networks.waste.physics.stop_order import stated_orders, with_others
from jumeau.networks.waste.physics.unserved import complaints, unserved
from jumeau.networks.waste.physics.week import weekdays
from jumeau.simulation.installed import InstalledDevices
from jumeau.simulation.place import Place
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Factors that runs read as they are.
_RATES = (
    "weekend_ratio", "holiday_ratio", "summer_ratio", "daytime_share", "set_out_fill", "reading_interval",
    "reading_noise", "reading_dropout", "failing_share", "prior_error", "calendar_fill", "body_margin",
    "site_time_kerbside", "site_time_column", "lifts_per_stop", "lift_time_bin", "lift_time_column",
    "peak_delay", "breakdown_rate",
    "speed_motorway", "speed_primary", "speed_secondary", "speed_tertiary", "speed_other", "speed_extra",
    "fuel_haul", "fuel_collect", "fuel_stop", "fuel_lift", "fuel_idle", "power_haul", "power_collect", "power_stop",
    "power_lift", "power_idle", "charging_efficiency", "gas_ratio", "upkeep_diesel", "upkeep_electric",
)  # fmt: skip

#: Prices of the shared list by which rounds are planned.
DECIDES_ON = ("crew_hourly_cost", "diesel_price", "electricity_price", "gas_price")


def prepare(layers: Layers, assumptions: Assumptions, factors: FactorTable, world: World) -> Prepared:
    """Compute what does not depend on chance; see `State`."""
    state = state_of(layers, assumptions, factors, world.factors, world.place)
    sensors = world.delivery.get("waste.fill_sensor")
    if sensors is not None:
        radio = sensors.of(texts(layers["waste_containers"], "container_id"))
        state = replace(state, containers=replace(state.containers, radio=radio))
    if assumptions.rehearsals:
        state = _rehearsed(state, world)
    state = replace(state, devices=_sensors(layers, factors, world))
    return Prepared(state, _notes(state, assumptions.streams))


def _sensors(layers: Layers, factors: FactorTable, world: World) -> InstalledDevices | None:
    """Return the fill sensors that may fail: one per container."""
    frame, sites = layers["waste_containers"], layers["waste_sites"]
    rows = np.flatnonzero(flags(frame, "sensor"))
    at = rows_of(texts(sites, "site_id"), texts(frame, "site_id"))[rows]
    names, shapes = texts(frame, "container_id"), sites.geometry.to_numpy()[at]
    count = numbers(frame, "count")[rows].astype(np.int64)
    return InstalledDevices.at(devices.SENSOR, names, rows, shapes, factors, world, count)


def _rehearsed(state: State, world: World) -> State:
    """Return the state whose dynamic services value visits as rehearsals have shown, under central values."""
    before = {item.stream: item.prize for item in world.central["waste"].state.services} if world.central else {}

    def valued(service: Service) -> Service:
        areas = [area for area in service.areas if area.trucks and len(area.sites)]
        if service.policy != "dynamic" or not areas:
            return service
        if service.stream in before:
            return replace(service, prize=before[service.stream])
        from jumeau.networks.waste.simulation.prizes import chosen  # the router is slow to import

        # Variants that differ in other networks only ask for the same rehearsals.
        key = "waste", "prizes", _digest(state, service, areas[0])
        prize = world.place.memo.kept(key, lambda: chosen(state, service, areas[0], world.clock))
        return replace(service, prize=prize)

    return replace(state, services=tuple(valued(service) for service in state.services))


def _digest(state: State, service: Service, area: CollectionArea) -> str:
    """Return the digest of all that rehearsals of an area read."""
    travel = area.locations.travel
    read = (
        replace(state, services=(), unserved=(), site_names=np.zeros(0, dtype=object)),
        replace(service, areas=()),
        (area.containers, area.sites, area.trucks, area.disposal, area.days),
        (travel.distance, travel.duration),
    )
    return content_digest(read)


def state_of(
    layers: Layers, assumptions: Assumptions, factors: FactorTable, shared: FactorTable, place: Place
) -> State:
    """Return the arrays of a run.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    assumptions : Assumptions
    factors, shared : FactorTable
        The network's, and those of all networks.
    place : Place
        For travel along its streets.
    """
    layers = _of_streams(layers, assumptions.streams)
    rates = {name: factors.value(name) for name in _RATES} | {name: shared.value(name) for name in DECIDES_ON}
    rates["diesel_energy"] = energy_content("diesel", shared)
    sites = layers["waste_sites"]
    depots, disposal = _depots(layers, factors), _disposal(layers, factors)
    trucks = _trucks(layers, factors)
    containers = _containers(layers, factors)
    state = State(
        containers=containers,
        sites=len(sites),
        earliest=numbers(sites, "earliest"),
        latest=numbers(sites, "latest"),
        kerbside=texts(sites, "kind") == "kerbside",
        trucks=trucks,
        depots=depots,
        disposal=disposal,
        services=_services(layers, containers, trucks, rates, factors, place),
        rates=rates,
        iterations=assumptions.iterations,
        iterations_per_site=assumptions.iterations_per_site,
        line_days=assumptions.line_days,
        site_names=texts(sites, "site_id"),
    )
    return replace(state, unserved=unserved(state))


def _of_streams(layers: Layers, streams: tuple[str, ...]) -> Layers:
    """Return the layers as they are, save that containers of other streams stay empty for ever."""
    if not streams:
        return layers
    services = layers["waste_services"]
    return {**layers, "waste_services": services[np.isin(texts(services, "stream"), streams)]}


def _notes(state: State, asked: tuple[str, ...]) -> tuple[LocalText, ...]:
    """Return what a reader of the results should know."""
    found = {STREAMS[item.stream] for item in state.services}
    left = sorted({STREAMS[item.stream] for item in state.services for area in item.areas if not area.trucks})
    absent = sorted(set(asked) - found) if len(state.containers) else []

    def say() -> list[str]:
        told = [_("no truck collects: {streams}").format(streams=", ".join(left))] if left else []
        message = _("nothing is simulated of the streams that the territory does not collect: {streams}")
        told += [message.format(streams=", ".join(absent))] if absent else []
        return told + [f"{item.message} ({item.sites})" for item in complaints(state)]

    return sentences_in_all_languages(say)


def _containers(layers: Layers, factors: FactorTable) -> Containers:
    frame, sites = layers["waste_containers"], layers["waste_sites"]
    streams = texts(frame, "stream")
    glass = streams == "glass"
    low, mode, high = (factors.value(f"deposit_{name}") for name in ("low", "mode", "high"))
    mean = (low + mode + high) / 3.0
    # Triangular law.
    spread = np.sqrt((low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18.0)
    deposit = np.where(glass, factors.value("glass_deposit"), mean)
    usual = np.array([factors.value(f"density_{name}") for name in streams], dtype=np.float64)
    density = numbers(frame, "density", usual) / 1000.0
    count = numbers(frame, "count")
    volume = numbers(frame, "volume")
    # Where nobody knows who uses them, nothing is thrown in.
    mass = np.nan_to_num(numbers(frame, "mass_rate"))
    return Containers(
        site=rows_of(texts(sites, "site_id"), texts(frame, "site_id")),
        stream=np.array([STREAMS.index(name) for name in streams], dtype=np.int64),
        capacity=volume * count,
        volume=volume,
        wheeled=texts(frame, "kind") == "wheeled_bin",
        rate=mass * factors.value("tonnage_scale") / density / deposit,
        deposit=deposit,
        spread=deposit * (spread / mean),
        change=1.0 + numbers(frame, "fee_effect"),
        density=density,
        sensor=flags(frame, "sensor"),
        counter=flags(frame, "counter"),
    )


def _depots(layers: Layers, factors: FactorTable) -> tuple[Depot, ...]:
    frame = layers["waste_depots"]
    power = numbers(frame, "charger_power", factors.value("charger_power"))
    points = numbers(frame, "chargers")
    return tuple(Depot(int(points[row]), float(power[row])) for row in range(len(frame)))


def _disposal(layers: Layers, factors: FactorTable) -> tuple[Disposal, ...]:
    frame = layers["waste_disposal"]
    unloading = numbers(frame, "unloading", factors.value("unloading_time"))
    opens, closes, bays = numbers(frame, "opens"), numbers(frame, "closes"), numbers(frame, "bays")
    caps = _caps(frame)
    return tuple(
        Disposal(float(opens[row]), float(closes[row]), int(bays[row]), float(unloading[row]) * 60.0, caps[row])
        for row in range(len(frame))
    )


def _caps(frame: gpd.GeoDataFrame) -> tuple[Cap, ...]:
    """Return the caps on a day that a layer states, by row; none where it says nothing."""
    stops, tonnes = numbers(frame, "stops_cap", np.inf), numbers(frame, "tonnes_cap", np.inf)
    return tuple(Cap(float(most), float(mass) * 1000.0) for most, mass in zip(stops, tonnes, strict=True))


def _trucks(layers: Layers, factors: FactorTable) -> tuple[Truck, ...]:
    frame, depots = layers["waste_trucks"], layers["waste_depots"]
    at = rows_of(texts(depots, "depot_id"), texts(frame, "depot_id"))
    found: list[Truck] = []

    # What the table leaves missing is that of the factor.
    usual = {"battery": factors.value("battery_capacity"), "narrowest": factors.value("street_width")}
    values = {
        name: numbers(frame, name, usual.get(name, np.nan))
        for name in (
            "count", "body", "compaction", "payload", "battery", "crew", "shift_from", "shift_to", "break_after",
            "break_time", "narrowest",
        )
    }  # fmt: skip
    names, energy = texts(frame, "truck_id"), texts(frame, "energy")
    caps = _caps(frame)
    first = 0
    for row in range(len(frame)):
        one = {name: float(array[row]) for name, array in values.items()}
        found.append(
            Truck(
                name=str(names[row]),
                depot=max(int(at[row]), 0),
                count=int(one["count"]),
                energy=str(energy[row]),
                body=one["body"] * 1000.0,
                compaction=one["compaction"],
                payload=one["payload"],
                battery=one["battery"],
                crew=int(one["crew"]),
                shift=(one["shift_from"], one["shift_to"]),
                break_after=one["break_after"] * 3600.0,
                break_time=one["break_time"] * 60.0,
                narrowest=one["narrowest"],
                first=first,
                cap=caps[row],
            )
        )
        first += int(one["count"])
    return tuple(found)


def _services(
    layers: Layers,
    containers: Containers,
    trucks: tuple[Truck, ...],
    rates: dict[str, float],
    factors: FactorTable,
    place: Place,
) -> tuple[Service, ...]:
    frame = layers["waste_services"]
    if not len(containers):
        return ()
    names, policy = texts(frame, "stream"), texts(frame, "policy")
    days = texts(frame, "weekdays")
    most = numbers(frame, "sites_per_day", len(layers["waste_sites"]))
    threshold = numbers(frame, "threshold")
    stated = numbers(frame, "overflow_value")
    worth = np.where(np.isnan(stated), factors.value("overflow_value"), stated)
    # Whoever says what an overflow is worth asks for no service.
    target = np.where(np.isnan(stated), factors.value("service_target"), np.nan)
    target = np.where(np.isnan(numbers(frame, "service_target")), target, numbers(frame, "service_target"))
    prize, caps = Prize(factors.value("spared_detour")), _caps(frame)
    taken = [set(str(text).split()) for text in texts(layers["waste_trucks"], "streams")]
    accepted = [set(str(text).split()) for text in texts(layers["waste_disposal"], "streams")]
    orders = stated_orders(layers)
    found = []
    for row, name in enumerate(names):
        stream = STREAMS.index(str(name))
        mine = np.flatnonzero(containers.stream == stream)
        if not len(mine):
            continue
        kinds = tuple(which for which, known in enumerate(taken) if str(name) in known)
        ends = tuple(which for which, known in enumerate(accepted) if not known or str(name) in known)

        def area(
            title: str,
            rows: Ints,
            which: tuple[int, ...],
            when: tuple[int, ...],
            every: int = 1,
            first: int = 0,
            stream: int = stream,
            ends: tuple[int, ...] = ends,
        ) -> CollectionArea:
            sites, member = np.unique(containers.site[rows], return_inverse=True)
            locations = _locations(layers, sites, which, trucks, rates, place)
            return CollectionArea(title, stream, rows, sites, member, which, ends, when, every, first, locations)

        areas: list[CollectionArea] = []
        if policy[row] == "calendar":
            areas = [
                _in_order(item, orders.get(item.name, ()), layers, trucks)
                for item in _rounds(layers, mine, kinds, area)
            ]
        else:
            areas = [area(str(name), mine, kinds, weekdays(str(days[row])))]
        found.append(
            Service(
                stream,
                str(policy[row]),
                int(most[row]),
                float(threshold[row]),
                float(worth[row]),
                tuple(areas),
                float(target[row]),
                prize,
                caps[row],
            )
        )
    return tuple(found)


def _rounds(layers: Layers, mine: Ints, kinds: tuple[int, ...], area: Any) -> list[CollectionArea]:
    """Return one area per round of the calendar."""
    frame = layers["waste_rounds"]
    names = texts(frame, "round_id")
    of = rows_of(names, texts(layers["waste_containers"], "round_id"))[mine]
    truck = rows_of(texts(layers["waste_trucks"], "truck_id"), texts(frame, "truck_id"))
    days, every = texts(frame, "weekdays"), numbers(frame, "every")
    first = numbers(frame, "first_week")
    found = []
    for row in np.unique(of[of >= 0]):
        which = (int(truck[row]),) if truck[row] >= 0 else kinds[:1]
        found.append(
            area(
                str(names[row]),
                mine[of == row],
                which,
                weekdays(str(days[row])),
                int(every[row]),
                int(first[row]),
            )
        )
    return found


def _in_order(
    area: CollectionArea, stated: tuple[str, ...], layers: Layers, trucks: tuple[Truck, ...]
) -> CollectionArea:
    """Return a round with the order in which it is driven today, if the territory states one.

    Sites of the round that the order forgets are inserted where they lengthen it least; names that are none of its
    sites' are left out: the check has told of both.
    """
    if not stated:
        return area
    at = rows_of(texts(layers["waste_sites"], "site_id")[area.sites], stated)
    known = list(dict.fromkeys(at[at >= 0].tolist()))
    others = [place for place in range(len(area.sites)) if place not in set(known)]
    home = trucks[area.trucks[0]].depot if area.trucks else 0
    first = len(layers["waste_depots"]) + len(layers["waste_disposal"])
    return replace(area, order=tuple(with_others(known, others, area.locations.travel.distance, home, first)))


def _locations(
    layers: Layers,
    sites: Ints,
    kinds: tuple[int, ...],
    trucks: tuple[Truck, ...],
    rates: dict[str, float],
    place: Place,
) -> Locations:
    """Return the travel between depots, disposal sites and some sites, in this order."""
    frames: list[gpd.GeoDataFrame] = [layers["waste_depots"], layers["waste_disposal"]]
    points = np.concatenate(
        [*(frame.geometry.to_numpy() for frame in frames), layers["waste_sites"].geometry.to_numpy()[sites]]
    )
    beyond = [numbers(frame, "extra_distance") * 1000.0 for frame in frames]
    extra = np.concatenate([*beyond, np.zeros(len(sites))])
    narrowest = max((trucks[row].narrowest for row in kinds), default=0.0)
    return locations_of(place, points, extra, rates, narrowest)
