"""Hydraulics of one operating state: one extended-period run of EPANET, kept as hourly profiles of a cycle.

No event runs hydraulics. A cycle is a day where every pattern lasts a day, a week otherwise. Days are run until tanks
have left their initial levels behind, and the last one is kept.
"""

from __future__ import annotations

import tempfile
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import wntr  # type: ignore[import-untyped]
from numpy.typing import NDArray

from jumeau.errors import InputError, Problem, shorten
from jumeau.i18n import _
from jumeau.networks.water import head_loss
from jumeau.networks.water.linearised import head_slopes
from jumeau.simulation.clock import DAY, HOUR
from jumeau.sources.water.epanet_model import model_of
from jumeau.territory.model import layer_digest

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Leak flows at which the drop of head is tabulated [m3/h].
LEVELS = (1.0, 3.0, 10.0, 30.0, 100.0)

#: Days run ahead of the one that is kept, where a cycle is a day: tanks forget their initial level.
SETTLING = 2

#: Columns that hydraulics do not read: changing them asks for no new run.
_UNREAD = {
    "water_pipes": (
        "material", "laid_year", "function", "connections", "sector_id", "street_id", "burst_rate", "survey_interval",
        "listened", "measures",
    ),
    "water_junctions": ("logger", "measures"),
    "water_valves": ("sector_id", "measures"),
}  # fmt: skip
_READ = (
    "water_pipes", "water_junctions", "water_tanks", "water_reservoirs", "water_pumps", "water_valves", "water_demands",
    "water_patterns", "water_curves", "water_controls", "water_settings",
)  # fmt: skip


@dataclass(frozen=True)
class Hydraulics:
    """What one run of EPANET says, hour by hour of the cycle.

    Attributes
    ----------
    nodes : ndarray of str, shape (n,)
        Junctions.
    pressure : ndarray of float32, shape (hours, n)
        Mean of each hour of the cycle, the first one from Monday at midnight [m].
    slope : ndarray of float32, shape (levels, n)
        Drop of head per unit drawn at the node, at the leak flows `levels` [m per m3/h].
    levels : ndarray, shape (levels,)
        [m3/h].
    pipes : ndarray of str, shape (m,)
    velocity : ndarray of float32, shape (m,)
        Highest velocity of the cycle [m/s].
    consumption : ndarray, shape (hours,)
        Demand of all junctions [m3/h].
    pumped_energy : float
        Hydraulic energy that pumps give to water in a cycle [kWh].
    electric_energy : float
        Electric energy of pumps whose efficiency is known, in a cycle [kWh].
    unknown_energy : float
        Part of `pumped_energy` of pumps whose efficiency is not known [kWh].
    model : bytes
        The EPANET file, compressed, for the superposition check.
    notes : tuple of str
        What EPANET warned of.
    """

    nodes: NDArray[np.object_]
    pressure: Singles
    slope: Singles
    levels: Floats
    pipes: NDArray[np.object_]
    velocity: Singles
    consumption: Floats
    pumped_energy: float
    electric_energy: float
    unknown_energy: float
    model: bytes
    notes: tuple[str, ...] = ()

    @property
    def hours(self) -> int:
        """Length of the cycle [h]."""
        return len(self.consumption)

    def energy_per_volume(self, efficiency: float) -> float:
        """Return the electric energy of pumps per volume consumed [kWh/m3], zero without pumps.

        Parameters
        ----------
        efficiency : float
            Of pumps that state none.
        """
        volume = float(self.consumption.sum())
        return (self.electric_energy + self.unknown_energy / efficiency) / volume if volume > 0.0 else 0.0


def digest(layers: Layers) -> str:
    """Return a key of all that hydraulics depend on."""
    found = sha256()
    for name in _READ:
        frame = layers.get(name)
        if frame is not None:
            unread = [column for column in _UNREAD.get(name, ("measures",)) if column in frame]
            found.update(name.encode() + layer_digest(frame.drop(columns=unread)))
    return found.hexdigest()


def solve(layers: Layers) -> Hydraulics:
    """Run EPANET on a network and return its hourly profiles.

    Raises
    ------
    InputError
        With a diagnosis: nodes cut from every source, or EPANET's own reason.
    """
    model = model_of(layers)
    _check_fed(model)
    days = _cycle_days(model)
    settling = 0 if days > 1 else SETTLING
    model.options.time.duration = (days + settling) * DAY
    model.options.time.report_timestep = model.options.time.hydraulic_timestep
    _night_settings(model, layers, days + settling)
    results, said, text = run_epanet(model)
    return _read(model, results, days * 24, said, text)


