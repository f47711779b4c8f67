"""Demand brought near traffic counts: half of the roads counted fit it, the other half judge it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from jumeau.assignment import Demand, equilibrium
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.physics.counts import Counts, counts_of
from jumeau.networks.mobility.physics.demand import gravity_of, gravity_trips
from jumeau.networks.mobility.physics.ensemble import Ensemble
from jumeau.networks.mobility.physics.estimation import Adjustment, Curve, weigh
from jumeau.networks.mobility.physics.gates import is_gate, with_counts
from jumeau.networks.mobility.physics.judgement import Judgement, judged
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

#: Times and trips answer each other so many times; gap of the equilibria that give these times.
ROUNDS, LOOSE = 2, 1e-2

#: Trials of the numbers of the gravity model.
TRIALS = 60

#: Weights of the prior over the counts among which roads left out choose.
WEIGHTS = (0.03, 0.1, 0.3, 1.0)


def both_ways(trips: Floats) -> Floats:
    """Return the vehicles of a mean day in each direction, shape (zones, zones), of home-based tables of all kinds."""
    whole = trips.sum(axis=0)
    return np.asarray(0.5 * (whole + whole.T))


def daily_flow(supply: Supply, trips: Floats, gap: float = 1e-3) -> Floats:
    """Return the vehicles of a mean day on each link, shape (m,), by one mean hour of both directions."""
    found = equilibrium(supply.links, Demand.of(both_ways(trips) / BUSY_HOURS), gap=gap, names=supply.zones.tolist())
    return np.asarray(found.total * BUSY_HOURS)


@dataclass(frozen=True)
class Calibrated:
    """What counts say of the demand.

    Attributes
    ----------
    trips : ndarray, shape (kinds, zones, zones)
        Vehicles of a mean day.
    flows : ndarray, shape (members, m)
        Vehicles of a mean day on each link, in each network of the ensemble; empty where nothing was fitted.
    note : str
        What came of it, in a sentence.
    curve : Curve, optional
        Counts to be expected from these flows.
    weight : float
        Weight of the prior, chosen on fitted roads; missing where trips were not estimated.
    judgement : Judgement, optional
        On the roads held out.
    """

    trips: Floats
    flows: Floats
    note: str
    curve: Curve | None = None
    weight: float = float("nan")
    judgement: Judgement | None = None


def calibrate(layers: Layers, supply: Supply, values: Mapping[str, float], seed: int = 0) -> Calibrated:
    """Return the demand that meets the counts of half of the roads best.

    First a few numbers of the gravity model, by the method of Nelder and Mead; then, where `od_estimation` asks for it,
    the trips of each pair of zones by Spiess' gradient, held by those of the model with a weight that roads left out
    choose. Flows are the mean over an ensemble of networks. Counts of the other half of the roads only judge: nothing
    that fits ever sees them.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        `traffic_zones`, `traffic_counts`, `traffic_links`; timetable of public transport and flows of commuters
        where there are any.
    supply : Supply
    values : mapping of str to float
        Factors to start from.
    seed : int
        Of the ensemble.
    """
    counts = counts_of(layers["traffic_counts"], supply, values["count_years"])
    fitted = counts.part(~counts.held_out)
    if len(fitted) < LEAST_COUNTS:
        note = _("too few counts to calibrate on: {count}").format(count=len(fitted))
        return Calibrated(
            gravity_trips(layers["traffic_zones"], supply, values, layers), np.zeros((0, len(supply.links))), note
        )
    zones = with_counts(layers["traffic_zones"], layers["traffic_links"], supply, fitted, values)
    found = _fitted(zones, fitted, Ensemble.of(supply, values, seed), values, layers)
    flow = counts.modelled(found.flows.mean(axis=0))
    expected = flow if found.curve is None else found.curve(flow)
    classes = layers["traffic_links"]["road_class"].astype(str).to_numpy(dtype=object)[supply.row[counts.first]]
    verdict = judged(counts, flow, expected, classes, layers["traffic_counts"], BUSY_HOURS)
    return replace(found, judgement=verdict, note=_told(len(fitted), found.weight, verdict))


def _fitted(
    zones: gpd.GeoDataFrame, counts: Counts, ensemble: Ensemble, values: Mapping[str, float], layers: Layers
) -> Calibrated:
    """Return the demand that meets counts best, all of them; see `calibrate`."""
    supply = ensemble.supply
    marked, seen = counts.seen()
    gate = is_gate(zones, supply)
    border = np.where(gate[:, None] | gate[None, :], values["od_gate_trust"], 1.0).ravel()
    steps, weight, curve = np.zeros(len(FREE)), float("nan"), None
    model = gravity_of(zones, supply, layers)
    time = _times(supply, both_ways(model(values)))
    for number in range(ROUNDS):
        passed = sparse.csr_matrix(seen @ ensemble.passed(time, marked))
        steps = _numbers(model, counts, passed, values, steps)
        kinds = model(_moved(values, steps))
        trips = both_ways(kinds)
        if values["od_estimation"] > 0.0:
            problem = Adjustment(passed, counts.vehicles, trips.ravel(), border)
            if number == 0:
                weighed = weigh(problem, counts.road.tolist(), WEIGHTS)
                weight, curve = weighed.weight, Curve.of(weighed.flow, counts.vehicles)
            found = problem.solved(weight).reshape(trips.shape)
            kinds = kinds * np.divide(found, trips, out=np.ones_like(trips), where=trips > 0.0)
            trips = both_ways(kinds)
        time = _times(supply, trips)
    return Calibrated(kinds, ensemble.flows(time, trips), "", curve, weight)


def _times(supply: Supply, trips: Floats) -> Floats:
    """Return the times of links at the equilibrium of a mean hour, shape (m,)."""
    hour = Demand.of(trips / BUSY_HOURS)
    return equilibrium(supply.links, hour, gap=LOOSE, names=supply.zones.tolist()).time


def _moved(values: Mapping[str, float], steps: Floats) -> dict[str, float]:
    """Return the factors with those that counts fit moved, by logarithms kept within their bounds."""
    bounds = np.log(list(FREE.values()))
    found = dict(values)
    for name, factor in zip(FREE, np.exp(np.clip(steps, -bounds, bounds)), strict=True):
        found[name] = values[name] * float(factor)
    found["through_share"] = min(found["through_share"], 0.8)
    found["leaving_share"] = min(found["leaving_share"], 0.9)
    return found


def _numbers(
    model: Callable[[Mapping[str, float]], Floats],
    counts: Counts,
    passed: sparse.csr_matrix,
    values: Mapping[str, float],
    start: Floats,
) -> Floats:
    """Return the steps of the numbers in `FREE` for which (sqrt(flow) - sqrt(count))^2 is least on the routes given."""
    bounds = np.log(list(FREE.values()))
    wanted = np.sqrt(counts.vehicles)

    def misfit(steps: Floats) -> float:
        beyond = float(np.maximum(np.abs(steps) - bounds, 0.0).sum())
        flow = passed @ both_ways(model(_moved(values, steps))).ravel()
        return float(((np.sqrt(flow) - wanted) ** 2).mean()) * (1.0 + beyond)

    simplex = np.vstack([start, *(start + 0.3 * row for row in np.eye(len(FREE)))])
    options: Any = {"maxfev": TRIALS, "initial_simplex": simplex, "xatol": 0.02, "fatol": 1e-3}
    best = minimize(misfit, start, method="Nelder-Mead", options=options)
    return np.asarray(best.x, dtype=np.float64)


def _told(fitted: int, weight: float, verdict: Judgement) -> str:
    """Return what came of a calibration, with what tells nothing and what no model passes beside it."""
    fits = (("", verdict.model), ("exp_", verdict.expected), ("floor_", verdict.floor), ("top_", verdict.ceiling))
    told = {f"{name}r2": format_number(fit.correlation, 2) for name, fit in fits}
    told |= {f"{name}log": format_number(fit.log_correlation, 2) for name, fit in fits}
    told |= {f"{name}geh": format_number(100.0 * fit.geh5, 0) for name, fit in fits}
    text = _(
        "calibrated on {fitted} counts; on {judged} counts of other roads r2 {r2} (of logarithms {log}), GEH below 5: "
        "{geh} %; expected counts: {exp_r2}, {exp_geh} %; mean of the class of road: {floor_r2}, {floor_geh} %; last "
        "count but one: {top_r2}, {top_geh} %"
    ).format(fitted=fitted, judged=verdict.model.count, **told)
    if np.isnan(weight):
        return text
    return text + _("; trips estimated, weight of the prior {weight}").format(weight=format_number(weight, 2))
