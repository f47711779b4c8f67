"""Criticality of pipes: what customers lack at the peak hour while a pipe, or its whole segment, is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.factors import FactorTable
from jumeau.i18n import _
from jumeau.networks.water.layout.isolation import mains_of
from jumeau.networks.water.physics.criticality import Judge
from jumeau.networks.water.physics.held import day_of, held
from jumeau.networks.water.physics.segments import Supply
from jumeau.networks.water.physics.served import customers_at, served
from jumeau.networks.water.studies.isolation import shut_off
from jumeau.study import Studied, Study, StudyContext
from jumeau.units import Quantity
from jumeau.yaml_types import Block

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Water that is missing for less than this share of the demand is the solver's noise.
NOISE = 1e-4


class CriticalityParameters(Block):
    """Tell what customers lack at the peak hour while each pipe is closed; demands follow pressure."""

    closes: Literal["segment", "pipe"] = "segment"
    """What is closed: all that valves isolate with the pipe, as for a repair, or the pipe alone."""
    reach: Annotated[float, Quantity("m", minimum=0.01, maximum=100.0)] = 5.0
    """A valve that names no pipe stands on the nearest one within this distance."""


@dataclass(frozen=True)
class Critical:
    """What closing each pipe does; arrays of shape (pipes,).

    Attributes
    ----------
    group : ndarray of int
        Pipes of one group are closed together.
    cut : ndarray
        Customers whom no water reaches.
    below : ndarray
        Further customers whose pressure falls below the minimum.
    missing : ndarray
        Water that customers do not get [m3/h].
    demand : float
        What they ask for [m3/h].
    clock : float
        Hour of the day [h].
    observed : bool
        Whether the valves are those of a layer; true where they do not matter.
    """

    group: Ints
    cut: Floats
    below: Floats
    missing: Floats
    demand: float
    clock: float
    observed: bool


def criticality(layers: Layers, closes: str, reach: float, factors: FactorTable) -> Critical:
    """Return what closing each pipe does at the peak hour, by one solution of EPANET per pipe or segment.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    closes : str
        `segment` or `pipe`.
    reach : float
        [m].
    factors : FactorTable
    """
    pipes, junctions = layers["water_pipes"], list(texts(layers["water_junctions"], "node_id").astype(str))
    mains, _nodes, links = mains_of(layers)
    count = len(pipes)
    if closes == "segment":
        shut = shut_off(layers, reach, factors)
        link_group, node_group, observed = shut.parts.link, shut.parts.node, shut.observed
    else:
        link_group = np.arange(mains.links)
        node_group, observed = np.full(mains.nodes, -1), True
    customers = served(layers, numbers(pipes, "length") / 1000.0, factors).customers
    at_node = customers_at(layers, junctions, customers)
    minimum = factors.value("minimum_service_pressure")
    supply = Supply(mains)
    group = np.asarray(link_group[:count], dtype=np.int64)
    cut, below, missing = np.zeros(count), np.zeros(count), np.zeros(count)
    day = day_of(layers)
    with held(day, day.peak, junctions) as hour:
        judge = Judge(hour, junctions, minimum)
        for name in np.unique(group):
            closed, off = link_group == name, node_group == name
            dry = supply.lost(closed, off) | off
            found = judge.shortage(list(links[closed]), dry[: len(junctions)])
            member = group == name
            # A pipe that is closed, or that no end brings water to, serves nobody.
            without = closed[:count] | (dry[mains.start[:count]] & dry[mains.end[:count]])
            cut[member] = customers[without].sum()
            below[member] = at_node[found.below & ~dry[: len(junctions)]].sum()
            missing[member] = found.missing.sum()
        demand = float(judge.given.clip(min=0.0).sum())
    missing = np.where(missing < NOISE * demand, 0.0, missing)
    return Critical(group, cut, below, missing, demand, day.peak.clock, observed)


def study(layers: Layers, parameters: CriticalityParameters, context: StudyContext) -> Studied:
    """Return what customers lack while each pipe is closed, and its rank."""
    pipes = layers["water_pipes"]
    found = criticality(layers, parameters.closes, parameters.reach, context.factors)
    share = 100.0 * found.missing / found.demand if found.demand > 0.0 else np.zeros(len(pipes))
    names = texts(pipes, "pipe_id").astype(str)
    order = np.lexsort((names, -(found.cut + found.below), -found.missing))
    rank = np.zeros(len(pipes), dtype=np.int64)
    rank[order] = np.arange(1, len(pipes) + 1)
    table = gpd.GeoDataFrame(
        {
            "pipe_id": texts(pipes, "pipe_id"),
            "rank": rank,
            "missing_demand": found.missing,
            "missing_share": share,
            "customers_cut": found.cut,
            "customers_below_minimum": found.below,
        },
        geometry=pipes.geometry.to_numpy(),
        crs=pipes.crs,
    )
    km = numbers(pipes, "length") / 1000.0
    notes = [_("one closure at a time, at the hour at which customers take the most; tanks stand at their level then")]
    if not found.observed:
        notes.append(_("valves are placed by rule: the territory has no layer « water_isolation_valves »"))
    worst = order[0] if len(order) else 0
    return Studied(
        tables={"pipes": table},
        summary={
            "demand": found.demand,
            "peak_hour": found.clock,
            "worst_pipe": str(names[worst]) if len(names) else "",
            "worst_share": float(share[worst]) if len(names) else 0.0,
            "critical_length": float(km[share > 1.0].sum()),
            "harmless_length": float(km[(found.missing == 0.0) & (found.below == 0.0)].sum()),
        },
        notes=tuple(notes),
    )


CRITICALITY = Study(
    "criticality",
    "Criticality of pipes: water and customers missing while each is closed",
    CriticalityParameters,
    study,
    ("water_pipes", "water_junctions"),
)
