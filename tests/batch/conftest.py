"""The little towns, and what one batch of them left."""

from types import SimpleNamespace

import pytest
from batch_kit import LIST, TEMPLATE, TOWNS, run_batch, write_town

from jumeau.batches import api
from jumeau.batches.rows import Rows


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A folder with the towns, the list and the template."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "towns").mkdir()
    for seed in TOWNS:
        write_town(seed, folder / "towns")
    (folder / "list.csv").write_text(LIST, encoding="utf-8")
    (folder / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def made(home):
    """What the batch of the list left, in French."""
    ran = run_batch(home, home / "out")
    return SimpleNamespace(home=home, folder=home / "out", **vars(ran))


@pytest.fixture
def here(monkeypatch):
    """Rows are worked on in this process, for what does not concern processes: these take seconds to start."""
    stop = SimpleNamespace(stop=None)

    class Here:
        def __init__(self, _workers, setting, _say):
            self.setting, self.rows = setting, Rows(setting)

        def do(self, tasks):
            running = [task for task in tasks if task.checked is not None]
            for number, task in enumerate(tasks):
                if running and number == stop.stop:
                    raise KeyboardInterrupt
                yield task, self.rows.check(task.row) if task.checked is None else self.rows.run(task.row, task.checked)

        def close(self):
            pass

    monkeypatch.setattr(api, "Pool", Here)
    return stop
