"""Where a run happens: the sites that crews drive between, and what variants share because it does not change.

A place is prepared once, pickled to the workers, and read by every run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.simulation.clock import Clock
from jumeau.simulation.memo import Memo
from jumeau.territory.digests import LayerDigests
from jumeau.territory.graph import StreetGraph
from jumeau.territory.model import Territory

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Place:
    """Sites of a territory with the distances between them, and memoised results.

    Parameters
    ----------
    territory : Territory
        For its streets and location.
    clock : Clock
        The period.
    detour : float
        Road distance over straight distance, used only where the territory has no streets.

    Attributes
    ----------
    memo : Memo
        What variants share because it does not change: `place.memo(key, compute)`.
    digests : LayerDigests
        Of layers, for keys of the memo.
    streets : GeoDataFrame or None
        The streets, for networks whose vehicles have speeds and widths of their own.
    """

    def __init__(self, territory: Territory, clock: Clock, detour: float) -> None:
        self.clock = clock
        self.latitude, self.longitude = territory.location
        self.detour = detour
        self.streets = territory.layers["streets"] if territory.has("streets") else None
        self._graph = StreetGraph.build(self.streets) if self.streets is not None else None
        if self._graph is not None and len(self._graph.nodes) < 2:
            self._graph = None
        self.memo = Memo()
        self.digests = LayerDigests()
        self._sites: dict[Any, int] = {}
        self._xy: list[tuple[float, float]] = []
        # Sites that tell where the centre is, in the order in which they came; a dictionary keeps it.
        self._weighing: dict[int, None] = {}
        self._distances: NDArray[np.float32] | None = None
        self._centre: tuple[tuple[int, int], int] | None = None
        # Beside the memo: numbers are this place's own, and mean nothing to another process.
        self._numbers = Memo()

    @property
    def along_streets(self) -> bool:
        """Whether distances follow streets; otherwise they are straight, times the detour factor."""
        return self._graph is not None

    def sites(self, xy: Floats, *, apart: bool = False) -> Ints:
        """Return the site number of each point; points at the same street node share a site.

        Parameters
        ----------
        xy : ndarray, shape (k, 2)
            Coordinates [m].
        apart : bool
            Whether they leave the centre where it is: what a measure brings does not move the depot of those before it.
        """
        found = self._numbers(np.ascontiguousarray(xy).tobytes(), lambda: self._numbered(xy))
        if not apart:
            self._weighing.update(dict.fromkeys(found.tolist()))
        return found

    def _numbered(self, xy: Floats) -> Ints:
        """Return the site number of each point, new ones where there were none."""
        if self._graph is not None:
            keys: list[Any] = [int(node) for node in self._graph.nearest(xy)]
            where = self._graph.xy[keys]
        else:
            where = np.round(xy / 50.0) * 50.0  # 50 m cells: crews walk inside them
            keys = [(float(x), float(y)) for x, y in where]
        for key, (x, y) in zip(keys, where, strict=True):
            if key not in self._sites:
                self._sites[key] = len(self._sites)
                self._xy.append((float(x), float(y)))
                self._distances = None
        return np.array([self._sites[key] for key in keys], dtype=np.int64)

    def distances(self) -> NDArray[np.float32]:
        """Return the driving distances between all sites [km], shape (sites, sites)."""
        if self._distances is None:
            xy = np.asarray(self._xy, dtype=np.float64).reshape(-1, 2)
            if self._graph is not None:
                nodes = np.array(list(self._sites), dtype=np.int64)
                metres = self._graph.distances(nodes, nodes)
            else:
                metres = self.detour * np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
            self._distances = (metres / 1000.0).astype(np.float32)
        return self._distances

    def central_site(self) -> int:
        """Return the site with the smallest total distance to the others: the depot where none is given."""
        if not self._xy:
            return 0
        # Each pool of crews of each run asks, and a city has thousands of sites: they only ever become more.
        known = len(self._xy), len(self._weighing)
        if self._centre is None or self._centre[0] != known:
            self._centre = known, self._most_central()
        return self._centre[1]

    def _most_central(self) -> int:
        if not self._weighing or len(self._weighing) == len(self._xy):
            return int(np.argmin(self.distances().sum(axis=1)))
        numbers = np.array(list(self._weighing), dtype=np.int64)
        return int(numbers[np.argmin(self.distances()[np.ix_(numbers, numbers)].sum(axis=1))])
