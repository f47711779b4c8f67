"""What a scenario can say about waste: structured assumptions and the parameters of each measure."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from jumeau.effort import ByEffort
from jumeau.i18n import _
from jumeau.networks.waste.physics.week import WEEKDAYS, weekdays
from jumeau.units import Quantity
from jumeau.yaml_types import Block, Money, Share

Litres = Annotated[float, Quantity("l", minimum=10.0, maximum=50_000.0)]
DailyTonnes = Annotated[float, Quantity("tonne/day", minimum=0.001, maximum=100_000.0)]
DailyStops = Annotated[int, Field(ge=1, le=100_000)]
YearlyFee = Annotated[float, Quantity("EUR/year", minimum=0.0)]
Change = Annotated[float, Quantity("1", minimum=-0.9, maximum=2.0)]


def _days(value: object) -> object:
    text = " ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    try:
        found = weekdays(text)
    except ValueError as error:
        raise ValueError(
            _("« {word} » is not a day of the week: write {days}").format(word=error, days=", ".join(WEEKDAYS))
        ) from None
    if not found:
        raise ValueError(_("state at least one day of the week"))
    return " ".join(WEEKDAYS[day] for day in found)


Days = Annotated[
    str,
    BeforeValidator(_days),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            "examples": ["tuesday friday", ["tue", "fri"]],
        }
    ),
]


class Assumptions(Block):
    """Structured assumptions of the waste network; single numbers are factors."""

    streams: tuple[Literal["residual", "packaging", "glass", "biowaste", "paper"], ...] = ()
    """Streams to simulate; all that the territory has where empty."""
    iterations: Annotated[int, Field(ge=10, le=100_000)] | None = None
    """Effort of the planner for a day's rounds: iterations of its search, never seconds; by `iterations_per_site` where
    absent."""
    iterations_per_site: Annotated[float, Field(ge=0.05, le=100.0), ByEffort(quick=0.25, thorough=4.0)] = 1.0
    """Iterations of the planner for each site of a day's rounds; fewer than 25 sites count as 25, more than 1,000 as
    1,000."""
    line_days: Annotated[int, Field(ge=0, le=400)] = 28
    """Days, from the start of the period, whose rounds are drawn as lines along the streets."""
    rehearsals: bool = True
    """Whether dynamic rounds choose how they value visits by rehearsals, on simulated days of their own; otherwise by
    the factors `overflow_value` and `spared_detour`."""


class DynamicRounds(Block):
    """Plan rounds every day by the risk of overflow: sites that can wait are left out."""

    service_level: Annotated[float, Quantity("1", minimum=0.5, maximum=1.0)] | None = None
    """Share of the waste that has to find room in its container, which is kept at the least cost; the factor where
    absent."""
    overflow_value: Money | None = None
    """What an avoided overflow is worth to the planner: in place of a service, overflows are weighed against kilometres
    and hours."""
    weekdays: Days | None = None
    """Days on which trucks may go out; those of the service where absent."""
    planning: bool = True
    """Whether planning software has to be bought."""

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if self.service_level is not None and self.overflow_value is not None:
            raise ValueError(_("state `service_level` or `overflow_value`, not both"))
        return self


class ThresholdRounds(Block):
    """Empty every day what is fuller than a threshold."""

    threshold: Share = 0.7
    """Fill from which a container is emptied."""
    weekdays: Days | None = None
    """Days on which trucks may go out; those of the service where absent."""
    planning: bool = True
    """Whether planning software has to be bought."""


class FillSensors(Block):
    """Measure the fill of the selected containers. Alone it changes no round: see `dynamic_rounds`."""

    unit_cost: Money | None = None
    """Supply and installation of one sensor; the factor where absent."""
    annual_fee: YearlyFee | None = None
    """Fee per sensor; the factor where absent."""


class ElectricTrucks(Block):
    """Replace the selected trucks by electric ones, with charging points at their depot."""

    battery: Annotated[float, Quantity("kWh", minimum=10.0, maximum=2000.0)] | None = None
    """Usable battery; the factor where absent."""
    trucks_per_charger: Annotated[int, Field(ge=1, le=100)] = 1
    """Trucks that share a charging point."""
    charger_power: Annotated[float, Quantity("kW", minimum=1.0, maximum=1000.0)] | None = None
    """Power of a charging point; the factor where absent."""
    surcharge: Money | None = None
    """Price of a truck beyond that of the one that it replaces; the factor where absent."""


class ResizeContainers(Block):
    """Give the selected sites containers of another volume, or more of them."""

    volume: Litres | None = None
    """New volume of each container."""
    count: Annotated[int, Field(ge=1, le=1000)] | None = None
    """New number of containers."""
    unit_cost: Money | None = None
    """Price of one container, set up; the factor where absent."""

    @model_validator(mode="after")
    def _check_something(self) -> Self:
        if self.volume is None and self.count is None:
            raise ValueError(_("state `volume` or `count`"))
        return self


class ChangeFrequency(Block):
    """Collect the selected rounds on other days, or in other weeks."""

    weekdays: Days | None = None
    """Days of the week."""
    every: Annotated[int, Field(ge=1, le=52)] | None = None
    """Weeks between two passes."""

    @model_validator(mode="after")
    def _check_something(self) -> Self:
        if self.weekdays is None and self.every is None:
            raise ValueError(_("state `weekdays` or `every`"))
        return self


class IncentiveFee(Block):
    """Let residents pay by what they throw away. Its effect is an uncertain input, not a result."""

    residual: Change | None = None
    """Change of residual waste; the factor where absent."""
    sorted: Change | None = None
    """Change of sorted streams; the factor where absent."""
    unit_cost: Money | None = None
    """Setting up per bin; the factor where absent."""
    annual_fee: YearlyFee | None = None
    """Billing per bin; the factor where absent."""


class OptimiseOrder(Block):
    """Plan the order of the selected rounds, whose sites and days stay as they are."""

    planning: bool = True
    """Whether planning software has to be bought."""


class _Caps(Block):
    stops: DailyStops | None = None
    """Most sites on a day; the present cap, if any, where absent."""
    tonnes: DailyTonnes | None = None
    """Most waste on a day; the present cap, if any, where absent."""

    @model_validator(mode="after")
    def _check_something(self) -> Self:
        if self.stops is None and self.tonnes is None:
            raise ValueError(_("state `stops` or `tonnes`"))
        return self


class ServiceCaps(_Caps):
    """Cap what all trucks of the selected services collect on a day; the rest is left to the next day."""


class TruckCaps(_Caps):
    """Cap what each of the selected trucks collects on a day; the rest is left to the next day."""


class DisposalCap(Block):
    """Cap what the selected disposal sites take in on a day; the rest is left to the next day."""

    tonnes: DailyTonnes
    """Most waste on a day."""
