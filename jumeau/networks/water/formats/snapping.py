"""Makes a network of drawn lines: end nodes where the file names none."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.i18n import _

Floats = NDArray[np.float64]

#: Ends closer than this are one node [m]: the best class of accuracy of RAEPA is 40 cm.
TOLERANCE = 0.4

NODES = ("water_junctions", "water_tanks", "water_reservoirs")

Tell = Callable[[str], None]


def snapped(layers: dict[str, gpd.GeoDataFrame], tell: Tell) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with both end nodes of every pipe in a layer of nodes.

    An end node that the file names and holds is kept. Otherwise the nearest node within the tolerance is taken, or a
    new one made. A pipe on which another one ends is cut there.

    Parameters
    ----------
    layers : dict of str to GeoDataFrame
    tell : callable
        Called with what was rebuilt, in words.
    """
    found = dict(layers)
    found["water_pipes"] = _identified(found["water_pipes"], tell)
    if "water_junctions" not in found:
        crs = found["water_pipes"].crs
        found["water_junctions"] = gpd.GeoDataFrame({"node_id": np.zeros(0, dtype=object)}, geometry=[], crs=crs)
    found = _cut(found, tell)
    return _ends(found, tell)


def _identified(pipes: gpd.GeoDataFrame, tell: Tell) -> gpd.GeoDataFrame:
    """Return pipes with a line and an identifier of their own."""
    kept = pipes.geometry.notna() & (pipes.geometry.geom_type == "LineString") & (pipes.geometry.length > 0.0)
    if not kept.all():
        tell(_("{count} pipe(s) without a usable line are left out").format(count=int((~kept).sum())))
    pipes = pipes[kept].reset_index(drop=True)
    ids = pipes["pipe_id"].astype(object) if "pipe_id" in pipes else pd.Series([None] * len(pipes), dtype=object)
    lost = ids.isna() | ids.duplicated(keep="first")
    if lost.any():
        tell(_("{count} pipe(s) without an identifier of their own get one").format(count=int(lost.sum())))
        ids = ids.where(~lost, [f"pipe-{row + 1}" for row in range(len(pipes))])
    return pipes.assign(pipe_id=ids)


def _cut(layers: dict[str, gpd.GeoDataFrame], tell: Tell) -> dict[str, gpd.GeoDataFrame]:
    """Cut pipes where another one ends on them, far from their own ends."""
    pipes = layers["water_pipes"]
    if {"from_node", "to_node"} <= set(pipes.columns) and pipes[["from_node", "to_node"]].notna().all().all():
        return layers  # the file knows its own topology
    lines = pipes.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    owner = np.tile(np.arange(len(lines)), 2)
    point, line = shapely.STRtree(lines).query(ends, predicate="dwithin", distance=TOLERANCE)
    other = owner[point] != line
    place = shapely.line_locate_point(lines[line], ends[point])
    inside = other & (place > TOLERANCE) & (place < shapely.length(lines[line]) - TOLERANCE)
    if not inside.any():
        return layers
    from shapely.ops import substring

    cuts: dict[int, list[float]] = {}
    for row, where in zip(line[inside], place[inside], strict=True):
        known = cuts.setdefault(int(row), [])
        if all(abs(where - item) > TOLERANCE for item in known):
            known.append(float(where))
    rows = []
    for row in range(len(pipes)):
        feature = pipes.iloc[row]
        if row not in cuts:
            rows.append(feature)
            continue
        borders = [0.0, *sorted(cuts[row]), float(lines[row].length)]
        for part, (first, last) in enumerate(pairwise(borders), start=1):
            piece = feature.copy()
            piece["pipe_id"] = f"{feature['pipe_id']}/{part}"
            piece["geometry"] = substring(lines[row], first, last)
            if "length" in piece and pd.notna(piece["length"]):
                piece["length"] = float(piece["length"]) * (last - first) / float(lines[row].length)
            for column, inner in (("from_node", first > 0.0), ("to_node", last < lines[row].length)):
                if column in piece and inner:
                    piece[column] = None
            rows.append(piece)
    tell(_("{count} pipe(s) on which another one ends were cut there").format(count=len(cuts)))
    return {**layers, "water_pipes": gpd.GeoDataFrame(pd.DataFrame(rows).reset_index(drop=True), crs=pipes.crs)}


def _ends(layers: dict[str, gpd.GeoDataFrame], tell: Tell) -> dict[str, gpd.GeoDataFrame]:
    pipes = layers["water_pipes"]
    places: list[tuple[float, float]] = []
    names: list[str] = []
    for name in NODES:
        if name in layers:
            frame = layers[name]
            names += frame["node_id"].astype(str).tolist()
            places += [tuple(xy) for xy in shapely.get_coordinates(frame.geometry.to_numpy()).tolist()]
    held = set(names)
    # Pumps and valves may stand between pipes: their own names are no nodes yet.
    new: dict[str, tuple[float, float]] = {}
    lines = pipes.geometry.to_numpy()
    columns = {}
    rebuilt = 0
    for column, where in (("from_node", 0), ("to_node", -1)):
        points = shapely.get_coordinates(shapely.get_point(lines, where))
        told = pipes[column].astype(object) if column in pipes else pd.Series([None] * len(pipes), dtype=object)
        result = []
        for name, point in zip(told, points, strict=True):
            if name is not None and name == name and str(name) in held:  # noqa: PLR0124 - not a number
                result.append(str(name))
                continue
            rebuilt += 1
            result.append(_at(point, places, names, new, None if name is None or name != name else str(name)))  # noqa: PLR0124
        columns[column] = result
    if rebuilt:
        tell(
            _("{count} end node(s) of pipes were rebuilt by snapping within {tolerance} m; {new} node(s) made").format(
                count=rebuilt, tolerance=TOLERANCE, new=len(new)
            )
        )
    found = {**layers, "water_pipes": pipes.assign(**columns)}
    if new:
        added = gpd.GeoDataFrame(
            {"node_id": list(new)}, geometry=gpd.points_from_xy(*np.array(list(new.values())).T), crs=pipes.crs
        )
        junctions = layers["water_junctions"]
        found["water_junctions"] = (
            gpd.GeoDataFrame(pd.concat([junctions, added], ignore_index=True), crs=pipes.crs)
            if len(junctions)
            else added
        )
    return found


def _at(
    point: Floats,
    places: list[tuple[float, float]],
    names: list[str],
    new: dict[str, tuple[float, float]],
    wanted: str | None,
) -> str:
    """Return the node at a point, making it where there is none."""
    if places:
        near = np.hypot(*(np.asarray(places) - point).T)
        best = int(np.argmin(near))
        if near[best] <= TOLERANCE:
            return names[best]
    name = wanted or f"node-{len(new) + 1}"
    while name in names:
        name += "'"
    new[name] = (float(point[0]), float(point[1]))
    places.append(new[name])
    names.append(name)
    return name
