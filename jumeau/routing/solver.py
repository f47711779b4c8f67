"""PyVRP behind our own words.

PyVRP computes with whole numbers: metres, seconds, thousandths of a load and millionths of a euro here. It stops after
a number of iterations, never after seconds: the same problem and seed give the same plan on a busy machine too.

The cost of time goes into the cost of ways, service at their end included, since PyVRP searches several times faster
without a cost of duration of its own; what it loses is the cost of waiting for a time window. Vehicles with a longest
distance keep distances apart.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyvrp
from numpy.typing import NDArray
from pyvrp import PenaltyParams, SolveParams
from pyvrp.stop import MaxIterations

from jumeau.routing.fewer import with_fewer_vehicles
from jumeau.routing.plan import Plan, Route
from jumeau.routing.problem import RoutingProblem, Vehicle
from jumeau.routing.trimming import trimmed

_LOAD, _MONEY, _KM, _HOUR = 1000.0, 1e6, 1000.0, 3600.0

#: Least time that a stop is taken to ask for, its detour included, where lateness is weighed against it [s].
_SHORTEST = 30.0

#: Beyond any route, in metres or in millionths of a euro.
_FAR = 1e15


def solve(problem: RoutingProblem, seed: int = 0, iterations: int = 1000) -> Plan:
    """Return the best plan found.

    Parameters
    ----------
    problem : RoutingProblem
    seed : int
    iterations : int
        Effort; a few hundred for a day of rounds, ten thousand for a benchmark.

    Returns
    -------
    Plan
        Whose `feasible` is false, with what it misses, where no plan respects everything.
    """
    if not len(problem.stops):
        return Plan((), (), (), feasible=True)
    ends = _Ends(problem)
    folded = all(not np.isfinite(vehicle.reach) for vehicle in problem.vehicles)
    data = _data(problem, ends, folded=folded)
    optional = not problem.stops.required.any() and not problem.groups
    # Where stops may be left out, half of the effort goes to the search for fewer vehicles.
    stop = max(iterations // 2, 1) if optional else iterations

    penalty = PenaltyParams()

    def search(data: Any, start: Any = None) -> Any:
        return pyvrp.solve(
            data,
            stop=MaxIterations(stop),
            seed=seed,
            collect_stats=False,
            display=False,
            params=SolveParams(penalty=penalty),
            initial_solution=start,
        ).best

    best = search(data)
    beyond = _beyond(problem)
    if not best.is_feasible() and beyond > penalty.max_penalty:
        # Stops are worth more than the lateness that they bring on.
        penalty = PenaltyParams(max_penalty=beyond)
        best = search(data)
    if not best.is_feasible():
        # What cannot be driven is left out, and improved from there.
        start = trimmed(data, best, problem.stops)
        again = search(data, start)
        best = again if again.is_feasible() else start
    if optional and best.is_feasible():
        best = with_fewer_vehicles(data, best, problem.stops, search)
    routes = tuple(_route(problem, ends, item) for item in best.routes())
    served = {stop for route in routes for stop in route.stops}
    grouped = {stop for group in problem.groups for stop in group}
    left = [stop for stop in range(len(problem.stops)) if stop not in served and stop not in grouped]
    missed = [stop for stop in left if problem.stops.required[stop]]
    missed += [group[0] for group in problem.groups if not served & set(group)]
    skipped = tuple(stop for stop in left if not problem.stops.required[stop])
    return Plan(routes, skipped, tuple(missed), feasible=bool(best.is_feasible()))


def _beyond(problem: RoutingProblem) -> float:
    """Return a penalty of a second too late that no stop is worth [millionths of a euro]."""
    stops = problem.stops
    return float((stops.prize * _MONEY / np.maximum(stops.service, _SHORTEST)).max())


class _Ends:
    """Ends of routes that lead home by a disposal site: one more location and depot for each kind of vehicle.

    The way from a stop to that location is the way to the best disposal site and on to the depot, unloading included.
    """

    def __init__(self, problem: RoutingProblem) -> None:
        self.size = len(problem.distance)
        self.vehicles = [row for row, vehicle in enumerate(problem.vehicles) if vehicle.disposal]
        self.distance = np.zeros((self.size, len(self.vehicles)))
        self.duration = np.zeros((self.size, len(self.vehicles)))
        self.best = np.zeros((self.size, len(self.vehicles)), dtype=np.int64)
        for column, row in enumerate(self.vehicles):
            vehicle = problem.vehicles[row]
            home = problem.places[vehicle.depot].location
            sites = [problem.places[place] for place in vehicle.disposal]
            rows = [site.location for site in sites]
            away = problem.distance[:, rows] + problem.distance[rows, home]
            time = problem.duration[:, rows] + problem.duration[rows, home] + [site.service for site in sites]
            price = away * vehicle.distance_cost / _KM + time * vehicle.duration_cost / _HOUR
            chosen = price.argmin(axis=1)
            self.best[:, column] = np.asarray(vehicle.disposal)[chosen]
            self.distance[:, column] = away[np.arange(self.size), chosen]
            self.duration[:, column] = time[np.arange(self.size), chosen]
            # A vehicle that has just emptied goes straight home.
            self.distance[rows, column] = problem.distance[rows, home]
            self.duration[rows, column] = problem.duration[rows, home]

    def depot(self, problem: RoutingProblem, vehicle: int) -> int:
        """Return the position of a vehicle's end among the depots."""
        if vehicle in self.vehicles:
            return len(problem.places) + self.vehicles.index(vehicle)
        return problem.vehicles[vehicle].depot

    def hours(self, problem: RoutingProblem, row: int) -> tuple[int, int]:
        """Return when a vehicle may be home, so that its last unloading falls into opening hours [s].

        Exact for one disposal site; with several, home by any of them.
        """
        vehicle = problem.vehicles[row]
        home = problem.places[vehicle.depot].location
        sites = [problem.places[place] for place in vehicle.disposal]
        back = [site.service + float(problem.duration[site.location, home]) for site in sites]
        first = min(site.earliest + way for site, way in zip(sites, back, strict=True))
        last = max(site.latest + way for site, way in zip(sites, back, strict=True))
        waits = min(site.earliest for site in sites) > vehicle.earliest
        early = min(first, vehicle.latest) if waits else 0.0
        return round(early), round(max(min(last, vehicle.latest), vehicle.earliest))

    def closed(self, problem: RoutingProblem, row: int) -> bool:
        """Tell whether a vehicle cannot unload and be home within its shift, wherever it has been."""
        if row not in self.vehicles:
            return False
        vehicle = problem.vehicles[row]
        home = problem.places[vehicle.depot].location
        sites = [problem.places[place] for place in vehicle.disposal]
        return not any(
            site.latest >= vehicle.earliest
            and max(site.earliest, vehicle.earliest) + site.service + problem.duration[site.location, home]
            <= vehicle.latest
            for site in sites
        )

    def whole(self, matrix: NDArray[np.float64], ends: NDArray[np.float64]) -> Any:
        """Return a matrix with the ends as further columns; nothing ever leaves an end."""
        size = self.size + len(self.vehicles)
        found = np.zeros((size, size))
        found[: self.size, : self.size] = matrix
        found[: self.size, self.size :] = ends
        return np.rint(found).astype(np.int64)


