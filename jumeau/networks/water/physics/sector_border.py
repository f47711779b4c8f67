"""Where sectors meet: who owns each node, and the links by which water can pass from one sector to another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.sector_topology import NONE, Topology, parts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Rounds in which pieces that are cut from their sector go over to a neighbour.
ROUNDS = 20


@dataclass(frozen=True)
class Zoning:
    """Which sector each node and pipe is in; `NONE` for mains outside all of them, tanks and sources.

    Attributes
    ----------
    node : ndarray of int, shape (n,)
    pipe : ndarray of int, shape (pipes,)
        That of one of its ends at least.
    """

    node: Ints
    pipe: Ints


@dataclass(frozen=True)
class Crossings:
    """The open links through which water passes from one part of the network to another.

    A part is what hangs together within one sector, or outside all of them. A pipe crosses at one of its ends, where
    its valve or meter stands; a pump or a valve crosses as a whole.

    Attributes
    ----------
    link : ndarray of int, shape (k,)
        Row of the link.
    node : ndarray of int, shape (k,)
        Row of the node at which it crosses.
    near, far : ndarray of int, shape (k,)
        Parts on either side: that of the link, and that of the node.
    part_sector : ndarray of int, shape (parts,)
        Sector of each part.
    part_of_node : ndarray of int, shape (n,)
        Part of each node.
    """

    link: Ints
    node: Ints
    near: Ints
    far: Ints
    part_sector: Ints
    part_of_node: Ints

    def sectors(self) -> Ints:
        """Return the sectors on either side of each crossing, shape (k, 2)."""
        return np.stack([self.part_sector[self.near], self.part_sector[self.far]], axis=1)


def zoning_of_pipes(links: Topology, sector: Ints, worth: Floats) -> Zoning:
    """Return the zoning that pipes with a sector ask for.

    Where pipes of several sectors meet, the node goes to the sector whose pipes there would cost most to meter or
    close; a piece of a sector that this cuts off goes over to the neighbour that it hangs on.

    Parameters
    ----------
    links : Topology
    sector : ndarray of int, shape (pipes,)
    worth : ndarray, shape (pipes,)
        Cost of a border across each pipe.
    """
    return tidied(links, Zoning(_owners(links, sector, worth), sector.copy()), worth)


def zoning_of_nodes(links: Topology, node: Ints, worth: Floats) -> Zoning:
    """Return the zoning in which each node has a sector, and each pipe that of its first end.

    Parameters
    ----------
    links : Topology
    node : ndarray of int, shape (n,)
    worth : ndarray, shape (pipes,)
    """
    owner = np.where(links.held, NONE, node)
    start, end = owner[links.start[: links.pipes]], owner[links.end[: links.pipes]]
    return tidied(links, Zoning(owner, np.where(start >= 0, start, end)), worth)


def _owners(links: Topology, sector: Ints, worth: Floats) -> Ints:
    """Return the sector of each node, by what its pipes are worth; open pipes come before closed ones."""
    size = int(sector.max(initial=NONE)) + 2
    value = worth * np.where(links.open[: links.pipes], 1.0, 1e-6) + 1e-9
    total = np.zeros((len(links.nodes), size))
    for ends in (links.start, links.end):
        # The last column stands for no sector, so that a tie goes to a sector.
        np.add.at(total, (ends[: links.pipes], np.where(sector < 0, size - 1, sector)), value)
    found = np.argmax(total, axis=1)
    found[(found == size - 1) | (total.max(axis=1) == 0.0)] = NONE
    # Behind a valve or a pump without pipes stands the sector of the other side.
    for row in range(links.pipes, len(links.name)):
        one, other = links.start[row], links.end[row]
        for bare, known in ((one, other), (other, one)):
            if total[bare].max(initial=0.0) == 0.0 and not links.held[bare]:
                found[bare] = found[known]
    return np.where(links.held, NONE, found).astype(np.int64)


def tidied(links: Topology, zoning: Zoning, worth: Floats) -> Zoning:
    """Return a zoning in which each pipe has an end in its sector, and sectors do not fall apart where they need not.

    A piece that hangs on its sector no more goes to the neighbour with which it shares the pipes of the most worth. One
    that touches no other sector, since only mains outside of all feed it, stays; without customers it is such a main.
    """
    node, pipe = zoning.node.copy(), zoning.pipe.copy()
    start, end = links.start[: links.pipes], links.end[: links.pipes]
    for _round in range(ROUNDS):
        astray = (pipe != node[start]) & (pipe != node[end])
        # A pipe whose two ends are elsewhere can bear no border: it goes with one of them.
        best = np.where(node[start] >= 0, node[start], node[end])
        pipe[astray] = best[astray]
        lone = (pipe < 0) & (node[start] >= 0) & (node[end] >= 0)
        pipe[lone] = node[start][lone]
        label = _labels(links, node, pipe)
        lost = _lost(links, node, pipe, label)
        if not lost.any():
            break
        moved = False
        for number in np.flatnonzero(lost).tolist():
            piece = label == number
            goal = _goal(links, node, pipe, piece, worth)
            idle = not (piece[: len(node)] & links.asking).any()
            if goal >= 0 or idle:
                node[piece[: len(node)]], pipe[piece[len(node) :]] = goal, goal
                moved = True
        if not moved:
            break
        node[links.held] = NONE
    return Zoning(node, pipe)


def _labels(links: Topology, node: Ints, pipe: Ints) -> Ints:
    """Return the connected piece of each node and then each pipe, within sectors."""
    size, count = len(node), links.pipes
    start, end = links.start[:count], links.end[:count]
    one = (pipe == node[start]) & links.open[:count]
    other = (pipe == node[end]) & links.open[:count]
    # A closed pipe hangs on one end, so that it is a piece of something.
    shut = ~links.open[:count]
    by_start = shut & (pipe == node[start])
    by_end = shut & ~by_start & (pipe == node[end])
    first, last = one | by_start, other | by_end
    rows = np.arange(count) + size
    rest = np.arange(count, len(links.name))
    inner = rest[links.open[rest] & (node[links.start[rest]] == node[links.end[rest]])]
    # Tanks and sources are no way through: what they part stays apart, unless outside pipes join it.
    return parts(
        size + count,
        np.concatenate([rows[first], rows[last], links.start[inner]]),
        np.concatenate([start[first], end[last], links.end[inner]]),
    )


def _lost(links: Topology, node: Ints, pipe: Ints, label: Ints) -> Bools:
    """Tell the pieces of sectors that are not their longest one, shape (pieces,)."""
    count = int(label.max(initial=-1)) + 1
    length = np.bincount(label[len(node) :], links.length[: links.pipes], minlength=count)
    sector = np.full(count, NONE)
    sector[label] = np.concatenate([node, pipe])
    order = np.lexsort((np.arange(count), -length, sector))
    first = np.ones(count, dtype=bool)
    first[1:] = sector[order][1:] != sector[order][:-1]
    longest = np.zeros(count, dtype=bool)
    longest[order[first]] = True
    return np.asarray((sector >= 0) & ~longest, dtype=bool)


def _goal(links: Topology, node: Ints, pipe: Ints, piece: Bools, worth: Floats) -> int:
    """Return the neighbour with which a piece shares the pipes of the most worth, `NONE` where it touches none.

    `piece` tells its nodes, then its pipes.
    """
    of_node, of_pipe = piece[: len(node)], piece[len(node) :]
    tie: dict[int, float] = {}
    for ends in (links.start[: links.pipes], links.end[: links.pipes]):
        touching = (of_pipe != of_node[ends]) & (pipe != node[ends]) & links.open[: links.pipes]
        for row in np.flatnonzero(touching).tolist():
            sector = int(node[ends[row]] if of_pipe[row] else pipe[row])
            if sector >= 0:
                tie[sector] = tie.get(sector, 0.0) + float(worth[row]) + 1e-9
    return max(sorted(tie), key=lambda sector: tie[sector], default=NONE)


def crossings(links: Topology, zoning: Zoning) -> Crossings:
    """Return where water can pass from one part to another.

    Parameters
    ----------
    links : Topology
    zoning : Zoning
    """
    node, pipe = zoning.node, zoning.pipe
    label = _labels(links, node, pipe)
    size, count = len(node), links.pipes
    sector = np.full(int(label.max(initial=-1)) + 1, NONE)
    sector[label] = np.concatenate([node, pipe])
    rows, nodes, near, far = [], [], [], []
    for ends in (links.start[:count], links.end[:count]):
        over = np.flatnonzero((pipe != node[ends]) & links.open[:count])
        rows.append(over)
        nodes.append(ends[over])
        near.append(label[size + over])
        far.append(label[ends[over]])
    rest = np.arange(count, len(links.name))
    over = rest[links.open[rest] & (label[links.start[rest]] != label[links.end[rest]])]
    over = over[(node[links.start[over]] >= 0) | (node[links.end[over]] >= 0)]
    rows.append(over)
    nodes.append(links.start[over])
    near.append(label[links.end[over]])
    far.append(label[links.start[over]])
    link, at, here, there = (np.concatenate(item).astype(np.int64) for item in (rows, nodes, near, far))
    return Crossings(link, at, here, there, sector, label[:size])


def shut_borders(links: Topology, zoning: Zoning) -> tuple[Ints, Ints]:
    """Return the pipes that are closed already where sectors meet, and the node at which each is."""
    count = links.pipes
    start, end = links.start[:count], links.end[:count]
    apart = ~links.open[:count] & (zoning.node[start] != zoning.node[end])
    rows = np.flatnonzero(apart)
    at = np.where(zoning.node[start] == zoning.pipe, end, start)
    return rows, at[rows]
