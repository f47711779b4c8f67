"""Choices that are more than their sites added up: what is reckoned, promised, held against the cost, and said."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.report.sizing import sized_lines
from jumeau.sizeable import Promise, Together
from jumeau.sizing.limits import Limit
from jumeau.sizing.record import paying
from jumeau.sizing.scenario_file import promised
from jumeau.sizing.solve import solve
from jumeau.sizing.territory import Sized
from jumeau.sizing.whole import as_a_whole, short_of_target

GAINS = (9.0, 7.0, 5.0, 3.0, 1.0)
NAMES = list("abcde")


def square(sites):
    """Four times as much with twice as many: (sites / 5) squared of 25 a year."""
    return Together(float(len(sites) ** 2), 0.5)


def solved(limit, reckon=square, points=5):
    problem = PlacementProblem.of_savings(
        Sites.of(NAMES, 1.0), Events.of(NAMES, 1.0, np.array(GAINS)), sparse.diags(np.array(GAINS)), "km/year"
    )
    asked = []

    def together(sites):
        asked.append(tuple(sites))
        return reckon(sites)

    instance = SimpleNamespace(problem=problem, together=together if reckon else None, points=points)
    solution = solve(problem, limit)
    return solution, as_a_whole(instance, solution, lambda _said: None), asked


def made(solution, whole, worth=1.0, cost=1.0, units=None):
    """What is said of a sizing needs no more than this."""
    return Sized(
        network=SimpleNamespace(name="mobility", said=(SimpleNamespace(name="cruising", unit="km"),)),
        sizing=SimpleNamespace(label="Zones", name="parking"),
        territory=SimpleNamespace(name="town"),
        parameters=None,
        instance=SimpleNamespace(
            device=SimpleNamespace(unit_cost=cost, annual_cost=0.0, life=1.0),
            worth=worth,
            units=units,
            promise=Promise("cruising", -1.0, uncertainty=0.5),
            benefit="cruising",
            events="zones",
            notes=(),
        ),
        solution=solution,
        stage={},
        years=2.0,
        whole=whole,
    )


def test_points_are_the_first_sites_of_greedy():
    _solution, whole, asked = solved(Limit(count=5))
    assert whole.count.tolist() == [1, 2, 3, 5]
    assert whole.benefit.tolist() == [1.0, 4.0, 9.0, 25.0]
    assert whole.choice == Together(25.0, 0.5)
    # The choice is the last point: it is reckoned once.
    assert sorted(map(len, asked)) == [1, 2, 3, 5]
    assert ("a", "b", "c") in asked
    _solution, whole, asked = solved(Limit(count=3), points=1)
    assert whole.count.tolist() == [1]
    assert whole.choice.benefit == 9.0


def test_what_is_added_up_rightly_is_not_reckoned():
    solution, whole, _asked = solved(Limit(count=5), reckon=None)
    assert whole is None
    assert made(solution, whole).expected == 25.0 == sum(GAINS)
    assert short_of_target(solution, whole) == ()


def test_the_whole_is_promised():
    solution, whole, _asked = solved(Limit(count=3))
    sized = made(solution, whole)
    assert solution.exact.benefit == 21.0
    assert sized.expected == 9.0
    told = promised(sized)
    assert told["difference"] == "-18 km"
    assert told["tolerance"] == f"{1.96 * 0.5 * 2.0:.6g} km"


def test_a_target_that_is_not_reached_as_a_whole(english):
    solution, whole, _asked = solved(Limit(target=20.0))
    assert len(solution.names) == 3
    (warning,) = short_of_target(solution, whole)
    assert warning.warning
    assert "reaches 9 km/year of the 20" in warning.message
    assert short_of_target(*solved(Limit(target=25.0))[:2]) == ()


@pytest.mark.parametrize(("cost", "best"), [(0.5, 5), (4.9, 5), (5.1, 0)])
def test_the_number_that_leaves_the_most(cost, best):
    """25 a year for five sites: the first one alone saves 1, and never pays what five pay together."""
    solution, whole, _asked = solved(Limit(count=5))
    assert paying(made(solution, whole, cost=cost)) == best
    assert paying(made(solution, whole, worth=float("nan"))) is None


def test_sites_of_many_devices_pay_for_each():
    """Two devices a site, 3 EUR each: the sites that save 9 and 7 pay, the one that saves 5 does not."""
    solution, _whole, _asked = solved(Limit(count=5))
    assert paying(made(solution, None, cost=3.0, units=np.full(5, 2.0))) == 2
    assert paying(made(solution, None, cost=3.0)) == 4


def test_what_a_terminal_says(english):
    solution, whole, _asked = solved(Limit(count=5))
    said = list(sized_lines(made(solution, whole)))
    (line,) = (line.replace("\xa0", " ") for line in said if line.startswith("  the choice as a whole"))
    assert line.endswith(": 25.000 km/year, 95 % interval from 24.020 km/year to 25.980 km/year")
    (head,) = (line for line in said if "as a whole" in line and "bound" in line)
    assert head.split()[-3:] == ["as", "a", "whole"]
    rows = {line.split()[0]: line.split()[-1] for line in said if line.strip()[:1].isdigit() and len(line.split()) > 4}
    assert [rows[str(count)] for count in (1, 2, 3, 5)] == ["1.0000", "4.0000", "9.0000", "25.000"]
