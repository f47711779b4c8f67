"""The traffic of a working day: equilibrium hour by hour, with the choice of mode and parking that answer it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Equilibrium, Signals, skim
from jumeau.columns import texts
from jumeau.networks.mobility.physics.choice import SKIMMED_HOURS, car_costs, cycling, wanted_trips
from jumeau.networks.mobility.physics.day import workday_scale
from jumeau.networks.mobility.physics.modes import observed_shares, with_transit
from jumeau.networks.mobility.physics.parking_demand import arrivals
from jumeau.networks.mobility.physics.parking_supply import Blocks, blocks_of, by_zone, on_links, with_arrivals
from jumeau.networks.mobility.physics.scene import Scene, Start, assign
from jumeau.networks.mobility.physics.signals import planning_flows, signals_by_hour
from jumeau.networks.mobility.physics.state import Day, Reference
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.networks.mobility.physics.transit import attraction, transit_of
from jumeau.networks.mobility.simulation.parking import pilot

Floats = NDArray[np.float64]

#: Cruising has settled when it changes by less than this share, demand when it does by less than that.
SETTLED, SETTLED_DEMAND = 0.02, 1e-4

#: Relative gap of the rounds before the last one: costs between zones need no more.
LOOSE = 1e-4

#: Rounds at most, and the weight of the newest one.
ROUNDS, NEWEST = 6, 0.5


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
    planned = planning_flows(scene)
    if len(scene.layers["traffic_signals"]):
        # Signals turn drivers away: plans are made for those who come all the same.
        planned = planning_flows(scene, signals_by_hour(scene, planned))
    signals = signals_by_hour(scene, planned)
    arriving = arrivals(scene.trips, scene.shape, scene.values)
    blocks = blocks_of(scene.layers, scene.supply, scene.values)
    blocks, search, cruising = parked(scene, blocks, arriving, arriving)
    start: Start = {}
    if len(scene.layers["traffic_signals"]):
        # Once more with the flows of all hours, so that plans without drift are the best ones for their drivers.
        first = assign(scene, scene.trips, signals, cruising, start, gap=max(scene.gap, LOOSE))
        planned = np.stack([item.total for item in first])
        start = {hour: (scene.trips, item.flow) for hour, item in enumerate(first)}
        signals = signals_by_hour(scene, planned)
    found = assign(scene, scene.trips, signals, cruising, start)
    day = _day(scene, scene.trips, found, signals, cruising)
    cost, money = car_costs(scene, day.time[list(SKIMMED_HOURS)], search, blocks)
    bike_km, cycleway_share = cycling(scene)
    zones = len(scene.supply.zones)
    gates = (texts(scene.layers["traffic_zones"], "kind") == "gate")[scene.supply.zone_row]
    km = skim(scene.supply.links, scene.supply.links.free_time, scene.supply.length, zones).along / 1000.0
    km = np.where(np.isfinite(km), km, 0.0) + scene.values["gate_distance"] * (gates[:, None] | gates[None, :])
    shares = observed_shares(km, scene.values)
    transit = transit_of(scene.layers, scene.supply)
    if transit is not None:
        shares = with_transit(shares, attraction(transit, km, scene.values))
    return Reference(replace(day, cost=cost), blocks, planned, scene.supply, money, bike_km, cycleway_share, shares)


def _day(scene: Scene, trips: Floats, found: list[Equilibrium], signals: list[Signals | None], cruising: Floats) -> Day:
    zones = len(scene.supply.zones)
    return Day(
        trips=trips,
        flow=np.stack([item.flow for item in found]),
        time=np.stack([item.time for item in found]),
        signals=tuple(signals),
        cruising=cruising,
        cost=np.zeros((zones, zones)),
        gap=max(item.gap for item in found),
    )


def changed_day(scene: Scene, reference: Reference) -> tuple[Day, Blocks]:
    """Return the day under measures: equilibrium, choice of mode and parking answer each other until they settle."""
    planned = _mapped(reference.planned, reference.supply, scene.supply)
    present = _mapped(reference.day.flow.sum(axis=1), reference.supply, scene.supply)
    signals = signals_by_hour(scene, planned, present)
    most = arrivals(scene.trips, scene.shape, scene.values)
    empty = blocks_of(scene.layers, scene.supply, scene.values)
    bikes = cycling(scene)
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
        found = assign(scene, trips, signals, cruising, start, gap=max(scene.gap, LOOSE), hours=SKIMMED_HOURS)
        start |= {hour: (trips, item.flow) for hour, item in zip(SKIMMED_HOURS, found, strict=True)}
        cost, money = car_costs(scene, np.stack([item.time for item in found]), search, blocks)
        wanted = wanted_trips(scene, reference, bikes, cost, money)
        following = wanted if number == 1 else trips + NEWEST * (wanted - trips)
        shift = float(np.abs(following - trips).sum()) / max(float(trips.sum()), 1e-9)
        settled = shift < SETTLED_DEMAND and (last is None or _relative(cruising, last) < SETTLED)
        if settled or number == ROUNDS:
            break
        trips, last = following, cruising
    # The hours that costs are made of have settled; the others follow.
    day = _day(scene, trips, assign(scene, trips, signals, cruising, start), signals, cruising)
    return replace(day, cost=cost, settled=settled), blocks


def _relative(now: Floats, before: Floats) -> float:
    total = float(before.sum())
    return abs(float(now.sum()) - total) / total if total > 0.0 else 0.0


def _known(reference: Reference, supply: Supply) -> Start:
    """Return the reference to start from where the links are the same ones."""
    if not np.array_equal(reference.supply.row, supply.row):
        return {}
    return {hour: (reference.day.trips, flow) for hour, flow in enumerate(reference.day.flow)}
