"""Discounting against published values, numpy-financial's own, NumPy's, and closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumeau.evaluation.finance import (
    NEVER,
    annual_equivalent,
    annuity,
    internal_rate,
    modified_rate,
    payback,
    present_value,
    sign_changes,
)


def case_a(*, late=0):
    """In thousands: 100 spent, 12 a year from the next year on, 15 again in year 10."""
    flows = np.zeros(21)
    flows[0], flows[10] = -100.0, -15.0
    flows[1 + late :] += 12.0
    return flows


def test_values_that_numpy_financial_documents():
    assert present_value([-100, 39, 59, 55, 20], 0.281) == pytest.approx(-0.0084785916384548798, abs=1e-9)
    assert internal_rate([-100, 39, 59, 55, 20]) == pytest.approx(0.2809484211599611, abs=1e-9)
    found = internal_rate([-250000, 100000, 150000, 200000, 250000, 300000])
    assert found == pytest.approx(0.5672303344358536, abs=1e-9)


def test_case_a():
    flows = case_a()
    assert present_value(flows, 0.032) == pytest.approx(64.325771, abs=5e-7)
    assert internal_rate(flows) == pytest.approx(0.09455533, abs=5e-9)
    assert payback(flows) == pytest.approx(8.0 + 4.0 / 12.0, abs=1e-12)
    assert payback(flows, 0.032) == pytest.approx(11.138, abs=5e-4)
    assert annual_equivalent(64.325771172, 0.032, 20) == pytest.approx(4.404046, abs=5e-7)


@pytest.mark.parametrize(("late", "worth"), [(0, 64.325771), (1, 52.6979), (2, 41.4305), (3, 30.5125)])
def test_case_a_late(late, worth):
    assert present_value(case_a(late=late), 0.032) == pytest.approx(worth, abs=5e-5)


def test_payback_has_to_last_to_the_horizon():
    """A renewal that brings the sum below zero again puts the payback off, or makes it never."""
    assert payback([-10, 6, 6, -5, 4]) == pytest.approx(3.75)
    assert payback([-10, 6, 6, -5, 1]) == NEVER
    assert payback([5, 1, 1]) == 0.0
    assert payback(np.zeros(21)) == 0.0
    assert payback([-10, 2, 2]) == NEVER


def test_no_rate_without_a_change_of_sign():
    assert np.isnan(internal_rate([-100, -1, -2]))
    assert np.isnan(internal_rate([1, 2, 3]))
    assert np.isnan(internal_rate(np.zeros(5)))


def test_several_rates_are_told_and_the_nearest_to_zero_is_given():
    flows = np.array([-1000.0, 3000.0, -2200.0, 100.0])
    roots = np.roots(flows[::-1])
    rates = np.sort(1.0 / roots[np.isreal(roots)].real - 1.0)
    assert sign_changes(flows) == 3
    assert internal_rate(flows) == pytest.approx(rates[np.abs(rates).argmin()], abs=1e-9)
    # Years without a flow are no change of sign.
    assert sign_changes([-1.0, 0.0, 0.0, 1.0]) == 1


def test_the_modified_rate_is_that_of_its_definition():
    flows, rate = np.array([-1000.0, 300.0, 400.0, 500.0]), 0.05
    final = 300 * 1.05**2 + 400 * 1.05 + 500
    assert modified_rate(flows, rate) == pytest.approx((final / 1000.0) ** (1 / 3) - 1.0, rel=1e-12)
    assert np.isnan(modified_rate([1.0, 2.0], rate))


def test_a_loan_is_repaid_by_its_payments():
    payment = annuity(1000.0, 0.04, 15)
    assert present_value(np.concatenate([[0.0], np.full(15, payment)]), 0.04) == pytest.approx(1000.0, rel=1e-12)
    assert annuity(1000.0, 0.0, 10) == pytest.approx(100.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3)), min_size=3, max_size=30),
    st.floats(0.0, 0.2),
)
def test_a_rate_brings_the_value_to_zero(flows, rate):
    """Whatever the flows: at the internal rate they are worth nothing, and value is NumPy's polynomial."""
    flows = np.array(flows)
    discount = 1.0 / (1.0 + rate)
    assert present_value(flows, rate) == pytest.approx(np.polyval(flows[::-1], discount), rel=1e-9, abs=1e-6)
    found = internal_rate(flows)
    if np.isfinite(found):
        scale = float(np.abs(flows * (1.0 + found) ** -np.arange(len(flows))).sum())
        assert abs(present_value(flows, found)) <= 1e-7 * max(scale, 1e-9)


def test_many_samples_at_once_are_those_one_by_one():
    rng = np.random.Generator(np.random.PCG64(3))
    flows = np.hstack([-rng.uniform(50, 200, (200, 1)), rng.uniform(-5, 25, (200, 20))])
    rates = rng.uniform(0.01, 0.06, 200)
    for function in (present_value, payback, modified_rate):
        alone = [float(function(row, rate)) for row, rate in zip(flows, rates, strict=True)]
        np.testing.assert_allclose(function(flows, rates), alone, rtol=1e-12)
    np.testing.assert_allclose(internal_rate(flows), [float(internal_rate(row)) for row in flows], rtol=1e-9)
