"""Where lamps stand along streets: regular spacing, beside the roadway, out of crossings and buildings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from jumeau.factors import FactorTable
from jumeau.networks.lighting.layout.stock import lookup, quantile
from jumeau.randomness import Streams
from jumeau.territory.graph import road_classes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Classes that may be lit, the most important first; where two lamps stand too near, the first one stays.
LIT_CLASSES = (
    "primary", "secondary", "tertiary", "residential", "living_street", "pedestrian", "service", "cycleway",
)  # fmt: skip

#: Where a lamp may go when its place is taken: steps along the street, as shares of the spacing.
_SHIFTS = (0.0, 0.1, -0.1, 0.2, -0.2, 0.3, -0.3)
#: Sides tried at each step: its own, the other one, then a cable over the axis (narrow old streets).
_SIDES = (1.0, -1.0, 0.0)
#: Half the length over which the direction of a street is measured [m].
_TANGENT = 1.0


@dataclass(frozen=True)
class Chains:
    """Stretches of streets of one name and class, along which the spacing is regular.

    Attributes
    ----------
    lines : ndarray of LineString, shape (k,)
    spacing, width : ndarray, shape (k,)
        [m]
    side : ndarray, shape (k,)
        Side of the first lamp, 1 (left) or -1.
    arcs : GeoDataFrame
        The lit arcs, with their `chain_group`.
    group : ndarray of int, shape (k,)
        Group (name and class) of each stretch, as in `arcs`.
    """

    lines: NDArray[np.object_]
    spacing: Floats
    width: Floats
    side: Floats
    arcs: gpd.GeoDataFrame
    group: Ints


@dataclass(frozen=True)
class Places:
    """Places along chains where a lamp is wanted.

    Attributes
    ----------
    chain : ndarray of int, shape (n,)
    position : ndarray, shape (n,)
        Distance from the start of the chain [m].
    side : ndarray, shape (n,)
        1 (left) or -1.
    spacing : ndarray, shape (n,)
        Street length that the lamp lights [m].
    """

    chain: Ints
    position: Floats
    side: Floats
    spacing: Floats

    def where(self, kept: NDArray[np.bool_]) -> Places:
        """Return some of the places."""
        return Places(self.chain[kept], self.position[kept], self.side[kept], self.spacing[kept])


def street_width(road_class: pd.Series, width: pd.Series | None, factors: FactorTable) -> Floats:
    """Return carriageway widths [m]: the known ones, else the usual one of the class."""
    usual = road_class.map(
        {name: lookup(factors, "layout_width", name, "residential").value for name in road_class.unique()}
    )
    known = usual if width is None else pd.to_numeric(width, errors="coerce").fillna(usual)
    return np.asarray(known, dtype=np.float64)


def place_lamps(
    streets: gpd.GeoDataFrame,
    obstacles: gpd.GeoSeries,
    entrances: gpd.GeoSeries,
    factors: FactorTable,
    streams: Streams,
) -> gpd.GeoDataFrame:
    """Lay out lamps along the streets of the built-up area.

    Parameters
    ----------
    streets : GeoDataFrame
        With `street_id`, `road_class`, and `name` and `width` where known.
    obstacles, entrances : GeoSeries
        Buildings (polygons) and addresses (points); both may be empty, every street is then taken as built up.
    factors : FactorTable
        Those of the synthesis.
    streams : Streams

    Returns
    -------
    GeoDataFrame
        Points with `street_id` and `spacing` [m], by street and position.
    """
    arcs = _lit_arcs(streets, factors)
    if not len(arcs):
        return gpd.GeoDataFrame({"street_id": [], "spacing": []}, geometry=[], crs=streets.crs)
    chains = _chains(arcs, factors, streams)
    places = _regular(chains, factors)
    near = np.concatenate([obstacles.to_numpy(), entrances.to_numpy()])
    if len(near):
        places = places.where(_built_up(chains, places, near, factors))
    points, ok = _clear_points(chains, places, obstacles.to_numpy(), factors)
    places, points = places.where(ok), points[ok]
    kept = _apart(points, places, chains, factors.value("layout_minimum_gap"))
    places, points = places.where(kept), points[kept]
    lamps = gpd.GeoDataFrame(
        {"street_id": _arc_ids(chains, places), "spacing": places.spacing, "position": places.position},
        geometry=shapely.set_precision(points, 0.01),
        crs=streets.crs,
    )
    return lamps.sort_values(["street_id", "position"]).drop(columns="position").reset_index(drop=True)


def _lit_arcs(streets: gpd.GeoDataFrame, factors: FactorTable) -> gpd.GeoDataFrame:
    arcs = streets.copy()
    arcs["street_id"] = arcs["street_id"].astype(str)
    arcs["road_class"] = road_classes(arcs)
    usable = arcs["road_class"].isin(LIT_CLASSES) & ~arcs.geometry.isna() & ~arcs.geometry.is_empty
    arcs = arcs[usable].sort_values("street_id").reset_index(drop=True)
    arcs["width"] = street_width(arcs["road_class"], arcs.get("width"), factors)
    named = arcs["name"].fillna("") if "name" in arcs else pd.Series("", index=arcs.index)
    key = named.where(named != "", arcs["street_id"]) + "|" + arcs["road_class"]
    arcs["chain_group"] = np.unique(key.to_numpy(dtype=str), return_inverse=True)[1].ravel()
    return arcs


def _chains(arcs: gpd.GeoDataFrame, factors: FactorTable, streams: Streams) -> Chains:
    """Join the arcs of one name and class end to end."""
    rows = []
    for number, members in arcs.groupby("chain_group"):
        merged = shapely.line_merge(
            shapely.multilinestrings(np.concatenate([shapely.get_parts(g) for g in members.geometry]))
        )
        width = float(np.average(members["width"], weights=members.length))
        rows += [(line, number, width, members["road_class"].iloc[0]) for line in shapely.get_parts(merged)]
    table = pd.DataFrame(rows, columns=["line", "group", "width", "road_class"])
    draws = streams.column("chain", "spacing", len(table))
    spacing = np.zeros(len(table))
    for name, members in table.groupby("road_class"):
        spacing[members.index] = quantile(factors[f"layout_spacing_{name}"], draws[members.index])
    side = np.where(streams.column("chain", "side", len(table)) < 0.5, 1.0, -1.0)
    return Chains(
        table["line"].to_numpy(dtype=object), spacing, table["width"].to_numpy(dtype=float), side, arcs,
        table["group"].to_numpy(dtype=np.int64),
    )  # fmt: skip


def _regular(chains: Chains, factors: FactorTable) -> Places:
    """Space lamps evenly, half a spacing from each end."""
    length = shapely.length(chains.lines)
    facing = chains.width >= factors.value("layout_opposite_width")
    staggered = ~facing & (chains.width >= factors.value("layout_staggered_width"))
    lamps = np.floor(length / chains.spacing + 0.5).astype(np.int64)
    # Facing pairs: half as many places along the street, two lamps at each.
    lamps = np.where(facing, lamps // 2 * 2, lamps)
    chain = np.repeat(np.arange(len(lamps)), lamps)
    rank = np.arange(lamps.sum()) - np.repeat(np.cumsum(lamps) - lamps, lamps)
    slots = np.where(facing, lamps // 2, lamps)[chain]
    slot = np.where(facing[chain], rank // 2, rank)
    alternate = np.where(rank % 2 == 0, 1.0, -1.0)
    side = chains.side[chain] * np.where((facing | staggered)[chain], alternate, 1.0)
    return Places(
        chain, (slot + 0.5) * length[chain] / np.maximum(slots, 1), side, length[chain] / np.maximum(lamps[chain], 1)
    )


def _built_up(chains: Chains, places: Places, near: NDArray[np.object_], factors: FactorTable) -> NDArray[np.bool_]:
    """Tell which places are lit: those among buildings, and short stretches between them (bridges, squares)."""
    points = shapely.line_interpolate_point(chains.lines[places.chain], places.position)
    radius = factors.value("layout_built_up_radius")
    found = shapely.STRtree(near).query(points, predicate="dwithin", distance=radius)[0]
    lit = np.bincount(found, minlength=len(points)) >= factors.value("layout_built_up_count")
    gap = factors.value("layout_gap")
    for members in np.split(np.arange(len(lit)), np.flatnonzero(np.diff(places.chain)) + 1):
        on = members[lit[members]]
        for first, last in pairwise(on):
            if places.position[last] - places.position[first] <= gap:
                lit[first:last] = True
    # A short street both of whose ends touch lit ones is lit as well.
    if lit.any():
        tree = cKDTree(shapely.get_coordinates(points[lit]))
        ends = [shapely.get_coordinates(shapely.get_point(chains.lines, end)) for end in (0, -1)]
        touches = np.all([tree.query(end)[0] <= chains.spacing for end in ends], axis=0)
        lit |= (touches & (shapely.length(chains.lines) <= gap))[places.chain]
    return np.asarray(lit, dtype=bool)


def _clear_points(
    chains: Chains, places: Places, obstacles: NDArray[np.object_], factors: FactorTable
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the point of each lamp, and whether a clear one was found near its place."""
    points = np.full(len(places.chain), None, dtype=object)
    waiting = np.arange(len(points))
    buildings = shapely.STRtree(obstacles)
    roads = shapely.STRtree(chains.arcs.geometry.to_numpy())
    half = chains.arcs["width"].to_numpy() / 2
    group = chains.arcs["chain_group"].to_numpy()
    clearance, setback = factors.value("layout_wall_clearance"), factors.value("layout_setback")
    for side in _SIDES:
        for shift in _SHIFTS:
            if not len(waiting):
                break
            some = places.where(np.isin(np.arange(len(points)), waiting))
            tried = _offset(chains, some, shift * some.spacing, side * some.side, setback)
            blocked = np.zeros(len(tried), dtype=bool)
            blocked[buildings.query(tried, predicate="dwithin", distance=clearance)[0]] = True
            lamp, arc = roads.query(tried, predicate="dwithin", distance=float(half.max()))
            inside = shapely.distance(tried[lamp], chains.arcs.geometry.to_numpy()[arc]) < half[arc]
            # Its own axis is no crossing; a bend of it may still come near.
            foreign = group[arc] != chains.group[some.chain[lamp]]
            blocked[lamp[inside & (foreign | (side != 0.0))]] = True
            points[waiting[~blocked]] = tried[~blocked]
            waiting = waiting[blocked]
    return points, np.array([point is not None for point in points], dtype=bool)


