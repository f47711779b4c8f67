"""What is wrong with a water network, beyond what `attributes.csv` can say."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.columns import numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _, local
from jumeau.networks.water.formats.epanet_curves import points_of
from jumeau.territory.model import Territory

_NODES = ("water_junctions", "water_tanks", "water_reservoirs")
_LINKS = {"water_pipes": "pipe_id", "water_pumps": "pump_id", "water_valves": "valve_id"}


def check(territory: Territory) -> list[Problem]:
    """Return unknown end nodes, ambiguous names, parts without a source, missing patterns and curves, dead pumps."""
    if not territory.has("water_pipes"):
        return []
    problems = [*_twice(territory), *_ends(territory), *_texts(territory), *_equipment(territory)]
    return [*(problems or _unfed(territory)), *_exceptions(territory)]


def _exceptions(territory: Territory) -> Iterator[Problem]:
    """Yield the junctions where the network that was laid out misses its own rules."""
    if not territory.has("water_junctions") or "exception" not in territory.layers["water_junctions"]:
        return
    junctions = territory.layers["water_junctions"]
    said = texts(junctions, "exception")
    for text in sorted({str(item) for item in said} - {""}):
        chosen = texts(junctions, "node_id")[said == text].astype(str)
        yield Problem(
            _("junctions that the laid out network serves badly: {reason}").format(reason=local(text)),
            layer="water_junctions",
            column="exception",
            features=tuple(chosen),
            hint=_("look at their height and at the relief there, or draw a zone of their own"),
            warning=True,
        )


def _ids(territory: Territory, layer: str, column: str) -> pd.Series[str]:
    if not territory.has(layer):
        return pd.Series(dtype=object)
    return pd.Series(texts(territory.layers[layer], column)).astype(str)


def _twice(territory: Territory) -> Iterator[Problem]:
    for first, second in combinations(_NODES, 2):
        both = set(_ids(territory, first, "node_id")) & set(_ids(territory, second, "node_id"))
        if both:
            message = _("identifiers that the layer « {other} » has too").format(other=first)
            yield Problem(message, layer=second, column="node_id", features=tuple(sorted(both)))
    for first, second in combinations(_LINKS, 2):
        both = set(_ids(territory, first, _LINKS[first])) & set(_ids(territory, second, _LINKS[second]))
        if both:
            message = _("identifiers that the layer « {other} » has too").format(other=first)
            yield Problem(message, layer=second, column=_LINKS[second], features=tuple(sorted(both)))


def _ends(territory: Territory) -> Iterator[Problem]:
    known = set().union(*(set(_ids(territory, layer, "node_id")) for layer in _NODES))
    held = set().union(*(set(_ids(territory, layer, "node_id")) for layer in _NODES[1:]))
    for layer, key in _LINKS.items():
        ids = _ids(territory, layer, key)
        if not len(ids):
            continue
        start, end = (_ids(territory, layer, column) for column in ("from_node", "to_node"))
        for column, ends in (("from_node", start), ("to_node", end)):
            lost = ~ends.isin(known)
            if lost.any():
                yield Problem(
                    _("end nodes that are in no layer of nodes"),
                    layer=layer,
                    column=column,
                    features=tuple(ids[lost]),
                    value=", ".join(sorted(set(ends[lost]))[:5]),
                    hint=_("correct the identifier, or add the node"),
                )
        loop = start == end
        if loop.any():
            message = _("links that start and end at the same node")
            yield Problem(message, layer=layer, features=tuple(ids[loop]), hint=_("remove them"))
        if layer == "water_valves":
            kinds = pd.Series(texts(territory.layers[layer], "kind", "PRV"))
            tied = kinds.isin(["PRV", "PSV", "FCV"]) & (start.isin(held) | end.isin(held))
            if tied.any():
                yield Problem(
                    _("valves that touch a tank or a source: EPANET refuses them"),
                    layer=layer,
                    features=tuple(ids[tied]),
                    hint=_("put a short pipe between them"),
                )


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
    """Yield pumps that cannot pump, and patterns or curves that are named but missing."""
    if territory.has("water_pumps"):
        pumps = territory.layers["water_pumps"]
        idle = (texts(pumps, "curve_id") == "") & ~(numbers(pumps, "power", 0.0) > 0.0)
        if idle.any():
            yield Problem(
                _("pumps with neither a head curve nor a power"),
                layer="water_pumps",
                column="curve_id",
                features=tuple(texts(pumps, "pump_id")[idle].astype(str)),
                hint=_("give a curve, or a power"),
            )
    named = {"pattern_id": ("water_patterns", _("pattern")), "curve_id": ("water_curves", _("curve"))}
    keys = {"water_junctions": "node_id", "water_demands": "demand_id", "water_reservoirs": "node_id",
            "water_pumps": "pump_id", "water_tanks": "node_id", "water_valves": "valve_id"}  # fmt: skip
    for layer, key in keys.items():
        if not territory.has(layer):
            continue
        frame = territory.layers[layer]
        for column, (table, what) in named.items():
            if column not in frame:
                continue
            known = set(_ids(territory, table, column))
            asked = texts(frame, column)
            lost = np.array([name != "" and str(name) not in known for name in asked], dtype=bool)
            if lost.any():
                yield Problem(
                    _("a {what} that is nowhere").format(what=what),
                    layer=layer,
                    column=column,
                    features=tuple(texts(frame, key)[lost].astype(str)),
                    value=", ".join(sorted({str(name) for name in asked[lost]})[:5]),
                    hint=_("correct the name, or add it to the layer « {table} »").format(table=table),
                )
