"""The linearised network against dense algebra, closed forms and EPANET."""

import numpy as np
import pytest
from scipy import sparse
from water_kit import grid, with_tank

from jumeau.networks.water.physics import head_loss
from jumeau.networks.water.physics.emitters import emitter_days
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.networks.water.physics.leak_flow import GRAVITY, Openings, Supply, leak_flow
from jumeau.networks.water.physics.linearised import (
    Links,
    bridges,
    grounded_diagonal,
    head_slopes,
    inverse_diagonal,
    shares,
)


def random_network(seed, nodes=40, links=70):
    rng = np.random.default_rng(seed)
    start, end = rng.integers(0, nodes, links), rng.integers(0, nodes, links)
    start[: nodes - 1], end[: nodes - 1] = np.arange(nodes - 1), np.arange(1, nodes)  # connected
    grounded = np.zeros(nodes, dtype=bool)
    grounded[rng.choice(nodes, 3, replace=False)] = True
    return start, end, rng.uniform(0.01, 100.0, links), grounded


@pytest.mark.parametrize("seed", range(5))
def test_the_diagonal_of_the_inverse_is_that_of_numpy(seed):
    start, end, conductance, grounded = random_network(seed)
    matrix = np.zeros((len(grounded), len(grounded)))
    for a, b, c in zip(start, end, conductance, strict=True):
        if a != b:
            matrix[[a, b], [a, b]] += c
            matrix[a, b] -= c
            matrix[b, a] -= c
    free = ~grounded
    expected = np.zeros(len(grounded))
    expected[free] = np.diag(np.linalg.inv(matrix[np.ix_(free, free)]))
    assert grounded_diagonal(start, end, conductance, grounded) == pytest.approx(expected, rel=1e-9)
    assert inverse_diagonal(sparse.csc_matrix(matrix[np.ix_(free, free)])) == pytest.approx(expected[free], rel=1e-9)


def test_nodes_that_nothing_feeds_have_an_infinite_slope():
    start, end = np.array([0, 2]), np.array([1, 3])
    found = grounded_diagonal(start, end, np.ones(2), np.array([True, False, False, False]))
    assert found[:2].tolist() == [0.0, 1.0]
    assert np.isinf(found[2:]).all()


def linear(resistance):
    return lambda flow: resistance * flow


def test_resistors_in_series_and_in_parallel():
    # 0 (ground) - 1 - 2 in series; 0 - 3 twice in parallel.
    links = Links(
        np.array([0, 1, 0, 0]),
        np.array([1, 2, 3, 3]),
        np.ones(4),
        linear(np.array([2.0, 3.0, 4.0, 4.0])),
        np.array([True, False, False, False]),
    )
    assert head_slopes(links, np.array([1.0]))[0] == pytest.approx([0.0, 2.0, 5.0, 2.0])
    assert bridges(links).tolist() == [True, True, False, False]


def test_what_is_drawn_is_shared_between_sources_as_conductances_ask():
    # A node between two sources, with resistances of 1 and 3: three quarters come from the near one.
    links = Links(
        np.array([0, 2]),
        np.array([1, 1]),
        np.ones(2),
        linear(np.array([1.0, 3.0])),
        np.array([True, False, True]),
    )
    found = shares(links, 1.0, np.array([0, 2]))
    assert found[:, 1] == pytest.approx([0.75, 0.25])


def test_the_secant_of_a_dead_end_is_exact():
    # h = r q |q|: with q0 there already, drawing dq more costs r ((q0 + dq)^2 - q0^2).
    links = Links(
        np.array([0]), np.array([1]), np.array([4.0]), lambda flow: 0.5 * flow * np.abs(flow), np.array([True, False])
    )
    found = head_slopes(links, np.array([1.0, 10.0]))[:, 1] * [1.0, 10.0]
    assert found == pytest.approx([0.5 * (25 - 16), 0.5 * (196 - 16)])


@pytest.mark.parametrize(("law", "roughness"), [(head_loss.hazen_williams, 120.0), (head_loss.chezy_manning, 0.011)])
def test_head_loss_laws_grow_with_flow_and_are_odd(law, roughness):
    flow = np.array([-20.0, -1.0, 0.0, 1.0, 20.0]) / 3600
    loss = law(flow, *(np.full(5, value) for value in (100.0, 0.15, roughness)))
    assert (np.diff(loss) > 0).all()
    assert loss == pytest.approx(-loss[::-1])


def test_slopes_agree_with_epanet_on_a_looped_network():
    found = solve(grid(side=5, demand=2.0))
    pressure = found.pressure.astype(np.float64)
    chosen = np.array([3, 12, 24])
    for flow in (2.0, 10.0, 20.0):
        emitters = np.zeros((len(chosen), len(found.nodes)))
        emitters[np.arange(len(chosen)), chosen] = flow / np.sqrt(pressure.mean(axis=0)[chosen])
        days = list(emitter_days(found.model, list(found.nodes), found.settling, emitters, found.emitter_law))[1:]
        theirs = np.array([day.flow for day in days])
        area = emitters[np.arange(len(chosen)), chosen] / 3600 / np.sqrt(2 * GRAVITY)
        supply = Supply(pressure[:, chosen], found.slope[:, chosen].astype(np.float64), found.levels)
        ours = leak_flow(Openings(area, np.zeros(len(chosen)), 1.0), supply).mean(axis=0)
        assert ours == pytest.approx(theirs, rel=0.01), flow


def test_a_tank_that_falls_adds_to_the_slope():
    """A network that a small tank feeds alone: leaks empty it, which the linearised network does not see."""
    layers = grid(side=3, demand=0.2, head=60.0)
    layers["water_pipes"]["status"] = np.where(layers["water_pipes"]["pipe_id"] == "P0", "closed", "open")
    found = solve(with_tank(layers, "J2_2", 40.0, 10.0, 20.0, 8.0), settling=0)
    # 1 m3/h over a day, from a tank of 50.3 m2: half a day's fall on average, 12 / 50.3 m.
    assert found.slope[0].min() == pytest.approx(12.0 / (np.pi * 16.0), rel=0.05)


def test_a_full_tank_does_not_hold_the_head():
    # The source is above the tank: EPANET lets nothing into it, and nothing comes out.
    layers = grid(side=3, demand=0.2, head=60.0)
    alone = solve(layers).slope
    beside = solve(with_tank(layers, "J2_2", 30.0, 5.0, 5.0, 8.0)).slope
    assert beside == pytest.approx(alone, rel=1e-3)
