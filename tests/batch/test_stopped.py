"""A batch that is killed: what is finished is kept, no process outlives it, and the same bytes come in the end."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from batch_kit import run_batch

#: What has to be the same whatever happened on the way; the log tells of seconds.
SAME = ("batch.csv", "batch.json", "batch.gpkg", "batch.html")


def wait_for(condition, limit, process=None):
    end = time.monotonic() + limit
    while not condition() and time.monotonic() < end and (process is None or process.poll() is None):
        time.sleep(0.02)
    return condition()


def children(number):
    """Return the processes that a process started."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and f"PPid:\t{number}\n" in (entry / "status").read_text():
                found.append(int(entry.name))
    return found


def test_a_batch_that_was_killed_ends_with_the_same_bytes(made, here):
    # Beside the other one: scenarios name their territory as seen from their folder.
    out = made.home / "stopped"
    command = [sys.executable, "-m", "jumeau.cli", "batch", str(made.home / "list.csv"), "-o", str(out)]
    command += ["--scenario", str(made.home / "template.yaml"), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert wait_for((out / "a" / "row.json").exists, 200.0, process)
    workers = children(process.pid)
    assert len(workers) == 1
    process.kill()
    process.communicate(timeout=60)
    assert wait_for(lambda: not Path(f"/proc/{workers[0]}").exists(), 20.0), "a worker outlives its parent"
    assert not [name for name in SAME if (out / name).exists()]
    first = (out / "a" / "summary.json").stat().st_mtime_ns
    ran = run_batch(made.home, out, "--resume")
    assert ran.status == 1
    assert "1 territoires sur 3" in ran.err
    assert (out / "a" / "summary.json").stat().st_mtime_ns == first
    for name in SAME:
        assert (out / name).read_bytes() == (made.folder / name).read_bytes(), name
    assert not list(out.rglob("*.tmp"))
