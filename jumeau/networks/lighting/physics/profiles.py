"""What a night looks like: dimming windows in local clock time, and motion detection, as tables of one day.

Where no window depends on the date a day cut in ten-minute slots says all; clock changes and the sun are brought in by
whoever looks the slot of an instant up. Windows by date or by the sun are the business of `schedules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.lighting.formats.windows import Window

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MINUTES = 1440
SLOT = 10  # minutes in a slot
SLOTS = MINUTES // SLOT
SECONDS_PER_HOUR = 3600.0


def inside(start: float, end: float) -> Bools:
    """Return which minutes of the day lie in a window, shape (1440,)."""
    minute = np.arange(MINUTES)
    first, last = round(start * 60), round(end * 60)
    if first < last:
        return (minute >= first) & (minute < last)
    return (minute >= first) | (minute < last)


def minute_levels(windows: Iterable[Window]) -> Floats:
    """Return the flux level of each minute of the day, shape (1440,), of windows that are the same every night."""
    kept = tuple(windows)
    masks = (inside(float(window.start), float(window.end)) for window in kept)  # type: ignore[arg-type]
    return overlaid(kept, masks, MINUTES)


def overlaid(windows: Iterable[Window], masks: Iterable[Bools], size: int) -> Floats:
    """Return the flux level that windows leave, shape (size,).

    Parameters
    ----------
    windows : iterable of Window
        In their order: of those that lower the light the lowest wins; one that lights again undoes the switching off
        of those before it.
    masks : iterable of ndarray of bool, each of shape (size,)
        When each window is in force.
    size : int
    """
    levels, dimmed = np.ones(size), np.ones(size)
    for window, covered in zip(windows, masks, strict=True):
        if window.relit:
            back = covered & (levels == 0.0)
            levels[back] = np.minimum(dimmed[back], window.level)
            continue
        levels[covered] = np.minimum(levels[covered], window.level)
        if window.level > 0.0:
            dimmed[covered] = np.minimum(dimmed[covered], window.level)
    return levels


def slots(per_minute: Floats) -> Floats:
    """Return the means of the ten-minute slots of a day, shape (144,)."""
    return np.asarray(per_minute.reshape(SLOTS, SLOT).mean(axis=1))


def slot_of(hour: Floats) -> NDArray[np.int16]:
    """Return the slot of local clock times [h], same shape."""
    return (np.floor(hour * 60 / SLOT).astype(np.int64) % SLOTS).astype(np.int16)


def occupied_share(passages: Floats | float, hold: float, group: float) -> Floats:
    """Return the share of time that a retriggerable detector spends at the high level.

    Passages at each lamp are a Poisson process, and a detection anywhere in the group brings all of it up, so that
    the group is low only where no passage fell within the last hold time.

    Parameters
    ----------
    passages : ndarray or float
        Rate of passages at one lamp [passage/h].
    hold : float
        Time at the high level after the last passage [s].
    group : float
        Lamps brought up together [lamp]. Passages at its lamps count as independent: a walker that each lamp sees in
        turn is counted again, so that the saving is not flattered.

    Returns
    -------
    ndarray
        1 - exp(-group x passages x hold).
    """
    return np.asarray(-np.expm1(-group * np.asarray(passages) * hold / SECONDS_PER_HOUR))


@dataclass(frozen=True)
class Motion:
    """A motion detector's setting.

    Attributes
    ----------
    idle : float
        Flux level while nobody passes, from 0 to 1.
    hold : float
        [s].
    group : float
        [lamp].
    start, end : float
        Local clock times between which it works [h]; all day where they are equal.
    """

    idle: float
    hold: float
    group: float
    start: float
    end: float


@dataclass(frozen=True)
class DayTable:
    """Shares of one day, by ten-minute slot.

    Attributes
    ----------
    power : ndarray, shape (144,)
        Power drawn over full power while the cabinet is on.
    burning : ndarray, shape (144,)
        Share of time during which the lamp gives light while the cabinet is on.
    peak : ndarray, shape (144,)
        Highest power share that can occur.
    """

    power: Floats
    burning: Floats
    peak: Floats


def day_table(
    levels: Floats, curve: Callable[[Floats], Floats], motion: Motion | None = None, passages: Floats | None = None
) -> DayTable:
    """Return the day of a lamp.

    Parameters
    ----------
    levels : ndarray, shape (1440,)
        Flux level of each minute.
    curve : callable
        Power share of a flux level.
    motion : Motion, optional
        A detector that lowers these levels to its own while nobody passes.
    passages : ndarray, shape (24,), optional
        Passages at one lamp by hour of the day [passage/h]; needed with `motion`.
    """
    power, burning, peak = shares(levels, np.arange(MINUTES), curve, motion, passages)
    return DayTable(slots(power), slots(burning), peak.reshape(SLOTS, SLOT).max(axis=1))


def shares(
    levels: Floats,
    minute: NDArray[np.int64],
    curve: Callable[[Floats], Floats],
    motion: Motion | None = None,
    passages: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return power, time alight and highest power of minutes, as shares, each of shape (n,).

    Parameters
    ----------
    levels : ndarray, shape (n,)
        Flux level of each minute.
    minute : ndarray of int, shape (n,)
        Minute of the local day.
    curve, motion, passages
        See `day_table`.
    """
    power, burning = curve(levels), (levels > 0).astype(np.float64)
    peak = power
    if motion is not None and passages is not None:
        high = np.repeat(occupied_share(passages, motion.hold, motion.group), 60)[minute]
        idle = np.minimum(levels, motion.idle)
        works = inside(motion.start, motion.end)[minute]
        power = np.where(works, curve(idle) + high * (curve(levels) - curve(idle)), power)
        burning = np.where(works, (idle > 0) + high * (burning - (idle > 0)), burning)
    return power, burning, peak
