"""The layers of an EPANET file as frames, drawn: nodes without coordinates are placed, and told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.networks.water.formats.feature_rows import Layers, Row

#: Layers that a file gives, in this order; the first two are there though they are empty.
LAYERS = (
    "water_junctions", "water_pipes", "water_demands", "water_tanks", "water_reservoirs", "water_pumps",
    "water_valves", "water_patterns", "water_curves", "water_controls", "water_settings", "water_file",
)  # fmt: skip
_KEPT = LAYERS[:2]
_NODES = ("water_junctions", "water_tanks", "water_reservoirs")
_LINKS = ("water_pipes", "water_pumps", "water_valves")

#: A network without any coordinates is drawn where it has no more nodes than this: drawing takes long.
MOST_DRAWN = 2000

#: Mean distance of the nodes of such a drawing [m].
_APART = 100.0

#: Length of the line that stands for a link whose ends are at one place [m].
SHORT = 0.5


def carries(layers: Layers) -> bool:
    """Tell whether layers carry the text of the EPANET file that they came from."""
    frame = layers.get("water_file")
    return frame is not None and len(frame) > 0


def frames_of(
    tables: Mapping[str, list[Row]], crs: pyproj.CRS, file: Path, offset: tuple[float, float], scale: float
) -> tuple[dict[str, gpd.GeoDataFrame], tuple[str, ...]]:
    """Return the layers of the rows of an EPANET file, and what the reader should know.

    Parameters
    ----------
    tables : mapping of str to list of Row
        See `epanet_tables.tables_of`.
    crs : pyproj.CRS
        In which the coordinates stand, once scaled and moved.
    file : Path
    offset, scale : tuple of float, float
        Coordinates are multiplied by the scale, then moved [m].

    Raises
    ------
    InputError
        When no node of a large network has coordinates.
    """
    move = np.array(offset, dtype=np.float64)
    places = {
        str(row["node_id"]): shapely.get_coordinates(row["geometry"])[0] * scale + move
        for layer in _NODES
        for row in tables[layer]
        if row["geometry"] is not None
    }
    everywhere = [str(row["node_id"]) for layer in _NODES for row in tables[layer]]
    notes = []
    if not places or (len(places) > 1 and not np.ptp(np.array(list(places.values())), axis=0).any()):
        places.clear()
        if len(everywhere) <= MOST_DRAWN:
            places = _sketched(everywhere, tables, move)
            notes.append(_("no coordinates in the file: the network is drawn as its links suggest, not where it lies"))
    if not places:
        hint = _("export it from EPANET with its map ([COORDINATES])")
        raise InputError(Problem(_("the network has no coordinates"), file=str(file), layer="[COORDINATES]", hint=hint))
    lost = [name for name in everywhere if name not in places]
    _place(places, lost, tables)
    drawn = dict(tables)
    for layer in _NODES:
        drawn[layer] = [{**row, "geometry": shapely.Point(places[str(row["node_id"])])} for row in tables[layer]]
    short = []
    for layer in _LINKS:
        drawn[layer] = [_drawn(row, places, scale, move) for row in tables[layer]]
        short += [str(next(iter(row.values()))) for row in drawn[layer] if row.pop("short")]
    if lost:
        text = _("{count} node(s) have no coordinates: each stands amid the nodes that it is linked to ({ids})")
        notes.append(text.format(count=len(lost), ids=shorten(lost)))
    if short:
        text = _("{count} link(s) whose ends stand at one place are drawn as a line of {length} m ({ids})")
        notes.append(text.format(count=len(short), length=SHORT, ids=shorten(short)))
    return {name: _frame(drawn[name], crs) for name in LAYERS if drawn[name] or name in _KEPT}, tuple(notes)


def _sketched(names: list[str], tables: Mapping[str, list[Row]], move: np.ndarray) -> dict[str, np.ndarray]:
    """Return a place for each node of a network without coordinates: linked ones near each other."""
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(names)
    graph.add_edges_from((str(row["from_node"]), str(row["to_node"])) for layer in _LINKS for row in tables[layer])
    scale = _APART * float(np.sqrt(len(names)))
    drawn = nx.spring_layout(graph, seed=1, scale=scale)
    return {name: np.round(np.asarray(drawn[name]) + move, 3) for name in names}


def _place(places: dict[str, np.ndarray], lost: list[str], tables: Mapping[str, list[Row]]) -> None:
    """Give each lost node the mean place of the nodes that it is linked to, from those that are known outwards."""
    beside: dict[str, list[str]] = {name: [] for name in lost}
    for layer in _LINKS:
        for row in tables[layer]:
            for one, other in ((row["from_node"], row["to_node"]), (row["to_node"], row["from_node"])):
                if one in beside:
                    beside[str(one)].append(str(other))
    left = list(lost)
    while left:
        found = {}
        for name in left:
            known = [places[other] for other in beside[name] if other in places]
            if known:
                found[name] = np.mean(known, axis=0)
        if not found:
            # A part of the network without any coordinate: amid all others.
            found = dict.fromkeys(left, np.mean(list(places.values()), axis=0))
        places |= found
        left = [name for name in left if name not in found]


def _drawn(row: Row, places: dict[str, np.ndarray], scale: float, move: np.ndarray) -> Row:
    """Return a link with its line; `short` tells whether its ends and bends stand at one place."""
    bends = [np.array(point) * scale + move for point in row["vertices"] if point is not None]
    points = np.array([places[row["from_node"]], *bends, places[row["to_node"]]])
    short = not np.ptp(points, axis=0).any()
    if short:
        points = np.array([points[0], points[0] + (SHORT, 0.0)])
    kept = {name: value for name, value in row.items() if name not in ("vertices", "from_node", "to_node")}
    name = next(key for key in kept if key.endswith("_id"))
    ends = {"from_node": row["from_node"], "to_node": row["to_node"]}
    line = shapely.LineString(points)
    return {name: kept.pop(name), **ends, **kept, "geometry": line, "short": short}


def _frame(rows: list[Row], crs: pyproj.CRS) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows)
    shapes = table.pop("geometry") if "geometry" in table else [None] * len(table)
    table = table.loc[:, table.notna().any()] if len(table) else table
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(list(shapes), crs=crs), crs=crs)
