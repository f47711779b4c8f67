"""Lower pressure: valves laid and set, bursts that it spares, customers that it leaves short."""

import numpy as np
import pandas as pd
import pytest
import shapely
from pydantic import ValidationError
from water_kit import bench, frame, grid, territory, valve_grid

from jumeau.errors import InputError
from jumeau.networks.water import NETWORK
from jumeau.networks.water.check import check
from jumeau.networks.water.parameters import Assumptions
from jumeau.networks.water.physics.burst_pressure import relative_bursts
from jumeau.networks.water.physics.profile import drawing, profile
from jumeau.networks.water.physics.valve_settings import zone_behind
from jumeau.simulation.clock import DAY

#: What customers draw over the day.
DAILY = "0.3 0.3 0.3 0.3 0.3 0.6 1.2 2.0 1.8 1.2 1 1 1.2 1 0.9 0.9 1 1.3 1.7 1.8 1.4 1 0.7 0.5"


def zone(demand=4.0, head=80.0, **more):
    """Return a looped zone of 16 junctions behind one long main, whose head losses follow the hour."""
    layers = grid(side=4, step=400.0, demand=demand, head=head, **more)
    layers["water_junctions"]["pattern_id"] = "day"
    layers["water_patterns"] = frame({"pattern_id": ["day"], "multipliers": [DAILY]})
    # The source stands behind two pipes, so that a valve finds room.
    pipes = layers["water_pipes"]
    start, end = pipes.geometry.iloc[0].coords
    middle = shapely.Point((start[0] + end[0]) / 2, start[1])
    junction = frame({"node_id": ["M"], "elevation": [0.0], "demand": [0.0]}, [middle])
    layers["water_junctions"] = pd.concat([layers["water_junctions"], junction], ignore_index=True)
    first = pipes.iloc[[0]].assign(pipe_id="MAIN", to_node="M")
    pipes.loc[0, "from_node"] = "M"
    layers["water_pipes"] = pd.concat([pipes, first], ignore_index=True).set_geometry(
        [*pipes.geometry.iloc[:1].map(lambda _line: shapely.LineString([middle, end])), *pipes.geometry.iloc[1:],
         shapely.LineString([start, middle])]
    )  # fmt: skip
    return layers


def at(layers, names):
    """Return the pressures of junctions over the day, shape (24, k)."""
    return profile(layers).at(np.array(names, dtype=object))


def leaks(ran):
    """Return the leaks of a run as a set: pipe, family, start, flow, place."""
    table = ran.events("water")["leak"]
    return {tuple(row) for row in table[["pipe", "family", "time", "flow", "position"]].to_numpy().tolist()}


def test_bursts_follow_the_factor_of_thornton_and_lambert():
    found = relative_bursts(np.array([62.0, 50.0, 10.0, 60.0]), np.array([100.0, np.nan, 100.0, 50.0]), 1.4, 0.06)
    assert found == pytest.approx([1 - 1.4 * 0.38, 1.0, 0.06, 1 + 1.4 * 0.2])


def busy(layers):
    """Return a network that bursts a lot, on the bench."""
    return bench(layers, warmup=30 * DAY).having(mains_bursts=4.0, service_bursts=0.1)


def test_fewer_bursts_are_some_of_the_same_bursts():
    """Half the pressure leaves 1 - 1.4 x 0.5 = 30 % of mains, 1 - 0.8 x 0.5 = 60 % of connections, and no other."""
    plain = grid(side=5, step=300.0, connections=20)
    lower = grid(side=5, step=300.0, connections=20)
    lower["water_pipes"]["former_pressure"] = 120.0  # it is 60 m by now
    town = busy(plain).having(mains_bursts=4.0, service_bursts=0.1, service_burst_pressure=0.8)
    counts = {"mains": [0, 0], "service": [0, 0]}
    for replication in range(6):
        before, after = (leaks(town.run(town.typed(layers), replication=replication)) for layers in (plain, lower))
        assert after < before
        for place, found in enumerate((before, after)):
            for family, count in counts.items():
                count[place] += sum(item[1].startswith(family) for item in found)
    for family, share in (("mains", 0.3), ("service", 0.6)):
        before, after = counts[family]
        assert before > 150
        assert after / before == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / before))


