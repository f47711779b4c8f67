"""What of public lighting can be sized: cabinets whose lamps are managed remotely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import shapely
from scipy import sparse

from jumeau.columns import flags, rows_of, texts, totals
from jumeau.i18n import _, format_number
from jumeau.networks.lighting import devices
from jumeau.networks.lighting.physics.detection_worth import node_worth
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.simulation.installed import unavailability
from jumeau.sizeable import Deployment, Instance, Promise, Sizing, SizingContext, SizingParameters

Layers = Mapping[str, gpd.GeoDataFrame]


class CabinetSites(SizingParameters):
    """Cabinets whose lamps get nodes, where failures last the longest before they are known."""


def cabinets(layers: Layers, parameters: CabinetSites, context: SizingContext) -> Instance:  # noqa: ARG001 - no keys
    """Return the cabinets that may be equipped, all lamps of each, and the nights without light that each saves."""
    lamps, boxes, factors = layers["lamps"], layers["cabinets"], context.factors
    lost, saved = node_worth(context.prepare().state, factors.value("alarm_delay"))
    names = texts(boxes, "cabinet_id").astype(str)
    row = rows_of(names, texts(lamps, "cabinet_id").astype(str))
    fed = row >= 0
    blind = fed & ~flags(lamps, "managed")
    nodes = totals(row[blind], np.ones(int(blind.sum())), len(names))
    device = devices.NODE.bill("remote_management", "lamps", ["one"], factors)[0]
    shapes = shapely.centroid(boxes.geometry.to_numpy())
    # Each node fails on its own: what a cabinet is expected to save is less by the share of its nodes that are silent.
    places = Sites.of(
        names,
        device.unit_cost * nodes,
        forbidden=nodes == 0.0,
        failure=unavailability(devices.NODE, factors, context.shared),
        x=shapely.get_x(shapes),
        y=shapely.get_y(shapes),
    )
    events = Events.of(names, 1.0, totals(row[fed], lost[fed], len(names)))
    gain = totals(row[fed], saved[fed], len(names))

    def deploy(sites: Sequence[str]) -> Deployment:
        where = {"attributes": {"cabinet_id": list(sites)}}
        return Deployment(({"measure": "lighting.remote_management", "where": where},))

    outside = int((~fed).sum())
    notes = [_("nights until the failure is known; what the crew takes to mend is the same before and after")]
    if outside:
        notes.append(_("{count} lamp(s) name no cabinet and are left out").format(count=format_number(outside)))
    return Instance(
        problem=PlacementProblem.of_savings(places, events, sparse.diags(gain), "night/year"),
        device=device,
        layer="cabinets",
        sites=gpd.GeoDataFrame({"site_id": names, "nodes": nodes}, geometry=boxes.geometry.to_numpy(), crs=boxes.crs),
        benefit=_("nights without light avoided"),
        events=_("cabinets"),
        units=nodes,
        deploy=deploy,
        promise=Promise(
            "dark_lamp_nights",
            -1.0,
            reasons=(
                "failures are few: a year of them is a small sample of what is expected in the long run",
                "a lamp that fails twice in a year counts once in the promise",
                "crews called sooner have other queues in the simulation",
            ),
        ),
        notes=tuple(notes),
    )


SIZINGS = (
    Sizing("cabinets", "Cabinets whose lamps are managed remotely", CabinetSites, cabinets, ("lamps", "cabinets")),
)
