"""From a finished run to projects: what each variant changes in a year, priced, sample by sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts.price_list import VAT_RATE
from jumeau.accounts.quantity import ACTORS, CARRIERS, Quantity
from jumeau.accounts.valuation import emission_of, price_of
from jumeau.bill import BillItem
from jumeau.evaluation.assumptions import Assumptions
from jumeau.evaluation.criteria import Rules
from jumeau.evaluation.draws import Draws
from jumeau.evaluation.items import item_of_line
from jumeau.evaluation.parameters import COMMON, PROVEN, EvaluationBlock, FlowBlock
from jumeau.evaluation.project import (
    AUTHORITY,
    ENVIRONMENT,
    OTHER_PUBLIC,
    Dated,
    Effect,
    Emission,
    Project,
    Purchase,
)
from jumeau.evaluation.reference import REFERENCE, WORTH
from jumeau.evaluation.schedule import Schedule, growth
from jumeau.factors import FactorTable
from jumeau.results.account import SHARED
from jumeau.units import conversion_factor

Floats = NDArray[np.float64]

#: Lines whose money goes on to somebody else than who gains or loses it.
RECEIPTS, LEVIES, TIME = "user_payment_cost", "levy_cost", "user_time_cost"


class Projects:
    """Makes projects of the variants of a campaign.

    Parameters
    ----------
    sampled : Draws
        With the laws of the reference parameters among its own.
    assumed : Assumptions
    later : mapping of int to Draws, optional
        The same campaign simulated for later calendar years; between them quantities go in proportion.
    """

    def __init__(self, sampled: Draws, assumed: Assumptions, later: Mapping[int, Draws] | None = None) -> None:
        self.sampled, self.assumed, self.later = sampled, assumed, dict(later or {})
        self.rows = sampled.replications_of(assumed.years) if sampled.chance else None

    def parameter(self, name: str) -> Floats:
        """Return a reference parameter by sample, shape (samples,)."""
        drawn = self.sampled.drawn.get(f"{REFERENCE}.{name}")
        return np.full(self.sampled.count, self.assumed.reference.value(name)) if drawn is None else drawn

    @property
    def carbon_value(self) -> Floats:
        """Value of a tonne by sample and year [EUR/tCO2e]."""
        return self.assumed.carbon_value(self.parameter("carbon_value"), self.parameter("carbon_value_growth"))

    @property
    def rules(self) -> Rules:
        """What criteria are computed with, by sample."""
        return Rules(self.parameter("discount_rate"), self.parameter("public_funds_cost"), self.carbon_value)

    def project(self, variant: str) -> Project:
        """Return what a variant does, against the baseline."""
        effects: list[Effect] = []
        emissions: list[Emission] = []
        purchases: list[Purchase] = []
        for network in self.sampled.networks:
            found, avoided = self._changes(variant, network)
            effects += found
            emissions += avoided
            purchases += self._purchases(variant, network)
        block = self.assumed.block.variant(variant)
        names = [*self.sampled.networks, COMMON]
        return Project(
            variant,
            self.sampled.count,
            {name: self.assumed.schedule(variant, name) for name in names},
            tuple(purchases),
            tuple(effects),
            tuple(self._dated(flow, variant, number) for number, flow in enumerate(block.flows)),
            tuple(emissions),
            self.parameter("uptake_scale")[:, None],
        )

    def today(self) -> Project:
        """Return what the situation before costs, year after year: quantities as they are, what it installs."""
        baseline = self.sampled.situations[0]
        effects, emissions, purchases = [], [], []
        for network in self.sampled.networks:
            found, emitted = self._effects(baseline, network, self._yearly(baseline, network))
            effects += found
            emissions += emitted
            purchases += [
                self._purchase(item, network, 1.0, 0.0, baseline) for item in self.sampled.bill_of(baseline, network)
            ]
        schedules = {name: Schedule(self.assumed.block.horizon) for name in (*self.sampled.networks, COMMON)}
        return Project(baseline, self.sampled.count, schedules, tuple(purchases), tuple(effects), (), tuple(emissions))

    def _yearly(self, situation: str, network: str) -> dict[str, Floats]:
        """Return quantities of a year, shape (samples, years) or (samples, 1)."""
        found = _of_a_year(self.sampled, situation, network, self.rows)
        if not self.later:
            return found
        # The run itself stands for the first year of service, and for those before it.
        known = [self.assumed.start + 1, *sorted(self.later)]
        years = np.arange(self.assumed.start, self.assumed.start + self.assumed.years)
        weights = [np.interp(years, known, np.eye(len(known))[place]) for place in range(len(known))]
        mixed = {name: values * weights[0] for name, values in found.items()}
        for weight, year in zip(weights[1:], sorted(self.later), strict=True):
            other = self.later[year]
            rows = None if self.rows is None else other.replications_of(self.assumed.years)
            for name, values in _of_a_year(other, situation, network, rows).items():
                mixed[name] = mixed[name] + values * weight
        return mixed

    def _changes(self, variant: str, network: str) -> tuple[list[Effect], list[Emission]]:
        """Return what a variant changes in a year, each situation at its own prices.

        A variant may state prices of its own: then all that it uses costs more or less, not only what it changes.
        """
        baseline = self.sampled.situations[0]
        after, before = (self._yearly(name, network) for name in (variant, baseline))
        repriced = self._repriced(variant, network)
        alike = {name: after[name] - before[name] for name in after if name not in repriced}
        effects, emissions = self._effects(variant, network, alike)
        if repriced:
            gained, freed = self._effects(variant, network, {name: after[name] for name in repriced})
            lost, kept = self._effects(baseline, network, {name: before[name] for name in repriced})
            effects += [*gained, *(replace(item, amount=-item.amount) for item in lost)]
            emissions += [*freed, *(replace(item, avoided=-item.avoided) for item in kept)]
        return effects, emissions

    def _repriced(self, variant: str, network: str) -> list[str]:
        """Return the quantities whose price, or emission, is another one in a variant than in the baseline."""
        first, own = (self.sampled.tables(name) for name in (self.sampled.situations[0], variant))
        others = {
            name for owner in (SHARED, network) for name, factor in own[owner].items() if factor != first[owner][name]
        }
        return [
            name
            for name, quantity in self.sampled.vocabularies.get(network, {}).items()
            if others & {quantity.price, quantity.emission, VAT_RATE}
        ]

    def _effects(self, situation: str, network: str, changed: dict[str, Floats]) -> tuple[list[Effect], list[Emission]]:
        shared, own = self.sampled.factors(situation, network)
        factors = shared.replaced(dict(own))
        effects: list[Effect] = []
        emissions: list[Emission] = []
        for name, quantity in self.sampled.vocabularies.get(network, {}).items():
            amount = changed.get(name)
            if amount is None or not np.any(amount):
                continue
            if quantity.cost_line:
                effects += self._money(network, quantity, amount, factors)
            if quantity.emission:
                each = _by_sample(emission_of(quantity, factors)) * self._grown(network, quantity.emission)
                emissions.append(Emission(network, -amount * each))
            if name in WORTH:
                effects.append(self._worth(network, quantity, amount))
        return effects, emissions

    def _money(self, network: str, quantity: Quantity, amount: Floats, factors: FactorTable) -> Iterator[Effect]:
        """Yield what a change of a quantity costs or saves, to whom, and to whom the money goes."""
        carrier = CARRIERS[quantity.carrier] if quantity.carrier else None
        item = item_of_line(quantity.cost_line, fuel=carrier is not None and carrier.fuel)
        if not item:
            return  # a part of what another quantity counts already
        price = _by_sample(price_of(quantity, factors))
        # Amounts of money follow no price of their own; what factors say is in euros of the evaluation already.
        price = price * (self._grown(network, quantity.price) if quantity.price else self.sampled.to_base_year)
        if quantity.cost_line == TIME:
            price = price * self._growth("shadow_growth")
        paid = -amount * price
        if quantity.cost_line == RECEIPTS:
            yield Effect(network, item, AUTHORITY, -paid, mirror=quantity.actor)
            return
        taxed = quantity.price and factors[quantity.price].vat in ("included", "excluded")
        if taxed and ACTORS[quantity.actor].pays_vat:
            rate = _by_sample(factors.value(VAT_RATE))
            yield Effect(network, item, quantity.actor, paid / (1.0 + rate))
            yield Effect(network, "taxes", quantity.actor, paid * rate / (1.0 + rate), mirror=OTHER_PUBLIC)
            return
        yield Effect(network, item, quantity.actor, paid, mirror=OTHER_PUBLIC if quantity.cost_line == LEVIES else "")

    def _worth(self, network: str, quantity: Quantity, amount: Floats) -> Effect:
        """Return what a quantity that nobody pays is worth."""
        name, grows, item = WORTH[quantity.name]
        unit = self.assumed.reference[name].unit
        each = self.parameter(name) * conversion_factor(unit, "EUR" if unit == "EUR" else f"EUR/{quantity.unit}")
        grown = self._growth(grows) if grows else 1.0
        return Effect(network, item, ENVIRONMENT, -amount * each[:, None] * grown)

    def _growth(self, name: str) -> Floats:
        """Return by how much a value has grown in each year, shape (samples, years)."""
        return growth(self.parameter(name), self.assumed.start, self.assumed.years, self.assumed.base_year)

    def _grown(self, network: str, name: str) -> Floats:
        """Return by how much a price or an emission has moved in each year, against the baseline's central value."""
        tables = self.sampled.tables(self.sampled.situations[0])
        owner = network if name in tables[network] else SHARED
        return self.assumed.grown(owner, tables[owner][name])

    def _purchases(self, variant: str, network: str) -> list[Purchase]:
        """Return what a variant buys beyond the baseline, and what it no longer buys."""
        after = Counter(self.sampled.bill_of(variant, network))
        baseline = self.sampled.situations[0]
        before = Counter(self.sampled.bill_of(baseline, network))
        maturity = self.assumed.block.variant(variant).maturity
        markup = 0.0 if maturity == PROVEN else 1.0
        return [
            *(self._purchase(item, network, float(count), markup, variant) for item, count in (after - before).items()),
            *(self._purchase(item, network, -float(count), 0.0, baseline) for item, count in (before - after).items()),
        ]

    def _purchase(self, item: BillItem, network: str, sign: float, markup: float, situation: str) -> Purchase:
        _shared, own = self.sampled.factors(situation, network)
        priced = item.priced(own)
        count = self.sampled.count
        price = np.broadcast_to(priced.investment, (count,)) * (1.0 + markup * self.parameter("novelty_markup"))
        central = self.sampled.tables(self.sampled.situations[0])[network]
        # What a factor says is in euros of the base year already.
        elsewhere, fees = (1.0 if name else self.sampled.to_base_year for name in (item.cost_factor, item.fee_factor))
        grown, fees_grown = (
            self.assumed.grown(network, central[name]) if name else np.ones(())
            for name in (item.cost_factor, item.fee_factor)
        )
        return Purchase(
            network=network,
            kind=item.kind,
            label=item.label,
            price=price * elsewhere,
            life=np.broadcast_to(np.asarray(priced.life, dtype=np.float64), (count,)),
            fee=np.broadcast_to(np.asarray(priced.annual, dtype=np.float64), (count,)) * fees,
            embodied=np.broadcast_to(np.asarray(priced.embodied, dtype=np.float64), (count,)),
            sign=sign,
            growth=grown,
            count=item.count,
            fee_growth=fees_grown,
            certificates=item.count * item.certificates,
        )

    def _dated(self, flow: FlowBlock, variant: str, number: int) -> Dated:
        """Return a flow that the scenario states, laid out over the years."""
        drawn = self.sampled.drawn.get(flow_key(variant, number, self.assumed.block))
        return dated(flow, self.assumed.years, drawn, self.sampled.count)