def test_a_higher_pressure_adds_bursts_to_the_same_ones():
    plain, higher = (grid(side=5, step=300.0, connections=20) for _ in range(2))
    higher["water_pipes"]["former_pressure"] = 40.0  # it is 60 m by now: half as much again
    town = busy(plain)
    pairs = [[leaks(town.run(town.typed(some), replication=number)) for some in (plain, higher)] for number in range(4)]
    assert all(before < after for before, after in pairs)
    before, after = (sum(len(pair[place]) for pair in pairs) for place in (0, 1))
    assert after / before == pytest.approx(1 + 1.4 * 0.5, rel=0.15)


def test_a_lower_valve_spares_bursts_of_its_zone_alone():
    town = busy(valve_grid(50.0, night_setting=45.0, night_from=23.0, night_to=5.0))
    made = town.apply(town.layers, "pressure_reduction", reduction="20 m", night_reduction="5 m")
    pipes = made.layers["water_pipes"].set_index("pipe_id")
    # Ahead of the valve nothing changes; behind it the highest pressure was 50 m, and 30 m by now.
    assert np.isnan(pipes.loc["P0", "former_pressure"])
    assert pipes["former_pressure"].drop("P0").to_numpy() == pytest.approx(50.0, abs=0.1)
    before, after = (town.prepare(layers).state.families[0].relative for layers in (town.layers, made.layers))
    assert (before == 1.0).all()
    assert after[0] == 1.0
    assert after[1:] == pytest.approx(1 - 1.4 * 0.4, abs=0.01)
    assert leaks(town.run(made.layers)) < leaks(town.run())


def test_two_measures_count_from_the_first_pressure():
    town = bench(valve_grid(60.0))
    once = town.apply(town.layers, "pressure_reduction", setting="50 m").layers
    twice = town.apply(once, "pressure_reduction", setting="40 m").layers
    assert twice["water_pipes"]["former_pressure"].iloc[1:].to_numpy() == pytest.approx(60.0, abs=0.1)


def test_a_valve_is_laid_in_a_pipe_and_billed_by_its_diameter():
    layers = zone(diameter=200.0)
    town = bench(layers)
    chosen = (town.layers["water_pipes"]["pipe_id"] == "P0").to_numpy()
    made = town.apply(town.layers, "pressure_valve", chosen, setting="45 m")
    (valve,) = made.layers["water_valves"].to_dict("records")
    assert (valve["from_node"], valve["kind"], valve["setting"], valve["diameter"]) == ("M", "PRV", 45.0, 200.0)
    # Pipes keep their rows, names and lengths, so that they meet the same bursts.
    for column in ("pipe_id", "length", "to_node"):
        assert list(made.layers["water_pipes"][column]) == list(town.layers["water_pipes"][column])
    assert made.layers["water_pipes"]["from_node"].iloc[0] == valve["to_node"]
    assert at(made.layers, [valve["to_node"]]) == pytest.approx(45.0, abs=0.01)
    assert at(made.layers, ["M"]) == pytest.approx(at(town.layers, ["M"]), abs=0.01)
    bill = {item.kind: item for item in made.bill}
    assert set(bill) == {"reducing_valve_200", "valve_chamber"}
    factors = NETWORK.factors
    assert bill["reducing_valve_200"].investment == factors.value("reducing_valve_price_200")
    assert bill["valve_chamber"].investment == factors.value("valve_chamber_price")
    stated = town.apply(
        town.layers, "pressure_valve", chosen, setting="45 m", valve_cost="9000 EUR", chamber_cost="4000 EUR"
    )
    assert sum(item.investment for item in stated.bill) == 13_000.0
    assert leaks(busy(layers).run(made.layers)) < leaks(busy(layers).run())


