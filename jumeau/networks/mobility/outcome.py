"""What a run says: distance, hours, search for spaces, energy and emissions, from the tables and the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.columns import totals
from jumeau.network import Outcome, Prepared
from jumeau.networks.mobility.devices import SENSOR
from jumeau.networks.mobility.physics.day import HOURS, KINDS
from jumeau.networks.mobility.physics.emissions import QUANTITIES as TAKEN
from jumeau.networks.mobility.physics.emissions import rates
from jumeau.networks.mobility.physics.state import State
from jumeau.networks.mobility.physics.totals import QUANTITIES, at_scale
from jumeau.networks.mobility.simulation.parking import BUSY
from jumeau.simulation.device_record import crew_quantities, device_indicators, device_quantities
from jumeau.simulation.journal import Take
from jumeau.simulation.world import World
from jumeau.units import ratio

Floats = NDArray[np.float64]

CARRIERS = ("petrol", "diesel", "electricity")


@dataclass(frozen=True)
class Cruise:
    """What looking for a space takes, over the whole period.

    Attributes
    ----------
    km, hours : float
        Vehicle-kilometres and vehicle-hours.
    taken : dict of str to float
        By name of `emissions.QUANTITIES`.
    """

    km: float
    hours: float
    taken: Mapping[str, float]


@dataclass(frozen=True)
class FleetUse:
    """What the municipal fleet takes over the period.

    Attributes
    ----------
    own, change : ndarray, shape (3,)
        Its `CARRIERS` [l, l, kWh], and what electric vehicles make them more than those of usual ones.
    """

    own: Floats
    change: Floats


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators, quantities and per-asset figures of the period."""
    state: State = prepared.state
    take = world.journals["mobility"].within(world.clock.duration)
    scales = take("traffic")["scale"].to_numpy(dtype=np.float64)
    detour = take("detour")
    driven = {name: amount + float(detour[name].sum()) for name, amount in _traffic(state, scales).items()}
    cruise = _cruise(state, take, world)
    indicators = {
        **state.fixed,
        "distance": driven["distance"] + cruise.km,
        "heavy_distance": driven["heavy_distance"],
        "hours": driven["hours"] + cruise.hours,
        "delay": driven["delay"],
        "detour_hours": detour["hours"].sum(),
        "detour_distance": detour["distance"].sum(),
        "car_trips": _car_trips(state) * scales.sum(),
        **_parking(state, take, world, cruise),
        **_charging(take),
    }
    journal = world.journals["mobility"]
    indicators |= device_indicators(journal, world.clock.duration)
    quantities = {
        **_quantities(state, driven, cruise, _fleet(state, world), _payments(state, take, world)),
        **crew_quantities(journal, world),
        **device_quantities(journal, world.clock.duration, (SENSOR.kind,)),
    }
    return Outcome(_plain(indicators), _plain(quantities), _assets(state, take))


def _plain(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(figure) for name, figure in figures.items()}


def _traffic(state: State, scales: Floats) -> dict[str, float]:
    """Return the totals of all days."""
    found = np.zeros(len(QUANTITIES))
    if state.supply is not None:
        found = at_scale(state.table, scales / state.workday).sum(axis=(0, 1))
    return dict(zip(QUANTITIES, found.tolist(), strict=True))


def _car_trips(state: State) -> float:
    """Return the trips by car of a mean day, those inside a zone included, trucks left out."""
    if state.day is None:
        return 0.0
    heavy = KINDS.index("heavy")
    return float(state.day.trips.sum() - state.day.trips[heavy].sum())


def _quantities(
    state: State, driven: Mapping[str, float], cruise: Cruise, fleet: FleetUse, payments: float
) -> dict[str, float]:
    """Return what the account values: the municipal fleet is the authority's, all other traffic the users'."""
    used = np.array([driven[name] + cruise.taken[name] for name in CARRIERS]) + fleet.change
    # Where less traffic is counted than the fleet makes, all of it is the fleet's.
    users = np.maximum(used - fleet.own, 0.0)
    light = driven["hours"] + cruise.hours - driven["heavy_hours"]
    return {
        **dict(zip(CARRIERS, fleet.own.tolist(), strict=True)),
        **{f"user_{name}": amount for name, amount in zip(CARRIERS, users.tolist(), strict=True)},
        "user_hours": light * state.values["car_occupancy"],
        "user_payments": payments,
        **{name: driven[name] + cruise.taken[name] for name in ("nox", "particles")},
    }


def _if_followed(state: State, figure: float) -> float:
    """Return a figure of parking; nothing is known of it where no day is followed."""
    return float("nan") if len(state.blocks) and not state.parking_days else figure


