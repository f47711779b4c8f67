"""Opening hours as a shift meets them: one that runs past midnight also meets those of the next day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.waste.physics.state import CollectionArea, State

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Hours of a day, and of the two that a shift may touch.
DAY, TWO_DAYS = 24.0, 48.0


def opening(opens: float, closes: float) -> list[tuple[float, float]]:
    """Return the hours of a day and of the next, from the first midnight; one span where it never closes [h]."""
    if opens <= 0.0 and closes >= DAY:
        return [(0.0, TWO_DAYS)]
    return [(opens, closes), (opens + DAY, closes + DAY)]


def site_hours(state: State, area: CollectionArea, rows: Ints) -> tuple[Floats, Floats]:
    """Return when collection of sites may begin, at the earliest and at the latest, from midnight of the shift's day.

    Of the hours of that day and of the next, those that the area's shifts meet more of.

    Parameters
    ----------
    state : State
    area : CollectionArea
    rows : ndarray of int, shape (k,)
        Of the sites.

    Returns
    -------
    tuple of ndarray, shape (k,)
        [h].
    """
    first, last = state.earliest[rows], state.latest[rows]
    last = np.where(last >= DAY, TWO_DAYS, last)
    ends = max((state.trucks[row].shift[1] for row in area.trucks), default=0.0)
    if ends > DAY:
        starts = min(state.trucks[row].shift[0] for row in area.trucks)
        met = np.minimum(last, ends) - np.maximum(first, starts)
        next_day = (np.minimum(last + DAY, ends) - np.maximum(first + DAY, starts)) > met
        first, last = np.where(next_day, first + DAY, first), np.where(next_day, last + DAY, last)
    return first, last
