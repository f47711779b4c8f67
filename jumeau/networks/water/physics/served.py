"""What pipes and junctions serve: connections, and the customers behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import flags, numbers, rows_of, texts, totals
from jumeau.factors import FactorTable

Floats = NDArray[np.float64]
Layers = Mapping[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class Served:
    """What each pipe serves; each of shape (pipes,).

    Attributes
    ----------
    connections, customers : ndarray
        Service connections, and customers behind them.
    remote : ndarray
        Share of the connections whose meter is read remotely.
    """

    connections: Floats
    customers: Floats
    remote: Floats


def served(layers: Layers, length: Floats, factors: FactorTable) -> Served:
    """Return connections, customers and the share of meters read remotely of each pipe.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    length : ndarray, shape (pipes,)
        [km].
    factors : FactorTable
    """
    pipes, connections = layers["water_pipes"], layers["water_connections"]
    if len(connections):
        row = rows_of(texts(pipes, "pipe_id"), texts(connections, "pipe_id"))
        fed = row >= 0
        count = np.bincount(row[fed], minlength=len(pipes)).astype(np.float64)
        customers = totals(row[fed], numbers(connections, "customers")[fed], len(pipes))
        remote = totals(row[fed], flags(connections, "remote_reading")[fed], len(pipes))
        return Served(count, customers, np.divide(remote, count, out=np.zeros(len(pipes)), where=count > 0))
    # Transport mains feed no customer; a stated count, even zero, stands.
    usual = np.where(texts(pipes, "function") == "transport", 0.0, length * factors.value("subscribers_density"))
    count = numbers(pipes, "connections", usual)
    return Served(count, count, np.zeros(len(pipes)))


def customers_at(layers: Layers, junctions: Sequence[str], customers: Floats) -> Floats:
    """Return the customers of junctions, shape (n,): half of those of a pipe are at each end that is a junction.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    junctions : sequence of str, shape (n,)
    customers : ndarray, shape (pipes,)
    """
    pipes = layers["water_pipes"]
    ends = np.stack([rows_of(list(junctions), texts(pipes, name).astype(str)) for name in ("from_node", "to_node")])
    inside = ends >= 0
    share = np.where(inside.all(axis=0), customers / 2.0, customers)
    found = np.zeros(len(junctions))
    for row, there in zip(ends, inside, strict=True):
        found += totals(row[there], share[there], len(junctions))
    return found
