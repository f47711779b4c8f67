"""Paired comparison, against SciPy's own tests and closed forms."""

import json

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from jumeau.results.comparison import OUTSIDE_OF, compare, holm, paired, verdict


@pytest.fixture
def samples():
    rng = np.random.Generator(np.random.PCG64(5))
    world = rng.normal(100, 10, 40)
    return world + rng.normal(0, 1, 40), world - 3 + rng.normal(0, 1, 40)


def test_interval_and_p_are_those_of_scipy(samples):
    before, after = samples
    found = paired(before, after)
    reference = stats.ttest_rel(after, before)
    interval = reference.confidence_interval(0.95)
    assert found.interval == pytest.approx((interval.low, interval.high), rel=1e-12)
    assert found.p_value == pytest.approx(reference.pvalue, rel=1e-9)
    assert found.correlation == pytest.approx(stats.pearsonr(before, after)[0], rel=1e-12)


def test_variance_ratio_is_what_pairing_gained(samples):
    before, after = samples
    found = paired(before, after)
    assert found.variance_ratio == pytest.approx(
        (np.var(before, ddof=1) + np.var(after, ddof=1)) / np.var(after - before, ddof=1), rel=1e-12
    )
    assert found.variance_ratio > 20  # 2 x 101 / 2 in expectation


def test_coverage_of_the_interval():
    rng = np.random.Generator(np.random.PCG64(11))
    inside = 0
    for _ in range(2000):
        pair = paired(rng.normal(0, 1, 8), rng.normal(0.7, 2, 8))
        inside += pair.interval[0] <= 0.7 <= pair.interval[1]
    assert inside / 2000 == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 2000))


def test_without_chance_the_interval_is_the_value():
    before = np.full(5, 10.0)
    found = paired(before, before - 4.0)
    assert found.interval == (-4.0, -4.0)
    assert found.variance_ratio is None
    assert paired(before, before).interval == (0.0, 0.0)


def test_one_pair_has_no_interval_and_missing_pairs_are_left_out():
    assert paired(np.array([1.0]), np.array([2.0])).interval is None
    found = paired(np.array([1.0, np.nan, 3.0]), np.array([2.0, 5.0, 4.0]))
    assert found.difference == 1.0


@pytest.mark.parametrize(
    ("interval", "threshold", "word"),
    [
        ((-5.0, -1.0), 0.0, "drop established"),
        ((1.0, 5.0), 0.0, "rise established"),
        ((-1.0, 5.0), 0.0, "undecided"),
        ((-1.0, 2.0), 2.0, "negligible"),
        ((0.0, 0.0), 0.0, "negligible"),
        (None, 5.0, "undecided"),
    ],
)
def test_verdicts(interval, threshold, word):
    assert verdict(interval, threshold) == word


def test_holm_on_its_published_example():
    # Holm (1979) as worked in textbooks: 0.01, 0.04, 0.03, 0.005 -> 0.03, 0.06, 0.06, 0.02.
    assert holm([0.01, 0.04, 0.03, 0.005, None]) == pytest.approx([0.03, 0.06, 0.06, 0.02, None])


def test_means_are_of_the_pairs_that_are_compared():
    attrs = {
        "network": "n",
        "indicator": "i",
        "long_name": "I",
        "units": "h",
        "group": "g",
        "better": "lower",
        "key": 1,
    }
    values = xr.DataArray(
        [[10.0, np.nan, 4.0], [7.0, 5.0, 3.0]],
        dims=("scenario", "replication"),
        coords={"scenario": ["baseline", "after"]},
        attrs=attrs,
    )
    record = compare(xr.Dataset({"n_i": values}))[0]
    assert (record.baseline, record.variant_value, record.difference) == (7.0, 5.0, -2.0)


def test_range_over_assumptions_leaves_out_what_chance_does_in_their_replication():
    """A difference of -10, noise of 5 that draws share with their replication, assumptions that spread it by 0.5."""
    rng = np.random.Generator(np.random.PCG64(3))
    noise = rng.normal(0, 5, 12)
    spread = rng.normal(0, 0.5, 400)
    attrs = {"network": "n", "indicator": "i", "long_name": {}, "group": "g", "units": "h", "better": "", "key": 1}

    def table(after, dims):
        both = np.stack([np.full(after.shape, 50.0), 50.0 + after])
        coords = {"scenario": ["baseline", "smart"]}
        return xr.Dataset({"n:i": (("scenario", *dims), both, attrs)}, coords)

    central = table(-10.0 + noise, ("replication",))
    draws = table(-10.0 + noise[:1] + spread[:, None], ("draw", "replication"))
    (record,) = compare(central, draws)
    # P10 and P90 of the normal law, about the mean of all replications rather than beside it.
    assert record.range80 == pytest.approx(record.difference + 0.5 * stats.norm.ppf([0.1, 0.9]), abs=0.1)
    assert abs(noise[0] - noise.mean()) > 3.0


@pytest.mark.parametrize(
    ("interval", "threshold", "assumed", "word"),
    [
        ((-5.0, -1.0), 0.0, (-8.0, -0.5), "drop established"),
        ((-5.0, -1.0), 0.0, (-8.0, 2.0), "undecided"),
        ((1.0, 5.0), 0.0, (-1.0, 9.0), "undecided"),
        ((0.0, 0.0), 1.0, (-0.5, 0.5), "negligible"),
        ((0.0, 0.0), 1.0, (-9.0, 0.0), "undecided"),
        ((-1.0, 5.0), 0.0, (1.0, 2.0), "undecided"),
    ],
)
def test_established_means_whatever_assumptions_do(interval, threshold, assumed, word):
    assert verdict(interval, threshold, assumed) == word


@pytest.mark.parametrize(
    ("where", "verdicts"),
    [
        ([], ["drop established", "drop established"]),
        (["one"], ["no verdict", "drop established"]),
        (["baseline"], ["no verdict", "no verdict"]),
    ],
)
def test_what_lies_outside_its_model_is_compared_and_not_judged(where, verdicts):
    attrs = {
        "network": "n",
        "indicator": "i",
        "long_name": "I",
        "units": "h",
        "group": "g",
        "better": "lower",
        "key": 1,
    }
    values = np.array([[10.0, 11.0, 12.0], [7.0, 8.1, 9.0], [6.0, 7.1, 8.0]])
    coords = {"scenario": ["baseline", "one", "two"]}
    marked = attrs | ({OUTSIDE_OF: json.dumps(where)} if where else {})
    records = compare(xr.Dataset({"n_i": (("scenario", "replication"), values, marked)}, coords))
    assert [record.verdict for record in records] == verdicts
    assert records[0].difference == pytest.approx(-2.9667, abs=1e-4)
