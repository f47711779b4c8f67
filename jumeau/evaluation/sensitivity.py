"""What a result hangs on: Morris screening, Sobol and given-data indices, beside the tornado."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from jumeau.errors import InputError
from jumeau.evaluation.tornado import Bar, Floats, Function, finite, outputs, tornado
from jumeau.i18n import _
from jumeau.randomness import stable_hash
from jumeau.sampling import Law

__all__ = ["Bar", "Effect", "Index", "Indices", "given_data", "morris", "sobol", "tornado"]

#: Levels between which Morris' grid lies: a law without end has no value at 0 and 1.
GRID_LEVELS = (0.05, 0.95)
#: More inputs than this are screened first: a Sobol run costs as many evaluations as there are inputs, times the base.
KEPT = 12
#: Resamples of the bootstrap.
RESAMPLES = 400
#: Harmonics of RBD-FAST (Tarantola 2006 takes six to ten), and the rows below which its correction of bias, twice the
#: harmonics over the rows, is above a fifth.
HARMONICS = 10
FEWEST_ROWS = 100


@dataclass(frozen=True)
class Effect:
    """What Morris' method finds of one input, as if effects went on from its P5 to its P95, in the output's unit.

    Attributes
    ----------
    name : str
    mean : float
        Mean elementary effect, signed.
    strength : float
        Mean of absolute effects: what inputs are ranked by.
    spread : float
        Standard deviation of effects: high where the input acts non-linearly or together with others.
    """

    name: str
    mean: float
    strength: float
    spread: float


@dataclass(frozen=True)
class Index:
    """A share of the output's variance, with its bootstrap interval at 95 %.

    Resampling takes rows for independent; those of a Sobol sequence or a Latin hypercube fill the space better, so that
    the interval holds the true index more often than it says.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Indices:
    """Sobol indices.

    Attributes
    ----------
    first, total : dict of str to Index
        Share of the variance that an input explains alone, and with all that it interacts with.
    second : dict of (str, str) to Index
        Shares that two inputs explain only together; empty unless asked for.
    fixed : tuple of str
        Inputs that screening held at their P50: they have no index.
    evaluations : int
        Rows at which the function was evaluated, screening included.
    """

    first: dict[str, Index]
    total: dict[str, Index]
    second: dict[tuple[str, str], Index]
    fixed: tuple[str, ...]
    evaluations: int


