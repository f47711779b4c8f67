"""Fewer vehicles for stops that may be left out.

A local search that values stops hardly ever gives up a whole route: each of its stops looks worth its small detour,
while all of them together are not worth the way there and back. So plans with one vehicle fewer are searched for, one
after the other, from the best plan without one of its routes, as long as they are better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pyvrp

from jumeau.routing.problem import Stops

#: Data and a first solution -> the best one found.
Search = Callable[[Any, Any], Any]


def with_fewer_vehicles(data: Any, best: Any, stops: Stops, search: Search) -> Any:
    """Return the best solution found with as many vehicles, or fewer.

    Parameters
    ----------
    data : pyvrp.ProblemData
    best : pyvrp.Solution
        Feasible.
    stops : Stops
    search : callable
    """
    while best.num_routes() > 1:
        routes = list(best.routes())
        # The route whose stops are worth least goes; what of it is worth a detour finds its way into the others.
        worth = [sum(float(stops.prize[int(step.idx)]) for step in route if step.is_client()) for route in routes]
        left = [route for place, route in enumerate(routes) if place != int(np.argmin(worth))]
        used = Counter(int(route.vehicle_type()) for route in left)
        kinds = sorted(used)
        types = data.vehicle_types()
        smaller = data.replace(vehicle_types=[types[kind].replace(num_available=used[kind]) for kind in kinds])
        start = pyvrp.Solution(smaller, [_moved(smaller, one, kinds.index(one.vehicle_type())) for one in left])
        found = search(smaller, start)
        if not found.is_feasible() or cost(found) >= cost(best):
            break
        best = pyvrp.Solution(data, [_moved(data, one, kinds[one.vehicle_type()]) for one in found.routes()])
    return best


def cost(solution: Any) -> int:
    """Return what a feasible solution costs, prizes left included [millionths of a euro]."""
    return int(
        solution.distance_cost()
        + solution.duration_cost()
        + solution.fixed_vehicle_cost()
        + solution.uncollected_prizes()
    )


def _moved(data: Any, route: Any, kind: int) -> Any:
    """Return a route of other data, by a vehicle of theirs."""
    return pyvrp.Route(data, [pyvrp.Activity(step.type, step.idx) for step in list(route)[1:-1]], kind)
