"""The whole example town, from one seed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import LineString, Polygon

from . import frames
from .addresses import number_doors
from .blocks import build_town, draw_greens, draw_quarters, draw_water
from .buildings import landmark
from .geometry import Point2, smooth
from .graph import StreetGraph
from .names import name_streets
from .people import house_people, population_grid
from .relief import elevation, grid
from .streets import Plot, draw_main_roads, read_plots, subdivide
from .tables import Table, read_factors, read_plan, read_table
from .traffic import check_drivable, set_one_ways, set_pedestrian

__all__ = ["generate_town"]

_Area = tuple[str, str, Polygon]
PURPOSES = ("streets", "names", "traffic", "buildings", "people", "addresses", "relief")


@dataclass(frozen=True)
class _Inputs:
    plan: Mapping[str, Any] = field(default_factory=read_plan)
    styles: Table = field(default_factory=lambda: read_table("styles.csv"))
    classes: Table = field(default_factory=lambda: read_table("road_classes.csv"))
    factors: Mapping[str, float] = field(default_factory=read_factors)
    names: Table = field(default_factory=lambda: read_table("names.csv"))


def generate_town(
    seed: int = 2025, built: Collection[str] | None = None
) -> tuple[dict[str, gpd.GeoDataFrame], pd.DataFrame]:
    """Generate the synthetic example town.

    Parameters
    ----------
    seed : int
        Seed of every draw; each purpose has its own stream, so that a change in one leaves the others.
    built : collection of str, optional
        Quarters of the plan that are built, for a smaller town; the other ones stay meadows between the main roads.
        All of them by default.

    Returns
    -------
    layers : dict of str to GeoDataFrame
        `streets, street_nodes, buildings, addresses, population, zones, green, water, relief`, in EPSG:2154.
    columns : DataFrame
        One row per layer and column (`layer, column, origin, rule, source, licence, date`).

    Raises
    ------
    ValueError
        If the plan's points do not match its roads, or the drivable network is not strongly connected.
    """
    rngs = {
        purpose: np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(rank,))))
        for rank, purpose in enumerate(PURPOSES)
    }
    inputs = _Inputs() if built is None else _Inputs(_smaller(read_plan(), built))
    graph, plots = _draw_streets(inputs, rngs)
    origin: Point2 = (float(inputs.plan["origin"][0]), float(inputs.plan["origin"][1]))
    water = draw_water(inputs.plan)
    outlines = [shape for _, _, shape in water]
    tables = (inputs.styles, inputs.classes, inputs.factors)
    landmarks = [landmark(row, graph) for row in inputs.plan["landmarks"]]
    buildings, small_greens = build_town(graph, plots, outlines, landmarks, tables, rngs["buildings"])
    buildings.sort(key=lambda b: tuple(round(c, 2) for c in b.footprint.bounds))
    people = house_people(buildings, inputs.styles, inputs.factors, rngs["people"])
    addresses = number_doors(graph, buildings, inputs.factors, rngs["addresses"])
    greens = [
        *draw_greens(graph, plots, outlines, landmarks, inputs.classes),
        *_named(small_greens, inputs.plan["quarters"]),
    ]

    streets, nodes, ids = frames.street_layers(graph, inputs.classes, origin)
    relief, extent = _relief(inputs, graph, plots, rngs["relief"], origin)
    layers = {
        "streets": streets,
        "street_nodes": nodes,
        "buildings": frames.building_layer(buildings, origin),
        "addresses": frames.address_layer(addresses, ids, origin),
        "population": population_grid(buildings, people, origin, inputs.factors["population_cell"], frames.CRS),
        "zones": frames.area_layer("zone_id", "Q", draw_quarters(plots, inputs.plan["quarters"]), origin),
        "green": frames.area_layer("green_id", "G", greens, origin),
        "water": frames.area_layer("water_id", "W", water, origin, extent),
        "relief": relief,
    }
    return layers, frames.columns_table(layers)


def _smaller(plan: Mapping[str, Any], built: Collection[str]) -> Mapping[str, Any]:
    """Return the plan with nothing but meadows outside some quarters."""
    plots = [plot if plot["quarter"] in built else {**plot, "style": "meadow"} for plot in plan["plots"]]
    return {**plan, "plots": plots}


def _draw_streets(inputs: _Inputs, rngs: Mapping[str, np.random.Generator]) -> tuple[StreetGraph, list[Plot]]:
    graph = StreetGraph()
    draw_main_roads(graph, inputs.plan["roads"])
    plots = read_plots(graph, inputs.plan["plots"])
    subdivide(graph, plots, inputs.styles, rngs["streets"])
    if not check_drivable(graph, inputs.classes):
        raise ValueError("the drivable streets of the plan are not connected")
    set_pedestrian(graph, inputs.classes, inputs.factors["pedestrian_share"], rngs["traffic"])
    set_one_ways(graph, inputs.classes, inputs.factors, rngs["traffic"])
    name_streets(graph, _quarters_of(graph, plots), inputs.names, rngs["names"])
    return graph, plots


def _named(greens: list[_Area], quarters: Mapping[str, str]) -> list[_Area]:
    return [(f"Espace vert, {quarters[key]}", kind, shape) for key, kind, shape in greens]


def _quarters_of(graph: StreetGraph, plots: list[Plot]) -> dict[int, str]:
    outlines = [plot.outline for plot in plots]
    quarters: dict[int, str] = {}
    for arc in graph.arcs.values():
        middle = arc.line.interpolate(0.5, normalized=True)
        quarters.setdefault(arc.street, plots[int(np.argmin(shapely.distance(outlines, middle)))].quarter)
    return quarters


def _relief(
    inputs: _Inputs, graph: StreetGraph, plots: list[Plot], rng: np.random.Generator, origin: Point2
) -> tuple[gpd.GeoDataFrame, tuple[float, float, float, float]]:
    """Return the relief layer and the extent that it covers (local, [m])."""
    step, margin = inputs.factors["relief_step"], inputs.factors["relief_margin"]
    west, south, east, north = shapely.total_bounds(
        [*(arc.line for arc in graph.arcs.values()), *(plot.outline for plot in plots)]
    )
    points = grid((west - margin, south - margin, east + margin, north + margin), step)
    river = LineString(smooth(inputs.plan["river"]["points"], 40.0))
    z = elevation(points, river, inputs.factors, rng)
    layer = gpd.GeoDataFrame({"z": z}, geometry=gpd.points_from_xy(*(points + np.asarray(origin)).T), crs=frames.CRS)
    low, high = points.min(axis=0), points.max(axis=0)
    return layer, (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
