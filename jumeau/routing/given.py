"""A round in a given order: what one vehicle can serve of it, driving as it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from jumeau.routing.plan import Plan, Route
from jumeau.routing.problem import RoutingProblem, Vehicle

Floats = NDArray[np.float64]


def in_order(problem: RoutingProblem, order: Sequence[int]) -> Plan:
    """Return the round of one vehicle of the first kind that serves stops in a given order.

    It unloads when the next stop does not fit, and at the end. A stop whose hours are over is passed by. The round ends
    before the first stop after which the vehicle would not be emptied and home in time, within reach and within the
    day's caps: whoever follows a sheet does not look for a later stop that would still fit.

    Parameters
    ----------
    problem : RoutingProblem
    order : sequence of int
        Stops, all of them or some.
    """
    round_ = _Round(problem)
    for stop in order:
        if not round_.serve(int(stop)):
            break
    route = round_.route()
    routes = (route,) if route is not None else ()
    served = set(route.stops) if route is not None else set()
    left = [stop for stop in range(len(problem.stops)) if stop not in served]
    missed = tuple(stop for stop in left if problem.stops.required[stop])
    skipped = tuple(stop for stop in left if not problem.stops.required[stop])
    return Plan(routes, skipped, missed, feasible=not missed)


@dataclass(frozen=True)
class _Way:
    """Where a vehicle has got to."""

    location: int
    time: float
    start: float
    distance: float = 0.0
    trips: tuple[tuple[int, ...], ...] = ((),)
    disposal: tuple[int, ...] = ()
    load: tuple[float, ...] = ()
    taken: dict[int, Floats] = field(default_factory=dict)


class _Round:
    def __init__(self, problem: RoutingProblem) -> None:
        self.problem = problem
        self.vehicle: Vehicle = problem.vehicles[0]
        self.home = problem.places[self.vehicle.depot].location
        begin = self.vehicle.earliest
        self._now = _Way(self.home, begin, begin, load=tuple(np.zeros(problem.stops.load.shape[1])))
        self._all = np.zeros(problem.stops.load.shape[1])
        self._count = 0

    def serve(self, stop: int) -> bool:
        """Serve a stop, or pass it by where its hours are over; return false where the round ends before it."""
        stops, now = self.problem.stops, self._now
        whole, count = self._all + stops.load[stop], self._count + 1
        for cap in (self.vehicle, self.problem):
            if count > cap.most_stops or (cap.most_load and (whole > np.asarray(cap.most_load) + 1e-9).any()):
                return False
        if ((np.asarray(now.load) + stops.load[stop]) > np.asarray(self.vehicle.capacity) + 1e-9).any():
            full = self._unloaded(now, int(stops.location[stop])) if now.trips[-1] else None
            if full is None or len(full.trips) > self.vehicle.most_trips:
                return False
            now = full
        there = self._at(now, stop)
        if there is None:
            return True
        if self._home(there) is None:
            return False
        self._now, self._all, self._count = there, whole, count
        return True

    def route(self) -> Route | None:
        """Return the round as it stands, home again; None where it serves nothing."""
        if not self._count:
            return None
        end = self._home(self._now)
        if end is None:
            raise AssertionError("a stop was served that leaves no way home")
        trips = tuple(trip for trip in end.trips if trip)
        return Route(0, trips, end.disposal, end.start, end.distance, end.time - end.start)

    def _at(self, now: _Way, stop: int) -> _Way | None:
        """Return the way once a stop is served; None where its hours are over."""
        stops, problem = self.problem.stops, self.problem
        place = int(stops.location[stop])
        time = float(problem.duration[now.location, place])
        begin = max(now.time + time, float(stops.earliest[stop]))
        if begin > stops.latest[stop]:
            return None
        # Nobody leaves the depot to wait at the first stop.
        start = begin - time if now.location == self.home and not now.disposal and not now.trips[-1] else now.start
        return replace(
            now,
            location=place,
            time=begin + float(stops.service[stop]),
            start=start,
            distance=now.distance + float(problem.distance[now.location, place]),
            trips=(*now.trips[:-1], (*now.trips[-1], stop)),
            load=tuple(np.asarray(now.load) + stops.load[stop]),
        )

    def _unloaded(self, now: _Way, then: int) -> _Way | None:
        """Return the way once the vehicle is emptied where that costs least on its way to a location."""
        problem, vehicle = self.problem, self.vehicle
        found: list[tuple[float, _Way]] = []
        for place in vehicle.disposal:
            gate = problem.places[place]
            arrival = now.time + float(problem.duration[now.location, gate.location])
            begin = max(arrival, gate.earliest)
            taken = now.taken.get(place, np.zeros(len(now.load))) + np.asarray(now.load)
            over = bool(gate.most_load) and bool((taken > np.asarray(gate.most_load) + 1e-9).any())
            if begin > gate.latest or over:
                continue
            way = float(problem.distance[now.location, gate.location])
            after = float(problem.distance[gate.location, then])
            time = begin + gate.service - now.time + float(problem.duration[gate.location, then])
            price = (way + after) / 1000.0 * vehicle.distance_cost + time / 3600.0 * vehicle.duration_cost
            emptied = replace(
                now,
                location=gate.location,
                time=begin + gate.service,
                distance=now.distance + way,
                trips=(*now.trips, ()),
                disposal=(*now.disposal, place),
                load=tuple(np.zeros(len(now.load))),
                taken={**now.taken, place: taken},
            )
            found.append((price, emptied))
        return min(found, key=lambda item: item[0])[1] if found else None

    def _home(self, now: _Way) -> _Way | None:
        """Return the way home, emptied where there is disposal; None where it would be too late or too far."""
        emptied = self._unloaded(now, self.home) if self.vehicle.disposal and now.trips[-1] else now
        if emptied is None:
            return None
        end = replace(
            emptied,
            location=self.home,
            time=emptied.time + float(self.problem.duration[emptied.location, self.home]),
            distance=emptied.distance + float(self.problem.distance[emptied.location, self.home]),
        )
        late = end.time > self.vehicle.latest or end.time - end.start > self.vehicle.shift
        return None if late or end.distance > self.vehicle.reach else end
