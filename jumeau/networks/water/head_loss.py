"""Head losses of pipes, valves and pumps about a solved state, and the energy of pumps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jumeau.networks.water.linearised import Links
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


_LAWS: dict[str, Callable[[Floats, Floats, Floats, Floats], Floats]] = {
    "H-W": hazen_williams,
    "D-W": darcy_weisbach,
    "C-M": chezy_manning,
}


def links_of(model: Any, results: Any, kept: Bools) -> Links:
    """Return the links of a model about the mean state of a run, ready to be linearised.

    A link takes the mean of its absolute flow over the hours in which it is open. Reducing valves at work, for most of
    the time, hold the head behind them; pumps and other valves give way in proportion to their flow.

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
    flows = results.link["flowrate"].to_numpy()[kept]
    status = results.link["status"].to_numpy()[kept]
    heads = results.node["head"][names].to_numpy()[kept]
    grounded = np.zeros(len(names), dtype=bool)
    for name in (*model.tank_name_list, *model.reservoir_name_list):
        grounded[place[name]] = True

    rows: list[tuple[int, int, float]] = []
    pipes: list[tuple[float, float, float, float]] = []
    others: list[float] = []
    for name, pipe in model.pipes():
        column = columns[name]
        open_ = status[:, column] != 0
        if not open_.any():
            continue
        flow = float(np.abs(flows[open_, column]).mean())
        rows.append((place[pipe.start_node_name], place[pipe.end_node_name], flow))
        pipes.append((pipe.length, pipe.diameter, pipe.roughness, pipe.minor_loss))
    for name, link in (*model.pumps(), *model.valves()):
        column = columns[name]
        start, end = place[link.start_node_name], place[link.end_node_name]
        open_ = status[:, column] != 0
        if not open_.any():
            continue
        if link.link_type == "Valve" and link.valve_type == "PRV" and (status[open_, column] == 2).mean() > 0.5:
            grounded[end] = True
            continue
        if link.link_type == "Valve" and link.valve_type == "FCV":
            continue
        flow = float(np.abs(flows[open_, column]).mean())
        drop = float(np.abs(heads[open_, start] - heads[open_, end]).mean())
        rows.append((start, end, flow))
        others.append(_slope(model, link, flow, drop))
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return Links(
        start=table[:, 0].astype(np.int64),
        end=table[:, 1].astype(np.int64),
        flow=table[:, 2] * HOUR,
        head_loss=_head_loss(model, np.array(pipes, dtype=np.float64).reshape(-1, 4), np.array(others)),
        grounded=grounded,
    )


def _slope(model: Any, link: Any, flow: float, drop: float) -> float:
    """Return the resistance of a pump or valve [m per m3/s]: how fast its head falls, or its loss grows, with flow."""
    flow = max(flow, 1e-6)
    if link.link_type != "Pump":
        return 2.0 * drop / flow
    if link.pump_type == "POWER":
        return drop / flow
    a, b, c = link.get_head_curve_coefficients()
    speed = float(link.base_speed)
    del model, a
    return float(b * c * flow ** (c - 1.0) * speed ** (2.0 - c))


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


def pump_energy(model: Any, results: Any, kept: Bools) -> tuple[float, float, float]:
    """Return the energy of pumps over the steps kept [kWh].

    Returns
    -------
    hydraulic : float
        Given to water.
    electric : float
        Drawn by the pumps whose efficiency curve is known.
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
        if pump.efficiency is None:
            unknown += float((power * lasts).sum())
            continue
        points = np.array(pump.efficiency.points, dtype=np.float64)
        efficiency = np.interp(flow, points[:, 0], points[:, 1]) / 100.0
        electric += float((power * lasts / np.maximum(efficiency, 0.01)).sum())
    return hydraulic, electric, unknown
