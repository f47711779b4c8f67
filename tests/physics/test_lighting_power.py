"""Power curves, cumulated hours and the figures of EN 13201-5, against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumeau.networks.lighting.physics.power import (
    Cumulated,
    Curve,
    constant_output_share,
    energy_density,
    power_density,
    subscribed,
)


def test_curves_at_their_known_points():
    levels = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    assert Curve("affine", offset=0.04)(levels) == pytest.approx([0.0, 0.28, 0.52, 0.76, 1.0])
    assert Curve("bipower", level=0.5, power=0.62)(levels) == pytest.approx([0.0, 0.62, 0.62, 0.81, 1.0])
    assert Curve("switched")(levels) == pytest.approx([0.0, 1.0, 1.0, 1.0, 1.0])


def test_any_interval_is_the_direct_sum():
    generator = np.random.default_rng(1)
    rate = generator.random(200) * (generator.random(200) > 0.4)
    hours = Cumulated.of(-3000.0, 600.0, rate)
    fine = np.repeat(rate, 60)  # ten-second pieces
    middles = -3000.0 + 5.0 + 10.0 * np.arange(len(fine))
    for start, end in ((-3000.0, 117000.0), (0.0, 50000.0), (1230.0, 1240.0), (-990.0, 30010.0)):
        direct = fine[(middles > start) & (middles < end)].sum() * 10 / 3600
        assert float(hours.between(start, end)) == pytest.approx(direct, rel=1e-12)


@given(st.floats(0.0, 30.0))
def test_when_is_the_first_instant_that_reaches_an_amount(amount):
    rate = np.tile([0.0, 0.0, 1.0, 0.25, 0.0], 20)
    hours = Cumulated.of(0.0, 3600.0, rate)
    time = float(hours.when(amount))
    if amount > 25.0:
        assert time == np.inf
    else:
        assert float(hours.at(time)) == pytest.approx(amount, abs=1e-9)
        assert time == 0.0 or float(hours.at(time - 1e-3)) < amount + 1e-9


def test_when_waits_for_the_next_night():
    hours = Cumulated.of(0.0, 3600.0, np.array([1.0, 0.0, 0.0, 1.0]))
    assert float(hours.when(1.0)) == pytest.approx(3600.0)
    assert float(hours.when(1.5)) == pytest.approx(3.5 * 3600)


def test_constant_output_saves_a_tenth_over_the_life_of_an_l80_luminaire():
    # indolighting: about 10 % of lifetime energy for L80 at 100 000 h.
    age = np.linspace(0.0, 100_000.0, 100_001)
    followed = 0.8 + 0.2 * age / 100_000.0
    shares = constant_output_share(np.array([0.0, 50_000.0, 100_000.0, 150_000.0]), 100_000.0, 0.8)
    assert shares == pytest.approx([0.9, 0.95, 1.0, 1.0])
    assert shares[0] == pytest.approx(followed.mean(), rel=1e-6)
    assert shares[1] == pytest.approx(followed[50_000:].mean(), rel=1e-6)


def test_subscribed_power_goes_up_by_steps():
    assert subscribed(np.array([0.0, 1000.0, 8999.0, 9001.0]), 0.9, 0.0, 1.0) == pytest.approx([0, 2, 10, 11])
    assert subscribed(np.array([9000.0]), 0.9, 0.1, 3.0) == pytest.approx([12.0])


def test_indicators_of_the_norm_by_hand():
    # Two sub-areas: 500 m2 at 10 lx and 250 m2 at 8 lx lit by 140 W: 140 / 7 000 W/lx/m2; 4 000 h a year.
    assert power_density(np.array([100.0, 40.0]), np.array([10.0, 8.0]), np.array([500.0, 250.0])) == pytest.approx(
        0.02
    )
    assert energy_density(0.140 * 4000, 750.0, 1.0) == pytest.approx(746.6667)
    assert energy_density(0.140 * 2000, 750.0, 0.5) == pytest.approx(746.6667)
    assert energy_density(10.0, 0.0, 1.0) == power_density(np.zeros(0), np.zeros(0), np.zeros(0)) == 0.0
