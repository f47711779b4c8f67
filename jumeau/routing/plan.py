"""What the solver says: routes, trips between unloadings, stops left out."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    vehicle: int
    trips: tuple[tuple[int, ...], ...]
    disposal: tuple[int, ...]
    start: float
    distance: float
    duration: float

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
    """

    routes: tuple[Route, ...]
    skipped: tuple[int, ...]
    missed: tuple[int, ...]
    feasible: bool

    @property
    def distance(self) -> float:
        """Of all routes [m]."""
        return sum(route.distance for route in self.routes)

    @property
    def duration(self) -> float:
        """Of all routes [s]."""
        return sum(route.duration for route in self.routes)
