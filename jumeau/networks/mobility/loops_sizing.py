"""Counting loops: the streets where they meet most of the trips between zones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.networks.mobility import devices
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.sizeable import Instance, Sizing, SizingContext, SizingParameters

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]


class LoopSites(SizingParameters):
    """Counting loops on streets, where they meet most of the trips between zones."""

    weights: Literal["vehicles", "pairs"] = "vehicles"
    """Whether pairs of zones count by their vehicles, or alike."""
    counts: Literal["kept", "ignored"] = "kept"
    """Whether counts on record stand as compulsory sites that cost nothing."""


def traffic_loops(layers: Layers, parameters: LoopSites, context: SizingContext) -> Instance:
    """Return the streets that may have a counting loop, and the routes between zones that each sees."""
    # Compiled code is for those who size.
    from jumeau.networks.mobility.physics.counts import counts_of
    from jumeau.networks.mobility.physics.day import HOURS, KINDS, day_shape
    from jumeau.networks.mobility.physics.interception import routes_of, seen_by
    from jumeau.networks.mobility.physics.scene import truck_detour

    state = context.prepare().state
    supply, day = state.supply, state.day
    if supply is None or day is None:
        raise InputError(Problem(_("there is no trip between zones: nothing tells streets apart")))
    shape, heavy = day_shape(state.values), KINDS.index("heavy")
    detour = truck_detour(supply, state.values)
    weights: list[Floats] = []
    trips: list[Floats] = []
    for hour in range(HOURS):
        of_hour = shape.at(hour, day.trips)
        weights += [day.time[hour], day.time[hour] + detour]
        trips += [of_hour.sum(axis=0) - of_hour[heavy], of_hour[heavy]]
    routes = routes_of(supply.links, weights, trips)
    if not len(routes.pair):
        raise InputError(Problem(_("there is no trip between zones: nothing tells streets apart")))
    name, site = _streets(supply.street, supply.name, supply.connector)
    first = np.unique(site[site >= 0], return_index=True)[1]
    first = np.flatnonzero(site >= 0)[first]
    counts = counts_of(layers["traffic_counts"], supply, state.values["count_years"])
    counted = np.unique(np.concatenate([counts.first, counts.second[counts.second >= 0]]))
    known = np.zeros(len(name), dtype=bool)
    seen = seen_by(routes, site, len(name))
    on_record = np.asarray(routes.passes[:, counted].sum(axis=1)).ravel() > 0.0
    if parameters.counts == "kept":
        known[site[counted]] = True
        # A street counted in one direction is a site of that direction.
        only = np.where(known[np.maximum(site, 0)] & ~np.isin(np.arange(len(site)), counted), -1, site)
        seen = seen_by(routes, only, len(name))
    weight = routes.vehicles
    pairs, of_pair = np.unique(routes.pair, return_inverse=True)
    if parameters.weights == "pairs":
        weight = weight / np.bincount(of_pair, weight)[of_pair] / len(pairs)
    device = devices.LOOP.bill("traffic_loops", "streets", ["one"], context.factors)[0]
    geometry = layers["traffic_links"].geometry.to_numpy()[supply.row[first]]
    middle = shapely.line_interpolate_point(geometry, 0.5, normalized=True)
    places = Sites.of(
        name,
        np.where(known, 0.0, device.unit_cost),
        compulsory=known,
        x=shapely.get_x(middle),
        y=shapely.get_y(middle),
    )
    every = parameters.weights == "pairs"
    return Instance(
        problem=PlacementProblem.of_cover(
            places, Events.of(_names(routes.pair, supply.zones), weight), seen, "1" if every else "vehicle/day"
        ),
        device=device,
        layer="streets",
        sites=gpd.GeoDataFrame(
            {"site_id": name, "vehicles": seen_by(routes, site, len(name)).T @ routes.vehicles},
            geometry=geometry,
            crs=layers["traffic_links"].crs,
        ),
        benefit=_("share of pairs of zones whose trips are met") if every else _("vehicles between zones that are met"),
        events=_("routes"),
        units=np.where(known, 0.0, 1.0),
        notes=_notes(len(pairs), routes.vehicles, on_record, routes.lost, len(counts)),
    )


def _streets(
    street: NDArray[np.object_], link: NDArray[np.object_], connector: NDArray[np.bool_]
) -> tuple[NDArray[np.object_], Ints]:
    """Return the names of sites, and the site of each link: streets, both directions of each, connectors left out."""
    own = np.where(street.astype(str) != "", street, link).astype(str)
    names, of_link = np.unique(own[~connector], return_inverse=True)
    site = np.full(len(link), -1, dtype=np.int64)
    site[~connector] = of_link
    return names.astype(object), site


def _names(pair: Ints, zones: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the names of routes: `Z1>Z2/1`, `Z1>Z2/2`; those of a pair follow each other."""
    start = np.flatnonzero(np.diff(pair, prepend=-1))
    number = np.arange(len(pair)) - np.repeat(start, np.diff(np.append(start, len(pair)))) + 1
    ends = np.divmod(pair, len(zones))
    rows = zip(*ends, number, strict=True)
    return np.array([f"{zones[a]}>{zones[b]}/{rank}" for a, b, rank in rows], dtype=object)


def _notes(pairs: int, vehicles: Floats, on_record: NDArray[np.bool_], lost: float, counts: int) -> tuple[str, ...]:
    total = float(vehicles.sum())
    text = _(
        "{vehicles} vehicles a day between {pairs} pairs of zones, by the cheapest ways of each hour at equilibrium"
    )
    found = [text.format(vehicles=format_number(total), pairs=format_number(pairs))]
    if counts:
        text = _("{count} count(s) on record meet {share} % of these vehicles")
        share = 100.0 * float(vehicles[on_record].sum()) / total
        found.append(text.format(count=format_number(counts), share=format_number(share, 1)))
    if lost > 0.0:
        found.append(_("{vehicles} vehicles a day find no route and are left out").format(vehicles=format_number(lost)))
    return tuple(found)


SIZINGS = (
    Sizing("traffic_loops", "Traffic counting loops", LoopSites, traffic_loops, ("traffic_links", "traffic_zones")),
)
