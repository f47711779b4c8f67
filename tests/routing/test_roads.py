"""Ways along streets: one-way streets, narrow ones, closed ones; against networkx and by hand."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from jumeau.routing.roads import Roads

SPEEDS = {"residential": 36.0, "primary": 72.0}


def square(**columns):
    """Return four streets of 100 m around a block, and a short cut through it."""
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    lines = [shapely.LineString(pair) for pair in pairwise(ring)]
    lines.append(shapely.LineString([(0, 0), (100, 100)]))
    frame = {"street_id": list("abcde"), "road_class": "residential", "oneway": "both"} | columns
    return gpd.GeoDataFrame(frame, geometry=lines, crs=2154)


def travel(streets, *points, **settings):
    roads = Roads.of(streets, SPEEDS, usual=36.0, **settings)
    sites = roads.sites(np.array([shapely.Point(point) for point in points]))
    return roads.travel(sites), roads, sites


def test_ways_run_from_the_places_on_the_streets_not_from_crossings():
    found, _roads, sites = travel(square(), (50, 5), (105, 50))
    assert sites.gap == pytest.approx([5.0, 5.0])
    assert found.distance == pytest.approx(np.array([[0.0, 100.0], [100.0, 0.0]]))
    assert found.duration == pytest.approx(found.distance / 10.0)


def test_sites_of_one_street_meet_without_leaving_it():
    found, _roads, _sites = travel(square(), (20, 0), (70, 0))
    assert found.distance[0, 1] == pytest.approx(50.0)


def test_a_oneway_street_sends_round_the_block():
    oneway = ["forward", "both", "both", "both", "closed"]
    found, _roads, _sites = travel(square(oneway=oneway), (20, 0), (70, 0))
    assert found.distance[0, 1] == pytest.approx(50.0)
    assert found.distance[1, 0] == pytest.approx(400.0 - 50.0)


def test_the_quickest_way_may_be_the_longer_one():
    # The diagonal is 141 m at 36 km/h: 14.1 s; two sides of 100 m at 72 km/h: 10 s.
    classes = ["primary", "primary", "residential", "residential", "residential"]
    found, _roads, _sites = travel(square(road_class=classes), (0, 0), (100, 100))
    assert found.duration[0, 1] == pytest.approx(10.0)
    assert found.distance[0, 1] == pytest.approx(200.0)


def test_narrow_and_closed_streets_are_left_out():
    width = [6.0, 6.0, 6.0, 6.0, 2.0]
    found, roads, sites = travel(square(width=width), (0, 1), (100, 99), narrowest=2.5)
    assert found.distance[0, 1] == pytest.approx(200.0, abs=2.1)
    closed = roads.without([0]).travel(sites)
    assert np.isfinite(closed.distance[0, 1])


def test_a_speed_limit_is_a_ceiling():
    found, _roads, _sites = travel(square(speed=18.0), (0, 0), (100, 0))
    assert found.duration[0, 1] == pytest.approx(20.0)


def test_lines_follow_the_streets_and_have_the_length_of_the_way(town):
    roads = Roads.of(town.layer("streets"), SPEEDS, usual=30.0)
    points = town.layer("addresses").geometry.iloc[::500].to_numpy()
    sites = roads.sites(points)
    found = roads.travel(sites)
    order = list(range(len(points)))
    legs = roads.lines_between(sites, order)
    for number, leg in enumerate(legs):
        assert leg.length == pytest.approx(found.distance[number, number + 1], abs=0.5)
    streets = shapely.union_all(town.layer("streets").geometry.to_numpy())
    assert max(shapely.hausdorff_distance(leg.intersection(streets.buffer(0.5)), leg) for leg in legs) < 1.0


def test_times_between_crossings_are_those_of_networkx(town):
    roads = Roads.of(town.layer("streets"), SPEEDS, usual=30.0)
    graph = nx.DiGraph()
    for tail, head, seconds in zip(roads.graph.tail, roads.graph.head, roads.seconds, strict=True):
        if np.isfinite(seconds):
            known = graph.get_edge_data(int(tail), int(head), {"weight": np.inf})["weight"]
            graph.add_edge(int(tail), int(head), weight=min(known, float(seconds)))
    chosen = sorted(graph.nodes)[::60]
    sites = roads.sites(shapely.points(roads.graph.xy[chosen]))
    found = roads.travel(sites).duration
    for row, source in enumerate(chosen):
        theirs = nx.single_source_dijkstra_path_length(graph, source)
        assert found[row] == pytest.approx([theirs[target] for target in chosen], abs=1e-6)


def test_every_site_is_reached_from_every_other_one(town):
    roads = Roads.of(town.layer("streets"), SPEEDS, usual=30.0, narrowest=3.0)
    sites = roads.sites(town.layer("addresses").geometry.iloc[::40].to_numpy())
    found = roads.travel(sites)
    assert np.isfinite(found.duration).all()
    assert (np.diag(found.duration) == 0.0).all()
    xy = shapely.get_coordinates(town.layer("addresses").geometry.iloc[::40].to_numpy())
    straight = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    gaps = sites.gap[:, None] + sites.gap[None]
    assert (found.distance + gaps >= straight - 1e-6).all()


@pytest.mark.parametrize("within", [0.0, 10.0, 20.0, 40.0, 1e4])
def test_ways_within_a_time_are_those_of_a_whole_search(within):
    rng = np.random.default_rng(3)
    points = rng.random((12, 2)) * 100.0
    whole, roads, sites = travel(square(), *map(tuple, points))
    near = roads.travel(sites, within)
    known = near.duration <= within
    assert (known == (whole.duration <= within)).all()
    assert (near.duration[known] == whole.duration[known]).all()
    assert (near.distance[known] == whole.distance[known]).all()
    assert (near.duration >= whole.duration).all()
