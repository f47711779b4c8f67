"""The border of a territory: that of its zones, or the one that its streets tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags
from jumeau.factors import FactorTable
from jumeau.territory.graph import StreetGraph
from jumeau.territory.model import Territory

Ints = NDArray[np.int64]

#: Dimension of a polygon; half the width of what is no gap between two of them [m].
_AREA, _SLIVER = 2, 5.0


def degrees(arcs: StreetGraph) -> Ints:
    """Return the number of neighbours of each node, shape (n,)."""
    pairs = np.unique(np.sort(np.stack([arcs.tail, arcs.head], axis=1), axis=1), axis=0)
    return np.bincount(pairs.ravel(), minlength=len(arcs.nodes))


def border_of(arcs: StreetGraph, used: Ints, factors: FactorTable) -> Any:
    """Return the border that follows the nodes in use, as a line.

    Parameters
    ----------
    arcs : StreetGraph
    used : ndarray of int
        Positions of at least three nodes.
    factors : FactorTable
        `border_ratio`.
    """
    return shapely.boundary(
        shapely.concave_hull(shapely.multipoints(arcs.xy[used]), ratio=factors.value("border_ratio"))
    )


def limits_of(territory: Territory) -> Any:
    """Return the border of the territory, else that of its zones; None where neither is an area."""
    own = own_limit(territory)
    if own is not None:
        return own
    if not territory.has("zones"):
        return None
    areas = territory.layer("zones").geometry.to_numpy()
    areas = areas[(shapely.get_dimensions(areas) == _AREA) & shapely.is_valid(areas)]
    if not len(areas):
        return None
    # Slivers between zones are no border.
    whole = shapely.buffer(shapely.buffer(shapely.union_all(areas), _SLIVER), -_SLIVER)
    parts = shapely.get_parts(whole)
    return shapely.union_all(shapely.get_exterior_ring(parts))


def own_limit(territory: Territory) -> Any:
    """Return the border at which the territory was cut, as lines; None where it was not."""
    if not territory.has("limits"):
        return None
    limits = territory.layer("limits")
    areas = limits.geometry.to_numpy()[flags(limits, "own")]
    return shapely.union_all(shapely.boundary(areas)) if len(areas) else None
