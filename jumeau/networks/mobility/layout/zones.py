"""Zones: parts of the territory of about the same people, and the gates by which roads leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from jumeau.columns import totals
from jumeau.errors import InputError, Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.mobility.layout.border import border_of, degrees, limits_of, own_limit
from jumeau.networks.mobility.layout.links import CLASSES
from jumeau.territory.graph import StreetGraph, road_classes, strong_part
from jumeau.territory.model import Territory
from jumeau.territory.partition import bisect
from jumeau.territory.people import people_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Classes whose roads leave the territory.
LEAVING = ("motorway", "trunk", "primary", "secondary", "tertiary")


@dataclass(frozen=True)
class Zoning:
    """Zones and the nodes that join them to the streets.

    Attributes
    ----------
    zones : GeoDataFrame
        The layer `traffic_zones`.
    joins : DataFrame
        Columns `zone` (row), `node` (id), `x`, `y`, `length` [m].
    kept : ndarray of bool
        Arcs of the largest part from which every way leads back, gates included.
    """

    zones: gpd.GeoDataFrame
    joins: pd.DataFrame
    kept: Bools


def gates_of(
    arcs: StreetGraph, classes: NDArray[np.object_], factors: FactorTable, limits: Any = None, cut: Any = None
) -> tuple[list[Ints], Floats]:
    """Return the groups of nodes by which roads leave the territory, and the weight of each.

    Roads of some importance that end near the border lead on; the two carriageways of one road make one gate. Where the
    border is known, so do those that touch it without an end, such as a roundabout whose other arms lie outside.

    Parameters
    ----------
    arcs : StreetGraph
    classes : ndarray of str
        Class of each arc.
    factors : FactorTable
    limits : LineString or MultiLineString, optional
        The border, where the territory tells it.
    cut : LineString or MultiLineString, optional
        The border at which streets were cut: a road leads on where it ends there, and nowhere else.
    """
    size = len(arcs.nodes)
    degree = degrees(arcs)
    important = np.zeros(size, dtype=bool)
    main = np.isin(classes, LEAVING)
    important[arcs.tail[main]] = True
    important[arcs.head[main]] = True
    used = np.flatnonzero(degree > 0)
    if len(used) < 3:
        return [], np.zeros(0)
    border = border_of(arcs, used, factors) if cut is None else cut
    reach = factors.value("gate_reach" if cut is None else "gate_border")
    near = shapely.distance(shapely.points(arcs.xy), border) <= reach
    ends = np.flatnonzero((degree == 1) & important & near)
    members = _groups(arcs, ends, factors.value("gate_spacing"))
    if limits is not None:
        members += _touching(arcs, np.flatnonzero(important & (degree > 1)), ends, limits, factors)
    weight = np.zeros(size)
    per_class = np.array([factors.value(f"gate_weight_{name}") if name in LEAVING else 0.0 for name in classes])
    np.maximum.at(weight, arcs.tail, per_class)
    np.maximum.at(weight, arcs.head, per_class)
    # A road that can only be left, or only entered, is no gate.
    sound = [bool(np.isin(arcs.tail, nodes).any() and np.isin(arcs.head, nodes).any()) for nodes in members]
    members = [nodes for nodes, fine in zip(members, sound, strict=True) if fine]
    return members, np.array([weight[nodes].max() for nodes in members])


def _groups(arcs: StreetGraph, nodes: Ints, spacing: float) -> list[Ints]:
    """Return nodes in groups, each of those that are nearer than a distance to another one of it [m]."""
    if not len(nodes):
        return []
    close = cKDTree(arcs.xy[nodes]).query_pairs(spacing, output_type="ndarray")
    joined = sparse.coo_matrix((np.ones(len(close)), (close[:, 0], close[:, 1])), shape=(len(nodes), len(nodes)))
    count, group = csgraph.connected_components(joined, directed=False)
    return [nodes[group == number] for number in range(count)]


def _touching(arcs: StreetGraph, nodes: Ints, ends: Ints, limits: Any, factors: FactorTable) -> list[Ints]:
    """Return the nodes of main roads that touch the border away from the gates where roads end, one of each group."""
    away = shapely.distance(shapely.points(arcs.xy[nodes]), limits)
    near = away <= factors.value("gate_border")
    if len(ends):
        near &= cKDTree(arcs.xy[ends]).query(arcs.xy[nodes])[0] > factors.value("gate_apart")
    distance = dict(zip(nodes[near].tolist(), away[near].tolist(), strict=True))
    groups = _groups(arcs, nodes[near], factors.value("gate_apart"))
    return [np.array([min(group.tolist(), key=lambda node: (distance[node], node))]) for group in groups]


def zoning(territory: Territory, arcs: StreetGraph, factors: FactorTable) -> Zoning:
    """Return the zones of a territory.

    Parameters
    ----------
    territory : Territory
        With `streets`, and `addresses` or `buildings` where people live; else streets stand for them.
    arcs : StreetGraph
    factors : FactorTable

    Raises
    ------
    InputError
        Where people live on streets of which none leads there and back.
    """
    classes = road_classes(territory.layers["streets"])[arcs.street]
    gates, weight = gates_of(arcs, classes, factors, limits_of(territory), own_limit(territory))
    kept = connected(arcs, gates)
    # Who must cross the border to come home lives on no way between zones.
    core = core_of(arcs.taken(kept))
    sound = [_leads_both_ways(arcs.taken(kept), core, nodes) for nodes in gates]
    if not all(sound):
        weight = weight[sound]
        gates = [nodes for nodes, fine in zip(gates, sound, strict=True) if fine]
        kept = connected(arcs, gates)
        core = core_of(arcs.taken(kept))
    inside = arcs.taken(kept)
    usable = np.unique(np.concatenate([inside.tail, inside.head]))
    gates = [nodes[np.isin(nodes, usable)] for nodes in gates]
    places, residents, jobs = _people(territory, factors)
    if (lived := residents + jobs > 0.0).any():
        # Where nobody lives or works, no trip begins or ends: a zone of such places would have no middle.
        places, residents, jobs = places[lived], residents[lived], jobs[lived]
    if len(places) and not len(usable):
        ids = territory.layers["streets"]["street_id"].astype(str)
        raise InputError(
            Problem(
                _("no street leads there and back: nobody can drive out and come home"),
                layer="streets",
                column="oneway",
                features=tuple(ids.iloc[np.unique(arcs.street)]),
                hint=_("correct the directions of streets (`oneway`), or leave them out"),
            )
        )
    # Nobody starts on a motorway.
    local = np.zeros(len(arcs.nodes), dtype=bool)
    slow = ~np.isin(classes, CLASSES[:2])
    local[arcs.tail[slow & kept]] = local[arcs.head[slow & kept]] = True
    local[np.concatenate([*gates, np.zeros(0, dtype=np.int64)]).astype(np.int64)] = False
    nodes = np.flatnonzero(local & core)
    if not len(nodes):
        nodes = usable[core[usable]] if core[usable].any() else usable
    node = nodes[cKDTree(arcs.xy[nodes]).query(places)[1]] if len(places) else np.zeros(0, dtype=np.int64)
    people = residents + jobs
    number = int(np.clip(np.ceil(people.sum() / factors.value("zone_people")), 1, factors.value("zone_most")))
    # Whole crossings go to a zone, so that no node serves two.
    at, place = np.unique(node, return_inverse=True)
    held = totals(place, people, len(at))
    part = bisect(arcs.xy[at], held, min(number, len(at))) if len(at) else np.zeros(0, dtype=np.int64)
    count = int(part.max()) + 1 if len(part) else 0
    zone = part[place]
    weight_of = people if lived.any() else np.ones(len(places))
    mass = totals(zone, weight_of, count)
    xy = np.stack([totals(zone, weight_of * places[:, axis], count) / mass for axis in range(2)], axis=1)
    rows = [_joins(number_, at[part == number_], held[part == number_], xy[number_], arcs) for number_ in range(count)]
    middle = np.array([arcs.xy[nodes].mean(axis=0) for nodes in gates if len(nodes)]).reshape(-1, 2)
    heavy = weight[[len(nodes) > 0 for nodes in gates]] if gates else weight
    for number_, nodes in enumerate((nodes for nodes in gates if len(nodes)), start=count):
        rows.append(
            pd.DataFrame(
                {
                    "zone": number_,
                    "node": arcs.nodes[nodes],
                    "x": arcs.xy[nodes, 0],
                    "y": arcs.xy[nodes, 1],
                    "length": 1.0,
                }
            )
        )
    total = len(middle)
    zones = gpd.GeoDataFrame(
        {
            "zone_id": [
                *(f"Z{row:03d}" for row in range(1, count + 1)),
                *(f"G{row:02d}" for row in range(1, total + 1)),
            ],
            "kind": ["internal"] * count + ["gate"] * total,
            "residents": np.concatenate([totals(zone, residents, count), np.zeros(total)]).round(2),
            "jobs": np.concatenate([totals(zone, jobs, count), np.zeros(total)]).round(2),
            "crossing": np.concatenate([np.full(count, np.nan), heavy]),
        },
        geometry=shapely.points(np.concatenate([xy, middle])),
        crs=territory.crs,
    )
    columns = ["zone", "node", "x", "y", "length"]
    kinds = {"zone": int, "x": float, "y": float, "length": float}
    joins = pd.concat([pd.DataFrame(columns=columns), *rows], ignore_index=True).astype(kinds)
    return Zoning(zones, joins, kept)


def connected(arcs: StreetGraph, gates: list[Ints]) -> Bools:
    """Return the arcs of the largest part from which every way leads back; a gate joins its ways out to those in."""
    tail, head = [arcs.tail], [arcs.head]
    for nodes in gates:
        tail.append(nodes)
        head.append(np.roll(nodes, 1))
    inside = strong_part(np.concatenate(tail), np.concatenate(head), len(arcs.nodes))
    return np.asarray(inside[arcs.tail] & inside[arcs.head] & (arcs.tail != arcs.head))


def core_of(arcs: StreetGraph) -> Bools:
    """Return the nodes of the largest part from which every way leads back inside the territory, shape (n,)."""
    return strong_part(arcs.tail, arcs.head, len(arcs.nodes))


def _leads_both_ways(arcs: StreetGraph, core: Bools, gate: Ints) -> bool:
    """Return whether ways lead from the core to a gate and from the gate to the core."""
    size = len(arcs.nodes)
    ahead = sparse.coo_matrix((np.ones(len(arcs.tail)), (arcs.tail, arcs.head)), shape=(size, size)).tocsr()
    if not core.any():
        return False
    start = int(np.flatnonzero(core)[0])
    return all(
        bool(np.isin(gate, csgraph.breadth_first_order(graph, start, return_predecessors=False)).any())
        for graph in (ahead, ahead.T.tocsr())
    )


def _people(territory: Territory, factors: FactorTable) -> tuple[Floats, Floats, Floats]:
    """Return where people live and work: coordinates, residents and jobs, shapes (k, 2), (k,), (k,)."""
    if territory.has("addresses"):
        frame = territory.layer("addresses")
    elif territory.has("buildings"):
        frame = territory.layer("buildings")
        frame = frame.set_geometry(frame.representative_point())
    else:
        frame = territory.layer("streets")
        frame = frame.set_geometry(frame.geometry.interpolate(0.5, normalized=True))
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty].reset_index(drop=True)
    residents, jobs = people_at(territory, frame, factors.value("persons_per_dwelling"))
    return shapely.get_coordinates(frame.geometry.to_numpy()), residents, jobs


def _joins(zone: int, nodes: Ints, held: Floats, middle: Floats, arcs: StreetGraph) -> pd.DataFrame:
    """Return the nodes that join a zone to the streets: those with the most people, up to six."""
    order = np.argsort(-held, kind="stable")[:6]
    chosen = nodes[order]
    length = np.maximum(np.hypot(*(arcs.xy[chosen] - middle).T), 10.0)
    return pd.DataFrame(
        {"zone": zone, "node": arcs.nodes[chosen], "x": arcs.xy[chosen, 0], "y": arcs.xy[chosen, 1], "length": length}
    )
