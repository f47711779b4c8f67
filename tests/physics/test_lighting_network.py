"""The lighting network as a whole: identities, measures, failures and their repair."""

import pickle
from datetime import date

import numpy as np
import pytest
from lighting_kit import DAY, YEAR, Bench, small_town

from jumeau.engine.checks import check_layers
from jumeau.errors import InputError
from jumeau.networks.lighting import NETWORK
from jumeau.networks.lighting.outcome import Outages
from jumeau.networks.lighting.physics.profiles import Window
from jumeau.networks.lighting.processes import ALARM, CITIZEN, PATROL, Breakdowns
from jumeau.randomness import Streams
from jumeau.simulation.clock import Clock

SHORT_LIVED = {"failure_scale_hps": 4000.0, "failure_scale_led": 8000.0}


def events(result, kind):
    return result.events[result.events["kind"] == kind]


def test_lamps_cabinets_and_total_agree():
    bench = Bench(small_town(), warmup=60 * DAY).having(**SHORT_LIVED)
    half = np.arange(40) % 3 == 0
    bench.apply("led_retrofit", half).apply(
        "dimming", half, profile=[{"from": "22:00", "to": "06:00", "level": "30 %"}]
    )
    bench.apply("motion_detection", half).apply("remote_management", half).apply("constant_light_output", half)
    bench.apply("switch_off", ~half, **{"from": "01:00", "to": "04:00"})
    result = bench.run()
    lamps, cabinets, found = result.assets["lamps"], result.assets["cabinets"], result.indicators
    assert found["failures"] > 5
    assert lamps["energy"].sum() == pytest.approx(found["energy"], rel=1e-9)
    assert cabinets["energy"].sum() == pytest.approx(found["energy"], rel=1e-9)
    assert lamps["failures"].sum() == found["failures"]
    assert lamps["dark_nights"].sum() == pytest.approx(found["dark_lamp_nights"], rel=1e-9)
    assert found["energy_cost"] == pytest.approx(found["energy_cost_variable"] + found["energy_cost_fixed"])
    assert found["operating_cost"] == pytest.approx(found["energy_cost"] + found["maintenance_cost"])
    assert found["carbon_total"] == pytest.approx(0.0580 * found["energy"] + 3.10 * found["crew_fuel"])
    assert cabinets["subscribed_power"].sum() == found["subscribed_power"]
    assert set(found) == {item.name for item in NETWORK.indicators}


def test_energy_by_hand():
    bench = Bench(small_town())
    found = bench.still()
    hours = found["burning_hours"]
    assert found["energy"] == pytest.approx(40 * 0.115 * hours)
    assert found["installed_power"] == pytest.approx(40 * 0.115)
    # 20 lamps a cabinet: 2.3 kW, 2.81 kVA with margin, 3 kVA subscribed.
    assert found["subscribed_power"] == 6.0
    assert found["energy_cost_fixed"] == pytest.approx(6 * 120.0)
    assert found["energy_density"] == pytest.approx(found["energy"] * 1000 / (40 * 200))


def test_a_node_draws_day_and_night():
    found = Bench(small_town()).apply("remote_management", standby="2 W").still()
    assert found["energy"] - Bench(small_town()).still()["energy"] == pytest.approx(40 * 0.002 * 8760)


def test_a_dark_lamp_draws_nothing_unless_told():
    bench = Bench(small_town()).having(**SHORT_LIVED)
    result, alight = bench.run(), bench.still()
    outages = Outages.read(result.events, YEAR.duration)
    state = bench.prepare().state
    # Second by second rather than by cumulated sums.
    steps = np.arange(0.0, YEAR.duration, 600.0)
    dark = np.zeros(len(steps))
    for start, end in zip(outages.start, outages.end, strict=True):
        dark += np.clip((np.minimum(end, steps + 600) - np.maximum(start, steps)) / 600, 0.0, 1.0)
    lost = (dark * state.night.dark[0]).sum() / 6 * 0.115
    assert len(outages.lamp) > 20
    # A failure may fall inside a step of dusk or dawn, where the two sums cut it differently.
    assert alight["energy"] - result.indicators["energy"] == pytest.approx(lost, rel=2e-3)
    consuming = bench.run(assumptions={"failed_lamps_consume": True})
    assert consuming.indicators["energy"] == pytest.approx(alight["energy"])


