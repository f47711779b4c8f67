"""What is wrong with the order in which rounds are driven today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.errors import Problem, shorten
from jumeau.i18n import _
from jumeau.networks.waste.physics.stop_order import split_order, stated_orders
from jumeau.networks.waste.tables import ATTRIBUTES
from jumeau.territory.check import problems_where

Layers = Mapping[str, gpd.GeoDataFrame]


def wrong_orders(layers: Layers) -> Iterator[Problem]:
    """Yield orders that are stated twice, ranks and sites that come twice, and sites that a round does not empty."""
    stops, rounds = layers["waste_stops"], layers["waste_rounds"]
    listed = set(texts(stops, "round_id").astype(str))
    written = texts(rounds, "order")
    both = np.array(
        [bool(text) and str(name) in listed for name, text in zip(texts(rounds, "round_id"), written, strict=True)],
        dtype=bool,
    )
    message, hint = _("the order is told here and in `waste_stops`"), _("leave one of them out")
    yield from problems_where(rounds, ATTRIBUTES, "waste_rounds", both, message, hint, column="order")
    yield from _of_sheets(layers, stops)
    yield from _of_texts(layers, rounds, written)


def _of_sheets(layers: Layers, stops: gpd.GeoDataFrame) -> Iterator[Problem]:
    names, sites, rank = texts(stops, "round_id"), texts(stops, "site_id"), numbers(stops, "rank")
    hint = _("number the sites of a round in the order in which they are collected")
    bad = _twice(names, rank)
    yield from problems_where(
        stops, ATTRIBUTES, "waste_stops", bad, _("the same rank twice in a round"), hint, column="rank"
    )
    bad = _twice(names, sites)
    message, hint = _("the same site twice in a round"), _("leave one of them out")
    yield from problems_where(stops, ATTRIBUTES, "waste_stops", bad, message, hint, column="site_id")
    emptied = _emptied(layers)
    bad = np.array([site not in emptied.get(name, ()) for name, site in zip(names, sites, strict=True)], dtype=bool)
    message, hint = _nothing_there()
    yield from problems_where(stops, ATTRIBUTES, "waste_stops", bad, message, hint, column="site_id")


def _of_texts(layers: Layers, rounds: gpd.GeoDataFrame, written: NDArray[np.object_]) -> Iterator[Problem]:
    known, emptied = set(texts(layers["waste_sites"], "site_id")), _emptied(layers)
    for name, text in zip(texts(rounds, "round_id"), written, strict=True):
        order = split_order(str(text))
        where = Problem("", layer="waste_rounds", column="order", features=(str(name),))
        unknown = [site for site in order if site not in known]
        if unknown:
            message = _("unknown feature of the layer « {layer} »").format(layer="waste_sites")
            hint = _("use identifiers of `waste_sites`, separated by spaces, or by semicolons where they hold spaces")
            yield replace(where, message=message, hint=hint, value=shorten(unknown))
        twice = [site for number, site in enumerate(order) if site in order[:number]]
        if twice:
            message, hint = _("the same site twice in a round"), _("leave one of them out")
            yield replace(where, message=message, hint=hint, value=shorten(twice))
        foreign = [site for site in order if site in known and site not in emptied.get(name, ())]
        if foreign:
            message, hint = _nothing_there()
            yield replace(where, message=message, hint=hint, value=shorten(foreign))


def forgotten_sites(layers: Layers) -> Iterator[Problem]:
    """Yield warnings of sites that a round empties and its order forgets."""
    emptied = _emptied(layers)
    for name, order in stated_orders(layers).items():
        left = sorted(emptied.get(name, set()) - set(order))
        if left:
            message = _("the order of the round « {name} » forgets sites that it collects").format(name=name)
            hint = _("add them; until then each is collected where it lengthens the round least")
            yield Problem(message, hint=hint, layer="waste_sites", features=tuple(left), warning=True)


def _nothing_there() -> tuple[str, str]:
    return (
        _("the round empties no container at the site"),
        _("correct the site, or the `round_id` of its containers in `waste_containers`"),
    )


def _emptied(layers: Layers) -> dict[str, set[str]]:
    """Return the sites whose containers each round empties."""
    containers = layers["waste_containers"]
    found: dict[str, set[str]] = {}
    for name, site in zip(texts(containers, "round_id"), texts(containers, "site_id"), strict=True):
        if name:
            found.setdefault(str(name), set()).add(str(site))
    return found


def _twice(names: NDArray[np.object_], values: NDArray[np.object_] | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which values come more than once under the same name."""
    pairs = list(zip(names.tolist(), values.tolist(), strict=True))
    seen: dict[tuple[object, object], int] = {}
    for pair in pairs:
        seen[pair] = seen.get(pair, 0) + 1
    return np.array([seen[pair] > 1 for pair in pairs], dtype=bool)
