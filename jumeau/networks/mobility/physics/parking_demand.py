"""Who looks for a public space, where and when, and how full spaces would be if nobody were turned away."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from jumeau.networks.mobility.physics.day import HOURS, KINDS, DayShape

Floats = NDArray[np.float64]

#: Kinds of demand whose drivers look for a public space where they arrive: they do not live there.
PARKING = ("commute", "other")


def arrivals(trips: Floats, shape: DayShape, values: Mapping[str, float]) -> Floats:
    """Return the drivers of a mean day who look for a public space, shape (kinds of `PARKING`, zones, 24).

    Parameters
    ----------
    trips : ndarray, shape (kinds, zones, zones)
        Vehicles of a mean day.
    shape : DayShape
    values : mapping of str to float
        `public_commute` and `public_other`.
    """
    found = []
    for kind in PARKING:
        row = KINDS.index(kind)
        ends = trips[row].sum(axis=0) * values[f"public_{kind}"]
        found.append(ends[:, None] * shape.out[row][None, :])
    return np.stack(found)


def median_dwell(values: Mapping[str, float]) -> Floats:
    """Return the median time parked of each kind [h], from the mean of a log-normal law."""
    means = np.array([values[f"dwell_{kind}"] for kind in PARKING])
    return np.asarray(means * np.exp(-0.5 * values["dwell_spread"] ** 2))


def accumulation(arriving: Floats, values: Mapping[str, float]) -> Floats:
    """Return the vehicles parked at the end of each hour if all found a space, shape (zones, 24).

    Parameters
    ----------
    arriving : ndarray, shape (kinds, zones, 24)
    values : mapping of str to float
    """
    ages = np.arange(HOURS) + 0.5
    median, spread = median_dwell(values), values["dwell_spread"]
    found = np.zeros(arriving.shape[1:])
    for kind in range(len(PARKING)):
        staying = 1.0 - ndtr(np.log(ages / median[kind]) / spread)
        for age in range(HOURS):
            found += np.roll(arriving[kind], age, axis=-1) * staying[age]
    return found
