"""Quantities with units, read strictly, French writing included.

Inside Jumeau a quantity is a plain float in the unit that its table declares. At the border (YAML, CSV, command
line) it is text with a unit, and this module is the only one that reads it. It accepts `0,5 kW`, `1 500 kWh` and
`12 €/kWh`, which a general parser misreads in silence, and refuses what it would have to guess (`1,500 kW`).

The vocabulary is closed: unit algebra is Pint's, on a registry that holds the units below and nothing else.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

import pint
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from jumeau.errors import nearest
from jumeau.i18n import _

_DEFINITIONS = """
meter = [length] = m
second = [time] = s
joule = [energy] = J
euro = [money] = EUR
carbon = [carbon] = kgCO2e
lumen = [luminous_flux] = lm
kelvin = [temperature] = K
voltampere = [apparent_power] = VA
item = [item]
radian = []
percent = 0.01 radian
unit = radian
km = 1000 * m
hundredkm = 100000 * m
mm = 0.001 * m
cm = 0.01 * m
ha = 10000 * m ** 2
l = 0.001 * m ** 3
min = 60 * s
h = 3600 * s
kh = 3600000 * s
day = 86400 * s
week = 604800 * s
month = 2629800 * s
year = 31557600 * s
W = J / s
kW = 1000 * J / s
MW = 1000000 * J / s
kJ = 1000 * J
MJ = 1000000 * J
Wh = 3600 * J
kWh = 3600000 * J
MWh = 3600000000 * J
GWh = 3600000000000 * J
kVA = 1000 * VA
kEUR = 1000 * EUR
MEUR = 1000000 * EUR
gCO2e = 0.001 * kgCO2e
tCO2e = 1000 * kgCO2e
klm = 1000 * lm
lx = lm / m ** 2
degree = 0.017453292519943295 * radian
lamp = item
point = item
device = item
night = item
failure = item
household = item
person = item
passage = item
message = item
customer = item
connection = item
leak = item
logger = item
vehicle = item
trip = item
space = item
job = item
kg = [mass]
tonne = 1000 * kg
"""

#: What people write -> the registry's name. French and English; symbols that a tokenizer would drop.
_ALIASES = {
    "€": "EUR", "k€": "kEUR", "M€": "MEUR", "%": "percent", "°": "degree", "l": "l", "L": "l", "litre": "l",
    "litres": "l", "liter": "l", "liters": "l", "j": "day", "d": "day", "jour": "day", "jours": "day",
    "days": "day", "an": "year", "ans": "year", "a": "year", "yr": "year", "years": "year", "mois": "month",
    "months": "month", "semaine": "week", "semaines": "week", "weeks": "week", "heure": "h", "heures": "h",
    "hour": "h", "hours": "h", "minutes": "min", "minute": "min", "seconds": "s", "secondes": "s", "t": "tonne",
    "tonnes": "tonne", "lux": "lx", "lamps": "lamp", "points": "point", "devices": "device", "nights": "night",
    "failures": "failure", "households": "household", "persons": "person", "passages": "passage",
    "customers": "customer", "connections": "connection", "leaks": "leak", "loggers": "logger",
    "vehicles": "vehicle", "véhicules": "vehicle", "véhicule": "vehicle", "trips": "trip", "spaces": "space",
    "places": "space", "jobs": "job", "abonnés": "customer", "branchements": "connection", "fuites": "leak",
    "messages": "message", "metres": "m", "metre": "m", "meters": "m", "lampes": "lamp", "nuits": "night",
    "m2": "m**2", "m²": "m**2", "m3": "m**3", "m³": "m**3", "1": "unit", "-": "unit", "": "unit",
    "kgCO2eq": "kgCO2e", "kgCO2": "kgCO2e", "lamp-nights": "night", "failures/year": "failure/year",
}  # fmt: skip

# Spaces that French typography puts inside numbers and before units.
_SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2009\u2007"), " ")
#: Longer than any quantity that people write. What is longer is refused unread: patterns that backtrack, and a unit
#: multiplied by itself without end, would take minutes.
LONGEST = 80
# Blanks at both ends are stripped and the number ends on a digit, so that no two parts of the pattern can share blanks.
_QUANTITY = re.compile(
    r"(?P<number>[+-]?\d(?:[\d ]*\d)?(?:[.,]\d+)?(?:[eE][+-]?\d+)?|[+-]?[.,]\d+)(?P<unit>.*)", re.DOTALL
)
_GROUPED = re.compile(r"^[+-]?\d{1,3}( \d{3})+([.,]\d+)?$")
_AMBIGUOUS = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")


class QuantityError(ValueError):
    """A quantity that cannot be read, or in the wrong unit."""


@cache
def _registry() -> pint.UnitRegistry[Any]:
    # None would read Pint's own file; an empty registry knows only what is defined here.
    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None)
    for line in _DEFINITIONS.strip().splitlines():
        registry.define(line)
    return registry


@cache
def _vocabulary() -> tuple[str, ...]:
    names = [line.split("=")[0].strip() for line in _DEFINITIONS.strip().splitlines()]
    symbols = ["m", "s", "J", "EUR", "kgCO2e", "lm", "K", "VA"]
    return tuple(sorted({*names, *symbols, *(key for key in _ALIASES if key)}))


@cache
def _unit(text: str) -> pint.Unit:
    """Return the registry's unit for a written one, reading `l/100 km` and `EUR/kVA/year` as people mean them."""
    written = text.translate(_SPACES).strip()
    if len(written) > LONGEST:
        raise QuantityError(_("unknown unit {unit!r}.").format(unit=_shortened(written)))
    if written in _ALIASES:
        return _registry().parse_units(_ALIASES[written])
    parts = re.sub(r"100\s*km\b", "hundredkm", written).replace("·", "*").replace(".", "*")
    parts = re.sub(r"\s*per\s+|\s*par\s+", "/", parts)
    if re.match(r"/\s*\w", parts):
        parts = "1" + parts  # « 0.16 /km/year »: so many per kilometre and year
    pieces = re.split(r"([/*])", parts)
    known = set(_vocabulary())
    for position in range(0, len(pieces), 2):
        token = pieces[position].strip()
        if token == "hundredkm":  # noqa: S105 - a unit
            continue
        if token not in known or (not token and len(pieces) > 1):
            near = nearest(token, _vocabulary())
            advice = " " + _("Did you mean {near}?").format(near=near) if near else ""
            raise QuantityError(_("unknown unit {unit!r}.").format(unit=token or written) + advice)
        pieces[position] = _ALIASES.get(token, token)
    return _registry().parse_units("".join(pieces))


