"""Names on the ground: quarters, public places, streets and addresses, to be read in the view and searched for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from jumeau_viz.frame import Floats
from jumeau_viz.scene import Scene

#: Kinds of names, from those that the eye looks for first.
QUARTER, PLACE, STREET = "quarter", "place", "street"
SHORTEST_STREET = 60.0  # metres: shorter ones are found by a search only


@dataclass(frozen=True)
class Names:
    """Names and where they are.

    Attributes
    ----------
    texts : list of str
    kinds : list of str
        `quarter`, `place` or `street`.
    points : ndarray, shape (n, 3)
        Where each is written [m, local frame], the most important names first in each kind.
    sizes : ndarray, shape (n,)
        Extent of what bears the name [m], from which the page knows how near one must be to read it.
    """

    texts: list[str]
    kinds: list[str]
    points: Floats
    sizes: Floats


@dataclass(frozen=True)
class Addresses:
    """Addresses and where they are: labels, and points (n, 3) [m, local frame]."""

    labels: list[str]
    points: Floats


def find_names(layers: Mapping[str, gpd.GeoDataFrame], scene: Scene) -> Names:
    """Return the names that a territory's layers bear.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        Shared layers of a territory; any may be missing.
    scene : Scene
    """
    found: list[tuple[str, str, shapely.Point, float]] = []
    for layer, kind in (("zones", QUARTER), ("green", PLACE), ("water", PLACE)):
        for name, shape in _dissolved(layers.get(layer)):
            found.append((name, kind, shape.representative_point(), float(np.sqrt(shape.area))))
    streets = _dissolved(layers.get("streets"))
    for name, shape in streets:
        longest = max(shapely.get_parts(shapely.line_merge(shape)), key=shapely.length)
        found.append((name, STREET, longest.interpolate(0.5, normalized=True), float(shape.length)))
    rank = {QUARTER: 0, PLACE: 1, STREET: 2}
    found.sort(key=lambda item: (rank[item[1]], -item[3], item[0]))
    points = np.array([(item[2].x, item[2].y) for item in found], dtype=np.float64).reshape(-1, 2)
    texts, kinds = [item[0] for item in found], [item[1] for item in found]
    return Names(texts, kinds, _placed(points, scene), np.array([item[3] for item in found]))


def find_addresses(layers: Mapping[str, gpd.GeoDataFrame], scene: Scene) -> Addresses:
    """Return the addresses that have a label."""
    layer = layers.get("addresses")
    if layer is None or "label" not in layer:
        return Addresses([], np.empty((0, 3)))
    labels = layer["label"].fillna("").astype(str).str.strip()
    kept = layer[(labels != "") & ~(layer.geometry.isna() | layer.geometry.is_empty)]
    return Addresses(
        labels[kept.index].tolist(), _placed(shapely.get_coordinates(shapely.centroid(kept.geometry.array)), scene)
    )


def _dissolved(layer: gpd.GeoDataFrame | None) -> list[tuple[str, shapely.Geometry]]:
    """Return the features of a layer that have a name, those of one name joined."""
    if layer is None or "name" not in layer or not len(layer):
        return []
    names = layer["name"].where(layer["name"].notna(), "").astype(str).str.strip()
    kept = (names != "") & ~(layer.geometry.isna() | layer.geometry.is_empty)
    grouped = pd.Series(np.flatnonzero(kept.to_numpy())).groupby(names[kept].to_numpy(), sort=True)
    shapes = shapely.force_2d(layer.geometry.to_numpy())
    return [(str(name), shapely.union_all(shapes[rows.to_numpy()])) for name, rows in grouped]


def _placed(world: Floats, scene: Scene) -> Floats:
    plane = scene.frame.to_local(np.asarray(world, dtype=np.float64).reshape(-1, 2))
    return np.column_stack([plane, scene.ground.altitude(plane)])
