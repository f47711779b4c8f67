"""Which sites may be collected on a day: the choice of each policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.networks.waste.physics.costs import hourly_cost
from jumeau.networks.waste.physics.knowledge import Estimate, Knowledge
from jumeau.networks.waste.physics.site_work import service_time
from jumeau.networks.waste.physics.state import CollectionArea, Service, State
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: A site that has to be served is worth so many overflows; it is left out only where no truck can reach it in time.
REQUIRED = 20.0

#: Power of a container's expected fill in the detour that its visit spares.
PATIENCE = 3.0

#: Share of that detour below which nobody is offered: planners search faster among fewer sites.
NEGLIGIBLE = 0.1


@dataclass(frozen=True)
class Choice:
    """What the planner may collect on a day.

    Attributes
    ----------
    sites : ndarray of int, shape (k,)
        Places in the area's sites.
    volume : ndarray, shape (sites of the area,)
        Volume expected at each site [l].
    mass : ndarray, shape (sites of the area,)
        [kg].
    prize : ndarray, shape (k,)
        What a visit is worth [EUR].
    """

    sites: Ints
    volume: Floats
    mass: Floats
    prize: Floats


def calendar(state: State, area: CollectionArea, service: Service) -> Choice:
    """Return all sites of a round, with what usually falls between two passes."""
    rows = area.containers
    volume = np.minimum(state.containers.inflow[rows] * area.interval(), state.containers.capacity[rows])
    return _choice(state, area, rows, volume, np.arange(len(area.sites)), REQUIRED * service.overflow_value)


def chosen(
    state: State,
    area: CollectionArea,
    service: Service,
    knowledge: Knowledge,
    times: tuple[float, float],
    detour: float,
) -> Choice:
    """Return what a policy that looks at the fill may collect.

    Parameters
    ----------
    state : State
    area : CollectionArea
    service : Service
    knowledge : Knowledge
    times : tuple of float
        Now, and the end of the next day of collection: what is not emptied now has to hold until then [s].
    detour : float
        Present estimate of what the way to a further visit costs [EUR].
    """
    rows = area.containers
    known = knowledge.estimate(times[0], rows)
    fill = known.mean / state.containers.capacity[rows]
    every = np.arange(len(area.sites))
    fullest = np.zeros(len(area.sites))
    np.maximum.at(fullest, area.member, fill)
    must = REQUIRED * service.overflow_value
    if service.policy == "fullest":
        order = np.lexsort((every, -fullest))[: service.sites_per_day]
        return _choice(state, area, rows, known.mean, np.sort(order), must)
    if service.policy == "threshold":
        return _choice(state, area, rows, known.mean, np.flatnonzero(fullest >= service.threshold), must)
    return _prizes(state, area, service, knowledge, known, times, detour)


def _prizes(
    state: State,
    area: CollectionArea,
    service: Service,
    knowledge: Knowledge,
    known: Estimate,
    times: tuple[float, float],
    detour: float,
) -> Choice:
    """Return the sites that may be worth a visit: what is at risk, and what spares a later visit.

    A visit today is worth the overflow that it avoids and, the nearer the container would be to its end at the next
    chance, the more of a later visit: the time at the site in proportion, since a container emptied at three quarters
    is emptied four times instead of three; the detour by the third power, since whoever has still some days may meet a
    truck that passes nearer.
    """
    rows, prize = area.containers, service.prize
    now, later = times
    then = knowledge.forecast(known, rows, now, now + prize.horizon * (later - now))
    risk = totals(area.member, knowledge.risk(then, rows), len(area.sites))
    used = np.zeros(len(area.sites))
    np.maximum.at(used, area.member, np.minimum(then.mean / state.containers.capacity[rows], 1.0))
    # A visit costs its own time at the least, however near the truck comes.
    cheapest = min((hourly_cost(state.trucks[row], state.rates) for row in area.trucks), default=0.0)
    work = service_time(state, area) / HOUR * cheapest
    way = prize.spared * detour
    value = prize.caution * risk * service.overflow_value + used * work + used**PATIENCE * way
    offered = np.flatnonzero(value > work + NEGLIGIBLE * way)
    return _choice(state, area, rows, known.mean, offered, value[offered])


def _choice(
    state: State, area: CollectionArea, rows: Ints, volume: Floats, sites: Ints, prize: Floats | float
) -> Choice:
    size = len(area.sites)
    return Choice(
        sites,
        totals(area.member, volume, size),
        totals(area.member, volume * state.containers.density[rows], size),
        np.broadcast_to(np.asarray(prize, dtype=np.float64), len(sites)).copy(),
    )
