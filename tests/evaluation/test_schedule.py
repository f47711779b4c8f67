"""Calendars: what is installed serves from the next year on, is renewed when it is worn, and keeps what is left."""

import numpy as np
import pytest

from jumeau.evaluation.schedule import RampUp, Schedule, growth, path


def test_all_at_once():
    schedule = Schedule(5)
    np.testing.assert_array_equal(schedule.installed(), [0, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(schedule.effect(), [0, 1, 1, 1, 1, 1])
    np.testing.assert_array_equal(schedule.effect(delay=2), [0, 0, 0, 1, 1, 1])


def test_in_stages():
    schedule = Schedule(4, {0: 0.4, 2: 0.6})
    np.testing.assert_allclose(schedule.effect(), [0, 0.4, 0.4, 1.0, 1.0])
    first, renewed, left = schedule.purchases(np.array([10.0]))
    np.testing.assert_allclose(first, [0.4, 0, 0.6, 0, 0])
    assert not renewed.any()
    np.testing.assert_allclose(left, [0.4 * 0.6 + 0.6 * 0.8])


def test_renewals_and_what_is_left():
    schedule = Schedule(20)
    _first, renewed, left = schedule.purchases(np.array([10.0, 7.0, 25.0, 20.0, 15.0]))
    assert [list(np.flatnonzero(row)) for row in renewed] == [[10], [7, 14], [], [], [15]]
    np.testing.assert_allclose(left, [0.0, 1.0 - 6.0 / 7.0, 0.2, 0.0, 1.0 - 5.0 / 15.0])


def test_lives_that_are_no_whole_years():
    """Purchases fall on whole years, and over a long time there are as many as lives."""
    schedule = Schedule(60)
    for life in (2.5, 3.3, 7.7):
        _first, renewed, _left = schedule.purchases(np.array([life]))
        assert abs(1 + renewed.sum() - 60 / life) <= 1.0


def test_a_short_life_is_one_purchase_a_year():
    _first, renewed, left = Schedule(4).purchases(np.array([0.4]))
    np.testing.assert_array_equal(renewed, [[0, 1, 1, 1, 0]])
    np.testing.assert_array_equal(left, [0.0])


@pytest.mark.parametrize("life", [0.0, -3.0])
def test_no_life_at_all(life):
    with pytest.raises(ValueError, match="above zero"):
        Schedule(5).purchases(np.array([life]))


def test_ageing_and_ramp_up():
    schedule = Schedule(6, ageing=0.1)
    np.testing.assert_allclose(schedule.effect(), [0, 1, 0.9, 0.81, 0.729, 0.6561, 0.59049])
    ramp = RampUp(3.0, 1.0)
    assert ramp.share(0.0) == 0.0
    # A logistic curve brought to zero at its start: f(t) - f(0) over 1 - f(0).
    logistic = 1.0 / (1.0 + np.exp(-(np.array([1.0, 3.0, 8.0]) - 3.0)))
    start = 1.0 / (1.0 + np.exp(3.0))
    np.testing.assert_allclose(ramp.share([1.0, 3.0, 8.0]), (logistic - start) / (1 - start), rtol=1e-12)
    effect = Schedule(20, ramp_up=ramp).effect()
    assert effect[0] == 0.0
    assert (np.diff(effect) > 0).all()
    slower = Schedule(20, ramp_up=ramp).effect(scale=np.array([[1.0], [2.0]]))
    assert slower.shape == (2, 21)
    assert (slower[1, 1:] < slower[0, 1:]).all()


def test_growth_and_paths():
    np.testing.assert_allclose(growth(0.032, 2026, 3, 2025), 1.032 ** np.array([1, 2, 3]))
    np.testing.assert_allclose(path({2025: 10.0, 2030: 20.0}, 2024, 8), [10, 10, 12, 14, 16, 18, 20, 20])
