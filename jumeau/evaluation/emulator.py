"""A cheap stand-in for a function that is costly, never without its error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from jumeau.i18n import _

Floats = NDArray[np.float64]

#: Share of the output's variance that an emulator must predict of draws that it has not seen.
LEAST_Q2 = 0.8
#: Penalties tried, per row, on columns of unit variance.
PENALTIES = tuple(10.0**power for power in range(-9, 1))


@dataclass(frozen=True)
class Prediction:
    """What an emulator says.

    Attributes
    ----------
    values : ndarray, shape (count,)
    error : float
        Root mean square of the errors of leave-one-out, in the output's unit.
    q2 : float
        Share of the variance predicted in leave-one-out, 1 at best.
    outside : int
        Rows with an input beyond the draws that it was fitted on: the error does not hold for them.
    """

    values: Floats
    error: float
    q2: float
    outside: int


@dataclass(frozen=True)
class Emulator:
    """A quadratic polynomial with interactions, fitted by ridge regression.

    Attributes
    ----------
    names : tuple of str
    centre, width, low, high : ndarray, shape (inputs,)
        Mean, standard deviation and range of the draws it was fitted on.
    means, scales, weights : ndarray, shape (terms,)
    intercept : float
    penalty : float
        Chosen by leave-one-out among few, which flatters the error very little.
    residuals : ndarray, shape (count,)
        Errors of leave-one-out: each draw predicted by a fit on all others.
    error, q2 : float
        See `Prediction`.
    """

    names: tuple[str, ...]
    centre: Floats
    width: Floats
    low: Floats
    high: Floats
    means: Floats
    scales: Floats
    weights: Floats
    intercept: float
    penalty: float
    residuals: Floats
    error: float
    q2: float

    @classmethod
    def fit(cls, sample: Mapping[str, Floats], output: Floats) -> Emulator:
        """Fit draws and their outputs.

        Parameters
        ----------
        sample : mapping of str to ndarray, shape (count,)
        output : ndarray, shape (count,)

        Raises
        ------
        ValueError
            When there are fewer than three draws, figures are not finite, or the output does not vary.

        References
        ----------
        Allen 1974, Technometrics 16: the errors of leave-one-out of a linear fit are its residuals over one minus the
        diagonal of the hat matrix.
        """
        matrix, values = np.column_stack(list(sample.values())), np.asarray(output, dtype=np.float64)
        if values.shape != (len(matrix),) or len(values) < 3:
            raise ValueError(f"shapes {matrix.shape} and {values.shape}")
        if not (np.isfinite(matrix).all() and np.isfinite(values).all()):
            raise ValueError(_("the output is not a finite number everywhere"))
        if np.ptp(values) == 0.0:
            raise ValueError(_("the output does not vary: no input explains anything"))
        centre, width = matrix.mean(axis=0), _nonzero(matrix.std(axis=0))
        terms = _terms((matrix - centre) / width)
        means, scales = terms.mean(axis=0), _nonzero(terms.std(axis=0))
        left, singular, right = np.linalg.svd((terms - means) / scales, full_matrices=False)
        gap = values - values.mean()
        count = len(values)
        tried = []
        for penalty in PENALTIES:
            kept = singular**2 / (singular**2 + penalty * count)
            hat = 1.0 / count + (left**2 @ kept)
            residuals = (gap - left @ (kept * (left.T @ gap))) / np.maximum(1.0 - hat, np.finfo(np.float64).eps)
            tried.append((float(np.mean(residuals**2)), penalty, residuals))
        square, penalty, residuals = min(tried, key=lambda item: item[0])
        weights = right.T @ (singular / (singular**2 + penalty * count) * (left.T @ gap))
        return cls(
            tuple(sample), centre, width, matrix.min(axis=0), matrix.max(axis=0), means, scales, weights,
            float(values.mean()), penalty, residuals, float(np.sqrt(square)), 1.0 - square / float(np.var(values)),
        )  # fmt: skip

    def predict(self, sample: Mapping[str, Floats], *, insist: bool = False) -> Prediction:
        """Predict outputs.

        Parameters
        ----------
        sample : mapping of str to ndarray, shape (count,)
        insist : bool
            Predict all the same where the emulator is a poor one.

        Raises
        ------
        ValueError
            When it predicts less than `LEAST_Q2` of the variance and nobody insists.
        """
        if self.q2 < LEAST_Q2 and not insist:
            raise ValueError(
                _(
                    "the emulator predicts too little (Q² {found:.2f}, below {least:g}): evaluate the model itself"
                ).format(found=self.q2, least=LEAST_Q2)
            )
        matrix = np.column_stack([sample[name] for name in self.names])
        terms = (_terms((matrix - self.centre) / self.width) - self.means) / self.scales
        outside = ((matrix < self.low) | (matrix > self.high)).any(axis=1)
        return Prediction(self.intercept + terms @ self.weights, self.error, self.q2, int(outside.sum()))


def _nonzero(widths: Floats) -> Floats:
    """Return widths to divide by: what does not vary is left as it is."""
    return np.where(widths > 0.0, widths, 1.0)


def _terms(scaled: Floats) -> Floats:
    """Return the inputs, their squares and their products two by two, shape (count, terms)."""
    pairs = [scaled[:, first] * scaled[:, second] for first, second in combinations(range(scaled.shape[1]), 2)]
    return np.column_stack([scaled, scaled**2, *pairs])
