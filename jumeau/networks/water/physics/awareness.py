"""When a leak becomes known by means that do not depend on other leaks: reports, surveys, loggers.

Sector meters are the exception, because they see the sum of a sector's leaks: see `simulation/night_flow.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.leaks import FAMILIES, Leaks
from jumeau.networks.water.physics.state import State
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY
from jumeau.simulation.delivery import FAMILY, MESSAGE, PLACE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REPORT, SURVEY, LOGGER, SECTOR = 0, 1, 2, 3
MEANS = ("report", "survey", "logger", "sector")


@dataclass(frozen=True)
class Awareness:
    """When each leak becomes known by itself, and by what.

    Attributes
    ----------
    time : ndarray, shape (k,)
        [s].
    means : ndarray of int, shape (k,)
        Position in `MEANS`.
    other : ndarray, shape (k,)
        When it would be known if no logger worked [s].
    other_means : ndarray of int, shape (k,)
    """

    time: Floats
    means: Ints
    other: Floats
    other_means: Ints

    def take(self, chosen: NDArray[np.bool_]) -> Awareness:
        """Return that of some of the leaks."""
        return Awareness(self.time[chosen], self.means[chosen], self.other[chosen], self.other_means[chosen])


def aware(state: State, leaks: Leaks, streams: Streams) -> Awareness:
    """Return when each leak becomes known, sector meters left out.

    A visible leak is reported. A hidden one is found by the first of three: it surfaces and is reported, a survey
    passes and hears it, a logger hears it.

    Parameters
    ----------
    state : State
    leaks : Leaks, shape (k,)
    streams : Streams
    """
    search = state.search

    def draw(purpose: str) -> Floats:
        return draws(leaks, streams, purpose, state.count)

    report = leaks.start - np.log(draw("report")) * search.report_delay * DAY
    surfaced = leaks.start - np.log(draw("surfacing")) * search.surfacing * DAY
    times = np.full((3, len(leaks)), np.inf)
    times[REPORT] = np.where(leaks.hidden, surfaced, report)
    times[SURVEY] = np.where(leaks.hidden, _survey(state, leaks, streams, draw("sighting")), np.inf)
    heard = draw("hearing") < search.listened[leaks.pipe]
    logged = leaks.start - np.log(draw("alarm")) * search.logger_delay * DAY
    if search.radio is not None:
        place = streams.column(FAMILY, PLACE, state.count)[leaks.pipe]
        logged = logged + search.radio.wait(leaks.pipe, logged, place, draw(MESSAGE))
    times[LOGGER] = np.where(leaks.hidden & heard, logged, np.inf)
    means, rows = np.argmin(times, axis=0), np.arange(len(leaks))
    other = np.argmin(times[:LOGGER], axis=0)
    return Awareness(times[means, rows], means.astype(np.int64), times[other, rows], other.astype(np.int64))


def _survey(state: State, leaks: Leaks, streams: Streams, draw: Floats) -> Floats:
    """Return when the first survey that finds each leak passes [s]: each pipe has its day in the round."""
    search = state.search
    phase = streams.column("pipe", "survey", state.count)[leaks.pipe]
    interval = search.interval[leaks.pipe] * DAY
    first = np.ceil(leaks.start / interval - phase)
    missed = missed_passes(draw, search.sensitivity[leaks.pipe])
    return np.asarray((first + phase + missed) * interval, dtype=np.float64)


def missed_passes(draw: Floats, sensitivity: Floats) -> Ints:
    """Return how many passes miss a leak before one hears it: a geometric number, by inversion, shape (k,)."""
    unseen = np.clip(1.0 - sensitivity, 1e-300, None)
    with np.errstate(divide="ignore"):
        found = np.where(unseen < 1.0, np.floor(np.log(draw) / np.log(unseen)), 1e9)
    return np.minimum(found, 1e9).astype(np.int64)


def draws(leaks: Leaks, streams: Streams, purpose: str, pipes: int) -> Floats:
    """Return the draw of each leak for a purpose: that of its pipe, family and rank."""
    found = np.empty(len(leaks))
    keys = leaks.family * 100_000 + leaks.rank
    for key in np.unique(keys):
        chosen = keys == key
        family, rank = divmod(int(key), 100_000)
        found[chosen] = streams.column(FAMILIES[family], purpose, pipes, rank)[leaks.pipe[chosen]]
    return found
