"""Numbers and units as people read them, in the current language."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from jumeau.i18n import _, format_number
from jumeau.results import Record
from jumeau.results.comparison import TRACE
from jumeau.units import conversion_factor

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
NOTHING = "—"

#: Beyond these, digits are no longer read: a size, and a number of decimals.
LONGEST, DEEPEST = 1e10, 6
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

#: Below this share of the values compared, a difference is the dust of sums of floats, some of them of 32 bits.
DUST = 1e-6
#: What is smaller is nothing, in any unit that a table of figures has; so is a trace that is smaller than the second.
NIL, FAINT = 1e-6, 1e-3

_SYMBOLS = {
    "EUR": "€", "kEUR": "k€", "MEUR": "M€", "kgCO2e": f"kg{NO_BREAK}CO₂e", "gCO2e": f"g{NO_BREAK}CO₂e",
    "tCO2e": f"t{NO_BREAK}CO₂e", "m2": "m²", "m**2": "m²", "m3": "m³", "m**3": "m³", "percent": "%", "degree": "°",
    "tonne": "t", "unit": "", "1": "", "-": "", "": "", "100 km": f"100{NO_BREAK}km", "100km": f"100{NO_BREAK}km",
}  # fmt: skip

#: Counted things: singular (after a slash) and plural.
COUNTED = {
    "item": "items", "lamp": "lamps", "point": "points", "device": "devices", "night": "nights",
    "failure": "failures", "household": "households", "person": "people", "passage": "passages",
    "message": "messages", "day": "days", "week": "weeks", "month": "months", "year": "years",
    "lamp-night": "lamp-nights", "percentage point": "percentage points",
    "vehicle": "vehicles", "trip": "trips", "space": "spaces", "job": "jobs",
}  # fmt: skip
_PLURALS = {plural: plural for plural in COUNTED.values()} | COUNTED


def unit_label(unit: str) -> str:
    """Return a unit as people read it: `kgCO2e` is `kg CO₂e`, `EUR/lamp/year` is `€/lampe/an` in French.

    Parameters
    ----------
    unit : str
        In the vocabulary of `jumeau.units`; a unit outside it is returned as it is written.

    Returns
    -------
    str
        Empty for a dimensionless number.
    """
    above, *below = [part.strip() for part in unit.strip().split("/")]
    factors = re.split(r"(?<!\*)\*(?!\*)|·", above)
    label = "·".join(_token(factor, plural=True) for factor in factors)
    parts = [_token(token, plural=False) for token in below]
    if not parts:
        return label
    return "/".join([label or "1", *parts])


def _token(token: str, *, plural: bool) -> str:
    token = token.strip()
    if token in _SYMBOLS:
        return _SYMBOLS[token]
    if plural and token in _PLURALS:
        return _(_PLURALS[token])
    return _(token) if token in COUNTED else token


#: Units of the four figures, and what they are written in where they are large.
_LARGER = {"kWh": ("kWh", "MWh", "GWh"), "kgCO2e": ("kgCO2e", "tCO2e"), "EUR": ("EUR", "kEUR", "MEUR")}

#: From this on, a larger unit is easier to read.
LARGE = 10_000


def scaled_unit(unit: str, largest: float) -> str:
    """Return the unit in which values up to `largest` [unit] are easy to read: MWh, t or kEUR where they are large."""
    units = _LARGER.get(unit, (unit,))
    return next((item for item in units if largest * conversion_factor(unit, item) < LARGE), units[-1])


def in_unit(record: Record, unit: str) -> Record:
    """Return a record in another unit."""
    factor = conversion_factor(record.unit, unit)

    def times(values: tuple[float, ...] | None) -> Any:
        return values and tuple(value * factor for value in values)

    return replace(
        record,
        unit=unit,
        baseline=record.baseline * factor,
        variant_value=record.variant_value * factor,
        difference=record.difference * factor,
        threshold=record.threshold * factor,
        ci95=times(record.ci95),
        range80=times(record.range80),
        quantiles=times(record.quantiles),
    )


def labelled(label: str, unit: str) -> str:
    """Return a label followed by its unit in brackets, unless the label says it already: `Failures`."""
    written = unit_label(unit)
    return f"{label} ({written})" if written and written.lower() not in label.lower().split() else label


def with_unit(text: str, unit: str) -> str:
    """Return a written number followed by its unit."""
    label = unit_label(unit)
    return f"{text}{NO_BREAK}{label}" if label and text != NOTHING else text


def decimals(value: float, figures: int) -> int:
    """Return the decimals that give a value `figures` significant figures (negative: rounded to tens, hundreds)."""
    if value == 0 or not math.isfinite(value):
        return 0
    return figures - 1 - math.floor(math.log10(abs(value)))


def plain(value: float | None, digits: int) -> str:
    """Return a number rounded to `digits` decimals (which may be negative), with a true minus sign.

    What would take more than a dozen characters is written with a power of ten.
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    if round(value, digits) and (abs(value) >= LONGEST or digits > DEEPEST):
        power = math.floor(math.log10(abs(value)))
        mantissa = plain(value / 10.0**power, max(digits + power, 0))
        return f"{mantissa}{NO_BREAK}×{NO_BREAK}10{str(power).translate(_SUPERSCRIPTS)}"
    return format_number(round(value, digits), max(digits, 0)).replace("-", MINUS)


