"""Readers of published routing instances."""

import os
from pathlib import Path

import numpy as np
import vrplib

from jumeau.routing import EdgeProblem, Facility, RoutingProblem, Stops, Vehicle

MILE = 1609.344
FOOT = 0.3048


def waste_file(name):
    """Return a file of the open data on waste, whether it exists or not."""
    root = Path(os.environ.get("JUMEAU_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data")
    return root / "waste" / name


def vehicle_routing(path):
    """Return an instance of CVRPLIB, with distances rounded as its rules ask."""
    read = vrplib.read_instance(path)
    distance = np.rint(read["edge_weight"]).astype(np.float64)
    demand = np.asarray(read["demand"], dtype=np.float64)
    count = len(demand)
    return RoutingProblem(
        distance,
        np.zeros_like(distance),
        Stops.of(np.arange(1, count), demand[1:]),
        (Facility(0),),
        # The number in an instance's name is no limit to the number of vehicles.
        (Vehicle((float(read["capacity"]),), count=count),),
    )


def arc_routing(path):
    """Return an instance of CARP, and its lower and upper bound."""
    lines = [[float(word) for word in line.split()] for line in path.read_text().splitlines() if line.strip()]
    edges = int(lines[1][0])
    table = np.array(lines[2 : 2 + edges])
    _vehicles, capacity, lower, upper = (line[0] for line in lines[2 + edges :][:4])
    problem = EdgeProblem(
        table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3], 0, capacity
    )
    return problem, lower, upper


def waste_collection(path, vehicles):
    """Return an instance of Kim, Kim and Sahoo (2006).

    Ways are Manhattan; the lunch hour is taken off the shift; the daily cap is left out, since it does not bind here.
    """
    lines = path.read_text().splitlines()
    capacity, _cap, _stops, lunch, speed = (float(line.split()[0]) for line in lines[:5])
    rows = [line.split() for line in lines[6:] if len(line.split()) >= 8]

    def seconds(text):
        return 3600.0 * int(text[:-2] or 0) + 60.0 * int(text[-2:])

    xy = np.array([[float(row[1]), float(row[2])] for row in rows]) * FOOT
    earliest, latest = (np.array([seconds(row[column]) for row in rows]) for column in (3, 4))
    service, load = (np.array([float(row[column]) for row in rows]) for column in (5, 6))
    kind = np.array([int(row[7]) for row in rows])
    distance = np.abs(xy[:, None] - xy[None]).sum(axis=-1)
    depot, stops, landfills = (np.flatnonzero(kind == code) for code in (0, 1, 2))
    home = int(depot[0])
    places = (
        Facility(home, earliest[home], latest[home]),
        *(Facility(int(row), earliest[row], latest[row], service[row]) for row in landfills),
    )
    vehicle = Vehicle(
        (capacity,),
        count=vehicles,
        disposal=tuple(range(1, len(places))),
        earliest=earliest[home],
        latest=latest[home],
        shift=latest[home] - earliest[home] - lunch,
        fixed_cost=1000.0,
    )
    return RoutingProblem(
        distance,
        distance / (speed * MILE / 3600.0),
        Stops.of(stops, load[stops], service[stops], earliest=earliest[stops], latest=latest[stops]),
        places,
        (vehicle,),
    )
