"""How much tanks fall when more water is drawn: they are not of infinite size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.emitters import EmitterLaw, emitter_days
from jumeau.networks.water.physics.linearised import Links, shares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Flow of the leak that the fall of a tank is measured with [m3/h].
PROBE = 10.0

#: More tanks than this are not probed: each asks for a run of EPANET.
MOST_TANKS = 30

#: A tank is probed where water draws on it for at least this share, at such a pressure at least [m].
SHARE, PRESSURE = 0.5, 5.0


def tank_slopes(
    model: bytes,
    settling: int,
    names: Sequence[str],
    junctions: Sequence[str],
    tanks: Sequence[str],
    pressure: Floats,
    links: Links,
    law: EmitterLaw,
) -> Floats:
    """Return the drop of head at each junction by the fall of tanks, per unit drawn there [m per m3/h].

    Water drawn at a junction comes from each tank for some share, by the linearised network. How far a tank falls, day
    after day, depends on its size, on the pumps that fill it and on what starts them: one run of EPANET with a leak
    where water comes from this tank tells.

    Parameters
    ----------
    model : bytes
        The EPANET file, compressed.
    settling : int
        Days run ahead of the one that counts.
    names : sequence of str, shape (nodes,)
        Nodes, in the order of `links`.
    junctions, tanks : sequence of str, shapes (n,) and (k,)
        Some of them.
    pressure : ndarray, shape (n,)
        Mean pressure of junctions [m].
    links : Links
    law : EmitterLaw
        Of the file.

    Returns
    -------
    ndarray, shape (n,)
    """
    if not len(tanks) or len(tanks) > MOST_TANKS:
        return np.zeros(len(junctions))
    place = {name: row for row, name in enumerate(names)}
    share = shares(links, PROBE, np.array([place[name] for name in tanks], dtype=np.int64))
    share = share[:, [place[name] for name in junctions]]
    served = np.where(pressure >= PRESSURE, share, 0.0)
    probed = [row for row in range(len(tanks)) if served[row].max(initial=0.0) >= SHARE]
    spots = [int(served[row].argmax()) for row in probed]
    emitters = np.zeros((len(probed), len(junctions)))
    emitters[np.arange(len(probed)), spots] = law.coefficient(np.full(len(spots), PROBE), pressure[spots])
    before, *after = emitter_days(model, list(junctions), settling, emitters, law)
    found = np.zeros(len(junctions))
    for row, spot, day in zip(probed, spots, after, strict=True):
        drawn = max(day.flow, 0.1 * PROBE) * share[row, spot]
        # Pumps that start earlier may lift a tank above what it was: this is luck, not a law.
        fall = max(before.heads[tanks[row]] - day.heads[tanks[row]], 0.0) / drawn
        found += share[row] ** 2 * fall
    return found
