"""Crews, board, kinds of events and journal: what a process lives in, against sums done by hand."""

from datetime import date
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.simulation.crews import CrewSpec, Job
from jumeau.simulation.events import crew_events, read_events
from jumeau.simulation.journal import Journal
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.territory.model import Territory, column_rows

SPEED = shared_factors().value("crew_speed")


@pytest.fixture
def avenue():
    """A straight, two-way avenue of five nodes, 1 km apart."""
    x = 650_000 + 1000.0 * np.arange(5)
    lines = [shapely.LineString([(a, 6_700_000), (b, 6_700_000)]) for a, b in pairwise(x)]
    streets = gpd.GeoDataFrame(
        {"street_id": list("abcd"), "road_class": "residential", "oneway": "both"}, geometry=lines, crs=2154
    )
    rows = column_rows("streets", ["street_id", "road_class", "oneway"], "synthetic")
    return Territory("avenue", streets.crs, {"streets": streets}, rows)


@pytest.fixture
def world(avenue):
    """A week of May 2025 with a public holiday on its Thursday, one crew from 8 to 16 h, depot at the first node."""
    place = Place(avenue, Clock(date(2025, 5, 5), date(2025, 5, 11)), 1.3)
    crew = CrewSpec("team", 1, (8.0, 16.0), (0, 1, 2, 3, 4), (650_000.0, 6_700_000.0))
    made = World(
        place,
        dict.fromkeys(("lighting", "water"), crew_events()),
        {"lighting": crew, "water": crew},
        0.0,
        shared_factors(),
    )
    made.sites = place.sites(np.array([[650_000 + 1000.0 * k, 6_700_000] for k in range(5)]))
    return made


def submit(world, when, site, hours, done, network="lighting", priority=0):
    def wait():
        yield world.env.timeout(when - world.env.now)
        world.crew(network).submit(Job(network, "repair", int(world.sites[site]), hours, done.append, priority))

    world.env.process(wait())


def drive(km):
    return km / SPEED * HOUR


def test_a_job_at_night_waits_for_the_morning(world):
    done = []
    submit(world, 20 * HOUR, 2, 1.0, done)
    world.run()
    assert done == [pytest.approx(DAY + 8 * HOUR + drive(2) + HOUR)]


def test_a_job_on_friday_evening_waits_for_monday_and_a_holiday_is_off(world):
    friday, eve = [], []
    submit(world, 4 * DAY + 17 * HOUR, 1, 1.0, friday)
    submit(world, 2 * DAY + 17 * HOUR, 1, 1.0, eve)  # Thursday 8 May is a public holiday: done on Friday
    world.run()
    assert friday == []
    assert eve == [pytest.approx(4 * DAY + 8 * HOUR + drive(1) + HOUR)]


def test_jobs_are_grouped_by_place_and_kilometres_add_up(world):
    done = []
    for site in (1, 4, 2, 3):
        submit(world, 1 * HOUR, site, 0.5, done)
    world.run()
    jobs, back = (world.journals["lighting"].table(kind) for kind in ("job", "return"))
    # The oldest first (1), then always the nearest: 2, 3, 4, a kilometre each; 4 km out and 4 km back.
    assert jobs["distance"].tolist() == pytest.approx([1.0] * 4)
    assert jobs["work"].tolist() == ["repair"] * 4
    assert jobs["time"].tolist() == done
    assert back["distance"].tolist() == [pytest.approx(4.0)]
    assert jobs["hours"].sum() + back["hours"].sum() == pytest.approx(8 / SPEED + 4 * 0.5)


def test_a_job_that_does_not_fit_before_the_end_waits_for_tomorrow(world):
    done = []
    submit(world, 1 * HOUR, 1, 5.0, done)
    submit(world, 2 * HOUR, 2, 5.0, done)
    world.run()
    assert done[0] == pytest.approx(8 * HOUR + drive(1) + 5 * HOUR)
    assert done[1] == pytest.approx(DAY + 8 * HOUR + drive(2) + 5 * HOUR)


def test_a_job_longer_than_the_day_is_done_all_the_same(world):
    done = []
    submit(world, 1 * HOUR, 1, 12.0, done)
    world.run()
    assert done == [pytest.approx(8 * HOUR + drive(1) + 12 * HOUR)]


def test_networks_share_a_pool_and_urgent_work_goes_first(world):
    water, lighting = [], []
    submit(world, 8.1 * HOUR, 1, 3.0, lighting)
    submit(world, 8.2 * HOUR, 3, 1.0, lighting)
    submit(world, 8.3 * HOUR, 4, 1.0, water, network="water", priority=-1)
    world.run()
    assert world.crew("water") is world.crew("lighting")
    assert lighting[0] < water[0] < lighting[1]
    assert [len(world.journals[name].table("job")) for name in ("lighting", "water")] == [2, 1]


def test_queue_of_one_server_follows_lindley(world):
    """With no driving, one crew is a single server: W(k+1) = max(0, W(k) + S(k) - A(k)) (Lindley, 1952)."""
    rng = np.random.Generator(np.random.PCG64(3))
    arrivals = 8 * HOUR + np.cumsum(rng.exponential(600, 20))
    services = rng.exponential(0.12, 20)
    done = []
    for when, hours in zip(arrivals, services, strict=True):
        submit(world, float(when), 0, float(hours), done)
    world.run()
    end, expected = 0.0, []
    for when, hours in zip(arrivals, services, strict=True):
        end = max(end, when) + hours * HOUR
        expected.append(end)
    assert expected[-1] < 16 * HOUR
    assert done == pytest.approx(expected)


