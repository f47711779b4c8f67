"""Public transport by its timetable: costs in closed form, and the shares of modes that follow."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from mobility_kit import CRS, VALUES, bench_of, typed_layers

from jumeau.networks.mobility.layout.rules import SYNTHESIS
from jumeau.networks.mobility.physics.demand import gravity_trips
from jumeau.networks.mobility.physics.gravity import Skims, vehicle_trips
from jumeau.networks.mobility.physics.modes import CAR, TRANSIT, observed_shares, with_transit
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.physics.transit import (
    TIMETABLE,
    Transit,
    attraction,
    perceived_minutes,
    transit_of,
    usual_minutes,
)

#: Metres on foot at 4.5 km/h in perceived minutes.
FOOT = VALUES["walk_weight"] * VALUES["transit_detour"] * 0.06 / VALUES["walk_speed"]


def network(links, zones=((0.0, 0.0), (3000.0, 0.0)), stops=((100.0, 0.0), (1500.0, 0.0), (2900.0, 0.0))):
    """Links `(tail, head, line, minutes)` with as many departures in each hour as they tell."""
    tail, head, line, minutes, hourly = zip(*links, strict=True)
    return Transit(
        np.array(zones), np.zeros(len(zones), dtype=bool), np.array(stops), np.array(tail), np.array(head),
        np.array(line, dtype=object), np.array(minutes), np.repeat(np.array(hourly)[:, None], 24, axis=1),
    )  # fmt: skip


def cost(transit, **changes):
    return perceived_minutes(transit, transit.departures[:, 8], VALUES | changes)


def test_a_direct_line_costs_walk_wait_and_ride():
    transit = network([(0, 1, "1", 4.0, 6.0), (1, 2, "1", 5.0, 6.0)])
    found = cost(transit)
    # Every ten minutes: five minutes of wait, weighed; 100 m on foot at each end.
    assert found[0, 1] == pytest.approx(200.0 * FOOT + VALUES["transit_wait_weight"] * 5.0 + 9.0, abs=1e-4)
    assert np.isinf(found[1, 0])
    assert np.isinf(np.diag(found)).all()


def test_a_rare_line_hides_its_wait_beyond_the_longest_one():
    one, longest = network([(0, 2, "1", 9.0, 1.0)]), VALUES["transit_longest_wait"]
    wait = VALUES["transit_wait_weight"] * longest + VALUES["transit_hidden_wait"] * (30.0 - longest)
    assert cost(one)[0, 1] == pytest.approx(200.0 * FOOT + wait + 9.0, abs=1e-4)


def test_a_change_costs_the_second_wait_and_its_trouble():
    transit = network([(0, 1, "1", 4.0, 6.0), (1, 2, "2", 5.0, 12.0)])
    extra = VALUES["transit_boarding"] + VALUES["transit_wait_weight"] * 2.5
    direct = cost(network([(0, 1, "1", 4.0, 6.0), (1, 2, "1", 5.0, 6.0)]))
    assert cost(transit)[0, 1] == pytest.approx(direct[0, 1] + extra, abs=1e-4)


def test_a_branch_is_waited_for_as_often_as_it_runs():
    trunk = [(0, 1, "1", 4.0, 12.0), (1, 2, "1", 5.0, 3.0)]
    assert cost(network(trunk))[0, 1] == pytest.approx(
        cost(network([(0, 1, "1", 4.0, 3.0), (1, 2, "1", 5.0, 3.0)]))[0, 1], abs=1e-4
    )


def test_nobody_rides_where_no_stop_is_within_reach_or_walks_all_the_way():
    far = network([(0, 1, "1", 4.0, 6.0)])
    assert np.isinf(cost(far)).all()
    # One stop that serves both zones is no way.
    alone = network([(0, 1, "1", 4.0, 6.0)], zones=((0.0, 0.0), (200.0, 0.0)))
    assert np.isinf(cost(alone)).all()


def test_a_vehicle_does_not_turn_back_on_the_way():
    links = [(0, 1, "1", 4.0, 6.0), (1, 0, "1", 4.0, 6.0), (1, 2, "1", 5.0, 6.0)]
    there_and_back = network(links, zones=((0.0, 0.0), (1500.0, 0.0), (3000.0, 0.0)))
    assert cost(there_and_back)[1, 2] == pytest.approx(
        (0.0 + 100.0) * FOOT + VALUES["transit_wait_weight"] * 5.0 + 5.0, abs=1e-4
    )


def test_the_mean_public_transport_leaves_the_shares_as_they_are():
    km = np.array([[0.5, 3.0], [3.0, 0.5]])
    transit = network([(0, 2, "1", 1.0, 6.0), (2, 0, "1", 1.0, 6.0)])
    usual = usual_minutes(km, VALUES)
    ride = usual[0, 1] - (cost(transit)[0, 1] - 1.0)
    same = network([(0, 2, "1", ride, 6.0), (2, 0, "1", ride, 6.0)])
    found = attraction(same, km, VALUES)
    assert found == pytest.approx(np.ones((2, 2)), abs=1e-4)
    shares = observed_shares(km, VALUES)
    assert with_transit(shares, found) == pytest.approx(shares, abs=1e-5)


def test_a_better_line_takes_from_all_modes_alike_and_no_line_gives_all():
    km = np.array([[0.5, 3.0], [3.0, 0.5]])
    shares = observed_shares(km, VALUES)
    found = with_transit(shares, np.array([[1.0, 2.0], [0.0, 1.0]]))
    assert found.sum(axis=0) == pytest.approx(np.ones((2, 2)))
    before = shares[TRANSIT, 0, 1]
    assert found[TRANSIT, 0, 1] == pytest.approx(2.0 * before / (1.0 + before))
    assert found[TRANSIT, 1, 0] == 0.0
    assert found[CAR, 1, 0] == pytest.approx(shares[CAR, 1, 0] / (1.0 - shares[TRANSIT, 1, 0]))
    assert found[:, [0, 1], [0, 1]] == pytest.approx(shares[:, [0, 1], [0, 1]])


def test_gates_and_single_zones_keep_the_stated_shares():
    transit = network([(0, 2, "1", 5.0, 6.0)], zones=((0.0, 0.0), (3000.0, 0.0), (9000.0, 0.0)))
    gated = Transit(**{**vars(transit), "gate": np.array([False, False, True])})
    found = attraction(gated, np.full((3, 3), 3.0), VALUES)
    assert found[2].tolist() == found[:, 2].tolist() == np.diag(found).tolist() == [1.0, 1.0, 1.0]
    assert found[0, 1] > 0.0
    assert found[1, 0] == 0.0


def test_fewer_cars_where_a_line_is_better():
    residents, jobs = np.array([1000.0, 0.0]), np.array([0.0, 400.0])
    skims = Skims.of(np.array([[0.0, 6.0], [6.0, 0.0]]), np.array([[0.0, 3.0], [3.0, 0.0]]))
    none = np.zeros(2, dtype=bool)
    values = VALUES | {name: factor.value for name, factor in SYNTHESIS.shipped.items()}
    plain = vehicle_trips(residents, jobs, none, np.zeros(2), skims, values)
    fast = network([(0, 2, "1", 5.0, 12.0), (2, 0, "1", 5.0, 12.0)])
    found = vehicle_trips(residents, jobs, none, np.zeros(2), skims, values, lambda km: attraction(fast, km, values))
    assert found[0, 0, 1] < plain[0, 0, 1]


def timetable(stops, hourly=6.0):
    """A line through stops, there and back, as the layers of a territory."""
    names = [f"s{row}" for row in range(len(stops))]
    pairs = [*pairwise(names), *pairwise(reversed(names))]
    points = dict(zip(names, shapely.points(stops), strict=True))
    frames = {
        "transit_stops": gpd.GeoDataFrame({"stop_id": names}, geometry=list(points.values()), crs=CRS),
        "transit_links": gpd.GeoDataFrame(
            {"link_id": [f"{one}>{two}" for one, two in pairs], "line": "1", "from_stop": [one for one, _ in pairs],
             "to_stop": [two for _, two in pairs], "minutes": 3.0, "workday": 24.0 * hourly},
            geometry=[shapely.LineString([points[one], points[two]]) for one, two in pairs], crs=CRS,
        ),
        "transit_departures": gpd.GeoDataFrame(
            pd.DataFrame([(f"{one}>{two}{hour}", f"{one}>{two}", "workday", hour, hourly) for one, two in pairs
                          for hour in range(24)], columns=["departure_id", "link_id", "day", "hour", "departures"]),
            geometry=[None] * 24 * len(pairs), crs=CRS,
        ),
    }  # fmt: skip
    return {name: typed_layers(**frames)[name] for name in frames}


def test_a_timetable_moves_the_choice_of_the_bundled_town(town):
    supply = supply_of(bench_of(town).layers, VALUES)
    zones = town.layers["traffic_zones"]
    assert transit_of(dict(town.layers), supply) is None
    inside = zones[zones["kind"] != "gate"]
    points = shapely.get_coordinates(inside.geometry.to_numpy())[:3]
    made = transit_of({**town.layers, **timetable(points)}, supply)
    assert made is not None
    assert len(made.tail) == 4
    shares = observed_shares(np.full((len(supply.zones),) * 2, 2.0), VALUES)
    moved = with_transit(shares, attraction(made, np.full(shares.shape[1:], 2.0), VALUES))
    served = moved[TRANSIT] > shares[TRANSIT]
    assert served.sum() >= 6
    assert (moved[TRANSIT] == 0.0).any()


def test_without_a_timetable_the_same_bytes_as_without_its_layers(town):
    bench = bench_of(town)
    supply = supply_of(bench.layers, VALUES)
    values = VALUES | {name: factor.value for name, factor in SYNTHESIS.shipped.items()}
    blank = {name: bench.layers[name].iloc[:0] for name in (*TIMETABLE, "commuter_flows")}
    zones = bench.layers["traffic_zones"]
    plain = gravity_trips(zones, supply, values)
    assert plain.sum() > 0.0
    assert gravity_trips(zones, supply, values, blank).tobytes() == plain.tobytes()
