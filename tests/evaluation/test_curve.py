"""The curve of a sweep against hand computations: knee, marginal value, regret, intervals, when it is decided."""

import numpy as np
import pytest
from scipy import stats

from jumeau.evaluation.curve import Curve
from jumeau.results.comparison import paired

VALUES = (10.0, 20.0, 40.0, 80.0)
COST = 100.0


def curve(gross, noise=None, **changes):
    """A curve whose devices bring `gross` in all, and cost `COST` each; `noise` by replication comes on every value."""
    devices = np.array(changes.pop("devices", VALUES))
    noise = np.zeros((1, 6)) if noise is None else np.asarray(noise)
    spec = {
        "values": list(VALUES),
        "names": [f"v{value:g}" for value in VALUES],
        "before": ["baseline"] * len(VALUES),
        "parameter": "count",
        "variant": "v",
        "measure": "a.b",
        "label": {"fr": "nombre", "en": "number"},
        "unit": "1",
        "judge": "collective_value",
        "tolerance": 0.05,
        "budget": None,
        "maximum": 60,
        "seed": 1,
        **changes,
    }
    bought = -COST * devices
    gains = (np.asarray(gross) + bought)[:, None] + noise
    return Curve(spec, "Collective value", "EUR", devices, "Device", devices * 50.0, gains, bought)


def test_knee_marginal_and_regret_by_hand():
    found = curve([3000.0, 5000.0, 8000.0, 9000.0])
    # Net: 2000, 3000, 4000, 1000; the last stretch brings 25 a device, which costs 100.
    assert found.knee == 2
    assert [row.marginal for row in found.rows] == [200.0, 100.0, 50.0, -75.0]
    assert [row.gross for row in found.rows] == [300.0, 200.0, 150.0, 25.0]
    assert [row.unit_cost for row in found.rows] == [COST] * 4
    assert [row.regret for row in found.rows] == [2000.0, 1000.0, 0.0, 3000.0]
    assert not found.open_end
    assert not found.worthless
    assert found.established == 2
    assert found.knees == (40.0, 40.0)
    assert found.decided
    assert found.stopped == "decided"


def test_a_curve_that_rises_to_its_end_says_so():
    found = curve([3000.0, 5000.0, 9000.0, 18000.0])
    assert found.knee == 3
    assert found.open_end


def test_where_nothing_is_worth_its_cost_nothing_is_the_choice():
    found = curve([500.0, 900.0, 1000.0, 1000.0])
    assert found.knee is None
    assert found.worthless
    assert found.established is None
    assert found.ending == ""
    # The best of all is to do nothing: every value falls short of zero.
    assert [row.regret for row in found.rows] == [500.0, 1100.0, 3000.0, 7000.0]


def test_noise_that_all_values_share_leaves_the_steps_exact():
    shared = np.array([[-900.0, 400.0, 700.0, -200.0, 100.0, -100.0]])
    found = curve([3000.0, 5000.0, 8000.0, 9000.0], shared)
    assert found.rows[1].gain_interval == pytest.approx((1000.0, 1000.0))
    assert found.rows[1].marginal_interval == pytest.approx((100.0, 100.0))
    # The level is known no better than its own replications allow.
    half = stats.t.ppf(0.975, 5) * shared.std(ddof=1) / np.sqrt(6)
    assert found.rows[2].interval == pytest.approx((4000.0 - half, 4000.0 + half))


def test_regret_is_against_the_best_of_each_replication():
    rng = np.random.default_rng(4)
    noise = rng.normal(0.0, 800.0, (4, 40))
    found = curve([3000.0, 5000.0, 8000.0, 9000.0], noise)
    best = np.maximum(found.gains.max(axis=0), 0.0)
    for place, row in enumerate(found.rows):
        expected = paired(np.zeros(40), best - found.gains[place])
        assert row.regret == pytest.approx(expected.difference)
        assert row.regret_interval == pytest.approx((max(expected.interval[0], 0.0), expected.interval[1]))
        assert row.regret > 0.0
    assert found.knees[0] <= VALUES[found.knee] <= found.knees[1]


def test_the_curve_is_undecided_until_its_steps_are_known():
    rng = np.random.default_rng(1)
    few = curve([3000.0, 4050.0, 8000.0, 9000.0], rng.normal(0.0, 900.0, (4, 6)))
    assert (10.0, 20.0) in [pair[:2] for pair in few.undecided]
    assert few.stopped == "maximum"
    assert few.wanted() > 6
    # As many as it asks for decide it, to the accuracy of such a forecast.
    many = curve([3000.0, 4050.0, 8000.0, 9000.0], rng.normal(0.0, 900.0, (4, 2 * few.wanted())))
    assert many.decided
    assert curve([3000.0, 4050.0, 8000.0, 9000.0], maximum=None).stopped == "given"


def test_no_further_gain_is_established_past_a_flat_stretch():
    rng = np.random.default_rng(2)
    found = curve([3000.0, 4000.0, 6000.0, 10000.0], rng.normal(0.0, 1.0, (4, 30)))
    # Net value stands still from the first value on: 2000 everywhere.
    assert found.established == 0


def test_the_budget_takes_the_best_value_that_it_pays_for():
    found = curve([3000.0, 5000.0, 8000.0, 9000.0], budget=1000.0)
    assert [row.affordable for row in found.rows] == [True, True, False, False]
    assert found.affordable == 1
    assert found.ending == "v20"


def test_values_that_install_the_same_have_no_next_device():
    found = curve([3000.0, 5000.0, 5000.0, 5000.0], devices=(10.0, 20.0, 20.0, 20.0))
    assert [row.marginal for row in found.rows] == [200.0, 100.0, None, None]
    assert found.knee == 1


def test_a_failed_run_is_left_out_of_every_value():
    noise = np.zeros((4, 6))
    noise[1, 3] = np.nan
    found = curve([3000.0, 5000.0, 8000.0, 9000.0], noise)
    assert found.finished.shape == (4, 5)
    assert found.knee == 2


def test_table_and_summary_say_the_same():
    found = curve([3000.0, 5000.0, 8000.0, 9000.0], np.random.default_rng(3).normal(0.0, 50.0, (4, 9)))
    table, document = found.to_frame(), found.summary()
    assert table.index.name == "count"
    for value, row in zip(VALUES, document["rows"], strict=True):
        assert row["value"] == value
        for name in ("worth", "low", "high", "marginal", "marginal_low", "regret", "gross"):
            assert row[name] == pytest.approx(table.loc[value, name])
    assert document["knee"] == 40.0
    assert document["decided"]
