"""Hydraulics of the layers: EPANET's own answers, operating states, and a diagnosis where it cannot answer."""

from pathlib import Path

import numpy as np
import pytest
from water_kit import LAMBERT, frame, grid, layers_like, valve_grid, with_tank
from wntr.epanet import toolkit
from wntr.library import ModelLibrary

from jumeau.errors import InputError
from jumeau.networks.water.formats.epanet import read_inp
from jumeau.networks.water.physics.hydraulics import digest, run_epanet, solve


def library(name):
    return layers_like(**read_inp(ModelLibrary().get_filepath(name), LAMBERT).layers)


def test_a_pipe_loses_what_hazen_and_williams_say():
    # 10 m3/h through 150 mm, 1 km, C 120: 10.67 L Q^1.852 / (C^1.852 D^4.87).
    layers = grid(side=2, demand=[0.0, 0.0, 0.0, 0.0], head=50.0)
    layers["water_pipes"].loc[0, "length"] = 1000.0
    layers["water_junctions"].loc[0, "demand"] = 10.0
    loss = 10.667 * 1000.0 * (10.0 / 3600) ** 1.852 / (120.0**1.852 * 0.15**4.871)
    found = solve(layers)
    assert found.pressure[:, 0] == pytest.approx(50.0 - loss, abs=1e-3)
    assert found.consumption == pytest.approx(10.0)


@pytest.mark.parametrize("name", ["Net1", "Net3", "ky4"])
def test_profiles_are_those_of_epanet(name):
    model = ModelLibrary().get_model(name)
    model.options.time.duration = 24 * 3600
    model.options.time.report_timestep = model.options.time.hydraulic_timestep
    theirs = run_epanet(model)[0].node["pressure"]
    found = solve(library(name), settling=0)
    step = int(model.options.time.hydraulic_timestep)
    if step == 3600:
        own = theirs[list(found.nodes)].to_numpy()[:24]
        assert np.median(np.abs(found.pressure - own)) < 0.05  # tanks and pumps switch within hours
    assert found.pressure.mean() == pytest.approx(theirs[list(found.nodes)].to_numpy()[:-1].mean(), rel=0.02)


def test_the_working_day_repeats_itself_and_tanks_forget_their_start():
    low = solve(with_tank(grid(side=3), "J2_2", 45.0, 1.0, 12.0, 6.0))
    high = solve(with_tank(grid(side=3), "J2_2", 45.0, 11.0, 12.0, 6.0))
    assert low.pressure == pytest.approx(high.pressure, abs=0.3)


def test_what_hydraulics_do_not_read_asks_for_no_new_run():
    layers = grid()
    before = digest(layers)
    pipes = layers["water_pipes"].assign(listened=1.0, laid_year=1950.0, survey_interval=20.0)
    assert digest({**layers, "water_pipes": pipes}) == before
    assert digest({**layers, "water_pipes": layers["water_pipes"].assign(diameter=151.0)}) != before


def test_a_reducing_valve_holds_its_setting_by_day_and_by_night():
    found = solve(valve_grid(50.0, night_setting=35.0, night_from=23.0, night_to=5.0))
    behind = found.pressure[:, list(found.nodes).index("J0_0")]
    assert behind[[0, 1, 2, 3, 4, 23]] == pytest.approx(35.0, abs=0.01)
    assert behind[5:23] == pytest.approx(50.0, abs=0.01)


def test_a_night_setting_without_hours_is_refused(english):
    with pytest.raises(InputError, match="night_from"):
        solve(valve_grid(50.0, night_setting=35.0))


def test_energy_of_a_pump_is_weight_times_lift_over_efficiency():
    layers = valve_grid(50.0)
    pipes = layers["water_pipes"]
    layers["water_reservoirs"] = layers["water_reservoirs"].assign(head=0.0)
    layers["water_pumps"] = frame(
        {
            "pump_id": ["PU"],
            "from_node": ["R"],
            "to_node": ["V"],
            "curve_id": ["C"],
            "efficiency": [0.65],
        },
        [pipes.geometry.iloc[0]],
    )
    layers["water_pipes"] = pipes.iloc[1:].reset_index(drop=True)
    layers["water_curves"] = frame({"curve_id": ["C"], "kind": ["head"], "points": ["0,80 10,78 40,60"]})
    found = solve(layers)
    flow = float(found.consumption.mean())
    head = float(np.interp(flow, [0, 10, 40], [80, 78, 60]))
    hydraulic = flow * 24 * 1000 * 9.81 * head / 3.6e6
    assert found.pumped_energy == pytest.approx(hydraulic, rel=0.02)
    assert found.electric_energy == pytest.approx(hydraulic / 0.65, rel=0.02)
    assert found.energy_per_volume(0.5) == pytest.approx(9.81 * head / 3600 / 0.65, rel=0.02)


def test_what_a_closed_link_cuts_off_is_named(english):
    layers = grid(side=2)
    layers["water_pipes"]["status"] = ["closed", "open", "open", "open", "open"]
    with pytest.raises(InputError, match="cut off") as caught:
        solve(layers)
    assert set(caught.value.problems[0].features) == {"J0_0", "J0_1", "J1_0", "J1_1"}


def test_a_network_that_cannot_deliver_says_so(english):
    # 900 m3/h through 150 mm ask for kilometres of head.
    notes = solve(grid(side=2, demand=225.0)).notes
    assert any("below zero" in note["en"] or "cannot" in note["en"] for note in notes)


def test_a_network_that_does_not_converge_says_so(english):
    layers = grid(side=3)
    layers["water_settings"] = frame({"name": ["trials"], "value": ["1"]})
    (note,) = solve(layers).notes
    assert note["en"] == "EPANET: the network is unstable at some hours"
    assert note["fr"].startswith("EPANET\N{NO-BREAK SPACE}: le réseau est instable")


def test_the_reason_of_epanet_is_told(english, monkeypatch):
    def refuse(self, file, report, binary):
        Path(report).write_text("  Error 110: cannot solve network hydraulic equations\n")
        raise RuntimeError("EPANET Error 110")

    monkeypatch.setattr(toolkit.ENepanet, "ENopen", refuse)
    with pytest.raises(InputError, match="Error 110: cannot solve"):
        solve(grid())
