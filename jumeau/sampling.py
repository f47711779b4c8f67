"""Draws of uncertain numbers: laws, Latin hypercubes, rank correlations; each variable has a stream of its own name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from jumeau.factors import WIDTHS, Factor
from jumeau.i18n import _
from jumeau.randomness import stable_hash

Floats = NDArray[np.float64]

#: Quantile of the standard normal law at P90.
P90 = float(special.ndtri(0.9))

TRIANGULAR, UNIFORM, LOGNORMAL = "triangular", "uniform", "lognormal"
KINDS = (TRIANGULAR, UNIFORM, LOGNORMAL)


@dataclass(frozen=True)
class Law:
    """How an uncertain number is distributed.

    Attributes
    ----------
    kind : str
        `triangular` between low and high, `uniform`, or `lognormal`, which takes low and high as P10 and P90.
    low, mode, high : float
    """

    kind: str
    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        """Refuse what is no law.

        Raises
        ------
        ValueError
            In the user's language.
        """
        if self.kind not in KINDS:
            raise ValueError(f"law {self.kind!r}")
        if self.high <= self.low:
            raise ValueError(_("« high » must be above « low »"))
        if self.kind == LOGNORMAL and self.low <= 0:
            raise ValueError(_("a lognormal law needs « low » above zero"))
        if self.kind == TRIANGULAR and not self.low <= self.mode <= self.high:
            raise ValueError(_("« mode » must lie between « low » and « high »"))

    @property
    def support(self) -> tuple[float, float]:
        """Bounds that no draw passes."""
        return (0.0, float("inf")) if self.kind == LOGNORMAL else (self.low, self.high)

    def ppf(self, levels: ArrayLike) -> Floats:
        """Return the values at some levels of probability."""
        from scipy import stats  # takes most of a second, which not every command has a use for

        width = self.high - self.low
        if self.kind == UNIFORM:
            found = stats.uniform.ppf(levels, self.low, width)
        elif self.kind == LOGNORMAL:
            sigma = float(np.log(self.high / self.low)) / (2 * P90)
            found = stats.lognorm.ppf(levels, sigma, scale=float(np.sqrt(self.low * self.high)))
        else:
            found = stats.triang.ppf(levels, (self.mode - self.low) / width, loc=self.low, scale=width)
        return np.asarray(found, dtype=np.float64)


def law_of(factor: Factor) -> Law | None:
    """Return the law of a factor that nobody declares: triangular over its row's range, widened by its grade.

    None where the row has no range, or a scenario has replaced the value.
    """
    if factor.overridden or not factor.low < factor.high:
        return None
    width = WIDTHS[factor.grade]
    low = max(factor.value - width * (factor.value - factor.low), factor.domain.low)
    high = min(factor.value + width * (factor.high - factor.value), factor.domain.high)
    if factor.domain.above and low <= factor.domain.low:
        low = min(factor.low, factor.value) if factor.low > factor.domain.low else 0.5 * (factor.value + low)
    return Law(TRIANGULAR, low, factor.value, high)


def levels(name: str, count: int, seed: int) -> Floats:
    """Return levels of probability, one in each of as many equal strata, in an order that the name decides.

    Returns
    -------
    ndarray, shape (count,)
        In 0..1.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(stable_hash(name),))))
    return np.asarray((rng.permutation(count) + rng.random(count)) / count)


def sample(
    laws: Mapping[str, Law], count: int, seed: int, correlations: Sequence[tuple[str, str, float]] = ()
) -> dict[str, Floats]:
    """Draw from laws: a Latin hypercube, correlated by ranks where that is asked for.

    Parameters
    ----------
    laws : mapping of str to Law
    count : int
    seed : int
    correlations : sequence of (str, str, float)
        Two names and their rank correlation. Each variable keeps its own values, only their order changes; variables
        that no correlation names do not change at all.

    Returns
    -------
    dict of str to ndarray, shape (count,)
        The draw of a variable depends on its name only: to add one changes no other.

    Raises
    ------
    ValueError
        When a correlation is none or correlations contradict each other, or draws are too few for them.
    """
    found = {name: levels(name, count, seed) for name in laws}
    names = list(dict.fromkeys(name for first, second, _rank in correlations for name in (first, second)))
    if names:
        matrix = np.eye(len(names))
        stated: set[tuple[int, int]] = set()
        for first, second, rank in correlations:
            # Written so that what is not a number is refused too.
            if not -1.0 <= rank <= 1.0:
                message = _("a rank correlation lies between -1 and 1, not {rank:g} (« {first} » and « {second} »)")
                raise ValueError(message.format(rank=rank, first=first, second=second))
            if first == second:
                raise ValueError(_("« {name} » cannot be correlated with itself").format(name=first))
            row, column = names.index(first), names.index(second)
            if (row, column) in stated and matrix[row, column] != rank:
                raise ValueError(_("these correlations contradict each other"))
            stated |= {(row, column), (column, row)}
            matrix[row, column] = matrix[column, row] = rank
        kept = correlated(np.column_stack([found[name] for name in names]), matrix)
        found |= {name: kept[:, place] for place, name in enumerate(names)}
    return {name: law.ppf(found[name]) for name, law in laws.items()}


def correlated(values: Floats, ranks: Floats) -> Floats:
    """Reorder each column so that ranks correlate as asked for (Iman and Conover 1982).

    Parameters
    ----------
    values : ndarray, shape (count, variables)
        Uncorrelated.
    ranks : ndarray, shape (variables, variables)
        Rank correlations wanted.

    Raises
    ------
    ValueError
        When no variables can be correlated so, or rows are too few to tell.
    """
    from scipy import stats  # takes most of a second

    count, variables = values.shape
    # Chance correlates few rows fully: their matrix cannot be inverted below.
    if count <= variables:
        message = _("{count} draws are too few to correlate {variables} variables")
        raise ValueError(message.format(count=count, variables=variables))
    # Pearson's coefficient of normal scores that gives the rank correlation.
    wanted = 2.0 * np.sin(np.pi / 6.0 * ranks)
    np.fill_diagonal(wanted, 1.0)
    try:
        root = np.linalg.cholesky(wanted)
    except np.linalg.LinAlgError:
        raise ValueError(_("these correlations contradict each other")) from None
    scores = special.ndtri(stats.rankdata(values, axis=0) / (count + 1.0))
    # What chance correlates in the sample is taken out first.
    given = np.linalg.cholesky(np.corrcoef(scores, rowvar=False))
    target = scores @ np.linalg.inv(given).T @ root.T
    order = np.argsort(np.argsort(target, axis=0), axis=0)
    return np.asarray(np.take_along_axis(np.sort(values, axis=0), order, axis=0))
