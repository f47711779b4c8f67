"""Investment against yearly saving: simple payback, and nothing more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.i18n import _
from jumeau.report.numbers import plain, significant, with_unit
from jumeau.report.words import period_years
from jumeau.results import Results
from jumeau.results.comparison import BASELINE, paired
from jumeau.units import conversion_factor

#: The indicator that networks give for all their running costs, fees of devices included.
RUNNING_COST = "operating_cost"

REPAID, NOT_REPAID, PERHAPS, FREE, UNKNOWN = "repaid", "not repaid", "perhaps", "nothing to repay", "unknown"


@dataclass(frozen=True)
class Payback:
    """Simple payback of one variant.

    Attributes
    ----------
    variant : str
    investment : float
        What the variant's bill asks beyond the baseline's [EUR].
    saving : float
        Running cost saved [EUR/year]; not a number when no network gives its running cost.
    interval : (float, float) or None
        95 % interval of the saving [EUR/year].
    """

    variant: str
    investment: float
    saving: float
    interval: tuple[float, float] | None

    @property
    def state(self) -> str:
        """Return `repaid`, `perhaps` (the interval holds zero), `not repaid`, `nothing to repay` or `unknown`."""
        if not math.isfinite(self.saving):
            return UNKNOWN
        if self.investment <= 0:
            return FREE
        if self.saving <= 0:
            return NOT_REPAID
        return REPAID if self.interval is None or self.interval[0] > 0 else PERHAPS

    @property
    def years(self) -> float | None:
        """Return the investment over the yearly saving [year]; None when it is not repaid."""
        return self.investment / self.saving if self.state in (REPAID, PERHAPS) else None

    def text(self) -> str:
        """Return the payback in words."""
        if self.state == UNKNOWN:
            return _("not computed")
        if self.state == FREE:
            return _("nothing to repay")
        if self.years is None:
            return _("not repaid")
        # Under a year, months are what people say.
        unit = "year" if self.years >= 1 else "month"
        scale = conversion_factor("year", unit)
        central = with_unit(significant(self.years * scale, 3), unit)
        if self.state == PERHAPS:
            return _("{years}, not established: the saving may be nil").format(years=central)
        if self.interval is None or self.interval[0] == self.interval[1]:
            return central
        return _("{years} (from {low} to {high})").format(
            years=central,
            low=significant(self.investment / self.interval[1] * scale, 3),
            high=significant(self.investment / self.interval[0] * scale, 3),
        )

    def sentence(self) -> str:
        """Return investment, saving and payback in one sentence."""
        if self.state == UNKNOWN:
            return _("Simple payback: not computed (no network gives its running cost).")
        if self.saving < 0:
            return _("Investment {investment}, running costs up by {cost} a year; simple payback: {payback}.").format(
                investment=euros(self.investment), cost=euros(-self.saving), payback=self.text()
            )
        return _("Investment {investment}, yearly saving {saving}; simple payback: {payback}.").format(
            investment=euros(self.investment), saving=euros(self.saving), payback=self.text()
        )


def euros(value: float) -> str:
    """Return an amount to four figures, cents left out."""
    if abs(value) >= 1000:
        return with_unit(significant(value, 4), "EUR")
    return with_unit(plain(value, 0), "EUR")


def investment(bill: pd.DataFrame, variant: str) -> float:
    """Return what a variant's bill asks beyond the baseline's [EUR]."""
    if bill.empty:
        return 0.0
    amounts = pd.to_numeric(bill["count"]) * pd.to_numeric(bill["unit_cost"])
    return float(amounts[bill["variant"] == variant].sum() - amounts[bill["variant"] == BASELINE].sum())


def paybacks(results: Results) -> list[Payback]:
    """Return the simple payback of every variant.

    The saving is that of all networks together, replication by replication, brought to one year in proportion to
    the length of the period.
    """
    years = period_years(results.provenance)
    found = []
    for variant in results.variants:
        if variant == BASELINE:
            continue
        costs = _running_costs(results, variant)
        if costs is None:
            found.append(Payback(variant, investment(results.bill, variant), float("nan"), None))
            continue
        pair = paired(*costs)
        ends = None if pair.interval is None else (-pair.interval[1] / years, -pair.interval[0] / years)
        found.append(Payback(variant, investment(results.bill, variant), 0.0 - pair.difference / years, ends))
    return found


def _running_costs(results: Results, variant: str) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    arrays = [array for array in results.dataset.data_vars.values() if array.attrs.get("indicator") == RUNNING_COST]
    if not arrays:
        return None
    before = np.sum([array.sel(scenario=BASELINE).to_numpy() for array in arrays], axis=0)
    after = np.sum([array.sel(scenario=variant).to_numpy() for array in arrays], axis=0)
    return np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
