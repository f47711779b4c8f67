"""From the `sweep:` block to situations: one variant for each value, and what it is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, get_args

import numpy as np
from pydantic import BaseModel

from jumeau.engine.scenario import Scenario
from jumeau.engine.sweep import MOST_POINTS, Sweep
from jumeau.engine.valued import variables
from jumeau.errors import InputError, Problem, nearest
from jumeau.evaluation.criteria import CRITERIA
from jumeau.evaluation.sweep import NET
from jumeau.factors import FactorTable
from jumeau.i18n import LANGUAGES, LocalText, _, format_number, in_all_languages, language, local
from jumeau.network import discover, ordered
from jumeau.simulation.shared import SHARED
from jumeau.units import quantity_text
from jumeau.yaml_file import validate

#: Filters that say how many features a measure concerns.
LIMITS = ("count", "share")

#: Short names of what is often varied (message ids); other parameters are called as in the scenario.
SHORT: Mapping[str, str] = {
    "count": "number",
    "share": "share",
    "coverage": "coverage",
    "unit_cost": "unit cost",
    "annual_fee": "yearly fee",
    "adoption": "share of drivers who follow",
}


@dataclass(frozen=True)
class Point:
    """One value of a sweep.

    Attributes
    ----------
    value : float
        In the unit of the parameter.
    variant : object
        The block of the situation, as the scenario's model has it.
    before : object or None
        That of the situation before, where the value changes it too.
    """

    value: float
    variant: Any
    before: Any = None


@dataclass(frozen=True)
class Varied:
    """A sweep, read: what varies, in which variant, over which points.

    Attributes
    ----------
    sweep : Sweep
    variant : str
        The variant that is varied.
    measure : str
        `network.measure`; empty where a factor varies.
    parameter : str
        The parameter with its path in the measure, or the factor with its owner.
    unit : str
        Of the values; `1` where they have none.
    points : tuple of Point
        From the lowest value to the highest.
    taken : frozenset of str
        Names of the scenario's own variants.
    """

    sweep: Sweep
    variant: str
    measure: str
    parameter: str
    unit: str
    points: tuple[Point, ...]
    taken: frozenset[str] = frozenset()

    def name(self, point: Point) -> str:
        """Return the name of a point's situation, which no variant of the scenario bears."""
        written = f"{point.value:.6g}".replace("+", "").replace("-", "m").replace(".", "_")
        name = f"{self.variant}_{self.parameter.rpartition('.')[2]}_{written}"
        while {name, f"before_{name}"} & self.taken:
            name += "_swept"
        return name

    def title(self, base: LocalText, point: Point) -> LocalText:
        """Return what a point's situation is called."""
        titles = {}
        for lang in LANGUAGES:
            with language(lang):
                titles[lang] = _("{title}, {parameter}: {value}").format(
                    title=local(base or self.variant), parameter=self.label[lang], value=self.written(point)
                )
        return titles

    @property
    def label(self) -> dict[str, str]:
        """What varies, by language."""
        name = self.parameter.rpartition(".")[2]
        return in_all_languages(SHORT.get(name, name))

    def written(self, point: Point) -> str:
        """Return a value as people read it, in the current language."""
        decimals = len(f"{point.value:.6g}".partition(".")[2]) if "e" not in f"{point.value:.6g}" else 6
        text = format_number(point.value, decimals)
        return text if self.unit == "1" else f"{text}\N{NO-BREAK SPACE}{self.unit.replace('EUR', '€')}"


def read_sweep(scenario: Scenario) -> Varied | None:
    """Return the sweep that a scenario asks for, its points in order; None where there is none.

    Raises
    ------
    InputError
        On what does not exist, is no number, or is no range of several values.
    """
    sweep = scenario.data.sweep
    if sweep is None:
        return None
    variant = _variant(scenario, sweep)
    varied = _of_factor(scenario, sweep, variant) if sweep.factor else _of_measure(scenario, sweep, variant)
    _check_judge(scenario, sweep)
    if sweep.replications is not None and "replications" in scenario.data.model_fields_set:
        message = _("replications are stated twice: for the scenario and for its sweep")
        raise InputError(scenario.problem(("sweep", "replications"), message, _("keep one of them")))
    return replace(varied, taken=frozenset(scenario.data.variants))


def _wrong(scenario: Scenario, key: str, message: str, name: str, known: Sequence[str]) -> InputError:
    """Return the error of a name that is none."""
    near = nearest(name, list(known))
    if near:
        hint = _("did you mean « {near} »?").format(near=near)
    else:
        hint = _("one of: {names}").format(names=", ".join(known)) if known else ""
    return InputError(scenario.problem(("sweep", key), message.format(name=name), hint))


