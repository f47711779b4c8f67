"""Night schedules by date, weekday and sun, against pvlib, minute by minute sums and calendars made by hand."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from lighting_kit import CITIES, YEAR, Lit, small_town
from pvlib import solarposition
from pydantic import ValidationError

from jumeau.errors import InputError
from jumeau.networks.lighting.almanac import Almanac
from jumeau.networks.lighting.formats.moments import SunMoment
from jumeau.networks.lighting.formats.nights import Dates, Nights
from jumeau.networks.lighting.formats.windows import Window, join, read_profile
from jumeau.networks.lighting.parameters import Dimming, SwitchOff
from jumeau.networks.lighting.physics import sun
from jumeau.networks.lighting.physics.power import Curve
from jumeau.networks.lighting.physics.schedules import first_between, midnight_points
from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.units import QuantityError

PARIS = ZoneInfo("Europe/Paris")
SUN_TO_THU = ["sun", "mon", "tue", "wed", "thu"]


BENCHES = {}


def burning(*measures, clock=YEAR, profile=None):
    """Return the burning hours of a lamp after measures on a town in which nothing fails."""
    # One place for all: the sun is computed once.
    world = BENCHES.setdefault(clock, Lit(small_town(lamps=2), clock=clock).bench.world())
    bench = Lit(small_town(lamps=2, profile=profile), clock=clock)
    for name, parameters in measures:
        bench.apply(name, **parameters)
    return bench.prepare(world).state.fixed["burning_hours"]


@cache
def dark_instants(city="Paris"):
    """Return the local time in the middle of each two minutes of 2025 in which the sun is below -3 degrees."""
    start, end = (datetime(year, 1, 1, tzinfo=PARIS).astimezone(ZoneInfo("UTC")) for year in (2025, 2026))
    instants = pd.date_range(start, end, freq="2min", inclusive="left") + pd.Timedelta(seconds=60)
    dark = solarposition.spa_python(instants, *CITIES[city])["elevation"].to_numpy() < -3.0
    return list(instants[dark].tz_convert(PARIS).to_pydatetime())


def two_minutes_each(off):
    """Return the hours below -3 degrees outside a rule: `off` says of an evening's date and a local time whether."""
    lit = 0
    for local in dark_instants():
        evening = local.date() if local.hour >= 12 else local.date() - timedelta(days=1)
        lit += not off(evening, local.hour + local.minute / 60)
    return lit / 30.0


def after(hour, start, end):
    return hour >= start or hour < end if start >= end else start <= hour < end


def almanac_of(clock, city="Paris", learnt=3):
    world = Lit(small_town(city, lamps=1), clock=clock).bench.world()
    times = clock.grid(600.0).edges
    heights = sun.elevation(
        clock.origin + pd.to_timedelta(times, unit="s"), world.place.latitude, world.place.longitude
    )
    return Almanac(world, 0.0, (times, heights), [(-3.0, 0.0, 0.0)], learnt)


@cache
def evenings_of(clock, city="Paris"):
    return almanac_of(clock, city)._evenings(0)


@pytest.mark.parametrize("city", ["Lille", "Marseille"])
def test_sunset_and_sunrise_against_pvlib(city):
    evenings = evenings_of(YEAR, city)
    days = pd.DatetimeIndex(evenings.dates)
    # pvlib's own search of the instants, not the elevations that the network samples.
    for event, column, shift in (("sunset", "sunset", 0), ("sunrise", "sunrise", 1)):
        own = solarposition.sun_rise_set_transit_spa(
            (days + pd.Timedelta(days=shift)).tz_localize(PARIS), *CITIES[city]
        )[column]
        seconds = (pd.DatetimeIndex(own).tz_convert("UTC") - YEAR.origin).total_seconds().to_numpy()
        assert np.abs(evenings.events[event] - seconds).max() < 5.0


def test_civil_twilight_is_where_the_sun_is_six_degrees_down():
    evenings = evenings_of(YEAR)
    for event in ("civil_dusk", "civil_dawn"):
        instants = YEAR.origin + pd.to_timedelta(evenings.events[event], unit="s")
        height = solarposition.spa_python(pd.DatetimeIndex(instants), *CITIES["Paris"])["elevation"]
        assert np.abs(height + 6.0).max() < 0.02
    length = (evenings.events["civil_dusk"] - evenings.events["sunset"]) / 60
    # At Paris civil twilight lasts about half an hour at the equinoxes and some 40 minutes in June.
    assert 29.0 < length.min() < 32.0
    assert 38.0 < length.max() < 44.0