def test_a_valve_against_the_direction_of_its_pipe_looks_the_way_that_water_runs():
    layers = zone()
    pipes = layers["water_pipes"]
    pipes.loc[0, ["from_node", "to_node"]] = ["J0_0", "M"]
    pipes.loc[0, "geometry"] = shapely.reverse(pipes.geometry.iloc[0])
    town = bench(layers)
    chosen = (town.layers["water_pipes"]["pipe_id"] == "P0").to_numpy()
    made = town.apply(town.layers, "pressure_valve", chosen, setting="45 m").layers
    (valve,) = made["water_valves"].to_dict("records")
    assert valve["from_node"] == "M"
    assert valve["geometry"].coords[0] == pipes.geometry.iloc[0].coords[-1]
    assert at(made, [valve["to_node"]]) == pytest.approx(45.0, abs=0.01)


def lay(town, **parameters):
    """Lay valves where water enters the grid."""
    chosen = town.layers["water_pipes"]["pipe_id"].str.fullmatch(r"P[1-9]\d*").to_numpy()
    return town.apply(town.layers, "pressure_valve", chosen, entries=True, **parameters)


def lowest(layers):
    """Return the lowest pressure of customers at each hour."""
    return at(layers, drawing(layers)).min(axis=1)


def test_settings_keep_the_critical_point_hour_by_hour():
    """A fixed setting keeps it at the worst hour, a critical-point controller at every one, that of flow in between."""
    town = bench(zone())
    kinds = ("fixed", "flow", "critical_point")
    made = {kind: lay(town, minimum_pressure="25 m", modulation=kind) for kind in kinds}
    served = {kind: lowest(item.layers) for kind, item in made.items()}
    for kind in kinds:
        assert served[kind].min() == pytest.approx(25.0, abs=0.15)
    assert served["critical_point"] == pytest.approx(25.0, abs=0.15)
    assert (served["flow"] <= served["fixed"] + 0.2).all()
    # Head loss follows the 1.852th power of flow and the controller its square: they agree within a metre.
    assert served["flow"].max() < 26.0
    assert served["fixed"].max() > 28.0
    mean = {kind: at(item.layers, drawing(item.layers)).mean() for kind, item in made.items()}
    assert mean["critical_point"] < mean["flow"] < mean["fixed"] < at(town.layers, drawing(town.layers)).mean()
    devices = {kind: {item.kind for item in made[kind].bill} for kind in kinds}
    assert devices["flow"] - devices["fixed"] == {"valve_controller"}
    assert devices["critical_point"] - devices["flow"] == {"critical_point_sensor"}


def test_at_night_only():
    town = bench(zone())
    made = lay(town, minimum_pressure="25 m", night_only=True, **{"from": "23:00", "to": "05:00"})
    night = np.isin(np.arange(24), (23, 0, 1, 2, 3, 4))
    assert lowest(made.layers)[night].min() == pytest.approx(25.0, abs=0.15)
    assert lowest(made.layers)[~night] == pytest.approx(lowest(town.layers)[~night], abs=0.05)
    assert "valve_controller" in {item.kind for item in made.bill}


def fed_twice(node):
    """Return the zone with a second, thinner main to one of its junctions."""
    layers = zone()
    line = layers["water_pipes"].geometry.iloc[0]
    second = layers["water_pipes"].iloc[[0]].assign(pipe_id="P0B", to_node=node, length=1500.0, diameter=100.0)
    layers["water_pipes"] = pd.concat([layers["water_pipes"], second.set_geometry([line])], ignore_index=True)
    return layers


def test_two_entries_are_lowered_together():
    town = bench(fed_twice("J0_3"))
    made = lay(town, minimum_pressure="25 m")
    assert set(made.layers["water_valves"]["to_node"]) == {"J0_0", "J0_3"}
    assert lowest(made.layers).min() == pytest.approx(25.0, abs=0.2)
    assert sum(item.count for item in made.bill if item.kind == "valve_chamber") == 2


def test_a_second_valve_into_the_zone_is_told_of(english):
    """Lowered alone, one of two valves leaves the zone to the other."""
    town = bench(fed_twice("J0_3"))
    layers = lay(town, setting="60 m").layers
    chosen = (layers["water_valves"]["valve_id"] == "RV001").to_numpy()
    notes = town.apply(layers, "pressure_reduction", chosen, minimum_pressure="25 m").notes
    assert any("also enters their zone by RV002" in note for note in notes)
    notes = town.apply(layers, "pressure_reduction", minimum_pressure="25 m").notes
    assert not any("also enters" in note for note in notes)


