"""The lighting network as a whole: identities, measures, failures and their repair."""

import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from lighting_kit import YEAR, Lit, events, small_town

from jumeau.attributes import AttributeTable
from jumeau.engine.checks import check_layers
from jumeau.errors import InputError
from jumeau.networks.lighting import NETWORK
from jumeau.networks.lighting.formats.windows import Window
from jumeau.networks.lighting.outcome import Outages
from jumeau.networks.lighting.processes import ALARM, CITIZEN, PATROL, Breakdowns
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock

SHORT_LIVED = {"failure_scale_hps": 4000.0, "failure_scale_led": 8000.0}


def outages_of(ran):
    return Outages.read(events(ran, "failure"), events(ran, "repair"), ran.world.clock.duration)


def test_lamps_cabinets_and_total_agree():
    bench = Lit(small_town(), warmup=60 * DAY).having(**SHORT_LIVED)
    half = np.arange(40) % 3 == 0
    bench.apply("led_retrofit", half).apply(
        "dimming", half, profile=[{"from": "22:00", "to": "06:00", "level": "30 %"}]
    )
    bench.apply("motion_detection", half).apply("remote_management", half).apply("constant_light_output", half)
    bench.apply("switch_off", ~half, **{"from": "01:00", "to": "04:00"})
    outcome = bench.run().outcome
    lamps, cabinets, found = outcome.assets["lamps"], outcome.assets["cabinets"], bench.said(outcome)
    assert found["failures"] > 5
    assert lamps["energy"].sum() == pytest.approx(found["electricity"], rel=1e-9)
    assert cabinets["energy"].sum() == pytest.approx(found["electricity"], rel=1e-9)
    assert lamps["failures"].sum() == found["failures"]
    assert lamps["dark_nights"].sum() == pytest.approx(found["dark_lamp_nights"], rel=1e-9)
    assert cabinets["billed_power"].sum() == found["subscribed_power"]
    assert set(found) == {item.name for item in NETWORK.said}
    # The account by hand: prices without VAT, agents at their cost of 2022 in euros of 2025.
    staff = found["staff_hours"] * 30.0 * 120.82 / 111.91
    energy = 0.16 * found["electricity"] + 120.0 * found["subscribed_power"] + 1.35 * found["crew_diesel"]
    assert found["staff_cost"] == pytest.approx(staff)
    assert found["energy_cost"] == pytest.approx(energy)
    assert found["fee_cost"] == pytest.approx(4.0 * half.sum())
    works = found["materials_cost"] - found["materials"]  # cables, cabinets, inspections …: test_lighting_upkeep.py
    assert works > 0
    assert found["cost"] == pytest.approx(staff + energy + found["materials"] + works + found["fee_cost"])
    nodes = 10.0 * found["lighting_node_replacements"]
    assert found["carbon"] == pytest.approx(0.0580 * found["electricity"] + 3.10 * found["crew_diesel"] + nodes)
    assert found["energy"] == pytest.approx(found["electricity"] + found["crew_diesel"] * 35.6 / 3.6)
    assert found["fuel"] == found["crew_diesel"]
    assert found["investment"] == sum(item.count * item.unit_cost for item in bench.bill)


def test_energy_by_hand():
    bench = Lit(small_town())
    found = bench.still()
    hours = found["burning_hours"]
    assert found["electricity"] == pytest.approx(40 * 0.115 * hours)
    assert found["installed_power"] == pytest.approx(40 * 0.115)
    # 20 lamps a cabinet: 2.3 kW, 2.81 kVA with margin, 3 kVA subscribed.
    assert found["subscribed_power"] == 6.0
    assert found["subscription_cost"] == pytest.approx(6 * 120.0)
    assert found["energy_density"] == pytest.approx(found["electricity"] * 1000 / (40 * 200))


