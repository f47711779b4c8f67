"""EPANET held at one instant of the day, to be solved again and again with something changed.

Tanks stand at their level of that instant, controls and patterns at their hour: what is drawn or closed then is on top
of an ordinary day. One solution of a town takes milliseconds, as the network is opened and settled once.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_engine import Engine, opened
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.formats.epanet_sections import moved_links
from jumeau.networks.water.physics import diagnosis
from jumeau.networks.water.physics.epanet_ready import Ready, ready, with_nights
from jumeau.networks.water.physics.hydraulics import SETTLING, cycle_days
from jumeau.simulation.clock import DAY, HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]

# Codes of EPANET's toolkit.
_DEMAND, _PRESSURE, _TANK_LEVEL, _TANK_VOLUME, _LEAST_VOLUME = 9, 11, 8, 24, 18
_FLOW, _STATUS, _MINOR_LOSS, _ROUGHNESS, _EMITTER = 8, 11, 3, 2, 3
_NODES, _MULTIPLIER = 0, 4
_ACCURACY, _PATTERN_START = 1, 4
_CHECK_VALVE, _JUNCTION, _TANK = 0, 0, 2

#: Loss coefficient that stands for a closed valve where EPANET lets nobody close a link.
_SHUT = 1e15
#: Loss coefficient of an open pipe: EPANET does not take zero back.
_OPEN = 1e-9


@dataclass(frozen=True)
class Instant:
    """An instant of a run.

    Attributes
    ----------
    seconds : int
        Since the start of the run.
    clock : float
        Hour of the day [h].
    """

    seconds: int
    clock: float


class Held:
    """A network held at an instant.

    Parameters
    ----------
    engine : Engine
    day : Day
        What is held.
    instant : Instant
    extra : mapping of str to int
        Which demand of a junction is left for what is drawn on top, by junction.
    """

    def __init__(self, engine: Engine, day: Day, instant: Instant, extra: Mapping[str, int]) -> None:
        self.instant = instant
        #: Of the emitters of the file.
        self.exponent = day.file.law.exponent
        self._engine, self._units, self._extra, self._moved = engine, day.file.units, extra, day.moved
        self._now = ctypes.c_long()
        self._node: dict[str, int] = {}
        self._link: dict[str, int] = {}
        self.scale = engine.number("getoption", _MULTIPLIER) or 1.0

    def solve(self) -> None:
        """Solve the network at the instant, as it now is.

        Raises
        ------
        InputError
            When EPANET finds no solution at all.
        """
        try:
            self._engine.must("runH", ctypes.byref(self._now))
        except RuntimeError as error:
            raise InputError(Problem(_("EPANET cannot solve the network: {reason}").format(reason=error))) from error

    def node(self, name: str) -> int:
        """Return EPANET's index of a node, zero where it has none."""
        return self._index(self._node, "getnodeindex", name)

    def link(self, name: str) -> int:
        """Return EPANET's index of a link, zero where it has none."""
        return self._index(self._link, "getlinkindex", name)

    def _index(self, known: dict[str, int], function: str, name: str) -> int:
        if name not in known:
            value = ctypes.c_int()
            try:
                self._engine.must(function, str(name).encode(), ctypes.byref(value))
                known[name] = int(value.value)
            except RuntimeError:
                known[name] = 0
        return known[name]

    def pressures(self, nodes: Sequence[str]) -> Floats:
        """Return the pressure at some nodes [m], shape (n,)."""
        return self._values("getnodevalue", [self.node(name) for name in nodes], _PRESSURE) * self._units.pressure

    def demands(self, nodes: Sequence[str]) -> Floats:
        """Return what some junctions get [m3/h], shape (n,)."""
        return self._values("getnodevalue", [self.node(name) for name in nodes], _DEMAND) * self._units.flow

    def flows(self, links: Sequence[str]) -> Floats:
        """Return the flow of some links, from their first node to their second one [m3/h], shape (m,)."""
        return self._values("getlinkvalue", [self.link(name) for name in links], _FLOW) * self._units.flow

    def storage(self, tanks: Sequence[str]) -> float:
        """Return the water in some tanks above their lowest level [m3]."""
        rows = [self.node(name) for name in tanks]
        volume = self._values("getnodevalue", rows, _TANK_VOLUME) - self._values("getnodevalue", rows, _LEAST_VOLUME)
        return float(volume.sum()) * self._units.volume

    def _values(self, function: str, rows: Sequence[int], code: int) -> Floats:
        return self._engine.column(function, rows, code)

    def draw(self, node: str, flow: float) -> None:
        """Draw a flow at a junction on top of its demand [m3/h], zero to stop; it must be one of `drawn` of `held`."""
        base = ctypes.c_double(flow / self._units.flow / self.scale)
        self._engine.must("setbasedemand", self.node(node), self._extra[node], base)

    def roughen(self, link: str, roughness: float) -> None:
        """Give a pipe another roughness, in the unit of the layers."""
        value = ctypes.c_double(roughness / self._units.roughness)
        self._engine.must("setlinkvalue", self.link(link), _ROUGHNESS, value)

    def emit(self, node: str, coefficient: float) -> None:
        """Give a junction an emitter [m3/h at 1 m], zero for none."""
        self._engine.set_node(self.node(node), _EMITTER, coefficient / self._units.emitter)

    @contextmanager
    def closed(self, links: Sequence[str]) -> Iterator[None]:
        """Close some links, for as long as the block lasts."""
        undo: list[tuple[int, int, float]] = []
        try:
            for name in links:
                row = self.link(name)
                kind = self._engine.whole("getlinktype", row)
                code = _MINOR_LOSS if kind == _CHECK_VALVE or name in self._moved else _STATUS
                before = self._engine.number("getlinkvalue", row, code) or 0.0
                undo.append((row, code, max(before, _OPEN) if code == _MINOR_LOSS else before))
                shut = _SHUT if code == _MINOR_LOSS else 0.0
                self._engine.must("setlinkvalue", row, code, ctypes.c_double(shut))
            yield
        finally:
            for row, code, before in reversed(undo):
                self._engine.must("setlinkvalue", row, code, ctypes.c_double(before))


