"""Small pieces of mobility for the tests: blocks of spaces on a grid, layers of the bundled town, runs."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import shapely
import simpy

from jumeau.network import MeasureContext
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.physics.parking_supply import blocks_of
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.simulation.parking import ParkingDay, drivers_of
from jumeau.randomness import Streams
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.shared import shared_factors
from jumeau.simulation.world import World

CRS = "EPSG:2154"

VALUES = {name: factor.value for name, factor in NETWORK.factors.items()} | {"detour": shared_factors().value("detour")}


def square(size=8, spaces=10, load=0.8, step=80.0, dwell=1.0, hours=6):
    """Blocks on a square grid whose mean load, if all found a space, is a share of the spaces; values beside."""
    values = VALUES | {"dwell_other": dwell, "dwell_commute": dwell, "dwell_spread": 1e-6, "give_up": 600.0}
    xy = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1).reshape(-1, 2) * step
    parking = gpd.GeoDataFrame(
        {
            "parking_id": [f"P{row}" for row in range(size**2)],
            "kind": "street",
            "street_id": "",
            "spaces": spaces,
            "price": 1.0,
        },
        geometry=shapely.points(xy),
        crs=CRS,
    )
    zones = gpd.GeoDataFrame(
        {"zone_id": ["Z"], "kind": ["internal"]}, geometry=[shapely.Point(xy.mean(axis=0))], crs=CRS
    )
    layers = {name: NETWORK.attributes.empty(name, CRS) for name in NETWORK.attributes.layers}
    layers |= {"parking": parking, "traffic_zones": zones}
    blocks = blocks_of(layers, supply_of(layers, values), values)
    # As many arrive in each hour as leave: spaces times load over the time parked.
    rate = np.full((2, len(blocks), 24), spaces * load / dwell / 2.0)
    rate[:, :, hours:] = 0.0
    return replace(blocks, arriving=rate, most=rate), values


def park(blocks, values, seed=1, charged=True):
    """One day of parking."""
    env = simpy.Environment()
    drivers = drivers_of(blocks, 1.0, values, np.random.default_rng(seed))
    day = ParkingDay(env, blocks, drivers, values, charged=charged)
    env.process(day.run())
    env.run()
    return day


def layers_of(territory):
    """The mobility layers of a territory, empty where it has none."""
    return {
        name: territory.layer(name) if name in territory.layers else NETWORK.attributes.empty(name, territory.crs)
        for name in NETWORK.attributes.layers
    }


def measured(territory, layers, name, selected=None, **parameters):
    """The layers and the bill after a measure."""
    measure = NETWORK.measures[name]
    given = measure.parameters.model_validate(parameters)
    frame = layers[measure.layer]
    chosen = np.ones(len(frame), dtype=bool) if selected is None else selected
    found = measure.apply(layers, chosen, given, MeasureContext(NETWORK.factors, territory))
    return found.layers, found.bill


class Bench:
    """Runs the mobility network of a territory alone, for a few days; what is prepared is kept."""

    def __init__(self, territory, start=date(2025, 3, 3), end=date(2025, 3, 16), **assumptions):
        self.territory = territory
        self.place = Place(territory, Clock(start, end), 1.3)
        self.assumptions = NETWORK.assumptions.model_validate({"parking_days": 2} | assumptions)

    def world(self):
        crew = CrewSpec("all", 1, (8.0, 16.0), (0, 1, 2, 3, 4))
        return World(self.place, ["mobility"], {"mobility": crew}, DAY, shared_factors())

    def prepared(self, layers, bill=(), factors=NETWORK.factors):
        return NETWORK.behaviour.prepare(layers, self.assumptions, factors, bill, self.world())

    def run(self, layers, bill=(), factors=NETWORK.factors, replication=0, happen=None):
        """The outcome of one run; `happen(world)` may add processes."""
        made = self.prepared(layers, bill, factors)
        world = self.world()
        NETWORK.behaviour.install(made, world, Streams(1, replication, "mobility"))
        if happen is not None:
            happen(world)
        world.run()
        return NETWORK.behaviour.outcome(made, world)
