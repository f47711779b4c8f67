"""A sweep made ready: its situations beside those of the scenario, what is kept of it, when it may stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jumeau.engine.plan import fingerprints
from jumeau.engine.resolve import Situation, situation_of
from jumeau.engine.scenario import Scenario
from jumeau.engine.sweep import SweepReplications
from jumeau.engine.sweep_points import Varied
from jumeau.errors import InputError
from jumeau.i18n import LocalText, _, format_number, in_all_languages
from jumeau.network import Layers, discover, ordered
from jumeau.results.comparison import BASELINE
from jumeau.territory.model import Territory


@dataclass(frozen=True)
class Swept:
    """The situations of a sweep.

    Attributes
    ----------
    varied : Varied
    situations : list of Situation
        Its points, then what they are compared with where that is not the baseline.
    before : tuple of str
        What each point is compared with.
    until : SweepReplications or None
        Replications until the curve is decided; None where the scenario states their number.
    seed : int
    """

    varied: Varied
    situations: list[Situation]
    before: tuple[str, ...]
    until: SweepReplications | None
    seed: int

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the points' situations, from the lowest value to the highest."""
        return tuple(self.varied.name(point) for point in self.varied.points)

    def spec(self, replications: int | None = None) -> dict[str, Any]:
        """Return what the provenance keeps; `replications` is their number where it was given by hand."""
        sweep = self.varied.sweep
        return {
            "variant": self.varied.variant,
            "measure": self.varied.measure,
            "parameter": self.varied.parameter,
            "label": self.varied.label,
            "unit": self.varied.unit,
            "values": [point.value for point in self.varied.points],
            "names": list(self.names),
            "before": list(self.before),
            "judge": sweep.judge,
            "beside": list(sweep.beside),
            "budget": sweep.budget,
            "tolerance": sweep.tolerance,
            "maximum": self.until.maximum if self.until is not None and replications is None else None,
            "seed": self.seed,
        }


def _resolve_points(
    scenario: Scenario, territory: Territory, varied: Varied
) -> tuple[list[Situation], list[Situation]]:
    """Return the situations of a sweep: each point's, and what each is compared with where its value changes that too.

    Raises
    ------
    InputError
        At the line of the value that a measure refuses.
    """
    networks = ordered(scenario.networks())
    base: dict[str, Layers] = {network.name: network.layers(territory) for network in networks}
    given = scenario.data.variants[varied.variant]
    found: tuple[list[Situation], list[Situation]] = [], []
    listed = varied.sweep.values is not None
    for point in varied.points:
        name, title = varied.name(point), varied.title(given.title, point)
        block = point.variant.model_copy(update={"title": title})
        inherited = scenario.data.baseline.measures
        try:
            found[0].append(situation_of(scenario, territory, base, networks, name, block, inherited))
            if point.before is not None:
                apart = point.before.model_copy(update={"title": varied.title(_present(scenario), point)})
                apart = apart.model_copy(update={"measures": []})
                found[1].append(situation_of(scenario, territory, base, networks, f"before_{name}", apart, inherited))
        except InputError as error:
            message = _("« {value} » is refused: {reason}")
            told = [
                scenario.problem(
                    ("sweep", "values" if listed else "from"),
                    message.format(value=varied.written(point), reason=item.message),
                    item.hint,
                )
                for item in error.problems
            ]
            raise InputError(*told) from error
    return found


def _present(scenario: Scenario) -> LocalText:
    """Return what the situation before is called."""
    return scenario.data.baseline.title or in_all_languages("Present situation")


def make_swept(scenario: Scenario, territory: Territory, baseline: Situation, varied: Varied) -> Swept:
    """Return a sweep with its situations resolved.

    Raises
    ------
    InputError
        On a value that the measure refuses, and a budget below the cheapest value.
    """
    points, apart = _resolve_points(scenario, territory, varied)
    before = [BASELINE] * len(points)
    if apart and not all(_alike(baseline, item, varied.parameter) for item in apart):
        before = [item.name for item in apart]
    else:
        apart = []
    _check_budget(scenario, varied, points, apart or [baseline] * len(points))
    asked = varied.sweep.replications
    stated = "replications" in scenario.data.model_fields_set
    until = None if stated else asked or SweepReplications()
    return Swept(varied, [*points, *apart], tuple(before), until, scenario.data.seed)


def _alike(baseline: Situation, other: Situation, factor: str) -> bool:
    """Tell whether a value of a factor leaves the situation before as it is: runs, prices and what is bought."""
    owner, _dot, name = factor.partition(".")
    if fingerprints(baseline, "") != fingerprints(other, ""):
        return False
    network = baseline.networks.get(owner)
    if network is None:
        return False  # a price that all share is paid before as well
    used = {
        getattr(item, key)
        for item in network.bill
        for key in ("cost_factor", "fee_factor", "carbon_factor", "life_factor")
    }
    priced = {getattr(quantity, key) for quantity in _quantities(owner) for key in ("price", "emission")}
    return name not in used | priced


def _quantities(owner: str) -> list[Any]:
    return list(discover()[owner].quantities.values())


def _check_budget(scenario: Scenario, varied: Varied, points: list[Situation], before: list[Situation]) -> None:
    """Refuse a budget that affords no value at all.

    Raises
    ------
    InputError
    """
    budget = varied.sweep.budget
    if budget is None:
        return
    cheapest = min(_invested(own) - _invested(first) for own, first in zip(points, before, strict=True))
    if budget < cheapest:
        message = _("the budget affords no value: the cheapest one takes {cost} €")
        told = message.format(cost=format_number(cheapest))
        raise InputError(scenario.problem(("sweep", "budget"), told, _("raise it, or start from a lower value")))


def _invested(situation: Situation) -> float:
    return sum(
        item.priced(network.factors).investment for network in situation.networks.values() for item in network.bill
    )
