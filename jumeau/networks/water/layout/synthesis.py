"""A plausible water network where the territory has none: mains, zones, tanks, sizes, connections, sectors."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, texts, totals
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.layout import sectors
from jumeau.networks.water.layout.demand import uses
from jumeau.networks.water.layout.draft import Draft
from jumeau.networks.water.layout.elevation import elevations
from jumeau.networks.water.layout.imputation import impute, roughness_of, stock
from jumeau.networks.water.layout.mains import Mains, candidate_mains, nearest_main, needed_mains
from jumeau.networks.water.layout.rules import SYNTHESIS
from jumeau.networks.water.layout.sizing import TRUNK, Rules, diameters, peak_flows, wider
from jumeau.networks.water.layout.supply import add_supply
from jumeau.networks.water.layout.zones import Limits, pressure_zones
from jumeau.networks.water.physics import hydraulics
from jumeau.networks.water.tables import ATTRIBUTES
from jumeau.randomness import Streams
from jumeau.territory.graph import road_classes
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Rounds of EPANET in which mains that lose too much are widened.
ROUNDS = 12


def complete(territory: Territory, factors: FactorTable, seed: int) -> Territory:
    """Return the territory with a whole water network; what is added is flagged, what is observed is kept.

    Parameters
    ----------
    territory : Territory
        Without `water_pipes`, a network is laid out along `streets` for `addresses` (or `buildings`), `population` and
        `relief`. With them, what they lack is imputed. A layer without features is a fact: it stays empty.
    factors : FactorTable
        Factors of the network; those of `synthesis_factors.csv` serve beside them.
    seed : int
        The same seed gives the same values, in whatever order rows come.
    """
    table = SYNTHESIS.factors(factors)
    streams = Streams(seed, 0, "water")
    if "water_pipes" in territory.layers:
        return impute(territory, table, streams)
    return synthesise(territory, table, streams)


def synthesise(territory: Territory, factors: FactorTable, streams: Streams) -> Territory:
    """Lay out a network; a territory without streets or without customers gets empty layers."""
    customers = _customers(territory, factors)
    if not territory.has("streets") or not len(customers):
        return SYNTHESIS.lay_out(territory, {name: ATTRIBUTES.empty(name, territory.crs) for name in ATTRIBUTES.needed})
    candidates = candidate_mains(territory.layers["streets"])
    on = nearest_main(candidates, customers.geometry.to_numpy(), texts(customers, "street_id"))
    serving = np.bincount(on[on >= 0], minlength=len(candidates.lines)) > 0
    mains = candidates.take(needed_mains(candidates, serving))
    on = nearest_main(mains, customers.geometry.to_numpy(), texts(customers, "street_id"))
    resident, job = _at_nodes(territory, customers, mains, on, factors)
    height = elevations(territory.layers.get("relief"), mains.xy)
    flat = height is None
    ground = np.zeros(len(mains.nodes)) if height is None else height
    zones = pressure_zones(mains, ground, resident + job, _limits(factors))
    draft = Draft.of_mains(mains, ground, zones, resident, job)
    controls, curves = add_supply(draft, mains, zones, factors)
    layers = _sized(draft, territory, factors, streams, controls, curves)
    layers["water_junctions"] = _exceptions(draft, layers, factors)
    layers |= _connected(layers, customers, mains, draft, on, territory)
    layers = _sectored(layers, draft, factors, territory)
    note = _("no relief: all ground is taken as flat") if flat else ""
    far = shapely.distance(customers.geometry.to_numpy(), mains.lines[on]) > factors.value("layout_reach")
    told = _("{count} address(es) lie far from any main").format(count=int(far.sum())) if far.any() else ""
    return SYNTHESIS.lay_out(territory, layers, {"water_junctions": "; ".join(filter(None, (note, told)))})


def _limits(factors: FactorTable) -> Limits:
    most = factors.value("layout_pressure_most") - factors.value("layout_level_range") - 1.0
    least = factors.value("layout_pressure_least") + factors.value("layout_loss_allowance")
    return Limits(least, most, factors.value("layout_zone_margin"))


def _customers(territory: Territory, factors: FactorTable) -> gpd.GeoDataFrame:
    """Return the places to be served, in the order of their identifiers: addresses, else buildings, else streets."""
    if territory.has("addresses"):
        frame, key = territory.layer("addresses"), "address_id"
    elif territory.has("buildings"):
        frame = territory.layer("buildings")
        frame = frame[texts(frame, "use", "residential") != "annex"]
        frame, key = frame.set_geometry(frame.representative_point()), "building_id"
    elif territory.has("streets"):
        frame = territory.layer("streets")
        kept = np.isin(road_classes(frame), ("residential", "living_street", "tertiary"))
        frame = frame[kept]
        homes = np.maximum(np.rint(frame.length / 1000.0 * factors.value("subscribers_density")), 1.0)
        frame = frame.assign(dwellings=homes).set_geometry(frame.interpolate(0.5, normalized=True))
        key = "street_id"
    else:
        return gpd.GeoDataFrame(geometry=[], crs=territory.crs)
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    order = np.argsort(texts(frame, key).astype(str), kind="stable")
    return frame.iloc[order].reset_index(drop=True)


def _at_nodes(
    territory: Territory, customers: gpd.GeoDataFrame, mains: Mains, on: Ints, factors: FactorTable
) -> tuple[Floats, Floats]:
    """Return the mean use of residents and jobs at each node: that of a customer goes to the nearer end of its main."""
    resident, job = uses(territory, customers, factors)
    place = shapely.line_locate_point(mains.lines[on], customers.geometry.to_numpy(), normalized=True)
    node = np.where(place <= 0.5, mains.start[on], mains.end[on])
    size = len(mains.nodes)
    return totals(node, resident, size), totals(node, job, size)


def _patterns(factors: FactorTable, crs: Any) -> gpd.GeoDataFrame:
    text = {}
    for name, stem in (("residents", "pattern_resident_"), ("jobs", "pattern_job_")):
        values = np.array([factors.value(f"{stem}{hour:02d}") for hour in range(24)])
        text[name] = " ".join(f"{value:.4f}" for value in values / values.mean())
    return _table({"pattern_id": list(text), "multipliers": list(text.values())}, crs)


def _table(columns: dict[str, list[str]], crs: Any) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(columns)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries([None] * len(frame), crs=crs), crs=crs)


def _sized(
    draft: Draft,
    territory: Territory,
    factors: FactorTable,
    streams: Streams,
    controls: list[str],
    curves: list[tuple[str, str]],
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with diameters, materials and roughness, widened until EPANET finds the pressures wanted."""
    crs = territory.crs
    patterns = _patterns(factors, crs)
    peak = _peak(patterns)
    _first_sizes(draft, factors, peak)
    tables = {
        "water_patterns": patterns,
        "water_curves": _table({"curve_id": [name for name, _p in curves], "kind": ["head"] * len(curves),
                                "points": [points for _n, points in curves]}, crs),
        "water_controls": _table({"control_id": [f"K{row:03d}" for row in range(1, len(controls) + 1)],
                                  "text": controls}, crs),
        "water_settings": _table({"name": ["head_loss", "pattern_step", "hydraulic_step", "duration"],
                                  "value": ["H-W", "3600", "3600", "86400"]}, crs),
    }  # fmt: skip
    layers: dict[str, gpd.GeoDataFrame] = {}
    for _round in range(ROUNDS):
        layers = _without_tanks_as_junctions(draft, draft.layers(crs)) | tables
        pipes = layers["water_pipes"]
        material, year = stock(pipes, factors, streams)
        pipes = pipes.assign(material=material, laid_year=year)
        layers["water_pipes"] = pipes.assign(roughness=roughness_of(pipes, factors, float(year.max())))
        steep = _too_narrow(draft, layers, factors)
        if not steep.any():
            break
        diameter = np.array([item.diameter for item in draft.pipes])
        for item, size in zip(draft.pipes, wider(diameter, steep), strict=True):
            item.diameter = float(size)
        _valve_sizes(draft)
    return layers


