"""Public transport by its timetable: what a trip from zone to zone costs, against the mean one of the stated shares.

Lines are met by their frequencies: a passenger walks to a stop, waits half of the time between two departures, rides,
changes where stops are near. Stated shares of the modes belong to a mean public transport; where a timetable is known,
they move by the incremental logit with what it costs more or less than that mean one, and where no line leads they fall
to the other modes.

References
----------
Shortest ways by mean waits: J. de D. Ortúzar and L. Willumsen, "Modelling Transport", 4th ed., 2011, section 10.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from jumeau.columns import numbers, rows_of, texts
from jumeau.networks.mobility.physics.day import HOURS, hourly_profile
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.networks.mobility.physics.timing_plans import PLAN_OF, PLANS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Layers of a timetable.
TIMETABLE = ("transit_stops", "transit_links", "transit_departures")

#: A step of a way takes at least so much: sparse graphs know no free ones [min].
_LEAST = 1e-6


@dataclass(frozen=True)
class Transit:
    """The public transport of a working day, and the zones that it serves.

    Attributes
    ----------
    zone : ndarray, shape (zones, 2)
        Places of the zones, in the order of the supply.
    gate : ndarray of bool, shape (zones,)
        Zones beyond which the timetable tells nothing.
    stop : ndarray, shape (s, 2)
    tail, head : ndarray of int, shape (m,)
        Stops that the links join.
    line : ndarray of str, shape (m,)
    minutes : ndarray, shape (m,)
        On board.
    departures : ndarray, shape (m, 24)
        Of a working day, by clock hour.
    """

    zone: Floats
    gate: NDArray[np.bool_]
    stop: Floats
    tail: Ints
    head: Ints
    line: NDArray[np.object_]
    minutes: Floats
    departures: Floats


def transit_of(layers: Layers, supply: Supply) -> Transit | None:
    """Return the public transport of a territory, None where no timetable tells it.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        `traffic_zones`, and `transit_stops`, `transit_links`, `transit_departures`.
    supply : Supply
        Whose order of zones is taken.
    """
    if any(name not in layers or not len(layers[name]) for name in ("transit_stops", "transit_links")):
        return None
    links, stops, zones = layers["transit_links"], layers["transit_stops"], layers["traffic_zones"]
    names = texts(stops, "stop_id")
    tail, head = (rows_of(names, texts(links, column)) for column in ("from_stop", "to_stop"))
    departures = np.zeros((len(links), HOURS))
    if "transit_departures" in layers:
        table = layers["transit_departures"]
        table = table[texts(table, "day") == "workday"]
        row = rows_of(texts(links, "link_id"), texts(table, "link_id"))
        hour = numbers(table, "hour").astype(np.int64)
        known = row >= 0
        np.add.at(departures, (row[known], hour[known]), numbers(table, "departures")[known])
    # Without hours, the departures of the day are taken from 6 to 20 h, when people are about.
    silent = departures.sum(axis=1) == 0.0
    departures[silent, PLANS[0] : PLANS[-1]] = numbers(links, "workday", 0.0)[silent, None] / (PLANS[-1] - PLANS[0])
    there = (tail >= 0) & (head >= 0)
    order = supply.zone_row
    return Transit(
        shapely.get_coordinates(zones.geometry.to_numpy()[order]),
        texts(zones, "kind")[order] == "gate",
        shapely.get_coordinates(stops.geometry.to_numpy()),
        tail[there],
        head[there],
        texts(links, "line")[there],
        numbers(links, "minutes")[there],
        departures[there],
    )


def perceived_minutes(transit: Transit, hourly: Floats, values: Mapping[str, float]) -> Floats:
    """Return what the best way by public transport costs, shape (zones, zones); infinite where none leads.

    Walking and waiting count by their weights. Nobody rides inside a zone.

    Parameters
    ----------
    transit : Transit
    hourly : ndarray, shape (m,)
        Departures of the links in an hour [1/h].
    values : mapping of str to float
        `transit_reach`, `walk_speed` and so on.
    """
    runs = np.flatnonzero(hourly > 0.0)
    zones, stops, links = len(transit.zone), len(transit.stop), len(runs)
    found = np.full((zones, zones), np.inf)
    if not links:
        return found
    tail, head, line, ride = transit.tail[runs], transit.head[runs], transit.line[runs], transit.minutes[runs]
    headway = 60.0 / hourly[runs]
    at_stop = np.minimum(0.5 * headway, values["transit_longest_wait"])
    wait = values["transit_wait_weight"] * at_stop + values["transit_hidden_wait"] * (0.5 * headway - at_stop)
    # A place of each kind for zones, stops where people wait, links, stops where they get off, zones that they reach.
    waiting, aboard, off, there = zones, zones + stops, zones + stops + links, zones + 2 * stops + links
    walk_to, reached, foot = _walks(transit.zone, transit.stop, values["transit_reach"], values)
    first, second, change = _walks(transit.stop, transit.stop, values["transit_change_walk"], values)
    before, after = _following(tail, head, line)
    number = np.arange(links)
    edges = [
        (walk_to, waiting + reached, foot),
        (waiting + tail, aboard + number, wait + values["transit_boarding"]),
        (aboard + number, off + head, ride),
        (aboard + before, aboard + after, ride[before] + np.maximum(wait[after] - wait[before], 0.0)),
        (off + first, waiting + second, change),
        (off + reached, there + walk_to, foot),
    ]
    row, column, cost = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    size = there + zones
    graph = csr_matrix((np.maximum(cost, _LEAST), (row, column)), shape=(size, size))
    # Getting on once is part of every trip: changes alone cost more.
    found = dijkstra(graph, indices=np.arange(zones))[:, there:] - values["transit_boarding"]
    np.fill_diagonal(found, np.inf)
    return np.asarray(found)


def _walks(here: Floats, there: Floats, reach: float, values: Mapping[str, float]) -> tuple[Ints, Ints, Floats]:
    """Return who walks where, and what it costs [perceived min]; `reach` is along the streets [m]."""
    detour = values["transit_detour"]
    tree = shapely.STRtree(shapely.points(there))
    one, other = tree.query(shapely.points(here), predicate="dwithin", distance=reach / detour)
    metres = detour * np.hypot(*(here[one] - there[other]).T)
    return one, other, values["walk_weight"] * metres * 0.06 / values["walk_speed"]


def _following(tail: Ints, head: Ints, line: NDArray[np.object_]) -> tuple[Ints, Ints]:
    """Return the pairs of links that a vehicle takes one after the other: of a line, not back where it came from."""
    starts: dict[tuple[str, int], list[int]] = {}
    for row, (name, stop) in enumerate(zip(line, tail, strict=True)):
        starts.setdefault((str(name), int(stop)), []).append(row)
    pairs = [
        (row, other)
        for row, (name, stop) in enumerate(zip(line, head, strict=True))
        for other in starts.get((str(name), int(stop)), ())
        if head[other] != tail[row]
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def usual_minutes(km: Floats, values: Mapping[str, float]) -> Floats:
    """Return what a trip by the mean public transport costs, to which the stated shares belong [perceived min]."""
    walk = 2.0 * values["walk_weight"] * values["transit_usual_walk"]
    wait = values["transit_wait_weight"] * values["transit_usual_wait"]
    return np.asarray(walk + wait + 60.0 * km / values["transit_usual_speed"])


def attraction(transit: Transit, km: Floats, values: Mapping[str, float]) -> Floats:
    """Return by how much the weight of public transport moves between zones, shape (zones, zones).

    It is exp(-scale × (cost - cost of the mean one)), over the parts of a working day by their traffic; 0 where no line
    leads; 1 where a gate is an end, or both are one zone: the timetable tells nothing there.

    Parameters
    ----------
    transit : Transit
    km : ndarray, shape (zones, zones)
        Distances along the streets.
    values : mapping of str to float
    """
    profile, found = hourly_profile(values), np.zeros_like(km)
    usual = usual_minutes(km, values)
    for part in range(len(PLANS)):
        hours = part == PLAN_OF
        cost = perceived_minutes(transit, transit.departures[:, hours].mean(axis=1), values)
        found += profile[hours].sum() / profile.sum() * np.exp(-values["mode_scale"] * (cost - usual))
    silent = transit.gate[:, None] | transit.gate[None, :] | np.eye(len(km), dtype=bool)
    return np.where(silent, 1.0, found)
