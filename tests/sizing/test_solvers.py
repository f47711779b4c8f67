"""Solvers against every choice of small random problems, and closed forms."""

from itertools import combinations

import numpy as np
import pytest
from scipy import sparse

from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.sizing.bounds import bounds_of_prices, lagrangian_bound
from jumeau.sizing.cover import value_of
from jumeau.sizing.exact import exact
from jumeau.sizing.lazy_greedy import lazy_greedy
from jumeau.sizing.levels import levels
from jumeau.sizing.limits import Limit
from jumeau.sizing.reduction import dominated
from jumeau.sizing.robust import under_failures, under_rates
from jumeau.sizing.solve import solve
from jumeau.sizing.statistics import statistics

SEEDS = range(12)


def random_problem(seed, *, sites=9, events=14, failure=0.0):
    draw = np.random.Generator(np.random.PCG64(seed))
    saving = np.where(draw.random((events, sites)) < 0.4, draw.integers(1, 6, (events, sites)), 0)
    return PlacementProblem.of_savings(
        Sites.of(
            [f"s{row}" for row in range(sites)],
            draw.integers(1, 5, sites),
            compulsory=np.arange(sites) == (0 if seed % 3 == 0 else -1),
            forbidden=np.arange(sites) == (1 if seed % 4 == 0 else -1),
            failure=failure,
        ),
        Events.of([f"e{row}" for row in range(events)], draw.random(events), 6.0),
        sparse.csr_matrix(saving),
    )


def choices(problem):
    """Every allowed set of sites."""
    rows = np.arange(len(problem.sites))
    for size in range(len(rows) + 1):
        for chosen in combinations(rows.tolist(), size):
            mask = np.isin(rows, chosen)
            if not (mask & problem.sites.forbidden).any() and (mask >= problem.sites.compulsory).all():
                yield np.array(chosen, dtype=np.int64)


@pytest.mark.parametrize("seed", SEEDS)
def test_exact_is_the_best_of_all_choices(seed):
    problem = random_problem(seed)
    cost = problem.sites.cost
    for limit in (Limit(count=3), Limit(budget=7.0), Limit(count=3, budget=6.0)):
        allowed = [
            item
            for item in choices(problem)
            if (limit.count is None or len(item) <= limit.count)
            and (limit.budget is None or cost[item].sum() <= limit.budget)
        ]
        best = max(problem.benefit(item) for item in allowed)
        greedy = lazy_greedy(problem, limit)
        found = exact(problem, limit, greedy.chosen)
        assert found.proved
        assert found.benefit == pytest.approx(best)
        assert found.bound == pytest.approx(best, rel=2e-6)
        assert lagrangian_bound(problem, limit, greedy.benefit)[0] >= best - 1e-9
        assert greedy.benefit >= greedy.guarantee * best


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_of_one_number_bound_all(seed):
    problem = random_problem(seed)
    bound, prices = lagrangian_bound(problem, Limit(count=3), 0.0)
    counts = np.arange(1, 7)
    told = bounds_of_prices(problem, prices, counts)
    assert told[2] == pytest.approx(bound)
    for count, most in zip(counts, told, strict=True):
        assert all(problem.benefit(item) <= most + 1e-9 for item in choices(problem) if len(item) <= count)


@pytest.mark.parametrize("seed", SEEDS)
def test_least_cost_is_the_least_of_all_choices(seed):
    problem = random_problem(seed)
    allowed = list(choices(problem))
    target = 0.8 * max(problem.benefit(item) for item in allowed)
    least = min(problem.sites.cost[item].sum() for item in allowed if problem.benefit(item) >= target - 1e-9)
    greedy = lazy_greedy(problem, Limit(target=target))
    found = exact(problem, Limit(target=target), greedy.chosen)
    assert found.proved
    assert problem.sites.cost[found.chosen].sum() == pytest.approx(least)
    assert found.benefit >= target - 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_dominated_sites_are_not_needed(seed):
    problem = random_problem(seed)
    drop = dominated(problem)
    assert not (drop & problem.sites.compulsory).any()
    for item in choices(problem):
        if len(item) == 3 and drop[item].any():
            kept = [
                other
                for other in choices(problem)
                if len(other) <= 3
                and not drop[other].any()
                and problem.sites.cost[other].sum() <= problem.sites.cost[item].sum()
            ]
            assert max(problem.benefit(other) for other in kept) >= problem.benefit(item) - 1e-9


