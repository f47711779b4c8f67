"""Speed of the lighting engine against a naive model, and how it grows; ratios within one run.

The naive model is the textbook one: every lamp is a SimPy process that wakes each hour, looks whether it is dark and
adds its energy. Run on a small sample, it gives a cost per lamp-hour; the engine's cost per lamp-hour is measured on
a whole year in the same process.

    python benchmarks/lighting_engine.py [--lamps 30000]
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import simpy

from jumeau.engine.components import components
from jumeau.engine.executors import Shared, Task, Worker
from jumeau.engine.plan import CENTRAL, Run, fingerprints
from jumeau.engine.preparation import alike
from jumeau.engine.resolve import resolve
from jumeau.engine.run import Stage, prepare
from jumeau.engine.scenario import Scenario, read_scenario
from jumeau.network import ordered
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory

HOURS = 8760


def naive(lamps: int, hours: int) -> float:
    """Return the seconds per lamp-hour of one SimPy event per lamp-hour."""
    env = simpy.Environment()
    dark = np.resize(np.array([True] * 11 + [False] * 13), hours)
    energy = np.zeros(lamps)

    def lamp(number: int, power: float):
        while True:
            hour = int(env.now)
            if dark[hour]:
                energy[number] += power
            yield env.timeout(1)

    for number in range(lamps):
        env.process(lamp(number, 0.1))
    began = time.perf_counter()
    env.run(until=hours)
    return (time.perf_counter() - began) / (lamps * hours)


def enlarged(town: Territory, lamps: int) -> Territory:
    """Return the town with its lamps and cabinets repeated until there are enough."""
    layers = dict(town.layers)
    copies = -(-lamps // len(layers["lamps"]))

    def repeat(frame: gpd.GeoDataFrame, keys: list[str]) -> gpd.GeoDataFrame:
        parts = []
        for copy in range(copies):
            part = frame.copy()
            for key in keys:
                part[key] = part[key].astype(str) + f"-{copy}"
            parts.append(part)
        return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=frame.crs)

    layers["lamps"] = repeat(layers["lamps"], ["lamp_id", "cabinet_id"]).iloc[:lamps]
    layers["cabinets"] = repeat(layers["cabinets"], ["cabinet_id"])
    return replace(town, layers=layers)


def engine(scenario: Scenario, town: Territory, lamps: int, replications: int) -> tuple[float, float]:
    """Return the seconds to prepare and the seconds of all runs, baseline and variants together."""
    territory = enlarged(town, lamps)
    situations = resolve(scenario, territory)
    period = scenario.data.period
    place = Place(territory, Clock(period.start, period.end), 1.3)
    crews = {"lighting": CrewSpec("lighting", max(1, lamps // 5000), (8.0, 16.0), (0, 1, 2, 3, 4))}
    stage = Stage(place, crews, scenario.data.warmup * DAY, 1)
    began = time.perf_counter()
    prepared = tuple(prepare(item, stage) for item in situations)
    place.distances()
    ready = time.perf_counter()
    digests = place.digests
    same = alike(situations, digests)
    parts = components(ordered(situations[0].networks), crews)
    prints = tuple(fingerprints(item, "", digests) for item in situations)
    worker = Worker(Shared(tuple(situations), prepared, same, parts, prints, (), stage, None))
    for number in range(replications):
        for position in range(len(situations)):
            # Every network of every situation, whether it differs or not: this measures the engine.
            worker.execute(Task(Run(position, CENTRAL, number), tuple(range(len(parts)))))
    return ready - began, time.perf_counter() - ready


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lamps", type=int, default=30_000)
    lamps = parser.parse_args().lamps
    town = read_territory("bourg_exemple")
    scenario = read_scenario(Path(__file__).parents[1] / "scenarios" / "demo.yaml")
    situations = 1 + len(scenario.data.variants)

    def per_lamp_hour(count: int, replications: int) -> tuple[float, float, float]:
        ready, seconds = engine(scenario, town, count, replications)
        return ready, seconds, (ready + seconds) / (count * HOURS * situations * replications)

    rows = [(count, 2, *per_lamp_hour(count, 2)) for count in (lamps // 4, lamps // 2, lamps)]
    rows += [(lamps, replications, *per_lamp_hour(lamps, replications)) for replications in (4, 8)]
    simple = naive(100, 24 * 30)
    print(f"one year, {situations} situations; time per lamp-hour of a SimPy event: {simple * 1e9:.0f} ns")
    print(f"{'lamps':>8} {'replications':>13} {'prepare s':>10} {'runs s':>8} {'ns/lamp-hour':>13} {'ratio':>8}")
    for count, replications, ready, seconds, cost in rows:
        print(f"{count:>8} {replications:>13} {ready:>10.2f} {seconds:>8.2f} {cost * 1e9:>13.4f} {simple / cost:>8.0f}")
    by_lamps = (rows[2][3] / rows[0][3]) / 4
    by_replications = (rows[4][3] / rows[2][3]) / 4
    print(
        f"runs, 4 times the lamps: {by_lamps:.2f} of linear; 4 times the replications: {by_replications:.2f} of linear"
    )


if __name__ == "__main__":
    os.environ["JUMEAU_CACHE"] = "off"  # nothing is taken from an earlier run
    main()
