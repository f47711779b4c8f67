"""Airtime against ns-3's own test values, silence of a duty cycle, lives of batteries."""

import numpy as np
import pytest

from jumeau.radio.airtime import airtime, message_airtime, most_messages, silence
from jumeau.radio.battery import battery_life, daily_charge

#: signetlabdei/lorawan, test/lorawan-test-suite.cc: settings add up from row to row. Our notes have 0.140280 for the
#: eighth; half of the seventh, at twice the bandwidth, is 0.140288.
NS3 = [
    ({"payload": 10, "spreading": 7, "bandwidth": 125e3, "coding": 1, "header": True, "check": True, "preamble": 8,
      "slow": False}, 0.041216),
    ({"spreading": 8}, 0.072192),
    ({"header": False}, 0.072192),
    ({"coding": 2}, 0.078336),
    ({"preamble": 10}, 0.082432),
    ({"slow": True}, 0.082432),
    ({"spreading": 10}, 0.280576),
    ({"bandwidth": 250e3}, 0.140288),
    ({"bandwidth": 500e3}, 0.070144),
    ({"header": True}, 0.082432),
    ({"preamble": 8}, 0.078336),
    ({"spreading": 12}, 0.264192),
    ({"payload": 50}, 0.657408),
    ({"bandwidth": 125e3}, 2.629632),
    ({"coding": 1}, 2.301952),
]  # fmt: skip


def test_ns3_airtimes_to_the_microsecond():
    settings = {}
    for change, expected in NS3:
        settings |= change
        given = dict(settings)
        found = airtime(given.pop("payload"), given.pop("spreading"), **given)
        assert float(found) == pytest.approx(expected, abs=5e-7), settings


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (12, [61.7, 113.2, 205.8, 411.6, 823.3, 1482.8]),
        (20, [71.9, 133.6, 246.8, 452.6, 987.1, 1810.4]),
        (51, [118.0, 215.6, 390.1, 698.4, 1560.6, 2793.5]),
    ],
)
def test_airtimes_of_lorawan_messages(payload, expected):
    assert (message_airtime(payload, np.arange(7, 13)) * 1000.0).round(1) == pytest.approx(expected, abs=0.051)


def test_silence_of_one_percent_is_99_times_the_message():
    time = message_airtime(20, np.arange(7, 13))
    assert silence(time, 0.01) == pytest.approx(99.0 * time)
    assert silence(time, 0.01).round(1) == pytest.approx([7.1, 13.2, 24.4, 44.8, 97.7, 179.2], abs=0.051)
    # A device that sends and is silent in turn sends as many messages as the rule allows.
    assert most_messages(time, 0.01) == pytest.approx(86_400.0 / (time + silence(time, 0.01)))


@pytest.mark.parametrize(
    ("spreading", "messages", "years", "half"),
    [(7, 24, 22, 0.5), (7, 96, 16, 0.5), (9, 24, 19, 0.5), (9, 96, 11, 0.5), (10, 24, 17, 0.5), (10, 96, 8.4, 0.05),
     (12, 24, 9.0, 0.05), (12, 96, 3.1, 0.05)],
)  # fmt: skip
def test_battery_table(spreading, messages, years, half):
    assert float(battery_life(messages, spreading, capped=False)) == pytest.approx(years, abs=half)


def test_battery_is_capped_and_silent_devices_live_on_sleep_alone():
    assert float(battery_life(24, 7, capped=True)) == 15.0
    assert float(daily_charge(0, 1.0)) == pytest.approx(24 * 0.005)
    lives = battery_life([1, 10, 100, 1000], 10, capped=False)
    assert (np.diff(lives) < 0).all()
