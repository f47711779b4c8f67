"""What it is worth to know the fill, container by container: the planner's rehearsals with and without sensors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.waste.physics.costs import hourly_cost
from jumeau.networks.waste.physics.site_work import service_time
from jumeau.networks.waste.physics.state import CollectionArea, Service, State
from jumeau.networks.waste.simulation.rehearsal import Rehearsal, Tally
from jumeau.simulation.clock import HOUR, Clock

Floats = NDArray[np.float64]

#: Days of a rehearsal: whole weeks of a year.
DAYS = 364

#: Days of a year over those of a rehearsal.
YEAR = 365.25 / DAYS

#: Visits that all rehearsals should hold, and how many there are of them at least and at most: overflows are rare.
VISITS, LEAST, MOST = 12_000, 4, 40


@dataclass(frozen=True)
class FillWorth:
    """Figures of a year, by rehearsal and container of the area, shapes (r, k).

    Attributes
    ----------
    overflows, visits : ndarray
        Overflows and visits where the fill is estimated.
    spared_overflows, spared_visits : ndarray
        How many fewer there are where sensors tell it.
    visit : ndarray, shape (k,)
        What a visit costs: time at the site and a further detour [EUR].
    """

    overflows: Floats
    visits: Floats
    spared_overflows: Floats
    spared_visits: Floats
    visit: Floats


def fill_worth(state: State, service: Service, area: CollectionArea, clock: Clock) -> FillWorth:
    """Return what sensors in all containers of an area change, the same deposits falling with and without.

    Parameters
    ----------
    state : State
        Sensors that it has stay in both.
    service : Service
        One whose rounds look at the fill.
    area : CollectionArea
        With trucks and sites.
    clock : Clock
    """
    rows = area.containers
    usual = state.containers.capacity[rows] / np.maximum(state.containers.inflow[rows], 1e-9)
    visits = float((DAYS / np.maximum(usual, 1.0)).sum())
    number = int(np.clip(np.ceil(VISITS / max(visits, 1.0)), LEAST, MOST))
    sensor = state.containers.sensor.copy()
    sensor[rows] = True
    knowing = replace(state, containers=replace(state.containers, sensor=sensor))
    without, having = (
        Rehearsal(each, service, area, clock, days=DAYS, replications=number).tallies(service.prize)
        for each in (state, knowing)
    )

    def stacked(tallies: list[Tally], name: str) -> Floats:
        return YEAR * np.stack([getattr(tally, name)[rows] for tally in tallies])

    overflows, passes = stacked(without, "overflows"), stacked(without, "visits")
    hour = min(hourly_cost(state.trucks[row], state.rates) for row in area.trucks)
    detour = float(np.mean([tally.detour for tally in without]))
    # The time at a site is shared by its containers of the stream.
    work = service_time(state, area)[area.member] / np.bincount(area.member)[area.member]
    return FillWorth(
        overflows=overflows,
        visits=passes,
        spared_overflows=overflows - stacked(having, "overflows"),
        spared_visits=passes - stacked(having, "visits"),
        visit=work / HOUR * hour + detour,
    )
