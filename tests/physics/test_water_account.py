"""What water costs: quantities that the account values, each once, and defaults that the table alone states."""

from dataclasses import replace

import pytest
from water_kit import bench, frame, grid

from jumeau.attributes import AttributeTable
from jumeau.networks.water import NETWORK
from jumeau.simulation.clock import DAY
from jumeau.simulation.shared import shared_factors


@pytest.fixture(scope="module")
def leaky():
    """A network that leaks, with 250 customers, and what a year of it says."""
    town = bench(grid(side=6, step=300.0, connections=10), warmup=60 * DAY).having(mains_bursts=1.0)
    return town, town.run().outcome


def test_each_cost_is_a_quantity_times_its_price(leaky):
    town, outcome = leaky
    found, said = outcome.quantities, town.account(outcome)
    wage = 30.0 * 120.82 / 111.91  # euros of 2022 by the index of 2025
    assert said["staff_cost"] == pytest.approx(found["staff_hours"] * wage)
    assert said["energy_cost"] == pytest.approx(found["electricity"] * 0.16 + found["crew_diesel"] * 1.35)
    assert said["materials_cost"] == pytest.approx(found["water_input"] * 0.12 + outcome.indicators["repairs"] * 650.0)
    assert said["cost"] == pytest.approx(
        sum(said[name] for name in ("staff_cost", "energy_cost", "materials_cost", "levy_cost"))
    )
    assert said["carbon"] == pytest.approx(found["electricity"] * 0.058 + found["crew_diesel"] * 3.10)
    assert said["energy"] == pytest.approx(found["electricity"] + found["crew_diesel"] * 35.6 / 3.6)


def test_agents_of_crews_and_readers_of_meters_are_paid(leaky):
    town, outcome = leaky
    take = town.run().world.journals["water"].within(town.clock.duration)
    at_work = sum(take(kind)["hours"].sum() for kind in ("job", "return"))
    surveyed = town.prepare().state.rates["survey_km"] / 0.4
    crews = 2.0 * (at_work + surveyed)
    assert outcome.quantities["staff_hours"] == pytest.approx(crews + outcome.indicators["reading_hours"])


def test_energy_counts_once(leaky):
    """A cubic metre costs what it did, 0.20 EUR, of which electricity is told apart."""
    town, outcome = leaky
    found = outcome.quantities
    each = found["electricity"] / found["water_input"]
    assert each == pytest.approx(NETWORK.factors.value("specific_energy"))  # nothing is pumped here
    assert each * 0.16 + NETWORK.factors.value("marginal_cost") == pytest.approx(0.20, abs=0.002)
    # Losses are valued at both, within the cost and not beside it.
    loss = found["real_losses"] * (0.12 + each * 0.16)
    assert town.account(outcome)["loss_cost"] == pytest.approx(loss)


def test_the_shared_price_of_electricity_moves_water(leaky):
    town, outcome = leaky
    dear = replace(town, shared=shared_factors().override({"electricity_price": 0.26}, "test"))
    more = {name: amount - town.account(outcome)[name] for name, amount in dear.account(outcome).items()}
    assert more["cost"] == pytest.approx(more["energy_cost"])
    assert more["energy_cost"] == pytest.approx(outcome.quantities["electricity"] * 0.10)
    assert more["loss_cost"] == pytest.approx(outcome.quantities["loss_electricity"] * 0.10)
    assert {name for name, amount in more.items() if amount} == {"cost", "energy_cost", "loss_cost"}


def test_the_performance_fee_is_linear_in_its_rate(leaky):
    town, outcome = leaky
    fees = [town.having(performance_fee_rate=rate).account(outcome)["levy_cost"] for rate in (0.1, 0.3)]
    assert fees[0] == pytest.approx(0.1 * outcome.quantities["performance_fee_volume"])
    assert fees[1] == pytest.approx(3.0 * fees[0])
    # A yield of 85 % and more takes off 55 %.
    assert outcome.quantities["performance_fee_volume"] >= 0.45 * outcome.quantities["metered_volume"]


@pytest.mark.parametrize("customers", [1, 3])
def test_what_nobody_states_is_what_the_table_states(customers):
    """No default stands in the code: another one in the table is another one in the run."""
    rows = [
        replace(row, default=str(customers))
        if (row.layer, row.attribute) == ("water_connections", "customers")
        else row
        for row in NETWORK.attributes
    ]
    layers = grid(side=3)
    pipes = layers["water_pipes"]
    layers["water_connections"] = frame(
        {"connection_id": list(pipes["pipe_id"]), "pipe_id": pipes["pipe_id"]}, list(pipes.geometry.centroid)
    )
    town = replace(bench(layers), network=replace(NETWORK, attributes=AttributeTable(rows)))
    assert town.prepare().state.customers.sum() == customers * len(pipes)
