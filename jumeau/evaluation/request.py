"""The file of `jumeau evaluate --prices FILE`: other prices, another horizon, rate or calendar, for a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jumeau.errors import InputError, Problem, nearest
from jumeau.evaluation.evaluate import told
from jumeau.evaluation.parameters import EvaluationBlock, evaluation_model, over
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.results.account import SHARED, factor_tables
from jumeau.results.comparison import BASELINE
from jumeau.results.model import Results
from jumeau.units import QuantityError
from jumeau.yaml_file import LocatedMapping, read_yaml, validate
from jumeau.yaml_types import in_domain, near_range

KEYS = ("prices", "base_year", "evaluation")


@dataclass(frozen=True)
class Request:
    """What a finished run is valued with.

    Attributes
    ----------
    block : EvaluationBlock
    prices : mapping
        By owner and factor.
    base_year : int or None
    folder : Path or None
        Folder that paths in the block are relative to.
    lines : LocatedMapping or None
        Where the file says what.
    """

    block: EvaluationBlock
    prices: Mapping[tuple[str, str], float] = field(default_factory=dict)
    base_year: int | None = None
    folder: Path | None = None
    lines: LocatedMapping | None = None

    def locate(self, place: tuple[str | int, ...], text: str, hint: str) -> Problem:
        """Return a problem of the block, with the line of the file that says so."""
        if self.lines is None or place[0] not in (self.lines.get("evaluation") or {}):
            return told(place, text, hint)
        return self.lines.problem(("evaluation", *place), text, hint)


def read_request(path: Path | None, results: Results, changes: Mapping[str, Any] | None = None) -> Request:
    """Read the file of a valuation, over what the scenario of the run says.

    Parameters
    ----------
    path : Path or None
    results : Results
    changes : mapping, optional
        Keys of the evaluation block that stand over both, as the command line gives them.

    Raises
    ------
    InputError
        With file, line, key and value, for every problem at once.
    """
    own = results.provenance.get("scenario", {}).get("resolved", {}).get("evaluation") or {}
    if path is None:
        return Request(_validated(over(own, changes or {})))
    data = read_yaml(path)
    problems = [
        data.problem(
            (key,), _("unknown key « {key} »").format(key=key), _("the keys: {names}").format(names=", ".join(KEYS))
        )
        for key in data
        if key not in KEYS
    ]
    prices, found = _prices(data, results)
    problems += found
    year = data.get("base_year")
    if year is not None and (not isinstance(year, int) or isinstance(year, bool)):
        problems.append(data.problem(("base_year",), _("a year is wanted"), value=str(year)))
    if problems:
        raise InputError(*problems)
    given = data.get("evaluation") or {}
    if year is not None and year != int(results.dataset.attrs["base_year"]):
        left = stated_money(own, given if isinstance(given, Mapping) else {})
        if left:
            # The scenario states these in its own euros, and nothing says by which index they would follow.
            message = _("the scenario states amounts in euros of another year: {names}").format(names=", ".join(left))
            hint = _("state them again under « evaluation », in euros of {year}").format(year=year)
            raise InputError(data.problem(("base_year",), message, hint, value=str(year)))
    if given:
        # Checked on its own first, so that what is wrong is told with its line.
        validate(evaluation_model(), data.at("evaluation"), path)
    return Request(_validated(over(own, given, changes or {})), prices, year, path.parent, data)


def stated_money(block: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    """Return the keys of an evaluation block that state amounts of money, and that another one does not state again."""

    def money(part: Mapping[str, Any]) -> bool:
        grants = (part.get("financing") or {}).get("grants") or []
        return bool(part.get("flows")) or any(grant.get(key) for grant in grants for key in ("amount", "ceiling"))

    variants = (block.get("variants") or {}).values()
    renewed = again.get("reference") or {}
    reference = {name: value for name, value in (block.get("reference") or {}).items() if name not in renewed}
    found = {
        "flows": bool(block.get("flows")),
        "financing": money({**block, "flows": None}),
        "reference": "EUR" in str(reference),
        "trajectories": "EUR" in str(block.get("trajectories") or ""),
        "variants": any(money(variant) for variant in variants),
    }
    return [key for key, there in found.items() if there and (key == "reference" or key not in again)]


def _validated(given: Mapping[str, Any]) -> EvaluationBlock:
    return validate(evaluation_model(), dict(given))


def _prices(data: LocatedMapping, results: Results) -> tuple[dict[tuple[str, str], float], list[Problem]]:
    """Return the prices that a file states, and what is wrong with them."""
    given = data.get("prices")
    if given is None:
        return {}, []
    if not isinstance(given, Mapping):
        return {}, [data.problem(("prices",), _("prices are written « name: value »"), value=str(given))]
    tables = factor_tables(results.factors, BASELINE)
    found: dict[tuple[str, str], float] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        entries = (
            {(key, name): (("prices", key, name), item) for name, item in value.items()}
            if isinstance(value, Mapping)
            else {(_owner(key, tables), key): (("prices", key), value)}
        )
        for (owner, name), (place, item) in entries.items():
            try:
                found[owner, name] = _price(owner, name, item, tables)
            except QuantityError as error:
                problems.append(data.problem(place, str(error), value=str(item)))
            except InputError as error:
                problems += [data.problem(place, one.message, one.hint) for one in error.problems]
    return found, problems


def _owner(name: str, tables: Mapping[str, FactorTable]) -> str:
    """Return whose a price is that is named alone: all networks', else that of the one network that knows it."""
    if name in tables[SHARED]:
        return SHARED
    owners = [owner for owner, table in tables.items() if name in table]
    return owners[0] if len(owners) == 1 else SHARED


def _price(owner: str, name: str, value: object, tables: Mapping[str, FactorTable]) -> float:
    """Return a price in its own unit.

    Raises
    ------
    InputError
        On an unknown name, and on one that simulations read.
    QuantityError
        On a value that cannot be one.
    """
    if name not in tables.get(owner, {}):
        known = [item for table in tables.values() for item, factor in table.items() if factor.use != "run"]
        near = nearest(name, known)
        raise InputError(
            _("unknown price « {name} »").format(name=name if owner == SHARED else f"{owner}.{name}"),
            hint=_("Did you mean {near}?").format(near=near) if near else "",
        )
    if tables[owner][name].use == "run":
        raise InputError(
            _("« {name} » is read by simulations: to value the run with another one is not enough").format(name=name),
            hint=_("state it under « assumptions » of the scenario, and run it again"),
        )
    factor = replace(tables[owner][name], overridden=False)
    return near_range(in_domain(value, factor), factor)
