"""The traffic of the bundled town: what its equilibrium, its measures and its closures must fulfil."""

from datetime import date

import numpy as np
import pytest
from mobility_kit import VALUES, bench_of

from jumeau.assignment import equilibrium
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.measures import INTERVENTIONS, acts_on_traffic, observed
from jumeau.networks.mobility.physics.day import day_shape, hour_starts, workday_scale
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.figures import Figures
from jumeau.networks.mobility.physics.gravity import Skims, balance, vehicle_trips
from jumeau.networks.mobility.physics.modes import BIKE, CAR, WALK, incremental, observed_shares
from jumeau.networks.mobility.physics.scene import Scene, classes_of
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.physics.totals import QUANTITIES, SCALES, Meter, at_scale, with_signals
from jumeau.networks.mobility.preparation import OF_TIMES
from jumeau.networks.mobility.simulation.detours import Detours
from jumeau.simulation.clock import Clock


@pytest.fixture(scope="module")
def bench(town):
    return bench_of(town)


@pytest.fixture(scope="module")
def layers(bench):
    return bench.layers


@pytest.fixture(scope="module")
def state(bench, layers):
    return bench.prepare(layers).state


@pytest.fixture(scope="module")
def before(bench, layers):
    return bench.run(layers).outcome


@pytest.fixture(scope="module")
def after(bench, layers):
    """A function that tells what the indicators, quantities and lines of the account are under a measure."""

    def told(name, selected=None, **parameters):
        measured = bench.apply(layers, name, selected, **parameters)
        return said(bench, bench.run(measured.layers).outcome, measured.bill)

    return told


def said(bench, outcome, bill=()):
    return {**outcome.indicators, **outcome.quantities, **bench.account(outcome, bill)}


# Demand ---------------------------------------------------------------------------------------------------------------


def test_balanced_trips_meet_both_margins():
    rng = np.random.default_rng(1)
    rows, columns = rng.uniform(1, 9, 6), rng.uniform(1, 9, 6)
    found = balance(rng.uniform(0.1, 1, (6, 6)), rows, columns)
    assert found.sum(axis=1) == pytest.approx(rows)
    assert found.sum(axis=0) == pytest.approx(columns * rows.sum() / columns.sum(), rel=1e-5)


