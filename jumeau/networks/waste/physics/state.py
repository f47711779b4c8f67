"""The arrays of a run of the waste network: prepared once, read by many runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.waste.physics.locations import Locations
from jumeau.simulation.delivery import Channel
from jumeau.simulation.installed import InstalledDevices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STREAMS = ("residual", "packaging", "glass", "biowaste", "paper")


@dataclass(frozen=True)
class Containers:
    """The containers of one stream at one site, as one row; shapes (n,).

    Attributes
    ----------
    site, stream : ndarray of int
        Row of the site; place in `STREAMS`.
    capacity, volume : ndarray
        Of all containers of the row, and of one [l].
    wheeled : ndarray of bool
        Bins that are put out and lifted one by one; else columns.
    rate : ndarray
        Deposits on a mean day [1/day].
    deposit, spread : ndarray
        Mean and standard deviation of a deposit [l].
    change : ndarray
        What is thrown in, over what the same deposits hold without a fee.
    density : ndarray
        [kg/l].
    sensor, counter : ndarray of bool
        Whether a sensor measures the fill, or an access control counts deposits.
    radio : Channel, optional
        Links of the sensors, where the scenario says something of radio.
    """

    site: Ints
    stream: Ints
    capacity: Floats
    volume: Floats
    wheeled: Bools
    rate: Floats
    deposit: Floats
    spread: Floats
    change: Floats
    density: Floats
    sensor: Bools
    counter: Bools
    radio: Channel | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.site)

    @property
    def inflow(self) -> Floats:
        """Mean volume thrown in [l/day]."""
        return self.rate * self.deposit * self.change


@dataclass(frozen=True)
class Cap:
    """Most that may be collected on a day.

    Attributes
    ----------
    stops : float
        Sites.
    mass : float
        [kg].
    """

    stops: float = math.inf
    mass: float = math.inf

    @property
    def limits(self) -> bool:
        """Whether it caps anything."""
        return math.isfinite(self.stops) or math.isfinite(self.mass)


@dataclass(frozen=True)
class Truck:
    """Trucks of one kind.

    Attributes
    ----------
    name : str
    depot : int
        Row of the depot.
    count : int
    energy : str
        `diesel`, `cng` or `electric`.
    body : float
        [l].
    compaction : float
        Volume in the container over volume in the body.
    payload : float
        [kg].
    battery : float
        [kWh].
    crew : int
    shift : tuple of float
        Local clock times [h].
    break_after, break_time : float
        [s].
    narrowest : float
        [m].
    first : int
        Number of the first truck of the kind among all trucks.
    cap : Cap
        Of one truck on a day.
    """

    name: str
    depot: int
    count: int
    energy: str
    body: float
    compaction: float
    payload: float
    battery: float
    crew: int
    shift: tuple[float, float]
    break_after: float
    break_time: float
    narrowest: float
    first: int
    cap: Cap = Cap()

    @property
    def electric(self) -> bool:
        """Whether it runs on a battery."""
        return self.energy == "electric"


@dataclass(frozen=True)
class Depot:
    """Where trucks start: charging points and their power [kW]."""

    chargers: int
    power: float


@dataclass(frozen=True)
class Disposal:
    """Where trucks empty.

    Attributes
    ----------
    opens, closes : float
        Local clock times [h].
    bays : int
    unloading : float
        [s].
    cap : Cap
        Of what is taken in on a day.
    """

    opens: float
    closes: float
    bays: int
    unloading: float
    cap: Cap = Cap()


@dataclass(frozen=True)
class CollectionArea:
    """Sites that are planned together: those of a round, or all of a stream.

    Attributes
    ----------
    name : str
        Of the round, or of the stream.
    stream : int
    containers : ndarray of int, shape (k,)
        Rows of the containers.
    sites : ndarray of int, shape (s,)
        Rows of the sites, in the order of the locations.
    member : ndarray of int, shape (k,)
        Place in `sites` of each container.
    trucks : tuple of int
        Rows of the kinds of trucks that may serve it.
    disposal : tuple of int
        Rows of the disposal sites that take the stream.
    days : tuple of int
        Days of the week.
    every, first_week : int
        Weeks between two passes.
    locations : Locations
    order : tuple of int
        Places in `sites` as they are collected today; empty where the order is planned.
    """

    name: str
    stream: int
    containers: Ints
    sites: Ints
    member: Ints
    trucks: tuple[int, ...]
    disposal: tuple[int, ...]
    days: tuple[int, ...]
    every: int
    first_week: int
    locations: Locations
    order: tuple[int, ...] = ()

    @cached_property
    def held(self) -> tuple[tuple[int, ...], ...]:
        """Rows of the containers of each site."""
        order = np.argsort(self.member, kind="stable")
        ends = np.cumsum(np.bincount(self.member, minlength=len(self.sites)))[:-1]
        return tuple(tuple(int(row) for row in part) for part in np.split(self.containers[order], ends))

    def interval(self) -> float:
        """Return the mean time between two passes [day]."""
        return 7.0 * self.every / max(len(self.days), 1)


@dataclass(frozen=True)
class Prize:
    """How the policy `dynamic` values a visit; see `physics.choice`.

    Attributes
    ----------
    spared : float
        Weight of the detour of a later visit that a visit spares.
    caution : float
        Weight of the value of an avoided overflow.
    horizon : float
        How far ahead the risk of overflow is looked at, over the time until the end of the next day of collection.
    """

    spared: float = 1.0
    caution: float = 1.0
    horizon: float = 1.0


@dataclass(frozen=True)
class Service:
    """The collection of one stream.

    Attributes
    ----------
    stream : int
    policy : str
    sites_per_day : int
    threshold : float
    overflow_value : float
        [EUR].
    areas : tuple of CollectionArea
    target : float
        Share of the waste that has to find room in its container.
    prize : Prize
    cap : Cap
        Of all trucks of the service on a day.
    """

    stream: int
    policy: str
    sites_per_day: int
    threshold: float
    overflow_value: float
    areas: tuple[CollectionArea, ...]
    target: float = 1.0
    prize: Prize = Prize()
    cap: Cap = Cap()


#: Why a site is not served.
NO_WAY, CLOSED, TOO_FAR = "no way", "closed", "too far"


@dataclass(frozen=True)
class Unserved:
    """Sites of an area that no truck can serve, even alone and in empty streets.

    Attributes
    ----------
    area : str
        Name of the area.
    reason : str
        `no way` leads there and back, disposal is `closed` when a truck could come, or they are `too far`.
    sites : ndarray of int
        Rows of the sites.
    hours : float
        Of the shortest outing to one of them, empty streets [h].
    shift : float
        Longest shift, breaks left out [h].
    """

    area: str
    reason: str
    sites: Ints
    hours: float
    shift: float


@dataclass(frozen=True)
class State:
    """The waste network of one situation and draw.

    Attributes
    ----------
    containers : Containers
    sites : int
        Number of sites.
    earliest, latest : ndarray, shape (sites,)
        Local clock times between which collection may begin [h].
    kerbside : ndarray of bool, shape (sites,)
    trucks : tuple of Truck
    depots : tuple of Depot
    disposal : tuple of Disposal
    services : tuple of Service
    rates : dict of str to float
        Single numbers, by factor name; `diesel_energy` in kilowatt-hours per litre.
    iterations : int or None
        Effort of the planner on a day; by the number of sites where None.
    iterations_per_site : float
        How much that is.
    line_days : int
        Days whose rounds are drawn.
    site_names : ndarray of str, shape (sites,)
    unserved : tuple of Unserved
        What no shift can serve: no truck is sent there.
    devices : InstalledDevices, optional
        The fill sensors, which may fail.
    """

    containers: Containers
    sites: int
    earliest: Floats
    latest: Floats
    kerbside: Bools
    trucks: tuple[Truck, ...]
    depots: tuple[Depot, ...]
    disposal: tuple[Disposal, ...]
    services: tuple[Service, ...]
    rates: dict[str, float]
    iterations: int | None
    iterations_per_site: float
    line_days: int
    site_names: NDArray[np.object_]
    unserved: tuple[Unserved, ...] = ()
    devices: InstalledDevices | None = None

    @property
    def first_site(self) -> int:
        """Location of an area's first site: depots and disposal sites come before."""
        return len(self.depots) + len(self.disposal)

    @property
    def fleet(self) -> int:
        """Number of trucks."""
        return sum(item.count for item in self.trucks)
