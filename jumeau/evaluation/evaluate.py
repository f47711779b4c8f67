"""Evaluate a finished run: five criteria over the years, with their ranges, without simulating anything again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from jumeau.accounts import TOTAL
from jumeau.errors import InputError, Problem
from jumeau.evaluation.assumptions import Assumptions, assume, faults
from jumeau.evaluation.criteria import CRITERIA, criteria, financial_benefit
from jumeau.evaluation.finance import discount_factors
from jumeau.evaluation.financing import finance_project
from jumeau.evaluation.flows import Ledger, lay_out
from jumeau.evaluation.from_results import Projects, flow_key
from jumeau.evaluation.items import ITEMS
from jumeau.evaluation.model import About, Evaluation
from jumeau.evaluation.parameters import COMMON, EvaluationBlock, evaluation_model, over
from jumeau.evaluation.programmes import PROGRAMMES
from jumeau.evaluation.project import ACTORS, Project
from jumeau.i18n import _
from jumeau.results.account import QUANTITY, factor_tables, simulated
from jumeau.results.comparison import BASELINE, OUTSIDE_OF
from jumeau.results.model import Results
from jumeau.results.sampled import Sampled
from jumeau.sampling import Law
from jumeau.yaml_file import validate

Floats = NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)

#: Yearly sums that are kept by sample, then told by quantile.
YEARLY = ("authority", "investment", "others", "other_public", "financing")


#: Makes a problem of a key path, a message and an advice.
Locate = Callable[[tuple[str | int, ...], str, str], Problem]


def told(place: tuple[str | int, ...], text: str, hint: str) -> Problem:
    """Return a problem that names its key path."""
    return Problem(f"{'.'.join(map(str, place))}: {text}", hint)


def block_of(results: Results, changes: Mapping[str, Any] | None = None) -> EvaluationBlock:
    """Return the evaluation block of the scenario that was run, with these keys over it.

    Raises
    ------
    InputError
        On a key or a value that cannot be.
    """
    given = results.provenance.get("scenario", {}).get("resolved", {}).get("evaluation") or {}
    return validate(evaluation_model(), over(given, changes or {}))


def evaluate(
    results: Results,
    block: EvaluationBlock | Mapping[str, Any] | None = None,
    *,
    prices: Mapping[tuple[str, str], float] | None = None,
    base_year: int | None = None,
    folder: Path | None = None,
    later: Mapping[int, Results] | None = None,
    locate: Locate = told,
) -> Evaluation:
    """Evaluate every variant of a finished run against its baseline.

    Parameters
    ----------
    results : Results
    block : EvaluationBlock or mapping, optional
        Horizon, calendar, rates, financing. Keys of a mapping stand over those of the scenario, a block instead.
    prices : mapping, optional
        Values that stand for those of the run, by owner (`shared` or a network) and factor; they are then certain.
    base_year : int, optional
        Year in whose euros money is; that of the run by default.
    folder : Path, optional
        Folder that the path of a table of parameters is relative to.
    later : mapping of int to Results, optional
        The same scenario simulated for later calendar years, by year: between them quantities go in proportion, after
        the last one they stay.
    locate : callable
        Makes a problem of a key path of the block, a message and an advice: with file and line, where there is one.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        On a name that is none, a price that simulations read, a base year that no index knows.
    """
    if block is None:
        block = block_of(results)
    elif not isinstance(block, EvaluationBlock):
        block = block_of(results, block)
    _check_prices(prices or {}, results)
    first_year = int(str(results.provenance["period"]["start"])[:4])
    run_year = int(results.dataset.attrs["base_year"])
    assumed = assume(block, run_year if base_year is None else base_year, first_year, folder)
    flow_laws = _flow_laws(block, [name for name in results.variants if name != BASELINE])

    def sampled(*, certain: bool, run: Results = results) -> Sampled:
        return run.samples(
            count=1 if certain else block.samples,
            values=prices,
            extra={**assumed.laws, **flow_laws},
            certain=certain,
            base_year=assumed.base_year,
        )

    many, central = sampled(certain=False), sampled(certain=True)
    kinds, costs = (set(results.bill[name]) for name in ("kind", "cost_factor"))
    found = faults(assumed, many.tables(BASELINE), list(results.variants)[1:], kinds, costs)
    if found:
        raise InputError(*(locate(place, text, hint) for place, text, hint in found))
    variants = tuple(name for name in results.variants if name != BASELINE)
    about = About(
        variants=variants,
        provenance=dict(results.provenance),
        figures=tuple(results.figures()),
        draws=0 if results.draws is None else int(results.draws.sizes["draw"]),
        replications=int(results.dataset.sizes["replication"]),
        prices={f"{owner}.{name}": value for (owner, name), value in (prices or {}).items()},
        decided=tuple(f"{owner}.{name}" for owner, name in prices or {} if (owner, name) in simulated(results.factors)),
        later=tuple(sorted(later or {})),
        outside=_outside([results, *(later or {}).values()], variants),
    )
    _check_later(later or {}, results, assumed)
    others, plain = (
        {year: sampled(certain=certain, run=run) for year, run in (later or {}).items()} for certain in (False, True)
    )
    return evaluate_projects(about, assumed, Projects(many, assumed, others), Projects(central, assumed, plain))


def _check_later(later: Mapping[int, Results], results: Results, assumed: Assumptions) -> None:
    """Refuse runs of later years that are not of the same campaign.

    Raises
    ------
    InputError
    """
    first, last = assumed.start + 1, assumed.start + assumed.block.horizon
    for year, run in later.items():
        if not first < year <= last:
            message = _("{year} is no year after {first} within the horizon, which ends in {last}")
            raise InputError(message.format(year=year, first=first, last=last))
        if set(run.variants) != set(results.variants) or set(run.networks) != set(results.networks):
            message = _("the run of {year} has other variants or networks than this one")
            raise InputError(message.format(year=year), hint=_("run the same scenario with another period"))
        if run.dataset.attrs["base_year"] != results.dataset.attrs["base_year"]:
            message = _("the run of {year} is in euros of another year")
            raise InputError(message.format(year=year), hint=_("run it with the same « base_year »"))


def _check_prices(prices: Mapping[tuple[str, str], float], results: Results) -> None:
    """Refuse prices of things that do not exist, and values that they cannot have.

    Raises
    ------
    InputError
    """
    tables = factor_tables(results.factors, BASELINE)
    for (owner, name), number in prices.items():
        if name not in tables.get(owner, {}):
            raise InputError(_("unknown price « {name} »").format(name=f"{owner}.{name}"))
        if not (np.isfinite(number) and number in tables[owner][name].domain):
            message = _("« {name} »: {value} is outside what it can be: {bounds}")
            raise InputError(message.format(name=name, value=number, bounds=tables[owner][name].domain))


def _outside(runs: Iterable[Results], variants: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return, by variant, the networks of which a quantity lies outside what their model means, before or after."""
    found: dict[str, dict[str, None]] = {}
    for run in runs:
        for array in run.dataset.data_vars.values():
            unfit = json.loads(array.attrs.get(OUTSIDE_OF, "[]")) if QUANTITY in array.attrs else []
            for variant in variants if BASELINE in unfit else unfit:
                found.setdefault(variant, {})[str(array.attrs["network"])] = None
    return {variant: tuple(networks) for variant, networks in found.items()}


