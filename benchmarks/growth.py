"""How processor time grows with the size of a territory and with the campaign: slopes on a log-log scale.

The bundled town stands one, two and four times side by side, each copy with streets, pipes, trucks and traffic of its
own; each network is simulated alone. Years, replications and variants grow on one town. Processor time of one process,
of the preparation and of the simulation apart; a slope of 1 is linear, below it something is shared.

    python benchmarks/growth.py [--sizes 1 2 4] [NETWORK ...]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.engine import campaign
from jumeau.engine.progress import PREPARING, SIMULATING, Phase, Silent
from jumeau.engine.scenario import read_scenario_text
from jumeau.territory.bundled import locate
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory

#: Width of the town with its fields, and of its copies, side by side [m].
WIDTH = 3000.0

#: Layers that all copies share: laws of use, curves, services, settings.
SHARED = frozenset(("water_curves", "water_patterns", "water_settings", "waste_services", "vehicle_fleets", "relief"))

#: What is counted of each network, and the measure that its variants take, each with another share [%].
NETWORKS = {
    "lighting": ("lamps", "{{measure: lighting.remote_management, where: {{share: {share} %}}}}"),
    "water": ("water_pipes", "{{measure: water.acoustic_loggers, coverage: {share} %}}"),
    "waste": (
        "waste_containers",
        "{{measure: waste.threshold_rounds, threshold: {share} %, where: {{attributes: {{stream: glass}}}}}}",
    ),
    "mobility": ("traffic_links", "{{measure: mobility.parking_guidance, adoption: {share} %}}"),
}

SCENARIO = """
name: growth
territory: bourg_exemple
networks: [{network}]
period: {{start: {first}-01-01, end: {last}-12-31}}
warmup: 30 days
seed: 1
replications: {replications}
assumptions: {{{assumptions}}}
variants:
{variants}
"""

ASSUMPTIONS = {"waste": "waste: {streams: [glass]}", "mobility": "mobility: {parking_days: 2}"}


def _names(town: Territory, layers: set[str]) -> set[str]:
    """Return the identifiers of some layers."""
    return {
        str(value)
        for name in layers
        for column in town.layers[name].columns
        if column.endswith("_id")
        for value in town.layers[name][column].dropna()
    }


def tiled(town: Territory, copies: int) -> Territory:
    """Return a territory of several copies of a town, side by side."""
    # With one depot it goes without saying; with several it has to be told.
    (depot,) = town.layers["waste_depots"]["depot_id"]
    town = replace(town, layers={**town.layers, "waste_trucks": town.layers["waste_trucks"].assign(depot_id=depot)})
    names = _names(town, set(town.layers) - SHARED) - _names(town, SHARED & set(town.layers))
    marked = {name for name in names if any(map(str.isdigit, name))}

    def moved(layer: pd.DataFrame, number: int) -> pd.DataFrame:
        if not number:
            return layer
        found = layer.copy()
        for column in found.columns:
            if column != "geometry" and not pd.api.types.is_numeric_dtype(found[column]):
                # Elsewhere than in columns of identifiers, a word of the tables may look like one without a digit.
                known = names if column.endswith("_id") else marked
                found[column] = [
                    " ".join(f"{number}.{word}" if word in known else word for word in value.split(" "))
                    if isinstance(value, str)
                    else value
                    for value in found[column]
                ]
        if isinstance(found, gpd.GeoDataFrame):
            found.geometry = found.geometry.translate(number * WIDTH)
        return found

    layers = {
        name: layer
        if name in SHARED
        else pd.concat([moved(layer, number) for number in range(copies)], ignore_index=True)
        for name, layer in town.layers.items()
    }
    for name, key in (("streets", "street_id"), ("traffic_links", "link_id")):
        layers[name] = _joined(layers[name], len(town.layers[name]), copies, key)
    return replace(town, layers=layers)


def _joined(lines: gpd.GeoDataFrame, size: int, copies: int, key: str) -> gpd.GeoDataFrame:
    """Return the streets, or links, of copies of so many, with a main road from each to the next, and back."""
    main = int(np.flatnonzero(lines["road_class"].iloc[:size] == "primary")[0])
    roads = []
    for number in range(copies - 1):
        ends = [lines.iloc[(number + step) * size + main] for step in (0, 1)]
        for way, (here, there) in enumerate((ends, ends[::-1])):
            line = shapely.LineString([here.geometry.coords[0], there.geometry.coords[0]])
            road = {key: f"road {number} {way}", "from_node": here["from_node"], "to_node": there["from_node"]}
            roads.append({**here.to_dict(), **road, "geometry": line})
    return pd.concat([lines, gpd.GeoDataFrame(roads, crs=lines.crs)], ignore_index=True) if roads else lines


class Clock(Silent):
    """Processor time of the phases of a campaign."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._last = ("", time.process_time())

    def phase(self, phase: Phase) -> None:
        """Take note of a phase that begins."""
        now = time.process_time()
        self.spent[self._last[0]] = now - self._last[1]
        self._last = (phase.label, now)


def run(
    town: Territory, network: str, *, years: int = 1, replications: int = 4, variants: int = 1
) -> tuple[float, float]:
    """Return the processor seconds of preparing and of simulating."""
    measures = [NETWORKS[network][1].format(share=90 - 5 * number) for number in range(variants)]
    blocks = [f"  v{number}:\n    measures:\n      - {measure}" for number, measure in enumerate(measures)]
    text = SCENARIO.format(
        network=network,
        first=2025,
        last=2024 + years,
        replications=replications,
        assumptions=ASSUMPTIONS.get(network, ""),
        variants="\n".join(blocks),
    )
    clock = Clock()
    campaign.run(read_scenario_text(text, Path("growth.yaml")), town, progress=clock)
    return clock.spent[PREPARING.label], clock.spent[SIMULATING.label]


def slope(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of a line through the logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-3)), 1)[0])


def curve(label: str, sizes: Sequence[float], work: Callable[[int], tuple[float, float]]) -> None:
    """Print seconds by size, and their slopes."""
    found = [work(place) for place in range(len(sizes))]
    for name, seconds in zip(("preparing", "simulating"), zip(*found, strict=True), strict=True):
        told = "  ".join(f"{size:>8,.0f}: {used:6.2f} s" for size, used in zip(sizes, seconds, strict=True))
        print(f"{label:34}{name:12}{told}   slope {slope(sizes, seconds):5.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help="all by default: " + ", ".join(NETWORKS))
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4])
    arguments = parser.parse_args()
    town = read_territory(locate("bourg_exemple"))
    towns = [tiled(town, size) for size in arguments.sizes]
    for network in arguments.networks or NETWORKS:
        layer = NETWORKS[network][0]
        run(town, network)  # what is compiled or read at first use counts for nobody
        counts = [float(len(item.layers[layer])) for item in towns]
        curve(f"{network}: {layer}", counts, lambda place, network=network: run(towns[place], network))
        for axis in ("years", "replications", "variants"):
            steps = [float(item) for item in arguments.sizes]
            curve(
                f"{network}: {axis}",
                steps,
                lambda place, network=network, axis=axis: run(town, network, **{axis: arguments.sizes[place]}),
            )


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()
