"""How the time of a month of dynamic rounds grows with the number of sites, with PyVRP's own time as the floor.

Every ratio is taken within one run. Sites are uniform in a square, one truck per 60 sites.

python benchmarks/waste_rounds.py [--sites 50 100 200 400]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pyvrp
import shapely

from jumeau.networks.waste import NETWORK
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.territory.model import COLUMN_FIELDS, Territory
from jumeau.testing import Bench

CRS = pyproj.CRS.from_epsg(2154)


def collection(count: int) -> dict[str, gpd.GeoDataFrame]:
    """Return glass columns in a square of 8 km, planned dynamically."""
    xy = np.random.Generator(np.random.PCG64(1)).random((count, 2)) * 8000.0 + [700_000.0, 6_600_000.0]
    names = [f"S{row}" for row in range(count)]
    points = shapely.points(xy)
    centre = [shapely.Point(704_000.0, 6_604_000.0)]
    glass = {"stream": "glass", "kind": "drop_off_column", "volume": 4000.0, "mass_rate": 40.0}
    tables: dict[str, tuple[dict[str, Any], Any]] = {
        "waste_sites": ({"site_id": names, "kind": "drop_off"}, points),
        "waste_containers": ({"container_id": names, "site_id": names, **glass}, points),
        "waste_depots": ({"depot_id": ["D"]}, centre),
        "waste_disposal": ({"disposal_id": ["E"]}, centre),
        "waste_trucks": (
            {"truck_id": ["T"], "streams": ["glass"], "count": [max(count // 60, 1)], "body": [30.0],
             "payload": [10_000.0], "crew": [1]}, [None],
        ),
        "waste_services": ({"stream": ["glass"], "policy": ["dynamic"]}, [None]),
        "waste_rounds": ({"round_id": [], "stream": [], "weekdays": []}, []),
    }  # fmt: skip
    return {
        name: gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.GeoSeries(shapes, crs=CRS), crs=CRS)
        for name, (columns, shapes) in tables.items()
    }


class Stopwatch:
    """Time spent in a function, wherever it is called from."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.seconds = 0.0
        self.calls = 0

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Call the function and count its time."""
        began = time.perf_counter()
        found = self.function(*given, **named)
        self.seconds += time.perf_counter() - began
        self.calls += 1
        return found


def main() -> None:
    """Print sites, seconds of a month, those of PyVRP, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sites", type=int, nargs="+", default=[50, 100, 200, 400])
    print(f"{'sites':>6} {'visits':>7} {'solves':>7} {'month [s]':>10} {'PyVRP [s]':>10} {'month/PyVRP':>12}")
    for count in parser.parse_args().sites:
        territory = Territory("benchmark", CRS, collection(count), pd.DataFrame(columns=list(COLUMN_FIELDS)), {})
        bench = Bench(NETWORK, territory, Clock(date(2025, 3, 3), date(2025, 3, 30)), 14 * DAY)
        world = bench.world()
        prepared = bench.prepare(world=world)
        watch = Stopwatch(pyvrp.solve)
        pyvrp.solve = watch
        began = time.perf_counter()
        NETWORK.behaviour.install(prepared, world, Streams(1, 0, "waste"))
        world.run()
        whole = time.perf_counter() - began
        pyvrp.solve = watch.function
        visits = NETWORK.behaviour.outcome(prepared, world).indicators["visits"]
        ratio = whole / watch.seconds
        print(f"{count:>6} {visits:>7.0f} {watch.calls:>7} {whole:>10.2f} {watch.seconds:>10.2f} {ratio:>12.2f}")


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()
