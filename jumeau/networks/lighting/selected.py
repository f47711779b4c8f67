"""What every measure does with the features that it concerns: their names, and a word on those that it leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jumeau.columns import texts
from jumeau.network import Layers
from jumeau.networks.lighting.physics.inventory import cabinet_rows

Bools = NDArray[np.bool_]


def names_of(layers: Layers, selected: Bools, layer: str = "lamps") -> list[str]:
    """Return the identifiers of the selected features."""
    return list(texts(layers[layer], "lamp_id" if layer == "lamps" else "cabinet_id")[selected])


def left_out(selected: Bools, kept: Bools, reason: str) -> tuple[str, ...]:
    """Return the reason with the number of selected features that are not kept; nothing where all are."""
    count = int((selected & ~kept).sum())
    return (reason.format(count=count),) if count else ()


def cabinets_of(layers: Layers, lamps: Bools) -> Bools:
    """Return which cabinets feed some lamps, shape (cabinets,)."""
    found = np.zeros(len(layers["cabinets"]), dtype=bool)
    row = cabinet_rows(layers["lamps"], texts(layers["cabinets"], "cabinet_id"))
    found[row[lamps & (row >= 0)]] = True
    return found
