"""Ways of vehicles along the streets: times and distances between sites, and the lines that they follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from shapely.ops import substring

from jumeau.territory.graph import StreetGraph, strong_part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Sources that are worked off together, so that memory does not grow with their number.
BLOCK = 200

#: For so many targets, only the nodes on the ways to them are looked at.
FEW = 16


@dataclass(frozen=True)
class Sites:
    """Points on the streets.

    Attributes
    ----------
    arc : ndarray of int, shape (k,)
        An arc of the street that each lies on.
    back : ndarray of int, shape (k,)
        The arc of the other direction, -1 in one-way streets.
    share : ndarray, shape (k,)
        Place along `arc`, from 0 to 1.
    gap : ndarray, shape (k,)
        Straight distance from the point to the street [m].
    """

    arc: Ints
    back: Ints
    share: Floats
    gap: Floats

    def __len__(self) -> int:
        """Return the number of sites."""
        return len(self.arc)


@dataclass(frozen=True)
class Travel:
    """Times and distances between sites.

    Attributes
    ----------
    distance : ndarray, shape (k, k)
        Along the quickest way, from row to column [m].
    duration : ndarray, shape (k, k)
        [s].
    """

    distance: Floats
    duration: Floats


def _passed(part: Floats, seconds: Floats) -> Floats:
    """Return the time of a part of each arc; none of a closed one takes no time."""
    return np.asarray(np.multiply(part, seconds, out=np.zeros(np.broadcast(part, seconds).shape), where=part != 0.0))


def _passed_by(before: NDArray[np.int32], targets: Ints) -> Ints:
    """Return the nodes on the ways of a tree to some targets, these among them, ascending."""
    found: set[int] = set()
    for node in targets.tolist():
        while node >= 0 and node not in found:
            found.add(node)
            node = int(before[node])  # noqa: PLW2901 - the way is walked back
    return np.array(sorted(found), dtype=np.int64)


def _connected(graph: StreetGraph, seconds: Floats) -> Floats:
    """Close the arcs that are not in the largest part from which every way leads back."""
    open_ = np.isfinite(seconds)
    if not open_.any():
        return seconds
    inside = strong_part(graph.tail[open_], graph.head[open_], len(graph.nodes))
    return np.where(inside[graph.tail] & inside[graph.head], seconds, np.inf)


@dataclass(frozen=True)
class Roads:
    """Streets that vehicles of one kind may use, each arc with its time.

    Attributes
    ----------
    graph : StreetGraph
    lines : ndarray of LineString
        Of the streets layer.
    seconds : ndarray, shape (m,)
        Time to pass each arc; infinite where vehicles may not.
    """

    graph: StreetGraph
    lines: NDArray[np.object_]
    seconds: Floats

    @classmethod
    def of(
        cls, streets: gpd.GeoDataFrame, speeds: Mapping[str, float], *, usual: float, narrowest: float = 0.0
    ) -> Roads:
        """Return the roads of a territory.

        Parameters
        ----------
        streets : GeoDataFrame
            The layer `streets`; its `speed` [km/h] is a ceiling.
        speeds : mapping of str to float
            Speed that the vehicles reach by road class [km/h].
        usual : float
            Speed where the class is not named [km/h].
        narrowest : float
            Streets of less width are closed to the vehicles [m].
        """
        graph = StreetGraph.build(streets)
        count = len(streets)
        classes = streets["road_class"].to_numpy() if "road_class" in streets else np.full(count, "")
        speed = np.array([speeds.get(str(name), usual) for name in classes], dtype=np.float64)
        if "speed" in streets:
            limit = streets["speed"].to_numpy(dtype=np.float64)
            speed = np.where(np.isnan(limit), speed, np.minimum(speed, limit))
        open_ = np.full(count, fill_value=True)
        if narrowest > 0.0 and "width" in streets:
            width = streets["width"].to_numpy(dtype=np.float64)
            open_ = np.isnan(width) | (width >= narrowest)
        seconds = graph.length / (speed[graph.street] / 3.6)
        return cls(
            graph, streets.geometry.to_numpy(), _connected(graph, np.where(open_[graph.street], seconds, np.inf))
        )

    def without(self, streets: Sequence[int]) -> Roads:
        """Return the roads with some streets closed, by row of the streets layer."""
        closed = np.isin(self.graph.street, np.asarray(streets, dtype=np.int64))
        return replace(self, seconds=_connected(self.graph, np.where(closed, np.inf, self.seconds)))

    def sites(self, points: NDArray[np.object_]) -> Sites:
        """Return where points lie on the nearest street that vehicles may use.

        Parameters
        ----------
        points : ndarray of Point, shape (k,)
        """
        arcs = np.flatnonzero(np.isfinite(self.seconds))
        order = arcs[np.lexsort((~self.graph.forward[arcs], self.graph.street[arcs]))]
        rows, first = np.unique(self.graph.street[order], return_index=True)
        near = shapely.STRtree(self.lines[rows]).query_nearest(points, all_matches=False)[1]
        arc = order[first[near]]
        lines = self.lines[self.graph.street[arc]]
        along = shapely.line_locate_point(lines, points, normalized=True)
        share = np.where(self.graph.forward[arc], along, 1.0 - along)
        twin = np.full(len(self.graph.tail), -1, dtype=np.int64)
        backward = arcs[~self.graph.forward[arcs]]
        of_street = np.full(len(self.lines), -1, dtype=np.int64)
        of_street[self.graph.street[backward]] = backward
        ahead = arcs[self.graph.forward[arcs]]
        twin[ahead] = of_street[self.graph.street[ahead]]
        return Sites(arc, twin[arc], share, np.asarray(shapely.distance(lines, points), dtype=np.float64))

    @cached_property
    def weights(self) -> sparse.csr_matrix:
        """Return the times of arcs as a matrix."""
        return self.graph.matrix(self.seconds)

    @cached_property
    def _quickest(self) -> tuple[Ints, Ints]:
        """Return the pairs of nodes that arcs join, ascending, tail * n + head; the quickest arc of each."""
        order = np.lexsort((self.seconds, self.graph.head, self.graph.tail))
        key = self.graph.tail[order] * len(self.graph.nodes) + self.graph.head[order]
        pairs, first = np.unique(key, return_index=True)
        return pairs, order[first]

    @cached_property
    def _lengths(self) -> tuple[Ints, Floats]:
        """Return the pairs of nodes that arcs join; the length of the quickest arc of each [m]."""
        pairs, arcs = self._quickest
        return pairs, self.graph.length[arcs]

    def quickest_streets(self) -> tuple[Ints, Ints]:
        """Return the pairs of nodes that arcs join, ascending, tail * n + head; the street of the quickest arc of each.

        Streets are rows of the streets layer.
        """
        pairs, arcs = self._quickest
        return pairs, self.graph.street[arcs]

    def travel(self, sites: Sites, within: float = np.inf) -> Travel:
        """Return the quickest ways between all sites.

        Parameters
        ----------
        sites : Sites
        within : float
            Time beyond which ways need not be found [s]: a duration above it is not the least one for certain, or is
            infinite. For a few sites near each other it saves most of the time.
        """
        leave, leave_cost = self.doors(sites, outward=True)
        enter, enter_cost = self.doors(sites, outward=False)
        sources, source_of = np.unique(leave, return_inverse=True)
        targets, target_of = np.unique(enter, return_inverse=True)
        time = np.empty((len(sources), len(targets)))
        way = np.empty_like(time)
        for begin in range(0, len(sources), BLOCK):
            block = slice(begin, begin + BLOCK)
            time[block], way[block] = self._from(sources[block], targets, within)
        count = len(sites)
        source_of, target_of = source_of.reshape(2, count), target_of.reshape(2, count)
        duration, distance = np.full((count, count), np.inf), np.full((count, count), np.inf)
        for a in range(2):
            for b in range(2):
                through = (
                    time[np.ix_(source_of[a], target_of[b])] + leave_cost[a][:, None, 0] + enter_cost[b][None, :, 0]
                )
                length = way[np.ix_(source_of[a], target_of[b])] + leave_cost[a][:, None, 1] + enter_cost[b][None, :, 1]
                better = through < duration
                duration, distance = np.where(better, through, duration), np.where(better, length, distance)
        return self._beside(sites, Travel(distance, duration))

    def doors(self, sites: Sites, *, outward: bool) -> tuple[Ints, list[Floats]]:
        """Return the nodes by which sites are left, or reached, shape (2, k), and the cost to them [s, m]."""
        graph = self.graph
        ends = graph.head if outward else graph.tail
        share = 1.0 - sites.share if outward else sites.share
        nodes, costs = [], []
        for arc, part in ((sites.arc, share), (sites.back, 1.0 - share)):
            there = arc >= 0
            nodes.append(np.where(there, ends[arc], ends[sites.arc]))
            cost = np.stack([_passed(part, self.seconds[arc]), graph.length[arc] * part], axis=-1)
            costs.append(np.where(there[:, None], cost, np.inf))
        return np.stack(nodes), costs

    def _from(self, sources: Ints, targets: Ints, within: float) -> tuple[Floats, Floats]:
        """Return times from some nodes to others, and the lengths of those ways."""
        time, before = csgraph.dijkstra(self.weights, indices=sources, return_predecessors=True, limit=within)
        length = np.empty((len(sources), len(targets)))
        for row in range(len(sources)):
            # Nodes on the ways to a few targets are few.
            nodes = _passed_by(before[row], targets) if len(targets) <= FEW else np.arange(len(self.graph.nodes))
            length[row] = self._along_tree(before[row], nodes)[np.searchsorted(nodes, targets)]
        return time[:, targets], length

    def _along_tree(self, before: NDArray[np.int32], nodes: Ints) -> Floats:
        """Return the length of the way from the root of a tree to some of its nodes [m].

        Parameters
        ----------
        before : ndarray of int, shape (n,)
            The node before each node, negative at the root.
        nodes : ndarray of int
            Ascending; with each node, all those before it.
        """
        pairs, length = self._lengths
        last = before[nodes].astype(np.int64)
        place = np.clip(np.searchsorted(pairs, last * len(before) + nodes), 0, len(pairs) - 1)
        # Length of the last step; then each node doubles the way that it knows, until all reach the root.
        whole = np.where(last >= 0, length[place], 0.0)
        step = np.where(last >= 0, np.searchsorted(nodes, last), np.arange(len(nodes)))
        while True:
            further = step[step]
            if (further == step).all():
                return whole
            whole = whole + whole[step]
            step = further

    def _beside(self, sites: Sites, travel: Travel) -> Travel:
        """Let sites of one street reach each other without leaving it."""
        distance, duration = travel.distance.copy(), travel.duration.copy()
        for street in np.unique(self.graph.street[sites.arc]):
            members = np.flatnonzero(self.graph.street[sites.arc] == street)
            arc = sites.arc[members[0]]
            ahead = sites.share[members][None, :] - sites.share[members][:, None]
            part = np.abs(ahead)
            # Backwards only where the street is open both ways.
            part[(ahead < 0.0) & (sites.back[members[0]] < 0)] = np.inf
            seconds = _passed(part, self.seconds[arc])
            block = np.ix_(members, members)
            better = seconds < duration[block]
            duration[block] = np.where(better, seconds, duration[block])
            distance[block] = np.where(better, part * self.graph.length[arc], distance[block])
        return Travel(distance, duration)

    def lines_between(self, sites: Sites, stops: Sequence[int]) -> list[shapely.LineString]:
        """Return the line along streets of each leg of a round.

        Parameters
        ----------
        sites : Sites
        stops : sequence of int
            Rows of the sites in the order of the round.
        """
        weights = self.weights
        leave, leave_cost = self.doors(sites, outward=True)
        enter, enter_cost = self.doors(sites, outward=False)
        legs = []
        for start, end in pairwise(stops):
            direct = self._along(sites, start, end)
            time, before = csgraph.dijkstra(weights, indices=leave[:, start], return_predecessors=True)
            through = [
                (leave_cost[a][start, 0] + time[a, enter[b, end]] + enter_cost[b][end, 0], a, b)
                for a in range(2)
                for b in range(2)
            ]
            best, a, b = min(through)
            if direct is not None and direct[0] <= best:
                legs.append(direct[1])
                continue
            nodes = [int(enter[b, end])]
            while before[a, nodes[-1]] >= 0:
                nodes.append(int(before[a, nodes[-1]]))
            legs.append(self._drawn(sites, start, end, nodes[::-1], (a, b)))
        return legs

    def _along(self, sites: Sites, start: int, end: int) -> tuple[float, shapely.LineString] | None:
        """Return the time and the line within one street, where both ends lie on it."""
        arc = sites.arc[start]
        ahead = sites.share[end] - sites.share[start]
        if self.graph.street[sites.arc[end]] != self.graph.street[arc] or (ahead < 0.0 and sites.back[start] < 0):
            return None
        return abs(ahead) * float(self.seconds[arc]), self._piece(int(arc), sites.share[start], sites.share[end])

    def _drawn(
        self, sites: Sites, start: int, end: int, nodes: list[int], doors: tuple[int, int]
    ) -> shapely.LineString:
        out = (sites.arc, sites.back)[doors[0]][start]
        into = (sites.arc, sites.back)[doors[1]][end]
        left = sites.share[start] if doors[0] == 0 else 1.0 - sites.share[start]
        reached = sites.share[end] if doors[1] == 0 else 1.0 - sites.share[end]
        parts = [self._piece(int(out), left, 1.0)]
        parts += [self._piece(self._arc(a, b), 0.0, 1.0) for a, b in pairwise(nodes)]
        parts.append(self._piece(int(into), 0.0, reached))
        points = np.concatenate([shapely.get_coordinates(part) for part in parts])
        kept = np.ones(len(points), dtype=bool)
        kept[1:] = (np.abs(np.diff(points, axis=0)) > 1e-6).any(axis=1)
        points = points[kept]
        return shapely.LineString(points if len(points) > 1 else np.repeat(points, 2, axis=0))

    def _arc(self, tail: int, head: int) -> int:
        """Return the quickest arc between two nodes."""
        found = np.flatnonzero((self.graph.tail == tail) & (self.graph.head == head))
        return int(found[np.argmin(self.seconds[found])])

    def _piece(self, arc: int, first: float, last: float) -> shapely.LineString:
        """Return a part of an arc, in the direction of travel."""
        line = self.lines[self.graph.street[arc]]
        if not self.graph.forward[arc]:
            line = line.reverse()
        return substring(line, float(first), float(last), normalized=True)
