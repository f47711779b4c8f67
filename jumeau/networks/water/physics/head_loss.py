"""Head losses of pipes, valves and pumps about a solved state, and the energy of pumps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.physics.linearised import Links
from jumeau.simulation.clock import HOUR

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

GRAVITY = 9.80665  # [m/s2]
DENSITY = 1000.0  # [kg/m3]
VISCOSITY = 1.004e-6  # of water at 20 degrees [m2/s]


def hazen_williams(flow: Floats, length: Floats, diameter: Floats, roughness: Floats) -> Floats:
    """Return the head loss of pipes [m].

    Parameters
    ----------
    flow : ndarray
        [m3/s].
    length, diameter : ndarray
        [m].
    roughness : ndarray
        Hazen-Williams coefficient.

    References
    ----------
    EPANET 2.2 user manual, table 3.1: h = 10.667 C^-1.852 d^-4.871 L q^1.852 in SI units.
    """
    return np.asarray(
        10.667 * length * np.sign(flow) * np.abs(flow) ** 1.852 / (roughness**1.852 * diameter**4.871), dtype=np.float64
    )


def darcy_weisbach(flow: Floats, length: Floats, diameter: Floats, roughness: Floats) -> Floats:
    """Return the head loss of pipes [m], by the explicit friction factor of Swamee and Jain (1976).

    Parameters
    ----------
    flow : ndarray
        [m3/s].
    length, diameter, roughness : ndarray
        [m].
    """
    area = np.pi * diameter**2 / 4.0
    velocity = np.abs(flow) / area
    reynolds = np.maximum(velocity * diameter / VISCOSITY, 1.0)
    turbulent = 0.25 / np.log10(roughness / (3.7 * diameter) + 5.74 / np.maximum(reynolds, 2000.0) ** 0.9) ** 2
    friction = np.where(reynolds < 2000.0, 64.0 / reynolds, turbulent)
    return np.asarray(np.sign(flow) * friction * length / diameter * velocity**2 / (2.0 * GRAVITY), dtype=np.float64)


def chezy_manning(flow: Floats, length: Floats, diameter: Floats, roughness: Floats) -> Floats:
    """Return the head loss of pipes [m].

    Parameters
    ----------
    flow : ndarray
        [m3/s].
    length, diameter : ndarray
        [m].
    roughness : ndarray
        Manning's n.

    References
    ----------
    EPANET 2.2 user manual, table 3.1: h = 10.29 n2 d^-5.33 L q2 in SI units.
    """
    return np.asarray(10.29 * roughness**2 * length * flow * np.abs(flow) / diameter**5.33, dtype=np.float64)


#: Codes of links in results of `wntr`.
_CLOSED, _ACTIVE = 0, 2

#: Flow of a link that is at rest [m3/s].
_STILL = 1e-7

#: Which end a valve at work holds the head of: 0 the one before it, 1 the one behind.
_HOLDS = {"PRV": 1, "PSV": 0}

_LAWS: dict[str, Callable[[Floats, Floats, Floats, Floats], Floats]] = {
    "H-W": hazen_williams,
    "D-W": darcy_weisbach,
    "C-M": chezy_manning,
}


def links_of(model: Any, results: Any, kept: Bools) -> Links:
    """Return the links of a model about the mean state of a run, ready to be linearised.

    A link takes the mean of its absolute flow over the hours in which it is open. Valves at work, for most of the time,
    hold a head: reducing valves the one behind them, sustaining valves the one before. Pumps and other valves give way
    in proportion to their flow.

    Parameters
    ----------
    model : wntr.network.WaterNetworkModel
    results : wntr.sim.SimulationResults
    kept : ndarray of bool, shape (steps,)
        Steps that count.
    """
    names = list(model.node_name_list)
    place = {name: row for row, name in enumerate(names)}
    columns = {str(name): row for row, name in enumerate(results.link["flowrate"].columns)}
    flows = np.abs(results.link["flowrate"].to_numpy()[kept]).astype(np.float64)
    status = results.link["status"].to_numpy()[kept]
    speeds = results.link["setting"].to_numpy()[kept]
    heads = results.node["head"][names].to_numpy()[kept].astype(np.float64)
    grounded = np.zeros(len(names), dtype=bool)
    for name in (*model.tank_name_list, *model.reservoir_name_list):
        grounded[place[name]] = True

    # EPANET lets nothing into a full tank, nor out of an empty one: its pipe is open in name only, and holds no head.
    still = (flows < _STILL).mean(axis=0) > 0.5
    tanks = set(model.tank_name_list)
    shut = np.zeros(len(columns), dtype=bool)
    for name, pipe in model.pipes():
        shut[columns[name]] = still[columns[name]] and bool({pipe.start_node_name, pipe.end_node_name} & tanks)
    rows: list[tuple[int, int, float]] = []
    pipes: list[tuple[float, float, float, float]] = []
    others: list[float] = []
    for name, pipe in model.pipes():
        column = columns[name]
        open_ = status[:, column] != _CLOSED
        if shut[column]:
            continue
        if open_.any():
            rows.append((place[pipe.start_node_name], place[pipe.end_node_name], flows[open_, column].mean()))
            pipes.append((pipe.length, pipe.diameter, pipe.roughness, pipe.minor_loss))
    for name, link in (*model.pumps(), *model.valves()):
        column = columns[name]
        start, end = place[link.start_node_name], place[link.end_node_name]
        open_ = status[:, column] != _CLOSED
        if not open_.any():
            continue
        if link.link_type == "Valve" and (status[open_, column] == _ACTIVE).mean() > 0.5:
            if link.valve_type in _HOLDS:
                grounded[(start, end)[_HOLDS[link.valve_type]]] = True
            if link.valve_type in (*_HOLDS, "FCV"):
                continue
        flow = float(flows[open_, column].mean())
        drop = float(np.abs(heads[open_, start] - heads[open_, end]).mean())
        rows.append((start, end, flow))
        others.append(_resistance(link, flow, drop, float(speeds[open_, column].mean())))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Links(
        start=table[:, 0].astype(np.int64),
        end=table[:, 1].astype(np.int64),
        flow=table[:, 2] * HOUR,
        head_loss=_head_loss(model, np.array(pipes, dtype=np.float64).reshape(-1, 4), np.array(others)),
        grounded=grounded,
    )


def _resistance(link: Any, flow: float, drop: float, speed: float) -> float:
    """Return how fast the head of a pump falls, or the loss of a valve grows, with flow [m per m3/s]."""
    flow = max(flow, 1e-6)
    if link.link_type == "Valve":
        # A pressure breaker takes the same head whatever flows; the loss of others follows the square of flow.
        return 0.0 if link.valve_type == "PBV" else 2.0 * drop / flow
    if link.pump_type == "POWER":
        return drop / flow
    curve = link.get_pump_curve()
    if curve.num_points not in (1, 3):
        # EPANET goes straight from point to point, at a speed n along (n q, n2 h).
        points = np.array(curve.points, dtype=np.float64)
        piece = int(np.clip(np.searchsorted(points[:, 0] * speed, flow) - 1, 0, len(points) - 2))
        step = points[piece + 1] - points[piece]
        return float(max(-step[1] / step[0], 0.0) * speed)
    b, c = _power_law(np.array(curve.points, dtype=np.float64))
    return b * c * float(flow ** (c - 1.0)) * float(speed ** (2.0 - c))


def _power_law(points: Floats) -> tuple[float, float]:
    """Return b and c of the head that EPANET gives a pump of one or three points, a - b q^c.

    One point stands for four thirds of its head at rest, and for twice its flow without head.
    """
    if len(points) == 1:
        flow, head = points[0]
        return float(head / 3.0 / flow**2), 2.0
    (_q0, h0), (q1, h1), (q2, h2) = points
    exponent = float(np.log((h0 - h2) / (h0 - h1)) / np.log(q2 / q1))
    return float((h0 - h1) / q1**exponent), exponent


def _head_loss(model: Any, pipes: Floats, others: Floats) -> Callable[[Floats], Floats]:
    """Return the function from flows [m3/h] to head losses [m] of all links: pipes, then pumps and valves."""
    law = _LAWS[str(model.options.hydraulic.headloss)]
    length, diameter, roughness, minor = pipes.T

    def loss(flow: Floats) -> Floats:
        inside = flow[: len(pipes)] / HOUR
        velocity = inside / (np.pi * diameter**2 / 4.0)
        local = minor * velocity * np.abs(velocity) / (2.0 * GRAVITY)
        return np.concatenate([law(inside, length, diameter, roughness) + local, others * flow[len(pipes) :] / HOUR])

    return loss


def pump_energy(model: Any, results: Any, kept: Bools, efficiencies: Mapping[str, float]) -> tuple[float, float, float]:
    """Return the energy of pumps over the steps kept [kWh].

    Parameters
    ----------
    model : wntr.network.WaterNetworkModel
    results : wntr.sim.SimulationResults
    kept : ndarray of bool, shape (steps,)
        Steps that count.
    efficiencies : mapping of str to float
        Of pumps that have one but no curve of it.

    Returns
    -------
    hydraulic : float
        Given to water.
    electric : float
        Drawn by the pumps whose efficiency is known.
    unknown : float
        Hydraulic energy of the others.
    """
    times = np.asarray(results.node["head"].index, dtype=np.float64)[kept]
    if model.num_pumps == 0 or len(times) < 2:
        return 0.0, 0.0, 0.0
    lasts = np.diff(times) / HOUR
    hydraulic = electric = unknown = 0.0
    for name, pump in model.pumps():
        flow = np.maximum(results.link["flowrate"][name].to_numpy()[kept][:-1], 0.0)
        head = (
            results.node["head"][pump.end_node_name].to_numpy() - results.node["head"][pump.start_node_name].to_numpy()
        )[kept][:-1]
        power = DENSITY * GRAVITY * flow * np.maximum(head, 0.0) / 1000.0
        hydraulic += float((power * lasts).sum())
        if pump.efficiency_curve is None:
            given = float((power * lasts).sum())
            if name in efficiencies:
                electric += given / efficiencies[name]
            else:
                unknown += given
            continue
        points = np.array(pump.efficiency_curve.points, dtype=np.float64)
        efficiency = np.interp(flow, points[:, 0], points[:, 1]) / 100.0
        electric += float((power * lasts / np.maximum(efficiency, 0.01)).sum())
    return hydraulic, electric, unknown
