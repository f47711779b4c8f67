"""Demand brought near traffic counts: half of them fit a few numbers of the gravity model, the other half judge it.

References
----------
GEH statistic: sqrt(2 (m - c)^2 / (m + c)) of hourly flows; UK Highways Agency, Design Manual for Roads and Bridges,
volume 12a: a model is usually accepted with 85 % of the links below 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from jumeau.assignment import Demand, equilibrium, skim
from jumeau.columns import numbers, texts
from jumeau.i18n import _, format_number
from jumeau.networks.mobility.physics.demand import gravity_trips
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.randomness import stable_hash
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Numbers of the gravity model that counts can tell, and how far they may move (as a factor).
FREE = {"demand_scale": 4.0, "through_share": 4.0, "deterrence_other": 3.0, "deterrence_commute": 3.0,
        "leaving_share": 2.5}  # fmt: skip

#: Hours in which a day's traffic is taken to run, when one mean hour stands for it.
BUSY_HOURS = 16.0

#: Fewer vehicles a day are a yard, or an error.
LEAST = 50.0

#: Fewer counts than this fit nothing.
LEAST_COUNTS = 10

#: Steps of the trips of each zone, their length, and how far they lead (as a logarithm).
END_ROUNDS, END_STEP, END_BOUND = 10, 0.5, 1.1


@dataclass(frozen=True)
class Counts:
    """Counts that can be compared; shapes (k,).

    Attributes
    ----------
    row : ndarray of int
        Row of the layer.
    first, second : ndarray of int
        Links counted; -1 where there is no second one.
    mean : ndarray of bool
        Whether the count is of one direction, which is not known: the mean of both is compared.
    vehicles : ndarray
        A mean day [vehicle/day].
    morning, evening : ndarray
        Busiest hours, missing where not counted [vehicle/h].
    held_out : ndarray of bool
        Whether the count judges rather than fits.
    """

    row: Ints
    first: Ints
    second: Ints
    mean: Bools
    vehicles: Floats
    morning: Floats
    evening: Floats
    held_out: Bools

    def __len__(self) -> int:
        """Return the number of counts."""
        return len(self.row)

    def modelled(self, flow: Floats) -> Floats:
        """Return the modelled value of each count, shape (k,), from flows on links, shape (m,)."""
        other = np.where(self.second >= 0, flow[self.second], 0.0)
        both = flow[self.first] + other
        two = self.mean & (self.second >= 0)
        return np.asarray(np.where(two, 0.5 * both, both))


def screened(frame: gpd.GeoDataFrame) -> Bools:
    """Return which counts can be believed: a day's traffic that is told, and peaks that are part of it."""
    day = numbers(frame, "vehicles")
    fine = np.nan_to_num(day) >= LEAST
    for name in ("morning_peak", "evening_peak"):
        peak = numbers(frame, name)
        fine &= np.isnan(peak) | ((peak <= 0.35 * day) & (peak >= 0.01 * day))
    return np.asarray(fine)


def counts_of(frame: gpd.GeoDataFrame, links: gpd.GeoDataFrame, supply: Supply) -> Counts:
    """Return the counts that lie on links in use, those of the last year of each street and direction.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_counts`.
    links : GeoDataFrame
        The layer `traffic_links`.
    supply : Supply
    """
    by_street: dict[str, dict[str, int]] = {}
    names = texts(links, "link_id")[supply.row]
    for number, street in enumerate(supply.street):
        if not supply.connector[number]:
            by_street.setdefault(str(street), {})["backward" if str(names[number]).endswith("-") else "forward"] = (
                number
            )
    direction, street = texts(frame, "direction", "both"), texts(frame, "street_id").astype(str)
    year = np.nan_to_num(numbers(frame, "year", 0.0))
    rows_of_key: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(screened(frame)).tolist():
        if street[row] in by_street:
            rows_of_key.setdefault((str(street[row]), str(direction[row])), []).append(row)
    kept: list[tuple[int, int, int, bool]] = []
    groups: list[list[int]] = []
    for (name, way), members in sorted(rows_of_key.items()):
        # The last year counted; both directions of it where the direction is not told.
        last = max(float(year[row]) for row in members)
        group = [row for row in members if year[row] == last]
        found = by_street[name]
        if way in ("forward", "backward"):
            both = [found[way]] if way in found else []
        else:
            both = [found[key] for key in ("forward", "backward") if key in found]
        if both:
            kept.append((group[0], both[0], both[1] if len(both) > 1 else -1, way == "one"))
            groups.append(group)
    table = np.array(kept, dtype=np.int64).reshape(-1, 4)
    rows = table[:, 0]

    def mean(column: str) -> Floats:
        values = numbers(frame, column)
        return np.array([values[group].mean() for group in groups], dtype=np.float64)

    return Counts(
        rows,
        table[:, 1],
        table[:, 2],
        table[:, 3] == 1,
        mean("vehicles"),
        mean("morning_peak"),
        mean("evening_peak"),
        # Half of the streets, by their names: the same half on every machine.
        np.array([stable_hash(f"count of {street[row]}") % 2 == 1 for row in rows], dtype=bool),
    )


