"""Where hydrants stand on the network: at a junction, or on a pipe that is cut there; spaced where none is known."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from jumeau.columns import numbers, rows_of, texts

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: A hydrant nearer than this to a junction is on it [m].
AT_NODE = 2.0


def spaced_hydrants(layers: Layers, spacing: float) -> gpd.GeoDataFrame:
    """Return hydrants at junctions, where none is known.

    Going through the junctions in the order of their names, one is taken where none stands within the spacing along
    the mains: hydrants are at least that far apart, and no junction is farther than that from one.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    spacing : float
        [m].
    """
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    names = texts(junctions, "node_id").astype(str)
    start, end = (rows_of(names, texts(pipes, column).astype(str)) for column in ("from_node", "to_node"))
    kept = (start >= 0) & (end >= 0)
    size = (len(names), len(names))
    # A tiny length still joins its ends: zero would say that nothing does.
    length = np.maximum(numbers(pipes, "length"), 1e-3)[kept]
    graph = sparse.coo_matrix((length, (start[kept], end[kept])), shape=size).tocsr()
    on_pipe = np.zeros(len(names), dtype=bool)
    on_pipe[np.concatenate([start[start >= 0], end[end >= 0]])] = True
    near = ~on_pipe
    chosen = []
    for row in np.argsort(names, kind="stable"):
        if near[row]:
            continue
        chosen.append(int(row))
        near |= csgraph.dijkstra(graph, directed=False, indices=int(row), limit=spacing) < np.inf
    found = junctions.iloc[sorted(chosen)]
    ids = [f"H{place:04d}" for place in range(1, len(found) + 1)]
    return gpd.GeoDataFrame(
        {"hydrant_id": ids, "node_id": texts(found, "node_id"), "origin": "synthetic"},
        geometry=found.geometry.to_numpy(),
        crs=junctions.crs,
    )


def attached(layers: Layers, hydrants: gpd.GeoDataFrame, reach: float) -> tuple[dict[str, gpd.GeoDataFrame], Any]:
    """Return the layers with a junction at each hydrant, and the junction of each hydrant.

    A hydrant that names a junction stands there; another one stands on the nearest pipe within reach, at its end where
    it is near, else at a new junction that cuts the pipe.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    hydrants : GeoDataFrame, shape (k,)
    reach : float
        [m].

    Returns
    -------
    layers : dict of str to GeoDataFrame
    node : ndarray of str, shape (k,)
        Empty where no pipe is in reach.
    """
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    names = texts(junctions, "node_id").astype(str)
    known = set(names)
    node = np.array([name if name in known else "" for name in texts(hydrants, "node_id").astype(str)], dtype=object)
    lost = np.flatnonzero((node == "") & hydrants.geometry.notna().to_numpy())
    if not len(lost):
        return dict(layers), node
    lines, points = pipes.geometry.to_numpy(), hydrants.geometry.to_numpy()
    found, pipe = shapely.STRtree(lines).query_nearest(points[lost], max_distance=reach, all_matches=False)
    taken = {*known, *texts(layers["water_tanks"], "node_id"), *texts(layers["water_reservoirs"], "node_id")}
    cuts: dict[int, list[tuple[float, str]]] = {}
    for row, line in zip(lost[found], pipe, strict=True):
        place = float(shapely.line_locate_point(lines[line], points[row]))
        ends = (str(pipes["from_node"].iloc[line]), str(pipes["to_node"].iloc[line]))
        near = [(place, ends[0]), (float(lines[line].length) - place, ends[1])]
        beside = [name for away, name in sorted(near) if away <= AT_NODE and name in known]
        if beside:
            node[row] = beside[0]
            continue
        own = _free(str(hydrants["hydrant_id"].iloc[row]), taken)
        taken.add(own)
        node[row] = own
        cuts.setdefault(int(line), []).append((place, own))
    return (_cut(layers, cuts), node) if cuts else (dict(layers), node)


def _free(name: str, taken: set[str]) -> str:
    found = name
    while found in taken:
        found += "'"
    return found


def _cut(layers: Layers, cuts: Mapping[int, list[tuple[float, str]]]) -> dict[str, gpd.GeoDataFrame]:
    """Cut pipes at places along their lines; the first piece keeps the pipe's name, for controls that name it."""
    pipes, junctions = layers["water_pipes"].copy(), layers["water_junctions"]
    heights = dict(zip(texts(junctions, "node_id").astype(str), numbers(junctions, "elevation"), strict=True))
    for name, column in (("water_tanks", "elevation"), ("water_reservoirs", "head")):
        heights |= dict(zip(texts(layers[name], "node_id").astype(str), numbers(layers[name], column), strict=True))
    new_pipes, new_nodes = [], []
    for row, places in cuts.items():
        pipe = pipes.iloc[row]
        line, whole = pipe["geometry"], float(pipe["geometry"].length)
        ends = (str(pipe["from_node"]), str(pipe["to_node"]))
        stops = [(0.0, ends[0]), *sorted(places), (whole, ends[1])]
        for part, ((first, before), (last, after)) in enumerate(pairwise(stops)):
            piece = {
                **pipe.to_dict(),
                "from_node": before,
                "to_node": after,
                "length": max(float(pipe["length"]) * (last - first) / whole, 1e-3),
                "geometry": substring(line, first, last),
            }
            if part == 0:
                label = pipes.index[row]
                for column in ("to_node", "length", "geometry"):
                    pipes.loc[label, column] = piece[column]
            else:
                new_pipes.append({**piece, "pipe_id": f"{pipe['pipe_id']}/{part}", "minor_loss": 0.0})
            if part < len(places):
                share = last / whole
                height = heights[ends[0]] * (1.0 - share) + heights[ends[1]] * share
                new_nodes.append(
                    {"node_id": after, "elevation": height, "demand": 0.0, "geometry": line.interpolate(last)}
                )
    return {
        **layers,
        "water_pipes": _with(pipes, new_pipes),
        "water_junctions": _with(junctions, new_nodes),
    }


def _with(frame: gpd.GeoDataFrame, rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    more = pd.DataFrame(rows).reindex(columns=frame.columns)
    for column in frame.columns:
        if column != "geometry" and more[column].isna().all():
            more[column] = more[column].astype(frame[column].dtype)
    more = gpd.GeoDataFrame(more, geometry="geometry", crs=frame.crs)
    return gpd.GeoDataFrame(pd.concat([frame, more], ignore_index=True), geometry="geometry", crs=frame.crs)
