"""Mode choice: shares of modes by distance, and how they change with their costs.

References
----------
Incremental logit: D. McFadden and others; J. de D. Ortúzar and L. Willumsen, "Modelling Transport", 4th ed., 2011,
section 7.3 and 12.5: P'(m) = P(m) exp(dU(m)) / sum over n of P(n) exp(dU(n)).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MODES = ("walk", "bike", "transit", "car", "carpool")
WALK, BIKE, TRANSIT, CAR, POOL = range(len(MODES))

#: Distances at which shares are stated [km], with the ends of the names of their factors.
KNOTS = {"500m": 0.5, "2km": 2.0, "5km": 5.0, "15km": 15.0}


def observed_shares(distance: Floats, values: Mapping[str, float]) -> Floats:
    """Return the shares of trips by mode at distances [km], shape (modes, *distance.shape).

    Parameters
    ----------
    distance : ndarray
        [km].
    values : mapping of str to float
        `walk_500m`, `bike_500m`, `transit_500m` and so on; `carpool_share`, of the trips by car. What is left goes by
        car.
    """
    knots = np.array(list(KNOTS.values()))
    found = np.zeros((len(MODES), *np.shape(distance)))
    for row, stem in ((WALK, "walk_"), (BIKE, "bike_"), (TRANSIT, "transit_")):
        found[row] = np.interp(distance, knots, [values[f"{stem}{knot}"] for knot in KNOTS])
    rest = np.maximum(1.0 - found.sum(axis=0), 0.0)
    found[POOL] = rest * values["carpool_share"]
    found[CAR] = rest - found[POOL]
    return found


def with_transit(shares: Floats, attraction: Floats) -> Floats:
    """Return the shares where a timetable tells the public transport, shape of `shares`.

    Parameters
    ----------
    shares : ndarray, shape (modes, ...)
        Those that belong to the mean public transport.
    attraction : ndarray, shape (...)
        By how much the weight of public transport moves; see `transit.attraction`.
    """
    weight = shares.copy()
    weight[TRANSIT] *= attraction
    return np.asarray(weight / np.maximum(weight.sum(axis=0), 1e-300))


def incremental(shares: Floats, change: Floats, scale: float) -> Floats:
    """Return the shares after costs change, shape of `shares`.

    Parameters
    ----------
    shares : ndarray, shape (modes, ...)
        Before; a mode that nobody uses stays unused.
    change : ndarray, shape (modes, ...)
        Generalised cost after less before [min].
    scale : float
        Sensitivity [1/min].
    """
    power = -scale * change
    weight = shares * np.exp(power - power.max(axis=0))
    return np.asarray(weight / np.maximum(weight.sum(axis=0), 1e-300))
