"""What a hill between a gateway and a device takes away: one knife edge over the relief."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jumeau.radio.relief import Relief

Floats = NDArray[np.float64]

LIGHT = 299_792_458.0  # [m/s]

#: Radius of the Earth times 4/3, by which the bending of waves in usual air is allowed for [m].
EARTH = 6_371_000.0 * 4.0 / 3.0

#: Fewest and most points of a profile between its ends; in between, one per step of the relief.
LEAST, MOST = 7, 63


def knife_edge(parameter: ArrayLike) -> Floats:
    """Return the loss of a single knife edge [dB], from its geometrical parameter v [1]; nothing below -0.78.

    References
    ----------
    ITU-R P.526-15, "Propagation by diffraction", section 4.1, equation 31 (approximation).

    Examples
    --------
    >>> knife_edge([-1.0, 0.0, 1.0]).round(2).tolist()
    [0.0, 6.03, 13.93]
    """
    v = np.asarray(parameter, dtype=np.float64)
    bent = np.sqrt((v - 0.1) ** 2 + 1.0) + v - 0.1
    return np.where(v > -0.78, 6.9 + 20.0 * np.log10(np.maximum(bent, 1e-12)), 0.0)


def edge_parameter(height: ArrayLike, before: ArrayLike, behind: ArrayLike, frequency: float) -> Floats:
    """Return the parameter v of an edge [1].

    Parameters
    ----------
    height : array_like
        Of the edge above the straight line between both antennas [m]; negative below it.
    before, behind : array_like
        Distances from it to both [m].
    frequency : float
        [MHz].
    """
    wave = LIGHT / (frequency * 1e6)
    first, last = np.asarray(before, dtype=np.float64), np.asarray(behind, dtype=np.float64)
    return np.asarray(height, dtype=np.float64) * np.sqrt(2.0 / wave * (1.0 / first + 1.0 / last))


def terrain_loss(
    relief: Relief, gateways: Floats, gateway_height: ArrayLike, devices: Floats, device_height: float, frequency: float
) -> Floats:
    """Return the loss by the worst edge of the relief between gateways and devices [dB], shape (k,).

    Parameters
    ----------
    relief : Relief
    gateways, devices : ndarray, shape (k, 2)
        Places [m], pair by pair.
    gateway_height : array_like, shape (k,)
        Above ground [m].
    device_height : float
        Above ground [m].
    frequency : float
        [MHz].

    Notes
    -----
    Models of town hold the usual loss by roofs: only an edge above the straight line counts here, so that flat ground
    adds nothing to them. ITU-R P.526 would also charge edges just below the line.
    """
    count = len(gateways)
    distance = np.hypot(*(devices - gateways).T)
    start = relief.height(gateways) + np.asarray(gateway_height, dtype=np.float64)
    end = relief.height(devices) + device_height
    worst = np.full(count, -np.inf)
    points = int(np.clip(np.ceil(distance.max(initial=0.0) / relief.step), LEAST, MOST))
    for share in np.arange(1, points + 1) / (points + 1.0):
        ground = relief.height(gateways + share * (devices - gateways))
        before = np.maximum(distance * share, 1e-3)
        behind = np.maximum(distance * (1.0 - share), 1e-3)
        line = start + share * (end - start)
        above = ground + before * behind / (2.0 * EARTH) - line
        worst = np.maximum(worst, np.where(above > 0.0, edge_parameter(above, before, behind, frequency), -np.inf))
    return np.where(worst > 0.0, knife_edge(np.maximum(worst, 0.0)), 0.0)
