"""What is wrong with a network is named: feature, column, value, what to do."""

import pandas as pd
import pytest
import shapely
from water_kit import ORIGIN, frame, grid, territory

from jumeau.engine.checks import own_checks
from jumeau.networks.water import NETWORK
from jumeau.territory.check import check_data


def problems(layers):
    found = check_data(territory(layers), [NETWORK.attributes], own_checks([NETWORK]))
    return [problem for problem in found if not problem.warning]


def island():
    """Return a network of which one pipe hangs on nothing."""
    layers = grid(side=3)
    x, y = ORIGIN
    points = [shapely.Point(x + 5000, y), shapely.Point(x + 5100, y)]
    nodes = frame({"node_id": ["I0", "I1"], "elevation": [0.0, 0.0], "demand": [1.0, 1.0]}, points)
    pipe = frame(
        {"pipe_id": ["PI"], "from_node": ["I0"], "to_node": ["I1"], "length": [100.0], "diameter": [100.0]},
        [shapely.LineString(points)],
    )
    layers["water_junctions"] = pd.concat([layers["water_junctions"], nodes], ignore_index=True)
    layers["water_pipes"] = pd.concat([layers["water_pipes"], pipe], ignore_index=True)
    return layers


def test_a_sound_network_has_no_problem():
    assert problems(grid()) == []


def test_parts_without_a_source_are_named(english):
    (found,) = problems(island())
    assert found.layer == "water_junctions"
    assert found.features == ("I0", "I1")
    assert "no tank and no source" in found.message


def test_a_network_without_any_source_says_so(english):
    layers = grid()
    pipes = layers["water_pipes"]
    layers["water_pipes"] = pipes[pipes["pipe_id"] != "P0"].reset_index(drop=True)
    layers["water_reservoirs"] = layers["water_reservoirs"].iloc[:0]
    (found,) = problems(layers)
    assert "neither tank nor source" in found.message


def test_unknown_end_nodes_are_named(english):
    layers = grid()
    layers["water_pipes"].loc[3, "to_node"] = "nowhere"
    found = problems(layers)[0]
    assert (found.layer, found.column, found.features, found.value) == ("water_pipes", "to_node", ("P3",), "nowhere")
    assert found.hint


def test_a_pipe_that_bites_its_tail_is_named(english):
    layers = grid()
    layers["water_pipes"].loc[3, "to_node"] = layers["water_pipes"].loc[3, "from_node"]
    assert problems(layers)[0].features == ("P3",)


def test_a_pattern_that_is_nowhere_is_named(english):
    layers = grid()
    layers["water_junctions"]["pattern_id"] = "houses"
    found = problems(layers)[0]
    assert (found.layer, found.column, found.value) == ("water_junctions", "pattern_id", "houses")
    layers["water_patterns"] = frame({"pattern_id": ["houses"], "multipliers": ["0.5 1.5 oops"]})
    found = problems(layers)[0]
    assert (found.layer, found.features) == ("water_patterns", ("houses",))


def test_a_pump_that_cannot_pump_is_named(english):
    layers = grid()
    pipes = layers["water_pipes"]
    layers["water_pumps"] = frame(
        {"pump_id": ["PU"], "from_node": ["J0_0"], "to_node": ["J1_0"]}, [pipes.geometry.iloc[1]]
    )
    assert problems(layers)[0].features == ("PU",)


def test_a_valve_at_a_source_is_named(english):
    layers = grid()
    layers["water_valves"] = frame(
        {"valve_id": ["V"], "from_node": ["R"], "to_node": ["J0_0"], "kind": ["PRV"], "diameter": [100.0],
         "setting": [40.0]}, [layers["water_pipes"].geometry.iloc[0]],
    )  # fmt: skip
    assert "EPANET refuses" in problems(layers)[0].message


@pytest.mark.parametrize(
    ("column", "value"), [("diameter", 0.0), ("length", -5.0), ("diameter", None), ("material", "wood")]
)
def test_values_out_of_bounds_are_named(english, column, value):
    from jumeau.attributes import check_values

    pipes = grid()["water_pipes"]
    pipes[column] = pipes[column].astype(object)
    pipes.loc[2, column] = value
    found = check_values(pipes[column], pipes["pipe_id"], NETWORK.attributes.get("water_pipes", column))
    assert [problem.features for problem in found] == [("P2",)]


def test_names_that_two_layers_share_are_named(english):
    layers = grid()
    layers["water_reservoirs"]["node_id"] = "J0_0"
    layers["water_pipes"].loc[0, "from_node"] = "J0_0"
    layers["water_pipes"].loc[0, "to_node"] = "J1_1"
    assert any(problem.features == ("J0_0",) for problem in problems(layers))