def same_dimension(first: str, second: str) -> bool:
    """Tell whether two written units measure the same kind of quantity."""
    return bool(_unit(first).dimensionality == _unit(second).dimensionality)


@cache
def conversion_factor(source: str, target: str) -> float:
    """Return the number by which a value in `source` is multiplied to be in `target`.

    Raises
    ------
    QuantityError
        When the two units do not measure the same kind of quantity.
    """
    if not same_dimension(source, target):
        raise QuantityError(
            _("unit {given!r} where a quantity in {wanted!r} is wanted.").format(given=source, wanted=target)
        )
    return float((1.0 * _unit(source)).to(_unit(target)).magnitude)


def parse_number(text: str) -> float:
    """Read a number written the French or the English way.

    Accepted: `1500`, `1 500`, `1500.5`, `0,5`, `1 500,5`, `2e3`. Refused: `1,500` (a thousand and a half, or fifteen
    hundred?), `1 50`, `1.500,5`.
    """
    written = text.translate(_SPACES).strip()
    shown = _shortened(text)
    if len(written) > LONGEST:
        raise QuantityError(_("{text!r} is not a number.").format(text=shown))
    if _AMBIGUOUS.match(written):
        raise QuantityError(
            _("{text!r} is ambiguous: write {plain} or {decimal}.").format(
                text=shown, plain=written.replace(",", ""), decimal=written.replace(",", ".")
            )
        )
    if " " in written and not _GROUPED.match(written):
        raise QuantityError(_("{text!r} is not a number: digits are grouped by three.").format(text=shown))
    try:
        return float(written.replace(" ", "").replace(",", "."))
    except ValueError:
        raise QuantityError(_("{text!r} is not a number.").format(text=shown)) from None


def parse_quantity(text: object, unit: str) -> float:
    """Read a quantity and return it in `unit`.

    Parameters
    ----------
    text : str or number
        A number with its unit. A bare number is accepted only where `unit` is dimensionless or a count.
    unit : str
        The unit wanted.

    Returns
    -------
    float

    Raises
    ------
    QuantityError
        On a missing, unknown or wrong unit, on a number that cannot be read, or on one that is not finite.

    Examples
    --------
    >>> parse_quantity("0,5 kW", "W")
    500.0
    >>> parse_quantity("1 500 kWh", "kWh")
    1500.0
    >>> parse_quantity("12 €/kWh", "EUR/kWh")
    12.0
    """
    if isinstance(text, bool):
        raise QuantityError(_("a quantity in {unit} is wanted, not {text}.").format(unit=unit, text=text))
    bare = _is_bare(unit)
    if isinstance(text, int | float):
        if not bare:
            raise QuantityError(_without_unit(text, unit))
        return _finite(float(text), text)
    if not isinstance(text, str):
        raise QuantityError(_("a quantity in {unit} is wanted, not {text}.").format(unit=unit, text=text))
    stripped = text.translate(_SPACES).strip()
    match = _QUANTITY.fullmatch(stripped) if len(stripped) <= LONGEST else None
    if match is None:
        raise QuantityError(_("{text!r} is not a quantity (a number, then a unit).").format(text=_shortened(text)))
    number = parse_number(match["number"])
    written = match["unit"].strip()
    if not written and not bare:
        raise QuantityError(_without_unit(text, unit))
    if not written:
        return _finite(number, text)
    return _finite(number * conversion_factor(written, unit), text)


