"""The file of a portfolio: projects stated, or taken from evaluations; budgets; what is shared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from jumeau.errors import InputError, Problem, nearest
from jumeau.evaluation.finance import discount_factors, payback
from jumeau.evaluation.mutualisation import MutualBlock
from jumeau.evaluation.parameters import Years
from jumeau.evaluation.portfolio import Candidate, SharedThing
from jumeau.evaluation.reference import reference_table
from jumeau.evaluation.storage import FORMAT, VERSION
from jumeau.i18n import LocalText, _, local
from jumeau.results.storage import check_version
from jumeau.units import Quantity
from jumeau.yaml_file import LocatedMapping, read_yaml, validate
from jumeau.yaml_types import Block, Share

Floats = NDArray[np.float64]
Euros = Annotated[float, Quantity("EUR", minimum=0.0)]
AnyEuros = Annotated[float, Quantity("EUR", minimum=None)]


#: What is stated of a project that no run was evaluated for.
_STATED = {"investment", "yearly_value", "yearly_saving", "maturity", "lead_time", "p_positive"}


class SharedBlock(Block):
    """A platform, gateways: paid once for all the projects that need it."""

    title: LocalText = ""
    """How it is called."""
    cost: Euros
    """When it is bought."""
    annual: Euros = 0.0
    """Every year after."""


class ProjectBlock(Block):
    """A project: stated, or a variant of a run that was evaluated."""

    title: LocalText = ""
    """How it is called."""
    run: str = ""
    """Folder of a run, or its `evaluation.json`, relative to this file."""
    variant: str = ""
    """Variant of that run."""
    investment: Euros | list[Euros] | None = None
    """Where stated: what it spends in its first year, or year by year from it."""
    yearly_value: AnyEuros | None = None
    """Where stated: what it is worth to all together in each year after the first one, running costs taken off."""
    yearly_saving: AnyEuros | None = None
    """Where stated: the part of it that the authority saves; of the payback."""
    maturity: Literal["proven", "new", "experimental"] = "proven"
    """Whether others have done it."""
    lead_time: Annotated[float, Quantity("month", minimum=0)] = 12.0
    """From the decision to the service."""
    p_positive: Share | None = None
    """Where stated: probability of a financial gain."""
    group: str = ""
    """At most one project of a group is done."""
    after: dict[str, Annotated[Years, Field(ge=0, le=30)]] = Field(default_factory=dict)
    """Projects that must have started so many years before; a list of them: no later than it."""
    needs: list[str] = Field(default_factory=list)
    """Shared things that it needs."""
    earliest: int | None = None
    """First calendar year in which it may start."""
    latest: int | None = None
    """Last one."""
    compulsory: bool = False
    """Whether it is done in any case."""

    @field_validator("after", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, list) and all(isinstance(other, str) for other in value):
            return dict.fromkeys(value, 0)
        return value

    @model_validator(mode="after")
    def _one(self) -> ProjectBlock:
        stated = self.investment is not None and self.yearly_value is not None
        if bool(self.run) == stated or (self.run and not self.variant):
            raise ValueError(_("give either « run » and « variant », or « investment » and « yearly_value »"))
        both = sorted(self.model_fields_set & _STATED) if self.run else []
        if both:
            # What the evaluation says would stand, and what is written here would not.
            raise ValueError(_("« {name} » is what the evaluation of the run says already").format(name=both[0]))
        return self


class PortfolioFile(Block):
    """Projects of a territory, and the budgets that they compete for."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    """Short name."""
    title: LocalText = ""
    """Title."""
    budgets: dict[int, Euros] = Field(min_length=1, max_length=30)
    """Investment budget by calendar year."""
    carry_over: bool = False
    """Whether what is not spent may be spent later."""
    horizon: Annotated[Years, Field(ge=1, le=60)] = 20
    """Years over which value counts, from the first budget on."""
    discount_rate: Annotated[float, Quantity("1", minimum=0, maximum=0.3)] | None = None
    """Real rate; the reference's by default."""
    public_funds_cost: Annotated[float, Quantity("1", minimum=1, maximum=3)] | None = None
    """What a net public euro counts for; the reference's by default."""
    shared: dict[str, SharedBlock] = Field(default_factory=dict)
    """What several projects share."""
    projects: dict[str, ProjectBlock] = Field(min_length=1)
    """Projects by name."""
    communes: MutualBlock | None = None
    """Communes that may share."""


