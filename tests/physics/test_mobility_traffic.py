"""The traffic of the bundled town: what its equilibrium, its measures and its closures must fulfil."""

from datetime import date

import numpy as np
import pytest
from mobility_kit import VALUES, Bench, layers_of, measured

from jumeau.assignment import equilibrium
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.measures import INTERVENTIONS, acts_on_traffic, observed
from jumeau.networks.mobility.physics.day import day_shape, hour_starts, workday_scale
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.gravity import Ways, balance, vehicle_trips
from jumeau.networks.mobility.physics.modes import BIKE, CAR, WALK, incremental, observed_shares
from jumeau.networks.mobility.physics.scene import Scene, classes_of
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.physics.totals import QUANTITIES, SCALES, at_scale, with_lights
from jumeau.networks.mobility.simulation.detours import Detours
from jumeau.simulation.clock import Clock


@pytest.fixture(scope="module")
def bench(town):
    return Bench(town)


@pytest.fixture(scope="module")
def layers(town):
    return layers_of(town)


@pytest.fixture(scope="module")
def state(bench, layers):
    return bench.prepared(layers).state


@pytest.fixture(scope="module")
def before(bench, layers):
    return bench.run(layers)


# Demand ---------------------------------------------------------------------------------------------------------------


def test_balanced_trips_meet_both_margins():
    rng = np.random.default_rng(1)
    rows, columns = rng.uniform(1, 9, 6), rng.uniform(1, 9, 6)
    found = balance(rng.uniform(0.1, 1, (6, 6)), rows, columns)
    assert found.sum(axis=1) == pytest.approx(rows)
    assert found.sum(axis=0) == pytest.approx(columns * rows.sum() / columns.sum(), rel=1e-5)


def test_gravity_keeps_people_jobs_and_the_border():
    minutes = np.array([[0, 5, 9], [5, 0, 6], [9, 6, 0.0]])
    ways = Ways.of(minutes, minutes / 2)
    table = VALUES | {name: f.value for name, f in synthesis_factors().items()}
    found = vehicle_trips(
        np.array([900.0, 300.0, 0.0]), np.array([200.0, 300.0, 0.0]), np.array([False, False, True]),
        np.array([0.0, 0.0, 1.0]), ways, table,
    )  # fmt: skip
    assert (found >= 0).all()
    assert found[2].sum() == 0.0  # one gate: nobody drives through
    trips = 2 * table["attendance"] * 1200 * table["workers_share"]
    assert found[0].sum() < trips  # some walk, and cars hold more than one
    # Twice the people and jobs are twice the trips.
    twice = vehicle_trips(
        np.array([1800.0, 600.0, 0.0]), np.array([400.0, 600.0, 0.0]), np.array([False, False, True]),
        np.array([0.0, 0.0, 1.0]), ways, table,
    )  # fmt: skip
    assert twice == pytest.approx(2 * found, rel=1e-6)


def synthesis_factors():
    from jumeau.networks.mobility.layout.rules import SYNTHESIS

    return SYNTHESIS.shipped


def test_a_day_holds_all_trips_and_who_leaves_comes_back():
    shape = day_shape(VALUES)
    assert (shape.out + shape.back).sum(axis=1) == pytest.approx(np.ones(4))
    assert shape.out[:2].sum(axis=1) == pytest.approx([0.5, 0.5])
    # Each kind that is not told otherwise follows the published profile: direct trips hour by hour.
    profile = np.array([VALUES[f"hour_{hour:02d}"] for hour in range(24)])
    assert (shape.out + shape.back)[2] == pytest.approx(profile / profile.sum())
    # Who leaves in the morning comes back in the evening.
    assert shape.out[0, 5:10].sum() > 0.25 > shape.out[0, 15:20].sum()
    assert shape.back[0, 15:20].sum() > 0.25 > shape.back[0, 5:10].sum()


def test_hours_start_when_the_clock_says_so():
    starts = hour_starts(Clock(date(2025, 3, 29), date(2025, 3, 31)))
    assert starts[0].tolist() == [3600.0 * hour for hour in range(24)]
    assert np.diff(starts.ravel()).min() >= 0.0
    assert starts[2, 0] - starts[1, 0] == 23 * 3600.0


