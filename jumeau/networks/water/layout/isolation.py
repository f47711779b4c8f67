"""The valves that crews close: those of the layer, on the pipes where they stand, or placed by rule."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, rows_of, texts
from jumeau.networks.water.physics.segments import Mains

Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: The layers of links, with their identifiers.
LINKS = (("water_pipes", "pipe_id"), ("water_pumps", "pump_id"), ("water_valves", "valve_id"))
#: The layers of nodes.
NODES = ("water_junctions", "water_tanks", "water_reservoirs")

#: Kinds of regulating valves through which water flows one way only.
_ONE_WAY = ("PRV", "PSV", "FCV")


def mains_of(layers: Layers) -> tuple[Mains, NDArray[np.object_], NDArray[np.object_]]:
    """Return who is linked to whom, the names of nodes and those of links: pipes first, in the order of their layer.

    Tanks and sources are what water comes from.
    """
    nodes = np.concatenate([texts(layers[name], "node_id").astype(str) for name in NODES]).astype(object)
    first = len(layers["water_junctions"])
    ends = {
        column: np.concatenate([rows_of(nodes, texts(layers[name], column).astype(str)) for name, _key in LINKS])
        for column in ("from_node", "to_node")
    }
    passes = []
    for name, _key in LINKS:
        status = texts(layers[name], "status")
        one_way = {
            "water_pipes": status == "cv",
            "water_pumps": np.ones(len(layers[name]), dtype=bool),
            "water_valves": np.isin(texts(layers[name], "kind"), _ONE_WAY) & (status != "open"),
        }[name]
        passes.append(np.where(status == "closed", 0, np.where(one_way, 1, 2)))
    links = np.concatenate([texts(layers[name], key).astype(str) for name, key in LINKS]).astype(object)
    mains = Mains(
        ends["from_node"],
        ends["to_node"],
        np.concatenate(passes).astype(np.int64),
        len(nodes),
        np.arange(first, len(nodes)),
    )
    return mains, nodes, links


def ruled_valves(layers: Layers, mains: Mains) -> tuple[Ints, Ints]:
    """Return the link and the node of each valve, by rule.

    At a node where three pipes or more meet, each pipe but the largest has one; at a tank, a source, a pump or a
    regulating valve, every pipe has one, so that works can be shut off. Nothing stands on pumps and valves themselves.

    Returns
    -------
    link, node : ndarray of int, shape (v,)
    """
    pipes = layers["water_pipes"]
    count = len(pipes)
    diameter = numbers(pipes, "diameter", 0.0)
    name = texts(pipes, "pipe_id").astype(str)
    link = np.tile(np.arange(count), 2)
    node = np.concatenate([mains.start[:count], mains.end[:count]])
    degree = np.bincount(node, minlength=mains.nodes)
    works = np.zeros(mains.nodes, dtype=bool)
    works[mains.sources] = True
    works[mains.start[count:]] = True
    works[mains.end[count:]] = True
    order = np.lexsort((name[link], -diameter[link], node))
    largest = np.zeros(len(link), dtype=bool)
    largest[order[np.unique(node[order], return_index=True)[1]]] = True
    kept = works[node] | ((degree[node] >= 3) & ~largest)
    return link[kept].astype(np.int64), node[kept].astype(np.int64)


def known_valves(layers: Layers, mains: Mains, nodes: NDArray[np.object_], reach: float) -> tuple[Ints, Ints, Ints]:
    """Return the link and the node of each working valve of the layer, and its row there.

    A valve stands on the pipe that it names, else on the nearest one within reach, at the end that it names, else at
    the nearer one; a valve at a node where it could be on several pipes is on the smallest of them.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    mains : Mains
    nodes : ndarray of str, shape (n,)
        Names.
    reach : float
        [m].

    Returns
    -------
    link, node, row : ndarray of int, shape (v,)
    """
    valves, pipes = layers["water_isolation_valves"], layers["water_pipes"]
    names = texts(pipes, "pipe_id").astype(str)
    lines, diameter = pipes.geometry.to_numpy(), numbers(pipes, "diameter", 0.0)
    link = rows_of(names, texts(valves, "pipe_id").astype(str))
    point = valves.geometry.to_numpy()
    node = rows_of(nodes, texts(valves, "node_id").astype(str))
    # A file whose valves are nodes names them so.
    own = rows_of(nodes, texts(valves, "isolation_valve_id").astype(str))
    node = np.where(node >= 0, node, np.where(link < 0, own, -1))
    tree = shapely.STRtree(lines)
    for row in np.flatnonzero(link < 0):
        near: Ints = np.zeros(0, dtype=np.int64)
        if node[row] >= 0:
            near = np.flatnonzero((mains.start[: len(pipes)] == node[row]) | (mains.end[: len(pipes)] == node[row]))
        elif point[row] is not None:
            near = np.asarray(tree.query_nearest(point[row], max_distance=reach), dtype=np.int64)
        if len(near):
            link[row] = min(near, key=lambda place: (diameter[place], names[place]))
    for row in np.flatnonzero(link >= 0):
        pipe = int(link[row])
        first, last = int(mains.start[pipe]), int(mains.end[pipe])
        if node[row] in (first, last):
            continue
        if point[row] is None:
            link[row] = -1
            continue
        nearer = shapely.line_locate_point(lines[pipe], point[row]) <= lines[pipe].length / 2.0
        node[row] = first if nearer else last
    kept = (link >= 0) & flags(valves, "working")
    working = np.flatnonzero(kept)
    # Two valves at one place are one.
    _first, unique = np.unique(link[working] * len(nodes) + node[working], return_index=True)
    working = working[np.sort(unique)]
    return link[working].astype(np.int64), node[working].astype(np.int64), working.astype(np.int64)