def test_a_node_draws_day_and_night():
    found = Lit(small_town()).apply("remote_management", standby="2 W").still()
    assert found["electricity"] - Lit(small_town()).still()["electricity"] == pytest.approx(40 * 0.002 * 8760)


def test_a_dark_lamp_draws_nothing_unless_told():
    bench = Lit(small_town()).having(**SHORT_LIVED)
    ran, alight = bench.run(), bench.still()
    outages = outages_of(ran)
    state = bench.prepare().state
    # Second by second rather than by cumulated sums.
    steps = np.arange(0.0, YEAR.duration, 600.0)
    dark = np.zeros(len(steps))
    for start, end in zip(outages.start, outages.end, strict=True):
        dark += np.clip((np.minimum(end, steps + 600) - np.maximum(start, steps)) / 600, 0.0, 1.0)
    lost = (dark * state.night.dark[0]).sum() / 6 * 0.115
    assert len(outages.lamp) > 20
    # A failure may fall inside a step of dusk or dawn, where the two sums cut it differently.
    assert alight["electricity"] - ran.outcome.quantities["electricity"] == pytest.approx(lost, rel=2e-3)
    bench.bench = replace(bench.bench, assumptions={"failed_lamps_consume": True})
    assert bench.run().outcome.quantities["electricity"] == pytest.approx(alight["electricity"])


def test_same_world_before_and_after():
    # A measure that changes no life and no round leaves every event where it was.
    town = small_town()
    plain, dimmed = Lit(town).having(**SHORT_LIVED), Lit(town).having(**SHORT_LIVED)
    dimmed.apply("dimming", profile=[{"from": "22:00", "to": "06:00", "level": "50 %"}])
    first, second = plain.run(), dimmed.run()
    assert all(table.equals(second.events("lighting")[kind]) for kind, table in first.events("lighting").items())
    assert second.outcome.quantities["electricity"] < first.outcome.quantities["electricity"]
    # A measure on one half leaves the failures of the other half alone, whatever becomes of the crews.
    half = np.arange(40) < 20
    mixed = Lit(town).having(**SHORT_LIVED).apply("led_retrofit", half).run()
    untouched = [events(item, "failure").query("lamp >= 20 and rank == 0") for item in (first, mixed)]
    assert len(untouched[0]) > 5
    assert untouched[0].reset_index(drop=True).equals(untouched[1].reset_index(drop=True))


def test_failures_fall_in_burning_hours_and_switching_off_makes_lamps_last():
    town = small_town(lamps=400)
    plain = Lit(town).having(**SHORT_LIVED)
    off = Lit(town).having(**SHORT_LIVED).apply("switch_off", **{"from": "00:00", "to": "06:00"})
    first, second = plain.run(), off.run()
    before, after = first.outcome.indicators, second.outcome.indicators
    assert after["burning_hours"] < 0.6 * before["burning_hours"]
    assert after["failures"] < 0.8 * before["failures"]
    hours = np.array([YEAR.local(time).hour for time in events(second, "failure")["time"]])
    assert len(hours) > 50
    assert not ((hours >= 0) & (hours < 6)).any()


def test_number_of_failures_follows_the_law():
    # Exponential lives of the burning hours of one year: each lamp fails once a year, dark time apart.
    bench = Lit(small_town(technology="LED", power=50.0, lamps=500), crews=4)
    bench.having(failure_scale_led=41_080.0, dispatch_delay=0.0, citizen_delay=0.01)
    counts = [bench.run(replication=number).outcome.indicators["failures"] for number in range(6)]
    # Poisson mean 500 x 4 108 / 41 080 = 50 per replication.
    assert abs(np.mean(counts) - 50.0) < 3 * np.sqrt(50.0 / 6)


