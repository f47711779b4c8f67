"""Rounds: optimal where they can be checked by hand, near the published best elsewhere, the same for the same seed."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from jumeau.routing import EdgeProblem, Facility, PlanCache, RoutingProblem, Stops, Vehicle, solve


def plane(number, seed, load=1.0, **vehicle):
    """Return stops in a square kilometre, a depot (location 0) and a disposal site (location 1) at its corners."""
    xy = np.vstack([[0.0, 0.0], [1000.0, 1000.0], np.random.default_rng(seed).uniform(0, 1000, (number, 2))])
    distance = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    places = (Facility(0), Facility(1, service=600.0))
    settings = {"capacity": (1e6,), "disposal": (1,)} | vehicle
    stops = Stops.of(np.arange(2, number + 2), np.full(number, load), 120.0)
    return RoutingProblem(distance, distance / 8.0, stops, places, (Vehicle(**settings),))


def length(problem, trips, disposal):
    """Return the length of a route by hand: depot, stops, disposal, …, depot."""
    here, total = problem.places[0].location, 0.0
    for trip, place in zip(trips, disposal, strict=True):
        for location in [*problem.stops.location[list(trip)], problem.places[place].location]:
            total += problem.distance[here, location]
            here = location
    return total + problem.distance[here, problem.places[0].location]


@pytest.mark.parametrize("seed", range(3))
def test_a_small_round_is_the_best_of_all_orders(seed):
    problem = plane(7, seed)
    plan = solve(problem, 1, 500)
    best = min(length(problem, [order], [1]) for order in permutations(range(7)))
    assert plan.feasible
    (route,) = plan.routes
    assert length(problem, route.trips, route.disposal) == pytest.approx(best, abs=5.0)  # metres are rounded


def test_the_distance_told_is_that_of_the_trips():
    problem = plane(30, 5, capacity=(8.0,))
    plan = solve(problem, 1, 500)
    (route,) = plan.routes
    assert len(route.trips) == 4  # 30 loads, 8 at a time
    assert max(len(trip) for trip in route.trips) <= 8
    assert route.distance == pytest.approx(length(problem, route.trips, route.disposal), abs=20.0)
    assert route.duration == pytest.approx(route.distance / 8.0 + 30 * 120.0 + 4 * 600.0, abs=60.0)
    assert sorted(route.stops) == list(range(30))


def test_every_trip_ends_at_the_disposal_site():
    plan = solve(plane(20, 2, capacity=(6.0,)), 1, 300)
    for route in plan.routes:
        assert len(route.disposal) == len(route.trips)
        assert set(route.disposal) == {1}


def test_shifts_are_respected_by_more_vehicles():
    alone = solve(plane(40, 3, shift=3600.0), 1, 300)
    assert not alone.feasible
    many = solve(plane(40, 3, shift=3600.0, count=4), 1, 300)
    assert many.feasible
    assert all(route.duration <= 3600.0 for route in many.routes)


def test_a_load_that_fits_no_vehicle_is_missed_or_refused():
    assert not solve(plane(3, 1, load=50.0, capacity=(20.0,)), 1, 200).feasible


def test_only_visits_that_pay_are_made():
    problem = plane(12, 4, fixed_cost=0.0, distance_cost=1.0)
    prizes = np.where(np.arange(12) < 6, 100.0, 0.0)
    stops = Stops.of(problem.stops.location, np.ones(12), 120.0, prize=prizes)
    plan = solve(RoutingProblem(problem.distance, problem.duration, stops, problem.places, problem.vehicles), 1, 500)
    served = {stop for route in plan.routes for stop in route.stops}
    assert set(range(6)) <= served
    assert set(plan.skipped) == set(range(12)) - served
    nothing = Stops.of(problem.stops.location, np.ones(12), 120.0, prize=np.zeros(12))
    empty = solve(RoutingProblem(problem.distance, problem.duration, nothing, problem.places, problem.vehicles), 1, 500)
    assert empty.distance == 0.0


def test_both_kinds_of_load_count():
    problem = plane(10, 6)
    loads = np.column_stack([np.full(10, 1.0), np.full(10, 300.0)])
    vehicle = Vehicle((100.0, 1000.0), disposal=(1,))
    loaded = replace(problem, stops=Stops.of(problem.stops.location, loads), vehicles=(vehicle,))
    plan = solve(loaded, 1, 300)
    assert max(len(trip) for route in plan.routes for trip in route.trips) <= 3


def test_the_same_seed_gives_the_same_plan_and_is_solved_once():
    cache = PlanCache()
    first = cache.solve(plane(25, 8, capacity=(10.0,)), 3, 200)
    again = cache.solve(plane(25, 8, capacity=(10.0,)), 3, 200)
    assert first is again
    assert (cache.asked, cache.solved) == (2, 1)
    assert solve(plane(25, 8, capacity=(10.0,)), 3, 200) == first
    assert cache.solve(plane(25, 9, capacity=(10.0,)), 3, 200) != first


def test_no_stop_asks_for_no_route():
    assert solve(plane(0, 1), 1, 10).routes == ()


def test_a_street_is_served_once_whatever_the_way():
    # A square of four streets, of which two are to be served: 0-1 and 2-3.
    load = np.array([1.0, 0.0, 1.0, 0.0])
    problem = EdgeProblem(np.array([0, 1, 2, 3]), np.array([1, 2, 3, 0]), np.full(4, 100.0), load, 0, 10.0)
    plan = solve(problem.to_stops(1), 1, 100)
    assert plan.feasible
    assert plan.distance == pytest.approx(400.0)
    assert len(plan.routes[0].stops) == 2


def test_a_oneway_street_is_passed_in_its_direction():
    # 0 -> 1 one-way and to be served; back by 1-2-0.
    problem = EdgeProblem(
        np.array([0, 1, 2]), np.array([1, 2, 0]), np.array([100.0, 300.0, 300.0]), np.array([1.0, 0, 0]), 0, 10.0,
        np.array([True, False, False]),
    )  # fmt: skip
    assert solve(problem.to_stops(1), 1, 100).distance == pytest.approx(700.0)


def test_no_vehicle_goes_out_for_stops_that_another_could_leave():
    """Free to take any number of vehicles, the plan is about as good as with the best number of them."""
    rng = np.random.Generator(np.random.PCG64(5))
    xy = np.concatenate([[[0.0, 0.0]], rng.random((120, 2)) * 5_000.0 + 4_000.0])
    distance = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    stops = Stops.of(np.arange(1, 121), np.ones(120), 180.0, prize=rng.uniform(0.1, 0.9, 120) ** 3)

    def cost(count):
        vehicle = Vehicle((1000.0,), count=count, shift=2.5 * 3600.0)
        plan = solve(RoutingProblem(distance, distance / 8.0, stops, (Facility(0),), (vehicle,)), 1, 400)
        assert plan.feasible
        return plan.distance / 1000.0 + sum(stops.prize[list(plan.skipped)])

    assert cost(4) <= 1.05 * min(cost(number) for number in (1, 2, 3))
