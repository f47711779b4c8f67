"""Dask clusters that live longer than a campaign, and what disturbs a campaign on them."""

from pathlib import Path

from campaign_kit import FIGURES, SCENARIO
from distributed import LocalCluster

from jumeau.engine.progress import Silent

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


SHORT = SCENARIO.replace("2025-12-31", "2025-01-31").replace("replications: 12", "replications: 9")


def cluster(workers, **options):
    """Return a cluster whose workers are processes, or threads of this one where `processes=False` says so."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        protocol="tcp://",
        dashboard_address=None,
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        memory_limit=0,
        silence_logs=60,
        **options,
    )


class Steps(Silent):
    """Does something when so many runs are done."""

    def __init__(self, **actions):
        self.actions = {int(name.removeprefix("at_")): action for name, action in actions.items()}
        self.done = 0
        self.said = []

    def step(self):
        self.done += 1
        self.actions.get(self.done, lambda: None)()

    def say(self, message):
        self.said.append(message)


def stop():
    """Do as Ctrl-C."""
    raise KeyboardInterrupt


def unfinished(folder: Path) -> bool:
    return not any((folder / name).exists() for name in FIGURES)
