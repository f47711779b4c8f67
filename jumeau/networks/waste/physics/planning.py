"""By which rounds the chosen sites are collected: the day's routing problem."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.waste.physics.choice import Choice
from jumeau.networks.waste.physics.costs import hourly_cost, km_cost
from jumeau.networks.waste.physics.hours import opening, site_hours
from jumeau.networks.waste.physics.site_work import service_time
from jumeau.networks.waste.physics.state import Cap, CollectionArea, State, Truck
from jumeau.routing import Facility, RoutingProblem, Stops, Travel, Vehicle
from jumeau.simulation.clock import DAY, HOUR

Ints = NDArray[np.int64]


def reach(truck: Truck, rates: dict[str, float]) -> float:
    """Return how far a truck may be sent: an electric one half as far as its battery takes it without work [m]."""
    if not truck.electric:
        return float("inf")
    return 1000.0 * truck.battery / (2.0 * rates["power_haul"])


def problem(
    state: State,
    area: CollectionArea,
    choice: Choice,
    travel: Travel,
    delay: float,
    available: dict[int, int],
    *,
    margin: float = 1.0,
) -> tuple[RoutingProblem, Ints]:
    """Return the day's routing problem, times counted from local midnight, and the area's site of each stop.

    Parameters
    ----------
    state : State
    area : CollectionArea
    choice : Choice
    travel : Travel
        Of the area's locations, as streets are open on that day.
    delay : float
        Mean travel time over that of empty streets.
    available : dict of int to int
        Trucks by kind.
    margin : float
        Share of body and payload that is planned to be filled.
    """
    places = state.first_site
    inside = np.concatenate([np.arange(places), places + choice.sites])
    distance = travel.distance[np.ix_(inside, inside)]
    time = travel.duration[np.ix_(inside, inside)] * delay
    kinds = [state.trucks[row] for row in area.trucks]
    # A site that no street leads to today waits; so does one whose return is closed.
    home = kinds[0].depot if kinds else 0
    open_ = np.isfinite(distance[home, places:]) & np.isfinite(distance[places:, home])
    kept = np.concatenate([np.full(places, fill_value=True), open_])
    distance, time = (np.where(np.isfinite(m), m, 1e7)[np.ix_(kept, kept)] for m in (distance, time))
    sites = choice.sites[open_]
    work = service_time(state, area)[sites]
    compaction = kinds[0].compaction if kinds else 1.0
    load = np.stack([choice.volume[sites] / compaction, choice.mass[sites]], axis=-1)
    # What is more than a truck holds is a trip of its own.
    vehicles, places_ = _vehicles(state, area, available, margin), facilities(state, area)
    if vehicles:
        load = np.minimum(load, np.max([vehicle.capacity for vehicle in vehicles], axis=0))
    first, last = site_hours(state, area, area.sites[sites])
    stops = Stops.of(
        np.arange(places, places + len(sites)),
        load.reshape(len(sites), 2),
        work,
        earliest=first * HOUR,
        latest=last * HOUR,
        prize=choice.prize[open_],
    )
    return RoutingProblem(distance, time, stops, tuple(item for item, _row in places_), vehicles), sites


def with_caps(
    problem: RoutingProblem, state: State, area: CollectionArea, whole: Cap, intake: dict[int, Cap]
) -> RoutingProblem:
    """Return a day's problem with caps.

    Parameters
    ----------
    problem : RoutingProblem
    state : State
    area : CollectionArea
    whole : Cap
        What the service may still collect on the day.
    intake : dict of int to Cap
        What disposal sites still take, by row.
    """
    places = tuple(
        replace(place, most_load=_most(intake.get(row, Cap())))
        for place, (_place, row) in zip(problem.places, facilities(state, area), strict=True)
    )
    caps = [state.trucks[row].cap for row in area.trucks]
    largest = max((state.disposal[row].cap.mass for row in area.disposal), default=math.inf)
    vehicles = tuple(
        replace(
            vehicle,
            # No trip holds more than its disposal site takes in on a whole day.
            capacity=(vehicle.capacity[0], min(vehicle.capacity[1], largest)),
            most_stops=cap.stops,
            most_load=_most(cap),
        )
        for vehicle, cap in zip(problem.vehicles, caps, strict=True)
    )
    return replace(problem, places=places, vehicles=vehicles, most_stops=whole.stops, most_load=_most(whole))


def _most(cap: Cap) -> tuple[float, ...]:
    return (math.inf, cap.mass) if math.isfinite(cap.mass) else ()


def worthwhile(state: State, area: CollectionArea, problem: RoutingProblem) -> bool:
    """Tell whether all prizes together may pay for the cheapest outing; otherwise nobody needs to look for one."""
    if not len(problem.stops):
        return False
    places = state.first_site
    cheapest = hourly = np.inf
    for row in area.trucks:
        truck = state.trucks[row]
        ends = [len(state.depots) + item for item in area.disposal] or [truck.depot]
        out, back = (
            problem.distance[truck.depot, places:],
            (problem.distance[places:][:, ends] + problem.distance[ends, truck.depot]).min(axis=1),
        )
        time = problem.duration[truck.depot, places:] + problem.duration[places:][:, ends].min(axis=1)
        cost = (out + back) / 1000.0 * km_cost(truck, state.rates) + time / HOUR * hourly_cost(truck, state.rates)
        cheapest = min(cheapest, float(cost.min()))
        hourly = min(hourly, hourly_cost(truck, state.rates))
    net = problem.stops.prize - problem.stops.service / HOUR * hourly
    return float(np.maximum(net, 0.0).sum()) >= cheapest


def facilities(state: State, area: CollectionArea) -> list[tuple[Facility, int]]:
    """Return depots (-1) and disposal sites with their rows; those that a night shift meets on two days come twice."""
    depots = len(state.depots)
    found = [(Facility(row, 0.0, 2.0 * DAY), -1) for row in range(depots)]
    hours = [opening(item.opens, item.closes) for item in state.disposal]
    night = any(state.trucks[row].shift[1] > 24.0 for row in area.trucks)
    for day in (0, 1) if night else (0,):
        found += [
            (Facility(depots + row, hours[row][day][0] * HOUR, hours[row][day][1] * HOUR, item.unloading), row)
            for row, item in enumerate(state.disposal)
            if day < len(hours[row])
        ]
    return found


def _vehicles(state: State, area: CollectionArea, available: dict[int, int], margin: float) -> tuple[Vehicle, ...]:
    found = []
    places = facilities(state, area)
    for row in area.trucks:
        truck = state.trucks[row]
        first, last = (hour * HOUR for hour in truck.shift)
        length = last - first
        pause = truck.break_time if length > truck.break_after else 0.0
        ends = [place for place, (_item, number) in enumerate(places) if number in area.disposal]
        # Where all are closed during the shift none is left out: the truck cannot go, rather than keep its load.
        open_ = [place for place in ends if places[place][0].earliest < last and places[place][0].latest > first]
        found.append(
            Vehicle(
                capacity=(truck.body * margin, truck.payload * margin),
                depot=truck.depot,
                count=available.get(row, truck.count),
                disposal=tuple(open_ or ends),
                earliest=first,
                latest=last - pause,
                shift=length - pause,
                reach=reach(truck, state.rates),
                distance_cost=km_cost(truck, state.rates),
                duration_cost=hourly_cost(truck, state.rates),
            )
        )
    return tuple(found)
