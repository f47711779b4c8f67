"""Hydraulic options and times of EPANET <- the layer `water_settings`."""

from __future__ import annotations

import warnings
from typing import Any

from jumeau.networks.water.formats.feature_rows import Layers, rows_in
from jumeau.simulation.clock import DAY

#: Settings that are plain numbers of the hydraulic options, under the names of `wntr`.
_OPTIONS = (
    "demand_multiplier", "emitter_exponent", "minimum_pressure", "required_pressure", "pressure_exponent", "viscosity",
    "specific_gravity", "accuracy", "trials",
)  # fmt: skip
_TIMES = {
    "pattern_step": "pattern_timestep",
    "pattern_start": "pattern_start",
    "hydraulic_step": "hydraulic_timestep",
    "rule_step": "rule_timestep",
    "start_clock": "start_clocktime",
    "duration": "duration",
}


def set_options(model: Any, layers: Layers) -> None:
    """Give the model the settings of the layer, a day where it states no duration."""
    settings = {str(row["name"]): str(row["value"]) for row in rows_in(layers, "water_settings")}
    hydraulic, time = model.options.hydraulic, model.options.time
    with warnings.catch_warnings():
        # wntr reminds who changes the formula of the unit of roughness: layers hold it in the formula's own.
        warnings.simplefilter("ignore", UserWarning)
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
