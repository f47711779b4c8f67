"""Settings of reducing valves: so low that the worst served customer of their zone keeps a pressure, hour by hour.

A fixed valve keeps one setting, which the worst hour decides. A controller by flow raises it with the square of the
flow, as the head loss grows; one by critical point follows the pressure measured there. EPANET is asked after each
change, so that what is set is what the network then shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from jumeau.columns import numbers, rows_of, texts
from jumeau.networks.water.physics.profile import Profile, by_clock, drawing, profile

Layers = Mapping[str, gpd.GeoDataFrame]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Names = NDArray[np.object_]

#: Rounds of EPANET in which settings settle, and when they have [m].
ROUNDS, CLOSE = 8, 0.05


@dataclass(frozen=True)
class Zone:
    """What some valves feed.

    Attributes
    ----------
    junctions : ndarray of str
        Behind the valves, as far as open links lead; what lies behind other reducing valves and pumps is left out.
    critical : ndarray of str
        Those from which customers draw; all of them where none does.
    around : tuple of str
        By what water comes without passing the valves: nodes ahead of them, tanks, sources, pumps and other reducing
        valves.
    """

    junctions: Names
    critical: Names
    around: tuple[str, ...]


def zone_behind(layers: Layers, valves: Ints) -> Zone:
    """Return the zone that some valves feed.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    valves : ndarray of int, shape (k,)
        Rows of `water_valves`.
    """
    names = np.concatenate(
        [texts(layers[name], "node_id") for name in ("water_junctions", "water_tanks", "water_reservoirs")]
    )
    frame = layers["water_valves"]
    passes = (texts(frame, "kind") != "PRV") & (texts(frame, "status") != "closed")
    passes[valves] = False
    pipes = layers["water_pipes"]
    open_ = texts(pipes, "status") != "closed"
    start, end = (
        rows_of(names, np.concatenate([texts(pipes, column)[open_], texts(frame, column)[passes]]))
        for column in ("from_node", "to_node")
    )
    inside = (start >= 0) & (end >= 0)
    size = len(names)
    graph = sparse.coo_matrix((np.ones(int(inside.sum())), (start[inside], end[inside])), shape=(size, size))
    label = csgraph.connected_components(graph, directed=False)[1]
    fed = rows_of(names, texts(frame, "to_node")[valves])
    member = np.isin(label, label[fed])
    ahead = set(texts(frame, "from_node")[valves])
    held = {*texts(layers["water_tanks"], "node_id"), *texts(layers["water_reservoirs"], "node_id")}
    around = {str(name) for name in names[member] if name in ahead or name in held}
    others = (texts(frame, "kind") == "PRV") & (texts(frame, "status") != "closed")
    others[valves] = False
    pumps = layers["water_pumps"]
    for links, column, chosen in ((frame, "valve_id", others), (pumps, "pump_id", np.ones(len(pumps), dtype=bool))):
        fed_too = chosen & np.isin(texts(links, "to_node"), names[member])
        around |= {str(name) for name in texts(links, column)[fed_too]}
    junctions = names[member & np.isin(names, texts(layers["water_junctions"], "node_id"))]
    drawn = junctions[np.isin(junctions, drawing(layers))]
    return Zone(junctions, drawn if len(drawn) else junctions, tuple(sorted(around)))


def with_settings(layers: Layers, valves: Ints, settings: Floats) -> Layers:
    """Return the layers with the settings of some valves at the 24 hours of the clock, shape (24, k) [m]."""
    frame = layers["water_valves"].copy()
    setting, night = numbers(frame, "setting").copy(), numbers(frame, "night_setting").copy()
    hourly: NDArray[Any] = texts(frame, "hourly_settings").copy()
    for column, row in enumerate(valves):
        values = np.round(settings[:, column], 2)
        setting[row], night[row] = values.max(), np.nan
        hourly[row] = "" if (values == values[0]).all() else " ".join(f"{value:g}" for value in values)
    return {**layers, "water_valves": frame.assign(setting=setting, night_setting=night, hourly_settings=hourly)}


def for_critical_point(
    layers: Layers, valves: Ints, target: float, modulation: str, during: Bools
) -> tuple[Floats, float]:
    """Return settings that keep a pressure where it is lowest, shape (24, k) [m], and the lowest that is reached [m].

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        With the valves as they are now, wide open where they are new: no setting is ever raised.
    valves : ndarray of int, shape (k,)
    target : float
        [m].
    modulation : str
        `fixed`, `flow` or `critical_point`.
    during : ndarray of bool, shape (24,)
        Hours of the clock at which the setting is lowered.
    """
    frame = layers["water_valves"]
    present = profile(layers)
    behind = texts(frame, "to_node")[valves]
    highest = by_clock_most(present.at(behind))
    critical = zone_behind(layers, valves).critical
    settings = highest.copy()
    if modulation == "fixed":
        settings[during] = highest[during].max(axis=0)
    for _round in range(ROUNDS):
        spare = _spare(profile(with_settings(layers, valves, settings)), critical, target)
        if modulation == "fixed":
            spare[during] = spare[during].min()
        spare[~during] = 0.0
        lowered = np.clip(settings - spare[:, None], 0.0, highest.max(axis=0))
        moved = float(np.abs(lowered - settings).max(initial=0.0))
        settings = lowered
        if moved < CLOSE:
            break
    if modulation == "flow":
        settings = _by_flow(layers, valves, settings, critical, target, during)
    reached = _spare(profile(with_settings(layers, valves, settings)), critical, target)
    return settings, target + float(reached[during].min(initial=np.inf))


def _spare(found: Profile, critical: Names, target: float) -> Floats:
    """Return by how much the lowest pressure of each hour of the clock is above a target [m], shape (24,)."""
    return np.asarray(by_clock(found.at(critical)).min(axis=1) - target, dtype=np.float64)


def by_clock_most(values: Floats) -> Floats:
    """Return the highest of each hour of the clock over the days of a cycle, shape (24, ...)."""
    return -by_clock(-values)


def _by_flow(layers: Layers, valves: Ints, settings: Floats, critical: Names, target: float, during: Bools) -> Floats:
    """Return the settings of a controller that only knows the flow: a law between its lowest and its highest flow.

    The law is right at both; between them the setting grows with the square of the flow. What then lacks at some hour
    is added to all.
    """
    names = texts(layers["water_valves"], "valve_id")[valves]
    flow = by_clock(profile(with_settings(layers, valves, settings)).through(names), least=False).sum(axis=1)
    hours = np.flatnonzero(during)
    low, high = hours[np.argmin(flow[hours])], hours[np.argmax(flow[hours])]
    span = flow[high] ** 2 - flow[low] ** 2
    if span <= 0.0:
        return settings
    found = settings.copy()
    share = (flow[hours] ** 2 - flow[low] ** 2) / span
    found[hours] = settings[low] + share[:, None] * (settings[high] - settings[low])
    for _round in range(2):
        lack = -_spare(profile(with_settings(layers, valves, found)), critical, target)[hours].min()
        if lack < CLOSE:
            break
        found[hours] += lack
    return found
