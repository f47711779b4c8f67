"""What a water network lacks, filled in by stated rules: no observed value is ever replaced."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.columns import numbers, rows_of, texts, totals
from jumeau.factors import FactorTable
from jumeau.networks.water.formats.epanet_sections import moved_links
from jumeau.networks.water.layout.connections import count_connections, lay_out_connections
from jumeau.networks.water.layout.elevation import elevations
from jumeau.networks.water.layout.pumps import impute_pumps
from jumeau.networks.water.layout.rules import SYNTHESIS
from jumeau.networks.water.layout.sectors import outlines
from jumeau.networks.water.physics.bursts import MATERIALS
from jumeau.networks.water.physics.sector_border import zoning_of_nodes
from jumeau.networks.water.physics.sector_drawing import Size, drawn, places
from jumeau.networks.water.physics.sector_prices import Prices
from jumeau.networks.water.physics.sector_topology import Topology
from jumeau.networks.water.tables import ATTRIBUTES
from jumeau.randomness import Streams
from jumeau.territory.completion import lay_out
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]

#: Ends of the periods in which pipes were laid; each has its share of the length and its materials.
PERIODS = ("1930", "1950", "1970", "1980", "1995", "2010", "2024")
OLDEST = 1890.0

#: Metals without lining, whose roughness grows with age.
_BARE = ("grey_iron", "steel")


def impute(territory: Territory, factors: FactorTable, streams: Streams) -> Territory:
    """Fill the gaps of an observed network: heights, materials, years, roughness, connections, demands, sectors."""
    territory = _heights(territory)
    territory = _stock(territory, factors, streams)
    territory = _roughness(territory, factors)
    territory = count_connections(territory, factors)
    territory = lay_out_connections(_demands(territory, factors), factors)
    territory = impute_pumps(_supply(territory, factors), factors)
    return _sectors(territory, factors)


def _heights(territory: Territory) -> Territory:
    junctions = territory.layer("water_junctions")
    if not np.isnan(numbers(junctions, "elevation")).any():
        return territory
    xy = shapely.get_coordinates(junctions.geometry.to_numpy())
    found = elevations(territory.layers.get("relief"), xy)
    if found is None:
        known = ~np.isnan(numbers(junctions, "elevation"))
        if known.any():
            nearest = cKDTree(xy[known]).query(xy)[1]
            rule = "height of the nearest junction where it is known"
            heights = numbers(junctions, "elevation")[known][nearest]
            return SYNTHESIS.fill(territory, "water_junctions", "elevation", heights, rule)
        return SYNTHESIS.fill(territory, "water_junctions", "elevation", np.zeros(len(xy)), "no relief: flat ground")
    return SYNTHESIS.fill(territory, "water_junctions", "elevation", np.round(found, 2), "interpolated in the relief")


def stock(pipes: gpd.GeoDataFrame, factors: FactorTable, streams: Streams) -> tuple[NDArray[np.object_], Floats]:
    """Return a material and a year of laying for each pipe; the pipes of a street share them.

    Parameters
    ----------
    pipes : GeoDataFrame, shape (n,)
        With `diameter` [mm]; `street_id` or `pipe_id` tells what was laid together.
    factors : FactorTable
    streams : Streams
    """
    keys = texts(pipes, "street_id").astype(str)
    keys = np.where(keys == "", texts(pipes, "pipe_id").astype(str), keys)
    names, group = np.unique(keys, return_inverse=True)
    group = np.asarray(group).ravel()
    draws = [streams.column("street", purpose, len(names))[group] for purpose in ("period", "year", "material")]
    shares = np.array([factors.value(f"laid_before_{period}") for period in PERIODS])
    period = np.searchsorted(np.cumsum(shares / shares.sum()), draws[0], side="right")
    period = np.minimum(period, len(PERIODS) - 1)
    ends = np.array([float(name) for name in PERIODS])
    begins = np.concatenate([[OLDEST], ends[:-1]])
    year = np.floor(begins[period] + draws[1] * (ends[period] - begins[period]))
    material = np.full(len(pipes), "other", dtype=object)
    for row, name in enumerate(PERIODS):
        stem = f"material_{name}_"
        known = [item for item in MATERIALS if stem + item in factors]
        weights = np.array([factors.value(stem + item) for item in known])
        chosen = np.searchsorted(np.cumsum(weights / weights.sum()), draws[2], side="right")
        member = period == row
        material[member] = np.array(known, dtype=object)[np.minimum(chosen[member], len(known) - 1)]
    large = numbers(pipes, "diameter", 0.0) >= factors.value("layout_large_diameter")
    iron = np.where(year < 1965, "grey_iron", "ductile_iron").astype(object)
    return np.where(large & ~np.isin(material, ("grey_iron", "ductile_iron", "steel")), iron, material), year


def _stock(territory: Territory, factors: FactorTable, streams: Streams) -> Territory:
    """Give pipes without material or year those of the mix of French networks; a known one narrows the other."""
    pipes = territory.layer("water_pipes")
    material, year = stock(pipes, factors, streams)
    rule = "mix of French networks by period, the pipes of a street together"
    territory = SYNTHESIS.fill(territory, "water_pipes", "laid_year", year, rule)
    return SYNTHESIS.fill(territory, "water_pipes", "material", material, rule)


def roughness_of(pipes: gpd.GeoDataFrame, factors: FactorTable, year: float) -> Floats:
    """Return the Hazen-Williams coefficient of each pipe by material and age, shape (n,).

    Parameters
    ----------
    pipes : GeoDataFrame, shape (n,)
        With `material` and `laid_year`.
    factors : FactorTable
    year : float
        Year that ages are counted to.
    """
    material = texts(pipes, "material", "other")
    new = np.array([factors.value(f"roughness_{name}") for name in material], dtype=np.float64)
    age = np.clip(year - numbers(pipes, "laid_year", year), 0.0, None)
    rate = np.where(
        np.isin(material, _BARE), factors.value("roughness_ageing_iron"), factors.value("roughness_ageing_other")
    )
    found = np.maximum(new - rate * age, factors.value("roughness_least"))
    return np.asarray(np.round(found, 1), dtype=np.float64)


def _roughness(territory: Territory, factors: FactorTable) -> Territory:
    pipes = territory.layer("water_pipes")
    if not np.isnan(numbers(pipes, "roughness")).any():
        return territory
    values = roughness_of(pipes, factors, float(np.nanmax(numbers(pipes, "laid_year"), initial=2024.0)))
    return SYNTHESIS.fill(territory, "water_pipes", "roughness", values, "by material and age (Hazen-Williams)")


def _demands(territory: Territory, factors: FactorTable) -> Territory:
    """Spread the use of residents on junctions where the network tells no demand at all; a stated zero is one."""
    junctions = territory.layer("water_junctions")
    if not np.isnan(numbers(junctions, "demand")).all() or territory.has("water_demands"):
        return territory
    pipes = territory.layer("water_pipes")
    count = numbers(pipes, "connections", 0.0)
    rule = "residents of the territory, spread by connections"
    if territory.has("population"):
        people = float(territory.layers["population"]["residents"].sum())
    else:
        people = float(count.sum()) * factors.value("layout_persons_per_dwelling")
        rule = "one household per connection"
    share = np.zeros(len(junctions))
    for column in ("from_node", "to_node"):
        place = rows_of(texts(junctions, "node_id"), texts(pipes, column))
        np.add.at(share, place[place >= 0], count[place >= 0] / 2.0)
    total = people * factors.value("layout_use_resident") / 24_000.0
    demand = total * share / max(float(share.sum()), 1e-9)
    cleared = territory.layer("water_junctions").drop(columns=["demand"], errors="ignore")
    return SYNTHESIS.fill(
        territory.with_layers({"water_junctions": cleared}), "water_junctions", "demand", demand, rule
    )


def _supply(territory: Territory, factors: FactorTable) -> Territory:
    """Give tanks a size and tanks and sources a height where they have none, so that the highest customer is served."""
    nodes = numbers(territory.layer("water_junctions"), "elevation", 0.0)
    enough = float(nodes.max(initial=0.0)) + factors.value("layout_pressure_least")
    enough += factors.value("layout_loss_allowance")
    rule = "high enough for the highest junction"
    if territory.has("water_reservoirs"):
        head = np.full(len(territory.layers["water_reservoirs"]), enough)
        territory = SYNTHESIS.fill(territory, "water_reservoirs", "head", head, rule)
    if not territory.has("water_tanks"):
        return territory
    count = len(territory.layers["water_tanks"])
    level = factors.value("layout_level_range")
    territory = SYNTHESIS.fill(territory, "water_tanks", "elevation", np.full(count, enough), rule)
    territory = SYNTHESIS.fill(
        territory, "water_tanks", "maximum_level", np.full(count, level), "usual height of water"
    )
    highest = numbers(territory.layers["water_tanks"], "maximum_level")
    territory = SYNTHESIS.fill(territory, "water_tanks", "initial_level", highest / 2.0, "half full")
    demand = float(np.nansum(numbers(territory.layer("water_junctions"), "demand", 0.0)))
    if territory.has("water_demands"):
        demand += float(territory.layers["water_demands"]["demand"].sum())
    volume = max(24.0 * demand * factors.value("layout_storage") / count, 50.0)
    diameter = np.sqrt(4.0 * volume / (np.pi * np.maximum(highest, 0.5)))
    return SYNTHESIS.fill(territory, "water_tanks", "diameter", np.round(diameter, 1), "half a day of storage")


def _sectors(territory: Territory, factors: FactorTable) -> Territory:
    """Cut a network without sectors into parts of a usual size."""
    pipes = territory.layer("water_pipes")
    if territory.has("water_sectors") or (texts(pipes, "sector_id") != "").any() or not len(pipes):
        return _named_sectors(territory)
    layers = {
        name: territory.layer(name) if territory.has(name) else ATTRIBUTES.empty(name, territory.crs)
        for name in ATTRIBUTES.layers
    }
    topology = Topology.of(layers, moved_links(layers))
    worth = Prices.of(topology, factors).worth
    weight = totals(topology.start[: len(pipes)], numbers(pipes, "connections", 1.0), len(topology.nodes))
    size = Size(weight, factors.value("layout_sector_connections"), None, factors.value("sector_smallest"))
    everywhere = np.ones(len(topology.nodes), dtype=bool)
    node = drawn(topology, worth, places(topology, pipes.geometry.to_numpy()), size, everywhere, None)
    sector = zoning_of_nodes(topology, node, worth[: len(pipes)]).pipe
    of_pipe = np.array([f"S{number + 1:03d}" if number >= 0 else "" for number in sector], dtype=object)
    territory = SYNTHESIS.fill(
        territory,
        "water_pipes",
        "sector_id",
        of_pipe,
        "parts of about the same number of connections, cut where it is cheap",
    )
    return _named_sectors(territory)


def _named_sectors(territory: Territory) -> Territory:
    """Outline the sectors that pipes name, where there is no layer of them."""
    pipes = territory.layer("water_pipes")
    names = texts(pipes, "sector_id")
    if territory.has("water_sectors") or not (names != "").any():
        return territory
    frame = outlines(pipes.geometry.to_numpy(), names, territory.crs)
    frame = frame.assign(metered=ATTRIBUTES.default("water_sectors", "metered"))
    rule = SYNTHESIS.rule("outline of the pipes that name the sector")
    return lay_out(territory, {"water_sectors": frame}, {"water_sectors": rule})
