"""The blocks of a scenario file that no network has a part in: period, replications, crews, promises."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import (
    Field,
    field_validator,
    model_validator,
)

from jumeau.i18n import _
from jumeau.network import discover
from jumeau.units import Quantity, parse_clock, parse_quantity
from jumeau.yaml_types import Block, Text

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


#: Years between which a period lies: those of price indices, and of holidays and clock changes that are known or follow
#: rules in force.
FIRST_YEAR, LAST_YEAR = 1950, 2100
#: Days of the longest period: the life of most equipment. What happens later asks for another scenario.
MOST_DAYS = 30 * 365 + 8


class Period(Block):
    """The simulated period, local time."""

    start: date
    """First day."""
    end: date
    """Last day, included."""

    @model_validator(mode="after")
    def _ordered(self) -> Period:
        if self.end < self.start:
            raise ValueError(_("the period ends before it starts"))
        if self.start.year < FIRST_YEAR or self.end.year > LAST_YEAR:
            message = _("the period must lie between {first} and {last}: calendars and the sun are not known beyond")
            raise ValueError(message.format(first=FIRST_YEAR, last=LAST_YEAR))
        if (self.end - self.start).days >= MOST_DAYS:
            raise ValueError(_("the period is longer than {years} years").format(years=MOST_DAYS // 365))
        return self


class Precision(Block):
    """How precise a result must be before replications stop."""

    indicator: str
    """Network and indicator, for instance `lighting.energy`."""
    half_width: str | float
    """Half of the 95 % interval of the paired difference, with its unit."""


class Replications(Block):
    """Replications until a precision is reached."""

    minimum: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Replications that are always run."""
    maximum: Annotated[int, Field(ge=2, le=10_000)] = 200
    """Replications after which the run stops whatever the precision."""
    precision: Precision
    """What is wanted."""

    @model_validator(mode="after")
    def _ordered(self) -> Replications:
        if self.maximum < self.minimum:
            raise ValueError(_("maximum is below minimum"))
        return self


class Draws(Replications):
    """Draws of uncertain assumptions until a precision is reached: that of the mean over them."""

    minimum: Annotated[int, Field(ge=4, le=10_000)] = 10
    """Draws that are always simulated."""
    maximum: Annotated[int, Field(ge=4, le=10_000)] = 100
    """Draws after which the run stops whatever the precision."""


class Shift(Block):
    """Working hours of a day, local clock time."""

    start: Annotated[str, Field(alias="from")] = "08:00"
    """Start of the day."""
    end: Annotated[str, Field(alias="to")] = "16:00"
    """End of the day."""

    @property
    def hours(self) -> tuple[float, float]:
        """Start and end [h]."""
        return parse_clock(self.start), parse_clock(self.end)

    @model_validator(mode="after")
    def _ordered(self) -> Shift:
        start, end = self.hours
        if end <= start:
            raise ValueError(_("the shift ends before it starts"))
        return self


class Crew(Block):
    """A pool of identical crews, possibly shared by several networks."""

    count: Annotated[int, Field(ge=1, le=1000)] = 2
    """Crews in the pool."""
    shift: Shift = Shift()
    """Working hours."""
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS[:5]
    """Working days; public holidays are off."""
    serves: list[str] = Field(min_length=1)
    """Networks that the crews work for."""
    depot: tuple[float, float] | None = None
    """Where they start from, in the territory's CRS [m]; a central place when absent."""

    @field_validator("serves")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        for name in value:
            if name not in discover():
                raise ValueError(_("unknown network « {name} »").format(name=name))
        return value


class Correlation(Block):
    """A rank correlation between two uncertain numbers."""

    between: tuple[str, str]
    """Their names, for instance `[shared.electricity_price, shared.gas_price]`."""
    rank: Annotated[float, Quantity("1", minimum=-0.999, maximum=0.999)]
    """Rank correlation (Spearman)."""


class Promise(Block):
    """What a variant was sized to bring, so that its simulation can be held against it (`jumeau size --run`)."""

    figure: str
    """Network and figure, for instance `water.real_losses`."""
    difference: str | float
    """Difference over the period, after less before, with its unit."""
    tolerance: str | float | None = None
    """What the model that promised does not know, with its unit."""
    reasons: tuple[Text, ...] = ()
    """Why the simulation may say something else."""

    @model_validator(mode="after")
    def _readable(self) -> Promise:
        network, _dot, name = self.figure.partition(".")
        known = {item.name: item.unit for item in discover()[network].said} if network in discover() else {}
        if name not in known:
            raise ValueError(_("no network gives the figure « {name} »").format(name=self.figure))
        for value in (self.difference, self.tolerance):
            if value is not None:
                parse_quantity(value, known[name])
        return self
