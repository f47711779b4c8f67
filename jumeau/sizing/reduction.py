"""Sites that no best choice needs: those that another one is never worse than, and those that a bound rules out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jumeau.placement import PlacementProblem
from jumeau.sizing.limits import Limit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Stored savings above which pairs of sites are not compared.
COMPARED = 3_000_000


def dominated(problem: PlacementProblem) -> Bools:
    """Return whether a site saves no more of any event than another one that costs no more, shape (n,).

    Of equal sites, the first stays. Where devices fail, a dominated site may still be worth choosing as a second one.
    """
    sites, matrix = problem.sites, problem.saving.tocsc()
    drop = sites.forbidden.copy()
    if matrix.nnz > COMPARED:
        return np.asarray(drop & ~sites.forbidden, dtype=bool)
    ranked, begin, rank = _ranks(problem.saving)
    dense = np.zeros(matrix.shape[0])
    for site in np.flatnonzero(~(sites.forbidden | sites.compulsory)):
        span = slice(matrix.indptr[site], matrix.indptr[site + 1])
        events, saving = matrix.indices[span], matrix.data[span]
        if not len(events):
            drop[site] = True
            continue
        # A site that dominates saves as much of each event: the one of which fewest others do tells most of them apart.
        rarest = int(np.argmin(rank[span]))
        first = begin[events[rarest]]
        rivals = ranked[first : first + rank[span][rarest]]
        dense[events] = saving
        for rival in rivals:
            if rival == site or drop[rival] or sites.cost[rival] > sites.cost[site]:
                continue
            there = slice(matrix.indptr[rival], matrix.indptr[rival + 1])
            if there.stop - there.start < len(events):
                continue
            seen = matrix.indices[there]
            inside = dense[seen] > 0.0
            if inside.sum() == len(events) and (matrix.data[there][inside] >= dense[seen[inside]]).all():
                drop[site] = True
                break
        dense[events] = 0.0
    return np.asarray(drop & ~sites.forbidden, dtype=bool)


def _ranks(saving: sparse.csr_matrix) -> tuple[Ints, Ints, Ints]:
    """Return sites by event from the one that saves most, where each event begins, and how many save at least as much.

    The last is in the order of the matrix by columns.
    """
    row = np.repeat(np.arange(saving.shape[0]), np.diff(saving.indptr))
    order = np.lexsort((saving.indices, -saving.data, row))
    value, size = saving.data[order], saving.nnz
    ends = np.flatnonzero(np.append((row[1:] != row[:-1]) | (value[1:] != value[:-1]), True)) if size else row
    last = ends[np.searchsorted(ends, np.arange(size))] if size else row
    rank = np.empty(size, dtype=np.int64)
    rank[order] = last + 1 - saving.indptr[row]
    # Ranks may not be zero, so that none is lost on the way to columns.
    by_site = sparse.csr_matrix((rank, saving.indices, saving.indptr), shape=saving.shape).tocsc()
    return saving.indices[order].astype(np.int64), saving.indptr, by_site.data


def ruled_out(
    problem: PlacementProblem, limit: Limit, prices: Floats, bound: float, reached: float
) -> tuple[Bools, Bools]:
    """Return the sites that no choice better than one that is known has, and those that all of them have.

    With the prices of the Lagrangian bound, forcing a site in or out moves the bound by a difference of reduced gains:
    where it falls below what is reached, the site is settled.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
        A number only: with a budget nothing is ruled out.
    prices : ndarray, shape (m,)
    bound : float
        Of these prices.
    reached : float

    Returns
    -------
    (ndarray of bool, ndarray of bool), shape (n,) each
    """
    sites = problem.sites
    out, inside = np.zeros(len(sites), dtype=bool), np.zeros(len(sites), dtype=bool)
    free = np.flatnonzero(~(sites.forbidden | sites.compulsory))
    count = None if limit.count is None else limit.count - int(sites.compulsory.sum())
    if count is None or limit.budget is not None or not 0 < count < len(free):
        return out, inside
    matrix = problem.expected_savings
    over = np.maximum(matrix.data - prices[matrix.indices], 0.0)
    column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
    reduced = np.bincount(column, weights=over, minlength=len(sites))[free]
    order = np.argsort(-reduced, kind="stable")
    last, following = reduced[order[count - 1]], reduced[order[count]]
    margin = 1e-7 * max(abs(reached), 1e-12)
    taken = np.zeros(len(free), dtype=bool)
    taken[order[:count]] = True
    out[free] = ~taken & (bound - last + reduced < reached - margin)
    inside[free] = taken & (bound - reduced + following < reached - margin)
    return out, inside
