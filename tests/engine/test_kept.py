"""What an earlier run computed is taken from the disk: the same figures, and never what something else decides."""

import os
import pickle
import sys

import pytest

from jumeau.engine.preparation import alike, prepare_all
from jumeau.engine.ready import make_ready
from jumeau.engine.scenario import read_scenario
from jumeau.networks.mobility import preparation as mobility
from jumeau.networks.water import preparation as water
from jumeau.simulation import memo, shelf
from jumeau.simulation.memo import Memo
from jumeau.simulation.shelf import VARIABLE, Shelf, kept_in

SCENARIO = """
name: kept
territory: bourg_exemple
networks: [mobility, water]
period: {{start: {start}, end: 2025-01-12}}
seed: 1
replications: 1
assumptions: {{mobility: {{parking_days: 1, gap: {gap}}}}}
variants:
  slow:
    measures: [{{measure: mobility.speed_limit, limit: {limit} km/h}}]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "kept"))
    monkeypatch.setattr(memo, "LONG", 0.0)
    return tmp_path / "kept"


@pytest.fixture
def computed(monkeypatch):
    """What was computed, by name."""
    found = []

    def count(module, name):
        original = getattr(module, name)

        def counted(*values, **options):
            found.append(name)
            return original(*values, **options)

        monkeypatch.setattr(module, name, counted)

    count(mobility, "reference_of")
    count(mobility, "changed_day")
    count(water, "solve")
    return found


def prepared(tmp_path, town, *, start="2025-01-06", limit=30, gap=1e-4):
    """Return what networks prepared, in full digits."""
    path = tmp_path / "kept.yaml"
    path.write_text(SCENARIO.format(start=start, limit=limit, gap=gap), encoding="utf-8")
    ready = make_ready(read_scenario(path), town)
    found = prepare_all(ready.situations, alike(ready.situations, ready.stage.place.digests), ready.stage)
    return [
        (
            repr(made["mobility"].state.fixed),
            made["mobility"].state.day.flow.tobytes(),
            made["water"].state.hydraulics.model,
        )
        for made in found
    ]


def test_a_second_run_computes_nothing_long_again_and_finds_the_same(tmp_path, town, folder, computed):
    first = prepared(tmp_path, town)
    assert sorted(computed) == ["changed_day", "reference_of", "solve"]
    computed.clear()
    assert repr(prepared(tmp_path, town)) == repr(first)
    assert computed == []
    # One number that a variant changes: the town as it is stands.
    prepared(tmp_path, town, limit=40)
    assert computed == ["changed_day"]
    computed.clear()
    # What decides a computation is part of its name.
    prepared(tmp_path, town, gap=1e-3)
    assert sorted(computed) == ["changed_day", "reference_of"]
    computed.clear()
    prepared(tmp_path, town, start="2025-01-07")
    assert sorted(computed) == ["changed_day", "reference_of", "solve"]
    computed.clear()
    # What is damaged is computed again.
    for path in folder.glob("*.pickle"):
        path.write_bytes(path.read_bytes()[:-20])
    assert repr(prepared(tmp_path, town)) == repr(first)
    assert sorted(computed) == ["changed_day", "reference_of", "solve"]


def test_nothing_is_kept_where_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "off")
    assert kept_in() is None
    Shelf("town").write("key", 1)
    assert Shelf("town").read("key") is None


@pytest.mark.skipif(sys.platform == "win32", reason="rights are told otherwise there")
def test_a_folder_that_others_may_write_to_is_not_read(folder):
    Shelf("town").write("key", 1)
    assert Shelf("town").read("key") == (1,)
    folder.chmod(0o777)
    assert Shelf("town").read("key") is None


def test_what_was_not_asked_for_longest_makes_room(folder, monkeypatch):
    monkeypatch.setattr(shelf, "ROOM", 2.5 * len(pickle.dumps(b"x" * 1000, protocol=5)))
    kept = Shelf("town")
    for key in "abc":
        kept.write(key, b"x" * 1000)
        for path in folder.glob("*.pickle"):
            info = path.stat()
            os.utime(path, (info.st_atime, info.st_mtime - 10.0))
        if key == "b":
            assert kept.read("a") is not None  # asked for again
    assert kept.read("b") is None
    assert kept.read("a") is not None
    assert kept.read("c") is not None


def test_short_computations_are_not_kept(folder, monkeypatch):
    monkeypatch.setattr(memo, "LONG", 60.0)
    found = Memo()
    found.shelf = Shelf("town")
    assert found.kept("key", lambda: 2) == 2
    assert Shelf("town").read("key") is None
