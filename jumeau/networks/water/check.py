"""What is wrong with a water network, beyond what `attributes.csv` can say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.columns import numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, local
from jumeau.networks.water.formats.epanet_curves import points_of
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.physics.epanet_ready import hourly_settings
from jumeau.networks.water.physics.hearers import hearer_problems
from jumeau.networks.water.tables import ATTRIBUTES
from jumeau.territory.check import problems_where
from jumeau.territory.model import Territory

_NODES = ("water_junctions", "water_tanks", "water_reservoirs")
_LINKS = ("water_pipes", "water_pumps", "water_valves")


def check(territory: Territory, assumptions: Assumptions) -> list[Problem]:
    """Return ambiguous names, loops, parts without a source, unreadable texts, dead pumps, leaks of no pipe."""
    if not territory.has("water_pipes"):
        return []
    problems = [*_twice(territory), *_ends(territory), *_texts(territory), *_equipment(territory)]
    leaks = unknown_leaks(territory.layers["water_pipes"], assumptions)
    deaf = hearer_problems(territory.layers["water_pipes"])
    return [*(problems or _unfed(territory)), *leaks, *deaf, *_exceptions(territory)]


def unknown_leaks(pipes: gpd.GeoDataFrame, assumptions: Assumptions) -> Iterator[Problem]:
    """Yield the pipes of leaks that the assumptions impose, where there is no such pipe."""
    lost = {item.pipe for item in assumptions.known_leaks} - set(texts(pipes, "pipe_id"))
    if lost:
        message = _("known_leaks: the layer « {layer} » has no pipe of that identifier").format(layer="water_pipes")
        yield Problem(message, layer="water_pipes", column="pipe_id", value=", ".join(sorted(lost)))


def _exceptions(territory: Territory) -> Iterator[Problem]:
    """Yield the junctions where the network that was laid out misses its own rules."""
    if not territory.has("water_junctions"):
        return
    junctions = territory.layers["water_junctions"]
    said = texts(junctions, "exception")
    for text in sorted({str(item) for item in said} - {""}):
        yield Problem(
            _("junctions that the laid out network serves badly: {reason}").format(reason=local(text)),
            layer="water_junctions",
            column="exception",
            features=tuple(texts(junctions, "node_id")[said == text].astype(str)),
            hint=_("look at their height and at the relief there, or draw a zone of their own"),
            warning=True,
        )


def _ids(territory: Territory, layer: str, column: str) -> pd.Series[str]:
    if not territory.has(layer):
        return pd.Series(dtype=object)
    return pd.Series(texts(territory.layers[layer], column)).astype(str)


def _twice(territory: Territory) -> Iterator[Problem]:
    """Yield identifiers that two layers of nodes, or two of links, have."""
    for layers in (_NODES, _LINKS):
        for first, second in combinations(layers, 2):
            column = ATTRIBUTES.identifier(second)
            both = set(_ids(territory, first, ATTRIBUTES.identifier(first))) & set(_ids(territory, second, column))
            if both:
                message = _("identifiers that the layer « {other} » has too").format(other=first)
                yield Problem(message, layer=second, column=column, features=tuple(sorted(both)))


def _ends(territory: Territory) -> Iterator[Problem]:
    """Yield links that start and end at one node, and valves where EPANET refuses them."""
    held = set().union(*(set(_ids(territory, layer, "node_id")) for layer in _NODES[1:]))
    for layer in _LINKS:
        if not territory.has(layer):
            continue
        frame = territory.layers[layer]
        start, end = (_ids(territory, layer, column) for column in ("from_node", "to_node"))
        message = _("links that start and end at the same node")
        yield from problems_where(frame, ATTRIBUTES, layer, start == end, message, _("remove them"))
        if layer == "water_valves":
            kinds = pd.Series(texts(frame, "kind", ATTRIBUTES.default(layer, "kind")))
            tied = kinds.isin(["PRV", "PSV", "FCV"]) & (start.isin(held) | end.isin(held))
            message = _("valves that touch a tank or a source: EPANET refuses them")
            yield from problems_where(frame, ATTRIBUTES, layer, tied, message, _("put a short pipe between them"))


def _unfed(territory: Territory) -> Iterator[Problem]:
    """Yield the parts of the network that are linked to no tank and no source."""
    nodes = [name for layer in _NODES for name in _ids(territory, layer, "node_id")]
    held = {name for layer in _NODES[1:] for name in _ids(territory, layer, "node_id")}
    if not held:
        yield Problem(
            _("the network has neither tank nor source"),
            layer="water_reservoirs",
            hint=_("add the place where water enters it"),
        )
        return
    place = {name: row for row, name in enumerate(nodes)}
    start, end = (
        np.array([place[name] for layer in _LINKS for name in _ids(territory, layer, column)], dtype=np.int64)
        for column in ("from_node", "to_node")
    )
    size = len(nodes)
    links = sparse.coo_matrix((np.ones(len(start)), (start, end)), shape=(size, size))
    label = csgraph.connected_components(links, directed=False)[1]
    fed = {label[place[name]] for name in held}
    lost = tuple(name for name in nodes if label[place[name]] not in fed)
    if lost:
        yield Problem(
            _("{count} node(s) are linked to no tank and no source").format(count=len(lost)),
            layer="water_junctions",
            column="node_id",
            features=lost,
            hint=_("link them, or remove them"),
        )


def _texts(territory: Territory) -> Iterator[Problem]:
    """Yield patterns and curves that cannot be read."""
    if territory.has("water_patterns"):
        layer = territory.layers["water_patterns"]
        for name, text in zip(texts(layer, "pattern_id"), texts(layer, "multipliers"), strict=True):
            values = pd.to_numeric(pd.Series(str(text).split()), errors="coerce")
            if not len(values) or values.isna().any():
                yield Problem(
                    _("not a list of numbers"),
                    layer="water_patterns",
                    column="multipliers",
                    features=(str(name),),
                    value=str(text)[:60],
                    hint=_("write numbers separated by spaces, with a decimal point"),
                )
    if territory.has("water_curves"):
        layer = territory.layers["water_curves"]
        for name, text in zip(texts(layer, "curve_id"), texts(layer, "points"), strict=True):
            try:
                points_of(text, key=name)
            except InputError as error:
                yield from error.problems


def _equipment(territory: Territory) -> Iterator[Problem]:
    """Yield valves whose hours cannot be read, and pumps that cannot pump."""
    if territory.has("water_valves"):
        valves = territory.layers["water_valves"]
        for name, text in zip(texts(valves, "valve_id"), texts(valves, "hourly_settings"), strict=True):
            try:
                hourly_settings(text or "0 " * 24, name)
            except InputError as error:
                yield from error.problems
    if territory.has("water_pumps"):
        pumps = territory.layers["water_pumps"]
        idle = (texts(pumps, "curve_id") == "") & ~(numbers(pumps, "power", 0.0) > 0.0)
        message = _("pumps with neither a head curve nor a power")
        hint = _("give a curve, or a power")
        yield from problems_where(pumps, ATTRIBUTES, "water_pumps", idle, message, hint, column="curve_id")
