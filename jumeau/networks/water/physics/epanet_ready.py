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
    hourly = {
        row: hourly_settings(text, valves["valve_id"].iloc[row])
        for row, text in enumerate(texts(valves, "hourly_settings"))
        if text and kinds[row] != "GPV"
    }
    night, usual = numbers(valves, "night_setting"), numbers(valves, "setting")
    begin, end = numbers(valves, "night_from"), numbers(valves, "night_to")
    chosen = ~np.isnan(night) & (kinds != "GPV")
    chosen[list(hourly)] = False
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
    if not chosen.any() and not hourly:
        return layers
    units = units_in(layers)
    lines = []
    for row in np.flatnonzero(chosen):
        changes = ((begin[row], night[row]), (end[row], usual[row]))
        lines += [_change(valves["valve_id"].iloc[row], kinds[row], hour, setting, units) for hour, setting in changes]
    # A night that ends after midnight has begun before time zero.
    first = np.where(chosen & (begin > end), night, usual)
    for place, settings in hourly.items():
        first[place] = settings[0]
        lines += [
            _change(valves["valve_id"].iloc[place], kinds[place], hour, settings[hour], units)
            for hour in range(24)
            if settings[hour] != settings[hour - 1]
        ]
    rows = [{"control_id": f"night {place}", "text": text} for place, text in enumerate(lines)]
    controls = pd.concat([layers["water_controls"], gpd.GeoDataFrame(rows)], ignore_index=True)
    return {**layers, "water_valves": valves.assign(setting=first), "water_controls": controls}


def _change(name: str, kind: str, hour: float, setting: float, units: Units) -> str:
    """Return the control that gives a valve a setting at an hour of the clock."""
    scale = units.flow if kind == "FCV" else units.pressure if kind in ("PRV", "PSV", "PBV") else 1.0
    return f"VALVE {quoted(name)} {float(setting) / scale:.12g} AT CLOCKTIME {_clock(float(hour) % 24.0 * HOUR)}"


def hourly_settings(text: str, valve: object) -> list[float]:
    """Return the settings of a valve at the 24 hours of the clock.

    Raises
    ------
    InputError
        When they are not 24 numbers that a valve can be set to.
    """
    values = pd.to_numeric(pd.Series(str(text).split()), errors="coerce").to_numpy(dtype=np.float64)
    if len(values) != 24 or not (values >= 0.0).all() or not np.isfinite(values).all():
        raise InputError(
            Problem(
                _("not 24 settings"),
                layer="water_valves",
                column="hourly_settings",
                features=(str(valve),),
                value=str(text)[:60],
                hint=_("write 24 numbers that are not negative, separated by spaces, with a decimal point"),
            )
        )
    return [float(value) for value in values]
