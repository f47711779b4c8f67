"""Lives of lamps, against analytic laws and published failure counts."""

import numpy as np
import pytest
from scipy import stats

from jumeau.networks.lighting import NETWORK
from jumeau.networks.lighting.physics.failures import (
    age_at_hazard,
    cumulated_hazard,
    hours_to_failure,
    starting_age,
    unit_exponential,
)

SIZE = 20_000


def draws(seed):
    return unit_exponential(np.random.default_rng(seed).random(SIZE))


def full(value):
    return np.full(SIZE, value)


@pytest.mark.parametrize(("shape", "scale"), [(1.0, 820_000.0), (2.82, 27_330.0), (0.7, 1000.0)])
def test_inversion_of_a_new_lamp_is_the_weibull_law(shape, scale):
    lives = hours_to_failure(draws(1), full(0.0), full(shape), full(scale), full(np.inf))
    assert stats.kstest(lives, stats.weibull_min(shape, scale=scale).cdf).pvalue > 0.01


def test_inversion_of_an_aged_lamp_is_the_conditional_law():
    shape, scale, age = 2.82, 27_330.0, 15_000.0
    left = hours_to_failure(draws(2), full(age), full(shape), full(scale), full(np.inf))
    law = stats.weibull_min(shape, scale=scale)

    def conditional(x):
        return 1 - law.sf(age + x) / law.sf(age)

    assert stats.kstest(left, conditional).pvalue > 0.01


def test_an_exponential_life_forgets_its_age():
    young, old = (
        hours_to_failure(draws(3), full(age), full(1.0), full(5000.0), full(np.inf)) for age in (0.0, 40_000.0)
    )
    assert young == pytest.approx(old, rel=1e-6)


def test_planned_changes_start_the_law_again():
    # With changes every c hours a position survives k whole cycles with probability exp(-k (c / scale) ** shape).
    shape, scale, cycle = 2.82, 27_330.0, 16_800.0
    lives = hours_to_failure(draws(4), full(0.0), full(shape), full(scale), full(cycle))
    for k in (1, 2, 3):
        expected = np.exp(-k * (cycle / scale) ** shape)
        error = np.sqrt(expected * (1 - expected) / SIZE)
        assert abs((lives > k * cycle).mean() - expected) < 4 * error


def test_hazard_and_its_inverse():
    age = np.linspace(0.0, 90_000.0, SIZE)
    for renewal in (np.inf, 16_800.0):
        hazard = cumulated_hazard(age, full(2.5), full(24_000.0), full(renewal))
        assert np.all(np.diff(hazard) >= -1e-12)
        assert age_at_hazard(hazard, full(2.5), full(24_000.0), full(renewal)) == pytest.approx(age, abs=1e-4)


def test_shipped_laws_meet_the_published_counts():
    factors = NETWORK.factors
    hps = stats.weibull_min(factors.value("failure_shape_hps"), scale=factors.value("failure_scale_hps"))
    assert hps.cdf(3 * 4100) == pytest.approx(0.10, abs=0.005)  # Los Angeles: 10 % in 36 months
    assert hps.cdf(24_000) == pytest.approx(0.50, abs=0.01)  # rated life: half of the lamps
    led = factors["failure_scale_led"]
    yearly = [1 - np.exp(-4100 / scale) for scale in (led.high, led.value, led.low)]
    assert yearly == pytest.approx([0.001, 0.005, 0.010], rel=0.02)


def test_starting_age():
    years = np.array([1.0, 10.0, np.nan, np.nan, 10.0])
    renewal = np.array([16_800.0, 16_800.0, 16_800.0, np.inf, np.inf])
    ages = starting_age(years, np.full(5, 4100.0), renewal, np.full(5, 0.25))
    assert ages == pytest.approx([4100.0, 4200.0, 4200.0, 0.0, 41_000.0])