def _offset(chains: Chains, places: Places, shift: Floats, side: Floats, setback: float) -> NDArray[np.object_]:
    """Return points beside the axis, on the pavement's edge."""
    lines = chains.lines[places.chain]
    length = shapely.length(lines)
    position = np.clip(places.position + shift, 0.0, length)
    here = shapely.get_coordinates(shapely.line_interpolate_point(lines, position))
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.maximum(position - _TANGENT, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.minimum(position + _TANGENT, length)))
    along = after - before
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    left = np.column_stack([-along[:, 1], along[:, 0]])
    distance = side * (chains.width[places.chain] / 2 + setback)
    return np.asarray(shapely.points(here + left * distance[:, None]), dtype=object)


def _apart(points: NDArray[np.object_], places: Places, chains: Chains, gap: float) -> NDArray[np.bool_]:
    """Drop the less important of two lamps of different chains that stand too near each other."""
    kept = np.ones(len(points), dtype=bool)
    if not len(points):
        return kept
    classes = chains.arcs.groupby("chain_group")["road_class"].first()
    rank = classes.map({name: order for order, name in enumerate(LIT_CLASSES)})
    order = rank.loc[chains.group[places.chain]].to_numpy()
    pairs = cKDTree(shapely.get_coordinates(points)).query_pairs(gap, output_type="ndarray")
    pairs = pairs[places.chain[pairs[:, 0]] != places.chain[pairs[:, 1]]]
    swap = order[pairs[:, 0]] > order[pairs[:, 1]]
    pairs[swap] = pairs[swap][:, ::-1]
    for first, second in pairs[np.lexsort((pairs[:, 1], pairs[:, 0], order[pairs[:, 0]]))]:
        if kept[first]:
            kept[second] = False
    return kept


def _arc_ids(chains: Chains, places: Places) -> NDArray[np.object_]:
    """Return the street_id of the arc on which each place lies."""
    if not len(places.chain):
        return np.zeros(0, dtype=object)
    points = shapely.line_interpolate_point(chains.lines[places.chain], places.position)
    place, arc = shapely.STRtree(chains.arcs.geometry.to_numpy()).query_nearest(points)
    # At a bridge another street is as near as its own.
    own = chains.arcs["chain_group"].to_numpy()[arc] == chains.group[places.chain[place]]
    order = np.lexsort((arc, ~own, place))
    first = np.concatenate([[True], place[order][1:] != place[order][:-1]])
    found = np.zeros(len(points), dtype=np.int64)
    found[place[order][first]] = arc[order][first]
    return np.asarray(chains.arcs["street_id"].to_numpy(dtype=object)[found], dtype=object)
