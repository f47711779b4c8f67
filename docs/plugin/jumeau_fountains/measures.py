"""The one measure: a clock that stops the water at night."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import changed, texts
from jumeau.device import Device
from jumeau.network import Layers, Measure, MeasureContext, Measured
from jumeau_fountains.parameters import Timer

CLOCK = Device("fountains", "fountain_clock", "Clock of a fountain", "clock_price", "clock_life")


def timer(layers: Layers, selected: NDArray[np.bool_], parameters: Timer, context: MeasureContext) -> Measured:
    """Let the selected fountains run by day only."""
    hours = {"runs_from": parameters.start, "runs_to": parameters.end}
    names = list(texts(layers["fountains"], "fountain_id")[selected])
    bill = CLOCK.bill("timer", "fountains", names, context.factors, price=parameters.unit_cost)
    return Measured(changed(layers, "fountains", selected, "timer", hours), bill)


TIMER = Measure("timer", "Clocks on fountains", "fountains", Timer, timer)
