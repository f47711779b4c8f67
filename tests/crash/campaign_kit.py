"""A campaign in a process of its own, to be killed; its workers, found by the folder that they read."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

#: Of a run's folder, what has to be the same bytes whatever happened on the way.
FIGURES = ("summary.json", "assets.gpkg", "journal.csv")

SCENARIO = """
name: tiny
title: {fr: Essai, en: Trial}
territory: bourg_exemple
networks: [lighting]
period: {start: 2025-01-01, end: 2025-12-31}
seed: 42
replications: 12
variants:
  alarms:
    measures:
      - measure: lighting.remote_management
"""


#: A campaign without networks, whose runs kill whoever executes them; workers import it as they would a plug-in.
DEADLY = """
import os, signal
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import simpy

from jumeau.engine.components import Component
from jumeau.simulation.board import Board


class World:
    board = Board(simpy.Environment())

    def run(self):
        pass


class Stage:
    seed = 42

    def world(self, networks, shared, unheard=()):
        return World()


@dataclass(frozen=True)
class Shared:
    folder: Path | None
    marks: Path
    deadly: tuple[int, ...] = ()
    deaths: int = 1000
    parent: int = 0
    born: bool = True

    situations = (SimpleNamespace(name="baseline", shared_for_runs=None),)
    prepared = ({},)
    alike = ({},)
    components = (Component(()),)
    stage = Stage()

    def __setstate__(self, state):
        self.__dict__.update(state)
        if not self.born:
            os.kill(os.getpid(), signal.SIGKILL)

    def keys(self, run):
        if os.getpid() != self.parent and run.replication in self.deadly:
            before = len(list(self.marks.glob(f"death-{run.replication}-*")))
            if before < self.deaths:
                (self.marks / f"death-{run.replication}-{before}").touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return (f"key{run.replication}",)
"""


def launch(scenario: Path, folder: Path, *words: str) -> subprocess.Popen:
    """Start a campaign with two workers."""
    command = [sys.executable, "-m", "jumeau.cli", "run", str(scenario), "-o", str(folder), "--workers", "2", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def workers_of(folder: Path) -> list[int]:
    """Return the processes that work for a campaign: their command line names its folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                running = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
                if running and any(b"worker.py" in word for word in words) and str(folder).encode() in b" ".join(words):
                    found.append(int(entry.name))
    return sorted(found)


def kill(number: int, by: int = signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.kill(number, by)


def wait_for(condition, limit: float, process: subprocess.Popen | None = None) -> bool:
    """Wait until something is so [s]; return whether it came before the limit, and before the process ended."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return True
        if process is not None and process.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def left_over(folder: Path) -> list[str]:
    """Return what is half written in a run's folder, and what its workers read."""
    return [str(path) for path in [*folder.glob("*.tmp"), *folder.glob("*/*.tmp")]]


def figures(folder: Path) -> dict[str, bytes]:
    parts = {path.name: path.read_bytes() for path in sorted((folder / "parts").iterdir())}
    return {name: (folder / name).read_bytes() for name in FIGURES} | parts
