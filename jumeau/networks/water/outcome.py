"""What a run says: volumes, delays, work, money and carbon, from the journal and the prepared arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.network import Outcome, Prepared
from jumeau.networks.water.physics import balance
from jumeau.networks.water.physics.awareness import MEANS
from jumeau.networks.water.physics.leaks import FAMILIES, Leaks
from jumeau.networks.water.physics.state import State
from jumeau.networks.water.physics.superposition import superposition_gap
from jumeau.networks.water.physics.volumes import background_volumes, known_volumes, lost_volumes
from jumeau.networks.water.simulation.customers import CustomerLeaks
from jumeau.simulation.clock import DAY
from jumeau.simulation.journal import in_period
from jumeau.simulation.world import World
from jumeau.units import ratio

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_HIDDEN = np.array([name.endswith("_hidden") for name in FAMILIES])


@dataclass(frozen=True)
class Lives:
    """The leaks of a run as the journal tells them, with their ends.

    Attributes
    ----------
    leaks : Leaks, shape (k,)
    end : ndarray, shape (k,)
        When each was mended; infinite for those that outlive the period [s].
    """

    leaks: Leaks
    end: Floats

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Whether each leak does not show at the surface, shape (k,)."""
        return np.asarray(_HIDDEN[self.leaks.family], dtype=bool)

    @classmethod
    def read(cls, events: pd.DataFrame) -> Lives:
        """Match the events of each leak by its number, which is its row."""
        kinds = events["kind"]
        began = events[kinds.str.startswith("leak:")].sort_values("first")
        codes = {f"leak:{name}": code for code, name in enumerate(FAMILIES)}
        number = began["first"].to_numpy(dtype=np.int64)

        def column(kind: str, name: str, missing: float) -> Floats:
            told = events.loc[kinds == kind, ["first", name]]
            told = told.rename(columns={"time": "value"}) if name == "time" else told.rename(columns={name: "value"})
            by_number = pd.Series(told["value"].to_numpy(), index=told["first"].to_numpy(dtype=np.int64))
            return np.asarray(by_number.reindex(number).fillna(missing).to_numpy(), dtype=np.float64)

        leaks = Leaks(
            pipe=began["asset"].to_numpy(dtype=np.int64),
            family=np.array([codes[name] for name in began["kind"]], dtype=np.int64),
            rank=np.zeros(len(began), dtype=np.int64),
            start=began["time"].to_numpy(dtype=np.float64),
            growth=column("growth", "second", 0.0),
            flow=began["second"].to_numpy(dtype=np.float64),
            position=column("position", "second", 0.5),
        )
        return cls(leaks, column("repair", "time", np.inf))


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators and per-asset figures of the period; what the warm-up holds is left out."""
    state: State = prepared.state
    events = world.journals["water"].events()
    duration = world.clock.duration
    within = in_period(events, duration)
    lives = Lives.read(events)
    lost = lost_volumes(state, lives.leaks, np.zeros(len(lives.leaks)), np.minimum(lives.end, duration))
    known = known_volumes(state, duration)
    background = background_volumes(state, duration)
    customers = float(within.loc[within["kind"] == CustomerLeaks.KIND, "first"].sum())
    indicators = {
        **state.fixed,
        **_volumes(state, world, lives, lost, float(known.sum()), float(background.sum()), customers),
        **_service(state, within, lives, duration),
        "superposition_gap": superposition_gap(state, lives.leaks, lives.end, world.place) if world.audited else np.nan,
    }
    indicators |= _work(state, within, world, indicators)
    indicators |= _money(state, indicators)
    per_pipe = np.bincount(lives.leaks.pipe, lost, minlength=state.count) + background
    per_pipe += np.bincount(state.known.pipe, known, minlength=state.count)
    assets = {"water_pipes": _pipes(state, lives, per_pipe, duration)} | _others(state, per_pipe)
    return Outcome(indicators, assets, events)


def _volumes(
    state: State, world: World, lives: Lives, lost: Floats, known: float, background: float, customers: float
) -> dict[str, float]:
    rates, years = state.rates, world.clock.years
    consumption = state.fixed["consumption"]
    visible = float(lost[~lives.hidden].sum())
    hidden = float(lost[lives.hidden].sum()) + known
    volumes = balance.water_balance(
        consumption=consumption + customers,
        meter_error=rates["meter_error"],
        unauthorised=rates["unauthorised_use"] * consumption,
        unmetered=rates["unmetered_use"] * consumption,
        service=rates["service_use"] * consumption,
        real_losses=visible + hidden + background,
    )
    km = float(state.length.sum())
    days = 365.0 * years
    yardstick = balance.unavoidable_losses(
        km, float(state.connections.sum()), rates["private_km"], state.fixed["mean_pressure"]
    )
    return {
        "input_volume": volumes.input,
        "metered_volume": volumes.metered,
        "authorised_volume": volumes.authorised,
        "apparent_losses": volumes.apparent_losses,
        "real_losses": volumes.real_losses,
        "background_losses": background,
        "visible_losses": visible,
        "hidden_losses": hidden,
        "customer_losses": customers,
        "network_yield": 100.0 * ratio(volumes.authorised, volumes.input),
        "unaccounted_index": ratio(volumes.input - volumes.metered, km * days),
        "loss_index": ratio(volumes.input - volumes.authorised, km * days),
        "leakage_index": ratio(volumes.real_losses, yardstick * days / 1000.0),
        "decree_margin": _margin(state, volumes.authorised, volumes.input, km * days),
        "performance_fee": balance.performance_fee(
            volumes.metered, 100.0 * ratio(volumes.authorised, volumes.input), rates["performance_fee_rate"]
        )
        if volumes.input > 0.0
        else 0.0,
        "loss_cost": volumes.real_losses * rates["marginal_cost"],
        "loss_retail": volumes.real_losses * rates["retail_price"],
    }


def _margin(state: State, authorised: float, put_in: float, km_days: float) -> float:
    if put_in <= 0.0 or km_days <= 0.0:
        return float("nan")
    threshold = balance.decree_threshold(
        authorised / km_days, state.rates["decree_threshold"], state.rates["decree_base"]
    )
    return 100.0 * authorised / put_in - threshold


def _mean(values: pd.Series[float]) -> float:
    # A period without any such event has no delay to speak of.
    return float(values.mean()) if len(values) else float("nan")


def _service(state: State, within: pd.DataFrame, lives: Lives, duration: float) -> dict[str, float]:
    kinds = within["kind"]
    numbers = within["first"].to_numpy()
    of_leaks = (kinds.str.startswith("aware:") | kinds.isin(["located", "repair"])).to_numpy(dtype=bool)
    buried = np.zeros(len(within), dtype=bool)
    buried[of_leaks] = lives.hidden[numbers[of_leaks].astype(np.int64)]
    known = kinds.str.startswith("aware:").to_numpy(dtype=bool)
    repairs = within[(kinds == "repair").to_numpy(dtype=bool)]
    started = (lives.leaks.start >= 0.0) & (lives.leaks.start < duration)
    return {f"found_by_{name}": float((kinds == f"aware:{name}").sum()) for name in MEANS} | {
        "leaks": float(started.sum()),
        "repairs": float(len(repairs)),
        "awareness_days": _mean(within.loc[known & buried, "second"]) / DAY,
        "location_days": _mean(within.loc[(kinds == "located").to_numpy() & buried, "second"]) / DAY,
        "repair_days": _mean(repairs["second"]) / DAY,
        "interruption_hours": _interruption(state, repairs, lives),
        "street_closures": float(within.loc[(kinds == "closure").to_numpy(), "second"].sum()),
    }


def _interruption(state: State, repairs: pd.DataFrame, lives: Lives) -> float:
    """Return customer-hours without water: the main is shut between valves, or one connection is."""
    number = repairs["first"].to_numpy(dtype=np.int64)
    pipe, family = lives.leaks.pipe[number], lives.leaks.family[number]
    hours = np.array([item.site_hours for item in state.families] or [0.0])[family]
    shut = np.minimum(state.rates["isolation_length"] / 1000.0, state.length[pipe])
    customers = state.customers[pipe]
    mains = np.array([item.mains for item in state.families] or [False])[family]
    cut_off = np.where(mains, customers * shut / state.length[pipe], np.minimum(customers, 1.0))
    return float((cut_off * hours).sum())


def _work(state: State, within: pd.DataFrame, world: World, sums: dict[str, float]) -> dict[str, float]:
    """Return hours, way, fuel and cost of search, repairs and meter reading."""
    factors, rates, years = world.factors, state.rates, world.clock.years
    jobs = within[within["kind"].str.startswith("job:")]
    km = float(jobs["first"].sum()) + rates["survey_km"] * years + rates["reading_km"] * years
    reading = rates["reading_hours"] * years
    hours = float(jobs["second"].sum()) + rates["survey_km"] * years / rates["survey_speed"]
    fuel = km * factors.value("crew_fuel") / 100.0
    # A meter is read by one agent alone.
    staff = (hours * factors.value("crew_size") + reading) * factors.value("crew_hourly_cost")
    parts = sums["repairs"] * rates["repair_cost"]
    return {
        "crew_hours": hours,
        "reading_hours": reading,
        "crew_km": km,
        "crew_fuel": fuel,
        "crew_fuel_carbon": fuel * factors.value("diesel_carbon"),
        "maintenance_cost": staff + fuel * factors.value("diesel_price") + parts + state.fees,
    }


def _money(state: State, sums: dict[str, float]) -> dict[str, float]:
    rates = state.rates
    energy = sums["input_volume"] * rates["energy_per_volume"]
    carbon = energy * rates["electricity_carbon"]
    production = sums["input_volume"] * rates["marginal_cost"]
    return {
        "energy": energy,
        "energy_cost": energy * rates["electricity_price"],
        "energy_carbon": carbon,
        "carbon_total": carbon + sums["crew_fuel_carbon"],
        "production_cost": production,
        "operating_cost": production + sums["maintenance_cost"] + sums["performance_fee"],
    }


def _pipes(state: State, lives: Lives, lost: Floats, duration: float) -> pd.DataFrame:
    started = (lives.leaks.start >= 0.0) & (lives.leaks.start < duration)
    return pd.DataFrame(
        {
            "lost_volume": lost,
            "loss_index": lost / state.length / (duration / DAY),
            "leaks": np.bincount(lives.leaks.pipe[started], minlength=state.count).astype(np.float64),
            "pressure": state.pipe_pressure,
        }
    )


def _others(state: State, lost: Floats) -> dict[str, pd.DataFrame]:
    inside = state.search.sector >= 0
    per_sector = np.bincount(state.search.sector[inside], lost[inside], minlength=state.sectors)
    found = {
        "water_junctions": pd.DataFrame({"minimum_pressure": state.junction_minimum, "pressure": state.junction_mean})
    }
    if state.sectors:
        found["water_sectors"] = pd.DataFrame({"lost_volume": per_sector})
    return found