def run_epanet(model: Any) -> tuple[Any, str, bytes]:
    """Run a model in a folder of its own; return the results, EPANET's report, and the file that it ran.

    Raises
    ------
    InputError
        With EPANET's reason, in words.
    """
    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(Path(folder) / "network"))
        except Exception as error:
            raise InputError(
                Problem(
                    _("EPANET cannot solve the network: {reason}").format(reason=_reason(error, Path(folder))),
                    hint=_(
                        "look for pipes far too small for their demand, for pumps that cannot reach the head asked of "
                        "them, and for zones that only closed valves feed"
                    ),
                )
            ) from error
        report = (Path(folder) / "network.rpt").read_text(encoding="utf-8", errors="replace")
        text = (Path(folder) / "network.inp").read_bytes()
    return results, report, text


def _reason(error: Exception, folder: Path) -> str:
    """Return the line of EPANET's report that tells why, else the error's own words."""
    report = folder / "network.rpt"
    if report.is_file():
        lines = report.read_text(encoding="utf-8", errors="replace").splitlines()
        told = [line.strip() for line in lines if "Error" in line or "WARNING" in line]
        if told:
            return " ".join(told[:3])
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _check_fed(model: Any) -> None:
    """Refuse nodes that no source reaches through links that are not closed for good."""
    graph = model.to_graph().to_undirected()
    held = {name for name, _node in (*model.tanks(), *model.reservoirs())}
    if not held:
        raise InputError(
            Problem(
                _("the network has neither tank nor source"),
                layer="water_reservoirs",
                hint=_("add the place where water enters it"),
            )
        )
    import networkx as nx

    cut = sorted(node for part in nx.connected_components(graph) if not part & held for node in part)
    if cut:
        raise InputError(
            Problem(
                _("{count} node(s) are linked to no tank and no source").format(count=len(cut)),
                layer="water_junctions",
                features=tuple(cut),
                hint=_("link them, or remove them"),
            )
        )


def _cycle_days(model: Any) -> int:
    """Return the length of the cycle [day]: a week as soon as a pattern lasts longer than a day."""
    step = model.options.time.pattern_timestep
    longest = max((len(pattern.multipliers) for _name, pattern in model.patterns()), default=1)
    return 7 if longest * step > 1.01 * DAY else 1


def _night_settings(model: Any, layers: Layers, days: int) -> None:
    """Let reducing valves change their setting at night, by controls on the clock."""
    valves = layers.get("water_valves")
    if valves is None or "night_setting" not in valves:
        return
    for row in valves.itertuples():
        night = float(getattr(row, "night_setting", np.nan))
        if np.isnan(night) or str(row.kind) not in ("PRV", "PSV", "PBV"):
            continue
        valve = model.get_link(str(row.valve_id))
        changes = ((float(row.night_from), night), (float(row.night_to), float(row.setting)))
        first = night if float(row.night_from) > float(row.night_to) else float(row.setting)
        valve.initial_setting = first
        for day in range(days):
            for hour, setting in changes:
                action = wntr.network.controls.ControlAction(valve, "setting", setting)
                moment = wntr.network.controls.SimTimeCondition(model, "=", day * DAY + hour * HOUR)
                name = f"night {row.valve_id} {day} {hour:g}"
                model.add_control(name, wntr.network.controls.Control(moment, action))


