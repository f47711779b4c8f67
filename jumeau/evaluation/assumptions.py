"""What an evaluation assumes: reference parameters with their laws, growth of prices; checked first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem, nearest
from jumeau.evaluation.parameters import ALL, COMMON, CalendarBlock, EvaluationBlock, UncertainBlock, evaluation_model
from jumeau.evaluation.programmes import PROGRAMMES
from jumeau.evaluation.reference import CARBON_VALUE_YEAR, DEFAULT, REFERENCE, TABLES, reference_factors
from jumeau.evaluation.schedule import RampUp, Schedule, growth, path
from jumeau.factors import Factor, FactorTable
from jumeau.i18n import _
from jumeau.results.account import SHARED
from jumeau.sampling import Law, law_of
from jumeau.units import QuantityError, parse_quantity

Floats = NDArray[np.float64]
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Assumptions:
    """Everything that an evaluation assumes beside what was simulated.

    Attributes
    ----------
    block : EvaluationBlock
    reference : FactorTable
        In the euros of the base year, what the user replaced marked as such.
    laws : mapping of str to Law
        Of reference parameters that are drawn, by `reference.<name>`.
    start, base_year : int
        Calendar year of year 0; year in whose euros money is.
    """

    block: EvaluationBlock
    reference: FactorTable
    laws: Mapping[str, Law]
    start: int
    base_year: int

    @property
    def years(self) -> int:
        """Number of yearly flows."""
        return self.block.horizon + 1

    @property
    def whole_block(self) -> EvaluationBlock:
        """The block with what a user's table says written out: it needs no other file."""
        stated = {
            name: f"{item.value!r} {'' if item.unit == '1' else item.unit}".strip()
            for name, item in self.reference.items()
            if item.overridden
        }
        plain = self.block.model_dump(mode="json", exclude_none=True, exclude={"reference", "table"})
        return evaluation_model().model_validate({**plain, **({"reference": stated} if stated else {})})

    def schedule(self, variant: str, network: str) -> Schedule:
        """Return the calendar of a network in a variant."""
        given = self.block.variant(variant)
        shares = given.deployment.get(network, given.deployment.get(ALL, {self.start: 1.0}))
        ramp = given.ramp_up.get(network, given.ramp_up.get(ALL))
        return Schedule(
            self.block.horizon,
            {year - self.start: share for year, share in shares.items() if share > 0.0},
            None if ramp is None else RampUp(ramp.midpoint, ramp.steepness),
            given.ageing.get(network, given.ageing.get(ALL, 0.0)),
        )

    def grown(self, owner: str, factor: Factor) -> Floats:
        """Return by how much a price or an emission of each year differs from that of the base year, shape (years,)."""
        for name in (f"{owner}.{factor.name}", factor.name):
            if name in self.block.trajectories:
                points = {
                    year: parse_quantity(value, factor.unit) for year, value in self.block.trajectories[name].items()
                }
                return path(points, self.start, self.years) / factor.value
            if name in self.block.drifts:
                return growth(self.block.drifts[name], self.start, self.years, self.base_year)
        return np.ones(self.years)

    def carbon_value(self, value: Floats, rate: Floats) -> Floats:
        """Return the value of a tonne by sample and year [EUR/tCO2e]."""
        return value[:, None] * growth(rate, self.start, self.years, CARBON_VALUE_YEAR)


def assume(block: EvaluationBlock, base_year: int, first_year: int, folder: Path | None = None) -> Assumptions:
    """Return what an evaluation assumes.

    Parameters
    ----------
    block : EvaluationBlock
    base_year : int
        Year in whose euros money is.
    first_year : int
        Calendar year of the first investment where the block does not say.
    folder : Path, optional
        Folder that the path of a table is relative to.

    Raises
    ------
    InputError
        On a table that cannot be read, and on a base year that no index knows.
    """
    reference = reference_factors(DEFAULT, base_year)
    if block.table not in TABLES:
        reference = _with_table(reference, block.table, folder)
    stated = block.reference.model_dump(exclude_none=True) if block.reference is not None else {}
    reference = reference.override(stated, _("evaluation"))
    laws = {}
    for name, factor in reference.items():
        law = law_of(factor) if factor.use == "account" else None
        if name in block.uncertain:
            try:
                law = _declared(block.uncertain[name], factor)
            except ValueError as error:
                raise InputError(f"uncertain.{name}: {error}") from error
        if law is not None:
            laws[f"{REFERENCE}.{name}"] = law
    return Assumptions(block, reference, laws, block.start or first_year, base_year)


