"""The rounds of a run as lines along the streets: one per truck, day and round, its stops in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.columns import rows_of
from jumeau.network import Prepared
from jumeau.networks.waste.physics.state import STREAMS, Ground, Pool, State
from jumeau.simulation.clock import DAY
from jumeau.simulation.place import Place

LAYER, STREETS = "waste_round_lines", "waste_streets"

_COLUMNS = {
    "outing": "object",
    "round_id": "object",
    "truck": "object",
    "stream": "object",
    "date": "object",
    "departure": "object",
    "return": "object",
    "sites": "int64",
    "order": "object",
    "unloadings": "int64",
    "distance": "float64",
    "duration": "float64",
    "lifts": "float64",
    "tonnes": "float64",
}


@dataclass
class _Round:
    """One outing of a truck as the journal tells it."""

    truck: int
    row: int
    day: int
    left: float
    back: float = 0.0
    places: list[tuple[str, int]] = field(default_factory=list)
    lifts: float = 0.0
    mass: float = 0.0
    stream: int = -1
    hours: float = 0.0
    km: float = 0.0


def round_lines(prepared: Prepared, events: pd.DataFrame, place: Place) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of rounds and of the streets that they pass: the first days of the period, one replication.

    Lines follow the streets as they are when none is closed.
    """
    state: State = prepared.state
    crs = place.streets.crs if place.streets is not None else None
    rows = []
    shapes = []
    ways: dict[tuple[int, int, int], shapely.LineString] = {}
    for item in _rounds(state, events, place):
        pool = _pool(state, item)
        if pool is None:
            continue
        order = [_location(state, pool, *where) for where in item.places]
        order = [state.trucks[item.row].depot, *order, state.trucks[item.row].depot]
        shapes.append(_line(pool.ground, order, ways))
        rows.append(_record(state, item, pool, place))
    if not rows:
        return {}
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    lines = gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)
    found = {LAYER: lines}
    if place.streets is not None:
        found[STREETS] = _streets(lines, place.streets)
    return found


def _streets(lines: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the streets that trucks pass, with the number of outings that pass each, and their kilometres there."""
    middle = shapely.line_interpolate_point(streets.geometry.to_numpy(), 0.5, normalized=True)
    tree = shapely.STRtree(middle)
    passed = tree.query(lines.geometry.to_numpy(), predicate="dwithin", distance=0.05)[1]
    outings = np.bincount(passed, minlength=len(streets))
    kept = [name for name in ("street_id", "name", "road_class") if name in streets]
    frame = streets.loc[outings > 0, [*kept, streets.geometry.name]].reset_index(drop=True)
    count = outings[outings > 0]
    return frame.assign(outings=count.astype(np.float64), distance=count * frame.geometry.length / 1000.0)


def _rounds(state: State, events: pd.DataFrame, place: Place) -> Iterator[_Round]:
    """Yield the outings of the first days, in the order of their start."""
    until = float(place.clock.midnights(np.array([min(state.line_days, place.clock.days)]))[0])
    kinds = ("leave", "stop", "pickup", "unload", "home")
    shown = events[(events["time"] >= 0.0) & (events["time"] < until + DAY) & events["kind"].isin(kinds)]
    out: dict[int, _Round] = {}
    found: list[_Round] = []
    owned = state.containers
    # Pick-ups come before the stop that they belong to, and tell no truck.
    picked: dict[int, list[tuple[int, float, float]]] = {}
    columns = (shown[name].to_numpy() for name in ("time", "kind", "asset", "first", "second"))
    for time, kind, asset, first, second in zip(*columns, strict=True):
        if kind == "leave":
            out[int(asset)] = _Round(int(asset), int(first), int(second), float(time))
        elif kind == "pickup":
            picked.setdefault(int(owned.site[int(asset)]), []).append((int(asset), float(first), float(second)))
        elif kind == "stop" and int(first) in out:
            item = out[int(first)]
            item.places.append(("site", int(asset)))
            for container, litres, lifts in picked.pop(int(asset), []):
                item.lifts += lifts
                item.mass += litres * float(owned.density[container])
                item.stream = int(owned.stream[container])
        elif kind == "unload" and int(asset) in out and first >= 0:
            out[int(asset)].places.append(("disposal", int(first)))
        elif kind == "home" and int(asset) in out:
            item = out.pop(int(asset))
            item.back, item.hours, item.km = float(time), float(first), float(second)
            if item.left < until:
                found.append(item)
    yield from sorted(found, key=lambda item: (item.left, item.truck))


def _pool(state: State, item: _Round) -> Pool | None:
    """Return the pool that holds the sites of an outing."""
    sites = {place for kind, place in item.places if kind == "site"}
    for service in state.services:
        for pool in service.pools:
            if service.stream == item.stream and item.row in pool.trucks and sites <= set(pool.sites.tolist()):
                return pool
    return None


def _location(state: State, pool: Pool, kind: str, place: int) -> int:
    if kind == "disposal":
        return len(state.depots) + place
    return len(state.depots) + len(state.disposal) + int(rows_of(pool.sites, [place])[0])


def _line(ground: Ground, order: list[int], ways: dict[tuple[int, int, int], shapely.LineString]) -> shapely.LineString:
    """Return the line of a round; a way that several rounds share is looked up once."""
    if ground.roads is None or ground.points is None:
        return shapely.LineString(ground.xy[order])
    parts = []
    for start, end in pairwise(order):
        key = (id(ground), start, end)
        if key not in ways and start != end:
            ways[key] = ground.roads.lines_between(ground.points, [start, end])[0]
        if key in ways:
            parts.append(shapely.get_coordinates(ways[key]))
    points = np.concatenate(parts) if parts else ground.xy[[order[0], order[0]]]
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = (np.abs(np.diff(points, axis=0)) > 1e-6).any(axis=1)
    points = points[kept]
    return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))


def _record(state: State, item: _Round, pool: Pool, place: Place) -> dict[str, object]:
    clock = place.clock
    sites = [where for kind, where in item.places if kind == "site"]
    number = f"{item.truck - state.trucks[item.row].first + 1}"
    truck = f"{state.trucks[item.row].name} {number}"
    date, departure = (clock.start + timedelta(days=item.day)).isoformat(), f"{clock.local(item.left):%H:%M}"
    return {
        "outing": f"{truck}, {date} {departure}",
        "round_id": pool.name,
        "truck": truck,
        "stream": STREAMS[pool.stream],
        "date": date,
        "departure": departure,
        "return": f"{clock.local(item.back):%H:%M}",
        "sites": len(sites),
        "order": " ".join(str(state.names["site"][site]) for site in sites),
        "unloadings": sum(kind == "disposal" for kind, _place in item.places),
        "distance": item.km,
        "duration": item.hours,
        "lifts": item.lifts,
        "tonnes": item.mass / 1000.0,
    }
