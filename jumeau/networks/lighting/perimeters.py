"""Where lamps stand: in a built-up area or outside, in a reserve, around an observatory, on a dark corridor."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from jumeau.columns import flags, texts
from jumeau.factors import FactorTable
from jumeau.network import Layers
from jumeau.networks.lighting.physics.legal import PERIMETERS, Caps, Surroundings

Bools = NDArray[np.bool_]

#: Categories whose flux density is capped.
CAPPED = ("a", "e")


def legal_caps(factors: FactorTable) -> Caps:
    """Return the limits of the order."""
    core, park = factors.value("legal_cct_core"), factors.value("legal_cct_park")
    reserve = factors.value("legal_cct_reserve")
    return Caps(
        cct=factors.value("legal_cct"),
        ulr=factors.value("legal_ulr"),
        density={name: factors.value(f"legal_density_{name}") for name in CAPPED},
        density_outside={name: factors.value(f"legal_density_{name}_outside") for name in CAPPED},
        perimeter_cct={"reserve": reserve, "core": core, "park": park},
        perimeter_cct_outside={"reserve": reserve, "core": core, "park": factors.value("legal_cct_park_outside")},
    )


def surroundings(layers: Layers, factors: FactorTable) -> Surroundings:
    """Return where the lamps stand, by their own columns and by the zones drawn."""
    lamps = layers["lamps"]
    stated = texts(lamps, "perimeter")
    found = {name: (stated == name) | inside(layers, name, factors) for name in PERIMETERS}
    built_up = flags(lamps, "built_up") & ~inside(layers, "outside", factors)
    return Surroundings(built_up, {name: mask for name, mask in found.items() if mask.any()})


def corridor(layers: Layers, factors: FactorTable) -> Bools:
    """Return which lamps stand on a dark corridor, by their column or by the zones drawn, shape (n,)."""
    return flags(layers["lamps"], "dark_corridor") | inside(layers, "corridor", factors)


def inside(layers: Layers, kind: str, factors: FactorTable) -> Bools:
    """Return which lamps stand in the zones of a kind, shape (n,); an observatory drawn as a point has its circle."""
    lamps = layers["lamps"]
    zones: gpd.GeoDataFrame | None = layers.get("light_zones")
    if zones is None or not len(zones) or not len(lamps):
        return np.zeros(len(lamps), dtype=bool)
    shapes = zones.geometry.to_numpy()[texts(zones, "kind") == kind]
    if not len(shapes):
        return np.zeros(len(lamps), dtype=bool)
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    shapes = np.where(
        points, shapely.buffer(shapes, 1000.0 * factors.value("observatory_radius"), quad_segs=64), shapes
    )
    area = shapely.union_all(shapes)
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, lamps.geometry.to_numpy()), dtype=bool)
