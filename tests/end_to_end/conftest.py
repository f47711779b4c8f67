"""A short scenario on the bundled town, as a user would write it."""

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
