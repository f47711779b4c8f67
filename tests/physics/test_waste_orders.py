"""Rounds in the order in which they are driven today; every length by hand."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.engine.checks import own_checks
from jumeau.networks.waste import NETWORK
from jumeau.networks.waste.physics.stop_order import split_order, with_others, written_order
from jumeau.networks.waste.physics.week import weekdays
from jumeau.simulation.clock import DAY
from jumeau.territory.check import check_data

FLAT = {"weekend_ratio": 1.0, "holiday_ratio": 1.0, "summer_ratio": 1.0, "peak_delay": 1.0, "breakdown_rate": 0.0}
WEEK = date(2025, 3, 3), date(2025, 3, 9)
DETOUR = 1.3


def line(count, step=1000.0):
    return np.array([[step * (row + 1), 0.0] for row in range(count)])


def sheet(sites, round_id="R1", ranks=None):
    ranks = range(1, len(sites) + 1) if ranks is None else ranks
    names = [f"L{row}" for row in range(len(sites))]
    return kit.plain({"stop_id": names, "round_id": round_id, "rank": list(ranks), "site_id": list(sites)})


def ordered(places, count=3, **more):
    return kit.collection(line(count), rounds={"order": [" ".join(f"S{row:04d}" for row in places)]}, **more)


def ran(layers):
    found = kit.bench(layers, *WEEK, factors=FLAT, warmup=7 * DAY).run()
    stops = found.events("waste")["stop"]
    return found.outcome.indicators, stops[stops["time"] >= 0.0]["site"].tolist()


def problems(layers, *, warnings=False):
    found = check_data(kit.territory(layers), [NETWORK.attributes], own_checks([NETWORK]))
    return [problem for problem in found if problem.warning == warnings]


def test_a_line_driven_in_a_given_order_has_a_known_length():
    # Out to 2 km, back to 1 km, out to 3 km and home: 2 + 1 + 2 + 3.
    found, order = ran(ordered([1, 0, 2]))
    assert order == [1, 0, 2]
    assert found["distance"] == pytest.approx(DETOUR * 8.0)
    assert found["collect_distance"] == pytest.approx(DETOUR * 3.0)
    assert found["visits"] == 3
    assert found["missed_sites"] == 0


def test_ranks_of_a_sheet_are_the_same_order():
    layers = kit.collection(line(3)) | {"waste_stops": sheet(["S0002", "S0001", "S0000"], ranks=[30, 10, 20])}
    found, order = ran(layers)
    assert order == [1, 0, 2]
    assert found["distance"] == pytest.approx(DETOUR * 8.0)


def test_what_the_order_alone_costs_is_shown_by_a_variant_that_plans_it():
    before = ordered([1, 0, 2])
    after = kit.measured(before, "optimise_order")
    found, order = ran(after.layers)
    assert sorted(order) == [0, 1, 2]
    assert found["distance"] == pytest.approx(DETOUR * 6.0)
    assert found["visits"] == 3
    assert [item.count for item in after.bill] == [1.0]
    assert kit.measured(before, "optimise_order", planning=False).bill == ()
    # Software that is there is not bought again.
    assert kit.measured(after.layers, "dynamic_rounds").bill == ()


def test_a_round_without_an_order_has_nothing_to_be_planned(english):
    layers = kit.collection(line(3))
    after = kit.measured(layers, "optimise_order")
    assert after.bill == ()
    assert "planned as it is" in after.notes[0]
    assert ran(after.layers)[0]["distance"] == ran(layers)[0]["distance"]


def test_a_measure_forgets_the_sheet_of_the_selected_rounds_only():
    layers = kit.collection(
        line(4),
        containers={"round_id": ["R1", "R1", "R2", "R2"]},
        rounds={"round_id": ["R1", "R2"], "stream": ["glass"] * 2, "truck_id": ["T1"] * 2, "weekdays": ["mon", "tue"]},
    )
    both = np.concatenate([["S0001", "S0000"], ["S0003", "S0002"]])
    layers["waste_stops"] = sheet(both, round_id=["R1", "R1", "R2", "R2"])
    after = kit.measured(layers, "optimise_order", where=np.array([True, False]))
    assert after.layers["waste_stops"]["round_id"].tolist() == ["R2", "R2"]
    assert ran(after.layers)[1][2:] == [3, 2]


def test_a_site_that_the_order_forgets_is_inserted_where_it_costs_least(english):
    # 3 km, 1 km: the site at 2 km lies on the way between them, and on the way out: the earliest place wins.
    layers = ordered([2, 0])
    (warning,) = [item for item in problems(layers, warnings=True) if "forgets" in item.message]
    assert warning.features == ("S0001",)
    assert problems(layers) == []
    found, order = ran(layers)
    assert order == [1, 2, 0]
    assert found["distance"] == pytest.approx(DETOUR * 6.0)


def test_cheapest_insertion_by_hand():
    xy = np.array([0.0, 1.0, 5.0, 2.0, 9.0])
    distance = np.abs(xy[:, None] - xy[None, :])
    # Places 0 to 3 at 1, 5, 2 and 9, home at 0; the round is 1, 5.
    found = with_others([0, 1], [2, 3], distance, 0, 1)
    path = [0.0, *(xy[1 + place] for place in found), 0.0]
    assert float(np.abs(np.diff(path)).sum()) == 18.0
    assert with_others([], [0], distance, 0, 1) == [0]
    # A place without a way is driven to by nobody, and spoils nothing.
    distance[4, :] = distance[:, 4] = np.inf
    assert sorted(with_others([0, 1], [2, 3], distance, 0, 1)) == [0, 1, 2, 3]


def test_a_full_truck_empties_on_the_way_and_keeps_the_order():
    # 150 kg a day for a week: 1,050 kg each, two in a truck; the depot is the disposal site.
    layers = ordered([0, 1, 2], mass_rate=150.0, trucks={"payload": [2_500.0]})
    found = kit.events(layers, *WEEK, factors=FLAT, warmup=7 * DAY)
    assert len(found["unload"][found["unload"]["time"] >= 0.0]) == 2
    assert found["stop"][found["stop"]["time"] >= 0.0]["site"].tolist() == [0, 1, 2]


def test_what_the_shift_leaves_over_is_collected_on_the_next_working_day():
    # A shift of two hours at 20 km/h: 10 sites of 1 km in 1.3 km each, 3 min at each, 20 min to unload.
    layers = ordered(range(10), count=10, trucks={"shift_from": [5.0], "shift_to": [7.0]})
    found, order = ran(layers)
    # n sites: 2.6 n km of driving (7.8 min), 3 n min of work, 20 min: 120 min hold 9.
    assert order == list(range(10))
    assert found["missed_sites"] == 1
    assert found["rounds"] == 2
    assert found["distance"] == pytest.approx(DETOUR * (18.0 + 20.0))


def test_a_sheet_begins_with_what_the_last_round_has_left():
    layers = ordered(range(10), count=10, trucks={"shift_from": [5.0], "shift_to": [7.0]})
    layers["waste_rounds"]["weekdays"] = "mon tue"
    _found, order = ran(layers)
    # On Tuesday the site at 10 km comes first, then those of the sheet until the shift is over.
    assert order[:9] == list(range(9))
    assert order[9:12] == [9, 0, 1]


@pytest.mark.parametrize(
    ("stops", "column", "features", "words"),
    [
        (sheet(["S0000", "S0001", "S0009"]), "site_id", ("L2",), "unknown feature"),
        (sheet(["S0000", "S0001"], round_id="R9"), "round_id", ("L0", "L1"), "unknown feature"),
        (sheet(["S0000", "S0001"], ranks=[1, 1]), "rank", ("L0", "L1"), "same rank twice"),
        (sheet(["S0000", "S0000"]), "site_id", ("L0", "L1"), "same site twice"),
        (sheet(["S0000", "S0001"], ranks=[1, None]), "rank", ("L1",), "missing"),
        (sheet(["S0000", "S0001"], ranks=[1, -1]), "rank", ("L1",), "below"),
    ],
)
def test_a_sheet_that_cannot_be_used_names_its_line(english, stops, column, features, words):
    layers = kit.collection(line(3)) | {"waste_stops": stops}
    found = problems(layers)
    assert [(item.layer, item.column, item.features) for item in found] == [("waste_stops", column, features)]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("order", "value", "words"),
    [
        ("S0000 S0009", "S0009", "unknown feature"),
        ("S0000 S0001 S0000", "S0000", "same site twice"),
        ("S0000 S0002", "S0002", "empties no container"),
    ],
)
def test_a_written_order_that_cannot_be_used_names_its_round(english, order, value, words):
    layers = kit.collection(
        line(3),
        containers={"round_id": ["R1", "R1", "R2"]},
        rounds={
            "round_id": ["R1", "R2"],
            "stream": ["glass"] * 2,
            "truck_id": ["T1"] * 2,
            "weekdays": ["mon"] * 2,
            "order": [order, None],
        },
    )
    (problem,) = problems(layers)
    assert (problem.layer, problem.column, problem.features) == ("waste_rounds", "order", ("R1",))
    assert value in problem.value
    assert words in problem.message


def test_an_order_that_is_told_twice_is_refused(english):
    layers = ordered([0, 1, 2]) | {"waste_stops": sheet(["S0000", "S0001", "S0002"])}
    (problem,) = problems(layers)
    assert "told here and in" in problem.message


def test_an_order_is_written_and_read_back():
    for names in (["A", "B"], ["Place de la Gare", "B"], ["Place de la Gare"], ["A"]):
        assert split_order(written_order(names)) == tuple(names)
    assert split_order("A ;B;  C c ;") == ("A", "B", "C c")


def test_days_are_read_in_both_languages():
    assert weekdays("mon thu") == weekdays("Lundi, jeudi") == weekdays("lun. et jeu.") == weekdays("Monday/Thursday")
    for text in ("lundi-jeudi", "L J", "lundredi"):
        with pytest.raises(ValueError, match=text.split()[0]):
            weekdays(text)
