"""Small traffic problems, and those of TransportationNetworks."""

import numpy as np

from jumeau.assignment import Demand, Links
from jumeau.networks.mobility.formats import tntp_files as tntp

#: Beckmann objective of the best known flows, computed from the files of flows.
BEST = {"SiouxFalls": 4_231_335.287, "Anaheim": 1_286_032.171}


def links(rows, nodes, through=0, signals=None):
    """Links from rows (tail, head, free time, capacity, b, power)."""
    table = np.array(rows, dtype=float)
    ends = table[:, :2].astype(np.int64)
    return Links(ends[:, 0], ends[:, 1], *table[:, 2:].T, nodes, through, signals)


def published(folder, name):
    """Links and demand of a published case."""
    net = tntp.read_network(folder / f"{name}_net.tntp")
    frame = net.links
    made = Links(
        frame["tail"].to_numpy() - 1, frame["head"].to_numpy() - 1, frame["free_time"].to_numpy(),
        frame["capacity"].to_numpy(), frame["b"].to_numpy(), frame["power"].to_numpy(), net.nodes, net.through - 1,
    )  # fmt: skip
    return made, Demand.of(tntp.read_trips(folder / f"{name}_trips.tntp"))


def braess(*, bridge):
    """Braess (1968): six vehicles between two ends, by two roads, and a bridge between them."""
    # Times 10 v and 50 + v, as free_time (1 + b (v/capacity)^1).
    slow, steep = (50.0, 50.0, 1.0, 1.0), (1e-9, 1.0, 10e9, 1.0)
    roads = [(0, 2, *steep), (0, 3, *slow), (2, 1, *slow), (3, 1, *steep)]
    if bridge:
        roads.append((2, 3, 10.0, 10.0, 1.0, 1.0))
    return links(roads, 4), Demand.of(np.array([[0.0, 6.0], [0.0, 0.0]]))


def mean_time(found):
    """Mean time of the six vehicles of `braess`."""
    return float(found.time @ found.total) / 6.0


def grid(size, rng, trips):
    """A square grid of two-way streets with random times and capacities, and random demand between all crossings."""
    rows = []
    for x in range(size):
        for y in range(size):
            for other in ((x + 1, y), (x, y + 1)):
                if max(other) < size:
                    ends = (x * size + y, other[0] * size + other[1])
                    for tail, head in (ends, ends[::-1]):
                        rows.append((tail, head, rng.uniform(1, 3), rng.uniform(50, 150), 0.15, 4.0))
    demand = rng.uniform(0, trips, (size**2, size**2))
    return links(rows, size**2), Demand.of(demand)
