"""The traffic of a working day: equilibrium hour by hour, with the choice of mode and parking that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Demand, Equilibrium, Signals, equilibrium, skim
from jumeau.columns import flags, numbers, texts
from jumeau.networks.mobility.day import HOURS, KINDS, DayShape, day_shape, hourly_profile, workday_scale
from jumeau.networks.mobility.modes import BIKE, CAR, POOL, incremental, observed_shares
from jumeau.networks.mobility.parking import pilot
from jumeau.networks.mobility.parking_demand import PARKING, arrivals
from jumeau.networks.mobility.parking_supply import blocks_of, by_zone, on_links, with_arrivals
from jumeau.networks.mobility.plans import PLAN_OF, crossings_of, timings
from jumeau.networks.mobility.state import Blocks, Day
from jumeau.networks.mobility.supply import Supply
from jumeau.networks.mobility.totals import HEAVY, with_lights

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Cruising has settled when it changes by less than this share, demand when it does by less than that.
SETTLED, SETTLED_DEMAND = 0.02, 1e-4

#: Relative gap of the rounds before the last one: costs between zones need no more.
LOOSE = 1e-4

#: Rounds at most, and the weight of the newest one.
ROUNDS, NEWEST = 6, 0.5

#: Hours whose ways stand for the parts of the day by which costs are told.
HOURS_TOLD = (8, 12, 17)

#: The same and the night, for timing plans; in the order of `PLANS`.
HOURS_PLANNED = (8, 12, 17, 21)


@dataclass(frozen=True)
class Scene:
    """All that decides the traffic of a situation.

    Attributes
    ----------
    layers : mapping of str to GeoDataFrame
    supply : Supply
    values : mapping of str to float
    trips : ndarray, shape (kinds, zones, zones)
        Observed vehicles of a mean day.
    gap : float
        Relative gap of the equilibria.
    threads : int
    trucks_apart : bool
        Whether trucks keep off the streets that are not theirs.
    """

    layers: Layers
    supply: Supply
    values: Mapping[str, float]
    trips: Floats
    gap: float
    threads: int
    trucks_apart: bool = True

    @property
    def shape(self) -> DayShape:
        """Shape of the day."""
        return day_shape(self.values)


#: Trips of a mean day and flows, by hour: traffic of the same links from which an equilibrium may start.
Start = Mapping[int, tuple[Floats, Floats]]


def classes_of(scene: Scene, hour: int, trips: Floats) -> Demand:
    """Return the demand of an hour of a mean working day: light and heavy vehicles, in passenger-car units."""
    found = scene.shape.at(hour, trips) * workday_scale(scene.values)
    heavy = KINDS.index("heavy")
    light = found.sum(axis=0) - found[heavy]
    both = np.stack([light, found[heavy] * scene.values["heavy_units"]])
    if not scene.trucks_apart:
        return Demand(both)
    extra = np.zeros((2, len(scene.supply.links)))
    # Trucks take a street that is not theirs only where nothing else leads to their end.
    extra[HEAVY] = np.where(scene.supply.heavy, 0.0, 60.0 * scene.values["truck_aversion"])
    return Demand(both, extra)


def assign(
    scene: Scene,
    trips: Floats,
    lights: list[Signals | None],
    cruising: Floats,
    start: Start,
    gap: float | None = None,
    hours: Sequence[int] = range(HOURS),
) -> list[Equilibrium]:
    """Return the equilibrium of some hours.

    Parameters
    ----------
    scene : Scene
    trips : ndarray, shape (kinds, zones, zones)
        Of a mean day.
    lights : list of Signals or None
        By hour.
    cruising : ndarray, shape (24, m)
        Flow that is there anyway.
    start : mapping of int to tuple
        Traffic to start from; see `Start`.
    gap : float, optional
    hours : sequence of int
        All by default.
    """
    wanted = scene.gap if gap is None else gap
    names = [str(name) for name in scene.supply.zones]

    def one(hour: int) -> Equilibrium:
        links = with_lights(scene.supply.links, lights[hour])
        before, flow = start.get(hour, (trips, None))
        return equilibrium(
            links,
            classes_of(scene, hour, trips),
            gap=wanted,
            preload=cruising[hour],
            start=flow,
            served=None if np.array_equal(before, trips) else classes_of(scene, hour, before),
            names=names,
        )

    if scene.threads <= 1:
        return [one(hour) for hour in hours]
    with ThreadPoolExecutor(scene.threads) as pool:
        return list(pool.map(one, hours))


def lights_of(scene: Scene, flow: Floats, present: Floats | None = None) -> list[Signals | None]:
    """Return the lights of each hour.

    Parameters
    ----------
    scene : Scene
    flow : ndarray, shape (24, m)
        Rough flows, of which those of old plans have drifted away; they tell the main road of a crossing too.
    present : ndarray, shape (24, m), optional
        Flows that new plans and adaptive lights know.
    """
    frame = scene.layers["traffic_signals"]
    if not len(frame):
        return [None] * HOURS
    age = np.where(flags(frame, "retimed"), 0.0, numbers(frame, "plan_age", scene.values["plan_age"]))
    adaptive = flags(frame, "adaptive") | (texts(frame, "control", "fixed") == "adaptive")
    names = texts(scene.layers["traffic_links"], "link_id")
    crossings = crossings_of(scene.supply, adaptive, age, flow.sum(axis=0), names, scene.values["flow_drift"])
    return timings(crossings, scene.supply, flow, scene.values, present)


def plain_day(scene: Scene, lights: list[Signals | None] | None = None) -> Floats:
    """Return rough flows of a working day under some lights, shape (24, m): those that timing plans are made for.

    One hour of each part of the day is solved; the others are taken in proportion to their traffic.
    """
    none: list[Signals | None] = [None] * HOURS if lights is None else lights
    told = HOURS_PLANNED
    nobody = np.zeros((HOURS, len(scene.supply.links)))
    found = assign(scene, scene.trips, none, nobody, {}, gap=1e-3, hours=told)
    traffic = np.array([scene.shape.at(hour, scene.trips).sum() for hour in range(HOURS)])
    share = traffic / np.maximum(traffic[list(told)][PLAN_OF], 1e-9)
    return np.stack([found[PLAN_OF[hour]].total * share[hour] for hour in range(HOURS)])


def _costs(scene: Scene, times: Floats, search: Floats, blocks: Blocks) -> tuple[Floats, Floats]:
    """Return the mean time of a car between zones, the space included, and what the space costs there [min].

    `times` are those of `HOURS_TOLD`, shape (3, m).
    """
    zones = len(scene.supply.zones)
    profile = hourly_profile(scene.values)
    weight = np.array([profile[number == PLAN_OF].sum() for number in range(len(HOURS_TOLD))])
    weight = weight / weight.sum()
    found = np.zeros((zones, zones))
    for share, time in zip(weight, times, strict=True):
        found += share * skim(scene.supply.links, time, scene.supply.length, zones).cost / 60.0
    hours = scene.shape.out[1] / scene.shape.out[1].sum()
    public = np.mean([scene.values[f"public_{kind}"] for kind in PARKING])
    space = (search * hours).sum(axis=1) * public
    per_hour = np.where(blocks.car_park, 1.0, blocks.payment) * blocks.price
    money = by_zone(blocks, np.broadcast_to(per_hour[:, None], (len(blocks), HOURS)), zones)
    paid = (money * hours).sum(axis=1) * scene.values["dwell_other"] * public
    minutes = 60.0 * paid / (scene.values["value_of_time"] * scene.values["car_occupancy"])
    return found + space[None, :], np.broadcast_to(minutes[None, :], found.shape)


def _cycling(scene: Scene) -> tuple[Floats, Floats]:
    """Return the ways between zones by bike [km], and the share of them on ways of their own."""
    supply = scene.supply
    # Cyclists go a little out of their way for a cycleway.
    weight = np.where(supply.cycleway, 1.0 - scene.values["cycleway_gain"], 1.0) * supply.length
    zones = len(supply.zones)
    km = skim(supply.links, weight, supply.length, zones).along / 1000.0
    own = skim(supply.links, weight, np.where(supply.cycleway, supply.length, 0.0), zones).along / 1000.0
    km = np.where(np.isfinite(km), km, 0.0)
    return km, np.divide(np.where(np.isfinite(own), own, 0.0), km, out=np.zeros_like(km), where=km > 0.0)


@dataclass(frozen=True)
class Reference:
    """The observed situation: what every choice of mode pivots on.

    Attributes
    ----------
    day : Day
    blocks : Blocks
    plans : ndarray, shape (24, m)
        Flows that timing plans are made for, on the links of `supply`.
    supply : Supply
    money : ndarray, shape (zones, zones)
        What a space costs, in minutes.
    km, own : ndarray, shape (zones, zones)
        Of cyclists; see `_cycling`.
    shares : ndarray, shape (modes, zones, zones)
    """

    day: Day
    blocks: Blocks
    plans: Floats
    supply: Supply
    money: Floats
    km: Floats
    own: Floats
    shares: Floats


def _mapped(flow: Floats, was: Supply, now: Supply) -> Floats:
    """Return flows on other links of the same layer; links that were not there have none."""
    found = np.zeros((*flow.shape[:-1], int(max(was.row.max(initial=0), now.row.max(initial=0))) + 1))
    found[..., was.row] = flow
    return np.asarray(found[..., now.row])


def parked(scene: Scene, blocks: Blocks, arriving: Floats, most: Floats) -> tuple[Blocks, Floats, Floats]:
    """Return the blocks, the mean search of each zone [min], shape (zones, 24), and who cruises, shape (24, m).

    Parameters
    ----------
    scene : Scene
    blocks : Blocks
        Without arrivals.
    arriving, most : ndarray, shape (kinds, zones, 24)
        See `with_arrivals`.
    """
    blocks = with_arrivals(blocks, arriving, most)
    scale = workday_scale(scene.values)
    working = replace(blocks, arriving=blocks.arriving * scale, most=blocks.most * scale)
    looked, passes = pilot(working, scene.values)
    cruising = on_links(blocks, passes, len(scene.supply.links))
    return blocks, by_zone(blocks, looked, len(scene.supply.zones)), cruising


def reference_of(scene: Scene) -> Reference:
    """Return the observed situation at equilibrium: demand as it stands, cruising settled."""
    plans = plain_day(scene)
    if len(scene.layers["traffic_signals"]):
        # Lights turn drivers away: plans are made for those who come all the same.
        plans = plain_day(scene, lights_of(scene, plans))
    lights = lights_of(scene, plans)
    arriving = arrivals(scene.trips, scene.shape, scene.values)
    blocks = blocks_of(scene.layers, scene.supply, scene.values)
    blocks, search, cruising = parked(scene, blocks, arriving, arriving)
    start: Start = {}
    if len(scene.layers["traffic_signals"]):
        # Once more with the flows of all hours, so that plans without drift are the best ones for their drivers.
        first = assign(scene, scene.trips, lights, cruising, start, gap=max(scene.gap, LOOSE))
        plans = np.stack([item.total for item in first])
        start = {hour: (scene.trips, item.flow) for hour, item in enumerate(first)}
        lights = lights_of(scene, plans)
    found = assign(scene, scene.trips, lights, cruising, start)
    day = _day(scene, scene.trips, found, lights, cruising)
    cost, money = _costs(scene, day.time[list(HOURS_TOLD)], search, blocks)
    km, own = _cycling(scene)
    zones = len(scene.supply.zones)
    gates = (texts(scene.layers["traffic_zones"], "kind", "internal") == "gate")[scene.supply.zone_row]
    way = skim(scene.supply.links, scene.supply.links.free_time, scene.supply.length, zones).along / 1000.0
    way = np.where(np.isfinite(way), way, 0.0) + scene.values["gate_distance"] * (gates[:, None] | gates[None, :])
    shares = observed_shares(way, scene.values)
    return Reference(replace(day, cost=cost), blocks, plans, scene.supply, money, km, own, shares)


def _day(scene: Scene, trips: Floats, found: list[Equilibrium], lights: list[Signals | None], cruising: Floats) -> Day:
    zones = len(scene.supply.zones)
    return Day(
        trips=trips,
        flow=np.stack([item.flow for item in found]),
        time=np.stack([item.time for item in found]),
        lights=tuple(lights),
        cruising=cruising,
        cost=np.zeros((zones, zones)),
        gap=max(item.gap for item in found),
    )


def changed_day(scene: Scene, reference: Reference) -> tuple[Day, Blocks]:
    """Return the day under measures: equilibrium, choice of mode and parking answer each other until they settle."""
    plans = _mapped(reference.plans, reference.supply, scene.supply)
    present = _mapped(reference.day.flow.sum(axis=1), reference.supply, scene.supply)
    lights = lights_of(scene, plans, present)
    most = arrivals(scene.trips, scene.shape, scene.values)
    empty = blocks_of(scene.layers, scene.supply, scene.values)
    cycling = _cycling(scene)
    start = dict(_known(reference, scene.supply))
    trips, asked = scene.trips, np.zeros_like(most)
    last: Floats | None = None
    settled = False
    for number in range(1, ROUNDS + 1):
        arriving = arrivals(trips, scene.shape, scene.values)
        # As long as the same drivers come, they find the same spaces.
        if number == 1 or np.abs(arriving - asked).sum() > SETTLED_DEMAND * asked.sum():
            blocks, search, passing = parked(scene, empty, arriving, most)
            asked = arriving
        cruising = passing if last is None else NEWEST * passing + (1.0 - NEWEST) * last
        found = assign(scene, trips, lights, cruising, start, gap=max(scene.gap, LOOSE), hours=HOURS_TOLD)
        start |= {hour: (trips, item.flow) for hour, item in zip(HOURS_TOLD, found, strict=True)}
        cost, money = _costs(scene, np.stack([item.time for item in found]), search, blocks)
        wanted = _wanted(scene, reference, cycling, cost, money)
        following = wanted if number == 1 else trips + NEWEST * (wanted - trips)
        shift = float(np.abs(following - trips).sum()) / max(float(trips.sum()), 1e-9)
        settled = shift < SETTLED_DEMAND and (last is None or _relative(cruising, last) < SETTLED)
        if settled or number == ROUNDS:
            break
        trips, last = following, cruising
    # The hours by which costs are told have settled; the others follow.
    day = _day(scene, trips, assign(scene, trips, lights, cruising, start), lights, cruising)
    return replace(day, cost=cost, settled=settled), blocks


def _wanted(scene: Scene, reference: Reference, cycling: tuple[Floats, Floats], cost: Floats, money: Floats) -> Floats:
    """Return the trips that drivers want to make at the costs of a round, shape of `scene.trips`."""
    values = scene.values
    # Where no way led, nobody drove: there is no choice to change.
    known = np.isfinite(cost) & np.isfinite(reference.day.cost)
    change = np.zeros_like(reference.shares)
    change[[CAR, POOL]] = np.subtract(cost, reference.day.cost, out=np.zeros_like(cost), where=known)
    change[[CAR, POOL]] += money - reference.money
    change[POOL] -= _pooling(scene)
    felt = [km * (1.0 - values["cycleway_gain"] * own) for km, own in (cycling, (reference.km, reference.own))]
    change[BIKE] = 60.0 / values["bike_speed"] * (felt[0] - felt[1])
    driving = _vehicles(reference.shares, values)
    moved = _vehicles(incremental(reference.shares, change, values["mode_scale"]), values)
    trips = scene.trips.copy()
    trips[:2] *= np.divide(moved, driving, out=np.ones_like(moved), where=driving > 0.0)
    return trips


def _relative(now: Floats, before: Floats) -> float:
    total = float(before.sum())
    return abs(float(now.sum()) - total) / total if total > 0.0 else 0.0


def _vehicles(shares: Floats, values: Mapping[str, float]) -> Floats:
    """Return the vehicles of a person's trip."""
    return np.asarray(shares[CAR] / values["car_occupancy"] + shares[POOL] / values["carpool_occupancy"])


def _pooling(scene: Scene) -> Floats:
    """Return what a trip in a shared car gains, in minutes, by the zone of the home."""
    gain = np.nan_to_num(numbers(scene.layers["traffic_zones"], "carpool_gain", 0.0))[scene.supply.zone_row]
    minutes = 60.0 * gain / scene.values["value_of_time"]
    return np.broadcast_to(minutes[:, None], (len(gain), len(gain)))


def _known(reference: Reference, supply: Supply) -> Start:
    """Return the reference to start from where the links are the same ones."""
    if not np.array_equal(reference.supply.row, supply.row):
        return {}
    return {hour: (reference.day.trips, flow) for hour, flow in enumerate(reference.day.flow)}