def _read(model: Any, results: Any, hours: int, report: str, text: bytes) -> Hydraulics:
    """Keep the last cycle of a run, hour by hour."""
    junctions = list(model.junction_name_list)
    times = np.asarray(results.node["pressure"].index, dtype=np.float64)
    end = times[-1]
    kept = times >= end - hours * HOUR - 1e-6
    pressure = results.node["pressure"][junctions].to_numpy()[kept]
    demand = results.node["demand"][junctions].to_numpy().sum(axis=1)[kept] * HOUR
    hourly_pressure, hourly_demand = _hourly(times[kept], hours, pressure, demand)
    slopes = head_slopes(head_loss.links_of(model, results, kept), np.asarray(LEVELS))
    names = list(model.node_name_list)
    place = {name: row for row, name in enumerate(names)}
    chosen = np.array([place[name] for name in junctions], dtype=np.int64)
    columns = list(results.link["flowrate"].columns)
    pipes = list(model.pipe_name_list)
    at = {name: row for row, name in enumerate(columns)}
    velocity = results.link["velocity"].to_numpy()[kept][:, [at[name] for name in pipes]]
    hydraulic, electric, unknown = head_loss.pump_energy(model, results, kept)
    return Hydraulics(
        nodes=np.array(junctions, dtype=object),
        pressure=hourly_pressure.astype(np.float32),
        slope=np.where(np.isfinite(slopes[:, chosen]), slopes[:, chosen], 0.0).astype(np.float32),
        levels=np.asarray(LEVELS),
        pipes=np.array(pipes, dtype=object),
        velocity=np.abs(velocity).max(axis=0).astype(np.float32),
        consumption=hourly_demand,
        pumped_energy=hydraulic,
        electric_energy=electric,
        unknown_energy=unknown,
        model=zlib.compress(text),
        notes=_notes(junctions, pressure, demand, report),
    )


def _hourly(times: Floats, hours: int, pressure: Floats, demand: Floats) -> tuple[Floats, Floats]:
    """Return means over each hour; EPANET holds a value from its step to the next one."""
    start = times[-1] - hours * HOUR
    lasts = np.diff(times)
    hour = np.minimum(((times[:-1] - start) / HOUR + 1e-9).astype(np.int64), hours - 1)
    weight = np.bincount(hour, lasts, minlength=hours)
    mean = np.zeros((hours, pressure.shape[1]))
    np.add.at(mean, hour, pressure[:-1] * lasts[:, None])
    total = np.bincount(hour, demand[:-1] * lasts, minlength=hours)
    return mean / weight[:, None], total / weight


def _notes(junctions: list[str], pressure: Floats, demand: Floats, report: str) -> tuple[str, ...]:
    found = []
    lowest = pressure.min(axis=0)
    below = lowest < 0.0
    if below.any() and demand.any():
        ids = [junctions[place] for place in np.argsort(lowest) if below[place]]
        found.append(
            _("{count} node(s) have a pressure below zero at some hour, down to {worst} m ({ids})").format(
                count=int(below.sum()), worst=round(float(lowest.min()), 1), ids=shorten(ids)
            )
        )
    told = sorted({_translated(line) for line in report.splitlines() if "WARNING" in line} - {""})
    return tuple(found + told)


#: What EPANET warns of, by words of its report.
_WARNINGS = {
    "unbalanced": "EPANET: the network does not balance at some hours",
    "unstable": "EPANET: the network is unstable at some hours",
    "disconnected": "EPANET: nodes with demand are cut off at some hours",
    "exceeds maximum": "EPANET: a pump runs beyond its curve at some hours",
    "cannot deliver": "EPANET: a pump or valve cannot deliver what is asked at some hours",
}


def _translated(line: str) -> str:
    return next((_(told) for words, told in _WARNINGS.items() if words in line.lower()), "")


@dataclass(frozen=True)
class Day:
    """What one day of EPANET says of nodes and pipes, for sizing.

    Attributes
    ----------
    nodes : list of str
        Junctions.
    lowest, highest : ndarray, shape (n,)
        Pressures [m].
    velocity, gradient : ndarray, shape (m,)
        Highest velocity [m/s] and head loss per length [m/m] of each pipe, in the order of the layer.
    """

    nodes: list[str]
    lowest: Floats
    highest: Floats
    velocity: Floats
    gradient: Floats


def run_day(model: Any) -> Day:
    """Run one day, and return extremes."""
    model.options.time.duration = DAY
    model.options.time.report_timestep = model.options.time.hydraulic_timestep
    results, _report, _text = run_epanet(model)
    nodes = list(model.junction_name_list)
    pressure = results.node["pressure"][nodes].to_numpy()
    pipes = list(model.pipe_name_list)
    velocity = np.abs(results.link["velocity"][pipes].to_numpy()).max(axis=0)
    gradient = np.abs(results.link["headloss"][pipes].to_numpy()).max(axis=0)
    return Day(nodes, pressure.min(axis=0), pressure.max(axis=0), velocity, gradient)
