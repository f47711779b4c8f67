"""Calibration: a truth that is known is found again through noise, and what measures cannot tell is said."""

import numpy as np
import pandas as pd
import pytest
from water_kit import frame, grid, territory

from jumeau.errors import InputError
from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.readings import Sensors
from jumeau.networks.water.physics.calibration import Cycle, fit
from jumeau.networks.water.physics.epanet_ready import ready
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.networks.water.studies.calibration import CalibrationParameters, Unknowns, study
from jumeau.study import StudyContext

EXPONENT = 0.5


def network():
    """Pipes of two materials that all carry water, and a loop of a third one far from every demand."""
    layers = grid(side=5, demand=3.0, head=70.0, diameter=110.0)
    pipes = layers["water_pipes"]
    material = np.where(np.arange(len(pipes)) < 20, "grey_iron", "pvc").astype(object)
    layers["water_pipes"] = pipes.assign(material=material)
    shape = 0.4 + 1.2 * np.sin(np.pi * np.arange(24) / 24.0)
    layers["water_patterns"] = frame(
        {"pattern_id": ["day"], "multipliers": [" ".join(f"{x:.3f}" for x in shape)]}, [None]
    )
    layers["water_junctions"] = layers["water_junctions"].assign(pattern_id="day")
    return layers


def measured(layers, roughness, leak, noise, seed=1):
    """What sensors would read of a truth: 8 pressures and the inflow, for three days."""
    names = list(layers["water_junctions"]["node_id"])
    sensors = Sensors(
        np.array([*(f"p{row}" for row in range(8)), "q"], dtype=object),
        np.array([*names[2::3], "P0"], dtype=object),
        np.array([False] * 8 + [True]),
    )
    cycle = Cycle(ready(layers, 3 * 86400.0), 2, 1)
    pipes = layers["water_pipes"]["pipe_id"].to_numpy(dtype=object)
    read = cycle.run(pipes, roughness, np.array(names, dtype=object), leak, sensors)
    rng = np.random.default_rng(seed)
    rows = []
    for day in range(3):
        for hour in range(24):
            for place, name in enumerate(sensors.name):
                error = rng.normal() * (noise * 0.05 * read[hour, place] if sensors.flow[place] else noise)
                rows.append((f"2025-03-{day + 3:02d} {hour:02d}:00", name, read[hour, place] + error))
    kinds = np.where(sensors.flow, "flow", "pressure")
    return (
        pd.DataFrame({"sensor": sensors.name, "kind": kinds, "place": sensors.place}),
        pd.DataFrame(rows, columns=["date", "sensor", "value"]),
    )


def truth(layers, factors=(0.75, 1.2), leak=12.0):
    pipes = layers["water_pipes"]
    scale = np.where(pipes["material"] == "grey_iron", factors[0], factors[1])
    unknowns = Unknowns(layers, CalibrationParameters(sensors="s", readings="r"), NETWORK.factors)
    return pipes["roughness"].to_numpy() * scale, leak * unknowns.weight[0] / 50.0**EXPONENT


def asked(folder, layers, sensors, readings, **more):
    sensors.to_csv(folder / "sensors.csv", index=False)
    readings.to_csv(folder / "readings.csv", index=False, sep=";", decimal=",")
    parameters = CalibrationParameters(sensors="sensors.csv", readings="readings.csv", **more)
    return study(layers, parameters, StudyContext(NETWORK.factors, territory(layers), folder))


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_known_truth_is_found_again(tmp_path, noise):
    layers = network()
    found = asked(
        tmp_path,
        layers,
        *measured(layers, *truth(layers), noise),
        pressure_error=f"{max(noise, 0.03)} m",
        flow_error=0.01,
    )
    table = found.tables["parameters"].set_index(["unknown", "group"])
    near = 0.03 if noise == 0.0 else 0.12
    assert table["value"]["roughness", "grey_iron"] == pytest.approx(0.75, rel=near)
    assert table["value"]["roughness", "pvc"] == pytest.approx(1.2, rel=2 * near)
    assert table["value"]["leaks", ""] == pytest.approx(12.0, rel=near)
    for key, right in {("roughness", "grey_iron"): 0.75, ("roughness", "pvc"): 1.2, ("leaks", ""): 12.0}.items():
        # Nine times in ten below, and above, with as much again for both sides.
        width = table["high"][key] - table["low"][key]
        assert table["low"][key] - width / 2 <= right <= table["high"][key] + width / 2, key
    # Those held out were never seen, and are met as well as noise allows.
    assert found.summary["held_out"] == 2
    assert found.summary["held_out_after"] < 0.35 * found.summary["held_out_before"]
    assert found.summary["held_out_after"] < 0.1 + noise