def _costs(problem: RoutingProblem, ends: _Ends, vehicle: Vehicle) -> Any:
    """Return the cost of ways for a vehicle, service at their end included [millionths of a euro]."""
    service = np.zeros(ends.size)
    service[problem.stops.location] = problem.stops.service
    for place in problem.places:
        service[place.location] = place.service
    per_metre, per_second = vehicle.distance_cost / _KM, vehicle.duration_cost / _HOUR
    price = problem.distance * per_metre + (problem.duration + service[None, :]) * per_second
    np.fill_diagonal(price, 0.0)
    last = ends.distance * per_metre + ends.duration * per_second
    return ends.whole(price * _MONEY, last * _MONEY)


def _data(problem: RoutingProblem, ends: _Ends, *, folded: bool) -> Any:
    stops = problem.stops
    group_of = {stop: number for number, group in enumerate(problem.groups) for stop in group}
    clients = [
        pyvrp.Client(
            location=int(stops.location[row]),
            # Waste is picked up; the load of a trip is what was gathered on it.
            pickup=[round(float(value) * _LOAD) for value in stops.load[row]],
            service_duration=round(float(stops.service[row])),
            tw_early=round(float(stops.earliest[row])),
            tw_late=round(float(stops.latest[row])),
            prize=round(float(stops.prize[row]) * _MONEY),
            required=bool(stops.required[row]) and row not in group_of,
            group=group_of.get(row),
        )
        for row in range(len(stops))
    ]
    depots = [
        pyvrp.Depot(
            location=place.location,
            tw_early=round(place.earliest),
            tw_late=round(place.latest),
            service_duration=round(place.service),
        )
        for place in problem.places
    ]
    for column, row in enumerate(ends.vehicles):
        early, late = ends.hours(problem, row)
        depots.append(pyvrp.Depot(location=ends.size + column, tw_early=early, tw_late=late))
    prices = list(dict.fromkeys((vehicle.distance_cost, vehicle.duration_cost) for vehicle in problem.vehicles))
    kinds = [
        pyvrp.VehicleType(
            profile=prices.index((vehicle.distance_cost, vehicle.duration_cost)) if folded else 0,
            num_available=vehicle.count,
            capacity=[round(value * _LOAD) for value in vehicle.capacity],
            start_depot=vehicle.depot,
            end_depot=ends.depot(problem, row),
            fixed_cost=round(vehicle.fixed_cost * _MONEY),
            tw_early=round(vehicle.earliest),
            tw_late=round(vehicle.latest),
            shift_duration=0 if ends.closed(problem, row) else round(vehicle.shift),
            max_distance=round(min(vehicle.reach, _FAR)),
            unit_distance_cost=1 if folded else round(vehicle.distance_cost * _MONEY / _KM),
            unit_duration_cost=0 if folded else round(vehicle.duration_cost * _MONEY / _HOUR),
            reload_depots=list(vehicle.disposal),
            max_reloads=max(vehicle.most_trips - 1, 0) if vehicle.disposal else 0,
        )
        for row, vehicle in enumerate(problem.vehicles)
    ]
    size = ends.size + len(ends.vehicles)
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0.0, 0.0) for _row in range(size)],
        clients=clients,
        depots=depots,
        vehicle_types=kinds,
        distance_matrices=_matrices(problem, ends, prices) if folded else [ends.whole(problem.distance, ends.distance)],
        duration_matrices=[ends.whole(problem.duration, ends.duration)] * (len(prices) if folded else 1),
        groups=[pyvrp.ClientGroup(list(group)) for group in problem.groups],
    )


