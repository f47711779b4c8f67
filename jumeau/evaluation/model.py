"""What an evaluation found: criteria by variant, network and sample; flows by year, item and actor."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from jumeau.accounts import TOTAL
from jumeau.evaluation.assumptions import Assumptions
from jumeau.evaluation.criteria import CRITERIA, FIVE
from jumeau.evaluation.finance import discount_factors
from jumeau.evaluation.items import FINANCING, INVESTMENT, ITEMS, OPERATING, RECEIPT
from jumeau.evaluation.project import AUTHORITY
from jumeau.results.comparison import BASELINE, Record
from jumeau.results.sampled import ENOUGH, Sampled
from jumeau.sampling import Law

if TYPE_CHECKING:
    from jumeau.results.model import Results

Floats = NDArray[np.float64]

#: A median that the last fifth of the samples moves by more than this share of the range P10-P90 is not settled.
SETTLED = 0.05


@dataclass(frozen=True)
class Estimate:
    """One criterion of one variant: where it lies, chance and assumptions together.

    Attributes
    ----------
    criterion, variant, network, unit : str
    p10, p50, p90 : float
        Infinite where it is never reached; not a number where it is not defined.
    p_positive : float
        Share of samples in which it is above zero; for a payback, in which it is repaid. Not a number where the run
        lies outside what a model means.
    defined : float
        Share of samples in which it has a value at all.
    """

    criterion: str
    variant: str
    network: str
    unit: str
    p10: float
    p50: float
    p90: float
    p_positive: float
    defined: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data: what has no finite value is null."""
        spread = {name: getattr(self, name) for name in ("p10", "p50", "p90")}
        return {
            "unit": self.unit,
            **{name: value if math.isfinite(value) else None for name, value in spread.items()},
            "p_positive": None if math.isnan(self.p_positive) else self.p_positive,
            "defined": self.defined,
        }


def estimate(criterion: str, variant: str, network: str, values: Floats) -> Estimate:
    """Return where the samples of a criterion lie; P10, P50 and P90 are those of the same samples."""
    known = values[~np.isnan(values)]
    unit, unbounded = CRITERIA[criterion].unit, CRITERIA[criterion].unbounded
    if not len(known):
        return Estimate(criterion, variant, network, unit, np.nan, np.nan, np.nan, 0.0, 0.0)
    # Between a time and never nothing can be interpolated: then the quantile is one of the samples.
    method = "inverted_cdf" if unbounded and np.isinf(known).any() else "linear"
    low, middle, high = (float(item) for item in np.quantile(known, [0.1, 0.5, 0.9], method=method))  # type: ignore[call-overload]
    good = np.isfinite(known) if unbounded else known > 0.0
    return Estimate(
        criterion, variant, network, unit, low, middle, high, float(good.sum()) / len(values), len(known) / len(values)
    )


