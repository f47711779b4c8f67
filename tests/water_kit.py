"""Small water networks for tests, on the bench for a year."""

import os
from datetime import date
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from jumeau.networks.water import NETWORK
from jumeau.simulation.clock import Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.territory.model import Territory, column_rows
from jumeau.testing import Bench

LAMBERT = pyproj.CRS(2154)
YEAR = Clock(date(2025, 1, 1), date(2025, 12, 31))
ORIGIN = (650_000.0, 6_860_000.0)


def frame(rows, shapes=None):
    """Return a layer; without shapes it is a plain table."""
    shapes = [None] * len(rows) if shapes is None else shapes
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(shapes, crs=LAMBERT), crs=LAMBERT)


def grid(side=4, step=100.0, demand=1.0, head=60.0, **pipes):
    """Return the layers of a looped network: a square of junctions at height zero, fed at a corner.

    The source stands behind one short pipe; `pipes` are columns of `water_pipes`, one value for all or one per pipe.
    """
    x0, y0 = ORIGIN
    names = {(i, j): f"J{i}_{j}" for i in range(side) for j in range(side)}
    places = {key: (x0 + step * key[0], y0 + step * key[1]) for key in names}
    ends = [((i, j), (i + 1, j)) for i in range(side - 1) for j in range(side)]
    ends += [((i, j), (i, j + 1)) for i in range(side) for j in range(side - 1)]
    source = (x0 - step, y0)
    lines = [shapely.LineString([source, places[0, 0]])]
    lines += [shapely.LineString([places[a], places[b]]) for a, b in ends]
    return layers_like(
        water_pipes=frame(
            {
                "pipe_id": [f"P{number}" for number in range(len(lines))],
                "from_node": ["R", *(names[a] for a, _b in ends)],
                "to_node": [names[0, 0], *(names[b] for _a, b in ends)],
                "length": [line.length for line in lines],
                "diameter": 150.0,
                "roughness": 120.0,
                "material": "ductile_iron",
                "laid_year": 1985.0,
                **pipes,
            },
            lines,
        ),
        water_junctions=frame(
            {"node_id": list(names.values()), "elevation": 0.0, "demand": demand},
            [shapely.Point(places[key]) for key in names],
        ),
        water_reservoirs=frame({"node_id": ["R"], "head": [head]}, [shapely.Point(source)]),
    )


def branch():
    """Return the layers of three mains in a row from a source, with two connections on each."""
    x, y = 650_000.0, 6_860_000.0
    ends = ["R", "A", "B", "C"]
    place = {name: shapely.Point(x + 100 * row, y) for row, name in enumerate(ends)}
    lines = [shapely.LineString([place[a], place[b]]) for a, b in pairwise(ends)]
    return layers_like(
        water_pipes=frame(
            {"pipe_id": ["P1", "P2", "P3"], "from_node": ends[:3], "to_node": ends[1:], "length": 100.0,
             "diameter": 100.0, "roughness": 120.0, "material": "pvc", "laid_year": 1990.0}, lines
        ),
        water_junctions=frame(
            {"node_id": ends[1:], "elevation": 0.0, "demand": 1.0}, [place[name] for name in ends[1:]]
        ),
        water_reservoirs=frame({"node_id": ["R"], "head": [50.0]}, [place["R"]]),
        water_connections=frame(
            {"connection_id": [f"C{row}" for row in range(6)], "pipe_id": ["P1", "P1", "P2", "P2", "P3", "P3"],
             "customers": [1.0, 1.0, 2.0, 2.0, 5.0, 5.0]},
            [lines[row // 2].interpolate(50) for row in range(6)]
        ),
    )  # fmt: skip


def with_tank(layers, node, elevation, initial, highest, diameter):
    """Return the layers with a tank beside a junction."""
    point = layers["water_junctions"].set_index("node_id").geometry[node]
    away = shapely.Point(point.x + 10.0, point.y)
    tank = frame(
        {
            "node_id": ["T"],
            "elevation": [elevation],
            "initial_level": [initial],
            "minimum_level": [0.0],
            "maximum_level": [highest],
            "diameter": [diameter],
        },
        [away],
    )
    pipe = frame(
        {
            "pipe_id": ["PT"],
            "from_node": [node],
            "to_node": ["T"],
            "length": [10.0],
            "diameter": [300.0],
            "roughness": [130.0],
            "material": ["ductile_iron"],
            "laid_year": [1985.0],
        },
        [shapely.LineString([point, away])],
    )
    pipes = pd.concat([layers["water_pipes"], pipe], ignore_index=True)
    return {**layers, "water_tanks": tank, "water_pipes": pipes}


def valve_grid(setting, **more):
    """Return a looped network behind a reducing valve."""
    layers = grid(side=3, head=80.0)
    pipes = layers["water_pipes"]
    x, y = pipes.geometry.iloc[0].coords[0]
    between = shapely.Point(x + 50.0, y)
    layers["water_junctions"] = pd.concat(
        [layers["water_junctions"], frame({"node_id": ["V"], "elevation": [0.0], "demand": [0.0]}, [between])],
        ignore_index=True,
    )
    pipes.loc[0, "to_node"] = "V"
    line = shapely.LineString([between, pipes.geometry.iloc[1].coords[0]])
    layers["water_valves"] = frame(
        {
            "valve_id": ["PRV"],
            "from_node": ["V"],
            "to_node": ["J0_0"],
            "kind": ["PRV"],
            "diameter": [150.0],
            "setting": [setting],
            **{name: [value] for name, value in more.items()},
        },
        [line],
    )
    return layers


def layers_like(**given):
    """Return all layers of the network, those not given empty."""
    return {name: given.get(name, NETWORK.attributes.empty(name, LAMBERT)) for name in NETWORK.attributes.layers}


def territory(layers):
    """Return a territory of layers."""
    kept = {name: layer for name, layer in layers.items() if len(layer)}
    return Territory("small", LAMBERT, kept, column_rows("water_pipes", ["length"], "observed"))


def bench(layers, *, clock=YEAR, warmup=0.0, crews=2, shift=(8.0, 16.0), days=(0, 1, 2, 3, 4), **assumptions):
    """Return a network on the bench for a year; `assumptions` are those of its model."""
    crew = CrewSpec("all", crews, shift, days)
    return Bench(NETWORK, territory(layers), clock, warmup, crew, assumptions=assumptions)


def audited(bench):
    """Run with the costly checks of the network's own model."""
    world = bench.world()
    world.audited = True
    return bench.run(world=world)


def data_file(name):
    """Return a file of the open data on water, whether it exists or not."""
    root = Path(os.environ.get("JUMEAU_DATA") or Path(__file__).parents[1] / ".." / "shared" / "data")
    return root / "water" / name
