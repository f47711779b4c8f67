"""Brings a plan that no vehicle could keep back to one that they can, by leaving out optional stops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyvrp

from jumeau.routing.problem import Stops

#: Weight of a unit of load over that of a second, when excesses are added up: both are mended one after the other.
LOAD_WEIGHT = 1e-3


def trimmed(data: Any, solution: Any, stops: Stops) -> Any:
    """Return a solution of which every route is feasible, or the nearest to it where required stops forbid it.

    From each route that is not, the stop goes whose absence mends most for what it is worth, until the route can be
    driven.

    Parameters
    ----------
    data : pyvrp.ProblemData
    solution : pyvrp.Solution
    stops : Stops
    """
    return pyvrp.Solution(data, [_trimmed(data, route, stops) for route in solution.routes()])


def _trimmed(data: Any, route: Any, stops: Stops) -> Any:
    while not route.is_feasible():
        # Steps are made once for all the routes that lack one of them: making them takes longer than making routes.
        steps = _steps(list(route)[1:-1])
        serves = [step.is_client() for step in steps]
        optional = [place for place, step in enumerate(steps) if serves[place] and not stops.required[int(step.idx)]]
        if not optional:
            return route
        kind = route.vehicle_type()
        shorter = [pyvrp.Route(data, _without(place, steps, serves), kind) for place in optional]
        before = _excess(route)
        gains = [
            (before - _excess(one)) / max(float(stops.prize[int(steps[place].idx)]), 1e-9)
            for place, one in zip(optional, shorter, strict=True)
        ]
        route = shorter[int(np.argmax(gains))]
    return route


def _steps(activities: list[Any]) -> list[Any]:
    """Return a route's steps as they are given to PyVRP, without trips that serve nobody."""
    found: list[Any] = []
    for step in activities:
        if not step.is_client() and (not found or not found[-1].is_client()):
            continue
        found.append(pyvrp.Activity(step.type, step.idx))
    if found and not found[-1].is_client():
        found.pop()
    return found


def _without(place: int, steps: list[Any], serves: list[bool]) -> list[Any]:
    """Return steps without one that serves somebody; of two returns that it alone kept apart, one goes too."""
    before, after = place - 1, place + 1
    last = after == len(steps)
    if (before >= 0 and serves[before]) or (not last and serves[after]):
        return steps[:place] + steps[after:]
    return steps[: max(before, 0)] if last else steps[:place] + steps[after + 1 :]


def _excess(route: Any) -> float:
    """Return by how much a route is infeasible; time, distance and load added up."""
    return float(
        route.time_warp() + route.excess_distance() + LOAD_WEIGHT * sum(float(part) for part in route.excess_load())
    )
