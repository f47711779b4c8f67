"""Drivers who look for a space, block after block, event by event.

A driver arrives at the block of the destination. Full: the next one nearby, at cruising speed, until a space is free
or patience ends; then the nearest car park with room, else away. Who follows the guidance goes straight to the block
that costs least in driving and walking among those that sensors show free; others may take the space meanwhile.

All that chance decides about a driver is drawn before the day begins (`Drivers`): guidance that nobody follows changes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.parking_supply import Blocks
from jumeau.networks.mobility.simulation.drivers import Drivers, drivers_of
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Clock times between which occupancy is counted [h]: those in which most towns charge.
BUSY = (9.0, 19.0)

#: Blocks seen by a driver, in the mean, for which room is made at first.
LISTED = 16

#: Distance from the destination at which a driver hardly minds a little more [m].
ALIKE = 50.0


def shown_wrongly(own: float, arrives: Floats | float = 1.0, silent: Floats | float = 0.0) -> Floats:
    """Return the share of spaces that sensors show wrongly.

    Arrivals and departures alternate: what is shown is wrong while an odd number of messages in a row is lost, that
    is with a chance of (1 - p) / (2 - p) where a share p arrives. A silent sensor is one of which none arrives.

    Parameters
    ----------
    own : float
        Share that a sensor itself takes for the contrary.
    arrives : float or ndarray
        Share of its messages that arrive.
    silent : float or ndarray
        Share of the sensors that say nothing.
    """
    stale = (1.0 - silent) * (1.0 - arrives) / (2.0 - arrives) + silent / 2.0
    return np.asarray(own + stale - 2.0 * own * stale, dtype=np.float64)


@dataclass(frozen=True)
class ParkingDay:
    """What came of one day of parking.

    Attributes
    ----------
    searches : ndarray, shape (n, 24)
        Time spent looking for a space, by block of the destination and hour of arrival [s].
    arrived : ndarray, shape (n, 24)
        Drivers who wanted a space.
    passes : ndarray, shape (n, 24)
        Times that a block was passed by somebody looking for a space.
    parked : ndarray, shape (n,)
        Drivers who found a space there.
    occupied : ndarray, shape (n,)
        Time that spaces were taken [s].
    busy : ndarray, shape (n,)
        The same between the hours `BUSY`.
    cruised : float
        Distance that they drove [m].
    walked : float
        Distance on foot from the space to the destination [m].
    receipts, fines : float
        [EUR].
    unguided, guided : tuple of float
        Time and number of searches of those who do not follow the guidance, and of those who do [s, 1].
    turned_away : int
    free : ndarray of int, shape (n,)
        Spaces at the end.
    """

    searches: Floats
    arrived: Floats
    passes: Floats
    parked: Floats
    occupied: Floats
    busy: Floats
    cruised: float
    walked: float
    receipts: float
    fines: float
    unguided: tuple[float, float]
    guided: tuple[float, float]
    turned_away: int
    free: Ints


def parking_day(
    blocks: Blocks,
    drivers: Drivers,
    values: Mapping[str, float],
    *,
    charged: bool,
    error: Floats | None = None,
    midnight: float = 0.0,
    until: float = np.inf,
) -> ParkingDay:
    """Return what comes of the drivers of a day.

    Parameters
    ----------
    blocks : Blocks
    drivers : Drivers
    values : mapping of str to float
    charged : bool
        Whether prices hold on the day.
    error : ndarray, shape (n,), optional
        Share of the spaces of each block that sensors show wrongly; the factor for all of them where absent.
    midnight, until : float
        When the day begins, and what is no longer counted [s].
    """
    from jumeau.networks.mobility.simulation import parking_events as events  # compiled when somebody parks

    watched, parks = np.flatnonzero(blocks.sensor), np.flatnonzero(blocks.car_park)
    wrong = np.full(len(watched), values["sensor_error"]) if error is None else error[watched]
    town = events.Town(
        spaces=blocks.spaces.astype(np.int64),
        distance=np.ascontiguousarray(blocks.distance, dtype=np.float64),
        near=np.concatenate([np.zeros(0, dtype=np.int64), *blocks.near]),
        near_from=np.concatenate([[0], np.cumsum([len(row) for row in blocks.near], dtype=np.int64)]).astype(np.int64),
        parks=np.ascontiguousarray(parks[np.argsort(blocks.distance[:, parks], axis=1, kind="stable")]),
        watched=watched,
        turned=np.asarray(watched * 0.6180339887, dtype=np.float64),
        error=np.asarray(wrong, dtype=np.float64),
        car_park=blocks.car_park,
        price=blocks.price,
        payment=blocks.payment,
        paid_from=blocks.paid_from,
        paid_to=blocks.paid_to,
        dwell=blocks.dwell,
    )
    rules = events.Rules(
        speed=float(values["cruise_speed"] / 3.6),
        walk=float(values["walk_weight"] / (values["walk_speed"] / 3.6)),
        patience=float(values["give_up"] * 60.0),
        alike=ALIKE,
        midnight=float(midnight),
        fine=float(values["fine"]),
        control=float(values["control_share"]),
        charged=float(charged),
        busy_from=BUSY[0] * HOUR,
        busy_to=BUSY[1] * HOUR,
    )
    people = events.Drivers(
        drivers.time,
        drivers.block,
        drivers.dwell,
        drivers.follows < blocks.guided[drivers.block],
        drivers.pays,
        drivers.caught,
        np.ascontiguousarray(drivers.turns),
    )
    pool = LISTED * (len(drivers) + 1) + len(watched)  # never empty, where nobody comes either
    while True:
        found = events.found_of(len(blocks))
        search = events.search_of(len(drivers), town.spaces, len(watched), pool)
        if events.follow(search, people, town, rules, found, float(until)):
            break
        pool *= 4
    sums = found.sums.tolist()
    return ParkingDay(
        searches=found.searches,
        arrived=found.arrived,
        passes=found.passes,
        parked=found.parked,
        occupied=found.occupied,
        busy=found.busy,
        cruised=sums[events.CRUISED],
        walked=sums[events.WALKED],
        receipts=sums[events.RECEIPTS],
        fines=sums[events.FINES],
        unguided=(sums[events.TIME], sums[events.SEARCHES]),
        guided=(sums[events.TIME + 1], sums[events.SEARCHES + 1]),
        turned_away=int(sums[events.AWAY]),
        free=search.free,
    )


def pilot(blocks: Blocks, values: Mapping[str, float], days: int = 2) -> tuple[Floats, Floats]:
    """Return what mean working days of parking are like, without chance between situations.

    Returns
    -------
    search : ndarray, shape (n, 24)
        Mean search time for a space [min].
    passes : ndarray, shape (n, 24)
        Times that a block is passed by somebody looking for a space.
    """
    spent, arrived, passes = (np.zeros((len(blocks), 24)) for _item in range(3))
    for number in range(days):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(20_210_512, spawn_key=(number,))))
        day = parking_day(blocks, drivers_of(blocks, 1.0, values, rng), values, charged=True)
        spent += day.searches
        arrived += day.arrived
        passes += day.passes
    mean = np.divide(spent, arrived, out=np.zeros_like(spent), where=arrived > 0.0) / 60.0
    return mean, passes / days
