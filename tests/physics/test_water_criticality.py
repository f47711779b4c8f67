"""Criticality of pipes: closed forms, WNTR's pressure-driven demand, and a network left as it was."""

import numpy as np
import pytest
import wntr
from water_kit import branch, frame, grid, territory, with_tank

from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.physics.held import day_of, held
from jumeau.networks.water.studies.criticality import CriticalityParameters, criticality, study
from jumeau.study import StudyContext


def asked(layers, closes="pipe"):
    return criticality(layers, closes, 5.0, NETWORK.factors)


def test_in_a_row_of_mains_all_behind_is_missing():
    found = asked(branch())
    assert found.demand == pytest.approx(3.0, rel=1e-3)
    assert found.missing == pytest.approx([3.0, 2.0, 1.0], rel=1e-3)
    assert list(found.cut) == [16.0, 14.0, 10.0]
    assert not found.below.any()


def test_what_is_left_follows_the_square_root_of_pressure():
    # With one side of the square closed, the other carries all, at a pressure that decides what is taken.
    layers = grid(side=2, demand=[0.0, 0.0, 0.0, 90.0], head=40.0, diameter=105.0)
    found = asked(layers)
    pipes = list(zip(layers["water_pipes"]["from_node"], layers["water_pipes"]["to_node"], strict=True))
    place = pipes.index(("J0_0", "J0_1"))

    def pressure(flow):
        return 40.0 - 300.0 * 10.667 * (flow / 3600) ** 1.852 / (120.0**1.852 * 0.105**4.871)

    low, high = 0.0, 90.0
    for _step in range(60):
        flow = (low + high) / 2
        taken = 90.0 * np.sqrt(min(max(pressure(flow), 0.0) / 20.0, 1.0))
        low, high = (flow, high) if taken > flow else (low, flow)
    assert found.missing[place] == pytest.approx(90.0 - flow, abs=0.3)
    assert found.missing[place] > 2.0


@pytest.mark.parametrize("name", ["P0", "P1", "P13", "P9"])
def test_it_is_what_wntr_finds_with_pressure_driven_demand(name, tmp_path):
    layers = with_tank(grid(side=4, demand=14.0, head=34.0), "J3_0", 25.0, 6.0, 12.0, 8.0)
    found = asked(layers)
    # The tank stands where two days of settling have left it.
    settled = model_of(layers)
    settled.options.time.duration = 48 * 3600
    level = float(
        wntr.sim.EpanetSimulator(settled).run_sim(file_prefix=str(tmp_path / "run")).node["pressure"]["T"].iloc[-1]
    )

    def given(closed=()):
        model = model_of(layers)
        model.options.hydraulic.demand_model = "PDD"
        model.options.hydraulic.minimum_pressure = 0.0
        model.options.hydraulic.required_pressure = NETWORK.factors.value("minimum_service_pressure")
        model.options.time.duration = 0
        model.get_node("T").init_level = level
        for link in closed:
            model.get_link(link).initial_status = "Closed"
        demand = wntr.sim.WNTRSimulator(model).run_sim().node["demand"]
        return float(demand[model.junction_name_list].iloc[0].sum()) * 3600.0

    before = given()
    place = list(layers["water_pipes"]["pipe_id"]).index(name)
    assert found.demand == pytest.approx(before, rel=0.005)
    assert found.missing[place] == pytest.approx(before - given([name]), abs=0.005 * before)


def test_the_network_is_left_as_it_was_after_each_closing():
    layers = grid(side=4, demand=6.0)
    once = asked(layers)
    flipped = {**layers, "water_pipes": layers["water_pipes"].iloc[::-1].reset_index(drop=True)}
    again = asked(flipped)
    assert again.missing[::-1] == pytest.approx(once.missing, abs=1e-3 * once.demand)


@pytest.mark.parametrize("kind", ["control", "check valve"])
def test_what_epanet_does_not_let_close_is_closed_all_the_same(kind):
    layers = grid(side=3, demand=5.0)
    free = asked(layers)
    names = list(layers["water_pipes"]["pipe_id"])
    if kind == "control":
        layers["water_controls"] = frame({"control_id": ["1"], "text": ["LINK P1 OPEN IF NODE J0_0 ABOVE 1"]}, [None])
    else:
        layers["water_pipes"] = layers["water_pipes"].assign(status=["open", "cv", *["open"] * (len(names) - 2)])
    assert asked(layers).missing == pytest.approx(free.missing, abs=1e-3 * free.demand)
    day = day_of(layers)
    with held(day, day.peak) as hour:
        hour.solve()
        before = hour.flows(names)
        with hour.closed(["P1"]):
            hour.solve()
            assert abs(before[1]) > 5.0
            # EPANET stops once flows change by less than a thousandth of them.
            assert abs(hour.flows(["P1"])[0]) < 1e-3 * free.demand
        hour.solve()
        assert hour.flows(names) == pytest.approx(before, abs=1e-3 * free.demand)


def test_ranks_and_summary():
    layers = branch()
    found = study(layers, CriticalityParameters(closes="pipe"), StudyContext(NETWORK.factors, territory(layers)))
    table = found.tables["pipes"].set_index("pipe_id")
    assert dict(table["rank"]) == {"P1": 1, "P2": 2, "P3": 3}
    assert found.summary["worst_pipe"] == "P1"
    assert found.summary["worst_share"] == pytest.approx(100.0, abs=0.1)
    assert found.summary["critical_length"] == pytest.approx(0.3)