@pytest.mark.parametrize("seed", SEEDS)
def test_levels_give_the_benefit(seed):
    problem = random_problem(seed)
    found = levels(sparse.csr_matrix(problem.expected_savings))
    n = len(problem.sites)
    for item in list(choices(problem))[::17]:
        x = np.zeros(n)
        x[item] = 1.0
        z = np.zeros(len(found.gain))
        # Sets that come before are settled first: each holds the one before it.
        for _round in range(len(z)):
            z = np.minimum(1.0, -(found.rows @ np.concatenate([x, z]) - z))
        assert found.worth @ x + found.gain @ z == pytest.approx(problem.benefit(item))


@pytest.mark.parametrize("seed", SEEDS)
def test_failing_devices_are_the_mean_over_their_states(seed):
    draw = np.random.Generator(np.random.PCG64(seed + 100))
    problem = random_problem(seed, failure=draw.random(9) * 0.6)
    chosen = np.flatnonzero(~problem.sites.forbidden)[:5]
    mean = 0.0
    for state in range(32):
        works = np.array([bool(state >> bit & 1) for bit in range(5)])
        failing = problem.sites.failure[chosen]
        mean += np.prod(np.where(works, 1.0 - failing, failing)) * problem.benefit(chosen[works])
    assert value_of(problem, chosen, failing=True) == pytest.approx(mean)
    assert value_of(problem, chosen, failing=False) == pytest.approx(problem.benefit(chosen))
    told = under_failures(problem, Limit(count=4), lazy_greedy(problem, Limit(count=4)).chosen)
    assert told.expected <= told.nominal
    assert told.regret >= -1e-12


def test_redundancy_pays_where_devices_fail():
    """One event of 10 that two sites see, one of 4 of a third: failing half the time, the second eye is worth 2.5."""
    seen = sparse.csr_matrix([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    events = Events.of(["large", "small"], 1.0, [10.0, 4.0])
    sound = PlacementProblem.of_cover(Sites.of(["a", "b", "c"]), events, seen)
    assert set(solve(sound, Limit(count=2)).names) & {"c"}
    frail = PlacementProblem.of_cover(Sites.of(["a", "b", "c"], failure=0.5), events, seen)
    told = under_failures(frail, Limit(count=2), frail.rows(["a", "c"]))
    assert told.expected == pytest.approx(7.0)
    assert told.robust_expected == pytest.approx(7.5)
    assert told.robust.tolist() == [0, 1]


def test_value_of_information():
    """One site of two, each worth 3 or 1 with even chances: knowing which is worth 1."""
    problem = PlacementProblem.of_cover(Sites.of(["a", "b"]), Events.of(["e", "f"], 2.0), sparse.csr_matrix(np.eye(2)))
    told = under_rates(problem, Limit(count=1), problem.rows(["a"]), np.array([[3.0, 1.0], [1.0, 3.0]]))
    assert told.benefit.tolist() == [3.0, 1.0]
    assert told.regret.tolist() == [0.0, 2.0]
    assert told.information == pytest.approx(1.0)


def test_statistics_of_weighted_events():
    """An event of weight 3 counts as three events."""
    sites = Sites.of(["a"])
    once = PlacementProblem.of_costs(sites, Events.of(list("xyz"), [3, 1, 1], [1, 5, 9]), sparse.csr_matrix((3, 1)))
    five = PlacementProblem.of_costs(sites, Events.of(list("uvwyz"), 1, [1, 1, 1, 5, 9]), sparse.csr_matrix((5, 1)))
    nobody = np.zeros(0, dtype=np.int64)
    assert statistics(once, nobody, 0.4) == statistics(five, nobody, 0.4)


def test_an_instance_of_800_by_800_has_its_bound():
    """Sensors on a square, seen from near: what is chosen, and what no choice exceeds."""
    draw = np.random.Generator(np.random.PCG64(3))
    sites, events = draw.random((800, 2)), draw.random((800, 2))
    near = ((events[:, None] - sites[None]) ** 2).sum(axis=2) < 0.06**2
    problem = PlacementProblem.of_cover(
        Sites.of(np.arange(800).astype(str)), Events.of(np.arange(800).astype(str)), sparse.csr_matrix(near)
    )
    found = solve(problem, Limit(count=30), seconds=2.0, curve_seconds=0.0)
    assert found.greedy.benefit <= found.exact.benefit <= found.exact.bound
    assert found.exact.gap < 0.05
    assert (found.curve.bound >= found.curve.best).all()
