"""The nodes and pipes of a drawn network while pumps and valves are put between them: nodes and pipes are cut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from jumeau.networks.water.formats.snapping import NODES, TOLERANCE

HELD = ("water_tanks", "water_reservoirs")

#: Length of what is put in where there was a point [m].
LINK = 1.0

#: A tank is as far as a source at this distance [m]: farther than any way in a network.
BEHIND = 1e9

#: Nodes among which those on both sides of a point are looked for.
AROUND = 12


def present(value: Any) -> bool:
    """Return whether a value says something."""
    return value is not None and value == value and str(value).strip() != ""  # noqa: PLR0124 - not a number


class PointNetwork:
    """Nodes and pipes that can be cut.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Pipes with `from_node`, `to_node` and `length`, and the layers of nodes.

    Attributes
    ----------
    places : dict of str to Point
        Where each node is.
    held : dict of str to str
        Tanks and sources, with their layer.
    """

    def __init__(self, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
        self._layers = {name: layers[name] for name in ("water_pipes", "water_junctions")}
        self.places: dict[str, shapely.Point] = {}
        self.held: dict[str, str] = {}
        for name in NODES:
            if name in layers:
                nodes = layers[name]["node_id"].astype(str)
                self.places |= dict(zip(nodes, layers[name].geometry, strict=True))
                if name in HELD:
                    self.held |= dict.fromkeys(nodes, name)
        self._pipes: list[dict[str, Any]] = layers["water_pipes"].to_dict("records")
        self._junctions: list[dict[str, Any]] = layers["water_junctions"].to_dict("records")
        self._changed = False
        self._joined: list[tuple[str, str]] = []

    def layers(self) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers of pipes and junctions as they are now."""
        if not self._changed:
            return dict(self._layers)
        found = {}
        for name, rows in (("water_pipes", self._pipes), ("water_junctions", self._junctions)):
            columns = dict.fromkeys([*self._layers[name].columns, *(rows[-1] if rows else ())])
            table = pd.DataFrame(rows, columns=list(columns))
            found[name] = gpd.GeoDataFrame(table, geometry="geometry", crs=self._layers[name].crs)
        return found

    def pipe(self, name: str) -> int | None:
        """Return the place of a pipe of that name, or of the first part of one that was cut."""
        for row, pipe in enumerate(self._pipes):
            if str(pipe["pipe_id"]) == name:
                return row
        return next((row for row, pipe in enumerate(self._pipes) if str(pipe["pipe_id"]).startswith(f"{name}/")), None)

    def near_end(self, pipe: int, point: shapely.Point) -> str:
        """Return the end of a pipe that is nearest to a point."""
        ends = (str(self._pipes[pipe]["from_node"]), str(self._pipes[pipe]["to_node"]))
        return min(ends, key=lambda name: point.distance(self.places[name]))

    def touching(self, node: str) -> list[int]:
        """Return the pipes that start or end at a node."""
        return [row for row, pipe in enumerate(self._pipes) if node in (str(pipe["from_node"]), str(pipe["to_node"]))]

    def drawn_into(self, node: str, pipes: list[int]) -> bool:
        """Return whether pipes are drawn towards a node, all of them."""
        return all(str(self._pipes[row]["to_node"]) == node for row in pipes)

    def at(self, point: shapely.Point, reach: float) -> str | None:
        """Return the nearest node within a distance [m]."""
        names, near = self._distances(point, list(self.places))
        best = int(np.argmin(near)) if len(near) else -1
        return names[best] if best >= 0 and near[best] <= reach else None

    def at_held(self, point: shapely.Point, reach: float, but: str) -> str | None:
        """Return the nearest tank or source within a distance [m], another one than a node."""
        names, near = self._distances(point, [name for name in self.held if name != but])
        best = int(np.argmin(near)) if len(near) else -1
        return names[best] if best >= 0 and near[best] <= reach else None

    def around(self, point: shapely.Point) -> tuple[str, str] | None:
        """Return the nearest two nodes in whose middle a point is, if no pipe joins them."""
        names, near = self._distances(point, list(self.places))
        order = np.argsort(near, kind="stable")[:AROUND]
        joined = {frozenset((str(pipe["from_node"]), str(pipe["to_node"]))) for pipe in self._pipes}
        for place, first in enumerate(order):
            for last in order[place + 1 :]:
                a, b = self.places[names[first]], self.places[names[last]]
                middle = shapely.Point((a.x + b.x) / 2.0, (a.y + b.y) / 2.0)
                apart = frozenset((names[first], names[last])) not in joined
                if middle.distance(point) <= TOLERANCE and apart:
                    return names[first], names[last]
        return None

    def across(self, point: shapely.Point, reach: float) -> tuple[str, str] | None:
        """Return the nearest node and the nearest that nothing joins to it, within a distance [m]."""
        names, near = self._distances(point, list(self.places))
        order = [row for row in np.argsort(near, kind="stable") if near[row] <= reach]
        if len(order) < 2:
            return None
        graph = self._graph()
        part = nx.node_connected_component(graph, names[order[0]])
        return next(((names[order[0]], names[row]) for row in order[1:] if names[row] not in part), None)

    def _distances(self, point: shapely.Point, names: list[str]) -> tuple[list[str], np.ndarray[Any, Any]]:
        shapes = np.array([self.places[name] for name in names], dtype=object)
        return names, np.asarray(shapely.distance(shapes, point)) if names else np.zeros(0)

    def cut(self, point: shapely.Point, name: str) -> str | None:
        """Cut the pipe under a point in two and return the new node, None where there is no pipe."""
        lines = np.array([pipe["geometry"] for pipe in self._pipes], dtype=object)
        near = shapely.distance(lines, point)
        row = int(np.argmin(near))
        if near[row] > TOLERANCE:
            return None
        pipe, line = self._pipes[row], lines[row]
        where = float(line.project(point))
        node = self._new(name, line.interpolate(where))
        share = where / line.length
        name = str(pipe["pipe_id"])
        before, after = substring(line, 0.0, where), substring(line, where, line.length)
        parts = [
            {**pipe, "pipe_id": f"{name}/1", "to_node": node, "geometry": before},
            {**pipe, "pipe_id": f"{name}/2", "from_node": node, "geometry": after},
        ]
        for part, own in zip(parts, (share, 1.0 - share), strict=True):
            part["length"] = float(pipe["length"]) * own
        self._pipes[row] = parts[0]
        self._pipes.append(parts[1])
        return node

    def cut_node(self, node: str, name: str, moved: list[int]) -> str:
        """Give some pipes of a node a node of their own, a short way along the first of them."""
        line = self._pipes[moved[0]]["geometry"]
        backwards = self.drawn_into(node, moved[:1])
        ahead = line.reverse() if backwards else line
        first = shapely.LineString(shapely.get_coordinates(ahead)[:2])
        twin = self._new(name, first.interpolate(min(LINK, first.length / 2.0)), like=node)
        for row in moved:
            pipe = self._pipes[row]
            xy = shapely.get_coordinates(pipe["geometry"])
            column, place = ("to_node", -1) if self.drawn_into(node, [row]) else ("from_node", 0)
            xy[place] = (self.places[twin].x, self.places[twin].y)
            self._pipes[row] = {**pipe, column: twin, "geometry": shapely.LineString(xy)}
        return twin

    def short_pipe(self, node: str, name: str, towards: str) -> str:
        """Put a short pipe at a tank or source and return its other end."""
        model = self._pipes[self.touching(towards)[0]]
        line = shapely.LineString([self.places[node], self.places[towards]])
        end = self._new(name, line.interpolate(0.5, normalized=True), like=towards)
        shape = shapely.LineString([self.places[node], self.places[end]])
        self._pipes.append(
            {**model, "pipe_id": name, "from_node": node, "to_node": end, "length": LINK, "geometry": shape}
        )
        return end

    def _new(self, wanted: str, place: shapely.Point, like: str = "") -> str:
        """Make a junction at the height of another one; the demand stays there."""
        name = wanted
        while name in self.places:
            name += "'"
        model = next((row for row in self._junctions if str(row["node_id"]) == like), {})
        kept = {column: model[column] for column in ("elevation",) if column in model}
        self._junctions.append({**kept, "node_id": name, "geometry": place})
        self.places[name] = place
        self._changed = True
        return name

    def raise_to(self, node: str, height: float) -> None:
        """Give a junction a height [m] if none is known."""
        for row in self._junctions:
            if str(row["node_id"]) == node and not present(row.get("elevation")):
                row["elevation"] = height
                self._changed = True

    def join(self, first: str, last: str) -> None:
        """Note a link that is there now."""
        self._joined.append((first, last))

    def line(self, first: str, last: str) -> shapely.LineString:
        """Return the line between two nodes."""
        return shapely.LineString([self.places[first], self.places[last]])

    def diameter(self, *nodes: str) -> float:
        """Return the largest diameter of the pipes at some nodes [mm], not a number where none is known."""
        pipes = [self._pipes[row] for node in nodes for row in self.touching(node)]
        return max((float(pipe["diameter"]) for pipe in pipes if present(pipe.get("diameter"))), default=float("nan"))

    def nearest_source(self, node: str, pipes: list[int]) -> int:
        """Return the pipe of a node through which the nearest source is reached; the first one where none is."""
        reached = self._from_sources(node)
        other = {row: self._far(row, node) for row in pipes}
        return min(pipes, key=lambda row: reached.get(other[row], np.inf))

    def upstream(self, first: str, last: str) -> bool:
        """Return whether the first of two nodes is the nearer to a source."""
        reached = self._from_sources("")
        return reached.get(first, np.inf) <= reached.get(last, np.inf)

    def _far(self, row: int, node: str) -> str:
        ends = (str(self._pipes[row]["from_node"]), str(self._pipes[row]["to_node"]))
        return ends[1] if ends[0] == node else ends[0]

    def _from_sources(self, without: str) -> Mapping[str, float]:
        """Return the distance of nodes from the nearest source along links [m]; tanks are far behind any source."""
        graph = self._graph()
        if without:
            graph.remove_node(without)
        found: dict[str, float] = {}
        for layer, behind in (("water_tanks", BEHIND), ("water_reservoirs", 0.0)):
            roots = {name for name, kind in self.held.items() if kind == layer and name in graph}
            if roots:
                reached = nx.multi_source_dijkstra_path_length(graph, roots)
                found |= {name: distance + behind for name, distance in reached.items()}
        return found

    def _graph(self) -> nx.Graph:
        graph = nx.Graph()
        graph.add_nodes_from(self.places)
        for pipe in self._pipes:
            graph.add_edge(str(pipe["from_node"]), str(pipe["to_node"]), weight=float(pipe["length"]))
        graph.add_edges_from(self._joined, weight=LINK)
        return graph
