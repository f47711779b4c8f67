"""What mobility gives to the account, and what of it a run may read."""

from dataclasses import replace

import numpy as np
import pytest
from mobility_kit import VALUES, bench_of

from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.physics.emissions import energy_of
from jumeau.networks.mobility.physics.totals import QUANTITIES, SCALES
from jumeau.territory.model import Territory

CARRIERS = ("petrol", "diesel", "electricity")


@pytest.fixture(scope="module")
def bench(town):
    return bench_of(town)


@pytest.fixture(scope="module")
def ran(bench):
    return bench.run()


def test_the_authority_pays_without_vat_and_users_with_it(bench, ran):
    found, lines = ran.outcome.quantities, bench.account(ran.outcome)
    vat = 1.0 + VALUES["vat_rate"]
    town = (VALUES["petrol_price"] / vat, VALUES["diesel_price"], VALUES["electricity_price"])
    pump = (VALUES["petrol_price"], VALUES["diesel_price"] * vat, VALUES["charging_price"])
    for line, stem, prices in (("energy_cost", "", town), ("user_energy_cost", "user_", pump)):
        expected = sum(found[stem + name] * price for name, price in zip(CARRIERS, prices, strict=True))
        assert lines[line] == pytest.approx(expected, rel=1e-12)
    assert lines["cost"] == lines["energy_cost"]  # nothing is installed
    assert lines["user_cost"] == pytest.approx(
        lines["user_energy_cost"] + found["user_hours"] * VALUES["value_of_time"] + found["user_payments"], rel=1e-12
    )


def test_energy_and_carbon_are_those_of_all_vehicles(bench, ran):
    found, lines = ran.outcome.quantities, bench.account(ran.outcome)
    used = np.array([found[name] + found[f"user_{name}"] for name in CARRIERS])
    assert lines["energy"] == pytest.approx(float(energy_of(used, VALUES)), rel=1e-12)
    assert lines["fuel"] == pytest.approx(used[:2].sum(), rel=1e-12)
    assert lines["carbon"] == pytest.approx(used @ [VALUES[f"{name}_carbon"] for name in CARRIERS], rel=1e-12)


def test_prices_value_a_run_and_do_not_change_it(bench, ran):
    """The price of electricity is that of all networks: it had a name of its own here."""
    dear = replace(bench, shared=bench.common.override({"electricity_price": 0.5, "diesel_price": 3.0}, "test"))
    again = dear.run().outcome
    assert again.quantities == ran.outcome.quantities
    more = ran.outcome.quantities["electricity"] * (0.5 - VALUES["electricity_price"])
    more += ran.outcome.quantities["diesel"] * (3.0 - VALUES["diesel_price"])
    assert more > 0.0
    cost = bench.account(ran.outcome)["cost"]
    assert dear.account(again)["cost"] == pytest.approx(cost + more, rel=1e-12)


def test_no_price_nor_carbon_is_read_by_a_run_but_the_value_of_time(bench):
    read = {*bench.own.for_runs(), *bench.world().factors}
    valued = {name for item in NETWORK.quantities.values() for name in (item.price, item.emission) if name}
    assert read & valued == {"value_of_time"}


def test_who_values_time_more_leaves_the_car_less_for_a_price(bench):
    trips = []
    for worth in (5.0, 20.0):
        changed = replace(bench, shared=bench.common.override({"value_of_time": worth}, "test"))
        layers = changed.apply(changed.layers, "parking_price", price="5 EUR/h").layers
        trips.append(changed.run(layers).outcome.indicators["car_trips"])
    assert trips[0] < trips[1]


def test_links_add_up_to_the_traffic_of_a_working_day(ran):
    links, state = ran.outcome.assets["traffic_links"], ran.prepared.state
    whole = dict(zip(QUANTITIES, state.table[:, list(SCALES).index(1.0)].sum(axis=0), strict=True))
    for name in (*CARRIERS, "nox", "delay"):
        assert links[name].sum() == pytest.approx(whole[name], rel=1e-9), name
    used = np.array([whole[name] for name in CARRIERS])
    assert links["energy"].sum() == pytest.approx(float(energy_of(used, VALUES)), rel=1e-9)


def test_stations_add_up_to_what_is_charged(ran):
    stations, found = ran.outcome.assets["charge_points"], ran.outcome.indicators
    assert stations["charged"].sum() == pytest.approx(found["charged"], rel=1e-12)
    assert stations["charges"].sum() == found["charges"] > 0.0


def test_what_a_layer_does_not_say_is_the_default_of_its_table(town):
    """Trucks may use a link of which nothing is said: the code said no where the table says yes."""
    links = town.layer("traffic_links").assign(heavy=None)
    silent = Territory(town.name, town.crs, {**town.layers, "traffic_links": links}, town.columns, town.meta)
    state = bench_of(silent, parking_days=0).prepare().state
    assert state.supply.heavy.all()
    table = NETWORK.attributes
    for layer, column in (("traffic_links", "speed"), ("traffic_links", "lanes"), ("parking", "paid_from")):
        without = Territory(
            town.name, town.crs, {**town.layers, layer: town.layer(layer).drop(columns=column)}, town.columns, town.meta
        )
        given = NETWORK.layers(without)[layer][column]
        assert (given == float(table.get(layer, column).default)).all()
