"""What a scenario can say about fountains."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from jumeau.units import Quantity
from jumeau.yaml_types import Block, ClockTime, Money


class Assumptions(Block):
    """How fountains are kept."""

    cleaning_interval: Annotated[float, Quantity("day", minimum=1.0, maximum=365.0)] = 14.0
    """Time between two cleanings of a basin."""


class Timer(Block):
    """A clock that stops the water at night."""

    start: ClockTime = Field(default=8.0, alias="from")
    """Local clock time at which the water starts."""
    end: ClockTime = Field(default=22.0, alias="to")
    """Local clock time at which it stops."""
    unit_cost: Money | None = None
    """Price of a clock, fitted; the factor by default."""