def significant(value: float | None, figures: int = 4) -> str:
    """Return a number with at most `figures` significant figures and no idle zeros."""
    if value is None or not math.isfinite(value):
        return NOTHING
    digits = decimals(value, figures)
    while digits > 0 and round(value, digits) == round(value, digits - 1):
        digits -= 1
    return plain(value, digits)


def signed(value: float | None, digits: int) -> str:
    """Return a difference with its sign, plus included."""
    text = plain(value, digits)
    return f"+{text}" if value is not None and round(value, digits) > 0 and text != NOTHING else text


def percent(share: float | None) -> str:
    """Return a relative difference in per cent, signed; a dash where there is none."""
    if share is None or not math.isfinite(share):
        return NOTHING
    value = 100 * share
    if 0 < abs(value) < 0.01:
        return _("≈ {value}%").format(value="0")
    digits = min(decimals(value, 3 if abs(value) >= 1 else 2), 1 if abs(value) >= 1 else 4)
    return _("{value}%").format(value=signed(value, digits))


def short_percent(share: float) -> str:
    """Return a relative difference in per cent, signed, in few characters: whole from ten per cent on."""
    value = 100 * share
    if 0 < abs(value) < 0.05:
        return _("≈ {value}%").format(value="0")
    return _("{value}%").format(value=signed(value, 0 if value == 0 or abs(value) >= 9.95 else 1))


def share_percent(share: float) -> str:
    """Return a share from 0 to 1 as a whole percentage that never says 0 or 100 of what is only near it."""
    value = 100 * share
    if 0 < value < 1:
        return _("<{value}%").format(value="1")
    if 99 < value < 100:
        return _(">{value}%").format(value="99")
    return _("{value}%").format(value=plain(value, 0))


def spread(low: float, high: float, digits: int) -> str:
    """Return an interval of differences in words: `−12,900 to −11,700`."""
    ends = signed(low, digits), signed(high, digits)
    return ends[0] if ends[0] == ends[1] else _("{low} to {high}").format(low=ends[0], high=ends[1])


def span(low: float, high: float, figures: int = 3) -> str:
    """Return a range of plain values: `18 to 35`."""
    return _("{low} to {high}").format(low=significant(low, figures), high=significant(high, figures))


