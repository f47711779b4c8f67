"""The choice as a scenario that is ready to run, its promise written in it."""

from __future__ import annotations

import json
from typing import Any

import yaml

from jumeau.i18n import _, in_all_languages
from jumeau.sizing.territory import Sized

#: Name of the variant that has the devices.
VARIANT = "sized"


def scenario_data(sized: Sized, place: str) -> dict[str, Any] | None:
    """Return the scenario, None where the network has no measure that such devices feed.

    Parameters
    ----------
    sized : Sized
    place : str
        The territory as the scenario names it.
    """
    instance = sized.instance
    if instance.deploy is None:
        return None
    deployment = instance.deploy(sized.solution.names)
    stage = {key: value for key, value in sized.stage.items() if key not in ("baseline", "assumptions")}
    before = [*sized.stage.get("baseline", {}).get("measures", []), *deployment.before]
    assumptions = dict(sized.stage.get("assumptions") or {})
    if deployment.assumptions:
        own = assumptions.get(sized.network.name) or {}
        assumptions[sized.network.name] = {**own, **deployment.assumptions}
    variant: dict[str, Any] = {
        "title": _("{what}: {count} sites chosen").format(what=_(sized.sizing.label), count=len(sized.solution.names)),
        "measures": list(deployment.measures),
    }
    if instance.promise is not None:
        variant["promise"] = promised(sized)
    data: dict[str, Any] = {"name": f"size_{sized.sizing.name}", "territory": place, **stage}
    if assumptions:
        data["assumptions"] = assumptions
    if before:
        data["baseline"] = {"measures": before}
    return {**data, "variants": {VARIANT: variant}}


def promised(sized: Sized) -> dict[str, Any]:
    """Return the promise as a scenario states it: a difference of a figure over the period, and why it may differ."""
    promise = sized.instance.promise
    assert promise is not None  # noqa: S101 - asked for only where there is one
    figure = promise.figure
    unit = next(item.unit for item in sized.network.said if item.name == figure)
    difference = sized.expected * promise.factor * sized.years
    tolerance = abs(difference) * promise.uncertainty
    if sized.whole is not None:
        tolerance = 1.96 * sized.whole.choice.error * abs(promise.factor) * sized.years
    return {
        "figure": f"{sized.network.name}.{figure}",
        "difference": f"{difference:.6g} {unit}",
        "tolerance": f"{tolerance:.6g} {unit}",
        "reasons": [in_all_languages(reason) for reason in promise.reasons],
    }


def scenario_text(data: dict[str, Any]) -> str:
    """Return the YAML of a scenario, with a comment that says how to check its promise."""
    head = _("Made by « jumeau size ». Run it: jumeau run FILE -o DIR; then compare: jumeau size --run DIR")
    plain = json.loads(json.dumps(data, ensure_ascii=False, default=str))
    body = yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=100)
    return f"# {head}\n{body}"
