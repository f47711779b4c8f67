"""What a run says: indicators and per-asset figures, from the journal and the prepared arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.network import Outcome, Prepared
from jumeau.networks.lighting.billing import billed, class_energy
from jumeau.networks.lighting.devices import NODE
from jumeau.networks.lighting.physics.power import energy_density
from jumeau.networks.lighting.physics.state import State
from jumeau.simulation.clock import DAY, HOUR
from jumeau.simulation.crews import crew_use
from jumeau.simulation.device_record import device_indicators, device_quantities
from jumeau.simulation.journal import Take
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
    def read(cls, failures: pd.DataFrame, repairs: pd.DataFrame, duration: float) -> Outages:
        """Match each failure of the journal with its repair; one without repair lasts to the end of the period."""
        mended = repairs.drop(columns="detected").rename(columns={"time": "until", "failed": "time"})
        both = failures.merge(mended, on=["lamp", "time"], how="left")
        start = np.clip(both["time"].to_numpy(dtype=np.float64), 0.0, duration)
        end = np.clip(both["until"].fillna(np.inf).to_numpy(dtype=np.float64), 0.0, duration)
        kept = end > start
        return cls(both["lamp"].to_numpy(dtype=np.int64)[kept], start[kept], end[kept])


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators, quantities and per-asset figures of the period; what the warm-up holds is left out."""
    state: State = prepared.state
    journal = world.journals["lighting"]
    duration, years = world.clock.duration, world.clock.years
    # A lamp may have gone dark during the warm-up.
    outages = Outages.read(journal.table("failure"), journal.table("repair"), duration)
    take = journal.within(duration)
    lamps = _lamps(state, outages, take, duration)
    energy = lamps["energy"].to_numpy(dtype=np.float64)
    electricity = float(energy.sum())
    indicators = {
        **state.fixed,
        **_service(take, outages),
        **device_indicators(journal, duration),
        "energy_density": energy_density(electricity, state.area, years),
    }
    by_class = class_energy(state, outages.lamp, outages.start, outages.end)
    charged = billed(state, by_class, years, world.factors)
    quantities = {
        "electricity": electricity,
        "subscribed_power_years": float(state.subscribed.sum()) * years,
        **_work(state, take, world),
        **device_quantities(journal, duration, (NODE.kind,)),
        **state.works,
        **charged.quantities,
    }
    cabinets = pd.concat([_cabinets(state, energy), charged.cabinets], axis=1)
    return Outcome(indicators, quantities, {"lamps": lamps, "cabinets": cabinets})


def _lamps(state: State, outages: Outages, take: Take, duration: float) -> pd.DataFrame:
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
    return pd.DataFrame(
        {
            "energy": energy,
            "failures": np.bincount(take("failure")["lamp"], minlength=size).astype(np.float64),
            "dark_nights": np.bincount(outages.lamp, (outages.end - outages.start) / DAY, minlength=size),
            "system_power": state.power,
        }
    )


def _cabinets(state: State, energy: Floats) -> pd.DataFrame:
    """Return the figures of each cabinet."""
    fed = state.cabinet >= 0
    per_cabinet = np.bincount(state.cabinet[fed], energy[fed], minlength=len(state.subscribed))
    return pd.DataFrame({"energy": per_cabinet, "billed_power": state.subscribed})


def _service(take: Take, outages: Outages) -> dict[str, float]:
    repairs = take("repair")
    return {
        "failures": float(len(take("failure"))),
        "repairs": float(len(repairs)),
        "dark_lamp_nights": float((outages.end - outages.start).sum()) / DAY,
        "detection_days": _mean(take("detection")["delay"]) / DAY,
        "days_to_repair": _mean(repairs["time"] - repairs["failed"]) / DAY,
    }


def _mean(values: pd.Series[float]) -> float:
    # A period without any repair has no delay to speak of.
    return float(values.mean()) if len(values) else float("nan")


def _work(state: State, take: Take, world: World) -> dict[str, float]:
    """Return hours, distance, fuel and parts: repairs, patrols, and the planned work of the period."""
    upkeep = state.upkeep
    done = [take(kind) for kind in ("job", "return", *(("patrol",) if state.patrols_count else ()))]
    km = float(sum(events["distance"].sum() for events in done))
    hours = float(sum(events["hours"].sum() for events in done)) + upkeep.planned_hours
    return {
        **crew_use(hours, km, world.factors),
        "materials": float(upkeep.part[take("repair")["lamp"]].sum()) + upkeep.planned_parts,
    }
