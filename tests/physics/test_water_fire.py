"""Fire flow: closed forms, WNTR's own fire-fighting demand, and where hydrants stand."""

import numpy as np
import pytest
import shapely
import wntr
from scipy.sparse import coo_matrix, csgraph
from water_kit import frame, grid, layers_like, territory, with_tank

from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.layout.hydrants import attached, spaced_hydrants
from jumeau.networks.water.physics.fire import fire_flow, hydrant_loss
from jumeau.networks.water.physics.held import day_of, held
from jumeau.networks.water.physics.hydraulics import run_epanet, solve
from jumeau.networks.water.studies.fire_flow import FireFlowParameters, study
from jumeau.study import StudyContext

FREE = 1e9  # a hydrant that takes no head


def main(length=800.0, diameter=100.0, head=60.0, elevation=5.0):
    """A source and one main."""
    line = shapely.LineString([(650_000, 6_860_000), (650_000 + length, 6_860_000)])
    return layers_like(
        water_pipes=frame(
            {"pipe_id": ["P"], "from_node": ["R"], "to_node": ["J"], "length": [length], "diameter": [diameter],
             "roughness": [120.0], "material": ["pvc"], "laid_year": [1990.0]}, [line]
        ),
        water_junctions=frame(
            {"node_id": ["J"], "elevation": [elevation], "demand": [3.0]}, [shapely.Point(line.coords[1])]
        ),
        water_reservoirs=frame({"node_id": ["R"], "head": [head]}, [shapely.Point(line.coords[0])]),
    )  # fmt: skip


def given(layers, node, residual=10.0, kv=FREE, wanted=60.0):
    day = day_of(layers)
    with held(day, day.peak, [node]) as hour:
        return fire_flow(
            hour, node, list(layers["water_junctions"]["node_id"]), wanted=wanted, residual=residual, kv=kv
        )


def hazen(drop, length, diameter, roughness=120.0):
    """Flow [m3/h] that loses a head, by Hazen and Williams."""
    return 3600.0 * (drop * roughness**1.852 * (diameter / 1000) ** 4.871 / (10.667 * length)) ** (1 / 1.852)


@pytest.mark.parametrize(("length", "diameter"), [(800.0, 100.0), (150.0, 80.0), (2500.0, 150.0)])
def test_one_main_gives_what_hazen_and_williams_say(length, diameter):
    found = given(main(length, diameter), "J")
    # 60 m of head, 5 m of height, 10 m left; 3 m3/h go to customers.
    assert found.flow == pytest.approx(hazen(45.0, length, diameter) - 3.0, rel=2e-3)


def test_a_hydrant_takes_head_of_its_own():
    found = given(main(50.0, 150.0), "J", kv=160.0)
    flow = found.flow
    left = 60.0 - 5.0 - 10.667 * 50.0 * ((flow + 3.0) / 3600) ** 1.852 / (120.0**1.852 * 0.15**4.871)
    assert left - 10.197 * (flow / 160.0) ** 2 == pytest.approx(10.0, abs=0.05)
    assert hydrant_loss(160.0, 160.0) == pytest.approx(10.197, abs=1e-3)


def test_where_the_pressure_is_too_low_already_nothing_is_given():
    found = given(main(head=14.0), "J")
    assert found.flow == 0.0
    assert 0.0 < found.rest < 10.0
    assert found.at_wanted < 0.0


@pytest.mark.parametrize("node", ["J1_2", "J3_3", "J0_1"])
def test_it_is_what_wntr_finds_with_its_fire_fighting_demand(node, tmp_path):
    layers = with_tank(grid(side=4, demand=2.0, head=45.0), "J3_0", 25.0, 6.0, 12.0, 8.0)
    found = given(layers, node)
    model = model_of(layers)
    day = day_of(layers)
    start = day.peak.seconds
    model.options.time.duration = start + 3600
    model.get_node(node).add_fire_fighting_demand(model, found.flow / 3600.0, start, start + 3600)
    for results in (
        wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(tmp_path / "run")),
        wntr.sim.WNTRSimulator(model).run_sim(),
    ):
        assert results.node["pressure"][node].loc[start] == pytest.approx(10.0, abs=0.1)


