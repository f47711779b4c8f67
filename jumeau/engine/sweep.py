"""The `sweep:` block of a scenario: one number of a variant over many values, so that its curve can be read.

How its values become situations is told in `sweep_points.py`; what is read of the curve, in `evaluation/sweep.py`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from jumeau.i18n import _
from jumeau.units import Quantity
from jumeau.yaml_types import Block, Money

#: Points of the longest sweep: each one is simulated as often as a variant.
MOST_POINTS = 40

#: Criterion that a sweep is judged by where the scenario names none.
JUDGED = "collective_value"


class SweepReplications(Block):
    """Replications until the curve is decided, not each of its points."""

    minimum: Annotated[int, Field(ge=4, le=10_000)] = 8
    """Replications that are always run."""
    maximum: Annotated[int, Field(ge=4, le=10_000)] = 60
    """Replications after which the run stops whatever is decided."""

    @model_validator(mode="after")
    def _ordered(self) -> SweepReplications:
        if self.maximum < self.minimum:
            raise ValueError(_("maximum is below minimum"))
        return self


class Sweep(Block):
    """One number of a variant, over a list or a range of values: curve of what it brings, knee, regret."""

    variant: str = ""
    """The variant whose number varies; may be left out where there is one only."""
    measure: str = ""
    """The measure of the variant whose parameter varies, for instance `water.acoustic_loggers`."""
    parameter: str = ""
    """The parameter of the measure, or `where.count`, `where.share` for how many features get it."""
    factor: str = ""
    """A factor that varies instead, for instance `water.logger_price` or `shared.electricity_price`: before and after
    alike."""
    values: Annotated[list[str | float], Field(max_length=MOST_POINTS)] | None = None
    """The values, each with its unit."""
    start: Annotated[str | float | None, Field(alias="from")] = None
    """First value of a range."""
    end: Annotated[str | float | None, Field(alias="to")] = None
    """Last value of a range."""
    steps: int | None = None
    """Equal steps from the first value to the last one of a range."""
    judge: str = JUDGED
    """What the curve is of: a criterion of the evaluation, net of costs, or an indicator such as
    `water.real_losses`."""
    beside: list[str] = Field(default_factory=list)
    """Indicators that are told beside, for instance `[water.real_losses]`."""
    budget: Money | None = None
    """What may be invested: the table says which values it affords."""
    tolerance: Annotated[float, Quantity("1", minimum=0.001, maximum=0.5)] = 0.05
    """Share of the height of the curve below which a difference is not worth more replications."""
    replications: SweepReplications | None = None
    """Replications until the curve is decided; where the scenario states `replications` of its own, these."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Sweep:
        if bool(self.factor) == bool(self.measure or self.parameter):
            raise ValueError(_("state `measure` and `parameter`, or `factor`: what varies"))
        if not self.factor and not (self.measure and self.parameter):
            raise ValueError(_("`measure` and `parameter` go together"))
        ends = (self.start, self.end, self.steps)
        if self.values is not None and any(item is not None for item in ends):
            raise ValueError(_("state `values`, or `from`, `to` and `steps`, not both"))
        if self.values is None and any(item is None for item in ends):
            raise ValueError(_("state `values`, or `from`, `to` and `steps`"))
        return self
