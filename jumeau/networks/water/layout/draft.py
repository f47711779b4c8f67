"""A network being laid out: nodes and links as growing lists, then as layers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from jumeau.networks.water.layout.mains import Mains
from jumeau.networks.water.layout.zones import Zones
from jumeau.networks.water.tables import ATTRIBUTES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class Node:
    """A place where links meet."""

    name: str
    xy: tuple[float, float]
    height: float
    zone: int
    resident: float = 0.0
    job: float = 0.0


@dataclass
class Pipe:
    """A pipe between two nodes, by their rows."""

    start: int
    end: int
    line: shapely.LineString
    street: str
    road_class: str
    function: str = "distribution"
    status: str = "open"
    diameter: float = 0.0
    main: int = -1


@dataclass
class Valve:
    """A reducing valve between two nodes, by their rows."""

    start: int
    end: int
    setting: float
    diameter: float = 0.0


@dataclass
class Draft:
    """A network being laid out.

    Attributes
    ----------
    nodes, pipes, valves : list
    tanks, sources, pumps : list of dict
        Rows of their layers, `node` being the row of the junction beside them.
    """

    nodes: list[Node] = field(default_factory=list)
    pipes: list[Pipe] = field(default_factory=list)
    valves: list[Valve] = field(default_factory=list)
    tanks: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    pumps: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of_mains(cls, mains: Mains, height: Floats, zones: Zones, resident: Floats, job: Floats) -> Draft:
        """Start from mains and their zones: a main between zones carries a reducing valve, or is closed."""
        found = cls()
        for row, name in enumerate(mains.nodes):
            del name
            x, y = mains.xy[row]
            found.nodes.append(
                Node(f"J{row + 1:05d}", (float(x), float(y)), float(height[row]), int(zones.zone[row]),
                     float(resident[row]), float(job[row]))
            )  # fmt: skip
        feeds, closed = set(zones.feeds), set(zones.closed)
        for row in range(len(mains.lines)):
            a, b = int(mains.start[row]), int(mains.end[row])
            if row in feeds:
                found._reduced(mains, row, zones)
                continue
            found.pipes.append(
                Pipe(a, b, mains.lines[row], str(mains.street[row]), str(mains.road_class[row]),
                     status="closed" if row in closed else "open", main=row)
            )  # fmt: skip
        for way in zones.links:
            found.transport(way, mains)
        return found

    def _reduced(self, mains: Mains, row: int, zones: Zones) -> None:
        """Lay a main from a zone to a lower one, with a reducing valve at a third of its length."""
        a, b = int(mains.start[row]), int(mains.end[row])
        line, street, road = mains.lines[row], str(mains.street[row]), str(mains.road_class[row])
        if zones.zone[a] > zones.zone[b]:
            a, b, line = b, a, shapely.reverse(line)
        upper, lower = self.nodes[a], self.nodes[b]
        place = shapely.line_interpolate_point(line, 1 / 3, normalized=True)
        beyond = shapely.line_interpolate_point(line, min(shapely.length(line) / 3 + 1.0, shapely.length(line) * 0.5))
        height = upper.height * 2 / 3 + lower.height / 3
        number = len(self.valves) + 1
        before = self.add(Node(f"V{number:03d}A", (place.x, place.y), height, upper.zone))
        after = self.add(Node(f"V{number:03d}B", (beyond.x, beyond.y), height, lower.zone))
        from shapely.ops import substring

        self.pipes.append(Pipe(a, before, substring(line, 0.0, 1 / 3, normalized=True), street, road, main=row))
        rest = substring(line, line.project(beyond), line.length)
        self.pipes.append(Pipe(after, b, rest, street, road, main=row))
        self.valves.append(Valve(before, after, max(zones.head[lower.zone] - height, 1.0)))

    def add(self, node: Node) -> int:
        """Append a node; return its row."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def transport(self, way: list[int], mains: Mains, name: str = "T") -> tuple[int, int]:
        """Lay a main beside others, along rows of nodes, that feeds nobody on its way; return its end nodes.

        The first and last nodes are those of the way themselves.
        """
        arcs = {}
        for row in np.argsort(mains.length, kind="stable")[::-1]:
            arcs[frozenset((int(mains.start[row]), int(mains.end[row])))] = int(row)
        before = way[0]
        for place, node in enumerate(way[1:], start=1):
            row = arcs[frozenset((way[place - 1], node))]
            line = mains.lines[row] if int(mains.start[row]) == way[place - 1] else shapely.reverse(mains.lines[row])
            if place == len(way) - 1:
                after = node
            else:
                beside = self.nodes[node]
                number = sum(item.name.startswith(name) for item in self.nodes) + 1
                after = self.add(Node(f"{name}{number:04d}", beside.xy, beside.height, self.nodes[way[0]].zone))
            self.pipes.append(Pipe(before, after, line, str(mains.street[row]), "", "transport"))
            before = after
        return way[0], way[-1]

    def layers(self, crs: Any) -> dict[str, gpd.GeoDataFrame]:
        """Return the layers; demands of two categories, with their patterns' names."""
        names = np.array([node.name for node in self.nodes], dtype=object)
        junctions = gpd.GeoDataFrame(
            {
                "node_id": names,
                "elevation": np.round([node.height for node in self.nodes], 2),
                "demand": np.round([node.resident for node in self.nodes], 6),
                "pattern_id": "residents",
            },
            geometry=gpd.points_from_xy(*np.array([node.xy for node in self.nodes]).reshape(-1, 2).T),
            crs=crs,
        )
        found = {
            "water_junctions": junctions,
            "water_pipes": self._pipes(names, crs),
            "water_demands": self._demands(crs),
        }
        if self.valves:
            found["water_valves"] = self._valves(names, crs)
        for layer, rows in (
            ("water_tanks", self.tanks),
            ("water_reservoirs", self.sources),
            ("water_pumps", self.pumps),
        ):
            if rows:
                frame = pd.DataFrame(rows)
                found[layer] = gpd.GeoDataFrame(
                    frame.drop(columns="geometry"), geometry=list(frame["geometry"]), crs=crs
                )
        return found

    def _pipes(self, names: NDArray[np.object_], crs: Any) -> gpd.GeoDataFrame:
        extra = {node["node_id"] for node in (*self.tanks, *self.sources)}
        del extra
        return gpd.GeoDataFrame(
            {
                "pipe_id": [f"P{row:05d}" for row in range(1, len(self.pipes) + 1)],
                "from_node": [names[item.start] for item in self.pipes],
                "to_node": [names[item.end] for item in self.pipes],
                "length": np.round([max(item.line.length, 0.5) for item in self.pipes], 2),
                "diameter": [item.diameter for item in self.pipes],
                **ATTRIBUTES.defaults("water_pipes", "minor_loss"),
                "status": [item.status for item in self.pipes],
                "function": [item.function for item in self.pipes],
                "street_id": [item.street or None for item in self.pipes],
            },
            geometry=[item.line for item in self.pipes],
            crs=crs,
        )

    def _valves(self, names: NDArray[np.object_], crs: Any) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(
            {
                "valve_id": [f"PRV{row:03d}" for row in range(1, len(self.valves) + 1)],
                "from_node": [names[item.start] for item in self.valves],
                "to_node": [names[item.end] for item in self.valves],
                "kind": "PRV",
                "diameter": [item.diameter for item in self.valves],
                "setting": np.round([item.setting for item in self.valves], 1),
                **ATTRIBUTES.defaults("water_valves", "minor_loss", "status"),
            },
            geometry=[shapely.LineString([self.nodes[item.start].xy, self.nodes[item.end].xy]) for item in self.valves],
            crs=crs,
        )

    def _demands(self, crs: Any) -> gpd.GeoDataFrame:
        rows = [
            {"demand_id": f"{node.name}/jobs", "node_id": node.name, "demand": round(node.job, 6), "pattern_id": "jobs",
             "category": "jobs"}
            for node in self.nodes
            if node.job > 0.0
        ]  # fmt: skip
        columns = ["demand_id", "node_id", "demand", "pattern_id", "category"]
        table = pd.DataFrame(rows, columns=columns)
        return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([None] * len(table), crs=crs), crs=crs)