@dataclass(frozen=True)
class Portfolio:
    """A portfolio, ready to be solved.

    Attributes
    ----------
    file : PortfolioFile
    candidates : tuple of Candidate
    shared : tuple of SharedThing
    years : tuple of int
        Calendar years of the budgets.
    """

    file: PortfolioFile
    candidates: tuple[Candidate, ...]
    shared: tuple[SharedThing, ...]
    years: tuple[int, ...]

    @property
    def budgets(self) -> list[float]:
        """By year [EUR]."""
        return [self.file.budgets[year] for year in self.years]


def read_portfolio(path: Path | str) -> Portfolio:
    """Read a portfolio.

    Raises
    ------
    InputError
        With file, line and key, for every problem at once.
    """
    path = Path(path)
    data = read_yaml(path)
    file = validate(PortfolioFile, data, path)
    years = tuple(sorted(file.budgets))
    problems = _faults(file, data, years)
    if problems:
        raise InputError(*problems)
    reference = reference_table()
    rate = reference.value("discount_rate") if file.discount_rate is None else file.discount_rate
    cofp = reference.value("public_funds_cost") if file.public_funds_cost is None else file.public_funds_cost
    candidates: list[Candidate] = []
    euros: dict[str, int] = {}
    for name, block in file.projects.items():
        try:
            candidate, year = _candidate(name, block, file, years, rate, cofp, path.parent)
            candidates.append(candidate)
            euros |= {} if year is None else {name: year}
        except InputError as error:
            problems += [data.problem(("projects", name), item.message, item.hint) for item in error.problems]
    if len(set(euros.values())) > 1:
        message = _("these evaluations are in euros of different years: {names}")
        told = ", ".join(f"{name} ({year})" for name, year in euros.items())
        hint = _("evaluate the runs again with one « base_year »")
        problems.append(data.problem(("projects",), message.format(names=told), hint))
    if problems:
        raise InputError(*problems)
    shared = tuple(
        SharedThing(
            name,
            local(block.title) or name,
            block.cost,
            cofp * _by_start(np.array([-block.cost, *[-block.annual] * file.horizon]), file.horizon, len(years), rate),
        )
        for name, block in file.shared.items()
    )
    return Portfolio(file, tuple(candidates), shared, years)


def _faults(file: PortfolioFile, data: LocatedMapping, years: Sequence[int]) -> list[Problem]:
    found = []
    if list(years) != list(range(years[0], years[0] + len(years))):
        hint = _("give every year from the first to the last, 0 EUR where there is none")
        found.append(data.problem(("budgets",), _("a year is missing among the budgets"), hint))
    for name, block in file.projects.items():
        for key, known in (("after", list(file.projects)), ("needs", list(file.shared))):
            for other in getattr(block, key):
                if other not in known or other == name:
                    near = nearest(other, known)
                    message = _("unknown project or shared thing « {name} »").format(name=other)
                    hint = _("Did you mean {near}?").format(near=near) if near and near != name else ""
                    found.append(data.problem(("projects", name, key), message, hint))
        for key in ("earliest", "latest"):
            year = getattr(block, key)
            if year is not None and year not in years:
                message = _("{year} is none of the years of the budgets").format(year=year)
                found.append(data.problem(("projects", name, key), message))
    found += [
        data.problem(("projects", name, "after"), _("these projects wait for each other: {names}").format(names=cycle))
        for name, cycle in _cycles(file)
    ]
    return found


def _cycles(file: PortfolioFile) -> list[tuple[str, str]]:
    import networkx as nx

    graph = nx.DiGraph([(name, other) for name, block in file.projects.items() for other in block.after])
    return [(cycle[0], " → ".join([*cycle, cycle[0]])) for cycle in nx.simple_cycles(graph)]


def _by_start(flows: Floats, horizon: int, starts: int, rate: float) -> Floats:
    """Return what flows are worth in year 0, by year of start; what would come after the horizon is lost."""
    found = np.zeros(starts)
    for start in range(starts):
        kept = flows[: max(horizon + 1 - start, 0)]
        found[start] = float(kept @ discount_factors(rate, horizon + 1)[start : start + len(kept)])
    return found


