"""What is to be routed: stops, depots and disposal sites, vehicles, and the travel between them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY = 86_400.0


@dataclass(frozen=True)
class Stops:
    """Places to be served.

    Attributes
    ----------
    location : ndarray of int, shape (k,)
        Row of each stop in the travel matrices.
    load : ndarray, shape (k, d)
        What each stop puts on the vehicle, by kind of load, such as litres and kilograms.
    service : ndarray, shape (k,)
        Time at the stop [s].
    earliest, latest : ndarray, shape (k,)
        When service may begin [s].
    prize : ndarray, shape (k,)
        What a visit is worth, for stops that may be left out [EUR].
    required : ndarray of bool, shape (k,)
        Whether the stop must be served.
    """

    location: Ints
    load: Floats
    service: Floats
    earliest: Floats
    latest: Floats
    prize: Floats
    required: Bools

    def __len__(self) -> int:
        """Return the number of stops."""
        return len(self.location)

    @classmethod
    def of(
        cls,
        location: Ints,
        load: Floats,
        service: Floats | float = 0.0,
        *,
        earliest: Floats | float = 0.0,
        latest: Floats | float = DAY,
        prize: Floats | None = None,
    ) -> Stops:
        """Return stops; those with a prize are optional, the others required."""
        count = len(location)

        def full(value: Floats | float) -> Floats:
            return np.broadcast_to(np.asarray(value, dtype=np.float64), count).copy()

        amounts = np.asarray(load, dtype=np.float64)
        return cls(
            np.asarray(location, dtype=np.int64),
            amounts.reshape(count, -1) if count else np.zeros((0, 1)),
            full(service),
            full(earliest),
            full(latest),
            np.zeros(count) if prize is None else full(prize),
            np.full(count, prize is None),
        )

    def only(self, kept: Bools) -> Stops:
        """Return the stops of a mask, shape (k,)."""
        return Stops(*(getattr(self, item.name)[kept] for item in fields(self)))


@dataclass(frozen=True)
class Facility:
    """A depot or a disposal site.

    Attributes
    ----------
    location : int
        Row in the travel matrices.
    earliest, latest : float
        Opening hours [s].
    service : float
        Time to unload [s].
    most_load : tuple of float
        Most load taken in on the day, by kind; empty for no cap.
    """

    location: int
    earliest: float = 0.0
    latest: float = DAY
    service: float = 0.0
    most_load: tuple[float, ...] = ()


@dataclass(frozen=True)
class Vehicle:
    """Vehicles of one kind.

    Attributes
    ----------
    capacity : tuple of float
        By kind of load.
    depot : int
        Position in the problem's places: where shifts start and end.
    count : int
    disposal : tuple of int
        Positions of the places where the vehicle can empty, as often as it needs. With any, it comes home empty: the
        last load is taken to the disposal site that makes the way home shortest.
    earliest, latest : float
        Of the shift [s].
    shift : float
        Longest duration of a route [s].
    reach : float
        Longest distance of a route [m].
    fixed_cost : float
        Of using a vehicle [EUR].
    distance_cost : float
        [EUR/km].
    duration_cost : float
        [EUR/h].
    most_trips : int
        Most trips between two unloadings.
    most_stops : float
        Most stops of one vehicle on the day.
    most_load : tuple of float
        Most load of one vehicle over all its trips, by kind; empty for no cap.
    """

    capacity: tuple[float, ...]
    depot: int = 0
    count: int = 1
    disposal: tuple[int, ...] = ()
    earliest: float = 0.0
    latest: float = DAY
    shift: float = DAY
    reach: float = float("inf")
    fixed_cost: float = 0.0
    distance_cost: float = 1.0
    duration_cost: float = 0.0
    most_trips: int = 20
    most_stops: float = float("inf")
    most_load: tuple[float, ...] = ()


@dataclass(frozen=True)
class RoutingProblem:
    """Stops, places, vehicles, and travel between all locations.

    Attributes
    ----------
    distance : ndarray, shape (n, n)
        From row to column [m].
    duration : ndarray, shape (n, n)
        [s].
    stops : Stops
    places : tuple of Facility
        Depots and disposal sites.
    vehicles : tuple of Vehicle
    groups : tuple of tuple of int
        Stops of which exactly one is to be served: the two ways through a street.
    most_stops : float
        Most stops of all vehicles on the day. Caps are kept by `capped` and `in_order`; `solve` leaves them aside.
    most_load : tuple of float
        Most load of all vehicles on the day, by kind; empty for no cap.
    """

    distance: Floats
    duration: Floats
    stops: Stops
    places: tuple[Facility, ...]
    vehicles: tuple[Vehicle, ...]
    groups: tuple[tuple[int, ...], ...] = field(default=())
    most_stops: float = float("inf")
    most_load: tuple[float, ...] = ()

    @property
    def digest(self) -> str:
        """The content, as a key."""
        found = sha256()
        for array in (self.distance, self.duration, *(getattr(self.stops, item.name) for item in fields(Stops))):
            found.update(np.ascontiguousarray(array).tobytes())
        found.update(repr((self.places, self.vehicles, self.groups, self.stops.load.shape)).encode())
        return found.hexdigest()
