"""What a run says: ways, hours, energy, tonnes, overflows, money and carbon, from the journal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.network import Outcome, Prepared
from jumeau.networks.waste.physics.fuel import PHASES
from jumeau.networks.waste.physics.state import State
from jumeau.simulation.clock import HOUR
from jumeau.simulation.journal import Take, by_kind, in_period
from jumeau.simulation.world import World
from jumeau.units import ratio

Floats = NDArray[np.float64]

#: Clock hours of the night, when noise counts.
NIGHT = (22.0, 7.0)


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators and per-asset figures of the period; what the warm-up holds is left out."""
    state: State = prepared.state
    events = world.journals["waste"].events()
    take = by_kind(in_period(events, world.clock.duration))
    indicators = {**state.fixed, **_work(state, take, world), **_service(state, take)}
    indicators |= _energy(state, take)
    indicators |= _money(state, take, indicators)
    tonnes = indicators["tonnes"]
    indicators["fuel_per_tonne"] = ratio(indicators["crew_fuel"], tonnes)
    indicators["distance_per_tonne"] = ratio(indicators["distance"], tonnes)
    return Outcome(indicators, _assets(state, take), events)


def _work(state: State, take: Take, world: World) -> dict[str, float]:
    haul, collect = float(take("haul")["first"].sum()), float(take("collect")["first"].sum())
    left = take("leave")
    days, busiest = 0, 0.0
    if len(left):
        per_day = left.groupby("second")["asset"].nunique()
        days, busiest = len(per_day), float(per_day.max())
    home = take("home")
    crew = np.array([item.crew for item in state.trucks for _number in range(item.count)] or [0], dtype=np.float64)
    night = _at_night(take("stop"), world)
    return {
        "distance": haul + collect,
        "haul_distance": haul,
        "collect_distance": collect,
        "truck_hours": float(home["first"].sum()),
        "crew_hours": float((home["first"] * crew[home["asset"].to_numpy(dtype=np.int64)]).sum()) if len(home) else 0.0,
        "rounds": float(len(left)),
        "rounds_per_day": len(left) / days if days else float("nan"),
        "trucks": busiest,
        "visits": float(len(take("stop"))),
        "missed_sites": float(len(take("missed"))),
        "breakdowns": float(len(take("breakdown"))),
        "night_hours": night,
    }


def _at_night(stops: pd.DataFrame, world: World) -> float:
    """Return the hours at sites during the night."""
    if not len(stops):
        return 0.0
    time = stops["time"].to_numpy(dtype=np.float64)
    midnights = world.clock.midnights(np.arange(0, world.clock.days + 2))
    hour = (time - midnights[np.searchsorted(midnights, time, side="right") - 1]) / HOUR
    late = (hour >= NIGHT[0]) | (hour < NIGHT[1])
    return float(stops["second"].to_numpy()[late].sum())


def _service(state: State, take: Take) -> dict[str, float]:
    pickups, fallen = take("pickup"), take("fallen")
    rows = pickups["asset"].to_numpy(dtype=np.int64)
    taken = pickups["first"].to_numpy(dtype=np.float64)
    capacity = state.containers.capacity[rows]
    over = take("overflow")
    volume = float(fallen["first"].sum())
    beside = float(over["first"].sum())
    return {
        "lifts": float(pickups["second"].sum()),
        "waste_volume": volume / 1000.0,
        "tonnes": float((taken * state.containers.density[rows]).sum()) / 1000.0,
        # By container, not by volume: what a crew sees at each lift.
        "fill_at_pickup": 100.0 * float(np.minimum(taken / capacity, 1.0).mean()) if len(rows) else float("nan"),
        "overflow_events": float(len(over)),
        "overflow_volume": beside / 1000.0,
        "service_level": 100.0 * (1.0 - beside / volume) if volume > 0.0 else float("nan"),
    }


