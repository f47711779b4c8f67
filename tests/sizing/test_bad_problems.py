"""What cannot be a problem of placement, and what is said of it."""

import numpy as np
import pytest
from scipy import sparse

from jumeau.errors import InputError
from jumeau.placement import Events, PlacementProblem, Sites
from jumeau.sizing.impact_file import read_impact
from jumeau.sizing.limits import Limit
from jumeau.sizing.solve import solve

EVENTS = Events.of(["e", "f"], 1.0, [2.0, 3.0])
SEEN = sparse.csr_matrix(np.eye(2))


def problem(**given):
    return PlacementProblem.of_cover(Sites.of(["a", "b"], **{"cost": 10.0, **given}), EVENTS, SEEN)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"forbidden": True}, "no candidate"),
        ({"forbidden": [True, False], "compulsory": [True, False]}, "forbidden and compulsory"),
        ({"cost": [-1.0, 2.0]}, "below zero"),
        ({"failure": 1.5}, "between 0 and 1"),
    ],
)
@pytest.mark.usefixtures("english")
def test_bad_sites(given, said):
    with pytest.raises(InputError, match=said):
        problem(**given)


@pytest.mark.usefixtures("english")
def test_names_twice_and_costs_below_zero():
    with pytest.raises(InputError, match=r"same name.*a"):
        PlacementProblem.of_cover(Sites.of(["a", "a"]), EVENTS, SEEN)
    with pytest.raises(InputError, match="events have the same name"):
        PlacementProblem.of_cover(Sites.of(["a", "b"]), Events.of(["e", "e"]), SEEN)
    with pytest.raises(InputError, match="seen has a cost below zero"):
        PlacementProblem.of_costs(Sites.of(["a", "b"]), EVENTS, sparse.csr_matrix([[-1.0, 0.0], [0.0, 0.0]]))
    with pytest.raises(InputError, match="no event"):
        PlacementProblem.of_cover(Sites.of(["a", "b"]), Events.of([]), sparse.csr_matrix((0, 2)))


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Limit(), "state a number"),
        (Limit(count=0), "at least one"),
        (Limit(budget=9.0), "cheapest costs 10"),
        (Limit(budget=float("nan")), "cheapest costs 10"),
        (Limit(target=5.1), "cannot be reached: all 2 sites together give 5.00"),
    ],
)
@pytest.mark.usefixtures("english")
def test_bad_limits(limit, said):
    with pytest.raises(InputError, match=said):
        solve(problem(), limit)


@pytest.mark.usefixtures("english")
def test_events_that_nobody_sees_are_counted():
    told = PlacementProblem.of_cover(Sites.of(["a"]), EVENTS, sparse.csr_matrix([[1.0], [0.0]]))
    (warning,) = solve(told, Limit(count=1)).warnings
    assert warning.warning
    assert "1 of 2 events" in str(warning)
    assert "60.0 %" in str(warning)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "no `.impact` file"),
        ("network.inp\n1 0\n", 1, "no `.impact` file"),
        ("2\n\n", 2, "no `.impact` file"),
        ("2\n1 0\n1 -1 60 5\n1 2 60\n", 4, "four columns"),
        ("2\n1 0\n1 -1 60 five\n", 3, "numbers"),
        ("2\n1 0\n1 -1 60 nan\n", 3, "from zero on"),
        ("2\n1 0\n1 -1 60 5\n1 2 0 -3\n", 4, "from zero on"),
        ("2\n1 0\n1 -1 60 5\n\n1 2 0 3\n1 2 0 3\n", 6, "twice"),
    ],
)
@pytest.mark.usefixtures("english")
def test_bad_impact_files(tmp_path, text, line, said):
    file = tmp_path / "bad.impact"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as raised:
        read_impact(file)
    assert raised.value.problems[0].line == line


@pytest.mark.usefixtures("english")
def test_an_event_without_its_unseen_cost(tmp_path):
    file = tmp_path / "bad.impact"
    file.write_text("2\n1 0\n7 2 0 3\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"unseen.*7"):
        read_impact(file)
