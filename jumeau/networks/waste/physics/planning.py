"""Which sites are collected on a day, and by which rounds: the day's routing problem of each policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.networks.waste.physics.knowledge import Estimate, Knowledge
from jumeau.networks.waste.physics.state import Pool, Service, State, Truck
from jumeau.routing import Place, RoutingProblem, Stops, Travel, Vehicle
from jumeau.simulation.clock import DAY, HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A site that has to be served is worth so many overflows; it is left out only where no truck can reach it in time.
REQUIRED = 20.0

#: Of the mean way of a visit, what a further visit costs: half by the square root law of tours, and half of that again
#: since the planner picks the sites that lie near its way.
MARGINAL = 0.25


@dataclass(frozen=True)
class Choice:
    """What the planner may collect on a day.

    Attributes
    ----------
    sites : ndarray of int, shape (k,)
        Places in the pool's sites.
    volume : ndarray, shape (sites of the pool,)
        Volume expected at each site [l].
    mass : ndarray, shape (sites of the pool,)
        [kg].
    prize : ndarray, shape (k,)
        What a visit is worth [EUR].
    """

    sites: Ints
    volume: Floats
    mass: Floats
    prize: Floats


def calendar(state: State, pool: Pool, service: Service) -> Choice:
    """Return all sites of a round, with what usually falls between two passes."""
    rows = pool.containers
    volume = np.minimum(state.containers.inflow[rows] * pool.interval(), state.containers.capacity[rows])
    return _choice(state, pool, rows, volume, np.arange(len(pool.sites)), REQUIRED * service.overflow_value)


def chosen(
    state: State, pool: Pool, service: Service, knowledge: Knowledge, times: tuple[float, float], visit: float
) -> Choice:
    """Return what a policy that looks at the fill may collect.

    Parameters
    ----------
    state : State
    pool : Pool
    service : Service
    knowledge : Knowledge
    times : tuple of float
        Now, and the end of the next day of collection: what is not emptied now has to hold until then [s].
    visit : float
        Present estimate of what a further visit costs [EUR].
    """
    rows = pool.containers
    known = knowledge.estimate(times[0], rows)
    fill = known.mean / state.containers.capacity[rows]
    every = np.arange(len(pool.sites))
    fullest = np.zeros(len(pool.sites))
    np.maximum.at(fullest, pool.member, fill)
    must = REQUIRED * service.overflow_value
    if service.policy == "fullest":
        order = np.lexsort((every, -fullest))[: service.sites_per_day]
        return _choice(state, pool, rows, known.mean, np.sort(order), must)
    if service.policy == "threshold":
        return _choice(state, pool, rows, known.mean, np.flatnonzero(fullest >= service.threshold), must)
    return _prizes(state, pool, service, knowledge, known, times, visit)


def _prizes(
    state: State,
    pool: Pool,
    service: Service,
    knowledge: Knowledge,
    known: Estimate,
    times: tuple[float, float],
    visit: float,
) -> Choice:
    """Return the sites that may be worth a visit: what is at risk, and what spares a later visit.

    A visit today is worth the overflow that it avoids, and the part of a later visit that it spares: a container at
    three quarters would have had to be visited soon anyway, for what a further visit costs on such a day.
    """
    rows = pool.containers
    risk = knowledge.risk(known, rows, *times)
    fill = np.minimum(known.mean / state.containers.capacity[rows], 1.0)
    avoided = totals(pool.member, risk, len(pool.sites)) * service.overflow_value
    spared = np.zeros(len(pool.sites))
    np.maximum.at(spared, pool.member, fill)
    prize = avoided + spared * visit
    # A visit costs its own time at the least, however near the truck comes: no other site is worth offering.
    cheapest = min((hourly_cost(state.trucks[row], state.rates) for row in pool.trucks), default=0.0)
    offered = np.flatnonzero(prize > service_time(state, pool) / HOUR * cheapest)
    return _choice(state, pool, rows, known.mean, offered, prize[offered])


def _choice(state: State, pool: Pool, rows: Ints, volume: Floats, sites: Ints, prize: Floats | float) -> Choice:
    size = len(pool.sites)
    return Choice(
        sites,
        totals(pool.member, volume, size),
        totals(pool.member, volume * state.containers.density[rows], size),
        np.broadcast_to(np.asarray(prize, dtype=np.float64), len(sites)).copy(),
    )


def service_time(state: State, pool: Pool) -> Floats:
    """Return the usual time at each site of a pool [s]."""
    owned, rates = state.containers, state.rates
    lifts = usual_lifts(state, pool)
    per_lift = np.where(owned.wheeled[pool.containers], rates["lift_time_bin"], rates["lift_time_column"])
    whole = totals(pool.member, lifts, len(pool.sites))
    at_kerb = rates["site_time_kerbside"] * halts(whole, rates)
    at_site = np.where(state.kerbside[pool.sites], at_kerb, rates["site_time_column"])
    return at_site + totals(pool.member, lifts * per_lift, len(pool.sites))


def halts(lifted: Floats | float, rates: dict[str, float]) -> Floats:
    """Return how often a truck stops at a kerbside site: its bins stand along a piece of street."""
    return np.asarray(np.maximum(np.asarray(lifted) / rates["lifts_per_stop"], 1.0), dtype=np.float64)


def usual_lifts(state: State, pool: Pool) -> Floats:
    """Return the lifts expected at each row of containers on a pass of the calendar."""
    owned, rows = state.containers, pool.containers
    return lifts(
        owned.inflow[rows] * pool.interval(), owned.volume[rows], owned.capacity[rows], owned.wheeled[rows], state.rates
    )


def lifts(volume: Floats, one: Floats, capacity: Floats, wheeled: NDArray[np.bool_], rates: dict[str, float]) -> Floats:
    """Return the lifts that a volume takes: of bins those that are put out, of columns all of them."""
    count = np.maximum(np.round(capacity / one), 1.0)
    put_out = np.clip(np.ceil(volume / (one * rates["set_out_fill"])), 1.0, count)
    return np.asarray(np.where(wheeled, put_out, count), dtype=np.float64)


def hourly_cost(truck: Truck, rates: dict[str, float]) -> float:
    """Return what an hour of a truck's crew costs [EUR/h]."""
    return truck.crew * rates["crew_hourly_cost"]


