"""Projects stated in a file: planned or published figures, valued as a simulated variant is, without a simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.accounts import VOCABULARY, Vocabulary, account_factors, brought_to
from jumeau.errors import InputError
from jumeau.evaluation.assumptions import Assumptions, assume, faults
from jumeau.evaluation.evaluate import evaluate_projects
from jumeau.evaluation.from_results import Projects, flow_key
from jumeau.evaluation.model import About, Evaluation
from jumeau.evaluation.parameters import EvaluationBlock, evaluation_model, over
from jumeau.evaluation.project import Effect, Emission, Project, Purchase
from jumeau.evaluation.stated_file import (
    AVOIDED,
    AVOIDED_UNIT,
    PROJECT,
    Amount,
    StatedFile,
)
from jumeau.evaluation.storage import FILE, document
from jumeau.factors import FactorTable
from jumeau.i18n import LocalText, _
from jumeau.results.account import SHARED
from jumeau.results.comparison import BASELINE
from jumeau.results.storage import write_json
from jumeau.sampling import Law, law_of, sample
from jumeau.units import parse_quantity
from jumeau.yaml_file import LocatedMapping, read_yaml, validate
from jumeau.yaml_types import in_domain, near_range

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """A published figure beside what the evaluation says.

    Attributes
    ----------
    variant, criterion, source : str
    low, high : float
        As published, in the criterion's unit.
    inside : bool
        Whether it lies within P10 to P90.
    """

    variant: str
    criterion: str
    source: str
    low: float
    high: float
    inside: bool


@dataclass(frozen=True)
class Stated:
    """A stated project, valued.

    Attributes
    ----------
    evaluation : Evaluation
    comparisons : tuple of Comparison
    caveats : tuple of LocalText
    """

    evaluation: Evaluation
    comparisons: tuple[Comparison, ...]
    caveats: tuple[LocalText, ...]


def write_stated(stated: Stated, path: Path) -> Path:
    """Write the evaluation of a stated project, with what was published of it and its caveats.

    Parameters
    ----------
    stated : Stated
    path : Path
        File, or a folder that is there, in which the file has its usual name.
    """
    published = [
        {
            "variant": item.variant,
            "criterion": item.criterion,
            # A sign has one end only.
            "low": item.low if np.isfinite(item.low) else None,
            "high": item.high if np.isfinite(item.high) else None,
            "source": item.source,
            "within": item.inside,
        }
        for item in stated.comparisons
    ]
    whole = {**document(stated.evaluation), "published": published, "caveats": list(stated.caveats)}
    return write_json(whole, path / FILE if path.is_dir() else path)


def evaluate_stated(path: Path | str, changes: Mapping[str, Any] | None = None) -> Stated:
    """Read a file of stated projects and value them.

    Parameters
    ----------
    path : Path
    changes : mapping, optional
        Keys of the evaluation block that stand over the file's.

    Raises
    ------
    InputError
        With file, line, key and value.
    """
    path = Path(path)
    data = read_yaml(path)
    file = validate(StatedFile, data, path)
    if data.get("evaluation"):
        validate(evaluation_model(), data.at("evaluation"), path)
    block = validate(evaluation_model(), over(file.evaluation or {}, changes or {}))
    assumed = assume(block, file.base_year, file.base_year, path.parent)
    prices = _prices(file, data)
    table = brought_to(account_factors(), file.base_year).override(prices, _("stated by the project"))
    many = Samples(file, block, table, prices, dict(assumed.laws), certain=False)
    central = Samples(file, block, table, prices, {}, certain=True)
    kinds = {item.kind for variant in file.variants.values() for item in variant.purchases}
    found = faults(assumed, many.tables(BASELINE), list(file.variants), kinds)
    if found:
        raise InputError(*(data.problem(("evaluation", *place), text, hint) for place, text, hint in found))
    provenance = {
        "scenario": {"name": file.name, "title": file.title or file.name, "question": file.question},
        "variants": {name: {"title": item.title} for name, item in file.variants.items()},
        "networks": {},
    }
    about = About(
        variants=tuple(file.variants),
        provenance=provenance,
        prices={f"{SHARED}.{name}": value for name, value in prices.items()},
    )
    evaluation = evaluate_projects(about, assumed, StatedProjects(many, assumed), StatedProjects(central, assumed))
    return Stated(evaluation, tuple(_compared(file, evaluation)), tuple(file.caveats))


def _prices(file: StatedFile, data: LocatedMapping) -> dict[str, float]:
    known, found, problems = account_factors(), {}, []
    for name, written in file.prices.items():
        if name not in known:
            problems.append(data.problem(("prices", name), _("unknown price « {name} »").format(name=name)))
            continue
        try:
            found[name] = near_range(in_domain(written, known[name]), known[name])
        except ValueError as error:
            problems.append(data.problem(("prices", name), str(error), value=str(written)))
    if problems:
        raise InputError(*problems)
    return found


def _compared(file: StatedFile, evaluation: Evaluation) -> list[Comparison]:
    found = []
    for name, variant in file.variants.items():
        for published in variant.published:
            low, high = published.ends
            said = evaluation.estimate(published.criterion, name)
            # A sign holds where the whole range has it.
            inside = said.p10 <= low and high <= said.p90
            if published.sign:
                inside = low <= said.p10 and said.p90 <= high
            found.append(Comparison(name, published.criterion, published.source, low, high, bool(inside)))
    return found


class Samples:
    """Draws of a stated project's own figures and of the shared prices, as `Draws` are asked for."""

    def __init__(
        self,
        file: StatedFile,
        block: EvaluationBlock,
        table: FactorTable,
        prices: Mapping[str, float],
        extra: Mapping[str, Law],
        *,
        certain: bool,
    ) -> None:
        self.file, self.table, self.chance = file, table, False
        self.count = 1 if certain else block.samples
        self.years, self.to_base_year = 1.0, 1.0
        self.situations = [BASELINE, *file.variants]
        self.laws: dict[str, Law] = {}
        if not certain:
            drawn = {name: law_of(factor) for name, factor in table.items() if name not in prices}
            self.laws = {f"{SHARED}.{name}": law for name, law in drawn.items() if law is not None}
            self.laws |= {**extra, **self._stated_laws(block)}
        self.drawn = sample(self.laws, self.count, file.seed) if self.laws else {}

    @property
    def networks(self) -> tuple[str, ...]:
        """Networks that the file speaks of."""
        named = [
            item.network for variant in self.file.variants.values() for item in (*variant.purchases, *variant.yearly)
        ]
        return tuple(dict.fromkeys(named)) or (PROJECT,)

    @property
    def vocabularies(self) -> dict[str, Vocabulary]:
        """Quantities that each network's yearly changes speak of."""
        found: dict[str, dict[str, Any]] = {name: {} for name in self.networks}
        for variant in self.file.variants.values():
            for item in variant.yearly:
                if item.quantity in VOCABULARY:
                    found[item.network][item.quantity] = VOCABULARY[item.quantity]
        return dict(found)

    def _stated_laws(self, block: EvaluationBlock) -> dict[str, Law]:
        found: dict[str, Law | None] = {}
        for name, variant in self.file.variants.items():
            for place, item in enumerate(variant.yearly):
                found[f"{name}.yearly.{place}"] = item.law_of(item.amount, item.unit)
            for place, bought in enumerate(variant.purchases):
                found[f"{name}.price.{place}"] = bought.law_of(bought.paid, "EUR")
                found[f"{name}.life.{place}"] = bought.life_law()
            for place, flow in enumerate(block.variant(name).flows):
                low, high = flow.bounds
                if low < high:
                    found[flow_key(name, place, block)] = Law("triangular", low, flow.amount, high)
        return {name: law for name, law in found.items() if law is not None}

    def value(self, name: str, written: Amount, unit: str) -> Floats:
        """Return a stated figure by sample, shape (count,)."""
        return self.drawn[name] if name in self.drawn else np.full(self.count, parse_quantity(written, unit))

    def replications_of(self, periods: int) -> NDArray[np.int64]:
        """Return zeros: nothing was simulated."""
        return np.zeros((self.count, periods), dtype=np.int64)

    def tables(self, _situation: str) -> dict[str, FactorTable]:
        """Return the shared list; stated projects have no factors of their own."""
        return {SHARED: self.table, **{name: FactorTable({}) for name in self.networks}}

    def factors(self, _situation: str, _network: str) -> tuple[FactorTable, FactorTable]:
        """Return the shared list as drawn, and no factors of the network's own."""
        changed: dict[str, Any] = {
            name: self.drawn[f"{SHARED}.{name}"] for name in self.table if f"{SHARED}.{name}" in self.drawn
        }
        return self.table.override(changed, "sample"), FactorTable({})

    def quantities(self, situation: str, network: str, _rows: object) -> dict[str, Floats]:
        """Return what a variant changes in a year; nothing for the situation before."""
        found = {name: np.zeros(self.count) for name in self.vocabularies[network]}
        if situation in self.file.variants:
            for place, item in enumerate(self.file.variants[situation].yearly):
                if item.quantity in VOCABULARY and item.network == network:
                    key = f"{situation}.yearly.{place}"
                    found[item.quantity] = found[item.quantity] + self.value(key, item.amount, item.unit)
        return found

    def bill_of(self, _situation: str, _network: str) -> tuple[()]:
        """Return nothing: purchases are stated."""
        return ()


