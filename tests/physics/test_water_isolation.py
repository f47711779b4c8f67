"""Valves to close and who is cut off: WNTR's own segments, and brute force."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from water_kit import LAMBERT, branch, frame, grid, layers_like, territory, valve_grid, with_tank
from wntr.library import ModelLibrary
from wntr.metrics.topographic import valve_segments

from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet import read_inp
from jumeau.networks.water.layout.isolation import known_valves, mains_of, ruled_valves
from jumeau.networks.water.physics.segments import Supply, segments
from jumeau.networks.water.studies.isolation import IsolationParameters, study
from jumeau.study import StudyContext


def library(name):
    return layers_like(**read_inp(ModelLibrary().get_filepath(name), LAMBERT).layers)


def same_parts(one, two):
    """Whether two labellings part the same things in the same way."""
    pairs = set(zip(one, two, strict=True))
    return len(pairs) == len(set(one)) == len(set(two))


@pytest.mark.parametrize("name", ["Net3", "ky4"])
@pytest.mark.parametrize("share", [None, 0.3, 0.7])
def test_segments_are_those_of_wntr(name, share):
    layers = library(name)
    mains, nodes, links = mains_of(layers)
    if share is None:
        link, node = ruled_valves(layers, mains)
    else:
        # Any valves at all: some ends of some links.
        draws = np.random.default_rng(4).random((2, mains.links)) < share
        link = np.concatenate([np.flatnonzero(draws[0]), np.flatnonzero(draws[1])])
        node = np.concatenate([mains.start[draws[0]], mains.end[draws[1]]])
    found = segments(mains, link, node)
    graph = nx.MultiGraph()
    graph.add_nodes_from(f"n{name}" for name in nodes)
    for place in range(mains.links):
        start, end = (f"n{nodes[row]}" for row in (mains.start[place], mains.end[place]))
        graph.add_edge(start, end, key=f"l{place}-{links[place]}")
    layer = pd.DataFrame(
        {"link": [f"l{place}-{links[place]}" for place in link], "node": [f"n{nodes[row]}" for row in node]}
    )
    theirs_node, theirs_link, _size = valve_segments(graph, layer)
    both = [*theirs_node.loc[[f"n{name}" for name in nodes]],
            *theirs_link.loc[[f"l{place}-{name}" for place, name in enumerate(links)]]]  # fmt: skip
    assert same_parts([*found.node, *found.link], both)
    assert found.count > 20


def test_bounds_are_what_parts_a_segment_from_the_rest():
    layers = library("Net3")
    mains, _nodes, _links = mains_of(layers)
    link, node = ruled_valves(layers, mains)
    found = segments(mains, link, node)
    for segment in np.unique(found.link):
        # With only the valves of its border, the segment is the same; without one of them it is larger.
        border = found.bounds(segment)
        member = (found.node == segment, found.link == segment)
        again = segments(mains, link[border], node[border])
        label = again.link[np.flatnonzero(member[1])[0]]
        assert ((again.node == label) == member[0]).all()
        assert ((again.link == label) == member[1]).all()
        if len(border):
            fewer = segments(mains, link[border[1:]], node[border[1:]])
            label = fewer.link[np.flatnonzero(member[1])[0]]
            assert (fewer.link == label).sum() + (fewer.node == label).sum() > member[0].sum() + member[1].sum()


def reached_by_walking(mains, links, nodes):
    graph = nx.DiGraph()
    graph.add_nodes_from(np.flatnonzero(~nodes))
    for place in np.flatnonzero(~links):
        start, end = mains.start[place], mains.end[place]
        if nodes[start] or nodes[end] or not mains.passes[place]:
            continue
        graph.add_edge(start, end)
        if mains.passes[place] == 2:
            graph.add_edge(end, start)
    found = set()
    for source in mains.sources:
        if not nodes[source]:
            found |= {source} | nx.descendants(graph, source)
    return np.isin(np.arange(mains.nodes), list(found))


@pytest.mark.parametrize("name", ["Net3", "ky4"])
def test_who_is_cut_off_is_found_by_walking(name):
    layers = library(name)
    mains, _nodes, _links = mains_of(layers)
    found = segments(mains, *ruled_valves(layers, mains))
    supply = Supply(mains)
    nobody = np.zeros(mains.links, bool), np.zeros(mains.nodes, bool)
    base = reached_by_walking(mains, *nobody)
    for segment in np.unique(found.link)[::7]:
        off = found.link == segment, found.node == segment
        assert (supply.lost(*off) == base & ~reached_by_walking(mains, *off)).all()


def test_water_passes_a_reducing_valve_one_way_only():
    layers = valve_grid(40.0)
    mains, nodes, links = mains_of(layers)
    place = list(links).index("PRV")
    assert mains.passes[place] == 1
    supply = Supply(mains)
    off = np.zeros(mains.links, bool)
    off[place] = True
    dry = set(nodes[supply.lost(off, np.zeros(mains.nodes, bool))])
    assert dry == {f"J{i}_{j}" for i in range(3) for j in range(3)}
    backwards = {**layers, "water_valves": layers["water_valves"].assign(from_node="J0_0", to_node="V")}
    mains, nodes, _links = mains_of(backwards)
    assert not Supply(mains).reached(np.zeros(mains.links, bool), np.zeros(mains.nodes, bool))[
        list(nodes).index("J0_0")
    ]


def asked(layers, **parameters):
    return study(layers, IsolationParameters(**parameters), StudyContext(NETWORK.factors, territory(layers)))


def test_what_lies_behind_is_cut_off_though_nobody_works_there():
    layers = branch()
    layers["water_isolation_valves"] = frame(
        {"isolation_valve_id": ["V1", "V2", "stuck"], "pipe_id": ["P2", "P2", "P3"], "node_id": ["A", "B", "C"],
         "working": [True, True, False]},
        [None] * 3,
    )  # fmt: skip
    table = asked(layers).tables["pipes"].set_index("pipe_id")
    assert dict(table["customers_inside"]) == {"P1": 2.0, "P2": 4.0, "P3": 10.0}
    # P1 holds the source: everything behind it is dry.
    assert dict(table["customers_beyond"]) == {"P1": 14.0, "P2": 10.0, "P3": 0.0}
    assert dict(table["valves_to_close"]) == {"P1": "V1", "P2": "V1; V2", "P3": "V2"}
    assert dict(table["connections"]) == dict.fromkeys(["P1", "P2", "P3"], 2.0)


def test_a_valve_that_names_nothing_stands_on_the_nearest_pipe_at_the_nearer_end():
    layers = branch()
    x, y = 650_000.0, 6_860_000.0
    layers["water_isolation_valves"] = frame(
        {"isolation_valve_id": ["near B", "far away", "B"]},
        [shapely.Point(x + 180, y + 2), shapely.Point(x + 180, y + 50), None],
    )
    layers["water_isolation_valves"]["working"] = True
    mains, nodes, links = mains_of(layers)
    link, node, row = known_valves(layers, mains, nodes, 5.0)
    assert [(links[a], nodes[b], c) for a, b, c in zip(link, node, row, strict=True)] == [("P2", "B", 0)]
    layers["water_isolation_valves"] = layers["water_isolation_valves"].iloc[2:]
    link, node, row = known_valves(layers, mains, nodes, 5.0)
    assert (links[link[0]], nodes[node[0]]) == ("P2", "B")  # of equal pipes, the first


def test_a_tank_feeds_while_it_lasts():
    layers = with_tank(grid(side=3), "J2_2", 40.0, 6.0, 10.0, 8.0)
    table = asked(layers).tables["pipes"].set_index("pipe_id")
    whole = table.groupby("segment")["customers_inside"].first().sum()
    # The only main of the source: all others then drink from the tank.
    assert table["customers_beyond"]["P0"] == 0.0
    assert table["customers_on_tanks"]["P0"] == pytest.approx(whole - table["customers_inside"]["P0"])


def test_rule_leaves_the_largest_pipe_open():
    layers = grid(side=3)
    layers["water_pipes"].loc[3, "diameter"] = 300.0
    mains, nodes, _links = mains_of(layers)
    link, node = ruled_valves(layers, mains)
    at = {name: sorted(link[node == row]) for row, name in enumerate(nodes)}
    degree = np.bincount(np.concatenate([mains.start, mains.end]), minlength=mains.nodes)
    for row, name in enumerate(nodes):
        wanted = degree[row] if name == "R" else degree[row] - 1 if degree[row] >= 3 else 0
        assert len(at[name]) == wanted, name
    assert 3 not in link
