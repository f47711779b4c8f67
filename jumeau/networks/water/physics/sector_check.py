"""Pressures by EPANET while some pipes are closed: one file, opened once, run again for each set of closed pipes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.formats.epanet_engine import Engine, opened
from jumeau.networks.water.physics.diagnosis import ABSURD
from jumeau.networks.water.physics.epanet_ready import Ready, ready, with_nights
from jumeau.simulation.clock import DAY, HOUR

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Codes of EPANET's programming interface.
_DURATION, _HYDRAULIC_STEP, _PATTERN_STEP, _PATTERN_START, _REPORT_STEP = 0, 1, 3, 4, 5
_DEMAND_FACTOR, _INITIAL_STATUS, _FLOW, _PRESSURE = 4, 4, 8, 11
_PATTERNS = 3

#: Days ahead of the one that counts, in whole runs of a cycle of a day: tanks forget their initial level.
SETTLING = 1

#: Pressures are read no more often than that, in quick runs and in whole ones [s].
QUICK, WHOLE = 3600, 1800


@dataclass(frozen=True)
class Pressures:
    """What a run says.

    Attributes
    ----------
    lowest : ndarray, shape (n,)
        Lowest pressure of each node asked for [m]; minus infinity where the network cannot be solved.
    forward, backward : ndarray, shape (k,)
        Highest flow of each link asked for in either direction, zero where there is none [m3/h].
    """

    lowest: Floats
    forward: Floats
    backward: Floats


class Bench:
    """An open file, on which pipes are closed and opened.

    Parameters
    ----------
    engine : Engine
    file : Ready
    nodes, links : sequence of str
        Junctions whose pressure, and links whose flow, are read.
    pipes : sequence of str
        Those that may be closed.
    demand : float
        Factor of all demands.
    """

    def __init__(
        self, engine: Engine, file: Ready, nodes: Sequence[str], links: Sequence[str], pipes: Sequence[str],
        demand: float,
    ) -> None:  # fmt: skip
        self._engine = engine
        self._units = file.units
        self._nodes = [engine.place("node", name) for name in nodes]
        self._links = [engine.place("link", name) for name in links]
        self._pipes = {name: engine.place("link", name) for name in pipes}
        self._step = file.step
        self._wrong: dict[bool, frozenset[int]] = {}
        usual = engine.number("getoption", _DEMAND_FACTOR) or 1.0
        engine.set_option(_DEMAND_FACTOR, usual * demand)
        self._days, self._busiest = _cycle(engine)

    def run(self, closed: Collection[str], *, whole: bool = False, first: bool = False) -> Pressures:
        """Run with some pipes closed.

        Parameters
        ----------
        closed : collection of str
        whole : bool
            The whole cycle at the file's own step, rather than its busiest day hour by hour.
        first : bool
            Instants at which the network has no solution are left out of this run and of later ones of its kind.
        """
        engine = self._engine
        for name, place in self._pipes.items():
            engine.set_link(place, _INITIAL_STATUS, 0.0 if name in closed else 1.0)
        ahead = SETTLING * DAY if self._days == 1 and whole else 0
        whole_week = whole and self._days > 1
        engine.set_seconds(_DURATION, int(self._days * DAY if whole_week else ahead + DAY))
        engine.set_seconds(_HYDRAULIC_STEP, self._step if whole else max(self._step, QUICK))
        engine.set_seconds(_REPORT_STEP, self._step if whole else max(self._step, QUICK))
        engine.set_seconds(_PATTERN_START, 0 if whole or self._days == 1 else int(self._busiest * DAY))
        try:
            return self._read(ahead, whole=whole, first=first)
        except RuntimeError:  # EPANET finds no solution at all
            none = np.zeros(len(self._links))
            return Pressures(np.full(len(self._nodes), -np.inf), none, none)

    def _read(self, ahead: float, *, whole: bool, first: bool) -> Pressures:
        engine = self._engine
        lowest = np.full(len(self._nodes), np.inf)
        highest, least = np.zeros(len(self._links)), np.zeros(len(self._links))
        left_out = frozenset() if first else self._wrong.get(whole, frozenset())
        wrong = set()
        # EPANET stops at each change of a pattern too; a step of the file that is longer is read at its end.
        every = WHOLE if whole else QUICK
        for time, move in engine.moments():
            if time < ahead or time in left_out or (time % every and self._step < every):
                move()
                continue
            pressure = engine.column("getnodevalue", self._nodes, _PRESSURE)
            flow = engine.column("getlinkvalue", self._links, _FLOW)
            move()
            if np.abs(pressure * self._units.pressure).max(initial=0.0) >= ABSURD:
                wrong.add(time)
                continue
            lowest = np.minimum(lowest, pressure)
            highest, least = np.maximum(highest, flow), np.minimum(least, flow)
        if first:
            self._wrong[whole] = frozenset(wrong)
        elif wrong:
            lowest[:] = -np.inf
        cubic = self._units.flow
        return Pressures(lowest * self._units.pressure, highest * cubic, -least * cubic)


@contextmanager
def bench(
    layers: Mapping[str, gpd.GeoDataFrame],
    nodes: Sequence[str],
    links: Sequence[str],
    pipes: Sequence[str],
    demand: float = 1.0,
) -> Iterator[Bench]:
    """Open the network of layers.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    nodes, links, pipes : sequence of str
        See `Bench`.
    demand : float
        Factor of all demands.

    Raises
    ------
    InputError
        When EPANET cannot read it.
    """
    file = ready(with_nights(layers), DAY)
    with opened(file.text) as engine:
        yield Bench(engine, file, nodes, links, pipes, demand)


def _cycle(engine: Engine) -> tuple[int, int]:
    """Return the days of the cycle of demands, and the one on which most is asked for."""
    count = engine.whole("getcount", _PATTERNS)
    asked = np.zeros(count + 1)
    for node in range(1, engine.whole("getcount", 0) + 1):
        for place in range(1, engine.whole("getnumdemands", node) + 1):
            base = engine.number("getbasedemand", node, place) or 0.0
            asked[engine.whole("getdemandpattern", node, place)] += max(base, 0.0)
    step = max(engine.seconds(_PATTERN_STEP), 1)

    def pattern(row: int) -> Floats:
        length = engine.whole("getpatternlen", row)
        return np.array([engine.number("getpatternvalue", row, at) or 0.0 for at in range(1, length + 1)])

    patterns = [pattern(row) for row in range(1, count + 1)]
    longest = max((len(item) for item in patterns), default=1)
    days = 7 if longest * step > 1.01 * DAY else 1
    if days == 1:
        return 1, 0
    slots = int(days * DAY // step)
    demand = np.full(slots, asked[0])
    for weight, item in zip(asked[1:], patterns, strict=True):
        demand += weight * item[np.arange(slots) % len(item)]
    per_hour = max(int(HOUR // step), 1)
    # The busiest hour decides, not the busiest day.
    hours = demand[: slots // per_hour * per_hour].reshape(-1, per_hour).mean(axis=1)
    return days, int(np.argmax(hours) * per_hour * step // DAY)
