import sys

import pytest
from campaign_kit import SCENARIO, figures

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
