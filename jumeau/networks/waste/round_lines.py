"""The rounds of a run as lines along the streets: one per truck, day and round, its stops in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau.columns import rows_of
from jumeau.network import Prepared
from jumeau.networks.waste.physics.locations import Locations
from jumeau.networks.waste.physics.state import STREAMS, CollectionArea, State
from jumeau.networks.waste.physics.stop_order import written_order
from jumeau.networks.waste.physics.week import WEEKDAYS
from jumeau.simulation.clock import DAY
from jumeau.simulation.place import Place

LAYER, STREETS = "waste_round_lines", "waste_streets"

_COLUMNS = {
    "outing": "object",
    "round_id": "object",
    "truck_id": "object",
    "truck": "object",
    "stream": "object",
    "date": "object",
    "weekday": "object",
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

    row: int
    number: int
    day: int
    left: float
    back: float = 0.0
    places: list[tuple[str, int]] = field(default_factory=list)
    lifts: float = 0.0
    mass: float = 0.0
    stream: int = -1
    hours: float = 0.0
    km: float = 0.0


def round_lines(prepared: Prepared, events: Mapping[str, pd.DataFrame], place: Place) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of rounds and of the streets that they pass: the first days of the period, one replication.

    Lines follow the streets as they are when none is closed.
    """
    state: State = prepared.state
    crs = place.streets.crs if place.streets is not None else None
    rows = []
    shapes = []
    paths: dict[tuple[int, int, int], shapely.LineString] = {}
    for item in _rounds(state, events, place):
        area = _area(state, item)
        if area is None:
            continue
        order = [_location(state, area, *where) for where in item.places]
        order = [state.trucks[item.row].depot, *order, state.trucks[item.row].depot]
        shapes.append(_line(area.locations, order, paths))
        rows.append(_record(state, item, area, place))
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


def _rounds(state: State, events: Mapping[str, pd.DataFrame], place: Place) -> Iterator[_Round]:
    """Yield the outings of the first days, in the order of their start."""
    until = float(place.clock.midnights(np.array([min(state.line_days, place.clock.days)]))[0])
    out: dict[tuple[int, int], _Round] = {}
    found: list[_Round] = []
    owned = state.containers
    for kind, event in _in_order(events, until + DAY):
        truck = int(event.truck), int(event.number)
        if kind == "departure":
            out[truck] = _Round(*truck, int(event.day), float(event.time))
        if truck not in out:
            continue  # it left during the warm-up
        item = out[truck]
        if kind == "pickup":
            item.lifts += event.lifts
            item.mass += event.volume * float(owned.density[event.container])
            item.stream = int(owned.stream[event.container])
        elif kind == "stop":
            item.places.append(("site", int(event.site)))
        elif kind == "unload" and event.disposal >= 0:
            item.places.append(("disposal", int(event.disposal)))
        elif kind == "depot_return":
            item.back, item.hours, item.km = float(event.time), float(event.hours), float(event.distance)
            del out[truck]
            if item.left < until:
                found.append(item)
    yield from sorted(found, key=lambda item: (item.left, item.row, item.number))


def _in_order(events: Mapping[str, pd.DataFrame], until: float) -> Iterator[tuple[str, Any]]:
    """Yield what trucks do from the period's start, in the order of time."""
    # Of one instant, pick-ups come before the stop that they belong to, and a return before the next departure.
    rows: list[tuple[float, int, str, Any]] = []
    for rank, kind in enumerate(("pickup", "stop", "unload", "depot_return", "departure")):
        table = events.get(kind)
        if table is not None:
            shown = table[(table["time"] >= 0.0) & (table["time"] < until)]
            times = shown["time"].tolist()
            rows += [(time, rank, kind, row) for time, row in zip(times, shown.itertuples(index=False), strict=True)]
    for _time, _rank, kind, row in sorted(rows, key=lambda item: item[:2]):
        yield kind, row


def _area(state: State, item: _Round) -> CollectionArea | None:
    """Return the area that holds the sites of an outing."""
    sites = {place for kind, place in item.places if kind == "site"}
    for service in state.services:
        for area in service.areas:
            if service.stream == item.stream and item.row in area.trucks and sites <= set(area.sites.tolist()):
                return area
    return None


def _location(state: State, area: CollectionArea, kind: str, place: int) -> int:
    if kind == "disposal":
        return len(state.depots) + place
    return state.first_site + int(rows_of(area.sites, [place])[0])


def _line(
    locations: Locations, order: list[int], paths: dict[tuple[int, int, int], shapely.LineString]
) -> shapely.LineString:
    """Return the line of a round; a path that several rounds share is looked up once."""
    if locations.roads is None or locations.points is None:
        return shapely.LineString(locations.xy[order])
    parts = []
    for start, end in pairwise(order):
        key = (id(locations), start, end)
        if key not in paths and start != end:
            paths[key] = locations.roads.lines_between(locations.points, [start, end])[0]
        if key in paths:
            parts.append(shapely.get_coordinates(paths[key]))
    points = np.concatenate(parts) if parts else locations.xy[[order[0], order[0]]]
    kept = np.ones(len(points), dtype=bool)
    kept[1:] = (np.abs(np.diff(points, axis=0)) > 1e-6).any(axis=1)
    points = points[kept]
    return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))


def _record(state: State, item: _Round, area: CollectionArea, place: Place) -> dict[str, object]:
    clock = place.clock
    sites = [where for kind, where in item.places if kind == "site"]
    truck = f"{state.trucks[item.row].name} {item.number}"
    date, departure = (clock.start + timedelta(days=item.day)).isoformat(), f"{clock.local(item.left):%H:%M}"
    return {
        "outing": f"{truck}, {date} {departure}",
        "round_id": area.name,
        "truck_id": state.trucks[item.row].name,
        "truck": truck,
        "stream": STREAMS[area.stream],
        "date": date,
        "weekday": WEEKDAYS[(clock.start + timedelta(days=item.day)).weekday()],
        "departure": departure,
        "return": f"{clock.local(item.back):%H:%M}",
        "sites": len(sites),
        "order": written_order([str(state.site_names[site]) for site in sites]),
        "unloadings": sum(kind == "disposal" for kind, _place in item.places),
        "distance": item.km,
        "duration": item.hours,
        "lifts": item.lifts,
        "tonnes": item.mass / 1000.0,
    }
