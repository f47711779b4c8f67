"""What a scenario assumes instead of what is shipped, and what of it lies outside the ranges of the tables."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from jumeau.effort import by_effort
from jumeau.engine.scenario import Scenario
from jumeau.errors import Problem
from jumeau.factors import Factor, FactorTable
from jumeau.i18n import _
from jumeau.network import Network, ordered
from jumeau.results.comparison import BASELINE
from jumeau.simulation.shared import SHARED
from jumeau.yaml_types import Beyond


def baseline_assumptions(scenario: Scenario, network: Network) -> tuple[FactorTable, Any]:
    """Return the factors and structured assumptions of a network in the baseline."""
    return assumptions_of(
        scenario, scenario.data.baseline, network.name, network.factors, network.assumptions, [], BASELINE
    )


def assumptions_of(
    scenario: Scenario,
    variant: Any,
    owner: str,
    table: FactorTable,
    model: type[BaseModel] | None,
    log: list[str],
    path: str,
) -> tuple[FactorTable, Any]:
    """Return the factors and structured assumptions of a network: shipped, then the scenario's, then the variant's."""
    structured: dict[str, Any] = {}
    for place, block in (
        ("assumptions", scenario.data.assumptions),
        (f"{path}.assumptions", variant.assumptions),
    ):
        given = getattr(block, owner, None) if block is not None else None
        if given is None:
            continue
        source = _("scenario « {name} »").format(name=scenario.data.name)
        values: dict[str, Factor] = {}
        for field in sorted(given.model_fields_set):
            value = getattr(given, field)
            if field in table:
                factor = table[field]
                odd = unusual(factor, value)
                log.append(
                    f"{place}.{owner}.{field}: {factor.value:.12g} -> {value:.12g} {factor.unit}"
                    + (f" ({odd})" if odd else "")
                )
                told = f"{source}; {odd}" if odd else source
                values[field] = replace(factor, value=float(value), source=told, overridden=True)
            else:
                structured[field] = value
                log.append(f"{place}.{owner}.{field}: {_written(model, field)} -> {_written(given, field)}")
        table = table.replaced(values)
    if model is None:
        return table, None
    effort = scenario.data.effort
    for field, value in by_effort(model, effort).items():
        if field not in structured:
            structured[field] = value
            log.append(f"effort.{owner}.{field}: {_written(model, field)} -> {json.dumps({field: value})} ({effort})")
    return table, model.model_validate({}).model_copy(update=structured)


def unusual(factor: Factor, value: float) -> str:
    """Return what is to be said of a value outside the range of its factor's row; empty inside."""
    if factor.plausible(value):
        return ""
    told = _("outside the range {low:g} … {high:g}").format(low=factor.low, high=factor.high)
    return f"{told}: {value.reason}" if isinstance(value, Beyond) else told


def unusual_assumptions(scenario: Scenario) -> list[Problem]:
    """Return a warning for each value of the scenario outside the range of its factor's row."""
    data = scenario.data
    tables = {SHARED: scenario.shared_factors()} | {item.name: item.factors for item in ordered(scenario.networks())}
    blocks: list[tuple[tuple[str, ...], Any]] = [((), data), ((BASELINE,), data.baseline)]
    blocks += [(("variants", name), variant) for name, variant in data.variants.items()]
    found = []
    for path, block in blocks:
        for owner, table in tables.items():
            given = getattr(block.assumptions, owner, None) if block.assumptions is not None else None
            for field in sorted(given.model_fields_set & set(table)) if given is not None else ():
                value = getattr(given, field)
                odd = unusual(table[field], value)
                if odd:
                    written = f"{value:g} {table[field].unit}: {odd}"
                    found.append(scenario.problem((*path, "assumptions", owner, field), written, warning=True))
    return found


def _written(block: Any, field: str) -> str:
    """Return a structured assumption as it would be written, its default for a model class."""
    model = block if isinstance(block, BaseModel) else block.model_validate({})
    return model.model_dump_json(include={field}, by_alias=True)