def test_a_summer_without_light():
    rule = {"from": "sunset", "to": "sunrise", "dates": ["05-15..08-15"]}
    found = burning(("switch_off", rule))
    expected = two_minutes_each(lambda evening, _hour: date(2025, 5, 15) <= evening <= date(2025, 8, 15))
    assert found == pytest.approx(expected, abs=1.0)
    # 93 nights, each of six to eight hours below -3 degrees.
    assert 93 * 6.0 < burning() - found < 93 * 8.0


def test_fridays_and_saturdays_are_lit_longer():
    # As at La Flèche: off from 23 h in the week, from 2 h on Friday and Saturday, until 6 h.
    rules = (
        ("switch_off", {"from": "23:00", "to": "06:00", "weekdays": SUN_TO_THU}),
        ("switch_off", {"from": "02:00", "to": "06:00", "weekdays": ["fri", "sat"]}),
    )

    def off(evening, hour):
        return after(hour, 23, 6) if evening.weekday() not in (4, 5) else 2 <= hour < 6

    assert burning(*rules) == pytest.approx(two_minutes_each(off), abs=1.0)
    # Always dark between 23 h and 2 h: three hours more on 104 evenings, less those of the first night.
    same = burning(("switch_off", {"from": "23:00", "to": "06:00"}))
    assert burning(*rules) - same == pytest.approx(104 * 3.0, abs=0.1)


def test_christmas_new_year_and_public_holidays():
    rule = {"from": "01:00", "to": "05:00"}
    every = burning(("switch_off", rule))
    # 17 evenings from 20 December to 5 January in a calendar year; in the first one only the morning of 1 January.
    holidays = burning(("switch_off", {**rule, "except_dates": ["12-20..01-05"]}))
    mornings = 5 + 11 + 1  # 2 to 6 January, 21 to 31 December, and 1 January after the evening of 31 December
    assert holidays - every == pytest.approx(4.0 * mornings, abs=0.05)
    # Eleven public holidays in 2025 and their eves; the eve of 1 January 2026 ends outside the period.
    eves = burning(("switch_off", {**rule, "weekdays": ["holiday_eve"]}))
    plain = burning()
    assert plain - eves == pytest.approx(4.0 * 11, abs=0.05)
    own = burning(("switch_off", {**rule, "weekdays": ["holiday"]}))
    assert plain - own == pytest.approx(4.0 * 11, abs=0.05)
    given = burning(("switch_off", {**rule, "dates": ["2025-12-24", date(2025, 12, 31), "2026-01-01"]}))
    assert plain - given == pytest.approx(4.0, abs=0.05)  # the morning of 25 December alone


@pytest.mark.parametrize(("evening", "hours"), [("2025-03-29", 7.0), ("2025-10-25", 9.0), ("2025-11-10", 8.0)])
def test_the_nights_of_clock_changes(evening, hours):
    rule = {"from": "22:00", "to": "06:00", "dates": [evening]}
    assert burning() - burning(("switch_off", rule)) == pytest.approx(hours, abs=0.02)
    # Counted from the sun, clocks do not matter: from two hours before to three hours after the middle of the night.
    sun = {"from": "midnight_point - 2 h", "to": "midnight_point + 3 h", "dates": [evening]}
    assert burning() - burning(("switch_off", sun)) == pytest.approx(5.0, abs=0.04)
    # From a clock time to a moment of the sun: elapsed time, not the difference of what clocks show.
    mixed = {"from": "22:00", "to": "sunrise - 40 min", "dates": [evening]}
    evenings = evenings_of(YEAR)
    night = list(evenings.dates.strftime("%Y-%m-%d")).index(evening)
    expected = (evenings.events["sunrise"][night] - 2400 - evenings.clock(22.0)[night]) / HOUR
    assert burning() - burning(("switch_off", mixed)) == pytest.approx(expected, abs=0.02)


