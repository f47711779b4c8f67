"""A small lit town for tests: 10 streets, 40 lamps, 2 cabinets, in the projected CRS of mainland France."""

from datetime import date

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from jumeau.networks.lighting import NETWORK
from jumeau.simulation.clock import Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.shared import shared_factors
from jumeau.territory.model import Territory, column_rows
from jumeau.testing import Bench

#: Latitude and longitude [degree].
CITIES = {
    "Lille": (50.63, 3.06),
    "Paris": (48.8566, 2.3522),
    "Lyon": (45.764, 4.8357),
    "Marseille": (43.2965, 5.3698),
}
LAMBERT = pyproj.CRS(2154)
YEAR = Clock(date(2025, 1, 1), date(2025, 12, 31))


def small_town(city="Paris", lamps=40, cabinets=2, **columns):
    """Return a territory; `columns` are those of `lamps`, one value for all or one per lamp, None for no column."""
    to_metres = pyproj.Transformer.from_crs(4326, LAMBERT, always_xy=True)
    latitude, longitude = CITIES[city]
    x0, y0 = to_metres.transform(longitude, latitude)
    lines = [shapely.LineString([(x0, y0 + 50 * i), (x0 + 100, y0 + 50 * i)]) for i in range(5)]
    lines += [shapely.LineString([(x0, y0 + 50 * i), (x0, y0 + 50 * (i + 1))]) for i in range(4)]
    lines += [shapely.LineString([(x0 + 100, y0), (x0 + 100, y0 + 50)])]
    streets = gpd.GeoDataFrame(
        {"street_id": [f"S{i}" for i in range(10)], "road_class": "residential", "oneway": "both"},
        geometry=lines,
        crs=LAMBERT,
    )
    number = np.arange(lamps)
    given = {
        "lamp_id": [f"L{i}" for i in number],
        "cabinet_id": [f"C{i % cabinets}" for i in number],
        "street_id": [f"S{i % 10}" for i in number],
        "technology": "HPS",
        "power": 100.0,
        "installed_year": 2005,
        "road_class": "residential",
        "lit_area": 200.0,
        "flux": 7500.0,
        "cct": 2000.0,
        "ulr": 0.02,
        "legal_category": "a",
        **columns,
    }
    frame = gpd.GeoDataFrame(
        {name: values for name, values in given.items() if values is not None},
        geometry=shapely.points(x0 + number % 100, y0 + 50.0 * (number % 5)),
        crs=LAMBERT,
    )
    boxes = gpd.GeoDataFrame(
        {"cabinet_id": [f"C{i}" for i in range(cabinets)], "control": "photocell"},
        geometry=shapely.points(x0 + 100.0 * (np.arange(cabinets) % 2), y0),
        crs=LAMBERT,
    )
    layers = {"streets": streets, "lamps": frame, "cabinets": boxes}
    return Territory("small", LAMBERT, layers, column_rows("lamps", ["power"], "synthetic"))


class Lit:
    """A town on the bench for a year, and what the measures so far made of it."""

    def __init__(self, town, *, clock=YEAR, warmup=0.0, crews=1, prices=None, network=NETWORK):
        crew = CrewSpec("all", crews, (8.0, 16.0), (0, 1, 2, 3, 4))
        shared = shared_factors().override(prices or {}, "test")
        self.bench = Bench(network, town, clock, warmup, crew, shared=shared)
        self.layers, self.bill, self.notes = self.bench.layers, (), ()

    def having(self, **values):
        """Override factors."""
        self.bench = self.bench.having(**values)
        return self

    def apply(self, measure, selected=None, **parameters):
        """Apply a measure, to all features by default."""
        made = self.bench.apply(self.layers, measure, selected, **parameters)
        self.layers, self.bill, self.notes = dict(made.layers), self.bill + made.bill, self.notes + made.notes
        return self

    def prepare(self, world=None):
        """Prepare the network."""
        return self.bench.prepare(self.layers, world)

    def run(self, replication=0):
        """Prepare and simulate."""
        return self.bench.run(self.layers, replication=replication, seed=7)

    def said(self, outcome):
        """Return all that is said of an outcome: indicators, quantities, lines of the account."""
        return {**outcome.indicators, **outcome.quantities, **self.bench.account(outcome, self.bill)}

    def still(self):
        """Return what is said of a world in which nothing fails: no process runs."""
        world = self.bench.world()
        return self.said(NETWORK.behaviour.outcome(self.prepare(world), world))


def events(ran, kind):
    """Return the events of a kind."""
    return ran.world.journals["lighting"].table(kind)
