"""Patterns and curves, written as texts of numbers -> those of EPANET."""

from __future__ import annotations

from typing import Any

from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.feature_rows import Layers, rows_in, text
from jumeau.simulation.clock import HOUR

#: What a kind of curve is called in `wntr`, with the factor from its abscissa to ours.
_CURVES = {
    "head": ("HEAD", HOUR),
    "efficiency": ("EFFICIENCY", HOUR),
    "volume": ("VOLUME", 1.0),
    "head_loss": ("HEADLOSS", HOUR),
}


def add_curves(model: Any, layers: Layers) -> None:
    """Add the patterns and curves of the layers to the model."""
    for row in rows_in(layers, "water_patterns"):
        model.add_pattern(row["pattern_id"], _numbers_of(row["multipliers"], "water_patterns", row["pattern_id"]))
    for row in rows_in(layers, "water_curves"):
        kind, factor = _CURVES[text(row, "kind", "head")]
        points = [(x / factor, y) for x, y in points_of(row["points"], key=row["curve_id"])]
        model.add_curve(str(row["curve_id"]), kind, points)


def points_of(text: object, layer: str = "water_curves", key: object = "") -> list[tuple[float, float]]:
    """Return the points of a curve written « x,y x,y »."""
    try:
        return [(float(x), float(y)) for x, y in (item.split(",") for item in str(text).split())]
    except ValueError as error:
        hint = _("write points « x,y » separated by spaces")
        problem = Problem(_("not a list of points"), layer=layer, features=(str(key),), value=str(text)[:60], hint=hint)
        raise InputError(problem) from error


def _numbers_of(text: object, layer: str, key: object) -> list[float]:
    try:
        return [float(item) for item in str(text).split()]
    except ValueError as error:
        hint = _("write numbers separated by spaces, with a decimal point")
        problem = Problem(
            _("not a list of numbers"), layer=layer, features=(str(key),), value=str(text)[:60], hint=hint
        )
        raise InputError(problem) from error
