"""The EPANET file that is run: that of the layers, with the night settings of valves and the days asked for."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from jumeau.columns import numbers, texts
from jumeau.errors import InputError, Problem
from jumeau.i18n import _
from jumeau.networks.water.formats.epanet import inp_of, units_in
from jumeau.networks.water.formats.epanet_engine import opened
from jumeau.networks.water.formats.epanet_lines import quoted
from jumeau.networks.water.formats.epanet_sections import Section, joined, split
from jumeau.networks.water.formats.epanet_units import Units
from jumeau.networks.water.formats.feature_rows import Layers
from jumeau.networks.water.physics.emitters import EmitterLaw
from jumeau.simulation.clock import HOUR

# Codes of options and times.
_EMITTER_EXPONENT, _UNBALANCED, _STEP, _START = 3, 14, 1, 10

#: Sections that say nothing of hydraulics: reports may name other files, and water quality takes its time.
_LEFT_OUT = ("REPORT", "QUALITY", "REACTIONS", "SOURCES", "MIXING", "TAGS", "COORDINATES", "VERTICES")


@dataclass(frozen=True)
class Ready:
    """A file to run.

    Attributes
    ----------
    text : bytes
    units : Units
    law : EmitterLaw
        Of its emitters.
    start : float
        Clock time at which it starts [s].
    step : int
        Between two instants that are reported [s].
    """

    text: bytes
    units: Units
    law: EmitterLaw
    start: float
    step: int


def ready(layers: Layers, duration: float) -> Ready:
    """Return the file of the layers, ready to run for a time, each hydraulic step reported.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
    duration : float
        [s].

    Raises
    ------
    InputError
        When EPANET cannot read it.
    """
    data, encoding = inp_of(layers)
    units = units_in(layers)
    with opened(data) as engine:
        step = engine.seconds(_STEP)
        exponent = engine.number("getoption", _EMITTER_EXPONENT) or 0.5
        start = float(engine.seconds(_START))
        stops = (engine.number("getoption", _UNBALANCED) or 0.0) < 0.0
    # The last step ends with the time that is asked for, or after it.
    duration = float(np.ceil(duration / step) * step)
    options = [" QUALITY NONE"]
    if stops:
        # A step that does not balance is told afterwards; stopping there would say nothing of the others.
        options.append(" UNBALANCED CONTINUE 10")
    times = [
        f" DURATION {_clock(duration)}",
        f" REPORT TIMESTEP {_clock(step)}",
        " REPORT START 0",
        " STATISTIC NONE",
    ]
    sections = [section for section in split(data.decode(encoding)) if section.name not in _LEFT_OUT]
    sections += [Section("OPTIONS", tuple(options)), Section("TIMES", tuple(times)), Section("REPORT", (" STATUS NO",))]
    return Ready(joined(sections).encode(encoding), units, EmitterLaw(units, exponent), start, step)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def with_nights(layers: Layers) -> Layers:
    """Return the layers with controls on the clock for valves that change their setting at night.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame

    Raises
    ------
    InputError
        When the hours of a night are missing.
    """
    valves = layers["water_valves"]
    kinds = texts(valves, "kind")
    night, usual = numbers(valves, "night_setting"), numbers(valves, "setting")
    begin, end = numbers(valves, "night_from"), numbers(valves, "night_to")
    chosen = ~np.isnan(night) & (kinds != "GPV")
    blank = chosen & (np.isnan(begin) | np.isnan(end))
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
    if not chosen.any():
        return layers
    units = units_in(layers)
    lines = []
    for row in np.flatnonzero(chosen):
        name = quoted(valves["valve_id"].iloc[row])
        scale = units.flow if kinds[row] == "FCV" else units.pressure if kinds[row] in ("PRV", "PSV", "PBV") else 1.0
        for hour, setting in ((begin[row], night[row]), (end[row], usual[row])):
            lines.append(f"VALVE {name} {float(setting) / scale:.12g} AT CLOCKTIME {_clock(float(hour) % 24.0 * HOUR)}")
    # A night that ends after midnight has begun before time zero.
    first = np.where(chosen & (begin > end), night, usual)
    rows = [{"control_id": f"night {place}", "text": text} for place, text in enumerate(lines)]
    controls = pd.concat([layers["water_controls"], gpd.GeoDataFrame(rows)], ignore_index=True)
    return {**layers, "water_valves": valves.assign(setting=first), "water_controls": controls}
