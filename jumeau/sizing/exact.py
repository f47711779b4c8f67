"""The best choice of sites, proved: a mixed-integer programme solved by HiGHS, with its gap and a time limit."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp

from jumeau.placement import PlacementProblem
from jumeau.sizing.bounds import lagrangian_bound
from jumeau.sizing.levels import Levels, levels
from jumeau.sizing.limits import Limit
from jumeau.sizing.reduction import dominated, ruled_out

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Sets of sites above which HiGHS is not asked.
LARGEST = 50_000
#: Coefficients that HiGHS takes about a second for: it looks at its clock between relaxations only.
PACE = 20_000
#: Savings above which sets are not even made where sites save unequally of an event: there would be as many.
CROWDED = 300_000

#: Relative gap below which an answer counts as the optimum.
GAP = 1e-6


@dataclass(frozen=True)
class Exact:
    """The best choice found, and what no choice exceeds.

    Attributes
    ----------
    chosen : ndarray of int, shape (k,)
        Rows of sites.
    benefit : float
    bound : float
        Of the benefit; where a target is to be reached, of the cost from below [EUR].
    gap : float
        Relative distance of the two: of benefits, or of costs.
    proved : bool
        Whether the gap is below `GAP`.
    seconds : float
    variables : int
        Of the programme that HiGHS got; 0 where the bound alone was proof.
    steps, merged : int
        Steps of savings, and how many of them were merged with equal ones.
    dropped : int
        Sites that were left out since they are dominated, or ruled out by the bound.
    """

    chosen: Ints
    benefit: float
    bound: float
    gap: float
    proved: bool
    seconds: float
    variables: int
    steps: int
    merged: int
    dropped: int


def exact(problem: PlacementProblem, limit: Limit, known: Ints, *, seconds: float = 10.0) -> Exact:
    """Return the best choice of sites within a limit, all devices at work.

    Parameters
    ----------
    problem : PlacementProblem
    limit : Limit
    known : ndarray of int
        A choice within the limit, such as greedy's: the answer is at least as good.
    seconds : float
        Most time; a little more may pass before HiGHS looks at its clock.

    Notes
    -----
    Dominated sites are dropped, then those that the Lagrangian bound rules out; equal steps are merged (`levels`).
    """
    begin = time.monotonic()
    reached = problem.benefit(known)
    out = dominated(problem)
    inside = problem.sites.compulsory.copy()
    outer = np.inf
    if limit.target is None:
        outer, prices = lagrangian_bound(problem, limit, reached, seconds=seconds / 4.0, gap=GAP / 10.0)
        away, sure = ruled_out(problem, limit, prices, outer, reached)
        # A dominated site may be in the choice that is known: it is its equal that proves nothing better exists.
        out, inside = (out | away) & ~inside, (inside | sure) & ~out
        if outer - reached <= GAP * max(abs(outer), 1e-12):
            return _told(problem, limit, known, outer, begin, None, int(out.sum()))
    kept = np.flatnonzero(~(out | problem.sites.forbidden))
    if not len(kept):
        return _told(problem, limit, known, outer, begin, None, int(out.sum()))
    saving = sparse.csr_matrix(problem.expected_savings[:, kept])
    saving.eliminate_zeros()
    left = max(seconds - (time.monotonic() - begin), 0.5)
    crowded = limit.target is None and saving.nnz > CROWDED and np.ptp(saving.data[saving.indptr[0] : saving.indptr[1]])
    sets = None if crowded else levels(saving)
    if sets is None or (limit.target is None and (len(sets.gain) > LARGEST or sets.rows.nnz > PACE * left)):
        # HiGHS would hardly solve its first relaxation: the Lagrangian reaches the same bound sooner.
        outer, _prices = lagrangian_bound(
            problem, limit, reached, steps=100_000, seconds=left, gap=GAP / 10.0, start=prices
        )
        return _told(problem, limit, known, outer, begin, None, int(out.sum()))
    found = _solved(problem, limit, kept, inside[kept], sets, 0.8 * left)
    chosen = known
    if found.x is not None:
        solved = kept[np.asarray(found.x[: len(kept)]) > 0.5]
        chosen = _better(problem, limit, solved, known)
    dual = found.mip_dual_bound
    if limit.target is None:
        # What was ruled out cannot exceed what is known.
        bound = outer if dual is None else min(outer, max(-float(dual), reached))
    else:
        bound = 0.0 if dual is None else float(dual)
    return _told(problem, limit, chosen, bound, begin, sets, int(out.sum()))


def _better(problem: PlacementProblem, limit: Limit, solved: Ints, known: Ints) -> Ints:
    """Return the better of two choices; sites that bring nothing are left out of a solved one."""
    if limit.target is not None:
        cost = problem.sites.cost
        enough = problem.benefit(solved) >= limit.target * (1.0 - 1e-6)
        return solved if enough and cost[solved].sum() < cost[known].sum() else known
    return solved if problem.benefit(solved) > problem.benefit(known) else known


def _solved(
    problem: PlacementProblem, limit: Limit, kept: Ints, inside: Bools, sets: Levels, seconds: float
) -> OptimizeResult:
    n, s = len(kept), len(sets.gain)
    cost = problem.sites.cost[kept]
    gain = np.concatenate([sets.worth, sets.gain])
    rows = []
    if s:
        rows.append(LinearConstraint(sets.rows, -np.inf, 0.0))
    ones, money = np.concatenate([np.ones(n), np.zeros(s)]), np.concatenate([cost, np.zeros(s)])
    if limit.count is not None:
        rows.append(LinearConstraint(sparse.csr_matrix(ones), -np.inf, float(limit.count)))
    if limit.budget is not None:
        rows.append(LinearConstraint(sparse.csr_matrix(money), -np.inf, limit.budget))
    # Numbers near one: tolerances of solvers are absolute.
    scale = max(float(gain.sum()), 1e-300) / 1000.0
    if limit.target is not None:
        rows.append(LinearConstraint(sparse.csr_matrix(gain / scale), limit.target / scale, np.inf))
        objective, factor = money, 1.0
    else:
        objective, factor = -gain / scale, scale
    found = milp(
        objective,
        constraints=rows,
        integrality=np.concatenate([np.ones(n), np.zeros(s)]),
        bounds=Bounds(np.concatenate([inside.astype(float), np.zeros(s)]), 1.0),
        options={"time_limit": seconds, "mip_rel_gap": GAP / 10.0},
    )
    if found.mip_dual_bound is not None:
        found.mip_dual_bound *= factor
    return found


def _told(
    problem: PlacementProblem,
    limit: Limit,
    chosen: Ints,
    bound: float,
    begin: float,
    sets: Levels | None,
    dropped: int,
) -> Exact:
    benefit = problem.benefit(chosen)
    if limit.target is None:
        bound = max(bound, benefit)
        gap = (bound - benefit) / bound if bound > 0.0 else 0.0
    else:
        spent = float(problem.sites.cost[chosen].sum())
        bound = min(bound, spent)
        gap = (spent - bound) / spent if spent > 0.0 else 0.0
    return Exact(
        chosen=np.sort(chosen),
        benefit=benefit,
        bound=bound,
        gap=gap,
        proved=gap <= GAP,
        seconds=time.monotonic() - begin,
        variables=0 if sets is None else len(sets.worth) + len(sets.gain),
        steps=0 if sets is None else sets.steps,
        merged=0 if sets is None else sets.steps - len(sets.gain),
        dropped=dropped,
    )
