"""Types of YAML values that several networks share: blocks, clock times, shares, money, factors replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from jumeau.attribute_docs import field_docs
from jumeau.factors import Domain, Factor, FactorTable
from jumeau.i18n import LocalText, _
from jumeau.units import Quantity, QuantityError, parse_clock, parse_quantity, percent_meant, quantity_text


def clock_text(hours: float) -> str:
    """Return a clock time [h] as `22:30`."""
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def read_clock(value: object) -> object:
    """Return a clock time [h] from what YAML makes of it."""
    # YAML 1.1 reads an unquoted 22:30 as a number in base sixty, that is minutes; 1 to 59 would be no clock time.
    if isinstance(value, int) and not isinstance(value, bool) and 60 <= value <= 1440:
        return value / 60.0
    if isinstance(value, int | float):
        raise QuantityError(_("{text!r} is not a clock time such as « 22:30 ».").format(text=value))
    return parse_clock(value)


ClockTime = Annotated[
    float,
    BeforeValidator(read_clock),
    PlainSerializer(clock_text, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["22:30"], "x-unit": "h"}),
]
#: A text in one language, or in several: `{fr: …, en: …}`.
Text = Annotated[LocalText, Field(union_mode="left_to_right")]
Share = Annotated[float, Quantity("1", minimum=0.0, maximum=1.0)]
Money = Annotated[float, Quantity("EUR", minimum=0.0)]


def _kinds_apart(schema: Any) -> Any:
    """Return a core schema whose whole numbers and floats refuse truth values, and the reverse."""
    if isinstance(schema, list | tuple):
        return type(schema)(_kinds_apart(item) for item in schema)
    if not isinstance(schema, dict):
        return schema
    inside = {key: item if key in ("metadata", "config") else _kinds_apart(item) for key, item in schema.items()}
    refuses = {"int": _no_truth_for_int, "float": _no_truth_for_float, "bool": _no_number}.get(str(schema.get("type")))
    if refuses is None or "type" not in schema or not isinstance(schema["type"], str):
        return inside
    return core_schema.no_info_before_validator_function(refuses, inside)


def _no_truth_for_int(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "not a number")
    return value


def _no_truth_for_float(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "not a number")
    return value


def _no_number(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticCustomError("bool_type", "not a truth value")
    return value


class Block(BaseModel):
    """A YAML block: frozen, unknown keys refused, numbers finite, `true` never taken for 1.

    Docstrings of attributes describe its fields, see `field_docs`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return pydantic's schema, in which truth values are no numbers and numbers no truth values."""
        apart: CoreSchema = _kinds_apart(handler(source))
        return apart

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return pydantic's JSON Schema, its properties described."""
        made = handler(schema)
        properties = handler.resolve_ref_schema(made).get("properties", {})
        for name, told in field_docs(cls).items():
            key = cls.model_fields[name].alias or name
            if told and key in properties:
                properties[key].setdefault("description", told)
        return made


class Beyond(float):
    """A value far beyond the range of its row, that somebody stands by.

    Attributes
    ----------
    reason : str
        Why, as written.
    """

    reason: str

    def __new__(cls, value: float, reason: str) -> Self:
        """Return the number, with its reason."""
        made = super().__new__(cls, value)
        made.reason = reason
        return made

    def __reduce__(self) -> tuple[type[Beyond], tuple[float, str]]:
        """Let it cross process borders with its reason."""
        return (type(self), (float(self), self.reason))


class Assumed:
    """Pydantic annotation of what replaces a factor: a quantity inside its domain, and near the range of its row.

    Written `80 W`, or `{value: 80 W, outside_bounds: true, reason: …}` where the value lies far beyond the range on
    purpose: it is then a `Beyond`.
    """

    def __init__(self, factor: Factor) -> None:
        self.factor = factor

    def _validate(self, value: object) -> float:
        if not isinstance(value, Mapping):
            return near_range(in_domain(value, self.factor), self.factor)
        unknown = [str(key) for key in value if key not in ("value", "outside_bounds", "reason")]
        if unknown or "value" not in value:
            raise QuantityError(_("a number is written « {form} »").format(form=_BEYOND.format(value="…")))
        number = in_domain(value["value"], self.factor)
        reason = value.get("reason")
        if value.get("outside_bounds") is not True:
            return near_range(number, self.factor)
        if not isinstance(reason, str) or not reason.strip():
            raise QuantityError(_("a value outside the bounds is given with its reason: « reason: … »"))
        return Beyond(number, reason.strip())

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read text, then hand a plain float on."""
        return core_schema.no_info_plain_validator_function(
            self._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: quantity_text(value, self.factor.unit), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the text that a user writes, with its unit, or the block that stands by a value."""
        text = Quantity(self.factor.unit).__get_pydantic_json_schema__(schema, handler)
        block: JsonSchemaValue = {
            "type": "object",
            "properties": {
                "value": text,
                "outside_bounds": {"type": "boolean"},
                "reason": {"type": "string"},
            },
            "required": ["value"],
            "additionalProperties": False,
        }
        shipped = quantity_text(self.factor.value, self.factor.unit)
        text.get("anyOf", [text])[0]["examples"] = [shipped]
        # What it is follows, from the catalogue, where the schema is written.
        return {
            "anyOf": [*text.get("anyOf", [text]), block],
            "x-unit": self.factor.unit,
            "x-shipped": shipped,
            "x-source": self.factor.source,
        }


_BEYOND = "{{value: {value}, outside_bounds: true, reason: …}}"


def in_domain(value: object, factor: Factor) -> float:
    """Return a quantity in a factor's unit.

    Raises
    ------
    QuantityError
        When it cannot be read, or the factor cannot have that value at all.
    """
    number = parse_quantity(value, factor.unit)
    if number in factor.domain:
        return number
    message = _("{value} is outside what « {name} » can be: {bounds} {unit} (shipped: {shipped:g}, {low:g} … {high:g})")
    unit = "" if factor.unit == "1" else factor.unit
    told = message.format(
        value=value,
        name=factor.name,
        bounds=factor.domain,
        unit=unit,
        shipped=factor.value,
        low=factor.low,
        high=factor.high,
    ).replace("  ", " ")
    share = factor.domain == Domain(0.0, 1.0)
    raise QuantityError(told + (percent_meant(value, number) if share else ""))


def near_range(number: float, factor: Factor) -> float:
    """Return a value of a factor that may be a choice.

    Raises
    ------
    QuantityError
        When it lies far beyond the range of the row.
    """
    if factor.far(number):
        unit = "" if factor.unit == "1" else factor.unit
        written = f"{number:g} {unit}".strip()
        message = _(
            "{value} is far outside the range of « {name} », {low:g} … {high:g} {unit}: check digits and unit; if you "
            "mean it, write « {form} »"
        ).format(
            value=written,
            name=factor.name,
            low=factor.low,
            high=factor.high,
            unit=unit,
            form=_BEYOND.format(value=written),
        )
        raise QuantityError(message.replace(" :", ":"))
    return number


def factor_fields(factors: FactorTable) -> dict[str, Any]:
    """Return the pydantic fields of a block that replaces some factors, each a quantity in its factor's unit."""
    return {
        factor.name: (
            Annotated[float, Assumed(factor)],
            Field(default=None, description=factor.description),
        )
        for factor in factors.values()
    }
