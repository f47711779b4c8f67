"""What watching the night flow of a sector is worth: the water that its hidden leaks lose less, year after year.

A sector sees the sum of its leaks: small ones raise an alarm together, and a search that ends early leaves some of them
as the new normal. No closed form holds that, so many years of each sector are followed: the leaks that runs draw, the
awareness that they have without sectors, and the very `Sector` of the runs. Teams and crews do not queue here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import simpy
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.networks.water.physics.awareness import aware, draws, missed_passes
from jumeau.networks.water.physics.leaks import YEAR, Leaks, draw_leaks
from jumeau.networks.water.physics.logger_worth import WORKS
from jumeau.networks.water.physics.state import State
from jumeau.networks.water.physics.volumes import lost_volumes, night_flows
from jumeau.networks.water.simulation.night_flow import Event, Rise, Sector
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Leaks that are followed, about, and the years that this may take.
LEAKS = 20_000
FEWEST, MOST = 20.0, 2000.0
#: Hours that pass for an hour of work: eight hours a day, five days a week.
PACE = 168.0 / 40.0
#: Longest piece of a search [h]: a shift, less the way there.
SHIFT = 7.0


def watching_worth(state: State, already: Bools, seed: int = 1) -> tuple[Floats, Floats]:
    """Return the water that hidden leaks of each pipe lose, and what watching its sector saves of it.

    Parameters
    ----------
    state : State
        With the borders of all sectors as they are once these are watched.
    already : ndarray of bool, shape (sectors,)
        Sectors that are watched anyway: nothing is saved there.
    seed : int
        Of the leaks; they are none of those that runs draw.

    Returns
    -------
    (ndarray, ndarray), shape (pipes,) each
        [m3/year].
    """
    hidden = replace(state, families=tuple(item for item in state.families if item.hidden))
    rate = sum(float((item.rate * item.relative).sum()) for item in hidden.families)
    if rate <= 0.0:
        return np.zeros(state.count), np.zeros(state.count)
    years = float(np.clip(LEAKS / rate, FEWEST, MOST))
    streams = Streams(seed, 0, "water.sectors")
    leaks = draw_leaks(hidden, streams, 0.0, years * YEAR)
    known = aware(hidden, leaks, streams).time
    found = found_by_sectors(hidden, leaks, known, draws(leaks, streams, "search", state.count))
    rest = (state.search.notice_hidden + WORKS) * DAY
    sector = state.search.sector[leaks.pipe]
    anyway = np.append(already, False)[sector]
    first = np.minimum(known, found)
    counted = leaks.start >= 0.0
    lost, less = (
        totals(
            leaks.pipe[counted],
            lost_volumes(hidden, leaks, leaks.start, time + rest)[counted] / years,
            state.count,
        )
        for time in (np.where(anyway, first, known), first)
    )
    return lost, np.maximum(lost - less, 0.0)


def found_by_sectors(state: State, leaks: Leaks, known: Floats, passing: Floats) -> Floats:
    """Return when the search of its sector finds each leak [s], infinite where it does not, shape (k,).

    Parameters
    ----------
    state : State
        All its sectors are watched, metered or not.
    leaks : Leaks, shape (k,)
    known : ndarray, shape (k,)
        When each is known by itself [s].
    passing : ndarray, shape (k,)
        Draws of how many searches pass before one hears it.
    """
    search = state.search
    night = night_flows(state, leaks)
    missed = missed_passes(passing, search.sensitivity[leaks.pipe])
    place = search.place[leaks.pipe] + search.share[leaks.pipe] * leaks.position
    sector = search.sector[leaks.pipe]
    found = np.full(len(leaks), np.inf)
    for row in np.unique(sector[sector >= 0]):
        members = np.flatnonzero(sector == row)
        env = simpy.Environment(initial_time=float(leaks.start[members].min()))
        watched = Sector(
            env=env,
            threshold=float(search.threshold[row]),
            delay=search.sector_delay * DAY,
            hours=float(search.length[row]) / search.speed,
            shift=SHIFT,
            submit=_teams(env),
            alarm=lambda _time: None,
            steps=int(search.steps[row]),
            step_hours=float(search.step_hours[row]),
            resolution=search.step_resolution,
        )
        for number in members.tolist():
            rise = Rise(
                start=float(leaks.start[number]),
                growth=float(leaks.growth[number]),
                flow=float(night[number]),
                place=float(place[number]),
                found=_noting(found, number),
                missed=int(missed[number]),
            )
            env.process(_leak(env, watched, number, rise, float(known[number])))
        env.run()
    return found


def _teams(env: simpy.Environment) -> Callable[[float, float, Callable[[float], None]], None]:
    """Return teams that take each piece of work at once."""

    def work(hours: float, done: Callable[[float], None]) -> Event:
        yield env.timeout(hours * PACE * HOUR)
        done(env.now)

    def submit(_place: float, hours: float, done: Callable[[float], None]) -> None:
        env.process(work(hours, done))

    return submit


def _noting(found: Floats, number: int) -> Callable[[float, float], None]:
    def note(_alarm: float, time: float) -> None:
        found[number] = time

    return note


def _leak(env: simpy.Environment, sector: Sector, number: int, rise: Rise, known: float) -> Event:
    yield env.timeout(max(rise.start - env.now, 0.0))
    sector.add(number, rise)
    yield env.timeout(max(known - env.now, 0.0))
    sector.remove(number)
