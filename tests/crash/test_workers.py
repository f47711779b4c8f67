"""What becomes of a run whose worker dies, of workers that cannot start, of a script without the usual guard."""

import subprocess
import sys
import textwrap
import time

import pytest
from campaign_kit import figures

from jumeau.engine import processes
from jumeau.engine.executors import Task
from jumeau.engine.plan import CENTRAL, Run
from jumeau.engine.processes import DEATHS_OF_A_RUN, STILLBORN, ProcessExecutor
from jumeau.errors import JumeauError


def outcomes(shared, count=6):
    executor = ProcessExecutor(2)
    try:
        tasks = [Task(Run(0, CENTRAL, number), (0,)) for number in range(count)]
        return {done.task.run.replication: done for done in executor.execute(shared, tasks)}
    finally:
        executor.close()


def test_a_run_whose_worker_died_is_done_again(deadly):
    found = outcomes(deadly(deadly=(1, 4), deaths=1))
    assert sorted(found) == list(range(6))
    assert not any(done.error for done in found.values())


def test_a_run_that_kills_its_workers_is_set_aside_and_the_others_go_on(deadly):
    shared = deadly(deadly=(2,))
    found = outcomes(shared)
    assert sorted(found) == list(range(6))
    assert [number for number, done in found.items() if done.error] == [2]
    assert "replication 2, seed 42" in found[2].error
    assert (shared.folder / "key2.failed").is_file()
    assert len(list(shared.marks.glob("death-2-*"))) == DEATHS_OF_A_RUN
    assert not list(shared.folder.glob(".*"))  # what workers read is gone


def test_workers_that_die_as_they_start_are_told_of_and_nobody_waits(deadly, english, monkeypatch):
    assert STILLBORN > 1
    monkeypatch.setattr(processes, "STILLBORN", 2)  # each birth takes seconds
    with pytest.raises(JumeauError, match="stop as they start"):
        outcomes(deadly(born=False))


def test_what_a_worker_cannot_read_is_told_once(deadly, english, tmp_path):
    shared = deadly()
    (tmp_path / "deadly_runs.py").write_text("raise MemoryError('none left')", encoding="utf-8")
    with pytest.raises(JumeauError, match=r"(cannot start|ne peut pas démarrer) ?: MemoryError: none left"):
        outcomes(shared)


@pytest.mark.reproduce
def test_a_death_is_noticed_at_once(deadly):
    """The seconds that a death costs are those of starting another worker."""
    began = time.monotonic()
    outcomes(deadly(), count=1)
    plain = time.monotonic() - began
    began = time.monotonic()
    outcomes(deadly(deadly=(0,), deaths=1), count=1)
    assert time.monotonic() - began < 4 * plain + 10.0


def test_a_script_without_the_usual_guard_runs(scenario, undisturbed, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import jumeau
        from pathlib import Path
        with open({str(tmp_path / "starts")!r}, "a") as file:
            file.write("started ")
        jumeau.run(jumeau.read_scenario({str(scenario)!r}), folder={str(tmp_path / "run")!r}, workers=2)
        """),
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert figures(tmp_path / "run") == undisturbed
    assert (tmp_path / "starts").read_text() == "started "  # workers do not run it again
