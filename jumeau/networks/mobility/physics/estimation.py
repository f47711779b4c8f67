"""Trips between zones from counts: Spiess' gradient, held by the trips that were expected.

References
----------
H. Spiess, "A gradient approach for the O-D matrix adjustment problem", CRT-693, Université de Montréal, 1990: trips
change in proportion to themselves along the gradient of the misfit, by a step of least misfit; what is zero stays so.
The prior and its weight: E. Cascetta, "Estimation of trip matrices from traffic counts and survey data: a generalized
least squares estimator", Transportation Research B 18(4-5), 1984, doi:10.1016/0191-2615(84)90012-2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from jumeau.randomness import stable_hash

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Steps at most, and the relative gain of a step below which it is the last one.
STEPS, LEAST_GAIN = 60, 1e-5

#: A step leaves each pair at least this share of its trips.
KEPT = 0.05

#: Vehicles a day of a street that no route between zones takes: those who live there.
_LITTLE = 100.0

#: Folds in which roads are left out to choose the weight of the prior.
FOLDS = 4


@dataclass(frozen=True)
class Adjustment:
    """What trips are to meet.

    Attributes
    ----------
    passed : csr_matrix, shape (counts, pairs)
        Share of the trips of each pair that passes each count.
    counted : ndarray, shape (counts,)
        [vehicle/day].
    prior : ndarray, shape (pairs,)
        Trips expected.
    hold : ndarray, shape (pairs,)
        How well they are known: weight of each pair's prior, before that of all.
    """

    passed: sparse.csr_matrix
    counted: Floats
    prior: Floats
    hold: Floats

    def part(self, chosen: NDArray[np.bool_]) -> Adjustment:
        """Return the same with some of the counts."""
        return Adjustment(self.passed[chosen], self.counted[chosen], self.prior, self.hold)

    def misfit(self, trips: Floats, weight: float) -> float:
        """Return half of the sums of (flow - count)^2 / count and of weight hold (trips - prior)^2 / prior."""
        off = self.passed @ trips - self.counted
        moved = self._moved(trips)
        return float(0.5 * (off**2 / self.counted).sum() + 0.5 * weight * (self.hold * moved**2 * self.prior).sum())

    def gradient(self, trips: Floats, weight: float) -> Floats:
        """Return the derivative of the misfit by the trips of each pair, shape (pairs,)."""
        off = (self.passed @ trips - self.counted) / self.counted
        return np.asarray(self.passed.T @ off + weight * self.hold * self._moved(trips))

    def _moved(self, trips: Floats) -> Floats:
        """Return trips over the prior, less one; zero where none are expected."""
        return np.divide(trips, self.prior, out=np.ones_like(trips), where=self.prior > 0.0) - 1.0

    def solved(self, weight: float, steps: int = STEPS) -> Floats:
        """Return the trips of least misfit that few steps reach, shape (pairs,).

        Parameters
        ----------
        weight : float
            Of the prior over the counts.
        steps : int
        """
        trips = self.prior.copy()
        back = sparse.csr_matrix(self.passed.T)
        share = 1.0 / self.counted
        last = self.misfit(trips, weight)
        for _step in range(steps):
            moved = self._moved(trips)
            off = self.passed @ trips - self.counted
            slope = back @ (off * share) + weight * self.hold * moved
            way = -trips * slope
            felt = self.passed @ way
            bent = np.divide(way**2, self.prior, out=np.zeros_like(way), where=self.prior > 0.0)
            curve = float((felt**2 * share).sum() + weight * (self.hold * bent).sum())
            if curve <= 0.0:
                break
            ahead = -float(slope @ way) / curve
            steepest = float(slope.max())
            if steepest > 0.0:
                ahead = min(ahead, (1.0 - KEPT) / steepest)
            trips = np.maximum(trips + ahead * way, 0.0)
            now = self.misfit(trips, weight)
            if last - now <= LEAST_GAIN * last:
                break
            last = now
        return trips


def folds_of(roads: Sequence[str], folds: int = FOLDS) -> Ints:
    """Return the fold of each count, shape (counts,): all counts of a road are in one, on every machine."""
    return np.array([stable_hash(f"fold of {road}") % folds for road in roads], dtype=np.int64)


@dataclass(frozen=True)
class Weighed:
    """What counts on roads left out say of the weight of the prior.

    Attributes
    ----------
    weight : float
        The one that meets them best.
    left : ndarray, shape (weights,)
        Mean of (sqrt(flow) - sqrt(count))^2 on the counts left out: the square of the GEH statistic, by and large.
    flow : ndarray, shape (counts,)
        Flow of each count when its road is left out, with that weight.
    """

    weight: float
    left: Floats
    flow: Floats


def weigh(problem: Adjustment, roads: Sequence[str], weights: Sequence[float]) -> Weighed:
    """Return the weight of the prior that meets counts on roads left out best.

    Parameters
    ----------
    problem : Adjustment
    roads : sequence of str
        Road of each count: what is left out is whole roads.
    weights : sequence of float
    """
    fold = folds_of(roads)
    met = np.zeros((len(weights), len(problem.counted)))
    for one in np.unique(fold):
        out = fold == one
        rest = problem.part(~out)
        for number, weight in enumerate(weights):
            met[number, out] = problem.passed[out] @ rest.solved(weight)
    left = ((np.sqrt(met) - np.sqrt(problem.counted)) ** 2).mean(axis=1)
    best = int(np.argmin(left))
    return Weighed(float(weights[best]), left, met[best])


@dataclass(frozen=True)
class Curve:
    """What a count is expected to be where a model has a flow: a power of the flow, fitted on roads left out.

    Models of towns have too much on some streets and too little on others; of two streets that differ tenfold in the
    model, counts differ less. Flows along the curve are conserved nowhere: they tell single streets, not routes.

    Attributes
    ----------
    scale, power : float
    """

    scale: float
    power: float

    @classmethod
    def of(cls, flow: Floats, count: Floats) -> Curve:
        """Return the curve of least squares of logarithms.

        Parameters
        ----------
        flow : ndarray, shape (k,)
            Of the model where the counts had no part in it [vehicle/day].
        count : ndarray, shape (k,)
        """
        known = np.stack([np.ones(len(flow)), np.log(flow + _LITTLE)], axis=1)
        found = np.linalg.lstsq(known, np.log(count), rcond=None)[0]
        return cls(float(np.exp(found[0])), float(found[1]))

    def __call__(self, flow: Floats) -> Floats:
        """Return the expected counts, shape of the flows."""
        return np.asarray(self.scale * (flow + _LITTLE) ** self.power)
