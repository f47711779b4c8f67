"""Time and memory of building a territory against its size: generated towns as files of OpenStreetMap, whole builds.

Each town is a grid of streets (every fourth one a main street, some one-way) with eight buildings to a block; each
build runs in a process of its own, so that its memory is its own too. Printed: seconds, peak memory, ratios from one
size to the next, and the slope of log time over log streets. The town of a commune of 35,000 people is held against
five minutes and 2 GB. A file may be given instead: `python benchmarks/territory_build.py FILE.osm.gz`.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np

#: Crossings on a side of each town; the third is that of about 35,000 people.
SIDES = (10, 20, 40, 60)
TARGET_SIDE, MOST_SECONDS, MOST_MEMORY = 40, 300.0, 2048.0
#: Distance of streets, and place of the south-west corner [degree].
STEP, WEST, SOUTH = 0.0009, 2.0, 47.0
#: Buildings on a side of a block, without its middle.
ROW = 3
MAIN = 4


def town(path: Path, side: int) -> None:
    """Write a town as a file of OpenStreetMap."""
    nodes, ways = [], []

    def node(lon: float, lat: float) -> int:
        nodes.append(f'<node id="{len(nodes) + 1}" lon="{lon:.7f}" lat="{lat:.7f}"/>')
        return len(nodes)

    def way(refs: list[int], **tags: str) -> None:
        held = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        told = "".join(f'<tag k="{key.replace("__", ":")}" v="{value}"/>' for key, value in tags.items())
        ways.append(f'<way id="{len(ways) + 1}">{held}{told}</way>')

    crossings = [[node(WEST + STEP * x, SOUTH + STEP * y) for x in range(side)] for y in range(side)]
    for number in range(side):
        main = number % MAIN == 0
        tags = {"highway": "tertiary" if main else "residential", "maxspeed": "50" if main else "30"}
        oneway = {"oneway": "yes"} if number % MAIN == 1 else {"oneway": "-1"} if number % MAIN == 3 else {}
        way(crossings[number], name=f"Rue {number}", **tags, **oneway)
        way([row[number] for row in crossings], name=f"Avenue {number}", **tags, **oneway)
    cell = STEP / (ROW + 1)
    for y in range(side - 1):
        for x in range(side - 1):
            for place in range(ROW * ROW):
                if place == ROW * ROW // 2:
                    continue
                west = WEST + STEP * x + cell * (place % ROW + 0.6)
                south = SOUTH + STEP * y + cell * (place // ROW + 0.6)
                corners = [(0.0, 0.0), (0.7, 0.0), (0.7, 0.7), (0.0, 0.7)]
                refs = [node(west + cell * one, south + cell * other) for one, other in corners]
                way([*refs, refs[0]], building="house", building__levels="2")
    text = "\n".join(['<?xml version="1.0"?>', '<osm version="0.6">', *nodes, *ways, "</osm>"])
    path.write_text(text, encoding="utf-8")


def build(file: Path) -> None:
    """Build a territory of a file and print what it took, as JSON."""
    from jumeau.engine.territory import build_territory

    with tempfile.TemporaryDirectory() as folder:
        # A village first: what is imported and compiled once is no matter of size.
        village = Path(folder) / "village.osm"
        town(village, 5)
        for source in (village, file):
            path = Path(folder) / "town.yaml"
            path.write_text(f"name: town\ncrs: auto\nimports: [{{file: {source}, format: osm}}]\n", encoding="utf-8")
            start = perf_counter()
            territory, report = build_territory(path)
            took = perf_counter() - start
    # Kilobytes on Linux.
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    counts = {name: len(territory.layers[name]) for name in ("streets", "buildings") if name in territory.layers}
    print(json.dumps({"seconds": took, "files": report.seconds, "memory": memory, **counts}))


def measured(file: Path) -> dict[str, float]:
    """Return what a build in a process of its own took."""
    command = [sys.executable, __file__, "--one", str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def line(name: str, found: dict[str, float]) -> str:
    """Return a row of the table."""
    return (
        f"{name:>10} {found.get('streets', 0):9,.0f} {found.get('buildings', 0):11,.0f} {found['files']:10.1f} "
        f"{found['seconds']:9.1f} {found['memory']:9.0f}"
    )


def main() -> None:
    """Print the table, the ratios and the slope."""
    head = f"{'town':>10} {'streets':>9} {'buildings':>11} {'files [s]':>10} {'all [s]':>9} {'peak [MB]':>9}"
    print(head)
    if len(sys.argv) > 1:
        file = Path(sys.argv[1]).absolute()
        print(line(file.name.split(".")[0][:10], measured(file)))
        return
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for side in SIDES:
            file = Path(folder) / f"town{side}.osm"
            town(file, side)
            found[side] = measured(file)
            print(line(f"{side} x {side}", found[side]), flush=True)
    for small, large in pairwise(SIDES):
        size = found[large]["streets"] / found[small]["streets"]
        time = found[large]["seconds"] / found[small]["seconds"]
        print(f"{small} -> {large}: streets x {size:.1f}, time x {time:.1f}")
    streets, seconds = ([found[side][key] for side in SIDES] for key in ("streets", "seconds"))
    slope = np.polyfit(np.log(streets[1:]), np.log(seconds[1:]), 1)[0]
    print(f"log-log slope of time over streets, from the second size on: {slope:.2f}")
    held = found[TARGET_SIDE]
    fine = held["seconds"] <= MOST_SECONDS and held["memory"] <= MOST_MEMORY
    print(
        f"commune of about 35,000 people ({TARGET_SIDE} x {TARGET_SIDE}): {held['seconds']:.0f} s, "
        f"{held['memory']:.0f} MB; wanted {MOST_SECONDS:.0f} s, {MOST_MEMORY:.0f} MB: {'kept' if fine else 'missed'}"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        build(Path(sys.argv[2]))
    else:
        main()