class StatedProjects(Projects):
    """Makes projects of stated variants."""

    def __init__(self, samples: Samples, assumed: Assumptions) -> None:
        self._stated = samples
        super().__init__(samples, assumed)

    def project(self, variant: str) -> Project:
        """Return what a stated variant does."""
        made = super().project(variant)
        stated, samples = self._stated.file.variants[variant], self._stated
        effects = [
            Effect(
                item.network,
                item.item,
                item.actor,
                samples.value(f"{variant}.yearly.{place}", item.amount, "EUR")[:, None],
                item.mirror,
            )
            for place, item in enumerate(stated.yearly)
            if item.item
        ]
        purchases = [
            Purchase(
                network=item.network,
                kind=item.kind,
                label=str(item.label or item.kind),
                price=item.times * samples.value(f"{variant}.price.{place}", item.paid, "EUR"),
                life=samples.drawn.get(f"{variant}.life.{place}", np.full(samples.count, item.life)),
                fee=np.full(samples.count, item.count * item.fee),
                embodied=np.full(samples.count, item.count * item.embodied),
                count=item.count,
            )
            for place, item in enumerate(stated.purchases)
        ]
        emissions = [
            Emission(item.network, samples.value(f"{variant}.yearly.{place}", item.amount, AVOIDED_UNIT)[:, None])
            for place, item in enumerate(stated.yearly)
            if item.quantity == AVOIDED
        ]
        return replace(
            made,
            effects=(*made.effects, *effects),
            purchases=(*made.purchases, *purchases),
            emissions=(*made.emissions, *emissions),
        )
