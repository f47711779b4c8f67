"""A small lit town for tests: 10 streets, 40 lamps, 2 cabinets, in the projected CRS of mainland France."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from jumeau.network import MeasureContext
from jumeau.networks.lighting import NETWORK
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World
from jumeau.territory.model import Territory, column_rows

#: Latitude and longitude [degree].
CITIES = {
    "Lille": (50.63, 3.06),
    "Paris": (48.8566, 2.3522),
    "Lyon": (45.764, 4.8357),
    "Marseille": (43.2965, 5.3698),
}
LAMBERT = pyproj.CRS(2154)
#: What the sun does, by place and period: computed once for all tests.
SKIES = {}
YEAR = Clock(date(2025, 1, 1), date(2025, 12, 31))


def small_town(city="Paris", lamps=40, **columns):
    """Return a territory; `columns` are those of `lamps`, one value for all or one per lamp."""
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
    frame = gpd.GeoDataFrame(
        {
            "lamp_id": [f"L{i}" for i in number],
            "cabinet_id": [f"C{i % 2}" for i in number],
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
        },
        geometry=shapely.points(x0 + number % 100, y0 + 50.0 * (number % 5)),
        crs=LAMBERT,
    )
    cabinets = gpd.GeoDataFrame(
        {"cabinet_id": ["C0", "C1"], "control": "photocell"},
        geometry=shapely.points([x0, x0 + 100], [y0, y0]),
        crs=LAMBERT,
    )
    layers = {"streets": streets, "lamps": frame, "cabinets": cabinets}
    return Territory("small", LAMBERT, layers, column_rows("lamps", ["power"], "synthetic"))


@dataclass
class Bench:
    """A town, a period and factors, on which measures and runs are tried."""

    town: Territory
    clock: Clock = YEAR
    warmup: float = 0.0
    crews: int = 1

    def __post_init__(self):
        """Start without measures, with the shipped factors."""
        self.place = Place(self.town, self.clock, 1.3)
        self.factors = NETWORK.factors
        self.layers = {name: self.town.layer(name) for name in ("lamps", "cabinets")}
        self.bill = ()
        self.notes = ()

    def having(self, **values):
        """Override factors."""
        self.factors = self.factors.override(values, "test")
        return self

    def apply(self, measure, selected=None, **parameters):
        """Apply a measure, to all features by default."""
        item = NETWORK.measures[measure]
        if selected is None:
            selected = np.ones(len(self.layers[item.layer]), dtype=bool)
        context = MeasureContext(self.factors, self.town)
        made = item.apply(self.layers, selected, item.parameters(**parameters), context)
        self.layers, self.bill, self.notes = dict(made.layers), self.bill + made.bill, self.notes + made.notes
        return self

    def world(self):
        """Return a fresh world."""
        crew = CrewSpec("all", self.crews, (8.0, 16.0), (0, 1, 2, 3, 4))
        return World(self.place, ["lighting"], {"lighting": crew}, self.warmup, shared_factors())

    def prepare(self, world=None, assumptions=None):
        """Prepare the network."""
        world = world or self.world()
        sky = ("lighting", "sky", self.warmup)
        place = (round(self.place.latitude, 2), round(self.place.longitude, 2), self.clock.start, self.clock.end)
        if (place, sky) in SKIES:
            self.place.memo(sky, lambda: SKIES[place, sky])
        made = self._prepare(world, assumptions)
        SKIES[place, sky] = self.place.memo(sky, lambda: pytest.fail("the sun is not memoised"))
        return made

    def _prepare(self, world, assumptions):
        return NETWORK.behaviour.prepare(self.layers, assumptions, self.factors, self.bill, world)

    def run(self, replication=0, seed=7, assumptions=None):
        """Prepare, run and return the outcome."""
        world = self.world()
        prepared = self.prepare(world, assumptions)
        NETWORK.behaviour.install(prepared, world, Streams(seed, replication, "lighting"))
        world.run()
        return NETWORK.behaviour.outcome(prepared, world)

    def still(self, assumptions=None):
        """Return the indicators of a world in which nothing fails: no process runs."""
        world = self.world()
        return NETWORK.behaviour.outcome(self.prepare(world, assumptions), world).indicators


__all__ = ["CITIES", "DAY", "YEAR", "Bench", "small_town"]
