"""Sectors to watch by meters: where hidden leaks that the night flow tells lose the most water."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse

from jumeau.bill import Bill, BillItem
from jumeau.columns import flags, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, format_number
from jumeau.network import MeasureContext
from jumeau.networks.water import devices
from jumeau.networks.water.parameters import SectorMeters
from jumeau.networks.water.physics.state import State
from jumeau.networks.water.sector_meters import sector_meters
from jumeau.networks.water.simulation.sector_worth import watching_worth
from jumeau.networks.water.sizing import worth_of_water
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.sizeable import Deployment, Instance, Promise, Sizing, SizingContext, SizingParameters

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Layers = Mapping[str, gpd.GeoDataFrame]


class SectorSites(SizingParameters):
    """Sectors to watch, where hidden leaks that the night flow tells lose the most water."""

    boundaries: Literal["closed", "metered"] = "closed"
    """Whether borders are closed by valves where pressure allows it, or metered wherever water crosses."""
    max_feeds: Annotated[int, Field(ge=1, le=100)] = 3
    """Metered links that a sector should not exceed, in and out; it does where no valve may be closed."""


def watched_sectors(layers: Layers, parameters: SectorSites, context: SizingContext) -> Instance:
    """Return the sectors that may be watched, and what each saves: m3 a year of hidden leaks that are known sooner."""
    sectors, factors = layers["water_sectors"], context.factors
    names = texts(sectors, "sector_id").astype(str)
    if not len(names):
        raise InputError(
            Problem(
                _("the network has no sector to watch"),
                hint=_("name the sector of pipes in `sector_id`, and the sectors in the layer « water_sectors »"),
            )
        )
    already = flags(sectors, "metered")
    measure: dict[str, Any] = {"measure": "water.sector_meters"}
    measure |= {
        key: value
        for key, value in (("boundaries", parameters.boundaries), ("max_feeds", parameters.max_feeds))
        if value != SectorSites.model_fields[key].default
    }
    state: State = context.prepare_with([measure]).state
    lost, saved = watching_worth(state, already)
    sector = state.search.sector
    inside = np.flatnonzero((sector >= 0) & (saved > 0.0))
    pipes = texts(layers["water_pipes"], "pipe_id").astype(str)
    bills = [
        ()
        if already[row]
        else sector_meters(
            layers,
            np.arange(len(names)) == row,
            SectorMeters(boundaries=parameters.boundaries, max_feeds=parameters.max_feeds),
            MeasureContext(factors, context.territory),
        ).bill
        for row in range(len(names))
    ]
    cost = np.array([sum(item.count * item.unit_cost for item in bill) for bill in bills])
    middle = shapely.centroid(sectors.geometry.to_numpy())
    places = Sites.of(
        names,
        cost,
        forbidden=already | (np.bincount(sector[sector >= 0], minlength=len(names)) == 0),
        x=shapely.get_x(middle),
        y=shapely.get_y(middle),
    )
    matrix = sparse.coo_matrix((saved[inside], (inside, sector[inside])), shape=(len(pipes), len(names)))

    def deploy(sites: Sequence[str]) -> Deployment:
        return Deployment(({**measure, "where": {"attributes": {"sector_id": list(sites)}}},))

    return Instance(
        problem=PlacementProblem.of_savings(places, Events.of(pipes, 1.0, lost), matrix, "m3/year"),
        device=_sector(bills, ~already, factors.value("sector_meter_life"), context),
        layer="water_sectors",
        sites=gpd.GeoDataFrame(
            {
                "site_id": names,
                "meters": _counted(bills, "sector_meter"),
                "closed_valves": _counted(bills, "sector_valve"),
                "threshold": state.search.threshold,
            },
            geometry=sectors.geometry.to_numpy(),
            crs=sectors.crs,
        ),
        benefit=_("water that hidden leaks no longer lose"),
        events=_("pipes"),
        worth=worth_of_water(context),
        deploy=deploy,
        promise=Promise(
            "real_losses",
            -1.0,
            reasons=(
                "a year of leaks is a small sample of what is expected in the long run",
                "closed borders change pressures, and with them all leaks; the promise counts detection alone",
                "searches queue for teams in the simulation; the promise has none wait",
            ),
        ),
        notes=_notes(state, ~already, cost),
    )


def _counted(bills: Sequence[Bill], kind: str) -> Floats:
    return np.array([sum(item.count for item in bill if item.kind == kind) for bill in bills], dtype=np.float64)


def _sector(bills: Sequence[Bill], chosen: Bools, life: float, context: SizingContext) -> BillItem:
    """Return the mean sector as one device: its meters and valves."""
    each = [bill for bill, there in zip(bills, chosen, strict=True) if there]
    meter = devices.SECTOR_METERS[0][1].bill("sector_meters", "water_sectors", ["one"], context.factors)[0]

    def mean(column: str) -> float:
        return sum(item.count * float(getattr(item, column)) for bill in each for item in bill) / max(len(each), 1)

    return replace(
        meter,
        unit_cost=mean("unit_cost"),
        annual_cost=mean("annual_cost"),
        embodied_carbon=mean("embodied_carbon"),
        life=life,
        source="; ".join(dict.fromkeys(item.source for bill in each for item in bill)) or meter.source,
    )


def _notes(state: State, chosen: Bools, cost: Floats) -> tuple[str, ...]:
    threshold = state.search.threshold[chosen]
    found = []
    if len(threshold):
        text = _("a rise of the night flow by {low} to {high} m3/h is seen, by sector, once it has lasted {days} days")
        found.append(
            text.format(
                low=format_number(float(threshold.min()), 1),
                high=format_number(float(threshold.max()), 1),
                days=format_number(state.search.sector_delay, 1),
            )
        )
    if (cost[chosen] > 0.0).sum() > 1:
        found.append(
            _("the cost of each sector is that of it alone: neighbours that are both watched share meters and valves")
        )
    return tuple(found)


SIZINGS = (
    Sizing(
        "sector_meters",
        "Sectors watched by meters",
        SectorSites,
        watched_sectors,
        ("water_pipes", "water_junctions", "water_sectors"),
    ),
)
