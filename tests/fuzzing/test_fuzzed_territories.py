"""Territories mutated by seed end in a success or in a message: no other exception, no hang, no file left.

What `territory check` accepts, `check` accepts; what `check` accepts, runs; what it refuses, does not.
"""

import shutil
import warnings

import numpy as np
import pytest
from harness import REFUSED, command, files
from small_sources import SCENARIO, frames, territory_text, write_layer
from territory_mutators import mutate_sources, mutate_town

#: That one command may take [s], on a busy machine.
LIMIT = 120.0
FEW, MANY = 40, 300
#: Of all, those of the suite: every kind of mutation (bytes, texts, YAML, kinds of file, each change of a layer, the
#: database), with and without synthesis; every network checked, two of them run.
SUITE = (0, 1, 3, 4, 5, 6, 7, 11, 12, 14, 16, 17, 23, 28, 52)

NETWORKS = ("lighting", "waste", "water", "mobility")


def ended(words, folder, seconds):
    """Run a command that must succeed, or say what is wrong (on either channel: checks print) and leave nothing."""
    before = files(folder)
    verdict = command(words, seconds)
    said = f"status {verdict.status}: {verdict.err[:2000]}"
    assert verdict.status in (0, REFUSED), said
    assert "Traceback" not in verdict.err, said
    if verdict.refused:
        assert (verdict.err + verdict.out).strip(), "refused without a word"
        assert files(folder) == before, f"left behind: {sorted(files(folder) - before)}"
    return verdict


@pytest.fixture(scope="session")
def layers():
    return frames()


@pytest.fixture(scope="session")
def given(tmp_path_factory, layers):
    """A folder with the files that a territory file names, and the territory built from them."""
    folder = tmp_path_factory.mktemp("given")
    for name, frame in layers.items():
        write_layer(frame, folder, name)
    (folder / "t.yaml").write_text(territory_text(), encoding="utf-8")
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    verdict = ended(["territory", "build", folder / "t.yaml", "-o", folder / "town.gpkg"], folder, LIMIT)
    assert not verdict.refused, verdict.out + verdict.err
    return folder


def agree(folder, seed, lang):
    """Check a territory, and check and run a scenario on it: what one refuses, the next does not accept."""
    territory = ended(["territory", "check", folder / "town.gpkg", "--lang", lang], folder, LIMIT)
    ended(["territory", "info", folder / "town.gpkg", "--lang", lang], folder, LIMIT)
    network = NETWORKS[seed // 2 % len(NETWORKS)]
    scenario = folder / "s.yaml"
    scenario.write_text(f"{SCENARIO.split('variants')[0]}networks: [{network}]\nvariants: {{same: {{}}}}\n", "utf-8")
    checked = ended(["check", scenario, "--lang", lang], folder, LIMIT)
    if not territory.refused:
        assert not checked.refused, f"« territory check » accepts what « check » refuses: {checked.err}"
    if not (checked.refused or seed % 4 == 1 or seed >= FEW):
        return territory  # a run takes its time
    words = ["run", scenario, "-o", folder / "out", "--workers", 1, "--lang", lang]
    ran = ended(words, folder, 2 * LIMIT)
    assert ran.status == checked.status, f"check {checked.status}, run {ran.status}: {ran.err or checked.err}"
    return territory


def case(seed, given, layers, folder):
    """Even seeds change the sources and build, odd ones change what was built."""
    rng = np.random.default_rng(seed)
    for file in given.iterdir():
        shutil.copy(file, folder / file.name)
    lang = ("fr", "en")[seed // 2 % 2]
    if seed % 2:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of writing odd things
            mutate_town(rng, folder / "town.gpkg")
        return agree(folder, seed, lang)
    (folder / "town.gpkg").unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mutate_sources(rng, folder, layers)
    words = ["territory", "build", folder / "t.yaml", "-o", folder / "town.gpkg", "--lang", lang]
    built = ended([*words, *(["--no-synthesis"] if seed % 4 else [])], folder, LIMIT)
    if not built.refused:
        checked = ended(["territory", "check", folder / "town.gpkg", "--lang", lang], folder, LIMIT)
        assert not checked.refused, f"« build » writes what « territory check » refuses: {checked.out}"
    return built


@pytest.mark.parametrize("seed", SUITE)
def test_a_mutated_territory_ends_well(seed, given, layers, tmp_path):
    case(seed, given, layers, tmp_path)


@pytest.mark.reproduce
@pytest.mark.parametrize("seed", [seed for seed in range(MANY) if seed not in SUITE])
def test_many_mutated_territories_end_well(seed, given, layers, tmp_path):
    case(seed, given, layers, tmp_path)


def test_what_is_given_is_good(given, tmp_path):
    """A fuzzer that starts from something refused tries nothing."""
    for file in given.iterdir():
        shutil.copy(file, tmp_path / file.name)
    assert not agree(tmp_path, 1, "en").refused
    assert "out" in files(tmp_path)
