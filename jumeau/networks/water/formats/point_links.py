"""Makes links of the pumps and valves that the French standards draw as points: between two nodes, in a direction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from jumeau.errors import shorten
from jumeau.i18n import _
from jumeau.networks.water.formats.point_network import PointNetwork, present
from jumeau.networks.water.formats.snapping import TOLERANCE

Feature = dict[str, Any]
Tell = Callable[[str], None]

#: A source that stands this near to the end of a pipe feeds the pump or valve at that end [m].
REACH = 50.0

#: EPANET refuses these next to a tank or source.
_REGULATORS = ("PRV", "PSV", "FCV")


def linked(layers: Mapping[str, gpd.GeoDataFrame], tell: Tell) -> dict[str, gpd.GeoDataFrame]:
    """Return the layers with pumps and valves as links between two nodes.

    The end nodes or the pipes that a feature names come first. Otherwise the node where it stands is cut in two, or the
    pipe on which it stands, or two nodes are joined if it stands in the middle between them. Water flows as the pipes
    are drawn or, where these contradict each other, away from the nearest source.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Pipes with their end nodes (see `jumeau.networks.water.formats.snapping`) and lengths.
    tell : callable
        Called with what was decided, in words.
    """
    if not {"water_pumps", "water_valves"} & set(layers):
        return dict(layers)
    network = PointNetwork(layers)
    made: dict[str, gpd.GeoDataFrame] = {}
    for name, key in (("water_pumps", "pump_id"), ("water_valves", "valve_id")):
        if name in layers:
            links = _Links(network, key)
            made[name] = links.made(layers[name], name, tell)
    found = {**layers, **network.layers(), **made}
    return {name: frame for name, frame in found.items() if len(frame) or name not in made}


class _Links:
    """The links of one layer, in the making."""

    def __init__(self, network: PointNetwork, key: str) -> None:
        self.network = network
        self.key = key
        self.told: dict[str, list[str]] = defaultdict(list)

    def made(self, frame: gpd.GeoDataFrame, layer: str, tell: Tell) -> gpd.GeoDataFrame:
        """Return the layer with lines; features that stand nowhere are left out, and told."""
        rows = []
        ids = frame[self.key] if self.key in frame else pd.Series([None] * len(frame), index=frame.index)
        for number, (feature, given) in enumerate(zip(frame.to_dict("records"), ids, strict=True), start=1):
            name = str(given) if present(given) else f"{self.key.removesuffix('_id')}-{number}"
            ends = self._ends(feature, name)
            if ends is None or ends[0] == ends[1]:
                self.told["lost"].append(name)
                continue
            feature |= {self.key: name, "from_node": ends[0], "to_node": ends[1]}
            if self.key == "valve_id":
                self._default(feature, name)
            feature["geometry"] = self.network.line(*ends)
            self.network.join(*ends)
            if present(feature.get("_height")):
                for end in ends:
                    self.network.raise_to(end, float(feature["_height"]))
            rows.append(feature)
        for kind, names in self.told.items():
            text = _SAID[kind]()
            tell(text.format(layer=layer, count=len(names), ids=shorten(names)))
        if not rows:
            return frame.iloc[:0]
        table = pd.DataFrame(rows).drop(columns=["_upstream", "_downstream", "_height"], errors="ignore")
        return gpd.GeoDataFrame(table, geometry="geometry", crs=frame.crs)

    def _default(self, feature: Feature, name: str) -> None:
        """Fill what a link of EPANET needs: a regulator of unknown setting would shut the network."""
        if not present(feature.get("diameter")):
            feature["diameter"] = self.network.diameter(feature["from_node"], feature["to_node"])
            self.told["diameter"].append(name)
        if not present(feature.get("setting")) and not present(feature.get("status")):
            feature["status"] = "open"
            self.told["open"].append(name)

    def _ends(self, feature: Feature, name: str) -> tuple[str, str] | None:
        network = self.network
        ends = (str(feature.get("from_node")), str(feature.get("to_node")))
        if all(end in network.places for end in ends):
            return ends
        shape = feature.get("geometry")
        if shape is None or shape.is_empty:
            return None
        if shape.geom_type == "LineString":
            first, last = (network.at(shapely.get_point(shape, place), REACH) for place in (0, -1))
            return (first, last) if first and last else None
        point = shape.centroid
        up, down = (self._pipe(feature.get(column)) for column in ("_upstream", "_downstream"))
        above, below = (network.near_end(pipe, point) if pipe is not None else None for pipe in (up, down))
        if above and below and above != below:
            return above, below
        pair = None if network.at(point, TOLERANCE) else network.around(point)
        if pair is not None:
            return self._between(name, pair, above, below)
        node = above or below or self._node(name, point)
        if node is not None:
            return self._split(node, name, feature, up, down)
        gap = network.across(point, REACH)
        return self._between(name, gap, None, None, "gap") if gap is not None else None

    def _pipe(self, wanted: Any) -> int | None:
        return self.network.pipe(str(wanted)) if present(wanted) else None

    def _node(self, name: str, point: shapely.Point) -> str | None:
        """Return the node where a feature stands: that of its own name, at its place, or made on the pipe under it."""
        network = self.network
        # A tank may bear the same number; pipes that name a pump or valve as their end do touch it.
        own = name in network.places and name not in network.held and bool(network.touching(name))
        return name if own else network.at(point, TOLERANCE) or network.cut(point, name)

    def _between(
        self, name: str, pair: tuple[str, str], above: str | None, below: str | None, how: str = "middle"
    ) -> tuple[str, str]:
        """Return the two nodes between which a feature stands, in the direction of the water."""
        first, last = pair
        told = above in pair or below in pair
        ahead = (above == first or below == last) if told else self.network.upstream(first, last)
        self.told[how].append(name)
        return (first, last) if ahead else (last, first)

    def _split(
        self, node: str, name: str, feature: Feature, up: int | None, down: int | None
    ) -> tuple[str, str] | None:
        """Cut a node in two, and return its halves in the direction of the water."""
        network = self.network
        touching = network.touching(node)
        beside = network.at_held(network.places[node], TOLERANCE, node)
        if beside is not None and node not in network.held:
            # The end of a pipe and a tank or source are at one place, which nothing joins.
            return self._directed(beside, node, touching)
        if node in network.held:
            return self._at_held(node, name, feature, touching)
        if len(touching) < 2:
            source = network.at_held(network.places[node], REACH, node)
            if source is None or not touching:
                return None
            self.told["source"].append(name)
            return self._directed(source, node, touching)
        moved = self._below(node, name, touching, up, down)
        return node, network.cut_node(node, f"{node}-{name}", moved)

    def _directed(self, held: str, node: str, touching: list[int]) -> tuple[str, str]:
        """Return a tank or source and a node in the direction of the water: into a tank that pipes are drawn to."""
        into = self.network.held[held] == "water_tanks" and self.network.drawn_into(node, touching)
        return (node, held) if into else (held, node)

    def _at_held(self, node: str, name: str, feature: Feature, touching: list[int]) -> tuple[str, str] | None:
        network = self.network
        if not touching:
            return None
        into = [pipe for pipe in touching if network.drawn_into(node, [pipe])]
        out = [pipe for pipe in touching if pipe not in into]
        pumped_in = network.held[node] == "water_tanks" and into and not (out and self.key == "valve_id")
        moved = into if pumped_in else (out or touching)
        twin = network.cut_node(node, f"{node}-{name}", moved)
        near = node
        if self.key == "valve_id" and str(feature.get("kind") or "PRV") in _REGULATORS:
            near = network.short_pipe(node, f"{node}+{name}", twin)
        return (twin, near) if pumped_in else (near, twin)

    def _below(self, node: str, name: str, touching: list[int], up: int | None, down: int | None) -> list[int]:
        """Return the pipes behind a pump or valve."""
        network = self.network
        if down in touching and down is not None:
            return [down]
        if up in touching:
            return [pipe for pipe in touching if pipe != up]
        into = [pipe for pipe in touching if network.drawn_into(node, [pipe])]
        out = [pipe for pipe in touching if pipe not in into]
        if into and out:
            self.told["drawn"].append(name)
            return out
        self.told["guessed"].append(name)
        first = network.nearest_source(node, touching)
        return [pipe for pipe in touching if pipe != first]


_SAID: Mapping[str, Callable[[], str]] = {
    "lost": lambda: _("{layer}: {count} feature(s) stand at no pipe and are left out ({ids})"),
    "drawn": lambda: _("{layer}: {count} direction(s) are those in which pipes are drawn ({ids})"),
    "guessed": lambda: _("{layer}: {count} direction(s) lead away from the nearest source ({ids})"),
    "middle": lambda: _("{layer}: {count} feature(s) join the two nodes in whose middle they stand ({ids})"),
    "gap": lambda: _("{layer}: {count} feature(s) join two parts that no pipe joins ({ids})"),
    "source": lambda: _("{layer}: {count} feature(s) at the end of a pipe are joined to the nearest source ({ids})"),
    "diameter": lambda: _("{layer}: {count} diameter(s) are those of the pipes beside ({ids})"),
    "open": lambda: _("{layer}: {count} feature(s) without a setting are open ({ids})"),
}
