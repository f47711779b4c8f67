"""Sectors drawn anew: zones that valves and pumps part stay apart, and each is cut into parts of the size asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.networks.water.physics.sector_cut import Graph, partition
from jumeau.networks.water.physics.sector_topology import NONE, Topology, parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Size:
    """How large sectors are to be.

    Attributes
    ----------
    weight : ndarray, shape (n,)
        What is counted at each node: connections, or metres of pipes.
    each : float
        That a sector should have; unused where `count` is given.
    count : int or None
        Sectors in all.
    smallest : float
        A zone below this share of a sector is watched with the one that feeds it.
    """

    weight: Floats
    each: float
    count: int | None
    smallest: float


def drawn(topology: Topology, worth: Floats, xy: Floats, size: Size, domain: Bools, trunk: float | None) -> Ints:
    """Return the sector of each node, from zero on; `NONE` where there is none, shape (n,).

    Parameters
    ----------
    topology : Topology
    worth : ndarray, shape (m,)
        Cost of a border across each link [EUR].
    xy : ndarray, shape (n, 2)
        [m].
    size : Size
    domain : ndarray of bool, shape (n,)
        Nodes that are to have a sector.
    trunk : float or None
        Pipes from this diameter on, and their nodes, belong to no sector [mm].
    """
    inside = domain & ~topology.held
    if trunk is not None:
        large = np.flatnonzero((topology.diameter[: topology.pipes] >= trunk) & topology.open[: topology.pipes])
        inside[topology.start[large]] = inside[topology.end[large]] = False
    both = inside[topology.start] & inside[topology.end] & topology.open
    pipe = np.arange(len(topology.name)) < topology.pipes
    block = parts(len(inside), topology.start[both & pipe], topology.end[both & pipe])
    # A piece that serves nobody is a main on its way.
    serving = np.isin(block, np.unique(block[inside & topology.asking])) | (not topology.asking.any())
    block[~inside | ~serving] = NONE
    # What hangs on a main outside of all sectors can do without one of its own.
    beside = topology.open & pipe & (inside[topology.start] != inside[topology.end])
    hanging = np.zeros(len(inside), dtype=bool)
    hanging[topology.start[beside]] = hanging[topology.end[beside]] = True
    hanging &= inside & (trunk is not None)
    each = size.each if size.count is None else float(size.weight[inside].sum()) / max(size.count, 1)
    block = _merged(topology, block, np.flatnonzero(both & ~pipe), hanging, size, each)
    return _cut(topology, worth, xy, size, block, both, each)


def _merged(topology: Topology, block: Ints, gates: Ints, hanging: Bools, size: Size, each: float) -> Ints:
    """Return zones in which small ones are with a neighbour behind a valve or a pump, or left out.

    `gates` are valves and pumps, `hanging` the nodes on a main that is outside of all sectors.
    """
    block = block.copy()
    while True:
        names = np.unique(block[block >= 0])
        weight = {int(name): float(size.weight[block == name].sum()) for name in names}
        too_many = size.count is not None and sum(item > 0.0 for item in weight.values()) > size.count
        for name in sorted(weight, key=lambda item: (weight[item], item)):
            if weight[name] >= size.smallest * each and not too_many:
                return block
            ends = block[topology.start[gates]], block[topology.end[gates]]
            beside = {int(there) for here, there in (ends, ends[::-1]) for there in there[here == name]} - {name, NONE}
            if beside:
                block[block == name] = max(sorted(beside), key=lambda item: weight[item])
                break
            small = weight[name] < size.smallest * each
            if weight[name] <= 0.0 or (small and hanging[block == name].any()):
                block[block == name] = NONE
                break
        else:
            return block


def _cut(topology: Topology, worth: Floats, xy: Floats, size: Size, block: Ints, linked: Bools, each: float) -> Ints:
    """Return the sector of each node, each zone cut into its share of them."""
    names = np.unique(block[block >= 0])
    weight = np.array([float(size.weight[block == name].sum()) for name in names])
    shares = _shares(weight, each, size.count)
    sector = np.full(len(block), NONE)
    first = 0
    for name, count in zip(names, shares, strict=True):
        member = np.flatnonzero(block == name)
        row = np.full(len(block), -1, dtype=np.int64)
        row[member] = np.arange(len(member))
        edges = np.flatnonzero(linked & (row[topology.start] >= 0) & (row[topology.end] >= 0))
        ends = row[topology.start[edges]], row[topology.end[edges]]
        graph = Graph(*ends, worth[edges], size.weight[member], xy[member])
        sector[member] = first + partition(graph, int(count))
        first += int(count)
    # A part that found no node leaves no gap in the numbers.
    known = np.unique(sector[sector >= 0])
    return np.where(sector >= 0, np.searchsorted(known, sector), NONE).astype(np.int64)


def _shares(weight: Floats, each: float, count: int | None) -> Ints:
    """Return how many sectors each zone is cut into, one at least; in all as many as asked for, where that can be."""
    found = np.maximum(np.round(weight / max(each, 1e-9)), 1.0).astype(np.int64)
    if count is None or not len(found):
        return found
    while found.sum() > count and (found > 1).any():
        found[np.argmin(np.where(found > 1, weight / found, np.inf))] -= 1
    while found.sum() < count:
        found[np.argmax(weight / found)] += 1
    return found


def places(topology: Topology, lines: NDArray[np.object_]) -> Floats:
    """Return where nodes are, by the ends of the pipes there, shape (n, 2) [m].

    Parameters
    ----------
    topology : Topology
    lines : ndarray of LineString, shape (pipes,)
    """
    xy = np.zeros((len(topology.nodes), 2))
    there = np.flatnonzero(~shapely.is_missing(lines))
    for ends, at in ((topology.start, 0), (topology.end, -1)):
        xy[ends[: topology.pipes][there]] = shapely.get_coordinates(shapely.get_point(lines[there], at))
    return xy