def test_leap_years():
    rule = {"from": "00:00", "to": "04:00", "dates": ["02-29"]}
    leap = Clock(date(2024, 1, 1), date(2024, 12, 31))
    assert burning(clock=leap) - burning(("switch_off", rule), clock=leap) == pytest.approx(4.0, abs=0.02)
    assert burning() == burning(("switch_off", rule))
    whole = {**rule, "dates": ["02-28..03-01"]}
    for clock, nights in ((leap, 3), (YEAR, 2)):
        assert burning(clock=clock) - burning(("switch_off", whole), clock=clock) == pytest.approx(
            4.0 * nights, abs=0.02
        )
    assert Dates.read("0020-01-05..0021-12-31").text == "0020-01-05..0021-12-31"
    assert Dates.read("12-31").holds(pd.DatetimeIndex(["2024-12-31", "2025-01-01"])).tolist() == [True, False]


def test_offsets_from_the_sun():
    plain = burning()
    # Sunset is before the cabinet's threshold: half an hour after dusk is dark, so that an hour there costs an hour.
    rule = {"from": "civil_dusk + 30 min", "to": "civil dusk + 1.5 h"}
    assert plain - burning(("switch_off", rule)) == pytest.approx(365.0, abs=0.5)
    early = {"from": "sunrise - 90 min", "to": "civil_dawn(-20)"}
    evenings = evenings_of(YEAR)
    length = (evenings.events["civil_dawn"] - 1200 - evenings.events["sunrise"] + 5400)[-366:-1] / HOUR
    assert plain - burning(("switch_off", early)) == pytest.approx(length.sum(), abs=1.0)


def test_a_window_may_be_empty_in_some_nights():
    # Two hours after dusk comes before 23:30 for most of the year only.
    rule = {"from": "civil_dusk + 2 h", "to": "23:30"}
    evenings = evenings_of(YEAR)
    start, end = evenings.events["civil_dusk"] + 7200, evenings.clock(23.5)
    period = evenings.dates >= pd.Timestamp(2025, 1, 1)
    expected = np.maximum(end - start, 0.0)[period].sum() / HOUR
    assert (start > end).sum() > 50
    assert burning() - burning(("switch_off", rule)) == pytest.approx(expected, abs=1.0)


def test_the_midnight_point_of_nights_that_grow_evenly():
    # Nights grow by 4 minutes: the mean of the last three lags two nights behind, and the middle by half of 8 minutes.
    noon = np.arange(21) * DAY + DAY / 2
    on = noon[:-1] + 6 * HOUR - 120.0 * np.arange(20)
    off = on + 12 * HOUR + 240.0 * np.arange(20)
    middle = midnight_points(noon, on, off, 3)
    true = (on + off) / 2
    assert true[3:] - middle[3:] == pytest.approx(np.full(17, 240.0))
    assert middle[0] == true[0]
    assert midnight_points(noon, on, off, 1)[1:] == pytest.approx(true[1:] - 120.0)
    # A driver that is never switched on in a night has no middle of it.
    assert np.isnan(midnight_points(noon, on[on < noon[5]], off[off < noon[6]], 3)[5:]).all()
    assert np.isnan(first_between(np.array([]), noon[:-1], noon[1:])).all()


def test_the_midnight_point_is_near_to_solar_midnight():
    evenings = evenings_of(YEAR)
    transit = solarposition.sun_rise_set_transit_spa(
        pd.DatetimeIndex(evenings.dates).tz_localize(PARIS), *CITIES["Paris"]
    )["transit"]
    solar = (pd.DatetimeIndex(transit).tz_convert("UTC") - YEAR.origin).total_seconds().to_numpy() + DAY / 2
    # Nights change by up to four minutes a day, of which a driver that averages three nights lags half of two days'.
    assert np.abs(evenings.events["midnight_point"] - solar)[3:].max() < 330.0
    # In France clocks run well ahead of the sun: the middle of the night is near 1:00, or 2:00 in summer.
    january = evenings.events["midnight_point"][list(evenings.dates).index(pd.Timestamp(2025, 1, 15))]
    july = evenings.events["midnight_point"][list(evenings.dates).index(pd.Timestamp(2025, 7, 15))]
    assert YEAR.local(january).strftime("%H") == "01" or YEAR.local(january).strftime("%H:%M") > "00:45"
    assert "01:50" < YEAR.local(july).strftime("%H:%M") < "02:05"