def percent_meant(value: object, number: float) -> str:
    """Return the advice for a share above 1 that was written without its percent sign; empty for other values.

    Parameters
    ----------
    value : object
        As written.
    number : float
        As read.
    """
    bare = not isinstance(value, str) or value.strip()[-1:].isdigit()
    return " " + _("Did you mean {near}?").format(near=f"{number:g} %") if bare and 1.0 < number <= 100.0 else ""


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _without_unit(text: object, unit: str) -> str:
    written = f"{text}{unit[1:]}" if unit.startswith("1/") else f"{text} {unit}"
    return _("{text} has no unit: write it with one, for instance « {written} ».").format(text=text, written=written)


def _finite(value: float, text: object) -> float:
    if not math.isfinite(value):
        raise QuantityError(_("{text!r} is not a finite number.").format(text=text))
    return value


def _is_bare(unit: str) -> bool:
    dimension = str(_unit(unit).dimensionality)
    return dimension in ("dimensionless", "[item]")


class Quantity:
    """Pydantic annotation: `Annotated[float, Quantity("W")]` reads text such as `0,5 kW`.

    Nothing is negative unless its minimum says so. The JSON schema keeps the unit as `x-unit`, so that editors can show
    it.
    """

    def __init__(self, unit: str, minimum: float | None = 0.0, maximum: float | None = None) -> None:
        self.unit = unit
        self.minimum = minimum
        self.maximum = maximum

    def _validate(self, value: object) -> float:
        number = parse_quantity(value, self.unit)
        if self.minimum is not None and number < self.minimum:
            raise QuantityError(
                _("{value} is below the minimum, {limit} {unit}.").format(
                    value=value, limit=self.minimum, unit=self.unit
                )
            )
        if self.maximum is not None and number > self.maximum:
            raise QuantityError(
                _("{value} is above the maximum, {limit} {unit}.").format(
                    value=value, limit=self.maximum, unit=self.unit
                )
                + (percent_meant(value, number) if self.unit == "1" and self.maximum == 1.0 else "")
            )
        return number

    def _example(self) -> float:
        """Return a value that may be written."""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None:
            return float(f"{(low + high) / 2:.1g}")
        return 1.0 if (low is None or low <= 1.0) and (high is None or high >= 1.0) else low or high or 0.0

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read text, then hand a plain float on."""
        return core_schema.no_info_plain_validator_function(
            self._validate,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: quantity_text(value, self.unit), when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the text that a user writes, with its unit."""
        text: JsonSchemaValue = {
            "type": "string",
            "x-unit": self.unit,
            "examples": [quantity_text(self._example(), self.unit)],
        }
        return {"anyOf": [text, {"type": "number"}], "x-unit": self.unit} if _is_bare(self.unit) else text


def quantity_text(value: float, unit: str) -> str:
    """Return a quantity as it is written in YAML: `80 W`, `20/day`, or `0.5` where it has no unit."""
    if unit == "1":
        return f"{value:.12g}"
    # "20 1/day" would be two numbers.
    return f"{value:.12g}{unit[1:]}" if unit.startswith("1/") else f"{value:.12g} {unit}"


def parse_clock(text: object) -> float:
    """Read a local clock time `22:30` (or `22h30`, `22h`) as hours after midnight, from 0 to 24."""
    match = re.fullmatch(r"(\d{1,2}) ?[:h] ?(\d{2})?", text.strip()) if isinstance(text, str) else None
    if match is None:
        written = _shortened(text) if isinstance(text, str) else text
        raise QuantityError(_("{text!r} is not a clock time such as « 22:30 ».").format(text=written))
    hours = int(match[1]) + int(match[2] or 0) / 60.0
    if hours > 24.0 or int(match[2] or 0) > 59:
        raise QuantityError(_("{text!r} is not a clock time such as « 22:30 ».").format(text=text))
    return hours


def ratio(part: float, whole: float) -> float:
    """Return a part of a whole, missing where there is nothing to be part of."""
    return part / whole if whole > 0.0 else float("nan")