def morris(function: Function, laws: Mapping[str, Law], trajectories: int = 20, seed: int = 0) -> list[Effect]:
    """Screen inputs by elementary effects.

    Steps are taken in levels of probability, so that inputs compare whatever their units.

    Parameters
    ----------
    function : callable
    laws : mapping of str to Law
    trajectories : int
        Each costs one evaluation more than there are inputs.
    seed : int

    Returns
    -------
    list of Effect
        The strongest first, ties by name.

    Raises
    ------
    InputError
        When SALib is missing.
    ValueError
        When the output is not finite.

    References
    ----------
    Morris 1991, Technometrics 33; Campolongo, Cariboni & Saltelli 2007, Environmental Modelling & Software 22.
    """
    salib = _salib()
    problem = _problem(laws, GRID_LEVELS)
    rng = _generator("morris", seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        grid = salib.morris_sample.sample(problem, trajectories, num_levels=4, seed=rng)
        output = outputs(function, _values(laws, grid))
        found = salib.morris.analyze(problem, grid, output, num_levels=4, num_resamples=2, seed=rng)
    effects = [
        Effect(name, float(mean), float(strength), float(spread))
        for name, mean, strength, spread in zip(laws, found["mu"], found["mu_star"], found["sigma"], strict=True)
    ]
    return sorted(effects, key=lambda effect: (-effect.strength, effect.name))


def sobol(
    function: Function,
    laws: Mapping[str, Law],
    base: int = 1024,
    second_order: bool = False,  # noqa: FBT001, FBT002 - a flag, named by its callers
    kept: int = KEPT,
    seed: int = 0,
) -> Indices:
    """Share out the output's variance among independent inputs.

    Costs ``base * (k + 2)`` evaluations for k inputs, ``base * (2 k + 2)`` with second order. Where there are more
    than `kept` inputs, Morris' method names those that count and the others stay at their P50.

    Parameters
    ----------
    function : callable
    laws : mapping of str to Law
    base : int
        A power of two.
    second_order : bool
    kept : int
    seed : int

    Raises
    ------
    InputError
        When SALib is missing.
    ValueError
        When `base` is no power of two, or the output is not finite or does not vary.

    References
    ----------
    Saltelli et al. 2010, Computer Physics Communications 181; Saltelli 2002, Computer Physics Communications 145.
    """
    if base < 2 or base & (base - 1):
        raise ValueError(_("« base » must be a power of two, not {value}").format(value=base))
    salib = _salib()
    medians = {name: float(law.ppf(0.5)) for name, law in laws.items()}
    free, spent = dict(laws), 0
    if len(laws) > kept:
        trajectories = 20
        strongest = {effect.name for effect in morris(function, laws, trajectories, seed)[:kept]}
        free, spent = {name: law for name, law in laws.items() if name in strongest}, trajectories * (len(laws) + 1)
    problem = _problem(free, (0.0, 1.0))
    # SALib takes zero for « no seed » and then draws from numpy's global state.
    number = int(_generator("sobol", seed).integers(1, 2**31))
    grid = salib.sobol_sample.sample(problem, base, calc_second_order=second_order, seed=number)
    rows = {name: np.full(len(grid), value) for name, value in medians.items()}
    rows |= _values(free, np.clip(grid, np.finfo(np.float64).eps, 1.0 - np.finfo(np.float64).eps))
    output = _varying(outputs(function, rows))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        found = salib.sobol.analyze(
            problem, output, calc_second_order=second_order, num_resamples=RESAMPLES, keep_resamples=True, seed=number
        )
    names = list(free)
    second = {}
    if second_order:
        second = {
            (first, other): _around(found["S2"][row, column], found["S2_conf"][row, column])
            for row, first in enumerate(names)
            for column, other in enumerate(names)
            if row < column
        }
    fixed = tuple(name for name in laws if name not in free)
    return Indices(_each(names, found, "S1"), _each(names, found, "ST"), second, fixed, spent + len(grid))


def given_data(sample: Mapping[str, Floats], output: Floats, seed: int = 0) -> dict[str, Index]:
    """Estimate first-order indices from draws that exist already, without one more evaluation.

    RBD-FAST, because it reads any sample of independent inputs, costs nothing per input, estimates the same quantity as
    `sobol` and draws its bootstrap from a generator of ours. SALib's delta draws from numpy's global state and changes
    the filters of warnings; PAWN compares distributions, so that its figures are no shares of a variance. Its interval
    comes from resamples of half the rows: it is too wide rather than too narrow. It sees no interaction; where inputs
    correlate, an index holds what an input shares with the others.

    Parameters
    ----------
    sample : mapping of str to ndarray, shape (count,)
    output : ndarray, shape (count,)
    seed : int

    Raises
    ------
    InputError
        When SALib is missing.
    ValueError
        When there are too few rows, or the output is not finite or does not vary.

    References
    ----------
    Tarantola, Gatelli & Mara 2006, Reliability Engineering & System Safety 91; Plischke 2010, same journal, 95;
    Tissot & Prieur 2012, same journal, 107 (correction of bias).
    """
    salib = _salib()
    values = _varying(finite(output, (len(output),)))
    if len(values) < FEWEST_ROWS:
        raise ValueError(
            _("{count} draws are too few for sensitivity indices; {least} are needed").format(
                count=len(values), least=FEWEST_ROWS
            )
        )
    matrix = np.column_stack([finite(column, values.shape) for column in sample.values()])
    problem = {"num_vars": len(sample), "names": list(sample), "bounds": [[0.0, 1.0]] * len(sample)}
    rng = _generator("given_data", seed)
    found = salib.rbd_fast.analyze(problem, matrix, values, M=HARMONICS, num_resamples=RESAMPLES, seed=rng)
    return {name: _around(found["S1"][place], found["S1_conf"][place]) for place, name in enumerate(sample)}


def _salib() -> Any:
    """Return the parts of SALib, which is installed on demand."""
    try:
        from SALib.analyze import morris as morris_analysis
        from SALib.analyze import rbd_fast
        from SALib.analyze import sobol as sobol_analysis
        from SALib.sample import morris as morris_sample
        from SALib.sample import sobol as sobol_sample
    except ImportError as error:
        raise InputError(
            _("sensitivity indices need a package that is missing"), hint="pip install 'jumeau[sensitivity]'"
        ) from error
    return SimpleNamespace(
        morris=morris_analysis,
        rbd_fast=rbd_fast,
        sobol=sobol_analysis,
        morris_sample=morris_sample,
        sobol_sample=sobol_sample,
    )


def _generator(purpose: str, seed: int) -> np.random.Generator:
    key = (stable_hash("sensitivity"), stable_hash(purpose))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def _problem(laws: Mapping[str, Law], levels: tuple[float, float]) -> dict[str, Any]:
    """Return SALib's statement of the inputs, in levels of probability."""
    if not laws:
        raise ValueError("no laws")
    return {"num_vars": len(laws), "names": list(laws), "bounds": [list(levels)] * len(laws)}


def _values(laws: Mapping[str, Law], grid: Floats) -> dict[str, Floats]:
    return {name: law.ppf(grid[:, place]) for place, (name, law) in enumerate(laws.items())}


def _varying(output: Floats) -> Floats:
    if np.ptp(output) == 0.0:
        raise ValueError(_("the output does not vary: no input explains anything"))
    return output


def _around(value: float, half: float) -> Index:
    return Index(float(value), float(value - half), float(value + half))


def _each(names: list[str], found: Mapping[str, Floats], kind: str) -> dict[str, Index]:
    """Return the indices of a kind, with the percentiles of their resamples."""
    low, high = np.percentile(found[f"{kind}_conf_all"], (2.5, 97.5), axis=0)
    return {
        name: Index(float(found[kind][place]), float(low[place]), float(high[place]))
        for place, name in enumerate(names)
    }
