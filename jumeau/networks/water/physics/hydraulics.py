"""Hydraulics of one operating state: one extended-period run of EPANET, kept as hourly profiles of a cycle.

No event runs hydraulics. A cycle is a day where every pattern lasts a day, a week otherwise. Days are run until tanks
have left their initial levels behind, and the last one is kept.
"""

from __future__ import annotations

import tempfile
import warnings
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import numbers, texts
from jumeau.i18n import LocalText, sentences_in_all_languages
from jumeau.networks.water.formats.epanet_model import model_of
from jumeau.networks.water.formats.epanet_sections import moved_links
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.networks.water.physics import diagnosis, head_loss
from jumeau.networks.water.physics.emitters import EmitterLaw
from jumeau.networks.water.physics.epanet_ready import Ready, ready, with_nights
from jumeau.networks.water.physics.epanet_results import Results, run_text
from jumeau.networks.water.physics.linearised import head_slopes
from jumeau.networks.water.physics.tanks import tank_slopes
from jumeau.simulation.clock import DAY, HOUR
from jumeau.territory.digests import LayerDigests

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
        "listened", "former_pressure", "background_share", "sector_boundary", "boundary_node", "measures",
    ),
    "water_junctions": ("logger", "exception", "measures"),
    "water_reservoirs": ("upstream_energy",),
    "water_pumps": ("metered", "measures"),
    "water_valves": ("sector_id", "metered", "measures"),
}  # fmt: skip
_READ = (
    "water_pipes", "water_junctions", "water_tanks", "water_reservoirs", "water_pumps", "water_valves", "water_demands",
    "water_patterns", "water_curves", "water_controls", "water_settings", "water_file",
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
    emitted : ndarray, shape (n,)
        Mean flow of the file's own emitters [m3/h]; no part of the consumption.
    emitter_law : EmitterLaw
        What emitters mean in that file.
    sources : ndarray of str, shape (k,)
        Reservoirs of EPANET: where water enters.
    inflow : ndarray, shape (k,)
        What each gives on average, what flows back left out [m3/h].
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
    emitted: Floats = field(default_factory=lambda: np.zeros(0))
    emitter_law: EmitterLaw = field(default_factory=EmitterLaw)
    sources: NDArray[np.object_] = field(default_factory=lambda: np.zeros(0, dtype=object))
    inflow: Floats = field(default_factory=lambda: np.zeros(0))

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


def digest(layers: Layers, digests: LayerDigests | None = None) -> str:
    """Return a key of all that hydraulics depend on.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    digests : LayerDigests, optional
        Where no table is changed in place.
    """
    of = digests or LayerDigests()
    found = sha256()
    for name in _READ:
        found.update(name.encode() + of(layers[name], _UNREAD.get(name, ("measures",))))
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
    cut = diagnosis.unfed(model, moved_links(layers))
    days = cycle_days(model)
    ahead = (0 if days > 1 else SETTLING) if settling is None else settling
    file = ready(with_nights(layers), (days + ahead) * DAY)
    results, said = run_text(file.text, file.units)
    times = np.asarray(results.node["pressure"].index, dtype=np.float64)
    begin, end = ahead * DAY, (ahead + days) * DAY
    # Steps that do not divide the day overlap its ends.
    kept = (times > begin - file.step) & (times < end + file.step)
    drawn = _drawn(model, layers, results, file)
    window = np.clip(times[kept], begin, end) - begin
    hourly_pressure, hourly_demand = _hourly(model, results, kept, cut, drawn, window, file.start)
    energy = head_loss.pump_energy(model, results, kept, _efficiencies(layers))
    junctions, names = list(model.junction_name_list), list(model.node_name_list)
    compressed = zlib.compress(file.text)
    links = head_loss.links_of(model, results, kept)
    place = {name: row for row, name in enumerate(names)}
    slope = head_slopes(links, np.asarray(LEVELS))[:, [place[name] for name in junctions]]
    slope += tank_slopes(
        compressed, ahead, names, junctions, list(model.tank_name_list), hourly_pressure.mean(axis=0), links, file.law
    )
    slope = np.minimum(slope, WALL)
    sources = list(model.reservoir_name_list)
    given = -results.node["demand"][sources].to_numpy()[kept].astype(np.float64) * HOUR
    lasts = np.diff(times[kept])
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
        emitted=np.average(drawn[kept][:-1], axis=0, weights=lasts).clip(min=0.0),
        emitter_law=file.law,
        sources=np.array(sources, dtype=object),
        inflow=np.average(given[:-1].clip(min=0.0), axis=0, weights=lasts),
    )


