"""Night schedules that depend on the date or on the sun, as arrays of the minutes of a period."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.networks.lighting.formats.moments import Moment, SunMoment
from jumeau.networks.lighting.formats.windows import Window
from jumeau.networks.lighting.physics.profiles import inside, overlaid

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

MINUTE = 60.0

#: Elevation of the sun's centre at each event [degree]: 34' of refraction and 16' of half diameter for almanacs'
#: sunset and sunrise, the definition of civil twilight for dusk and dawn.
ELEVATION = {"sunset": -5 / 6, "sunrise": -5 / 6, "civil_dusk": -6.0, "civil_dawn": -6.0}
#: Events of the evening; the others end the night.
EVENING = ("sunset", "civil_dusk")


@dataclass(frozen=True)
class Minutes:
    """The minutes of a period.

    Attributes
    ----------
    start : float
        Start of the first [s].
    of_day : ndarray of int, shape (n,)
        Minute of the local day.
    night : ndarray of int, shape (n,)
        Night that each belongs to, a position among the `Evenings`: nights go from noon to noon.
    """

    start: float
    of_day: Ints
    night: Ints


@dataclass(frozen=True)
class Evenings:
    """The nights of a period, by their evenings; arrays of shape (m,).

    Attributes
    ----------
    dates : DatetimeIndex
        Local dates on which they begin.
    holiday, eve : ndarray of bool
        Whether that day is a public holiday, or the next one is.
    noon : ndarray, shape (m + 1,)
        Local noon at which each begins and ends [s].
    events : mapping of str to ndarray
        When each event falls [s], not-a-number in nights that lack it.
    clock : callable
        Instants of a local clock time [h] in each night [s]: of the evening from noon on, else of the morning after.
    """

    dates: pd.DatetimeIndex
    holiday: Bools
    eve: Bools
    noon: Floats
    events: Mapping[str, Floats]
    clock: Callable[[float], Floats]

    def when(self, moment: Moment) -> Floats:
        """Return when a moment falls in each night [s], not-a-number where it does not."""
        if isinstance(moment, SunMoment):
            return self.events[moment.event] + moment.offset * MINUTE
        return self.clock(moment)


def first_between(instants: Floats, start: Floats, end: Floats) -> Floats:
    """Return the first of increasing instants from each start on and before its end; not-a-number where none is."""
    if not len(instants):
        return np.full(len(start), np.nan)
    position = np.searchsorted(instants, start)
    found = instants[np.minimum(position, len(instants) - 1)]
    return np.where((position < len(instants)) & (found >= start) & (found < end), found, np.nan)


def night_events(noon: Floats, crossings: Mapping[float, tuple[Floats, Floats]]) -> dict[str, Floats]:
    """Return when the sun's events fall in each night [s].

    Parameters
    ----------
    noon : ndarray, shape (m + 1,)
        Borders of the nights [s].
    crossings : mapping of float to (ndarray, ndarray)
        By elevation [degree], when the sun sinks below it and when it rises above it [s].

    Returns
    -------
    dict of str to ndarray, each of shape (m,)
        Not-a-number in nights without the event: the sun does not set, does not rise, or stays in twilight.
    """
    found = {}
    for event, elevation in ELEVATION.items():
        down, up = crossings[elevation]
        found[event] = first_between(down if event in EVENING else up, noon[:-1], noon[1:])
    return found


def midnight_points(noon: Floats, on: Floats, off: Floats, nights: int) -> Floats:
    """Return the middle of each night as the driver of a luminaire computes it [s].

    A driver has no clock: it counts from its switching on, and takes half of the mean length of its last nights for
    the time to the middle of this one.

    Parameters
    ----------
    noon : ndarray, shape (m + 1,)
        Borders of the nights [s].
    on, off : ndarray, shape (k,)
        When the luminaire is switched on and off [s].
    nights : int
        Nights that the mean is taken over. Those at the start, which have none before them, take their own length.

    Returns
    -------
    ndarray, shape (m,)
        Not-a-number in nights in which the luminaire is not switched on.

    References
    ----------
    Signify MultiOne manual (2014), Dynadimmer: midnight point learned from past nights; "Smart midnight ClockDIM"
    (2016): virtual clock = 0:00 - mean time on / 2 + shift.
    """
    start = first_between(on, noon[:-1], noon[1:])
    end = first_between(
        off, np.where(np.isnan(start), np.inf, start), np.where(np.isnan(start), np.inf, start) + 86400.0
    )
    length = end - start
    middle = np.full(len(start), np.nan)
    for night in np.flatnonzero(~np.isnan(start)):
        # Nights that were never ended (polar nights) teach a driver nothing.
        past = length[:night][~np.isnan(length[:night])][-nights:]
        mean = past.mean() if len(past) else length[night]
        middle[night] = start[night] + mean / 2.0
    return middle


def covered(window: Window, minutes: Minutes, evenings: Evenings) -> Bools:
    """Tell in which minutes a window is in force, shape (n,).

    One that begins or ends at an event that a night lacks, or that would end before it begins, is not in force in that
    night.
    """
    kept = window.nights.holds(evenings.dates, evenings.holiday, evenings.eve)
    if not isinstance(window.start, SunMoment) and not isinstance(window.end, SunMoment):
        return inside(window.start, window.end)[minutes.of_day] & kept[minutes.night]
    start, end = evenings.when(window.start), evenings.when(window.end)
    with np.errstate(invalid="ignore"):  # comparisons with not-a-number are false, as they must be
        kept &= start < end
    size = len(minutes.of_day)
    edge = np.zeros(size + 1, dtype=np.int64)
    for times, sign in ((start, 1), (end, -1)):
        position = np.clip(np.rint((times[kept] - minutes.start) / MINUTE), 0, size).astype(np.int64)
        np.add.at(edge, position, sign)
    return np.cumsum(edge[:-1]) > 0


def levels(windows: Iterable[Window], minutes: Minutes, evenings: Evenings) -> Floats:
    """Return the flux level of each minute, shape (n,)."""
    kept = tuple(windows)
    return overlaid(kept, (covered(window, minutes, evenings) for window in kept), len(minutes.of_day))