def test_half_power_from_two_hours_before_to_five_after_the_midnight_point():
    # 7 h a night at half the flux of an LED, cut short where it dawns before: against the sum over the nights.
    town = small_town("Lyon", lamps=2, technology="LED", power=100.0)
    rule = [{"from": "midnight_point - 2 h", "to": "midnight_point + 5 h", "level": "50 %"}]
    before, after_ = Lit(town).still(), Lit(town).apply("dimming", profile=rule).still()
    evenings = evenings_of(YEAR, "Lyon")
    # The night is shorter than ten hours in summer: the window then ends with it.
    dawn = evenings.events["civil_dawn"]
    lit = Lit(town).prepare().state
    edges = lit.night.start + np.arange(len(lit.night.slot)) * lit.night.step
    dark = np.concatenate([[0.0], np.cumsum(lit.night.dark[0]) * lit.night.step])
    start, end = (evenings.events["midnight_point"] + shift * HOUR for shift in (-2, 5))
    inside = (
        np.interp(end, np.append(edges, YEAR.duration), dark) - np.interp(start, np.append(edges, YEAR.duration), dark)
    ).sum()
    saved = before["electricity"] - after_["electricity"]
    assert saved == pytest.approx(2 * 0.1 * 0.48 * inside / HOUR, rel=2e-3)
    assert 6.0 * 365 < inside / HOUR < 7.0 * 365
    assert np.isfinite(dawn).all()


def test_polar_summer_and_winter_are_told():
    CITIES["Tromsø"] = (69.65, 18.96)
    try:
        # The sun does not set from mid-May to late July, and does not rise from late November to mid-January.
        bench = Lit(small_town("Tromsø", lamps=2))
        bench.apply("switch_off", **{"from": "sunset + 1 h", "to": "sunrise - 1 h"})
        notes = " ".join(note["en"] for note in bench.prepare().notes)
        evenings = evenings_of(YEAR, "Tromsø")
        year = (evenings.dates >= pd.Timestamp(2024, 12, 31)) & (evenings.dates < pd.Timestamp(2026, 1, 1))
        lacking = {event: int(np.isnan(evenings.events[event])[year].sum()) for event in ("sunset", "sunrise")}
        # Almanacs: midnight sun from 20 May to 22 July, polar night from 27 November to 15 January.
        assert 60 + 45 < lacking["sunset"] < 70 + 60
        assert f"{lacking['sunset']} night(s) lack sunset" in notes
        assert f"{lacking['sunrise']} night(s) lack sunrise" in notes
        dark = Lit(small_town("Tromsø", lamps=2)).still()["burning_hours"]
        assert 0.0 < bench.still()["burning_hours"] < dark
    finally:
        del CITIES["Tromsø"]


def test_a_schedule_that_is_the_same_every_night_needs_no_calendar():
    # The two ways of counting agree: by slot of the day, and minute by minute with a date that always holds.
    plain = burning(profile="23:05-05:15=0 + 22:00-06:00=0.5")
    dated = burning(profile="23:05-05:15=0@01-01..12-31 + 22:00-06:00=0.5")
    # A step of dusk or dawn that a border cuts is halved by the first, and cut where it is by the second.
    assert dated == pytest.approx(plain, abs=1.0)
    state = Lit(small_town(lamps=2, profile="23:05-05:15=0")).prepare().state
    assert [item.dated for item in state.classes] == [False]
    assert len(state.classes[0].power) == 144


def test_schedules_of_a_warm_up_and_of_a_short_period():
    short = Clock(date(2025, 7, 1), date(2025, 7, 31))
    rule = {"from": "sunset", "to": "sunrise", "dates": ["07-01..07-31"]}
    bench = Lit(small_town(lamps=2), clock=short, warmup=45 * DAY)
    bench.apply("switch_off", **rule)
    # Only the end of the night of 30 June, from 0 h to half past five on 1 July, is lit.
    assert 5.0 < bench.still()["burning_hours"] < 6.0
    day = Clock(date(2025, 7, 2), date(2025, 7, 2))
    assert burning(("switch_off", rule), clock=day) == 0.0


def test_motion_detection_follows_a_dated_night():
    town = small_town(lamps=2, technology="LED", power=100.0)
    motion = {"idle": "20 %", "hold": "60 s", "group": 3}
    plain = Lit(town).apply("motion_detection", **motion).still()["electricity"]
    every = Lit(town).apply("switch_off", **{"from": "01:00", "to": "04:00", "dates": ["01-01..12-31"]})
    same = Lit(town).apply("switch_off", **{"from": "01:00", "to": "04:00"})
    both = [bench.apply("motion_detection", **motion).still()["electricity"] for bench in (every, same)]
    assert both[0] == pytest.approx(both[1], rel=1e-4)
    assert both[0] < plain


