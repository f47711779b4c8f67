"""Contraction: what no cheapest way uses is left out, what is always driven as one becomes one link.

Exact, not approximate: every way between zones that could be the cheapest one stays, with the same cost and the same
sums along it. Three rules, until none applies any more, to nodes that are neither zones nor closed to through traffic:

- a link on which one could only turn back is left out (dead ends and their branches, nodes that only lead in or out);
- where two links meet at a node with no other way on, both carry the same flow, and become one;
- a chain that comes back to its own start is left out, whereupon its start may be such a node itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jumeau.assignment.links import Links

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Contraction:
    """Chains of links, sorted by the node from which they leave.

    Attributes
    ----------
    links : int
        Number of links before.
    nodes : int
        Number of nodes after; those that are kept anyway have their old numbers.
    tail, head : ndarray of int32, shape (c,)
        Nodes between which each chain leads.
    first : ndarray of int, shape (nodes + 1,)
        First chain that leaves each node.
    begin : ndarray of int, shape (c + 1,)
        First piece of each chain.
    piece : ndarray of int, shape (p,)
        Links of the chains, in the order in which they are driven.
    """

    links: int
    nodes: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    first: Ints
    begin: Ints
    piece: Ints

    def __len__(self) -> int:
        """Return the number of chains."""
        return len(self.tail)

    def summed(self, values: Floats) -> Floats:
        """Return the sum along each chain, shape (..., c), of values of the links, shape (..., links)."""
        if not len(self):
            return np.zeros((*values.shape[:-1], 0))
        return np.asarray(np.add.reduceat(values[..., self.piece], self.begin[:-1], axis=-1))

    def spread(self, flow: Floats) -> Floats:
        """Return the flow of each link, shape (..., links), from that of the chains, shape (..., c)."""
        found = np.zeros((*flow.shape[:-1], self.links))
        found[..., self.piece] = np.repeat(flow, np.diff(self.begin), axis=-1)
        return found

    def gathered(self, flow: Floats) -> Floats:
        """Return the flow of each chain, shape (..., c), from that of the links: the least of its pieces."""
        if not len(self):
            return np.zeros((*flow.shape[:-1], 0))
        return np.asarray(np.minimum.reduceat(flow[..., self.piece], self.begin[:-1], axis=-1))


def contract(links: Links, zones: int) -> Contraction:
    """Return the links that count for ways between zones, as chains.

    Parameters
    ----------
    links : Links
    zones : int
        The first nodes: where ways start and end.
    """
    kept = max(zones, links.through)
    tail, head = np.array(links.tail, dtype=np.int64), np.array(links.head, dtype=np.int64)
    start = np.arange(len(links), dtype=np.int64)
    after = np.full(len(links), -1, dtype=np.int64)
    end = start.copy()
    while True:
        before = len(tail)
        alive = tail != head
        _leave_out(tail, head, *_sorted(tail, links.nodes), *_sorted(head, links.nodes), kept, alive)
        tail, head, start, end = (item[alive] for item in (tail, head, start, end))
        alive = _join(tail, head, *_sorted(tail, links.nodes), *_sorted(head, links.nodes), kept, start, end, after)
        tail, head, start, end = (item[alive] for item in (tail, head, start, end))
        if len(tail) == before:
            break
    return _numbered(links, kept, tail, head, start, after)


def whole(links: Links) -> Contraction:
    """Return every link as a chain of its own: nothing contracted."""
    return _numbered(
        links, links.nodes, np.asarray(links.tail), np.asarray(links.head), np.arange(len(links)),
        np.full(len(links), -1, dtype=np.int64),
    )  # fmt: skip


def _sorted(ends: Ints, nodes: int) -> tuple[Ints, Ints]:
    """Return links sorted by an end, and the place of the first one of each node."""
    order = np.argsort(ends, kind="stable").astype(np.int64)
    return order, np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=nodes))]).astype(np.int64)


def _numbered(links: Links, kept: int, tail: Ints, head: Ints, start: Ints, after: Ints) -> Contraction:
    """Return the contraction, with nodes numbered without holes."""
    used = np.zeros(links.nodes, dtype=np.bool_)
    used[:kept] = True
    used[tail] = True
    used[head] = True
    number = np.cumsum(used) - 1
    order, first = _sorted(number[tail], int(used.sum()))
    piece, begin = _pieces(start[order], after)
    return Contraction(
        len(links), int(used.sum()), number[tail][order].astype(np.int32), number[head][order].astype(np.int32), first,
        begin, piece,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _pieces(start: Any, after: Any) -> tuple[Any, Any]:
    """Return the links of each chain one after the other, and where each chain begins."""
    piece = np.empty(len(after), np.int64)
    begin = np.zeros(len(start) + 1, np.int64)
    at = 0
    for chain in range(len(start)):
        link = start[chain]
        while link >= 0:
            piece[at] = link
            at += 1
            link = after[link]
        begin[chain + 1] = at
    return piece[:at].copy(), begin


@njit(cache=True, nogil=True)
def _only(node: int, order: Any, first: Any, other: Any, alive: Any) -> int:
    """Return the only neighbour of a node by the links of one direction, -1 where none is left, -2 for several."""
    found = -1
    for at in range(first[node], first[node + 1]):
        link = order[at]
        if alive[link]:
            if found == -1:
                found = other[link]
            elif found != other[link]:
                return -2
    return found


@njit(cache=True, nogil=True)
def _leave_out(
    tail: Any, head: Any, out: Any, out_first: Any, into: Any, into_first: Any, kept: int, alive: Any
) -> None:
    """Leave out the links on which one could only turn back, or not go on at all."""
    nodes = len(out_first) - 1
    waiting = np.empty(nodes, np.int64)
    inside = np.zeros(nodes, np.bool_)
    size = 0
    for node in range(nodes - 1, kept - 1, -1):
        waiting[size] = node
        inside[node] = True
        size += 1
    while size > 0:
        size -= 1
        node = waiting[size]
        inside[node] = False
        source = _only(node, into, into_first, tail, alive)
        goal = _only(node, out, out_first, head, alive)
        for at in range(out_first[node], out_first[node + 1]):
            link = out[at]
            if alive[link] and (source == -1 or head[link] == source):
                alive[link] = False
                size = _wait(head[link], kept, waiting, inside, size)
                size = _wait(node, kept, waiting, inside, size)
        for at in range(into_first[node], into_first[node + 1]):
            link = into[at]
            if alive[link] and (goal == -1 or tail[link] == goal):
                alive[link] = False
                size = _wait(tail[link], kept, waiting, inside, size)
                size = _wait(node, kept, waiting, inside, size)


@njit(cache=True, nogil=True)
def _wait(node: int, kept: int, waiting: Any, inside: Any, size: int) -> int:
    if node >= kept and not inside[node]:
        waiting[size] = node
        inside[node] = True
        return size + 1
    return size


@njit(cache=True, nogil=True)
def _join(
    tail: Any,
    head: Any,
    out: Any,
    out_first: Any,
    into: Any,
    into_first: Any,
    kept: int,
    start: Any,
    end: Any,
    after: Any,
) -> Any:
    """Join the links that meet where there is no other way on; return those that stand for a chain."""
    onward = np.full(len(tail), -1, np.int64)
    for node in range(kept, len(out_first) - 1):
        one, two = out_first[node], into_first[node]
        leaving, arriving = out_first[node + 1] - one, into_first[node + 1] - two
        if leaving == 1 and arriving == 1:
            onward[into[two]] = out[one]
        elif leaving == 2 and arriving == 2:
            # Both directions: whoever comes from one neighbour goes on to the other.
            ahead, back = head[out[one]], head[out[one + 1]]
            if ahead != back and tail[into[two]] == ahead and tail[into[two + 1]] == back:
                onward[into[two]] = out[one + 1]
                onward[into[two + 1]] = out[one]
            elif ahead != back and tail[into[two]] == back and tail[into[two + 1]] == ahead:
                onward[into[two]] = out[one]
                onward[into[two + 1]] = out[one + 1]
    follows = np.zeros(len(tail), np.bool_)
    for link in range(len(tail)):
        if onward[link] >= 0:
            follows[onward[link]] = True
    stands = np.zeros(len(tail), np.bool_)
    # Rings that nothing enters have no first link: they are left out.
    for link in range(len(tail)):
        if follows[link]:
            continue
        stands[link] = True
        last = link
        while onward[last] >= 0:
            following = onward[last]
            after[end[last]] = start[following]
            last = following
        head[link] = head[last]
        end[link] = end[last]
    return stands
