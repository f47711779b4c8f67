"""What a row changes in the template: dotted paths into the scenario, and where each of them was written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from jumeau.batches.listing import TERRITORY, Listing, Row
from jumeau.engine.scenario_model import scenario_model
from jumeau.errors import InputError, Problem, nearest
from jumeau.i18n import _
from jumeau.network import discover
from jumeau.simulation.shared import SHARED
from jumeau.yaml_file import LocatedMapping, Path_, dotted, parse_yaml, plain_value

#: `variants.led.measures[lighting.led_retrofit].where.share`: names, and what stands in brackets.
_TOKEN = re.compile(r"\.?(?:\[([^\[\]]+)\]|([^.\[\]]+))")

#: A template needs to name no territory: its rows do.
PLACEHOLDER = "bourg_exemple"


@dataclass(frozen=True)
class Cell:
    """Where a value was written.

    Attributes
    ----------
    column, text : str
    line : int
    """

    column: str
    text: str
    line: int


@dataclass(frozen=True)
class Overridden(LocatedMapping):
    """A template in which a row changed values: what is wrong with one of them is told at its cell."""

    listing: str = ""
    cells: Mapping[Path_, Cell] | None = None

    def at(self, *path: str | int) -> LocatedMapping:
        """Return a block; see `LocatedMapping.at`."""
        block = super().at(*path)
        return replace(self, data=block.data, prefix=block.prefix)

    def problem(self, path: Path_, message: str, hint: str = "", value: str = "") -> Problem:
        """Return a problem, at the cell that brought the value where a row did."""
        full = (*self.prefix, *path)
        cell = self._cell(full)
        if cell is None:
            return super().problem(path, message, hint, value)
        told = f"{dotted(full)}: {message}"
        hint = hint or _("correct the cell, or leave it empty: the template's own value then stands")
        return Problem(told, hint=hint, file=self.listing, line=cell.line, column=cell.column, value=cell.text)

    def _cell(self, path: Path_) -> Cell | None:
        """Return the cell of a key path: its own, that of a block above, or the only one inside it."""
        cells = self.cells or {}
        above = next((cells[path[:size]] for size in range(len(path), 0, -1) if path[:size] in cells), None)
        inside = [cell for key, cell in cells.items() if path and key[: len(path)] == path]
        return above or (inside[0] if len(inside) == 1 else None)


def read_template(text: str, file: Path) -> LocatedMapping:
    """Return the text of a template as it was written, with a territory to be replaced.

    Raises
    ------
    InputError
    """
    found = parse_yaml(text, str(file))
    return replace(found, data={TERRITORY: PLACEHOLDER, **found.data})


def paths_of(listing: Listing, template: LocatedMapping) -> dict[str, Path_]:
    """Return the key path of each column.

    Parameters
    ----------
    listing : Listing
    template : LocatedMapping

    Raises
    ------
    InputError
        On columns that lead nowhere in the template; what may stand there is checked row by row.
    """
    problems: list[Problem] = []
    found: dict[str, Path_] = {}
    for column in listing.columns:
        try:
            path = _path(column, template.data)
        except _NowhereError as error:
            problems.append(Problem(str(error), hint=error.hint, file=str(listing.file), line=1, column=column))
            continue
        for other, taken in found.items():
            size = min(len(path), len(taken))
            if path[:size] == taken[:size]:
                message = _("this column and « {other} » change the same").format(other=other)
                hint = _("keep one of the two")
                problems.append(Problem(message, hint=hint, file=str(listing.file), line=1, column=column))
        found[column] = path
    if problems:
        raise InputError(*problems)
    return found


class _NowhereError(Exception):
    """A column that leads nowhere."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


def _path(column: str, data: Mapping[str, Any]) -> Path_:
    """Return the key path that a column means: places in lists as numbers, factors under `assumptions`."""
    tokens: list[str] = []
    place = 0
    while place < len(column):
        match = _TOKEN.match(column, place)
        if match is None:
            raise _NowhereError(_("this is no path into a scenario"), _("write « variants.NAME.measures[0].KEY »"))
        tokens.append((match[1] or match[2]).strip())
        place = match.end()
    if not tokens or not all(tokens):
        raise _NowhereError(_("a column has no name"), _("name it, or remove it"))
    owners = [SHARED, *discover()]
    if tokens[0] in owners and len(tokens) > 1:
        tokens = ["assumptions", *tokens]  # as the key `factor` of a sweep
    known = [field.alias or name for name, field in scenario_model().model_fields.items()]
    if tokens[0] not in known:
        if tokens[0] == "scenario":
            raise _NowhereError(_("one template serves the whole list"), _("give it with --scenario"))
        near = nearest(column, known, 0.6) or nearest(tokens[0], [*known, *owners], 0.6)
        hint = _("did you mean « {near} »?").format(near=near) if near else ""
        keys = "replications », « variants.NAME.measures[0].KEY », « shared.electricity_price"
        hint = hint or _("a column is a key of the scenario, such as « {keys} »").format(keys=keys)
        raise _NowhereError(_("a scenario has no key « {key} »").format(key=tokens[0]), hint)
    return _followed(tokens, data)


