"""Rounds in a given order, and caps on a day: lengths and counts by hand, on a line."""

from dataclasses import replace

import numpy as np
import pytest

from jumeau.routing import Facility, RoutingProblem, Stops, Vehicle, capped, in_order, solve

KM = 1000.0


def line(places, load=1.0, *, gates=((0.0, {}),), stops=None, prize=None, **vehicle):
    """Depot at 0, gates and stops on a line [km]; 60 km/h, so that a kilometre takes a minute."""
    at = np.array([0.0, *(where for where, _more in gates), *places])
    metres = KM * np.abs(at[:, None] - at[None, :])
    first = 1 + len(gates)
    loads = np.broadcast_to(np.asarray(load, dtype=float), len(places)).reshape(-1, 1)
    made = Stops.of(
        np.arange(first, first + len(places)),
        loads,
        60.0,
        prize=None if prize is None else np.asarray(prize, float),
        **(stops or {}),
    )
    facilities = (Facility(0), *(Facility(row, **more) for row, (_where, more) in enumerate(gates, 1)))
    truck = Vehicle(**{"capacity": (100.0,), "disposal": tuple(range(1, first))} | vehicle)
    return RoutingProblem(metres, metres / KM * 60.0, made, facilities, (truck,))


def search(problem):
    return solve(problem, 1, 100)


def test_a_line_in_a_given_order_has_a_known_length_and_time():
    plan = in_order(line([1.0, 2.0, 3.0]), [1, 0, 2])
    (route,) = plan.routes
    assert route.trips == ((1, 0, 2),)
    assert route.distance == pytest.approx(8.0 * KM)
    assert route.duration == pytest.approx((8.0 + 3.0) * 60.0)
    assert plan.feasible


def test_the_best_order_found_is_as_long_as_itself():
    problem = line([4.0, 1.0, 3.0, 2.0])
    best = search(problem)
    again = in_order(problem, best.routes[0].stops)
    assert again.distance == pytest.approx(best.distance)
    assert again.duration == pytest.approx(best.duration)
    assert again.routes[0].disposal == best.routes[0].disposal


def test_a_full_vehicle_unloads_on_its_way_where_that_costs_least():
    # Gates at 0 and 2.5 km: after two stops the second is nearer, and the first is at home.
    plan = in_order(line([1.0, 2.0, 3.0], gates=((0.0, {}), (2.5, {})), capacity=(2.0,)), [0, 1, 2])
    (route,) = plan.routes
    assert route.trips == ((0, 1), (2,))
    assert route.disposal[0] == 2
    assert route.distance == pytest.approx(6.0 * KM)


def test_a_gate_that_is_full_or_closed_is_passed_by():
    problem = line([1.0, 2.0, 3.0], gates=((0.0, {}), (2.5, {"most_load": (1.0,)})), capacity=(2.0,))
    (route,) = in_order(problem, [0, 1, 2]).routes
    assert route.disposal == (1, 1)
    assert route.distance == pytest.approx((2.0 + 2.0 + 6.0) * KM)
    problem = line([1.0, 2.0, 3.0], gates=((0.0, {}), (2.5, {"latest": 60.0})), capacity=(2.0,))
    assert in_order(problem, [0, 1, 2]).routes[0].disposal == (1, 1)


@pytest.mark.parametrize(
    ("more", "served"),
    [
        ({"shift": 7.0 * 60.0}, (0, 1)),  # out and back to 2 km, two stops: six minutes; to 3 km: nine
        ({"latest": 6.0 * 60.0}, (0, 1)),
        ({"reach": 5.0 * KM}, (0, 1)),
        ({"most_stops": 1.0}, (0,)),
        ({"most_load": (2.5,)}, (0, 1)),
        ({"capacity": (1.0,), "most_trips": 2}, (0, 1)),
    ],
)
def test_the_round_ends_before_what_does_not_fit(more, served):
    plan = in_order(line([1.0, 2.0, 3.0], **more), [0, 1, 2])
    assert plan.routes[0].stops == served
    assert plan.missed == tuple(set(range(3)) - set(served))
    assert not plan.feasible


def test_a_stop_whose_hours_are_over_is_passed_by_and_nobody_waits_at_the_depot():
    hours = {"earliest": np.array([600.0, 0.0, 0.0]), "latest": np.array([900.0, 100.0, 9000.0])}
    plan = in_order(line([1.0, 2.0, 3.0], stops=hours), [0, 1, 2])
    assert plan.routes[0].stops == (0, 2)
    assert plan.routes[0].start == pytest.approx(540.0)
    assert plan.missed == (1,)


def test_a_first_stop_that_no_shift_can_serve_leaves_no_round():
    plan = in_order(line([1.0], shift=60.0), [0])
    assert plan.routes == ()
    assert plan.missed == (0,)


def test_no_caps_change_nothing():
    problem = line([4.0, 1.0, 3.0, 2.0])
    assert capped(problem, search) == search(problem)


def test_a_day_of_so_many_stops_keeps_those_of_most_worth():
    prizes = [50.0, 60.0, 70.0, 80.0, 90.0]
    problem = replace(line([1.0, 2.0, 3.0, 4.0, 5.0], prize=prizes), most_stops=2.0)
    plan = capped(problem, search)
    assert sorted(plan.routes[0].stops) == [3, 4]
    assert plan.capped == (0, 1, 2)
    assert plan.distance == pytest.approx(10.0 * KM)


def test_a_day_of_so_much_load_is_filled():
    # 3 t, 2 t and 1 t under a cap of 4 t, the heavy one worth most: 3 t and 1 t.
    problem = replace(line([1.0, 2.0, 3.0], [3.0, 2.0, 1.0], prize=[90.0, 80.0, 70.0]), most_load=(4.0,))
    plan = capped(problem, search)
    assert sorted(plan.routes[0].stops) == [0, 2]
    assert plan.capped == (1,)


def test_what_one_vehicle_may_not_take_is_offered_to_the_others():
    problem = line([1.0, 1.1, 1.2, 1.3, 1.4], prize=[50.0] * 5, most_stops=2.0, count=2)
    plan = capped(problem, search)
    assert sorted(len(route.stops) for route in plan.routes) == [2, 2]
    assert len(plan.capped) == 1
    assert len(capped(replace(problem, vehicles=(replace(problem.vehicles[0], count=3),)), search).routes) == 3
    # The cap holds over all trips of a vehicle, not for each.
    one = replace(problem.vehicles[0], count=1, capacity=(1.0,), most_stops=np.inf, most_load=(3.0,))
    plan = capped(replace(problem, vehicles=(one,)), search)
    assert len(plan.routes[0].trips) == 3


def test_a_disposal_site_takes_so_much_on_a_day():
    problem = line([1.0, 2.0, 3.0, 4.0], [2.0] * 4, gates=((0.0, {"most_load": (5.0,)}),), prize=[50.0] * 4)
    plan = capped(problem, search)
    assert sum(len(route.stops) for route in plan.routes) == 2
    assert len(plan.capped) == 2


def test_nothing_is_left_of_a_day():
    plan = capped(replace(line([1.0, 2.0], prize=[50.0, 50.0]), most_stops=0.0), search)
    assert plan.routes == ()
    assert plan.capped == (0, 1)
