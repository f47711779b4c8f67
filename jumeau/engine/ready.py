"""A scenario on a territory, read and checked: what `jumeau check` looks at and what a campaign starts from."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from jumeau.accounts.place import told_of
from jumeau.engine.assumptions import unusual_assumptions
from jumeau.engine.checks import check_layers
from jumeau.engine.plan import code_digest, draw_factors
from jumeau.engine.precision import Target, target_of
from jumeau.engine.resolve import Draw, Situation, resolve
from jumeau.engine.run import Stage
from jumeau.engine.scenario import Scenario
from jumeau.engine.scenario_blocks import WEEKDAYS, Crew
from jumeau.engine.sweep_points import read_sweep
from jumeau.engine.swept import Swept, make_swept
from jumeau.engine.tour import check_places
from jumeau.engine.versions import library_versions
from jumeau.errors import InputError, Problem
from jumeau.evaluation.assumptions import assume, faults
from jumeau.i18n import _
from jumeau.network import ordered
from jumeau.simulation.clock import DAY, Clock
from jumeau.simulation.crews import CrewSpec
from jumeau.simulation.place import Place
from jumeau.simulation.shared import SHARED
from jumeau.simulation.shelf import Shelf
from jumeau.territory.model import Territory
from jumeau.territory.storage import read_territory


@dataclass(frozen=True)
class Ready:
    """What a campaign starts from.

    Attributes
    ----------
    scenario : Scenario
        As it applies to the territory.
    territory : Territory
    situations : list of Situation
        The baseline, then the variants.
    draws : list of Draw
        Of the uncertain assumptions.
    target, draw_target : Target or None
        The precision asked for, of replications and of draws.
    stage : Stage
        What every run shares.
    warnings : list of Problem
        What is odd, and stands all the same.
    swept : Swept or None
        The sweep asked for; its situations are among the others.
    """

    scenario: Scenario
    territory: Territory
    situations: list[Situation]
    draws: list[Draw]
    target: Target | None
    draw_target: Target | None
    stage: Stage
    warnings: list[Problem]
    swept: Swept | None = None


def make_ready(scenario: Scenario, territory: Territory | None = None) -> Ready:
    """Read and check all that a campaign needs; nothing is written.

    Parameters
    ----------
    scenario : Scenario
    territory : Territory, optional
        Read from the scenario's `territory` by default.

    Raises
    ------
    InputError
        On anything in the scenario or the territory that cannot be used.
    """
    if territory is None:
        territory = read_territory(scenario.territory_path())
    scenario = scenario.on(territory)
    varied = read_sweep(scenario)
    odd = check_layers(territory, ordered(scenario.networks()), scenario)
    check_places(scenario, territory)
    situations = resolve(scenario, territory)
    swept = make_swept(scenario, territory, situations[0], varied) if varied else None
    situations += swept.situations if swept else []
    draws = draw_factors(scenario)
    target, draw_target = target_of(scenario), target_of(scenario, "draws")
    scenario = _with_evaluation(_evaluated_alike(scenario, swept), situations)
    stage = Stage(
        _place(scenario, territory, situations[0]),
        _crews(scenario),
        scenario.data.warmup * DAY,
        scenario.data.seed,
    )
    return Ready(
        scenario,
        territory,
        situations,
        draws,
        target,
        draw_target,
        stage,
        [*odd, *_of_place(scenario), *unusual_assumptions(scenario)],
        swept,
    )


def _evaluated_alike(scenario: Scenario, swept: Swept | None) -> Scenario:
    """Return the scenario in whose evaluation every value of a sweep has the calendar and financing of its variant."""
    block = scenario.data.evaluation
    own = block.variants.get(swept.varied.variant) if swept else None
    if swept is None or own is None:
        return scenario
    points = {name: own.model_copy(update={"title": ""}) for name in swept.names}
    return scenario.with_evaluation(block.model_copy(update={"variants": {**block.variants, **points}}))


def _with_evaluation(scenario: Scenario, situations: list[Situation]) -> Scenario:
    """Return the scenario with its evaluation complete in itself, tables of parameters read.

    An evaluation of things that do not exist is refused before anything is simulated.

    Raises
    ------
    InputError
    """
    block = scenario.data.evaluation
    try:
        assumed = assume(block, scenario.data.base_year, scenario.data.period.start.year, scenario.folder)
    except InputError as error:
        raise InputError(
            *(
                item if item.file else scenario.problem(("evaluation",), item.message, item.hint)
                for item in error.problems
            )
        ) from error
    tables = {SHARED: situations[0].shared, **{name: item.factors for name, item in situations[0].networks.items()}}
    bought = [item for each in situations for network in each.networks.values() for item in network.bill]
    kinds, costs = {item.kind for item in bought}, {item.cost_factor for item in bought}
    found = faults(assumed, tables, [item.name for item in situations[1:]], kinds, costs)
    if found:
        raise InputError(*(scenario.problem(("evaluation", *place), text, hint) for place, text, hint in found))
    return scenario.with_evaluation(assumed.whole_block)


def _of_place(scenario: Scenario) -> list[Problem]:
    """Return a warning of the figures that the territory's place takes, where they are not those of mainland France."""
    told = told_of(scenario.place)
    return [Problem(told, warning=True)] if told else []


def _place(scenario: Scenario, territory: Territory, baseline: Situation) -> Place:
    period = scenario.data.period
    clock = Clock(
        period.start,
        period.end,
        territory.timezone,
        territory.country,
        territory.meta.get("subdivision", ""),
    )
    place = Place(territory, clock, baseline.shared.value("detour"))
    place.memo.shelf = Shelf(_identity(place))
    return place


def _identity(place: Place) -> str:
    """Return what long computations follow from beside their own keys, as a digest."""
    told = (
        place.clock,
        place.latitude,
        place.longitude,
        place.detour,
        place.digests(place.streets) if place.streets is not None else None,
        code_digest(),
        sorted(library_versions().items()),
    )
    return sha256(repr(told).encode()).hexdigest()


def _crews(scenario: Scenario) -> dict[str, CrewSpec]:
    """Return the crews by network: the scenario's pools, else two crews of its own for each network."""
    pools = dict(scenario.data.crews)
    served = {name for pool in pools.values() for name in pool.serves}
    for network in scenario.networks():
        if network not in served:
            pools[network] = Crew(serves=[network])
    found: dict[str, CrewSpec] = {}
    for name, pool in pools.items():
        days = tuple(WEEKDAYS.index(day) for day in pool.weekdays)
        spec = CrewSpec(name, pool.count, pool.shift.hours, days, pool.depot)
        for network in pool.serves:
            if network in found:
                message = _("the network « {network} » is served by two pools").format(network=network)
                raise InputError(scenario.problem(("crews", name), message))
            found[network] = spec
    return found