def test_same_world_before_and_after():
    # A measure that changes no life and no round leaves every event where it was.
    town = small_town()
    plain, dimmed = Bench(town).having(**SHORT_LIVED), Bench(town).having(**SHORT_LIVED)
    dimmed.apply("dimming", profile=[{"from": "22:00", "to": "06:00", "level": "50 %"}])
    first, second = plain.run(), dimmed.run()
    assert first.events.equals(second.events)
    assert second.indicators["energy"] < first.indicators["energy"]
    # A measure on one half leaves the failures of the other half alone, whatever becomes of the crews.
    half = np.arange(40) < 20
    mixed = Bench(town).having(**SHORT_LIVED).apply("led_retrofit", half).run()
    untouched = [events(item, "failure").query("asset >= 20 and first == 0") for item in (first, mixed)]
    assert len(untouched[0]) > 5
    assert untouched[0].reset_index(drop=True).equals(untouched[1].reset_index(drop=True))


def test_failures_fall_in_burning_hours_and_switching_off_makes_lamps_last():
    town = small_town(lamps=400)
    plain = Bench(town).having(**SHORT_LIVED)
    off = Bench(town).having(**SHORT_LIVED).apply("switch_off", **{"from": "00:00", "to": "06:00"})
    first, second = plain.run(), off.run()
    assert second.indicators["burning_hours"] < 0.6 * first.indicators["burning_hours"]
    assert second.indicators["failures"] < 0.8 * first.indicators["failures"]
    hours = np.array([YEAR.local(time).hour for time in events(second, "failure")["time"]])
    assert len(hours) > 50
    assert not ((hours >= 0) & (hours < 6)).any()


def test_number_of_failures_follows_the_law():
    # Exponential lives of the burning hours of one year: each lamp fails once a year, dark time apart.
    bench = Bench(small_town(technology="LED", power=50.0, lamps=500), crews=4)
    bench.having(failure_scale_led=41_080.0, dispatch_delay=0.0, citizen_delay=0.01)
    counts = [bench.run(replication=number).indicators["failures"] for number in range(6)]
    # Poisson mean 500 x 4 108 / 41 080 = 50 per replication.
    assert abs(np.mean(counts) - 50.0) < 3 * np.sqrt(50.0 / 6)


def test_weekly_patrols_find_the_share_of_faults_published_for_dundee():
    # Dundee 2010/11: weekly patrols, 68 % of faults found by them, the rest by the public.
    bench = Bench(small_town(lamps=4000)).having(patrol_interval=7.0)
    world = bench.world()
    town = Breakdowns(bench.prepare(world).state, world, Streams(3, 0, "lighting"))
    times = np.random.default_rng(5).uniform(0, 300 * DAY, 4000)
    found = [town.detection(lamp, 0, float(time)) for lamp, time in enumerate(times)]
    assert np.mean([finder == PATROL for _delay, finder in found]) == pytest.approx(0.68, abs=0.02)
    assert {finder for _delay, finder in found} == {PATROL, CITIZEN}
    assert min(delay for delay, _finder in found) >= 0.0


def test_managed_lamps_are_known_within_a_day_and_not_patrolled():
    bench = Bench(small_town()).having(**SHORT_LIVED).apply("remote_management")
    result = bench.run()
    plain = Bench(small_town()).having(**SHORT_LIVED).run()
    assert events(result, "patrol").empty
    assert len(events(plain, "patrol")) == 13 + 12  # two cabinets, every 30 days, half a round apart
    found = events(result, "detection")
    assert (found["second"] <= DAY).all()
    assert (found["first"] == ALARM).mean() > 0.8
    assert result.indicators["dark_lamp_nights"] < plain.indicators["dark_lamp_nights"]
    fees = 40 * 4.0
    assert bench.prepare().state.fees == pytest.approx(fees)