def test_board_remembers_and_tells(world):
    heard = []
    world.board.listen("street_closed", lambda now, key, value: heard.append((now, key, value)))
    world.env.run(until=5.0)
    world.board.post("street_closed", "b", value=True)
    assert world.board.read("street_closed", "b") is True
    assert world.board.read("street_closed", "c", default=False) is False
    assert heard == [(5.0, "b", True)]
    assert world.board.history == [(5.0, "street_closed", "b", True)]
    assert world.board.keys("street_closed") == ["b"]


def test_what_is_scheduled_is_read_by_the_hour_and_told_to_who_listens(world):
    """A value holds from its instant on; listeners hear the same changes, whether they come before or after."""
    heard, late = [], []
    world.board.listen("delay", lambda now, key, value: heard.append((world.env.now, now, key, value)))
    world.board.schedule("delay", "all", [1.0, 3.0], [1.1, 1.3])
    world.board.listen("delay", lambda _now, _key, value: late.append(value))
    assert world.board.keys("delay") == ["all"]
    read = []
    for now in (0.5, 1.0, 2.0, 3.0, 9.0):
        world.env.run(until=now) if now > world.env.now else None
        read.append(world.board.read("delay", "all", 1.0))
    assert read == [1.0, 1.1, 1.1, 1.3, 1.3]
    assert heard == [(1.0, 1.0, "all", 1.1), (3.0, 3.0, "all", 1.3)]
    assert late == [1.1, 1.3]


HEAD = "kind,column,type,unit,layer,description\n"
LEAKS = """leak,pipe,asset,,pipes,Pipe that leaks
leak,flow,number,m3/h,,Flow at its birth
leak,cause,text,,,Why
dawn,,,,,The sun rises
"""


@pytest.fixture
def kinds(tmp_path):
    """Kinds of events as a network declares them."""
    (tmp_path / "events.csv").write_text(HEAD + LEAKS, encoding="utf-8")
    return read_events(tmp_path / "events.csv")


def test_kinds_of_events_are_those_declared_and_those_of_crews(kinds, tmp_path):
    assert [column.column for column in kinds["leak"]] == ["pipe", "flow", "cause"]
    assert [(column.type, column.unit, column.layer) for column in kinds["leak"]] == [
        ("asset", "", "pipes"), ("number", "m3/h", ""), ("text", "", "")
    ]  # fmt: skip
    assert kinds["dawn"] == ()
    assert set(kinds) == {"leak", "dawn", "job", "return", "device_silent", "device_visit"}
    assert read_events(tmp_path / "none.csv") == crew_events()
    (tmp_path / "wrong.csv").write_text(HEAD + "leak,flow,numbr,m3/h,,Flow\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"wrong\.csv: leak\.flow: type 'numbr'"):
        read_events(tmp_path / "wrong.csv")


def test_journal_keeps_order_names_and_types(kinds):
    journal = Journal(kinds)
    assert journal.tables() == {}
    journal.record(1.0, "leak", pipe=3, flow=0.5, cause="frost")
    journal.record(0.5, "leak", cause="age", flow=2, pipe=-1)
    journal.record(7.0, "dawn")
    journal.record(8.0, "leak", pipe=0, flow=1.5, cause="frost")
    assert len(journal) == 4
    table = journal.table("leak")
    expected = pd.DataFrame(
        {
            "time": [1.0, 0.5, 8.0],
            "pipe": [3, -1, 0],
            "flow": [0.5, 2.0, 1.5],
            "cause": np.array(["frost", "age", "frost"], dtype=object),
        }
    )
    pd.testing.assert_frame_equal(table, expected)
    assert list(journal.tables()) == ["leak", "dawn"]
    assert journal.table("dawn")["time"].tolist() == [7.0]
    # A kind of which nothing happened has its columns all the same.
    assert list(journal.table("job").columns) == ["time", "work", "distance", "hours"]
    assert journal.table("job").empty


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("burst", {"pipe": 1}),
        ("leak", {"pipe": 1, "flow": 0.5}),
        ("leak", {"pipe": 1, "flow": 0.5, "reason": "age"}),
        ("leak", {"pipe": 1, "flow": 0.5, "cause": "age", "depth": 1.0}),
    ],
)
def test_journal_takes_only_what_is_declared(kinds, kind, values):
    with pytest.raises(KeyError):
        Journal(kinds).record(0.0, kind, **values)


def test_journal_leaves_the_warm_up_and_the_last_instant_out(kinds):
    journal = Journal(kinds)
    for time in (-1.0, 0.0, 5.0, 10.0):
        journal.record(time, "leak", pipe=int(time), flow=time, cause="age")
    taken = journal.within(10.0)("leak")
    assert taken["time"].tolist() == [0.0, 5.0]
    assert taken.index.tolist() == [0, 1]
    assert journal.within(10.0)("dawn").empty
