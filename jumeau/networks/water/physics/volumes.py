"""Lost volumes of a run's leaks: each a look-up in the hydraulics of one cycle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.leak_flow import Openings, RunTimes, Supply, leak_flow, volumes
from jumeau.networks.water.physics.leaks import Leaks
from jumeau.networks.water.physics.state import State
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Pressure that flows of leaks are stated at [m]: the convention of UARL and of component analysis.
REFERENCE = 50.0

#: Hours of the minimum night flow.
NIGHT = (2, 3)

#: Leaks are worked off in blocks, so that memory does not grow with their number.
BLOCK = 2000


def supply_at(state: State, pipe: Ints, position: Floats) -> Supply:
    """Return pressure and slope at places along pipes, between those of their end nodes."""
    found = state.hydraulics
    if found is None or not len(pipe):
        return Supply(np.zeros((24, len(pipe))), np.zeros((1, len(pipe))), np.ones(1))
    ends = state.ends[pipe]
    alone = (ends < 0).any(axis=1)
    ends = np.where(ends < 0, 0, ends)
    share = np.asarray(position, dtype=np.float64)
    pressure = found.pressure[:, ends[:, 0]] * (1.0 - share) + found.pressure[:, ends[:, 1]] * share
    slope = found.slope[:, ends[:, 0]] * (1.0 - share) + found.slope[:, ends[:, 1]] * share
    pressure = np.where(alone, 0.0, pressure)
    return Supply(pressure.astype(np.float64), slope.astype(np.float64), found.levels)


def openings_of(state: State, leaks: Leaks) -> Openings:
    """Return the full-grown openings of leaks."""
    law = state.orifices
    return Openings.of_flow(leaks.flow, law.exponent[leaks.pipe], REFERENCE, law.coefficient)


def lost_volumes(state: State, leaks: Leaks, begin: Floats, end: Floats) -> Floats:
    """Return the volume that each leak loses between instants [m3], shape (k,)."""
    found = np.zeros(len(leaks))
    for first in range(0, len(leaks), BLOCK):
        part = np.arange(first, min(first + BLOCK, len(leaks)))
        some = leaks.take(part)
        running = RunTimes(some.start, some.growth, begin[part], end[part])
        supply = supply_at(state, some.pipe, some.position)
        found[part] = volumes(openings_of(state, some), supply, running, state.offset)
    return found


def night_flows(state: State, leaks: Leaks) -> Floats:
    """Return the flow of each full-grown leak at night [m3/h], shape (k,)."""
    if not len(leaks):
        return np.zeros(0)
    supply = supply_at(state, leaks.pipe, leaks.position)
    chosen = np.isin(np.arange(len(supply.pressure)) % 24, NIGHT)
    night = Supply(supply.pressure[chosen], supply.slope, supply.levels)
    return np.asarray(leak_flow(openings_of(state, leaks), night).mean(axis=0), dtype=np.float64)


def known_volumes(state: State, duration: float) -> Floats:
    """Return the volume that each imposed leak loses in the period [m3]."""
    known = state.known
    size = len(known.pipe)
    area = np.pi * known.diameter**2 / 4.0
    openings = Openings(area, np.zeros(size), state.orifices.coefficient)
    running = RunTimes(known.start, known.growth, np.zeros(size), np.minimum(known.end, duration))
    return volumes(openings, supply_at(state, known.pipe, np.full(size, 0.5)), running, state.offset)


def background_volumes(state: State, duration: float) -> Floats:
    """Return the background leakage of each pipe over the period, emitters that stand for leaks included [m3]."""
    found = state.hydraulics
    if found is None or not state.count:
        return np.zeros(state.count)
    both = np.where(state.ends < 0, 0, state.ends)
    fed = ~(state.ends < 0).any(axis=1)
    ratio = np.zeros(state.count)
    for hour in range(found.hours):
        pressure = np.maximum(found.pressure[hour, both].mean(axis=1), 0.0)
        ratio += (pressure / REFERENCE) ** state.background_exponent
    ratio = np.where(fed, ratio / found.hours, 0.0)
    return np.asarray((state.background * ratio + state.emitted) * duration / HOUR, dtype=np.float64)
