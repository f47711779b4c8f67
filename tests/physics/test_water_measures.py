"""The measures of the water network: what they change, what they cost, what they bring."""

import numpy as np
import pytest
from pydantic import ValidationError
from water_kit import bench, frame, grid

from jumeau.networks.water import NETWORK
from jumeau.networks.water.physics.loggers import Graph, hearing, place_loggers
from jumeau.simulation.clock import DAY


def line_of(count, length, reach):
    """Return a row of pipes."""
    start = np.arange(count)
    return Graph(start, start + 1, np.full(count, length), np.full(count, reach), count + 1)


def test_a_logger_hears_as_far_as_its_range():
    # Pipes of 100 m, a range of 150 m: the node in the middle hears both pipes wholly, and half of the next ones.
    heard = hearing(line_of(4, 100.0, 150.0)).toarray()
    union = np.minimum(heard[:, :4] + heard[:, 4:], 1.0)
    assert union[2] == pytest.approx([0.5, 1.0, 1.0, 0.5])


def test_sound_dies_sooner_in_plastic():
    graph = line_of(2, 100.0, 100.0)
    mixed = Graph(graph.start, graph.end, graph.length, np.array([200.0, 50.0]), 3)
    heard = hearing(mixed).toarray()
    union = np.minimum(heard[:, :2] + heard[:, 2:], 1.0)
    assert union[1] == pytest.approx([1.0, 0.5])
    assert union[0] == pytest.approx([1.0, 0.25])  # half of the reach is spent on the metal


def test_greedy_placement_is_the_best_one_on_a_row():
    graph = line_of(8, 100.0, 200.0)
    found = place_loggers(graph, np.ones(8, dtype=bool), 1.0, None, 0.0)
    assert sorted(found.nodes) == [2, 6]  # 200 m to each side: two loggers for 800 m
    assert found.heard == pytest.approx(1.0)


def test_greedy_reaches_its_guarantee_against_all_pairs():
    rng = np.random.default_rng(3)
    nodes, pipes = 14, 22
    graph = Graph(rng.integers(0, nodes, pipes), rng.integers(0, nodes, pipes), rng.uniform(50, 300, pipes),
                  rng.uniform(80, 250, pipes), nodes)  # fmt: skip
    matrix = hearing(graph).toarray()

    def covered(chosen):
        most = matrix[list(chosen)].max(axis=0)
        return float((np.minimum(most[:pipes] + most[pipes:], 1.0) * graph.length).sum())

    best = max(covered((a, b)) for a in range(nodes) for b in range(a))
    found = place_loggers(graph, np.ones(pipes, dtype=bool), 1.0, 2, 0.0)
    assert covered(found.nodes) >= (1 - 1 / np.e) * best
    assert float((found.heard * graph.length).sum()) == pytest.approx(covered(found.nodes))


def test_failing_loggers_are_made_up_for_where_others_hear_too():
    found = place_loggers(line_of(4, 100.0, 100.0), np.ones(4, dtype=bool), 1.0, None, 0.2)
    assert (found.working <= found.heard * (1 - 0.2**2) + 1e-12).all()
    assert (found.working >= found.heard * 0.8 - 1e-12).all()


def test_loggers_are_billed_by_piece_and_cut_awareness():
    town = bench(grid(side=8, step=200.0, connections=5), warmup=90 * DAY).having(
        mains_bursts=1.0, mains_reported_share=0.3, survey_interval=1000.0
    )
    made = town.apply(town.layers, "acoustic_loggers", unit_cost="600 EUR", coverage="90 %")
    placed = made.layers["water_junctions"]["logger"].sum()
    (item,) = made.bill
    assert item.count == placed
    assert item.investment == pytest.approx(600.0 * placed)
    assert item.priced(NETWORK.factors).unit_cost == 600.0  # what the scenario states is no factor
    plain = np.mean([town.run(replication=number).outcome.indicators["awareness_days"] for number in range(5)])
    runs = [town.run(made.layers, replication=number).outcome.indicators for number in range(5)]
    assert np.mean([run["awareness_days"] for run in runs]) < 0.5 * plain
    assert sum(run["found_by_logger"] for run in runs) > sum(run["found_by_survey"] for run in runs)


def sectors(side=8):
    """Return a network in two sectors, west and east."""
    layers = grid(side=side, step=200.0, connections=5)
    middle = layers["water_pipes"].geometry.centroid.x
    west = middle < middle.median()
    layers["water_pipes"]["sector_id"] = np.where(west, "W", "E")
    layers["water_sectors"] = frame({"sector_id": ["W", "E"], "metered": [False, False]})
    return layers


