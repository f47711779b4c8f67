"""What falls into containers: closed forms, and the same waste whatever trucks and sensors do."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.networks.waste.physics.deposits import Deposits, volumes
from jumeau.networks.waste.physics.knowledge import Knowledge
from jumeau.networks.waste.physics.week import day_weights, share_of_day, weekdays
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock

FLAT = {"weekend_ratio": 1.0, "holiday_ratio": 1.0, "summer_ratio": 1.0}


def square(side, step=500.0):
    return np.array([[x * step, y * step] for x in range(1, side + 1) for y in range(side)], dtype=float)


def deposits_of(layers, seed=1, **factors):
    bench = kit.bench(layers, factors=FLAT | factors)
    state = bench.prepare().state
    rows = np.arange(len(state.containers))
    found = Deposits(state.containers, bench.clock, bench.warmup, state.rates, Streams(seed, 0, "waste"), rows)
    return found, state


def test_deposits_have_the_mean_and_the_variance_of_a_triangular_law():
    # Closed form: mean (a + b + c) / 3, variance (a2 + b2 + c2 - ab - ac - bc) / 18.
    low, mode, high = 10.0, 30.0, 60.0
    mean = np.array([(low + mode + high) / 3.0])
    variance = (low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18.0
    generator = np.random.Generator(np.random.PCG64(1))
    count = np.full(20_000, 7)
    found = volumes(count, np.full(20_000, mean[0]), np.full(20_000, variance**0.5), generator)
    assert found.mean() == pytest.approx(7 * mean[0], rel=0.01)
    assert found.var() == pytest.approx(7 * variance, rel=0.05)


def test_volume_is_a_compound_poisson_process():
    layers = kit.collection(square(20), mass_rate=66.0, stream="residual")
    deposits, state = deposits_of(layers)
    owned = state.containers
    days = 28.0
    fallen = deposits.volume(days * DAY - 3600.0) - deposits.volume(0.0)  # summer time starts on the last day but one
    rate = float(owned.rate[0])
    assert fallen.mean() == pytest.approx(owned.inflow[0] * days, rel=0.02)
    # Variance of a compound Poisson process: rate x E[V2].
    expected = rate * days * (owned.deposit[0] ** 2 + owned.spread[0] ** 2)
    assert fallen.var() == pytest.approx(expected, rel=0.2)


def test_a_quarter_later_is_more_and_never_less():
    deposits, _state = deposits_of(kit.collection(square(5)))
    levels = np.stack([deposits.volume(time) for time in np.arange(0.0, 5 * DAY, DAY / 16)])
    assert (np.diff(levels, axis=0) >= 0.0).all()


def test_the_share_of_a_day_grows_from_zero_to_one():
    parts = np.linspace(0.0, 1.0, 97)
    found = [share_of_day(part, 0.9) for part in parts]
    assert found[0] == 0.0
    assert found[-1] == pytest.approx(1.0)
    assert np.all(np.diff(found) > 0.0)
    assert share_of_day(22 / 24, 0.9) - share_of_day(7 / 24, 0.9) == pytest.approx(0.9)


def test_weekends_and_summers_keep_the_mean_of_a_year():
    clock = Clock(date(2025, 1, 1), date(2025, 12, 31))
    found = day_weights(clock, 0, weekend=1.4, holiday=1.0, summer=0.8)
    assert found.mean() == pytest.approx(1.0, abs=0.01)
    assert found[4] / found[2] == pytest.approx(1.4)  # Sunday the 5th and Friday the 3rd of January, a Sunday at 1.4


def test_days_are_read_in_any_order_and_unknown_ones_refused():
    assert weekdays("fri, mon") == (0, 4)
    with pytest.raises(ValueError, match="lundredi"):
        weekdays("mon lundredi")


def test_the_same_waste_falls_whatever_is_done_about_it():
    layers = kit.collection(square(2), mass_rate=30.0)
    dynamic = kit.measured(layers, "dynamic_rounds").layers
    sensors = kit.measured(dynamic, "fill_sensors").layers
    bigger = kit.measured(layers, "resize_containers", volume="5000 l").layers
    found = [kit.figures(item) for item in (layers, dynamic, sensors, bigger)]
    assert len({item["waste_volume"] for item in found}) == 1
    # ... while what is done about it differs.
    assert len({item["distance"] for item in found}) > 1


def test_a_fee_takes_its_share_of_the_same_deposits():
    layers = kit.collection(square(4), mass_rate=30.0, stream="residual", kind="wheeled_bin", volume=240.0, count=20)
    fee = kit.measured(layers, "incentive_fee", residual="-0.3").layers
    before, after = (kit.figures(item) for item in (layers, fee))
    assert after["waste_volume"] == pytest.approx(0.7 * before["waste_volume"], rel=1e-9)


def test_another_network_or_order_of_asking_changes_nothing():
    layers = kit.collection(square(3))
    one, _state = deposits_of(layers)
    two, _other = deposits_of(layers)
    late = two.volume(20 * DAY)
    assert np.array_equal(one.volume(20 * DAY), late)
    assert not np.array_equal(deposits_of(layers, seed=2)[0].volume(20 * DAY), late)


def knowledge_of(layers, **factors):
    deposits, state = deposits_of(layers, **factors)
    return Knowledge(state.containers, deposits, state.rates, Streams(1, 0, "waste")), deposits, state


def test_perfect_sensors_read_the_truth():
    layers = kit.collection(square(5), mass_rate=20.0)
    layers = kit.measured(layers, "fill_sensors").layers
    known, _deposits, state = knowledge_of(
        layers, reading_noise=0.0, failing_share=0.0, reading_dropout=0.0, reading_interval=1.0
    )
    rows = np.arange(len(state.containers))
    time = 6 * DAY
    truth = np.minimum(known.level(time, rows), state.containers.capacity)
    assert known.estimate(time, rows).mean == pytest.approx(truth, abs=1e-6)


def test_a_failing_sensor_leaves_the_forecast():
    layers = kit.collection(square(5), mass_rate=20.0)
    blind, _deposits, state = knowledge_of(layers)
    broken, _deposits, _state = knowledge_of(kit.measured(layers, "fill_sensors").layers, failing_share=1.0)
    rows = np.arange(len(state.containers))
    assert np.array_equal(blind.estimate(6 * DAY, rows).mean, broken.estimate(6 * DAY, rows).mean)


def test_collections_teach_the_filling_rate():
    layers = kit.collection(square(6), mass_rate=60.0)
    known, _deposits, state = knowledge_of(layers, prior_error=0.5)
    rows = np.arange(len(state.containers))
    truth = state.containers.inflow
    first = np.abs(known.rate(rows, 0.0)[0] / truth - 1.0).mean()
    for week in range(1, 4):
        for row in rows:
            known.empty(week * 7 * DAY, int(row))
    assert np.abs(known.rate(rows, 22 * DAY)[0] / truth - 1.0).mean() < 0.7 * first


CERTAINTY = {
    "counter": {"counter": True},
    "forecast": {},
    "sensor": {"sensor": True},
}


@pytest.mark.parametrize("known_by", CERTAINTY)
def test_the_risk_of_overflow_is_a_probability_that_comes_true(known_by):
    """Reliability: of containers said to overflow with a probability, that share does, in each class of it."""
    rates = np.random.Generator(np.random.PCG64(2)).uniform(40.0, 180.0, 400)
    layers = kit.collection(square(20), mass_rate=rates, stream="residual", containers=CERTAINTY[known_by])
    known, deposits, state = knowledge_of(layers)
    rows = np.arange(len(state.containers))
    said, came = [], []
    for day in range(-21, 21):
        now, later = day * DAY + 7 * 3600.0, (day + 1) * DAY + 14 * 3600.0
        risk = known.risk(known.forecast(known.estimate(now, rows), rows, now, later), rows)
        over = deposits.volume(later, rows) - known.emptied > state.containers.capacity
        if day >= -7:
            said.append(risk)
            came.append(over)
        for row in rows[risk > 0.5]:
            known.empty(now + 3 * 3600.0, int(row))
    said, came = np.concatenate(said), np.concatenate(came)
    classes = np.digitize(said, [0.05, 0.2, 0.4, 0.6, 0.8, 0.95])
    assert (said > 0.05).sum() > 500
    for row in range(7):
        inside = classes == row
        error = 3.0 * np.sqrt(0.25 / max(inside.sum(), 1))
        assert came[inside].mean() == pytest.approx(said[inside].mean(), abs=0.03 + error), row


def test_rates_are_as_uncertain_as_they_are_said_to_be():
    layers = kit.collection(square(6), mass_rate=60.0, stream="residual")
    counted = kit.collection(square(6), mass_rate=60.0, stream="residual", containers={"counter": True})
    for one in (layers, counted):
        known, _deposits, state = knowledge_of(one)
        rows = np.arange(len(state.containers))
        for week in range(-2, 2):
            for row in rows:
                known.empty(week * 7 * DAY, int(row))
        mean, variance = known.rate(rows, 7 * DAY)
        assert (variance > 0.0).all()
        score = (mean - state.containers.inflow[rows]) / np.sqrt(variance)
        assert 0.4 < np.sqrt(np.mean(score**2)) < 1.8
        # After four weeks little is left of the 30 % of the start.
        assert np.abs(mean / state.containers.inflow[rows] - 1.0).mean() < 0.1


def test_overflow_of_a_container_nobody_empties_is_what_exceeds_it():
    layers = kit.collection(square(2), mass_rate=330.0, containers={"round_id": None})  # 1 m3 a day into 4 m3
    layers["waste_services"]["policy"] = "threshold"
    layers["waste_services"]["threshold"] = 1.0
    layers["waste_services"]["weekdays"] = "mon"
    layers["waste_trucks"]["streams"] = "paper"  # nobody comes
    found = kit.figures(layers, warmup=0.0, factors=FLAT)
    assert found["visits"] == 0.0
    assert found["overflow_events"] == 4.0
    held = 4 * 4.0
    assert found["overflow_volume"] <= found["waste_volume"]
    assert found["overflow_volume"] >= found["waste_volume"] - held
    assert found["service_level"] == pytest.approx(100 * (1 - found["overflow_volume"] / found["waste_volume"]))
