"""Night profiles and motion detection, against clocks, closed forms and an event simulation."""

import numpy as np
import pytest
import simpy
from pydantic import ValidationError

from jumeau.errors import InputError
from jumeau.networks.lighting.formats.windows import Window, join, read_profile
from jumeau.networks.lighting.parameters import Assumptions, Dimming, LedRetrofit, MotionDetection, SwitchOff
from jumeau.networks.lighting.physics.power import Curve
from jumeau.networks.lighting.physics.profiles import (
    Motion,
    day_table,
    inside,
    minute_levels,
    occupied_share,
    slots,
)
from jumeau.units import QuantityError

LED = Curve("affine", offset=0.04)


@pytest.mark.parametrize(
    ("start", "end", "minutes"), [(22.0, 6.0, 480), (1.0, 5.0, 240), (0.0, 24.0, 1440), (5.0, 5.0, 1440)]
)
def test_length_of_windows(start, end, minutes):
    assert inside(start, end).sum() == minutes


def test_the_lowest_of_overlapping_windows_wins():
    levels = minute_levels([Window(22.0, 6.0, 0.5), Window(1.0, 5.0, 0.0)])
    hours = levels.reshape(24, 60).mean(axis=1)
    assert list(hours[[0, 1, 4, 5, 6, 21, 22]]) == [0.5, 0.0, 0.0, 0.5, 1.0, 1.0, 0.5]


def test_windows_count_to_the_minute():
    table = slots((minute_levels([Window(22 + 5 / 60, 22 + 19 / 60, 0.0)]) == 0).astype(float))
    assert table.sum() * 10 == pytest.approx(14.0)
    assert table[132] == pytest.approx(0.5)


def test_profiles_are_read_as_they_are_written():
    windows = (Window(22.5, 6.0, 0.5), Window(1.0, 5.0, 0.0))
    text = join(*(window.text for window in windows))
    assert text == "22:30-06:00=0.5 + 01:00-05:00=0"
    assert read_profile(text, {}) == windows
    assert join(text, windows[0].text) == text
    assert read_profile(join("eco", windows[1].text), {"eco": windows[:1]}) == windows
    with pytest.raises(InputError, match="eco"):
        read_profile("ecco", {"eco": windows})


def test_yaml_blocks_read_what_yaml_makes_of_clock_times():
    # YAML 1.1 turns an unquoted 22:30 into 1350 and `off` into false.
    block = Dimming.model_validate({"profile": [{"from": 1350, "to": "6h", "level": False}]}).profile[0]
    assert block.window() == Window(22.5, 6.0, 0.0)
    assert SwitchOff.model_validate({"from": "01:00", "to": "04:30"}).end == 4.5
    dumped = SwitchOff.model_validate({"from": "01:00", "to": "04:30"}).model_dump(mode="json", by_alias=True)
    assert (dumped["from"], dumped["to"]) == ("01:00", "04:30")
    for wrong in ({"from": 22, "to": "06:00"}, {"from": "25:00", "to": "06:00"}, {"from": "1:00"}):
        with pytest.raises((ValidationError, QuantityError)):
            SwitchOff.model_validate(wrong)
    with pytest.raises(ValidationError):
        Dimming.model_validate({"profile": [{"from": "22:00", "to": "06:00", "level": "120 %"}]})
    with pytest.raises(ValidationError):
        MotionDetection.model_validate({"idle": "10 %", "holds": "30 s"})
    with pytest.raises(ValidationError):
        Assumptions.model_validate({"profiles": {"22:00": []}})


@pytest.mark.parametrize(("rate", "hold", "group"), [(6.0, 60.0, 3.0), (40.0, 30.0, 5.0), (1.0, 600.0, 1.0)])
def test_motion_detection_against_an_event_simulation(rate, hold, group):
    # Every lamp of the group has its own Poisson passages; any of them starts the hold time of the group again.
    generator = np.random.default_rng(20250101)
    env = simpy.Environment()
    lit, until = [0.0], [0.0]

    def lamp(waits):
        for wait in waits:
            yield env.timeout(wait)
            lit[0] += env.now + hold - max(until[0], env.now)
            until[0] = env.now + hold

    def observe(days):
        shares = []
        for _day in range(days):
            before = lit[0] - max(until[0] - env.now, 0.0)
            yield env.timeout(86400.0)
            shares.append((lit[0] - max(until[0] - env.now, 0.0) - before) / 86400.0)
        return shares

    days = 100
    for _lamp in range(int(group)):
        waits = generator.exponential(3600.0 / rate, int(rate * 24 * days * 2) + 100)
        env.process(lamp(waits))
    shares = np.array(env.run(until=env.process(observe(days))))
    error = shares.std(ddof=1) / np.sqrt(days)
    assert abs(shares.mean() - occupied_share(rate, hold, group)) < 3 * error


def test_motion_folds_into_the_day():
    levels = np.ones(1440)
    passages = np.full(24, 12.0)
    high = 1 - np.exp(-3 * 12.0 * 60 / 3600)
    table = day_table(levels, LED, Motion(0.1, 60.0, 3.0, 23.0, 5.0), passages)
    low = 0.04 + 0.96 * 0.1
    assert table.power[0] == pytest.approx(low + high * (1 - low))
    assert table.power[60] == table.peak[0] == 1.0
    dark = day_table(levels, LED, Motion(0.0, 60.0, 3.0, 0.0, 0.0), passages)
    assert dark.burning == pytest.approx(np.full(144, high))
    assert dark.power == pytest.approx(np.full(144, high))


def test_motion_never_raises_a_dimmed_lamp():
    levels = np.full(1440, 0.05)
    table = day_table(levels, LED, Motion(0.5, 60.0, 3.0, 0.0, 0.0), np.full(24, 12.0))
    assert table.power == pytest.approx(np.full(144, 0.04 + 0.96 * 0.05))


def test_parameters_survive_being_written_and_read():
    for item, values in (
        (LedRetrofit, {"power_table": {"125 W": "70 W"}, "power_ratio": 1, "unit_cost": "650 EUR"}),
        (Dimming, {"profile": [{"from": "22:30", "to": "06:00", "level": "off"}]}),
        (MotionDetection, {"from": "23:00", "to": "05:00", "hold": "2 min"}),
    ):
        made = item.model_validate(values)
        assert item.model_validate(made.model_dump(mode="json", by_alias=True)) == made