def test_choice_pivots_on_what_is_observed():
    shares = observed_shares(np.array([0.5, 3.0, 12.0]), VALUES)
    assert shares.sum(axis=0) == pytest.approx(np.ones(3))
    assert shares[WALK, 0] > shares[WALK, 1] > shares[WALK, 2]
    same = incremental(shares, np.zeros_like(shares), 0.05)
    assert same == pytest.approx(shares, rel=1e-12)
    change = np.zeros_like(shares)
    change[CAR] = 5.0
    found = incremental(shares, change, 0.05)
    # Odds change by exp(-scale cost), whatever the other modes do.
    assert found[CAR] / found[BIKE] == pytest.approx(shares[CAR] / shares[BIKE] * np.exp(-0.25))
    assert found.sum(axis=0) == pytest.approx(np.ones(3))


# Equilibrium ----------------------------------------------------------------------------------------------------------


def test_gap_is_met_and_flows_are_conserved(bench, layers, state):
    assert 0.0 < state.day.gap <= bench.assumptions.gap
    links, zones = state.supply.links, len(state.supply.zones)
    for hour in (3, 8, 17):
        for flow in state.day.flow[hour]:
            net = np.bincount(links.tail, flow, links.nodes) - np.bincount(links.head, flow, links.nodes)
            assert np.abs(net[zones:]).max() < 1e-6 * flow.sum()


def test_trucks_keep_off_small_streets(state):
    small = ~state.supply.heavy
    assert small.any()
    assert state.day.flow[:, 1][:, small].sum() < 0.05 * state.day.flow[:, 1].sum()


def test_tables_scale_with_traffic(state):
    one = at_scale(state.table, 1.0)
    assert one == pytest.approx(state.table[:, list(SCALES).index(1.0)])
    row = QUANTITIES.index("distance")
    assert at_scale(state.table, 0.5)[:, row] == pytest.approx(0.5 * one[:, row])
    # Twice the traffic loses more than twice the time.
    late = QUANTITIES.index("delay")
    assert at_scale(state.table, 1.2)[:, late].sum() > 1.2 * one[:, late].sum()


def test_nothing_is_lost_in_the_table(state):
    day, supply = state.day, state.supply
    vehicles = day.flow[:, 0] + day.flow[:, 1] / VALUES["heavy_units"]
    kilometres = (vehicles * supply.kilometres).sum()
    assert at_scale(state.table, 1.0)[:, QUANTITIES.index("distance")].sum() == pytest.approx(kilometres)


# Measures -------------------------------------------------------------------------------------------------------------

CALLS = {
    "parking_guidance": {"adoption": "30 %"},
    "parking_price": {"price": "3 EUR/h"},
    "parking_control": {"payment": "90 %"},
    "adaptive_signals": {},
    "retime_signals": {},
    "speed_limit": {"limit": "30 km/h"},
    "bike_network": {},
    "car_pooling": {"gain": "2 EUR"},
    "electric_vehicles": {"share": "60 %"},
}


def test_every_measure_is_tried():
    assert set(CALLS) | {"close_streets"} == set(NETWORK.measures)


@pytest.mark.parametrize("name", list(CALLS))
def test_measures_write_in_columns_of_their_own(town, layers, name):
    after, bill = measured(town, layers, name, **CALLS[name])
    assert bill
    own = {"vehicle_fleets": ("new_electric",), **INTERVENTIONS}
    for layer, frame in after.items():
        if layer == "charge_points":
            continue  # electric vehicles add rows
        columns = [item for item in layers[layer].columns if item not in own.get(layer, ()) and item != "measures"]
        assert frame[columns].equals(layers[layer][columns]), layer
    plain, was = observed(after), observed(layers)
    for layer in INTERVENTIONS:
        assert plain[layer].equals(was[layer])


def test_layers_without_measures_leave_the_observed_day(layers):
    assert not acts_on_traffic(layers)


def test_sensors_that_nobody_follows_change_nothing(bench, town, layers, before):
    after, bill = measured(town, layers, "parking_guidance", adoption="0 %")
    found = bench.run(after, bill)
    for name, value in before.indicators.items():
        if name not in ("investment", "embodied_carbon", "upkeep_cost", "operating_cost"):
            assert np.array_equal(found.indicators[name], value, equal_nan=True), name


@pytest.fixture(scope="module")
def guided(bench, town, layers):
    return bench.run(*measured(town, layers, "parking_guidance", adoption="30 %")).indicators


def test_guidance_has_side_effects_that_are_shown(before, guided):
    assert guided["search_guided"] < before.indicators["search_time"]
    assert guided["search_unguided"] != before.indicators["search_unguided"]
    assert guided["cruising"] < before.indicators["cruising"]
    assert guided["turned_away"] <= before.indicators["turned_away"]


