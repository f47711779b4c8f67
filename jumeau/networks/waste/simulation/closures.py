"""Streets closed for a while: trucks and planners go round them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import texts
from jumeau.networks.waste.physics.locations import Locations, with_extra
from jumeau.networks.waste.physics.state import CollectionArea
from jumeau.routing import Roads, Sites, Travel
from jumeau.simulation.board import CLOSED
from jumeau.simulation.world import World

Floats = NDArray[np.float64]


#: Times the usual way, within which a way round a closed street is looked for at first.
_NEAR = 2.0


class Closures:
    """The streets that are closed in a run, and the travel round them, found when somebody first asks.

    Parameters
    ----------
    world : World
    speed : float
        Beyond the territory's streets [km/h].
    """

    def __init__(self, world: World, speed: float) -> None:
        self.streets = world.place.streets
        self.speed = speed
        self.closed: frozenset[str] = frozenset()
        self._rows: frozenset[int] = frozenset()
        self._place = world.place
        self._opened: dict[tuple[str, frozenset[str]], Roads] = {}
        self._around: dict[tuple[str, frozenset[str]], Travel] = {}
        self._detours: dict[tuple[str, int, int, frozenset[str]], tuple[float, float]] = {}
        world.board.listen(CLOSED, self._told)

    def _told(self, _time: float, street: str, closed: Any) -> None:
        self.closed = self.closed | {street} if closed else self.closed - {street}
        names = self._place.memo(("waste", "rows of streets"), self._row_of)
        self._rows = frozenset(names[name] for name in self.closed if name in names)

    def _row_of(self) -> dict[str, int]:
        """Return the row of each street."""
        if self.streets is None:
            return {}
        return {name: row for row, name in enumerate(self.streets["street_id"].astype(str))}

    def travel(self, area: CollectionArea) -> Travel:
        """Return the travel between the locations of an area as streets are open now."""
        locations = area.locations
        if not self.closed or locations.roads is None or locations.points is None:
            return locations.travel
        key = area.name, self.closed
        if key not in self._around:
            found = self._roads(area).travel(locations.points)
            self._around[key] = with_extra(found, locations.extra, self.speed)
        return self._around[key]

    def detour(self, area: CollectionArea, start: int, end: int) -> tuple[float, float] | None:
        """Return the distance [m] and time [s] round the streets closed now; None where none lies on the usual path.

        A truck on its round meets what crews shut since it left. Whoever has a bin in the closed street is let through.
        """
        locations = area.locations
        if (
            not self.closed
            or locations.roads is None
            or locations.points is None
            or not self._touched(locations, start, end)
        ):
            return None
        key = area.name, start, end, self.closed
        if key not in self._detours:
            points = locations.points
            pair = Sites(*(getattr(points, name)[[start, end]] for name in ("arc", "back", "share", "gap")))
            roads, extra = self._roads(area), locations.extra[[start, end]]
            # Most ways round a closed street are near the usual one.
            within = _NEAR * float(locations.travel.duration[start, end])
            found = roads.travel(pair, within)
            if not found.duration[0, 1] <= within:
                found = roads.travel(pair)
            found = with_extra(found, extra, self.speed)
            self._detours[key] = float(found.distance[0, 1]), float(found.duration[0, 1])
        return self._detours[key] if np.isfinite(self._detours[key][0]) else None

    def _roads(self, area: CollectionArea) -> Roads:
        """Return the roads of an area without the closed streets."""
        key = area.name, self.closed
        if key not in self._opened:
            if area.locations.roads is None or self.streets is None:
                raise ValueError("no roads")
            self._opened[key] = area.locations.roads.without(sorted(self._rows))
        return self._opened[key]

    def _touched(self, locations: Locations, start: int, end: int) -> bool:
        """Return whether a closed street lies on the usual path.

        Paths are only looked at where a closed street lies in the ellipse of that length.
        """
        usual = float(locations.travel.distance[start, end])
        a, b = locations.xy[start], locations.xy[end]
        middles = self._middles()
        for name in self.closed & middles.keys():
            middle, length = middles[name]
            if np.hypot(*(a - middle)) + np.hypot(*(b - middle)) - length <= usual:
                passed = locations.usual_ways
                return passed is None or not self._rows.isdisjoint(passed.streets(start, end))
        return False

    def _middles(self) -> dict[str, tuple[Floats, float]]:
        """Return the middle and the length of each street [m]."""

        def find() -> dict[str, tuple[Floats, float]]:
            if self.streets is None:
                return {}
            lines, names = self.streets.geometry.to_numpy(), texts(self.streets, "street_id").astype(str)
            middles = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
            return dict(zip(names, zip(middles, shapely.length(lines).tolist(), strict=True), strict=True))

        found: dict[str, tuple[Floats, float]] = self._place.memo(("waste", "middles"), find)
        return found