def test_weekly_patrols_find_the_share_of_faults_published_for_dundee():
    # Dundee 2010/11: weekly patrols, 68 % of faults found by them, the rest by the public.
    bench = Lit(small_town(lamps=4000)).having(patrol_interval=7.0)
    world = bench.bench.world()
    town = Breakdowns(bench.prepare(world).state, world, Streams(3, 0, "lighting"))
    times = np.random.default_rng(5).uniform(0, 300 * DAY, 4000)
    found = [town.detection(lamp, 0, float(time)) for lamp, time in enumerate(times)]
    assert np.mean([finder == PATROL for _delay, finder in found]) == pytest.approx(0.68, abs=0.02)
    assert {finder for _delay, finder in found} == {PATROL, CITIZEN}
    assert min(delay for delay, _finder in found) >= 0.0


def test_managed_lamps_are_known_within_a_day_and_not_patrolled():
    bench = Lit(small_town()).having(**SHORT_LIVED).apply("remote_management")
    managed = bench.run()
    plain = Lit(small_town()).having(**SHORT_LIVED).run()
    assert events(managed, "patrol").empty
    assert len(events(plain, "patrol")) == 13 + 12  # two cabinets, every 30 days, half a round apart
    found = events(managed, "detection")
    assert (found["delay"] <= DAY).all()
    assert (found["finder"] == ALARM).mean() > 0.8
    nights = [ran.outcome.indicators["dark_lamp_nights"] for ran in (managed, plain)]
    assert nights[0] < nights[1]
    assert bench.said(managed.outcome)["fee_cost"] == pytest.approx(40 * 4.0)


def test_distance_and_work_of_patrols():
    ran = Lit(small_town()).having(failure_scale_hps=1e9).run()
    passed, found = events(ran, "patrol"), ran.outcome.quantities
    assert found["crew_distance"] == pytest.approx(len(passed) * 20 / 33)
    assert passed["hours"].sum() == pytest.approx(found["crew_distance"] / 15)
    assert found["crew_diesel"] == pytest.approx(found["crew_distance"] * 0.09)
    # Crews of two agents: their patrols, and a quarter of an hour for each of the planned changes of a sodium lamp.
    planned = 40 * 0.25 * ran.outcome.indicators["burning_hours"] / 16_800
    assert found["staff_hours"] == pytest.approx(2 * (passed["hours"].sum() + planned))
    assert found["materials"] == pytest.approx(40 * 25.0 * ran.outcome.indicators["burning_hours"] / 16_800)


def test_only_the_period_counts():
    clock = Clock(date(2025, 2, 1), date(2025, 2, 28))
    bench = Lit(small_town(lamps=300), clock=clock, warmup=90 * DAY).having(**SHORT_LIVED)
    ran = bench.run()
    failed = events(ran, "failure")["time"]
    assert failed.min() < -30 * DAY
    assert ran.outcome.indicators["failures"] == (failed >= 0).sum()
    # Without warm-up nothing is dark at the start; with it the period begins as it goes on.
    outages = outages_of(ran)
    assert (outages.start == 0.0).sum() > 5
    assert (outages.end <= clock.duration).all()
    assert ran.outcome.indicators["dark_lamp_nights"] <= 300 * 28


def test_repairs_wait_for_order_and_crew():
    bench = Lit(small_town(), crews=3).having(**SHORT_LIVED)
    ran = bench.run()
    repairs = events(ran, "repair")
    hours = np.array([YEAR.local(time).hour for time in repairs["time"]])
    assert ((hours >= 8) & (hours <= 16)).all()
    assert (repairs["time"] - repairs["detected"] >= 3 * DAY).all()
    found = ran.outcome.indicators
    assert found["days_to_repair"] > found["detection_days"] + 3
    assert len(events(ran, "job")) == len(repairs)
    assert set(events(ran, "job")["work"]) == {"repair"}