def _of_a_year(sampled: Draws, situation: str, network: str, rows: NDArray[np.int64] | None) -> dict[str, Floats]:
    """Return what a run says of a year, shape (samples, years) or (samples, 1)."""
    return {
        name: (values if values.ndim > 1 else values[:, None]) / sampled.years
        for name, values in sampled.quantities(situation, network, rows).items()
    }


def flow_key(variant: str, number: int, block: EvaluationBlock) -> str:
    """Return the name under which a stated flow is drawn: once for all variants where it is said for all."""
    common = number < len(block.flows)
    return f"flows.{number}" if common else f"flows.{variant}.{number - len(block.flows)}"


def dated(flow: FlowBlock, years: int, drawn: Floats | None, count: int) -> Dated:
    """Return a stated flow, year by year.

    Parameters
    ----------
    flow : FlowBlock
    years : int
        Number of yearly flows.
    drawn : ndarray or None, shape (count,)
        Amount by sample; as stated where None.
    count : int
    """
    last = years - 1 if flow.until is None else min(flow.until, years - 1)
    when = np.arange(flow.year, last + 1, flow.every) if flow.every else np.arange(flow.year, min(flow.year, last) + 1)
    shape = np.zeros(years)
    shape[when[when < years]] = 1.0
    grown = (1.0 + flow.growth) ** np.arange(years)
    amount = np.full(count, flow.amount) if drawn is None else drawn
    return Dated(flow.network, flow.item, flow.actor, amount[:, None] * shape * grown, flow.mirror)


def _by_sample(value: object) -> Floats:
    """Return a factor's value as a column over samples."""
    array = np.asarray(value, dtype=np.float64)
    return array[:, None] if array.ndim else array
