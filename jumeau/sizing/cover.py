"""The benefit of a growing set of sites: all devices at work, or each failing by itself."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jumeau.placement import PlacementProblem

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Growing(Protocol):
    """A monotone submodular function of a set that grows."""

    value: float

    def gains(self) -> Floats:
        """Return what each site would add, shape (n,)."""
        ...

    def gain(self, site: int) -> float:
        """Return what one site would add."""
        ...

    def add(self, site: int) -> None:
        """Add a site."""
        ...


class Sound:
    """Benefit where all devices work: of each event, the largest saving.

    Parameters
    ----------
    problem : PlacementProblem
    """

    def __init__(self, problem: PlacementProblem) -> None:
        matrix = problem.expected_savings
        self._begin, self._row, self._saving = matrix.indptr, matrix.indices, matrix.data
        self._column = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.indptr))
        self._sites = matrix.shape[1]
        self.best = np.zeros(matrix.shape[0])
        self.value = 0.0

    def gains(self) -> Floats:
        """Return what each site would add, shape (n,)."""
        more = self._saving - self.best[self._row]
        np.maximum(more, 0.0, out=more)
        return np.bincount(self._column, weights=more, minlength=self._sites).astype(np.float64)

    def gain(self, site: int) -> float:
        """Return what one site would add."""
        span = slice(self._begin[site], self._begin[site + 1])
        more = self._saving[span] - self.best[self._row[span]]
        return float(more[more > 0.0].sum())

    def add(self, site: int) -> None:
        """Add a site."""
        self.value += self.gain(site)
        span = slice(self._begin[site], self._begin[site + 1])
        row = self._row[span]
        self.best[row] = np.maximum(self.best[row], self._saving[span])


class Failing:
    """Expected benefit where each device fails by itself: of each event, the largest saving of those that work.

    With the savings v1 >= v2 >= ... of the chosen sites that see an event and their probabilities of failure p, the
    expectation is the sum of v_i (1 - p_i) p_1 ... p_(i-1). A mean of submodular functions is submodular: the greedy
    choice keeps its guarantee.

    Parameters
    ----------
    problem : PlacementProblem
    """

    def __init__(self, problem: PlacementProblem) -> None:
        matrix = problem.expected_savings
        self._begin, self._row, self._saving = matrix.indptr, matrix.indices, matrix.data
        self._failure = problem.sites.failure
        self._seen: dict[int, list[tuple[float, float]]] = {}
        self.value = 0.0

    def gains(self) -> Floats:
        """Return what each site would add, shape (n,)."""
        return np.array([self.gain(site) for site in range(len(self._failure))])

    def gain(self, site: int) -> float:
        """Return what one site would add."""
        works = 1.0 - float(self._failure[site])
        span = slice(self._begin[site], self._begin[site + 1])
        if not self._seen:
            return works * float(self._saving[span].sum())
        total = 0.0
        for event, saving in zip(self._row[span].tolist(), self._saving[span].tolist(), strict=True):
            # Where better devices fail and this one works, it replaces what weaker ones would save.
            ahead, behind, alone = 1.0, 0.0, 1.0
            for value, failing in self._seen.get(event, ()):
                if value >= saving:
                    ahead *= failing
                else:
                    behind += alone * (1.0 - failing) * value
                    alone *= failing
            total += ahead * (saving - behind)
        return works * total

    def add(self, site: int) -> None:
        """Add a site."""
        self.value += self.gain(site)
        span = slice(self._begin[site], self._begin[site + 1])
        failing = float(self._failure[site])
        for event, saving in zip(self._row[span].tolist(), self._saving[span].tolist(), strict=True):
            seen = self._seen.setdefault(event, [])
            seen.append((saving, failing))
            seen.sort(reverse=True)


def growing(problem: PlacementProblem, *, failing: bool) -> Growing:
    """Return the empty set's function: that of failing devices where it is asked for and some fail."""
    return Failing(problem) if failing and problem.sites.failure.any() else Sound(problem)


def value_of(problem: PlacementProblem, chosen: Ints, *, failing: bool) -> float:
    """Return the benefit of a set of sites."""
    cover = growing(problem, failing=failing)
    for site in chosen:
        cover.add(int(site))
    return cover.value
