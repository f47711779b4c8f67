"""Processes that die: their row is tried once more, then set aside; the others go on."""

import sys
from types import SimpleNamespace

import pytest

from jumeau.batches import pool
from jumeau.batches.listing import Row
from jumeau.batches.model import Setting
from jumeau.batches.pool import Pool, Task
from jumeau.errors import JumeauError

WORKER = """
import json, os, sys
from pathlib import Path
sys.stdin.readline()
folder = Path(json.loads(sys.stdin.readline())["folder"])
if (folder / "stillborn").exists():
    os._exit(3)
print(json.dumps("ready"), flush=True)
for line in sys.stdin:
    name = json.loads(line)["row"]["name"]
    tries = len(list(folder.glob(f"{name}.*")))
    (folder / f"{name}.{tries}").touch()
    if name == "dies" or (name == "stumbles" and not tries):
        os._exit(9)
    print(json.dumps({"name": name, "process": os.getpid()}), flush=True)
"""


@pytest.fixture
def workers(tmp_path, monkeypatch):
    file = tmp_path / "worker.py"
    file.write_text(WORKER, encoding="utf-8")
    monkeypatch.setattr(pool, "worker", SimpleNamespace(__file__=str(file)))
    said = []
    made = Pool(2, Setting("l", (), "", "t", str(tmp_path), "fr"), said.append)
    yield made, said, tmp_path
    made.close()


def test_a_row_whose_process_dies_is_tried_again_once(workers):
    made, said, folder = workers
    rows = [Row(line, name, "t") for line, name in enumerate(["a", "stumbles", "dies", "b", "c"], start=2)]
    found = {task.row.name: answer for task, answer in made.do([Task(row) for row in rows])}
    assert set(found) == {row.name for row in rows}
    assert [name for name, answer in found.items() if "reason" in answer] == ["dies"]
    assert "deux fois" in found["dies"]["reason"]
    assert len(list(folder.glob("dies.*"))) == 2
    assert len(list(folder.glob("stumbles.*"))) == 2
    assert len(said) == 2


def test_processes_are_replaced_and_leave(workers, monkeypatch):
    made, _said, _folder = workers
    monkeypatch.setattr(pool, "RUNS_OF_A_PROCESS", 2)
    from jumeau.batches.model import Checked

    checked = Checked(
        "", finished=False, reported=False, title="", synthetic=True, residents=None, outline="", place=""
    )
    rows = [Row(line, f"r{line}", "t") for line in range(8)]
    found = [answer["process"] for _task, answer in made.do([Task(row, checked) for row in rows])]
    assert len(set(found)) >= 4
    left = list(made._processes)
    made.close()
    assert all(process.process.poll() is not None for process in left)


def test_processes_that_cannot_start_are_told_of(workers):
    made, _said, folder = workers
    (folder / "stillborn").touch()
    with pytest.raises(JumeauError, match="3"):
        list(made.do([Task(Row(2, "a", "t"))]))
    assert sys.executable
