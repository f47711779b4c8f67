"""Scenarios mutated by seed end in a success or in a message: no other exception, no hang, no file left."""

import pytest
from harness import ends_well, files
from scenario_mutators import gentle, mutated

#: That one case may take [s], on a busy machine.
LIMIT = 60.0
FEW, MANY = 60, 500
#: Of the few, those of the suite.
SUITE = range(0, FEW, 3)


pytestmark = pytest.mark.usefixtures("town_once")


def case(seed, folder, content=None, *, run_too=False):
    """Check a scenario; run it too where it is refused, or where asked: the two must agree."""
    file = folder / "fuzzed.yaml"
    file.write_bytes(mutated(seed) if content is None else content)
    lang = ("fr", "en")[seed % 2]
    checked = ends_well(["check", file, "--lang", lang], folder, LIMIT)
    if checked.refused or run_too:
        words = ["run", file, "-o", folder / "out", "--workers", 1, "--lang", lang]
        ran = ends_well(words, folder, LIMIT if checked.refused else 5 * LIMIT)
        assert ran.status == checked.status, ran.err
        assert not checked.refused or ran.err == checked.err
    return checked


@pytest.mark.parametrize("seed", SUITE)
def test_a_mutated_scenario_ends_well(seed, tmp_path):
    case(seed, tmp_path)


@pytest.mark.reproduce
@pytest.mark.parametrize("seed", [seed for seed in range(MANY) if seed not in SUITE])
def test_many_mutated_scenarios_end_well(seed, tmp_path):
    case(seed, tmp_path)


def test_mutations_are_of_both_kinds(tmp_path):
    """A fuzzer whose cases are all refused at the first line, or all accepted, tries nothing."""
    refused = [case(seed, tmp_path).refused for seed in range(8)]
    assert any(refused)
    assert not all(refused)


@pytest.mark.parametrize("seed", range(1))
def test_a_valid_scenario_of_odd_texts_runs_to_its_report(seed, tmp_path):
    assert not case(seed, tmp_path, gentle(seed), run_too=True).refused
    assert {"out/summary.json", "out/report.html"} <= files(tmp_path)


@pytest.mark.reproduce
@pytest.mark.parametrize("seed", range(1, 20))
def test_many_valid_scenarios_of_odd_texts_run_to_their_report(seed, tmp_path):
    assert not case(seed, tmp_path, gentle(seed), run_too=True).refused
    assert {"out/summary.json", "out/report.html"} <= files(tmp_path)
