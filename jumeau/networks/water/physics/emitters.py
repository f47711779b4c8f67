"""Leaks in EPANET itself, as emitters of the network: the yardstick of the leak law and its drop of head."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.formats.epanet_engine import Engine, opened
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.simulation.clock import DAY

Floats = NDArray[np.float64]

# Codes of EPANET's programming interface.
_DURATION, _EMITTER, _DEMAND, _HEAD, _PRESSURE = 0, 3, 9, 10, 11
_NODES, _JUNCTION = 0, 0

#: Up to so many emitters are read one by one: a small flow drowns in the tolerance that EPANET balances nodes with.
FEW = 20


@dataclass(frozen=True)
class EmitterDay:
    """Means over a day of EPANET with some emitters.

    Attributes
    ----------
    flow : float
        Flow of the emitters [m3/h].
    heads : mapping of str to float
        Head of each tank and source [m].
    """

    flow: float
    heads: dict[str, float]


@dataclass(frozen=True)
class EmitterLaw:
    """What an emitter coefficient means in a file: flow [m3/h] = coefficient x pressure [m] ^ exponent.

    Attributes
    ----------
    units : Units
        Of the file.
    exponent : float
        Of all its emitters.
    """

    units: Units = field(default_factory=Units)
    exponent: float = 0.5

    def coefficient(self, flow: Floats, pressure: Floats) -> Floats:
        """Return the coefficient that gives a flow [m3/h] at a pressure [m]."""
        return np.asarray(flow / pressure**self.exponent, dtype=np.float64)


def emitter_days(
    model: bytes, nodes: Sequence[str], settling: int, emitters: Iterable[Floats], law: EmitterLaw
) -> Iterator[EmitterDay]:
    """Run EPANET with each set of emitters, and yield means over the first day after those that it settles in.

    The flow of many emitters is what tanks and sources give on top of a run without them: EPANET balances every node,
    and reading the few tanks and sources is much faster. The file stays open from one set to the next.

    Parameters
    ----------
    model : bytes
        The file, compressed.
    nodes : sequence of str, shape (n,)
        Its junctions.
    settling : int
        Days run ahead.
    emitters : iterable of ndarray, shape (n,)
        Emitter coefficients of the junctions, on top of those of the file [m3/h at 1 m].
    law : EmitterLaw
        Of the file.

    Yields
    ------
    EmitterDay
        First the one without emitters, whose flow is zero.
    """
    begin = settling * DAY
    unit = law.units.emitter
    with opened(zlib.decompress(model)) as engine:
        engine.set_seconds(_DURATION, int((settling + 1) * DAY))
        place_of = {engine.text("getnodeid", place): place for place in _all(engine)}
        index = [place_of[str(name)] for name in nodes]
        before = engine.column("getnodevalue", index, _EMITTER) * unit
        own = [(index[row], float(before[row])) for row in np.flatnonzero(before > 0.0)]
        without = _means(engine, own, begin, law)
        yield EmitterDay(0.0, without.heads)
        for added in emitters:
            working = np.flatnonzero(added > 0.0)
            for row in working:
                engine.set_node(index[row], _EMITTER, float(before[row] + added[row]) / unit)
            few = len(working) <= FEW
            found = _means(engine, [(index[row], float(added[row])) for row in working] if few else own, begin, law)
            yield EmitterDay(
                found.taken if few else found.given - found.taken - without.given + without.taken, found.heads
            )
            for row in working:
                engine.set_node(index[row], _EMITTER, float(before[row]) / unit)


def _all(engine: Engine) -> range:
    return range(1, engine.whole("getcount", _NODES) + 1)


@dataclass(frozen=True)
class _Means:
    """What tanks and sources give, what some emitters take [m3/h], and the head of each tank and source [m]."""

    given: float
    taken: float
    heads: dict[str, float]


def _means(engine: Engine, emitters: list[tuple[int, float]], begin: float, law: EmitterLaw) -> _Means:
    """Run to the end; return means from an instant on [s]; `emitters` gives index and coefficient of some of them."""
    sources = [place for place in _all(engine) if engine.whole("getnodetype", place) != _JUNCTION]
    units = law.units

    def value(place: int, code: int) -> float:
        return engine.number("getnodevalue", place, code) or 0.0

    given, taken, level = 0.0, 0.0, np.zeros(len(sources))
    for time, move in engine.moments():
        demand = -sum(value(place, _DEMAND) for place in sources) * units.flow
        leak = sum(
            coefficient * max(value(place, _PRESSURE) * units.pressure, 0.0) ** law.exponent
            for place, coefficient in emitters
        )
        head = np.array([value(place, _HEAD) for place in sources]) * units.length
        step = move()
        if time >= begin:
            given, taken, level = given + demand * step, taken + leak * step, level + head * step
    names = [engine.text("getnodeid", place) for place in sources]
    return _Means(given / DAY, taken / DAY, dict(zip(names, (level / DAY).tolist(), strict=True)))
