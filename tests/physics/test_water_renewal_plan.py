"""Renewal by risk: plans worked out by hand, brute force, and one ranking for the study and the measure."""

from itertools import combinations

import numpy as np
import pytest
from water_kit import branch, frame, grid, territory

from jumeau.network import MeasureContext
from jumeau.networks.water import NETWORK
from jumeau.networks.water.measures import pipe_renewal
from jumeau.networks.water.parameters import PipeRenewal
from jumeau.networks.water.physics.renewal import plan
from jumeau.networks.water.studies.renewal import RenewalParameters, pipe_risk, study
from jumeau.simulation.shared import shared_factors
from jumeau.study import StudyContext


def test_a_plan_worked_out_by_hand():
    names = np.array(["a", "b", "c"], dtype=object)
    risk, renewed = np.array([100.0, 90.0, 10.0]), np.array([10.0, 0.0, 10.0])
    cost, km = np.array([300.0, 200.0, 50.0]), np.array([3.0, 2.0, 0.5])
    growth = np.array([1.0, 1.1, 1.2])[None, :].repeat(3, axis=0)
    found = plan(risk, renewed, growth, cost, km, names, budget=250.0, years=2)
    # b avoids 0.45 per euro, a 0.3; 50 are kept for the second year, which pays a. c is better left alone.
    assert list(found.year) == [1, 0, -1]
    assert list(found.spent) == [200.0, 300.0]
    assert list(found.length) == [2.0, 3.0]
    assert found.risk == pytest.approx([200.0, 110.0 + 0.0 + 11.0, 10.0 + 0.0 + 12.0])
    assert found.untouched == pytest.approx([200.0, 220.0, 240.0])


def test_no_choice_of_as_much_money_avoids_more():
    # Where all pipes cost the same, the greedy choice is the best of all.
    rng = np.random.default_rng(3)
    risk, renewed = rng.random(9) * 100.0, rng.random(9) * 5.0
    names = np.array([str(row) for row in range(9)], dtype=object)
    each = np.full(9, 10.0)
    found = plan(risk, renewed, np.ones((9, 2)), each, each, names, budget=40.0, years=1)
    best = max(sum(risk[row] - renewed[row] for row in some) for some in combinations(range(9), 4))
    assert risk.sum() - found.risk[1] == pytest.approx(best)


def test_risk_is_frequency_times_what_a_burst_costs():
    layers = branch()
    layers["water_isolation_valves"] = frame(
        {"isolation_valve_id": ["V"], "pipe_id": ["P3"], "node_id": ["B"], "working": [True]}, [None]
    )
    factors, shared = NETWORK.factors, shared_factors()
    found = pipe_risk(layers, factors, 2030.0, 5.0)
    rate = factors.value("mains_bursts") * factors.value("condition_pvc")  # forty years of age in 2030
    assert found.rate == pytest.approx(rate)
    assert list(found.customers) == [16.0, 16.0, 10.0]
    hours = factors.value("repair_hours_mains")
    repair = factors.value("repair_cost") + hours * shared.value("crew_size") * shared.value("crew_hourly_cost")
    lost = 0.95 * 1.5 * 24 * 12.0 + 0.05 * (365.0 + 5.0) * 24 * 6.0  # shipped shares, days and flows
    burst = (
        repair + lost * factors.value("marginal_cost") + found.customers * hours * factors.value("interruption_value")
    )
    assert found.burst == pytest.approx(burst)
    assert found.yearly == pytest.approx(rate * 0.1 * burst)


def renewed_by(layers, **parameters):
    context = MeasureContext(NETWORK.factors, territory(layers))
    selected = np.ones(len(layers["water_pipes"]), dtype=bool)
    changed = pipe_renewal(layers, selected, PipeRenewal(**parameters), context).layers["water_pipes"]
    return list(changed["pipe_id"][changed["measures"] == "pipe_renewal"])


def test_the_measure_ranks_as_the_study_does(town):
    layers = NETWORK.layers(town)
    year = int(layers["water_pipes"]["laid_year"].max())
    found = study(layers, RenewalParameters(year=year), StudyContext(NETWORK.factors, town)).tables["pipes"]
    first = found.sort_values("rank")
    limit = float(first["length"].iloc[:12].sum())
    assert set(renewed_by(layers, length=f"{limit} km", ranking="risk")) == set(first["pipe_id"].iloc[:12])
    assert set(renewed_by(layers, length=f"{limit} km")) != set(first["pipe_id"].iloc[:12])


def test_without_a_weight_on_interruptions_the_frequency_alone_ranks():
    layers = grid(side=4)
    layers["water_pipes"]["laid_year"] = np.arange(1940, 1940 + len(layers["water_pipes"])).astype(float)
    factors = NETWORK.factors.override({"interruption_value": 0.0}, "test")
    found = study(layers, RenewalParameters(year=2000), StudyContext(factors, territory(layers))).tables["pipes"]
    order = found.sort_values("rank")["burst_rate"].to_numpy()
    assert (np.diff(order) <= 0.0).all()


def test_years_keep_to_the_budget_and_lower_the_risk():
    layers = grid(side=5)
    asked = RenewalParameters(budget="40000 EUR", years=5, cost="100000 EUR/km")
    found = study(layers, asked, StudyContext(NETWORK.factors, territory(layers)))
    years = found.tables["years"]
    assert (years["spent"].cumsum().to_numpy() <= 40_000.0 * np.arange(1, 6) + 1e-6).all()
    assert years["spent"].iloc[0] == pytest.approx(40_000.0)  # 100 m pipes at 10,000 EUR each
    assert (years["yearly_cost"] < years["yearly_cost_untouched"]).all()
    planned = found.tables["pipes"].query("year != ''")
    assert planned["renewal_cost"].sum() == pytest.approx(years["spent"].sum())
