"""Means of many alike things from few draws, pulled towards their common mean: the best then promise no luck."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shrunk(draws: NDArray[Any]) -> Floats:
    """Return the mean of each column, shrunk towards the mean of all by the share of the variance that is chance.

    Whoever chooses the largest of several noisy means expects too much of them. The empirical Bayes mean does not:
    where the variance between columns is all chance, every column gets the common mean.

    Parameters
    ----------
    draws : ndarray, shape (d, k)
        Independent draws, at least two, by column.

    Returns
    -------
    mean : ndarray, shape (k,)
        Its sum is that of the plain means.

    References
    ----------
    B. Efron and C. Morris, "Stein's estimation rule and its competitors: an empirical Bayes approach", Journal of the
    American Statistical Association 68(341), 1973.
    """
    values = np.asarray(draws, dtype=np.float64)
    plain: Floats = np.asarray(values.mean(axis=0), dtype=np.float64)
    size = values.shape[1]
    if size < 2:
        return plain
    middle = plain.mean()
    chance = float(values.var(axis=0, ddof=1).mean()) / len(values)
    spread = float(plain.var(ddof=1))
    kept = max(1.0 - chance / spread, 0.0) if spread > 0.0 else 0.0
    return np.asarray(middle + kept * (plain - middle), dtype=np.float64)
