"""Two workers against one on a campaign of about half a minute, starts included; ratios within one run.

Both commands are whole processes, run in turn, so that a machine whose speed drifts slows both. The figures have to be
the same bytes.

    python benchmarks/workers.py [--replications 120] [--turns 3]
"""

from __future__ import annotations

import argparse
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


def campaign(scenario: Path, folder: Path, workers: int, replications: int) -> float:
    """Return the seconds of a whole command."""
    words = ["-o", str(folder), "--workers", str(workers), "--replications", str(replications)]
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "jumeau.cli", "run", str(scenario), *words], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replications", type=int, default=120)
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        (room / "workers.yaml").write_text(SCENARIO, encoding="utf-8")
        for turn in range(arguments.turns):
            one, two = (
                campaign(room / "workers.yaml", room / f"{turn}-{workers}", workers, arguments.replications)
                for workers in (1, 2)
            )
            same = (room / f"{turn}-1/summary.json").read_bytes() == (room / f"{turn}-2/summary.json").read_bytes()
            ratios.append(two / one)
            print(f"turn {turn + 1}: 1 worker {one:.1f} s, 2 workers {two:.1f} s, same bytes: {same}")
    print(f"two workers take {statistics.median(ratios):.2f} of the time of one (median of {len(ratios)})")


if __name__ == "__main__":
    main()
