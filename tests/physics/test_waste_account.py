"""What waste gives to the account: quantities priced once, events that people can read, defaults of the table."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.attributes import AttributeTable
from jumeau.engine import campaign
from jumeau.engine.scenario import read_scenario
from jumeau.networks.waste.physics.costs import hourly_cost, km_cost
from jumeau.simulation.shared import shared_factors
from jumeau.territory.model import Territory

XY = np.array([[1000.0, 0.0], [2000.0, 0.0], [3000.0, 0.0]])
WEEK = date(2025, 3, 3), date(2025, 3, 9)

#: The price of the shared list that each kind of truck and its crew are paid by.
ENERGIES = {"diesel": "diesel_price", "cng": "gas_price", "electric": "electricity_price"}


def layers_of(energy="diesel"):
    return kit.collection(XY, mass_rate=40.0, trucks={"energy": [energy]})


def test_nothing_that_others_buy_too_is_priced_here():
    assert not set(kit.NETWORK.factors) & set(shared_factors())
    assert set(kit.NETWORK.decides_on) == {*ENERGIES.values(), "crew_hourly_cost"}


@pytest.mark.parametrize("energy", list(ENERGIES))
def test_one_override_of_a_price_is_that_of_the_planner_and_of_the_account(energy):
    price = ENERGIES[energy]
    dearer = {price: 2.0 * shared_factors().value(price), "crew_hourly_cost": 50.0}
    before, after = (kit.figures(layers_of(energy), *WEEK, shared=shared) for shared in ({}, dearer))
    assert after["energy_cost"] == pytest.approx(2.0 * before["energy_cost"])
    assert after["staff_cost"] == pytest.approx(50.0 * after["staff_hours"])
    usual, state = (kit.bench(layers_of(energy), shared=shared).prepare().state for shared in ({}, dearer))
    (truck,) = state.trucks
    assert hourly_cost(truck, state.rates) == 50.0
    upkeep = kit.NETWORK.factors.value(f"upkeep_{'electric' if energy == 'electric' else 'diesel'}")
    assert km_cost(truck, state.rates) - upkeep == pytest.approx(2.0 * (km_cost(truck, usual.rates) - upkeep))


def test_prices_that_only_value_are_none_of_the_simulation_s():
    found = kit.NETWORK.factors.for_runs()
    assert not {"sensor_price", "sensor_fee", "electric_surcharge", "electric_embodied_carbon"} & set(found)
    assert {"upkeep_diesel", "upkeep_electric", "overflow_value"} <= set(found)  # the planner decides by them


@pytest.mark.parametrize(("energy", "carrier"), [("diesel", "diesel"), ("cng", "gas"), ("electric", "electricity")])
def test_the_energy_of_each_carrier_is_that_of_its_phases(energy, carrier):
    found = kit.figures(layers_of(energy), *WEEK)
    content = 35.6 / 3.6 if carrier == "diesel" else 1.0
    assert found[carrier] > 0.0
    assert {found[name] for name in ("diesel", "gas", "electricity")} == {0.0, found[carrier]}
    assert found["energy"] == pytest.approx(found[carrier] * content)
    assert found["energy"] == pytest.approx(
        sum(found[f"energy_{phase}"] for phase in ("haul", "collect", "lifts", "idle"))
    )
    assert found["fuel"] == (found["diesel"] if carrier == "diesel" else 0.0)


def test_the_upkeep_of_a_mixed_fleet_is_that_of_each_kind():
    columns = {"truck_id": ["T1", "T2"], "streams": ["glass"] * 2, "energy": ["diesel", "electric"]}
    layers = kit.collection(
        XY,
        mass_rate=40.0,
        trucks={**columns, "count": [1, 1], "body": [30.0] * 2, "payload": [10_000.0] * 2, "crew": [1, 1]},
        containers={"round_id": ["R1", "R2", "R2"]},
        rounds={"round_id": ["R1", "R2"], "stream": ["glass"] * 2, "truck_id": ["T1", "T2"], "weekdays": ["mon"] * 2},
    )
    found = kit.figures(layers, *WEEK)
    each = found["diesel_truck_distance"], found["electric_truck_distance"]
    assert min(each) > 0.0
    assert sum(each) == pytest.approx(found["distance"], rel=1e-9)
    assert found["upkeep_cost"] == pytest.approx(0.6 * each[0] + 0.4 * each[1])


def test_what_the_bill_holds_is_no_upkeep_of_trucks():
    layers = layers_of()
    made = kit.measured(layers, "fill_sensors")
    bench = kit.bench(made.layers, *WEEK)
    found = bench.account(bench.run().outcome, made.bill)
    assert found["fee_cost"] == pytest.approx(3 * 144.0 * bench.clock.years)
    assert found["upkeep_cost"] == pytest.approx(kit.figures(layers, *WEEK)["upkeep_cost"])
    assert found["investment"] == 3 * 250.0
    assert found["embodied_carbon"] == 3 * 5.0


def test_containers_keep_the_carbon_of_their_size_whatever_prices_are_drawn():
    (item,) = kit.measured(layers_of(), "resize_containers", volume="5000 l").bill
    assert item.embodied == pytest.approx(3 * 5000.0 * 0.1)
    dearer = kit.NETWORK.factors.override({"column_price": 4000.0}, "test")
    assert item.priced(dearer).investment == 3 * 4000.0
    assert item.priced(dearer).embodied == item.embodied


def test_a_default_of_the_table_is_what_runs_take():
    layers = layers_of()
    del layers["waste_trucks"]["crew"]
    rows = [
        replace(row, default="1") if (row.layer, row.attribute) == ("waste_trucks", "crew") else row
        for row in (*kit.NETWORK.attributes, *kit.NETWORK.attributes.outputs())
    ]
    alone = replace(kit.NETWORK, attributes=AttributeTable(rows))
    three, one = (kit.figures(layers, *WEEK, network=network)["staff_hours"] for network in (kit.NETWORK, alone))
    assert three == pytest.approx(3.0 * one)


def test_what_is_not_said_is_the_default_of_the_table():
    told = {
        (row.layer, row.attribute): row.default for row in kit.NETWORK.attributes if row.default and not row.required
    }
    bare = {name: frame.copy() for name, frame in layers_of().items()}
    for layer, column in told:
        if column in bare[layer] and column not in ("kind", "count"):
            del bare[layer][column]
    spelled = {name: frame.copy() for name, frame in bare.items()}
    for (layer, column), default in told.items():
        if column not in spelled[layer]:
            spelled[layer][column] = default
    assert len(told) > 20
    assert kit.figures(bare, *WEEK) == pytest.approx(kit.figures(spelled, *WEEK), nan_ok=True)


JOURNAL = """
name: journal
territory: town.gpkg
networks: [waste]
period: {start: 2025-03-03, end: 2025-03-16}
warmup: 7 days
replications: 1
variants:
  electric:
    measures: [{measure: waste.electric_trucks}]
