"""Which mains to renew, and when: those whose bursts cost the most for what their renewal costs.

References
----------
Growth of burst frequency with age: U. Shamir and C. Howard, Journal AWWA 71(5), 1979.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def renewal_order(score: Floats, names: NDArray[np.object_]) -> Ints:
    """Return pipes from the first to renew, shape (n,): by falling score, then by name.

    Parameters
    ----------
    score : ndarray, shape (n,)
    names : ndarray of str, shape (n,)
    """
    return np.asarray(np.lexsort((names.astype(str), -score)), dtype=np.int64)


def within(order: Ints, amount: Floats, limit: float) -> Ints:
    """Return the first pipes of an order whose amounts add up to a limit; one that does not fit ends the list.

    Parameters
    ----------
    order : ndarray of int, shape (k,)
    amount : ndarray, shape (n,)
        Length or cost of each pipe.
    limit : float
    """
    return order[np.cumsum(amount[order]) <= limit + 1e-9]


@dataclass(frozen=True)
class Plan:
    """A plan of renewal.

    Attributes
    ----------
    year : ndarray of int, shape (n,)
        In which each pipe is renewed, counted from zero; -1 for never.
    risk, untouched : ndarray, shape (years + 1,)
        Yearly cost of bursts of all pipes at the start of each year, and without the plan [EUR/year].
    spent, length : ndarray, shape (years,)
        [EUR], [km].
    """

    year: Ints
    risk: Floats
    untouched: Floats
    spent: Floats
    length: Floats


def plan(
    risk: Floats, renewed: Floats, growth: Floats, cost: Floats, km: Floats, names: NDArray[np.object_],
    *, budget: float, years: int,
) -> Plan:  # fmt: skip
    """Spend a budget each year on the pipes that avoid most cost of bursts per euro; what is not spent is kept.

    Parameters
    ----------
    risk : ndarray, shape (n,)
        Expected yearly cost of bursts of each pipe today [EUR/year].
    renewed : ndarray, shape (n,)
        The same once it is new [EUR/year].
    growth : ndarray, shape (n, years + 1)
        Risk of each year relative to today's, as pipes age.
    cost, km : ndarray, shape (n,)
        Of renewal [EUR], and length.
    names : ndarray of str, shape (n,)
    budget : float
        [EUR/year].
    years : int
    """
    count = len(risk)
    chosen = np.full(count, -1, dtype=np.int64)
    left, spent, length = 0.0, np.zeros(years), np.zeros(years)
    total, untouched = np.zeros(years + 1), (risk[:, None] * growth).sum(axis=0)
    for year in range(years):
        now = risk * growth[:, year]
        total[year] = np.where(chosen >= 0, renewed, now).sum()
        left += budget
        avoided = np.divide(now - renewed, cost, out=np.zeros(count), where=cost > 0.0)
        order = renewal_order(avoided, names)
        order = order[(chosen[order] < 0) & (avoided[order] > 0.0)]
        done = within(order, cost, left)
        chosen[done] = year
        spent[year], length[year] = cost[done].sum(), km[done].sum()
        left -= spent[year]
    total[years] = np.where(chosen >= 0, renewed, risk * growth[:, years]).sum()
    return Plan(chosen, total, untouched, spent, length)