def run_epanet(model: Any) -> tuple[Results, str, bytes]:
    """Run a model of `wntr`; return the results, EPANET's report, and the file that it ran.

    Raises
    ------
    InputError
        With EPANET's reason, in words.
    """
    import wntr  # type: ignore[import-untyped]  # takes seconds

    with tempfile.TemporaryDirectory(prefix="jumeau-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = Path(folder) / "network.inp"
        wntr.network.write_inpfile(model, str(file), units="CMH", version=2.2)
        text = file.read_bytes()
    results, report = run_text(text, Units())
    return results, report, text


def cycle_days(model: Any) -> int:
    """Return the length of the cycle [day]: a week as soon as a pattern lasts longer than a day."""
    step = model.options.time.pattern_timestep
    longest = max((len(pattern.multipliers) for _name, pattern in model.patterns()), default=1)
    return 7 if longest * step > 1.01 * DAY else 1


def _efficiencies(layers: Layers) -> dict[str, float]:
    """Return the efficiency of each pump that states one, or of all where the settings do."""
    pumps, settings = layers["water_pumps"], layers["water_settings"]
    told = dict(zip(settings["name"], settings["value"], strict=True))
    usual = float(told.get("pump_efficiency", np.nan)) / 100.0
    found = zip(texts(pumps, "pump_id"), numbers(pumps, "efficiency", usual), strict=True)
    return {str(name): float(value) for name, value in found if value > 0.0}


def _drawn(model: Any, layers: Layers, results: Results, file: Ready) -> Floats:
    """Return the flow of emitters at each step and junction, shape (steps, n) [m3/h].

    EPANET counts it as demand; it is no consumption.
    """
    names = list(model.junction_name_list)
    junctions = layers["water_junctions"]
    own = pd.Series(numbers(junctions, "emitter", 0.0), index=texts(junctions, "node_id").astype(str))
    coefficient = own.reindex(names).to_numpy()
    if not coefficient.any():
        return np.zeros((len(results.node["pressure"]), len(names)))
    pressure = results.node["pressure"][names].to_numpy().astype(np.float64)
    flow = np.sign(pressure) * coefficient * np.abs(pressure) ** file.law.exponent
    return np.asarray(flow, dtype=np.float64)


def _hourly(
    model: Any, results: Results, kept: Bools, cut: tuple[str, ...], drawn: Floats, times: Floats, start: float
) -> tuple[Floats, Floats]:
    """Return means over each hour of pressures and of all demands; EPANET holds a value from its step to the next one.

    Steps with impossible pressures take those of the mean step; what is cut off has none. `drawn` is the flow of
    emitters [m3/h], `times` the instants of the steps kept, within the cycle [s], `start` the clock time at which the
    file starts [s].
    """
    junctions = list(model.junction_name_list)
    pressure = results.node["pressure"][junctions].to_numpy()[kept].astype(np.float64)
    demand = results.node["demand"][junctions].to_numpy()[kept]
    if drawn.any():
        demand = demand - drawn[kept] / HOUR
    # A junction may also stand for a source: what it gives is no consumption.
    demand = demand.clip(min=0.0).sum(axis=1) * HOUR
    pressure[:, np.isin(junctions, cut)] = 0.0
    sane = diagnosis.possible(pressure)
    pressure[~sane] = pressure[sane].mean(axis=0) if sane.any() else 0.0
    lasts = overlaps(times, round(times[-1] / HOUR), start)
    whole = lasts.sum(axis=1)
    return lasts @ pressure[:-1] / whole[:, None], lasts @ demand[:-1] / whole


def overlaps(times: Floats, hours: int, start: float) -> Floats:
    """Return for how long each step lasts in each hour of the clock, shape (hours, steps) [s].

    The cycle repeats itself: what comes before the instant at which it starts is its end.
    """
    cycle = hours * HOUR
    bounds = np.arange(hours + 1) * HOUR - start % cycle
    found = np.zeros((hours, len(times) - 1))
    for shift in (0.0, cycle):
        low = np.maximum(bounds[:-1, None] + shift, times[None, :-1])
        high = np.minimum(bounds[1:, None] + shift, times[None, 1:])
        found += np.maximum(high - low, 0.0)
    return found


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
