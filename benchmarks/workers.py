"""Two workers against one on a campaign of about half a minute, starts included; ratios within one run.

All commands are whole processes, run in turn, so that a machine whose speed drifts slows all. The figures have to be
the same bytes. With `--cluster`, two workers of a Dask cluster of this machine take their turn as well.

    python benchmarks/workers.py [--replications 120] [--turns 3] [--cluster]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCENARIO = """
name: workers
title: {fr: Essai, en: Trial}
territory: bourg_exemple
networks: [lighting]
period: {start: 2025-01-01, end: 2025-12-31}
seed: 42
variants:
  alarms:
    measures:
      - measure: lighting.remote_management
"""


def campaign(scenario: Path, folder: Path, *words: str) -> float:
    """Return the seconds of a whole command."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "jumeau.cli", "run", str(scenario), "-o", str(folder), *words]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=120)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--cluster", action="store_true")
    arguments = parser.parse_args()
    ways = {"1 worker": ("--workers", "1"), "2 workers": ("--workers", "2")}
    if arguments.cluster:
        ways["cluster of 2"] = ("--cluster", "local:2")
    ratios: dict[str, list[float]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        (room / "workers.yaml").write_text(SCENARIO, encoding="utf-8")
        for turn in range(arguments.turns):
            took = {}
            for number, (way, words) in enumerate(ways.items()):
                folder = room / f"{turn}-{number}"
                asked = ("--replications", str(arguments.replications))
                took[way] = campaign(room / "workers.yaml", folder, *words, *asked)
                ratios[way].append(took[way] / took["1 worker"])
            found = {(room / f"{turn}-{number}/summary.json").read_bytes() for number in range(len(ways))}
            told = ", ".join(f"{way} {seconds:.1f} s" for way, seconds in took.items())
            print(f"turn {turn + 1}: {told}, same bytes: {len(found) == 1}", flush=True)
    for way, items in list(ratios.items())[1:]:
        print(f"{way}: {statistics.median(items):.2f} of the time of one worker (median of {len(items)})")


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()
