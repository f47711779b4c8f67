"""Electricity per cubic metre: what water took before it enters the model, and what the model's own pumps give it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.columns import numbers, rows_of, texts
from jumeau.factors import FactorTable
from jumeau.networks.water.physics.hydraulics import Hydraulics

Layers = Mapping[str, gpd.GeoDataFrame]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class WaterEnergy:
    """Electricity per cubic metre put into the network [kWh/m3].

    Attributes
    ----------
    upstream : float
        Ahead of the model: abstraction, treatment, and lifting where the model lifts nothing.
    pumps : float
        Of the pumps that the model holds.
    assumed : int
        Sources whose figure is a factor, since their column `upstream_energy` is empty.
    """

    upstream: float
    pumps: float
    assumed: int

    @property
    def total(self) -> float:
        """Both [kWh/m3]."""
        return self.upstream + self.pumps


def water_energy(layers: Layers, hydraulics: Hydraulics | None, factors: FactorTable) -> WaterEnergy:
    """Return the electricity per cubic metre.

    A pump adds its energy to that of production and takes nothing off it. Water of a source that only the model's pumps
    bring to customers was not lifted before: abstraction and treatment alone stand ahead of them.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    hydraulics : Hydraulics, optional
    factors : FactorTable
    """
    sources = layers["water_reservoirs"]
    usual, produced = factors.value("specific_energy"), factors.value("production_energy")
    if hydraulics is None or not len(sources):
        return WaterEnergy(usual, 0.0, 0)
    each = np.where(lifted(layers), produced, usual)
    known = numbers(sources, "upstream_energy")
    each = np.where(np.isnan(known), each, known)
    row = rows_of(hydraulics.sources, texts(sources, "node_id"))
    inflow = np.where(row >= 0, hydraulics.inflow[row], 0.0)
    # Where EPANET moves no water, sources count alike.
    weights = inflow if inflow.any() else np.ones(len(inflow))
    return WaterEnergy(
        upstream=float(np.average(each, weights=weights)),
        pumps=hydraulics.energy_per_volume(factors.value("pump_efficiency")),
        assumed=int(np.isnan(known).sum()),
    )


def lifted(layers: Layers) -> Bools:
    """Tell from which sources water reaches customers through pumps of the model only, shape (sources,)."""
    sources, pumps = layers["water_reservoirs"], layers["water_pumps"]
    names = np.concatenate(
        [texts(layers[name], "node_id") for name in ("water_junctions", "water_tanks", "water_reservoirs")]
    )
    ends = [
        rows_of(names, texts(layers[name], column)[texts(layers[name], "status") != "closed"])
        for column in ("from_node", "to_node")
        for name in ("water_pipes", "water_valves")
    ]
    start, end = np.concatenate(ends[:2]), np.concatenate(ends[2:])
    inside = (start >= 0) & (end >= 0)
    size = len(names)
    graph = sparse.coo_matrix((np.ones(int(inside.sum())), (start[inside], end[inside])), shape=(size, size))
    label = csgraph.connected_components(graph, directed=False)[1]
    junctions, demands = layers["water_junctions"], layers["water_demands"]
    drawn = np.concatenate(
        [
            texts(junctions, "node_id")[numbers(junctions, "demand", 0.0) > 0.0],
            texts(demands, "node_id")[numbers(demands, "demand", 0.0) > 0.0],
        ]
    )

    def parts(nodes: NDArray[np.object_]) -> NDArray[np.int64]:
        row = rows_of(names, nodes)
        return np.asarray(label[row[row >= 0]], dtype=np.int64)

    own = label[rows_of(names, texts(sources, "node_id"))]
    serves, suction = parts(drawn), parts(texts(pumps, "from_node"))
    return np.asarray(np.isin(own, suction) & ~np.isin(own, serves), dtype=bool)
