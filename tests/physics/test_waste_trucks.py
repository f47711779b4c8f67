"""Trucks: energy by phase, mass, hours, breakdowns, charging; every figure by hand or balanced."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.networks.waste.physics.fuel import consumption
from jumeau.simulation.clock import DAY

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
    return {name: factor.value for name, factor in kit.NETWORK.factors.items()}


def test_fuel_of_the_published_tour():
    # TU Berlin parameters, 115 stops, 250 lifts and 25 km of collection: 0.84 l/km in all.
    use = consumption("diesel", rates())
    leg = 25.0 / 115.0
    drive = 115 * use.leg(leg)
    lifts = 250 * use.lift
    idle = use.idle * 115 * 40.0 / 3600.0
    assert drive / 25.0 == pytest.approx(0.36, abs=0.01)
    assert lifts / 25.0 == pytest.approx(0.29, abs=0.01)
    assert idle / 25.0 == pytest.approx(0.16, abs=0.01)
    # Auxiliaries (0.04 l/km of the published 0.84) are in none of the four terms.
    assert (drive + lifts + idle) / 25.0 == pytest.approx(0.80, abs=0.02)


def test_electricity_of_the_published_tour():
    use = consumption("electric", rates())
    total = 115 * use.leg(25.0 / 115.0) + 250 * use.lift + use.idle * 115 * 40.0 / 3600.0
    assert total / 25.0 == pytest.approx(2.58, rel=0.15)


def test_a_long_leg_costs_its_driving_and_a_short_one_its_stop():
    use = consumption("diesel", rates())
    assert use.leg(5.0) == pytest.approx(use.way(5.0))
    assert use.leg(0.05) > 2.0 * use.way(0.05)
    assert use.leg(0.0) == pytest.approx(use.stop)


def test_gas_is_diesel_times_its_ratio():
    found = rates()
    diesel, gas = consumption("diesel", found), consumption("cng", found)
    assert gas.haul == pytest.approx(diesel.haul * found["diesel_energy"] * found["gas_ratio"])


def test_one_round_by_hand():
    """Three columns on a line, one truck, one Monday: ways, hours, fuel and money."""
    layers = kit.collection(line(3), mass_rate=20.0)
    place = kit.place_of(layers, date(2025, 3, 3), date(2025, 3, 9))
    found = kit.outcome(layers, place=place, factors=FLAT, warmup=7 * DAY).indicators
    detour, speed = 1.3, 20.0
    km = detour * 6.0  # out to the third and back, by whatever order
    assert found["distance"] == pytest.approx(km)
    assert found["visits"] == 3
    assert found["lifts"] == 3
    hours = km / speed + 3 * (120.0 + 60.0) / 3600.0 + 20.0 / 60.0
    assert found["truck_hours"] == pytest.approx(hours)
    use = consumption("diesel", rates())
    first, between = detour * 1.0, detour * 1.0
    litres = use.way(first) + 2 * use.leg(between) + use.way(detour * 3.0) + 3 * use.lift
    litres += use.idle * (3 * 120.0 / 3600.0 + 20.0 / 60.0)
    assert found["crew_fuel"] == pytest.approx(litres, rel=0.02)  # the same line may be driven the other way round
    assert found["crew_hours"] == pytest.approx(hours)
    shared = 30.0  # EUR per hour of one agent
    assert found["crew_cost"] == pytest.approx(hours * shared)
    assert found["carbon_total"] == pytest.approx(found["crew_fuel"] * 3.10)


def test_phases_add_up_to_the_whole():
    layers = kit.collection(line(8), mass_rate=40.0)
    found = kit.outcome(layers, factors=FLAT).indicators
    parts = sum(found[f"energy_{phase}"] for phase in ("haul", "collect", "lifts", "idle"))
    assert parts == pytest.approx(found["energy"])
    assert found["energy"] == pytest.approx(found["crew_fuel"] * rates()["diesel_energy"])
    assert found["haul_distance"] + found["collect_distance"] == pytest.approx(found["distance"])


def test_mass_is_conserved():
    layers = kit.collection(line(10), mass_rate=60.0)
    found, prepared = kit.run(layers, factors=FLAT)
    events = found.events
    rows = events[events["kind"] == "pickup"]
    density = prepared.state.containers.density[rows["asset"].to_numpy()]
    picked = float((rows["first"] * density).sum())
    dumped = float(events.loc[events["kind"] == "dumped", "first"].sum())
    assert dumped == pytest.approx(picked)
    # What fell is what was taken, what is still held, and what was there before.
    fallen = events[events["kind"] == "fallen"]
    taken = rows[rows["time"] >= 0.0].groupby("asset")["first"].sum()
    assert (taken.to_numpy() > 0.0).all()
    assert fallen["first"].sum() <= taken.sum() + fallen["second"].sum() + 1e-6


def test_a_full_truck_empties_and_goes_on():
    layers = kit.collection(line(12), mass_rate=150.0, trucks={"payload": [5_000.0]})
    found = kit.outcome(layers, factors=FLAT)
    unloads = (found.events["kind"] == "unload").sum()
    rounds = (found.events["kind"] == "leave").sum()
    assert unloads > rounds
    dumped = found.events.loc[found.events["kind"] == "dumped", "first"]
    assert dumped.max() <= 5_000.0 + 1e-6


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
    found = kit.outcome(layers, factors=FLAT).events
    waits = found.loc[found["kind"] == "unload", "second"]
    assert waits.max() > 1.5
    assert waits.min() == pytest.approx(1.0)


def test_a_breakdown_leaves_sites_for_the_next_working_day():
    layers = kit.collection(line(25), mass_rate=20.0)
    sure = FLAT | {"breakdown_rate": 260.0 * 0.8}
    found = kit.outcome(layers, factors=sure)
    kinds = found.events["kind"].value_counts()
    assert kinds["breakdown"] > 0
    assert kinds["missed"] > 0
    # They are caught up: each container is emptied all the same, week after week.
    visited = found.events[(found.events["kind"] == "pickup") & (found.events["time"] >= 0.0)]
    assert visited.groupby("asset").size().min() >= 3


def test_a_shift_that_is_too_short_leaves_sites():
    layers = kit.collection(line(40), mass_rate=20.0, trucks={"shift_from": [5.0], "shift_to": [7.0]})
    found = kit.outcome(layers, factors=FLAT)
    assert found.indicators["missed_sites"] > 0
    duty = found.events.loc[found.events["kind"] == "home", "first"]
    assert duty.max() <= 2.0 + 0.5 + 0.1


def test_the_break_is_taken_once_in_a_long_day():
    layers = kit.collection(line(30), mass_rate=20.0, trucks={"break_after": [2.0], "break_time": [45.0]})
    events = kit.outcome(layers, factors=FLAT).events
    pauses = events[events["kind"] == "pause"]
    assert len(pauses) == (events["kind"] == "leave").sum()
    assert (pauses["first"] == 0.75).all()


def test_electric_trucks_charge_what_they_use():
    layers = kit.collection(line(8), mass_rate=40.0)
    made = kit.measured(layers, "electric_trucks", battery="200 kWh")
    found = kit.outcome(made.layers, factors=FLAT).indicators
    assert found["crew_fuel"] == 0.0
    assert found["electricity"] == pytest.approx(found["energy"])
    assert found["carbon_total"] == pytest.approx(found["electricity"] * 0.058)
    charged = kit.outcome(made.layers, factors=FLAT).events
    charged = charged[(charged["kind"] == "charge") & (charged["time"] >= 0.0)]["first"].sum()
    assert charged == pytest.approx(found["energy"], rel=0.02)
    assert {item.kind for item in made.bill} == {"electric_truck", "charger"}


def test_a_battery_that_is_too_small_sends_the_truck_home_early():
    layers = kit.collection(line(25), mass_rate=20.0)
    small = kit.measured(layers, "electric_trucks", battery="60 kWh").layers
    found = kit.outcome(small, factors=FLAT)
    assert found.indicators["missed_sites"] > 0
    assert kit.outcome(layers, factors=FLAT).indicators["missed_sites"] == 0


def test_sites_are_served_in_their_hours():
    layers = kit.collection(line(6), mass_rate=20.0, sites={"earliest": 8.0, "latest": 10.0})
    place = kit.place_of(layers)
    found = kit.outcome(layers, place=place, factors=FLAT).events
    stops = found[(found["kind"] == "stop") & (found["time"] >= 0.0)]
    hours = [place.clock.local(time).hour for time in stops["time"]]
    assert hours
    assert min(hours) >= 8
    assert max(hours) <= 10


def test_a_truck_that_comes_too_late_leaves_the_site():
    # Lifts that last far longer than planned bring the truck to the last sites after their hours.
    layers = kit.collection(line(12), mass_rate=20.0, sites={"earliest": 5.0, "latest": 6.5})
    found = kit.outcome(layers, factors=FLAT | {"lift_time_column": 600.0})
    place = kit.place_of(layers)
    stops = found.events[(found.events["kind"] == "stop") & (found.events["time"] >= 0.0)]
    begun = stops["time"] - stops["second"] * 3600.0
    hours = [place.clock.local(time) for time in begun]
    assert max(item.hour + item.minute / 60.0 for item in hours) <= 6.5 + 1.0 / 60.0
    assert found.indicators["missed_sites"] > 0


def test_night_collection_is_counted():
    day = kit.collection(line(6), mass_rate=20.0, trucks={"shift_from": [9.0], "shift_to": [14.0]})
    night = kit.collection(line(6), mass_rate=20.0, trucks={"shift_from": [3.0], "shift_to": [7.0]})
    assert kit.outcome(day, factors=FLAT).indicators["night_hours"] == 0.0
    assert kit.outcome(night, factors=FLAT).indicators["night_hours"] > 0.0


def test_what_traffic_posts_on_the_board_slows_trucks():
    layers = kit.collection(line(5), mass_rate=20.0)
    table = kit.NETWORK.factors.override(FLAT, "test")

    def duty(delay):
        world = kit.world_of(kit.place_of(layers))
        prepared = kit.NETWORK.behaviour.prepare(layers, kit.Assumptions(), table, (), world)
        kit.NETWORK.behaviour.install(prepared, world, kit.Streams(1, 0, "waste"))
        if delay:
            world.board.post("travel_delay", "all", delay)
        world.run()
        return kit.NETWORK.behaviour.outcome(prepared, world).indicators

    free, slow = duty(None), duty(2.0)
    driving = free["distance"] / 20.0
    assert slow["truck_hours"] - free["truck_hours"] == pytest.approx(driving, rel=1e-6)
    assert slow["distance"] == pytest.approx(free["distance"])


# A threshold takes the forecast at its word; the dynamic policy counts with its error.
@pytest.mark.parametrize(("name", "service"), [("dynamic_rounds", 98.5), ("threshold_rounds", 95.0)])
def test_policies_that_look_at_the_fill_lift_fuller_containers(name, service):
    rng = np.random.Generator(np.random.PCG64(3))
    xy = rng.random((40, 2)) * 4000.0
    layers = kit.collection(xy, mass_rate=rng.uniform(5.0, 60.0, 40), trucks={"count": [2]})
    before = kit.outcome(layers, factors=FLAT).indicators
    after = kit.outcome(kit.measured(layers, name, weekdays=kit.WORKDAYS).layers, factors=FLAT).indicators
    assert after["lifts"] < before["lifts"]
    assert after["fill_at_pickup"] > before["fill_at_pickup"] + 10.0
    assert after["service_level"] > service


def test_frequency_is_that_of_the_calendar():
    layers = kit.collection(line(5), mass_rate=10.0)
    place = kit.place_of(layers, date(2025, 3, 3), date(2025, 4, 27))
    weekly = kit.outcome(layers, place=place, factors=FLAT).indicators["rounds"]
    other = kit.measured(layers, "change_frequency", weekdays="tue", every=2).layers
    fortnightly = kit.outcome(other, place=place, factors=FLAT).indicators["rounds"]
    assert weekly == 8
    assert fortnightly == 4
    twice = kit.measured(layers, "change_frequency", weekdays=["mon", "thu"]).layers["waste_rounds"]
    assert twice["weekdays"][0] == "mon thu"
