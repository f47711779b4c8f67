"""Which streets a closure has to be one of to concern a drive, against searches on streets that are closed."""

import numpy as np
import pytest

from jumeau.routing import Roads, UsualWays
from jumeau.routing import usual_ways as module

SPEEDS = {"primary": 50.0, "residential": 25.0}


@pytest.fixture(scope="module")
def roads(town):
    return Roads.of(town.layer("streets"), SPEEDS, usual=30.0, narrowest=3.0)


@pytest.fixture(scope="module")
def sites(town, roads):
    return roads.sites(town.layer("addresses").geometry.iloc[::150].to_numpy())


@pytest.mark.parametrize("room", [64e6, 0.0])
def test_a_closure_elsewhere_leaves_the_way_as_it_is_and_one_on_it_does_not_shorten_it(roads, sites, room, monkeypatch):
    monkeypatch.setattr(module, "_ROOM", room)  # without room, trees are searched anew
    ways = UsualWays(roads, sites)
    usual = roads.travel(sites)
    rng = np.random.default_rng(5)
    count = len(sites)
    concerned = longer = 0
    for _number in range(25):
        closed = rng.choice(len(roads.lines), 12, replace=False)
        found = roads.without(closed.tolist()).travel(sites)
        for start, end in rng.integers(0, count, (60, 2)).tolist():
            if start == end:
                continue
            if ways.streets(start, end).isdisjoint(closed.tolist()):
                cut_off = not np.isfinite(found.duration[start, end])
                assert cut_off or found.duration[start, end] == usual.duration[start, end]
                assert cut_off or found.distance[start, end] == usual.distance[start, end]
            else:
                concerned += 1
                assert found.duration[start, end] >= usual.duration[start, end]
                longer += found.duration[start, end] > usual.duration[start, end]
    # Nearly all that it says are concerned are: the others have a street of the same time beside the closed one.
    assert concerned > 50
    assert longer > 0.9 * concerned


def test_a_way_begins_and_ends_in_the_streets_of_its_ends(roads, sites):
    ways = UsualWays(roads, sites)
    street = roads.graph.street[sites.arc]
    for start, end in [(0, 5), (5, 0), (3, 3)]:
        assert {int(street[start]), int(street[end])} <= ways.streets(start, end)
