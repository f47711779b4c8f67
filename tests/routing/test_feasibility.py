"""What a vehicle can serve alone, and plans that are cut back to what can be driven."""

import numpy as np
import pytest

from jumeau.routing import Facility, RoutingProblem, Stops, Vehicle, servable, solve

HOUR = 3600.0


def on_a_line(places, vehicle, *, disposal=None, **stops):
    """A depot at 0 (and a disposal site beside it), stops at kilometres on a line, at 60 km/h."""
    at = np.array([0.0, 0.0, *places]) * 1000.0
    distance = np.abs(at[:, None] - at[None, :])
    facilities = (Facility(0, 0.0, 48 * HOUR), disposal or Facility(1, 0.0, 48 * HOUR))
    made = Stops.of(np.arange(2, len(at)), np.ones((len(places), 1)), **stops)
    return RoutingProblem(distance, distance * 0.06, made, facilities, (vehicle,))


def test_a_stop_counts_its_way_its_work_and_the_way_home():
    vehicle = Vehicle((10.0,), earliest=5 * HOUR, latest=6 * HOUR, shift=HOUR)
    # At 60 km/h and ten minutes of work, an hour is enough as far as 25 km.
    able = servable(on_a_line([24.9, 25.1], vehicle, service=600.0, latest=24 * HOUR))
    assert able.tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("opens", "closes", "able"), [(0.0, 48.0, True), (5.7, 24.0, True), (6.0, 24.0, False), (0.0, 5.2, False)]
)
def test_disposal_hours_bound_the_way_home(opens, closes, able):
    vehicle = Vehicle((10.0,), earliest=5 * HOUR, latest=6 * HOUR, shift=HOUR, disposal=(1,))
    gate = Facility(1, opens * HOUR, closes * HOUR, service=300.0)
    asked = on_a_line([10.0], vehicle, disposal=gate, service=600.0, latest=24 * HOUR, prize=np.array([100.0]))
    assert servable(asked).tolist() == [[able]]
    assert bool(solve(asked, 1, 100).routes and solve(asked, 1, 100).feasible) is able


def test_load_reach_and_hours_of_the_stop():
    asked = on_a_line([10.0, 10.0], Vehicle((0.5,), latest=24 * HOUR))
    assert not servable(asked).any()
    assert not servable(on_a_line([10.0], Vehicle((9.0,), reach=19_000.0))).any()
    assert servable(on_a_line([10.0], Vehicle((9.0,), reach=20_001.0))).all()
    late = Vehicle((9.0,), earliest=20 * HOUR, latest=24 * HOUR)
    assert not servable(on_a_line([10.0], late, latest=12 * HOUR)).any()


@pytest.mark.parametrize("seed", range(5))
def test_plans_of_optional_stops_can_always_be_driven(seed):
    rng = np.random.default_rng(seed)
    vehicle = Vehicle((8.0,), earliest=5 * HOUR, latest=7 * HOUR, shift=2 * HOUR, disposal=(1,), duration_cost=30.0)
    # Prizes far above any cost: the solver's penalties alone would not hold the shift.
    asked = on_a_line(
        rng.uniform(-25.0, 25.0, 40), vehicle, service=300.0, latest=24 * HOUR, prize=np.full(40, 20_000.0)
    )
    plan = solve(asked, 1, 30)
    assert plan.feasible
    assert all(route.feasible and route.duration <= 2 * HOUR + 1 for route in plan.routes)
    served = sum(len(route.stops) for route in plan.routes)
    assert served >= 6
    assert served + len(plan.skipped) == 40


def worth_collected(scale, seed):
    """Return the share of the worth of 150 stops that a plan takes; worth varies by orders of magnitude."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0.0, 6000.0, (151, 2))
    distance = 1.3 * np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    prize = scale * rng.lognormal(0.0, 1.5, 150)
    stops = Stops.of(np.arange(1, 151), np.full((150, 1), 0.1), service=120.0, latest=24 * HOUR, prize=prize)
    vehicle = Vehicle(
        (2.0,), earliest=6 * HOUR, latest=10 * HOUR, shift=4 * HOUR, distance_cost=1.0, duration_cost=30.0,
        disposal=(1,), most_trips=3,
    )  # fmt: skip
    gates = Facility(0, 0.0, 48 * HOUR), Facility(0, 0.0, 48 * HOUR, service=600.0)
    plan = solve(RoutingProblem(distance, 0.12 * distance, stops, gates, (vehicle,)), 1, 100)
    assert plan.feasible
    return float(prize[[stop for route in plan.routes for stop in route.stops]].sum() / prize.sum())


@pytest.mark.parametrize("dearer", [10.0, 100.0, 1000.0])
def test_stops_worth_more_than_any_lateness_are_planned_as_well_as_others(dearer):
    # Whatever all stops are worth, the shift holds as many of the best: ways hardly cost anything beside them.
    usual, dear = (sum(worth_collected(3.0 * factor, seed) for seed in range(5)) for factor in (1.0, dearer))
    assert dear > 0.93 * usual
