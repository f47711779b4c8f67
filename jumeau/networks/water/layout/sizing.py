"""How wide mains are: by the flow of the peak hour, then by what EPANET says of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.networks.water.physics.head_loss import hazen_williams
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Nominal diameters of ductile iron pipes [mm] (EN 545), and the larger ones of steel mains.
SIZES = np.array(
    [60, 80, 100, 125, 150, 200, 250, 300, 350, 400, 450, 500, 600, 700, 800, 900, 1000, 1200, 1400, 1600],
    dtype=np.float64,
)

#: Way that main streets seem shorter by, so that the widest mains follow them.
TRUNK = {"primary": 0.6, "secondary": 0.7, "tertiary": 0.85}


@dataclass(frozen=True)
class Rules:
    """What diameters are chosen by.

    Attributes
    ----------
    velocity : float
        At the peak hour [m/s].
    gradient : float
        Head loss per length [m/m].
    least, end : float
        Smallest diameter of a main with hydrants, and of a dead end [mm].
    roughness : float
        Hazen-Williams coefficient that sizes are chosen with.
    """

    velocity: float
    gradient: float
    least: float
    end: float
    roughness: float


def peak_flows(start: Ints, end: Ints, cost: Floats, roots: Ints, demand: Floats) -> tuple[Floats, Floats]:
    """Return the flow of each link when water takes the cheapest way, and each node's distance to its root.

    Parameters
    ----------
    start, end : ndarray of int, shape (m,)
    cost : ndarray, shape (m,)
    roots : ndarray of int
        Tanks.
    demand : ndarray, shape (n,)
        [m3/h].

    Returns
    -------
    flow : ndarray, shape (m,)
        Zero for links on no cheapest way [m3/h].
    distance : ndarray, shape (n,)
        In the unit of the cost.
    """
    size = len(demand)
    order = np.lexsort((np.arange(len(cost)), cost))
    pair = np.minimum(start, end) * size + np.maximum(start, end)
    first = order[np.unique(pair[order], return_index=True)[1]]
    graph = sparse.coo_matrix((cost[first], (start[first], end[first])), shape=(size, size)).tocsr()
    distance, before, _root = csgraph.dijkstra(
        graph, directed=False, indices=roots, min_only=True, return_predecessors=True
    )
    link = {int(pair[row]): int(row) for row in first}
    carried = demand.copy()
    flow = np.zeros(len(cost))
    reached = np.isfinite(distance)
    for node in np.argsort(distance, kind="stable")[::-1]:
        above = int(before[node])
        if not reached[node] or above < 0:
            continue
        flow[link[min(int(node), above) * size + max(int(node), above)]] += carried[node]
        carried[above] += carried[node]
    return flow, np.asarray(distance, dtype=np.float64)


def diameters(flow: Floats, looped: Bools, rules: Rules) -> Floats:
    """Return the smallest nominal diameter that each flow passes [mm], shape (m,).

    Parameters
    ----------
    flow : ndarray, shape (m,)
        At the peak hour [m3/h].
    looped : ndarray of bool, shape (m,)
        Whether the main is more than a dead end.
    rules : Rules
    """
    passed = flow[:, None] / HOUR
    size = SIZES[None, :] / 1000.0
    velocity = passed / (np.pi * size**2 / 4.0)
    # Wide mains lose little at high velocities: the limit grows with the square root of the diameter.
    fast = velocity > rules.velocity * np.maximum(np.sqrt(size / 0.3), 0.7)
    loss = hazen_williams(passed, np.ones(1), size, np.full(1, rules.roughness))
    steep = loss > rules.gradient
    small = SIZES[None, :] < np.where(looped, rules.least, rules.end)[:, None]
    refused = fast | steep | small
    place = np.argmin(refused, axis=1)
    place = np.where(refused.all(axis=1), len(SIZES) - 1, place)
    return np.asarray(SIZES[place], dtype=np.float64)


def wider(diameter: Floats, chosen: Bools) -> Floats:
    """Return the diameters with the chosen ones brought to the next nominal size [mm]."""
    place = np.minimum(np.searchsorted(SIZES, diameter - 1e-6) + 1, len(SIZES) - 1)
    return np.where(chosen, SIZES[place], diameter)
