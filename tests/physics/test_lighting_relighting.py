"""Lighting again what a switch-off had darkened: whole, by hours, by zone, and in the order of the measures."""

from dataclasses import replace

import numpy as np
import pytest
from lighting_kit import Lit, small_town
from pydantic import ValidationError

from jumeau.networks.lighting.formats.windows import join, read_profile
from jumeau.networks.lighting.parameters import Relighting
from jumeau.networks.lighting.physics.profiles import minute_levels

OFF = {"from": "00:00", "to": "06:00"}
WRITTEN = "00:00-06:00=0"


def levels(profile):
    """Return the level of each hour of the day."""
    return minute_levels(read_profile(profile, {})).reshape(24, 60).mean(axis=1)


def test_a_switch_off_of_the_territory_is_undone():
    # The baseline is dark from 0 to 6 h as the lamps' profile says; the variant burns as a town that never was.
    lit, dark = Lit(small_town()), Lit(small_town(profile=WRITTEN))
    again = Lit(small_town(profile=WRITTEN)).apply("relighting")
    assert dark.still()["burning_hours"] < 0.55 * lit.still()["burning_hours"]
    for name in ("electricity", "burning_hours", "subscribed_power"):
        assert again.still()[name] == pytest.approx(lit.still()[name], rel=1e-12)
    # Two clocks are set, and no lamp is bought.
    assert [(item.kind, item.count) for item in again.bill] == [("clock_setting", 2)]
    assert set(again.layers["lamps"]["measures"]) == {"relighting"}


def test_the_order_of_measures_matters():
    hours = {}
    for name, order in {
        "off": ["switch_off"],
        "off, on": ["switch_off", "relighting"],
        "on, off": ["relighting", "switch_off"],
        "off, on, off": ["switch_off", "relighting", "switch_off"],
    }.items():
        bench = Lit(small_town(lamps=2))
        for measure in order:
            bench.apply(measure, **(OFF if measure == "switch_off" else {}))
        hours[name] = bench.still()["burning_hours"]
    assert hours["off"] == hours["on, off"] == hours["off, on, off"]
    assert hours["off, on"] == Lit(small_town(lamps=2)).still()["burning_hours"]
    # The same window is written once, unless light came back in between.
    assert join(WRITTEN, WRITTEN) == WRITTEN
    assert join(WRITTEN, "00:00-00:00=on", WRITTEN) == f"{WRITTEN} + 00:00-00:00=on + {WRITTEN}"


def test_only_some_hours():
    # Dark from 23 to 6 h; trains come until 1 h: lit again before.
    profile = join("23:00-06:00=0", Relighting.model_validate({"from": "23:00", "to": "01:00"}).window().text)
    assert list(levels(profile)[[22, 23, 0, 1, 5, 6]]) == [1, 1, 1, 0, 0, 1]
    before, after = (
        Lit(small_town(profile="23:00-06:00=0")).apply(*measure)
        if measure
        else Lit(small_town(profile="23:00-06:00=0"))
        for measure in ((), ("relighting",))
    )
    partial = Lit(small_town(profile="23:00-06:00=0")).apply("relighting", **{"from": "23:00", "to": "01:00"})
    gained = partial.still()["burning_hours"] - before.still()["burning_hours"]
    assert gained == pytest.approx(365 * 2.0, abs=0.1)  # always dark at these hours
    assert partial.still()["burning_hours"] < after.still()["burning_hours"]


def test_only_some_nights():
    bench = Lit(small_town(lamps=2, profile=WRITTEN))
    bench.apply("relighting", weekdays=["fri", "sat"], **{"from": "00:00", "to": "02:00"})
    gained = bench.still()["burning_hours"] - Lit(small_town(lamps=2, profile=WRITTEN)).still()["burning_hours"]
    assert gained == pytest.approx(104 * 2.0, abs=0.1)


def test_dimming_stays_and_a_level_may_be_stated():
    profile = "22:00-06:00=0.5 + 01:00-05:00=0"
    assert list(levels(join(profile, "00:00-00:00=on"))[[21, 22, 1, 4, 5, 6]]) == [1, 0.5, 0.5, 0.5, 0.5, 1]
    # At 30 % where it was dark; what was only dimmed, or not at all, stays.
    lower = join(profile, Relighting.model_validate({"level": "30 %"}).window().text)
    assert list(levels(lower)[[21, 22, 1, 4, 5, 6]]) == pytest.approx([1, 0.5, 0.3, 0.3, 0.5, 1])
    higher = join(profile, Relighting.model_validate({"level": "80 %"}).window().text)
    assert levels(higher)[1] == 0.5
    # What comes after counts again.
    assert levels(join(profile, "00:00-00:00=on", "02:00-03:00=0"))[[1, 2, 3]].tolist() == [0.5, 0.0, 0.5]


def test_only_a_zone():
    bench = Lit(small_town(profile=WRITTEN, cabinet_id=[f"C{i // 20}" for i in range(40)]))
    zone = np.arange(40) < 20
    bench.apply("relighting", zone)
    outcome = bench.run().outcome.assets["lamps"]["energy"].to_numpy()
    dark = Lit(small_town(profile=WRITTEN)).run().outcome.assets["lamps"]["energy"].to_numpy()
    assert (outcome[zone] > 1.5 * dark[zone]).all()
    assert outcome[~zone] == pytest.approx(dark[~zone])
    assert [(item.kind, item.count) for item in bench.bill] == [("clock_setting", 1)]


def test_lamps_that_are_lit_all_night_are_told_and_cost_nothing(english):
    bench = Lit(small_town(profile=[WRITTEN] * 10 + ["22:00-06:00=0.5"] * 30)).apply("relighting")
    assert bench.notes == ("30 lamp(s) are not switched off and stay as they are",)
    untouched = Lit(small_town()).apply("relighting")
    assert untouched.bill == ()
    assert untouched.still()["investment"] == 0.0


def test_a_named_profile_is_undone_too():
    bench = Lit(small_town(profile="night"))
    bench.bench = replace(bench.bench, assumptions={"profiles": {"night": [{**OFF, "level": "off"}]}})
    lit = Lit(small_town()).still()["burning_hours"]
    assert bench.still()["burning_hours"] < 0.55 * lit
    assert bench.apply("relighting").still()["burning_hours"] == pytest.approx(lit, rel=1e-12)


@pytest.mark.parametrize("wrong", [{"from": "23:00"}, {"to": "23:00"}, {"level": 0}, {"until": "02:00"}])
def test_what_is_half_said_is_refused(wrong):
    with pytest.raises(ValidationError):
        Relighting.model_validate(wrong)
