"""Demand from people and jobs: a gravity model of trips there and back, trips through the territory, and trucks.

References
----------
Doubly constrained gravity model with exponential deterrence: A. G. Wilson, "A statistical theory of spatial
distribution models", Transportation Research 1, 1967; balanced as K. Furness, "Time function iteration", Traffic
Engineering and Control 7, 1965.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.commuters import Commuters, brought_to_modes
from jumeau.networks.mobility.physics.day import KINDS
from jumeau.networks.mobility.physics.modes import CAR, POOL, observed_shares, with_transit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Skims:
    """Time and distance between zones on empty streets; shapes (zones, zones).

    Attributes
    ----------
    minutes, km : ndarray
        Infinite where no route leads.
    """

    minutes: Floats
    km: Floats

    @classmethod
    def of(cls, minutes: Floats, km: Floats) -> Skims:
        """Return skims with, inside a zone, half of those to the nearest other one."""
        made = []
        for given in (minutes, km):
            table = given.copy()
            np.fill_diagonal(table, np.inf)
            nearest = table.min(axis=1, initial=np.inf)
            np.fill_diagonal(table, np.where(np.isfinite(nearest), 0.5 * nearest, 1.0))
            made.append(table)
        return cls(*made)


def balance(seed: Floats, rows: Floats, columns: Floats, rounds: int = 100) -> Floats:
    """Return the seed scaled to sums of rows and columns, shape (n, n).

    Sums that the seed cannot carry, such as those of an empty row, are left aside; the sums of columns are brought to
    the total of the rows.
    """
    found = seed.copy()
    total = rows[seed.sum(axis=1) > 0.0].sum()
    possible = columns * (seed.sum(axis=0) > 0.0)
    columns = possible * (total / possible.sum()) if possible.sum() > 0.0 else possible
    for _round in range(rounds):
        held = found.sum(axis=0)
        found *= np.divide(columns, held, out=np.zeros_like(held), where=held > 0.0)
        held = found.sum(axis=1)
        error = float(np.abs(held - rows)[held > 0.0].sum())
        found *= np.divide(rows, held, out=np.zeros_like(held), where=held > 0.0)[:, None]
        if error < 1e-6 * max(total, 1.0):
            break
    return found


def vehicle_trips(
    residents: Floats,
    jobs: Floats,
    gates: Bools,
    weight: Floats,
    skims: Skims,
    values: Mapping[str, float],
    attraction: Callable[[Floats], Floats] | None = None,
    commuters: Commuters | None = None,
) -> Floats:
    """Return the vehicles of a mean day, shape (kinds, zones, zones), from row to column of home-based tables.

    Parameters
    ----------
    residents, jobs : ndarray, shape (zones,)
    gates : ndarray of bool, shape (zones,)
    weight : ndarray, shape (zones,)
        Of the gates.
    skims : Skims
    values : mapping of str to float
        Factors.
    attraction : callable, optional
        Of public transport, given the distances [km], where a timetable tells it; see `transit.attraction`.
    commuters : Commuters, optional
        Observed; the shares of the factors stand without.
    """
    part = np.where(gates, np.nan_to_num(weight), 0.0)
    share = part / part.sum() if part.sum() > 0.0 else part
    outside = part.sum() > 0.0
    linked = np.isfinite(skims.minutes) & ~(gates[:, None] & gates[None, :])
    km = np.where(np.isfinite(skims.km), skims.km, 0.0) + values["gate_distance"] * (gates[:, None] | gates[None, :])
    persons = np.zeros((2, *linked.shape))

    def deterred(kind: str) -> Floats:
        return np.where(linked, np.exp(-values[f"deterrence_{kind}"] * np.where(linked, skims.minutes, 0.0)), 0.0)

    workers, held = residents * values["workers_share"], jobs
    local = min(values["local_jobs_share"] * jobs.sum(), workers.sum()) if outside else workers.sum()
    employed = values["workers_share"]
    if commuters is not None:
        employed = commuters.living / residents.sum()
        # Without a gate nobody leaves: those who work inside are all there are.
        workers = residents * ((commuters.living if outside else commuters.local) / residents.sum())
        held = jobs * (commuters.working / jobs.sum()) if jobs.sum() > 0.0 else jobs
        local = commuters.local
    rows = workers + share * max(held.sum() - local, 0.0)
    columns = held + share * max(workers.sum() - local, 0.0)
    persons[0] = 2.0 * values["attendance"] * balance(deterred("commute"), rows, columns)
    rate = max(values["trips_per_resident"] - 2.0 * values["attendance"] * employed, 0.0)
    made = residents * rate
    drawn = residents + values["job_attraction"] * jobs
    drawn = drawn * (made.sum() / drawn.sum()) if drawn.sum() > 0.0 else drawn
    leaving = values["leaving_share"] if outside else 0.0
    rows = made + share * made.sum() * values["visiting_share"]
    columns = drawn * (1.0 - leaving + (values["visiting_share"] if outside else 0.0)) + share * made.sum() * leaving
    persons[1] = balance(deterred("other"), rows, columns)

    shares = observed_shares(km, values)
    if attraction is not None:
        shares = with_transit(shares, attraction(km))
    driving = shares[CAR] / values["car_occupancy"] + shares[POOL] / values["carpool_occupancy"]
    found = np.zeros((len(KINDS), *linked.shape))
    found[:2] = persons * driving
    if commuters is not None:
        pool = values["carpool_share"]
        per_car = (1.0 - pool) / values["car_occupancy"] + pool / values["carpool_occupancy"]
        found[0] = brought_to_modes(found[0], persons[0], gates, commuters, per_car)
    crossing = found[:2].sum(axis=0)
    border = float(crossing[gates].sum() + crossing[:, gates].sum())
    pairs = share[:, None] * share[None, :] * np.isfinite(skims.minutes)
    np.fill_diagonal(pairs, 0.0)
    if pairs.sum() > 0.0:
        # A vehicle that drives through crosses the border twice.
        through = 0.5 * border * values["through_share"] / (1.0 - values["through_share"])
        found[2] = pairs * (through / pairs.sum())
    freight = _freight(jobs, share, linked, pairs, outside=outside)
    if freight.sum() > 0.0:
        light = float(found[:3].sum())
        found[3] = freight * (light * values["heavy_share"] / (1.0 - values["heavy_share"]) / freight.sum())
    return found * values["demand_scale"]


def _freight(jobs: Floats, share: Floats, linked: Bools, pairs: Floats, *, outside: bool) -> Floats:
    """Return the weight of trucks between zones: through the territory, and to and from jobs."""
    drawn = jobs / max(jobs.sum(), 1e-9)
    if not outside:
        return np.asarray(linked * drawn[:, None] * drawn[None, :])
    to_jobs = linked * (share[:, None] * drawn[None, :] + drawn[:, None] * share[None, :])
    return np.asarray(pairs / max(pairs.sum(), 1e-9) + to_jobs)
