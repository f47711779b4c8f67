"""The flow of a leak, its drop of head and the volume that it loses."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from jumeau.networks.water.physics.leak_flow import Openings, RunTimes, Supply, leak_flow, volumes
from jumeau.simulation.clock import DAY, HOUR


def steady(pressure, slope=0.0, count=1):
    return Supply(np.full((24, count), pressure), np.full((1, count), slope), np.ones(1))


def test_an_orifice_obeys_torricelli():
    # 20 mm, Cd 0.75, 46.28 m: Cd A sqrt(2 g h).
    openings = Openings(np.array([np.pi * 0.02**2 / 4]), np.zeros(1), 0.75)
    expected = 0.75 * np.pi * 0.02**2 / 4 * np.sqrt(2 * 9.80665 * 46.28) * 3600
    assert leak_flow(openings, steady(46.28))[0, 0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("exponent", [0.5, 0.8, 1.0, 1.3])
def test_the_flow_at_the_reference_pressure_and_its_exponent_are_those_asked_for(exponent):
    openings = Openings.of_flow(np.array([5.0]), np.array([exponent]), 50.0, 0.75)
    assert openings.flow(np.array([50.0]))[0] == pytest.approx(5.0, rel=1e-12)
    flows = openings.flow(np.array([[49.99], [50.01]]))
    slope = np.log(flows[1] / flows[0]) / np.log(50.01 / 49.99)
    assert slope[0] == pytest.approx(exponent, abs=1e-5)


@pytest.mark.parametrize(("exponent", "published"), [(0.5, 0.90), (1.0, 0.81)])
def test_leaks_fall_with_pressure_as_published(exponent, published):
    # L-Town with all reducing valves 10 m lower: 46.3 -> 37.5 m. L1/L0 = (P1/P0)^N1.
    openings = Openings.of_flow(np.array([5.0]), np.array([exponent]), 46.3, 0.75)
    ratio = float(openings.flow(np.array([37.5]))[0] / openings.flow(np.array([46.3]))[0])
    assert ratio == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.5, 5.0, 1e6])
@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.4])
def test_the_drop_of_head_is_the_root_of_its_equation(slope, exponent):
    openings = Openings.of_flow(np.array([10.0]), np.array([exponent]), 50.0, 0.75)
    found = leak_flow(openings, steady(40.0, slope))[0, 0]

    def gap(flow):
        return flow - float(openings.flow(np.array([40.0 - slope * flow]))[0])

    assert found == pytest.approx(brentq(gap, 0.0, 20.0, xtol=1e-14), rel=1e-6, abs=1e-12)


def test_slopes_are_interpolated_between_levels():
    supply = Supply(np.full((1, 1), 40.0), np.array([[0.1], [0.3]]), np.array([1.0, 3.0]))
    assert supply.drop(np.array([[2.0]]))[0, 0] == pytest.approx(0.2)
    assert supply.drop(np.array([[0.5]]))[0, 0] == pytest.approx(0.1)
    assert supply.drop(np.array([[9.0]]))[0, 0] == pytest.approx(0.3)


def test_no_water_leaks_without_pressure():
    openings = Openings.of_flow(np.array([10.0]), np.array([0.5]), 50.0, 0.75)
    assert leak_flow(openings, steady(-3.0))[0, 0] == 0.0
    assert leak_flow(openings, steady(0.0, 1.0))[0, 0] == 0.0


def test_volume_of_a_full_grown_leak_is_the_integral_of_its_hours():
    rng = np.random.default_rng(4)
    supply = Supply(rng.uniform(20, 60, (168, 1)), np.full((1, 1), 0.2), np.ones(1))
    openings = Openings.of_flow(np.array([8.0]), np.array([0.7]), 50.0, 0.75)
    hourly = leak_flow(openings, supply)[:, 0]
    begin, end, offset = 3.3 * DAY, 40.7 * DAY, 2 * DAY
    hours = np.arange(begin / HOUR, end / HOUR + 1, dtype=np.float64)
    edges = np.unique(np.clip(np.concatenate([[begin], np.ceil(hours) * HOUR, [end]]), begin, end))
    middle = (edges[:-1] + edges[1:]) / 2
    index = np.floor((middle + offset) / HOUR).astype(int) % 168
    expected = float((hourly[index] * np.diff(edges) / HOUR).sum())
    running = RunTimes(np.array([begin]), np.zeros(1), np.zeros(1), np.array([end]))
    assert volumes(openings, supply, running, offset)[0] == pytest.approx(expected, rel=1e-9)


def test_volume_of_a_growing_leak_is_the_integral_over_its_growth():
    # The diameter grows linearly: the area with the square of time.
    supply = steady(45.0, 0.3)
    openings = Openings.of_flow(np.array([12.0]), np.array([0.5]), 50.0, 0.75)
    growth, end = 30 * DAY, 90 * DAY

    def flow(time):
        size = np.array([min(time / growth, 1.0) ** 2])
        return float(leak_flow(openings.scaled(size), supply)[0, 0]) / HOUR

    expected = quad(flow, 0, growth, limit=200)[0] + quad(flow, growth, end)[0]
    running = RunTimes(np.zeros(1), np.array([growth]), np.zeros(1), np.array([end]))
    assert volumes(openings, supply, running, 0.0)[0] == pytest.approx(expected, rel=1e-5)


def test_only_what_lies_in_the_period_counts():
    supply, openings = steady(50.0), Openings.of_flow(np.array([6.0]), np.array([0.5]), 50.0, 0.75)
    before = RunTimes(np.array([-10 * DAY]), np.zeros(1), np.zeros(1), np.array([5 * DAY]))
    assert volumes(openings, supply, before, 0.0)[0] == pytest.approx(6.0 * 24 * 5)
    over = RunTimes(np.array([-10 * DAY]), np.zeros(1), np.zeros(1), np.array([-5 * DAY]))
    assert volumes(openings, supply, over, 0.0)[0] == 0.0
