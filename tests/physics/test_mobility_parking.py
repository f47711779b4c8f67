"""The search for a space, driver by driver."""

from dataclasses import replace

import numpy as np
import pytest
from mobility_kit import VALUES, park, square

from jumeau.networks.mobility.physics.parking_demand import accumulation


def mean_search(day):
    return day.searches.sum() / max(day.arrived.sum(), 1.0)


def test_nobody_searches_while_there_is_room():
    blocks, values = square(load=0.45)
    day = park(blocks, values)
    assert day.arrived.sum() > 1500
    assert mean_search(day) < 0.5
    # In the mean 30 % of the spaces are free, and hardly a block of ten is ever full.
    blocks, values = square(load=0.7, spaces=20)
    assert mean_search(park(blocks, values)) < 1.5


def test_search_diverges_near_full():
    found = {load: mean_search(park(*square(load=load))) for load in (0.7, 0.8, 0.9, 0.95, 0.98)}
    order = list(found.values())
    assert order == sorted(order)
    assert found[0.98] > 3 * found[0.9] > 6 * found[0.7]


def test_search_of_a_grid_is_that_of_the_research_model():
    """20x20 blocks of 10 spaces, 1 h, 20 s a block, random walk: 6.9, 16.6, 41.6 s at 80, 90, 95 % (one seed).

    Its 20,000 drivers are the first five hours, from an empty town. The models differ in how the next block is chosen:
    the same order is asked for.
    """
    for load, seconds in ((0.8, 6.9), (0.9, 16.6), (0.95, 41.6)):
        blocks, values = square(size=20, load=load, step=20.0 / 3600.0 * 15_000.0 / 1.3, hours=5)
        days = [park(blocks, values, seed=seed) for seed in (1, 2)]
        found = sum(day.searches[:, :5].sum() for day in days) / sum(day.arrived[:, :5].sum() for day in days)
        assert 0.6 * seconds < found < 2.0 * seconds


def guided(blocks, share):
    return replace(blocks, sensor=np.ones(len(blocks), dtype=bool), guided=np.full(len(blocks), share))


def test_guidance_that_nobody_follows_changes_nothing():
    blocks, values = square(load=0.95)
    plain, equipped = park(blocks, values), park(guided(blocks, 0.0), values)
    for name in ("searches", "arrived", "passes", "parked", "occupied"):
        assert np.array_equal(getattr(plain, name), getattr(equipped, name)), name
    assert (plain.cruised, plain.receipts, plain.walked) == (equipped.cruised, equipped.receipts, equipped.walked)


def test_guidance_serves_those_who_follow_it():
    """Few followers gain most of what guidance for all brings, and nothing of it reaches the others."""
    blocks, values = square(size=12, load=0.9)
    plain, some, every = (park(guided(blocks, share), values) for share in (0.0, 0.2, 1.0))

    def mean(kept):
        return kept[0] / kept[1]

    assert mean(some.guided) < 0.7 * mean(plain.unguided)
    assert mean(some.unguided) == pytest.approx(mean(plain.unguided), rel=0.15)
    assert mean(some.unguided) > 1.5 * mean(some.guided)
    assert mean(every.guided) < 0.7 * mean(plain.unguided)


def test_sensors_that_err_guide_worse():
    blocks, values = square(size=12, load=0.96)
    sure, blind = (park(guided(blocks, 1.0), values | {"sensor_error": error}) for error in (0.0, 0.4))
    assert mean_search(blind) > mean_search(sure)


def test_spaces_are_kept_and_occupancy_is_that_of_the_arrivals():
    """Little's law: spaces taken = arrivals times time parked, once the first hour has filled the town."""
    blocks, values = square(load=0.6, hours=24)
    day = park(blocks, values)
    assert (day.free == blocks.spaces).all()  # all have left
    room = blocks.spaces.sum() * 10 * 3600.0
    assert day.busy.sum() / room == pytest.approx(0.6, rel=0.03)


def test_patience_ends():
    blocks, values = square(load=1.4)
    day = park(blocks, values | {"give_up": 10.0})
    assert day.turned_away > 0.1 * day.arrived.sum()
    assert day.parked.sum() + day.turned_away == day.arrived.sum()
    assert mean_search(day) <= 11 * 60.0


def test_a_car_park_takes_those_who_give_up():
    blocks, values = square(load=1.2)
    park_ = np.zeros(len(blocks), dtype=bool)
    park_[27] = True
    spaces = np.where(park_, 500, blocks.spaces)
    others = tuple(np.array([row for row in near if row != 27]) for near in blocks.near)
    more = replace(blocks, car_park=park_, spaces=spaces, near=others)
    day = park(more, values | {"give_up": 5.0})
    assert day.parked[27] > 100
    assert day.turned_away < park(blocks, values | {"give_up": 5.0}).turned_away


def test_receipts_are_the_time_due_times_the_price():
    blocks, values = square(load=0.5)
    every = replace(
        blocks, payment=np.ones(len(blocks)), paid_from=np.zeros(len(blocks)), paid_to=np.full(len(blocks), 24.0)
    )
    day = park(every, values)
    assert day.receipts == pytest.approx(day.occupied.sum() / 3600.0, rel=1e-9)
    assert day.fines == 0.0
    free = park(every, values, charged=False)
    assert free.receipts == free.fines == 0.0
    none = park(replace(every, payment=np.zeros(len(blocks))), values)
    assert none.receipts == 0.0
    expected = none.arrived.sum() * VALUES["control_share"] * VALUES["fine"]
    assert none.fines == pytest.approx(expected, rel=0.15)


def test_accumulation_is_the_convolution_of_arrivals_and_dwell():
    arriving = np.zeros((2, 1, 24))
    arriving[1, 0, 10] = 100.0
    found = accumulation(arriving, VALUES | {"dwell_other": 2.0, "dwell_spread": 1e-6})
    # All come in one hour and stay for two: those of the hour, those of the next, then nobody.
    assert found[0, 10:14] == pytest.approx([100.0, 100.0, 0.0, 0.0])
