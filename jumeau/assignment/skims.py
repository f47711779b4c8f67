"""What ways between zones cost and how long they are, by the cheapest ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from jumeau.assignment.contraction import contract, whole
from jumeau.assignment.links import Links
from jumeau.assignment.trees import tree

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Skim:
    """Ways between zones; shapes (zones, zones), infinite where there is none, zero on the diagonal.

    Attributes
    ----------
    cost : ndarray
        In the unit of the weights.
    along : ndarray
        Sum over the same ways of another quantity of the links, such as their length.
    """

    cost: Floats
    along: Floats


def skim(links: Links, weight: Floats, quantity: Floats, zones: int, *, contracted: bool = True) -> Skim:
    """Return the cheapest ways between zones.

    Parameters
    ----------
    links : Links
    weight : ndarray, shape (m,)
        Cost of each link.
    quantity : ndarray, shape (m,)
        What to sum along the ways.
    zones : int
    contracted : bool
        Whether chains of links are followed as one. What comes out is the same, only the time that it takes is not.
    """
    chains = contract(links, zones) if contracted else whole(links)
    cost, along = _skim(
        chains.head, chains.tail, np.arange(len(chains)), chains.first, chains.summed(weight), chains.summed(quantity),
        links.through, zones,
    )  # fmt: skip
    return Skim(cost, along)


@njit(cache=True, nogil=True)
def _skim(
    head: Any, tail: Any, order: Any, first: Any, weight: Any, quantity: Any, through: int, zones: int
) -> tuple[Any, Any]:
    nodes = len(first) - 1
    cost = np.empty(nodes)
    by = np.empty(nodes, np.int64)
    settled = np.empty(nodes, np.int64)
    heap = np.empty(nodes, np.int64)
    place = np.empty(nodes, np.int64)
    summed = np.zeros(nodes)
    wanted = np.ones(zones, np.bool_)
    costs = np.full((zones, zones), np.inf)
    along = np.full((zones, zones), np.inf)
    for origin in range(zones):
        done = tree(origin, head, order, first, weight, through, wanted, zones, cost, by, settled, heap, place)
        summed[origin] = 0.0
        for at in range(1, done):
            node = settled[at]
            summed[node] = summed[tail[by[node]]] + quantity[by[node]]
        for at in range(done):
            node = settled[at]
            if node < zones:
                costs[origin, node] = cost[node]
                along[origin, node] = summed[node]
    return costs, along
