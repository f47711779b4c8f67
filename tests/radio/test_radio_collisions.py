"""Collisions: Aloha's closed form, SimPy beside it, capture by the isolation of spreading factors."""

import numpy as np
import pytest
import simpy

from jumeau.radio.airtime import message_airtime
from jumeau.radio.collisions import aloha, capacity, captured, isolation, offered_load

HOURLY = 1.0 / 3600.0


@pytest.mark.parametrize(
    ("devices", "channels", "spreading", "percent"),
    [(1000, 3, 7, 98.7), (1000, 3, 10, 92.0), (1000, 3, 12, 71.5), (1000, 8, 7, 99.5), (1000, 8, 10, 96.9),
     (1000, 8, 12, 88.2), (5000, 8, 7, 97.5), (5000, 8, 12, 53.0)],
)  # fmt: skip
def test_aloha_by_spreading_factor(devices, channels, spreading, percent):
    load = offered_load(devices, HOURLY, message_airtime(20, spreading), channels)
    assert float(aloha(load)) * 100.0 == pytest.approx(percent, abs=0.5 if devices == 5000 else 0.2)


def test_capacity_is_where_aloha_gives_the_share():
    time = float(message_airtime(20, 9))
    found = capacity(0.9, HOURLY, time, 8)
    assert float(aloha(offered_load(found, HOURLY, time, 8))) == pytest.approx(0.9)


def simulate(load, packets, generator):
    """Pure Aloha in SimPy: one channel, messages of length 1, Poisson arrivals; the share that meets no other."""
    env = simpy.Environment()
    state = {"on": 0, "clean": 0, "sent": 0}
    flying = set()

    def message(number):
        alone = not flying
        for other in flying:
            met[other] = True
        met[number] = not alone
        flying.add(number)
        yield env.timeout(1.0)
        flying.remove(number)
        state["clean"] += not met[number]
        state["sent"] += 1

    def arrivals():
        for number in range(packets):
            yield env.timeout(generator.exponential(1.0 / load))
            env.process(message(number))

    met = {}
    env.process(arrivals())
    env.run()
    return state["clean"] / state["sent"]


@pytest.mark.parametrize("load", [0.05, 0.3, 0.8])
def test_simpy_agrees_with_aloha(load):
    # Collisions come in clusters: the error is that of means over independent runs.
    shares = [simulate(load, 2000, np.random.default_rng(seed)) for seed in range(20)]
    error = np.std(shares, ddof=1) / np.sqrt(len(shares))
    assert abs(np.mean(shares) - float(aloha(load))) < 3.0 * error


def test_isolation_as_published():
    matrix = isolation()
    assert np.diag(matrix).tolist() == [6.0] * 6
    assert matrix[0].tolist() == [6, -16, -18, -19, -19, -20]
    assert matrix[3].tolist() == [-30, -30, -30, 6, -26, -28]
    off = matrix[~np.eye(6, dtype=bool)]
    assert (off < 0).all()


def test_capture_of_two_messages():
    def survive(powers, spreading, offset=0.0):
        return captured(np.array([0.0, offset]), np.ones(2), np.array(powers), np.array(spreading)).tolist()

    assert survive([-100.0, -106.1], [7, 7]) == [True, False]
    assert survive([-100.0, -105.9], [7, 7]) == [False, False]
    # Half of the other one's energy falls on the message: 3 dB more are allowed.
    assert survive([-100.0, -103.1], [7, 7], 0.5) == [True, False]
    assert survive([-100.0, -100.0], [7, 7], 1.0) == [True, True]
    # Other spreading factors: SF7 stands an SF8 that is 16 dB stronger, and not more.
    assert survive([-115.9, -100.0], [7, 8]) == [True, True]
    assert survive([-116.1, -100.0], [7, 8])[0] is False


def test_a_thousand_devices_with_capture_lose_far_less_than_pure_aloha_says():
    """Haxhibeqiri et al. 2017: up to 32 % lost where pure Aloha says about 90 %: an order of magnitude."""
    generator = np.random.default_rng(17)
    time, lasting = float(message_airtime(20, 12)), 2_000.0
    load = 1.15  # exp(-2.3) = 0.1
    count = generator.poisson(load / time * lasting)
    start = generator.uniform(0.0, lasting, count)
    spreading = generator.integers(7, 13, count)
    power = (
        -100.0 - 23.2 * np.log10(np.sqrt(generator.uniform(0.01, 1.0, count)) * 4.0) + generator.normal(0, 7.8, count)
    )
    durations = message_airtime(20, spreading)
    together = captured(start, np.full(count, time), power, np.full(count, 12)).mean()
    assert together > float(aloha(load)) * 2.0
    lost = 1.0 - captured(start, durations, power, spreading).mean()
    assert 0.02 < lost < 0.35
