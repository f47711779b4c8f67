"""When it is dark: the sun's elevation and the switching of a cabinet."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MINUTE = 60.0


def elevation(times: pd.DatetimeIndex, latitude: float, longitude: float) -> Floats:
    """Return the geometric elevation of the sun's centre, refraction left out.

    Parameters
    ----------
    times : DatetimeIndex, shape (n,)
        Instants, with their time zone.
    latitude, longitude : float
        [degree].

    Returns
    -------
    ndarray, shape (n,)
        [degree].

    References
    ----------
    Reda and Andreas (2004), doi:10.1016/j.solener.2003.12.003, as implemented by pvlib.
    """
    from pvlib import solarposition  # costs half a second: only a run needs it

    position = solarposition.spa_python(times, latitude, longitude)
    return np.asarray(position["elevation"], dtype=np.float64)


def dark_intervals(
    times: Floats, elevations: Floats, threshold: float, *, evening_offset: float = 0.0, morning_offset: float = 0.0
) -> tuple[Floats, Floats]:
    """Return when lamps are switched on and off.

    The crossing of the threshold is interpolated linearly inside its step.

    Parameters
    ----------
    times : ndarray, shape (n,)
        Increasing instants [s].
    elevations : ndarray, shape (n,)
        Sun's elevation at these instants [degree].
    threshold : float
        Elevation below which lamps burn [degree].
    evening_offset, morning_offset : float
        Added to the instants of switching on and off [min].

    Returns
    -------
    on, off : ndarray, shape (k,)
        Start and end of each dark interval, disjoint and increasing [s]. The first starts with `times` and the last
        ends with them where it is dark there.
    """
    below = elevations < threshold
    change = np.flatnonzero(below[1:] != below[:-1])
    left, right = elevations[change] - threshold, elevations[change + 1] - threshold
    crossing = times[change] + left / (left - right) * (times[change + 1] - times[change])
    on = crossing[below[change + 1]] + evening_offset * MINUTE
    off = crossing[~below[change + 1]] + morning_offset * MINUTE
    if below.size and below[0]:
        on = np.concatenate([times[:1], on])
    if below.size and below[-1]:
        off = np.concatenate([off, times[-1:]])
    return _disjoint(np.clip(on, times[0], times[-1]), np.clip(off, times[0], times[-1]))


def _disjoint(on: Floats, off: Floats) -> tuple[Floats, Floats]:
    """Drop nights that offsets have emptied, and join those that they have made touch."""
    kept = on < off
    on, off = on[kept], off[kept]
    apart = on[1:] > off[:-1]
    first = np.concatenate([np.ones(min(len(on), 1), dtype=bool), apart])
    last = np.concatenate([apart, np.ones(min(len(on), 1), dtype=bool)])
    return on[first], off[last]


def dark_share(edges: Floats, on: Floats, off: Floats) -> Floats:
    """Return the share of each step during which lamps are switched on.

    Parameters
    ----------
    edges : ndarray, shape (n + 1,)
        Borders of the steps [s].
    on, off : ndarray, shape (k,)
        Disjoint increasing intervals [s].

    Returns
    -------
    ndarray, shape (n,)
        From 0 to 1.
    """
    if len(on) == 0:
        return np.zeros(len(edges) - 1)
    length = off - on
    total = np.cumsum(length)
    knots = np.stack([on, off], axis=1).ravel()
    dark = np.stack([total - length, total], axis=1).ravel()
    return np.diff(np.interp(edges, knots, dark)) / np.diff(edges)
