"""What the solver says: routes, trips between unloadings, stops left out."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Route:
    """One vehicle's day.

    Attributes
    ----------
    vehicle : int
        Position of its kind in the problem's vehicles.
    trips : tuple of tuple of int
        Stops in the order of service, trip by trip.
    disposal : tuple of int
        Position of the place where each trip is unloaded; empty where vehicles carry their load home.
    start : float
        When it leaves the depot [s].
    distance : float
        [m].
    duration : float
        [s].
    feasible : bool
        Whether its loads, hours and reach are respected.
    """

    vehicle: int
    trips: tuple[tuple[int, ...], ...]
    disposal: tuple[int, ...]
    start: float
    distance: float
    duration: float
    feasible: bool = True

    @property
    def stops(self) -> tuple[int, ...]:
        """All stops, in order."""
        return tuple(stop for trip in self.trips for stop in trip)


@dataclass(frozen=True)
class Plan:
    """The routes of a problem.

    Attributes
    ----------
    routes : tuple of Route
    skipped : tuple of int
        Optional stops that are not worth their way.
    missed : tuple of int
        Required stops that no vehicle can serve; empty when the plan is feasible.
    feasible : bool
        Whether loads, hours and required stops are all respected.
    capped : tuple of int
        Stops that would be served but for caps on the day.
    """

    routes: tuple[Route, ...]
    skipped: tuple[int, ...]
    missed: tuple[int, ...]
    feasible: bool
    capped: tuple[int, ...] = ()

    def carried_out(self) -> Plan:
        """Return the plan without the routes that no vehicle could keep: nobody drives them."""
        return replace(self, routes=tuple(route for route in self.routes if route.feasible))

    @property
    def distance(self) -> float:
        """Of all routes [m]."""
        return sum(route.distance for route in self.routes)

    @property
    def duration(self) -> float:
        """Of all routes [s]."""
        return sum(route.duration for route in self.routes)
