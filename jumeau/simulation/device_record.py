"""What a run says of devices: failures, days out of service, visits, spare devices and batteries."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.simulation.clock import DAY
from jumeau.simulation.crews import crew_use
from jumeau.simulation.device_upkeep import BATTERY_CHANGE, CHECK, REPLACEMENT
from jumeau.simulation.journal import Journal
from jumeau.simulation.world import World

Floats = NDArray[np.float64]

#: Indicators that a network with devices declares.
INDICATORS = ("device_failures", "device_days_out", "device_visits", "device_false_alarms")
#: Quantity of the shared vocabulary.
BATTERIES = "device_batteries"


def days_out(journal: Journal, duration: float) -> float:
    """Return the time that devices were silent within the period [day]; one without a visit is so to the end."""
    silent, visits = journal.table("device_silent"), journal.table("device_visit")
    keys = ["device", "number", "since"]
    ends = visits.loc[visits["work"] != CHECK, [*keys, "time"]].rename(columns={"time": "until"})
    both = silent.rename(columns={"time": "since"}).merge(ends, on=keys, how="left")
    start = np.clip(both["since"].to_numpy(dtype=np.float64), 0.0, duration)
    end = np.clip(both["until"].fillna(np.inf).to_numpy(dtype=np.float64), 0.0, duration)
    return float((end - start).sum()) / DAY


def device_indicators(journal: Journal, duration: float) -> dict[str, float]:
    """Return the indicators of the devices of a network, by name: see `INDICATORS`."""
    take = journal.within(duration)
    visits = take("device_visit")
    return {
        "device_failures": float(len(take("device_silent"))),
        "device_days_out": days_out(journal, duration),
        "device_visits": float(len(visits)),
        "device_false_alarms": float((visits["work"] == CHECK).sum()),
    }


def device_quantities(journal: Journal, duration: float, replaced: Collection[str]) -> dict[str, float]:
    """Return what the account values: batteries, and devices replaced by kind, as `<kind>_replacements`.

    Parameters
    ----------
    journal : Journal
    duration : float
        Of the period [s].
    replaced : collection of str
        Kinds of devices.
    """
    visits = journal.within(duration)("device_visit")
    works: pd.Series[str] = visits["work"]
    kinds = visits.loc[works == REPLACEMENT, "device"]
    return {
        BATTERIES: float((works == BATTERY_CHANGE).sum()),
        **{f"{kind}_replacements": float((kinds == kind).sum()) for kind in replaced},
    }


def crew_quantities(journal: Journal, world: World) -> dict[str, float]:
    """Return what the crews of a network that has no other work for them use: hours of agents, distance, diesel."""
    take = journal.within(world.clock.duration)
    done = [take(kind) for kind in ("job", "return")]
    km = float(sum(events["distance"].sum() for events in done))
    hours = float(sum(events["hours"].sum() for events in done))
    return crew_use(hours, km, world.factors)
