"""Investment against yearly saving, and the simple payback: that of the evaluation, where there is one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jumeau.accounts import TOTAL
from jumeau.evaluation import Estimate
from jumeau.i18n import _
from jumeau.report.numbers import plain, share_percent, significant, with_unit
from jumeau.report.words import period_years
from jumeau.results import Results
from jumeau.results.comparison import BASELINE, OUTSIDE
from jumeau.units import conversion_factor

#: Lines of the account: what devices cost once, and what the authority pays over the period.
INVESTMENT, COST = "investment", "cost"

#: Share of draws from which on something is said without reserve.
SURE = 0.9

REPAID, NOT_REPAID, PERHAPS, FREE, UNKNOWN = "repaid", "not repaid", "perhaps", "nothing to repay", "unknown"


@dataclass(frozen=True)
class Payback:
    """Simple payback of one variant.

    Attributes
    ----------
    variant : str
    investment : float
        What the variant asks beyond the baseline [EUR].
    saving : float
        Running cost saved [EUR/year]; not a number when no network gives its running cost.
    interval : (float, float) or None
        95 % interval of the saving [EUR/year].
    settled : bool
        Whether uncertain assumptions leave the sign of the saving as it is.
    estimate : Estimate, optional
        Simple payback of the evaluation: renewals, residual value and uncertain prices are in it.
    horizon : int
        Of the evaluation [year].
    """

    variant: str
    investment: float
    saving: float
    interval: tuple[float, float] | None
    settled: bool = True
    estimate: Estimate | None = None
    horizon: int = 0

    @property
    def state(self) -> str:
        """Return `repaid`, `perhaps` (zero is not ruled out), `not repaid`, or why there is no answer."""
        if not math.isfinite(self.saving):
            return UNKNOWN
        if self.investment <= 0:
            return FREE
        if self.estimate is not None:
            if math.isnan(self.estimate.p_positive):
                return OUTSIDE
            repaid = self.estimate.p_positive
            return REPAID if repaid >= SURE else PERHAPS if repaid > 1.0 - SURE else NOT_REPAID
        if self.saving <= 0:
            return NOT_REPAID
        return REPAID if self.settled and (self.interval is None or self.interval[0] > 0) else PERHAPS

    @property
    def years(self) -> float | None:
        """Return the payback [year]; None when it is not repaid."""
        if self.estimate is not None:
            return self.estimate.p50 if math.isfinite(self.estimate.p50) else None
        return self.investment / self.saving if self.state in (REPAID, PERHAPS) else None

    def text(self) -> str:
        """Return the payback in words."""
        if self.state == UNKNOWN:
            return _("not computed")
        if self.state == FREE:
            return _("nothing to repay")
        if self.state == OUTSIDE:
            return _("no verdict, the model means nothing there")
        if self.estimate is not None:
            return self._estimated(self.estimate)
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

    @property
    def short(self) -> str:
        """The payback in a few words, for an axis."""
        if self.estimate is None or self.state == FREE:
            return self.text()
        if self.years is None:
            return _("not repaid within {years} years").format(years=plain(self.horizon, 0))
        return with_unit(significant(self.years, 2), "year")

    def _estimated(self, found: Estimate) -> str:
        """Return the payback of the evaluation, with its range and the chances of being repaid."""
        years = plain(self.horizon, 0)
        if found.p_positive == 0.0:
            return _("not repaid within {years} years").format(years=years)
        low, high = (
            significant(value, 2) if math.isfinite(value) else _("more than {years}").format(years=years)
            for value in (found.p10, found.p90)
        )
        chances = share_percent(found.p_positive)
        if not math.isfinite(found.p50):
            text = _("not repaid within {years} years in most draws (repaid in {chances})")
            return text.format(years=years, chances=chances)
        text = _("{middle}, calendar and renewals included (P10-P90: {low} to {high}; repaid in {chances} of draws)")
        middle = with_unit(significant(found.p50, 2), "year")
        return text.format(middle=middle, low=low, high=high, chances=chances)

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


def paybacks(results: Results) -> list[Payback]:
    """Return the simple payback of every variant.

    Investment and saving are those of all networks together, beyond the baseline's; the saving is brought to one year
    in proportion to the length of the period.
    """
    years = period_years(results.provenance)
    valued = results.evaluation if results.sampled is not None and len(results.variants) > 1 else None
    horizon = valued.assumed.block.horizon if valued is not None else 0
    whole = {(item.variant, item.indicator): item for item in results.records if item.network == TOTAL}
    found = []
    for variant in results.variants:
        if variant == BASELINE:
            continue
        invested, cost = whole.get((variant, INVESTMENT)), whole.get((variant, COST))
        investment = 0.0 if invested is None else invested.difference
        if cost is None:
            found.append(Payback(variant, investment, float("nan"), None))
            continue
        ends = None if cost.ci95 is None else (-cost.ci95[1] / years, -cost.ci95[0] / years)
        settled = cost.range80 is None or cost.range80[0] > 0 or cost.range80[1] < 0
        estimate = valued.estimate("simple_payback", variant) if valued is not None else None
        saving = 0.0 - cost.difference / years
        found.append(Payback(variant, investment, saving, ends, settled, estimate, horizon))
    return found