def _candidate(
    name: str, block: ProjectBlock, file: PortfolioFile, years: Sequence[int], rate: float, cofp: float, folder: Path
) -> tuple[Candidate, int | None]:
    """Return a project, and the year in whose euros its evaluation is; None where it is stated."""
    made = _evaluated(block, file, cofp, folder) if block.run else _stated(block, file, rate, cofp)
    euros = made.pop("base_year", None)
    candidate = Candidate(
        name=name,
        title=local(block.title) or made.pop("title", "") or name,
        value=_by_start(made.pop("flows"), file.horizon, len(years), rate),
        # Variants of one run are other ways to do the same: together they would count twice what they share.
        group=block.group or (f"{(folder / block.run).resolve()}" if block.run else ""),
        after=dict(block.after),
        needs=tuple(block.needs),
        earliest=0 if block.earliest is None else block.earliest - years[0],
        latest=None if block.latest is None else block.latest - years[0],
        compulsory=block.compulsory,
        **made,
    )
    return candidate, euros


def _stated(block: ProjectBlock, file: PortfolioFile, rate: float, cofp: float) -> dict[str, Any]:
    given = block.investment if isinstance(block.investment, list) else [block.investment or 0.0]
    invested = np.array(given, dtype=np.float64)
    yearly, saving = block.yearly_value or 0.0, block.yearly_saving
    flows, own = np.zeros(file.horizon + 1), np.zeros(file.horizon + 1)
    flows[1:] = yearly + (0.0 if saving is None else (cofp - 1.0) * saving)
    own[1:] = yearly if saving is None else saving
    count = min(len(invested), len(flows))
    flows[:count] -= cofp * invested[:count]
    own[:count] -= invested[:count]
    back = float(payback(own, rate))
    chance = block.p_positive
    return {
        "investment": invested,
        "flows": flows,
        "discounted_payback": back,
        "lead_time": block.lead_time,
        "p_positive": (1.0 if own @ discount_factors(rate, len(own)) > 0 else 0.0) if chance is None else chance,
        "maturity": block.maturity,
    }


def _evaluated(block: ProjectBlock, file: PortfolioFile, cofp: float, folder: Path) -> dict[str, Any]:
    """Return what an evaluation says of a variant."""
    path = folder / block.run
    path = path / "evaluation.json" if path.is_dir() else path
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        hint = _("run « jumeau evaluate » first")
        raise InputError(_("no readable evaluation: {name}").format(name=path.name), hint=hint) from error
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise InputError(_("not an evaluation: {name}").format(name=path.name))
    check_version(document.get("version"), VERSION, path)
    variants = document.get("variants")
    if not isinstance(variants, Mapping):
        raise InputError(_("not an evaluation: {name}").format(name=path.name))
    if block.variant not in variants:
        known = ", ".join(variants)
        raise InputError(
            _("unknown variant « {name} »").format(name=block.variant), hint=_("one of: {names}").format(names=known)
        )
    try:
        if variants[block.variant]["outside"]:
            message = _("« {name} » has no verdict: its run lies outside what a model means")
            hint = _("correct the territory or the scenario, run it again")
            raise InputError(message.format(name=block.variant), hint=hint)
        horizon, euros = int(document["horizon"]), int(document["base_year"])
        made = {**_of_variant(variants[block.variant], file, cofp), "base_year": euros}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        # A file cut short or written by hand.
        raise InputError(_("not an evaluation: {name}").format(name=path.name)) from error
    if horizon < file.horizon:
        message = _("« {name} » is evaluated over {years} years, the portfolio counts {wanted}")
        hint = _("evaluate the run with « --horizon {wanted} », or shorten that of the portfolio")
        told = message.format(name=block.variant, years=horizon, wanted=file.horizon)
        raise InputError(told, hint=hint.format(wanted=file.horizon))
    return made


def _of_variant(said: Mapping[str, Any], file: PortfolioFile, cofp: float) -> dict[str, Any]:
    means = {key: np.array(series["mean"]) for key, series in said["flows"].items() if key != "years"}
    flows = cofp * (means["budget"] + means["other_public"]) + means["users_and_environment"]
    if not (np.isfinite(flows).all() and np.isfinite(means["investment"]).all()):
        raise ValueError("flows that are no numbers")
    back = said["total"]["discounted_payback"]["p50"]
    return {
        "title": local(said["title"]),
        "investment": np.trim_zeros(means["investment"][: len(file.budgets)], "b"),
        "flows": flows[: file.horizon + 1],
        "discounted_payback": np.inf if back is None else float(back),
        "lead_time": float(said["lead_time_months"]),
        "p_positive": float(said["total"]["financial_benefit"]["p_positive"]),
        "maturity": str(said["maturity"]),
    }
