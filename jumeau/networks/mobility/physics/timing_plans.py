"""Timing plans of traffic signals: made for the flows of their year, or following the present ones.

A fixed plan has one split per part of the day, by Webster's rule, for the flows that its makers counted; since then
each approach has drifted. Adaptive signals follow the flows of every hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Signals
from jumeau.assignment.signals import webster
from jumeau.networks.mobility.physics.day import HOURS
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.randomness import stable_hash

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: First hours of the plans of a day: morning peak, midday, evening peak, night.
PLANS = (6, 10, 16, 20)

#: Plan of each hour of the day.
PLAN_OF: Ints = (np.searchsorted(PLANS, np.arange(HOURS), side="right") - 1) % len(PLANS)


@dataclass(frozen=True)
class Crossings:
    """Signalised crossings; shapes (s,), or (k,) for their approaches.

    Attributes
    ----------
    adaptive : ndarray of bool
    age : ndarray
        Of the timing plan [year].
    link : ndarray of int, shape (k,)
        Link of each approach.
    crossing : ndarray of int, shape (k,)
    phase : ndarray of int, shape (k,)
        0 for the main road, 1 for what crosses it.
    drift : ndarray, shape (k,)
        Flow now over flow when the plan was made.
    """

    adaptive: Bools
    age: Floats
    link: Ints
    crossing: Ints
    phase: Ints
    drift: Floats


def crossings_of(
    supply: Supply, adaptive: Bools, age: Floats, daily: Floats, names: object, spread: float
) -> Crossings:
    """Return the crossings.

    Parameters
    ----------
    supply : Supply
    adaptive, age : ndarray, shape (s,)
    daily : ndarray, shape (m,)
        Flow by which the main road of a crossing is known.
    names : sequence of str
        Of the layer's links: an approach drifts the same in every situation.
    spread : float
        Standard deviation of the change of a flow in a year.
    """
    link = np.flatnonzero(supply.signal >= 0)
    crossing = supply.signal[link]
    phase = np.zeros(len(link), dtype=np.int64)
    for number in np.unique(crossing):
        mine = np.flatnonzero(crossing == number)
        main = supply.bearing[link[mine[np.argmax(daily[link[mine]])]]]
        phase[mine] = np.abs(np.sin(supply.bearing[link[mine]] - main)) > np.sqrt(0.5)
    normal = np.array([_normal(str(np.asarray(names, dtype=object)[supply.row[row]])) for row in link])
    drift = np.exp(spread * np.sqrt(np.maximum(age[crossing], 0.0)) * normal) if len(link) else np.zeros(0)
    return Crossings(adaptive, age, link, crossing, phase, drift)


def _normal(name: str) -> float:
    """Return a standard normal number that depends on a name only."""
    generator = np.random.Generator(np.random.PCG64(stable_hash(f"drift of {name}")))
    return float(generator.standard_normal())


def best_plan(
    flow: Floats, saturation: Floats, phase: Ints, start: tuple[float, Floats], values: Mapping[str, float]
) -> tuple[float, Floats]:
    """Return the cycle [s] and the shares of green of two phases that wait least, near those of Webster's rule.

    The rule shares green by the most loaded approaches; at quiet crossings the others weigh as much.

    Parameters
    ----------
    flow, saturation : ndarray, shape (k,)
        Of the approaches [pcu/h].
    phase : ndarray of int, shape (k,)
    start : tuple
        The cycle and shares of Webster's rule.
    values : mapping of str to float
    """
    lost = values["signal_lost"]
    cycles = np.unique(np.clip(start[0] * np.linspace(0.75, 1.5, 7), values["cycle_shortest"], values["cycle_longest"]))
    parts = np.unique(np.append(np.linspace(0.15, 0.85, 36), start[1][0] / start[1].sum()))
    cycle, part = (item.ravel() for item in np.meshgrid(cycles, parts, indexing="ij"))
    shares = np.stack([part, 1.0 - part]) * (cycle - lost) / cycle
    waits = np.zeros(len(cycle))
    for row in range(len(flow)):
        approach = Signals(
            cycle, shares[phase[row]], np.full(len(cycle), saturation[row]), 1.0, values["incremental_fixed"]
        )
        waits += flow[row] * approach.delay(np.full(len(cycle), flow[row]))
    best = int(np.argmin(waits))
    return float(cycle[best]), shares[:, best]


def timings(
    crossings: Crossings, supply: Supply, flow: Floats, values: Mapping[str, float], present: Floats | None = None
) -> list[Signals | None]:
    """Return the signals of each hour of the day.

    Parameters
    ----------
    crossings : Crossings
    supply : Supply
    flow : ndarray, shape (24, m)
        Flows whose drift gives those of the year of the plans [pcu/h].
    values : mapping of str to float
    present : ndarray, shape (24, m), optional
        Flows that new plans and adaptive signals know; the same by default.
    """
    known = flow if present is None else present
    if not len(crossings.link):
        return [None] * HOURS
    saturation = values["saturation_flow"] * supply.lanes[crossings.link]
    found: list[Signals | None] = []
    count = len(crossings.adaptive)
    fixed = ~crossings.adaptive[crossings.crossing]
    followed = values["incremental_adaptive"], values["incremental_fixed"]
    made: dict[tuple[int, int], tuple[float, Floats]] = {}
    for hour in range(HOURS):
        cycle = np.zeros(len(supply.length))
        green = np.ones(len(supply.length))
        delay = np.full(len(supply.length), followed[1])
        alike = PLAN_OF[hour] == PLAN_OF
        then = flow[alike].mean(axis=0)[crossings.link] / crossings.drift
        then = np.where(crossings.age[crossings.crossing] <= 0.0, known[alike].mean(axis=0)[crossings.link], then)
        now = known[hour, crossings.link]
        flows = np.where(fixed, then, now)
        ratios = flows / saturation
        for number in range(count):
            mine = np.flatnonzero(crossings.crossing == number)
            if not len(mine):
                continue
            key = (number, int(PLAN_OF[hour]) if fixed[mine[0]] else 100 + hour)
            if key not in made:
                critical = np.array([ratios[mine[crossings.phase[mine] == phase]].max(initial=0.0) for phase in (0, 1)])
                # A phase that hardly anybody uses still gets its least green.
                critical = np.maximum(critical, values["least_green"] * critical.sum() + 1e-3)
                start = webster(critical, values["signal_lost"], values["cycle_shortest"], values["cycle_longest"])
                made[key] = best_plan(flows[mine], saturation[mine], crossings.phase[mine], start, values)
            length, share = made[key]
            where = crossings.link[mine]
            cycle[where] = length
            green[where] = share[crossings.phase[mine]]
            delay[where] = followed[1] if fixed[mine[0]] else followed[0]
        every = values["saturation_flow"] * supply.lanes
        found.append(Signals(cycle, green, every, 1.0, delay))
    return found
