"""How far the pressure falls at each junction when a leak opens at another: the matrix of pressure sensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.held import Day, Instant, held

Floats = NDArray[np.float64]

#: Of EPANET's solutions: a threshold of centimetres is not to be the noise of a solver that stops early.
ACCURACY = 1e-6


def instant_at(day: Day, clock: float) -> Instant:
    """Return the instant of the cycle nearest to a clock time [h]."""
    clocks = np.array([day.instant(step).clock for step in range(len(day.seconds))])
    away = np.abs((clocks - clock + 12.0) % 24.0 - 12.0)
    return day.instant(int(np.argmin(away)))


def sensitivity(
    day: Day,
    instant: Instant,
    leaks: Sequence[str],
    sensors: Sequence[str],
    flow: float,
    *,
    fresh: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Floats:
    """Return the drop of pressure at each sensor for a leak at each junction, by one solution of EPANET per leak.

    Every call opens EPANET anew: calls may run side by side.

    Parameters
    ----------
    day : Day
    instant : Instant
    leaks, sensors : sequence of str
        Junctions.
    flow : float
        Drawn on top of the demand [m3/h].
    fresh : bool
        Whether tanks stand at their initial level; see `held`.
    progress : callable, optional
        Told the number of leaks that were solved.

    Returns
    -------
    ndarray, shape (leaks, sensors)
        [m].
    """
    drop = np.zeros((len(leaks), len(sensors)))
    with held(day, instant, leaks, fresh=fresh, accuracy=ACCURACY) as hour:
        hour.solve()
        calm = hour.pressures(sensors)
        for row, name in enumerate(leaks):
            hour.draw(name, flow)
            hour.solve()
            drop[row] = calm - hour.pressures(sensors)
            hour.draw(name, 0.0)
            if progress is not None:
                progress(row + 1)
    return drop
