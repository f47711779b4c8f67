"""Demand brought near traffic counts: half of them fit a few numbers of the gravity model, the other half judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from jumeau.assignment import Demand, equilibrium, skim
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.physics.counts import Counts, Fit, counts_of
from jumeau.networks.mobility.physics.demand import gravity_trips
from jumeau.networks.mobility.physics.supply import Supply

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Numbers of the gravity model that counts can fit, and how far they may move (as a factor).
FREE = {"demand_scale": 4.0, "through_share": 4.0, "deterrence_other": 3.0, "deterrence_commute": 3.0,
        "leaving_share": 2.5}  # fmt: skip

#: Hours in which a day's traffic is taken to run, when one mean hour stands for it.
BUSY_HOURS = 16.0

#: Fewer counts than this fit nothing.
LEAST_COUNTS = 10

#: Steps of the trips of each zone, their length, and how far they lead (as a logarithm).
END_ROUNDS, END_STEP, END_BOUND = 10, 0.5, 1.1


def daily_flow(supply: Supply, trips: Floats, gap: float = 1e-3) -> Floats:
    """Return the vehicles of a mean day on each link, shape (m,), by one mean hour of both directions."""
    whole = trips.sum(axis=0)
    found = equilibrium(
        supply.links, Demand.of(0.5 * (whole + whole.T) / BUSY_HOURS), gap=gap, names=supply.zones.tolist()
    )
    return np.asarray(found.total * BUSY_HOURS)


@dataclass(frozen=True)
class Calibrated:
    """What counts say of the demand.

    Attributes
    ----------
    values : dict of str to float
        Factors of the gravity model.
    ends : ndarray, shape (zones,)
        Trips of each zone over those of the model; trips between two zones take the geometric mean.
    note : str
        What came of it, in a sentence.
    """

    values: dict[str, float]
    ends: Floats
    note: str

    def apply(self, trips: Floats) -> Floats:
        """Return the trips that the counts ask for, shape of `trips`."""
        return np.asarray(trips * np.sqrt(self.ends[:, None] * self.ends[None, :]))


def calibrate(layers: Layers, supply: Supply, values: Mapping[str, float]) -> Calibrated:
    """Return the demand that meets half of the counts best.

    First a few numbers of the gravity model, by the method of Nelder and Mead; then the trips of each zone, along the
    gradient of the misfit (H. Spiess, "A gradient approach for the O-D matrix adjustment problem", CRT-693, Montreal,
    1990), in few steps and within bounds: counts are fewer than pairs of zones. The sum of squares of sqrt(flow) is
    made small, which weighs counts as the GEH statistic does.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        `traffic_zones`, `traffic_counts`, `traffic_links`.
    supply : Supply
    values : mapping of str to float
        Factors to start from.
    """
    zones = layers["traffic_zones"]
    counts = counts_of(layers["traffic_counts"], layers["traffic_links"], supply)
    fitted = ~counts.held_out
    even = np.ones(len(supply.zones))
    if fitted.sum() < LEAST_COUNTS:
        note = _("too few counts to calibrate on: {count}").format(count=int(fitted.sum()))
        return Calibrated(dict(values), even, note)
    names = list(FREE)
    bounds = np.log([FREE[name] for name in names])

    def changed(steps: Floats) -> dict[str, float]:
        moved = np.exp(np.clip(steps, -bounds, bounds))
        found = dict(values)
        for name, factor in zip(names, moved, strict=True):
            found[name] = values[name] * float(factor)
        found["through_share"] = min(found["through_share"], 0.8)
        found["leaving_share"] = min(found["leaving_share"], 0.9)
        return found

    def model(steps: Floats) -> Floats:
        return counts.modelled(daily_flow(supply, gravity_trips(zones, supply, changed(steps)), gap=1e-2))

    def misfit(steps: Floats) -> float:
        beyond = float(np.maximum(np.abs(steps) - bounds, 0.0).sum())
        error = np.sqrt(model(steps)[fitted]) - np.sqrt(counts.vehicles[fitted])
        return float((error**2).mean()) * (1.0 + beyond)

    # The scale alone first: it is most of the error, and congestion makes the rest uneven.
    start = np.zeros(len(names))
    for _round in range(3):
        found = model(start)[fitted]
        start[0] += float(np.log(counts.vehicles[fitted].sum() / max(float(found.sum()), 1e-9)))
        start[0] = float(np.clip(start[0], -bounds[0], bounds[0]))
    simplex = np.vstack([start, *(start + 0.25 * row for row in np.eye(len(names)))])
    options: Any = {"maxfev": 40, "initial_simplex": simplex, "xatol": 0.02, "fatol": 1e-3}
    best = minimize(misfit, start, method="Nelder-Mead", options=options)
    chosen = changed(np.asarray(best.x, dtype=np.float64))
    trips = gravity_trips(zones, supply, chosen)
    ends = _trip_ends(supply, trips, counts)
    made = Calibrated(chosen, ends, "")
    flows = counts.modelled(daily_flow(supply, made.apply(trips)))
    judged = Fit.of(flows[counts.held_out], counts.vehicles[counts.held_out], BUSY_HOURS)
    note = _("calibrated on {fitted} counts; on {judged} others R2 {r2}, GEH below 5: {share} %").format(
        fitted=int(fitted.sum()), judged=judged.count, r2=format_number(judged.r2, 2),
        share=format_number(100.0 * judged.geh5, 0),
    )  # fmt: skip
    return Calibrated(chosen, ends, note)


def _trip_ends(supply: Supply, trips: Floats, counts: Counts) -> Floats:
    """Return the trips of each zone over those of the model, shape (zones,)."""
    whole = trips.sum(axis=0)
    base = 0.5 * (whole + whole.T)
    logs = np.zeros(len(base))
    fitted = ~counts.held_out
    for _round in range(END_ROUNDS):
        now = base * np.exp(0.5 * (logs[:, None] + logs[None, :]))
        found = equilibrium(supply.links, Demand.of(now / BUSY_HOURS), gap=1e-2, names=supply.zones.tolist())
        flow = counts.modelled(found.total * BUSY_HOURS)
        # Derivative of (sqrt(flow) - sqrt(count))^2, summed along the routes between zones.
        slope = np.where(fitted, np.clip(1.0 - np.sqrt(counts.vehicles / np.maximum(flow, 1.0)), -3.0, 1.0), 0.0)
        pull = np.zeros(len(supply.links))
        np.add.at(pull, counts.first, slope)
        second = counts.second >= 0
        np.add.at(pull, counts.second[second], slope[second])
        along = skim(supply.links, found.time, pull, len(base)).along
        along = np.where(np.isfinite(along), along, 0.0)
        felt = (now * 0.5 * (along + along.T)).sum(axis=1) / np.maximum(now.sum(axis=1), 1e-9)
        logs = np.clip(logs - END_STEP * felt, -END_BOUND, END_BOUND)
    return np.asarray(np.exp(logs))
