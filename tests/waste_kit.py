"""Small collections for the tests: layers, worlds and runs of the waste network alone."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.network import MeasureContext
from jumeau.networks.waste import NETWORK
from jumeau.networks.waste.parameters import Assumptions
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.territory.model import COLUMN_FIELDS, Territory

CRS = pyproj.CRS.from_epsg(2154)
WORKDAYS = "mon tue wed thu fri"
EVERY_DAY = "mon tue wed thu fri sat sun"
ORIGIN = np.array([700_000.0, 6_600_000.0])


def plain(columns):
    """A table without geometry."""
    frame = pd.DataFrame(columns)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), crs=CRS), crs=CRS)


def points(columns, xy):
    return gpd.GeoDataFrame(columns, geometry=shapely.points(np.asarray(xy, dtype=float) + ORIGIN), crs=CRS)


def collection(xy, *, stream="glass", mass_rate=10.0, volume=4000.0, count=1, kind="drop_off_column", **more):
    """Layers of a collection: one container per site, a depot and a disposal site at the origin, one truck."""
    size = len(xy)
    names = [f"S{row:04d}" for row in range(size)]
    layers = {
        "waste_sites": points(
            {"site_id": names, "kind": "kerbside" if kind == "wheeled_bin" else "drop_off"} | more.pop("sites", {}), xy
        ),
        "waste_containers": points(
            {
                "container_id": [f"{name}-{stream}" for name in names],
                "site_id": names,
                "stream": stream,
                "kind": kind,
                "volume": volume,
                "count": count,
                "mass_rate": mass_rate,
                "round_id": "R1",
            }
            | more.pop("containers", {}),
            xy,
        ),
        "waste_depots": points({"depot_id": ["D1"]} | more.pop("depots", {}), [[0.0, 0.0]]),
        "waste_disposal": points({"disposal_id": ["E1"]} | more.pop("disposal", {}), [[0.0, 0.0]]),
        "waste_trucks": plain(
            {"truck_id": ["T1"], "streams": [stream], "count": [1], "body": [30.0], "payload": [10_000.0], "crew": [1]}
            | more.pop("trucks", {})
        ),
        "waste_services": plain({"stream": [stream], "policy": ["calendar"]} | more.pop("services", {})),
        "waste_rounds": plain(
            {"round_id": ["R1"], "stream": [stream], "truck_id": ["T1"], "weekdays": ["mon"]} | more.pop("rounds", {})
        ),
    }
    assert not more, more
    return {name: whole(name, frame) for name, frame in layers.items()}


def whole(name, frame):
    """The layer with every column that the table declares."""
    missing = {row.attribute for row in NETWORK.attributes.of(name)} - set(frame.columns) - {"geometry"}
    return frame.assign(**dict.fromkeys(sorted(missing)))


def territory(layers, streets=None):
    every = dict(layers) if streets is None else {**layers, "streets": streets}
    return Territory("test", CRS, every, pd.DataFrame(columns=list(COLUMN_FIELDS)), {})


def place_of(layers, first=date(2025, 3, 3), last=date(2025, 3, 30), streets=None):
    return Place(territory(layers, streets), Clock(first, last), 1.3)


def world_of(place, warmup=28 * DAY):
    crew = CrewSpec("all", 1, (8.0, 16.0), (0, 1, 2, 3, 4))
    return World(place, ["waste"], {"waste": crew}, warmup, shared_factors())


def run(layers, place=None, *, factors=None, assumptions=None, seed=1, replication=0, warmup=28 * DAY, bill=()):
    """Run a collection; return the outcome and the prepared network."""
    place = place or place_of(layers)
    table = NETWORK.factors.override(factors or {}, "test")
    world = world_of(place, warmup)
    prepared = NETWORK.behaviour.prepare(layers, Assumptions(**(assumptions or {})), table, bill, world)
    NETWORK.behaviour.install(prepared, world, Streams(seed, replication, "waste"))
    world.run()
    return NETWORK.behaviour.outcome(prepared, world), prepared


def measured(layers, name, *, where=None, factors=None, **parameters):
    """Apply a measure to all features, or to those of a mask."""
    measure = NETWORK.measures[name]
    frame = layers[measure.layer]
    selected = np.ones(len(frame), dtype=bool) if where is None else where
    table = NETWORK.factors.override(factors or {}, "test")
    context = MeasureContext(table, territory(layers))
    return measure.apply(layers, selected, measure.parameters(**parameters), context)


def outcome(layers, **options):
    return run(layers, **options)[0]
