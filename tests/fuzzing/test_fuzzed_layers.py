"""Layers broken by seed, in five formats, are read or refused with their file: no exception, no hang, no file left."""

import pytest
from harness import files
from layer_mutators import FORMATS, broken_layer
from test_fuzzed_territories import ended

#: That one build may take [s], on a busy machine.
LIMIT = 60.0
FEW, MANY = 300, 1500


def case(seed, folder):
    file = broken_layer(seed, folder)
    before = files(folder)
    words = ["territory", "build", file, "-o", folder / "town.gpkg", "--no-synthesis", "--lang", ("fr", "en")[seed % 2]]
    verdict = ended(words, folder, LIMIT)
    if verdict.refused:
        # What is wrong is said of the file, of its layer or of the file that describes it.
        said = verdict.err + verdict.out
        assert any(word in said for word in ("layer.", "t.yaml", "couche", "layer ")), said
    else:
        assert files(folder) == {*before, "town.gpkg"}
    return verdict


@pytest.mark.parametrize("seed", range(FEW))
def test_a_broken_layer_is_read_or_refused(seed, tmp_path):
    case(seed, tmp_path)


@pytest.mark.reproduce
@pytest.mark.parametrize("seed", range(FEW, MANY))
def test_many_broken_layers_are_read_or_refused(seed, tmp_path):
    case(seed, tmp_path)


@pytest.mark.parametrize("ending", range(len(FORMATS)))
def test_the_mutations_break_some_and_spare_some(ending, tmp_path):
    """A fuzzer whose files are all refused, or all read, tries little."""
    found = set()
    for seed in range(ending, 12 * len(FORMATS), len(FORMATS)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        found.add(case(seed, folder).refused)
        if len(found) == 2:
            return
    pytest.fail(f"all of them: refused {found}")
