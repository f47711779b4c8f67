"""Service connections of an imported network, which its files rarely hold: how many, where, for how many."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, rows_of, texts, totals
from jumeau.factors import FactorTable
from jumeau.networks.water.layout.rules import SYNTHESIS
from jumeau.territory.completion import lay_out
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def count_connections(territory: Territory, factors: FactorTable) -> Territory:
    """Count the connections of pipes that state none: by addresses, else by demand, else by a usual density."""
    pipes = territory.layer("water_pipes")
    if territory.has("water_connections") or not np.isnan(numbers(pipes, "connections")).any():
        return territory
    if territory.has("addresses"):
        _points, pipe = addresses_on(territory, factors)
        count = np.bincount(pipe, minlength=len(pipes))
        return SYNTHESIS.fill(territory, "water_pipes", "connections", count, "addresses nearest to the pipe")
    km = numbers(pipes, "length", 0.0) / 1000.0
    customers = customers_of(territory, factors)
    if customers.any():
        most = np.ceil(km * factors.value("layout_connections_most"))
        count = np.minimum(np.rint(customers), most).astype(np.int64)
        rule = "one connection per household that the demand at the ends of the pipe could serve, up to a density"
        return SYNTHESIS.fill(territory, "water_pipes", "connections", count, rule)
    usual = np.rint(km * factors.value("subscribers_density"))
    count = np.where(texts(pipes, "function") == "transport", 0, usual).astype(np.int64)
    return SYNTHESIS.fill(territory, "water_pipes", "connections", count, "usual number of connections per kilometre")


def lay_out_connections(territory: Territory, factors: FactorTable) -> Territory:
    """Return the territory with the connections that its pipes count, where it has no layer of them.

    They stand at addresses where these were counted, else at equal distances along their pipe. The demand at the ends
    of the pipe tells the households behind them: one at least.
    """
    pipes = territory.layer("water_pipes")
    count = numbers(pipes, "connections", 0.0).astype(np.int64)
    if territory.has("water_connections") or not count.any():
        return territory
    names = texts(pipes, "pipe_id")
    pipe, points, address = np.repeat(np.arange(len(pipes)), count), None, None
    if territory.has("addresses"):
        rows, near = addresses_on(territory, factors)
        if (np.bincount(near, minlength=len(pipes)) == count).all():
            pipe, found = near, territory.layers["addresses"].iloc[rows]
            points, address = found.geometry.to_numpy(), texts(found, "address_id")
    if points is None:
        rank = np.arange(len(pipe)) - np.repeat(np.cumsum(count) - count, count)
        place = (rank + 0.5) / count[pipe]
        points = shapely.line_interpolate_point(pipes.geometry.to_numpy()[pipe], place, normalized=True)
    households = np.maximum(customers_of(territory, factors) / np.maximum(count, 1), 1.0)
    columns: dict[str, Any] = {
        "connection_id": [f"B{row:06d}" for row in range(1, len(pipe) + 1)],
        "pipe_id": names[pipe],
        "customers": np.round(households[pipe], 2),
    }
    if address is not None:
        columns["address_id"] = address
    frame = gpd.GeoDataFrame(columns, geometry=points, crs=territory.crs)
    rule = SYNTHESIS.rule("the connections that pipes count; households by the demand at the ends of the pipe")
    return lay_out(territory, {"water_connections": frame}, {"water_connections": rule})


def addresses_on(territory: Territory, factors: FactorTable) -> tuple[Ints, Ints]:
    """Return the rows of the addresses within reach of a main that serves, and those of their pipes."""
    pipes = territory.layer("water_pipes")
    serving = np.flatnonzero(texts(pipes, "function") != "transport")
    near = shapely.STRtree(pipes.geometry.to_numpy()[serving]).query_nearest(
        territory.layers["addresses"].geometry.to_numpy(),
        max_distance=factors.value("layout_reach"),
        all_matches=False,
    )
    return np.asarray(near[0], dtype=np.int64), np.asarray(serving[near[1]], dtype=np.int64)


def customers_of(territory: Territory, factors: FactorTable) -> Floats:
    """Return the households that the demand at the ends of each pipe could serve, shape (pipes,).

    A junction's demand is shared by the pipes that meet there, by their length; transport mains and closed pipes take
    part only where there is no other.
    """
    pipes, junctions = territory.layer("water_pipes"), territory.layer("water_junctions")
    names = texts(junctions, "node_id")
    demand = np.maximum(numbers(junctions, "demand", 0.0), 0.0)
    if territory.has("water_demands"):
        more = territory.layers["water_demands"]
        row = rows_of(names, texts(more, "node_id"))
        demand += totals(row[row >= 0], np.maximum(numbers(more, "demand", 0.0), 0.0)[row >= 0], len(names))
    ends = np.stack([rows_of(names, texts(pipes, column)) for column in ("from_node", "to_node")])
    length = np.maximum(numbers(pipes, "length", 0.0), 1e-6)
    serving = (texts(pipes, "function") != "transport") & (texts(pipes, "status") != "closed")
    first = _shared(ends, np.where(serving, length, 0.0), demand)
    left = np.where(_reached(ends, serving, len(names)), 0.0, demand)
    household = factors.value("layout_persons_per_dwelling") * factors.value("layout_use_resident") / 24_000.0
    return np.asarray((first + _shared(ends, length, left)) / household, dtype=np.float64)


def _reached(ends: Ints, chosen: Bools, size: int) -> Bools:
    """Tell which junctions some pipes touch, shape (junctions,)."""
    found = np.zeros(size, dtype=bool)
    for end in ends:
        found[end[chosen & (end >= 0)]] = True
    return found


def _shared(ends: Ints, weight: Floats, demand: Floats) -> Floats:
    """Return what each pipe gets of the demand of its junctions, by the weights of the pipes there [m3/h]."""
    size = len(demand)
    whole = sum(totals(end[end >= 0], weight[end >= 0], size) for end in ends)
    each = np.divide(demand, whole, out=np.zeros(size), where=np.asarray(whole) > 0.0)
    return np.asarray(sum(np.where(end >= 0, each[end], 0.0) * weight for end in ends), dtype=np.float64)
