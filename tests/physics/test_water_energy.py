"""Electricity of water: production stays where the model holds a pump, and it is part of the operating cost."""

import pandas as pd
import pytest
from water_kit import bench, frame, grid

from jumeau.engine import campaign
from jumeau.engine.scenario import read_scenario
from jumeau.networks.water import NETWORK
from jumeau.networks.water.physics.energy import lifted, water_energy
from jumeau.networks.water.physics.head_loss import GRAVITY
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.territory.storage import read_territory

USUAL, PRODUCED = (NETWORK.factors.value(name) for name in ("specific_energy", "production_energy"))


def boosted(source_pumped=False):
    """Return a gravity network whose last junction a booster serves, or one whose source a pump lifts."""
    layers = grid(side=3, head=0.5 if source_pumped else 60.0)
    pipes, point = layers["water_pipes"], layers["water_junctions"].geometry.iloc[-1]
    row = 0 if source_pumped else len(pipes) - 1
    line = pipes.geometry.iloc[row]
    ends = pipes.loc[row, ["from_node", "to_node"]].tolist()
    if not source_pumped:
        added = frame({"node_id": ["HIGH"], "elevation": [30.0], "demand": [1.0]}, [point])
        layers["water_junctions"] = pd.concat([layers["water_junctions"], added], ignore_index=True)
        ends = [ends[1], "HIGH"]
    else:
        layers["water_pipes"] = pipes.drop(row).reset_index(drop=True)
    layers["water_pumps"] = frame(
        {"pump_id": ["B"], "from_node": ends[:1], "to_node": ends[1:], "curve_id": ["C"], "efficiency": [0.7]}, [line]
    )
    points = "0,60 10,50 40,20" if source_pumped else "0,40 1,30 4,5"
    layers["water_curves"] = frame({"curve_id": ["C"], "kind": ["head"], "points": [points]})
    return layers


def energy_of(layers):
    town = bench(layers)
    return water_energy(town.layers, solve(town.layers), town.own)


def test_a_booster_adds_its_energy_to_that_of_production():
    """One tenth of the water is lifted by 30 m: weight times lift over efficiency, beside the usual figure."""
    plain, found = energy_of(grid(side=3, head=60.0)), energy_of(boosted())
    assert plain.total == plain.upstream == USUAL
    assert found.upstream == USUAL
    assert found.pumps == pytest.approx(GRAVITY * 30.0 / 3600.0 / 0.7 / 10.0, rel=0.01)
    assert found.total == pytest.approx(USUAL + found.pumps)


def test_water_that_the_model_lifts_was_not_lifted_before():
    found = energy_of(boosted(source_pumped=True))
    assert found.upstream == PRODUCED
    assert found.pumps == pytest.approx(GRAVITY * (60.0 - 9.0) / 3600.0 / 0.7, rel=0.05)


def test_a_source_states_its_own_energy():
    """A plant whose pumps the model holds states what is left; nothing is then assumed."""
    layers = boosted(source_pumped=True)
    layers["water_reservoirs"]["upstream_energy"] = 0.0
    assert energy_of(layers).upstream == 0.0
    assert energy_of(layers).assumed == 0
    town = bench(layers)
    assert not any("upstream_energy" in note["en"] for note in town.prepare().notes)
    (note,) = (note["en"] for note in bench(boosted()).prepare().notes)
    assert "0.490" in note
    assert "1 source" in note


def test_sources_weigh_by_what_they_give():
    layers = grid(side=3, head=60.0)
    line = layers["water_pipes"].geometry.iloc[-1]
    far = layers["water_junctions"]["node_id"].iloc[-1]
    second = frame({"node_id": ["S"], "head": [60.0]}, [line.interpolate(1.0, normalized=True)])
    pipe = layers["water_pipes"].iloc[[0]].assign(pipe_id="PS", from_node="S", to_node=far, diameter=80.0)
    layers["water_pipes"] = pd.concat([layers["water_pipes"], pipe], ignore_index=True)
    layers["water_reservoirs"] = pd.concat([layers["water_reservoirs"], second], ignore_index=True)
    layers["water_reservoirs"]["upstream_energy"] = [0.2, 1.0]
    town = bench(layers)
    found = solve(town.layers)
    given = dict(zip(found.sources, found.inflow, strict=True))
    assert sum(given.values()) == pytest.approx(found.consumption.mean(), rel=1e-3)
    assert 0.0 < given["S"] < given["R"]
    expected = (0.2 * given["R"] + 1.0 * given["S"]) / (given["R"] + given["S"])
    assert water_energy(town.layers, found, town.own).upstream == pytest.approx(expected)


def test_the_source_of_the_bundled_town_is_lifted_by_its_pump():
    town = read_territory("bourg_exemple")
    layers = NETWORK.layers(town)
    assert lifted(layers).all()
    found = water_energy(layers, solve(layers), NETWORK.factors)
    # What a service of Western Europe takes: half of them between 0.2 and 0.9 kWh/m3.
    assert 0.2 < found.total < 0.9


def test_electricity_is_in_the_operating_cost():
    """A cubic metre that takes 1 kWh more costs 0.16 EUR more, and what communes report says so."""
    plain, dear = (grid(side=3) for _ in range(2))
    for layers, energy in ((plain, 0.4), (dear, 1.4)):
        layers["water_reservoirs"]["upstream_energy"] = energy
    ran = [bench(layers).run() for layers in (plain, dear)]
    used = [item.outcome.quantities["electricity"] for item in ran]
    costs = [bench(plain).account(item.outcome) for item in ran]
    volume = ran[0].outcome.quantities["water_input"]
    assert used[1] - used[0] == pytest.approx(volume)
    assert costs[1]["cost"] - costs[0]["cost"] == pytest.approx(0.16 * volume)
    assert costs[1]["energy_cost"] - costs[0]["energy_cost"] == pytest.approx(0.16 * volume)
    assert costs[1]["carbon"] - costs[0]["carbon"] == pytest.approx(0.058 * volume)


SCENARIO = """
name: electricity
title: {fr: Essai, en: Trial}
question: {fr: "Et alors ?", en: "So what?"}
territory: bourg_exemple
networks: [water]
period: {start: 2025-01-01, end: 2025-01-10}
seed: 1
replications: 2
variants:
  reading:
    measures: [{measure: water.remote_reading}]
"""


def test_the_reported_cost_and_energy_are_those_of_the_account(tmp_path):
    path = tmp_path / "electricity.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    results = campaign.run(read_scenario(path))
    mean = {
        name: float(results.dataset[f"water_{name}"].sel(scenario="baseline").mean())
        for name in ("electricity", "crew_diesel", "cost", "energy_cost", "staff_cost", "materials_cost", "levy_cost")
    }
    assert mean["energy_cost"] == pytest.approx(mean["electricity"] * 0.16 + mean["crew_diesel"] * 1.35)
    parts = ("energy_cost", "staff_cost", "materials_cost", "levy_cost")
    assert mean["cost"] == pytest.approx(sum(mean[name] for name in parts))
    (record,) = (item for item in results.records if (item.network, item.indicator) == ("water", "cost"))
    assert record.baseline == pytest.approx(mean["cost"])
    people = float(read_territory("bourg_exemple").layer("population")["residents"].sum())
    reported = results.reported.set_index("id").loc["cae_28.a", "before"]
    assert reported == pytest.approx(mean["electricity"] * 365 / 10 / people)
