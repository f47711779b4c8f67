"""What projects are made from: quantities of a year and prices, sample by sample, simulated or stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import Vocabulary
from jumeau.factors import FactorTable
from jumeau.sampling import Law

Floats = NDArray[np.float64]


class Draws(Protocol):
    """Samples of a campaign (`jumeau.results.sampled.Sampled`) or of a stated project (`stated.Samples`).

    Attributes
    ----------
    count : int
        Number of samples.
    chance : bool
        Whether replications differ.
    situations : list of str
        The baseline first.
    years : float
        Length of the period that quantities are of [year].
    to_base_year : float
        What turns amounts in euros of the run into those of the evaluation.
    """

    count: int
    chance: bool
    situations: list[str]
    years: float
    to_base_year: float

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks."""

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        """Quantities by network."""

    @property
    def laws(self) -> Mapping[str, Law]:
        """Laws of what is drawn, by `owner.name`."""

    @property
    def drawn(self) -> Mapping[str, Floats]:
        """Draws by `owner.name`, shape (count,)."""

    def replications_of(self, periods: int, /) -> NDArray[np.int64]:
        """Return the replication that each period of each sample takes, shape (count, periods)."""

    def tables(self, situation: str, /) -> dict[str, FactorTable]:
        """Return the central factors of a situation, by owner."""

    def factors(self, situation: str, network: str, /) -> tuple[FactorTable, FactorTable]:
        """Return the shared factors and a network's, as drawn."""

    def quantities(self, situation: str, network: str, rows: NDArray[np.int64] | None, /) -> dict[str, Floats]:
        """Return quantities of a network over the period, by sample."""

    def bill_of(self, situation: str, network: str, /) -> Sequence[Any]:
        """Return what a situation installs in a network."""
