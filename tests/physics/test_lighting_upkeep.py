"""Upkeep beside lamps, supports by their age, connected clocks, and lighting one lamp in two."""

from dataclasses import replace

import numpy as np
import pytest
from lighting_kit import Lit, small_town
from pydantic import ValidationError

from jumeau.networks.lighting import NETWORK
from jumeau.networks.lighting.parameters import LedRetrofit, PartialLighting
from jumeau.networks.lighting.partial import rank_along
from jumeau.networks.lighting.physics.works import ACTS, CHOICES, LINES, Stock, acts

# Round numbers, so that acts can be counted by hand.
ROUND = {
    "lit_density": 40.0,
    "cable_fault_rate": 0.5,
    "stolen_cable_rate": 2.0,
    "cabinet_service_rate": 3.0,
    "connected_service_share": 0.25,
    "inspection_interval": 4.0,
    "location_request_rate": 5.0,
    "survey_interval": 10.0,
    "accident_rate": 0.01,
    "accident_own_share": 0.5,
    "vandalism_rate": 0.02,
    "cleaning_interval": 2.0,
}


def factors(**values):
    return Lit(small_town()).having(**{**ROUND, **values}).bench.own


def test_acts_by_hand():
    # 80 lamps on 2 km, 60 masts, 4 cabinets of which 2 connected; 30 LED, 50 lamps changed every fourth year.
    visited = np.array([np.inf] * 30 + [0.25] * 50)
    stock = Stock(60.0, np.array([True, False, True, False]), visited)
    found = acts(stock, 2.0, factors())
    assert found == pytest.approx(
        {
            "cable_faults": 2 * 2 * 0.5,
            "stolen_cable": 2 * 2 * 2.0,
            "cabinet_services": 2 * 3.0 * (2 + 2 * 0.25),
            "electrical_inspections": 2 * 4 / 4,
            "location_requests": 2 * 2 * 5,
            "surveyed_network": 2 * 2 / 10,
            "mast_accidents": 2 * 60 * 0.01 * 0.5,
            "vandalism_repairs": 2 * 80 * 0.02,
            "lantern_cleanings": 2 * 50 * (0.5 - 0.25),
        }
    )
    assert set(found) == set(ACTS) <= set(NETWORK.quantities)


def test_lamps_changed_more_often_than_lanterns_are_cleaned_ask_for_no_round():
    stock = Stock(1.0, np.zeros(1, dtype=bool), np.full(10, 0.75))
    assert acts(stock, 1.0, factors())["lantern_cleanings"] == 0.0


@pytest.mark.parametrize("line", LINES)
def test_a_line_that_is_left_out_costs_nothing_and_moves_no_other(line):
    stock = Stock(60.0, np.zeros(4, dtype=bool), np.full(80, 0.25))
    whole, less = acts(stock, 1.0, factors()), acts(stock, 1.0, factors(), frozenset([line]))
    for name in ACTS:
        assert less[name] == (0.0 if name in LINES[line] else whole[name])
    assert all(whole[name] > 0 for name in LINES[line])


def without(*lines):
    bench = Lit(small_town(lamps=60)).having(patrol_interval=7.0)
    bench.bench = replace(bench.bench, assumptions={"upkeep": {"without": list(lines)}})
    return bench


def test_night_patrols_left_out_go_on_finding_faults():
    counted, silent = without(), without("patrols")
    with_cost, no_cost = counted.said(counted.run().outcome), silent.said(silent.run().outcome)
    for name in ("failures", "repairs", "dark_lamp_nights", "detection_days"):
        assert with_cost[name] == no_cost[name] > 0
    assert no_cost["crew_distance"] < with_cost["crew_distance"]
    assert no_cost["staff_cost"] < with_cost["staff_cost"]


def test_lines_add_up_to_the_parts_and_works_of_the_account():
    every, none = without().still(), without(*CHOICES).still()
    own = Lit(small_town()).bench.own
    prices = {
        "cable_faults": "cable_fault_price",
        "stolen_cable": "stolen_cable_price",
        "cabinet_services": "cabinet_service_price",
        "electrical_inspections": "inspection_price",
        "location_requests": "location_request_price",
        "surveyed_network": "survey_price",
        "mast_accidents": "accident_price",
        "vandalism_repairs": "vandalism_price",
        "lantern_cleanings": "cleaning_price",
    }
    expected = sum(every[name] * own.value(price) for name, price in prices.items())
    assert every["materials_cost"] - none["materials_cost"] == pytest.approx(expected)
    assert every["cost"] - none["cost"] == pytest.approx(expected)
    assert none["materials_cost"] == pytest.approx(none["materials"])


def test_connected_clocks_cost_by_cabinet_and_spare_visits():
    bench = Lit(small_town()).having(connected_service_share=0.4)
    before = bench.still()
    after = bench.apply("connected_clock").still()
    assert after["cabinet_services"] == pytest.approx(0.4 * before["cabinet_services"])
    (item,) = bench.bill
    assert (item.kind, item.count, item.unit_cost) == ("connected_clock", 2.0, 800.0)
    assert list(bench.layers["cabinets"]["control"]) == ["astronomical", "astronomical"]
    # Offsets of a clock that is already there stay; who has one needs no other.
    bench.apply("connected_clock", evening_offset="10 min")
    assert len(bench.bill) == 1
    assert bench.notes == ("2 armoire(s) ont déjà une horloge connectée",)