def test_gravity_keeps_people_jobs_and_the_border():
    minutes = np.array([[0, 5, 9], [5, 0, 6], [9, 6, 0.0]])
    skims = Skims.of(minutes, minutes / 2)
    table = VALUES | {name: f.value for name, f in synthesis_factors().items()}
    found = vehicle_trips(
        np.array([900.0, 300.0, 0.0]), np.array([200.0, 300.0, 0.0]), np.array([False, False, True]),
        np.array([0.0, 0.0, 1.0]), skims, table,
    )  # fmt: skip
    assert (found >= 0).all()
    assert found[2].sum() == 0.0  # one gate: nobody drives through
    trips = 2 * table["attendance"] * 1200 * table["workers_share"]
    assert found[0].sum() < trips  # some walk, and cars hold more than one
    # Twice the people and jobs are twice the trips.
    twice = vehicle_trips(
        np.array([1800.0, 600.0, 0.0]), np.array([400.0, 600.0, 0.0]), np.array([False, False, True]),
        np.array([0.0, 0.0, 1.0]), skims, table,
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
    assert 0.0 < state.day.gap <= NETWORK.assumptions().gap
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
def test_measures_write_in_columns_of_their_own(bench, layers, name):
    measured = bench.apply(layers, name, **CALLS[name])
    assert measured.bill
    own = {"vehicle_fleets": ("new_electric",), **INTERVENTIONS}
    for layer, frame in measured.layers.items():
        if layer == "charge_points":
            continue  # electric vehicles add rows
        columns = [item for item in layers[layer].columns if item not in own.get(layer, ()) and item != "measures"]
        assert frame[columns].equals(layers[layer][columns]), layer
    plain = observed(measured.layers)
    for layer in INTERVENTIONS:
        assert plain[layer].equals(layers[layer])


def test_layers_without_measures_leave_the_observed_day(layers):
    assert not acts_on_traffic(layers)


def test_sensors_that_nobody_follows_change_nothing_but_what_they_cost(bench, before, after):
    found = after("parking_guidance", adoption="0 %")
    differ = {
        name for name, value in said(bench, before).items() if not np.array_equal(found[name], value, equal_nan=True)
    }
    assert differ == {"investment", "embodied_carbon", "fee_cost", "cost"}


@pytest.fixture(scope="module")
def guided(after):
    return after("parking_guidance", adoption="30 %")


def test_guidance_has_side_effects_that_are_shown(before, guided):
    assert guided["search_guided"] < before.indicators["search_time"]
    assert guided["search_unguided"] != before.indicators["search_unguided"]
    assert guided["cruising"] < before.indicators["cruising"]
    assert guided["turned_away"] <= before.indicators["turned_away"]


def test_a_higher_price_shortens_stays_and_empties_spaces(before, after):
    found = after("parking_price", price="4 EUR/h")
    assert found["occupancy"] < before.indicators["occupancy"]
    assert found["search_time"] < before.indicators["search_time"]
    assert found["user_payments"] > before.quantities["user_payments"]


def test_controls_raise_receipts(before, after):
    found = after("parking_control", payment="90 %")
    assert found["user_payments"] > 1.05 * before.quantities["user_payments"]
    # They are receipts of the authority, not a cost of the service.
    assert found["user_payment_cost"] == found["user_payments"]


def test_thirty_everywhere_slows_down_and_shifts_to_bikes(before, after):
    found = after("speed_limit", limit="30 km/h")
    assert found["hours"] > 1.1 * before.indicators["hours"]
    assert found["car_trips"] < before.indicators["car_trips"]
    assert found["access"] < before.indicators["access"]


def test_a_limit_above_the_present_speed_changes_nothing(bench, layers):
    measured = bench.apply(layers, "speed_limit", limit="120 km/h")
    assert not acts_on_traffic(measured.layers)
    assert not measured.bill


def signal_delay(bench, layers, measure=None):
    changed = bench.apply(layers, measure).layers if measure else layers
    return bench.run(changed).outcome.indicators["signal_delay"]


def test_new_plans_and_adaptive_signals_wait_less_when_plans_are_old(town, layers):
    """With strong drift and busy crossings, plans made for other flows lose to those that follow."""
    bench = bench_of(town, parking_days=0).having(flow_drift=0.2, plan_age=15.0)
    busy = layers["traffic_demand"].assign(trips=layers["traffic_demand"]["trips"] * 1.6)
    layers = {**layers, "traffic_demand": busy}
    old = signal_delay(bench, layers)
    assert signal_delay(bench, layers, "retime_signals") < old
    assert signal_delay(bench, layers, "adaptive_signals") < old


def test_plans_that_nothing_has_drifted_from_are_not_to_be_made_anew(town, layers):
    bench = bench_of(town, parking_days=0).having(flow_drift=0.0)
    assert signal_delay(bench, layers, "retime_signals") == pytest.approx(signal_delay(bench, layers), rel=0.12)


def test_bike_network_and_car_pooling_take_cars_off(before, after):
    for name in ("bike_network", "car_pooling"):
        assert after(name, **CALLS[name])["car_trips"] < before.indicators["car_trips"], name


def test_cars_that_look_for_a_space_are_those_of_the_residents(bench, layers, before):
    """All of them electric: cruising takes electricity alone."""
    fleets = layers["vehicle_fleets"].assign(electric=1.0)
    found = bench.run({**layers, "vehicle_fleets": fleets}).outcome.indicators
    assert found["cruising"] == before.indicators["cruising"]
    speed = np.array([VALUES["cruise_speed"]])
    power = rates(VALUES, 1.0).at("car", speed)[:, 0]
    assert power[0] == power[1] == 0.0
    assert found["cruising_electricity"] == pytest.approx(found["cruising"] * power[2])
    assert found["cruising_petrol"] == found["cruising_diesel"] == 0.0
    assert before.indicators["cruising_petrol"] > before.indicators["cruising_diesel"] > 0.0


def test_parking_that_is_not_followed_is_missing(town, layers):
    bench = bench_of(town, parking_days=0)
    found = said(bench, bench.run(layers).outcome)
    missing = {name for name, value in found.items() if np.isnan(value)}
    parking = {"cruising", "cruising_petrol", "search_time", "user_payments", "user_payment_cost", "user_cost"}
    assert parking <= missing
    assert found["distance"] > 0.0
    assert found["user_energy_cost"] > 0.0


def municipal(layers):
    return (layers["vehicle_fleets"]["owner"] == "municipal").to_numpy()


def test_electric_fleet_saves_fuel_and_draws_power(bench, layers, before):
    measured = bench.apply(layers, "electric_vehicles", municipal(layers), share="60 %")
    powers = []

    def watch(world):
        world.board.listen("grid_power", lambda time, key, value: powers.append((key, value)))

    found = said(bench, bench.run(measured.layers, meanwhile=watch).outcome, measured.bill)
    was = said(bench, before)
    for name in ("petrol", "diesel"):
        assert found[name] == pytest.approx(0.4 * was[name], rel=0.03)  # whole vehicles only
    for line in ("fuel", "energy", "carbon", "energy_cost"):
        assert found[line] < was[line], line
    assert found["electricity"] > 10.0 * was["electricity"]
    assert found["distance"] == was["distance"]
    # What residents drive stays what it was.
    for name in ("user_petrol", "user_diesel", "user_electricity", "user_energy_cost"):
        assert found[name] == pytest.approx(was[name], rel=1e-12), name
    depot = [value for key, value in powers if key.startswith("new-depot")]
    assert max(depot) > 0.0
    assert depot[-1] == 0.0
    assert {item.kind for item in measured.bill} == {"electric_vehicle", "charger"}


def test_too_few_chargers_leave_vehicles_empty(bench, layers):
    far = {**layers, "vehicle_fleets": layers["vehicle_fleets"].assign(distance=200.0)}
    chosen = municipal(layers)

    def unready(number):
        given = {"share": "100 %", "vehicles_per_charger": number, "charger_power": "4 kW"}
        ran = bench.run(bench.apply(far, "electric_vehicles", chosen, **given).layers)
        # Each is one event at its depot, which a measure added.
        events = ran.world.journals["mobility"].table("unready")
        assert (events["station"] >= len(layers["charge_points"])).all()
        assert (events["missing"] > 0.0).all()
        assert ran.outcome.indicators["unready"] == len(events)
        return len(events)

    assert unready(1) < unready(20)


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

    ran = bench.run(layers, meanwhile=close)
    found, was = said(bench, ran.outcome), said(bench, before)
    assert found["detour_hours"] > 0.0
    assert found["detour_distance"] > 0.0
    for name, more in (("hours", "hours"), ("user_petrol", "petrol"), ("nox", "nox"), ("particles", "particles")):
        # The closure is one event, with all that it took.
        (event,) = ran.world.journals["mobility"].table("detour").to_dict("records")
        assert found[name] == pytest.approx(was[name] + event[more], rel=1e-12)
        assert event[more] > 0.0
    assert layers["traffic_links"]["street_id"][event["link"]] == street
    assert found["carbon"] > was["carbon"]


def test_going_round_costs_at_least_what_a_new_equilibrium_would(bench, layers, state):
    """Drivers who know nothing of a closure lose more than those who chose anew, and not by an order."""
    street = busiest_street(state)
    links = layers["traffic_links"]
    chosen = (links["street_id"] == street).to_numpy()
    closed = bench.apply(layers, "close_streets", chosen).layers
    hour = 17
    world = bench.world()
    detours = Detours(state, world, np.ones(14))
    row = QUANTITIES.index("hours")
    round_ = detours._hour(state.day, detours.by_street[street], hour)[row]
    supply = supply_of(closed, VALUES)
    scene_ = scene(closed, supply, state)
    again = equilibrium(with_signals(supply.links, None), classes_of(scene_, hour, state.day.trips), gap=1e-5)
    plain = supply_of(layers, VALUES)
    first = equilibrium(plain.links, classes_of(scene(layers, plain, state), hour, state.day.trips), gap=1e-5)

    def hours(found, made):
        flow = found.flow[0] + found.flow[1] / VALUES["heavy_units"]
        return float((flow * found.time)[~made.connector].sum()) / 3600.0

    chosen_anew = hours(again, supply) - hours(first, plain)
    assert 0.0 < chosen_anew < 1.1 * round_ < 8 * chosen_anew


def scene(layers, supply, state):
    return Scene(layers, supply, VALUES, state.day.trips, 1e-5, 1)


def test_hours_are_posted_for_crews_and_trucks(bench, layers):
    posted = []
    bench.run(layers, meanwhile=lambda world: world.board.listen("travel_delay", lambda *row: posted.append(row)))
    assert len(posted) == 14 * 24
    values = np.array([value for _time, _key, value in posted]).reshape(14, 24)
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
    outcome = bench.run(empty).outcome
    found = {**outcome.indicators, **outcome.quantities}
    assert found["distance"] == found["hours"] == found["cruising"] == 0.0
    # The municipal fleet is told apart, and users do not use less than nothing.
    assert found["petrol"] > 0.0
    assert found["user_petrol"] == found["user_diesel"] == found["user_hours"] == 0.0


def test_a_town_below_its_capacities_is_judged_and_one_beyond_is_not(bench, layers, state):
    """What is said to be outside is declared, and starts where the factor says."""
    assert bench.prepare(layers).outside == ()
    declared = {item.name for item in NETWORK.indicators} | set(NETWORK.quantities)
    assert set(OF_TIMES) <= declared
    load = (state.day.flow.sum(axis=1) / state.supply.links.capacity)[:, ~state.supply.connector]
    day = Figures(layers, state.day, Meter(state.supply, state.rates, VALUES | {"delay_range": 0.0}))
    share, most = day.beyond
    assert share == pytest.approx(1.0)
    assert most >= load.max() * (1.0 - 1e-12)  # signals leave less than the lanes
    assert Figures(layers, state.day, Meter(state.supply, state.rates, VALUES)).beyond[0] == 0.0
