"""Streets closed for a while: trucks and planners find their ways round them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import texts
from jumeau.networks.waste.physics.ground import with_extra
from jumeau.networks.waste.physics.state import Ground, Pool
from jumeau.routing import Roads, Sites, Travel
from jumeau.simulation.board import CLOSED
from jumeau.simulation.world import World

Floats = NDArray[np.float64]


class Closures:
    """The streets that are closed in a run, and the ways round them, found when somebody first asks.

    Parameters
    ----------
    world : World
    speed : float
        Of the ways between sites and the streets [km/h].
    """

    def __init__(self, world: World, speed: float) -> None:
        self.streets = world.place.streets
        self.speed = speed
        self.closed: frozenset[str] = frozenset()
        self._place = world.place
        self._opened: dict[tuple[str, frozenset[str]], Roads] = {}
        self._around: dict[tuple[str, frozenset[str]], Travel] = {}
        self._legs: dict[tuple[str, int, int, frozenset[str]], tuple[float, float]] = {}
        world.board.listen(CLOSED, self._told)

    def _told(self, _time: float, street: str, closed: Any) -> None:
        self.closed = self.closed | {street} if closed else self.closed - {street}

    def travel(self, pool: Pool) -> Travel:
        """Return the ways between the sites of a pool as they are now."""
        ground = pool.ground
        if not self.closed or ground.roads is None or ground.points is None:
            return ground.travel
        key = pool.name, self.closed
        if key not in self._around:
            found = self._roads(pool).travel(ground.points)
            self._around[key] = with_extra(found, ground.extra, self.speed)
        return self._around[key]

    def leg(self, pool: Pool, start: int, end: int) -> tuple[float, float] | None:
        """Return the distance [m] and time [s] of a way round the streets closed now; None where none lies on it.

        A truck on its round meets what crews shut since it left. Whoever has a bin in the closed street is let through.
        """
        ground = pool.ground
        if not self.closed or ground.roads is None or ground.points is None or not self._touched(ground, start, end):
            return None
        key = pool.name, start, end, self.closed
        if key not in self._legs:
            points = ground.points
            pair = Sites(*(getattr(points, name)[[start, end]] for name in ("arc", "back", "share", "gap")))
            found = with_extra(self._roads(pool).travel(pair), ground.extra[[start, end]], self.speed)
            self._legs[key] = float(found.distance[0, 1]), float(found.duration[0, 1])
        return self._legs[key] if np.isfinite(self._legs[key][0]) else None

    def _roads(self, pool: Pool) -> Roads:
        """Return the roads of a pool without the closed streets."""
        key = pool.name, self.closed
        if key not in self._opened:
            if pool.ground.roads is None or self.streets is None:
                raise ValueError("no roads")
            rows = np.flatnonzero(self.streets["street_id"].isin(self.closed).to_numpy()).tolist()
            self._opened[key] = pool.ground.roads.without(rows)
        return self._opened[key]

    def _touched(self, ground: Ground, start: int, end: int) -> bool:
        """Return whether a closed street may lie on the usual way: it lies in the ellipse of that length."""
        usual = float(ground.travel.distance[start, end])
        a, b = ground.xy[start], ground.xy[end]
        middles = self._middles()
        for name in self.closed & middles.keys():
            middle, length = middles[name]
            if np.hypot(*(a - middle)) + np.hypot(*(b - middle)) - length <= usual:
                return True
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
