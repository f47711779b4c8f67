"""Effort: what it changes, what it leaves alone, and that the report says so in both languages."""

from dataclasses import replace
from pathlib import Path

import pytest

from jumeau.effort import EFFORTS, ByEffort, by_effort, traded
from jumeau.engine import campaign
from jumeau.engine.assumptions import baseline_assumptions
from jumeau.engine.scenario import read_scenario_text
from jumeau.errors import InputError
from jumeau.network import discover, ordered

TEXT = """
name: work
territory: bourg_exemple
period: {start: 2025-03-03, end: 2025-03-16}
networks: [lighting, mobility, waste]
"""


def read(text):
    return read_scenario_text(text, Path("work.yaml"))


def assumed(text):
    scenario = read(text)
    return {network.name: baseline_assumptions(scenario, network)[1] for network in ordered(scenario.networks())}


def notes(text):
    """What a report says of the baseline."""
    effort, networks = read(text).data.effort, discover()
    return [note for name, made in assumed(text).items() for note in traded(made, networks[name].label, effort)]


def test_normal_effort_changes_nothing():
    assert assumed(TEXT) == assumed(TEXT + "effort: normal\n")
    assert not notes(TEXT)


@pytest.mark.parametrize("effort", [item for item in EFFORTS if item != "normal"])
def test_an_effort_gives_what_networks_declare(effort):
    found = assumed(TEXT + f"effort: {effort}\n")
    for name, network in discover().items():
        for field, value in by_effort(network.assumptions, effort).items() if name in found else ():
            assert getattr(found[name], field) == value != network.assumptions.model_fields[field].default
    assert found["mobility"].gap == (1e-4 if effort == "quick" else 1e-6)


def test_values_by_effort_are_valid_assumptions():
    for network in discover().values():
        for effort in EFFORTS:
            wanted = dict(by_effort(network.assumptions, effort))
            assert network.assumptions.model_validate(wanted).model_dump(include=set(wanted)) == wanted


def test_what_the_scenario_states_stays_and_is_not_told():
    text = TEXT + "effort: quick\nassumptions:\n  mobility: {gap: 0.000001}\n"
    found = assumed(text)["mobility"]
    assert found.gap == 1e-6
    assert found.parking_days == 1
    told = notes(text)
    assert len(told) == 2
    assert not any("gap" in note["en"] for note in told)


def test_what_is_traded_is_told_in_both_languages():
    told = notes(TEXT + "effort: quick\n")
    assert "effort « quick », mobility: 0.0001 instead of 0.00001. Relative gap of the traffic equilibria." in [
        note["en"] for note in told
    ]
    assert all("au lieu de" in note["fr"] and not {"the", "of"} & set(note["fr"].split()) for note in told)
    assert "0,0001 au lieu de 0,00001" in told[0]["fr"]


def test_another_word_is_refused():
    with pytest.raises(InputError, match="quick"):
        read(TEXT + "effort: fast\n")


def test_marks_do_not_touch_normal():
    assert replace(ByEffort(1, 3), quick=2).at("normal", 7) == 7


def test_a_run_notes_it_of_the_situations_that_it_holds_for(town):
    text = (
        TEXT.replace("[lighting, mobility, waste]", "[waste]").replace("03-16", "03-09")
        + """effort: quick
warmup: 7 days
replications: 1
assumptions: {waste: {streams: [glass]}}
variants:
  careful:
    assumptions: {waste: {iterations_per_site: 2}}
    measures: [{measure: waste.threshold_rounds}]
"""
    )
    told = [note["en"] for note in campaign.run(read(text), town).provenance["notes"] if "effort" in note["en"]]
    assert len(told) == 1
    assert told[0].startswith("baseline: effort « quick », waste collection: 0.25 instead of 1.")