def km_cost(truck: Truck, rates: dict[str, float]) -> float:
    """Return what a kilometre costs: energy under way and upkeep [EUR/km]."""
    if truck.energy == "electric":
        energy = rates["power_haul"] / rates["charging_efficiency"] * rates["electricity_price"]
        return energy + rates["upkeep_electric"]
    if truck.energy == "cng":
        energy = rates["fuel_haul"] * rates["gas_ratio"] * rates["diesel_energy"] * rates["gas_price"]
    else:
        energy = rates["fuel_haul"] * rates["diesel_price"]
    return energy + rates["upkeep_diesel"]


def reach(truck: Truck, rates: dict[str, float]) -> float:
    """Return how far a truck may be sent: an electric one half as far as its battery takes it without work [m]."""
    if truck.energy != "electric":
        return float("inf")
    return 1000.0 * truck.battery / (2.0 * rates["power_haul"])


def problem(
    state: State,
    pool: Pool,
    choice: Choice,
    travel: Travel,
    delay: float,
    available: dict[int, int],
    *,
    margin: float = 1.0,
) -> tuple[RoutingProblem, Ints]:
    """Return the day's routing problem, times counted from local midnight, and the pool's site of each stop.

    Parameters
    ----------
    state : State
    pool : Pool
    choice : Choice
    travel : Travel
        Of the pool's ground, as streets are open on that day.
    delay : float
        Mean travel time over that of empty streets.
    available : dict of int to int
        Trucks by kind.
    margin : float
        Share of body and payload that is planned to be filled.
    """
    places = len(state.depots) + len(state.disposal)
    inside = np.concatenate([np.arange(places), places + choice.sites])
    distance = travel.distance[np.ix_(inside, inside)]
    time = travel.duration[np.ix_(inside, inside)] * delay
    kinds = [state.trucks[row] for row in pool.trucks]
    # A site that no street leads to today waits; so does one whose way back is closed.
    home = kinds[0].depot if kinds else 0
    open_ = np.isfinite(distance[home, places:]) & np.isfinite(distance[places:, home])
    kept = np.concatenate([np.full(places, fill_value=True), open_])
    distance, time = (np.where(np.isfinite(m), m, 1e7)[np.ix_(kept, kept)] for m in (distance, time))
    sites = choice.sites[open_]
    work = service_time(state, pool)[sites]
    compaction = kinds[0].compaction if kinds else 1.0
    load = np.stack([choice.volume[sites] / compaction, choice.mass[sites]], axis=-1)
    rows = pool.sites[sites]
    latest = np.where(state.latest[rows] >= 24.0, 2.0 * DAY, state.latest[rows] * HOUR)
    stops = Stops.of(
        np.arange(places, places + len(sites)),
        load.reshape(len(sites), 2),
        work,
        earliest=state.earliest[rows] * HOUR,
        latest=latest,
        prize=choice.prize[open_],
    )
    return RoutingProblem(distance, time, stops, _places(state), _vehicles(state, pool, available, margin)), sites


def worthwhile(state: State, pool: Pool, problem: RoutingProblem) -> bool:
    """Tell whether all prizes together may pay for the cheapest outing; otherwise nobody needs to look for one."""
    if not len(problem.stops):
        return False
    places = len(state.depots) + len(state.disposal)
    cheapest = hourly = np.inf
    for row in pool.trucks:
        truck = state.trucks[row]
        ends = [len(state.depots) + item for item in pool.disposal] or [truck.depot]
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


def _places(state: State) -> tuple[Place, ...]:
    found = [Place(row, 0.0, 2.0 * DAY) for row in range(len(state.depots))]
    found += [
        Place(len(state.depots) + row, item.opens * HOUR, item.closes * HOUR, item.unloading)
        for row, item in enumerate(state.disposal)
    ]
    return tuple(found)


def _vehicles(state: State, pool: Pool, available: dict[int, int], margin: float) -> tuple[Vehicle, ...]:
    found = []
    for row in pool.trucks:
        truck = state.trucks[row]
        first, last = (hour * HOUR for hour in truck.shift)
        length = last - first
        pause = truck.break_time if length > truck.break_after else 0.0
        found.append(
            Vehicle(
                capacity=(truck.body * margin, truck.payload * margin),
                depot=truck.depot,
                count=available.get(row, truck.count),
                disposal=tuple(len(state.depots) + item for item in pool.disposal),
                earliest=first,
                latest=last - pause,
                shift=length - pause,
                reach=reach(truck, state.rates),
                distance_cost=km_cost(truck, state.rates),
                duration_cost=hourly_cost(truck, state.rates),
            )
        )
    return tuple(found)