def geh(model: Floats, count: Floats) -> Floats:
    """Return the GEH statistic of hourly flows, shape of the inputs."""
    both = np.maximum(model + count, 1e-9)
    return np.asarray(np.sqrt(2.0 * (model - count) ** 2 / both))


def r_squared(model: Floats, count: Floats) -> float:
    """Return the share of the variance of the counts that the model explains, as it stands: it may be below zero."""
    spread = float(((count - count.mean()) ** 2).sum()) if len(count) else 0.0
    return 1.0 - float(((model - count) ** 2).sum()) / spread if spread > 0.0 else float("nan")


@dataclass(frozen=True)
class Fit:
    """How well flows meet counts.

    Attributes
    ----------
    count : int
    r2 : float
        Of the flows as they stand.
    correlation : float
        Squared: what a factor for each place could reach.
    geh5 : float
        Share of the counts whose GEH, on hourly flows, is below 5.
    ratio : float
        Sum of the flows over that of the counts.
    """

    count: int
    r2: float
    correlation: float
    geh5: float
    ratio: float

    @classmethod
    def of(cls, model: Floats, count: Floats, hours: float = 1.0) -> Fit:
        """Return the fit of flows that last some hours."""
        if len(count) < 3:
            return cls(len(count), float("nan"), float("nan"), float("nan"), float("nan"))
        return cls(
            len(count),
            r_squared(model, count),
            float(np.corrcoef(model, count)[0, 1] ** 2),
            float((geh(model / hours, count / hours) < 5.0).mean()),
            float(model.sum() / count.sum()),
        )


def daily_flow(supply: Supply, trips: Floats, gap: float = 1e-3) -> Floats:
    """Return the vehicles of a mean day on each link, shape (m,), by one mean hour of both directions."""
    whole = trips.sum(axis=0)
    found = equilibrium(supply.links, Demand.of(0.5 * (whole + whole.T) / BUSY_HOURS), gap=gap)
    return np.asarray(found.total * BUSY_HOURS)


@dataclass(frozen=True)
class Calibrated:
    """What counts tell of the demand.

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


def calibrate(territory: Territory, supply: Supply, values: Mapping[str, float]) -> Calibrated:
    """Return the demand that meets half of the counts best.

    First a few numbers of the gravity model, by the method of Nelder and Mead; then the trips of each zone, along the
    gradient of the misfit (H. Spiess, "A gradient approach for the O-D matrix adjustment problem", CRT-693, Montreal,
    1990), in few steps and within bounds: counts are fewer than pairs of zones. The sum of squares of sqrt(flow) is
    made small, which weighs counts as the GEH statistic does.

    Parameters
    ----------
    territory : Territory
    supply : Supply
    values : mapping of str to float
        Factors to start from.
    """
    zones = territory.layers["traffic_zones"]
    counts = counts_of(territory.layers["traffic_counts"], territory.layers["traffic_links"], supply)
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
        found = equilibrium(supply.links, Demand.of(now / BUSY_HOURS), gap=1e-2)
        flow = counts.modelled(found.total * BUSY_HOURS)
        # Derivative of (sqrt(flow) - sqrt(count))^2, summed along the ways between zones.
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
