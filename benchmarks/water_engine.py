"""How the time of a simulated year of leaks grows with their number, on the bundled town; ratios within one run.

python benchmarks/water_engine.py [--repeat 3]
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from datetime import date

import numpy as np

from jumeau.networks.water import NETWORK
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.territory.storage import read_territory
from jumeau.testing import Bench

SCALES = (1, 4, 16, 64)


def main() -> None:
    """Print leaks, seconds and seconds per leak."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3, help="the shortest of so many runs counts")
    repeat = parser.parse_args().repeat
    town = read_territory("bourg_exemple")
    year = Bench(NETWORK, town, Clock(date(2025, 1, 1), date(2025, 12, 31)), warmup=90 * DAY)
    rows = []
    for scale in SCALES:
        # As many more crews: else the queue would be what is measured.
        bench = replace(
            year.having(**{name: NETWORK.factors.value(name) * scale for name in ("mains_bursts", "service_bursts")}),
            crew=replace(year.crew, count=2 * scale),
            assumptions={"leak_finders": 2 * scale},
        )
        best, leaks = np.inf, 0
        for number in range(repeat + 1):
            world = bench.world()
            prepared = bench.prepare(world=world)
            began = time.perf_counter()
            NETWORK.behaviour.install(prepared, world, Streams(1, 0, "water"))
            world.run()
            NETWORK.behaviour.outcome(prepared, world)
            if number:  # the first run warms up
                best = min(best, time.perf_counter() - began)
            leaks = len(world.journals["water"].table("leak"))
        rows.append((leaks, best))
    print("| leaks | seconds | milliseconds per leak | against linear growth |\n|---|---|---|---|")
    fixed = rows[0][1] - rows[0][0] * (rows[-1][1] - rows[0][1]) / (rows[-1][0] - rows[0][0])
    for leaks, seconds in rows:
        linear = max(fixed, 0.0) + leaks * (rows[-1][1] - max(fixed, 0.0)) / rows[-1][0]
        print(f"| {leaks} | {seconds:.2f} | {1000 * seconds / leaks:.2f} | {seconds / linear:.2f} |")


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()
