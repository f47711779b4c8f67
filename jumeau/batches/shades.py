"""Classes of a figure on the map: round breaks, colours that colour-blind readers tell apart, words for the legend."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.ticker import MaxNLocator

from jumeau.i18n import _
from jumeau.report.numbers import plain, signed

#: From faint to full: good news, bad news, neither. Blue and orange are told apart by colour-blind readers, and depth
#: says how much in grey as well.
GOOD, BAD, PLAIN = ("#dbe9f6", "#08519c"), ("#fde6cf", "#a63603"), ("#e9e4f1", "#54278f")
NIL = "#f2f2f2"
#: Classes at most, and on each side of zero where there are two.
MOST, SIDE = 5, 3


@dataclass(frozen=True)
class Shade:
    """One class.

    Attributes
    ----------
    low, high : float
    colour : str
        As HTML writes it.
    label : str
        In the current language, without unit.
    """

    low: float
    high: float
    colour: str
    label: str


def shades(values: Iterable[float], better: str, *, change: bool = True) -> list[Shade]:
    """Return the classes of some values, from the lowest to the highest; one where all are the same.

    Parameters
    ----------
    values : iterable of float
        What is not finite is left out.
    better : str
        `lower`, `higher` or `neutral`.
    change : bool
        Whether values are differences, to be written with their sign.
    """
    known = np.array([value for value in values if math.isfinite(value)], dtype=np.float64)
    if not len(known):
        return []
    ticks = _ticks(float(known.min()), float(known.max()))
    digits = _digits(ticks)

    def written(value: float) -> str:
        return signed(value, digits) if change else plain(value, digits)

    if len(ticks) == 1:
        return [Shade(ticks[0], ticks[0], NIL if not ticks[0] else _ramp(ticks[0] < 0, better)[1], written(ticks[0]))]
    found = []
    for low, high in pairwise(ticks):
        label = _("{low} to {high}").format(low=written(low), high=written(high))
        found.append(Shade(low, high, _colour((low + high) / 2, ticks, better), label))
    return found


def shade_of(value: float | None, classes: list[Shade]) -> int:
    """Return the place of the class of a value; -1 where it has none. An upper break belongs to the class below it."""
    if value is None or not math.isfinite(value):
        return -1
    return next((place for place, item in enumerate(classes) if value <= item.high), len(classes) - 1)


def _ticks(low: float, high: float) -> list[float]:
    """Return round breaks that hold all values, zero among them where both signs are there."""
    largest = max(abs(low), abs(high))
    if high - low <= 1e-9 * largest:
        return [low]
    steps = [1, 2, 2.5, 5, 10]
    if low < 0.0 < high:
        half = MaxNLocator(SIDE, steps=steps).tick_values(0.0, largest)
        step = float(half[1] - half[0])
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        return [step * place for place in range(first, last + 1)]
    return [float(tick) for tick in MaxNLocator(MOST, steps=steps).tick_values(low, high)]


def _colour(middle: float, ticks: list[float], better: str) -> str:
    """Return the colour of a class by its side of zero, the deeper the farther from it."""
    same = [abs(low + high) / 2 for low, high in pairwise(ticks) if (low + high) * middle > 0]
    first, last = min(same), max(same)
    share = 0.65 if first == last else (abs(middle) - first) / (last - first)
    ramp = LinearSegmentedColormap.from_list("", _ramp(middle < 0, better))
    return str(to_hex(ramp(0.12 + 0.88 * share)))


def _ramp(negative: bool, better: str) -> tuple[str, str]:  # noqa: FBT001 - a sign
    if better not in ("lower", "higher"):
        return PLAIN
    return GOOD if negative == (better == "lower") else BAD


def _digits(ticks: list[float]) -> int:
    if len(ticks) == 1:
        return 0 if not ticks[0] else max(0, 2 - math.floor(math.log10(abs(ticks[0]))))
    step = min(high - low for low, high in pairwise(ticks))
    return next((digits for digits in range(10) if abs(round(step, digits) - step) < 1e-6 * step), 9)