def _each(take: Take, world: World) -> float:
    """Return the days of the period that each followed day of parking stands for."""
    followed = len(take("parking_day"))
    return world.clock.days / followed if followed else 0.0


def _cruise(state: State, take: Take, world: World) -> Cruise:
    days, each = take("parking_day"), _each(take, world)
    km = float(days["cruised"].sum()) * each
    taken = state.rates.at("car", np.array([state.values["cruise_speed"]]))[:, 0] * km
    return Cruise(km, float(days["search"].sum()) * each, dict(zip(TAKEN, taken.tolist(), strict=True)))


def _payments(state: State, take: Take, world: World) -> float:
    days = take("parking_day")
    return _if_followed(state, float(days["paid"].sum() + days["fines"].sum()) * _each(take, world))


def _parking(state: State, take: Take, world: World, cruise: Cruise) -> dict[str, float]:
    """Return the indicators of parking."""
    days, by_hour = take("parking_day"), take("parking_hour")
    sums = {str(name): float(days[name].sum()) for name in days.columns}
    hour = _rows(by_hour["hour"])
    spent, came = (totals(hour, by_hour[name], HOURS) for name in ("search", "drivers"))
    # An hour in which hardly anybody comes says nothing of the peak.
    busy = came > 0.02 * came.sum()
    room = float(state.blocks.spaces.sum()) * (BUSY[1] - BUSY[0]) * len(days)
    return {
        "search_time": 60.0 * ratio(sums["search"], sums["drivers"]),
        "search_unguided": 60.0 * ratio(sums["unguided_search"], sums["unguided_drivers"]),
        "search_guided": 60.0 * ratio(sums["guided_search"], sums["guided_drivers"]),
        "search_peak": float((spent[busy] / came[busy]).max()) if busy.any() else float("nan"),
        "cruising": _if_followed(state, cruise.km),
        **{f"cruising_{name}": _if_followed(state, cruise.taken[name]) for name in CARRIERS},
        "turned_away": _if_followed(state, sums["turned_away"] * _each(take, world)),
        "walk": 1000.0 * ratio(sums["walked"], sums["drivers"] - sums["turned_away"]),
        "occupancy": 100.0 * ratio(float(take("parking_block")["busy"].sum()), room),
    }


def _charging(take: Take) -> dict[str, float]:
    charges = take("charge")
    return {
        "charges": len(charges),
        "charging_wait": 60.0 * float(charges["waited"].mean()) if len(charges) else float("nan"),
        "charges_missed": len(take("charge_missed")),
        "unready": len(take("unready")),
        "charged": charges["energy"].sum(),
    }


def _fleet(state: State, world: World) -> FleetUse:
    """Return the energy of the municipal fleet, and what its electric vehicles change in that of traffic.

    The fleet drives in the traffic that is counted: only the difference between its vehicles and the mean ones counts.
    """
    fleet, values = state.fleet, state.values
    days = sum(world.clock.working_day(day) for day in range(world.clock.days))
    electric = fleet.electric_municipal * fleet.distance * days
    other = (fleet.municipal - fleet.electric_municipal) * fleet.distance * days
    speed = np.array([values["fleet_speed"]])
    usual, plugged = (rates(values, share).at("car", speed)[:3, 0] for share in (0.0, 1.0))
    return FleetUse(usual * other + plugged * electric, (plugged - usual) * electric)


def _assets(state: State, take: Take) -> dict[str, pd.DataFrame]:
    found = {layer: pd.DataFrame(columns) for layer, columns in state.assets.items()}
    blocks, size = take("parking_block"), len(state.blocks)
    if size:
        room = state.blocks.spaces * (BUSY[1] - BUSY[0]) * max(len(take("parking_day")), 1)
        busy, spent, came = (
            totals(_rows(blocks["block"]), blocks[name], size) for name in ("busy", "search", "drivers")
        )
        found["parking"] = pd.DataFrame(
            {
                "occupancy": 100.0 * np.divide(busy, room, out=np.full(size, np.nan), where=room > 0.0),
                "search_time": np.divide(spent, came, out=np.full(size, np.nan), where=came > 0.0),
            }
        )
    if state.stations:
        charges, count = take("charge"), len(state.stations)
        rows = _rows(charges["station"])
        found["charge_points"] = pd.DataFrame(
            {
                "charged": totals(rows, charges["energy"], count),
                "charges": totals(rows, np.ones(len(rows)), count),
            }
        )
    return found


def _rows(assets: pd.Series[int]) -> NDArray[np.int64]:
    return np.asarray(assets, dtype=np.int64)