def _variant(scenario: Scenario, sweep: Sweep) -> str:
    known = list(scenario.data.variants)
    if not known:
        message = _("there is no variant whose number could vary")
        raise InputError(scenario.problem(("sweep",), message, _("write one under « variants »")))
    if sweep.variant:
        if sweep.variant not in known:
            raise _wrong(scenario, "variant", _("unknown variant « {name} »"), sweep.variant, known)
        return str(sweep.variant)
    holding = [
        name
        for name, block in scenario.data.variants.items()
        if sweep.factor or any(call.measure == sweep.measure for call in block.measures)
    ]
    if len(holding) == 1:
        return str(holding[0])
    if not holding:
        held = dict.fromkeys(call.measure for block in scenario.data.variants.values() for call in block.measures)
        raise _wrong(scenario, "measure", _("no variant has the measure « {name} »"), sweep.measure, list(held))
    message = _("say of which variant: {names}").format(names=", ".join(holding))
    raise InputError(scenario.problem(("sweep",), message, "variant: …"))


def _of_measure(scenario: Scenario, sweep: Sweep, name: str) -> Varied:
    block = scenario.data.variants[name]
    calls = [place for place, call in enumerate(block.measures) if call.measure == sweep.measure]
    if not calls:
        held = [call.measure for call in block.measures]
        message = _("the variant « {variant} » has no measure « {name} »").replace("{variant}", name)
        raise _wrong(scenario, "measure", message, sweep.measure, held)
    if len(calls) > 1:
        message = _("the variant « {variant} » has the measure « {name} » more than once")
        raise InputError(scenario.problem(("sweep", "measure"), message.format(variant=name, name=sweep.measure)))
    call = block.measures[calls[0]]
    network, key = call.measure.split(".", 1)
    fields = _numeric(discover()[network].measures[key].parameters)
    known = [*fields, *(f"where.{item}" for item in LIMITS)]
    if sweep.parameter not in known:
        every = [*type(call).model_fields]
        if sweep.parameter in every:
            message = _("« {name} » is not a number that can vary")
            hint = _("one of: {names}").format(names=", ".join(known))
            raise InputError(scenario.problem(("sweep", "parameter"), message.format(name=sweep.parameter), hint))
        raise _wrong(scenario, "parameter", _("the measure has no parameter « {name} »"), sweep.parameter, known)
    raw = scenario.written(("variants", name, "measures", calls[0]))
    inside, _dot, field = sweep.parameter.rpartition(".")

    def made(value: Any) -> tuple[float, Any]:
        """Return the number that a written value is, and the measure with it."""
        written: dict[str, Any] = {**raw, field: value}
        if inside:
            # One limit at a time: that of the variant gives way.
            rest = {item: kept for item, kept in (raw.get("where") or {}).items() if item not in LIMITS}
            written = {**raw, "where": {**rest, field: value}}
        found = validate(type(call), written)
        return _number(getattr(found.where if inside else found, field)), found

    def between(given: Any, number: float) -> tuple[float, Any]:
        whole = isinstance(getattr(given.where if inside else given, field), int)
        value = round(number) if whole else number
        if not inside:
            return float(value), given.model_copy(update={field: value})
        return float(value), given.model_copy(update={"where": given.where.model_copy(update={field: value})})

    def variant(found: Any) -> Any:
        measures = [*block.measures]
        measures[calls[0]] = found
        return block.model_copy(update={"measures": measures})

    numbers = _values(scenario, sweep, made, between)
    points = tuple(Point(number, variant(found)) for number, found in numbers)
    where = type(call).model_json_schema()
    unit = "1" if inside else _unit_of(where, field)
    return Varied(sweep, name, call.measure, sweep.parameter, unit, points)


def _of_factor(scenario: Scenario, sweep: Sweep, name: str) -> Varied:
    tables: dict[str, FactorTable] = {
        SHARED: scenario.shared_factors(),
        **{item.name: item.factors for item in ordered(scenario.networks())},
    }
    owner, _dot, factor = sweep.factor.partition(".")
    if factor not in tables.get(owner, {}):
        known = [f"{owner}.{item}" for owner, table in tables.items() for item in table]
        message = _("unknown factor « {name} »: write « network.factor » or « shared.factor »")
        near = nearest(sweep.factor, known)
        hint = _("did you mean « {near} »?").format(near=near) if near else ""
        raise InputError(scenario.problem(("sweep", "factor"), message.format(name=sweep.factor), hint))
    block, before = scenario.data.variants[name], scenario.data.baseline
    model: Any = next(
        item for item in get_args(type(block).model_fields["assumptions"].annotation) or
        (type(block).model_fields["assumptions"].annotation,) if isinstance(item, type) and issubclass(item, BaseModel)
    )  # fmt: skip

    def assumed(path: tuple[str | int, ...], value: Any) -> Any:
        raw = dict(scenario.written(path) or {})
        return validate(model, {**raw, owner: {**(raw.get(owner) or {}), factor: value}})

    def made(value: Any) -> tuple[float, Any]:
        after = assumed(("variants", name, "assumptions"), value)
        return _number(getattr(getattr(after, owner), factor)), after

    def between(_given: Any, number: float) -> tuple[float, Any]:
        return made(quantity_text(number, tables[owner][factor].unit))

    points = []
    for number, after in _values(scenario, sweep, made, between):
        text = quantity_text(number, tables[owner][factor].unit)
        beside = assumed(("baseline", "assumptions"), text)
        points.append(
            Point(
                number,
                block.model_copy(update={"assumptions": after}),
                before.model_copy(update={"assumptions": beside}),
            )
        )
    return Varied(sweep, name, "", sweep.factor, tables[owner][factor].unit, tuple(points))