def test_way_of_patrols():
    found = Bench(small_town()).having(failure_scale_hps=1e9).run()
    passed = events(found, "patrol")
    assert found.indicators["crew_km"] == pytest.approx(len(passed) * 20 / 33)
    assert passed["second"].sum() == pytest.approx(found.indicators["crew_km"] / 15)
    assert found.indicators["crew_fuel"] == pytest.approx(found.indicators["crew_km"] * 0.09)


def test_only_the_period_counts():
    clock = Clock(date(2025, 2, 1), date(2025, 2, 28))
    bench = Bench(small_town(lamps=300), clock=clock, warmup=90 * DAY).having(**SHORT_LIVED)
    result = bench.run()
    failed = events(result, "failure")["time"]
    assert failed.min() < -30 * DAY
    assert result.indicators["failures"] == (failed >= 0).sum()
    # Without warm-up nothing is dark at the start; with it the period begins as it goes on.
    outages = Outages.read(result.events, clock.duration)
    assert (outages.start == 0.0).sum() > 5
    assert (outages.end <= clock.duration).all()
    assert result.indicators["dark_lamp_nights"] <= 300 * 28


def test_repairs_wait_for_order_and_crew():
    bench = Bench(small_town(), crews=3).having(**SHORT_LIVED)
    result = bench.run()
    repairs = events(result, "repair")
    hours = np.array([YEAR.local(time).hour for time in repairs["time"]])
    assert ((hours >= 8) & (hours <= 16)).all()
    assert (repairs["time"] - repairs["second"] >= 3 * DAY).all()
    assert result.indicators["days_to_repair"] > result.indicators["detection_days"] + 3


def test_maintenance_and_clocks():
    town = small_town()
    bench = Bench(town).having(**SHORT_LIVED).apply("maintenance", patrol_interval="7 days", dispatch_delay="1 day")
    assert len(events(bench.run(), "patrol")) == 53 + 52
    assert bench.bill == ()
    clock = Bench(town).apply("astronomical_clock", morning_offset="-10 min", evening_offset="10 min")
    saved = Bench(town).still()["burning_hours"] - clock.still()["burning_hours"]
    assert saved == pytest.approx(365 * 20 / 60, rel=0.01)
    assert [item.count for item in clock.bill] == [2.0]


def test_led_retrofit():
    town = small_town(technology=["LED", "HPS"] * 20, power=[50.0, 125.0] * 20)
    bench = Bench(town).apply("led_retrofit", power_table={"125 W": "70 W"}, unit_cost="650 EUR")
    lamps = bench.layers["lamps"]
    assert list(lamps["power"][:2]) == [50.0, 70.0]
    assert list(lamps["measures"][:2]) == ["", "led_retrofit"]
    assert (lamps["technology"] == "LED").all()
    assert np.isnan(lamps["installed_year"][1])
    assert lamps["flux"][1] == pytest.approx(70.0 * 120.0)
    assert [(item.count, item.unit_cost) for item in bench.bill] == [(20.0, 650.0)]
    assert bench.bill[0].assets[0] == "L1"
    assert any("20" in note for note in bench.notes)
    assert bench.still()["installed_power"] == pytest.approx(20 * 0.050 + 20 * 0.070)
    # The input is left as it was.
    assert town.layers["lamps"]["power"][1] == 125.0


