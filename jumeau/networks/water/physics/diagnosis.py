"""What a run of EPANET tells of the network, in words: what is cut off, what runs dry, what does not balance."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: No pipe bears such a pressure [m]: it is EPANET's sign that water has nowhere to come from, or to go.
ABSURD = 1000.0

#: A tank within this of its lowest level is empty [m].
DREGS = 0.01


def unfed(model: Any, moved: Collection[str]) -> tuple[str, ...]:
    """Return the junctions that no source reaches, through links that can open.

    A link that is closed at the start counts where a control or rule may open it.

    Parameters
    ----------
    model : wntr.network.WaterNetworkModel
    moved : collection of str
        Links that a control or rule may open.

    Raises
    ------
    InputError
        When nothing feeds the network, or when a junction that asks for water is cut off.
    """
    held = {*model.tank_name_list, *model.reservoir_name_list}
    if not held:
        raise InputError(
            Problem(
                _("the network has neither tank nor source"),
                layer="water_reservoirs",
                hint=_("add the place where water enters it"),
            )
        )
    graph = nx.Graph()
    graph.add_nodes_from(model.node_name_list)
    for name, link in model.links():
        if link.initial_status.name != "Closed" or name in moved:
            graph.add_edge(link.start_node_name, link.end_node_name)
    cut = sorted(node for part in nx.connected_components(graph) if not part & held for node in part)
    thirsty = [
        name for name in cut if any(item.base_value > 0.0 for item in model.get_node(name).demand_timeseries_list)
    ]
    if thirsty:
        raise InputError(
            Problem(
                _("{count} node(s) with a demand are cut off from every tank and source").format(count=len(thirsty)),
                layer="water_junctions",
                features=tuple(thirsty),
                hint=_("link them, open a pipe or valve that leads to them, or remove them"),
            )
        )
    return tuple(cut)


def reason(error: Exception, folder: Path) -> str:
    """Return the line of EPANET's report that tells why it stopped, else the error's own words."""
    report = folder / "network.rpt"
    if report.is_file():
        lines = report.read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line.strip() for line in lines if "Error" in line or "WARNING" in line]
        if told:
            return " ".join(told[:3])
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def possible(pressure: Floats) -> Bools:
    """Tell which steps have pressures that a network can have, shape (steps, n) -> (steps,)."""
    return np.asarray((np.abs(pressure) < ABSURD).all(axis=1), dtype=bool)


def notes_of(model: Any, results: Any, kept: Bools, report: str, cut: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the reader should know of a run.

    Parameters
    ----------
    model : wntr.network.WaterNetworkModel
    results : wntr.sim.SimulationResults
    kept : ndarray of bool, shape (steps,)
        Steps that count.
    report : str
        EPANET's.
    cut : tuple of str
        Junctions without water and without demand.
    """
    found = []
    if cut:
        text = _("{count} node(s) without demand are behind closed links; they get no water ({ids})")
        found.append(text.format(count=len(cut), ids=shorten(cut)))
    junctions = [name for name in model.junction_name_list if name not in set(cut)]
    pressure = results.node["pressure"][junctions].to_numpy()[kept]
    sane = possible(pressure)
    if not sane.all():
        text = _(
            "at {share} % of the time the network cannot give or take the water that is asked, since a full or empty "
            "tank closes its pipe; the other hours stand for those"
        )
        found.append(text.format(share=round(100.0 * float(1.0 - sane.mean()), 1)))
    lowest = pressure[sane].min(axis=0, initial=np.inf)
    below = lowest < 0.0
    if below.any():
        ids = [junctions[place] for place in np.argsort(lowest) if below[place]]
        text = _("{count} node(s) have a pressure below zero at some hour, down to {worst} m ({ids})")
        found.append(text.format(count=len(ids), worst=round(float(lowest.min()), 1), ids=shorten(ids)))
    dry = [
        name
        for name, tank in model.tanks()
        if (results.node["pressure"][name].to_numpy()[kept] <= tank.min_level + DREGS).any()
    ]
    if dry:
        text = _("{count} tank(s) run empty at some hour ({ids})")
        found.append(text.format(count=len(dry), ids=shorten(dry)))
    return (*found, *_warnings(report))


def _warnings(report: str) -> list[str]:
    """Return what EPANET warns of, by words of its report; pressures below zero are told with their places."""
    told = {
        "unbalanced": _("EPANET: the network does not balance at some hours"),
        "unstable": _("EPANET: the network is unstable at some hours"),
        "disconnected": _("EPANET: nodes with demand are cut off at some hours"),
        "exceeds maximum": _("EPANET: a pump runs beyond its curve at some hours"),
        "cannot deliver": _("EPANET: a pump or valve cannot deliver what is asked at some hours"),
    }
    said = [line.lower() for line in report.splitlines() if "WARNING" in line]
    return [text for words, text in told.items() if any(words in line for line in said)]
