"""Trips between zones: from the table of the territory, or from residents and jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import skim
from jumeau.columns import numbers, texts
from jumeau.networks.mobility.physics.commuters import commuters_of
from jumeau.networks.mobility.physics.day import HOURS, KINDS, day_shape, hourly_profile, workday_scale
from jumeau.networks.mobility.physics.gravity import Skims, vehicle_trips
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.networks.mobility.physics.transit import attraction, transit_of

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: No layer is observed.
NOTHING: Layers = MappingProxyType({})

#: Numbers of the gravity model that counts fit: public transport does not depend on them.
_ASIDE = ("demand_scale", "through_share", "deterrence_other", "deterrence_commute", "leaving_share")


def demand_of(frame: gpd.GeoDataFrame, supply: Supply, values: Mapping[str, float]) -> Floats:
    """Return the trips of a mean day, shape (kinds, zones, zones) in the order of the supply's zones.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_demand`, whose zones are known: its table says so, and is checked before.
    supply : Supply
    values : mapping of str to float
        See `mean_day`.
    """
    found = np.zeros((len(KINDS), len(supply.zones), len(supply.zones)))
    place = {name: row for row, name in enumerate(supply.zones)}
    kind = [KINDS.index(name) for name in texts(frame, "kind")]
    ends = [[place[name] for name in texts(frame, column)] for column in ("origin", "destination")]
    np.add.at(found, (kind, *ends), mean_day(frame, values))
    return found


def mean_day(frame: gpd.GeoDataFrame, values: Mapping[str, float]) -> Floats:
    """Return the trips of each row on a mean day, shape (rows,).

    Those of some hours of a working day are brought to a day by its profile, so that a run has just as many of them in
    these hours of a mean working day.

    Parameters
    ----------
    frame : GeoDataFrame
        The layer `traffic_demand`.
    values : mapping of str to float
        See `day_shape` and `workday_scale`.
    """
    trips, hours, first = (numbers(frame, name) for name in ("trips", "hours", "first_hour"))
    kind = np.array([KINDS.index(name) for name in texts(frame, "kind")], dtype=np.int64)
    part = np.flatnonzero(hours < HOURS)
    if not len(part):
        return trips
    shape, found = day_shape(values), trips.copy()
    profile = shape.out + shape.back
    told = np.where(np.isnan(first), -1.0, first)
    periods, of = np.unique(np.stack([hours[part], told[part]], axis=1), axis=0, return_inverse=True)
    for row, (length, start) in enumerate(periods):
        rows = part[of.ravel() == row]
        begin = busiest(hourly_profile(values), length) if start < 0.0 else start
        share = profile @ within(begin, length)
        # Hours without any traffic hold no trips either: of none, none are made.
        found[rows] = trips[rows] / np.maximum(share[kind[rows]] * workday_scale(values), 1e-9)
    return found


def within(first: float, hours: float) -> Floats:
    """Return the share of each clock hour that lies in a period, shape (24,); it may run past midnight."""
    start = np.arange(HOURS, dtype=np.float64)
    found = np.zeros(HOURS)
    for day in (-HOURS, 0, HOURS):
        found += np.clip(np.minimum(start + 1.0, first + day + hours) - np.maximum(start, first + day), 0.0, 1.0)
    return found


def busiest(profile: Floats, hours: float) -> float:
    """Return the clock hour at which the period of this length with most traffic starts."""
    return float(np.argmax([profile @ within(float(first), hours) for first in range(HOURS)]))


def gravity_trips(
    zones: gpd.GeoDataFrame, supply: Supply, values: Mapping[str, float], observed: Layers = NOTHING
) -> Floats:
    """Return the vehicles of a mean day by the gravity model, shape (kinds, zones, zones) in the same order.

    Parameters
    ----------
    zones : GeoDataFrame
        The layer `traffic_zones`.
    supply : Supply
    values : mapping of str to float
    observed : mapping of str to GeoDataFrame
        Timetable of public transport and flows of commuters, where there are any; the factors stand without.
    """
    return gravity_of(zones, supply, observed)(values)


def gravity_of(
    zones: gpd.GeoDataFrame, supply: Supply, observed: Layers = NOTHING
) -> Callable[[Mapping[str, float]], Floats]:
    """Return the gravity model of a territory, a function of its factors: times on empty streets are found once.

    So is the attraction of public transport, as long as no factor that it depends on moves.
    """
    order = supply.zone_row
    found = skim(supply.links, supply.links.free_time, supply.length, len(supply.zones))
    skims = Skims.of(found.cost / 60.0, found.along / 1000.0)
    gates = texts(zones, "kind")[order] == "gate"
    residents, jobs, crossing = (numbers(zones, name)[order] for name in ("residents", "jobs", "crossing"))
    transit = transit_of({**observed, "traffic_zones": zones}, supply)
    commuters = commuters_of(observed, float(residents.sum()))
    known: dict[tuple[float, ...], Floats] = {}

    def trips(values: Mapping[str, float]) -> Floats:
        def attracted(km: Floats) -> Floats:
            key = tuple(value for name, value in sorted(values.items()) if name not in _ASIDE)
            if key not in known and transit is not None:
                known[key] = attraction(transit, km, values)
            return known[key]

        told = attracted if transit is not None else None
        return vehicle_trips(residents, jobs, gates, crossing, skims, values, told, commuters)

    return trips
