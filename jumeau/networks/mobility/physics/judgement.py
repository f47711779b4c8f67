"""How well flows meet counts, beside what needs no model and what no model can pass."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.networks.mobility.physics.counts import Counts, Fit, repeated

Floats = NDArray[np.float64]

#: Flows by which counts are grouped [vehicle/day].
GROUPS = (0.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0, np.inf)


@dataclass(frozen=True)
class Judgement:
    """Flows, a floor and a ceiling on the counts that nothing was fitted to.

    Attributes
    ----------
    model : Fit
        Flows of the model, mean of the ensemble.
    expected : Fit
        Counts expected from these flows, along the curve.
    floor : Fit
        Each count told by the mean of the counts fitted on streets of its class.
    ceiling : Fit
        Each street's last count told by the last but one: as well as counts tell each other. Of all streets counted in
        several years.
    """

    model: Fit
    expected: Fit
    floor: Fit
    ceiling: Fit


def judged(
    counts: Counts, flow: Floats, expected: Floats, classes: NDArray[np.object_], frame: gpd.GeoDataFrame, hours: float
) -> Judgement:
    """Return the judgement of flows.

    Parameters
    ----------
    counts : Counts
    flow : ndarray, shape (counts,)
        Modelled where counted [vehicle/day].
    expected : ndarray, shape (counts,)
        Counts expected there [vehicle/day].
    classes : ndarray of str, shape (counts,)
        Class of the road of each count.
    frame : GeoDataFrame
        The layer `traffic_counts`, for the counts of several years.
    hours : float
        Hours in which a day's vehicles drive, for the GEH statistic.
    """
    out = counts.held_out
    before, last = repeated(frame)
    return Judgement(
        Fit.of(flow[out], counts.vehicles[out], hours),
        Fit.of(expected[out], counts.vehicles[out], hours),
        Fit.of(class_means(counts, classes)[out], counts.vehicles[out], hours),
        Fit.of(before, last, hours),
    )


def class_means(counts: Counts, classes: NDArray[np.object_]) -> Floats:
    """Return the mean of the fitted counts of the class of each count, of all of them where the class has none."""
    fitted = ~counts.held_out
    usual = float(counts.vehicles[fitted].mean()) if fitted.any() else float("nan")
    found = np.full(len(counts), usual)
    for name in np.unique(classes.astype(str)):
        of = classes.astype(str) == name
        if (of & fitted).any():
            found[of] = counts.vehicles[of & fitted].mean()
    return found


def rmse_by_flow(flow: Floats, count: Floats) -> list[tuple[float, float, int, float]]:
    """Return the root of the mean square error over the mean count, by group of flow.

    Returns
    -------
    list of tuple
        From [vehicle/day], to [vehicle/day], counts, error over the mean count of the group [%].
    """
    found = []
    for low, high in pairwise(GROUPS):
        chosen = (count >= low) & (count < high)
        if chosen.any():
            error = float(np.sqrt(((flow[chosen] - count[chosen]) ** 2).mean()))
            found.append((low, high, int(chosen.sum()), 100.0 * error / float(count[chosen].mean())))
    return found