def test_a_higher_price_shortens_stays_and_empties_spaces(bench, town, layers, before):
    found = bench.run(*measured(town, layers, "parking_price", price="4 EUR/h")).indicators
    assert found["occupancy"] < before.indicators["occupancy"]
    assert found["search_time"] < before.indicators["search_time"]
    assert found["receipts"] > before.indicators["receipts"]


def test_controls_raise_receipts(bench, town, layers, before):
    found = bench.run(*measured(town, layers, "parking_control", payment="90 %")).indicators
    assert found["receipts"] > 1.05 * before.indicators["receipts"]


def test_thirty_everywhere_slows_down_and_shifts_to_bikes(bench, town, layers, before):
    found = bench.run(*measured(town, layers, "speed_limit", limit="30 km/h")).indicators
    assert found["hours"] > 1.1 * before.indicators["hours"]
    assert found["car_trips"] < before.indicators["car_trips"]
    assert found["access"] < before.indicators["access"]


def test_a_limit_above_the_present_speed_changes_nothing(town, layers):
    after, bill = measured(town, layers, "speed_limit", limit="120 km/h")
    assert not acts_on_traffic(after)
    assert not bill


def test_new_plans_and_adaptive_lights_wait_less_when_plans_are_old(town):
    """With strong drift and busy crossings, plans made for other flows lose to those that follow."""
    bench = Bench(town, parking_days=0)
    layers = layers_of(town)
    busy = layers["traffic_demand"].assign(trips=layers["traffic_demand"]["trips"] * 1.6)
    layers = {**layers, "traffic_demand": busy}
    factors = NETWORK.factors.override({"flow_drift": 0.2, "plan_age": 15.0}, "test")
    old = bench.run(layers, (), factors).indicators["light_delay"]
    new = bench.run(*measured(town, layers, "retime_signals"), factors).indicators["light_delay"]
    following = bench.run(*measured(town, layers, "adaptive_signals"), factors).indicators["light_delay"]
    assert new < old
    assert following < old


def test_plans_that_nothing_has_drifted_from_are_not_to_be_made_anew(town):
    bench = Bench(town, parking_days=0)
    layers = layers_of(town)
    factors = NETWORK.factors.override({"flow_drift": 0.0}, "test")
    old = bench.run(layers, (), factors).indicators["light_delay"]
    new = bench.run(*measured(town, layers, "retime_signals"), factors).indicators["light_delay"]
    assert new == pytest.approx(old, rel=0.12)


def test_bike_network_and_car_pooling_take_cars_off(bench, town, layers, before):
    for name in ("bike_network", "car_pooling"):
        found = bench.run(*measured(town, layers, name, **CALLS[name])).indicators
        assert found["car_trips"] < before.indicators["car_trips"], name


def test_cars_that_look_for_a_space_are_those_of_the_residents(bench, layers, before):
    """All of them electric: cruising takes electricity alone, at its carbon."""
    fleets = layers["vehicle_fleets"].assign(electric=1.0)
    found = bench.run({**layers, "vehicle_fleets": fleets}).indicators
    assert found["cruising"] == before.indicators["cruising"]
    speed = np.array([VALUES["cruise_speed"]])
    power = rates(VALUES, 1.0).at("car", speed)[:, 0]
    assert power[0] == power[1] == 0.0
    expected = found["cruising"] * power[2] * VALUES["electricity_carbon"]
    assert found["carbon_cruising"] == pytest.approx(expected)
    assert found["carbon_cruising"] < 0.4 * before.indicators["carbon_cruising"]


def test_parking_that_is_not_followed_is_missing(town, layers):
    found = Bench(town, parking_days=0).run(layers).indicators
    assert all(np.isnan(found[name]) for name in ("cruising", "search_time", "receipts", "carbon_cruising"))
    assert found["distance"] > 0.0


def test_electric_fleet_saves_fuel_and_draws_power(bench, town, layers, before):
    fleets = layers["vehicle_fleets"]
    town_s = (fleets["owner"] == "municipal").to_numpy()
    after, bill = measured(town, layers, "electric_vehicles", town_s, share="60 %")
    powers = []

    def watch(world):
        world.board.listen("grid_power", lambda time, key, value: powers.append((key, value)))

    found = bench.run(after, bill, happen=watch).indicators
    was = before.indicators
    assert found["fleet_fuel"] == pytest.approx(0.4 * was["fleet_fuel"], rel=0.03)  # whole vehicles only
    assert found["petrol"] + found["diesel"] < was["petrol"] + was["diesel"]
    assert found["carbon_total"] < was["carbon_total"]
    assert found["distance"] == was["distance"]
    depot = [value for key, value in powers if key.startswith("new-depot")]
    assert max(depot) > 0.0
    assert depot[-1] == 0.0
    assert {item.kind for item in bill} == {"electric_vehicle", "charger"}


