"""Places of a territory by the names that people use: a quarter, a street, an asset, a pair of coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.errors import InputError, Problem, nearest, shorten
from jumeau.i18n import _
from jumeau.network import discover
from jumeau.territory.extent import core_box
from jumeau.territory.model import Territory

#: How far outside the box of the features a place may lie, as a share of its larger side: a remark at the last lamp of
#: a road is one of the territory.
MARGIN = 0.05

Coordinates = tuple[float, float]
Kind = Literal["zone", "street", "asset", "point"]


@dataclass(frozen=True)
class Spot:
    """A place that was found.

    Attributes
    ----------
    kind : str
        `zone`, `street`, `asset` or `point`.
    name : str
        As the territory writes it.
    geometry : Geometry
        In the territory's CRS [m].
    """

    kind: Kind
    name: str
    geometry: shapely.Geometry


def find_place(place: str | Sequence[float], territory: Territory) -> Spot:
    """Return a place of a territory.

    Parameters
    ----------
    place : str or (float, float)
        Name or id of a zone, name of a street, `network/layer/id`, or `[x, y]` in the territory's CRS [m].
    territory : Territory

    Raises
    ------
    InputError
        When the territory has no such place, with the nearest name.
    """
    if not isinstance(place, str):
        return _point(place, territory)
    named = _zone(place, territory) or _street(place, territory)
    return named or _asset(place, territory)


def box_of(layers: Mapping[str, gpd.GeoDataFrame]) -> tuple[float, float, float, float] | None:
    """Return the box in which places of these layers lie, with some room around; None where nothing has a place."""
    box = core_box(layers)
    if box is None:
        return None
    room = MARGIN * float(max(box[2] - box[0], box[3] - box[1], 100.0))
    west, south, east, north = (float(value) for value in box + np.array([-room, -room, room, room]))
    return west, south, east, north


def inside(box: tuple[float, float, float, float] | None, x: float, y: float) -> bool:
    """Tell whether a point lies in a box; where none is known, every point does."""
    return box is None or (box[0] <= x <= box[2] and box[1] <= y <= box[3])


def asset_parts(place: str) -> tuple[str, str, str] | None:
    """Return network, layer and id of a place written `network/layer/id`; None for any other."""
    network, first, rest = place.partition("/")
    layer, second, identifier = rest.partition("/")
    return (network, layer, identifier) if first and second and network in discover() else None


def _point(place: Sequence[float], territory: Territory) -> Spot:
    x, y = place
    box = box_of(territory.layers)
    if not inside(box, x, y):
        bounds = "" if box is None else f"{box[0]:.0f} … {box[2]:.0f}, {box[1]:.0f} … {box[3]:.0f}"
        raise InputError(
            Problem(
                _("these coordinates lie outside the territory"),
                value=f"{x:g}, {y:g}",
                hint=_("give x and y in {crs}: {bounds}").format(crs=territory.crs.to_string(), bounds=bounds),
            )
        )
    return Spot("point", "", shapely.Point(x, y))


def _zone(place: str, territory: Territory) -> Spot | None:
    zones = territory.layers.get("zones")
    if zones is None or not len(zones):
        return None
    for column in ("name", "zone_id"):
        if column in zones and (chosen := _called(zones[column], place)).any():
            found = zones[chosen]
            name = str(found["name"].iloc[0]) if "name" in zones else place
            return Spot("zone", name, shapely.union_all(found.geometry.to_numpy()))
    return None


def _street(place: str, territory: Territory) -> Spot | None:
    streets = territory.layers.get("streets")
    if streets is None or "name" not in streets:
        return None
    chosen = _called(streets["name"], place)
    if not chosen.any():
        return None
    found = streets[chosen]
    return Spot("street", str(found["name"].iloc[0]), shapely.union_all(found.geometry.to_numpy()))


def _called(names: pd.Series[str], wanted: str) -> pd.Series[bool]:
    """Return which names are the wanted one: in its own letters, else whatever the case."""
    texts = names.fillna("").astype(str).str.strip()
    exact = texts == wanted.strip()
    return exact if exact.any() else texts.str.casefold() == wanted.strip().casefold()


def _asset(place: str, territory: Territory) -> Spot:
    parts = asset_parts(place)
    if parts is None:
        raise InputError(_unknown(place, territory))
    name, layer, identifier = parts
    table = discover()[name].attributes
    known = [item for item in table.layers if item in territory.layers and not table.is_plain(item)]
    if layer not in known:
        raise InputError(
            Problem(
                _("the territory has no layer « {layer} » of the network « {network} »").format(
                    layer=layer, network=name
                ),
                value=place,
                hint=_near(layer, known),
            )
        )
    frame = territory.layers[layer]
    ids = frame[table.identifier(layer)].astype(str)
    found = frame[(ids == identifier).to_numpy()]
    shapes = found.geometry.dropna()
    if not len(shapes):
        raise InputError(
            Problem(
                _("the layer « {layer} » has no asset « {name} »").format(layer=layer, name=identifier),
                value=place,
                hint=_near(identifier, ids.tolist()),
            )
        )
    return Spot("asset", identifier, shapes.iloc[0])


def _unknown(place: str, territory: Territory) -> Problem:
    names = [
        name
        for layer in ("zones", "streets")
        if layer in territory.layers and "name" in territory.layers[layer]
        for name in dict.fromkeys(territory.layers[layer]["name"].dropna().astype(str))
        if name
    ]
    hint = _near(place, names) if names else ""
    return Problem(
        _("the territory has no quarter and no street of that name"),
        value=place,
        hint=hint or _("write a quarter, a street, « network/layer/id » or [x, y]"),
    )


def _near(word: str, known: Sequence[str]) -> str:
    near = nearest(word, known)
    if near:
        return _("did you mean « {near} »?").format(near=near)
    return _("known: {names}").format(names=shorten(list(known), 8)) if known else ""
