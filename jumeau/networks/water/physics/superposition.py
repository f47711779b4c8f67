"""The check of a run against EPANET: at each month's end, all leaks alive at once, as emitters of the network.

During the run each leak sees the pressure of a network without the others. Their sum, set beside that of EPANET with
all of them, says how much this leaves out. It is done in the first replication only, since it asks for hydraulics.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.networks.water.physics.emitters import emitter_days
from jumeau.networks.water.physics.leak_flow import Openings, Supply, leak_flow
from jumeau.networks.water.physics.leaks import Leaks
from jumeau.networks.water.physics.state import State
from jumeau.networks.water.physics.volumes import REFERENCE, openings_of, supply_at
from jumeau.simulation.clock import Clock
from jumeau.simulation.place import Place

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def superposition_gap(state: State, leaks: Leaks, end: Floats, place: Place) -> float:
    """Return the mean gap of the leak flow to EPANET's over month ends [%]; not a number where nothing was checked.

    Parameters
    ----------
    state : State
    leaks : Leaks, shape (k,)
    end : ndarray, shape (k,)
        When each leak was mended [s].
    place : Place
        Where it happens, and when.
    """
    if state.hydraulics is None:
        return float("nan")
    known = state.known
    moments = [
        moment
        for moment in month_ends(place.clock)
        if ((leaks.start <= moment) & (end > moment)).any() or ((known.start <= moment) & (known.end > moment)).any()
    ]
    if not moments:
        return float("nan")
    ours, emitters = [], []
    for moment in moments:
        flow, emitter = _at(state, leaks, end, moment)
        ours.append(flow)
        emitters.append(emitter)
    found = state.hydraulics
    # Variants that leave leaks alone ask for the same runs.
    same = sha256(found.model + b"".join(emitter.tobytes() for emitter in emitters)).digest()
    theirs = place.memo.kept(
        ("water", "superposition", same),
        lambda: np.array(
            [
                day.flow
                for day in emitter_days(found.model, list(found.nodes), found.settling, emitters, found.emitter_law)
            ]
        ),
    )[1:]
    # Where no pressure drives the leaks there is no flow to be right or wrong about.
    flows = theirs != 0.0
    if not flows.any():
        return float("nan")
    return float(np.mean(100.0 * (np.array(ours)[flows] - theirs[flows]) / theirs[flows]))


def month_ends(clock: Clock) -> list[float]:
    """Return the midnights at which months of the period end [s]; its own end at least."""
    first = pd.Timestamp(clock.start)
    days = [
        int((day - first).days)
        for day in pd.date_range(first, pd.Timestamp(clock.end) + pd.Timedelta(days=1), freq="MS")
        if day > first
    ]
    last = (clock.end - clock.start).days + 1
    kept = sorted({*days, last}) if date(clock.end.year, clock.end.month, 1) != clock.start else [last]
    return [float(value) for value in clock.midnights(np.array(kept, dtype=np.int64))]


def _at(state: State, leaks: Leaks, end: Floats, moment: float) -> tuple[float, Floats]:
    """Return the mean leak flow of the day at an instant [m3/h], and the emitters that stand for it.

    An emitter of EPANET follows the power of pressure that its file sets for all: it gives the flow of the leak's own
    law at the mean pressure of its place.
    """
    found = state.hydraulics
    if found is None:
        raise ValueError("no hydraulics")
    pipe, position, openings = _alive(state, leaks, end, moment)
    supply = supply_at(state, pipe, position)
    day = Supply(supply.pressure[:24], supply.slope, supply.levels)
    mean = np.maximum(day.pressure.mean(axis=0), 0.1)
    coefficient = found.emitter_law.coefficient(openings.flow(mean), mean)
    flow = float(leak_flow(openings, day).mean(axis=0).sum())
    background = state.background * np.maximum(state.pipe_pressure / REFERENCE, 0.0) ** state.background_exponent
    flow += float(background.sum())
    emitter = np.zeros(len(found.nodes))
    ends = state.ends[pipe]
    for side, share in ((0, 1.0 - position), (1, position)):
        inside = ends[:, side] >= 0
        np.add.at(emitter, ends[inside, side], (coefficient * share)[inside])
    spread = found.emitter_law.coefficient(background, np.maximum(state.pipe_pressure, 0.1)) / 2.0
    for side in (0, 1):
        inside = state.ends[:, side] >= 0
        np.add.at(emitter, state.ends[inside, side], spread[inside])
    return flow, emitter


def _alive(state: State, leaks: Leaks, end: Floats, moment: float) -> tuple[Ints, Floats, Openings]:
    """Return pipe, position and openings of all leaks alive at an instant, those that the scenario imposes included."""
    some = leaks.take((leaks.start <= moment) & (end > moment))
    drawn = openings_of(state, some).scaled(_size(moment - some.start, some.growth))
    known = state.known
    imposed = (known.start <= moment) & (known.end > moment)
    size = _size(moment - known.start[imposed], known.growth[imposed])
    area = np.pi * known.diameter[imposed] ** 2 / 4.0 * size
    openings = Openings(
        np.concatenate([drawn.area, area]),
        np.concatenate([drawn.expansion, np.zeros(len(area))]),
        state.orifices.coefficient,
    )
    pipe = np.concatenate([some.pipe, known.pipe[imposed]])
    return pipe, np.concatenate([some.position, np.full(len(area), 0.5)]), openings


def _size(age: Floats, growth: Floats) -> Floats:
    """Return the share of its full area that a leak of some age has [s]: its diameter grows with time."""
    return np.asarray(np.where(age < growth, age / np.where(growth > 0.0, growth, 1.0), 1.0) ** 2, dtype=np.float64)
