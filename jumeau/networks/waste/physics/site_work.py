"""Work at a site: halts of the truck, lifts, and the time that they take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.networks.waste.physics.state import CollectionArea, State

Floats = NDArray[np.float64]


def service_time(state: State, area: CollectionArea) -> Floats:
    """Return the usual time at each site of an area [s]."""
    owned, rates = state.containers, state.rates
    lifts = usual_lifts(state, area)
    per_lift = np.where(owned.wheeled[area.containers], rates["lift_time_bin"], rates["lift_time_column"])
    whole = totals(area.member, lifts, len(area.sites))
    at_kerb = rates["site_time_kerbside"] * halts(whole, rates)
    at_site = np.where(state.kerbside[area.sites], at_kerb, rates["site_time_column"])
    return at_site + totals(area.member, lifts * per_lift, len(area.sites))


def halts(lifted: Floats | float, rates: dict[str, float]) -> Floats:
    """Return how often a truck stops at a kerbside site: its bins stand along a piece of street."""
    return np.asarray(np.maximum(np.asarray(lifted) / rates["lifts_per_stop"], 1.0), dtype=np.float64)


def usual_lifts(state: State, area: CollectionArea) -> Floats:
    """Return the lifts expected at each row of containers on a pass of the calendar."""
    owned, rows = state.containers, area.containers
    return lifts(
        owned.inflow[rows] * area.interval(), owned.volume[rows], owned.capacity[rows], owned.wheeled[rows], state.rates
    )


def lifts(volume: Floats, one: Floats, capacity: Floats, wheeled: NDArray[np.bool_], rates: dict[str, float]) -> Floats:
    """Return the lifts that a volume takes: of bins those that are put out, of columns all of them."""
    count = np.maximum(np.round(capacity / one), 1.0)
    put_out = np.clip(np.ceil(volume / (one * rates["set_out_fill"])), 1.0, count)
    return np.asarray(np.where(wheeled, put_out, count), dtype=np.float64)
