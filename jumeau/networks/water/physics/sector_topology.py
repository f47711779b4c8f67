"""What links what, as sectors see it: pipes, pumps and valves between nodes, and which of them a crew can close."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.columns import numbers, texts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Names = NDArray[np.object_]

#: No sector: mains that feed several of them, tanks and sources.
NONE = -1

_KEYS = {"water_pipes": "pipe_id", "water_pumps": "pump_id", "water_valves": "valve_id"}


@dataclass(frozen=True)
class Topology:
    """The links of a network: its pipes in the order of their layer, then its pumps, then its valves.

    Attributes
    ----------
    nodes : ndarray of str, shape (n,)
    held : ndarray of bool, shape (n,)
        Tanks and sources.
    source : ndarray of bool, shape (n,)
        Where water enters the network.
    asking : ndarray of bool, shape (n,)
        Junctions with a demand.
    layer, name : ndarray of str, shape (m,)
    start, end : ndarray of int, shape (m,)
        Rows of nodes.
    length : ndarray, shape (m,)
        Zero for pumps and valves [m].
    diameter : ndarray, shape (m,)
        Of a pump, that of the largest pipe beside it [mm].
    open : ndarray of bool, shape (m,)
        Whether water can pass: not closed for good.
    fixed : ndarray of bool, shape (m,)
        What no gate valve closes: pumps, valves at work, check valves, links that controls move.
    pipes : int
        How many of the links are pipes.
    """

    nodes: Names
    held: Bools
    source: Bools
    asking: Bools
    layer: Names
    name: Names
    start: Ints
    end: Ints
    length: Floats
    diameter: Floats
    open: Bools
    fixed: Bools
    pipes: int

    @classmethod
    def of(cls, layers: Mapping[str, gpd.GeoDataFrame], moved: Collection[str] = ()) -> Topology:
        """Return the links of layers.

        Parameters
        ----------
        layers : mapping of str to GeoDataFrame
        moved : collection of str
            Topology that a control or rule may open or close.
        """
        ends, layer, name, diameter, status = [], [], [], [], []
        for key, column in _KEYS.items():
            frame = layers[key]
            ends.append(np.stack([texts(frame, side).astype(str) for side in ("from_node", "to_node")], axis=1))
            layer.append(np.full(len(frame), key, dtype=object))
            name.append(texts(frame, column))
            diameter.append(numbers(frame, "diameter"))
            status.append(texts(frame, "status", "open"))
        held, source = _standing(layers)
        known = texts(layers["water_junctions"], "node_id").astype(str)
        nodes, codes = np.unique(np.concatenate([np.concatenate(ends).ravel(), known]), return_inverse=True)
        rows = np.asarray(codes, dtype=np.int64).ravel()[: 2 * sum(map(len, ends))].reshape(-1, 2)
        kinds, names, states = np.concatenate(layer), np.concatenate(name), np.concatenate(status)
        moving = np.isin(names.astype(str), sorted(moved))
        pipes = len(layers["water_pipes"])
        length = np.zeros(len(names))
        length[:pipes] = numbers(layers["water_pipes"], "length", 0.0)
        return cls(
            nodes=nodes.astype(object),
            held=np.isin(nodes, sorted(held)),
            source=np.isin(nodes, sorted(source)),
            asking=np.isin(nodes, sorted(_asking(layers))),
            layer=kinds,
            name=names,
            start=rows[:, 0],
            end=rows[:, 1],
            length=length,
            diameter=_beside(np.concatenate(diameter), rows, pipes, len(nodes)),
            open=(states != "closed") | moving,
            fixed=(kinds != "water_pipes") | (states == "cv") | moving,
            pipes=pipes,
        )

    def supplied(self) -> Bools:
        """Tell the nodes from which water comes, shape (n,): sources; tanks where no source reaches them."""
        part = parts(len(self.nodes), self.start[self.open], self.end[self.open])
        dry = ~np.isin(part, np.unique(part[self.source]))
        return np.asarray(self.source | (self.held & dry), dtype=bool)


def parts(count: int, start: Ints, end: Ints) -> Ints:
    """Return the number of the connected part of each of some things, shape (count,)."""
    graph = sparse.coo_matrix((np.ones(len(start), dtype=np.int8), (start, end)), shape=(count, count))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def _standing(layers: Mapping[str, gpd.GeoDataFrame]) -> tuple[set[str], set[str]]:
    """Return the nodes that are no junctions, and those where water enters: sources, and junctions that give water."""
    tanks = set(texts(layers["water_tanks"], "node_id").astype(str))
    sources = set(texts(layers["water_reservoirs"], "node_id").astype(str))
    junctions = layers["water_junctions"]
    giving = set(texts(junctions, "node_id")[numbers(junctions, "demand", 0.0) < 0.0].astype(str))
    return tanks | sources, sources | giving


def _asking(layers: Mapping[str, gpd.GeoDataFrame]) -> set[str]:
    """Return the junctions with a demand, of the first category or of others."""
    found: set[str] = set()
    for name in ("water_junctions", "water_demands"):
        asked = numbers(layers[name], "demand", 0.0) > 0.0
        found |= set(texts(layers[name], "node_id")[asked].astype(str))
    return found


def _beside(diameter: Floats, rows: Ints, pipes: int, count: int) -> Floats:
    """Return diameters in which those that are not known are that of the largest pipe beside them [mm]."""
    largest = np.zeros(count)
    for side in (0, 1):
        np.maximum.at(largest, rows[:pipes, side], np.nan_to_num(diameter[:pipes]))
    beside = np.maximum(largest[rows[:, 0]], largest[rows[:, 1]]) if len(rows) else np.zeros(0)
    return np.asarray(np.where(np.isnan(diameter), beside, diameter), dtype=np.float64)
