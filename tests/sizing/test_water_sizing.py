"""Loggers and pressure sensors of a water network: closed forms, L-Town, and the measure that takes the sites."""

import numpy as np
import pytest
from water_kit import bench, branch, grid

from jumeau.errors import InputError
from jumeau.networks.water.physics.logger_graph import logger_graph
from jumeau.networks.water.physics.logger_worth import grown_share, hearing_worth, pieces, unknown_share
from jumeau.networks.water.physics.loggers import place_loggers
from jumeau.networks.water.sizing import LoggerSites, PressureSites, loggers, pressure_sensors
from jumeau.simulation.shared import shared_factors
from jumeau.sizeable import SizingContext
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve


def context(stand):
    return SizingContext(
        stand.own, shared_factors(), stand.territory, stand.prepare, lambda _measures: None, stand.clock
    )


def test_growing_leaks_against_a_sample():
    draw = np.random.Generator(np.random.PCG64(7)).exponential(60.0, 400_000)
    for age in (5.0, 60.0, 300.0):
        sample = (np.minimum(age / draw, 1.0) ** 2).mean()
        assert grown_share(np.array([age]), 60.0)[0] == pytest.approx(sample, abs=3e-3)


def test_unknown_leaks_against_a_sample():
    """Surveys each 100 days that find 60 % of leaks, and surfacing after 500 days on average."""
    draw = np.random.Generator(np.random.PCG64(8))
    size = 400_000
    survey = draw.random(size) * 100.0 + 100.0 * (draw.geometric(0.6, size) - 1)
    known = np.minimum(survey, draw.exponential(500.0, size))
    for age in (30.0, 130.0, 260.0):
        told = unknown_share(np.array([age]), np.array(100.0), np.array(0.6), 500.0)[0]
        assert told == pytest.approx((known > age).mean(), abs=3e-3)


def test_pieces_are_the_cover_of_the_measure():
    """The greedy cover by pieces hears, with as many loggers, what the measure's own placement hears."""
    layers = bench(grid()).typed(grid())
    graph, _linked = logger_graph(layers, 150.0, 60.0)
    pipe, share, piece, node = pieces(graph)
    assert np.bincount(pipe, share, minlength=len(graph.length)) == pytest.approx(np.ones(len(graph.length)))
    placed = place_loggers(graph, np.ones(len(graph.length), dtype=bool), 1.0, 3, 0.0)
    heard = np.zeros(len(share), dtype=bool)
    heard[piece[np.isin(node, placed.nodes)]] = True
    by_pipe = np.bincount(pipe, share * heard, minlength=len(graph.length))
    assert by_pipe == pytest.approx(placed.heard)


def test_the_promise_is_that_of_the_simulated_arrays():
    """What hidden leaks lose, in the long run, is what many years of simulation lose."""
    stand = bench(grid(), warmup=0.0).having(mains_bursts=30.0, mains_reported_share=0.5)
    lost, saved = hearing_worth(stand.prepare().state)
    assert (saved <= lost).all()
    simulated = [stand.run(replication=number).outcome.quantities["hidden_losses"] for number in range(12)]
    mean, error = np.mean(simulated), np.std(simulated, ddof=1) / np.sqrt(len(simulated))
    assert abs(lost.sum() - mean) < 3.0 * error + 0.03 * mean


def test_loggers_where_the_scenario_says():
    stand = bench(grid())
    instance = loggers(stand.layers, LoggerSites(), context(stand))
    chosen = solve(instance.problem, Limit(count=3), curve_seconds=0.0).names
    measure = dict(instance.deploy(chosen).measures[0])
    assert measure.pop("measure") == "water.acoustic_loggers"
    done = stand.apply(stand.layers, "acoustic_loggers", **measure)
    fitted = done.layers["water_junctions"]
    assert set(fitted["node_id"][fitted["logger"]]) == set(chosen)
    assert done.bill[0].count == 3.0
    assert instance.problem.sites.cost[0] == done.bill[0].unit_cost
    with pytest.raises(InputError, match="nowhere"):
        stand.apply(stand.layers, "acoustic_loggers", sites=["nowhere"])


def test_pressure_sensors_of_a_branch():
    """Along one pipe, a leak lowers the pressure at and behind it: a sensor at the end sees all that any sees."""
    stand = bench(branch())
    asked = PressureSites(leak="20 m3/h", threshold="0.05 m", weights="even")
    instance = pressure_sensors(stand.layers, asked, context(stand))
    best = solve(instance.problem, Limit(count=1), curve_seconds=0.0)
    every = instance.problem.benefit(np.arange(len(instance.problem.sites)))
    assert best.exact.benefit == pytest.approx(every)
