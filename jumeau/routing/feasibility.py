"""Which stops a vehicle could serve if it had nothing else to do: no plan can hold the others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.routing.problem import RoutingProblem, Vehicle

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def servable(problem: RoutingProblem) -> Bools:
    """Tell which stops each kind of vehicle can serve alone: there, emptied and home within hours, reach and load.

    Parameters
    ----------
    problem : RoutingProblem

    Returns
    -------
    ndarray of bool, shape (vehicles, stops)
    """
    if not len(problem.stops) or not problem.vehicles:
        return np.zeros((len(problem.vehicles), len(problem.stops)), dtype=bool)
    return np.stack([_by(problem, vehicle) for vehicle in problem.vehicles])


def _by(problem: RoutingProblem, vehicle: Vehicle) -> Bools:
    stops, home = problem.stops, problem.places[vehicle.depot].location
    at = stops.location
    there = problem.duration[home, at]
    begin = np.maximum(vehicle.earliest + there, stops.earliest)
    fits = (begin <= stops.latest) & (stops.load <= np.asarray(vehicle.capacity)).all(axis=1)
    able = np.zeros(len(stops), dtype=bool)
    if not vehicle.disposal:
        ends = begin + stops.service + problem.duration[at, home]
        way = problem.distance[home, at] + problem.distance[at, home]
        able |= (ends <= vehicle.latest) & (ends - begin + there <= vehicle.shift) & (way <= vehicle.reach)
    for place in (problem.places[item] for item in vehicle.disposal):
        gate = place.location
        arrival = begin + stops.service + problem.duration[at, gate]
        unloading = np.maximum(arrival, place.earliest)
        # Whoever leaves later waits less at the gate.
        later = np.minimum(unloading - arrival, np.maximum(stops.latest - begin, 0.0))
        ends = unloading + place.service + float(problem.duration[gate, home])
        way = problem.distance[home, at] + problem.distance[at, gate] + problem.distance[gate, home]
        able |= (
            (unloading <= place.latest)
            & (ends <= vehicle.latest)
            & (ends - (begin + later - there) <= vehicle.shift)
            & (way <= vehicle.reach)
        )
    return np.asarray(able & fits, dtype=bool)
