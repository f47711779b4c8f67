"""Step tests: the night flow tells which part of a sector leaks, so that a team walks that part alone."""

import numpy as np
import pytest
import simpy
from water_kit import bench, frame, grid

from jumeau.networks.water.simulation.night_flow import Rise, Sector
from jumeau.simulation.clock import DAY, HOUR

ALARM = 4.0 * DAY


def search(places, flows, steps, *, resolution=0.5, missed=0):
    """Return the hours from the alarm to the location of leaks in a sector that takes 10 h to walk, by their place."""
    env, found = simpy.Environment(), {}

    def submit(_place, hours, done):
        def work():
            yield env.timeout(hours * HOUR)
            done(env.now)

        env.process(work())

    sector = Sector(
        env, 1.0, ALARM, 10.0, 7.0, submit, lambda _time: None, steps=steps, step_hours=3.0 if steps else 0.0,
        resolution=resolution,
    )  # fmt: skip
    for place, flow in zip(places, flows, strict=True):

        def located(_alarm, time, place=place):
            found[place] = (time - ALARM) / HOUR

        sector.add(len(sector.live), Rise(0.0, 0.0, flow, place, located, missed))
    env.run(until=300 * DAY)
    return found


@pytest.mark.parametrize("place", [0.05, 0.5, 0.95])
def test_a_test_and_one_part_stand_for_the_walk_up_to_the_leak(place):
    """Ten parts of one hour: 3 h of test and 1 h of walk, wherever the leak is; the walk alone depends on the place."""
    assert search([place], [2.0], 10)[place] == pytest.approx(4.0)
    assert search([place], [2.0], 0)[place] == pytest.approx(5.0 if place < 0.5 else 10.0)


def test_the_part_that_loses_most_is_walked_first():
    found = search([0.05, 0.95], [1.0, 3.0], 10, resolution=0.5)
    assert found[0.95] == pytest.approx(4.0)
    assert found[0.05] == pytest.approx(5.0)


def test_what_no_step_shows_is_walked_for():
    """Four leaks of 0.3 m3/h in parts of their own raise the alarm; no step shows any, so the walk is the whole one."""
    places = [0.15, 0.35, 0.55, 0.75]
    found = search(places, [0.3] * 4, 10, resolution=0.5)
    # Once one is mended, what is left would not have raised the alarm.
    assert found == {0.15: pytest.approx(3.0 + 2.0)}
    assert search(places, [0.3] * 4, 10, resolution=0.2)[0.15] == pytest.approx(3.0 + 1.0)


def sectors():
    """Return a network in two sectors of 20 km that have meters."""
    layers = grid(side=8, step=360.0, connections=5)
    middle = layers["water_pipes"].geometry.centroid.x
    layers["water_pipes"]["sector_id"] = np.where(middle < middle.median(), "W", "E")
    layers["water_sectors"] = frame({"sector_id": ["W", "E"], "metered": [True, True]})
    return layers


def test_sectors_are_searched_sooner_and_with_less_work():
    town = bench(sectors(), warmup=90 * DAY).having(mains_bursts=0.4, mains_reported_share=0.3, size_spread=0.3)
    made = town.apply(town.layers, "step_tests")
    assert made.bill == ()
    delays = {}
    hours = {}
    for name, layers in (("walked", town.layers), ("tested", made.layers)):
        runs = [town.run(layers, replication=number) for number in range(4)]
        waits, work = [], 0.0
        for run in runs:
            events = run.events("water")
            by_sector = set(events["awareness"].query("means == 'sector'")["leak"])
            located = events["location"]
            waits += list(located[located["leak"].isin(by_sector)]["delay"] / DAY)
            work += run.outcome.quantities["staff_hours"]
        delays[name], hours[name] = np.array(waits), work
    assert len(delays["walked"]) > 30
    error = np.hypot(*(item.std() / np.sqrt(len(item)) for item in delays.values()))
    assert delays["walked"].mean() - delays["tested"].mean() > 3.0 * error
    assert hours["tested"] < hours["walked"]


def test_a_sector_without_a_meter_is_told_of(english):
    layers = sectors()
    layers["water_sectors"]["metered"] = [True, False]
    town = bench(layers)
    (note,) = town.apply(town.layers, "step_tests").notes
    assert note.startswith("1 sector")


def test_a_sector_of_one_step_needs_no_test():
    town = bench(sectors())
    found = town.prepare(town.apply(town.layers, "step_tests", step_length="40 km").layers).state.search
    assert not found.steps.any()
    assert not found.step_hours.any()
    found = town.prepare(town.apply(town.layers, "step_tests", step_length="2 km").layers).state.search
    assert found.steps == pytest.approx(np.ceil(found.length / 2.0))
    assert found.step_hours == pytest.approx(4.0 + 0.25 * found.steps)
