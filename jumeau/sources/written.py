"""Numbers as people write them in cells: with their unit (`150W`), a count (`2x36W`), years as dates."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.units import QuantityError, parse_quantity

Mask = NDArray[np.bool_]

#: `2x36W`, `1*70`, `150 W`, `0,07 kW`: a count where there is one, a number, a unit where there is one.
_WRITTEN = re.compile(
    r"^\s*(?:(?P<count>\d{1,3})\s*[x×*]\s*)?(?P<number>[-+]?\d[\d \u00a0\u202f]*(?:[.,]\d+)?)\s*(?P<unit>[^\d\s.,].*)?$"
)
_YEAR = re.compile(r"^\s*(?:(?P<first>[12]\d{3})[-/.](?:0?\d|1[0-2])(?:[-/.]\d{1,2})?(?:[T ].*)?|"
                   r"\d{1,2}[-/.]\d{1,2}[-/.](?P<last>[12]\d{3})(?: .*)?)\s*$")  # fmt: skip


def with_units(texts: pd.Series[Any], rows: Mask, unit: str, own: str | None) -> tuple[NDArray[np.float64], list[str]]:
    """Return what cells with a count or a unit of their own mean, and examples of how they were read.

    Parameters
    ----------
    texts : Series, shape (n,)
    rows : ndarray of bool, shape (n,)
        Cells that are no plain numbers.
    unit : str
        Unit wanted.
    own : str, optional
        Unit of the cells that state none, where the territory file tells it.

    Returns
    -------
    ndarray, shape (n,)
        In `unit`; not-a-number where a cell is read in no such way.
    list of str
        `2x36W → 72 W`.
    """
    found = np.full(len(texts), np.nan)
    told: dict[str, str] = {}
    if unit in ("", "1"):
        return found, []
    for row in np.flatnonzero(rows):
        text = str(texts.iloc[row])
        value = _quantity(text, unit, own)
        if value is not None:
            found[row] = value
            told[text.strip()] = f"{text.strip()} → {value:.6g} {unit}"
    return found, list(told.values())


def _quantity(text: str, unit: str, own: str | None) -> float | None:
    match = _WRITTEN.match(text)
    if match is None or not (match["count"] or match["unit"]):
        return None
    try:
        value = parse_quantity(f"{match['number'].strip()} {match['unit'] or own or unit}", unit)
    except QuantityError:
        return None
    return value * float(match["count"] or 1)


def years(series: pd.Series[Any]) -> tuple[pd.Series[Any], int]:
    """Return a column whose dates are replaced by their years, and how many there were; other cells stay.

    A year of two digits is none: nobody can tell its century.
    """
    if pd.api.types.is_datetime64_any_dtype(series):
        return series.dt.year.astype("float64"), int(series.notna().sum())
    if pd.api.types.is_numeric_dtype(series):
        return series, 0
    found, count = series.astype(object).copy(), 0
    for place, value in enumerate(series):
        text = value.isoformat() if hasattr(value, "isoformat") else value
        match = _YEAR.match(text) if isinstance(text, str) else None
        if match is not None:
            found.iloc[place] = match["first"] or match["last"]
            count += 1
    return found, count


#: Unit -> those that are taken for it, and the other way round.
TAKEN_FOR = {
    "W": ("kW", "MW"),
    "kW": ("W", "MW"),
    "mm": ("m", "cm"),
    "m": ("mm", "cm", "km"),
    "m3/h": ("l/s", "m3/day"),
    "l": ("m3",),
    "kWh": ("MWh", "Wh"),
    "lm": ("klm",),
}


def likely_unit(values: NDArray[np.float64], unit: str, usual: tuple[float, float] | None) -> str:
    """Return the unit that the numbers of a column are probably in, where that is another one; empty else.

    The median of what is above zero lies outside the usual range, and inside it in just one of the units that are taken
    for the column's.
    """
    known = values[np.isfinite(values) & (values > 0.0)]
    if usual is None or not len(known):
        return ""
    low, high = usual
    median = float(np.median(known))
    if low <= median <= high:
        return ""
    fits = []
    for other in TAKEN_FOR.get(unit, ()):
        try:
            meant = parse_quantity(f"{median!r} {other}", unit)
        except QuantityError:
            continue
        if low <= meant <= high:
            fits.append(other)
    return fits[0] if len(fits) == 1 else ""
