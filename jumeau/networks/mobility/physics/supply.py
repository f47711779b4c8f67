"""From layers to the arrays of the equilibrium: links, zones, signalised crossings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.assignment import Links
from jumeau.columns import flags, numbers, rows_of, texts
from jumeau.territory.graph import strong_part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Supply:
    """Streets as traffic meets them; shapes (m,) for the links in use.

    Attributes
    ----------
    links : Links
        Times in seconds, flows in passenger-car units per hour.
    row : ndarray of int
        Row of the layer `traffic_links`.
    length : ndarray
        [m].
    name : ndarray of str
        Identifier of the link.
    street : ndarray of str
        Street arc, empty where the link has none.
    road : ndarray of str
        Road that the link is part of: its name, where it has none its street arc, else the link itself.
    connector : ndarray of bool
    heavy : ndarray of bool
        Whether trucks may use the link.
    lanes : ndarray
    cycleway : ndarray of bool
    zones : ndarray of str, shape (z,)
        In the order of the nodes.
    zone_row : ndarray of int, shape (z,)
        Row of the layer `traffic_zones`.
    nodes : ndarray of str, shape (n,)
    signal : ndarray of int
        Row of the layer `traffic_signals` at the end of the link, -1 where there is none.
    dropped : int
        Links left out: closed, or of a part from which no route leads back.
    bearing : ndarray
        Direction in which the link ends [radian].
    """

    links: Links
    row: Ints
    length: Floats
    name: NDArray[np.object_]
    street: NDArray[np.object_]
    road: NDArray[np.object_]
    connector: Bools
    heavy: Bools
    lanes: Floats
    cycleway: Bools
    zones: NDArray[np.object_]
    zone_row: Ints
    nodes: NDArray[np.object_]
    signal: Ints
    dropped: int
    bearing: Floats

    @property
    def kilometres(self) -> Floats:
        """Length of the streets, zero for connectors [km]."""
        return np.where(self.connector, 0.0, self.length / 1000.0)


def roads_of(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    """Return the road of each link, shape (n,): its name in small letters, else its street arc, else the link."""
    name, street, link = texts(frame, "road"), texts(frame, "street_id"), texts(frame, "link_id")
    told = np.array([" ".join(str(text).casefold().split()) for text in name], dtype=object)
    return np.where(told != "", told, np.where(street != "", street, link))


def supply_of(layers: Mapping[str, gpd.GeoDataFrame], values: Mapping[str, float]) -> Supply:
    """Return the supply of some layers.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        `traffic_links`, `traffic_zones`, `traffic_signals`.
    values : mapping of str to float
        Factors `delay_b`, `delay_power`, `limit_ratio`, `saturation_flow`.
    """
    frame, zones = layers["traffic_links"], layers["traffic_zones"]
    # Zones that may not be passed come first: that is what the loading asks for.
    zone_row = np.argsort(flags(zones, "through"), kind="stable").astype(np.int64)
    names = texts(zones, "zone_id")[zone_row]
    tail_name, head_name = texts(frame, "from_node"), texts(frame, "to_node")
    others = np.setdiff1d(np.concatenate([tail_name, head_name]).astype(str), names.astype(str))
    nodes = np.concatenate([names, others.astype(object)])
    tail, head = rows_of(nodes, tail_name), rows_of(nodes, head_name)
    shut = flags(frame, "closed")
    inside = strong_part(tail[~shut], head[~shut], len(nodes))
    kept = np.flatnonzero(~shut & inside[tail] & inside[head])
    length = numbers(frame, "length")
    length = np.maximum(np.where(np.isnan(length), shapely.length(frame.geometry.to_numpy()), length), 0.1)
    speed = numbers(frame, "speed")
    limit = numbers(frame, "limit")
    speed = np.where(np.isnan(limit), speed, np.minimum(speed, limit * values["limit_ratio"]))
    lanes = numbers(frame, "lanes")
    connector = texts(frame, "kind") == "connector"
    signal = np.where(connector, -1, rows_of(texts(layers["traffic_signals"], "node_id"), head_name))
    capacity = numbers(frame, "capacity", values["saturation_flow"] * lanes)
    # What a link can carry counts the signals at its end; where they have a delay of their own, its lanes alone do.
    capacity = np.where(signal >= 0, np.maximum(capacity, values["saturation_flow"] * lanes), capacity)
    ends = shapely.get_coordinates(shapely.get_point(frame.geometry.to_numpy(), -1)).reshape(-1, 2)
    before = shapely.get_coordinates(shapely.get_point(frame.geometry.to_numpy(), -2)).reshape(-1, 2)
    made = Links(
        tail[kept],
        head[kept],
        (length / (speed / 3.6))[kept],
        capacity[kept],
        numbers(frame, "b", values["delay_b"])[kept],
        numbers(frame, "power", values["delay_power"])[kept],
        len(nodes),
        int((~flags(zones, "through")).sum()),
    )
    return Supply(
        links=made,
        row=kept,
        length=length[kept],
        name=texts(frame, "link_id")[kept],
        street=texts(frame, "street_id")[kept],
        road=roads_of(frame)[kept],
        connector=connector[kept],
        heavy=flags(frame, "heavy")[kept],
        lanes=lanes[kept],
        cycleway=(flags(frame, "cycleway") | flags(frame, "new_cycleway"))[kept],
        zones=names,
        zone_row=zone_row,
        nodes=nodes,
        signal=signal[kept],
        dropped=len(frame) - len(kept),
        bearing=np.arctan2(*(ends - before).T[::-1])[kept],
    )
