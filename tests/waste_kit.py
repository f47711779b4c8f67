"""Small collections for the tests: layers, a bench on them, and what a run says."""

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.networks.waste import NETWORK
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.shared import shared_factors
from jumeau.territory.model import COLUMN_FIELDS, Territory
from jumeau.testing import Bench

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
    names = [f"S{row:04d}" for row in range(len(xy))]
    columns = {
        "sites": {"site_id": names, "kind": "kerbside" if kind == "wheeled_bin" else "drop_off"},
        "containers": {
            "container_id": [f"{name}-{stream}" for name in names],
            "site_id": names,
            "stream": stream,
            "kind": kind,
            "volume": volume,
            "count": count,
            "mass_rate": mass_rate,
            "round_id": "R1",
        },
        "depots": {"depot_id": ["D1"]},
        "disposal": {"disposal_id": ["E1"]},
        "trucks": {
            "truck_id": ["T1"], "streams": [stream], "count": [1], "body": [30.0], "payload": [10_000.0], "crew": [1],
        },
        "services": {"stream": [stream], "policy": ["calendar"]},
        "rounds": {"round_id": ["R1"], "stream": [stream], "truck_id": ["T1"], "weekdays": ["mon"]},
    }  # fmt: skip
    assert set(more) <= set(columns), more
    where = {"sites": xy, "containers": xy, "depots": [[0.0, 0.0]], "disposal": [[0.0, 0.0]]}
    made = {name: known | more.get(name, {}) for name, known in columns.items()}
    return {
        f"waste_{name}": points(known, where[name]) if name in where else plain(known) for name, known in made.items()
    }


def territory(layers, streets=None):
    every = dict(layers) if streets is None else {**layers, "streets": streets}
    return Territory("test", CRS, every, pd.DataFrame(columns=list(COLUMN_FIELDS)), {})


def bench(
    layers,
    first=date(2025, 3, 3),
    last=date(2025, 3, 30),
    *,
    warmup=28 * DAY,
    factors=None,
    shared=None,
    assumptions=None,
    network=NETWORK,
):
    """A bench on some layers, or on a whole territory; some factors and shared factors may be others."""
    return Bench(
        network,
        layers if isinstance(layers, Territory) else territory(layers),
        Clock(first, last),
        warmup,
        factors=network.factors.override(factors or {}, "test"),
        shared=shared_factors().override(shared or {}, "test"),
        # Rehearsals of years are for those tests that ask for them.
        assumptions={"rehearsals": False} if assumptions is None else assumptions,
    )


def measured(layers, name, *, where=None, **parameters):
    """Apply a measure to all features, or to those of a mask."""
    tried = bench(layers)
    return tried.apply(tried.layers, name, where, **parameters)


def figures(layers, *dates, **options):
    """What a run says: indicators, quantities and lines of the account."""
    tried = bench(layers, *dates, **options)
    found = tried.run().outcome
    return {**tried.account(found), **found.indicators, **found.quantities}


def events(layers, *dates, **options):
    """The events of a run by kind, its warm-up included."""
    return bench(layers, *dates, **options).run().events(NETWORK.name)