def test_zones_have_schedules_of_their_own():
    # A column of the layer tells the zones; each has its class, and nothing else moves.
    town = small_town(lamps=4, district=["centre", "centre", "edge", "edge"])
    bench = Lit(town)
    edge = (bench.layers["lamps"]["district"] == "edge").to_numpy()
    bench.apply("switch_off", edge, **{"from": "23:00", "to": "06:00", "dates": ["09-01..06-30"]})
    bench.apply("switch_off", ~edge, **{"from": "01:00", "to": "05:00", "weekdays": SUN_TO_THU})
    state = bench.prepare().state
    hours = state.by_class(state.burning, 0.0, YEAR.duration)
    assert hours[0] == hours[1] > hours[2] == hours[3]
    assert hours[2] == burning(("switch_off", {"from": "23:00", "to": "06:00", "dates": ["09-01..06-30"]}))


def test_profiles_are_read_as_they_are_written():
    windows = (
        Window(SunMoment("civil_dusk", 20.0), SunMoment("midnight_point", -120.0), 0.5),
        Window(23.0, 6.0, 0.0, Nights(("fri", "sat"), (Dates.read("05-15..08-15"),), (Dates.read("07-14"),))),
        Window(SunMoment("sunset"), 22.5, 0.3, Nights(dates=(Dates.read("2025-12-20..2026-01-05"),))),
        Window(0.0, 6.0, 1.0, relit=True),
        Window(0.0, 6.0, 0.4, relit=True),
    )
    text = join(*(window.text for window in windows))
    assert text == (
        "civil_dusk(+20)-midnight_point(-120)=0.5 + 23:00-06:00=0@fri,sat@05-15..08-15@!07-14"
        " + sunset-22:30=0.3@2025-12-20..2026-01-05 + 00:00-06:00=on + 00:00-06:00=on0.4"
    )
    assert read_profile(text, {}) == windows
    made = SwitchOff.model_validate(
        {"from": "sunset + 1 h", "to": "Midnight point − 30 min", "weekdays": ["sat", "fri"], "dates": ["5-15..8-15"]}
    )
    assert made.window().text == "sunset(+60)-midnight_point(-30)=0@fri,sat@05-15..08-15"
    assert SwitchOff.model_validate(made.model_dump(mode="json", by_alias=True)) == made


@pytest.mark.parametrize(
    "text",
    [
        "23:00-06:00=0@frid", "23:00-06:00=0@02-30", "23:00-06:00=0@2025-02-29", "23:00-06:00=0@13-01",
        "23:00-06:00=0@2025-05-01..08-15", "23:00-06:00=0@2025-05-01..2024-08-15", "23:00-25:00=0", "23:00-06:00=1.5",
        "sunset(+900)-06:00=0", "sundown-06:00=0", "23:00-06:00=", "23:00-06:00=0@",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(text):
    with pytest.raises(InputError):
        read_profile(text, {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "sundown", "to": "06:00"}, {"from": "sunset + 3 kWh", "to": "06:00"}, {"from": "sunset", "to": 7},
        {"from": "sunset + 13 h", "to": "06:00"}, {"from": "23:00", "to": "06:00", "weekdays": ["friday"]},
        {"from": "23:00", "to": "06:00", "dates": ["summer"]}, {"from": "23:00", "to": "06:00", "dates": [515]},
    ],
)  # fmt: skip
def test_what_a_scenario_writes_is_checked(wrong):
    with pytest.raises((ValidationError, QuantityError)):
        SwitchOff.model_validate(wrong)
    with pytest.raises((ValidationError, QuantityError)):
        Dimming.model_validate({"profile": [{**wrong, "level": "50 %"}]})


def test_the_affine_law_holds_two_minutes_each():
    almanac = almanac_of(Clock(date(2025, 12, 1), date(2025, 12, 2)))
    dated = almanac.table(0, read_profile("23:04-00:00=0.5@12-01", {}), Curve("affine", offset=0.04))
    # Step 23:00 to 23:10 of the first evening: four minutes at full power, six at 52 %.
    assert dated.power[138] == pytest.approx((4 + 6 * 0.52) / 10)
    assert dated.power[138 + 144] == dated.peak == 1.0
