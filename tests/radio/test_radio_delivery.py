"""What becomes of messages: a lost alarm costs a period, a device out of reach waits for a gateway or for ever."""

import numpy as np
import pytest
import simpy

from jumeau.simulation.board import Board
from jumeau.simulation.delivery import SERVICE, Delivery

DAY = 86_400.0


def delivery(reach, success, times=(-np.inf,), period=3600.0):
    reach = np.atleast_2d(np.asarray(reach, dtype=float))
    return Delivery(
        np.array([f"a{row}" for row in range(reach.shape[1])], dtype=object),
        np.stack([np.arange(reach.shape[1]) * 100.0, np.zeros(reach.shape[1])], axis=1),
        period,
        np.asarray(times, dtype=float),
        reach,
        np.atleast_2d(np.asarray(success, dtype=float)),
    )


@pytest.mark.parametrize("share", [0.3, 0.75, 0.95])
def test_the_mean_time_to_arrival_is_a_period_over_the_share(share):
    count = 200_000
    channel = delivery([1.0], [share]).of(np.array(["a0"], dtype=object))
    message = np.random.default_rng(4).random(count)
    rows = np.zeros(count, dtype=np.int64)
    waits = channel.wait(rows, np.zeros(count), np.full(count, 0.5), message)
    # The period in which the alarm is due, then those that are lost.
    total = 3600.0 + waits
    error = total.std() / np.sqrt(count)
    assert abs(total.mean() - 3600.0 / share) < 3.0 * error
    assert set(np.unique(waits % 3600.0)) == {0.0}


def test_places_out_of_reach_are_never_heard_and_perfect_ones_lose_nothing():
    channel = delivery([0.6, 1.0, 0.0], [0.9, 1.0, 0.9]).of(np.array(["a0", "a1", "a2", "other"], dtype=object))
    rows, zero = np.array([0, 0, 1, 2, 3]), np.zeros(5)
    waits = channel.wait(rows, zero, np.array([0.61, 0.59, 0.999, 0.0, 0.999]), np.full(5, 0.5))
    assert waits.tolist() == [np.inf, 0.0, 0.0, np.inf, 0.0]
    assert channel.share(0.0, np.array([0.61, 0.2, 0.2, 0.999])).tolist() == [0.0, 1.0, 0.0, 1.0]


def test_an_outage_makes_alarms_wait_for_its_end():
    times = (-np.inf, 10 * DAY, 20 * DAY)
    channel = delivery([[1.0], [0.0], [1.0]], [[1.0], [0.0], [1.0]], times).of(np.array(["a0"], dtype=object))
    rows, half = np.zeros(4, dtype=np.int64), np.full(4, 0.5)
    sent = np.array([9.0, 10.0, 15.0, 20.0]) * DAY
    assert channel.wait(rows, sent, half, half).tolist() == [0.0, 10 * DAY, 5 * DAY, 0.0]
    over = delivery([[1.0], [0.0]], [[1.0], [0.0]], times[:2]).of(np.array(["a0"], dtype=object))
    assert over.wait(rows, sent, half, half).tolist() == [0.0, np.inf, np.inf, np.inf]


def test_the_board_tells_the_service():
    env = simpy.Environment()
    board = Board(env)
    made = delivery([[1.0, 0.5], [0.0, 0.0]], np.full((2, 2), 0.8), (-np.inf, 5.0))
    made.of(made.assets).announce(board, "water.acoustic_logger")
    heard = []
    board.listen(SERVICE, lambda time, key, value: heard.append((time, key, value)))
    env.run(until=10.0)
    assert board.read(SERVICE, "water.acoustic_logger") == 0.0
    assert heard[-1] == (5.0, "water.acoustic_logger", 0.0)
    assert heard[0][2] == pytest.approx(0.6)


def test_the_nearest_device_stands_for_a_place_and_digests_tell_them_apart():
    made = delivery([0.2, 0.9], [1.0, 1.0])
    channel = made.nearest(np.array([[10.0, 0.0], [90.0, 5.0]]))
    assert channel.reach[0].tolist() == [0.2, 0.9]
    none = delivery(np.zeros((1, 0)), np.zeros((1, 0)))
    assert none.nearest(np.array([[10.0, 0.0]])).reach[0].tolist() == [1.0]
    assert made.digest() != delivery([0.2, 0.8], [1.0, 1.0]).digest()
    assert made.digest() == delivery([0.2, 0.9], [1.0, 1.0]).digest()