def _values(scenario: Scenario, sweep: Sweep, made: Any, between: Any) -> list[tuple[float, Any]]:
    """Return the values in order, each with what it makes.

    Raises
    ------
    InputError
        With the line of the value that cannot be, and why.
    """
    if sweep.values is not None:
        found = [_at(scenario, ("sweep", "values", place), made, value) for place, value in enumerate(sweep.values)]
        key: tuple[str | int, ...] = ("sweep", "values")
    else:
        first, last = (
            _at(scenario, ("sweep", "from"), made, sweep.start),
            _at(scenario, ("sweep", "to"), made, sweep.end),
        )
        key = ("sweep", "steps")
        steps = sweep.steps or 0
        if steps < 1:
            raise InputError(scenario.problem(key, _("a range has at least one step, not {count}").format(count=steps)))
        if steps >= MOST_POINTS:
            raise InputError(_too_many(scenario, key, steps + 1))
        numbers = np.linspace(first[0], last[0], steps + 1)[1:-1]
        found = [first, *(between(first[1], float(number)) for number in numbers), last]
    if not found:
        raise InputError(scenario.problem(key, _("the list of values is empty"), _("give two values or more")))
    seen: dict[float, int] = {}
    for place, (number, _made) in enumerate(found):
        if number in seen:
            message = _("the value {value:g} stands twice").format(value=number)
            where = (*key, place) if sweep.values is not None else key
            hint = "" if sweep.values is not None else _("take fewer steps, or a wider range")
            raise InputError(scenario.problem(where, message, hint))
        seen[number] = place
    if len(found) < 2:
        raise InputError(scenario.problem(key, _("one value is no curve"), _("give two values or more")))
    return sorted(found, key=lambda item: item[0])


def _too_many(scenario: Scenario, key: tuple[str | int, ...], count: int) -> Problem:
    message = _("{count} values are more than the {most} that a sweep may have")
    return scenario.problem(key, message.format(count=count, most=MOST_POINTS), _("take fewer steps"))


def _at(scenario: Scenario, path: tuple[str | int, ...], made: Any, value: Any) -> tuple[float, Any]:
    """Return a value and what it makes; what is wrong with it is told at its line."""
    try:
        number, found = made(value)
    except InputError as error:
        told = [
            replace(scenario.problem(path, item.message, item.hint), value=item.value or str(value))
            for item in error.problems
        ]
        raise InputError(*told) from None
    if not np.isfinite(number):
        raise InputError(scenario.problem(path, _("« {value} » is not a number").format(value=value)))
    return number, found


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")


@lru_cache(maxsize=64)
def _numeric(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of a model that are numbers."""
    return tuple(
        field.alias or name
        for name, field in model.model_fields.items()
        if any(kind in (int, float) for kind in _kinds(field.annotation))
    )


def _kinds(annotation: Any) -> list[Any]:
    """Return the plain types of an annotation, those inside unions included; containers hold no number of their own."""
    inside = get_args(annotation)
    if not inside:
        return [annotation]
    origin = getattr(annotation, "__origin__", None)
    if isinstance(origin, type) and origin not in (float, int):
        return [origin]
    return [kind for item in inside if isinstance(item, type) or get_args(item) for kind in _kinds(item)]


def _unit_of(schema: Mapping[str, Any], field: str) -> str:
    """Return the unit of a field, as its JSON schema tells it."""

    def found(part: Any) -> str:
        if isinstance(part, Mapping):
            if isinstance(part.get("x-unit"), str):
                return str(part["x-unit"])
            return next((unit for item in part.values() if (unit := found(item))), "")
        if isinstance(part, list):
            return next((unit for item in part if (unit := found(item))), "")
        return ""

    return found(schema.get("properties", {}).get(field, {})) or "1"


def _check_judge(scenario: Scenario, sweep: Sweep) -> None:
    """Refuse a figure that does not exist.

    Raises
    ------
    InputError
    """
    said = [f"{owner}.{item.name}" for owner, item in variables(ordered(scenario.networks()))]
    if sweep.judge not in (*said, *NET):
        if sweep.judge in CRITERIA:
            message = _("« {name} » is no sum of flows, costs included, of which more is better")
            hint = _("one of: {names}").format(names=", ".join(NET))
            raise InputError(scenario.problem(("sweep", "judge"), message.format(name=sweep.judge), hint))
        raise _wrong(scenario, "judge", _("unknown indicator or criterion « {name} »"), sweep.judge, [*NET, *said])
    better = {f"{owner}.{item.name}": item.better for owner, item in variables(ordered(scenario.networks()))}
    if better.get(sweep.judge) == "neutral":
        message = _("of « {name} » neither more nor less is better")
        raise InputError(scenario.problem(("sweep", "judge"), message.format(name=sweep.judge)))
    for name in sweep.beside:
        if name not in said:
            raise _wrong(scenario, "beside", _("unknown indicator « {name} »"), name, said)
