"""Blocks of parking spaces as arrays: who arrives where, and which blocks lie next to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import flags, numbers, texts
from jumeau.networks.mobility.physics.supply import Supply

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Blocks among which a driver chooses the next one.
NEIGHBOURS = 5

#: Arrivals may grow by so much in a variant, and still be the same drivers.
ROOM = 1.6


@dataclass(frozen=True)
class Blocks:
    """Blocks of spaces; shapes (n,).

    Attributes
    ----------
    zone : ndarray of int
        Zone whose drivers arrive there.
    car_park : ndarray of bool
    spaces : ndarray of int
    price, payment : ndarray
        [EUR/h], and share of the time due that is paid.
    paid_from, paid_to : ndarray
        Local clock times [h].
    dwell : ndarray
        Time parked over that of the situation without measures.
    sensor : ndarray of bool
    guided : ndarray
        Share of the drivers who follow the guidance.
    near : tuple of ndarray of int
        Blocks next to each, the block itself left out.
    distance : ndarray, shape (n, n)
        Between blocks, along streets [m].
    link : tuple of ndarray of int
        Links along which each lies.
    arriving : ndarray, shape (kinds, n, 24)
        Drivers of a mean day who want to park there.
    most : ndarray, shape (kinds, n, 24)
        Upper bound of `arriving` in all situations, so that all of them meet the same drivers.
    """

    zone: Ints
    car_park: Bools
    spaces: Ints
    price: Floats
    payment: Floats
    paid_from: Floats
    paid_to: Floats
    dwell: Floats
    sensor: Bools
    guided: Floats
    near: tuple[Ints, ...]
    distance: Floats
    link: tuple[Ints, ...]
    arriving: Floats
    most: Floats

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.zone)


def blocks_of(layers: Mapping[str, gpd.GeoDataFrame], supply: Supply, values: Mapping[str, float]) -> Blocks:
    """Return the blocks without arrivals; see `with_arrivals`.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        `parking`, `traffic_zones`.
    supply : Supply
    values : mapping of str to float
        `pay_share`, `parking_elasticity`, `hour_worth`, `detour`.
    """
    frame, zones = layers["parking"], layers["traffic_zones"]
    count = len(frame)
    car_park = texts(frame, "kind") == "car_park"
    before = numbers(frame, "price")
    price = numbers(frame, "new_price", before)
    paid = numbers(frame, "payment", values["pay_share"])
    payment = numbers(frame, "new_payment", paid)
    sure = np.where(car_park, 1.0, payment), np.where(car_park, 1.0, paid)
    worth = values["hour_worth"]
    dwell = ((worth + price * sure[0]) / (worth + before * sure[1])) ** values["parking_elasticity"]
    places = shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy())).reshape(-1, 2)
    internal = np.flatnonzero((texts(zones, "kind") == "internal")[supply.zone_row])
    middle = shapely.get_coordinates(zones.geometry.to_numpy()[supply.zone_row]).reshape(-1, 2)
    zone = np.zeros(count, dtype=np.int64)
    if count and len(internal):
        zone = internal[cKDTree(middle[internal]).query(places)[1]]
    distance = values["detour"] * np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    near = []
    spaces = numbers(frame, "spaces")
    for row in range(count):
        others = np.flatnonzero(~car_park & (np.arange(count) != row))
        others = others[np.argsort(distance[row, others], kind="stable")[:NEIGHBOURS]]
        near.append(others)
    by_street: dict[str, list[int]] = {}
    for number, name in enumerate(supply.street):
        if name:
            by_street.setdefault(str(name), []).append(number)
    nothing = np.zeros((2, count, 24))
    return Blocks(
        zone=zone,
        car_park=car_park,
        spaces=spaces.astype(np.int64),
        price=price,
        payment=payment,
        paid_from=numbers(frame, "paid_from"),
        paid_to=numbers(frame, "paid_to"),
        dwell=dwell,
        sensor=flags(frame, "sensor"),
        guided=numbers(frame, "guided"),
        near=tuple(near),
        distance=distance,
        link=tuple(np.array(by_street.get(str(name), []), dtype=np.int64) for name in texts(frame, "street_id")),
        arriving=nothing,
        most=nothing,
    )


def shares(blocks: Blocks, zones: int) -> Floats:
    """Return the share of a zone's drivers who arrive at each block, shape (n,): by its spaces along the street."""
    weight = np.where(blocks.car_park, 0.0, blocks.spaces.astype(np.float64))
    total = np.bincount(blocks.zone, weight, zones)
    # A zone whose spaces are all in car parks sends its drivers there.
    alone = np.where(total[blocks.zone] > 0.0, weight, blocks.spaces.astype(np.float64))
    total = np.bincount(blocks.zone, alone, zones)
    return np.divide(alone, total[blocks.zone], out=np.zeros(len(blocks)), where=total[blocks.zone] > 0.0)


def with_arrivals(blocks: Blocks, arriving: Floats, most: Floats) -> Blocks:
    """Return the blocks with those who arrive.

    Parameters
    ----------
    blocks : Blocks
    arriving : ndarray, shape (kinds, zones, 24)
        Drivers of a mean day who want a public space.
    most : ndarray, shape (kinds, zones, 24)
        The same without measures: `ROOM` times as many are the most that a situation may have.
    """
    part = shares(blocks, arriving.shape[1])
    limit = most[:, blocks.zone] * part[None, :, None] * ROOM
    here = np.minimum(arriving[:, blocks.zone] * part[None, :, None], limit)
    return replace(blocks, arriving=here, most=limit)


def by_zone(blocks: Blocks, figures: Floats, zones: int) -> Floats:
    """Return the mean of a figure of blocks over the drivers of each zone, shape (zones, 24)."""
    weight = blocks.arriving.sum(axis=0)
    found, total = np.zeros((zones, 24)), np.zeros((zones, 24))
    np.add.at(found, blocks.zone, figures * weight)
    np.add.at(total, blocks.zone, weight)
    return np.divide(found, total, out=np.zeros_like(found), where=total > 0.0)


def on_links(blocks: Blocks, passes: Floats, links: int) -> Floats:
    """Return the vehicles that cruise on each link, shape (24, links): each pass is in one direction of its street."""
    found = np.zeros((24, links))
    for row, members in enumerate(blocks.link):
        if len(members):
            found[:, members] += passes[row][:, None] / len(members)
    return found