def _flow_laws(block: EvaluationBlock, variants: Sequence[str]) -> dict[str, Law]:
    """Return the laws of stated flows that have a range; flows said for all variants are drawn once for all."""
    found = {}
    for variant in variants:
        for number, flow in enumerate(block.variant(variant).flows):
            low, high = flow.bounds
            if low < high:
                found[flow_key(variant, number, block)] = Law("triangular", low, flow.amount, high)
    return found


def evaluate_projects(about: About, assumed: Assumptions, many: Projects, central: Projects) -> Evaluation:
    """Evaluate projects, wherever they come from: `many` by sample, `central` with one certain sample."""
    variants = list(about.variants)
    networks = [*many.sampled.networks, COMMON]
    years = list(range(assumed.start, assumed.start + assumed.years))
    rules = many.rules
    values: dict[str, Floats] = {
        name: np.full((len(variants), len(networks) + 1, many.sampled.count), np.nan) for name in CRITERIA
    }
    yearly = np.zeros((len(variants), len(YEARLY) + 2, len(QUANTILES), assumed.years))
    means = np.zeros((len(variants), len(YEARLY) + 2, assumed.years))
    summed = np.zeros((len(variants), len(QUANTILES), assumed.years))
    delayed = np.full((len(variants), len(assumed.block.delays), len(QUANTILES)), np.nan)
    for row, variant in enumerate(variants):
        project = many.project(variant)
        ledger = laid_out(project, many, assumed, rules.carbon_value)
        for place, names in enumerate([*([name] for name in networks), networks]):
            for name, array in criteria(ledger, names, rules).items():
                values[name][row, place] = array
        classes = _classes(ledger, networks)
        yearly[row] = np.stack([np.quantile(array, QUANTILES, axis=0) for array in classes])
        means[row] = np.stack([array.mean(axis=0) for array in classes])
        own = np.sum([ledger.sum(network, "authority") for network in networks], axis=0)
        discounted = own * discount_factors(rules.rate, assumed.years)
        summed[row] = np.quantile(np.cumsum(discounted, axis=1), QUANTILES, axis=0)
        for place, delay in enumerate(assumed.block.delays):
            late = ledger if delay == 0 else lay_out(project, rules.carbon_value, delay=delay)
            delayed[row, place] = np.quantile(financial_benefit(late, networks, rules), QUANTILES)
    coords = {"variant": variants, "network": [*networks, TOTAL]}
    samples = xr.Dataset(
        {
            name: xr.DataArray(
                values[name],
                dims=("variant", "network", "sample"),
                attrs={"long_name": item.label, "units": item.unit, "group": item.group},
            )
            for name, item in CRITERIA.items()
        },
        coords=coords,
        attrs={"base_year": assumed.base_year, "comment": "simulation, not measurement"},
    )
    flows, carbon = _flows(assumed, central, variants, networks)
    return Evaluation(
        assumed=assumed,
        samples=samples,
        flows=flows,
        carbon=carbon,
        yearly=xr.DataArray(
            yearly,
            dims=("variant", "class", "quantile", "year"),
            coords={
                "variant": variants,
                "class": [*YEARLY, "avoided", "embodied"],
                "quantile": list(QUANTILES),
                "year": years,
            },
            attrs={"units": "EUR; kgCO2e for avoided and embodied"},
        ),
        means=xr.DataArray(
            means,
            dims=("variant", "class", "year"),
            coords={"variant": variants, "class": [*YEARLY, "avoided", "embodied"], "year": years},
            attrs={"units": "EUR; kgCO2e for avoided and embodied"},
        ),
        cumulated=xr.DataArray(
            summed,
            dims=("variant", "quantile", "year"),
            coords={"variant": variants, "quantile": list(QUANTILES), "year": years},
            attrs={"units": "EUR", "long_name": "cumulated discounted flows of the authority"},
        ),
        delays=xr.DataArray(
            delayed,
            dims=("variant", "delay", "quantile"),
            coords={"variant": variants, "delay": list(assumed.block.delays), "quantile": list(QUANTILES)},
            attrs={"units": "EUR", "long_name": "financial benefit where effects come late"},
        ),
        factors=_factor_rows(many, assumed),
        laws=dict(many.sampled.laws),
        **vars(about),
    )