def test_too_few_chargers_leave_vehicles_empty(bench, town, layers):
    fleets = layers["vehicle_fleets"].assign(distance=200.0)
    town_s = (fleets["owner"] == "municipal").to_numpy()
    many, few = (
        bench.run(
            *measured(
                town, {**layers, "vehicle_fleets": fleets}, "electric_vehicles", town_s, share="100 %",
                vehicles_per_charger=number, charger_power="4 kW",
            )
        ).indicators["unready"]
        for number in (1, 20)
    )  # fmt: skip
    assert many < few


# Closures -------------------------------------------------------------------------------------------------------------


def busiest_street(state):
    flow = state.day.flow.sum(axis=(0, 1)) * ~state.supply.connector
    return str(state.supply.street[int(np.argmax(flow))])


def test_a_street_that_a_repair_closes_is_seen_by_traffic(bench, layers, state, before):
    street = busiest_street(state)

    def close(world):
        def process():
            yield world.env.timeout(9 * 3600.0 + 86_400.0)
            world.board.post("street_closed", street, value=True)
            yield world.env.timeout(6 * 3600.0)
            world.board.post("street_closed", street, value=False)

        world.env.process(process())

    found = bench.run(layers, happen=close).indicators
    assert found["detour_hours"] > 0.0
    assert found["detour_distance"] > 0.0
    assert found["hours"] == pytest.approx(before.indicators["hours"] + found["detour_hours"])
    assert found["carbon_total"] > before.indicators["carbon_total"]


def test_going_round_costs_at_least_what_a_new_equilibrium_would(bench, town, layers, state):
    """Drivers who know nothing of a closure lose more than those who chose anew, and not by an order."""
    street = busiest_street(state)
    links = layers["traffic_links"]
    chosen = (links["street_id"] == street).to_numpy()
    closed, _bill = measured(town, layers, "close_streets", chosen)
    hour = 17
    world = bench.world()
    detours = Detours(state, world, np.ones(14))
    row = QUANTITIES.index("hours")
    round_ = detours._hour(state.day, detours.by_street[street], hour)[row]
    supply = supply_of(closed, VALUES)
    scene_ = scene(closed, supply, state)
    again = equilibrium(with_lights(supply.links, None), classes_of(scene_, hour, state.day.trips), gap=1e-5)
    plain = supply_of(layers, VALUES)
    first = equilibrium(plain.links, classes_of(scene(layers, plain, state), hour, state.day.trips), gap=1e-5)

    def hours(found, made):
        flow = found.flow[0] + found.flow[1] / VALUES["heavy_units"]
        return float((flow * found.time)[~made.connector].sum()) / 3600.0

    chosen_anew = hours(again, supply) - hours(first, plain)
    assert 0.0 < chosen_anew < 1.1 * round_ < 8 * chosen_anew


def scene(layers, supply, state):
    return Scene(layers, supply, VALUES, state.day.trips, 1e-5, 1)


def test_hours_are_told_to_crews_and_trucks(bench, layers):
    told = []
    bench.run(layers, happen=lambda world: world.board.listen("travel_delay", lambda *row: told.append(row)))
    assert len(told) == 14 * 24
    values = np.array([value for _time, _key, value in told]).reshape(14, 24)
    assert (values >= 1.0).all()
    assert values[0, 17] > values[0, 3]
    # Sunday and Friday.
    assert (values[6] <= values[4]).all()
    assert values[6].sum() < values[4].sum()


def test_streets_are_drawn_with_what_they_carry(before, layers):
    table = before.assets["traffic_links"]
    street = (layers["traffic_links"]["kind"] == "street").to_numpy()
    assert table.loc[street, "vehicles"].notna().all()
    assert table.loc[~street, "vehicles"].isna().all()
    assert (table.loc[street, "peak_speed"] > 0).all()
    assert before.assets["parking"]["occupancy"].between(0, 100.01).all()


def test_working_days_carry_more_than_mean_ones():
    assert workday_scale(VALUES) == pytest.approx((1.02 + 1.06 + 1.08 + 1.10 + 1.14) / 5)


def test_demand_of_none_is_no_traffic(bench, layers):
    empty = {**layers, "traffic_demand": layers["traffic_demand"].iloc[:0]}
    found = bench.run(empty).indicators
    assert found["distance"] == found["hours"] == found["cruising"] == 0.0
