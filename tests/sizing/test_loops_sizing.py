"""Counting loops: known ways on streets in a row, a second way at one hour, counts on record."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from mobility_kit import CRS, VALUES, typed_layers

from jumeau.cli import main
from jumeau.errors import InputError
from jumeau.factors import FactorTable
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.loops_sizing import LoopSites, traffic_loops
from jumeau.networks.mobility.physics.day import HOURS, KINDS, day_shape
from jumeau.networks.mobility.physics.interception import routes_of
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.sizeable import SizingContext
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve

#: Zones at the ends and in the middle of two streets in a row, and a third street past the middle.
AT = {"A": 0.0, "C": 100.0, "D": 200.0, "n1": 0.0, "n2": 100.0, "n3": 200.0}
STREETS = {"S1": ("n1", "n2"), "S2": ("n2", "n3"), "S3": ("n1", "n3")}
TRIPS = {("A", "D"): 100.0, ("C", "D"): 50.0, ("A", "C"): 20.0}


def context(trips=TRIPS, bypass_hours=(), counted=()):
    """Layers, and what sizing needs of them; at some hours the way past the middle is the quicker one."""
    rows = [(f"{name}+", a, b, "street", name) for name, (a, b) in STREETS.items()]
    rows += [(f"{name}-", b, a, "street", name) for name, (a, b) in STREETS.items()]
    joins = (("A", "n1"), ("C", "n2"), ("D", "n3"))
    rows += [(f"{a}{b}", a, b, "connector", "") for pair in joins for a, b in (pair, pair[::-1])]
    links = gpd.GeoDataFrame(
        {
            "link_id": [row[0] for row in rows],
            "from_node": [row[1] for row in rows],
            "to_node": [row[2] for row in rows],
            "kind": [row[3] for row in rows],
            "street_id": [row[4] for row in rows],
            "speed": 36.0,
            "lanes": 1.0,
        },
        geometry=[shapely.LineString([(AT[row[1]], 0.0), (AT[row[2]] + 1.0, 1.0)]) for row in rows],
        crs=CRS,
    )
    zones = gpd.GeoDataFrame(
        {"zone_id": ["A", "C", "D"]}, geometry=[shapely.Point(AT[name], 0.0) for name in "ACD"], crs=CRS
    )
    counts = gpd.GeoDataFrame(
        {
            "count_id": [f"N{row}" for row in range(len(counted))],
            "street_id": [street for street, _direction in counted],
            "direction": [direction for _street, direction in counted],
            "vehicles": 500.0,
            "year": 2024,
        },
        geometry=[shapely.Point(0.0, 0.0)] * len(counted),
        crs=CRS,
    )
    layers = typed_layers(traffic_links=links, traffic_zones=zones)
    if counted:
        layers |= {"traffic_counts": typed_layers(traffic_counts=counts)["traffic_counts"]}
    supply = supply_of(layers, VALUES)
    time = np.tile(np.where(supply.street == "S3", 30.0, 10.0), (HOURS, 1))
    time[list(bypass_hours)] = 10.0
    table = np.zeros((len(KINDS), 3, 3))
    for (origin, end), value in trips.items():
        table[KINDS.index("direct"), list(supply.zones).index(origin), list(supply.zones).index(end)] = value
    state = SimpleNamespace(supply=supply, day=SimpleNamespace(trips=table, time=time), values=VALUES)
    prepared = SimpleNamespace(state=state)
    return layers, SizingContext(
        NETWORK.factors, FactorTable({}), None, lambda: prepared, lambda _measures: prepared, None
    )


def best(instance, count):
    return solve(instance.problem, Limit(count=count), curve_seconds=0.0)


def test_streets_in_a_row():
    """S2 meets A-D and C-D, S1 meets A-D and A-C; both together meet each trip once."""
    instance = traffic_loops(*_asked(context()))
    one, two = best(instance, 1), best(instance, 2)
    assert one.names == ["S2"]
    assert one.exact.benefit == pytest.approx(150.0)
    assert sorted(two.names) == ["S1", "S2"]
    assert two.exact.benefit == pytest.approx(170.0) == pytest.approx(instance.problem.unseen_cost)
    assert instance.deploy is None


def test_pairs_alike():
    """Of three pairs, either street meets two, however few vehicles they have."""
    instance = traffic_loops(*_asked(context(), weights="pairs"))
    assert best(instance, 1).exact.benefit == pytest.approx(2.0 / 3.0)
    assert instance.problem.unseen_cost == pytest.approx(1.0)


def test_a_second_way_at_some_hours():
    """What takes the way past the middle in these hours is met there and nowhere else."""
    hours = (7, 8, 17)
    instance = traffic_loops(*_asked(context({("A", "D"): 100.0}, hours)))
    share = day_shape(VALUES).out[KINDS.index("direct"), list(hours)].sum()
    seen = {name: instance.problem.benefit(instance.problem.rows([name])) for name in STREETS}
    assert seen["S3"] == pytest.approx(100.0 * share)
    assert seen["S1"] == seen["S2"] == pytest.approx(100.0 * (1.0 - share))
    assert best(instance, 2).exact.benefit == pytest.approx(100.0)


@pytest.mark.parametrize(("direction", "met"), [("both", 120.0), ("forward", 120.0), ("backward", 0.0)])
def test_counts_on_record(direction, met, english):
    """A count costs nothing, and sees its direction alone."""
    asked = _asked(context(counted=[("S1", direction)]))
    instance = traffic_loops(*asked)
    sites = instance.problem.sites
    assert list(sites.id[sites.compulsory]) == ["S1"]
    assert sites.cost[sites.compulsory].sum() == 0.0
    assert instance.units[sites.compulsory].sum() == 0.0
    assert instance.problem.benefit(np.flatnonzero(sites.compulsory)) == pytest.approx(met)
    assert any(f"meet {100.0 * met / 170.0:.1f} %" in note for note in instance.notes)
    ignored = traffic_loops(*_asked(context(counted=[("S1", direction)]), counts="ignored"))
    assert not ignored.problem.sites.compulsory.any()
    assert best(ignored, 2).exact.benefit == pytest.approx(170.0)


def test_no_trips(english):
    with pytest.raises(InputError, match="no trip between zones"):
        traffic_loops(*_asked(context({("A", "A"): 10.0})))


def test_flows_are_those_of_the_equilibrium(town):
    """The cheapest ways of each hour carry, link by link, what the equilibrium of the town has on it."""
    from mobility_kit import bench_of

    state = bench_of(town).prepare().state
    supply, hour = state.supply, 8
    trips = day_shape(state.values).at(hour, state.day.trips)
    light = trips.sum(axis=0) - trips[KINDS.index("heavy")]
    routes = routes_of(supply.links, [state.day.time[hour]], [light])
    flow, equal = routes.passes.T @ routes.vehicles, state.day.flow[hour, 0] / state.workday
    assert (np.abs(flow - equal) @ supply.length) < 0.01 * (equal @ supply.length)
    assert routes.vehicles.sum() + routes.lost == pytest.approx(light.sum() - np.trace(light))


def test_bad_words(capsys):
    words = ["size", "traffic_loops", "--territory", "bourg_exemple", "--count", "3", "--lang", "en"]
    assert main([*words, "--set", "weights=trucks"]) == 2
    assert "weights" in capsys.readouterr().err


def _asked(made, **parameters):
    layers, about = made
    return layers, LoopSites(**parameters), about
