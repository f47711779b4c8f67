"""The arrays of a run of the mobility network: prepared once, read by many runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Signals
from jumeau.networks.mobility.physics.emissions import Rates
from jumeau.networks.mobility.physics.supply import Supply

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


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
    way : ndarray, shape (n, n)
        Way between blocks [m].
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
    way: Floats
    link: tuple[Ints, ...]
    arriving: Floats
    most: Floats

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.zone)


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
    lights : tuple of Signals or None
        By hour.
    cruising : ndarray, shape (24, m)
        Vehicles that pass looking for a space [1/h].
    cost : ndarray, shape (zones, zones)
        Time of a car from zone to zone, the space included [min]; infinite where no way leads.
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
    lights: tuple[Signals | None, ...]
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
    plans : ndarray, shape (24, m)
        Flows that timing plans are made for, on the links of `supply`.
    supply : Supply
    money : ndarray, shape (zones, zones)
        What a space costs, in minutes.
    km, own : ndarray, shape (zones, zones)
        Of cyclists; see `choice.cycling`.
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


@dataclass(frozen=True)
class Station:
    """A charging station.

    Attributes
    ----------
    name : str
    depot : bool
        For the municipal fleet; else for all.
    points : int
    power : float
        Of a point [kW].
    """

    name: str
    depot: bool
    points: int
    power: float


@dataclass(frozen=True)
class Fleet:
    """Vehicles that charge.

    Attributes
    ----------
    municipal, electric_municipal : float
        Vehicles, and how many are electric.
    distance : float
        Way of one on a day of work [km].
    public : float
        Charges at public points on a mean day.
    """

    municipal: float
    electric_municipal: float
    distance: float
    public: float


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
        Time of a mean working day over that on empty ways, by row of the layer `streets`.
    values : dict of str to float
        Factors.
    fixed : dict of str to float
        Indicators that chance does not touch.
    assets : dict of str to dict of str to ndarray
        Figures of features that chance does not touch, by layer and column.
    fees : float
        Fees of devices over the period [EUR].
    parking_days : int
        Days whose parking is followed.
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
    fees: float
    parking_days: int