def test_maintenance_and_clocks():
    town = small_town()
    bench = Lit(town).having(**SHORT_LIVED).apply("maintenance", patrol_interval="7 days", dispatch_delay="1 day")
    assert len(events(bench.run(), "patrol")) == 53 + 52
    assert bench.bill == ()
    clock = Lit(town).apply("astronomical_clock", morning_offset="-10 min", evening_offset="10 min")
    saved = Lit(town).still()["burning_hours"] - clock.still()["burning_hours"]
    assert saved == pytest.approx(365 * 20 / 60, rel=0.01)
    assert [item.count for item in clock.bill] == [2.0]


def test_led_retrofit():
    town = small_town(technology=["LED", "HPS"] * 20, power=[50.0, 125.0] * 20)
    bench = Lit(town).apply("led_retrofit", power_table={"125 W": "70 W"}, unit_cost="650 EUR")
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
    bench = Lit(town)
    bench.layers["cabinets"]["subscribed_power"] = [12.0, np.nan]
    bench.apply("led_retrofit", power="46 W")  # 46 / 115 = 0.4 of the load
    assert bench.layers["cabinets"]["subscribed_power"][0] == 5.0
    kept = Lit(town)
    kept.layers["cabinets"]["subscribed_power"] = [12.0, np.nan]
    kept.apply("led_retrofit", power="46 W", renegotiate_subscription=False)
    assert kept.still()["subscribed_power"] == 12.0 + 2.0


def test_measures_that_do_not_fit_a_lamp_leave_it():
    bench = Lit(small_town(technology=["FLUO", "HPS"] * 20))
    bench.apply("dimming", profile=[{"from": "22:00", "to": "06:00", "level": "20 %"}])
    assert list(bench.layers["lamps"]["profile"][:2]) == ["", "22:00-06:00=0.2"]
    assert len(bench.notes) == 2  # fluorescent lamps stay, sodium lamps go no lower than half
    assert Lit(small_town()).apply("motion_detection").bill == ()
    assert Lit(small_town()).apply("constant_light_output").bill == ()


def test_profiles_of_the_assumptions():
    town = small_town(technology="LED", profile="eco")
    assumptions = {"profiles": {"eco": [{"from": "22:00", "to": "06:00", "level": "50 %"}]}}
    bench = Lit(town)
    bench.bench = replace(bench.bench, assumptions=assumptions)
    inline = Lit(small_town(technology="LED")).apply("dimming", profile=assumptions["profiles"]["eco"])
    assert bench.still()["electricity"] == pytest.approx(inline.still()["electricity"])
    with pytest.raises(InputError, match="eco"):
        Lit(town).still()


def test_compliance_with_the_order_of_2018():
    # Category a: 7 500 lm on 200 m2 are 37.5 lm/m2, above 35.
    town = small_town(cct=[2000.0, 4000.0, np.nan, 3000.0] * 10, ulr=[0.02, 0.05, 0.01, 0.04] * 10)
    before = Lit(town).still()
    counts = ("flux_noncompliant", "cct_noncompliant", "ulr_noncompliant", "legal_unknown")
    assert [before[name] for name in counts] == [40, 10, 20, 10]
    after = Lit(town).apply("led_retrofit", power="45 W", efficacy="120 lm/W", cct="2700 K").still()
    assert [after[name] for name in counts] == [0, 0, 0, 0]
    free = Lit(small_town(cct=5000.0, ulr=0.3, legal_category="b")).still()
    assert [free[name] for name in counts] == [0, 0, 0, 0]


def test_a_lamp_without_cabinet_counts_in_the_total():
    town = small_town(cabinet_id=["C0", "nowhere"] * 20)
    bench = Lit(town)
    assert bench.still()["electricity"] == pytest.approx(Lit(small_town()).still()["electricity"])
    (note,) = bench.prepare().notes
    assert note["fr"].startswith("20 lampe(s)")
    assert note["en"].startswith("20 lamp(s)")
    with pytest.raises(InputError) as caught:
        check_layers(town, [NETWORK])
    assert [(item.column, len(item.features)) for item in caught.value.problems] == [("cabinet_id", 20)]
    check_layers(small_town(), [NETWORK])


