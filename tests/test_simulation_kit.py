"""Crews, board and journal: what a process lives in, against sums done by hand."""

from datetime import date
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely

from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.simulation.crews import CrewSpec, Job
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
    made = World(place, ["lighting", "water"], {"lighting": crew, "water": crew}, 0.0, shared_factors())
    made.sites = place.sites(np.array([[650_000 + 1000.0 * k, 6_700_000] for k in range(5)]))
    return made


def submit(world, when, site, hours, done, network="lighting", priority=0):
    def wait():
        yield world.env.timeout(when - world.env.now)
        world.crew(network).submit(Job(network, "repair", site, int(world.sites[site]), hours, done.append, priority))

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
    events = world.journals["lighting"].events()
    jobs = events[events["kind"] == "job:repair"]
    # The oldest first (1), then always the nearest: 2, 3, 4; 4 km out and 4 km back.
    assert jobs["asset"].tolist() == [1, 2, 3, 4]
    assert jobs["first"].sum() == pytest.approx(4.0)
    back = events[events["kind"] == "job:return"]
    assert back["first"].tolist() == [pytest.approx(4.0)]
    assert events["second"].sum() == pytest.approx(8 / SPEED + 4 * 0.5)


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
    assert len(world.journals["water"].events("job:repair")) == 1


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


def test_journal_keeps_order_and_selects(world):
    journal = world.journals["water"]
    assert journal.events().empty
    journal.record(1.0, "leak", 3, 0.5)
    journal.record(0.5, "repair", 3)
    assert journal.events()["kind"].tolist() == ["leak", "repair"]
    assert journal.events("repair")["time"].tolist() == [0.5]
    assert journal.events("nothing").empty
    assert len(journal) == 2
