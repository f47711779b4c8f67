"""Numbers as mappers write them: « 30 mph », « 6 m », « FR:urban », « 2;3 »."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.attributes import Attribute
from jumeau.errors import shorten
from jumeau.i18n import _
from jumeau.territory.model import SHARED

Floats = NDArray[np.float64]
HERE = Path(__file__).parent

#: Kilometres per hour, or metres, of the units in use (https://wiki.openstreetmap.org/wiki/Map_features/Units).
SPEEDS = {"": 1.0, "km/h": 1.0, "kmh": 1.0, "kph": 1.0, "kmph": 1.0, "mph": 1.609344, "knots": 1.852}
LENGTHS = {"": 1.0, "m": 1.0, "km": 1000.0, "cm": 0.01, "ft": 0.3048, "'": 0.3048}
COUNTS = {"": 1.0}
#: Words that say that there is no number; the usual one of the class stands for it then.
NO_NUMBER = ("none", "signals", "variable", "implicit", "unposted")

_NUMBER = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>[a-z/']*)", re.IGNORECASE)
_FEET = re.compile(r"(?P<feet>\d+)'\s*(?:(?P<inches>\d+(?:\.\d+)?)(?:\"|''))?")
#: « FR:30 », « DE:zone30 », « FR:zone:30 ».
_ZONE = re.compile(r"[A-Z-]{2,7}:(?:zone:?)?(?P<number>\d+)(?P<mph>\s*mph)?", re.IGNORECASE)
_ZONE_ALONE = re.compile(r"zone:?(?P<number>\d+)", re.IGNORECASE)


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of the tables beside this module."""
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return tuple(csv.DictReader(stream))


@cache
def _named_speeds() -> dict[str, float]:
    return {row["maxspeed"].casefold(): float(row["speed"]) * SPEEDS[row["unit"]] for row in rows("speeds.csv")}


def speed_of(text: str) -> float:
    """Return a speed limit [km/h]; not a number where the text tells none.

    Of several limits (« 50;30 ») the lowest is taken.
    """
    found = [_one_speed(part.strip()) for part in re.split(r"[;|]", text)]
    known = [value for value in found if not np.isnan(value)]
    return min(known) if known else float("nan")


def _one_speed(text: str) -> float:
    named = _named_speeds().get(text.casefold())
    if named is not None:
        return named
    zone = _ZONE.fullmatch(text) or _ZONE_ALONE.fullmatch(text)
    if zone:
        return float(zone["number"]) * (SPEEDS["mph"] if zone.groupdict().get("mph") else 1.0)
    return number_of(text, SPEEDS)


def number_of(text: str, units: dict[str, float]) -> float:
    """Return a number with a unit, in the unit of factor 1; not a number where the text is none."""
    text = text.strip()
    found = _NUMBER.fullmatch(text)
    if found and found["unit"].lower() in units:
        return float(found["number"].replace(",", ".")) * units[found["unit"].lower()]
    feet = _FEET.fullmatch(text)
    if feet and "'" in units:
        return (float(feet["feet"]) + float(feet["inches"] or 0.0) / 12.0) * units["'"]
    return float("nan")


def believable(value: float, attribute: Attribute) -> float:
    """Return a size or a count that is more than none and within the bounds of its attribute, else not a number."""
    low = 0.0 if attribute.minimum is None else attribute.minimum
    high = np.inf if attribute.maximum is None else attribute.maximum
    return value if value > 0.0 and low <= value <= high else float("nan")


def column_of(
    texts: pd.Series, layer: str, attribute: str, units: dict[str, float], notes: list[str], file: str
) -> pd.Series:
    """Return the numbers of a tag; what is no number, or out of the bounds of the attribute, is told once.

    Parameters
    ----------
    texts : Series of str, shape (n,)
    layer, attribute : str
        Of the shared table.
    units : mapping of str to float
        `SPEEDS`, `LENGTHS` or `COUNTS`.
    notes : list of str
        What is told is added here.
    file : str
        For the note.
    """
    read = speed_of if units is SPEEDS else lambda text: number_of(text, units)
    known = {text: read(text) for text in texts.dropna().unique()}
    row = SHARED.get(layer, attribute)
    low, high = row.minimum, row.maximum
    bad = {
        text
        for text, value in known.items()
        if text not in NO_NUMBER
        and (np.isnan(value) or (low is not None and value < low) or (high is not None and value > high))
    }
    refused = texts.isin(bad)
    if refused.any():
        values = [f"{text} ({count})" for text, count in Counter(texts[refused]).most_common()]
        told = _("{file}: {layer}.{column}: no value taken from « {key} »: {count} ({values})")
        notes.append(
            told.format(file=file, layer=layer, column=attribute, key=texts.name, count=int(refused.sum()),
                        values=shorten(values))
        )  # fmt: skip
    found = texts.map({text: value for text, value in known.items() if text not in bad}).astype("float64")
    return found.round() if row.type == "integer" else found


def first_of(frame: pd.DataFrame, *keys: str) -> pd.Series:
    """Return the value of the first of some tags that a feature has, shape (n,); the name is that of the first tag."""
    found = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    for key in keys:
        found = found.where(found.notna(), frame[key])
    return found.where(found.notna(), None).rename(keys[0])