def _energy(state: State, take: Take) -> dict[str, float]:
    """Return the energy by carrier and, in kilowatt-hours, by phase."""
    rates = state.rates
    litres = gas = power = 0.0
    by_phase = dict.fromkeys(PHASES, 0.0)
    for phase in PHASES:
        frame = take(f"energy:{phase}")
        rows = frame["asset"].to_numpy(dtype=np.int64)
        spent = totals(rows, frame["first"].to_numpy(dtype=np.float64), max(len(state.trucks), 1))
        for row, truck in enumerate(state.trucks):
            amount = float(spent[row])
            if truck.energy == "electric":
                plug = amount / rates["charging_efficiency"]
                power += plug
                by_phase[phase] += plug
            elif truck.energy == "cng":
                gas += amount
                by_phase[phase] += amount
            else:
                litres += amount
                by_phase[phase] += amount * rates["diesel_energy"]
    return {
        "crew_fuel": litres,
        "gas": gas,
        "electricity": power,
        "energy": sum(by_phase.values()),
        **{f"energy_{phase}": value for phase, value in by_phase.items()},
    }


def _money(state: State, take: Take, sums: dict[str, float]) -> dict[str, float]:
    rates = state.rates
    energy = (
        sums["crew_fuel"] * rates["diesel_price"]
        + sums["gas"] * rates["gas_price"]
        + sums["electricity"] * rates["electricity_price"]
    )
    crew = sums["crew_hours"] * rates["crew_hourly_cost"]
    home = take("home")
    price = np.array(
        [
            rates["upkeep_electric" if item.energy == "electric" else "upkeep_diesel"]
            for item in state.trucks
            for _number in range(item.count)
        ]
        or [0.0]
    )
    upkeep = float((home["second"] * price[home["asset"].to_numpy(dtype=np.int64)]).sum()) if len(home) else 0.0
    return {
        "energy_cost": energy,
        "crew_cost": crew,
        "upkeep_cost": upkeep + state.fees,
        "operating_cost": energy + crew + upkeep + state.fees,
        "carbon_total": sums["crew_fuel"] * rates["diesel_carbon"]
        + sums["gas"] * rates["gas_carbon"]
        + sums["electricity"] * rates["electricity_carbon"],
    }


def _assets(state: State, take: Take) -> dict[str, pd.DataFrame]:
    pickups, over, fallen = take("pickup"), take("overflow"), take("fallen")
    rows = pickups["asset"].to_numpy(dtype=np.int64)
    taken = pickups["first"].to_numpy(dtype=np.float64)
    size = len(state.containers)
    picked = totals(rows, np.ones(len(rows)), size)
    filled = totals(rows, np.minimum(taken / state.containers.capacity[rows], 1.0), size)
    beside = totals(over["asset"].to_numpy(dtype=np.int64), over["first"], size)
    fell = totals(fallen["asset"].to_numpy(dtype=np.int64), fallen["first"], size)
    containers = pd.DataFrame(
        {
            "pickups": picked,
            "fill_at_pickup": 100.0 * _shares(filled, picked),
            "overflow_volume": beside / 1000.0,
            "tonnes": totals(rows, taken * state.containers.density[rows], size) / 1000.0,
        }
    )
    site = state.containers.site
    stops = take("stop")
    visits = totals(stops["asset"].to_numpy(dtype=np.int64), np.ones(len(stops)), state.sites)
    sites = pd.DataFrame(
        {
            "visits": visits,
            "fill_at_pickup": 100.0 * _shares(totals(site, filled, state.sites), totals(site, picked, state.sites)),
            "overflow_volume": totals(site, beside, state.sites) / 1000.0,
            "service_level": 100.0
            * (1.0 - np.nan_to_num(_shares(totals(site, beside, state.sites), totals(site, fell, state.sites)))),
            "tonnes": totals(site, containers["tonnes"].to_numpy(), state.sites),
        }
    )
    # Nothing can be said of streams that are not simulated.
    rows = fallen["asset"].to_numpy(dtype=np.int64)
    drawn = np.isin(np.arange(size), rows)
    containers[~drawn] = np.nan
    sites[~np.isin(np.arange(state.sites), site[rows])] = np.nan
    return {"waste_sites": sites, "waste_containers": containers}


def _shares(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0.0))
