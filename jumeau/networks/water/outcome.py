"""What a run says: volumes, delays, work, and figures per asset, from the journal and the prepared arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from jumeau.network import Outcome, Prepared
from jumeau.networks.water.devices import LOGGER
from jumeau.networks.water.physics import balance
from jumeau.networks.water.physics.awareness import MEANS
from jumeau.networks.water.physics.leaks import FAMILIES, Leaks
from jumeau.networks.water.physics.state import State
from jumeau.networks.water.physics.superposition import superposition_gap
from jumeau.networks.water.physics.volumes import background_volumes, known_volumes, lost_volumes
from jumeau.simulation.clock import DAY
from jumeau.simulation.crews import crew_use
from jumeau.simulation.device_record import device_indicators, device_quantities
from jumeau.simulation.journal import Journal, Take
from jumeau.simulation.world import World
from jumeau.units import ratio

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class RecordedLeaks:
    """The leaks of a run as the journal tells them, by their numbers, with their ends.

    Attributes
    ----------
    leaks : Leaks, shape (k,)
    end : ndarray, shape (k,)
        When each was mended; infinite for those that outlive the period [s].
    """

    leaks: Leaks
    end: Floats

    @classmethod
    def read(cls, journal: Journal) -> RecordedLeaks:
        """Match each leak with its repair."""
        began = journal.table("leak").sort_values("leak")
        mended = journal.table("repair").set_index("leak")["time"]
        codes = {name: code for code, name in enumerate(FAMILIES)}
        leaks = Leaks(
            pipe=began["pipe"].to_numpy(),
            family=np.array([codes[name] for name in began["family"]], dtype=np.int64),
            rank=np.zeros(len(began), dtype=np.int64),
            start=began["time"].to_numpy(),
            growth=began["growth"].to_numpy(),
            flow=began["flow"].to_numpy(),
            position=began["position"].to_numpy(),
        )
        return cls(leaks, mended.reindex(began["leak"]).fillna(np.inf).to_numpy())

    def started(self, duration: float) -> Bools:
        """Tell which leaks started within the period, shape (k,)."""
        return np.asarray((self.leaks.start >= 0.0) & (self.leaks.start < duration), dtype=bool)


def outcome(prepared: Prepared, world: World) -> Outcome:
    """Compute indicators, quantities and per-asset figures of the period; what the warm-up holds is left out."""
    state: State = prepared.state
    journal, duration = world.journals["water"], world.clock.duration
    take = journal.within(duration)
    recorded = RecordedLeaks.read(journal)
    leaks = recorded.leaks
    lost = lost_volumes(state, leaks, np.zeros(len(leaks)), np.minimum(recorded.end, duration))
    known, background = known_volumes(state, duration), background_volumes(state, duration)
    visible = float(lost[~leaks.hidden].sum())
    hidden = float(lost[leaks.hidden].sum()) + float(known.sum())
    volumes = _volumes(state, visible, hidden, float(background.sum()), float(take("customer_leak")["volume"].sum()))
    repairs = float(len(take("repair")))
    indicators = {
        "mean_pressure": state.mean_pressure,
        "low_pressure_customers": state.low_pressure_customers,
        **_yardsticks(state, volumes, world.clock.years),
        **_service(state, take, recorded, duration),
        "repairs": repairs,
        **device_indicators(journal, duration),
        "loss_retail": volumes["real_losses"] * state.rates["retail_price"],
        "reading_hours": state.rates["reading_hours"] * world.clock.years,
        "superposition_gap": superposition_gap(state, leaks, recorded.end, world.place) if world.audited else np.nan,
    }
    quantities = {
        **volumes,
        "electricity": volumes["water_input"] * state.rates["energy_per_volume"],
        "loss_electricity": volumes["real_losses"] * state.rates["energy_per_volume"],
        "materials": repairs * state.rates["repair_cost"],
        **_work(state, take, world),
        **device_quantities(journal, duration, (LOGGER.kind,)),
    }
    per_pipe = np.bincount(leaks.pipe, lost, minlength=state.count) + background
    per_pipe += np.bincount(state.known.pipe, known, minlength=state.count)
    return Outcome(indicators, quantities, _assets(state, recorded, per_pipe, duration))


def _volumes(state: State, visible: float, hidden: float, background: float, customers: float) -> dict[str, float]:
    """Return the volumes of the period [m3]."""
    rates, consumption = state.rates, state.consumption
    volumes = balance.water_balance(
        consumption=consumption + customers,
        meter_error=rates["meter_error"],
        unauthorised=rates["unauthorised_use"] * consumption,
        unmetered=rates["unmetered_use"] * consumption,
        service=rates["service_use"] * consumption,
        real_losses=visible + hidden + background,
    )
    return {
        "water_input": volumes.input,
        "consumption": consumption,
        "metered_volume": volumes.metered,
        "authorised_volume": volumes.authorised,
        "apparent_losses": volumes.apparent_losses,
        "real_losses": volumes.real_losses,
        "background_losses": background,
        "visible_losses": visible,
        "hidden_losses": hidden,
        "customer_losses": customers,
        "performance_fee_volume": balance.performance_fee_volume(
            volumes.metered, 100.0 * ratio(volumes.authorised, volumes.input)
        )
        if volumes.input > 0.0
        else 0.0,
    }


def _yardsticks(state: State, volumes: dict[str, float], years: float) -> dict[str, float]:
    """Return the indicators of water services."""
    km, days = float(state.length.sum()), 365.0 * years
    put_in, authorised = volumes["water_input"], volumes["authorised_volume"]
    unavoidable = balance.unavoidable_losses(
        km, float(state.connections.sum()), state.rates["private_km"], state.mean_pressure
    )
    return {
        "network_yield": 100.0 * ratio(authorised, put_in),
        "unaccounted_index": ratio(put_in - volumes["metered_volume"], km * days),
        "loss_index": ratio(put_in - authorised, km * days),
        "leakage_index": ratio(volumes["real_losses"], unavoidable * days / 1000.0),
        "decree_margin": _margin(state, authorised, put_in, km * days),
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


def _service(state: State, take: Take, recorded: RecordedLeaks, duration: float) -> dict[str, float]:
    aware, located, repairs = take("awareness"), take("location"), take("repair")

    def days_of_hidden(events: pd.DataFrame) -> float:
        return _mean(events.loc[recorded.leaks.hidden[_numbers(events)], "delay"]) / DAY

    return {f"found_by_{name}": float((aware["means"] == name).sum()) for name in MEANS} | {
        "leaks": float(recorded.started(duration).sum()),
        "awareness_days": days_of_hidden(aware),
        "location_days": days_of_hidden(located),
        "repair_days": _mean(repairs["delay"]) / DAY,
        "interruption_hours": _interruption(state, recorded.leaks.take(_numbers(repairs))),
        "street_closures": float(take("closure")["hours"].sum()),
    }


def _numbers(events: pd.DataFrame) -> Ints:
    """Return the numbers of the leaks that events are about, which are their rows, shape (k,)."""
    return events["leak"].to_numpy(dtype=np.int64)


def _interruption(state: State, mended: Leaks) -> float:
    """Return customer-hours without water: the main is shut between valves, or one connection is."""
    hours = np.array([item.site_hours for item in state.families] or [0.0])[mended.family]
    mains = np.array([item.mains for item in state.families] or [False])[mended.family]
    length, customers = state.length[mended.pipe], state.customers[mended.pipe]
    shut = np.minimum(state.rates["isolation_length"] / 1000.0, length)
    cut_off = np.where(mains, customers * shut / length, np.minimum(customers, 1.0))
    return float((cut_off * hours).sum())


def _work(state: State, take: Take, world: World) -> dict[str, float]:
    """Return hours, distance and fuel of search, repairs, surveys and meter reading."""
    rates, years = state.rates, world.clock.years
    done = [take(kind) for kind in ("job", "return")]
    surveyed = rates["survey_km"] * years
    km = float(sum(events["distance"].sum() for events in done)) + surveyed + rates["reading_km"] * years
    hours = float(sum(events["hours"].sum() for events in done)) + surveyed / rates["survey_speed"]
    use = crew_use(hours, km, world.factors)
    # A meter is read by one agent alone.
    return {**use, "staff_hours": use["staff_hours"] + rates["reading_hours"] * years}


def _assets(state: State, recorded: RecordedLeaks, lost: Floats, duration: float) -> dict[str, pd.DataFrame]:
    """Return the figures of each pipe, given what it loses [m3], of each junction and of each sector."""
    sector, sectors = state.search.sector, len(state.search.metered)
    inside = sector >= 0
    started = recorded.leaks.pipe[recorded.started(duration)]
    found = {
        "water_pipes": pd.DataFrame(
            {
                "lost_volume": lost,
                "loss_index": lost / state.length / (duration / DAY),
                "leaks": np.bincount(started, minlength=state.count).astype(np.float64),
                "pressure": state.pipe_pressure,
            }
        ),
        "water_junctions": pd.DataFrame({"minimum_pressure": state.junction_minimum, "pressure": state.junction_mean}),
    }
    if sectors:
        per_sector = np.bincount(sector[inside], lost[inside], minlength=sectors)
        found["water_sectors"] = pd.DataFrame(
            {"lost_volume": per_sector, "minimum_pressure": _lowest(state, sector, sectors)}
        )
    return found


def _lowest(state: State, sector: Ints, sectors: int) -> Floats:
    """Return the lowest pressure at the pipes of each sector, shape (sectors,) [m]; no number without pipes."""
    found = np.full(sectors, np.inf)
    if len(state.junction_minimum):
        at = np.where(state.ends >= 0, state.junction_minimum[np.maximum(state.ends, 0)], np.inf).min(axis=1)
        np.minimum.at(found, sector[sector >= 0], at[sector >= 0])
    return np.where(np.isfinite(found), found, np.nan)
