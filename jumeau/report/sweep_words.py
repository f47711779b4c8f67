"""How a sweep is told: its numbers in units that suit the curve, its answer in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jumeau.i18n import _, local
from jumeau.report.numbers import (
    NOTHING,
    decimals,
    plain,
    scaled_unit,
    signed,
    significant,
    spread,
    with_unit,
)
from jumeau.units import conversion_factor

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """A figure of the table, and its interval."""

    value: str
    span: str = ""


def number(value: Any) -> float:
    """Return a number of the document, not a number where it has none."""
    return float("nan") if value is None else float(value)


def column(document: Document, *names: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return columns of the rows, shape (names, rows)."""
    return np.array([[number(row[name]) for name in names] for row in document["rows"]], dtype=np.float64).T


def figure_name(document: Document) -> str:
    """Return what the curve is of."""
    return _(document["judge"]["label"])


def parameter_name(document: Document) -> str:
    """Return what varies: devices by their name where their number does."""
    label = local(document["label"])
    return f"{label} ({_(document['device']).lower()})" if document["device"] else label


def capital(text: str) -> str:
    """Return a text with a capital."""
    return text[:1].upper() + text[1:]


def counted(document: Document) -> bool:
    """Tell whether devices have a column of their own: their number is not what is varied."""
    return bool(document["device"]) and any(row["value"] != row["devices"] for row in document["rows"])


def written(document: Document, value: float | None) -> str:
    """Return a value of what varies, with its unit."""
    if value is None:
        return NOTHING
    unit = str(document["unit"])
    text = significant(value, 6)
    return text if unit == "1" else with_unit(text, unit)


def curve_unit(document: Document) -> str:
    """Return the unit in which the whole curve is easy to read."""
    unit = str(document["judge"]["unit"])
    largest = np.nanmax(np.abs(column(document, "worth", "low", "high")), initial=0.0)
    return scaled_unit(unit, float(largest))


def sized(document: Document, row: Mapping[str, Any], names: Sequence[str], unit: str, wanted: str) -> Cell:
    """Return a mean with its interval, written in a unit; a whole column shares its last digit."""
    factor = conversion_factor(unit, wanted) if unit != wanted else 1.0
    mean, low, high = (number(row[name]) * factor for name in names)
    if not math.isfinite(mean):
        return Cell(NOTHING)
    known = np.abs(column(document, *names) * factor)
    digits = decimals(float(np.nanmax(known, initial=0.0)), 3)
    span = "" if not math.isfinite(low) else _("exact") if low == high else spread(low, high, digits)
    return Cell(with_unit(signed(mean, digits), wanted), span)


def sentences(document: Document) -> tuple[str, ...]:
    """Return the answer in sentences: knee, what is established, budget, whether the curve is decided."""
    found = []
    rows = {row["value"]: row for row in document["rows"]}
    if document["worth_nothing"]:
        found.append(_("No value is worth what it costs: nothing installed is the best choice."))
    elif document["knee"] is not None:
        found.append(_knee(document, rows[document["knee"]]))
        if document["knee_beyond_last"]:
            found.append(_("The curve still rises at its last value: its knee may lie beyond."))
    if document["knee_ci95"] is not None:
        low, high = document["knee_ci95"]
        text = _("Over resampled replications, 95% of the knees lie at {low}.") if low == high else _(
            "Over resampled replications, 95% of the knees lie between {low} and {high}."
        )  # fmt: skip
        found.append(text.format(low=written(document, low), high=written(document, high)))
    if document["gain_established_to"] is None:
        found.append(_("Not even the first value has an established gain."))
    else:
        past = written(document, document["gain_established_to"])
        found.append(_("No further gain is established past {value}.").format(value=past))
    if document["budget"] is not None:
        found.append(_budget(document, rows))
    return (*found, _stopped(document))


def _knee(document: Document, row: Mapping[str, Any]) -> str:
    if not document["device"]:
        return _("The best value is {value}.").format(value=written(document, row["value"]))
    if row["value"] == row["devices"]:
        text = _("The knee is at {value}: beyond it, the next device costs more than it brings.")
        return text.format(value=written(document, row["value"]))
    text = _("The knee is at {value} ({devices} devices): beyond it, the next device costs more than it brings.")
    return text.format(value=written(document, row["value"]), devices=plain(row["devices"], 0))


def _budget(document: Document, rows: Mapping[float, Mapping[str, Any]]) -> str:
    money = with_unit(plain(document["budget"], 0), "EUR")
    if document["within_budget"] is None:
        return _("The budget of {budget} affords none of the values.").format(budget=money)
    row = rows[document["within_budget"]]
    return _("Within the budget of {budget}, the best value is {value}, for {cost}.").format(
        budget=money,
        value=written(document, row["value"]),
        cost=with_unit(plain(row["investment"], 0), "EUR"),
    )


def _stopped(document: Document) -> str:
    count = plain(document["replications"], 0)
    if document["decided"]:
        text = _("{count} paired replications decide the curve: every step is established, or too small to matter.")
        return text.format(count=count)
    pairs = ", ".join(
        _("{first} to {last}").format(first=written(document, first), last=written(document, last))
        for first, last, _half in document["undecided"][:6]
    )
    if document["stopped"] == "maximum":
        text = _("Not decided after {count} paired replications, the most allowed: {pairs}.")
    else:
        text = _("Not decided by the {count} paired replications asked for: {pairs}.")
    return text.format(count=count, pairs=pairs)


def ranged(document: Document) -> bool:
    """Tell whether ranges of uncertain assumptions are known."""
    return bool(np.isfinite(column(document, "p50")).any())


def costed(document: Document) -> bool:
    """Tell whether devices have a cost to be held against what they bring."""
    return bool(document["device"]) and bool(np.isfinite(column(document, "gross")).any())
