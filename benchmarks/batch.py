"""What a batch costs: towns of the generator with different seeds and sizes, one of them broken on purpose.

    python benchmarks/batch.py --towns 20 [--workers 2] [--networks lighting] [--folder DIR]

Prints the seconds of processor, the peak of memory and the megabytes on disk of each commune, by size; ends with an
error unless all towns but the broken one have their figures, and the map is there.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyproj

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import jumeau
from donnees_exemple.town_generator.frames import CRS
from donnees_exemple.town_generator.town import generate_town
from jumeau.engine.progress import TerminalProgress
from jumeau.network import discover
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory, write_territory

#: Quarters that are built, from hamlets to the whole town.
SIZES = (
    ("faubourg",),
    ("centre",),
    ("centre", "faubourg"),
    ("centre", "faubourg", "south"),
    ("centre", "faubourg", "south", "east"),
)
#: Towns stand on a grid of this step, each shifted by up to a third of it [m].
STEP = 5500.0

TEMPLATE = """
name: batch
title: {{fr: "LED, puis télégestion", en: "LEDs, then remote management"}}
question: {{fr: "Que gagnent vingt communes ?", en: "What do twenty communes gain?"}}
networks: [{networks}]
period: {{start: 2025-01-01, end: 2025-12-31}}
seed: 42
replications: 5
variants:
  led:
    title: {{fr: LED, en: LEDs}}
    measures:
      - measure: lighting.led_retrofit
        where: {{attributes: {{technology: [HPS, MERCURY]}}}}
  managed:
    title: {{fr: LED et télégestion, en: LEDs and remote management}}
    measures:
      - measure: lighting.led_retrofit
        where: {{attributes: {{technology: [HPS, MERCURY]}}}}
      - measure: lighting.remote_management
"""


def write_town(seed: int, place: int, side: int, networks: list[str], file: Path, *, broken: bool) -> int:
    """Write a town of the generator at its place of the grid, unless it is there; return its number of lamps."""
    if file.is_file():
        return len(read_territory(file).layers.get("lamps", ()))
    built = SIZES[place % len(SIZES)]
    layers, columns = generate_town(seed, built)
    rng = np.random.default_rng(seed)
    east, north = (np.array([place % side, place // side]) + rng.uniform(-1, 1, 2) / 3) * STEP
    moved = {name: layer.set_geometry(layer.geometry.translate(east, north)) for name, layer in layers.items()}
    meta = {"country": "FR", "timezone": "Europe/Paris", "synthetic": "yes"}
    meta |= {"title_fr": f"Bourg {seed}", "title_en": f"Town {seed}"}
    town = Territory(f"town_{seed}", pyproj.CRS.from_user_input(CRS), moved, columns, meta)
    for name in networks:
        network = discover()[name]
        town = network.behaviour.complete(town, network.factors, seed)
    if broken:
        lamps = town.layer("lamps")
        lamps.loc[lamps.index[:3], "power"] = -70.0
        town = town.with_layers({"lamps": lamps})
    write_territory(town, file)
    return len(town.layers.get("lamps", ()))


def main() -> None:
    """Make the towns, run the batch, print what it costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--towns", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--networks", nargs="+", default=["lighting"])
    parser.add_argument("--folder", type=Path, help="kept; a temporary one by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = options.folder or Path(name)
        (home / "towns").mkdir(parents=True, exist_ok=True)
        run(home, options.towns, options.workers, options.networks)


def run(home: Path, count: int, workers: int, networks: list[str]) -> None:
    """Run the benchmark in a folder."""
    side, broken = int(np.ceil(np.sqrt(count * 1.6))), count // 3
    began = time.perf_counter()
    lamps: dict[str, int] = {}
    rows = ["name;territory;code"]
    for place in range(count):
        seed = place + 1
        file = home / "towns" / f"t{seed}.gpkg"
        lamps[f"t{seed}"] = write_town(seed, place, side, networks, file, broken=place == broken)
        rows.append(f"t{seed};towns/{file.name};{seed:05d}")
    (home / "list.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (home / "template.yaml").write_text(TEMPLATE.format(networks=", ".join(networks)), encoding="utf-8")
    print(f"{count} towns made in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    from jumeau.batches.api import PHASES

    with TerminalProgress(PHASES) as progress:
        found = jumeau.batch(
            home / "list.csv", home / "template.yaml", home / "out", workers=workers, progress=progress
        )
    whole = time.perf_counter() - began
    print(f"{'quarters':>8} {'lamps':>6} {'people':>7} {'CPU s':>6} {'MB peak':>8} {'MB disk':>8}  name")
    order = sorted(enumerate(found.outcomes), key=lambda item: (item[0] % len(SIZES), item[0]))
    for place, item in order:
        if item.status == "done":
            cost = item.cost
            print(
                f"{len(SIZES[place % len(SIZES)]):8d} {lamps[item.row.name]:6d} {item.residents or 0:7.0f} "
                f"{cost.processor:6.1f} {cost.memory:8.0f} {cost.disk:8.1f}  {item.row.name}"
            )
        else:
            print(f"set aside: {item.row.name}: {item.reason}")
    processor = sum(item.cost.processor for item in found.done)
    print(f"{whole:.0f} s with {workers} workers, {processor:.0f} s of processor in the runs alone; {found!r}")
    print("\n".join(f"{path.stat().st_size / 1e3:8.0f} kB  {path.name}" for path in found.files))
    began = time.perf_counter()
    jumeau.batch(home / "list.csv", home / "template.yaml", home / "out", workers=workers, resume=True)
    print(f"{time.perf_counter() - began:.0f} s with --resume, nothing being left to run")
    if len(found.done) != count - 1 or not (home / "out" / "batch.gpkg").is_file():
        raise SystemExit("not all towns but the broken one have their figures")


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()
