"""The precision that a scenario asks for: which variable, and how wide its interval may be."""

from __future__ import annotations

from dataclasses import dataclass

from jumeau.engine.scenario import Scenario
from jumeau.engine.scenario_blocks import Precision, Replications
from jumeau.engine.valued import variables
from jumeau.errors import InputError, nearest
from jumeau.i18n import _
from jumeau.network import ordered
from jumeau.units import parse_quantity


@dataclass(frozen=True)
class Target:
    """When replications may stop: a variable, and half of its interval."""

    variable: str
    half_width: float


def target_of(scenario: Scenario, key: str = "replications") -> Target | None:
    """Return the precision asked for of `replications` or of `draws`; None where their number is given."""
    asked = getattr(scenario.data, key)
    if not isinstance(asked, Replications):
        return None
    return _read_target(asked.precision, scenario, key)


def _read_target(precision: Precision, scenario: Scenario, key: str) -> Target:
    owner, _dot, name = precision.indicator.partition(".")
    known = {f"{owner}.{item.name}": item for owner, item in variables(ordered(scenario.networks()))}
    if precision.indicator not in known:
        near = nearest(precision.indicator, list(known))
        raise InputError(
            scenario.problem(
                (key, "precision", "indicator"),
                _("unknown indicator « {name} »").format(name=precision.indicator),
                hint=_("did you mean « {near} »?").format(near=near) if near else ", ".join(known),
            )
        )
    try:
        half_width = parse_quantity(precision.half_width, known[precision.indicator].unit)
    except ValueError as error:
        raise InputError(scenario.problem((key, "precision", "half_width"), str(error))) from error
    if half_width <= 0:
        message = _("must be above {limit}").format(limit=0)
        raise InputError(scenario.problem((key, "precision", "half_width"), message))
    return Target(f"{owner}_{name}", half_width)
