"""Hydraulic options and times of EPANET <-> the layer `water_settings`."""

from __future__ import annotations

from typing import Any

from jumeau.networks.water.formats.feature_rows import Layers, Row, rows_in
from jumeau.simulation.clock import DAY

#: Settings that are plain numbers of the hydraulic options, under the names of `wntr`.
_OPTIONS = (
    "demand_multiplier", "emitter_exponent", "minimum_pressure", "required_pressure", "pressure_exponent", "viscosity",
    "specific_gravity", "accuracy", "trials",
)  # fmt: skip
_TIMES = {"pattern_step": "pattern_timestep", "hydraulic_step": "hydraulic_timestep", "duration": "duration"}


def set_options(model: Any, layers: Layers) -> None:
    """Give the model the settings of the layer, a day where it states no duration."""
    settings = {str(row["name"]): str(row["value"]) for row in rows_in(layers, "water_settings")}
    hydraulic, time = model.options.hydraulic, model.options.time
    hydraulic.headloss = settings.get("head_loss", "H-W")
    hydraulic.inpfile_units = "CMH"
    # A step that does not balance is told afterwards; stopping there would say nothing of the others.
    hydraulic.unbalanced = "CONTINUE"
    hydraulic.unbalanced_value = 10
    for name, value in settings.items():
        if name in _TIMES:
            setattr(time, _TIMES[name], float(value))
        elif name in _OPTIONS:
            setattr(hydraulic, name, float(value))
        elif name == "demand_model":
            hydraulic.demand_model = value
        elif name == "default_pattern":
            hydraulic.pattern = value
        elif name == "pump_efficiency":
            model.options.energy.global_efficiency = float(value)
    if "duration" not in settings:
        time.duration = DAY
    time.report_timestep = time.hydraulic_timestep


def setting_table(model: Any) -> list[Row]:
    """Return the rows of `water_settings`."""
    hydraulic, time = model.options.hydraulic, model.options.time
    settings = {"head_loss": str(hydraulic.headloss)}
    settings |= {name: f"{float(getattr(time, theirs)):.10g}" for name, theirs in _TIMES.items()}
    for name in _OPTIONS:
        value = getattr(hydraulic, name)
        if value is not None:
            settings[name] = f"{float(value):.10g}"
    settings["demand_model"] = str(hydraulic.demand_model)
    if hydraulic.pattern:
        settings["default_pattern"] = str(hydraulic.pattern)
    if model.options.energy.global_efficiency is not None:
        settings["pump_efficiency"] = f"{float(model.options.energy.global_efficiency):.10g}"
    return [{"name": name, "value": value} for name, value in settings.items()]