"""


def test_the_public_journal_names_trucks_sites_and_containers(tmp_path):
    (tmp_path / "journal.yaml").write_text(JOURNAL, encoding="utf-8")
    layers = kit.collection(XY, mass_rate=40.0, trucks={"count": [2]})
    made = kit.territory(layers)
    made = Territory(made.name, made.crs, made.layers, made.columns, {"timezone": "Europe/Paris", "country": "FR"})
    results = campaign.run(read_scenario(tmp_path / "journal.yaml"), made)
    journal = results.journal[results.journal["scenario"] == "electric"]
    of = dict(iter(journal.groupby("kind")))
    assert {"departure", "drive", "stop", "pickup", "unload", "energy", "depot_return", "charge"} <= set(of)
    assert set(of["pickup"]["container"]) == set(layers["waste_containers"]["container_id"])
    assert set(of["stop"]["site"]) == set(layers["waste_sites"]["site_id"])
    assert set(of["unload"]["disposal"]) == {"E1"}
    for kind in ("departure", "drive", "stop", "pickup", "unload", "energy", "depot_return", "charge"):
        assert set(of[kind]["truck"]) == {"T1"}
        assert set(of[kind]["number"]) <= {1.0, 2.0}
    assert set(of["drive"]["phase"]) == {"haul", "collect"}
    assert set(of["energy"]["phase"]) == {"haul", "collect", "lifts", "idle"}
    assert of["energy"]["diesel"].sum() == 0.0
    inside = of["energy"][of["energy"]["time"] >= 0.0]
    total = float(results.dataset["waste_electricity"].sel(scenario="electric").mean())
    assert inside["electricity"].sum() == pytest.approx(total)
