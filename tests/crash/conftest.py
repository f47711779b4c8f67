import os
import sys

import pytest
from campaign_kit import DEADLY, SCENARIO, figures

from jumeau.engine import campaign
from jumeau.engine.scenario import read_scenario

if sys.platform != "linux":
    collect_ignore = ["test_kills.py"]  # processes are found in /proc


@pytest.fixture(scope="session")
def scenario(tmp_path_factory):
    path = tmp_path_factory.mktemp("scenario") / "tiny.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def undisturbed(scenario, town, tmp_path_factory):
    """What the campaign finds in one process that nobody kills."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    campaign.run(read_scenario(scenario), town, folder)
    return figures(folder)


@pytest.fixture
def deadly(tmp_path, monkeypatch):
    """A function that makes what is shared by a campaign whose runs kill who executes them."""
    (tmp_path / "deadly_runs.py").write_text(DEADLY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    import deadly_runs

    folder = tmp_path / "parts"
    folder.mkdir()
    yield lambda **options: deadly_runs.Shared(folder, tmp_path, parent=os.getpid(), **options)
    sys.modules.pop("deadly_runs", None)
