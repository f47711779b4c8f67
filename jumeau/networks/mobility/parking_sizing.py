"""Zones whose spaces along streets are equipped for guidance: where drivers cruise the most for a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse

from jumeau.columns import flags, numbers, texts, totals
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.networks.mobility import devices
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.shrinkage import shrunk
from jumeau.simulation.installed import unavailability
from jumeau.sizeable import Deployment, Instance, Promise, Sizing, SizingContext, SizingParameters, Together
from jumeau.yaml_types import Share

if TYPE_CHECKING:
    from jumeau.networks.mobility.physics.state import State

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Drivers that the followed days of a run should hold, and how many of these days there are at least and at most.
RUN_DRIVERS, RUN_LEAST, RUN_MOST = 60_000, 4, 60


class GuidedZones(SizingParameters):
    """Zones whose spaces along streets get sensors and guidance, where drivers cruise the most for a space."""

    adoption: Share = 0.3
    """Share of the drivers who follow the guidance: an input, not a result."""
    points: Annotated[int, Field(ge=1, le=50)] = 5
    """Numbers of zones whose saving is reckoned as a whole, with the choice itself; each follows all days again."""


def guided_zones(layers: Layers, parameters: GuidedZones, context: SizingContext) -> Instance:
    """Return the zones that may be equipped, and what each spares its drivers: km a year of cruising for a space.

    A block equipped alone guides nobody: drivers follow sensors where their destination has them, to other blocks that
    have them. So sites are zones of traffic, each as a whole, and what a choice of them spares is reckoned anew.
    """
    # Compiled code is for those who size.
    from jumeau.networks.mobility.simulation.guidance_worth import cruised_on, days_for

    frame = layers["parking"]
    street = _along_streets(frame)
    state: State = context.prepare().state
    if state.supply is None or not state.blocks.arriving.sum() > 0.0:
        raise InputError(
            Problem(
                _("nobody looks for a public space: guidance spares nothing"),
                layer="traffic_demand",
                hint=_("give trips to the zones with spaces, or lay demand out anew"),
            )
        )
    names = texts(frame, "parking_id").astype(str)
    zones, of_block = np.unique(state.supply.zones[state.blocks.zone].astype(str), return_inverse=True)
    kept = np.unique(of_block[street])
    # Zones of car parks alone are no sites.
    row = np.full(len(zones), -1, dtype=np.int64)
    row[kept] = np.arange(len(kept))
    zones, zone = zones[kept], row[of_block]
    new = street & ~flags(frame, "sensor")
    spaces = totals(zone[new], numbers(frame, "spaces")[new], len(zones))

    def measure(chosen: Bools) -> dict[str, Any]:
        where = {"attributes": {"parking_id": [str(name) for name in names[chosen & street]]}}
        return {"measure": "mobility.parking_guidance", "where": where, "adoption": parameters.adoption}

    everywhere: State = context.prepare_with([measure(street)]).state
    # A sensor that fails shows its space as it was, until a crew has come.
    silent = unavailability(devices.SENSOR, context.factors, context.shared)
    before = cruised_on(state, context.clock, silent=silent)
    member = sparse.csr_matrix(
        (np.ones((zone >= 0).sum()), (np.flatnonzero(zone >= 0), zone[zone >= 0])), (len(zone), len(zones))
    )
    spared = before - cruised_on(everywhere, context.clock, silent=silent)
    device = devices.SENSOR.bill("parking_guidance", "parking", ["one"], context.factors)[0]
    shapes = _shapes(frame, zone, street, len(zones))
    middle = shapely.centroid(shapes)
    places = Sites.of(
        zones,
        device.unit_cost * spaces,
        forbidden=spaces == 0.0,
        x=shapely.get_x(middle),
        y=shapely.get_y(middle),
    )
    unseen = (before @ member).mean(axis=0)
    # Nobody is spared more than is cruised; a zone whose drivers cruise more is chance, or pays for the others.
    gain = np.clip(shrunk(spared @ member), 0.0, unseen)
    followed = min(days_for(state.blocks, RUN_DRIVERS, RUN_LEAST, RUN_MOST), context.clock.days)

    def deploy(sites: Sequence[str]) -> Deployment:
        chosen = np.isin(zone, np.flatnonzero(np.isin(zones, list(sites))))
        return Deployment((measure(chosen),), assumptions={"parking_days": max(followed, state.parking_days)})

    @cache
    def without() -> Floats:
        # Other days than those by which zones are chosen: the best of noisy figures expects too much.
        return np.asarray(cruised_on(state, context.clock, draw=1, silent=silent).sum(axis=1))

    def together(sites: Sequence[str]) -> Together:
        after: State = context.prepare_with(deploy(sites).measures).state
        each = without() - cruised_on(after, context.clock, draw=1, silent=silent).sum(axis=1)
        return Together(float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each))))

    return Instance(
        problem=PlacementProblem.of_savings(places, Events.of(zones, 1.0, unseen), sparse.diags(gain), "km/year"),
        device=device,
        layer="traffic_zones",
        sites=gpd.GeoDataFrame(
            {
                "site_id": zones,
                "spaces": totals(zone[street], numbers(frame, "spaces")[street], len(zones)),
                "new_sensors": spaces,
                "cruising": unseen,
            },
            geometry=shapes,
            crs=frame.crs,
        ),
        benefit=_("cruising for a space avoided"),
        events=_("zones with spaces along streets"),
        units=spaces,
        worth=worth_of_cruising(state, context.shared),
        deploy=deploy,
        promise=Promise(
            "cruising",
            -1.0,
            reasons=(
                "a few crowded days make most of the cruising: those that are followed are a small sample of a year",
                "drivers who find a space sooner come more often; how many do is settled with two days of parking",
                "lost messages make sensors wrong more often, where the scenario says something of radio",
            ),
        ),
        together=together,
        points=parameters.points,
        notes=_notes(before, spared, parameters.adoption, int((~street).sum())),
    )


def _along_streets(frame: gpd.GeoDataFrame) -> Bools:
    """Tell which blocks lie along streets.

    Raises
    ------
    InputError
        Where none does.
    """
    street = np.asarray((texts(frame, "kind") == "street") & (numbers(frame, "spaces") > 0.0))
    if not street.any():
        raise InputError(
            Problem(
                _("the territory has no space along a street: nothing to equip"),
                layer="parking",
                column="kind",
                hint=_("car parks count at their gates; add blocks of the kind « street », or lay parking out anew"),
            )
        )
    return street


def _shapes(frame: gpd.GeoDataFrame, zone: NDArray[np.int64], street: Bools, count: int) -> NDArray[np.object_]:
    """Return the blocks of each zone as one shape, shape (count,)."""
    shapes = frame.geometry.to_numpy()
    found = np.empty(count, dtype=object)
    for row in range(count):
        found[row] = shapely.union_all(shapes[street & (zone == row)])
    return found


def worth_of_cruising(state: State, shared: FactorTable) -> float:
    """Return what a kilometre of cruising costs those in the car: their time, and energy at the pump [EUR/km]."""
    speed = state.values["cruise_speed"]
    time = state.values["car_occupancy"] * shared.value("value_of_time") / speed
    taken = state.rates.at("car", np.array([speed]))[:3, 0]
    prices = np.array(
        [
            shared.value("petrol_price"),
            shared.value("diesel_price") * (1.0 + shared.value("vat_rate")),
            shared.value("charging_price"),
        ]
    )
    return float(time + taken @ prices)


def _notes(cruised: Floats, spared: Floats, adoption: float, car_parks: int) -> tuple[str, ...]:
    before, less = (float(each.sum(axis=1).mean()) for each in (cruised, spared))
    found = [
        _(
            "{days} days followed with and without guidance in all zones, the same drivers arriving: of {before} km a "
            "year of cruising, {less} are spared"
        ).format(days=format_number(len(cruised)), before=format_number(before), less=format_number(less)),
        _(
            "each zone is credited with what its drivers are spared when all zones are equipped; fewer zones see fewer "
            "free spaces: what the choice spares as a whole is reckoned anew, on other days, and promised"
        ),
        _("{share} % of the drivers follow the guidance: an assumption (« --set adoption=… »)").format(
            share=format_number(100.0 * adoption)
        ),
    ]
    if car_parks:
        found.append(_("{count} car park(s) are not equipped: they count at their gates").format(count=car_parks))
    return tuple(found)


SIZINGS = (
    Sizing(
        "parking",
        "Zones with guidance to free spaces",
        GuidedZones,
        guided_zones,
        ("parking", "traffic_links", "traffic_zones"),
    ),
)
