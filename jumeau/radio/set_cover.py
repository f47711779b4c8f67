"""Fewest (or cheapest) sites that cover a share of the devices, each by one site or by several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Most distinct rows among which those are looked for that others imply.
_MOST_ROWS = 8_000


@dataclass(frozen=True)
class Cover:
    """A choice of sites.

    Attributes
    ----------
    chosen : ndarray of int, shape (k,)
        Columns, ascending.
    cost : float
        Of these.
    bound : float
        No choice costs less than this.
    greedy : ndarray of int, shape (g,)
        What the greedy rule takes, in its order.
    greedy_cost : float
    proved : bool
        Whether the choice is proved to be the best.
    """

    chosen: Ints
    cost: float
    bound: float
    greedy: Ints
    greedy_cost: float
    proved: bool

    @property
    def gap(self) -> float:
        """How far the choice may be from the best one, as a share of its cost."""
        return max(self.cost - self.bound, 0.0) / self.cost if self.cost > 0.0 else 0.0


def merged(covers: sparse.csr_matrix, weight: Floats, most: int) -> tuple[sparse.csr_matrix, Floats]:
    """Return distinct rows with their weights together; rows with fewer than `most` sites are left out.

    Parameters
    ----------
    covers : csr_matrix of bool, shape (n, m)
    weight : ndarray, shape (n,)
    most : int
        Sites that a row needs.
    """
    matrix = sparse.csr_matrix(covers, dtype=np.int8)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    groups: dict[bytes, list[float]] = {}
    first: list[int] = []
    for row in range(matrix.shape[0]):
        columns = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
        if len(columns) < most:
            continue
        key = columns.tobytes()
        if key not in groups:
            groups[key] = [0.0]
            first.append(row)
        groups[key][0] += float(weight[row])
    return matrix[first].tocsr(), np.array([item[0] for item in groups.values()], dtype=np.float64)


def cover(
    covers: sparse.csr_matrix,
    weight: Floats,
    cost: Floats,
    needed: float,
    redundancy: int = 1,
    *,
    time_limit: float = 60.0,
    gap: float = 0.0,
) -> Cover:
    """Return the cheapest sites that cover enough weight, each row by `redundancy` of them.

    Parameters
    ----------
    covers : csr_matrix of bool, shape (n, m)
        Which site covers which device.
    weight : ndarray, shape (n,)
        Of the devices.
    cost : ndarray, shape (m,)
        Positive.
    needed : float
        Weight to be covered.
    redundancy : int
        Sites that must cover a device for it to count.
    time_limit : float
        Of the exact solver [s].
    gap : float
        Relative gap at which it may stop.

    Raises
    ------
    ValueError
        When all sites together do not cover that much.

    Notes
    -----
    Greedy: the most weight, each device counted up to `redundancy`, per cost; then whatever is not needed is taken out.
    Exact: a mixed-integer program by HiGHS; x by site, y by distinct row, min cost x, redundancy y <= A x,
    weight y >= needed. Where everything coverable is needed, only rows that no other row implies are kept.
    """
    rows, mass = merged(covers, weight, redundancy)
    if mass.sum() < needed - 1e-9:
        raise ValueError("the sites do not cover that much")
    order = _greedy(rows, mass, cost, needed, redundancy)
    greedy = _pruned(rows, mass, cost, needed, redundancy, order)
    greedy_cost = float(cost[greedy].sum())
    found, bound, proved = _exact(rows, mass, cost, needed, redundancy, time_limit, gap)
    if found is None or float(cost[found].sum()) > greedy_cost:
        found = np.sort(greedy)
    total = float(cost[found].sum())
    # Whatever the solver had time for, a device needs so many sites.
    bound = max(bound, float(np.sort(cost)[:redundancy].sum())) if needed > 0.0 else 0.0
    return Cover(np.sort(found), total, min(bound, total), greedy, greedy_cost, proved or bound >= total - 1e-6)


def _greedy(rows: sparse.csr_matrix, mass: Floats, cost: Floats, needed: float, redundancy: int) -> Ints:
    columns = rows.T.tocsr()
    left = np.full(rows.shape[0], redundancy, dtype=np.int64)
    chosen: list[int] = []
    free = np.ones(rows.shape[1], dtype=bool)
    while float(mass[left <= 0].sum()) < needed - 1e-9:
        gain = np.asarray(columns @ (mass * (left > 0))).ravel() / cost
        gain[~free] = -1.0
        best = int(np.argmax(gain))
        free[best] = False
        chosen.append(best)
        left[columns.indices[columns.indptr[best] : columns.indptr[best + 1]]] -= 1
    return np.array(chosen, dtype=np.int64)


def _pruned(rows: sparse.csr_matrix, mass: Floats, cost: Floats, needed: float, redundancy: int, order: Ints) -> Ints:
    """Return a choice without what is not needed: the dearest first, then what was taken last."""
    columns = rows.T.tocsr()
    times = np.asarray(rows[:, order].sum(axis=1)).ravel().astype(np.int64)
    kept = list(order)
    for column in sorted(order, key=lambda item: (-cost[item], -int(np.flatnonzero(order == item)[0]))):
        touched = columns.indices[columns.indptr[column] : columns.indptr[column + 1]]
        times[touched] -= 1
        if float(mass[times >= redundancy].sum()) >= needed - 1e-9:
            kept.remove(column)
        else:
            times[touched] += 1
    return np.array(kept, dtype=np.int64)


def _exact(
    rows: sparse.csr_matrix,
    mass: Floats,
    cost: Floats,
    needed: float,
    redundancy: int,
    time_limit: float,
    gap: float,
) -> tuple[Ints | None, float, bool]:
    """Return the choice of HiGHS (None where it found none in time), its bound, and whether it is proved."""
    sites = rows.shape[1]
    if needed >= mass.sum() - 1e-9:  # everything that can be covered
        least = _least_rows(rows) if rows.shape[0] <= _MOST_ROWS else rows
        c, integrality = cost, np.ones(sites)
        bounds = optimize.Bounds(0.0, 1.0)
        constraints = [optimize.LinearConstraint(sparse.csr_matrix(least, dtype=float), float(redundancy), np.inf)]
    else:
        count = rows.shape[0]
        c = np.concatenate([cost, np.zeros(count)])
        # With one site per device, y follows x: it need not be called an integer.
        integrality = np.concatenate([np.ones(sites), np.full(count, float(redundancy > 1))])
        bounds = optimize.Bounds(0.0, 1.0)
        both = sparse.hstack([sparse.csr_matrix(rows, dtype=float), -redundancy * sparse.identity(count)]).tocsr()
        total = sparse.csr_matrix(np.concatenate([np.zeros(sites), mass])[None, :])
        constraints = [
            optimize.LinearConstraint(both, 0.0, np.inf),
            optimize.LinearConstraint(total, needed - 1e-9 * max(needed, 1.0), np.inf),
        ]
    options = {"time_limit": time_limit, "mip_rel_gap": gap}
    found = optimize.milp(c, integrality=integrality, bounds=bounds, constraints=constraints, options=options)
    bound = float(found.mip_dual_bound) if found.mip_dual_bound is not None else 0.0
    # Where all sites cost the same, costs are whole multiples of it.
    if len(set(cost.tolist())) == 1:
        bound = float(np.ceil(bound / cost[0] - 1e-6) * cost[0])
    if found.x is None:
        return None, bound, False
    return np.flatnonzero(found.x[:sites] > 0.5), bound, found.status == 0


def _least_rows(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the rows that no other one implies: a row that holds all sites of another is fulfilled with it."""
    matrix = sparse.csr_matrix(rows, dtype=np.int32)
    size = np.diff(matrix.indptr)
    kept = np.ones(matrix.shape[0], dtype=bool)
    for start in range(0, matrix.shape[0], 500):
        block = slice(start, min(start + 500, matrix.shape[0]))
        shared = (matrix[block] @ matrix.T).toarray()
        # Row i of the block holds all sites of a smaller row j; rows are distinct, so that equal sizes never do.
        implied = (shared == size[None, :]) & (size[None, :] < size[block][:, None])
        kept[block] = ~implied.any(axis=1)
    return rows[kept].tocsr()
