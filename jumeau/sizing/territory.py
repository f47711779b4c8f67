"""Sizing something on a territory: the instance that its network makes, solved."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from jumeau.engine.checks import check_layers
from jumeau.engine.ready import Ready, make_ready
from jumeau.engine.request import check_needs, read_request, unknown
from jumeau.engine.run import prepare
from jumeau.engine.scenario import Scenario, read_scenario, read_scenario_text
from jumeau.errors import Problem
from jumeau.factors import FactorTable
from jumeau.i18n import _, format_number
from jumeau.network import Network, discover
from jumeau.placement import PlacementProblem
from jumeau.sizeable import Instance, Sizing, SizingContext, SizingParameters
from jumeau.sizing.limits import Limit
from jumeau.sizing.robust import UnderRates, under_rates
from jumeau.sizing.solve import Solution, solve
from jumeau.sizing.whole import Whole, as_a_whole, short_of_target
from jumeau.territory.model import Territory

#: Period, warm-up and replications of the scenario that checks a promise, where no scenario is given.
USUAL: Mapping[str, Any] = {
    "period": {"start": "2025-01-01", "end": "2025-12-31"},
    "warmup": "60 days",
    "seed": 1,
    "replications": 8,
}
#: Keys of a given scenario that stay in the one that checks a promise.
KEPT = ("period", "warmup", "base_year", "seed", "replications", "crews", "assumptions", "baseline")


@dataclass(frozen=True)
class Sized:
    """What was sized, and the answer.

    Attributes
    ----------
    network : Network
    sizing : Sizing
    territory : Territory
    parameters : SizingParameters
    instance : Instance
    solution : Solution
    stage : dict
        Keys of the scenario under which it holds.
    years : float
        Length of its period [year].
    rates : UnderRates, optional
        How the choice holds under uncertain rates, where the network draws them.
    whole : Whole, optional
        What the choice saves as a whole, where the network reckons it.
    """

    network: Network
    sizing: Sizing
    territory: Territory
    parameters: SizingParameters
    instance: Instance
    solution: Solution
    stage: dict[str, Any]
    years: float
    rates: UnderRates | None = None
    whole: Whole | None = None

    @property
    def expected(self) -> float:
        """Benefit of the choice in a year: as a whole where it is reckoned, else with devices failing as they do."""
        if self.whole is not None:
            return self.whole.choice.benefit
        failures = self.solution.failures
        return self.solution.exact.benefit if failures is None else failures.expected


def all_sizings() -> Mapping[str, tuple[Network, Sizing]]:
    """Return what can be sized, by name, each with its network."""
    return {name: (network, item) for network in discover().values() for name, item in network.sizings.items()}


def found_sizing(name: str) -> tuple[Network, Sizing]:
    """Return what is to be sized.

    Raises
    ------
    InputError
        When no network offers it.
    """
    known = all_sizings()
    if name not in known:
        labels = {key: item.label for key, (_network, item) in known.items()}
        raise unknown(name, labels, _("nothing of that name can be sized; what can be: {names}"))
    return known[name]


def size_territory(
    territory: Territory,
    name: str,
    limit: Limit | Callable[[PlacementProblem], Limit],
    *,
    place: str = "",
    scenario: str | Path | None = None,
    file: Path | None = None,
    values: Sequence[tuple[str, str]] = (),
    seconds: float = 10.0,
    progress: Callable[[str], None] | None = None,
) -> Sized:
    """Size something on a territory.

    Parameters
    ----------
    territory : Territory
    name : str
        What, such as `loggers`.
    limit : Limit or callable
        The limit, or what makes it of the problem, such as a share of what can be reached.
    place : str
        The territory as a scenario names it.
    scenario : str or Path, optional
        Scenario whose baseline is the situation before; the territory as it stands by default.
    file : Path, optional
        YAML file of parameters and factors.
    values : sequence of (str, str)
        The same as keys and values.
    seconds : float
        Most time for the exact answer, and again for the curve.
    progress : callable, optional
        Told in words what is being done.

    Raises
    ------
    InputError
        When nothing of that name can be sized, a parameter is wrong, the territory lacks what it needs, or the problem
        has no answer.
    """
    say = progress or (lambda _text: None)
    network, sizing = found_sizing(name)
    check_needs(
        territory, sizing.needs, _("the territory has no layer « {layer} », without which there is nothing to size")
    )
    asked = read_request(sizing.name, sizing.parameters, network.factors, file, values)
    parameters = asked.parameters
    say(_("instance"))
    base = _Base(territory, network, place or territory.name, scenario, asked.written)
    if scenario is None:
        check_layers(territory, [network])
    instance = sizing.instance(network.layers(territory) if scenario is None else base.layers, parameters, base.context)
    instance = replace(instance, problem=_constrained(instance.problem, parameters))
    solution = solve(
        instance.problem,
        limit(instance.problem) if callable(limit) else limit,
        seconds=seconds,
        curve_seconds=seconds,
        progress=progress,
    )
    if instance.little:
        solution = replace(solution, warnings=(*_short(instance), *solution.warnings))
    years = base.ready.stage.place.clock.years
    rates = None
    if instance.draws is not None and solution.limit.target is None:
        say(_("uncertain rates"))
        rates = under_rates(instance.problem, solution.limit, solution.exact.chosen, instance.draws)
    whole = as_a_whole(instance, solution, say)
    solution = replace(solution, warnings=(*solution.warnings, *short_of_target(solution, whole)))
    return Sized(network, sizing, territory, parameters, instance, solution, base.stage, years, rates, whole)


def _short(instance: Instance) -> tuple[Problem, ...]:
    """Return a warning where all sites together see too little of what happens."""
    problem = instance.problem
    most = problem.benefit(np.flatnonzero(~problem.sites.forbidden))
    share = most / problem.unseen_cost if problem.unseen_cost else 0.0
    if share >= instance.little:
        return ()
    return (Problem(instance.too_little.format(share=format_number(100.0 * share, 1)), warning=True),)


def _constrained(problem: PlacementProblem, parameters: SizingParameters) -> PlacementProblem:
    sites = problem.sites
    never, always = sites.forbidden.copy(), sites.compulsory.copy()
    never[problem.rows(parameters.forbidden)] = True
    always[problem.rows(parameters.compulsory)] = True
    return replace(problem, sites=replace(sites, forbidden=never, compulsory=always)).checked()


class _Base:
    """The situation before: a territory, and the baseline of a scenario where one is given."""

    def __init__(
        self,
        territory: Territory,
        network: Network,
        place: str,
        scenario: str | Path | None,
        stated: Mapping[str, Any],
    ) -> None:
        self.territory, self.network, self.place = territory, network, place
        self.stage: dict[str, Any] = dict(USUAL)
        self.file = Path("size.yaml")
        if scenario is not None:
            given = read_scenario(scenario)
            written = yaml.safe_load(given.text)
            self.stage = {key: written[key] for key in KEPT if key in written}
            # Dates as they were written: YAML reads them as dates, JSON has none.
            self.stage["period"] = {
                "start": given.data.period.start.isoformat(),
                "end": given.data.period.end.isoformat(),
            }
            self.file = given.file
        self.stage["networks"] = [network.name]
        assumed = {
            key: value
            for key, value in dict(self.stage.get("assumptions") or {}).items()
            if key in (network.name, "shared")
        }
        if stated:
            assumed[network.name] = {**(assumed.get(network.name) or {}), **stated}
        self.stage.pop("assumptions", None)
        if assumed:
            self.stage["assumptions"] = assumed
        crews = {
            name: {**crew, "serves": [network.name]}
            for name, crew in dict(self.stage.get("crews") or {}).items()
            if network.name in crew["serves"]
        }
        self.stage.pop("crews", None)
        if crews:
            self.stage["crews"] = crews
        before = dict(self.stage.get("baseline") or {})
        measures = [
            item for item in before.get("measures", []) if str(item["measure"]).split(".", 1)[0] == network.name
        ]
        self.stage.pop("baseline", None)
        if measures:
            self.stage["baseline"] = {"measures": measures}

    @cached_property
    def ready(self) -> Ready:
        """The baseline, checked."""
        return self._ready(())

    def _ready(self, measures: Sequence[Mapping[str, Any]], assumptions: Mapping[str, Any] | None = None) -> Ready:
        return make_ready(self._scenario(measures, assumptions or {}), self.territory)

    def _scenario(self, measures: Sequence[Mapping[str, Any]], assumptions: Mapping[str, Any]) -> Scenario:
        stated = dict(self.stage.get("assumptions") or {})
        if assumptions:
            stated[self.network.name] = {**(stated.get(self.network.name) or {}), **assumptions}
        before = [*self.stage.get("baseline", {}).get("measures", []), *measures]
        data = {
            "name": "size",
            "territory": self.place,
            **self.stage,
            "assumptions": stated,
            "baseline": {"measures": before},
        }
        # What JSON writes is YAML.
        return read_scenario_text(json.dumps(data, ensure_ascii=False, default=str), self.file)

    @property
    def layers(self) -> Any:
        """Layers of the situation before."""
        return self.ready.situations[0].networks[self.network.name].layers

    def _prepared(self, ready: Ready) -> Any:
        return prepare(ready.situations[0], ready.stage, names=[self.network.name])[self.network.name]

    @cached_property
    def _as_it_stands(self) -> Any:
        return self._prepared(self.ready)

    @property
    def context(self) -> SizingContext:
        """What the network makes its instance from."""
        situation = self.ready.situations[0]
        factors: FactorTable = situation.networks[self.network.name].factors
        return SizingContext(
            factors,
            situation.shared,
            self.territory,
            lambda: self._as_it_stands,
            lambda measures, assumptions=None: self._prepared(self._ready(measures, assumptions)),
            self.ready.stage.place.clock,
        )
