"""Leaks in EPANET itself, as emitters of the network: the yardstick of the leak law and its drop of head."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from wntr.epanet.toolkit import ENepanet  # type: ignore[import-untyped]

from jumeau.networks.water.hydraulics import Hydraulics
from jumeau.simulation.clock import DAY

Floats = NDArray[np.float64]

# Codes of EPANET's programming interface.
_DURATION, _EMITTER, _PRESSURE = 0, 3, 11


def emitter_flows(found: Hydraulics, emitters: Iterable[Floats]) -> list[float]:
    """Return the mean flow of each set of emitters over the first day that is kept, by EPANET [m3/h].

    The file stays open from one set to the next, and nothing is written.

    Parameters
    ----------
    found : Hydraulics
        Whose file is run.
    emitters : iterable of ndarray, shape (n,)
        Emitter coefficients of the junctions, on top of those of the file [m3/h at 1 m]; the exponent is 0.5.
    """
    with _opened(found) as engine:
        index = [engine.ENgetnodeindex(str(name)) for name in found.nodes]
        before = np.array([engine.ENgetnodevalue(place, _EMITTER) for place in index])
        flows = []
        for added in emitters:
            working = np.flatnonzero(added > 0.0)
            for row in working:
                engine.ENsetnodevalue(index[row], _EMITTER, float(before[row] + added[row]))
            places = [index[row] for row in working]
            flows.append(_mean_flow(engine, places, added[working], found.settling * DAY))
            for row in working:
                engine.ENsetnodevalue(index[row], _EMITTER, float(before[row]))
    return flows


@contextmanager
def _opened(found: Hydraulics) -> Iterator[ENepanet]:
    """Open the file of a network for one day after those that it settles in."""
    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder:
        file = Path(folder) / "network.inp"
        file.write_bytes(zlib.decompress(found.model))
        engine = ENepanet()
        engine.ENopen(str(file), str(file.with_suffix(".rpt")), "")
        try:
            engine.ENsettimeparam(_DURATION, int((found.settling + 1) * DAY))
            yield engine
        finally:
            engine.ENclose()


def _mean_flow(engine: ENepanet, places: list[int], emitter: Floats, begin: float) -> float:
    """Run to the end; return the mean flow of emitters from an instant on [m3/h]."""
    engine.ENopenH()
    engine.ENinitH(0)
    volume, step = 0.0, 1
    while step > 0:
        time = float(engine.ENrunH())
        pressure = np.array([engine.ENgetnodevalue(place, _PRESSURE) for place in places])
        step = int(engine.ENnextH())
        if time >= begin:
            volume += float((emitter * np.sqrt(np.maximum(pressure, 0.0))).sum()) * step
    engine.ENcloseH()
    return volume / DAY
