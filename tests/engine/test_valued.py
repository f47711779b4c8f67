"""Valuing what runs found: one price for all networks, draws of prices without a run, totals over networks."""

from dataclasses import replace

import numpy as np
import pytest

import jumeau.network
from jumeau.engine.components import components
from jumeau.engine.parts import Part
from jumeau.engine.plan import component_keys, fingerprints
from jumeau.engine.resolve import NetworkSituation, Situation, Step
from jumeau.engine.valued import valued, variables
from jumeau.network import MeasureContext, ordered
from jumeau.networks.lighting import NETWORK
from jumeau.simulation.shared import shared_factors

NAMES = ("lighting", "twin")


@pytest.fixture
def two_networks(monkeypatch):
    """Lighting, and a second network that gives the same; a function makes them others."""

    def found(**changed):
        networks = {name: replace(NETWORK, name=name, **changed) for name in NAMES}
        monkeypatch.setattr(jumeau.network, "discover", lambda: networks)
        return networks

    found()
    return found


@pytest.fixture
def situation(town, two_networks):
    """Both networks as the town has them, with nodes on all lamps of the second."""
    layers = NETWORK.layers(town)
    measure = NETWORK.measures["remote_management"]
    selected = np.ones(len(layers["lamps"]), dtype=bool)
    context = MeasureContext(NETWORK.factors, town)
    step = Step(measure, selected, measure.parameters())
    measured = step.apply(layers, context)
    bare = NetworkSituation(layers, layers, (), (), NETWORK.factors, NETWORK.assumptions())
    fitted = replace(bare, layers=measured.layers, bill=measured.bill, steps=(step,))
    networks = {"lighting": bare, "twin": fitted}
    return Situation("alarms", "Alarms", networks, shared_factors(), (), (), town)


def part(electricity):
    indicators = {f"{network}_{item.name}": 1.0 for network in NAMES for item in NETWORK.indicators}
    quantities = {f"{network}_{name}": 0.0 for network in NAMES for name in NETWORK.quantities}
    return Part(indicators, quantities | {f"{name}_electricity": electricity for name in NAMES}, {})


def test_one_price_moves_all_networks(situation):
    parts = [part(1000.0), part(3000.0)]
    dear = replace(situation, shared=situation.shared.override({"electricity_price": 0.25}, "scenario"))
    for made, price in ((situation, 0.16), (dear, 0.25)):
        found = valued(made, parts, 1.0)
        for owner in NAMES:
            assert found[f"{owner}_energy_cost"] == pytest.approx([1000 * price, 3000 * price])
        assert found["total_energy_cost"] == pytest.approx([2000 * price, 6000 * price])


def test_a_price_drawn_once_holds_for_all(situation):
    draw = {"shared": {"electricity_price": 0.2, "electricity_carbon": 0.05}, "twin": {"node_price": 50.0}}
    found = valued(situation, [part(1000.0)], 1.0, draw)
    assert [float(found[f"{name}_energy_cost"][0]) for name in NAMES] == pytest.approx([200.0, 200.0])
    assert float(found["total_carbon"][0]) == pytest.approx(100.0)
    lamps = len(situation.networks["twin"].layers["lamps"])
    assert float(found["twin_investment"][0]) == pytest.approx(50.0 * lamps)
    assert float(found["lighting_investment"][0]) == 0.0


def test_totals_are_sums_over_networks(situation):
    found = valued(situation, [part(1000.0), part(2000.0)], 0.5)
    specs = [(owner, spec.name) for owner, spec in variables(ordered(NAMES))]
    assert set(found) == {f"{owner}_{name}" for owner, name in specs}
    totals = [name for owner, name in specs if owner == "total"]
    assert {"energy", "fuel", "carbon", "cost", "investment", "electricity", "staff_hours"} <= set(totals)
    assert "failures" not in totals
    for name in totals:
        assert found[f"total_{name}"] == pytest.approx(sum(found[f"{owner}_{name}"] for owner in NAMES), rel=1e-12)
    # Fees are those of half a year.
    lamps = len(situation.networks["twin"].layers["lamps"])
    assert found["total_fee_cost"] == pytest.approx([0.5 * 4.0 * lamps] * 2)


def test_a_run_that_failed_is_not_a_number(situation):
    found = valued(situation, [part(1000.0), None], 1.0)
    for name, values in found.items():
        assert np.isfinite(values[0]), name
        assert np.isnan(values[1]), name


def test_a_draw_of_prices_alone_asks_for_no_run(situation):
    prices = {"shared": {"electricity_price": 0.2, "crew_hourly_cost": 40.0}, "lighting": {"led_price": 900.0}}
    assert situation.simulated(prices) == {}
    mixed = {"shared": {"diesel_price": 2.0, "crew_speed": 30.0}, "twin": {"gear_loss_hps": 0.12, "node_fee": 9.0}}
    assert situation.simulated(mixed) == {"shared": {"crew_speed": 30.0}, "twin": {"gear_loss_hps": 0.12}}


def test_the_key_of_a_run_knows_no_price(situation):
    def key(made, values):
        parts = components(ordered(made.networks), {})
        return component_keys(parts, fingerprints(made, "period"), made.simulated(values), 0)

    plain = key(situation, {})
    assert key(situation.with_factors({"shared": {"electricity_price": 0.3}}, "test"), {}) == plain
    assert key(situation.with_factors({"twin": {"led_price": 1.0, "node_life": 3.0}}, "test"), {}) == plain
    assert key(situation, {"shared": {"electricity_price": 0.3}}) == plain
    assert key(situation.with_factors({"shared": {"crew_speed": 30.0}}, "test"), {}) != plain
    assert key(situation, {"shared": {"crew_speed": 30.0}}) != plain


def test_a_price_that_somebody_decides_by_asks_for_runs(situation, two_networks):
    draw = {"shared": {"electricity_price": 0.2, "diesel_price": 2.0}}
    dear = situation.with_factors(draw, "test")
    assert "electricity_price" not in situation.shared_for_runs
    assert fingerprints(situation, "period") == fingerprints(dear, "period")
    two_networks(decides_on=("electricity_price",))
    assert situation.simulated(draw) == {"shared": {"electricity_price": 0.2}}
    assert dear.shared_for_runs.value("electricity_price") == 0.2
    assert fingerprints(situation, "period") != fingerprints(dear, "period")
