"""What is cruised for a space in a year, with or without guidance: days of parking on which the same drivers arrive."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.day import day_scale
from jumeau.networks.mobility.physics.parking_supply import ROOM, Blocks
from jumeau.networks.mobility.physics.state import State
from jumeau.networks.mobility.simulation.drivers import drivers_of
from jumeau.networks.mobility.simulation.parking import parking_day, shown_wrongly
from jumeau.simulation.clock import Clock

Floats = NDArray[np.float64]

#: Drivers that all days should hold, and how many days there are at least and at most: a few crowded days make most of
#: a year's cruising.
DRIVERS, LEAST, MOST = 400_000, 14, 365

#: Days of a mean year.
YEAR = 365.25

#: Days are drawn from this; those of runs come from the seed of a scenario.
_SEED = 20_251_128


def days_for(blocks: Blocks, drivers: float, least: int, most: int) -> int:
    """Return how many days hold so many drivers, within bounds: as many in all situations of the same blocks."""
    each = max(float(blocks.most.sum()) / ROOM, 1.0)
    return int(np.clip(np.ceil(drivers / each), least, most))


def cruised_on(state: State, clock: Clock, draw: int = 0, silent: float = 0.0) -> Floats:
    """Return the distance cruised on some days, at the pace of a year, by block of the destination.

    Days are spread over the period, one drawn from each of equal parts of it, and have their own traffic: weekdays,
    months and holidays are there in proportion. A short period gives some days twice, to other drivers. Situations of
    the same blocks meet the same days and drivers.

    Parameters
    ----------
    state : State
    clock : Clock
    draw : int
        Another number gives other days and other drivers.
    silent : float
        Share of the sensors that say nothing, as devices that fail do until a crew has come.

    Returns
    -------
    cruised : ndarray, shape (d, n)
        [km/year]; its mean over days is a year's.
    """
    number = days_for(state.blocks, DRIVERS, LEAST, MOST)
    found = np.zeros((number, len(state.blocks)))
    for place in range(number):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(_SEED, spawn_key=(draw, place))))
        day = int((place + rng.random()) * clock.days / number)
        found[place] = _day(state, _scale(state, clock, day, rng), rng, silent)
    return YEAR * found


def _scale(state: State, clock: Clock, day: int, rng: np.random.Generator) -> float:
    """Return the traffic of a calendar day over that of a mean day, as runs draw it."""
    date, spread = clock.start + timedelta(days=day), state.values["daily_variation"]
    usual = day_scale(state.values, date.weekday(), date.month - 1, holiday=clock.is_holiday(day))
    return usual * float(np.exp(spread * rng.standard_normal() - 0.5 * spread**2))


def _day(state: State, scale: float, rng: np.random.Generator, silent: float) -> Floats:
    """Return the distance cruised on a day by block of the destination, shape (n,) [km]."""
    # Prices change nothing of the search within a day.
    drivers = drivers_of(state.blocks, scale, state.values, rng)
    error = np.full(len(state.blocks), shown_wrongly(state.values["sensor_error"], silent=silent))
    made = parking_day(state.blocks, drivers, state.values, charged=True, error=error)
    spent = made.searches.sum(axis=1)
    total = float(spent.sum())
    # All cruise at one speed: the distance is shared as the time is.
    return np.asarray(made.cruised / 1000.0 * spent / total) if total > 0.0 else np.zeros(len(spent))
