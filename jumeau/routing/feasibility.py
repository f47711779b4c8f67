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
    if not vehicle.disposal:
        back, way = problem.duration[at, home], problem.distance[home, at] + problem.distance[at, home]
        whole = there + stops.service + back
        ends = begin + stops.service + back
        possible: Bools = (ends <= vehicle.latest) & (whole <= vehicle.shift) & (way <= vehicle.reach)
        return fits & possible
    able = np.zeros(len(stops), dtype=bool)
    for place in (problem.places[item] for item in vehicle.disposal):
        arrival = begin + stops.service + problem.duration[at, place.location]
        unloading = np.maximum(arrival, place.earliest)
        back = float(problem.duration[place.location, home])
        # Whoever leaves later waits less at the gate.
        later = np.minimum(unloading - arrival, np.maximum(stops.latest - begin, 0.0))
        ends = unloading + place.service + back
        whole = ends - (begin + later - there)
        way = problem.distance[home, at] + problem.distance[at, place.location] + problem.distance[place.location, home]
        able |= (unloading <= place.latest) & (ends <= vehicle.latest) & (whole <= vehicle.shift) & (way <= vehicle.reach)
    return fits & able
