"""What is wrong with the traffic of a territory, beyond what `attributes.csv` can say."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.errors import Problem
from jumeau.i18n import _
from jumeau.networks.mobility.physics.counts import screened
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.tables import FactorTable
from jumeau.territory.model import Territory

Bools = NDArray[np.bool_]


def check(territory: Territory, factors: FactorTable) -> list[Problem]:
    """Return the problems of the layers of traffic."""
    from jumeau.networks.mobility import NETWORK

    if not territory.has("traffic_links"):
        return []
    layers = NETWORK.layers(territory)
    found = _links(layers["traffic_links"]) + _counts(layers, territory)
    found += demand_problems(layers["traffic_demand"], layers["traffic_zones"])
    return found or _reach(layers, {name: factor.value for name, factor in factors.items()})


def _problem(
    layer: str, frame: gpd.GeoDataFrame, bad: Bools, column: str, message: str, hint: str, *, warning: bool = False
) -> list[Problem]:
    from jumeau.networks.mobility import NETWORK

    if not bad.any():
        return []
    ids = texts(frame, NETWORK.attributes.identifier(layer))[bad].astype(str)
    values = sorted({str(value) for value in texts(frame, column)[bad]})[:5] if column in frame.columns else []
    return [
        Problem(
            message,
            hint=hint,
            layer=layer,
            column=column,
            features=tuple(ids),
            value=", ".join(values),
            warning=warning,
        )
    ]


def _links(frame: gpd.GeoDataFrame) -> list[Problem]:
    def of(column: str, bad: Bools, message: str, hint: str) -> list[Problem]:
        return _problem("traffic_links", frame, bad, column, message, hint)

    capacity, speed = numbers(frame, "capacity"), numbers(frame, "speed")
    return [
        *of("capacity", capacity <= 0.0, _("a link has no capacity"), _("state one above zero, or leave it empty")),
        *of("speed", speed <= 0.0, _("a link has no speed"), _("state one above zero, or leave it empty")),
        *of(
            "to_node",
            texts(frame, "from_node") == texts(frame, "to_node"),
            _("a link ends where it starts"),
            _("cut it at another crossing, or take it away"),
        ),
    ]


def demand_problems(frame: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> list[Problem]:
    """Return the problems of the trips between zones.

    Parameters
    ----------
    frame, zones : GeoDataFrame
        The layers `traffic_demand` and `traffic_zones`.
    """
    known = set(texts(zones, "zone_id"))

    def unknown(column: str) -> Bools:
        return np.array([name not in known for name in texts(frame, column)], dtype=bool)

    found = []
    for column in ("origin", "destination"):
        found += _problem(
            "traffic_demand", frame, unknown(column), column, _("trips of a zone that does not exist"),
            _("name a zone of « traffic_zones », or add it there"),
        )  # fmt: skip
    found += _problem(
        "traffic_demand", frame, numbers(frame, "trips") < 0.0, "trips", _("trips are negative"),
        _("state zero or more"),
    )  # fmt: skip
    return found


def _counts(layers: dict[str, gpd.GeoDataFrame], territory: Territory) -> list[Problem]:
    frame = layers["traffic_counts"]
    if not len(frame) or not territory.has("streets"):
        return []
    known = set(texts(territory.layers["streets"], "street_id").astype(str))
    street = texts(frame, "street_id").astype(str)
    lost = np.array([name not in known for name in street], dtype=bool)
    unsound = ~screened(frame)
    return [
        *_problem(
            "traffic_counts", frame, lost, "street_id", _("a count on a street that does not exist"),
            _("name a street of « streets », or take the count away; it is left out"), warning=True,
        ),
        *_problem(
            "traffic_counts", frame, unsound & ~lost, "vehicles", _("a count that contradicts itself, or is empty"),
            _("peak hours hold 1 to 35 % of a day; the count is left out"), warning=True,
        ),
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
    nodes = set(supply.nodes)
    signals = layers["traffic_signals"]
    nowhere = np.array([name not in nodes for name in texts(signals, "node_id")], dtype=bool)
    none: Callable[..., list[Problem]] = _problem
    return [
        *none(
            "traffic_zones", zones, bad, "zone_id", _("a zone with trips hangs on no street that leads back"),
            _("join it to the streets by connectors, or take its trips away"),
        ),
        *none(
            "traffic_signals", signals, nowhere, "node_id", _("signals at a crossing that does not exist"),
            _("name a node of « traffic_links »"), warning=True,
        ),
    ]  # fmt: skip
