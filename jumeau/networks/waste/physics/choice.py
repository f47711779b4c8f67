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

#: Of the mean driving of a visit, what a further visit costs: half by the square root law of tours, and half of that
#: again since the planner picks the sites that lie near its path.
MARGINAL = 0.25


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
    state: State, area: CollectionArea, service: Service, knowledge: Knowledge, times: tuple[float, float], visit: float
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
    visit : float
        Present estimate of what a further visit costs [EUR].
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
    return _prizes(state, area, service, knowledge, known, times, visit)


def _prizes(
    state: State,
    area: CollectionArea,
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
    rows = area.containers
    risk = knowledge.risk(known, rows, *times)
    fill = np.minimum(known.mean / state.containers.capacity[rows], 1.0)
    avoided = totals(area.member, risk, len(area.sites)) * service.overflow_value
    spared = np.zeros(len(area.sites))
    np.maximum.at(spared, area.member, fill)
    prize = avoided + spared * visit
    # A visit costs its own time at the least, however near the truck comes: no other site is worth offering.
    cheapest = min((hourly_cost(state.trucks[row], state.rates) for row in area.trucks), default=0.0)
    offered = np.flatnonzero(prize > service_time(state, area) / HOUR * cheapest)
    return _choice(state, area, rows, known.mean, offered, prize[offered])


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