def _matrices(problem: RoutingProblem, ends: _Ends, prices: list[tuple[float, float]]) -> list[Any]:
    """Return the cost of ways for each pair of prices."""
    first = {(vehicle.distance_cost, vehicle.duration_cost): vehicle for vehicle in reversed(problem.vehicles)}
    return [_costs(problem, ends, first[price]) for price in prices]


def _length(problem: RoutingProblem, ends: _Ends, kind: int, places: list[int]) -> float:
    """Return the length of a route by the locations that it visits, its end included [m]."""
    ways = pairwise(places)
    whole = float(sum(problem.distance[start, end] for start, end in ways))
    if problem.vehicles[kind].disposal:
        return whole + float(ends.distance[places[-1], ends.vehicles.index(kind)])
    return whole + float(problem.distance[places[-1], problem.places[problem.vehicles[kind].depot].location])


def _route(problem: RoutingProblem, ends: _Ends, route: Any) -> Route:
    """Return a route with its trips; the last unloading, hidden in the end, comes to light."""
    kind = int(route.vehicle_type())
    vehicle: Vehicle = problem.vehicles[kind]
    trips: list[list[int]] = [[]]
    visited = [problem.places[vehicle.depot].location]
    disposal: list[int] = []
    activities = list(route)
    for activity in activities[1:-1]:
        if activity.is_client():
            trips[-1].append(int(activity.idx))
            visited.append(int(problem.stops.location[trips[-1][-1]]))
        else:
            disposal.append(int(activity.idx))
            visited.append(problem.places[disposal[-1]].location)
            trips.append([])
    if vehicle.disposal:
        if trips[-1]:
            column = ends.vehicles.index(kind)
            disposal.append(int(ends.best[problem.stops.location[trips[-1][-1]], column]))
        else:
            trips.pop()
    return Route(
        kind,
        tuple(tuple(trip) for trip in trips),
        tuple(disposal),
        float(route.start_time()),
        _length(problem, ends, kind, visited),
        float(route.duration()),
        bool(route.is_feasible()),
    )
