"""Where streets meet without a node: found, and cut on demand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from jumeau.columns import numbers
from jumeau.errors import Problem
from jumeau.i18n import _

#: The type of a LineString, by `shapely.get_type_id`.
LINE = 1

#: End points closer than this are one crossing [m].
TOLERANCE = 0.5

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Meetings:
    """Places inside a street at which another one ends or crosses.

    Attributes
    ----------
    line, other : ndarray of int, shape (k,)
        Rows of the street that lacks a node, and of the one that meets it.
    place : ndarray of float, shape (k,)
        Distance from the start of the street [m].
    crossing : ndarray of bool, shape (k,)
        Whether the other street goes on: at a bridge or tunnel there is no node.
    """

    line: Ints
    other: Ints
    place: NDArray[np.float64]
    crossing: NDArray[np.bool_]

    def taken(self, kept: NDArray[np.bool_]) -> Meetings:
        """Return some of the places."""
        return Meetings(self.line[kept], self.other[kept], self.place[kept], self.crossing[kept])


def meetings(lines: NDArray[np.object_]) -> Meetings:
    """Return where lines meet farther than 0.5 m from an end of their own.

    Parameters
    ----------
    lines : ndarray of LineString, shape (n,)
        Missing ones, and other shapes, meet nothing.
    """
    sound = (
        (shapely.get_type_id(lines) == LINE) & ~shapely.is_empty(lines) & np.isfinite(shapely.bounds(lines)).all(axis=1)
    )
    lines = lines.copy()
    lines[~sound] = None
    one, two = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=TOLERANCE)
    pairs = one != two
    one, two = one[pairs], two[pairs]
    found: list[tuple[int, int, float, bool]] = []
    length = shapely.length(lines)
    for position in (0, -1):
        ends = shapely.get_point(lines[two], position)
        place = shapely.line_locate_point(lines[one], ends)
        inside = (shapely.distance(lines[one], ends) <= TOLERANCE) & _inner(place, length[one])
        rows = np.flatnonzero(inside)
        found += [(int(one[row]), int(two[row]), float(place[row]), False) for row in rows]
    for row in np.flatnonzero(shapely.crosses(lines[one], lines[two])):
        line, other = lines[one[row]], lines[two[row]]
        met = shapely.get_parts(shapely.intersection(line, other))
        for point in (part for part in met if part.geom_type == "Point"):
            place = float(line.project(point))
            if _inner(place, line.length) and _inner(other.project(point), other.length):
                found.append((int(one[row]), int(two[row]), place, True))
    columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
    return Meetings(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=np.float64),
        np.array(columns[3], dtype=bool),
    )


def _inner(place: Any, length: Any) -> Any:
    """Return whether a place on a line is farther from its ends than the tolerance."""
    return (place > TOLERANCE) & (place < length - TOLERANCE)


def without_node(streets: gpd.GeoDataFrame) -> list[Problem]:
    """Return a warning of the streets that meet or cross at one level without a node."""
    met = _level(streets)
    if not len(met.line):
        return []
    message = _("streets that meet or cross without a node: nobody turns there")
    return [Problem(message, hint=_hint(), layer="streets", features=_met(streets, met), warning=True)]


def unjoined(streets: gpd.GeoDataFrame, parts: Ints) -> list[Problem]:
    """Return a refusal of streets that hang apart only because they meet without a node.

    Parameters
    ----------
    streets : GeoDataFrame, shape (n,)
    parts : ndarray of int, shape (n,)
        The part of the network that each street belongs to, numbered from 0.
    """
    if not parts.any():
        return []
    met = _level(streets)
    met = met.taken(parts[met.line] != parts[met.other])
    if not len(met.line):
        return []
    message = _("streets hang apart where they meet or cross without a node: nobody could get from one to the other")
    hint = _("{hint}; state `split: false` where they do not meet on the ground").format(hint=_hint())
    return [Problem(message, hint=hint, layer="streets", features=_met(streets, met))]


def _level(streets: gpd.GeoDataFrame) -> Meetings:
    """Return where streets meet at one level without a node."""
    met = meetings(streets.geometry.to_numpy())
    level = numbers(streets, "level", 0.0)
    return met.taken(level[met.line] == level[met.other])


def _met(streets: gpd.GeoDataFrame, met: Meetings) -> tuple[str, ...]:
    rows = np.unique(np.concatenate([met.line, met.other]))
    return tuple(streets["street_id"].astype(str).iloc[rows])


def _hint() -> str:
    return _("state `split: true` for the layer to cut them there, and `level:` where bridges and tunnels have one")


def split(
    streets: gpd.GeoDataFrame, key: str, level: NDArray[np.object_] | None = None
) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    """Return streets cut where they meet, and the ids of those that were; parts are called « id/1 », « id/2 » ….

    Parameters
    ----------
    streets : GeoDataFrame, shape (n,)
    key : str
        Column of their ids.
    level : ndarray, shape (n,), optional
        Level of each street (0 on the ground): those that cross at different levels are not cut there.
    """
    lines = streets.geometry.to_numpy()
    met = meetings(lines)
    kept = np.ones(len(met.line), dtype=bool)
    if level is not None:
        kept = ~(met.crossing & (level[met.line] != level[met.other]))
    cuts: dict[int, list[float]] = {}
    for row, place in sorted(zip(met.line[kept].tolist(), met.place[kept].tolist(), strict=True)):
        known = cuts.setdefault(row, [])
        if not known or place - known[-1] > TOLERANCE:
            known.append(place)
    rows = []
    for row, feature in enumerate(streets.to_dict("records")):
        if row not in cuts:
            rows.append(feature)
            continue
        borders = [0.0, *cuts[row], float(lines[row].length)]
        for part, (first, last) in enumerate(pairwise(borders), start=1):
            piece = {**feature, key: f"{feature[key]}/{part}", "geometry": substring(lines[row], first, last)}
            # The node ids of the source are those of its own two ends.
            if "from_node" in piece and part > 1:
                piece["from_node"] = None
            if "to_node" in piece and part < len(borders) - 1:
                piece["to_node"] = None
            rows.append(piece)
    if not cuts:
        return streets, ()
    table = pd.DataFrame(rows, columns=list(streets.columns))
    ids = tuple(str(streets[key].iloc[row]) for row in cuts)
    return gpd.GeoDataFrame(table, geometry="geometry", crs=streets.crs), ids
