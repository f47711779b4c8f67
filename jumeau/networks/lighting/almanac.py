"""The almanac of a run: its nights, when the sun sets and rises in each, and what schedules make of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.networks.lighting.formats.moments import SunMoment
from jumeau.networks.lighting.formats.windows import Window
from jumeau.networks.lighting.physics import profiles, schedules, sun
from jumeau.simulation.clock import DAY, HOUR, Clock
from jumeau.simulation.memo import Memo
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEP = 600.0
MINUTES = round(STEP / schedules.MINUTE)

#: Sun's threshold [degree], evening and morning offset [min] of a cabinet.
Switching = tuple[float, float, float]


@dataclass(frozen=True)
class Dated:
    """A class of lamps whose nights differ: shares while its cabinet is on, by step of the period, shape (steps,)."""

    power: Floats
    burning: Floats
    peak: float


class Almanac:
    """The nights of a run; nothing is computed before a schedule asks for it.

    Parameters
    ----------
    world : World
    before : float
        Warm-up ahead of the period, a multiple of the step [s].
    sky : tuple of ndarray
        Instants [s], by steps from the start of the warm-up to the period's end, and elevation of the sun [degree].
    kinds : sequence of Switching
        Kinds of switching of the cabinets.
    learnt : int
        Nights from which a driver learns the middle of the night.

    Attributes
    ----------
    lacking : dict of str to int
        Nights of the period without an event that a schedule counts from.
    """

    def __init__(
        self, world: World, before: float, sky: tuple[Floats, Floats], kinds: Iterable[Switching], learnt: int
    ) -> None:
        self._place, self._clock = world.place, world.clock
        self._known = sky
        self._before, self._kinds, self._learnt = before, tuple(kinds), max(learnt, 1)
        self.lacking: dict[str, int] = {}
        self._done = Memo()

    def table(
        self,
        switching: int,
        windows: tuple[Window, ...],
        curve: Callable[[Floats], Floats],
        motion: profiles.Motion | None = None,
        passages: Floats | None = None,
    ) -> Dated:
        """Return the nights of a class.

        Parameters
        ----------
        switching : int
            Position of its kind.
        windows : tuple of Window
        curve, motion, passages
            See `profiles.day_table`.
        """
        minutes = self._minutes
        evenings = self._done(("evenings", switching), lambda: self._evenings(switching))
        self._count_lacking(windows, evenings)
        # Technologies share the levels of a schedule, which only its windows and the switching decide.
        levels = self._done(("levels", switching, windows), lambda: schedules.levels(windows, minutes, evenings))
        power, burning, peak = profiles.shares(levels, minutes.of_day, curve, motion, passages)
        # What counts is when the cabinet is on: a window may begin inside the step of dusk.
        dark = self._done(("dark", switching), lambda: self._dark_minutes(switching))
        total = dark.reshape(-1, MINUTES).sum(axis=1)

        def while_on(share: Floats) -> Floats:
            summed = (dark * share).reshape(-1, MINUTES).sum(axis=1)
            return np.asarray(np.divide(summed, total, out=np.zeros_like(total), where=total > 0), dtype=np.float64)

        return Dated(while_on(power), while_on(burning), float(peak[dark > 0].max(initial=0.0)))

    def _count_lacking(self, windows: tuple[Window, ...], evenings: schedules.Evenings) -> None:
        period = (evenings.noon[:-1] >= -DAY / 2 - HOUR) & (evenings.noon[:-1] < self._clock.duration)
        for window in windows:
            kept = window.nights.holds(evenings.dates, evenings.holiday, evenings.eve) & period
            for moment in (window.start, window.end):
                if isinstance(moment, SunMoment):
                    count = int((kept & np.isnan(evenings.events[moment.event])).sum())
                    self.lacking[moment.event] = max(self.lacking.get(moment.event, 0), count)

    @cached_property
    def _first(self) -> int:
        """First night, as a day of the period: enough of them for a driver to have learnt before it counts."""
        return -ceil(self._before / DAY) - self._learnt - 2

    @cached_property
    def _minutes(self) -> schedules.Minutes:
        def compute() -> schedules.Minutes:
            grid = self._clock.grid(schedules.MINUTE, self._before)
            of_day = np.floor(grid.hour * 60.0).astype(np.int64) % profiles.MINUTES
            night = grid.day - (grid.hour < 12.0) - self._first
            return schedules.Minutes(float(grid.edges[0]), of_day, night)

        return self._place.memo(("lighting", "minutes", self._before, self._first), compute)

    @cached_property
    def _sky(self) -> tuple[Floats, Floats]:
        """Instants and elevations of the sun, from the first night to the end of the last one."""

        def compute() -> tuple[Floats, Floats]:
            times, heights = self._known
            head = np.arange(round((self._first - 1) * DAY / STEP), round(times[0] / STEP)) * STEP
            tail = times[-1] + np.arange(1, round(2 * DAY / STEP)) * STEP
            instants = self._clock.origin + pd.to_timedelta(np.concatenate([head, tail]), unit="s")
            more = sun.elevation(instants, self._place.latitude, self._place.longitude)
            return np.concatenate([head, times, tail]), np.concatenate([more[: len(head)], heights, more[len(head) :]])

        return self._place.memo(("lighting", "almanac", self._first), compute)

    def _switched(self, switching: int) -> tuple[Floats, Floats]:
        threshold, evening, morning = self._kinds[switching]
        return sun.dark_intervals(*self._sky, threshold, evening_offset=evening, morning_offset=morning)

    def _dark_minutes(self, switching: int) -> Floats:
        start = self._minutes.start
        edges: Floats = start + np.arange(len(self._minutes.of_day) + 1, dtype=np.float64) * schedules.MINUTE
        return sun.dark_share(edges, *self._switched(switching))

    def _evenings(self, switching: int) -> schedules.Evenings:
        def compute() -> schedules.Evenings:
            return evenings_of(self._clock, self._first, *self._sky)

        plain = self._place.memo(("lighting", "evenings", self._first), compute)
        on, off = self._switched(switching)
        # The sky is cut at both ends, where a night may begin or end without the cabinet being switched.
        on, off = on[on > self._sky[0][0]], off[off < self._sky[0][-1]]
        middle = schedules.midnight_points(plain.noon, on, off, self._learnt)
        return schedules.Evenings(
            plain.dates,
            plain.holiday,
            plain.eve,
            plain.noon,
            {**plain.events, "midnight_point": middle},
            _ClockTimes(self._clock, self._first, len(plain.dates)),
        )


@dataclass(frozen=True)
class _ClockTimes:
    """Instants of a local clock time in each of some nights."""

    clock: Clock
    first: int
    count: int

    def __call__(self, hour: float) -> Floats:
        after = 0 if hour >= 12.0 else 1
        return np.array([self.clock.seconds(self.first + night + after, hour) for night in range(self.count)])


def evenings_of(clock: Clock, first: int, times: Floats, elevations: Floats) -> schedules.Evenings:
    """Return the nights from a first one to the last of the period, with the sun's events.

    Parameters
    ----------
    clock : Clock
    first : int
        Day of the period on which the first night begins; negative before it.
    times, elevations : ndarray, shape (n,)
        Instants [s] and elevation of the sun [degree]; they reach beyond these nights.
    """
    days = np.arange(first, clock.days)
    noon = np.array([clock.seconds(int(day), 12.0) for day in [*days, clock.days]])
    crossings = {}
    for elevation in set(schedules.ELEVATION.values()):
        down, up = sun.dark_intervals(times, elevations, elevation)
        crossings[elevation] = (down[down > times[0]], up[up < times[-1]])
    return schedules.Evenings(
        pd.DatetimeIndex(pd.Timestamp(clock.start) + pd.to_timedelta(days, unit="D")),
        np.array([clock.is_holiday(int(day)) for day in days]),
        np.array([clock.is_holiday(int(day) + 1) for day in days]),
        noon,
        schedules.night_events(noon, crossings),
        _ClockTimes(clock, first, len(days)),
    )
