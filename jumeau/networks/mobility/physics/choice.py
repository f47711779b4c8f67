"""Generalised costs of the modes, and the trips by car that people then want to make."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import skim
from jumeau.columns import numbers
from jumeau.networks.mobility.physics.day import HOURS, hourly_profile
from jumeau.networks.mobility.physics.modes import BIKE, CAR, POOL, incremental
from jumeau.networks.mobility.physics.parking_demand import PARKING
from jumeau.networks.mobility.physics.parking_supply import Blocks, by_zone
from jumeau.networks.mobility.physics.scene import Scene
from jumeau.networks.mobility.physics.state import Reference
from jumeau.networks.mobility.physics.timing_plans import PLAN_OF

Floats = NDArray[np.float64]

#: Hours whose travel times stand for the parts of the day in the costs of a car.
SKIMMED_HOURS = (8, 12, 17)


def car_costs(scene: Scene, times: Floats, search: Floats, blocks: Blocks) -> tuple[Floats, Floats]:
    """Return the mean time of a car between zones, the space included, and what the space costs there [min].

    `times` are those of `SKIMMED_HOURS`, shape (3, m).
    """
    zones = len(scene.supply.zones)
    profile = hourly_profile(scene.values)
    weight = np.array([profile[number == PLAN_OF].sum() for number in range(len(SKIMMED_HOURS))])
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


def cycling(scene: Scene) -> tuple[Floats, Floats]:
    """Return the distance between zones by bike [km], and the share of it on cycleways."""
    supply = scene.supply
    # Cyclists go a little out of their way for a cycleway.
    weight = np.where(supply.cycleway, 1.0 - scene.values["cycleway_gain"], 1.0) * supply.length
    zones = len(supply.zones)
    km = skim(supply.links, weight, supply.length, zones).along / 1000.0
    apart = skim(supply.links, weight, np.where(supply.cycleway, supply.length, 0.0), zones).along / 1000.0
    km = np.where(np.isfinite(km), km, 0.0)
    return km, np.divide(np.where(np.isfinite(apart), apart, 0.0), km, out=np.zeros_like(km), where=km > 0.0)


def wanted_trips(
    scene: Scene, reference: Reference, bikes: tuple[Floats, Floats], cost: Floats, money: Floats
) -> Floats:
    """Return the trips that drivers want to make at the costs of a round, shape of `scene.trips`.

    Parameters
    ----------
    scene : Scene
    reference : Reference
    bikes : tuple
        See `cycling`.
    cost, money : ndarray, shape (zones, zones)
        See `car_costs`.
    """
    values = scene.values
    # Where no route led, nobody drove: there is no choice to change.
    known = np.isfinite(cost) & np.isfinite(reference.day.cost)
    change = np.zeros_like(reference.shares)
    change[[CAR, POOL]] = np.subtract(cost, reference.day.cost, out=np.zeros_like(cost), where=known)
    change[[CAR, POOL]] += money - reference.money
    change[POOL] -= _carpool_gain(scene)
    before = reference.bike_km, reference.cycleway_share
    felt = [km * (1.0 - values["cycleway_gain"] * share) for km, share in (bikes, before)]
    change[BIKE] = 60.0 / values["bike_speed"] * (felt[0] - felt[1])
    driving = _vehicles(reference.shares, values)
    moved = _vehicles(incremental(reference.shares, change, values["mode_scale"]), values)
    trips = scene.trips.copy()
    trips[:2] *= np.divide(moved, driving, out=np.ones_like(moved), where=driving > 0.0)
    return trips


def _vehicles(shares: Floats, values: Mapping[str, float]) -> Floats:
    """Return the vehicles of a person's trip."""
    return np.asarray(shares[CAR] / values["car_occupancy"] + shares[POOL] / values["carpool_occupancy"])


def _carpool_gain(scene: Scene) -> Floats:
    """Return what a trip in a shared car gains, in minutes, by the zone of the home."""
    gain = numbers(scene.layers["traffic_zones"], "carpool_gain")[scene.supply.zone_row]
    minutes = 60.0 * gain / scene.values["value_of_time"]
    return np.broadcast_to(minutes[:, None], (len(gain), len(gain)))
