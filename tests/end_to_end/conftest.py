"""A short scenario on the bundled town, as a user would write it."""

import pickle
import time
from pathlib import Path

import pytest
from short_scenario import SHORT

from jumeau.engine.scenario import read_scenario


@pytest.fixture
def write_scenario(tmp_path: Path):
    """A function that writes a scenario file, `SHORT` by default, and returns its path."""

    def write(text: str = SHORT, name: str = "short.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def short(write_scenario):
    """The short scenario."""
    return read_scenario(write_scenario())


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """A function that computes something long once for all the processes of a test run."""
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent

    def get(name, compute):
        path, busy = shared / f"{name}.pickle", shared / f"{name}.busy"
        try:
            busy.mkdir()
        except FileExistsError:
            for _second in range(550):
                if path.exists():
                    return pickle.loads(path.read_bytes())  # noqa: S301 - our own bytes
                time.sleep(1.0)
            return compute()
        found = compute()
        part = path.with_suffix(".part")
        part.write_bytes(pickle.dumps(found))
        part.rename(path)
        return found

    return get