def _declared(given: UncertainBlock, factor: Factor) -> Law:
    """Return the law that a block declares for a parameter.

    Raises
    ------
    ValueError
        When it is none.
    """
    low, high = (parse_quantity(value, factor.unit) for value in (given.low, given.high))
    mode = factor.value if given.mode is None else parse_quantity(given.mode, factor.unit)
    for written, number in ((given.low, low), (given.high, high)):
        if number not in factor.domain:
            message = _("{value} is outside what it can be: {bounds}")
            raise ValueError(message.format(value=written, bounds=factor.domain))
    return Law(given.law, low, mode, high)


def _with_table(reference: FactorTable, written: str, folder: Path | None) -> FactorTable:
    """Return reference parameters in which the rows of a user's file stand for those of the shipped table."""
    file = (folder or Path()) / written
    try:
        own = FactorTable.read(file)
    except OSError as error:
        hint = _("give « {name} », or the path of a CSV file").format(name=DEFAULT)
        raise InputError(_("no such table: {name}").format(name=written), hint=hint) from error
    except (KeyError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise InputError(
            Problem(
                _("not a table of parameters: {error}").format(error=error),
                hint=_("columns: {names}").format(
                    names="name, value, low, high, unit, year, source, licence, confidence, description"
                ),
                file=str(file),
            )
        ) from error
    problems = []
    for name, factor in own.items():
        if name not in reference:
            near = nearest(name, list(reference))
            problems.append(
                Problem(
                    _("unknown parameter « {name} »").format(name=name),
                    hint=_("Did you mean {near}?").format(near=near) if near else "",
                    file=str(file),
                )
            )
        elif factor.unit != reference[name].unit or factor.value not in reference[name].domain:
            message = _("« {name} » is {value:g} {unit}; it is given in {wanted}, within {bounds}")
            told = message.format(
                name=name,
                value=factor.value,
                unit=factor.unit,
                wanted=reference[name].unit,
                bounds=reference[name].domain,
            )
            problems.append(Problem(told, file=str(file)))
    if problems:
        raise InputError(*problems)
    return reference.override({name: factor.value for name, factor in own.items()}, file.name)


def faults(
    assumed: Assumptions,
    tables: Mapping[str, FactorTable],
    variants: list[str],
    kinds: Collection[str],
    costs: Collection[str] = (),
) -> list[tuple[Path_, str, str]]:
    """Return what an evaluation block says of things that do not exist: key path, message, advice.

    Parameters
    ----------
    assumed : Assumptions
    tables : mapping of str to FactorTable
        Factors by network, and `shared`.
    variants : list of str
    kinds : collection of str
        Kinds of devices of the bills.
    costs : collection of str
        Factors that the bills' unit costs are.
    """
    block, reference = assumed.block, assumed.reference
    found: list[tuple[Path_, str, str]] = []
    networks = [name for name in tables if name != SHARED]

    def unknown(path: Path_, message: str, name: str, known: list[str]) -> None:
        near = nearest(name.rpartition(".")[2], known)
        hint = (
            _("Did you mean {near}?").format(near=near)
            if near
            else _("one of: {names}").format(names=", ".join(known[:12]) + (", …" if len(known) > 12 else ""))
        )
        found.append((path, message.format(name=name), hint))

    for key in ("drifts", "trajectories"):
        for name in getattr(block, key):
            factor = _factor_named(name, tables)
            if factor is None:
                known = [item for table in tables.values() for item in table]
                unknown((key, name), _("unknown price or factor « {name} »"), name, known)
            elif not _follows(factor) and factor.name not in costs:
                message = _("« {name} » is neither a price nor an emission factor: nothing would follow it")
                found.append(((key, name), message.format(name=name), ""))
            elif key == "trajectories":
                found += _bad_points(block, name, factor)
    for name in block.uncertain:
        if name not in reference:
            unknown(("uncertain", name), _("unknown parameter « {name} »"), name, list(reference))
    for name in block.variants:
        if name not in variants:
            unknown(("variants", name), _("unknown variant « {name} »"), name, variants)
    places: list[tuple[Path_, CalendarBlock]] = [((), block)]
    places += [(("variants", name), item) for name, item in block.variants.items()]
    for place, item in places:
        for key in ("deployment", "ramp_up", "ageing"):
            for name in getattr(item, key):
                if name not in (*networks, ALL):
                    unknown((*place, key, name), _("unknown network « {name} »"), name, [*networks, ALL])
        for number, flow in enumerate(item.flows):
            if flow.network not in (*networks, COMMON):
                unknown((*place, "flows", number), _("unknown network « {name} »"), flow.network, [*networks, COMMON])
        financing = item.financing
        for number, grant in enumerate(financing.grants if financing else ()):
            if grant.network not in (*networks, ALL):
                path_ = (*place, "financing", "grants", number)
                unknown(path_, _("unknown network « {name} »"), grant.network, [*networks, ALL])
            programme = PROGRAMMES[grant.programme] if grant.programme else None
            if programme and programme.network in networks and programme.closed(grant.network, assumed.start, ALL):
                message = _("« {name} » pays for « {network} » from {first} to {last}, not in {year}")
                told = message.format(
                    name=programme.label,
                    network=programme.network,
                    first=programme.first,
                    last=programme.last,
                    year=assumed.start,
                )
                hint = _("leave it out, or state « share » where its decision is in your hands")
                found.append(((*place, "financing", "grants", number), told, hint))
        for kind in financing.cee if financing else ():
            if kind not in kinds:
                path_ = (*place, "financing", "cee", kind)
                unknown(path_, _("unknown kind of device « {name} »"), kind, sorted(kinds))
        found += _out_of_time(assumed, place, item)
    return found


def _follows(factor: Factor) -> bool:
    """Tell whether flows follow a factor from year to year: prices and emissions of use do."""
    return factor.use != "run" and ("EUR" in factor.unit or factor.unit.startswith("kgCO2e/"))


def _out_of_time(assumed: Assumptions, place: Path_, item: CalendarBlock) -> list[tuple[Path_, str, str]]:
    """Return deployments before the first year or after the horizon."""
    found: list[tuple[Path_, str, str]] = []
    last = assumed.start + assumed.block.horizon
    for name, shares in item.deployment.items():
        years = [year for year, share in shares.items() if share > 0.0]
        if min(years) < assumed.start:
            message = _("« {name} » is installed in {year}, before the first year, {start}")
            told = message.format(name=name, year=min(years), start=assumed.start)
            found.append(((*place, "deployment", name), told, _("give « start » an earlier year")))
        if max(years) >= last:
            message = _("« {name} » is installed in {year}: it serves no year of the horizon, which ends in {end}")
            told = message.format(name=name, year=max(years), end=last)
            found.append(((*place, "deployment", name), told, _("lengthen « horizon », or install earlier")))
    for number, flow in enumerate(item.flows):
        if flow.year > assumed.block.horizon:
            message = _("a flow in year {year} comes after the horizon, {horizon} years")
            told = message.format(year=flow.year, horizon=assumed.block.horizon)
            found.append(((*place, "flows", number), told, ""))
    return found


def _factor_named(name: str, tables: Mapping[str, FactorTable]) -> Factor | None:
    """Return the factor of a name `owner.factor`, or of a bare name that any owner knows."""
    owner, dot, factor = name.rpartition(".")
    if dot:
        return tables[owner].get(factor) if owner in tables else None
    return next((table[name] for table in tables.values() if name in table), None)


def _bad_points(block: EvaluationBlock, name: str, factor: Factor) -> list[tuple[Path_, str, str]]:
    found: list[tuple[Path_, str, str]] = []
    for year, value in block.trajectories[name].items():
        try:
            number = parse_quantity(value, factor.unit)
        except QuantityError as error:
            found.append((("trajectories", name), str(error), ""))
            continue
        if number not in factor.domain:
            message = _("{year}: {value} is outside what it can be: {bounds}")
            found.append((("trajectories", name), message.format(year=year, value=value, bounds=factor.domain), ""))
    if factor.value == 0.0:
        found.append(
            (("trajectories", name), _("« {name} » is zero today: nothing can follow it").format(name=name), "")
        )
    return found
