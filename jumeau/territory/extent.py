"""Where a territory is: the box of its features, without the stray ones that would move its centre, hence its sun."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: A feature nearer than this to the middle is never stray [m]: it moves the centre by half as much, and sunset by some
#: ten seconds at most.
NEAR = 10_000.0
#: Nor is one nearer than so many times the median distance: a large territory has a far hamlet.
SPREAD = 20.0


@np.errstate(invalid="ignore")  # infinite boxes have no centre
def stray_features(layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Bools]:
    """Tell which features lie far outside all the others, by layer, shape (n,).

    The middle is the median of the features of all layers, which fewer than half of them cannot move. What has no
    finite place is not told here: other checks do.
    """
    boxes = {name: _bounds(layer) for name, layer in layers.items()}
    centres = {name: (box[:, :2] + box[:, 2:]) / 2.0 for name, box in boxes.items()}
    known = np.vstack([xy[np.isfinite(xy).all(axis=1)] for xy in centres.values()] or [np.empty((0, 2))])
    if not len(known):
        return {name: np.zeros(len(xy), dtype=bool) for name, xy in centres.items()}
    middle = np.median(known, axis=0)
    reach = max(NEAR, SPREAD * float(np.median(np.hypot(*(known - middle).T))))
    return {name: np.hypot(*(xy - middle).T) > reach for name, xy in centres.items()}


def core_box(layers: Mapping[str, gpd.GeoDataFrame]) -> Floats | None:
    """Return the box of the features that are not stray, shape (4,); None where no feature has a finite place."""
    stray = stray_features(layers)
    boxes = np.vstack([_bounds(layer)[~stray[name]] for name, layer in layers.items()] or [np.empty((0, 4))])
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _bounds(layer: gpd.GeoDataFrame) -> Floats:
    return np.asarray(layer.geometry.bounds.to_numpy(dtype=np.float64)).reshape(-1, 4)
