"""Bushes, against trees of another program; the solver, against chance and the number of threads."""

import networkx as nx
import numpy as np
import pytest
from traffic_cases import grid

from jumeau.assignment import Demand, Links, equilibrium
from jumeau.assignment.bushes import bushes_of, plant, roads_of
from jumeau.assignment.contraction import whole
from jumeau.assignment.growth import grow


def planted(links, trips, weight):
    """Roads, bushes, flows and the cost of the trips."""
    roads = roads_of(whole(links), links.through)
    bushes = bushes_of(len(trips), roads)
    flow, lost = np.zeros(len(links)), np.full(2, -1)
    cost = plant(roads, bushes, 0, len(trips), trips, weight, np.zeros(len(links)), flow, lost)
    assert lost[0] == -1
    return roads, bushes, flow, cost


def is_sound(roads, bushes):
    """Every link leads from an earlier to a later node of its bush: there is no ring."""
    for origin in range(len(bushes.size)):
        count, rows = bushes.size[origin], bushes.start[origin, bushes.size[origin]]
        assert len(set(bushes.node[origin, :count])) == count
        place = np.repeat(np.arange(count), np.diff(bushes.start[origin, : count + 1]))
        assert (bushes.source[origin, :rows] < place).all()
        assert (bushes.node[origin, place] == roads.head[bushes.link[origin, :rows]]).all()
        assert (bushes.node[origin, bushes.source[origin, :rows]] == roads.tail[bushes.link[origin, :rows]]).all()


@pytest.mark.parametrize("seed", range(3))
def test_cheapest_ways_are_those_of_another_program(seed):
    """Costs that move a little, then a lot, then fall back: each time the cost of all trips is that of networkx."""
    rng = np.random.default_rng(seed)
    links, demand = grid(7, rng, 3.0)
    links = Links(*(item[links.order] for item in (links.tail, links.head, links.free_time)), *[
        item[links.order] for item in (links.capacity, links.b, links.power)
    ], links.nodes)  # fmt: skip
    trips = demand.trips[0].copy()
    np.fill_diagonal(trips, 0.0)
    weight = rng.uniform(1.0, 5.0, len(links))
    roads, bushes, flow, cost = planted(links, trips, weight)
    assert flow @ weight == pytest.approx(cost, rel=1e-12)
    for spread in (0.0, 1e-3, 0.1, 2.0, 1e-3, 0.0):
        weight = weight * np.exp(spread * rng.standard_normal(len(links)))
        graph = nx.DiGraph()
        graph.add_weighted_edges_from(zip(links.tail, links.head, weight, strict=True))
        ways = dict(nx.all_pairs_dijkstra_path_length(graph))
        best = np.array([[ways[one][two] for two in range(demand.zones)] for one in range(demand.zones)])
        found = grow(roads, bushes, 0, demand.zones, weight, trips)
        assert found == pytest.approx((trips * best).sum(), rel=1e-12)
        is_sound(roads, bushes)


@pytest.mark.parametrize("seed", range(5))
def test_ways_of_no_time_make_no_ring(seed):
    """Links that take no time lead to and fro between the same nodes: bushes must stay bushes."""
    rng = np.random.default_rng(seed)
    links, demand = grid(5, rng, 3.0)
    order = links.order
    free = np.where(rng.random(len(links)) < 0.7, 0.0, rng.integers(0, 3, len(links)).astype(float))
    made = Links(links.tail[order], links.head[order], free, links.capacity, links.b, links.power, links.nodes)
    trips = demand.trips[0].copy()
    np.fill_diagonal(trips, 0.0)
    roads, bushes, flow, cost = planted(made, trips, free)
    assert flow @ free == pytest.approx(cost)
    for _round in range(20):
        weight = np.where(rng.random(len(made)) < 0.7, 0.0, rng.integers(0, 3, len(made)).astype(float))
        assert grow(roads, bushes, 0, demand.zones, weight, trips) == pytest.approx(
            planted(made, trips, weight)[3], abs=1e-9
        )
        is_sound(roads, bushes)
    found = equilibrium(made, Demand.of(3.0 * trips), gap=1e-8)
    assert found.imbalance < 1e-12


@pytest.mark.parametrize("classes", [1, 2])
def test_any_number_of_threads_gives_the_same_bytes(classes):
    rng = np.random.default_rng(4)
    links, demand = grid(9, rng, 2.0)
    trips = np.stack([demand.trips[0] * share for share in (0.8, 0.2)[:classes]])
    extra = None if classes == 1 else np.stack([np.zeros(len(links)), rng.uniform(0.0, 1.0, len(links))])
    found = [equilibrium(links, Demand(trips, extra), gap=1e-7, threads=threads) for threads in (1, 2, 3)]
    assert found[0].iterations > 2
    for other in found[1:]:
        assert other.flow.tobytes() == found[0].flow.tobytes()
        assert (other.gap, other.objective) == (found[0].gap, found[0].objective)


def test_classes_that_share_their_ways_get_their_own_flows():
    """Each class is conserved, and together they are the flows of the sum."""
    rng = np.random.default_rng(6)
    links, demand = grid(6, rng, 5.0)
    trips = np.stack([demand.trips[0], rng.uniform(0.0, 2.0, demand.trips[0].shape)])
    both = equilibrium(links, Demand(trips), gap=1e-8)
    one = equilibrium(links, Demand.of(trips.sum(axis=0)), gap=1e-8)
    assert both.imbalance < 1e-12
    assert both.total == pytest.approx(one.flow[0], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("trips", "fullest"), [(0.5, 1.0), (3.0, 2.5)])
def test_small_gaps_are_met_however_full_the_streets(trips, fullest):
    """Even where flows would be two and a half times the capacity, in some tens of rounds."""
    links, demand = grid(8, np.random.default_rng(7), trips)
    found = equilibrium(links, demand, gap=1e-8, iterations=100)
    assert (found.total / links.capacity).max() > fullest
    assert found.imbalance < 1e-12


@pytest.mark.parametrize("power", [0.5, 1.0, 2.5, 12.0])
def test_any_power_leads_to_equal_costs(power):
    """Roads side by side: those used cost the same, the others more."""
    rng = np.random.default_rng(int(10 * power))
    count = 12
    links = Links(
        np.zeros(count, int), np.ones(count, int), rng.uniform(5.0, 12.0, count), rng.uniform(20.0, 80.0, count),
        rng.uniform(0.1, 1.0, count), np.full(count, power), 2,
    )  # fmt: skip
    found = equilibrium(links, Demand.of(np.array([[0.0, 500.0], [0.0, 0.0]])), gap=1e-10)
    used = found.total > 1e-9
    assert np.ptp(found.time[used]) < 1e-6 * found.time[used].max()
    assert (found.time[~used] > found.time[used].max() * (1 - 1e-6)).all()
