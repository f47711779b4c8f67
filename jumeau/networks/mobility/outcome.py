"""What a run says: ways, hours, search for spaces, energy, emissions and money, from the tables and the journal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.network import Outcome, Prepared
from jumeau.networks.mobility.physics.day import HOURS, KINDS
from jumeau.networks.mobility.physics.emissions import carbon_of, rates
from jumeau.networks.mobility.physics.state import State
from jumeau.networks.mobility.physics.totals import QUANTITIES, at_scale
from jumeau.networks.mobility.simulation.parking import BUSY
from jumeau.simulation.journal import Take, by_kind, in_period
from jumeau.simulation.world import World
from jumeau.units import ratio

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cruise:
    """What looking for a space takes: kilometres, hours, carriers [l, l, kWh], NOx and particles [g]."""

    km: float
    hours: float
    carriers: Floats
    nox: float
    pm: float


@dataclass(frozen=True)
class FleetYear:
    """The municipal fleet: its carriers [l, l, kWh], and what they are more or less than those of mean vehicles."""

    own: Floats
    change: Floats


_KWH = 3.6  # MJ


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators and per-asset figures of the period."""
    state: State = prepared.state
    events = world.journals["mobility"].events()
    take = by_kind(in_period(events, world.clock.duration))
    scales = take("scale")["first"].to_numpy(dtype=np.float64)
    sums = _traffic(state, scales)
    detour = {name: float(take(f"detour:{name}")["first"].sum()) for name in QUANTITIES}
    parking, cruise = _parking(state, take, world)
    fleet = _fleet(state, world)
    driven = np.array([sums[name] + detour[name] for name in ("petrol", "diesel", "electricity")])
    carriers = driven + cruise.carriers + fleet.change
    values = state.values
    charges = take("charge")
    indicators = {
        **state.fixed,
        "distance": sums["distance"] + detour["distance"] + cruise.km,
        "heavy_distance": sums["heavy_distance"] + detour["heavy_distance"],
        "hours": sums["hours"] + detour["hours"] + cruise.hours,
        "delay": sums["delay"] + detour["delay"],
        "detour_hours": detour["hours"],
        "detour_distance": detour["distance"],
        "car_trips": _car_trips(state) * float(scales.sum()),
        **parking,
        "charges": float(len(charges)),
        "charging_wait": 60.0 * float(charges["second"].mean()) if len(charges) else float("nan"),
        "charges_missed": float(len(take("left"))),
        "unready": float(len(take("unready"))),
        "petrol": carriers[0],
        "diesel": carriers[1],
        "electricity": carriers[2],
        "energy": carriers[0] * values["petrol_energy"] / _KWH
        + carriers[1] * values["diesel_energy"] / _KWH
        + carriers[2],
        "fleet_fuel": float(fleet.own[:2].sum()),
        "fleet_electricity": float(fleet.own[2]),
        "charged": float(charges["first"].sum()),
        "carbon_total": float(carbon_of(carriers, values)),
        "carbon_cruising": _told(state, float(carbon_of(cruise.carriers, values))),
        "nox": (sums["nox"] + detour["nox"] + cruise.nox) / 1000.0,
        "particles": (sums["pm"] + detour["pm"] + cruise.pm) / 1000.0,
    }
    indicators |= _money(state, indicators, sums, detour, fleet, carriers)
    return Outcome({name: float(value) for name, value in indicators.items()}, _assets(state, take), events)


def _traffic(state: State, scales: Floats) -> dict[str, float]:
    """Return the totals of all days."""
    found = np.zeros(len(QUANTITIES))
    if state.supply is not None:
        for scale in scales:
            found += at_scale(state.table, float(scale) / state.workday).sum(axis=0)
    return dict(zip(QUANTITIES, found.tolist(), strict=True))


def _car_trips(state: State) -> float:
    """Return the trips by car of a mean day, those inside a zone included, trucks left out."""
    if state.day is None:
        return 0.0
    heavy = KINDS.index("heavy")
    return float(state.day.trips.sum() - state.day.trips[heavy].sum())


def _told(state: State, figure: float) -> float:
    """Return a figure of parking; nothing is known of it where no day is followed."""
    return float("nan") if len(state.blocks) and not state.parking_days else figure


