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
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import LocalText, _, sentences_in_all_languages
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.physics import diagnosis, head_loss
from jumeau.networks.water.physics.linearised import head_slopes
from jumeau.networks.water.physics.tanks import tank_slopes
from jumeau.simulation.clock import DAY, HOUR
from jumeau.territory.model import layer_digest

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]
Layers = Mapping[str, gpd.GeoDataFrame]

#: Leak flows at which the drop of head is tabulated [m3/h].
LEVELS = (1.0, 3.0, 10.0, 30.0, 100.0)

#: Days run ahead of the one that is kept, where a cycle is a day: tanks forget their initial level.
SETTLING = 2

#: Slope that stands for "no water comes here" [m per m3/h]: nothing can leak where no open link leads.
WALL = 1e6

#: Columns that hydraulics do not read: changing them asks for no new run.
_UNREAD = {
    "water_pipes": (
        "material", "laid_year", "function", "connections", "sector_id", "street_id", "burst_rate", "survey_interval",
        "listened", "measures",
    ),
    "water_junctions": ("logger", "exception", "measures"),
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
    consumption : ndarray, shape (hours,)
        Demand of all junctions, negative ones left out [m3/h].
    pumped_energy : float
        Hydraulic energy that pumps give to water in a cycle [kWh].
    electric_energy : float
        Electric energy of pumps whose efficiency is known, in a cycle [kWh].
    unknown_energy : float
        Part of `pumped_energy` of pumps whose efficiency is not known [kWh].
    model : bytes
        The EPANET file, compressed, for the superposition check.
    notes : tuple of LocalText
        What EPANET warned of.
    settling : int
        Days that the run has ahead of those that are kept.
    """

    nodes: NDArray[np.object_]
    pressure: Singles
    slope: Singles
    levels: Floats
    consumption: Floats
    pumped_energy: float
    electric_energy: float
    unknown_energy: float
    model: bytes
    notes: tuple[LocalText, ...] = ()
    settling: int = 0

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
        unread = _UNREAD.get(name, ("measures",))
        found.update(name.encode() + layer_digest(layers[name].drop(columns=list(unread), errors="ignore")))
    return found.hexdigest()


def solve(layers: Layers, *, settling: int | None = None) -> Hydraulics:
    """Run EPANET on a network and return its hourly profiles.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    settling : int, optional
        Days run ahead of those that are kept; `SETTLING` where a cycle is a day, none where it is a week.

    Raises
    ------
    InputError
        With a diagnosis: nodes cut from every source, a window that cannot be read, or EPANET's own reason.
    """
    model = model_of(layers)
    cut = diagnosis.unfed(model)
    days = _cycle_days(model)
    ahead = (0 if days > 1 else SETTLING) if settling is None else settling
    model.options.time.duration = (days + ahead) * DAY
    model.options.time.hydraulic_timestep = min(model.options.time.hydraulic_timestep, HOUR)
    model.options.time.report_timestep = model.options.time.hydraulic_timestep
    _night_settings(model, layers, days + ahead)
    results, said, text = run_epanet(model)
    times = np.asarray(results.node["pressure"].index, dtype=np.float64)
    kept = times >= times[-1] - days * DAY - 1e-6
    hourly_pressure, hourly_demand = _hourly(model, results, kept, cut)
    energy = head_loss.pump_energy(model, results, kept, _efficiencies(layers))
    junctions, names = list(model.junction_name_list), list(model.node_name_list)
    compressed = zlib.compress(text)
    links = head_loss.links_of(model, results, kept)
    place = {name: row for row, name in enumerate(names)}
    slope = head_slopes(links, np.asarray(LEVELS))[:, [place[name] for name in junctions]]
    slope += tank_slopes(
        compressed, ahead, names, junctions, list(model.tank_name_list), hourly_pressure.mean(axis=0), links
    )
    slope = np.minimum(slope, WALL)
    return Hydraulics(
        nodes=np.array(junctions, dtype=object),
        pressure=hourly_pressure.astype(np.float32),
        slope=slope.astype(np.float32),
        levels=np.asarray(LEVELS),
        consumption=hourly_demand,
        pumped_energy=energy[0],
        electric_energy=energy[1],
        unknown_energy=energy[2],
        model=compressed,
        notes=sentences_in_all_languages(lambda: diagnosis.notes_of(model, results, kept, said, cut)),
        settling=ahead,
    )


def run_epanet(model: Any) -> tuple[Any, str, bytes]:
    """Run a model in a folder of its own; return the results, EPANET's report, and the file that it ran.

    Raises
    ------
    InputError
        With EPANET's reason, in words.
    """
    import wntr  # type: ignore[import-untyped]  # takes seconds

    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(Path(folder) / "network"))
        except Exception as error:
            raise InputError(
                Problem(
                    _("EPANET cannot solve the network: {reason}").format(reason=diagnosis.reason(error, Path(folder))),
                    hint=_(
                        "look for pipes far too small for their demand, for pumps that cannot reach the head asked of "
                        "them, and for zones that only closed valves feed"
                    ),
                )
            ) from error
        report = (Path(folder) / "network.rpt").read_text(encoding="utf-8", errors="replace")
        text = (Path(folder) / "network.inp").read_bytes()
    return results, report, text


def _cycle_days(model: Any) -> int:
    """Return the length of the cycle [day]: a week as soon as a pattern lasts longer than a day."""
    step = model.options.time.pattern_timestep
    longest = max((len(pattern.multipliers) for _name, pattern in model.patterns()), default=1)
    return 7 if longest * step > 1.01 * DAY else 1


def _night_settings(model: Any, layers: Layers, days: int) -> None:
    """Let valves change their setting at night, by controls on the clock."""
    valves = layers["water_valves"]
    from wntr.network.controls import (  # type: ignore[import-untyped]
        Control,
        ControlAction,
        SimTimeCondition,
    )

    kinds = texts(valves, "kind")
    night, usual = numbers(valves, "night_setting"), numbers(valves, "setting")
    start, end = numbers(valves, "night_from"), numbers(valves, "night_to")
    chosen = ~np.isnan(night) & (kinds != "GPV")
    blank = chosen & (np.isnan(start) | np.isnan(end))
    if blank.any():
        raise InputError(
            Problem(
                _("valves with a night setting but without the hours of the night"),
                layer="water_valves",
                column="night_from",
                features=tuple(texts(valves, "valve_id")[blank].astype(str)),
                hint=_("fill night_from and night_to"),
            )
        )
    for row in np.flatnonzero(chosen):
        valve = model.get_link(str(valves["valve_id"].iloc[row]))
        scale = 1.0 / HOUR if kinds[row] == "FCV" else 1.0
        # A night that ends after midnight has begun before time zero.
        valve.initial_setting = scale * float(night[row] if start[row] > end[row] else usual[row])
        for day in range(days):
            for hour, setting in ((start[row], night[row]), (end[row], usual[row])):
                action = ControlAction(valve, "setting", scale * float(setting))
                moment = SimTimeCondition(model, "=", day * DAY + float(hour) * HOUR)
                name = f"night {valve.name} {day} {hour:g}"
                model.add_control(name, Control(moment, action))


def _efficiencies(layers: Layers) -> dict[str, float]:
    """Return the efficiency of each pump that states one, or of all where the settings do."""
    pumps, settings = layers["water_pumps"], layers["water_settings"]
    told = dict(zip(settings["name"], settings["value"], strict=True))
    usual = float(told.get("pump_efficiency", np.nan)) / 100.0
    found = zip(texts(pumps, "pump_id"), numbers(pumps, "efficiency", usual), strict=True)
    return {str(name): float(value) for name, value in found if value > 0.0}


def _hourly(model: Any, results: Any, kept: Bools, cut: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Return means over each hour of pressures and of all demands; EPANET holds a value from its step to the next one.

    Steps with impossible pressures take those of the mean step; what is cut off has none.
    """
    junctions = list(model.junction_name_list)
    times = np.asarray(results.node["pressure"].index, dtype=np.float64)[kept]
    pressure = results.node["pressure"][junctions].to_numpy()[kept].astype(np.float64)
    # A junction may also stand for a source: what it gives is no consumption.
    demand = results.node["demand"][junctions].to_numpy()[kept].clip(min=0.0).sum(axis=1) * HOUR
    pressure[:, np.isin(junctions, cut)] = 0.0
    sane = diagnosis.possible(pressure)
    pressure[~sane] = pressure[sane].mean(axis=0) if sane.any() else 0.0
    lasts = np.diff(times)
    hours = round((times[-1] - times[0]) / HOUR)
    hour = np.minimum(((times[:-1] - times[0]) / HOUR + 1e-9).astype(np.int64), hours - 1)
    weight = np.bincount(hour, lasts, minlength=hours)
    mean = np.zeros((hours, len(junctions)))
    np.add.at(mean, hour, pressure[:-1] * lasts[:, None])
    total = np.bincount(hour, demand[:-1] * lasts, minlength=hours)
    return mean / weight[:, None], total / weight


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