def _without_tanks_as_junctions(draft: Draft, layers: dict[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """Leave out of the junctions the nodes that stand for tanks."""
    held = {row["node_id"] for row in draft.tanks}
    junctions = layers["water_junctions"]
    layers["water_junctions"] = junctions[~junctions["node_id"].isin(held)].reset_index(drop=True)
    return layers


def _peak(patterns: gpd.GeoDataFrame) -> tuple[float, float]:
    values = [max(float(item) for item in text.split()) for text in patterns["multipliers"]]
    return values[0], values[1]


def _links(draft: Draft) -> tuple[Ints, Ints, Floats, NDArray[np.bool_]]:
    """Return ends, cost and openness of pipes, then valves."""
    ends = [(item.start, item.end) for item in draft.pipes] + [(item.start, item.end) for item in draft.valves]
    start, end = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    cost = np.array(
        [
            item.line.length * (0.5 if item.function == "transport" else TRUNK.get(item.road_class, 1.0))
            for item in draft.pipes
        ]
        + [1.0] * len(draft.valves)
    )
    open_ = np.array([item.status == "open" for item in draft.pipes] + [True] * len(draft.valves), dtype=bool)
    return start, end, cost, open_


def _first_sizes(draft: Draft, factors: FactorTable, peak: tuple[float, float]) -> None:
    """Give each main the diameter that its flow of the peak hour asks for."""
    start, end, cost, open_ = _links(draft)
    rising = np.array([item.diameter > 0.0 for item in draft.pipes] + [False] * len(draft.valves), dtype=bool)
    used = open_ & ~rising
    demand = np.array([node.resident * peak[0] + node.job * peak[1] for node in draft.nodes])
    held = {row["node_id"] for row in draft.tanks}
    roots = np.array([row for row, node in enumerate(draft.nodes) if node.name in held], dtype=np.int64)
    flow = np.zeros(len(cost))
    flow[used], distance = peak_flows(start[used], end[used], cost[used] + 1e-3, roots, demand)
    far = float(distance[np.isfinite(distance)].max()) if np.isfinite(distance).any() else 1.0
    gradient = min(
        0.7 * factors.value("layout_loss_allowance") / max(far, 1.0), factors.value("layout_gradient_most") / 1000.0
    )
    rules = Rules(
        factors.value("layout_velocity"), gradient, factors.value("layout_diameter_least"),
        factors.value("layout_diameter_end"), factors.value("roughness_ductile_iron"),
    )  # fmt: skip
    degree = np.bincount(np.concatenate([start[open_], end[open_]]), minlength=len(draft.nodes))
    looped = (degree[start] > 1) & (degree[end] > 1)
    size = diameters(flow, looped, rules)
    for row, item in enumerate(draft.pipes):
        if not rising[row]:
            item.diameter = float(size[row])
    _valve_sizes(draft)


def _valve_sizes(draft: Draft) -> None:
    """Give each valve the width of the pipe behind it."""
    widest: dict[int, float] = {}
    for item in draft.pipes:
        for node in (item.start, item.end):
            widest[node] = max(widest.get(node, 0.0), item.diameter)
    for valve in draft.valves:
        valve.diameter = max(widest.get(valve.end, 100.0), 60.0)


#: What is written beside a junction that misses a rule.
LOW, HIGH = "service pressure below the least one wanted", "service pressure above the highest one wanted"


def _exceptions(draft: Draft, layers: dict[str, gpd.GeoDataFrame], factors: FactorTable) -> gpd.GeoDataFrame:
    """Return the junctions, those with customers whose pressure lies outside the wanted range marked."""
    found = hydraulics.run_day(model_of(layers))
    junctions = layers["water_junctions"]
    names = texts(junctions, "node_id")
    users = np.isin(names.astype(str), [node.name for node in draft.nodes if node.resident + node.job > 0.0])
    lowest = pd.Series(found.lowest, index=found.nodes).reindex(names).to_numpy()
    highest = pd.Series(found.highest, index=found.nodes).reindex(names).to_numpy()
    said = np.full(len(names), None, dtype=object)
    said[users & (highest > factors.value("layout_pressure_most"))] = HIGH
    said[users & (lowest < factors.value("layout_pressure_least"))] = LOW
    if not pd.notna(said).any():
        return junctions
    columns = [name for name in junctions.columns if name != "geometry"]
    return junctions.assign(exception=said)[[*columns, "exception", "geometry"]]


def _too_narrow(draft: Draft, layers: dict[str, gpd.GeoDataFrame], factors: FactorTable) -> NDArray[np.bool_]:
    """Tell which pipes to widen: the steepest ones, where EPANET finds too little pressure or too much velocity."""
    found = hydraulics.run_day(model_of(layers))
    pressure = pd.Series(found.lowest, index=found.nodes)
    users = {node.name for node in draft.nodes if node.resident + node.job > 0.0}
    used = pressure[pressure.index.isin(users)]
    fast = found.velocity > 2.0
    least = factors.value("layout_pressure_least")
    if (used >= least).all():
        return np.asarray(fast, dtype=bool)
    gradient = found.gradient
    start, end, cost, open_ = _links(draft)
    pipes = len(draft.pipes)
    steep = np.zeros(pipes, dtype=bool)
    ways = _ways(draft, start, end, cost, open_)
    low = set(used[used < least].index)
    for row, node in enumerate(draft.nodes):
        if node.name in low:
            for link in ways(row):
                if link < pipes:
                    steep[link] = True
    # Of the mains on the ways to the nodes that lack pressure, the steeper half is widened.
    limit = np.median(gradient[steep]) if steep.any() else np.inf
    return np.asarray((steep & (gradient >= max(float(limit), 1e-5))) | fast, dtype=bool)


def _ways(draft: Draft, start: Ints, end: Ints, cost: Floats, open_: NDArray[np.bool_]) -> Any:
    """Return a function from a node to the links of the cheapest way to a tank."""
    from scipy import sparse
    from scipy.sparse import csgraph

    size = len(draft.nodes)
    rows = np.flatnonzero(open_)
    rows = rows[np.argsort(cost[rows], kind="stable")]
    pair = np.minimum(start[rows], end[rows]) * size + np.maximum(start[rows], end[rows])
    first = rows[np.unique(pair, return_index=True)[1]]
    graph = sparse.coo_matrix((cost[first] + 1e-3, (start[first], end[first])), shape=(size, size)).tocsr()
    held = {row["node_id"] for row in draft.tanks}
    roots = np.array([row for row, node in enumerate(draft.nodes) if node.name in held], dtype=np.int64)
    _d, before, _r = csgraph.dijkstra(graph, directed=False, indices=roots, min_only=True, return_predecessors=True)
    link = {(min(int(start[row]), int(end[row])), max(int(start[row]), int(end[row]))): int(row) for row in first}

    def way(node: int) -> list[int]:
        found = []
        while before[node] >= 0:
            above = int(before[node])
            found.append(link[min(node, above), max(node, above)])
            node = above
        return found

    return way


def _connected(
    layers: dict[str, gpd.GeoDataFrame],
    customers: gpd.GeoDataFrame,
    mains: Mains,
    draft: Draft,
    on: Ints,
    territory: Territory,
) -> dict[str, gpd.GeoDataFrame]:
    """Return one service connection per customer, and pipes with their number of connections."""
    pipes = layers["water_pipes"]
    main = np.array([item.main for item in draft.pipes])
    rows = pd.Series(np.arange(len(main)), index=main)
    parts = rows[rows.index >= 0]
    first = parts.groupby(level=0).first().reindex(np.arange(len(mains.lines))).to_numpy(dtype=np.int64)
    last = parts.groupby(level=0).last().reindex(np.arange(len(mains.lines))).to_numpy(dtype=np.int64)
    points = customers.geometry.to_numpy()
    # A main with a reducing valve is two pipes: the customer is on the nearer one.
    lines = pipes.geometry.to_numpy()
    near = shapely.distance(points, lines[first[on]]) <= shapely.distance(points, lines[last[on]])
    pipe = np.where(near, first[on], last[on])
    columns: dict[str, Any] = {
        "connection_id": [f"B{row:06d}" for row in range(1, len(customers) + 1)],
        "pipe_id": pipes["pipe_id"].to_numpy()[pipe],
        "customers": np.maximum(numbers(customers, "dwellings", 1.0), 1.0),
    }
    if territory.has("addresses"):
        columns["address_id"] = texts(customers, "address_id")
    connections = gpd.GeoDataFrame(columns, geometry=points, crs=territory.crs)
    count = np.bincount(pipe, minlength=len(pipes))
    return {"water_connections": connections, "water_pipes": pipes.assign(connections=count)}


def _sectored(
    layers: dict[str, gpd.GeoDataFrame], draft: Draft, factors: FactorTable, territory: Territory
) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with sectors; a pipe is in the sector of its first node, a valve in that of its second."""
    pipes = layers["water_pipes"]
    start = np.array([item.start for item in draft.pipes], dtype=np.int64)
    end = np.array([item.end for item in draft.pipes], dtype=np.int64)
    xy = np.array([node.xy for node in draft.nodes])
    zone = np.array([node.zone for node in draft.nodes], dtype=np.int64)
    rising = (zone[start] < 0) | (zone[end] < 0)
    weight = totals(start, pipes["connections"], len(xy))
    inside = np.flatnonzero(zone >= 0)
    row = np.full(len(xy), -1, dtype=np.int64)
    row[inside] = np.arange(len(inside))
    linked = ~rising & (np.array([item.status for item in draft.pipes]) == "open")
    sector = sectors.partition(
        row[start[linked]], row[end[linked]], pipes["length"].to_numpy(dtype=np.float64)[linked], xy[inside],
        weight[inside], zone[inside], factors.value("layout_sector_connections"),
    )  # fmt: skip
    names = np.full(len(xy), None, dtype=object)
    names[inside] = [f"S{number + 1:03d}" for number in sector]
    of_pipe = names[start]
    of_pipe[rising] = None
    found = dict(layers)
    found["water_pipes"] = pipes.assign(sector_id=of_pipe)
    known = np.array([name or "" for name in of_pipe], dtype=object)
    frame = sectors.outlines(pipes.geometry.to_numpy(), known, territory.crs)
    found["water_sectors"] = frame.assign(metered=ATTRIBUTES.default("water_sectors", "metered"))
    if "water_valves" in found:
        behind = [names[item.end] for item in draft.valves]
        found["water_valves"] = found["water_valves"].assign(sector_id=behind)
    return found
