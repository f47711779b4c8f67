"""Devices that fail, are silent and get a visit: against closed forms, and against sums done by hand."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely

from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.delivery import Delivery
from jumeau.simulation.device_record import days_out, device_indicators, device_quantities
from jumeau.simulation.device_upkeep import DeviceUpkeep
from jumeau.simulation.events import crew_events
from jumeau.simulation.installed import Hazard, InstalledDevices, Service
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.territory.model import Territory, column_rows

SHARED = shared_factors()
NOW = Service(notice=2.0, dispatch=14.0, hours=0.5, low=60.0, renewal=8.0)
YEAR = Clock(date(2025, 1, 1), date(2025, 12, 31))
#: Crews at work at any hour, so that nothing queues.
ALWAYS = CrewSpec("all", 12, (0.0, 24.0), (0, 1, 2, 3, 4, 5, 6))


def devices(count, hazard, *, size=None, rows=None, battery=np.inf, alarms=0.0, service=NOW, copies=None):
    rows = np.arange(count) if rows is None else np.asarray(rows)
    size = count if size is None else size
    return InstalledDevices(
        "water",
        "thing",
        np.array([f"A{row}" for row in rows], dtype=object),
        rows,
        np.zeros(count, dtype=np.int64) if copies is None else copies,
        size,
        np.zeros(count, dtype=np.int64),
        hazard,
        np.full(count, battery),
        alarms,
        service,
    )


def run(installed, *, crew=ALWAYS, clock=YEAR, replication=0, warmup=0.0, watch=None):
    """Return the upkeep of devices at one place after a run, and its journal."""
    spot = gpd.GeoDataFrame({"point_id": ["a"]}, geometry=[shapely.Point(650_000, 6_700_000)], crs=2154)
    place = Place(Territory("spot", spot.crs, {"points": spot}, column_rows("points", [], "synthetic")), clock, 1.3)
    place.sites(np.array([[650_000.0, 6_700_000.0]]))
    world = World(place, {"water": crew_events()}, {"water": crew}, warmup, SHARED)
    upkeep = DeviceUpkeep(installed, world, Streams(1, replication, "water"))
    upkeep.start()
    if watch is not None:
        watch(world, upkeep)
    world.run()
    return upkeep, world.journals["water"]


def test_availability_is_that_of_the_closed_form():
    """MTBF / (MTBF + MTTR), where the time to repair is notice, dispatch and work, and nothing queues."""
    count, rate = 4000, 2.0
    hazard = Hazard(rate, rate)
    _upkeep, journal = run(devices(count, hazard), warmup=120 * DAY)
    between, repair = 365.0 / rate, NOW.silence + NOW.hours / 24.0
    expected = between / (between + repair)
    found = 1.0 - days_out(journal, YEAR.duration) / (count * 365.0)
    # Standard error by the variance of an alternating renewal process is some 1e-4 here.
    assert found == pytest.approx(expected, abs=6e-4)
    failures = len(journal.within(YEAR.duration)("device_silent"))
    long_run = count * 365.0 / (between + repair)
    assert failures == pytest.approx(long_run, abs=4.0 * np.sqrt(long_run))


def test_failures_are_rate_times_device_years():
    """Rare failures of devices of all ages: young ones by their own rate."""
    hazard = Hazard(first_year=0.3, later=0.05, vandalism=0.01, fouling=0.04)
    count = 60_000
    _upkeep, journal = run(
        devices(count, hazard, service=replace(NOW, renewal=4.0)), clock=Clock(YEAR.start, YEAR.start)
    )
    silent = journal.table("device_silent")
    expected = count / 365.0 * hazard.mean(4.0)
    assert expected == pytest.approx(count / 365.0 * (0.3 / 4 + 0.05 * 3 / 4 + 0.05))
    assert len(silent) == pytest.approx(expected, abs=4.0 * np.sqrt(expected))


def test_the_life_of_a_device_follows_its_hazard():
    hazard = Hazard(first_year=0.4, later=0.1, vandalism=0.05)
    draws = (np.arange(100_000) + 0.5) / 100_000
    left = hazard.left(np.zeros(len(draws)), draws)
    assert (left > 1.0).mean() == pytest.approx(np.exp(-0.45), abs=1e-4)
    assert (left > 3.0).mean() == pytest.approx(np.exp(-0.45 - 2 * 0.15), abs=1e-4)
    # Whoever has outlived the first year has the later rate, whatever the age.
    older = hazard.left(np.full(len(draws), 5.0), draws)
    assert older.mean() == pytest.approx(1 / 0.15, rel=1e-3)
    assert np.isinf(Hazard(0.0, 0.0).left(np.zeros(2), np.array([0.1, 0.9]))).all()
    causes = [hazard.cause(2.0, draw) for draw in (0.1, 0.6, 0.7, 0.99)]
    assert causes == ["failure", "failure", "vandalism", "vandalism"]
    assert Hazard(0.0, 0.0, 0.0, 1.0).cause(0.0, 0.5) == "fouling"


def test_a_silent_device_waits_for_notice_dispatch_and_the_shift():
    crew = CrewSpec("team", 1, (8.0, 16.0), (0, 1, 2, 3, 4))
    _upkeep, journal = run(devices(40, Hazard(1.0, 1.0)), crew=crew)
    visits = journal.table("device_visit")
    assert len(visits) > 20
    wait = (visits["time"] - visits["since"]).to_numpy() / DAY
    assert wait.min() >= NOW.silence + NOW.hours / 24.0 - 1e-9
    ends = np.array([YEAR.local(time).hour + YEAR.local(time).minute / 60 for time in visits["time"]])
    assert ((ends >= 8.5 - 1e-9) & (ends <= 16.5)).all()
    jobs = journal.table("job")
    assert (jobs["work"] == "device_visit").all()
    assert len(jobs) == len(visits)


def test_the_same_asset_fails_on_the_same_day_wherever_others_stand():
    hazard = Hazard(0.5, 0.5)

    def first(rows, crew=ALWAYS):
        _upkeep, journal = run(devices(len(rows), hazard, rows=rows, size=200), crew=crew)
        return journal.table("device_silent").drop_duplicates("asset").set_index("asset")["time"]

    everywhere, some = first(list(range(200))), first(list(range(3, 200, 5)))
    assert len(some) > 8
    assert some.equals(everywhere[some.index])
    # Slower crews shift no first failure.
    slow = first(list(range(200)), CrewSpec("slow", 1, (8.0, 9.0), (0,)))
    assert slow.equals(everywhere[slow.index])
    assert len(slow) == len(everywhere)


def test_replications_differ_and_the_same_one_does_not():
    tables = [run(devices(300, Hazard(0.5, 0.5)), replication=number)[1].table("device_silent") for number in (0, 0, 1)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])


def test_batteries_are_changed_before_their_end_and_silence_nobody():
    """As many visits as devices over the life of a battery; crews that come in time leave no gap."""
    count = 900
    _upkeep, journal = run(devices(count, Hazard(0.0, 0.0), battery=3.0))
    visits = journal.table("device_visit")
    assert (visits["work"] == "battery").all()
    assert len(visits) == pytest.approx(count / 3.0, abs=4.0 * np.sqrt(count * 2 / 9))
    assert len(journal.table("device_silent")) == 0
    assert device_quantities(journal, YEAR.duration, ("thing",)) == {
        "device_batteries": len(visits),
        "thing_replacements": 0.0,
    }


def test_a_battery_that_crews_come_too_late_for_silences_its_device():
    nobody = CrewSpec("late", 1, (8.0, 8.5), (0,))
    _upkeep, journal = run(devices(400, Hazard(0.0, 0.0), battery=2.0), crew=nobody)
    assert set(journal.table("device_silent")["cause"]) == {"battery"}
    assert days_out(journal, YEAR.duration) > 0.0


def test_a_battery_that_outlives_its_device_is_never_changed():
    _upkeep, journal = run(devices(400, Hazard(0.0, 0.0), battery=9.0))
    assert len(journal) == 0


def test_a_fouled_device_is_cleaned_and_needs_no_spare():
    _upkeep, journal = run(devices(400, Hazard(0.0, 0.0, fouling=0.5)))
    assert set(journal.table("device_visit")["work"]) == {"cleaning"}
    assert device_quantities(journal, YEAR.duration, ("thing",))["thing_replacements"] == 0.0


def test_false_alarms_are_of_devices_that_work_and_end_in_a_visit():
    count, rate = 2000, 0.5
    _upkeep, journal = run(devices(count, Hazard(0.0, 0.0), alarms=rate))
    found = device_indicators(journal, YEAR.duration)
    assert found["device_false_alarms"] == found["device_visits"]
    assert found["device_false_alarms"] == pytest.approx(count * rate, abs=4.0 * np.sqrt(count * rate))
    assert found["device_days_out"] == found["device_failures"] == 0.0
    jobs = journal.table("job")
    assert set(jobs["work"]) == {"device_check"}


def test_whoever_waits_for_a_device_hears_when_it_is_back():
    heard = []

    def watch(world, upkeep):
        def wait():
            while not upkeep.silent.any():
                yield world.env.timeout(HOUR)
            device = int(np.flatnonzero(upkeep.silent)[0])
            assert upkeep.silent_rows[device] == 1.0
            assert not upkeep.works([device]).any()
            yield upkeep.back([device])
            heard.append((device, world.env.now, bool(upkeep.works([device]).all())))

        world.env.process(wait())

    _upkeep, journal = run(devices(20, Hazard(2.0, 2.0)), watch=watch)
    device, time, works = heard[0]
    visits = journal.table("device_visit")
    assert works
    assert time in set(visits.loc[visits["number"] == device, "time"])


def test_several_devices_of_one_asset_fail_each_on_its_own():
    copies = np.tile(np.arange(5), 40)
    installed = devices(200, Hazard(0.5, 0.5), rows=np.repeat(np.arange(40), 5), size=40, copies=copies)
    _upkeep, journal = run(installed)
    first = journal.table("device_silent").drop_duplicates("number")
    assert first["time"].is_unique
    assert len(first) > 40


def test_what_radio_says_of_a_battery_comes_before_the_factor():
    made = Delivery(
        np.array(["a", "b"], dtype=object),
        np.zeros((2, 2)),
        DAY,
        np.array([-np.inf]),
        np.ones((1, 2)),
        np.ones((1, 2)),
        np.array([3.0, np.nan]),
    )
    np.testing.assert_array_equal(made.battery_of(np.array(["b", "c", "a"], dtype=object)), [np.nan, np.nan, 3.0])
    assert made.digest() != replace(made, battery=None).digest()
