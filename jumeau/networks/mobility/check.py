"""What is wrong with the traffic of a territory, beyond what `attributes.csv` can say."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.attributes import typed_layer
from jumeau.columns import numbers, rows_of, texts
from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.mobility.physics.counts import screened
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.tables import ATTRIBUTES
from jumeau.territory.check import problems_where
from jumeau.territory.model import Territory

Bools = NDArray[np.bool_]


def check(territory: Territory, factors: FactorTable) -> list[Problem]:
    """Return the problems of the layers of traffic."""
    if not territory.has("traffic_links"):
        return []
    layers = {
        name: typed_layer(territory.layers[name], ATTRIBUTES, name)
        if name in territory.layers
        else ATTRIBUTES.empty(name, territory.crs)
        for name in ATTRIBUTES.layers
    }
    found = _links(layers["traffic_links"])
    if all(item.warning for item in found):
        found += _reach(layers, {name: factor.value for name, factor in factors.items()})
    return [*found, *_counts(layers, territory)]


def _links(frame: gpd.GeoDataFrame) -> list[Problem]:
    same = texts(frame, "from_node") == texts(frame, "to_node")
    message, hint = _("a link ends where it starts"), _("cut it at another crossing, or take it away")
    blank = (texts(frame, "kind") == "street") & np.isnan(numbers(frame, "capacity"))
    lanes = _("streets without a capacity: their lanes times the saturation flow are taken, as if nothing crossed them")
    fill = _("fill the column, or set the factor `saturation_flow`")
    return [
        *problems_where(frame, ATTRIBUTES, "traffic_links", same, message, hint, column="to_node"),
        *problems_where(frame, ATTRIBUTES, "traffic_links", blank, lanes, fill, column="capacity", warning=True),
    ]


def _counts(layers: dict[str, gpd.GeoDataFrame], territory: Territory) -> list[Problem]:
    """Return counts that are left out: on no street, or absurd."""
    frame = layers["traffic_counts"]
    if not len(frame) or not territory.has("streets"):
        return []
    lost = rows_of(texts(territory.layers["streets"], "street_id"), texts(frame, "street_id")) < 0
    told = ~screened(frame)

    def of(bad: Bools, column: str, message: str, hint: str) -> list[Problem]:
        return problems_where(frame, ATTRIBUTES, "traffic_counts", bad, message, hint, column=column, warning=True)

    return [
        *of(lost, "street_id", _("a count on a street that does not exist"),
            _("name a street of « streets », or take the count away; it is left out")),
        *of(told & ~lost, "vehicles", _("a count that contradicts itself, or is empty"),
            _("peak hours hold 1 to 35 % of a day; the count is left out")),
    ]  # fmt: skip


def _reach(layers: dict[str, gpd.GeoDataFrame], values: dict[str, float]) -> list[Problem]:
    """Return a problem where zones that exchange trips do not hang together."""
    supply = supply_of(layers, values)
    inside = np.unique(np.concatenate([supply.links.tail, supply.links.head]))
    size = len(supply.zones)
    alone = np.setdiff1d(np.arange(size), inside)
    demand = layers["traffic_demand"]
    amount = numbers(demand, "trips") > 0.0
    asked = set(texts(demand, "origin")[amount]) | set(texts(demand, "destination")[amount])
    zones = layers["traffic_zones"]
    bad = np.zeros(len(zones), dtype=bool)
    bad[[int(supply.zone_row[row]) for row in alone if supply.zones[row] in asked]] = True
    signals = layers["traffic_signals"]
    nowhere = rows_of(supply.nodes, texts(signals, "node_id")) < 0
    return [
        *problems_where(
            zones, ATTRIBUTES, "traffic_zones", bad, _("a zone with trips hangs on no street that leads back"),
            _("join it to the streets by connectors, or take its trips away"), column="zone_id",
        ),
        *problems_where(
            signals, ATTRIBUTES, "traffic_signals", nowhere, _("signals at a crossing that does not exist"),
            _("name a node of « traffic_links »"), column="node_id", warning=True,
        ),
    ]  # fmt: skip