@dataclass(frozen=True)
class Day:
    """The file of a network, and how much it asks for as its cycle goes on.

    Attributes
    ----------
    file : Ready
    seconds : ndarray of int, shape (steps,)
        Instants of the cycle, since the start of the run.
    demand : ndarray, shape (steps,)
        What customers take [m3/h].
    cut : tuple of str
        Junctions without demand that no source feeds.
    moved : frozenset of str
        Links that a control or rule may open.
    """

    file: Ready
    seconds: Ints
    demand: Floats
    cut: tuple[str, ...]
    moved: frozenset[str]

    def instant(self, step: int) -> Instant:
        """Return an instant by its step."""
        seconds = int(self.seconds[step])
        return Instant(seconds, (seconds + self.file.start) / HOUR % 24.0)

    @property
    def peak(self) -> Instant:
        """The instant at which customers take the most."""
        return self.instant(int(self.demand.argmax()))

    @property
    def rest(self) -> Instant:
        """The instant at which they take the least."""
        return self.instant(int(self.demand.argmin()))


def day_of(layers: Layers) -> Day:
    """Run the cycle of a network (a day once tanks have settled, or a week), and return what it asks for.

    Raises
    ------
    InputError
        With a diagnosis: nodes cut from every source, or EPANET's own reason.
    """
    model: Any = model_of(layers)
    moved = moved_links(layers)
    cut = diagnosis.unfed(model, moved)
    days = cycle_days(model)
    ahead = 0 if days > 1 else SETTLING
    file = ready(with_nights(layers), (days + ahead) * DAY)
    seconds, demand = [], []
    with opened(file.text) as engine:
        rows = [row for row in range(1, engine.whole("getcount", _NODES) + 1) if engine.whole("getnodetype", row) == 0]
        for now, move in engine.moments():
            if ahead * DAY <= now < (ahead + days) * DAY:
                taken = sum(max(engine.number("getnodevalue", row, _DEMAND) or 0.0, 0.0) for row in rows)
                seconds.append(now)
                demand.append(taken * file.units.flow)
            move()
    return Day(file, np.array(seconds, dtype=np.int64), np.array(demand), cut, frozenset(map(str, moved)))


@contextmanager
def held(
    day: Day, instant: Instant, drawn: Sequence[str] = (), *, fresh: bool = False, accuracy: float | None = None
) -> Iterator[Held]:
    """Hold a network at an instant of its cycle.

    Parameters
    ----------
    day : Day
    instant : Instant
    drawn : sequence of str
        Junctions at which something may be drawn on top of their demand.
    fresh : bool
        Whether tanks stand at their initial level, and pumps and valves as the file states them, whatever happened
        before that instant of the cycle.
    accuracy : float, optional
        Relative change of flows at which a solution counts as found; the file's by default.
    """
    with opened(day.file.text) as engine:
        if accuracy is not None:
            engine.set_option(_ACCURACY, accuracy)
        if fresh:
            engine.set_seconds(_PATTERN_START, engine.seconds(_PATTERN_START) + instant.seconds)
            instant = Instant(0, instant.clock)
        extra: dict[str, int] = {}
        for name in dict.fromkeys(drawn):
            row = ctypes.c_int()
            engine.must("getnodeindex", str(name).encode(), ctypes.byref(row))
            # A category of its own, at no pattern: what is drawn does not follow the hour.
            engine.must("adddemand", row.value, ctypes.c_double(0.0), b"", b"")
            extra[name] = engine.whole("getnumdemands", row.value)
        with closing(engine.moments()) as moments:
            for now, move in moments:
                if now >= instant.seconds:
                    break
                move()
            yield Held(engine, day, instant, extra)
