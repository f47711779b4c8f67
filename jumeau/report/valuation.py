"""What an evaluation says, as rows that a terminal and a page print alike: five criteria, returns, carbon, budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jumeau.accounts import TOTAL
from jumeau.evaluation import CRITERIA, FIVE, Estimate, Evaluation
from jumeau.evaluation.items import ITEMS
from jumeau.evaluation.parameters import COMMON
from jumeau.i18n import _, format_number
from jumeau.report.numbers import (
    NO_BREAK,
    NOTHING,
    decimals,
    plain,
    scaled_unit,
    share_percent,
    signed,
    unit_label,
    with_unit,
)
from jumeau.results.comparison import OUTSIDE
from jumeau.results.sampled import ENOUGH
from jumeau.results.titles import SYMBOLS, network_label, variant_title
from jumeau.units import conversion_factor


@dataclass(frozen=True)
class Row:
    """One criterion, written.

    Attributes
    ----------
    name, label : str
    value : str
        Median, with its unit.
    span : str
        P10 to P90, in the same unit.
    chance : str
        Share of draws in which it is above zero, or repaid.
    """

    name: str
    label: str
    value: str
    span: str
    chance: str


@dataclass(frozen=True)
class Block:
    """What is said of one variant.

    Attributes
    ----------
    variant, title : str
    rows : tuple of Row
        The five criteria.
    more : tuple of Row
        Returns, value to society, carbon.
    networks : tuple of (str, tuple of Row)
        The five criteria of each network that the variant changes, by label; empty where it is one.
    sentences : tuple of str
        What follows, in words.
    tables : tuple of YearTable
        Budget, income statement, financing plan.
    """

    variant: str
    title: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...]
    networks: tuple[tuple[str, tuple[Row, ...]], ...]
    sentences: tuple[str, ...]
    tables: tuple[YearTable, ...] = ()


#: What is said after the five criteria.
MORE = (
    "simple_payback",
    "discounted_payback",
    "internal_rate",
    "net_present_socio_economic_value",
    "cash_value",
    "carbon_net",
    "carbon_embodied",
    "carbon_payback",
    "abatement_cost",
)

#: Criteria whose sign a reader has to see.
_UNSIGNED = ("investment", "carbon_embodied")


def blocks(evaluation: Evaluation) -> list[Block]:
    """Return what is said of each variant, in the current language."""
    return [_block(evaluation, variant) for variant in evaluation.variants]


def _block(evaluation: Evaluation, variant: str) -> Block:
    total = [evaluation.estimate(name, variant) for name in FIVE]
    touched = [name for name in evaluation.networks if name != TOTAL and _touched(evaluation, variant, name)]
    networks = (
        tuple(
            (
                network_name(evaluation, name),
                rows([evaluation.estimate(item, variant, name) for item in FIVE], evaluation),
            )
            for name in touched
        )
        if len(touched) > 1
        else ()
    )
    financed = evaluation.assumed.block.variant(variant).financing is not None
    names = [name for name in MORE if name != "cash_value" or financed]
    return Block(
        variant,
        variant_title(evaluation.provenance, variant),
        rows(total, evaluation),
        rows([evaluation.estimate(name, variant) for name in names], evaluation),
        networks,
        tuple(_sentences(evaluation, variant)),
        year_tables(evaluation, variant),
    )


def network_name(evaluation: Evaluation, name: str) -> str:
    """Return how a network is called; what belongs to none has a name too."""
    return _("Common to all networks") if name == COMMON else network_label(evaluation.provenance, name)


def _touched(evaluation: Evaluation, variant: str, network: str) -> bool:
    chosen = evaluation.samples.sel(variant=variant, network=network)
    whole = evaluation.samples.sel(variant=variant, network=TOTAL)
    # Networks that share crews leave traces in each other that nobody would report.
    return any(
        float(abs(chosen[name]).max()) > 1e-3 * float(abs(whole[name]).max())
        for name in ("investment", "collective_value")
    )


def rows(estimates: Sequence[Estimate], evaluation: Evaluation) -> tuple[Row, ...]:
    """Return estimates as people read them, amounts of money in one unit."""
    return rows_over(estimates, evaluation.assumed.block.horizon)


def rows_over(estimates: Sequence[Estimate], horizon: float) -> tuple[Row, ...]:
    """Return estimates over a horizon [year] as people read them, amounts of money in one unit."""
    money = [
        abs(value)
        for item in estimates
        if item.unit == "EUR"
        for value in (item.p10, item.p50, item.p90)
        if math.isfinite(value)
    ]
    unit = scaled_unit("EUR", max(money, default=0.0))
    return tuple(_row(item, unit, horizon) for item in estimates)


def _row(item: Estimate, money: str, horizon: float) -> Row:
    criterion = CRITERIA[item.criterion]
    unit = money if item.unit == "EUR" else item.unit
    factor = conversion_factor(item.unit, unit) if item.unit == "EUR" else 1.0
    percent = item.criterion in ("internal_rate", "modified_rate")
    values = [100.0 * value if percent else value * factor for value in (item.p10, item.p50, item.p90)]
    shown = "%" if percent else unit
    label = _(criterion.label)
    if item.defined == 0.0:
        return Row(item.criterion, label, _undefined(item.criterion), "", "")
    # Two figures of a median are what such a computation can know; its range keeps the same last digit.
    finite = [abs(value) for value in values if math.isfinite(value)]
    largest = max(finite, default=0.0)
    middle = abs(values[1]) if math.isfinite(values[1]) else largest
    digits = min(decimals(middle, 2), decimals(largest, 3)) if middle else decimals(largest, 2)
    low, median, high = (_written(value, digits, item.criterion, horizon) for value in values)
    span = "" if low == high else _("{low} to {high}").format(low=low, high=high)
    value = with_unit(median, shown)
    return Row(item.criterion, label, value, span, _chance(item))


def _written(value: float, digits: int, criterion: str, horizon: float) -> str:
    if math.isinf(value):
        return f">{NO_BREAK}{format_number(horizon)}" if value > 0 else NOTHING
    if CRITERIA[criterion].unbounded or criterion in _UNSIGNED:
        return plain(value, digits)
    return signed(value, digits)


def _undefined(criterion: str) -> str:
    return {
        "abatement_cost": _("no CO₂ avoided"),
        "collective_value_per_euro": _("no investment"),
        "internal_rate": _("none: flows keep one sign"),
    }.get(criterion, NOTHING)


def _chance(item: Estimate) -> str:
    if item.criterion in _UNSIGNED or item.criterion == "abatement_cost":
        return ""
    return SYMBOLS[OUTSIDE] if math.isnan(item.p_positive) else share_percent(item.p_positive)


def _sentences(evaluation: Evaluation, variant: str) -> list[str]:
    """Return what has to be said of a variant beside its criteria."""
    if unfit := evaluation.outside.get(variant):
        named = ", ".join(network_name(evaluation, item) for item in unfit)
        text = _("{symbol} No verdict: something of {networks} lies outside what its model means; so do these figures.")
        return [text.format(symbol=SYMBOLS[OUTSIDE], networks=named)]
    found = []
    changes = evaluation.estimate("sign_changes", variant)
    if changes.p50 > 1:
        found.append(_("Flows change sign more than once (renewals): several internal rates may answer."))
    tonne = float(evaluation.assumed.carbon_value(*_central_carbon(evaluation))[0, 0])
    abatement = evaluation.estimate("abatement_cost", variant)
    if abatement.defined >= 0.5:
        value = with_unit(plain(tonne, 0), "EUR")
        if abatement.p90 < tonne:
            found.append(
                _("A tonne of CO₂ costs less than what it is worth ({value} in the first year).").format(value=value)
            )
        elif abatement.p10 > tonne:
            found.append(
                _("A tonne of CO₂ costs more than what it is worth ({value} in the first year).").format(value=value)
            )
        else:
            text = _(
                "Whether a tonne of CO₂ costs more than what it is worth ({value} in the first year) is undecided."
            )
            found.append(text.format(value=value))
    lost = evaluation.cost_of_delay(variant)
    # Of what loses money in any case, nobody should read that it is urgent.
    gains = evaluation.estimate("financial_benefit", variant).p50 > 0.0
    if gains and len(lost) and float(lost.iloc[0]) > 0.0:
        unit = scaled_unit("EUR", float(lost.iloc[0]))
        amount = float(lost.iloc[0]) * conversion_factor("EUR", unit)
        text = _(
            "Effects that come a year late, once things are paid, cost the authority {amount} of financial benefit."
        )
        found.append(text.format(amount=with_unit(plain(amount, decimals(amount, 2)), unit)))
    if not evaluation.settled("collective_value", variant):
        found.append(_("The median is not settled: ask for more draws (« samples »)."))
    return found


def _central_carbon(evaluation: Evaluation) -> tuple[Any, Any]:
    import numpy as np

    reference = evaluation.assumed.reference
    return np.array([reference.value("carbon_value")]), np.array([reference.value("carbon_value_growth")])


def legend() -> str:
    """Return what the columns are."""
    return _("Chances: share of draws in which the value is above zero, or the project repaid within the horizon.")


def heading(evaluation: Evaluation) -> str:
    """Return over what years and at what rate things are valued."""
    assumed = evaluation.assumed
    rate = 100.0 * assumed.reference.value("discount_rate")
    return _("Over {years} years ({first}-{last}), discounted at {rate}%, euros of {base}: median, P10 to P90").format(
        years=format_number(assumed.block.horizon),
        first=evaluation.years[0],
        last=evaluation.years[-1],
        rate=plain(rate, decimals(rate, 2)),
        base=assumed.base_year,
    )


def remarks(evaluation: Evaluation) -> list[str]:
    """Return what a reader has to know before leaning on these figures."""
    if evaluation.replications == 0:
        found = [
            _(
                "The figures are those that the file states; nothing was simulated. They are drawn {samples} times."
            ).format(samples=format_number(evaluation.assumed.block.samples))
        ]
        return [*found, *_reserves(evaluation)]
    found = [
        _(
            "Every year repeats the period simulated, each with the chance of one of its {replications} replications; "
            "prices, factors and lives are drawn {samples} times, simulated assumptions {draws} times."
        ).format(
            replications=format_number(evaluation.replications),
            samples=format_number(evaluation.assumed.block.samples),
            draws=format_number(evaluation.draws),
        )
    ]
    if evaluation.later:
        text = _(
            "Simulated apart: {years}. Between these years quantities go in proportion; after the last one they stay."
        )
        found.append(text.format(years=", ".join(map(str, evaluation.later))))
    if 0 < evaluation.draws < ENOUGH:
        text = _("{draws} draws of simulated assumptions are too few for a P10: their part of the ranges is rough.")
        found.append(text.format(draws=format_number(evaluation.draws)))
    elif evaluation.draws == 0:
        found.append(_("No simulated assumption is uncertain here: ranges hold chance, prices and lives only."))
    return [*found, *_reserves(evaluation)]


def _reserves(evaluation: Evaluation) -> list[str]:
    """Return what holds of every evaluation."""
    found = []
    reference = evaluation.assumed.reference.values()
    unverified = [_(item.description) for item in reference if item.grade == "D"]
    if unverified:
        text = _("Reference parameters that nobody has checked against their source: {names}.")
        found.append(text.format(names=" · ".join(unverified)))
    replaced = [f"{item.name} = {item.value:g}" for item in reference if item.overridden]
    if replaced:
        found.append(_("Reference parameters replaced by the user: {names}.").format(names=", ".join(replaced)))
    if evaluation.prices:
        listed = ", ".join(f"{name} = {value:g}" for name, value in evaluation.prices.items())
        found.append(_("Prices replaced for this valuation: {names}.").format(names=listed))
    if evaluation.decided:
        text = _("Who plans in the simulation did so with the prices of the run: {names}.")
        found.append(text.format(names=", ".join(evaluation.decided)))
    found.append(
        _(
            "A local authority is not bound by the socio-economic method of the State: it is applied here by choice. "
            "Never rank projects by their financial return alone."
        )
    )
    return found


@dataclass(frozen=True)
class YearTable:
    """Amounts by item and year, central assumptions.

    Attributes
    ----------
    title : str
    years : tuple of int
    unit : str
    rows : tuple of (str, tuple of str)
        Label and amounts.
    """

    title: str
    years: tuple[int, ...]
    unit: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]


#: Rows of the income statement and of the financing plan that are no items of flows.
_SUMS = {
    "receipts": "Receipts",
    "operating": "Operating costs",
    "gross_surplus": "Gross operating surplus",
    "depreciation": "Depreciation",
    "result": "Result",
    "own_funds": "Own funds needed",
}


def year_tables(evaluation: Evaluation, variant: str) -> tuple[YearTable, ...]:
    """Return budget, income statement and financing plan of a variant, central assumptions."""
    budget = evaluation.budget(variant)
    if not len(budget):
        return ()
    summed = budget.copy()
    summed.loc["total"] = budget.sum()
    summed.loc["cumulated"] = budget.sum().cumsum()
    tables = (
        (_("Budget of the authority, change by year"), summed),
        (_("Income statement, change by year"), evaluation.income_statement(variant)),
        (_("Financing plan"), evaluation.financing_plan(variant)),
    )
    return tuple(_year_table(title, table, evaluation.years) for title, table in tables)


def _year_table(title: str, table: pd.DataFrame, years: tuple[int, ...]) -> YearTable:
    unit = scaled_unit("EUR", float(table.abs().to_numpy().max()))
    factor = conversion_factor("EUR", unit)

    def written(values: Any) -> tuple[str, ...]:
        return tuple("" if value == 0 else signed(value * factor, _places(value * factor)) for value in values)

    named = {"total": _("Total"), "cumulated": _("Cumulated")} | {name: _(label) for name, label in _SUMS.items()}
    rows = tuple(
        (named.get(str(name)) or _(ITEMS[str(name)].label), written(amounts))
        for name, amounts in zip(table.index, table.to_numpy(), strict=True)
    )
    return YearTable(title, years, unit_label(unit), rows)


def _places(value: float) -> int:
    return min(max(decimals(value, 3), 0), 1)
