"""The period that trips are those of: formats of traffic hardly ever tell it, and what it is decides every result."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from jumeau.errors import Problem
from jumeau.i18n import _, format_significant
from jumeau.units import QuantityError, parse_clock, parse_quantity
from jumeau.yaml_types import clock_text

#: Hours of a day.
DAY = 24.0

#: `07:00-09:00`, `7h-9h`, `0700_0800`.
_SPAN = re.compile(r"\s*([0-9:h]+)\s*(?:-|–|_|\bto\b|\bà\b)\s*([0-9:h]+)\s*")


@dataclass(frozen=True)
class Period:
    """Hours of a day.

    Attributes
    ----------
    hours : float
        24 stands for a mean day, less for hours of a working day.
    first : float or None
        Local clock time from which they run [h]; None for the busiest ones.
    """

    hours: float
    first: float | None = None

    @property
    def title(self) -> str:
        """What it is called in the current language."""
        if self.hours == DAY:
            return _("a mean day")
        span = _("the busiest ones") if self.first is None else str(self)
        hours = format_significant(self.hours, 3)
        return _("{hours} h of a working day ({span})").format(hours=hours, span=span)

    def __str__(self) -> str:
        """Return what `parse_period` reads."""
        if self.first is None:
            return f"{self.hours:.12g} h"
        return f"{clock_text(self.first)}-{clock_text((self.first + self.hours) % DAY)}"


def parse_period(text: object) -> Period:
    """Read `1 h`, `1 day`, `07:00-09:00` or `0700_0900`.

    Raises
    ------
    QuantityError
        On anything else, no time at all, or more than a day.
    """
    if isinstance(text, Period):
        return text
    span = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if span is None:
        hours, first = parse_quantity(text, "h"), None
    else:
        first, end = (parse_clock(re.sub(r"^(\d{2})(\d{2})$", r"\1:\2", word)) for word in span.groups())
        hours = (end - first) % DAY or DAY
    if not 0.25 <= hours <= DAY:
        raise QuantityError(_("{text!r} is not a period of a quarter of an hour to a day.").format(text=text))
    return Period(hours, None if hours == DAY else first)


DemandPeriod = Annotated[
    Period,
    BeforeValidator(parse_period),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["1 h", "1 day", "07:00-09:00"]}),
]


def unknown_period(path: Path) -> Problem:
    """Return what asks for the period of trips that no file states.

    TNTP files are refused without it, since their capacities are of the same unknown period; trips of GMNS tables are
    taken as those of a mean day, which is told.
    """
    return Problem(
        _("nothing says of what period the trips are: an hour, a peak, a day"),
        hint=_(
            "state `demand_period` in the import: « 1 h » for the busiest hour of a working day, « 07:00-09:00 » for "
            "hours of it, « 1 day » for a mean day"
        ),
        file=str(path),
        column="demand_period",
    )
