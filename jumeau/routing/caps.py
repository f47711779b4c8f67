"""Caps on a day: most stops and most load of a vehicle, of all of them, and of a disposal site.

The search itself knows the load of a trip only, not that of a whole day. What a plan holds beyond a cap is left out,
the stops of least worth first, and the rest is planned again; what one vehicle may not take is offered to the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jumeau.routing.plan import Plan, Route
from jumeau.routing.problem import RoutingProblem

Search = Callable[[RoutingProblem], Plan]
Ints = NDArray[np.int64]


def capped(problem: RoutingProblem, search: Search) -> Plan:
    """Return a plan that keeps the caps of a problem, with what they leave out.

    Parameters
    ----------
    problem : RoutingProblem
        Without groups.
    search : callable
        Problem -> plan, caps left aside.
    """
    if not _limits(problem):
        return search(problem)
    free = _without_caps(problem)
    plan = search(free)
    wanted = {stop for route in plan.routes for stop in route.stops}
    kept = np.arange(len(problem.stops))
    while True:
        inside = _inside(problem, kept, plan)
        if len(inside) == sum(len(route.stops) for route in plan.routes):
            break
        kept = kept[inside]
        plan = search(_of(free, kept))
    routes = _by_vehicle(problem, kept, plan, search)
    served = {stop for route in routes for stop in route.stops}
    left = [stop for stop in range(len(problem.stops)) if stop not in served]
    required = problem.stops.required
    return Plan(
        tuple(routes),
        tuple(stop for stop in left if not required[stop]),
        tuple(stop for stop in left if required[stop]),
        feasible=plan.feasible and not any(required[stop] for stop in left),
        capped=tuple(sorted(wanted - served)),
    )


def _limits(problem: RoutingProblem) -> bool:
    """Tell whether a problem has caps."""
    whole = np.isfinite(problem.most_stops) or bool(problem.most_load)
    vehicles = any(np.isfinite(vehicle.most_stops) or vehicle.most_load for vehicle in problem.vehicles)
    return bool(whole or vehicles or any(place.most_load for place in problem.places))


def _without_caps(problem: RoutingProblem) -> RoutingProblem:
    if not _limits(problem):
        return problem
    return replace(
        problem,
        places=tuple(replace(place, most_load=()) for place in problem.places),
        vehicles=tuple(replace(vehicle, most_stops=np.inf, most_load=()) for vehicle in problem.vehicles),
        most_stops=np.inf,
        most_load=(),
    )


def _of(problem: RoutingProblem, kept: Ints) -> RoutingProblem:
    mask = np.zeros(len(problem.stops), dtype=bool)
    mask[kept] = True
    return replace(problem, stops=problem.stops.only(mask))


def _worthiest(problem: RoutingProblem, stops: Iterable[int]) -> list[int]:
    """Return stops by falling worth; equal ones in the order in which they come."""
    return sorted(stops, key=lambda stop: -problem.stops.prize[stop])


def _first(problem: RoutingProblem, stops: Sequence[int], most_stops: float, most_load: Sequence[float]) -> list[int]:
    """Return the stops that caps let in, taken in their order; one that does not fit is passed by."""
    found: list[int] = []
    load = np.zeros(problem.stops.load.shape[1])
    most = np.asarray(most_load if len(most_load) else np.full(len(load), np.inf)) + 1e-9
    for stop in stops:
        if len(found) + 1 > most_stops:
            break
        if (load + problem.stops.load[stop] <= most).all():
            found.append(stop)
            load = load + problem.stops.load[stop]
    return found


def _inside(problem: RoutingProblem, kept: Ints, plan: Plan) -> Ints:
    """Return which stops of a plan over `kept` the caps of disposal sites and of the day let in, sorted."""
    by_place: dict[int, list[int]] = {}
    for route in plan.routes:
        for number, trip in enumerate(route.trips):
            place = route.disposal[number] if route.disposal else -1
            by_place.setdefault(place, []).extend(int(kept[stop]) for stop in trip)
    inside: list[int] = []
    for place, stops in by_place.items():
        most = problem.places[place].most_load if place >= 0 else ()
        inside += _first(problem, _worthiest(problem, stops), np.inf, most)
    order = {stop: number for number, stop in enumerate(int(kept[s]) for route in plan.routes for s in route.stops)}
    inside.sort(key=order.__getitem__)
    inside = _first(problem, _worthiest(problem, inside), problem.most_stops, problem.most_load)
    return np.searchsorted(kept, np.sort(np.asarray(inside, dtype=np.int64)))


def _by_vehicle(problem: RoutingProblem, kept: Ints, plan: Plan, search: Search) -> list[Route]:
    """Return routes within the caps of their vehicles, in the numbers of the whole problem's stops and vehicles."""
    fixed: list[Route] = []
    kinds = list(range(len(problem.vehicles)))
    count = {kind: problem.vehicles[kind].count for kind in kinds}
    free = _without_caps(problem)
    while True:
        routes = [_renamed(route, kept, kinds) for route in plan.routes]
        over = [route for route in routes if not _fits(problem, route)]
        if not over:
            return fixed + routes
        for route in over:
            vehicle = problem.vehicles[route.vehicle]
            mine = _first(problem, _worthiest(problem, route.stops), vehicle.most_stops, vehicle.most_load)
            part = np.sort(np.asarray(mine, dtype=np.int64))
            alone = replace(_of(free, part), vehicles=(replace(free.vehicles[route.vehicle], count=1),))
            fixed += [_renamed(item, part, [route.vehicle]) for item in search(alone).routes]
            count[route.vehicle] -= 1
        done = {stop for route in fixed for stop in route.stops}
        kept = np.array([stop for stop in kept if stop not in done], dtype=np.int64)
        kinds = [kind for kind in range(len(problem.vehicles)) if count[kind] > 0]
        if not kinds or not len(kept):
            return fixed
        vehicles = tuple(replace(free.vehicles[kind], count=count[kind]) for kind in kinds)
        plan = search(replace(_of(free, kept), vehicles=vehicles))


def _fits(problem: RoutingProblem, route: Route) -> bool:
    vehicle = problem.vehicles[route.vehicle]
    return len(_first(problem, route.stops, vehicle.most_stops, vehicle.most_load)) == len(route.stops)


def _renamed(route: Route, kept: Ints, kinds: Sequence[int]) -> Route:
    """Return a route of a part in the numbers of the whole."""
    trips = tuple(tuple(int(kept[stop]) for stop in trip) for trip in route.trips)
    return replace(route, vehicle=kinds[route.vehicle], trips=trips)
