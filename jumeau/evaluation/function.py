"""A criterion as a function of the numbers that are uncertain: what sensitivity analysis asks of an evaluation.

Chance keeps its mean and simulated assumptions their central values: these cannot be set without simulating. What is
left is exact: no emulator stands between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import TOTAL
from jumeau.evaluation.assumptions import assume
from jumeau.evaluation.criteria import criteria
from jumeau.evaluation.evaluate import block_of, laid_out
from jumeau.evaluation.from_results import Projects
from jumeau.evaluation.parameters import COMMON, EvaluationBlock
from jumeau.results.model import Results
from jumeau.sampling import Law

Floats = NDArray[np.float64]
Function = Callable[[Mapping[str, Floats]], Floats]


def criterion_function(
    results: Results,
    variant: str,
    criterion: str = "collective_value",
    *,
    block: EvaluationBlock | None = None,
    base_year: int | None = None,
    folder: Path | None = None,
) -> tuple[Function, dict[str, Law]]:
    """Return a criterion of a variant as a function of uncertain numbers, and the laws of these.

    Parameters
    ----------
    results : Results
    variant, criterion : str
    block, base_year, folder
        See `evaluate`.

    Returns
    -------
    function : callable
        Takes arrays by `owner.name`, shape (rows,), those that are left out at their central values; returns the
        criterion of all networks together, shape (rows,).
    laws : dict of str to Law
        Of every number that is drawn without simulating.
    """
    block = block_of(results) if block is None else block
    first = int(str(results.provenance["period"]["start"])[:4])
    year = base_year or int(results.dataset.attrs["base_year"])
    assumed = assume(block, year, first, folder)
    laws = results.samples(extra=assumed.laws, base_year=year).laws

    def function(values: Mapping[str, Floats]) -> Floats:
        count = max((len(array) for array in values.values()), default=1)
        given = results.samples(count=count, certain=True, base_year=year, given=values)
        projects = Projects(given, assumed)
        rules = projects.rules
        ledger = laid_out(projects.project(variant), projects, assumed, rules.carbon_value)
        return criteria(ledger, [*projects.sampled.networks, COMMON], rules)[criterion]

    return function, laws


def heaviest(results: Results, variant: str, criterion: str = "collective_value", most: int = 12) -> list[str]:
    """Return the uncertain numbers that go most strongly with a criterion, by rank, in the samples that exist."""
    from scipy import stats  # takes most of a second

    evaluation = results.evaluation
    output = evaluation.samples[criterion].sel(variant=variant, network=TOTAL).to_numpy()
    drawn = evaluation.samples_of(results).drawn
    ranks = stats.rankdata(output)
    weights = {
        name: abs(float(np.corrcoef(stats.rankdata(array), ranks)[0, 1]))
        for name, array in drawn.items()
        if np.ptp(array) > 0.0
    }
    return sorted(weights, key=lambda name: -weights[name])[:most]