def _followed(tokens: Sequence[str], data: Mapping[str, Any]) -> Path_:
    """Return the key path of names, followed through the template as far as it goes."""
    path: list[str | int] = []
    value: Any = data
    left = list(tokens)
    while left:
        token = left.pop(0)
        if isinstance(value, list):
            step = _step(token, left, value, path)
            path.append(step)
            value = value[step]
            continue
        if value is not None and not isinstance(value, Mapping):
            message = _("« {path} » is « {value} » in the template, not a block")
            hint = _("write a block in the template, or make « {path} » the column")
            told = dotted(tuple(path))
            raise _NowhereError(message.format(path=told, value=value), hint.format(path=told))
        inside = value or {}
        if path == ["variants"] and token not in inside:
            near = nearest(token, list(inside))
            hint = _("did you mean « {near} »?").format(near=near) if near else ""
            names = _("one of: {names}").format(names=", ".join(inside) or "—")
            raise _NowhereError(_("the template has no variant « {name} »").format(name=token), hint or names)
        path.append(token)
        value = inside.get(token)
        if value is None and left and left[0].isdecimal():
            message = _("« {path} » is no list in the template").format(path=dotted(tuple(path)))
            raise _NowhereError(message, _("write the list in the template; a column changes what stands in it"))
    return tuple(path)


def _step(token: str, left: list[str], items: list[Any], path: Sequence[str | int]) -> int:
    """Return the place in a list that a name means: a number, or the measure that is called so."""
    where = dotted(tuple(path))
    if token.isdecimal():
        if int(token) >= len(items):
            message = _("« {path} » has {count} items in the template, counted from 0")
            raise _NowhereError(message.format(path=where, count=len(items)))
        return int(token)
    names = [str(item.get("measure", "")) if isinstance(item, Mapping) else "" for item in items]
    # Without brackets, the dot inside a measure's name has cut it in two.
    name = token if "." in token or not left else f"{token}.{left.pop(0)}"
    if names.count(name) != 1:
        message = _("« {path} » has no measure « {name} » in the template")
        if names.count(name) > 1:
            message = _("« {path} » has several measures « {name} » in the template")
        hint = _("write its place, counted from 0, or its name: {names}")
        listed = ", ".join(f"[{number}] {item}" for number, item in enumerate(names))
        raise _NowhereError(message.format(path=where, name=name), hint.format(names=listed))
    return names.index(name)


def with_row(
    template: LocatedMapping, paths: Mapping[str, Path_], listing: Path, row: Row, territory: str
) -> Overridden:
    """Return the template as a row changes it.

    Parameters
    ----------
    template : LocatedMapping
    paths : mapping of str to tuple
        Of the columns; see `paths_of`.
    listing : Path
        The list, for messages.
    row : Row
    territory : str
        What stands instead of the template's.

    Raises
    ------
    InputError
        On a cell that is no YAML; whether the scenario takes it is seen as it is read.
    """
    data: dict[str, Any] = deepcopy(dict(template.data))
    data[TERRITORY] = territory
    cells: dict[Path_, Cell] = {(TERRITORY,): Cell(TERRITORY, row.territory, row.line)}
    problems = []
    for column, text in row.cells:
        path = paths[column]
        try:
            value = parse_yaml(f"value: {text}", str(listing))["value"]
        except InputError as error:
            problems += [
                replace(item, file=str(listing), line=row.line, column=column, value=text) for item in error.problems
            ]
            continue
        cells[path] = Cell(column, text, row.line)
        inside: Any = data
        for key in path[:-1]:
            if isinstance(inside, dict) and inside.get(str(key)) is None:
                inside[str(key)] = {}
            inside = inside[key]
        inside[path[-1]] = value
    if problems:
        raise InputError(*problems)
    return Overridden(data, template.file, template.lines, (), str(listing), cells)


class _Dumper(yaml.SafeDumper):
    """Writes YAML that Jumeau reads as the same values: what it would take for a number is quoted."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own name
        """Write what stands twice twice."""
        return True


def _written_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None if plain_value(text) == text else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _written_text)


def scenario_text(data: Mapping[str, Any]) -> str:
    """Return the text of a scenario file that says what `data` do."""
    return yaml.dump(dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)
