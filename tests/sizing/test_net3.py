"""The published example of sensor placement on Net3: EPA and Sandia, Water Security Toolkit, `sp_ex1`."""

import numpy as np
import pytest

from jumeau.sizing.bounds import lagrangian_bound, online_bounds
from jumeau.sizing.curve import curve
from jumeau.sizing.exact import exact
from jumeau.sizing.impact_file import read_impact
from jumeau.sizing.lazy_greedy import lazy_greedy, ordered
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve

SENSORS = ["16", "21", "28", "38", "65"]


@pytest.fixture(scope="module")
def net3(data_folder):
    """236 events, 91 nodes."""
    return read_impact(data_folder / "water" / "Net3_ec.impact")


def test_published_optimum_and_statistics(net3):
    found = solve(net3, Limit(count=5))
    assert sorted(found.names, key=int) == SENSORS
    assert found.exact.proved
    told = found.statistics
    assert told.mean == pytest.approx(8655.8064, abs=5e-5)
    assert (told.minimum, told.lower_quartile, told.median) == (0.0, 0.0, 7110.0)
    assert (told.upper_quartile, told.value_at_risk, told.maximum) == (12444.0, 27269.0, 36740.0)
    assert told.tail_expectation == pytest.approx(29853.975, abs=5e-4)


def test_published_order(net3):
    order = ordered(net3, net3.rows(SENSORS))
    assert [str(name) for name in net3.sites.id[order.chosen]] == ["38", "65", "16", "28", "21"]
    published = [47126.3322, 23998.0814, 16138.4225, 11534.0903, 9821.7386, 8655.8064]
    assert net3.unseen_cost - order.value == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(
    ("count", "optimum", "greedy"),
    [(1, 20702.54, 20702.54), (2, 15425.68, 16712.36), (3, 11243.56, 12870.78), (5, 8655.81, 8822.19)],
)
def test_optimum_and_greedy(net3, count, optimum, greedy):
    limit = Limit(count=count)
    quick = lazy_greedy(net3, limit)
    assert net3.unseen_cost - quick.benefit == pytest.approx(greedy, abs=0.006)
    best = exact(net3, limit, quick.chosen)
    assert best.proved
    assert net3.unseen_cost - best.benefit == pytest.approx(optimum, abs=0.006)
    assert quick.benefit >= quick.guarantee * best.benefit
    bound, _prices = lagrangian_bound(net3, limit, quick.benefit)
    assert best.benefit <= bound * (1.0 + 1e-9)
    assert best.benefit <= online_bounds(net3, quick, np.array([count]))[0] * (1.0 + 1e-9)


def test_lazy_is_plain_greedy_with_fewer_gains(net3):
    chosen, evaluations = [], 0
    for _step in range(20):
        left = [site for site in range(len(net3.sites)) if site not in chosen]
        evaluations += len(left)
        chosen.append(max(left, key=lambda site: (net3.benefit(np.array([*chosen, site])), -site)))
    lazy = lazy_greedy(net3, Limit(count=20))
    assert lazy.chosen.tolist() == chosen
    assert lazy.evaluations < evaluations / 4


def test_least_money_for_a_target(net3):
    target = net3.unseen_cost - 8655.81
    found = solve(net3, Limit(target=target))
    assert sorted(found.names, key=int) == SENSORS
    assert found.exact.proved
    assert found.greedy.benefit >= target
    assert len(found.greedy.chosen) >= 5


def test_curve_rises_between_greedy_and_bound(net3):
    found = curve(net3, lazy_greedy(net3, Limit(count=8)), seconds=10.0)
    assert found.count.tolist() == list(range(1, 9))
    assert (found.greedy <= found.best * (1.0 + 1e-12)).all()
    assert (found.best <= found.bound * (1.0 + 1e-12)).all()
    assert found.proved.all()
    assert 2 <= found.knee <= 4
