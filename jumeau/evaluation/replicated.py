"""What a project is worth replication by replication, with central assumptions: what paired intervals rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jumeau.evaluation.assumptions import assume
from jumeau.evaluation.criteria import criteria
from jumeau.evaluation.evaluate import block_of, laid_out
from jumeau.evaluation.from_results import Projects
from jumeau.evaluation.parameters import COMMON
from jumeau.results.model import Results
from jumeau.results.sampled import Sampled
from jumeau.sampling import Law

Floats = NDArray[np.float64]


class _Replicated(Sampled):
    """Samples that are the replications themselves, each year like the period that it simulated."""

    def __init__(self, results: Results, base_year: int) -> None:
        super().__init__(
            results.dataset,
            None,
            results.bill,
            results.factors,
            seed=int(results.provenance["seed"]),
            count=results.replications,
            certain=True,
            base_year=base_year,
            given={},
        )
        # Nothing is drawn, and yet no two samples are the same.
        self.chance = True

    @property
    def laws(self) -> dict[str, Law]:
        """No number is drawn."""
        return {}

    def replications_of(self, periods: int) -> NDArray[np.int64]:
        """Return each sample's own replication, shape (count, 1): the same in every period."""
        del periods
        return np.arange(self.count, dtype=np.int64)[:, None]

    def finished(self) -> NDArray[np.bool_]:
        """Return the replications that no situation lacks, in any network."""
        found = np.ones(self.count, dtype=bool)
        for network in self.networks:
            found &= self._finite(network)
        return found


@dataclass(frozen=True)
class Worth:
    """A criterion of one variant, net of what it buys.

    Attributes
    ----------
    net : ndarray, shape (replications,)
        Not a number where a run failed.
    bought : float
        Share of it that purchases make: investment, renewal, fees, what is left at the horizon; below zero where they
        cost.
    """

    net: Floats
    bought: float


def worth_by_replication(results: Results, variants: Sequence[str], criterion: str) -> Mapping[str, Worth]:
    """Return a criterion of some variants by replication, with central assumptions.

    Each replication stands for every year of the horizon; criteria that are sums of flows are then worth, on average,
    what the mean year is.

    Parameters
    ----------
    results : Results
        Its provenance holds seed, period and the evaluation of the scenario.
    variants : sequence of str
    criterion : str
        One of `CRITERIA` that is a sum of flows.

    Returns
    -------
    mapping of str to Worth
    """
    block = block_of(results)
    first_year = int(str(results.provenance["period"]["start"])[:4])
    assumed = assume(block, int(results.dataset.attrs["base_year"]), first_year, None)
    sampled = _Replicated(results, assumed.base_year)
    projects = Projects(sampled, assumed)
    networks, rules = [*sampled.networks, COMMON], projects.rules
    there = sampled.finished()
    found = {}
    for name in variants:
        project = projects.project(name)
        whole, alone = (
            criteria(laid_out(item, projects, assumed, rules.carbon_value), networks, rules)[criterion]
            for item in (project, replace(project, effects=(), dated=(), emissions=()))
        )
        found[name] = Worth(np.where(there, whole, np.nan), float(alone[0]))
    return found
