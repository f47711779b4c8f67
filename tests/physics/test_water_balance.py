"""Yardsticks of water services against their definitions and published components."""

import pytest

from jumeau.networks.water.physics.balance import (
    decree_threshold,
    performance_fee_volume,
    unavoidable_losses,
    water_balance,
)


def test_balance_adds_up():
    found = water_balance(100_000.0, 0.03, 500.0, 1000.0, 2000.0, 10_000.0)
    assert found.metered == pytest.approx(97_000.0)
    assert found.authorised == pytest.approx(100_000.0)
    assert found.apparent_losses == pytest.approx(3_500.0)
    assert found.input == pytest.approx(found.authorised + found.apparent_losses + found.real_losses)


def test_threshold_of_the_decree():
    # 65 + 0.2 ILC, at most 85; 70 where more than 2 Mm3 a year come from a scarce resource.
    assert decree_threshold(10.0, 85.0, 65.0) == pytest.approx(67.0)
    assert decree_threshold(10.0, 85.0, 70.0) == pytest.approx(72.0)
    assert decree_threshold(120.0, 85.0, 65.0) == 85.0


def test_unavoidable_losses_of_lambert():
    # 100 km, 5 000 connections, 10 km of private pipes, 50 m: 90 + 200 + 12.5 m3/day.
    assert unavoidable_losses(100.0, 5000.0, 10.0, 50.0) / 1000.0 == pytest.approx(302.5)


@pytest.mark.parametrize(
    ("yield_", "coefficient"), [(60.0, 0.0), (65.0, 0.0), (75.0, 0.275), (85.0, 0.55), (95.0, 0.55)]
)
def test_performance_takes_at_most_55_percent_off_the_fee(yield_, coefficient):
    assert performance_fee_volume(1000.0, yield_) == pytest.approx(1000.0 * (1.0 - coefficient))
