"""The plan of a campaign: which runs, each with the key of its content."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.stats.distributions import rv_frozen

from jumeau.engine.resolve import Draw, Situation
from jumeau.engine.scenario import Scenario
from jumeau.engine.versions import library_versions
from jumeau.errors import InputError, Problem
from jumeau.factors import Factor
from jumeau.i18n import _
from jumeau.network import ordered
from jumeau.randomness import stable_hash
from jumeau.simulation.shared import SHARED

#: Number of the draw that keeps the central values.
CENTRAL = 0


@dataclass(frozen=True, order=True)
class Run:
    """One simulation.

    Attributes
    ----------
    situation : int
        Position among the situations, 0 for the baseline.
    draw : int
        0 for central assumptions, then the draws of uncertain ones.
    replication : int
        The same number in two situations means the same world.
    """

    situation: int
    draw: int
    replication: int


@cache
def code_digest() -> str:
    """Return a SHA-256 of the package's code and tables: a part made by another version is never taken for ours."""
    root = Path(__file__).parents[1]
    digest = sha256()
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in (".py", ".csv") and "bundled" not in relative.parts:
            digest.update(str(relative).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def run_key(situation: str, values: Draw, replication: int) -> str:
    """Return the key of a run's content.

    Parameters
    ----------
    situation : str
        Fingerprint of what all runs of a situation share (see `fingerprint`).
    values : mapping
        Factor values of the draw that runs read; empty for the central ones.
    replication : int
    """
    drawn = repr([(owner, sorted(items.items())) for owner, items in sorted(values.items())])
    return sha256(f"{situation}|{drawn}|{replication}".encode()).hexdigest()[:32]


def draw_factors(scenario: Scenario) -> list[Draw]:
    """Return the draws of uncertain assumptions: by network, factor -> value.

    Latin hypercube sampling, seeded by the scenario; every situation meets the same draws.

    Raises
    ------
    InputError
        When draws are asked for and nothing is uncertain, or a distribution is not one.
    """
    count = scenario.data.draws
    if count == 0:
        return []
    tables = {SHARED: scenario.shared_factors()} | {item.name: item.factors for item in ordered(scenario.networks())}
    laws: list[tuple[str, str, rv_frozen]] = []
    problems: list[Problem] = []
    block = scenario.data.uncertainties
    for owner in sorted(tables):
        given = getattr(block, owner, None) if block is not None else None
        for name in sorted(given.model_fields_set) if given is not None else []:
            try:
                laws.append((owner, name, _law(getattr(given, name), tables[owner][name])))
            except ValueError as error:
                problems.append(scenario.problem(("uncertainties", owner, name), str(error)))
    if not laws and not problems:
        problems.append(
            scenario.problem(
                ("draws",),
                _("{count} asked for, but no assumption is declared uncertain").format(count=count),
                hint=_("declare some under « uncertainties », or set « draws: 0 »"),
            )
        )
    if problems:
        raise InputError(*problems)
    rng = np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(scenario.data.seed, spawn_key=(stable_hash("draws"),)))
    )
    sample = stats.qmc.LatinHypercube(d=len(laws), rng=rng).random(count)
    drawn: list[Draw] = []
    for row in sample:
        values: dict[str, dict[str, float]] = {}
        for level, (owner, name, law) in zip(row, laws, strict=True):
            values.setdefault(owner, {})[name] = float(law.ppf(level))
        drawn.append(values)
    outside = {(owner, name): value for values in drawn for owner, items in values.items()
               for name, value in items.items() if value not in tables[owner][name].domain}  # fmt: skip
    if outside:
        message = _("a draw, {value:g}, is outside what it can be: {bounds}")
        hint = _("take another law, « triangular » or « uniform », or a narrower range")
        raise InputError(
            *(
                scenario.problem(
                    ("uncertainties", *place),
                    message.format(value=value, bounds=tables[place[0]][place[1]].domain),
                    hint,
                )
                for place, value in outside.items()
            )
        )
    return drawn


#: Quantile of the standard normal law at P90.
P90 = float(stats.norm.ppf(0.9))


def _law(given: object, factor: Factor) -> rv_frozen:
    """Return the distribution that a scenario declares for a factor.

    `table` and `triangular` are triangular between low and high; `lognormal` takes low and high as P10 and P90.
    """
    kind = getattr(given, "law", "table")
    low, mode, high = (getattr(given, key, None) for key in ("low", "mode", "high"))
    low = factor.low if low is None else low
    high = factor.high if high is None else high
    mode = factor.value if mode is None else mode
    if high <= low:
        raise ValueError(_("« high » must be above « low »"))
    if kind == "uniform":
        return stats.uniform(low, high - low)
    if kind == "lognormal":
        if low <= 0:
            raise ValueError(_("a lognormal law needs « low » above zero"))
        sigma = float(np.log(high / low)) / (2 * P90)
        return stats.lognorm(s=sigma, scale=float(np.sqrt(low * high)))
    if not low <= mode <= high:
        raise ValueError(_("« mode » must lie between « low » and « high »"))
    return stats.triang((mode - low) / (high - low), loc=low, scale=high - low)


def fingerprint(situation: Situation, common: str) -> str:
    """Return what all runs of a situation share, as one key: another version of a library may find other figures."""
    libraries = repr(sorted(library_versions().items()))
    return sha256(f"{common}|{situation.fingerprint()}|{code_digest()}|{libraries}".encode()).hexdigest()