def test_known_subscriptions_fall_with_the_load():
    town = small_town()
    bench = Bench(town)
    bench.layers["cabinets"]["subscribed_power"] = [12.0, np.nan]
    bench.apply("led_retrofit", power="46 W")  # 46 / 115 = 0.4 of the load
    assert bench.layers["cabinets"]["subscribed_power"][0] == 5.0
    kept = Bench(town)
    kept.layers["cabinets"]["subscribed_power"] = [12.0, np.nan]
    kept.apply("led_retrofit", power="46 W", renegotiate_subscription=False)
    assert kept.still()["subscribed_power"] == 12.0 + 2.0


def test_measures_that_do_not_fit_a_lamp_leave_it():
    bench = Bench(small_town(technology=["FLUO", "HPS"] * 20))
    bench.apply("dimming", profile=[{"from": "22:00", "to": "06:00", "level": "20 %"}])
    assert list(bench.layers["lamps"]["profile"][:2]) == ["", "22:00-06:00=0.2"]
    assert len(bench.notes) == 2  # fluorescent lamps stay, sodium lamps go no lower than half
    assert Bench(small_town()).apply("motion_detection").bill == ()
    assert Bench(small_town()).apply("constant_light_output").bill == ()


def test_profiles_of_the_assumptions():
    town = small_town(technology="LED", profile="eco")
    assumptions = {"profiles": {"eco": [{"from": "22:00", "to": "06:00", "level": "50 %"}]}}
    found = Bench(town).still(NETWORK.assumptions.model_validate(assumptions))
    inline = Bench(small_town(technology="LED")).apply("dimming", profile=assumptions["profiles"]["eco"])
    assert found["energy"] == pytest.approx(inline.still()["energy"])
    with pytest.raises(InputError, match="eco"):
        Bench(town).still()


def test_compliance_with_the_order_of_2018():
    # Category a: 7 500 lm on 200 m2 are 37.5 lm/m2, above 35.
    town = small_town(cct=[2000.0, 4000.0, np.nan, 3000.0] * 10, ulr=[0.02, 0.05, 0.01, 0.04] * 10)
    before = Bench(town).still()
    counts = ("flux_noncompliant", "cct_noncompliant", "ulr_noncompliant", "legal_unknown")
    assert [before[name] for name in counts] == [40, 10, 20, 10]
    after = Bench(town).apply("led_retrofit", power="45 W", efficacy="120 lm/W", cct="2700 K").still()
    assert [after[name] for name in counts] == [0, 0, 0, 0]
    free = Bench(small_town(cct=5000.0, ulr=0.3, legal_category="b")).still()
    assert [free[name] for name in counts] == [0, 0, 0, 0]


def test_a_lamp_without_cabinet_counts_in_the_total():
    town = small_town(cabinet_id=["C0", "nowhere"] * 20)
    bench = Bench(town)
    assert bench.still()["energy"] == pytest.approx(Bench(small_town()).still()["energy"])
    assert "20" in bench.prepare().notes[0]
    with pytest.raises(InputError) as caught:
        check_layers(town, [NETWORK])
    assert [(item.column, len(item.features)) for item in caught.value.problems] == [("cabinet_id", 20)]
    check_layers(small_town(), [NETWORK])


def test_the_prepared_state_travels():
    bench = Bench(small_town(lamps=2000))
    made = bench.prepare()
    assert len(pickle.dumps(made)) < 2_000_000
    assert pickle.loads(pickle.dumps(made)).state.power.sum() == made.state.power.sum()  # noqa: S301 - our own bytes


def test_windows_write_themselves():
    assert Window(23.5, 5.0, 0.4).text == "23:30-05:00=0.4"


def test_a_run_does_not_depend_on_the_runs_before_it():
    # Runs share what their place remembers; around the clock change of March a wrong day would lose a shift.
    clock = Clock(date(2025, 3, 1), date(2025, 4, 30))
    shared, fresh = (Bench(small_town(lamps=400), clock=clock).having(failure_scale_hps=2000.0) for _bench in range(2))
    for number in range(1, 4):
        shared.run(replication=number)
    assert shared.run(replication=0).events.equals(fresh.run(replication=0).events)
