"""Whether a run keeps the promise of the deployment that it simulates: by how much it misses, and why it may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jumeau.errors import InputError
from jumeau.i18n import _, local
from jumeau.results.model import Results
from jumeau.units import parse_quantity


@dataclass(frozen=True)
class Kept:
    """A promise beside what was simulated.

    Attributes
    ----------
    variant, network, figure, unit : str
    promised : float
        Difference, after less before, over the period.
    tolerance : float
        What the model that promised does not know.
    simulated : float
        Mean paired difference.
    interval : tuple of float or None
        Its 95 % interval; none with one replication.
    reasons : tuple of str
        In the current language.
    """

    variant: str
    network: str
    figure: str
    unit: str
    promised: float
    tolerance: float
    simulated: float
    interval: tuple[float, float] | None
    reasons: tuple[str, ...]

    @property
    def missed(self) -> float:
        """How far the promise is from the interval, zero inside it; from the mean where there is none."""
        low, high = self.interval or (self.simulated, self.simulated)
        low, high = low - self.tolerance, high + self.tolerance
        if low <= self.promised <= high:
            return 0.0
        return self.promised - high if self.promised > high else self.promised - low

    @property
    def kept(self) -> bool:
        """Whether the promise lies in the interval."""
        return self.missed == 0.0


def kept_promises(results: Results) -> list[Kept]:
    """Return the promises of a run's scenario beside its results.

    Raises
    ------
    InputError
        When its scenario promises nothing.
    """
    variants = results.provenance["scenario"]["resolved"].get("variants", {})
    records = {(item.variant, item.network, item.indicator): item for item in results.records}
    found = []
    for name, variant in variants.items():
        promise: dict[str, Any] | None = variant.get("promise")
        if not promise:
            continue
        network, figure = str(promise["figure"]).split(".", 1)
        record = records[name, network, figure]
        found.append(
            Kept(
                variant=name,
                network=network,
                figure=figure,
                unit=record.unit,
                promised=parse_quantity(promise["difference"], record.unit),
                tolerance=parse_quantity(promise.get("tolerance") or f"0 {record.unit}", record.unit),
                simulated=record.difference,
                interval=record.ci95,
                reasons=tuple(local(reason) for reason in promise.get("reasons", ())),
            )
        )
    if not found:
        raise InputError(
            _("the scenario of this run promises nothing"),
            hint=_("run the scenario that « jumeau size … -o DIR » writes, then name its folder"),
        )
    return found
