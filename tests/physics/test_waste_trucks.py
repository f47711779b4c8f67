"""Trucks: energy by phase, mass, hours, breakdowns, charging; every figure by hand or balanced."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.accounts import energy_content
from jumeau.networks.waste.physics.fuel import consumption
from jumeau.simulation.clock import DAY
from jumeau.simulation.shared import shared_factors

FLAT = {
    "weekend_ratio": 1.0,
    "holiday_ratio": 1.0,
    "summer_ratio": 1.0,
    "peak_delay": 1.0,
    "breakdown_rate": 0.0,
}


def line(count, step=1000.0):
    return np.array([[step * (row + 1), 0.0] for row in range(count)])


def rates():
    own = {name: factor.value for name, factor in kit.NETWORK.factors.items()}
    return own | {"diesel_energy": energy_content("diesel", shared_factors())}


def test_fuel_of_the_published_tour():
    # TU Berlin parameters, 115 stops, 250 lifts and 25 km of collection: 0.84 l/km in all.
    use = consumption("diesel", rates())
    leg = 25.0 / 115.0
    drive = 115 * use.between_stops(leg)
    lifts = 250 * use.lift
    idle = use.idle * 115 * 40.0 / 3600.0
    assert drive / 25.0 == pytest.approx(0.36, abs=0.01)
    assert lifts / 25.0 == pytest.approx(0.29, abs=0.01)
    assert idle / 25.0 == pytest.approx(0.16, abs=0.01)
    # Auxiliaries (0.04 l/km of the published 0.84) are in none of the four terms.
    assert (drive + lifts + idle) / 25.0 == pytest.approx(0.80, abs=0.02)


def test_electricity_of_the_published_tour():
    use = consumption("electric", rates())
    total = 115 * use.between_stops(25.0 / 115.0) + 250 * use.lift + use.idle * 115 * 40.0 / 3600.0
    assert total / 25.0 == pytest.approx(2.58, rel=0.15)


def test_a_long_leg_costs_its_driving_and_a_short_one_its_stop():
    use = consumption("diesel", rates())
    assert use.between_stops(5.0) == pytest.approx(use.to_work(5.0))
    assert use.between_stops(0.05) > 2.0 * use.to_work(0.05)
    assert use.between_stops(0.0) == pytest.approx(use.stop)


def test_gas_is_diesel_times_its_ratio():
    found = rates()
    diesel, gas = consumption("diesel", found), consumption("cng", found)
    assert found["diesel_energy"] == pytest.approx(35.6 / 3.6)  # MJ/l, as everywhere
    assert gas.haul == pytest.approx(diesel.haul * 35.6 / 3.6 * found["gas_ratio"])


def test_one_round_by_hand():
    """Three columns on a line, one truck, one Monday: distance, hours, fuel and money."""
    layers = kit.collection(line(3), mass_rate=20.0)
    week = date(2025, 3, 3), date(2025, 3, 9)
    found = kit.figures(layers, *week, factors=FLAT, warmup=7 * DAY, shared={"crew_hourly_cost": 30.0})
    detour, speed = 1.3, 20.0
    km = detour * 6.0  # out to the third and back, by whatever order
    assert found["distance"] == pytest.approx(km)
    assert found["visits"] == 3
    assert found["lifts"] == 3
    hours = km / speed + 3 * (120.0 + 60.0) / 3600.0 + 20.0 / 60.0
    assert found["truck_hours"] == pytest.approx(hours)
    use = consumption("diesel", rates())
    first, between = detour * 1.0, detour * 1.0
    litres = use.to_work(first) + 2 * use.between_stops(between) + use.to_work(detour * 3.0) + 3 * use.lift
    litres += use.idle * (3 * 120.0 / 3600.0 + 20.0 / 60.0)
    assert found["diesel"] == pytest.approx(litres, rel=0.02)  # the same line may be driven the other way round
    assert found["staff_hours"] == pytest.approx(hours)
    assert found["staff_cost"] == pytest.approx(hours * 30.0)
    assert found["upkeep_cost"] == pytest.approx(km * 0.6)
    assert found["energy_cost"] == pytest.approx(found["diesel"] * 1.35)
    assert found["cost"] == pytest.approx(found["staff_cost"] + found["upkeep_cost"] + found["energy_cost"])
    assert found["carbon"] == pytest.approx(found["diesel"] * 3.10)
    assert found["fuel"] == found["diesel"]


def test_phases_add_up_to_the_whole():
    layers = kit.collection(line(8), mass_rate=40.0)
    found = kit.figures(layers, factors=FLAT)
    parts = sum(found[f"energy_{phase}"] for phase in ("haul", "collect", "lifts", "idle"))
    assert parts == pytest.approx(found["energy"])
    assert found["energy"] == pytest.approx(found["diesel"] * 35.6 / 3.6)
    assert found["haul_distance"] + found["collect_distance"] == pytest.approx(found["distance"])


def test_mass_is_conserved():
    ran = kit.bench(kit.collection(line(10), mass_rate=60.0), factors=FLAT).run()
    events = ran.events("waste")
    pickups, fallen = events["pickup"], events["deposits"]
    density = ran.prepared.state.containers.density[pickups["container"]]
    assert events["unload"]["mass"].sum() == pytest.approx(float((pickups["volume"] * density).sum()))
    # What fell is what was taken, what is still held, and what was there before.
    taken = pickups[pickups["time"] >= 0.0].groupby("container")["volume"].sum()
    assert (taken > 0.0).all()
    assert fallen["volume"].sum() <= taken.sum() + fallen["held"].sum() + 1e-6


def test_a_full_truck_empties_and_goes_on():
    layers = kit.collection(line(12), mass_rate=150.0, trucks={"payload": [5_000.0]})
    found = kit.events(layers, factors=FLAT)
    # One unloading is one event, with where, how much and how long.
    assert len(found["unload"]) > len(found["departure"])
    assert (found["unload"]["disposal"] == 0).all()
    assert found["unload"]["mass"].max() <= 5_000.0 + 1e-6


def test_trucks_wait_for_a_bay():
    # Two trucks reach one bay at about the same time.
    xy = np.concatenate([line(3), line(3) * [-1.0, 1.0]])
    layers = kit.collection(
        xy,
        mass_rate=60.0,
        trucks={"count": [2]},
        disposal={"bays": [1], "unloading": [60.0]},
        containers={"round_id": ["R1"] * 3 + ["R2"] * 3},
        rounds={"round_id": ["R1", "R2"], "stream": "glass", "truck_id": "T1", "weekdays": "mon"},
    )
    waits = kit.events(layers, factors=FLAT)["unload"]["hours"]
    assert waits.max() > 1.5
    assert waits.min() == pytest.approx(1.0)


def test_a_breakdown_leaves_sites_for_the_next_working_day():
    layers = kit.collection(line(25), mass_rate=20.0)
    sure = FLAT | {"breakdown_rate": 260.0 * 0.8}
    found = kit.events(layers, factors=sure)
    assert len(found["breakdown"])
    assert len(found["missed"])
    # They are caught up: each container is emptied all the same, week after week.
    visited = found["pickup"][found["pickup"]["time"] >= 0.0]
    assert visited.groupby("container").size().min() >= 3


def test_a_shift_that_is_too_short_leaves_sites():
    layers = kit.collection(line(40), mass_rate=20.0, trucks={"shift_from": [5.0], "shift_to": [7.0]})
    found = kit.events(layers, factors=FLAT)
    assert (found["missed"]["time"] >= 0.0).any()
    assert found["depot_return"]["hours"].max() <= 2.0 + 0.5 + 0.1


def test_the_break_is_taken_once_in_a_long_day():
    layers = kit.collection(line(30), mass_rate=20.0, trucks={"break_after": [2.0], "break_time": [45.0]})
    found = kit.events(layers, factors=FLAT)
    assert len(found["break"]) == len(found["departure"])
    assert (found["break"]["hours"] == 0.75).all()


def test_electric_trucks_charge_what_they_use():
    layers = kit.collection(line(8), mass_rate=40.0)
    made = kit.measured(layers, "electric_trucks", battery="200 kWh")
    found = kit.figures(made.layers, factors=FLAT)
    assert found["diesel"] == 0.0
    assert found["electricity"] == pytest.approx(found["energy"])
    assert found["carbon"] == pytest.approx(found["electricity"] * 0.058)
    assert found["electric_truck_distance"] == pytest.approx(found["distance"])
    assert found["upkeep_cost"] == pytest.approx(found["distance"] * 0.4)
    charges = kit.events(made.layers, factors=FLAT)["charge"]
    assert charges.loc[charges["time"] >= 0.0, "energy"].sum() == pytest.approx(found["energy"], rel=0.02)
    assert {item.kind for item in made.bill} == {"electric_truck", "charger"}


def test_a_battery_that_is_too_small_sends_the_truck_home_early():
    layers = kit.collection(line(25), mass_rate=20.0)
    small = kit.measured(layers, "electric_trucks", battery="60 kWh").layers
    assert kit.figures(small, factors=FLAT)["missed_sites"] > 0
    assert kit.figures(layers, factors=FLAT)["missed_sites"] == 0


def hours_of(bench, times):
    """Local clock hours of some times."""
    local = [bench.clock.local(time) for time in times]
    return [item.hour + item.minute / 60.0 for item in local]


def test_sites_are_served_in_their_hours():
    bench = kit.bench(kit.collection(line(6), mass_rate=20.0, sites={"earliest": 8.0, "latest": 10.0}), factors=FLAT)
    stops = bench.run().events("waste")["stop"]
    hours = hours_of(bench, stops.loc[stops["time"] >= 0.0, "time"])
    assert hours
    assert min(hours) >= 8.0
    assert max(hours) < 11.0


def test_a_truck_that_comes_too_late_leaves_the_site():
    # Lifts that last far longer than planned bring the truck to the last sites after their hours.
    layers = kit.collection(line(12), mass_rate=20.0, sites={"earliest": 5.0, "latest": 6.5})
    bench = kit.bench(layers, factors=FLAT | {"lift_time_column": 600.0})
    ran = bench.run()
    stops = ran.events("waste")["stop"]
    stops = stops[stops["time"] >= 0.0]
    assert max(hours_of(bench, stops["time"] - stops["hours"] * 3600.0)) <= 6.5 + 1.0 / 60.0
    assert ran.outcome.indicators["missed_sites"] > 0


def test_night_collection_is_counted():
    day = kit.collection(line(6), mass_rate=20.0, trucks={"shift_from": [9.0], "shift_to": [14.0]})
    night = kit.collection(line(6), mass_rate=20.0, trucks={"shift_from": [3.0], "shift_to": [7.0]})
    assert kit.figures(day, factors=FLAT)["night_hours"] == 0.0
    assert kit.figures(night, factors=FLAT)["night_hours"] > 0.0


def test_what_traffic_posts_on_the_board_slows_trucks():
    bench = kit.bench(kit.collection(line(5), mass_rate=20.0), factors=FLAT)
    jam = bench.run(meanwhile=lambda world: world.board.post("travel_delay", "all", 2.0))
    free, slow = bench.run().outcome.indicators, jam.outcome.indicators
    driving = free["distance"] / 20.0
    assert slow["truck_hours"] - free["truck_hours"] == pytest.approx(driving, rel=1e-6)
    assert slow["distance"] == pytest.approx(free["distance"])


# A threshold takes the forecast at its word; the dynamic policy counts with its error.
@pytest.mark.parametrize(
    ("name", "service"), [pytest.param("dynamic_rounds", 98.5, marks=pytest.mark.reproduce), ("threshold_rounds", 95.0)]
)
def test_policies_that_look_at_the_fill_lift_fuller_containers(name, service):
    rng = np.random.Generator(np.random.PCG64(3))
    xy = rng.random((40, 2)) * 4000.0
    layers = kit.collection(xy, mass_rate=rng.uniform(5.0, 60.0, 40), trucks={"count": [2]})
    # The dearer its crews, the later the planner sends them: the service is that of this price.
    options = {"factors": FLAT, "shared": {"crew_hourly_cost": 30.0}, "assumptions": {}}
    before = kit.figures(layers, **options)
    after = kit.figures(kit.measured(layers, name, weekdays=kit.WORKDAYS).layers, **options)
    assert after["lifts"] < before["lifts"]
    assert after["fill_at_pickup"] > before["fill_at_pickup"] + 10.0
    assert after["service_level"] > service


def test_frequency_is_that_of_the_calendar():
    layers = kit.collection(line(5), mass_rate=10.0)
    dates = date(2025, 3, 3), date(2025, 4, 27)
    weekly = kit.figures(layers, *dates, factors=FLAT)["rounds"]
    other = kit.measured(layers, "change_frequency", weekdays="tue", every=2).layers
    fortnightly = kit.figures(other, *dates, factors=FLAT)["rounds"]
    assert weekly == 8
    assert fortnightly == 4
    twice = kit.measured(layers, "change_frequency", weekdays=["mon", "thu"]).layers["waste_rounds"]
    assert twice["weekdays"][0] == "mon thu"