def test_the_prepared_state_travels():
    bench = Lit(small_town(lamps=2000))
    made = bench.prepare()
    assert len(pickle.dumps(made)) < 2_000_000
    assert pickle.loads(pickle.dumps(made)).state.power.sum() == made.state.power.sum()  # noqa: S301 - our own bytes


def test_windows_write_themselves():
    assert Window(23.5, 5.0, 0.4).text == "23:30-05:00=0.4"


def test_a_run_does_not_depend_on_the_runs_before_it():
    # Runs share what their place remembers; around the clock change of March a wrong day would lose a shift.
    clock = Clock(date(2025, 3, 1), date(2025, 4, 30))
    shared, fresh = (Lit(small_town(lamps=400), clock=clock).having(failure_scale_hps=2000.0) for _bench in range(2))
    for number in range(1, 4):
        shared.run(replication=number)
    one, other = (bench.run(replication=0).events("lighting") for bench in (shared, fresh))
    assert list(one) == list(other)
    assert all(table.equals(other[kind]) for kind, table in one.items())


def test_a_lamp_of_which_the_layer_says_nothing_is_what_the_table_says():
    # The code has no default of its own: a table with another one makes another network.
    silent = small_town(technology=None)
    found = Lit(silent).still()
    assert found == pytest.approx(Lit(small_town()).still(), nan_ok=True)
    streets = [Lit(small_town(technology="LED", road_class=kind)) for kind in (None, "residential", "primary")]
    used = [bench.apply("motion_detection").still()["electricity"] for bench in streets]
    assert used[0] == used[1] < used[2]
    rows = [
        replace(row, default="LED") if (row.layer, row.attribute) == ("lamps", "technology") else row
        for row in NETWORK.attributes.rows
    ]
    other = replace(NETWORK, attributes=AttributeTable(rows))
    assert Lit(silent, network=other).still()["installed_power"] == pytest.approx(40 * 0.100)
    assert found["installed_power"] == pytest.approx(40 * 0.115)


def test_what_a_run_gives_never_hides_what_the_layer_says():
    # The nominal power of a lamp is not that of its system: both stay, under two names.
    bench = Lit(small_town())
    bench.layers["cabinets"]["subscribed_power"] = [12.0, np.nan]
    assets = bench.run().outcome.assets
    for layer, frame in assets.items():
        assert not set(frame.columns) & set(bench.layers[layer].columns), layer
    assert (bench.layers["lamps"]["power"] == 100.0).all()
    assert list(assets["lamps"]["system_power"]) == pytest.approx([115.0] * 40)
    assert list(assets["cabinets"]["billed_power"]) == [12.0, 3.0]


def test_notes_are_kept_in_every_language():
    bench = Lit(small_town(power=[np.nan] + [100.0] * 39))
    (note,) = bench.prepare().notes
    assert note == {
        "fr": "1 lampe(s) de puissance inconnue (L0) comptent pour 0 W",
        "en": "1 lamp(s) of unknown power (L0) count as 0 W",
    }


def test_the_bill_is_repriced_without_simulating_again():
    bench = Lit(small_town()).apply("led_retrofit").apply("remote_management", annual_fee="3 EUR/year")
    outcome = bench.run().outcome
    dearer = NETWORK.factors.override({"led_price": 1000.0, "node_fee": 9.0, "led_embodied_carbon": 50.0}, "test")
    before = bench.said(outcome)
    bench.bill = tuple(item.priced(dearer) for item in bench.bill)
    after = bench.said(outcome)
    assert before["investment"] == 40 * (700.0 + 100.0)
    assert after["investment"] == 40 * (1000.0 + 100.0)
    assert after["embodied_carbon"] == 40 * (50.0 + 10.0)
    # A fee that the scenario states is no factor's.
    assert after["fee_cost"] == before["fee_cost"] == 40 * 3.0
