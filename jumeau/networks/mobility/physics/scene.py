"""A situation whose traffic is sought, and the equilibrium of its hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Demand, Equilibrium, Signals, equilibrium
from jumeau.networks.mobility.physics.day import HOURS, KINDS, DayShape, day_shape, workday_scale
from jumeau.networks.mobility.physics.supply import Supply
from jumeau.networks.mobility.physics.totals import HEAVY, with_signals

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class Scene:
    """All that decides the traffic of a situation.

    Attributes
    ----------
    layers : mapping of str to GeoDataFrame
    supply : Supply
    values : mapping of str to float
    trips : ndarray, shape (kinds, zones, zones)
        Observed vehicles of a mean day.
    gap : float
        Relative gap of the equilibria.
    threads : int
    trucks_apart : bool
        Whether trucks keep off the streets that are not theirs.
    """

    layers: Layers
    supply: Supply
    values: Mapping[str, float]
    trips: Floats
    gap: float
    threads: int
    trucks_apart: bool = True

    @property
    def shape(self) -> DayShape:
        """Shape of the day."""
        return day_shape(self.values)


#: Trips of a mean day and flows, by hour: traffic of the same links from which an equilibrium may start.
Start = Mapping[int, tuple[Floats, Floats]]


def truck_detour(supply: Supply, values: Mapping[str, float]) -> Floats:
    """Return the detour that a truck makes to keep off each link, shape (links,) [s]: none on its own streets.

    Trucks take a street that is not theirs only where nothing else leads to their end.
    """
    return np.asarray(np.where(supply.heavy, 0.0, 60.0 * values["truck_aversion"]), dtype=np.float64)


def classes_of(scene: Scene, hour: int, trips: Floats) -> Demand:
    """Return the demand of an hour of a mean working day: light and heavy vehicles, in passenger-car units."""
    found = scene.shape.at(hour, trips) * workday_scale(scene.values)
    heavy = KINDS.index("heavy")
    light = found.sum(axis=0) - found[heavy]
    both = np.stack([light, found[heavy] * scene.values["heavy_units"]])
    if not scene.trucks_apart:
        return Demand(both)
    extra = np.zeros((2, len(scene.supply.links)))
    extra[HEAVY] = truck_detour(scene.supply, scene.values)
    return Demand(both, extra)


def assign(
    scene: Scene,
    trips: Floats,
    signals: list[Signals | None],
    cruising: Floats,
    start: Start,
    gap: float | None = None,
    hours: Sequence[int] = range(HOURS),
) -> list[Equilibrium]:
    """Return the equilibrium of some hours.

    Parameters
    ----------
    scene : Scene
    trips : ndarray, shape (kinds, zones, zones)
        Of a mean day.
    signals : list of Signals or None
        By hour.
    cruising : ndarray, shape (24, m)
        Flow that is there anyway.
    start : mapping of int to tuple
        Traffic to start from; see `Start`.
    gap : float, optional
    hours : sequence of int
        All by default.
    """
    wanted = scene.gap if gap is None else gap
    names = [str(name) for name in scene.supply.zones]

    def one(hour: int) -> Equilibrium:
        links = with_signals(scene.supply.links, signals[hour])
        before, flow = start.get(hour, (trips, None))
        return equilibrium(
            links,
            classes_of(scene, hour, trips),
            gap=wanted,
            preload=cruising[hour],
            start=flow,
            served=None if np.array_equal(before, trips) else classes_of(scene, hour, before),
            names=names,
        )

    if scene.threads <= 1:
        return [one(hour) for hour in hours]
    with ThreadPoolExecutor(scene.threads) as pool:
        return list(pool.map(one, hours))
