"""Published routing instances: the best known values against the plans that the waste network would get."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "routing"))

from routing_instances import MILE, arc_routing, vehicle_routing, waste_collection, waste_file

from jumeau.routing import solve


def instance(name):
    """Return a file of the open data, or skip."""
    file = waste_file(name)
    if not file.is_file():
        pytest.skip("no open data here: set JUMEAU_DATA")
    return file


@pytest.mark.reproduce
@pytest.mark.data
def test_uchoa_n101(ledger):
    # Best known value 27,591 (CVRPLIB).
    plan = solve(vehicle_routing(instance("X-n101-k25.vrp")), 7, 10_000)
    ledger("Uchoa X-n101-k25, 10,000 iterations", 27_591, plan.distance, "m")
    assert plan.feasible
    assert 27_591 <= plan.distance <= 1.015 * 27_591


@pytest.mark.reproduce
@pytest.mark.data
def test_kim_277(ledger):
    # 447.5 miles with 3 vehicles, by PyVRP for 60 s and from memory in the literature (447.6).
    plan = solve(waste_collection(instance("kim_277_stop.txt"), 3), 1, 10_000)
    ledger("Kim 277 stops, 3 vehicles", 447.5, plan.distance / MILE, "mile")
    assert plan.feasible
    assert len(plan.routes) == 3
    assert plan.distance / MILE == pytest.approx(447.5, rel=0.02)


@pytest.mark.data
@pytest.mark.parametrize("name", ["gdb1", "gdb2", "egl-e1-A"])
def test_arc_routing(name, ledger):
    problem, lower, upper = arc_routing(instance(f"{name}.dat"))
    plan = solve(problem.to_stops(60), 1, 5000)
    ledger(f"Streets {name}, upper bound", upper, plan.distance, "m")
    assert plan.feasible
    assert lower <= plan.distance <= 1.03 * upper
