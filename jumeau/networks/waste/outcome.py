"""What a run says: distances, hours, energy, tonnes and overflows, from the journal."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.accounts import energy_content
from jumeau.columns import totals
from jumeau.network import Outcome, Prepared
from jumeau.networks.waste.devices import SENSOR
from jumeau.networks.waste.physics.fuel import CARRIERS, PHASES
from jumeau.networks.waste.physics.state import State
from jumeau.simulation.clock import HOUR
from jumeau.simulation.device_record import crew_quantities, device_indicators, device_quantities
from jumeau.simulation.journal import Take
from jumeau.simulation.world import World
from jumeau.units import ratio

Floats = NDArray[np.float64]

#: Clock hours of the night, when noise counts.
NIGHT = (22.0, 7.0)


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators, quantities and per-asset figures of the period; what the warm-up holds is left out."""
    state: State = prepared.state
    take = world.journals["waste"].within(world.clock.duration)
    quantities = _quantities(state, take)
    journal, duration = world.journals["waste"], world.clock.duration
    visits = crew_quantities(journal, world)
    visits["staff_hours"] += quantities["staff_hours"]
    quantities |= {**visits, **device_quantities(journal, duration, (SENSOR.kind,))}
    indicators = {**_work(take), "night_hours": _at_night(take("stop"), world), **_service(state, take)}
    indicators |= device_indicators(journal, duration)
    indicators |= _energy(take, world)
    tonnes = indicators["tonnes"]
    indicators["fuel_per_tonne"] = ratio(quantities["diesel"], tonnes)
    indicators["distance_per_tonne"] = ratio(indicators["distance"], tonnes)
    return Outcome(indicators, quantities, _assets(state, take))


def _quantities(state: State, take: Take) -> dict[str, float]:
    """Return what trucks and their crews use."""
    used, drives, duty = take("energy"), take("drive"), take("depot_return")
    electric = np.array([truck.electric for truck in state.trucks], dtype=bool)[drives["truck"]]
    crew = np.array([truck.crew for truck in state.trucks], dtype=np.float64)[duty["truck"]]
    return {
        **{carrier: float(used[carrier].sum()) for carrier in CARRIERS.values()},
        "staff_hours": float((duty["hours"] * crew).sum()),
        "diesel_truck_distance": float(drives["distance"][~electric].sum()),
        "electric_truck_distance": float(drives["distance"][electric].sum()),
    }


def _work(take: Take) -> dict[str, float]:
    distance = take("drive").groupby("phase")["distance"].sum()
    haul, collect = float(distance.get("haul", 0.0)), float(distance.get("collect", 0.0))
    left = take("departure")
    # A truck that goes out twice on a day is one truck on the road.
    trucks = left.drop_duplicates(["day", "truck", "number"]).groupby("day").size()
    return {
        "distance": haul + collect,
        "haul_distance": haul,
        "collect_distance": collect,
        "haul_share": 100.0 * ratio(haul, haul + collect),
        "truck_hours": float(take("depot_return")["hours"].sum()),
        "rounds": float(len(left)),
        "rounds_per_day": len(left) / len(trucks) if len(trucks) else float("nan"),
        "trucks": float(trucks.max()) if len(trucks) else 0.0,
        "visits": float(len(take("stop"))),
        "missed_sites": float(len(take("missed"))),
        "breakdowns": float(len(take("breakdown"))),
    }


def _at_night(stops: pd.DataFrame, world: World) -> float:
    """Return the hours at sites during the night."""
    if not len(stops):
        return 0.0
    time = stops["time"].to_numpy(dtype=np.float64)
    midnights = world.clock.midnights(np.arange(0, world.clock.days + 2))
    hour = (time - midnights[np.searchsorted(midnights, time, side="right") - 1]) / HOUR
    late = (hour >= NIGHT[0]) | (hour < NIGHT[1])
    return float(stops["hours"].to_numpy()[late].sum())


def _service(state: State, take: Take) -> dict[str, float]:
    pickups, over = take("pickup"), take("overflow")
    volume, beside = float(take("deposits")["volume"].sum()), float(over["volume"].sum())
    return {
        "lifts": float(pickups["lifts"].sum()),
        "waste_volume": volume / 1000.0,
        "tonnes": float(_mass(state, pickups).sum()) / 1000.0,
        # By container, not by volume: what a crew sees at each lift.
        "fill_at_pickup": 100.0 * float(_fill(state, pickups).mean()) if len(pickups) else float("nan"),
        "overflow_events": float(len(over)),
        "overflow_volume": beside / 1000.0,
        "service_level": 100.0 * (1.0 - beside / volume) if volume > 0.0 else float("nan"),
    }


def _mass(state: State, pickups: pd.DataFrame) -> Floats:
    """Return the mass of each pick-up [kg]."""
    return np.asarray(pickups["volume"].to_numpy() * state.containers.density[pickups["container"]], dtype=np.float64)


def _fill(state: State, pickups: pd.DataFrame) -> Floats:
    """Return the fill of the containers at each pick-up."""
    return np.minimum(pickups["volume"].to_numpy() / state.containers.capacity[pickups["container"]], 1.0)


def _energy(take: Take, world: World) -> dict[str, float]:
    """Return the energy by phase [kWh]."""
    used = take("energy")
    energy = np.zeros(len(used))
    for carrier in CARRIERS.values():
        energy += used[carrier].to_numpy() * energy_content(carrier, world.factors)
    return {f"energy_{phase}": float(energy[(used["phase"] == phase).to_numpy()].sum()) for phase in PHASES}


def _assets(state: State, take: Take) -> dict[str, pd.DataFrame]:
    pickups, over, fallen, stops = (take(kind) for kind in ("pickup", "overflow", "deposits", "stop"))
    owned = state.containers

    def per_container(events: pd.DataFrame, weights: Any) -> Floats:
        return totals(events["container"].to_numpy(), weights, len(owned))

    def per_site(values: Floats) -> Floats:
        return totals(owned.site, values, state.sites)

    picked = per_container(pickups, np.ones(len(pickups)))
    filled = per_container(pickups, _fill(state, pickups))
    tonnes = per_container(pickups, _mass(state, pickups)) / 1000.0
    beside, fell = (per_container(events, events["volume"]) for events in (over, fallen))
    containers = pd.DataFrame(
        {
            "pickups": picked,
            "fill_at_pickup": 100.0 * _shares(filled, picked),
            "overflow_volume": beside / 1000.0,
            "tonnes": tonnes,
        }
    )
    sites = pd.DataFrame(
        {
            "visits": totals(stops["site"].to_numpy(), np.ones(len(stops)), state.sites),
            "fill_at_pickup": 100.0 * _shares(per_site(filled), per_site(picked)),
            "overflow_volume": per_site(beside) / 1000.0,
            "service_level": 100.0 * (1.0 - np.nan_to_num(_shares(per_site(beside), per_site(fell)))),
            "tonnes": per_site(tonnes),
        }
    )
    # Nothing can be said of streams that are not simulated.
    rows = fallen["container"].to_numpy()
    containers[~np.isin(np.arange(len(owned)), rows)] = np.nan
    sites[~np.isin(np.arange(state.sites), owned.site[rows])] = np.nan
    return {"waste_sites": sites, "waste_containers": containers}


def _shares(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0.0))