@dataclass(frozen=True, kw_only=True)
class About:
    """What is evaluated, as an evaluation says it of itself.

    Attributes
    ----------
    variants : tuple of str
        Names of the variants.
    provenance : mapping
        That of the run.
    figures : tuple of Record
        The four figures of the period.
    draws, replications : int
        Of the run.
    prices : mapping of str to float
        Values that stand for those of the run, by `owner.name`.
    decided : tuple of str
        Replaced prices by which somebody decided in the simulation, which is not done again.
    later : tuple of int
        Calendar years that were simulated apart.
    outside : mapping of str to tuple of str
        By variant, networks of which something that counts here lies outside what their model means.
    """

    variants: tuple[str, ...]
    provenance: Mapping[str, Any]
    figures: tuple[Record, ...] = ()
    draws: int = 0
    replications: int = 0
    prices: Mapping[str, float] = field(default_factory=dict)
    decided: tuple[str, ...] = ()
    later: tuple[int, ...] = ()
    outside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evaluation(About):
    """An evaluation of a run's variants against its baseline.

    Attributes
    ----------
    assumed : Assumptions
        Horizon, rates, calendar, reference parameters.
    samples : Dataset
        One variable per criterion, dims (variant, network, sample); `total` among the networks.
    flows : DataArray
        Dims (scenario, year, item, network, actor), central assumptions, the baseline among the scenarios [EUR]; what
        is received or gained is positive.
    carbon : DataArray
        Dims (scenario, year, kind, network), `avoided` and `embodied` [kgCO2e]; what the baseline emits is negative.
    yearly : DataArray
        Dims (variant, class, quantile, year): P10, P50 and P90 of what each year brings.
    means : DataArray
        Dims (variant, class, year): expected flows; they add up, over projects too [EUR].
    cumulated : DataArray
        Dims (variant, quantile, year): flows of the authority summed since year 0, discounted [EUR].
    delays : DataArray
        Dims (variant, delay, quantile): financial benefit where effects come late [EUR].
    factors : DataFrame
        Prices and parameters: value, law, grade, source, whether the user replaced them.
    laws : mapping of str to Law
        What was drawn.
    """

    assumed: Assumptions
    samples: xr.Dataset
    flows: xr.DataArray
    carbon: xr.DataArray
    yearly: xr.DataArray
    means: xr.DataArray
    cumulated: xr.DataArray
    delays: xr.DataArray
    factors: pd.DataFrame
    laws: Mapping[str, Law]

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks, `common` and `total` among them."""
        return tuple(str(name) for name in self.samples["network"].values)

    @property
    def years(self) -> tuple[int, ...]:
        """Calendar years of the flows."""
        return tuple(int(year) for year in self.flows["year"].values)

    def estimate(self, criterion: str, variant: str, network: str = TOTAL) -> Estimate:
        """Return where a criterion lies; outside what a model means it has no chances."""
        values = self.samples[criterion].sel(variant=variant, network=network).to_numpy()
        found = estimate(criterion, variant, network, values)
        unfit = self.outside.get(variant, ())
        return replace(found, p_positive=math.nan) if network in unfit or (unfit and network == TOTAL) else found

    @cached_property
    def estimates(self) -> tuple[Estimate, ...]:
        """Every criterion of every variant and network."""
        return tuple(
            self.estimate(criterion, variant, network)
            for variant in self.variants
            for network in self.networks
            for criterion in CRITERIA
        )

    def table(self) -> pd.DataFrame:
        """Return the five criteria of each variant, all networks together.

        Returns
        -------
        DataFrame
            Index variant; columns in two levels: criterion with its unit, then `p10`, `p50`, `p90`, `p_positive`.
        """
        stats = ("p10", "p50", "p90", "p_positive")
        rows = {
            variant: {
                (f"{name} [{CRITERIA[name].unit}]", stat): getattr(self.estimate(name, variant), stat)
                for name in FIVE
                for stat in stats
            }
            for variant in self.variants
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis(index="variant")

    def regret(self) -> pd.DataFrame:
        """Return how each variant stands among all, doing nothing included.

        Doing nothing has a collective value of zero: a variant that is best among bad ones is no good choice.

        Returns
        -------
        DataFrame
            Index: `baseline`, then the variants. Columns: `best`, share of samples in which it has the highest
            collective value (the baseline where a variant changes nothing); `regret`, by how much it falls short of
            the best on average [EUR].
        """
        values = self.samples["collective_value"].sel(network=TOTAL).to_numpy()
        full = np.vstack([np.zeros(values.shape[1]), values])
        wins = np.bincount(full.argmax(axis=0), minlength=len(full))
        return pd.DataFrame(
            {"best": wins / full.shape[1], "regret": (full.max(axis=0) - full).mean(axis=1)},
            index=pd.Index([BASELINE, *self.variants], name="variant"),
        )

    def samples_of(self, results: Results) -> Sampled:
        """Return the samples of a run that this evaluation rests on: a stream depends on its name and seed only."""
        prices = {}
        for name, value in self.prices.items():
            owner, _dot, factor = name.partition(".")
            prices[owner, factor] = value
        count, year = self.assumed.block.samples, self.assumed.base_year
        return results.samples(count=count, values=prices, extra=self.laws, base_year=year)

    def settled(self, criterion: str, variant: str) -> bool:
        """Tell whether the last fifth of the samples leaves the median where it was."""
        values = self.samples[criterion].sel(variant=variant, network=TOTAL).to_numpy()
        values = values[np.isfinite(values)]
        if len(values) < ENOUGH:
            return False
        first = values[: int(0.8 * len(values))]
        low, high = np.quantile(values, [0.1, 0.9])
        return bool(abs(np.median(values) - np.median(first)) <= SETTLED * max(high - low, 1e-9 * abs(high)))

    def changes(self, variant: str) -> xr.DataArray:
        """Return flows of a variant less those of the baseline, dims (year, item, network, actor) [EUR]."""
        return self.flows.sel(scenario=variant) - self.flows.sel(scenario=BASELINE)

    def budget(self, variant: str) -> pd.DataFrame:
        """Return what a variant does to the authority's budget, by year and item [EUR], central assumptions.

        Returns
        -------
        DataFrame
            Index: item; columns: calendar years. Items without any flow are left out.
        """
        flows = self.changes(variant).sel(actor=AUTHORITY).sum("network")
        table = pd.DataFrame(
            flows.transpose("item", "year").to_numpy(),
            index=pd.Index(list(flows["item"].values), name="item"),
            columns=pd.Index(self.years, name="year"),
        )
        return table[(table != 0.0).any(axis=1)]

    def by_actor(self, variant: str) -> pd.DataFrame:
        """Return what a variant is worth to each actor, item by item: present values, central assumptions [EUR].

        Returns
        -------
        DataFrame
            Index: item; columns: actors. Items of financing move money between actors and add up to nothing.
        """
        rate = self.assumed.reference.value("discount_rate")
        factor = xr.DataArray(discount_factors(rate, len(self.years)), dims="year")
        worth = (self.changes(variant).sum("network") * factor).sum("year").transpose("item", "actor")
        table = pd.DataFrame(
            worth.to_numpy(),
            index=pd.Index(list(worth["item"].values), name="item"),
            columns=list(worth["actor"].values),
        )
        return table[(table != 0.0).any(axis=1)]

    def income_statement(self, variant: str) -> pd.DataFrame:
        """Return the income statement that a variant changes: receipts, operating costs, depreciation, result [EUR].

        Depreciation is straight line: what is bought, less what it is still worth at the horizon, over the years that
        it serves.
        """
        budget = self.budget(variant)
        kinds = pd.Series({name: ITEMS[str(name)].kind for name in budget.index}, dtype=object)
        receipts = budget[kinds.isin([RECEIPT])].sum()
        operating = budget[kinds.isin([OPERATING])].sum()
        depreciation = -self._depreciation(budget, kinds)
        return pd.DataFrame(
            {
                "receipts": receipts,
                "operating": operating,
                "gross_surplus": receipts + operating,
                "depreciation": depreciation,
                "result": receipts + operating + depreciation,
            }
        ).T

    def _depreciation(self, budget: pd.DataFrame, kinds: pd.Series) -> pd.Series:
        bought = -budget[kinds.isin([INVESTMENT])].sum()
        left = float(budget.loc[["residual_value"]].to_numpy().sum()) if "residual_value" in budget.index else 0.0
        total, years = float(bought.sum()) - left, self.years
        # In each year, in proportion to what had been bought by the year before.
        serving = bought.cumsum().shift(1, fill_value=0.0)
        weight = float(serving.sum())
        return serving * (total / weight) if weight > 0.0 else pd.Series(0.0, index=list(years))

    def financing_plan(self, variant: str) -> pd.DataFrame:
        """Return needs (investment, VAT, repayments) and resources (grants, compensation, loan, own funds) [EUR]."""
        budget = self.budget(variant)
        rows = [name for name in budget.index if ITEMS[str(name)].kind in (INVESTMENT, FINANCING)]
        plan = budget.loc[rows]
        return pd.concat([plan, pd.DataFrame({"own_funds": -plan.sum()}).T])

    def cost_of_delay(self, variant: str) -> pd.Series:
        """Return the median financial benefit lost by each delay, per year late [EUR/year]."""
        worth = self.delays.sel(variant=variant, quantile=0.5).to_pandas()
        late = pd.Series(worth.index, index=worth.index, dtype=float)
        return (worth.iloc[0] - worth)[late > 0] / late[late > 0]

    @property
    def notes(self) -> dict[str, bool | int]:
        """What a reader has to know of the ranges."""
        return {
            "draws": self.draws,
            "replications": self.replications,
            "rough": 0 < self.draws < ENOUGH,
            "chance_only": self.draws == 0,
        }
