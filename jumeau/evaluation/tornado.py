"""The tornado: what an output does when one input moves, and where the output changes sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from jumeau.i18n import _
from jumeau.sampling import Law

Floats = NDArray[np.float64]

#: From inputs, each of shape (n,), to one output of shape (n,).
Function = Callable[[Mapping[str, Floats]], Floats]

#: Points at which the sign of the output is looked at before roots are sought between them.
SCAN = 257
#: Levels that stand for the ends of a law that has none.
FAR_LEVELS = (1e-4, 1.0 - 1e-4)


@dataclass(frozen=True)
class Bar:
    """One input of a tornado.

    Attributes
    ----------
    name : str
    inputs : tuple of float
        The input's values at the two levels, in its own unit.
    outputs : tuple of float
        What the output is there, all others at their P50.
    centre : float
        The output with every input at its P50.
    switching_value : float or None
        Where the output changes sign, all others at their P50; None where it does not within the law's support.
    several : bool
        Whether it does at several places; the one named is the nearest to the P50.
    """

    name: str
    inputs: tuple[float, float]
    outputs: tuple[float, float]
    centre: float
    switching_value: float | None = None
    several: bool = False

    @property
    def swing(self) -> float:
        """How far apart the two outputs lie."""
        return abs(self.outputs[1] - self.outputs[0])


def tornado(function: Function, laws: Mapping[str, Law], levels: tuple[float, float] = (0.1, 0.9)) -> list[Bar]:
    """Move each input from a low to a high level, others at their P50.

    Parameters
    ----------
    function : callable
        From inputs, each of shape (n,), to an output of shape (n,).
    laws : mapping of str to Law
    levels : tuple of float

    Returns
    -------
    list of Bar
        The widest swing first, ties by name.

    Raises
    ------
    ValueError
        When the output is not finite, or not one figure a row.
    """
    if not laws:
        return []
    names = list(laws)
    medians = {name: float(law.ppf(0.5)) for name, law in laws.items()}
    rows = {name: np.full(2 * len(names) + 1, value) for name, value in medians.items()}
    for place, name in enumerate(names):
        rows[name][2 * place + 1 : 2 * place + 3] = laws[name].ppf(levels)
    found = outputs(function, rows)
    bars = []
    for place, name in enumerate(names):
        ends = slice(2 * place + 1, 2 * place + 3)
        low, high = (float(value) for value in rows[name][ends])
        below, above = (float(value) for value in found[ends])
        roots = _roots(function, medians, name, laws[name])
        nearest = min(roots, key=lambda root: abs(root - medians[name]), default=None)
        bars.append(Bar(name, (low, high), (below, above), float(found[0]), nearest, len(roots) > 1))
    return sorted(bars, key=lambda bar: (-bar.swing, bar.name))


def finite(values: Floats, shape: tuple[int, ...]) -> Floats:
    """Return figures of a shape, all of them finite.

    Raises
    ------
    ValueError
        When they are not.
    """
    found = np.asarray(values, dtype=np.float64)
    if found.shape != shape:
        raise ValueError(f"shape {found.shape}, not {shape}")
    if not np.isfinite(found).all():
        raise ValueError(_("the output is not a finite number everywhere"))
    return found


def outputs(function: Function, rows: Mapping[str, Floats]) -> Floats:
    """Return what a function makes of rows, one finite figure each."""
    count = len(next(iter(rows.values())))
    return finite(function(rows), (count,))


def _roots(function: Function, medians: Mapping[str, float], name: str, law: Law) -> list[float]:
    """Return where the output changes sign along one input, also where it jumps over zero."""

    def along(points: Floats) -> Floats:
        return function({key: points if key == name else np.full(len(points), value) for key, value in medians.items()})

    low, high = law.support
    if not np.isfinite([low, high]).all():
        low, high = law.ppf(FAR_LEVELS)
    points = np.linspace(low, high, SCAN)
    signs = np.sign(along(points))
    roots = []
    for place, sign in enumerate(signs):
        # A stretch at zero counts once, where it begins.
        if sign == 0.0 and (place == 0 or signs[place - 1] != 0.0):
            roots.append(float(points[place]))
        elif place and sign * signs[place - 1] < 0.0:
            roots.append(float(brentq(lambda x: float(along(np.array([x]))[0]), points[place - 1], points[place])))
    return roots
