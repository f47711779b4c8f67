"""What a node is worth: the nights without light that a failure no longer lasts, since it is known at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.lighting.physics import failures
from jumeau.networks.lighting.physics.state import State
from jumeau.simulation.clock import DAY

Floats = NDArray[np.float64]

#: Phases of a cycle of planned changes over which lamps of unknown age are averaged.
PHASES = 32
#: Instants at which the time until a failure is known is looked at.
STEPS = 4000
#: Days of a year, as the clock counts them.
YEAR = 365.25


def yearly_failures(state: State) -> Floats:
    """Return the probability that each lamp fails within a year, shape (n,); a second failure is left out."""
    upkeep = state.upkeep
    end = state.night.start + state.night.step * len(state.night.slot)
    hours = state.by_class(state.burning, 0.0, end) / (end / DAY / YEAR)
    total = np.zeros(state.count)
    for phase in (np.arange(PHASES) + 0.5) / PHASES:
        age = failures.starting_age(upkeep.years, hours, upkeep.renewal, np.full(state.count, phase))
        law = (upkeep.shape, upkeep.scale, upkeep.renewal)
        rise = failures.cumulated_hazard(age + hours, *law) - failures.cumulated_hazard(age, *law)
        total += -np.expm1(-np.maximum(rise, 0.0))
    return np.asarray(total / PHASES, dtype=np.float64)


def days_unknown(interval: float, sighting: float, citizen: float) -> float:
    """Return the mean time until a patrol or a resident tells of a dark lamp [day].

    Parameters
    ----------
    interval : float
        Time between patrols [day].
    sighting : float
        Probability that a patrol sees it.
    citizen : float
        Mean time until a resident reports [day].
    """
    time, step = _times(max(40.0 * citizen, 1.0))
    passes, part = np.divmod(time / interval, 1.0)
    unseen = (1.0 - sighting) ** passes * (1.0 - part * sighting)
    return float((np.exp(-time / citizen) * unseen).sum()) * step


def days_with_node(alarm: float, citizen: float) -> float:
    """Return the mean time until a node or a resident tells of a dark lamp, for alarms within `alarm` days [day]."""
    if alarm <= 0.0:
        return 0.0
    time, step = _times(alarm)
    return float((np.exp(-time / citizen) * (1.0 - time / alarm)).sum()) * step


def _times(last: float) -> tuple[Floats, float]:
    return (np.arange(STEPS) + 0.5) * last / STEPS, last / STEPS


def node_worth(state: State, alarm: float) -> tuple[Floats, Floats]:
    """Return the nights that each lamp is dark before its failure is known, and what a node saves of them.

    Parameters
    ----------
    state : State
    alarm : float
        Longest delay of an alarm [h].

    Returns
    -------
    (ndarray, ndarray), shape (n,) each
        [night/year]; nothing for lamps that have a node.
    """
    upkeep = state.upkeep
    often = np.where(upkeep.managed, 0.0, yearly_failures(state))
    kinds, of_lamp = np.unique(upkeep.patrol, return_inverse=True)
    days = np.array([days_unknown(float(item), upkeep.sighting, upkeep.citizen_delay) for item in kinds])
    before = days[of_lamp] if len(kinds) else np.zeros(state.count)
    after = days_with_node(alarm / 24.0, upkeep.citizen_delay)
    return often * before, often * np.maximum(before - after, 0.0)
