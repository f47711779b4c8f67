"""Colours: palettes that colour-blind readers can tell apart, and scales that before and after share.

A scale is made once from all scenarios of a comparison and never fitted again, so that one colour means one value
in every picture.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import ceil, floor, log10

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from jumeau.i18n import _, format_number
from jumeau_viz.frame import Floats

Colours = NDArray[np.uint8]

SEQUENTIAL = ("viridis", "cividis")
DIVERGING = "blue_grey_orange"
#: The same from its other end, for changes that are good when they are rises: blue is better in both.
REVERSED = "orange_grey_blue"
#: Parts of the palettes that stand out from the ground by 3:1, as WCAG 1.4.11 asks: bright ones by night, where more
#: is brighter, and dark ones by day, where more is darker. Both begin with the same teal or grey.
NIGHT_PART = {"viridis": (0.48, 1.0), "cividis": (0.52, 1.0)}
DAY_PART = {"viridis": (0.37, 0.0), "cividis": (0.40, 0.0)}
NIGHT_STOPS = ((0.0, "#3fb4ff"), (0.5, "#868c9c"), (1.0, "#ff9d1e"))
DAY_STOPS = ((0.0, "#0b5cad"), (0.5, "#62687a"), (1.0, "#9c4a00"))
STEPS = 256
#: Steps of a legend at most: of one from zero, and of each side of one with zero in the middle.
SEQUENTIAL_STEPS, SIGNED_STEPS = 5, 2
MISSING: tuple[int, int, int] = (238, 238, 242)
MISSING_BY_DAY: tuple[int, int, int] = (104, 108, 116)
#: Share of the largest figure below which one is a trace, such as networks that share crews leave in each other.
TRACE = 1e-3
#: From this share of the highest figure on, a lowest one would leave most colours unused in a scale from zero.
HIGH_UP = 0.75
#: Places of a legend's step that a single figure is written with.
FINER = 2
#: Share of the values that must fit in a scale; the few above it take the last colour, and the legend says so.
COVERED = 0.98

#: Night colours of the town, chosen dark so that only the assets catch the eye.
NIGHT: dict[str, tuple[int, int, int]] = {
    "sky": (11, 15, 25),
    "ground": (26, 31, 42),
    "water": (24, 46, 74),
    "green": (26, 46, 38),
    "paths": (42, 46, 55),
    "streets": (46, 50, 60),
    "walls": (78, 84, 100),
    "roofs": (102, 106, 122),
    "slopes": (104, 92, 98),
    "trees": (30, 58, 44),
    "poles": (150, 154, 166),
}

#: Colours by day: light ones, on which the dark ends of the palettes are read like ink on a map.
DAY: dict[str, tuple[int, int, int]] = {
    "sky": (201, 222, 240),
    "ground": (232, 229, 219),
    "water": (176, 208, 232),
    "green": (198, 218, 176),
    "paths": (226, 218, 200),
    "streets": (214, 214, 216),
    "walls": (240, 234, 222),
    "roofs": (196, 196, 200),
    "slopes": (202, 138, 108),
    "trees": (116, 158, 96),
    "poles": (90, 94, 104),
}


@cache
def palette(name: str, *, day: bool = False) -> Colours:
    """Return a palette for night or day ground as 256 colours, shape (256, 3)."""
    if name == REVERSED:
        return palette(DIVERGING, day=day)[::-1]
    if name == DIVERGING:
        stops = list(DAY_STOPS if day else NIGHT_STOPS)
        colours = LinearSegmentedColormap.from_list(name, stops, N=STEPS)(np.linspace(0.0, 1.0, STEPS))
    elif name in SEQUENTIAL:
        colours = colormaps[name](np.linspace(*(DAY_PART if day else NIGHT_PART)[name], STEPS))
    else:
        raise ValueError(f"unknown palette {name!r}")
    return np.asarray(np.round(colours[:, :3] * 255), dtype=np.uint8)


def luminance(colours: Colours | tuple[int, int, int]) -> Floats:
    """Return the relative luminance of sRGB colours (..., 3), from 0 to 1, as WCAG 2.2 defines it."""
    part = np.asarray(colours, dtype=np.float64) / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrast(one: Colours | tuple[int, int, int], other: Colours | tuple[int, int, int]) -> Floats:
    """Return the contrast ratios of sRGB colours, from 1 to 21, as WCAG 2.2 defines them."""
    first, second = luminance(one), luminance(other)
    return np.asarray((np.maximum(first, second) + 0.05) / (np.minimum(first, second) + 0.05))


@dataclass(frozen=True)
class Band:
    """One step of a scale, for maps that colour by classes.

    Attributes
    ----------
    low, high : float
        Ends; infinite where the scale says "and less", "and more".
    colour : (int, int, int)
        That of the middle of the step.
    label : str
        What the legend says, in the current language.
    """

    low: float
    high: float
    colour: tuple[int, int, int]
    label: str


@dataclass(frozen=True)
class Scale:
    """How values become colours.

    Attributes
    ----------
    low, high : float
        Values of the first and of the last colour.
    palette : str
        Name of the palette.
    ticks : tuple of float
        Round values to write in the legend.
    below, above : bool
        Whether some values lie outside; the legend then says "and less", "and more".
    change : bool
        Whether values are differences between two situations.
    better : str
        `lower`, `higher` or `neutral`: which differences are good news.
    least : float
        What is smaller than that is nothing; differences below it take the middle colour.
    alike : bool
        Whether all values are the same but for such traces, so that colours tell nothing; the legend then says so.
    """

    low: float
    high: float
    palette: str
    ticks: tuple[float, ...]
    below: bool = False
    above: bool = False
    change: bool = False
    better: str = "neutral"
    least: float = 0.0
    alike: bool = False

    @classmethod
    def sequential(cls, values: Iterable[Floats], name: str, least: float = 0.0) -> Scale:
        """Return one scale for all scenarios, up to a round maximum.

        It begins at zero, at the lowest value if that is negative, or near the lowest value where all are so high that
        they would look the same.

        Parameters
        ----------
        values : iterable of ndarray
        name : str
            Name of the palette.
        least : float
            Smallest figure worth a colour. Smaller ones do not count in the choice of the scale: a town in which most
            streets lose no time would have a scale of milliseconds.
        """
        known = _finite(values)
        span = float(np.ptp(known)) if len(known) else 0.0
        largest = float(np.abs(known).max(initial=0.0))
        alike = len(known) > 0 and span <= max(least, TRACE * largest)
        lowest = min(0.0, float(known.min(initial=0.0)))
        highest = max(_upper(_worth(known, least)), SEQUENTIAL_STEPS * least)
        if len(known) and not alike and known.min() > HIGH_UP * highest:
            lowest = float(known.min())
        ticks = MaxNLocator(nbins=SEQUENTIAL_STEPS, steps=[1, 2, 2.5, 5, 10]).tick_values(lowest, highest)
        low, high = float(ticks[0]), float(ticks[-1])
        above = bool((known > high).any())
        return cls(low, high, name, tuple(map(float, ticks)), above=above, least=least, alike=alike)

    @classmethod
    def changes(cls, values: Iterable[Floats], better: str = "neutral", least: float = 0.0) -> Scale:
        """Return a scale of differences between two situations, zero in the middle, blue on the side that is better."""
        scale = cls.signed(values, COVERED, least)
        name = REVERSED if better == "higher" else DIVERGING
        return replace(scale, change=True, better=better, palette=name)

    @classmethod
    def signed(cls, values: Iterable[Floats], covered: float = 0.9, least: float = 0.0) -> Scale:
        """Return a scale of figures with a sign, zero in the middle, that a share of those from `least` on fit in."""
        known = _finite(values)
        sizes = np.abs(known)
        reach = max(_upper(_worth(sizes, least), covered), SIGNED_STEPS * least)
        ticks = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10], symmetric=True).tick_values(-reach, reach)
        high = float(max(abs(ticks[0]), abs(ticks[-1])))
        low = -high
        return cls(
            low,
            high,
            DIVERGING,
            tuple(float(tick) for tick in ticks),
            below=bool((known < low).any()),
            above=bool((known > high).any()),
            least=least,
            alike=len(known) > 0 and bool((sizes <= least).all()),
        )

    def colours(self, values: Floats, *, day: bool = False) -> Colours:
        """Return the colours (n, 3) of values (n,); unknown ones are white, or grey by day, and traces are zero."""
        known = np.isfinite(values)
        share = np.zeros(len(values))
        seen = np.where(np.abs(values[known]) < self.least, 0.0, values[known])
        share[known] = np.clip((seen - self.low) / (self.high - self.low), 0.0, 1.0)
        colours = palette(self.palette, day=day)[np.round(share * (STEPS - 1)).astype(np.intp)]
        colours[~known] = MISSING_BY_DAY if day else MISSING
        return colours

    @property
    def digits(self) -> int:
        """Decimals with which a single figure is written: finer than the legend's step, no finer than what counts."""
        step = min((abs(b - a) for a, b in pairwise(self.ticks)), default=1.0)
        fine = FINER - floor(log10(step))
        return max(0, min(fine, ceil(-log10(self.least))) if self.least > 0 else fine)

    def tick_labels(self) -> tuple[str, ...]:
        """Return the ticks in the writing of the current language, with signs where the scale is one of changes."""
        labels = self._numbers()
        if self.above:
            labels[-1] = f"≥ {labels[-1]}"
        if self.below:
            labels[0] = f"≤ {labels[0]}"
        return tuple(labels)

    def bands(self) -> tuple[Band, ...]:
        """Return the steps between ticks, labelled in the current language; colours and breaks are the scale's own."""
        middles = np.array([(low + high) / 2 for low, high in pairwise(self.ticks)])
        colours = self.colours(middles).tolist()
        labels = self._numbers()
        found = [
            Band(low, high, (colour[0], colour[1], colour[2]), _("{low} to {high}").format(low=left, high=right))
            for (low, high), (left, right), colour in zip(pairwise(self.ticks), pairwise(labels), colours, strict=True)
        ]
        if self.above:
            found[-1] = replace(found[-1], high=np.inf, label=f"≥ {labels[-2]}")
        if self.below:
            found[0] = replace(found[0], low=-np.inf, label=f"≤ {labels[1]}")
        return tuple(found)

    def _numbers(self) -> list[str]:
        """Return the ticks as they are written, with signs where the scale is one of changes."""
        digits = _digits(self.ticks)
        labels = [format_number(tick, digits).replace("-", "\N{MINUS SIGN}") for tick in self.ticks]
        if self.palette not in (DIVERGING, REVERSED):
            return labels
        return [f"+{text}" if tick > 0 else text for tick, text in zip(self.ticks, labels, strict=True)]


def _finite(values: Iterable[Floats]) -> Floats:
    arrays = [np.asarray(item, dtype=np.float64) for item in values]
    joined = np.concatenate(arrays) if arrays else np.empty(0)
    return np.asarray(joined[np.isfinite(joined)])


def _worth(known: Floats, least: float) -> Floats:
    """Return the figures that a scale is made for; all of them where all are traces."""
    largest = float(np.abs(known).max(initial=0.0))
    found = known[np.abs(known) >= max(least, TRACE * largest)]
    return found if len(found) else known


def _upper(known: Floats, covered: float = COVERED) -> float:
    """Return the value that the scale must reach: the maximum, or a quantile when a few values dwarf the rest."""
    if len(known) == 0:
        return 1.0
    top, usual = float(known.max()), float(np.quantile(known, covered))
    reach = usual if top > 1.25 * usual > 0 else top
    return reach if reach > 0 else 1.0


def _digits(ticks: tuple[float, ...]) -> int:
    step = min((abs(b - a) for a, b in pairwise(ticks)), default=1.0)
    return next((digits for digits in range(7) if abs(round(step, digits) - step) < 1e-9), 6)
