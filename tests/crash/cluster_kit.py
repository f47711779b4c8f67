"""Dask clusters that live longer than a campaign, and what disturbs a campaign on them."""

import sys
from pathlib import Path

from campaign_kit import FIGURES, SCENARIO
from distributed import LocalCluster

from jumeau.engine.progress import Silent

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


def look_in(folder):
    """Have a process find modules in a folder."""
    sys.path.insert(0, folder)


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
