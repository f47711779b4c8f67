"""All-or-nothing loading, against trees grown from nothing by other code."""

import networkx as nx
import numpy as np
import pytest
from traffic_cases import grid

from jumeau.assignment.loading import Trees, load


def loaded(links, trips, weight, trees):
    """Flows in the order of the links, and the cost of the trips."""
    order = links.order
    flow, lost = np.zeros((len(trips), len(links))), np.full(2, -1)
    total = load(
        trips, links.tail[order], links.head[order], links.first, weight[order], links.through, trees.by, trees.order,
        trees.count, flow, lost,
    )  # fmt: skip
    assert lost[0] == -1
    found = np.empty_like(flow)
    found[:, order] = flow
    return found, total


@pytest.mark.parametrize("seed", range(3))
def test_trees_that_are_mended_are_those_of_another_program(seed):
    """Costs that move a little, then a lot, then fall back: each time the cost of all trips is that of networkx."""
    rng = np.random.default_rng(seed)
    links, demand = grid(7, rng, 3.0)
    trees = Trees(demand.zones, links.nodes)
    trips = np.stack([demand.trips[0], 0.5 * demand.trips[0].T])
    weight = rng.uniform(1.0, 5.0, len(links))
    for spread in (0.0, 1e-3, 0.1, 2.0, 1e-3, 0.0):
        weight = weight * np.exp(spread * rng.standard_normal(len(links)))
        flow, total = loaded(links, trips, weight, trees)
        graph = nx.DiGraph()
        graph.add_weighted_edges_from(zip(links.tail, links.head, weight, strict=True))
        ways = dict(nx.all_pairs_dijkstra_path_length(graph))
        cost = np.array([[ways[one][two] for two in range(demand.zones)] for one in range(demand.zones)])
        assert total == pytest.approx((trips.sum(axis=0) * cost).sum(), rel=1e-12)
        # What is carried costs what the ways cost, and nothing is lost on the way.
        assert flow.sum(axis=0) @ weight == pytest.approx(total, rel=1e-12)
        again, _total = loaded(links, trips, weight, Trees(demand.zones, links.nodes))
        assert flow == pytest.approx(again, rel=1e-12, abs=1e-12)


def test_ways_of_no_time_make_no_ring():
    """Links that take no time lead to and fro between the same nodes: trees must stay trees."""
    links, demand = grid(5, np.random.default_rng(9), 3.0)
    trees = Trees(demand.zones, links.nodes)
    rng = np.random.default_rng(10)
    for _round in range(200):
        weight = np.where(rng.random(len(links)) < 0.7, 0.0, rng.integers(0, 3, len(links)).astype(float))
        flow, total = loaded(links, demand.trips, weight, trees)
        _flow, fresh = loaded(links, demand.trips, weight, Trees(demand.zones, links.nodes))
        assert total == pytest.approx(fresh)
        assert flow[0] @ weight == pytest.approx(total)
        # What costs nothing is carried all the same: as much leaves each node as starts and passes there.
        left = np.bincount(links.tail, flow[0], links.nodes) - np.bincount(links.head, flow[0], links.nodes)
        assert left == pytest.approx(demand.balance(links.nodes)[0], abs=1e-9)
