"""Puts reducing valves into pipes."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from jumeau.columns import numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _

Layers = Mapping[str, gpd.GeoDataFrame]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Room that a valve takes on the axis of its pipe [m].
ROOM = 1.0


def with_valves(layers: Layers, pipes: Ints, at_end: Bools, forward: Bools, wide_open: float) -> tuple[Layers, Ints]:
    """Return the layers with a reducing valve in some pipes, and the rows of the valves.

    The pipe keeps its row, name and length, so that it meets the same bursts: the valve stands at one of its ends, with
    a junction of its own. From an end that is a tank, a source or a valve's, where EPANET takes no reducing valve, it
    moves to the other one.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    pipes : ndarray of int, shape (k,)
        Rows of `water_pipes`.
    at_end : ndarray of bool, shape (k,)
        Whether it stands at the last node of the pipe rather than at the first.
    forward : ndarray of bool, shape (k,)
        Whether water runs from the first node to the last one.
    wide_open : float
        Setting that reduces nothing [m].

    Raises
    ------
    InputError
        When both ends of a pipe are taken.
    """
    found = {name: layers[name].copy() for name in ("water_pipes", "water_junctions", "water_valves")}
    taken = {str(name) for layer in ("water_tanks", "water_reservoirs") for name in texts(layers[layer], "node_id")}
    taken |= {str(name) for column in ("from_node", "to_node") for name in texts(layers["water_valves"], column)}
    heights = dict(
        zip(texts(layers["water_junctions"], "node_id"), numbers(layers["water_junctions"], "elevation"), strict=True)
    )
    names = _names(layers)
    junctions, valves = [], []
    for pipe, end, ahead in zip(pipes, at_end, forward, strict=True):
        last, host = _host(layers, int(pipe), taken, at_end=bool(end))
        name = _free(names)
        node = f"{name}N"
        names |= {name, node}
        taken |= {host, node}
        row = found["water_pipes"].index[pipe]
        place, rest = _cut(found["water_pipes"].geometry.iloc[pipe], at_last=last)
        found["water_pipes"].loc[row, "to_node" if last else "from_node"] = node
        # The valve looks the way that water runs.
        way = (node, host) if last else (host, node)
        point = None
        if place is not None:
            found["water_pipes"].loc[row, "geometry"] = rest
            point = shapely.Point(place.coords[0 if last else -1])
        if not ahead:
            way = way[::-1]
            place = shapely.reverse(place) if place is not None else None
        junctions.append(
            {"node_id": node, "elevation": heights[host], "demand": 0.0, "emitter": 0.0, "logger": False,
             "geometry": point}
        )  # fmt: skip
        valves.append(
            {"valve_id": name, "from_node": way[0], "to_node": way[1], "kind": "PRV",
             "diameter": float(numbers(layers["water_pipes"], "diameter")[pipe]), "setting": wide_open,
             "minor_loss": 0.0, "status": "active",
             "sector_id": texts(layers["water_pipes"], "sector_id")[pipe], "geometry": place}
        )  # fmt: skip
    count = len(layers["water_valves"])
    new = {
        **layers,
        "water_pipes": found["water_pipes"],
        "water_junctions": _with(found["water_junctions"], junctions),
        "water_valves": _with(found["water_valves"], valves),
    }
    return new, np.arange(count, count + len(valves), dtype=np.int64)


def _with(layer: gpd.GeoDataFrame, rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    added = gpd.GeoDataFrame(rows, geometry="geometry", crs=layer.crs)
    return pd.concat([layer, added], ignore_index=True) if len(layer) else added.reindex(columns=layer.columns)


def _names(layers: Layers) -> set[str]:
    """Return the names of all nodes and links."""
    columns = (
        ("water_junctions", "node_id"), ("water_tanks", "node_id"), ("water_reservoirs", "node_id"),
        ("water_pipes", "pipe_id"), ("water_pumps", "pump_id"), ("water_valves", "valve_id"),
    )  # fmt: skip
    return {str(name) for layer, column in columns for name in texts(layers[layer], column)}


def _free(names: set[str]) -> str:
    """Return a name for a valve that no link and no node has, nor its junction."""
    number = 1
    while f"RV{number:03d}" in names or f"RV{number:03d}N" in names:
        number += 1
    return f"RV{number:03d}"


def _host(layers: Layers, pipe: int, taken: set[str], *, at_end: bool) -> tuple[bool, str]:
    """Return at which end a valve can stand (the last one or not), and the node there."""
    ends = {last: str(texts(layers["water_pipes"], "to_node" if last else "from_node")[pipe]) for last in (True, False)}
    for last in (at_end, not at_end):
        if ends[last] not in taken:
            return last, ends[last]
    raise InputError(
        Problem(
            _("no reducing valve fits into the pipe: a tank, a source or another valve stands at each of its ends"),
            layer="water_pipes",
            column="pipe_id",
            features=(str(texts(layers["water_pipes"], "pipe_id")[pipe]),),
            hint=_("choose the next pipe"),
        )
    )


def _cut(
    line: shapely.LineString | None, *, at_last: bool
) -> tuple[shapely.LineString | None, shapely.LineString | None]:
    """Return the piece of an axis that the valve takes, and the rest; both run as the axis does."""
    if line is None or line.is_empty:
        return None, None
    room = min(ROOM, line.length / 2.0)
    if at_last:
        return substring(line, line.length - room, line.length), substring(line, 0.0, line.length - room)
    return substring(line, 0.0, room), substring(line, room, line.length)
