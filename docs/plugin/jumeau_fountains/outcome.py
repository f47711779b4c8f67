"""What a run says of fountains."""

from __future__ import annotations

import numpy as np
import pandas as pd

from jumeau.network import Outcome
from jumeau.simulation.clock import DAY
from jumeau.simulation.world import World
from jumeau_fountains.state import State


def outcome(state: State, world: World) -> Outcome:
    """Return indicators, quantities and figures per fountain; money and carbon are the account's business."""
    take = world.journals["fountains"].within(world.clock.duration)
    days = world.clock.duration / DAY
    cleaned, work = take("cleaned"), [take("job"), take("return")]
    km = float(sum(events["distance"].sum() for events in work))
    hours = float(sum(events["hours"].sum() for events in work))
    fountains = pd.DataFrame(
        {
            "water": state.flow * state.hours * days,
            "energy": state.power * state.hours * days,
            "cleanings": np.bincount(cleaned["fountain"], minlength=len(state.flow)).astype(np.float64),
        }
    )
    return Outcome(
        indicators={
            "cleanings": float(len(cleaned)),
            "cleaning_delay": float(cleaned["delay"].mean()) / DAY if len(cleaned) else float("nan"),
        },
        quantities={
            "electricity": float(fountains["energy"].sum()),
            "fountain_water": float(fountains["water"].sum()),
            "staff_hours": hours * world.factors.value("crew_size"),
            "crew_distance": km,
            "crew_diesel": km * world.factors.value("crew_fuel") / 100.0,
        },
        assets={"fountains": fountains},
    )