def test_sector_meters_stand_where_water_crosses_and_sound_only_where_they_are():
    town = bench(sectors(), warmup=90 * DAY).having(mains_bursts=1.0, mains_reported_share=0.3)
    chosen = (town.layers["water_sectors"]["sector_id"] == "E").to_numpy()
    made = town.apply(town.layers, "sector_meters", chosen)
    pipes = made.layers["water_pipes"].set_index("pipe_id")
    nodes = {
        name: set(pipes.loc[pipes["sector_id"] == name, ["from_node", "to_node"]].to_numpy().ravel()) for name in "WE"
    }
    border = nodes["W"] & nodes["E"]
    metered = [name for item in made.bill if item.kind == "sector_meter" for name in item.assets]
    closed = [name for item in made.bill if item.kind == "sector_valve" for name in item.assets]
    assert len(metered) == 1  # one feed is enough for the east; the source is the west's
    assert len(closed) >= 2
    assert all(set(pipes.loc[name, ["from_node", "to_node"]]) & border for name in (*metered, *closed))
    events = town.run(made.layers).events("water")
    found = events["awareness"].query("means == 'sector'")
    assert len(found) > 0
    assert set(pipes["sector_id"].iloc[found["pipe"]]) == {"E"}
    assert set(made.layers["water_sectors"]["sector_id"].iloc[events["alarm"]["sector"]]) == {"E"}


def test_a_second_meter_changes_nothing():
    town = bench(sectors())
    once = town.apply(town.layers, "sector_meters")
    again = town.apply(once.layers, "sector_meters")
    assert once.bill
    assert not again.bill
    assert len(again.notes) == 1


def test_surveys_twice_as_often_halve_the_time_that_leaks_hide():
    def mean_days(interval):
        town = bench(grid(side=10, step=200.0), warmup=200 * DAY).having(
            mains_bursts=1.5, mains_reported_share=0.0, surfacing_time=1e6, survey_sensitivity_metal=1.0
        )
        layers = town.apply(town.layers, "leak_survey", interval=f"{interval} days").layers
        runs = [town.run(layers, replication=number).outcome.indicators for number in range(6)]
        return np.mean([run["awareness_days"] for run in runs])

    # Leaks start at any time, passes come at the interval: half of it on average.
    assert mean_days(200) == pytest.approx(100.0, rel=0.15)
    assert mean_days(100) == pytest.approx(50.0, rel=0.15)


def test_remote_reading_ends_the_rounds_and_shortens_leaks_after_the_meter():
    layers = grid(side=6, step=200.0)
    pipes = layers["water_pipes"]
    number = np.arange(400)
    layers["water_connections"] = frame(
        {"connection_id": [f"C{i}" for i in number], "pipe_id": pipes["pipe_id"].to_numpy()[number % len(pipes)]},
        list(pipes.geometry.iloc[number % len(pipes)].centroid),
    )
    town = bench(layers).having(customer_leaks=0.5)
    made = town.apply(town.layers, "remote_reading")
    runs = [town.run(replication=number) for number in range(4)]
    before, after = runs[0].outcome, town.run(made.layers).outcome
    assert before.indicators["reading_hours"] == pytest.approx(400 * 365 / 182 / 20)
    assert after.indicators["reading_hours"] == 0.0
    assert after.quantities["customer_losses"] < 0.6 * before.quantities["customer_losses"]
    assert made.bill[0].count == 400
    # Half the interval between readings and the customer's own delay, against the alert's and the customer's.
    lasts = np.concatenate([run.events("water")["customer_leak"]["duration"] for run in runs]) / DAY
    assert lasts.mean() == pytest.approx(91 + 20, rel=0.08)


def test_renewal_takes_the_worst_pipes_up_to_its_limit():
    layers = grid(side=4, step=500.0)
    laid = np.linspace(1930, 2010, len(layers["water_pipes"]))
    layers["water_pipes"]["laid_year"] = laid
    town = bench(layers)
    made = town.apply(town.layers, "pipe_renewal", length="3 km", year=2025)
    renewed = made.layers["water_pipes"]["laid_year"] == 2025
    assert renewed.sum() == 6
    assert laid[renewed].max() < laid[~renewed].min()
    price = NETWORK.factors.value("renewal_price")
    assert made.bill[0].investment == pytest.approx(3.0 * price)
    before, after = (town.prepare(layers).state.families for layers in (None, made.layers))
    assert sum(family.rate.sum() for family in after) < sum(family.rate.sum() for family in before)


def test_a_price_of_renewal_also_decides_what_a_budget_renews():
    town = bench(grid(side=4, step=500.0))
    price = NETWORK.factors.value("renewal_price")
    cheap, dear = (
        item.apply(item.layers, "pipe_renewal", budget="600000 EUR").bill[0]
        for item in (town, town.having(renewal_price=2.0 * price))
    )
    assert (cheap.count, dear.count) == (4.0, 2.0)
    assert cheap.investment == dear.investment == pytest.approx(600_000.0)
    # So runs read it, and a drawn price asks for another run rather than for another bill of the same pipes.
    assert "renewal_price" in NETWORK.factors.for_runs()
    assert cheap.priced(town.having(renewal_price=2.0 * price).own).investment == pytest.approx(1_200_000.0)


def test_pressure_reduction_asks_for_something(english):
    with pytest.raises(ValidationError, match="night_reduction"):
        NETWORK.measures["pressure_reduction"].parameters()


def test_loggers_of_two_measures_add_up():
    layers = grid(side=6, step=200.0)
    west = (layers["water_pipes"].geometry.centroid.x < 650_500).to_numpy()
    town = bench(layers)
    west_only = town.apply(town.layers, "acoustic_loggers", west).layers
    first = west_only["water_pipes"]["listened"]
    both = town.apply(west_only, "acoustic_loggers", ~west).layers["water_pipes"]["listened"]
    assert (both >= first - 1e-12).all()
    assert (both[~west] > 0).mean() > 0.5
