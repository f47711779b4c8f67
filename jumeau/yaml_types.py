"""Types of YAML values that several networks share: blocks, clock times, shares, money."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.units import Quantity, QuantityError, parse_clock


def clock_text(hours: float) -> str:
    """Return a clock time [h] as `22:30`."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _read_clock(value: object) -> object:
    # YAML 1.1 reads an unquoted 22:30 as a number in base sixty, that is minutes; 1 to 59 would be no clock time.
    if isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= 1440:
        return value / 60.0
    if isinstance(value, int | float):
        raise QuantityError(_("{text!r} is not a clock time such as « 22:30 ».").format(text=value))
    return parse_clock(value)


ClockTime = Annotated[
    float,
    BeforeValidator(_read_clock),
    PlainSerializer(clock_text, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["22:30"], "x-unit": "h"}),
]
Share = Annotated[float, Quantity("1", minimum=0.0, maximum=1.0)]
Money = Annotated[float, Quantity("EUR", minimum=0.0)]


class Block(BaseModel):
    """A YAML block: frozen, unknown keys refused, docstrings kept for the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


def factor_fields(factors: FactorTable) -> dict[str, Any]:
    """Return the pydantic fields of a block that replaces some factors, each a quantity in its factor's unit."""
    return {
        factor.name: (
            Annotated[float, Quantity(factor.unit)],
            Field(default=None, description=f"{factor.description} ({factor.value:g} {factor.unit}; {factor.source})"),
        )
        for factor in factors.values()
    }
