"""Which uncertain numbers move the collective value of a variant, and from which value on they turn its sign.

Nothing is simulated or valued again: the samples of the evaluation already hold what was drawn and what came out. The
mean of the value given one number is a parabola fitted to them, which is exact for prices (the value is linear in
them) and near enough for lives. Its variance over that of the value is the number's first-order index.

References
----------
A. Saltelli and others, *Global Sensitivity Analysis. The Primer*, Wiley, 2008 (first-order index, given data).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import TOTAL
from jumeau.evaluation import Evaluation
from jumeau.results import Results

Floats = NDArray[np.float64]

#: Criterion that is explained.
EXPLAINED = "collective_value"

#: Share of the variance below which a number is not worth a line, and most lines of a variant.
LEAST, MOST = 0.01, 6


@dataclass(frozen=True)
class Driver:
    """What one uncertain number does to the collective value of a variant, others being as uncertain as they are.

    Attributes
    ----------
    name : str
        `owner.factor`.
    low, high : float
        P10 and P90 of the number, in its own unit.
    at_low, at_high : float
        Mean collective value there [EUR].
    share : float
        First-order index: share of the variance that would go if the number were known, 0 to 1.
    switching : float or None
        Where the mean collective value is zero; None when it keeps its sign over all that was drawn.
    """

    name: str
    low: float
    high: float
    at_low: float
    at_high: float
    share: float
    switching: float | None

    @property
    def swing(self) -> float:
        """By how much the mean moves from P10 to P90 of the number [EUR]."""
        return self.at_high - self.at_low


@dataclass(frozen=True)
class Drivers:
    """What the range of a variant's collective value comes from.

    Attributes
    ----------
    variant : str
    mean : float
        Mean collective value [EUR].
    rows : tuple of Driver
        The heaviest numbers, the largest share first.
    simulated : float
        Share of the variance that simulated assumptions have together; a few draws cannot tell them apart.
    """

    variant: str
    mean: float
    rows: tuple[Driver, ...]
    simulated: float

    @property
    def told(self) -> float:
        """Share of the variance that the numbers listed have, one by one."""
        return min(sum(row.share for row in self.rows), 1.0)


def drivers(results: Results, evaluation: Evaluation) -> list[Drivers]:
    """Return what moves the collective value of each variant.

    Parameters
    ----------
    results : Results
        What was evaluated.
    evaluation : Evaluation

    Returns
    -------
    list of Drivers
        In the order of the variants.
    """
    sampled = evaluation.samples_of(results)
    drawn = {name: sampled.drawn[name] for name in evaluation.laws if name in sampled.drawn}
    groups = sampled.draw_of if sampled.draws is not None else None
    values = evaluation.samples[EXPLAINED].sel(network=TOTAL)
    return [explain(name, values.sel(variant=name).to_numpy(), drawn, groups) for name in evaluation.variants]


def explain(
    variant: str, values: Floats, drawn: Mapping[str, Floats], groups: NDArray[np.int64] | None = None
) -> Drivers:
    """Return what moves a value.

    Parameters
    ----------
    variant : str
    values : ndarray, shape (samples,)
        [EUR].
    drawn : mapping of str to ndarray, shape (samples,)
        Uncertain numbers by name.
    groups : ndarray of int, shape (samples,), optional
        Draw of simulated assumptions of each sample.
    """
    known = np.isfinite(values)
    values = values[known]
    if len(values) < 2 or float(values.var()) == 0.0:
        return Drivers(variant, float(values.mean()) if len(values) else float("nan"), (), 0.0)
    rows = [row for name, array in drawn.items() if (row := _driver(name, array[known], values)) is not None]
    rows = sorted((row for row in rows if row.share >= LEAST), key=lambda row: (-row.share, row.name))
    simulated = 0.0 if groups is None else between(groups[known], values)
    return Drivers(variant, float(values.mean()), tuple(rows[:MOST]), simulated)


def _driver(name: str, drawn: Floats, values: Floats) -> Driver | None:
    centre, width = float(drawn.mean()), float(drawn.std())
    if width == 0.0:
        return None
    scaled = (drawn - centre) / width
    bend, slope, level = np.polyfit(scaled, values, 2)
    fitted = (bend * scaled + slope) * scaled + level
    size = len(values)
    left = float(((values - fitted) ** 2).sum()) / float(((values - values.mean()) ** 2).sum())
    # Chance fits a parabola too: two degrees of freedom are taken back.
    share = max(0.0, 1.0 - left * (size - 1) / (size - 3)) if size > 3 else 0.0
    low, middle, high = (float(value) for value in np.quantile(drawn, [0.1, 0.5, 0.9]))
    at_low, at_high = ((bend * z + slope) * z + level for z in ((low - centre) / width, (high - centre) / width))
    zero = _zero((float(bend), float(slope), float(level)), scaled, (middle - centre) / width)
    switching = None if zero is None else centre + width * zero
    return Driver(name, low, high, float(at_low), float(at_high), share, switching)


def _zero(parabola: tuple[float, float, float], scaled: Floats, middle: float) -> float | None:
    """Return where a parabola is zero within what was drawn, nearest to the middle; None where it is not."""
    roots = np.roots(np.trim_zeros(parabola, "f")) if any(parabola[:2]) else np.empty(0)
    real = roots[np.abs(np.imag(roots)) < 1e-12].real
    inside = real[(real >= scaled.min()) & (real <= scaled.max())]
    return float(inside[np.argmin(np.abs(inside - middle))]) if len(inside) else None


def between(groups: NDArray[np.int64], values: Floats) -> float:
    """Return the share of the variance that lies between groups, that of chance taken back (omega squared)."""
    names, places, counts = np.unique(groups, return_inverse=True, return_counts=True)
    size, many = len(values), len(names)
    if many < 2 or size <= many:
        return 0.0
    means = np.bincount(places, weights=values) / counts
    total = float(((values - values.mean()) ** 2).sum())
    among = float((counts * (means - values.mean()) ** 2).sum())
    within = (total - among) / (size - many)
    return max(0.0, (among - (many - 1) * within) / (total + within)) if total + within > 0.0 else 0.0
