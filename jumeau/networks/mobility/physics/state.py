"""The arrays of a run of the mobility network: prepared once, read by many runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Signals
from jumeau.networks.mobility.physics.emissions import Rates
from jumeau.networks.mobility.physics.fleet import Fleet, Station
from jumeau.networks.mobility.physics.parking_supply import Blocks
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.simulation.delivery import Channel
from jumeau.simulation.installed import InstalledDevices

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Day:
    """The traffic of a mean working day at equilibrium.

    Attributes
    ----------
    trips : ndarray, shape (kinds, zones, zones)
        Vehicles of a mean day.
    flow : ndarray, shape (24, classes, m)
        Light and heavy vehicles, in passenger-car units [1/h].
    time : ndarray, shape (24, m)
        [s].
    signals : tuple of Signals or None
        By hour.
    cruising : ndarray, shape (24, m)
        Vehicles that pass looking for a space [1/h].
    cost : ndarray, shape (zones, zones)
        Time of a car from zone to zone, the space included [min]; infinite where no route leads.
    gap : float
        The largest of the hours.
    settled : bool
        Whether equilibrium, choice of mode and parking came to rest.
    detours : dict
        What an hour of closure of a street takes, by street and hour, once it was asked for.
    """

    trips: Floats
    flow: Floats
    time: Floats
    signals: tuple[Signals | None, ...]
    cruising: Floats
    cost: Floats
    gap: float
    settled: bool = True
    detours: dict[tuple[str, int], Floats] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Reference:
    """The observed situation: what every choice of mode pivots on.

    Attributes
    ----------
    day : Day
    blocks : Blocks
    planned : ndarray, shape (24, m)
        Flows that timing plans are made for, on the links of `supply`.
    supply : Supply
    money : ndarray, shape (zones, zones)
        What a space costs, in minutes.
    bike_km, cycleway_share : ndarray, shape (zones, zones)
        See `choice.cycling`.
    shares : ndarray, shape (modes, zones, zones)
    """

    day: Day
    blocks: Blocks
    planned: Floats
    supply: Supply
    money: Floats
    bike_km: Floats
    cycleway_share: Floats
    shares: Floats


@dataclass(frozen=True)
class State:
    """The mobility network of one situation and draw.

    Attributes
    ----------
    supply : Supply or None
        None where there is no network.
    day : Day or None
    blocks : Blocks
    stations : tuple of Station
    fleet : Fleet
    rates : Rates
        What a kilometre of the vehicles of the situation takes.
    table : ndarray, shape (24, scales, quantities)
        What an hour takes; see `totals.SCALES` and `totals.QUANTITIES`.
    workday : float
        Traffic of a mean working day over that of a mean day.
    street_delay : ndarray, shape (24, streets)
        Travel time of a mean working day over that without traffic, by row of the layer `streets`.
    values : dict of str to float
        Factors.
    fixed : dict of str to float
        Indicators that chance does not touch.
    assets : dict of str to dict of str to ndarray
        Figures of features that chance does not touch, by layer and column.
    parking_days : int
        Days whose parking is followed.
    radio : Channel, optional
        Links of the sensors of blocks, where the scenario says something of radio.
    devices : InstalledDevices, optional
        The sensors of spaces, which may fail.
    """

    supply: Supply | None
    day: Day | None
    blocks: Blocks
    stations: tuple[Station, ...]
    fleet: Fleet
    rates: Rates
    table: Floats
    workday: float
    street_delay: Floats
    values: dict[str, float]
    fixed: dict[str, float]
    assets: dict[str, dict[str, Floats]]
    parking_days: int
    radio: Channel | None = None
    devices: InstalledDevices | None = None