def test_masts_older_than_their_life_go_with_their_lanterns():
    years = [1960] * 10 + [2010] * 20 + [None] * 10
    town = small_town(mast_year=years, bracket_year=[1960] * 5 + [2020] * 35)
    bench = Lit(town).having(mast_replacement_age=40.0, bracket_replacement_age=40.0)
    bench.apply("led_retrofit", masts="older_than_life", brackets="older_than_life", installed_year=2025)
    count = {item.kind: item.count for item in bench.bill}
    assert count == {"led_luminaire": 40.0, "mast": 10.0, "bracket": 5.0}
    assert bench.notes == ("10 mât(s) ou crosse(s) d’âge inconnu restent",)
    lamps = bench.layers["lamps"]
    assert list(lamps["mast_year"][:11]) == [2025.0] * 10 + [2010.0]
    # Lanterns only, by default.
    assert [item.kind for item in Lit(town).apply("led_retrofit").bill] == ["led_luminaire"]


def test_a_mast_of_two_lanterns_is_replaced_once_and_a_facade_has_none():
    support = ["mast"] * 30 + ["facade"] * 10
    masts = [f"M{i // 2}" for i in range(20)] + [None] * 20
    town = small_town(mast_id=masts, support=support, mast_year=1960)
    bench = Lit(town)
    bench.apply("led_retrofit", np.arange(40) == 4, masts="all", installed_year=2025)
    assert {item.kind: item.count for item in bench.bill} == {"led_luminaire": 1.0, "mast": 1.0}
    assert list(np.flatnonzero(bench.layers["lamps"]["mast_year"] == 2025)) == [4, 5]
    every = Lit(town).apply("led_retrofit", masts="all", installed_year=2025)
    assert {item.kind: item.count for item in every.bill} == {"led_luminaire": 40.0, "mast": 20.0}
    own = Lit(town).having(accident_rate=0.1, accident_own_share=1.0).still()
    assert own["mast_accidents"] == pytest.approx(2.0)


def test_ages_need_a_year():
    with pytest.raises(ValidationError, match="installed_year"):
        LedRetrofit.model_validate({"masts": "older_than_life"})


def test_places_along_a_street_are_those_of_a_walk():
    town = small_town(lamps=60)
    lamps = NETWORK.layers(town)["lamps"]
    generator = np.random.default_rng(3)
    shuffled = lamps.iloc[generator.permutation(60)].reset_index(drop=True)
    rank = rank_along(shuffled)
    x = shuffled.geometry.x.to_numpy()
    for street in set(shuffled["street_id"]):
        members = np.flatnonzero(shuffled["street_id"] == street)
        walk = members[np.argsort(x[members])]
        assert list(rank[walk]) in (list(range(len(walk))), list(range(len(walk)))[::-1])


def test_one_lamp_in_two_draws_half():
    # Four lamps a street: places 0 to 3, of which 1 and 3 go dark.
    whole = Lit(small_town()).still()
    bench = Lit(small_town()).apply("partial_lighting")
    assert bench.still()["electricity"] == pytest.approx(whole["electricity"] / 2)
    (item,) = bench.bill
    assert (item.kind, item.count) == ("pulled_fuse", 20.0)
    third = Lit(small_town(lamps=60)).apply("partial_lighting", one_in=3)
    assert third.still()["electricity"] == pytest.approx(1.5 * whole["electricity"] * 2 / 3)


def test_a_feeder_goes_dark_in_its_hours_only():
    feeders = ["1", "2", "2", None] * 10
    town = small_town(feeder=feeders)
    bench = Lit(town).apply("partial_lighting", feeder="2", **{"from": "23:00", "to": "05:00"})
    by_hand = Lit(town).apply(
        "switch_off", np.array([item == "2" for item in feeders]), **{"from": "23:00", "to": "05:00"}
    )
    assert bench.still()["electricity"] == pytest.approx(by_hand.still()["electricity"])
    (item,) = bench.bill
    assert (item.kind, item.count) == ("feeder_switch", 2.0)
    assert bench.notes == ("10 lampe(s) dont le départ n’est pas connu restent allumées",)


def test_fuses_know_no_hours():
    with pytest.raises(ValidationError, match="feeder"):
        PartialLighting.model_validate({"from": "23:00", "to": "05:00"})


def test_a_lamp_has_an_age_of_its_own():
    town = small_town(installed_year=2000, lamp_year=[2024] * 20 + [None] * 20)
    years = Lit(town).prepare().state.upkeep.years
    assert years[0] == pytest.approx(0.5)
    assert years[39] == pytest.approx(24.5)
    # Fresh lamps fail less than those that are anywhere in their cycle; they all go with their luminaires.
    counts = np.array([Lit(town).run(replication=number).outcome.assets["lamps"]["failures"] for number in range(8)])
    assert counts[:, :20].sum() < counts[:, 20:].sum()
    renewed = Lit(town).apply("led_retrofit", installed_year=2025).layers["lamps"]
    assert set(renewed["lamp_year"]) == {2025.0}
