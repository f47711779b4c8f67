"""How much work the planner of rounds puts into a day."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.routing import PlanCache


@pytest.mark.parametrize(
    ("assumptions", "work"),
    [({}, 40), ({"iterations_per_site": 0.25}, 10), ({"iterations_per_site": 4.0}, 160), ({"iterations": 77}, 77)],
)
def test_work_goes_with_the_sites_of_the_day(monkeypatch, assumptions, work):
    """Forty sites are emptied at each pass of the calendar."""
    asked = []
    usual = PlanCache.solve

    def solve(self, problem, seed, iterations):
        asked.append((len(problem.stops), iterations))
        return usual(self, problem, seed, iterations)

    monkeypatch.setattr(PlanCache, "solve", solve)
    places = np.random.default_rng(1).random((40, 2)) * 2000.0
    kit.figures(
        kit.collection(places, mass_rate=np.full(40, 100.0), volume=4000.0),
        date(2025, 3, 3),
        date(2025, 3, 9),
        assumptions={"rehearsals": False} | assumptions,
    )
    assert asked
    assert {iterations for _stops, iterations in asked} == {work}
    assert {stops for stops, _iterations in asked} == {40}
