"""The pipes that loggers hear along, from the layers of the network."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.networks.water.physics import bursts
from jumeau.networks.water.physics.loggers import Graph


def logger_graph(
    layers: Mapping[str, gpd.GeoDataFrame], metal: float, plastic: float
) -> tuple[Graph, NDArray[np.bool_]]:
    """Return the graph of the pipes between two junctions, and which pipes these are.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    metal, plastic : float
        How far noise is heard along metal pipes, and along others [m].
    """
    pipes, junctions = layers["water_pipes"], layers["water_junctions"]
    rows = {name: row for row, name in enumerate(texts(junctions, "node_id"))}
    ends = np.array(
        [[rows.get(node, -1) for node in texts(pipes, column)] for column in ("from_node", "to_node")], dtype=np.int64
    ).reshape(2, -1)
    linked = np.asarray((ends >= 0).all(axis=0), dtype=bool)
    reach = np.where(np.isin(bursts.materials(pipes), bursts.METALS), metal, plastic)
    length = numbers(pipes, "length")
    return Graph(ends[0][linked], ends[1][linked], length[linked], reach[linked], len(junctions)), linked
