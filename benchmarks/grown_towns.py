"""Large towns with chains and dead ends, drawn from a seed: what OpenStreetMap gives, in any size.

A grid of crossings with two-way main streets and one-way streets between them; most streets are cut into pieces (bends,
changes of name), some blocks have a dead end, and zones hang on crossings by connectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Demand, Links

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Every fourth street is a main one.
_MAIN = 4


@dataclass(frozen=True)
class Size:
    """Of a town.

    Attributes
    ----------
    zones, nodes, links : int
        Nodes with the zones; links of both directions, with the connectors.
    crossings : int
        On a side of the square.
    dead_ends : int
    trips : float
        In the peak hour.
    powers : tuple of float
        Of the volume-delay functions, drawn for each street.
    constant : float
        Share of the streets whose time does not depend on the flow.
    """

    zones: int
    nodes: int
    links: int
    crossings: int
    dead_ends: int
    trips: float
    powers: tuple[float, ...] = (4.0,)
    constant: float = 0.0


#: Berlin-Center and Winnipeg have as many nodes, links and zones.
SIZES = {
    "berlin-like": Size(865, 12_981, 28_376, 64, 900, 60_000.0),
    "winnipeg-like": Size(147, 1_052, 2_836, 22, 40, 50_000.0, (2.0, 3.5, 5.0), 0.4),
}


def town(size: Size, seed: int = 1) -> tuple[Links, Demand]:
    """Return a town of exactly this size."""
    rng = np.random.default_rng(seed)
    side = size.crossings
    cell = np.arange(side**2).reshape(side, side)
    one = np.concatenate([cell[:, :-1].ravel(), cell[:-1].ravel()])
    two = np.concatenate([cell[:, 1:].ravel(), cell[1:].ravel()])
    line = np.concatenate([np.repeat(np.arange(side), side - 1), np.tile(np.arange(side), side - 1)])
    main = (line % _MAIN == 0) | (line == side - 1)
    chain_nodes = size.nodes - size.zones - side**2 - size.dead_ends
    cuts = rng.multinomial(chain_nodes, np.full(len(one), 1.0 / len(one)))
    connectors, oneway = _totals(size, cuts, ~main, rng)
    turned = (line % 2 == 1) & oneway
    one, two = np.where(turned, two, one), np.where(turned, one, two)
    parts = _streets(size, rng, one + size.zones, two + size.zones, main, oneway, cuts, size.zones + side**2)
    parts.append(_connectors(size, rng, connectors))
    parts.append(_dead_ends(size, rng))
    table = np.concatenate(parts, axis=1)
    ends = table[:2].astype(np.int64)
    links = Links(ends[0], ends[1], *table[2:], size.nodes, size.zones)
    assert len(links) == size.links
    return links, _demand(size, rng)


def _totals(
    size: Size, cuts: Ints, minor: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[int, NDArray[np.bool_]]:
    """Return how many connectors and which one-way streets give the wanted number of links."""
    links = int(2 * (cuts + 1).sum()) + 2 * size.dead_ends
    oneway = np.zeros(len(cuts), dtype=np.bool_)
    for street in rng.permutation(np.flatnonzero(minor)):
        # At least two connectors a zone, each of two directions.
        if links + 4 * size.zones <= size.links:
            break
        oneway[street] = True
        links -= int(cuts[street]) + 1
    rest = size.links - links
    if rest < 2 * size.zones:
        raise ValueError(f"too many links: {links} without connectors")
    return rest, oneway


def _streets(
    size: Size, rng: np.random.Generator, one: Ints, two: Ints, main: NDArray[np.bool_], oneway: NDArray[np.bool_],
    cuts: Ints, free: int,
) -> list[Floats]:  # fmt: skip
    """Return the pieces of the streets: tail, head, free time, capacity, b, power by row."""
    found = []
    for street in range(len(one)):
        count = int(cuts[street])
        nodes = np.concatenate([[one[street]], np.arange(free, free + count), [two[street]]])
        free += count
        speed, capacity = (rng.uniform(12.0, 15.0), 1600.0) if main[street] else (rng.uniform(7.0, 10.0), 500.0)
        time = rng.dirichlet(np.full(count + 1, 3.0)) * rng.uniform(80.0, 200.0) / speed
        b = 0.0 if rng.random() < size.constant else 0.15 if main[street] else 0.5
        power = float(rng.choice(np.array(size.powers)))
        for way in (nodes, nodes[::-1])[: 1 if oneway[street] else 2]:
            ordered = time if way is nodes else time[::-1]
            rest = [np.full(count + 1, value) for value in (capacity, b, power)]
            found.append(np.stack([way[:-1], way[1:], ordered, *rest]))
    return found


def _connectors(size: Size, rng: np.random.Generator, count: int) -> Floats:
    """Return the connectors of the zones, to and fro; an odd one leads out only."""
    side = size.crossings
    zone = np.arange((count + 1) // 2) % size.zones
    # Zones lie on a finer grid than their crossings.
    place = rng.permutation(side**2)[: size.zones] if side**2 >= size.zones else rng.integers(0, side**2, size.zones)
    x, y = place // side, place % side
    turn = np.arange(len(zone)) // size.zones
    to = np.clip(x[zone] + turn % 2, 0, side - 1) * side + np.clip(y[zone] + turn // 2, 0, side - 1)
    tail = np.concatenate([zone, to + size.zones])[:count]
    head = np.concatenate([to + size.zones, zone])[:count]
    return np.stack([tail, head, np.full(count, 20.0), np.full(count, 1e5), np.zeros(count), np.full(count, 4.0)])


def _dead_ends(size: Size, rng: np.random.Generator) -> Floats:
    """Return the dead ends, to and fro."""
    mouth = rng.integers(size.zones, size.zones + size.crossings**2, size.dead_ends)
    tip = size.nodes - size.dead_ends + np.arange(size.dead_ends)
    count = 2 * size.dead_ends
    return np.stack(
        [
            np.concatenate([mouth, tip]), np.concatenate([tip, mouth]), np.full(count, 8.0), np.full(count, 500.0),
            np.full(count, 0.5), np.full(count, 4.0),
        ]
    )  # fmt: skip


def _demand(size: Size, rng: np.random.Generator) -> Demand:
    """Return trips between zones of uneven size; half of the pairs exchange none."""
    weight = rng.lognormal(0.0, 0.8, size.zones)
    trips = np.outer(weight, rng.permutation(weight)) * rng.exponential(1.0, (size.zones, size.zones))
    trips[rng.random(trips.shape) < 0.5] = 0.0
    np.fill_diagonal(trips, 0.0)
    return Demand.of(trips * (size.trips / trips.sum()))
