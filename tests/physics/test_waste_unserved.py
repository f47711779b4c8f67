"""A round that cannot be carried out is not driven: what is left out is named beforehand and counted."""

from datetime import date

import numpy as np
import pytest
import waste_kit as kit

from jumeau.engine.checks import own_checks
from jumeau.i18n import local
from jumeau.networks.waste import NETWORK
from jumeau.territory.check import check_data

FLAT = {"weekend_ratio": 1.0, "holiday_ratio": 1.0, "summer_ratio": 1.0, "peak_delay": 1.0, "breakdown_rate": 0.0}
MARCH = (date(2025, 3, 3), date(2025, 3, 30))  # four Mondays

#: One site near, one 15 km away, in town traffic: two hours there and back.
NEAR_AND_FAR = np.array([[1000.0, 0.0], [15_000.0, 0.0]])
FAR = NEAR_AND_FAR[1:]


def warned(layers, **assumptions):
    def check(territory):
        return NETWORK.behaviour.check(territory, NETWORK.factors, NETWORK.assumptions(**assumptions))

    found = check_data(kit.territory(layers), [NETWORK.attributes], [check] if assumptions else own_checks([NETWORK]))
    assert not [problem for problem in found if not problem.warning]
    return [problem for problem in found if problem.layer == "waste_sites" and problem.features]


def figures(layers):
    return kit.figures(layers, *MARCH, factors=FLAT)


def one_hour(**more):
    return {"trucks": {"shift_from": [5.0], "shift_to": [6.5]}, **more}


@pytest.mark.parametrize("policy", ["calendar", "fullest", "threshold", "dynamic"])
def test_nobody_drives_to_sites_that_no_shift_reaches(policy):
    layers = kit.collection(FAR, mass_rate=200.0, **one_hour(services={"policy": [policy], "threshold": [0.5]}))
    found = figures(layers)
    assert found["distance"] == 0.0
    assert found["fuel"] == 0.0
    assert found["visits"] == 0.0
    assert found["missed_sites"] >= 4.0  # each Monday, or each day on which the policy looks
    assert found["tonnes"] == 0.0


def test_what_can_be_served_is_served_and_the_rest_is_counted_once_a_pass():
    found = figures(kit.collection(NEAR_AND_FAR, mass_rate=20.0, **one_hour()))
    assert found["visits"] == 4.0
    assert found["missed_sites"] == 4.0
    assert found["distance"] == pytest.approx(4 * 2 * 1.0 * 1.3, rel=0.25)  # there and back, by the detour


def test_the_check_names_the_sites_and_says_why(english):
    assert warned(kit.collection(NEAR_AND_FAR)) == []
    (far,) = warned(kit.collection(NEAR_AND_FAR, **one_hour()))
    assert far.features == ("S0001",)
    assert "no shift is long enough for 1 site(s)" in far.message
    assert "the shift lasts 1.5 h" in far.message
    assert far.hint
    # Nothing is told of streams that the scenario does not simulate.
    assert warned(kit.collection(NEAR_AND_FAR, **one_hour()), streams=("paper",)) == []


def test_a_run_tells_it_in_both_languages():
    notes = kit.bench(kit.collection(NEAR_AND_FAR, **one_hour())).prepare().notes
    told = [local(note) for note in notes if "S0001" in local(note)]
    assert len(told) == 1
    note = next(note for note in notes if "S0001" in local(note))
    assert "no shift is long enough" in note["en"]
    assert "poste" in note["fr"]


def test_disposal_that_is_closed_during_the_shift(english):
    layers = kit.collection(NEAR_AND_FAR[:1], disposal={"opens": [14.0], "closes": [18.0]})
    found = figures(layers)
    assert found["distance"] == found["visits"] == 0.0
    assert found["missed_sites"] == 4.0
    (closed,) = warned(layers)
    assert closed.features == ("S0000",)
    assert "disposal is closed" in closed.message


def test_a_gate_that_opens_late_in_the_shift_is_waited_for():
    layers = kit.collection(NEAR_AND_FAR[:1], disposal={"opens": [9.0], "closes": [18.0]})
    unloaded = kit.events(layers, *MARCH, factors=FLAT)["unload"]
    assert len(unloaded)
    hour = unloaded["time"] / 3600.0 % 24.0
    assert (hour >= 9.0).all()
    assert (hour <= 12.5).all()


def test_a_night_shift_collects_past_midnight():
    night = {"shift_from": [22.0], "shift_to": [30.0]}
    layers = kit.collection(NEAR_AND_FAR[:1], trucks=night, disposal={"opens": [0.0], "closes": [24.0]})
    assert warned(layers) == []
    found = kit.events(layers, *MARCH, factors=FLAT)
    assert len(found["unload"]) == len(found["departure"])
    # The hours of a site are those of the morning after: 5 to 6 h.
    layers = kit.collection(
        NEAR_AND_FAR[:1],
        trucks=night,
        sites={"earliest": [5.0], "latest": [6.0]},
        disposal={"opens": [0.0], "closes": [24.0]},
    )
    stops = kit.events(layers, *MARCH, factors=FLAT)["stop"]
    assert len(stops)
    began = (stops["time"] / 3600.0 - stops["hours"]) % 24.0
    assert ((began > 4.9) & (began < 6.1)).all()


def test_a_night_shift_empties_when_the_gate_opens_in_the_morning():
    layers = kit.collection(
        NEAR_AND_FAR[:1],
        trucks={"shift_from": [22.0], "shift_to": [30.0]},
        disposal={"opens": [5.0], "closes": [20.0]},
    )
    assert warned(layers) == []
    found = kit.events(layers, *MARCH, factors=FLAT)
    assert len(found["unload"]) == len(found["departure"]) > 0
    assert ((found["unload"]["time"] / 3600.0 % 24.0) >= 5.0).all()
    # By four in the morning they have to be home: nothing opens for them.
    closed = kit.collection(
        NEAR_AND_FAR[:1],
        trucks={"shift_from": [22.0], "shift_to": [28.0]},
        disposal={"opens": [5.0], "closes": [20.0]},
    )
    assert [problem.features for problem in warned(closed)] == [("S0000",)]
    assert figures(closed)["distance"] == 0.0


def test_what_is_more_than_a_truck_plans_to_carry_is_a_trip_of_its_own():
    # The planner keeps a margin of the body free for error; a single column may hold more than what is left.
    layers = kit.collection(
        NEAR_AND_FAR[:1],
        mass_rate=400.0,
        trucks={"body": [4.0]},
        services={"policy": ["threshold"], "threshold": [0.5], "weekdays": [kit.EVERY_DAY]},
    )
    assert figures(layers)["visits"] > 10.0
