"""How far the drop of head by the linearised network is from EPANET itself, and what it costs; a Markdown table.

A leak is put at random junctions, one by one, as an emitter of EPANET, over one day. Its mean flow is compared with
that of the leak law on the pressure without leaks: as it is (*naive*), and with the slopes of the linearised network
(*linearised*). The time of all slopes is given as a ratio to one run of EPANET per junction.

    python benchmarks/water_surrogate.py [--nodes 25] [--seed 1] [--network FILE.inp ...]
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import pyproj
from numpy.typing import NDArray

from jumeau.networks.water import NETWORK
from jumeau.networks.water.formats.epanet import read_inp
from jumeau.networks.water.physics.emitters import emitter_days
from jumeau.networks.water.physics.hydraulics import solve
from jumeau.networks.water.physics.leak_flow import GRAVITY, Openings, Supply, leak_flow
from jumeau.simulation.clock import HOUR
from jumeau.territory.model import Territory, column_rows

Floats = NDArray[np.float64]
FLOWS = (2.0, 10.0, 20.0, 40.0)
DATA = Path(os.environ.get("JUMEAU_DATA", Path(__file__).parents[1] / ".." / "shared" / "data"))


def networks() -> list[Path]:
    """Return L-Town where the open data are at hand, and Kentucky's tenth network, which comes with wntr."""
    from wntr.library import ModelLibrary

    found = [DATA / "water" / "L-TOWN.inp"]
    return [path for path in found if path.is_file()] + [Path(ModelLibrary().get_filepath("ky10"))]


def spread(errors: Floats) -> str:
    """Return median, 90th percentile and maximum of the size [%]."""
    size = np.abs(errors)
    return f"{np.median(errors):.2f} / {np.quantile(size, 0.9):.2f} / {size.max():.2f}"


def compare(path: Path, count: int, seed: int) -> None:
    """Print the rows of one network."""
    crs = pyproj.CRS("EPSG:2154")
    told = column_rows("water_pipes", ["length"], "observed")
    layers = NETWORK.layers(Territory(path.stem, crs, read_inp(path, crs).layers, told))
    began = time.perf_counter()
    # From the file's own initial levels, over its first day, as the errors of other methods were published.
    found = solve(layers, settling=0)
    whole = time.perf_counter() - began
    pressure = found.pressure[:24].astype(np.float64)
    mean = pressure.mean(axis=0)
    chosen = np.sort(np.random.default_rng(seed).choice(np.flatnonzero(mean > 5.0), count, replace=False))
    once = 0.0
    for flow in FLOWS:
        emitters = np.zeros((count, len(mean)))
        emitters[np.arange(count), chosen] = flow / np.sqrt(mean[chosen])
        began = time.perf_counter()
        days = list(emitter_days(found.model, list(found.nodes), found.settling, emitters, found.emitter_law))
        once = (time.perf_counter() - began) / (count + 1)
        theirs = np.array([day.flow for day in days])[1:]
        area = emitters[np.arange(count), chosen] / HOUR / np.sqrt(2.0 * GRAVITY)
        openings = Openings(area, np.zeros(count), 1.0)
        supply = Supply(pressure[:, chosen], found.slope[:, chosen].astype(np.float64), found.levels)
        naive = 100.0 * (openings.flow(pressure[:, chosen]).mean(axis=0) / theirs - 1.0)
        ours = 100.0 * (leak_flow(openings, supply).mean(axis=0) / theirs - 1.0)
        print(f"| {path.stem} | {flow:g} m3/h | {spread(naive)} | {spread(ours)} |", flush=True)
    ratio = once * len(mean) / whole
    print(f"| {path.stem} | time | | all slopes, hydraulics included: {ratio:.0f} times faster than one run a node |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=25, help="junctions that leak, one by one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--network", type=Path, action="append", help="EPANET file, instead of the usual two")
    arguments = parser.parse_args()
    print("| network | leak | naive: median / p90 / max % | linearised: median / p90 / max % |\n|---|---|---|---|")
    for path in arguments.network or networks():
        compare(path, arguments.nodes, arguments.seed)


if __name__ == "__main__":
    main()
