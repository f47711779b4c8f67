"""Which streets the trips between zones pass at equilibrium: what a counting loop would see of them.

Every hour has its own cheapest ways, at the costs of its equilibrium; trucks pay what keeps them off streets that are
not theirs. Two hours, or two classes, that take the same streets share a route.

References
----------
M. J. Hodgson, "A flow-capturing location-allocation model", Geographical Analysis 22(3), 1990,
doi:10.1111/j.1538-4632.1990.tb00210.x: flow is caught once on its way, wherever. H. Yang and J. Zhou, "Optimal traffic
counting locations for origin-destination matrix estimation", Transportation Research Part B 32(2), 1998,
doi:10.1016/S0191-2615(97)00016-7: rules of covering every pair, and of the largest share of flow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jumeau.assignment import Links
from jumeau.assignment.routes import incidence

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Routes:
    """Ways of the trips between zones; k of them.

    Attributes
    ----------
    pair : ndarray of int, shape (k,)
        Origin times the number of zones, plus destination.
    vehicles : ndarray, shape (k,)
        [vehicle/day].
    passes : csr_matrix, shape (k, m)
        Ones where the route passes a link.
    lost : float
        Vehicles a day that no route leads to their end.
    """

    pair: Ints
    vehicles: Floats
    passes: sparse.csr_matrix
    lost: float


def routes_of(links: Links, weights: Sequence[Floats], trips: Sequence[Floats]) -> Routes:
    """Return the routes of trips, those between the same zones by the same links taken together.

    Parameters
    ----------
    links : Links
    weights : sequence of ndarray, shape (m,)
        Cost of each link, for each table of trips.
    trips : sequence of ndarray, shape (zones, zones)
        [vehicle/day]; trips inside a zone pass nothing and are left out.
    """
    marked = np.arange(len(links))
    # Sums of numbers that no two sets of links share, but for a chance of one in 2^64 a pair of sets.
    key = np.random.Generator(np.random.PCG64(1)).integers(1, 2**63, len(links), dtype=np.uint64)
    pairs: list[Ints] = []
    keys: list[NDArray[np.uint64]] = []
    vehicles: list[Floats] = []
    passes: list[sparse.csr_matrix] = []
    lost = 0.0
    for weight, table in zip(weights, trips, strict=True):
        zones = len(table)
        flow = np.where(np.eye(zones, dtype=bool), 0.0, table).ravel()
        here = np.flatnonzero(flow > 0.0)
        ways = sparse.csr_matrix(incidence(links, weight, zones, marked).T)[here]
        some = np.diff(ways.indptr) > 0
        lost += float(flow[here[~some]].sum())
        ways, here = ways[some], here[some]
        summed = np.zeros(0, dtype=np.uint64)
        if len(here):
            summed = np.add.reduceat(key[ways.indices], ways.indptr[:-1])
        pairs.append(here.astype(np.int64))
        keys.append(summed)
        vehicles.append(flow[here])
        passes.append(ways)
    pair, every = np.concatenate(pairs), np.concatenate(keys)
    order = np.lexsort((every, pair))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (pair[order][1:] != pair[order][:-1]) | (every[order][1:] != every[order][:-1])
    first = order[new]
    total = np.zeros(int(new.sum()))
    np.add.at(total, np.cumsum(new) - 1, np.concatenate(vehicles)[order])
    return Routes(pair[first], total, sparse.csr_matrix(sparse.vstack(passes, format="csr")[first]), lost)


def seen_by(routes: Routes, site: Ints, count: int) -> sparse.csr_matrix:
    """Return which routes pass which sites, shape (k, count).

    Parameters
    ----------
    routes : Routes
    site : ndarray of int, shape (m,)
        Site of each link, -1 for none.
    count : int
    """
    on = np.flatnonzero(site >= 0)
    to_site = sparse.csr_matrix((np.ones(len(on)), (on, site[on])), shape=(len(site), count))
    found = sparse.csr_matrix(routes.passes @ to_site)
    found.data[:] = 1.0
    return found
