"""Pressure zones: which nodes one head can serve, and where water passes from a zone to a lower one."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.layout.mains import Mains

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Reducing valves that feed a zone, at most: a second one keeps it fed when the first is out of order.
FEEDS = 2


@dataclass(frozen=True)
class Limits:
    """Pressures that zones are cut by [m].

    Attributes
    ----------
    least : float
        Above the highest node of a zone without flow: service pressure and allowance for losses.
    most : float
        Without flow at any node.
    margin : float
        Nodes within this of `most` join a lower zone that begins near them.
    """

    least: float
    most: float
    margin: float


@dataclass
class Zones:
    """The zones of a network.

    Attributes
    ----------
    zone : ndarray of int, shape (n,)
        Zone of each node; 0 is fed by tanks, the others through reducing valves.
    head : list of float
        Head that feeds each zone [m].
    feeds : list of int
        Mains that carry a reducing valve, from the higher to the lower zone.
    closed : list of int
        Mains between zones that stay closed.
    links : list of list of int
        Ways of transport mains, as rows of nodes: they lead to parts of a zone that lower ground cuts off.
    """

    zone: Ints
    head: list[float]
    feeds: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    links: list[list[int]] = field(default_factory=list)


def pressure_zones(mains: Mains, height: Floats, demand: Floats, limits: Limits) -> Zones:
    """Cut a network into pressure zones.

    The first zone takes its head from its highest node. Where that would give too much pressure, the nodes below make
    up zones of their own, each fed from the one above, and so on down.

    Parameters
    ----------
    mains : Mains
        One connected network.
    height : ndarray, shape (n,)
        Height of the ground [m].
    demand : ndarray, shape (n,)
        [m3/h].
    limits : Limits
    """
    if limits.most - limits.margin <= limits.least:
        # A zone would have to be cut again and again.
        text = _("no pressure zones between {least} and {most} m: the range is narrower than a zone")
        raise InputError(
            Problem(
                text.format(least=limits.least, most=limits.most - limits.margin),
                hint=_("widen layout_pressure_least and layout_pressure_most"),
            )
        )
    found = Zones(np.zeros(len(height), dtype=np.int64), [float(height.max()) + limits.least])
    waiting = [(0, np.arange(len(height)))]
    while waiting:
        zone, nodes = waiting.pop(0)
        for part in _low_parts(mains, height, nodes, found.head[zone], limits):
            number = len(found.head)
            found.zone[part] = number
            found.head.append(float(height[part].max()) + limits.least)
            waiting.append((number, part))
        _borders(mains, found, zone, height)
        found.links += _detached(mains, found.zone == zone, demand)
    return found


def _low_parts(mains: Mains, height: Floats, nodes: Ints, head: float, limits: Limits) -> list[Ints]:
    """Return the connected parts of a zone that lie too low for its head, with the slopes around them."""
    member = np.zeros(len(height), dtype=bool)
    member[nodes] = True
    slope = member & (head - height > limits.most - limits.margin)
    label = _parts(mains, slope)
    deep = np.unique(label[slope & (head - height > limits.most)])
    return [np.flatnonzero(slope & (label == number)) for number in deep]


def _parts(mains: Mains, member: Bools) -> Ints:
    """Return the number of the connected part of each node among the members."""
    inside = member[mains.start] & member[mains.end]
    size = len(member)
    links = sparse.coo_matrix((np.ones(inside.sum()), (mains.start[inside], mains.end[inside])), shape=(size, size))
    return np.asarray(csgraph.connected_components(links, directed=False)[1], dtype=np.int64)


def _borders(mains: Mains, found: Zones, zone: int, height: Floats) -> None:
    """Choose the mains that feed the zones below a zone: those whose upper end lies highest; the others are closed."""
    a, b = found.zone[mains.start], found.zone[mains.end]
    for lower in range(zone + 1, len(found.head)):
        across = np.flatnonzero(((a == zone) & (b == lower)) | ((a == lower) & (b == zone)))
        if not len(across):
            continue
        upper = np.where(a[across] == zone, mains.start[across], mains.end[across])
        order = across[np.lexsort((across, -height[upper]))]
        new = [int(row) for row in order if int(row) not in found.feeds and int(row) not in found.closed]
        found.feeds += new[:FEEDS]
        found.closed += new[FEEDS:]


def _detached(mains: Mains, member: Bools, demand: Floats) -> list[list[int]]:
    """Return the shortest ways that join the parts of a zone to the one that uses the most."""
    label = _parts(mains, member)
    numbers = np.unique(label[member])
    if len(numbers) < 2:
        return []
    use = np.array([demand[member & (label == number)].sum() for number in numbers])
    size = np.array([(member & (label == number)).sum() for number in numbers])
    main = numbers[np.lexsort((-size, -use))[0]]
    ways = []
    count = len(member)
    graph = sparse.coo_matrix((mains.length, (mains.start, mains.end)), shape=(count, count)).tocsr()
    target = np.flatnonzero(member & (label == main))
    distance, before, _source = csgraph.dijkstra(
        graph, directed=False, indices=target, min_only=True, return_predecessors=True
    )
    for number in numbers:
        if number == main:
            continue
        part = np.flatnonzero(member & (label == number))
        node = int(part[np.argmin(distance[part])])
        way = [node]
        while before[way[-1]] >= 0:
            way.append(int(before[way[-1]]))
        ways.append(way[::-1])
    return ways
