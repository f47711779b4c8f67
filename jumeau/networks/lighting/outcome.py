"""What a run says: indicators and per-asset figures, from the journal and the prepared arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.network import Outcome, Prepared
from jumeau.networks.lighting.physics.power import energy_density
from jumeau.networks.lighting.physics.state import State
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.journal import in_period
from jumeau.simulation.world import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Outages:
    """Times during which lamps gave no light, clipped to the period.

    Attributes
    ----------
    lamp : ndarray of int, shape (k,)
    start, end : ndarray, shape (k,)
        [s].
    """

    lamp: Ints
    start: Floats
    end: Floats

    @classmethod
    def read(cls, events: pd.DataFrame, duration: float) -> Outages:
        """Match each failure of the journal with its repair; one without repair lasts to the end of the period."""
        failed = events.loc[events["kind"] == "failure", ["asset", "time"]]
        mended = events.loc[events["kind"] == "repair", ["asset", "first", "time"]]
        mended = mended.rename(columns={"first": "time", "time": "until"})
        both = failed.merge(mended, on=["asset", "time"], how="left")
        start = np.clip(both["time"].to_numpy(dtype=np.float64), 0.0, duration)
        end = np.clip(both["until"].fillna(np.inf).to_numpy(dtype=np.float64), 0.0, duration)
        kept = end > start
        return cls(both["asset"].to_numpy(dtype=np.int64)[kept], start[kept], end[kept])


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators and per-asset figures of the period; what the warm-up holds is left out."""
    state: State = prepared.state
    events = world.journals["lighting"].events()
    duration, years = world.clock.duration, world.clock.years
    outages = Outages.read(events, duration)
    within = in_period(events, duration)
    lamps = _lamps(state, outages, within, duration)
    energy = lamps["energy"].to_numpy(dtype=np.float64)
    service = _service(within, outages)
    work = _work(state, within, world)
    variable = float(energy.sum()) * state.electricity_price
    energy_cost = variable + state.fixed["energy_cost_fixed"]
    carbon = float(energy.sum()) * state.electricity_carbon
    indicators = {
        **state.fixed,
        **service,
        **{name: work[name] for name in ("crew_hours", "crew_km", "crew_fuel", "crew_fuel_carbon")},
        "energy": float(energy.sum()),
        "energy_density": energy_density(float(energy.sum()), state.area, years),
        "energy_cost_variable": variable,
        "energy_cost": energy_cost,
        "maintenance_cost": work["maintenance_cost"],
        "operating_cost": energy_cost + work["maintenance_cost"],
        "energy_carbon": carbon,
        "carbon_total": carbon + work["crew_fuel_carbon"],
    }
    return Outcome(indicators, {"lamps": lamps, "cabinets": _cabinets(state, energy)}, events)


def _lamps(state: State, outages: Outages, within: pd.DataFrame, duration: float) -> pd.DataFrame:
    """Return the figures of each lamp."""
    size = state.count
    hours = state.by_class(state.hours, 0.0, duration)
    lost = np.zeros(size)
    if not state.failed_consume:
        for number in np.unique(state.load[outages.lamp]):
            chosen = state.load[outages.lamp] == number
            missed = state.hours(int(number)).between(outages.start[chosen], outages.end[chosen])
            lost += np.bincount(outages.lamp[chosen], missed, minlength=size)
    # Nodes and sensors have their own supply: they draw whether the lamp gives light or not.
    energy = (state.power * (hours - lost) + state.standby * duration / HOUR) / 1000.0
    failed = within.loc[within["kind"] == "failure", "asset"].to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            "energy": energy,
            "failures": np.bincount(failed, minlength=size).astype(np.float64),
            "dark_nights": np.bincount(outages.lamp, (outages.end - outages.start) / DAY, minlength=size),
            "power": state.power,
        }
    )


def _cabinets(state: State, energy: Floats) -> pd.DataFrame:
    """Return the figures of each cabinet."""
    fed = state.cabinet >= 0
    per_cabinet = np.bincount(state.cabinet[fed], energy[fed], minlength=len(state.subscribed))
    return pd.DataFrame({"energy": per_cabinet, "subscribed_power": state.subscribed})


def _service(within: pd.DataFrame, outages: Outages) -> dict[str, float]:
    detections = within.loc[within["kind"] == "detection", "second"]
    repairs = within[within["kind"] == "repair"]
    return {
        "failures": float((within["kind"] == "failure").sum()),
        "repairs": float(len(repairs)),
        "dark_lamp_nights": float((outages.end - outages.start).sum()) / DAY,
        "detection_days": _mean(detections) / DAY,
        "days_to_repair": _mean(repairs["time"] - repairs["first"]) / DAY,
    }


def _mean(values: pd.Series[float]) -> float:
    # A period without any repair has no delay to speak of.
    return float(values.mean()) if len(values) else float("nan")


def _work(state: State, within: pd.DataFrame, world: World) -> dict[str, float]:
    """Return hours, way, fuel and cost of crews: repairs, patrols, and the planned work of the period."""
    factors, upkeep = world.factors, state.upkeep
    done = within[within["kind"].str.startswith("job:") | (within["kind"] == "patrol")]
    km = float(done["first"].sum())
    hours = float(done["second"].sum()) + upkeep.planned_hours
    fuel = km * factors.value("crew_fuel") / 100.0
    mended = within.loc[within["kind"] == "repair", "asset"].to_numpy(dtype=np.int64)
    parts = float(upkeep.part[mended].sum()) + upkeep.planned_parts
    staff = hours * factors.value("crew_size") * factors.value("crew_hourly_cost")
    return {
        "crew_hours": hours,
        "crew_km": km,
        "crew_fuel": fuel,
        "crew_fuel_carbon": fuel * factors.value("diesel_carbon"),
        "maintenance_cost": staff + fuel * factors.value("diesel_price") + parts + state.fees,
    }