def test_it_is_what_epanet_finds_on_the_bundled_town(town):
    layers = NETWORK.layers(town)
    day = day_of(layers)
    names = list(layers["water_junctions"]["node_id"])
    picked = names[5::150]
    with held(day, day.peak, picked) as hour:
        found = {name: fire_flow(hour, name, names, wanted=60.0, residual=10.0, kv=FREE).flow for name in picked}
    for name, flow in found.items():
        for share, above in ((0.99, True), (1.01, False)):
            model = model_of(layers)
            start = day.peak.seconds
            model.options.time.duration = start + 3600
            model.get_node(name).add_fire_fighting_demand(model, share * flow / 3600.0, start, start + 3600)
            pressure = run_epanet(model)[0].node["pressure"][name].loc[start]
            assert (pressure > 10.0) == above, (name, flow, share, pressure)


def test_a_hydrant_on_a_pipe_cuts_it_and_changes_nothing_else():
    layers = main(1000.0)
    place = layers["water_pipes"].geometry.iloc[0].interpolate(400.0)
    hydrants = frame(
        {"hydrant_id": ["H", "far"]}, [shapely.Point(place.x, place.y + 4.0), shapely.Point(place.x, place.y + 400)]
    )
    cut, node = attached(layers, hydrants, 30.0)
    assert list(node) == ["H", ""]
    assert list(cut["water_pipes"]["length"]) == [400.0, 600.0]
    assert solve(cut).pressure[:, 0] == pytest.approx(solve(layers).pressure[:, 0], abs=1e-4)
    # Its ground is between that of the ends: the head of the source counts for its height.
    height = 60.0 * 0.6 + 5.0 * 0.4
    flow = given(cut, "H", residual=5.0).flow
    lost = 10.667 * 400.0 * ((flow + 3.0) / 3600) ** 1.852 / (120.0**1.852 * 0.1**4.871)
    assert 60.0 - lost - height == pytest.approx(5.0, abs=0.05)


def test_spaced_hydrants_are_apart_and_reach_everything(town):
    layers = NETWORK.layers(town)
    found = spaced_hydrants(layers, 200.0)
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    row = {name: place for place, name in enumerate(junctions["node_id"])}
    columns = (pipes[name] for name in ("from_node", "to_node", "length"))
    ends = [(row[a], row[b], max(c, 1e-3)) for a, b, c in zip(*columns, strict=True) if a in row and b in row]
    start, end, length = (np.array(part) for part in zip(*ends, strict=True))
    graph = coo_matrix((length, (start, end)), shape=(len(row), len(row))).tocsr()
    chosen = np.array([row[name] for name in found["node_id"]])
    away = csgraph.dijkstra(graph, directed=False, indices=chosen)
    own = away[:, chosen] + np.where(np.eye(len(chosen)) > 0, np.inf, 0.0)
    assert own.min() >= 200.0
    touched = np.isin(np.arange(len(row)), np.concatenate([start, end]))
    assert (away.min(axis=0)[touched] <= 200.0).all()


def test_verdicts_and_what_is_too_far():
    layers = main(800.0)
    point = layers["water_junctions"].geometry.iloc[0]
    layers["water_hydrants"] = frame(
        {"hydrant_id": ["A", "B"], "node_id": ["J", "J"], "required_flow": [20.0, np.nan], "diameter": [100.0, 100.0]},
        [point, point],
    )
    layers["water_connections"] = frame(
        {"connection_id": ["near", "far"], "pipe_id": ["P", "P"], "customers": [1.0, 1.0]},
        [shapely.Point(point.x - 150, point.y), shapely.Point(point.x - 250, point.y)],
    )
    found = study(layers, FireFlowParameters(), StudyContext(NETWORK.factors, territory(layers)))
    table = found.tables["hydrants"].set_index("hydrant_id")
    assert table["flow"]["A"] == pytest.approx(hazen(45.0, 800.0, 100.0) - 3.0, rel=0.03)
    assert dict(table["verdict"]) == {"A": "compliant", "B": "light_risk_only"}
    assert list(found.tables["undefended"]["connection_id"]) == ["far"]
    assert found.tables["undefended"]["distance"].iloc[0] == pytest.approx(250.0)
    light = study(layers, FireFlowParameters(risk="light"), StudyContext(NETWORK.factors, territory(layers)))
    assert light.summary["compliant"] == 2
    assert len(light.tables["undefended"]) == 0
