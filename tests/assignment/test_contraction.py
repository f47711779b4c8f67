"""Contraction changes nothing but the time that it takes: against every link on its own, and other programs."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic_cases import links, published

from jumeau.assignment import Demand, Links, Signals, equilibrium, skim
from jumeau.assignment.contraction import contract, whole
from jumeau.assignment.curves import curves_of, evaluate


def tangle(seed, zones=6, constant=False):
    """A graph with all that may be contracted, and what may not: chains, dead ends, loops, twins, closed zones."""
    rng = np.random.default_rng(seed)
    crossings = int(rng.integers(3, 12))
    through = zones if rng.random() < 0.5 else 0
    rows, free = [], zones + crossings

    def street(one, two, ways):
        nonlocal free
        nodes = [one, *range(free, free + int(rng.integers(0, 4))), two]
        free += len(nodes) - 2
        for way in (nodes, nodes[::-1])[:ways]:
            rows.extend((way[at], way[at + 1]) for at in range(len(way) - 1))

    ring = [*range(zones, zones + crossings)]
    for one, two in zip(ring, ring[1:] + ring[:1], strict=True):
        street(one, two, 2)
    for _street in range(int(rng.integers(2, 3 * crossings))):
        one, two = rng.integers(zones, zones + crossings, 2)  # the same one twice makes a loop
        street(one, two, int(rng.integers(1, 3)))
    for zone in range(zones):
        for one in rng.integers(zones, zones + crossings, int(rng.integers(1, 3))):
            street(zone, one, 2)
    for _end in range(int(rng.integers(0, 8))):
        street(int(rng.integers(zones, free)), free, int(rng.integers(1, 3)))
        free += 1
    street(int(rng.integers(0, zones)), int(rng.integers(0, zones)), 1)  # past the crossings
    street(free, free + 1, 2)  # reached by nobody
    nodes = free + 5
    ends = np.array(rows)
    ends = np.concatenate([ends, ends[rng.integers(0, len(ends), 3)]])  # twins
    ends = ends[rng.permutation(len(ends))]
    count = len(ends)
    made = Links(
        ends[:, 0], ends[:, 1], rng.uniform(1.0, 3.0, count), rng.choice([40.0, 60.0, rng.uniform(30.0, 90.0)], count),
        np.zeros(count) if constant else rng.choice([0.15, 0.5, 0.0], count, p=[0.5, 0.4, 0.1]),
        rng.choice([4.0, 2.5, 1.0], count), nodes, through,
    )  # fmt: skip
    trips = rng.uniform(0.0, 15.0, (zones, zones)) * (rng.random((zones, zones)) < 0.7)
    return made, trips


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_flows_of_constant_costs_are_the_same_on_every_link(seed):
    """Without congestion the cheapest way is the only one: no freedom is left, link by link."""
    made, trips = tangle(seed, constant=True)
    extra = np.random.default_rng(seed).uniform(0.0, 1.0, (1, len(made)))
    one, two = (equilibrium(made, Demand(trips[None], extra), contracted=item) for item in (True, False))
    assert one.flow == pytest.approx(two.flow, rel=1e-12, abs=1e-12 * trips.sum())
    assert one.imbalance < 1e-12
    assert one.objective == pytest.approx(two.objective, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_skims_are_the_same(seed):
    made, trips = tangle(seed)
    zones = len(trips)
    rng = np.random.default_rng(seed)
    weight, quantity = rng.uniform(0.1, 2.0, (2, len(made)))
    one, two = (skim(made, weight, quantity, zones, contracted=item) for item in (True, False))
    assert one.cost == pytest.approx(two.cost, rel=1e-12)
    assert one.along == pytest.approx(two.along, rel=1e-12)
    # And as another program says.
    for origin in range(zones):
        graph = nx.DiGraph()
        graph.add_nodes_from(range(made.nodes))
        for tail, head, value in sorted(zip(made.tail, made.head, weight, strict=True), key=lambda row: -row[2]):
            if tail >= made.through or tail == origin:
                graph.add_edge(tail, head, weight=value)
        ways = nx.single_source_dijkstra_path_length(graph, origin)
        assert one.cost[origin] == pytest.approx([ways.get(zone, np.inf) for zone in range(zones)], rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_equilibria_are_the_same(seed):
    made, trips = tangle(seed)
    ahead = np.random.default_rng(seed).uniform(0.0, 20.0, len(made))
    one, two = (
        equilibrium(made, Demand.of(trips), gap=1e-13, preload=ahead, contracted=item) for item in (True, False)
    )
    assert one.objective == pytest.approx(two.objective, rel=1e-10)
    # Times are unique, and so are flows where they grow with them.
    assert one.time == pytest.approx(two.time, rel=1e-6)
    assert one.imbalance < 1e-12
    # The gap holds on the graph that was not contracted, computed without what the solver uses.
    best = skim(made, one.time, one.time, len(trips), contracted=False).cost
    inside = ~np.eye(len(trips), dtype=bool)
    cheapest = (trips[inside] * best[inside]).sum()
    cost = one.time @ one.flow[0]
    assert (cost - cheapest) / cost == pytest.approx(one.gap, abs=1e-13)


@pytest.mark.data
@pytest.mark.parametrize("name", ["SiouxFalls", "Anaheim"])
def test_published_cases_are_the_same(data_folder, name):
    made, demand = published(data_folder / "mobility", name)
    one, two = (equilibrium(made, demand, gap=1e-13, contracted=item) for item in (True, False))
    assert one.objective == pytest.approx(two.objective, rel=1e-12)
    assert one.flow == pytest.approx(two.flow, abs=1e-5 * two.flow.max())
    both = [skim(made, one.time, made.free_time, demand.zones, contracted=item) for item in (True, False)]
    assert both[0].cost == pytest.approx(both[1].cost, rel=1e-12)
    assert one.imbalance < 1e-12


def test_what_is_contracted_can_be_told_by_hand():
    """Two zones, a chain of three pieces both ways, a dead end of two pieces, a loop, a trap, and a source."""
    rows = [(0, 2), (2, 0), (2, 3), (3, 4), (4, 1), (1, 4), (4, 3), (3, 2)]
    rows += [(2, 5), (5, 2), (5, 6), (6, 5)]  # dead end
    rows += [(3, 7), (7, 8), (8, 3)]  # loop
    rows += [(4, 9), (10, 4)]  # trap and source
    chains = contract(links([(*ends, 1.0, 1.0, 0.15, 4.0) for ends in rows], 11), 2)
    assert sorted(zip(chains.tail.tolist(), chains.head.tolist(), strict=True)) == [(0, 1), (1, 0)]
    assert [chains.piece[chains.begin[row] : chains.begin[row + 1]].tolist() for row in range(2)] == [
        [0, 2, 3, 4],
        [5, 6, 7, 1],
    ]


def test_chains_that_part_at_a_zone_stay_two():
    """A zone in the middle of a road keeps its node; so does one that is closed to those who pass."""
    rows = [(0, 3), (3, 2), (2, 4), (4, 1)]
    for through in (0, 3):
        chains = contract(links([(*ends, 1.0, 1.0, 0.15, 4.0) for ends in rows], 5, through), 3)
        assert len(chains) == 2
    assert len(contract(links([(*ends, 1.0, 1.0, 0.15, 4.0) for ends in rows], 5), 2)) == 1


def test_a_crossing_of_three_one_way_streets_stays():
    """In from one neighbour and another, out to a third and the first: two ways on for one of them."""
    rows = [(0, 3), (2, 3), (3, 1), (3, 0), (1, 2)]
    chains = contract(links([(*ends, 1.0, 1.0, 0.15, 4.0) for ends in rows], 4), 3)
    assert len(chains) == 5


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.5, 3.0, 4.0, 7.0])
def test_the_time_of_a_chain_is_that_of_its_links(power):
    """Compiled terms of chains against the formulas of links and lights."""
    rng = np.random.default_rng(3)
    count = 40
    made = Links(
        np.arange(count), np.arange(1, count + 1), rng.uniform(0.0, 9.0, count), rng.uniform(300.0, 2000.0, count),
        rng.uniform(0.0, 1.0, count), np.where(rng.random(count) < 0.3, 4.0, power), count + 1, 0,
        Signals(
            rng.uniform(60.0, 120.0, count), np.where(rng.random(count) < 0.5, 1.0, rng.uniform(0.3, 0.7, count)),
            rng.uniform(1500.0, 3600.0, count),
        ),
    )  # fmt: skip
    ahead = np.where(rng.random(count) < 0.5, 0.0, 100.0)
    for chains in (whole(made), _chain(count)):
        curves = curves_of(made, chains, ahead)
        for flow in (1e-3, 250.0, 1100.0, 4000.0):
            time, slope = np.empty(len(chains)), np.empty(len(chains))
            evaluate(curves, np.full(len(chains), flow), time, slope)
            assert time == pytest.approx(chains.summed(made.time(flow + ahead)), rel=1e-12)
            assert slope == pytest.approx(chains.summed(made.slope(flow + ahead)), rel=1e-9)


def _chain(count):
    """All links of a row as one chain, whose ends are zones."""
    numbers = np.concatenate([[0], np.arange(2, count + 1), [1]])
    row = links([(numbers[at], numbers[at + 1], 1.0, 1.0, 0.15, 4.0) for at in range(count)], count + 1)
    chains = contract(row, 2)
    assert len(chains) == 1
    return chains
