"""The plan of a campaign: which runs, each with the key of its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import geopandas as gpd

from jumeau.engine.components import Component
from jumeau.engine.resolve import Draw, Situation, written_out
from jumeau.engine.scenario import Scenario
from jumeau.engine.scenario_blocks import Draws
from jumeau.engine.versions import library_versions
from jumeau.errors import InputError, Problem
from jumeau.factors import Factor, FactorTable
from jumeau.i18n import _
from jumeau.network import ordered
from jumeau.sampling import TRIANGULAR, Law, sample
from jumeau.simulation.shared import SHARED
from jumeau.territory.model import layer_digest

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


@dataclass(frozen=True)
class Fingerprints:
    """What decides what the runs of a situation find, in digests.

    Attributes
    ----------
    common : str
        Of what all networks of all situations share, and of the prices by which somebody decides.
    networks : mapping of str to str
        Of each network as central values leave it.
    drawn : mapping of str to str
        Of each network and of the measures that are applied again where something of it is drawn.
    announcing : frozenset of str
        Networks that announce something on the board, which all may read.
    """

    common: str
    networks: Mapping[str, str]
    drawn: Mapping[str, str]
    announcing: frozenset[str] = frozenset()


def component_keys(
    components: Sequence[Component], prints: Fingerprints, values: Draw, replication: int
) -> tuple[str, ...]:
    """Return the key of the content of each component of a run.

    Parameters
    ----------
    components : sequence of Component
        Those that are heard come first.
    prints : Fingerprints
        Of the situation.
    values : mapping
        Factor values of the draw that runs read; empty for the central ones.
    replication : int
    """
    keys: list[str] = []
    for component in components:
        read = sorted({*component.networks, *prints.announcing})
        content = (
            prints.common,
            component.networks,
            [(name, prints.drawn[name] if values.get(name) else prints.networks[name]) for name in read],
            [(owner, sorted(values[owner].items())) for owner in (*read, SHARED) if values.get(owner)],
            [keys[before] for before in component.hears],
            replication,
        )
        keys.append(sha256(repr(content).encode()).hexdigest()[:32])
    return tuple(keys)


def declared(scenario: Scenario) -> dict[tuple[str, str], Law]:
    """Return the laws of the uncertain assumptions that a scenario declares, by owner and factor.

    Raises
    ------
    InputError
        When a distribution is not one.
    """
    tables = _tables(scenario)
    found: dict[tuple[str, str], Law] = {}
    problems: list[Problem] = []
    block = scenario.data.uncertainties
    for owner in sorted(tables):
        given = getattr(block, owner, None) if block is not None else None
        for name in sorted(given.model_fields_set) if given is not None else []:
            try:
                found[owner, name] = _law(getattr(given, name), tables[owner][name])
            except ValueError as error:
                problems.append(scenario.problem(("uncertainties", owner, name), str(error)))
    if problems:
        raise InputError(*problems)
    return found


def _tables(scenario: Scenario) -> dict[str, FactorTable]:
    return {SHARED: scenario.shared_factors()} | {item.name: item.factors for item in ordered(scenario.networks())}


def draw_factors(scenario: Scenario) -> list[Draw]:
    """Return the draws of uncertain assumptions: by network, factor -> value.

    Latin hypercube sampling, seeded by the scenario; every situation meets the same draws. A factor's draws depend on
    its name only, whatever else is uncertain.

    Raises
    ------
    InputError
        When draws are asked for and nothing is uncertain, a distribution is not one, or correlations do not fit.
    """
    tables, laws = _tables(scenario), declared(scenario)
    pairs = _correlations(scenario, tables, laws)
    asked = scenario.data.draws
    # Any first rows of the sample are a sample too: streams of variables are shuffled apart.
    count = asked.maximum if isinstance(asked, Draws) else asked
    if count == 0:
        return []
    if not laws:
        raise InputError(
            scenario.problem(
                ("draws",),
                _("{count} asked for, but no assumption is declared uncertain").format(count=count),
                hint=_("declare some under « uncertainties », or set « draws: 0 »"),
            )
        )
    named = {f"{owner}.{name}": law for (owner, name), law in laws.items()}
    try:
        found = sample(named, count, scenario.data.seed, pairs)
    except ValueError as error:
        raise InputError(scenario.problem(("correlations",), str(error))) from error
    drawn: list[Draw] = []
    for row in range(count):
        values: dict[str, dict[str, float]] = {}
        for owner, name in laws:
            values.setdefault(owner, {})[name] = float(found[f"{owner}.{name}"][row])
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


def _correlations(
    scenario: Scenario, tables: Mapping[str, FactorTable], laws: Mapping[tuple[str, str], Law]
) -> list[tuple[str, str, float]]:
    """Return the rank correlations that a scenario states, of names that exist.

    Raises
    ------
    InputError
        On a name that is none, and on one of which nothing says that it is uncertain.
    """
    problems, found = [], []
    deciding = {name for network in ordered(scenario.networks()) for name in network.decides_on}
    for place, pair in enumerate(scenario.data.correlations):
        simulated = set()
        for name in pair.between:
            owner, _dot, factor = name.partition(".")
            if factor not in tables.get(owner, {}):
                message = _("unknown factor « {name} »: write « network.factor » or « shared.factor »")
                problems.append(scenario.problem(("correlations", place), message.format(name=name)))
            elif tables[owner][factor].use == "run" and (owner, factor) not in laws:
                message = _("« {name} » is not declared uncertain")
                problems.append(scenario.problem(("correlations", place), message.format(name=name)))
            else:
                simulated.add(tables[owner][factor].use == "run" or factor in deciding)
        if len(simulated) > 1:
            message = _("« {first} » and « {second} » cannot go together: one is simulated, the other only priced")
            told = message.format(first=pair.between[0], second=pair.between[1])
            problems.append(scenario.problem(("correlations", place), told))
        found.append((*pair.between, pair.rank))
    if problems:
        raise InputError(*problems)
    # What runs read is drawn for runs; the rest where it is valued. A pair is kept where both are drawn together.
    return [item for item in found if all(tuple(name.split(".", 1)) in laws for name in item[:2])]


def _law(given: object, factor: Factor) -> Law:
    """Return the distribution that a scenario declares for a factor; `table` takes its row's own range."""
    low, mode, high = (getattr(given, key, None) for key in ("low", "mode", "high"))
    kind = getattr(given, "law", "table")
    return Law(
        TRIANGULAR if kind == "table" else kind,
        factor.low if low is None else low,
        factor.value if mode is None else mode,
        factor.high if high is None else high,
    )


def fingerprints(
    situation: Situation, common: str, digests: Callable[[gpd.GeoDataFrame], bytes] = layer_digest
) -> Fingerprints:
    """Return what decides what the runs of a situation find: another version of a library may find other figures.

    Parameters
    ----------
    situation : Situation
    common : str
        What the runs of all situations share.
    digests : callable
        Gives the digest of a layer.
    """
    libraries = repr(sorted(library_versions().items()))
    all_share = f"{common}|{written_out(situation.shared_for_runs)!r}|{code_digest()}|{libraries}"
    return Fingerprints(
        sha256(all_share.encode()).hexdigest(),
        {name: item.fingerprint(digests) for name, item in situation.networks.items()},
        {name: item.drawn_fingerprint(digests) for name, item in situation.networks.items()},
        frozenset(network.name for network in ordered(situation.networks) if network.announce is not None),
    )
