"""The street graph, against networkx and drawings small enough to check by eye."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from jumeau.territory.graph import DRIVABLE, StreetGraph, end_nodes


def streets(rows):
    """Make a layer from (id, from, to, oneway, class) on nodes that are points of a grid, `12` = (1, 2)."""

    def point(node):
        return (100.0 * int(node[0]), 100.0 * int(node[1]))

    return gpd.GeoDataFrame(
        {
            "street_id": [row[0] for row in rows],
            "oneway": [row[3] for row in rows],
            "road_class": [row[4] for row in rows],
        },
        geometry=[shapely.LineString([point(row[1]), point(row[2])]) for row in rows],
        crs=2154,
    )


BLOCK = [
    ("a", "00", "10", "forward", "residential"),
    ("b", "10", "11", "forward", "residential"),
    ("c", "11", "01", "forward", "residential"),
    ("d", "01", "00", "forward", "residential"),
    ("e", "11", "21", "both", "service"),
    ("f", "21", "31", "forward", "residential"),  # no way back: left out
    ("g", "00", "11", "both", "pedestrian"),  # not for vehicles
    ("h", "10", "01", "closed", "residential"),
]


def test_one_ways_round_a_block():
    graph = StreetGraph.build(streets(BLOCK))
    assert len(graph.nodes) == 5
    assert graph.dropped == 1
    start, end = graph.nearest(np.array([[0.0, 0.0], [0.0, 100.0]]))
    there, back = (
        graph.distances(np.array([start]), np.array([end])),
        graph.distances(np.array([end]), np.array([start])),
    )
    assert there[0, 0] == pytest.approx(300.0)
    assert back[0, 0] == pytest.approx(100.0)


def test_missing_nodes_are_snapped_and_known_ones_kept():
    layer = streets(BLOCK[:4])
    layer.geometry = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(100.2, 0.1), (100, 100)]),
                      *layer.geometry.iloc[2:]]  # fmt: skip
    ends = end_nodes(layer)
    assert ends.rebuilt == 4
    assert ends.end[0] == ends.start[1]
    assert len(set(ends.start) | set(ends.end)) == 4
    layer["from_node"], layer["to_node"] = ["A", None, None, None], ["B", None, None, None]
    mixed = end_nodes(layer)
    assert mixed.start[1] == "B"
    assert mixed.end[3] == "A"


def test_the_town_agrees_with_networkx(town):
    graph = StreetGraph.build(town.layer("streets"))
    reference = graph.to_networkx()
    assert nx.is_strongly_connected(reference)
    rng = np.random.Generator(np.random.PCG64(1))
    sources, targets = rng.integers(0, len(graph.nodes), (2, 12))
    found = graph.distances(sources, targets)
    for i, source in enumerate(sources[:4]):
        lengths = nx.single_source_dijkstra_path_length(reference, graph.nodes[source], weight="length")
        for j, target in enumerate(targets):
            assert found[i, j] == pytest.approx(lengths[graph.nodes[target]], abs=1e-3)


def test_only_drivable_streets_carry_arcs(town):
    layer = town.layer("streets")
    graph = StreetGraph.build(layer)
    assert set(layer["road_class"].iloc[np.unique(graph.street)]) <= set(DRIVABLE)
    assert set(layer["oneway"].iloc[np.unique(graph.street)]) <= {"both", "forward", "backward"}
