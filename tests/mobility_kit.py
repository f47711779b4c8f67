"""Small pieces of mobility for the tests: blocks of spaces on a grid, a bench of the bundled town."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import shapely

from jumeau.attributes import typed_layer
from jumeau.networks.mobility import NETWORK
from jumeau.networks.mobility.physics.parking_supply import blocks_of
from jumeau.networks.mobility.physics.supply import supply_of
from jumeau.networks.mobility.simulation.drivers import drivers_of
from jumeau.networks.mobility.simulation.parking import parking_day
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.shared import shared_factors
from jumeau.testing import Bench

CRS = "EPSG:2154"

VALUES = {name: factor.value for name, factor in {**shared_factors(), **NETWORK.factors}.items()}


def bench_of(territory, start=date(2025, 3, 3), end=date(2025, 3, 16), **assumptions):
    """The mobility of a territory for some days, two of which are followed space by space."""
    return Bench(NETWORK, territory, Clock(start, end), DAY, assumptions={"parking_days": 2} | assumptions)


def typed_layers(crs=CRS, **layers):
    """Layers made by hand as the network gets them; those left out are empty."""
    table = NETWORK.attributes
    return {
        name: typed_layer(layers[name], table, name) if name in layers else table.empty(name, crs)
        for name in table.layers
    }


def square(size=8, spaces=10, load=0.8, step=80.0, dwell=1.0, hours=6):
    """Blocks on a square grid whose mean load, if all found a space, is a share of the spaces; values beside."""
    values = VALUES | {"dwell_other": dwell, "dwell_commute": dwell, "dwell_spread": 1e-6, "give_up": 600.0}
    xy = np.stack(np.meshgrid(np.arange(size), np.arange(size)), axis=-1).reshape(-1, 2) * step
    parking = gpd.GeoDataFrame(
        {"parking_id": [f"P{row}" for row in range(size**2)], "spaces": spaces, "price": 1.0},
        geometry=shapely.points(xy),
        crs=CRS,
    )
    zones = gpd.GeoDataFrame({"zone_id": ["Z"]}, geometry=[shapely.Point(xy.mean(axis=0))], crs=CRS)
    layers = typed_layers(parking=parking, traffic_zones=zones)
    blocks = blocks_of(layers, supply_of(layers, values), values)
    # As many arrive in each hour as leave: spaces times load over the time parked.
    rate = np.full((2, len(blocks), 24), spaces * load / dwell / 2.0)
    rate[:, :, hours:] = 0.0
    return replace(blocks, arriving=rate, most=rate), values


def park(blocks, values, seed=1, charged=True):
    """One day of parking."""
    drivers = drivers_of(blocks, 1.0, values, np.random.default_rng(seed))
    return parking_day(blocks, drivers, values, charged=charged)
