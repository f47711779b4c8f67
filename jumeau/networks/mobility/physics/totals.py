"""What flows take on links: distance, hours, energy and emissions, hour by hour and at other levels of traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jumeau.assignment import Links, Signals
from jumeau.networks.mobility.physics.emissions import KINDS, Rates
from jumeau.networks.mobility.physics.supply import Supply

Floats = NDArray[np.float64]

#: Vehicle-kilometres, vehicle-hours, vehicle-hours lost to others, litres, litres, kilowatt-hours, kilograms,
#: kilograms; of trucks the distance and hours once more.
QUANTITIES = (
    "distance",
    "hours",
    "delay",
    "petrol",
    "diesel",
    "electricity",
    "nox",
    "particles",
    "heavy_distance",
    "heavy_hours",
)

#: Levels of traffic at which tables are made, over that of a mean working day.
SCALES: Floats = np.array([0.0, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5])

LIGHT, HEAVY = 0, 1


@dataclass(frozen=True)
class Meter:
    """Turns flows into totals.

    Attributes
    ----------
    supply : Supply
    rates : Rates
    values : mapping of str to float
        `van_share`, `heavy_units`.
    """

    supply: Supply
    rates: Rates
    values: Mapping[str, float]

    @cached_property
    def _of_speeds(self) -> Rates:
        """Rates of light vehicles, cars and vans together, under `car`."""
        van = self.values["van_share"]
        table = self.rates.table.copy()
        car = KINDS.index("car")
        table[car] = (1.0 - van) * table[car] + van * table[KINDS.index("van")]
        return Rates(table)

    def per_kilometre(self, speed: Floats) -> Floats:
        """Return what a kilometre of light and heavy vehicles takes, shape (2, 5, *speed.shape)."""
        return self._of_speeds.of(("car", "truck"), speed)

    def measure(self, flow: Floats, time: Floats, rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the totals of an hour, shape (quantities,).

        Parameters
        ----------
        flow : ndarray, shape (2, m)
            Light and heavy, in passenger-car units.
        time : ndarray, shape (m,)
            [s].
        rows : ndarray of int, optional
            Links that count; all by default.
        """
        return np.asarray(self.by_link(flow, time, rows).sum(axis=1))

    def by_link(self, flow: Floats, time: Floats, rows: NDArray[np.int64] | None = None) -> Floats:
        """Return the totals of an hour on each link, shape (quantities, m)."""
        supply = self.supply
        chosen = slice(None) if rows is None else rows
        km = supply.kilometres[chosen]
        street = ~supply.connector[chosen]
        time = time[chosen]
        hours = np.where(street, time, 0.0) / 3600.0
        lost = np.where(street, time - supply.links.free_time[chosen], 0.0) / 3600.0
        light, heavy = flow[LIGHT][chosen], flow[HEAVY][chosen] / self.values["heavy_units"]
        speed = supply.length[chosen] / np.maximum(time, 1e-9) * 3.6
        taken = self.per_kilometre(speed)
        spent = taken[LIGHT] * (light * km) + taken[HEAVY] * (heavy * km)
        both = light + heavy
        return np.concatenate([[both * km, both * hours, both * lost], spent, [heavy * km, heavy * hours]])


def with_signals(links: Links, signals: Signals | None) -> Links:
    """Return the links with the signals of an hour."""
    return replace(links, signals=signals)


def table_of(meter: Meter, flow: Floats, cruising: Floats, signals: tuple[Signals | None, ...]) -> Floats:
    """Return the totals of each hour at each level of traffic, shape (24, scales, quantities).

    Drivers keep to their routes; times follow the level. What cruises for a space is on the links, but not in the
    totals: it is followed space by space.
    """
    links = meter.supply.links
    found = np.zeros((len(flow), len(SCALES), len(QUANTITIES)))
    for hour in range(len(flow)):
        made = with_signals(links, signals[hour])
        for number, scale in enumerate(SCALES):
            time = made.time(flow[hour].sum(axis=0) * scale + cruising[hour])
            found[hour, number] = meter.measure(flow[hour] * scale, time)
    return found


def level(scale: float) -> float:
    """Return a level of traffic within those of the tables."""
    return float(np.clip(scale, SCALES[0], SCALES[-1]))


def at_scale(table: Floats, scale: float | Floats) -> Floats:
    """Return the totals of each hour at levels of traffic, shape (*scale.shape, 24, quantities)."""
    known = np.clip(np.asarray(scale, dtype=np.float64), SCALES[0], SCALES[-1])
    place = np.minimum(np.searchsorted(SCALES, known, side="right") - 1, len(SCALES) - 2)
    part = ((known - SCALES[place]) / (SCALES[place + 1] - SCALES[place]))[..., None, None]
    levels = np.moveaxis(table, 1, 0)
    return np.asarray((1.0 - part) * levels[place] + part * levels[place + 1])


def delays(totals: Floats) -> Floats:
    """Return the time on the streets over that on empty ones, shape (..., 24), from the totals of hours."""
    hours, lost = totals[..., QUANTITIES.index("hours")], totals[..., QUANTITIES.index("delay")]
    free = hours - lost
    return np.asarray(np.divide(hours, free, out=np.ones_like(hours), where=free > 0.0))