@dataclass(frozen=True)
class Figures:
    """The numbers of one record, written with figures that suit its uncertainty.

    Attributes
    ----------
    baseline, variant, difference, relative, interval, range80 : str
        Without unit; a dash where there is none.
    quantiles : (str, str, str)
        P10, P50 and P90 of the difference, likewise.
    """

    baseline: str
    variant: str
    difference: str
    relative: str
    interval: str
    range80: str
    quantiles: tuple[str, str, str]


def figures(record: Record) -> Figures:
    """Write the numbers of a record.

    The difference and its interval share one last digit, the second of the interval's half-width within three to four
    figures of the larger of them; levels keep four to six figures. Whole numbers stay whole.
    """
    level = _level(record)
    ends = (record.difference, *(record.ci95 or ()))
    gap = _largest(ends)
    difference = record.difference
    if _dust(gap, level):
        gap, difference, ends = 0.0, difference * 0.0, (0.0,)
    fine = _digits(record, gap)
    if _whole(ends):
        fine = min(fine, 0)
    coarse = decimals(level, 4)
    level_digits = max(coarse, min(fine, decimals(level, 6))) if gap else coarse
    if _whole((record.baseline, record.variant_value)):
        level_digits = min(level_digits, 0)
    return Figures(
        baseline=plain(record.baseline, level_digits),
        variant=plain(record.variant_value, level_digits),
        difference=signed(difference, fine),
        relative=percent(relative(record) if gap else _zero(record)),
        interval=interval(record, fine),
        range80=_range(record),
        quantiles=_quantiles(record),
    )


def _range(record: Record) -> str:
    if record.range80 is None or record.range80[0] == record.range80[1]:
        return NOTHING  # no uncertain assumption bears on it
    low, high = record.range80
    largest = _largest(record.range80)
    digits = 0 if _dust(largest, _level(record)) else decimals(largest, 3)
    return spread(low, high, min(digits, 0) if _whole(record.range80) else digits)


def _quantiles(record: Record) -> tuple[str, str, str]:
    if record.quantiles is None:
        return NOTHING, NOTHING, NOTHING
    largest = _largest(record.quantiles)
    digits = 0 if _dust(largest, _level(record)) else decimals(largest, 3)
    low, middle, high = (
        signed(value, min(digits, 0) if _whole(record.quantiles) else digits) for value in record.quantiles
    )
    return low, middle, high


def _dust(size: float, level: float) -> bool:
    """Tell whether differences up to a size are nothing beside the values compared."""
    return size <= max(DUST * level, NIL) or size <= min(TRACE * level, FAINT)


def _level(record: Record) -> float:
    return _largest((record.baseline, record.variant_value))


def _digits(record: Record, gap: float) -> int:
    if record.ci95 is None or exact(record):
        return decimals(gap, 4)
    half = (record.ci95[1] - record.ci95[0]) / 2
    return max(decimals(gap, 3), min(decimals(half, 2), decimals(gap, 4)))


def interval(record: Record, digits: int) -> str:
    """Return the 95 % interval of a record in words; `exact` where chance plays no part."""
    if record.ci95 is None or not all(math.isfinite(end) for end in record.ci95):
        return NOTHING
    return _("exact") if exact(record) else spread(*record.ci95, digits)


def exact(record: Record) -> bool:
    """Tell whether the difference is the same in all of several replications."""
    return record.ci95 is not None and record.ci95[0] == record.ci95[1]


def relative(record: Record) -> float | None:
    """Return the relative difference; none for shares, whose difference in points says all."""
    return None if record.unit == "%" else record.relative_difference


def difference_unit(record: Record) -> str:
    """Return the unit of a difference: that of shares is the percentage point."""
    return "percentage point" if record.unit == "%" else record.unit


def _zero(record: Record) -> float | None:
    found = relative(record)
    return found and found * 0.0


def _largest(values: Iterable[float]) -> float:
    return max((abs(value) for value in values if math.isfinite(value)), default=0.0)


def _whole(values: Iterable[float]) -> bool:
    return all(not math.isfinite(value) or abs(value - round(value)) <= 1e-9 * abs(value) for value in values)