def test_a_zone_that_water_reaches_otherwise_is_refused_by_name(english):
    """Water leaves the zone for a part that has another feed, by which it could come back at full pressure."""
    town = bench(fed_twice("J3_3"))
    west = town.layers["water_pipes"]["from_node"].isin(["J0_0", "J0_1", "J0_2"]).to_numpy().copy()
    west &= town.layers["water_pipes"]["to_node"].isin(["J0_1", "J0_2", "J0_3"]).to_numpy()
    with pytest.raises(InputError, match="not closed") as caught:
        town.apply(town.layers, "pressure_valve", west, entries=True, minimum_pressure="25 m")
    (problem,) = caught.value.problems
    assert set(problem.features) <= set(town.layers["water_pipes"]["pipe_id"])
    assert len(problem.features) == 4
    # With a setting that the user states it is done, and told.
    made = town.apply(town.layers, "pressure_valve", west, entries=True, setting="60 m")
    assert any("not closed at" in note for note in made.notes)


def test_customers_who_fall_below_the_minimum_are_told(english):
    town = bench(zone())
    assert not any("leaves customers" in note for note in lay(town, minimum_pressure="25 m").notes)
    notes = lay(town, setting="22 m").notes
    (short,) = (note for note in notes if "leaves customers" in note)
    assert "below 20 m" in short
    assert "J3_3" in short
    # A run says it too, of the customers of these pipes.
    said = [note["en"] for note in town.prepare(lay(town, setting="22 m").layers).notes]
    assert any("have less than 20 m" in note for note in said)
    assert not any("have less than" in note["en"] for note in town.prepare().notes)
    # An aim that even a valve wide open misses is told too.
    (missed,) = (note for note in lay(town, minimum_pressure="79 m").notes if "below the 79.0 m" in note)
    assert "RV001" in missed


def test_no_room_for_a_valve_is_refused(english):
    layers = valve_grid(50.0)
    town = bench(layers)
    chosen = (town.layers["water_pipes"]["pipe_id"] == "P0").to_numpy()
    with pytest.raises(InputError, match="no reducing valve fits"):
        town.apply(town.layers, "pressure_valve", chosen, setting="30 m")


@pytest.mark.parametrize("text", ["30 30", "30 " * 23 + "x", "-1 " * 24])
def test_hours_that_cannot_be_read_are_refused(text, english):
    layers = valve_grid(50.0, hourly_settings=text)
    with pytest.raises(InputError, match="hourly_settings"):
        profile(bench(layers).layers)
    problems = check(territory(layers), Assumptions())
    assert any(problem.column == "hourly_settings" for problem in problems)


def test_hourly_settings_are_what_epanet_holds():
    values = np.linspace(30.0, 53.0, 24)
    layers = valve_grid(50.0, hourly_settings=" ".join(f"{value:g}" for value in values))
    assert at(bench(layers).layers, ["J0_0"])[:, 0] == pytest.approx(values, abs=0.01)


def test_a_zone_ends_at_other_reducing_valves():
    layers = valve_grid(50.0)
    found = zone_behind(layers, np.array([0]))
    assert set(found.junctions) == set(layers["water_junctions"]["node_id"]) - {"V"}
    assert found.around == ()


@pytest.mark.parametrize(
    ("measure", "parameters", "word"),
    [
        ("pressure_reduction", {}, "minimum_pressure"),
        ("pressure_reduction", {"reduction": "5 m", "setting": "30 m"}, "one of"),
        ("pressure_reduction", {"minimum_pressure": "25 m", "night_setting": "20 m"}, "night_only"),
        ("pressure_reduction", {"reduction": "5 m", "modulation": "flow"}, "minimum_pressure"),
        ("pressure_valve", {}, "setting"),
        ("pressure_valve", {"setting": "30 m", "minimum_pressure": "25 m"}, "one of them"),
        ("pressure_valve", {"setting": "30 m", "modulation": "critical_point"}, "minimum_pressure"),
    ],
)
def test_what_cannot_be_meant_is_refused(measure, parameters, word, english):
    with pytest.raises(ValidationError, match=word):
        NETWORK.measures[measure].parameters(**parameters)
