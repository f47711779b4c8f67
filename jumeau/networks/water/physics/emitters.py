"""Leaks in EPANET itself, as emitters of the network: the yardstick of the leak law and its drop of head."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


def emitter_days(model: bytes, nodes: Sequence[str], settling: int, emitters: Iterable[Floats]) -> Iterator[EmitterDay]:
    """Run EPANET with each set of emitters, and yield means over the first day after those that it settles in.

    The flow of many emitters is what tanks and sources give on top of a run without them: EPANET balances every node,
    and reading the few tanks and sources is much faster. The file stays open from one set to the next.

    Parameters
    ----------
    model : bytes
        The file, compressed; its flows are in m3/h.
    nodes : sequence of str, shape (n,)
        Its junctions.
    settling : int
        Days run ahead.
    emitters : iterable of ndarray, shape (n,)
        Emitter coefficients of the junctions, on top of those of the file [m3/h at 1 m]; the exponent is 0.5.

    Yields
    ------
    EmitterDay
        First the one without emitters, whose flow is zero.
    """
    begin = settling * DAY
    with _opened(model, settling) as engine:
        index = [engine.ENgetnodeindex(str(name)) for name in nodes]
        before = np.array([engine.ENgetnodevalue(place, _EMITTER) for place in index])
        own = [(index[row], float(before[row])) for row in np.flatnonzero(before > 0.0)]
        without = _means(engine, own, begin)
        yield EmitterDay(0.0, without.heads)
        for added in emitters:
            working = np.flatnonzero(added > 0.0)
            for row in working:
                engine.ENsetnodevalue(index[row], _EMITTER, float(before[row] + added[row]))
            few = len(working) <= FEW
            found = _means(engine, [(index[row], float(added[row])) for row in working] if few else own, begin)
            yield EmitterDay(
                found.taken if few else found.given - found.taken - without.given + without.taken, found.heads
            )
            for row in working:
                engine.ENsetnodevalue(index[row], _EMITTER, float(before[row]))


@contextmanager
def _opened(model: bytes, settling: int) -> Iterator[Any]:
    """Open the file of a network for one day after those that it settles in."""
    from wntr.epanet.toolkit import ENepanet  # type: ignore[import-untyped]  # takes seconds

    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder:
        file = Path(folder) / "network.inp"
        file.write_bytes(zlib.decompress(model))
        engine = ENepanet()
        engine.ENopen(str(file), str(file.with_suffix(".rpt")), "")
        try:
            engine.ENsettimeparam(_DURATION, int((settling + 1) * DAY))
            yield engine
        finally:
            engine.ENclose()


@dataclass(frozen=True)
class _Means:
    """What tanks and sources give, what some emitters take [m3/h], and the head of each tank and source [m]."""

    given: float
    taken: float
    heads: dict[str, float]


def _means(engine: Any, emitters: list[tuple[int, float]], begin: float) -> _Means:
    """Run to the end; return means from an instant on [s]; `emitters` gives index and coefficient of some of them."""
    sources = [place for place in range(1, engine.ENgetcount(_NODES) + 1) if engine.ENgetnodetype(place) != _JUNCTION]
    engine.ENopenH()
    engine.ENinitH(0)
    given, taken, level, step = 0.0, 0.0, np.zeros(len(sources)), 1
    while step > 0:
        time = float(engine.ENrunH())
        demand = -sum(engine.ENgetnodevalue(place, _DEMAND) for place in sources)
        leak = sum(value * max(engine.ENgetnodevalue(place, _PRESSURE), 0.0) ** 0.5 for place, value in emitters)
        head = np.array([engine.ENgetnodevalue(place, _HEAD) for place in sources])
        step = int(engine.ENnextH())
        if time >= begin:
            given, taken, level = given + demand * step, taken + leak * step, level + head * step
    engine.ENcloseH()
    names = [str(engine.ENgetnodeid(place)) for place in sources]
    return _Means(given / DAY, taken / DAY, dict(zip(names, (level / DAY).tolist(), strict=True)))
