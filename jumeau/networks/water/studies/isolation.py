"""Repairs: the valves to close for each pipe, and the customers whom that leaves without water."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import numbers, texts, totals
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.water.layout.isolation import known_valves, mains_of, ruled_valves
from jumeau.networks.water.physics.segments import Mains, Segments, Supply, segments
from jumeau.networks.water.physics.served import served
from jumeau.study import Studied, Study, StudyContext
from jumeau.units import Quantity
from jumeau.yaml_types import Block

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]


class IsolationParameters(Block):
    """Tell, for each pipe, the valves to close and the customers without water while it is repaired."""

    reach: Annotated[float, Quantity("m", minimum=0.01, maximum=100.0)] = 5.0
    """A valve that names no pipe stands on the nearest one within this distance."""


@dataclass(frozen=True)
class Shut:
    """What isolating each segment does; arrays of shape (segments,).

    Attributes
    ----------
    mains : Mains
    nodes, links : ndarray of str
        Names.
    parts : Segments
    valve_link, valve_node : ndarray of int, shape (v,)
    valve_name : ndarray of str, shape (v,)
    observed : bool
        Whether the valves are those of a layer.
    length : ndarray
        Of pipes inside [km].
    valves : ndarray
        To close.
    inside, beyond : ndarray
        Customers on pipes of the segment, and those whom the isolation cuts from every source though they are outside.
    connections : ndarray
        Of the pipes inside.
    on_tanks : ndarray
        Customers outside whom only tanks then feed, as long as these hold.
    lost : list of ndarray of int
        Nodes outside that get no water.
    """

    mains: Mains
    nodes: NDArray[np.object_]
    links: NDArray[np.object_]
    parts: Segments
    valve_link: Ints
    valve_node: Ints
    valve_name: NDArray[np.object_]
    observed: bool
    length: Floats
    valves: Floats
    inside: Floats
    beyond: Floats
    connections: Floats
    on_tanks: Floats
    lost: tuple[Ints, ...]


def shut_off(layers: Layers, reach: float, factors: FactorTable) -> Shut:
    """Return the segments of a network and what isolating each of them does.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    reach : float
        [m].
    factors : FactorTable
    """
    pipes, layer = layers["water_pipes"], layers["water_isolation_valves"]
    mains, nodes, links = mains_of(layers)
    observed = len(layer) > 0
    if observed:
        link, node, row = known_valves(layers, mains, nodes, reach)
        names = texts(layer, "isolation_valve_id")[row]
    else:
        link, node = ruled_valves(layers, mains)
        names = np.array([f"{links[at]} @ {nodes[end]}" for at, end in zip(link, node, strict=True)], dtype=object)
    parts = segments(mains, link, node)
    km = numbers(pipes, "length") / 1000.0
    behind = served(layers, km, factors)
    own = parts.link[: len(pipes)]
    beyond, on_tanks, lost = _beyond(layers, mains, parts, own, behind.customers)
    one, two = parts.valve.T
    bounds = one != two
    valves = np.bincount(np.concatenate([one[bounds], two[bounds]]), minlength=parts.count)
    return Shut(
        mains, nodes, links, parts, link, node, names, observed,
        length=totals(own, km, parts.count),
        valves=valves.astype(np.float64),
        inside=totals(own, behind.customers, parts.count),
        beyond=beyond,
        connections=totals(own, behind.connections, parts.count),
        on_tanks=on_tanks,
        lost=lost,
    )  # fmt: skip


def _beyond(
    layers: Layers, mains: Mains, parts: Segments, own: Ints, customers: Floats
) -> tuple[Floats, Floats, tuple[Ints, ...]]:
    """Return customers cut off outside each segment, those whom only tanks feed, and the nodes that get nothing.

    A pipe outside has no water where neither of its ends has.
    """
    supply = Supply(mains)
    tanks = len(layers["water_tanks"])
    first = mains.nodes - len(layers["water_reservoirs"])
    lasting = Supply(
        Mains(mains.start, mains.end, mains.passes, mains.nodes, mains.sources[mains.sources >= first])
    ) if tanks and first < mains.nodes else None  # fmt: skip
    beyond, on_tanks, lost = np.zeros(parts.count), np.zeros(parts.count), []
    with_pipes = np.bincount(own, minlength=parts.count) > 0
    for segment in range(parts.count):
        if not with_pipes[segment]:
            lost.append(np.zeros(0, dtype=np.int64))
            continue
        links, nodes = parts.link == segment, parts.node == segment
        dry = supply.lost(links, nodes) & ~nodes
        lost.append(np.flatnonzero(dry))
        beyond[segment] = _without(mains, dry | nodes, own, customers, segment)
        if lasting is not None:
            weak = lasting.lost(links, nodes) & ~nodes
            on_tanks[segment] = _without(mains, weak | nodes, own, customers, segment) - beyond[segment]
    return beyond, on_tanks, tuple(lost)


def _without(mains: Mains, dry: NDArray[np.bool_], own: Ints, customers: Floats, segment: int) -> float:
    """Return the customers on pipes outside a segment that no end brings water to."""
    count = len(own)
    both = dry[mains.start[:count]] & dry[mains.end[:count]]
    return float(customers[both & (own != segment)].sum())


def study(layers: Layers, parameters: IsolationParameters, context: StudyContext) -> Studied:
    """Return the valves to close for each pipe and whom that leaves without water."""
    pipes = layers["water_pipes"]
    shut = shut_off(layers, parameters.reach, context.factors)
    own = shut.parts.link[: len(pipes)]
    closing = [
        "; ".join(sorted(shut.valve_name[shut.parts.bounds(segment)].astype(str)))
        for segment in range(shut.parts.count)
    ]
    table = gpd.GeoDataFrame(
        {
            "pipe_id": texts(pipes, "pipe_id"),
            "segment": own,
            "valves": shut.valves[own].astype(int),
            "valves_to_close": [closing[segment] for segment in own],
            "length": shut.length[own],
            "connections": shut.connections[own],
            "customers_inside": shut.inside[own],
            "customers_beyond": shut.beyond[own],
            "customers": (shut.inside + shut.beyond)[own],
            "customers_on_tanks": shut.on_tanks[own],
        },
        geometry=pipes.geometry.to_numpy(),
        crs=pipes.crs,
    )
    km = numbers(pipes, "length") / 1000.0
    customers = (shut.inside + shut.beyond)[own]
    worst = int(np.argmax(customers)) if len(customers) else 0
    weight = km if km.sum() > 0 else None
    notes = [] if shut.observed else [
        _(
            "the territory has no layer « water_isolation_valves »: valves are placed by rule, on every pipe but the "
            "largest where three or more meet, and around works"
        )
    ]  # fmt: skip
    notes.append(_("tanks count as sources; those whom only tanks then feed are told apart"))
    return Studied(
        tables={"pipes": table, "valves": _valves(layers, shut)},
        summary={
            "segments": int((np.bincount(own, minlength=shut.parts.count) > 0).sum()) if len(own) else 0,
            "valves": len(shut.valve_link),
            "mean_valves": float(np.average(shut.valves[own], weights=weight)) if len(own) else np.nan,
            "mean_customers": float(np.average(customers, weights=weight)) if len(own) else np.nan,
            "mean_length": float(np.average(shut.length[own], weights=weight)) if len(own) else np.nan,
            "pipes_beyond": int((shut.beyond[own] > 0).sum()),
            "worst_pipe": str(table["pipe_id"].iloc[worst]) if len(table) else "",
            "worst_customers": float(customers.max()) if len(customers) else 0.0,
        },
        notes=tuple(notes),
    )


def _valves(layers: Layers, shut: Shut) -> gpd.GeoDataFrame:
    pipes = layers["water_pipes"]
    lines = pipes.geometry.to_numpy()[shut.valve_link]
    first = shut.mains.start[shut.valve_link] == shut.valve_node
    # Drawn a little way from the node, so that the pipe that it stands on can be seen.
    away = np.minimum(2.0, shapely.length(lines) / 4.0)
    place = np.where(first, away, shapely.length(lines) - away)
    return gpd.GeoDataFrame(
        {
            "isolation_valve_id": shut.valve_name,
            "pipe_id": shut.links[shut.valve_link],
            "node_id": shut.nodes[shut.valve_node],
            "origin": "observed" if shut.observed else "synthetic",
            "bounds": shut.parts.valve[:, 0] != shut.parts.valve[:, 1],
        },
        geometry=shapely.line_interpolate_point(lines, place),
        crs=pipes.crs,
    )


ISOLATION = Study(
    "isolation",
    "Repairs: valves to close and customers without water, by pipe",
    IsolationParameters,
    study,
    ("water_pipes", "water_junctions"),
)