def _parking(state: State, take: Take, world: World) -> tuple[dict[str, float], Cruise]:
    """Return the indicators of parking, and what it takes: hours, carriers, NOx and particles."""
    drivers, search, money, walk = (take(f"parking:{name}") for name in ("drivers", "search", "money", "walk"))
    followed = len(drivers)
    each = world.clock.days / followed if followed else 0.0
    number, lost = float(drivers["first"].sum()), float(drivers["second"].sum())
    km, hours = float(search["first"].sum()) * each, float(search["second"].sum()) * each
    guided, unguided = take("parking:guided"), take("parking:unguided")
    by_hour = take("parking:hour")
    spent = totals(by_hour["asset"].to_numpy(dtype=np.int64), by_hour["first"], HOURS)
    came = totals(by_hour["asset"].to_numpy(dtype=np.int64), by_hour["second"], HOURS)
    # An hour in which hardly anybody comes says nothing of the peak.
    busy = came > 0.02 * came.sum()
    worst = float((spent[busy] / came[busy]).max()) if busy.any() else float("nan")
    spaces = float(state.blocks.spaces.sum())
    occupied = float(take("block:occupied")["second"].sum())
    taken = state.rates.at("car", np.array([state.values["cruise_speed"]]))[:, 0] * km
    indicators = {
        "search_time": ratio(60.0 * float(search["second"].sum()), number),
        "search_unguided": ratio(60.0 * float(unguided["first"].sum()), float(unguided["second"].sum())),
        "search_guided": ratio(60.0 * float(guided["first"].sum()), float(guided["second"].sum())),
        "search_peak": worst,
        "cruising": _told(state, km),
        "turned_away": _told(state, lost * each),
        "walk": ratio(1000.0 * float(walk["first"].sum()), number - lost),
        "occupancy": 100.0 * ratio(occupied, spaces * (BUSY[1] - BUSY[0]) * followed),
        "receipts": _told(state, float(money["first"].sum() + money["second"].sum()) * each),
    }
    return indicators, Cruise(km, hours, taken[:3], float(taken[3]), float(taken[4]))


def _fleet(state: State, world: World) -> FleetYear:
    """Return the energy of the municipal fleet, and what its electric vehicles change in that of traffic.

    The fleet drives in the traffic that is counted: only the difference between its vehicles and the mean ones counts.
    """
    fleet, values = state.fleet, state.values
    days = sum(world.clock.working_day(day) for day in range(world.clock.days))
    electric = fleet.electric_municipal * fleet.distance * days
    other = (fleet.municipal - fleet.electric_municipal) * fleet.distance * days
    speed = np.array([values["fleet_speed"]])
    usual, plugged = (rates(values, share).at("car", speed)[:3, 0] for share in (0.0, 1.0))
    return FleetYear(usual * other + plugged * electric, (plugged - usual) * electric)


def _money(
    state: State,
    found: dict[str, float],
    sums: dict[str, float],
    detour: dict[str, float],
    fleet: FleetYear,
    carriers: Floats,
) -> dict[str, float]:
    values = state.values
    pump = np.array([values["petrol_price"], values["diesel_price"] * values["pump_ratio"], values["charging_price"]])
    # The town buys at the pump as anybody, VAT left out.
    town = np.array(
        [values["petrol_price"] / values["pump_ratio"], values["diesel_price"], values["town_electricity_price"]]
    )
    light = found["hours"] - sums["heavy_hours"] - detour["heavy_hours"]
    fleet_cost = float(town @ fleet.own)
    return {
        "user_fuel_cost": float(pump @ (carriers - fleet.own)),
        "user_time_cost": light * values["car_occupancy"] * values["value_of_time"],
        "user_parking_cost": found["receipts"],
        "fleet_cost": fleet_cost,
        "upkeep_cost": state.fees,
        "operating_cost": fleet_cost + state.fees,
    }


def _assets(state: State, take: Take) -> dict[str, pd.DataFrame]:
    found = {layer: pd.DataFrame(columns) for layer, columns in state.assets.items()}
    occupied, search = take("block:occupied"), take("block:search")
    size = len(state.blocks)
    if size:
        followed = max(len(take("parking:drivers")), 1)
        rows = occupied["asset"].to_numpy(dtype=np.int64)
        room = state.blocks.spaces * (BUSY[1] - BUSY[0]) * followed
        busy = totals(rows, occupied["second"], size)
        spent, came = (
            totals(search["asset"].to_numpy(dtype=np.int64), search[name], size) for name in ("first", "second")
        )
        found["parking"] = pd.DataFrame(
            {
                "occupancy": 100.0 * np.divide(busy, room, out=np.full(size, np.nan), where=room > 0.0),
                "search_time": np.divide(spent, came, out=np.full(size, np.nan), where=came > 0.0),
            }
        )
    charges = take("charge")
    if state.stations:
        rows = charges["asset"].to_numpy(dtype=np.int64)
        found["charge_points"] = pd.DataFrame(
            {
                "charged": totals(rows, charges["first"], len(state.stations)),
                "charges": totals(rows, np.ones(len(rows)), len(state.stations)),
            }
        )
    return found