def laid_out(
    project: Project, projects: Projects, assumed: Assumptions, carbon_value: Floats, *, detailed: bool = False
) -> Ledger:
    """Return a project laid out over the years, its financing included."""
    ledger = lay_out(project, carbon_value, detailed=detailed)
    financing = assumed.block.variant(project.name).financing
    if financing is not None:
        reference = assumed.reference
        finance_project(
            ledger,
            project,
            financing,
            vat=reference.value("vat_on_investment"),
            fctva=reference.value("fctva_rate"),
            cee_price=projects.parameter("cee_price"),
            inflation=projects.parameter("inflation"),
            own_share=reference.value("own_share"),
            rates={name: projects.parameter(programme.rate) for name, programme in PROGRAMMES.items()},
        )
    return ledger


def _classes(ledger: Ledger, networks: Sequence[str]) -> list[Floats]:
    """Return the yearly sums of all networks, by sample: those of `YEARLY`, then tonnes avoided and embodied."""
    found = [np.sum([ledger.sum(network, name) for network in networks], axis=0) for name in YEARLY]
    found += [np.sum(list(tonnes.values()), axis=0) for tonnes in (ledger.avoided, ledger.embodied)]
    return found


def _flows(
    assumed: Assumptions, central: Projects, variants: Sequence[str], networks: Sequence[str]
) -> tuple[xr.DataArray, xr.DataArray]:
    """Return flows and emissions by year with central assumptions, the situation before among the scenarios."""
    scenarios = [BASELINE, *variants]
    items, years = list(ITEMS), list(range(assumed.start, assumed.start + assumed.years))
    flows = np.zeros((len(scenarios), len(years), len(items), len(networks), len(ACTORS)))
    carbon = np.zeros((len(scenarios), len(years), 2, len(networks)))
    value = central.carbon_value
    for row, scenario in enumerate(scenarios):
        if scenario == BASELINE:
            ledger = lay_out(central.today(), value, detailed=True)
        else:
            ledger = laid_out(central.project(scenario), central, assumed, value, detailed=True)
        for (network, item, actor), amount in ledger.booked.items():
            flows[row, :, items.index(item), networks.index(network), ACTORS.index(actor)] += amount[0]
        for place, tonnes in enumerate((ledger.avoided, ledger.embodied)):
            for network, amount in tonnes.items():
                carbon[row, :, place, networks.index(network)] += amount[0]
        if row:
            # Scenarios hold the whole account: before, and what the variant changes.
            flows[row] += flows[0]
            carbon[row] += carbon[0]
    coords = {"scenario": scenarios, "year": years, "network": list(networks)}
    return (
        xr.DataArray(
            flows,
            dims=("scenario", "year", "item", "network", "actor"),
            coords={**coords, "item": items, "actor": list(ACTORS)},
            name="flows",
            attrs={"units": "EUR", "base_year": assumed.base_year, "comment": "central assumptions"},
        ),
        xr.DataArray(
            carbon,
            dims=("scenario", "year", "kind", "network"),
            coords={**coords, "kind": ["avoided", "embodied"]},
            name="carbon",
            attrs={"units": "kgCO2e", "comment": "central assumptions; emitted counts as avoided below zero"},
        ),
    )


def _factor_rows(projects: Projects, assumed: Assumptions) -> pd.DataFrame:
    """Return every price and parameter with its source, its grade and its law."""
    tables = {**projects.sampled.tables(BASELINE), "reference": assumed.reference}
    rows = []
    for owner, table in tables.items():
        for name, factor in table.items():
            if factor.use == "run":
                continue
            law = projects.sampled.laws.get(f"{owner}.{name}")
            rows.append(
                {
                    "owner": owner,
                    "name": name,
                    "value": factor.value,
                    "unit": factor.unit,
                    "year": factor.year,
                    "low": None if law is None else law.low,
                    "high": None if law is None else law.high,
                    "law": "" if law is None else law.kind,
                    "grade": factor.grade,
                    "source": factor.source,
                    "description": factor.description,
                    "overridden": factor.overridden,
                }
            )
    return pd.DataFrame(rows)
