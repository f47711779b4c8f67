"""What choices save as a whole, where sites help or hinder each other beyond what the problem adds up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import Problem
from jumeau.i18n import _, format_number
from jumeau.sizeable import Instance, Together
from jumeau.sizing.solve import Solution

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Whole:
    """The choice, and the first sites of greedy, reckoned as a whole.

    Attributes
    ----------
    choice : Together
    count : ndarray of int, shape (k,)
        Numbers of sites of the curve that were reckoned.
    benefit, error : ndarray, shape (k,)
        Of the first `count` sites of greedy, and its standard error.
    """

    choice: Together
    count: Ints
    benefit: Floats
    error: Floats


def as_a_whole(instance: Instance, solution: Solution, progress: Callable[[str], None]) -> Whole | None:
    """Return what the choice and some points of the curve save as a whole; None where nothing is added up wrongly.

    Parameters
    ----------
    instance : Instance
    solution : Solution
    progress : callable
        Told in words what is being done.
    """
    if instance.together is None:
        return None
    names, path, counts = solution.problem.sites.id, solution.greedy.chosen, solution.curve.count
    picked = np.unique(np.geomspace(1, max(len(counts), 1), instance.points).round().astype(int)) - 1
    counts = counts[picked] if len(counts) else counts
    sets = [tuple(sorted(str(name) for name in names[path[:count]])) for count in counts.tolist()]
    chosen = tuple(sorted(solution.names))
    wanted = list(dict.fromkeys([chosen, *sets]))
    found: dict[tuple[str, ...], Together] = {}
    for number, sites in enumerate(wanted, 1):
        progress(_("choices as a whole: {number} of {count}").format(number=number, count=len(wanted)))
        found[sites] = instance.together(sites)
    points = [found[sites] for sites in sets]
    return Whole(
        found[chosen],
        np.asarray(counts, dtype=np.int64),
        np.array([item.benefit for item in points], dtype=np.float64),
        np.array([item.error for item in points], dtype=np.float64),
    )


def short_of_target(solution: Solution, whole: Whole | None) -> tuple[Problem, ...]:
    """Return a warning where the choice, as a whole, does not reach what was asked for."""
    target = solution.limit.target
    if whole is None or target is None or whole.choice.benefit >= target:
        return ()
    text = _("as a whole the choice reaches {value} {unit} of the {target} that were asked for: ask for more")
    told = text.format(
        value=format_number(whole.choice.benefit), unit=solution.problem.unit, target=format_number(target)
    )
    return (Problem(told, warning=True),)
