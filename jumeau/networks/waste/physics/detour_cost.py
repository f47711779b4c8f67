"""What the way to a further visit costs as the planner of an area sees it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.waste.physics import choice, planning
from jumeau.networks.waste.physics.costs import hourly_cost, km_cost
from jumeau.networks.waste.physics.state import CollectionArea, Service, State
from jumeau.routing import Plan
from jumeau.simulation.clock import HOUR

#: Weight of the day's rounds in the planner's idea of it.
SMOOTHING = 0.2

#: Of the mean driving of a visit, that of a further visit: half by the square root law of tours, and half of that
#: again since the planner picks the sites that lie near its path.
MARGINAL = 0.25


class DetourCost:
    """What the way to a further visit costs: by the distance of the nearest sites at first, then as rounds tell.

    Parameters
    ----------
    state : State
    service : Service
    area : CollectionArea

    Attributes
    ----------
    value : float
        [EUR].
    """

    def __init__(self, state: State, service: Service, area: CollectionArea) -> None:
        self._truck = state.trucks[area.trucks[0]]
        self._rates = state.rates
        usual = choice.calendar(state, area, service)
        problem, _sites = planning.problem(state, area, usual, area.locations.travel, 1.0, {})
        first = state.first_site
        near = np.sort(problem.distance[first:, first:], axis=1)
        apart = float(near[:, 1 : min(3, near.shape[1])].mean()) if near.shape[1] > 1 else 0.0
        self.value = apart / 1000.0 * (self._km + self._hour / self._rates["speed_other"])

    @property
    def _hour(self) -> float:
        return hourly_cost(self._truck, self._rates)

    @property
    def _km(self) -> float:
        return km_cost(self._truck, self._rates)

    def learn(self, plan: Plan, work: NDArray[np.float64]) -> None:
        """Let the day's rounds tell, given the time at each stop [s]."""
        visits = sum(len(route.stops) for route in plan.routes)
        if not visits:
            return
        served = float(sum(work[stop] for route in plan.routes for stop in route.stops)) / HOUR
        driving = plan.duration / HOUR - served
        driven = plan.distance / 1000.0 * self._km + max(driving, 0.0) * self._hour
        self.value += SMOOTHING * (MARGINAL * driven / visits - self.value)