def test_what_carries_no_water_is_not_settled(tmp_path):
    layers = network()
    pipes = layers["water_pipes"]
    layers["water_pipes"] = pipes.assign(
        material=np.where(pipes["pipe_id"] == "P12", "steel", pipes["material"]),
        status=np.where(pipes["pipe_id"] == "P12", "closed", "open"),
    )
    roughness, leak = truth(layers)
    found = asked(tmp_path, layers, *measured(layers, roughness, leak, 0.1))
    table = found.tables["parameters"].set_index("group")
    assert table["informed"]["steel"] < 1.0
    assert table["verdict"]["steel"] == "not_settled"
    assert table["value"]["steel"] == pytest.approx(1.0, abs=0.01)
    assert table["verdict"]["grey_iron"] == "settled"


def test_a_right_model_is_left_as_it_is(tmp_path):
    layers = network()
    pipes = layers["water_pipes"]
    sensors, readings = measured(layers, pipes["roughness"].to_numpy(), np.zeros(len(layers["water_junctions"])), 0.1)
    found = asked(tmp_path, layers, sensors, readings)
    table = found.tables["parameters"]
    rough = table[table["unknown"] == "roughness"]
    assert rough["value"].to_numpy() == pytest.approx(1.0, abs=0.06)
    assert table[table["unknown"] == "leaks"]["value"].iloc[0] < 1.5


def test_profiles_of_sensors_are_those_of_the_hydraulics():
    layers = network()
    names = layers["water_junctions"]["node_id"].to_numpy(dtype=object)
    sensors = Sensors(names, names, np.zeros(len(names), dtype=bool))
    pipes = layers["water_pipes"]
    read = Cycle(ready(layers, 3 * 86400.0), 2, 1).run(
        pipes["pipe_id"].to_numpy(dtype=object), pipes["roughness"].to_numpy(), names, np.zeros(len(names)), sensors
    )
    theirs = solve(layers)
    assert read == pytest.approx(theirs.pressure[:, [list(theirs.nodes).index(name) for name in names]], abs=1e-3)


def test_the_fit_of_a_straight_law_is_that_of_the_textbook():
    # Gaussian prior and noise: mean (A'A/s2 + 1)^-1 A'y/s2, covariance (A'A/s2 + 1)^-1.
    rng = np.random.default_rng(2)
    slopes = rng.normal(size=(12, 3))
    slopes[:, 2] = 0.0
    measures = rng.normal(size=12)
    found = fit(lambda x: slopes @ x, measures, np.full(12, 0.5), np.full(3, -np.inf))
    precision = slopes.T @ slopes / 0.25 + np.eye(3)
    assert found.value == pytest.approx(np.linalg.solve(precision, slopes.T @ measures / 0.25), abs=1e-6)
    assert found.deviation == pytest.approx(np.sqrt(np.diag(np.linalg.inv(precision))))
    assert found.informed[2] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("place", "nowhere", "does not have"), ("kind", "level", "unknown kind"), ("sensor", "p1", "stands twice")],
)
def test_wrong_sensors_are_told(tmp_path, english, column, value, said):
    layers = network()
    sensors, readings = measured(layers, *truth(layers), 0.0)
    sensors.loc[0, column] = value
    with pytest.raises(InputError, match=said):
        asked(tmp_path, layers, sensors, readings)
